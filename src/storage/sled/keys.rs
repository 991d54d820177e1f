//! Every key of every sled tree, in one place. All integers are big-endian, so that the order of
//! the bytes is the order of the numbers.

/// The tree that holds frames and texts.
pub(crate) const LOG_TREE: &str = "log";
/// The tree that holds sealed segments and their manifest.
pub(crate) const SEGMENTS_TREE: &str = "segments";
/// Key of the format version in the default tree.
pub(crate) const META_FORMAT: &[u8] = b"format";
/// Key of the store id in the default tree.
pub(crate) const META_STORE_ID: &[u8] = b"store-id";

const FRAME: u8 = b'l';
const TEXT: u8 = b't';
const MANIFEST: u8 = b'm';
const SEGMENT: u8 = b's';

/// What a value of a segment holds. The order is the order in which they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A block of postings.
    Postings = 1,
    /// A block of closings.
    Closings = 2,
    /// A chunk of the directory.
    Directory = 3,
    /// A chunk of the term filter.
    Filter = 4,
}

/// Key of one part of the frame whose first number is `first`.
pub(crate) fn frame(first: u64, part: u16) -> [u8; 11] {
    numbered(FRAME, first, part)
}

/// Key of one part of the text of `number`.
pub(crate) fn text(number: u64, part: u16) -> [u8; 11] {
    numbered(TEXT, number, part)
}

/// Number and part of a frame key.
pub(crate) fn parse_frame(key: &[u8]) -> Option<(u64, u16)> {
    parse_numbered(FRAME, key)
}

/// Key of the manifest entry that publishes segment `id`.
pub(crate) fn manifest(id: u64) -> [u8; 9] {
    let mut key = [MANIFEST; 9];
    key[1..].copy_from_slice(&id.to_be_bytes());
    key
}

/// The id in a manifest key.
pub(crate) fn parse_manifest(key: &[u8]) -> Option<u64> {
    let (tag, id) = key.split_first()?;
    (*tag == MANIFEST).then(|| Some(u64::from_be_bytes(id.try_into().ok()?)))?
}

/// The tag all manifest keys begin with.
pub(crate) const MANIFEST_PREFIX: [u8; 1] = [MANIFEST];

/// Key of one value of segment `id`.
pub(crate) fn segment(id: u64, kind: Kind, index: u32) -> [u8; 14] {
    let mut key = [SEGMENT; 14];
    key[1..9].copy_from_slice(&id.to_be_bytes());
    key[9] = kind as u8;
    key[10..].copy_from_slice(&index.to_be_bytes());
    key
}

/// The id in the key of a value of a segment.
pub(crate) fn parse_segment(key: &[u8]) -> Option<u64> {
    let id = key.strip_prefix(&[SEGMENT])?.first_chunk()?;
    Some(u64::from_be_bytes(*id))
}

/// Above the keys of all segments.
pub(crate) fn segment_end() -> [u8; 1] {
    [SEGMENT + 1]
}

/// At or below the keys of segment `id`, above those of lower ids.
pub(crate) fn segment_start(id: u64) -> [u8; 9] {
    let mut key = [SEGMENT; 9];
    key[1..].copy_from_slice(&id.to_be_bytes());
    key
}

fn numbered(tag: u8, number: u64, part: u16) -> [u8; 11] {
    let mut key = [tag; 11];
    key[1..9].copy_from_slice(&number.to_be_bytes());
    key[9..].copy_from_slice(&part.to_be_bytes());
    key
}

fn parse_numbered(tag: u8, key: &[u8]) -> Option<(u64, u16)> {
    if key.len() != 11 || key[0] != tag {
        return None;
    }
    let number = u64::from_be_bytes(key[1..9].try_into().ok()?);
    let part = u16::from_be_bytes(key[9..].try_into().ok()?);
    Some((number, part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbered_keys_sort_as_their_numbers(a: (u64, u16), b: (u64, u16)) {
            prop_assert_eq!(frame(a.0, a.1).cmp(&frame(b.0, b.1)), a.cmp(&b));
            prop_assert_eq!(text(a.0, a.1).cmp(&text(b.0, b.1)), a.cmp(&b));
            prop_assert!(frame(a.0, a.1) < text(b.0, b.1));
            prop_assert_eq!(parse_frame(&frame(a.0, a.1)), Some(a));
            prop_assert_eq!(parse_frame(&text(a.0, a.1)), None);
        }

        #[test]
        fn segment_keys_sort_as_written(a: (u64, u32), b: (u64, u32), kinds in (0usize..4, 0usize..4)) {
            let all = [Kind::Postings, Kind::Closings, Kind::Directory, Kind::Filter];
            let (first, second) = (all[kinds.0], all[kinds.1]);
            prop_assert_eq!(
                segment(a.0, first, a.1).cmp(&segment(b.0, second, b.1)),
                (a.0, first, a.1).cmp(&(b.0, second, b.1))
            );
            prop_assert!(manifest(a.0).as_slice() < segment(b.0, second, b.1).as_slice());
            prop_assert!(segment_start(a.0).as_slice() <= segment(a.0, first, a.1).as_slice());
            prop_assert!(segment(a.0, first, a.1).as_slice() < segment_end().as_slice());
            prop_assert_eq!(parse_manifest(&manifest(a.0)), Some(a.0));
            prop_assert_eq!(parse_segment(&segment(a.0, first, a.1)), Some(a.0));
            prop_assert_eq!(parse_segment(&manifest(a.0)), None);
        }
    }
}
