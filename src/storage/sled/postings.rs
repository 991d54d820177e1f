//! The numbers of a term in order, from either end, read as they are asked for.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::errors::Damage;
use super::manifest::{Manifest, Source};
use super::memory_segment::term_hash;
use super::open_store::OpenStore;

/// Numbers taken from a memory segment at a time: its table is locked meanwhile.
const MEMORY_RUN: usize = 256;

/// Which end to begin at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// Iterates over the numbers posted under a term. Lazy: segments and blocks that are not reached
/// are not read. Ends after the first damage it meets.
pub struct Postings {
    manifest: Arc<Manifest>,
    term: Box<[u8]>,
    hash: u64,
    /// What is left of the range.
    low: u64,
    high: u64,
    ascending: bool,
    /// Numbers read ahead, the next one last.
    buffer: Vec<u64>,
    place: Place,
    /// Keeps the store from being closed under the iterator.
    _store: Arc<OpenStore>,
}

/// Where reading goes on when the buffer is empty.
enum Place {
    /// At the beginning of this segment.
    Segment(usize),
    /// Inside this sealed segment, at this block.
    Block(usize, usize),
    /// Nowhere.
    End,
}

impl Postings {
    pub(crate) fn new(store: Arc<OpenStore>, term: &[u8], range: RangeInclusive<u64>, direction: Direction) -> Self {
        let manifest = store.core().manifest();
        let ascending = direction == Direction::Ascending;
        let (low, high) = range.into_inner();
        let start = manifest.source_of(if ascending { low } else { high });
        Self {
            manifest,
            term: term.into(),
            hash: term_hash(term),
            low,
            high,
            ascending,
            buffer: Vec::new(),
            place: Place::Segment(start),
            _store: store,
        }
    }

    /// The next number, without taking it.
    pub(crate) fn peek(&mut self) -> Result<Option<u64>, Damage> {
        if self.buffer.is_empty() {
            self.fill()?;
        }
        Ok(self.buffer.last().copied())
    }

    /// Goes to the first number at or behind `target`, in the direction of reading, and gives it
    /// without taking it. Never goes back. What is passed over is not read.
    pub fn seek(&mut self, target: u64) -> Result<Option<u64>, Damage> {
        let ascending = self.ascending;
        // The next number is the last one: what stays lies before what is passed over.
        let kept = self.buffer.partition_point(|number| if ascending { *number >= target } else { *number <= target });
        self.buffer.truncate(kept);
        if self.buffer.is_empty() {
            self.skip(target);
        }
        self.peek()
    }

    /// Leaves out what lies before `target`; nothing is buffered.
    fn skip(&mut self, target: u64) {
        if self.ascending {
            self.low = self.low.max(target);
        } else {
            self.high = self.high.min(target);
        }
        let wanted = self.manifest.source_of(target);
        let (Place::Segment(index) | Place::Block(index, _)) = self.place else { return };
        let is_further = if self.ascending { wanted > index } else { wanted < index };
        if is_further {
            self.place = Place::Segment(wanted);
            return;
        }
        let Place::Block(_, block) = self.place else { return };
        let Some(Source::Sealed(segment)) = self.manifest.source(index) else { return };
        self.place = match segment.first_block(&self.term, (self.low, self.high), self.ascending) {
            // Never back to a block that was read.
            Some(found) if self.ascending => Place::Block(index, found.max(block)),
            Some(found) => Place::Block(index, found.min(block)),
            None => self.after(index),
        };
    }

    fn fill(&mut self) -> Result<(), Damage> {
        let filled = self.try_fill();
        if filled.is_err() {
            self.place = Place::End;
            self.buffer.clear();
        }
        filled
    }

    fn try_fill(&mut self) -> Result<(), Damage> {
        while self.buffer.is_empty() && self.low <= self.high {
            match self.place {
                Place::End => return Ok(()),
                Place::Segment(index) => self.enter(index),
                Place::Block(index, block) => self.read_block(index, block)?,
            }
        }
        self.buffer.reverse();
        Ok(())
    }

    fn enter(&mut self, index: usize) {
        let range = (self.low, self.high);
        match self.manifest.source(index) {
            None => self.place = Place::End,
            Some(Source::Sealed(segment)) => {
                let block = segment
                    .may_contain(self.hash)
                    .then(|| segment.first_block(&self.term, range, self.ascending))
                    .flatten();
                self.place = match block {
                    Some(block) => Place::Block(index, block),
                    None => self.after(index),
                };
            }
            Some(Source::Memory(memory)) => {
                let more =
                    memory.numbers_of(&self.term, self.hash, range, self.ascending, MEMORY_RUN, &mut self.buffer);
                self.shrink_range();
                self.place = match more {
                    true => Place::Segment(index),
                    false => self.after(index),
                };
            }
        }
    }

    fn read_block(&mut self, index: usize, block: usize) -> Result<(), Damage> {
        let Some(Source::Sealed(segment)) = self.manifest.source(index) else {
            // A place inside a segment is only ever made from a sealed one.
            self.place = Place::End;
            return Ok(());
        };
        let mut cursor = Some(block);
        segment.next_block(&self.term, (self.low, self.high), self.ascending, &mut cursor, &mut self.buffer)?;
        self.shrink_range();
        self.place = match cursor {
            Some(block) => Place::Block(index, block),
            None => self.after(index),
        };
        Ok(())
    }

    /// The segment after `index` in the direction of travel.
    fn after(&self, index: usize) -> Place {
        if self.ascending {
            return Place::Segment(index + 1);
        }
        index.checked_sub(1).map_or(Place::End, Place::Segment)
    }

    /// What is buffered need not be looked for again.
    fn shrink_range(&mut self) {
        let Some(last) = self.buffer.last() else {
            return;
        };
        if self.ascending {
            self.low = last + 1;
        } else {
            // Numbers begin at 1, so this does not pass zero.
            self.high = last - 1;
        }
    }
}

impl Iterator for Postings {
    type Item = Result<u64, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.buffer.is_empty()
            && let Err(damage) = self.fill()
        {
            return Some(Err(damage));
        }
        self.buffer.pop().map(Ok)
    }
}
