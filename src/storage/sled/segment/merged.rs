//! The content of a merged segment: several adjacent ones read side by side, a block of each at a
//! time.

use std::cmp::Ordering;

use super::super::errors::Damage;
use super::super::keys::Kind;
use super::block::Runs;
use super::encode::Content;
use super::read::{Body, SealedSegment};

/// What adjacent segments hold together. In memory are a block of each, the numbers of one term, and
/// the closings.
pub(crate) struct Merged<'a> {
    /// In ascending order of numbers.
    parts: Vec<Part<'a>>,
    first: u64,
}

impl<'a> Merged<'a> {
    /// The segments must be adjacent, the oldest first.
    pub(crate) fn new(segments: impl IntoIterator<Item = &'a SealedSegment>) -> Result<Self, Damage> {
        let parts = segments.into_iter().map(Part::open).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { first: parts.first().map_or(1, |part| part.segment.entry().first), parts })
    }
}

impl<E: From<Damage>> Content<E> for Merged<'_> {
    fn terms_max(&self) -> usize {
        let terms = self.parts.iter().map(|part| part.segment.entry().terms).sum::<u64>();
        usize::try_from(terms).expect("the terms of a merge are limited")
    }

    fn visit_terms(&mut self, mut visit: impl FnMut(&[u8], &[u32]) -> Result<(), E>) -> Result<(), E> {
        let mut term = Vec::new();
        let mut offsets = Vec::new();
        while let Some(lowest) = self.parts.iter().filter_map(Part::term).min() {
            term.clear();
            term.extend_from_slice(lowest);
            offsets.clear();
            // Numbers of a later part are higher: the lists follow each other.
            for part in &mut self.parts {
                while part.term() == Some(&*term) {
                    part.take(self.first, &mut offsets)?;
                }
            }
            visit(&term, &offsets)?;
        }
        for part in &self.parts {
            part.check_counts()?;
        }
        Ok(())
    }

    fn closings(&mut self) -> Result<Vec<(u64, u64)>, E> {
        let mut all = Vec::new();
        for part in &self.parts {
            let entry = part.segment.entry();
            let before = all.len();
            for index in 0..entry.closing_blocks {
                all.extend(part.segment.closings(index)?);
            }
            if (all.len() - before) as u64 != entry.closings {
                return Err(part.segment.damaged(Kind::Closings, 0, "does not count what its entry says").into());
            }
        }
        all.sort_unstable();
        Ok(all)
    }
}

/// One of the segments, read from its first term to its last.
struct Part<'a> {
    segment: &'a SealedSegment,
    next_block: u32,
    /// At a run; none at the end.
    runs: Option<Runs<Body>>,
    /// The term before, to see that they ascend.
    previous: Vec<u8>,
    terms: u64,
    postings: u64,
}

impl<'a> Part<'a> {
    fn open(segment: &'a SealedSegment) -> Result<Self, Damage> {
        let mut part = Self { segment, next_block: 0, runs: None, previous: Vec::new(), terms: 0, postings: 0 };
        part.advance()?;
        Ok(part)
    }

    /// The term it stands at; none at the end.
    fn term(&self) -> Option<&[u8]> {
        self.runs.as_ref().map(Runs::term)
    }

    /// Appends the numbers of this run, counted from `first`, and goes to the next.
    fn take(&mut self, first: u64, offsets: &mut Vec<u32>) -> Result<(), Damage> {
        let Some(runs) = &self.runs else {
            return Ok(());
        };
        let entry = self.segment.entry();
        let before = offsets.len();
        let mut ascends = true;
        let is_whole = runs.visit_numbers(entry.first, |number| {
            let offset = u32::try_from(number - first).unwrap_or(u32::MAX);
            ascends &= number <= entry.last && offsets.last().is_none_or(|last| *last < offset);
            offsets.push(offset);
        });
        if is_whole.is_none() || !ascends {
            return Err(self.malformed());
        }
        self.postings += (offsets.len() - before) as u64;
        self.advance()
    }

    fn advance(&mut self) -> Result<(), Damage> {
        if let Some(runs) = &mut self.runs {
            self.previous.clear();
            self.previous.extend_from_slice(runs.term());
            match runs.advance() {
                Some(true) => {}
                Some(false) => self.runs = None,
                None => return Err(self.malformed()),
            }
        }
        if self.runs.is_none() && self.next_block < self.segment.entry().posting_blocks {
            let mut runs = Runs::new(self.segment.body(Kind::Postings, self.next_block)?);
            self.next_block += 1;
            if runs.advance() != Some(true) {
                return Err(self.malformed());
            }
            self.runs = Some(runs);
        }
        match self.term().map(|term| term.cmp(&self.previous)) {
            Some(Ordering::Greater) => self.terms += 1,
            // The list goes on in the next block.
            Some(Ordering::Equal) | None => {}
            Some(Ordering::Less) => return Err(self.malformed()),
        }
        Ok(())
    }

    fn check_counts(&self) -> Result<(), Damage> {
        let entry = self.segment.entry();
        match (self.terms, self.postings) == (entry.terms, entry.postings) {
            true => Ok(()),
            false => Err(self.segment.damaged(Kind::Postings, 0, "does not count what its entry says")),
        }
    }

    fn malformed(&self) -> Damage {
        self.segment.damaged(Kind::Postings, self.next_block.saturating_sub(1), "is malformed")
    }
}
