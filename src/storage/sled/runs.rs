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

    /// Looks at a place; whether its number is wanted.
    pub(crate) fn has(&mut self, number: u64) -> bool {
        self.left = self.left.saturating_sub(1);
        let is_within = self.range().is_some_and(|(low, high)| (low..=high).contains(&number));
        is_within && self.numbers.binary_search(&number).is_ok()
    }

    fn range(&self) -> Option<(u64, u64)> {
        Some((*self.numbers.first()?, *self.numbers.last()?))
    }
}

/// Those of some numbers that are posted under ordered terms which are chosen by what they have behind their beginning,
/// each with what was chosen, in no order, and how many places were looked at. Some may be missing once as many were as may
/// be. A term is chosen once for each block that has wanted numbers of it.
pub(crate) fn numbers<T: Copy>(
    store: &OpenStore,
    beginning: &[u8],
    numbers: &[u64],
    places: u64,
    mut choose: impl FnMut(&[u8]) -> Option<T>,
) -> Result<(Vec<(u64, T)>, u64), Damage> {
    let (mut wanted, mut found) = (Wanted::new(numbers, places), Vec::new());
    let Some((low, high)) = wanted.range() else { return Ok((found, 0)) };
    let manifest = store.core().manifest();
    for index in manifest.source_of(low)..=manifest.source_of(high) {
        match manifest.source(index) {
            Some(Source::Sealed(segment)) => {
                segment.numbers_of_chosen(beginning, &mut wanted, &mut choose, &mut found)?;
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
    found: &mut Vec<(u64, T)>,
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
            numbers.retain(|number| wanted.has(*number));
            let chosen = if numbers.is_empty() { None } else { choose(rest) };
            found.extend(numbers.drain(..).filter_map(|number| Some((number, chosen?))));
        }
        if is_last {
            return;
        }
        low = Bound::Excluded(last);
    }
}
