//! Small pieces all encodings share: variable-length integers, a bounds-checked cursor, checksums.

/// Appends `value` in LEB128: seven bits per byte, lowest first.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads from a slice; every read past the end is `None`, so damage never panics.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(crate) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok()
    }
}

/// CRC-32 (ISO-HDLC) over `key ‖ body`: a value copied to another key does not pass.
pub(crate) fn checksum(key: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key);
    hasher.update(body);
    hasher.finalize()
}

/// Appends the checksum of `key ‖ body` to `body`.
pub(crate) fn seal_value(key: &[u8], mut body: Vec<u8>) -> Vec<u8> {
    let sum = checksum(key, &body);
    body.extend_from_slice(&sum.to_be_bytes());
    body
}

/// The body of a value made by [`seal_value`], or `None` when the checksum does not match.
pub(crate) fn open_value<'a>(key: &[u8], value: &'a [u8]) -> Option<&'a [u8]> {
    let (body, sum) = value.split_last_chunk::<4>()?;
    (checksum(key, body) == u32::from_be_bytes(*sum)).then_some(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn varints_round_trip(values: Vec<u64>) {
            let mut out = Vec::new();
            for value in &values {
                put_varint(&mut out, *value);
            }
            let mut cursor = Cursor::new(&out);
            for value in &values {
                prop_assert_eq!(cursor.varint(), Some(*value));
            }
            prop_assert!(cursor.is_at_end());
            prop_assert_eq!(cursor.varint(), None);
        }

        #[test]
        fn a_flipped_bit_is_noticed(body: Vec<u8>, at: usize, bit in 0u32..8) {
            let mut value = seal_value(b"key", body.clone());
            prop_assert_eq!(open_value(b"key", &value), Some(body.as_slice()));
            prop_assert_eq!(open_value(b"kez", &value), None);
            let at = at % value.len();
            value[at] ^= 1 << bit;
            prop_assert_eq!(open_value(b"key", &value), None);
        }
    }
}
