//! Which segments make up the index right now. Readers hold one manifest for as long as they read.

use std::sync::Arc;

use super::memory_segment::{CommitMark, MemorySegment};
use super::segment::SealedSegment;

/// Segments in ascending order of numbers; together they cover every number once.
#[derive(Clone)]
pub(crate) struct Manifest {
    pub(crate) sealed: Vec<Arc<SealedSegment>>,
    /// Full, being sealed, still answering.
    pub(crate) frozen: Option<Arc<Frozen>>,
    /// Takes the newest numbers.
    pub(crate) active: Arc<MemorySegment>,
}

/// A memory segment that takes no more numbers.
pub(crate) struct Frozen {
    pub(crate) memory: Arc<MemorySegment>,
    pub(crate) last: CommitMark,
    /// The id it will have when it is sealed.
    pub(crate) id: u64,
}

/// One segment to read from.
pub(crate) enum Source<'a> {
    /// In memory.
    Memory(&'a MemorySegment),
    /// In blocks.
    Sealed(&'a SealedSegment),
}

impl Manifest {
    /// The segment at `index`, counted from the oldest.
    pub(crate) fn source(&self, index: usize) -> Option<Source<'_>> {
        if let Some(sealed) = self.sealed.get(index) {
            return Some(Source::Sealed(sealed));
        }
        let mut memory = self.frozen.iter().map(|frozen| &*frozen.memory).chain([&*self.active]);
        memory.nth(index - self.sealed.len()).map(Source::Memory)
    }

    /// How many segments there are.
    pub(crate) fn source_count(&self) -> usize {
        self.sealed.len() + usize::from(self.frozen.is_some()) + 1
    }

    /// Index of the segment that covers `number`, or would.
    pub(crate) fn source_of(&self, number: u64) -> usize {
        let sealed = self.sealed.partition_point(|segment| segment.entry().last < number);
        match &self.frozen {
            Some(frozen) if sealed == self.sealed.len() && frozen.last.last_number < number => sealed + 1,
            Some(_) | None => sealed,
        }
    }
}
