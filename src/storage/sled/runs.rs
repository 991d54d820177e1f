//! The numbers of all terms that begin alike: they lie side by side in a segment, so that many terms cost little more than
//! one.

use std::ops::{Bound, RangeInclusive};

use super::errors::Damage;
use super::manifest::Source;
use super::memory_segment::{MemorySegment, term_hash};
use super::open_store::OpenStore;

/// Terms taken from a memory segment at a time: its order is locked meanwhile.
const MEMORY_RUN: usize = 256;

/// The numbers within a range of those ordered terms that are chosen by what they have behind their beginning, each with
/// what was chosen, in no order. A term is chosen once for each block that has such numbers of it.
pub(crate) fn numbers<T: Copy>(
    store: &OpenStore,
    beginning: &[u8],
    range: RangeInclusive<u64>,
    mut choose: impl FnMut(&[u8]) -> Option<T>,
) -> Result<Vec<(u64, T)>, Damage> {
    let mut found = Vec::new();
    let manifest = store.core().manifest();
    let range = range.into_inner();
    for index in manifest.source_of(range.0)..=manifest.source_of(range.1) {
        match manifest.source(index) {
            Some(Source::Sealed(segment)) => segment.numbers_of_chosen(beginning, range, &mut choose, &mut found)?,
            Some(Source::Memory(memory)) => in_memory(memory, beginning, range, &mut choose, &mut found),
            None => {}
        }
    }
    Ok(found)
}

fn in_memory<T: Copy>(
    memory: &MemorySegment,
    beginning: &[u8],
    range: (u64, u64),
    choose: &mut impl FnMut(&[u8]) -> Option<T>,
    found: &mut Vec<(u64, T)>,
) {
    let mut low = Bound::Included(beginning.to_vec());
    let (mut terms, mut numbers) = (Vec::new(), Vec::new());
    loop {
        memory.ordered_terms((low.as_ref().map(Vec::as_slice), Bound::Unbounded), true, MEMORY_RUN, &mut terms);
        let is_last = terms.len() < MEMORY_RUN;
        let Some(last) = terms.last().cloned() else { return };
        for term in terms.drain(..) {
            let Some(rest) = term.strip_prefix(beginning) else { return };
            memory.numbers_of(&term, term_hash(&term), range, true, usize::MAX, &mut numbers);
            let chosen = if numbers.is_empty() { None } else { choose(rest) };
            found.extend(numbers.drain(..).filter_map(|number| Some((number, chosen?))));
        }
        if is_last {
            return;
        }
        low = Bound::Excluded(last);
    }
}
