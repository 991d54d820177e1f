//! The terms of a sealed segment in order, one block at a time.

use std::ops::{Bound, RangeBounds};

use super::super::errors::Damage;
use super::super::keys::Kind;
use super::super::rules::TermRange;
use super::super::runs::Wanted;
use super::block::Runs;
use super::read::SealedSegment;

impl SealedSegment {
    /// Appends the distinct terms within `range` of the next block that has any to `out`: from the
    /// low end when `ascending`, else from the high end. `block` is the one read last, `None` before
    /// the first; `range` must then be what is left behind that block's terms. Nothing is appended
    /// when no block is left.
    pub(crate) fn next_terms(
        &self,
        range: TermRange<'_>,
        ascending: bool,
        block: &mut Option<usize>,
        out: &mut Vec<Vec<u8>>,
    ) -> Result<(), Damage> {
        let start = out.len();
        while out.len() == start {
            let next = if ascending { self.block_above(range, *block) } else { self.block_below(range, *block) };
            let Some(index) = next else {
                return Ok(());
            };
            *block = Some(index);
            let number = u32::try_from(index).expect("blocks are counted in 32 bits");
            let mut runs = Runs::new(self.body(Kind::Postings, number)?);
            let malformed = || self.damaged(Kind::Postings, number, "is malformed");
            while runs.advance().ok_or_else(malformed)? {
                if RangeBounds::<[u8]>::contains(&range, runs.term()) {
                    out.push(runs.term().to_vec());
                }
            }
        }
        if !ascending {
            out[start..].reverse();
        }
        Ok(())
    }

    /// Notes what is chosen for those of the wanted numbers, each at its place, that are posted under terms with a beginning, by
    /// what these have behind it.
    pub(crate) fn choose_of<T: Copy>(
        &self,
        beginning: &[u8],
        wanted: &mut Wanted<'_>,
        choose: &mut impl FnMut(&[u8]) -> Option<T>,
        found: &mut [Option<T>],
    ) -> Result<(), Damage> {
        let first = self.directory().partition_point(|(first, _)| &**first < beginning).saturating_sub(1);
        for index in first..self.directory().len() {
            if wanted.is_spent() {
                return Ok(());
            }
            let block = u32::try_from(index).expect("blocks are counted in 32 bits");
            let mut runs = Runs::new(self.body(Kind::Postings, block)?);
            let malformed = || self.damaged(Kind::Postings, block, "is malformed");
            while runs.advance().ok_or_else(malformed)? {
                let Some(rest) = runs.term().strip_prefix(beginning) else {
                    if runs.term() < beginning {
                        continue;
                    }
                    return Ok(());
                };
                // Chosen once it is known that there is something to choose.
                let mut chosen = None;
                let take = |number| {
                    if let Some(place) = wanted.place_of(number) {
                        found[place] = *chosen.get_or_insert_with(|| choose(rest));
                    }
                };
                runs.visit_numbers(self.entry().first, take).ok_or_else(malformed)?;
            }
        }
        Ok(())
    }

    /// The next block with terms at or above the lower bound. Blocks that only continue the list of a
    /// term are passed over.
    fn block_above(&self, (low, high): TermRange<'_>, read: Option<usize>) -> Option<usize> {
        let low = term_of(low).unwrap_or_default();
        let found = self.directory().partition_point(|(first, _)| &**first <= low).saturating_sub(1);
        let index = read.map_or(found, |read| found.max(read + 1));
        let (first, _) = self.directory().get(index)?;
        RangeBounds::<[u8]>::contains(&(Bound::Unbounded, high), &**first).then_some(index)
    }

    /// The next block with terms at or below the upper bound.
    fn block_below(&self, (low, high): TermRange<'_>, read: Option<usize>) -> Option<usize> {
        let low = term_of(low).unwrap_or_default();
        if read.is_some_and(|read| self.directory().get(read).is_none_or(|(first, _)| &**first <= low)) {
            // What lies before that block is lower still.
            return None;
        }
        let is_below = |first: &[u8]| RangeBounds::<[u8]>::contains(&(Bound::Unbounded, high), first);
        let found = self.directory().partition_point(|(first, _)| is_below(first)).checked_sub(1)?;
        match read {
            Some(read) => read.checked_sub(1).map(|before| before.min(found)),
            None => Some(found),
        }
    }
}

fn term_of(bound: Bound<&[u8]>) -> Option<&[u8]> {
    match bound {
        Bound::Included(term) | Bound::Excluded(term) => Some(term),
        Bound::Unbounded => None,
    }
}
