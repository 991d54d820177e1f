//! The manifest entry: the one value whose presence makes a segment part of the store.

use super::super::bytes_codec::{Cursor, open_value, put_varint, seal_value};
use super::super::keys::{self, Kind};
use super::super::memory_segment::CommitMark;

const ENTRY_FORMAT: u8 = 1;

/// What a segment covers and how many values it has of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SegmentEntry {
    pub(crate) id: u64,
    /// How often what it holds was merged: 0 as sealed.
    pub(crate) level: u8,
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) last_revision: u64,
    pub(crate) last_time_us: i64,
    pub(crate) posting_blocks: u32,
    pub(crate) closing_blocks: u32,
    pub(crate) directory_chunks: u32,
    pub(crate) filter_chunks: u32,
    pub(crate) terms: u64,
    pub(crate) postings: u64,
    pub(crate) closings: u64,
    /// CRC-32 over all values of the segment in key order.
    pub(crate) content_checksum: u32,
}

impl SegmentEntry {
    /// The entry of a segment that is still to be filled.
    pub(crate) fn outline(id: u64, level: u8, first: u64, last: CommitMark) -> Self {
        Self {
            id,
            level,
            first,
            last: last.last_number,
            last_revision: last.revision,
            last_time_us: last.time_us,
            ..Self::default()
        }
    }

    /// How many values the segment consists of.
    pub(crate) fn value_count(&self) -> u64 {
        self.values().iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// How many values of each kind there are, in the order of their keys.
    pub(crate) fn values(&self) -> [(Kind, u32); 4] {
        [
            (Kind::Postings, self.posting_blocks),
            (Kind::Closings, self.closing_blocks),
            (Kind::Directory, self.directory_chunks),
            (Kind::Filter, self.filter_chunks),
        ]
    }

    /// How many numbers it covers.
    pub(crate) fn numbers(&self) -> u64 {
        self.last + 1 - self.first
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = vec![ENTRY_FORMAT];
        body.extend_from_slice(&self.last_time_us.to_be_bytes());
        body.extend_from_slice(&self.content_checksum.to_be_bytes());
        for field in [
            u64::from(self.level),
            self.first,
            self.last,
            self.last_revision,
            u64::from(self.posting_blocks),
            u64::from(self.closing_blocks),
            u64::from(self.directory_chunks),
            u64::from(self.filter_chunks),
            self.terms,
            self.postings,
            self.closings,
        ] {
            put_varint(&mut body, field);
        }
        seal_value(&keys::manifest(self.id), body)
    }

    pub(crate) fn decode(key: &[u8], value: &[u8]) -> Option<Self> {
        let id = keys::parse_manifest(key)?;
        let mut cursor = Cursor::new(open_value(key, value)?);
        if cursor.u8()? != ENTRY_FORMAT {
            return None;
        }
        let last_time_us = cursor.i64()?;
        let content_checksum = cursor.u32()?;
        let entry = Self {
            id,
            last_time_us,
            content_checksum,
            level: cursor.varint()?.try_into().ok()?,
            first: cursor.varint()?,
            last: cursor.varint()?,
            last_revision: cursor.varint()?,
            posting_blocks: cursor.varint()?.try_into().ok()?,
            closing_blocks: cursor.varint()?.try_into().ok()?,
            directory_chunks: cursor.varint()?.try_into().ok()?,
            filter_chunks: cursor.varint()?.try_into().ok()?,
            terms: cursor.varint()?,
            postings: cursor.varint()?,
            closings: cursor.varint()?,
        };
        cursor.is_at_end().then_some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let entry = SegmentEntry {
            id: 9,
            level: 2,
            first: 1,
            last: 65_536,
            last_revision: 300,
            last_time_us: -5,
            posting_blocks: 430,
            closing_blocks: 2,
            directory_chunks: 4,
            filter_chunks: 30,
            terms: 300_000,
            postings: 800_000,
            closings: 77,
            content_checksum: 0xdead_beef,
        };
        let key = keys::manifest(9);
        assert_eq!(SegmentEntry::decode(&key, &entry.encode()), Some(entry));
        assert_eq!(SegmentEntry::decode(&keys::manifest(8), &entry.encode()), None);
    }
}
