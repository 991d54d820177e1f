//! The distinct terms of the store in the order of their bytes, from either end, read as they are
//! asked for.

use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use super::errors::Damage;
use super::manifest::{Manifest, Source};
use super::open_store::OpenStore;
use super::postings::Direction;
use super::rules::{ORDERED_TERMS_FROM, TermRange};

/// Terms taken from a memory segment at a time: its order is locked meanwhile.
const MEMORY_RUN: usize = 64;

/// Goes through the terms within a range, each once. Lazy: the first terms cost a block of each
/// segment, and blocks that are not reached are not read. Ends after the first damage it meets.
///
/// A term may be among them whose numbers are all past the head: it was appended, and is not
/// published.
pub struct Terms {
    manifest: Arc<Manifest>,
    /// What is left of the range.
    low: Bound<Vec<u8>>,
    high: Bound<Vec<u8>>,
    ascending: bool,
    /// As many as the manifest has segments.
    places: Vec<Place>,
    /// Keeps the store from being closed under the iterator.
    _store: Arc<OpenStore>,
}

/// How far reading has come in a segment.
#[derive(Default)]
struct Place {
    /// Terms read ahead, the next one last.
    buffer: Vec<Vec<u8>>,
    /// The block read last.
    block: Option<usize>,
    /// Nothing is left but the buffer.
    is_exhausted: bool,
}

impl Terms {
    pub(crate) fn new(store: Arc<OpenStore>, range: &impl RangeBounds<Vec<u8>>, direction: Direction) -> Self {
        let manifest = store.core().manifest();
        let mut low = range.start_bound().cloned();
        let first = [ORDERED_TERMS_FROM];
        if bytes_of(&low).is_none_or(|low| low < first.as_slice()) {
            low = Bound::Included(first.to_vec());
        }
        let high = range.end_bound().cloned();
        let count = manifest.source_count();
        let places = if is_empty((as_slice(&low), as_slice(&high))) { 0 } else { count };
        Self {
            manifest,
            low,
            high,
            ascending: direction == Direction::Ascending,
            places: (0..places).map(|_| Place::default()).collect(),
            _store: store,
        }
    }

    /// The next term; none after the last.
    #[expect(
        clippy::should_implement_trait,
        reason = "an error ends it: `?` and `while let` read better this way round"
    )]
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Damage> {
        for index in 0..self.places.len() {
            if let Err(damage) = self.fill(index) {
                self.places.clear();
                return Err(damage);
            }
        }
        let heads = self.places.iter().filter_map(|place| place.buffer.last());
        let Some(next) = (if self.ascending { heads.min() } else { heads.max() }).cloned() else {
            return Ok(None);
        };
        for place in &mut self.places {
            if place.buffer.last() == Some(&next) {
                place.buffer.pop();
            }
        }
        let passed = Bound::Excluded(next.clone());
        if self.ascending {
            self.low = passed;
        } else {
            self.high = passed;
        }
        Ok(Some(next))
    }

    fn fill(&mut self, index: usize) -> Result<(), Damage> {
        let place = &mut self.places[index];
        if !place.buffer.is_empty() || place.is_exhausted {
            return Ok(());
        }
        let range = (as_slice(&self.low), as_slice(&self.high));
        if is_empty(range) {
            place.is_exhausted = true;
            return Ok(());
        }
        match self.manifest.source(index) {
            Some(Source::Sealed(segment)) => {
                segment.next_terms(range, self.ascending, &mut place.block, &mut place.buffer)?;
                place.is_exhausted = place.buffer.is_empty();
            }
            Some(Source::Memory(memory)) => {
                memory.ordered_terms(range, self.ascending, MEMORY_RUN, &mut place.buffer);
                place.is_exhausted = place.buffer.len() < MEMORY_RUN;
            }
            None => place.is_exhausted = true,
        }
        place.buffer.reverse();
        Ok(())
    }
}

/// Whether no term can be within; such a range must not be asked for.
fn is_empty((low, high): TermRange<'_>) -> bool {
    match (low, high) {
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => low >= high,
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
    }
}

fn bytes_of(bound: &Bound<Vec<u8>>) -> Option<&[u8]> {
    match bound {
        Bound::Included(term) | Bound::Excluded(term) => Some(term),
        Bound::Unbounded => None,
    }
}

fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    bound.as_ref().map(Vec::as_slice)
}
