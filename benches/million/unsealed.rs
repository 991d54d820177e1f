//! What a store has behind its sealed segments, which an open reads again. By `docs/storage-format.md`: nothing tells it from
//! outside.

use prost::decode_length_delimiter;

/// Records whose numbers no segment covers; none if the store is not as the format says.
pub(crate) fn records(engine: &sled::Db) -> Option<u64> {
    let last = last_number(&engine.open_tree("log").ok()?)?;
    let segments = engine.open_tree("segments").ok()?;
    let mut sealed = 0;
    for entry in segments.scan_prefix(b"m").values() {
        sealed = sealed.max(last_of_segment(&entry.ok()?)?);
    }
    last.checked_sub(sealed)
}

/// The last number of the log: from the last frame's first part, which tells how many versions it has.
fn last_number(log: &sled::Tree) -> Option<u64> {
    let (last_part, _) = log.scan_prefix(b"l").next_back()?.ok()?;
    let first = u64::from_be_bytes(last_part.get(1..9)?.try_into().ok()?);
    let part = log.get([b"l", first.to_be_bytes().as_slice(), &[0, 0]].concat()).ok()??;
    let versions = u32::from_be_bytes(part.get(38..42)?.try_into().ok()?);
    Some(first + u64::from(versions.max(1)) - 1)
}

/// From its manifest entry, where it stands behind the format, a time, a checksum, the level and the first number.
fn last_of_segment(entry: &[u8]) -> Option<u64> {
    let mut numbers = entry.get(13..)?;
    let [_level, _first, last] = [(); 3].map(|()| decode_length_delimiter(&mut numbers).ok());
    last.map(|last| last as u64)
}
