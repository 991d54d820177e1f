//! Page tokens: opaque to callers, bound to a revision and to the query they continue.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::sort::{Cursor, SortKey};

/// The layout below; a token of another one is refused.
const VERSION: u8 = 3;

/// The layout of tokens with a text in them.
const TEXT_VERSION: u8 = 131;

/// Longest text in a token: the key of a metric as it is listed.
const TEXT_BYTES_MAX: usize = 255;

/// Version, revision, key, number, place within the record, and fingerprint.
const BODY_BYTES: usize = 1 + 8 + 1 + 8 + 8 + 8 + 4 + 8;

/// That a page had all of its last record.
pub(crate) const WHOLE: u32 = u32::MAX;

/// Where the next page of an answer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageToken {
    /// The revision that every page of the answer is read at.
    pub(crate) revision: u64,
    /// Where the page before ended.
    pub(crate) after: Cursor,
    /// How much of the last record it had; [`WHOLE`] for all of it.
    pub(crate) within: u32,
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
        let Cursor { key: SortKey { rank, first, second }, number } = self.after;
        let mut bytes = vec![VERSION];
        bytes.extend(self.revision.to_be_bytes());
        bytes.push(rank);
        bytes.extend(first.to_be_bytes());
        bytes.extend(second.to_be_bytes());
        bytes.extend(number.to_be_bytes());
        bytes.extend(self.within.to_be_bytes());
        bytes.extend(self.fingerprint.to_be_bytes());
        sealed(bytes)
    }

    /// The token that a text is; none when it is not one of ours.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let body = opened(text, BODY_BYTES)?;
        if body.len() != BODY_BYTES || body.first() != Some(&VERSION) {
            return None;
        }
        let number = |at: usize| -> Option<[u8; 8]> { body.get(at..at + 8)?.try_into().ok() };
        let key = SortKey {
            rank: *body.get(9)?,
            first: i64::from_be_bytes(number(10)?),
            second: i64::from_be_bytes(number(18)?),
        };
        Some(Self {
            revision: u64::from_be_bytes(number(1)?),
            after: Cursor { key, number: u64::from_be_bytes(number(26)?) },
            within: u32::from_be_bytes(body.get(34..38)?.try_into().ok()?),
            fingerprint: u64::from_be_bytes(number(38)?),
        })
    }
}

/// Where the next page of an answer in the order of texts begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextToken {
    /// The revision that every page of the answer is read at.
    pub(crate) revision: u64,
    /// The text that the page before ended with.
    pub(crate) after: String,
    /// What else was asked.
    pub(crate) fingerprint: u64,
}

impl TextToken {
    /// The token as text.
    pub(crate) fn encode(&self) -> String {
        let mut bytes = vec![TEXT_VERSION];
        bytes.extend(self.revision.to_be_bytes());
        bytes.extend(self.fingerprint.to_be_bytes());
        bytes.extend(self.after.as_bytes());
        sealed(bytes)
    }

    /// The token that a text is; none when it is not one of ours.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        let body = opened(text, 1 + 8 + 8 + TEXT_BYTES_MAX)?;
        let (revision, rest) = body.strip_prefix(&[TEXT_VERSION])?.split_first_chunk::<8>()?;
        let (fingerprint, after) = rest.split_first_chunk::<8>()?;
        Some(Self {
            revision: u64::from_be_bytes(*revision),
            after: String::from_utf8(after.to_vec()).ok()?,
            fingerprint: u64::from_be_bytes(*fingerprint),
        })
    }
}

fn sealed(mut bytes: Vec<u8>) -> String {
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn opened(text: &str, bytes_max: usize) -> Option<Vec<u8>> {
    // Anything much longer is not worth decoding.
    if text.len() > 2 * bytes_max {
        return None;
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(body) != u32::from_be_bytes(*sum) {
        return None;
    }
    bytes.truncate(bytes.len() - 4);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_and_a_changed_one_does_not() {
        let key = SortKey { rank: 1, first: i64::MIN, second: -7 };
        let token = PageToken { revision: 7, after: Cursor { key, number: u64::MAX }, within: 3, fingerprint: 0xfeed };
        let text = token.encode();
        assert_eq!(PageToken::decode(&text), Some(token));
        for (index, letter) in text.char_indices() {
            let other = if letter == 'A' { 'B' } else { 'A' };
            let changed: String = text.chars().enumerate().map(|(i, c)| if i == index { other } else { c }).collect();
            assert_eq!(PageToken::decode(&changed), None, "{index}");
        }
        let listed = TextToken { revision: 7, after: "a.b".to_owned(), fingerprint: 9 };
        assert_eq!(TextToken::decode(&listed.encode()), Some(listed.clone()));
        assert_eq!((TextToken::decode(&text), PageToken::decode(&listed.encode())), (None, None));
        for wrong in ["", "AA", "not a token", &text[1..], &"A".repeat(1000)] {
            assert_eq!(PageToken::decode(wrong), None, "{wrong}");
        }
    }
}
