//! The numbers of all terms that begin alike: they lie side by side in a segment, so that many terms cost little more than
//! one.

use std::ops::Bound;

use super::errors::Damage;
use super::manifest::Source;
use super::memory_segment::{MemorySegment, term_hash};
use super::open_store::OpenStore;

/// Terms taken from a memory segment at a time: its order is locked meanwhile.
const MEMORY_RUN: usize = 256;

/// Which numbers are looked for, and how many places in posting lists may be looked at.
pub(crate) struct Wanted<'n> {
    /// Ascending, without repeats.
    numbers: &'n [u64],
    left: u64,
}

impl<'n> Wanted<'n> {
    pub(crate) fn new(numbers: &'n [u64], places: u64) -> Self {
        Self { numbers, left: places }
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Looks at a place; which of the numbers its number is, if it is wanted.
    pub(crate) fn place_of(&mut self, number: u64) -> Option<usize> {
        self.left = self.left.saturating_sub(1);
        let (low, high) = self.range()?;
        if !(low..=high).contains(&number) {
            return None;
        }
        self.numbers.binary_search(&number).ok()
    }

    fn range(&self) -> Option<(u64, u64)> {
        Some((*self.numbers.first()?, *self.numbers.last()?))
    }
}

/// What was chosen for each of some numbers, by what the ordered terms under which they are posted have behind their beginning,
/// and how many places were looked at. Some may be missing once as many were as may be. A term is chosen once for each block
/// that has wanted numbers of it.
pub(crate) fn chosen<T: Copy>(
    store: &OpenStore,
    beginning: &[u8],
    numbers: &[u64],
    places: u64,
    mut choose: impl FnMut(&[u8]) -> Option<T>,
) -> Result<(Vec<Option<T>>, u64), Damage> {
    let (mut wanted, mut found) = (Wanted::new(numbers, places), vec![None; numbers.len()]);
    let Some((low, high)) = wanted.range() else { return Ok((found, 0)) };
    let manifest = store.core().manifest();
    for index in manifest.source_of(low)..=manifest.source_of(high) {
        match manifest.source(index) {
            Some(Source::Sealed(segment)) => {
                segment.choose_of(beginning, &mut wanted, &mut choose, &mut found)?;
            }
            Some(Source::Memory(memory)) => in_memory(memory, beginning, &mut wanted, &mut choose, &mut found),
            None => {}
        }
    }
    Ok((found, places - wanted.left))
}

fn in_memory<T: Copy>(
    memory: &MemorySegment,
    beginning: &[u8],
    wanted: &mut Wanted<'_>,
    choose: &mut impl FnMut(&[u8]) -> Option<T>,
    found: &mut [Option<T>],
) {
    let Some(range) = wanted.range() else { return };
    let mut low = Bound::Included(beginning.to_vec());
    let (mut terms, mut numbers) = (Vec::new(), Vec::new());
    while !wanted.is_spent() {
        memory.ordered_terms((low.as_ref().map(Vec::as_slice), Bound::Unbounded), true, MEMORY_RUN, &mut terms);
        let is_last = terms.len() < MEMORY_RUN;
        let Some(last) = terms.last().cloned() else { return };
        for term in terms.drain(..) {
            let Some(rest) = term.strip_prefix(beginning) else { return };
            memory.numbers_of(&term, term_hash(&term), range, true, usize::MAX, &mut numbers);
            let mut chosen = None;
            for place in numbers.drain(..).filter_map(|number| wanted.place_of(number)) {
                found[place] = *chosen.get_or_insert_with(|| choose(rest));
            }
        }
        if is_last {
            return;
        }
        low = Bound::Excluded(last);
    }
}
