//! Answering from a sealed segment: one block at a time, found through the directory in memory.

use std::sync::atomic::{AtomicBool, Ordering};

use super::super::bytes_codec::{Cursor, open_value};
use super::super::errors::Damage;
use super::super::guard::guard;
use super::super::keys::{self, Kind};
use super::super::memory_segment::term_hash;
use super::block;
use super::encode::{DirectoryEntry, Encoded};
use super::entry::SegmentEntry;
use super::filter::KeyFilter;

/// A published segment: its directory and filters in memory, its blocks in the tree.
pub(crate) struct SealedSegment {
    entry: SegmentEntry,
    tree: ::sled::Tree,
    directory: Vec<DirectoryEntry>,
    terms: KeyFilter,
    /// Over the numbers closed here, so that one closing is not looked for in every segment.
    closed: KeyFilter,
    /// First closed number of each closing block.
    closing_starts: Vec<u64>,
    is_compacted: AtomicBool,
}

/// The body of a value of a segment, where sled has it: a block is read for each term that is looked up, and to copy it would
/// take as long as to go through it.
pub(super) struct Body {
    value: ::sled::IVec,
    length: usize,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.value[..self.length]
    }
}

/// How far an iteration has come in a segment: the block to read next.
pub(crate) type BlockCursor = Option<usize>;

impl SealedSegment {
    /// A segment that was just sealed.
    pub(crate) fn sealed(tree: ::sled::Tree, encoded: Encoded) -> Result<Self, Damage> {
        let Encoded { entry, directory, filter, closings } = encoded;
        let mut segment = Self {
            entry,
            tree,
            directory,
            terms: filter,
            closed: KeyFilter::default(),
            closing_starts: Vec::new(),
            is_compacted: AtomicBool::new(false),
        };
        segment.index_closings(&closings)?;
        Ok(segment)
    }

    /// A segment found at open; also gives its closings.
    pub(crate) fn load(tree: ::sled::Tree, entry: SegmentEntry) -> Result<(Self, Vec<(u64, u64)>), Damage> {
        let mut segment = Self {
            entry,
            tree,
            directory: Vec::new(),
            terms: KeyFilter::default(),
            closed: KeyFilter::default(),
            closing_starts: Vec::new(),
            // Not known, and most of them were. Those of level zero are at most three, as a rule, and may be compacted again.
            is_compacted: AtomicBool::new(entry.level > 0),
        };
        for index in 0..entry.directory_chunks {
            let body = segment.body(Kind::Directory, index)?;
            segment
                .read_directory(body.as_ref())
                .ok_or_else(|| segment.damaged(Kind::Directory, index, "is malformed"))?;
        }
        if segment.directory.len() != entry.posting_blocks as usize {
            return Err(segment.damaged(Kind::Directory, 0, "does not list every block"));
        }
        let mut filter = Vec::new();
        for index in 0..entry.filter_chunks {
            filter.extend_from_slice(segment.body(Kind::Filter, index)?.as_ref());
        }
        segment.terms =
            KeyFilter::from_bytes(filter).ok_or_else(|| segment.damaged(Kind::Filter, 0, "is malformed"))?;
        let mut closings = Vec::new();
        for index in 0..entry.closing_blocks {
            closings.extend(segment.closings(index)?);
        }
        segment.index_closings(&closings)?;
        Ok((segment, closings))
    }

    pub(crate) fn entry(&self) -> &SegmentEntry {
        &self.entry
    }

    /// Whether what came with it was compacted, or is not to be.
    pub(crate) fn is_compacted(&self) -> bool {
        self.is_compacted.load(Ordering::Acquire)
    }

    pub(crate) fn set_compacted(&self) {
        self.is_compacted.store(true, Ordering::Release);
    }

