//! A filter in memory over the terms of a segment: proves most terms absent without a read.

use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

/// Below this a filter is not worth its bytes, and the construction is fragile for tiny sets.
const KEYS_MIN: usize = 32;
/// Keys in one part, about. Building takes some 25 bytes per key besides the keys, which is too much for
/// the millions of a merged segment at once.
const PART_KEYS: usize = 1 << 18;
/// More parts than the keys of any segment fill.
const PART_BITS_MAX: u32 = 16;

const DESCRIPTOR_BYTES: usize = <BinaryFuse8 as DmaSerializable>::DESCRIPTOR_LEN;
const LENGTH_BYTES: usize = 4;

/// Nine bits per key, 0.4 % false positives; an empty one lets everything pass.
#[derive(Default)]
pub(super) struct KeyFilter {
    /// As stored: the parts, each after its length. Keys are spread over them by their highest bits.
    bytes: Vec<u8>,
    /// Where each part begins and ends; a power of two of them, or none.
    parts: Vec<(usize, usize)>,
}

impl KeyFilter {
    /// A filter over `hashes`, in any order, with repetitions. The same hashes give the same bytes.
    pub(super) fn build(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        if hashes.len() < KEYS_MIN {
            return Self::default();
        }
        let count = hashes.len().div_ceil(PART_KEYS).next_power_of_two();
        let mut bytes = Vec::new();
        let mut rest = &*hashes;
        for part in 0..count {
            let (keys, others) = rest.split_at(rest.partition_point(|hash| part_of(*hash, count) <= part));
            rest = others;
            let Ok(filter) = BinaryFuse8::try_from(keys) else {
                // Only slower: every term then costs a block.
                return Self::default();
            };
            let start = bytes.len() + LENGTH_BYTES;
            let end = start + DESCRIPTOR_BYTES + filter.dma_fingerprints().len();
            let length = u32::try_from(end - start).expect("a part is small");
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.resize(start + DESCRIPTOR_BYTES, 0);
            filter.dma_copy_descriptor_to(&mut bytes[start..]);
            bytes.extend_from_slice(filter.dma_fingerprints());
        }
        Self::from_bytes(bytes).expect("what was just built")
    }

    /// A filter from what [`Self::bytes`] gave; `None` if it is malformed.
    pub(super) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let start = at + LENGTH_BYTES;
            let length = u32::from_be_bytes(bytes.get(at..start)?.try_into().ok()?) as usize;
            if length < DESCRIPTOR_BYTES {
                return None;
            }
            at = start.checked_add(length).filter(|end| *end <= bytes.len())?;
            parts.push((start, at));
        }
        let is_whole = parts.is_empty() || parts.len().is_power_of_two() && parts.len().ilog2() <= PART_BITS_MAX;
        is_whole.then_some(Self { bytes, parts })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `false` only if `hash` was not among the keys.
    pub(super) fn may_contain(&self, hash: u64) -> bool {
        let part = self.parts.get(part_of(hash, self.parts.len().max(1))).map(|(start, end)| &self.bytes[*start..*end]);
        match part.and_then(|part| part.split_at_checked(DESCRIPTOR_BYTES)) {
            Some((descriptor, fingerprints)) => BinaryFuse8Ref::from_dma(descriptor, fingerprints).contains(&hash),
            None => true,
        }
    }
}

/// Which of `count` parts, a power of two, holds a key.
fn part_of(hash: u64, count: usize) -> usize {
    // The filter itself hashes the key again, so that the bits used here are missed by nothing.
    hash.checked_shr(u64::BITS - count.ilog2()).map_or(0, |part| part as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_missed_and_few_others_pass() {
        for count in [0u64, 1, 31, 32, 33, 1000, 100_000, PART_KEYS as u64 + 1, 700_000] {
            let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let built = KeyFilter::build((0..count).chain(0..count).map(hash).collect());
            let filter = KeyFilter::from_bytes(built.bytes().to_vec()).unwrap();
            assert_eq!(
                filter.parts.len(),
                if count < 32 { 0 } else { count.div_ceil(1 << 18).next_power_of_two() as usize }
            );
            assert!((0..count).all(|number| filter.may_contain(hash(number))));
            let again = KeyFilter::build((0..count).rev().map(hash).collect());
            assert!(again.bytes() == built.bytes(), "the same hashes give other bytes");
            if count >= 1000 {
                let passed = (count..count + 10_000).filter(|number| filter.may_contain(hash(*number))).count();
                assert!(passed < 200, "{passed}");
            }
        }
    }

    #[test]
    fn a_malformed_filter_is_refused() {
        let built = KeyFilter::build((0..1000u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect());
        for length in [1, 4, 5, 20, built.bytes().len() - 1] {
            assert!(KeyFilter::from_bytes(built.bytes()[..length].to_vec()).is_none(), "{length}");
        }
    }
}
