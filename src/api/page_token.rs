//! Page tokens: opaque to callers, bound to a revision and to the query they continue.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;
use xxhash_rust::xxh3::xxh3_64;

/// The layout below; a token of another one is refused.
const VERSION: u8 = 1;

/// Where the next page of an answer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageToken {
    /// The revision that every page of the answer is read at.
    pub(crate) revision: u64,
    /// The number of the last version of the page before.
    pub(crate) after: u64,
    /// What else was asked.
    pub(crate) fingerprint: u64,
}

/// Names a query within a store: everything asked but the page.
pub(crate) fn fingerprint(method: &str, store: &str, rest: &impl Message) -> u64 {
    let mut bytes = format!("{method}\0{store}\0").into_bytes();
    bytes.extend(rest.encode_to_vec());
    xxh3_64(&bytes)
}

impl PageToken {
    /// The token as text.
    pub(crate) fn encode(self) -> String {
        let mut bytes = vec![VERSION];
        for number in [self.revision, self.after, self.fingerprint] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The token that a text is; none when it is not one of ours.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        // 29 bytes; anything much longer is not worth decoding.
        if text.len() > 64 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body) != u32::from_be_bytes(*sum) {
            return None;
        }
        let (&version, numbers) = body.split_first()?;
        if version != VERSION || numbers.len() != 24 {
            return None;
        }
        let mut numbers = numbers.chunks_exact(8).filter_map(|chunk| Some(u64::from_be_bytes(chunk.try_into().ok()?)));
        Some(Self { revision: numbers.next()?, after: numbers.next()?, fingerprint: numbers.next()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_and_a_changed_one_does_not() {
        let token = PageToken { revision: 7, after: u64::MAX, fingerprint: 0xfeed };
        let text = token.encode();
        assert_eq!(PageToken::decode(&text), Some(token));
        for (index, letter) in text.char_indices() {
            let other = if letter == 'A' { 'B' } else { 'A' };
            let changed: String = text.chars().enumerate().map(|(i, c)| if i == index { other } else { c }).collect();
            assert_eq!(PageToken::decode(&changed), None, "{index}");
        }
        for wrong in ["", "AA", "not a token", &text[1..], &"A".repeat(1000)] {
            assert_eq!(PageToken::decode(wrong), None, "{wrong}");
        }
    }
}