    /// What it takes in memory for as long as it is part of the store, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        // An allocation of a few bytes takes some 16 more.
        let directory: usize =
            self.directory.iter().map(|(term, _)| size_of::<DirectoryEntry>() + term.len() + 16).sum();
        directory + self.terms.bytes().len() + self.closed.bytes().len() + self.closing_starts.len() * size_of::<u64>()
    }

    /// What each block begins with.
    pub(super) fn directory(&self) -> &[DirectoryEntry] {
        &self.directory
    }

    /// `false` only if `term` has no posting here.
    pub(crate) fn may_contain(&self, hash: u64) -> bool {
        self.terms.may_contain(hash)
    }

    /// Appends the numbers of `term` in the next block to `out`, in the order asked for; moves
    /// `cursor` on, to `None` after the last block that can hold the term.
    pub(crate) fn next_block(
        &self,
        term: &[u8],
        (low, high): (u64, u64),
        ascending: bool,
        cursor: &mut BlockCursor,
        out: &mut Vec<u64>,
    ) -> Result<(), Damage> {
        let Some(index) = *cursor else {
            return Ok(());
        };
        let block = u32::try_from(index).expect("blocks are counted in 32 bits");
        let body = self.body(Kind::Postings, block)?;
        let start = out.len();
        block::numbers_of(body.as_ref(), term, self.entry.first, (low, high), out)
            .ok_or_else(|| self.damaged(Kind::Postings, block, "is malformed"))?;
        if ascending {
            *cursor = Some(index + 1).filter(|next| self.begins_within(*next, term, high));
        } else {
            out[start..].reverse();
            // Earlier numbers of the term are in the block before only if this one begins with it.
            *cursor =
                index.checked_sub(1).filter(|_| self.begins_within(index, term, high) && self.begins_after(index, low));
        }
        Ok(())
    }

    /// The block where numbers of `term` within `low..=high` begin, from the low end when
    /// `ascending`, else from the high end; `None` if no block can hold one.
    pub(crate) fn first_block(&self, term: &[u8], (low, high): (u64, u64), ascending: bool) -> BlockCursor {
        let bound = if ascending { low } else { high };
        let offset = bound.saturating_sub(self.entry.first);
        let after = self.directory.partition_point(|(first, start)| (&**first, u64::from(*start)) <= (term, offset));
        match after.checked_sub(1) {
            Some(index) => Some(index),
            // The very first block may still begin with the term, after `low`.
            None => (ascending && self.begins_within(0, term, high)).then_some(0),
        }
    }

    /// The number that closed `number`, if that happened in this segment.
    pub(crate) fn closed_by(&self, number: u64) -> Result<Option<u64>, Damage> {
        if !self.closed.may_contain(number_hash(number)) {
            return Ok(None);
        }
        let after = self.closing_starts.partition_point(|start| *start <= number);
        let Some(index) = after.checked_sub(1) else {
            return Ok(None);
        };
        let closings = self.closings(u32::try_from(index).expect("blocks are counted in 32 bits"))?;
        Ok(closings.binary_search_by_key(&number, |(old, _)| *old).ok().map(|at| closings[at].1))
    }

    fn begins_within(&self, index: usize, term: &[u8], high: u64) -> bool {
        self.directory
            .get(index)
            .is_some_and(|(first, start)| &**first == term && self.entry.first + u64::from(*start) <= high)
    }

    fn begins_after(&self, index: usize, low: u64) -> bool {
        self.directory.get(index).is_some_and(|(_, start)| self.entry.first + u64::from(*start) > low)
    }

    fn index_closings(&mut self, closings: &[(u64, u64)]) -> Result<(), Damage> {
        self.closed = KeyFilter::build(closings.iter().map(|(old, _)| number_hash(*old)).collect());
        for index in 0..self.entry.closing_blocks {
            let first = self.closings(index)?.first().map(|(old, _)| *old);
            let first = first.ok_or_else(|| self.damaged(Kind::Closings, index, "is malformed"))?;
            self.closing_starts.push(first);
        }
        Ok(())
    }

    pub(super) fn closings(&self, index: u32) -> Result<Vec<(u64, u64)>, Damage> {
        let body = self.body(Kind::Closings, index)?;
        parse_closings(body.as_ref()).ok_or_else(|| self.damaged(Kind::Closings, index, "is malformed"))
    }

    fn read_directory(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(body);
        while !cursor.is_at_end() {
            let length = cursor.length()?;
            let term = cursor.take(length)?.into();
            let offset = cursor.varint()?.try_into().ok()?;
            self.directory.push((term, offset));
        }
        Some(())
    }

    /// The checked body of a value of this segment.
    pub(super) fn body(&self, kind: Kind, index: u32) -> Result<Body, Damage> {
        let key = keys::segment(self.entry.id, kind, index);
        let value = guard(format_args!("segment {} {kind:?} {index}", self.entry.id), || self.tree.get(key))?
            .ok_or_else(|| self.damaged(kind, index, "is missing"))?;
        let length = open_value(&key, &value).map(<[u8]>::len);
        let length = length.ok_or_else(|| self.damaged(kind, index, "does not match its checksum"))?;
        Ok(Body { value, length })
    }

    pub(super) fn damaged(&self, kind: Kind, index: u32, reason: &str) -> Damage {
        Damage::new(format!("segment {}: {kind:?} {index} {reason}", self.entry.id))
    }
}

fn parse_closings(body: &[u8]) -> Option<Vec<(u64, u64)>> {
    let mut cursor = Cursor::new(body);
    let mut closings = Vec::new();
    let mut previous = 0u64;
    while !cursor.is_at_end() {
        previous = previous.checked_add(cursor.varint()?)?;
        closings.push((previous, previous.checked_add(cursor.varint()?)?));
    }
    Some(closings)
}

fn number_hash(number: u64) -> u64 {
    term_hash(&number.to_be_bytes())
}
