//! The posting block: terms front-coded, numbers delta-coded, about 4 KiB.

use std::ops::Range;

use super::super::bytes_codec::{Cursor, put_varint};

/// A block is closed when it reaches this: one block is what an exact term costs at least, and with
/// its last run it stays below the longest value that sled may be given.
const BODY_BYTES_TARGET: usize = 4096;

/// A finished block: what it begins with, and its body.
pub(super) struct Block {
    pub(super) term: Vec<u8>,
    pub(super) offset: u32,
    pub(super) body: Vec<u8>,
}

/// Packs terms, given in ascending order, into blocks.
#[derive(Default)]
pub(super) struct BlockBuilder {
    body: Vec<u8>,
    first: Option<(Vec<u8>, u32)>,
    previous: Vec<u8>,
}

impl BlockBuilder {
    /// Adds a term with its ascending offsets; hands over each block that is full. A list longer
    /// than a block goes on in the next one, under the same term.
    pub(super) fn add<E>(
        &mut self,
        term: &[u8],
        mut offsets: &[u32],
        mut finished: impl FnMut(Block) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(first) = offsets.first() {
            let taken = self.add_run(term, *first, offsets);
            offsets = &offsets[taken..];
            if self.body.len() >= BODY_BYTES_TARGET {
                finished(self.finish().expect("a run was just added"))?;
            }
        }
        Ok(())
    }

    /// The block begun last, if there is one.
    pub(super) fn finish(&mut self) -> Option<Block> {
        let (term, offset) = self.first.take()?;
        self.previous.clear();
        Some(Block { term, offset, body: std::mem::take(&mut self.body) })
    }

    fn add_run(&mut self, term: &[u8], first: u32, offsets: &[u32]) -> usize {
        let shared = common_prefix(&self.previous, term);
        let suffix = &term[shared..];
        put_varint(&mut self.body, shared as u64);
        put_varint(&mut self.body, suffix.len() as u64);
        self.body.extend_from_slice(suffix);
        let room = BODY_BYTES_TARGET.saturating_sub(self.body.len());
        let mut deltas = Vec::new();
        let mut previous = 0;
        let mut taken = 0;
        for offset in offsets {
            put_varint(&mut deltas, u64::from(offset - previous));
            previous = *offset;
            taken += 1;
            if deltas.len() >= room {
                break;
            }
        }
        put_varint(&mut self.body, deltas.len() as u64);
        self.body.extend_from_slice(&deltas);
        self.first.get_or_insert_with(|| (term.to_vec(), first));
        self.previous.clear();
        self.previous.extend_from_slice(term);
        taken
    }
}

/// Walks the runs of a block, in order. Every step is `None` if the block is malformed.
pub(super) struct Runs<B> {
    body: B,
    /// Where the next run begins.
    at: usize,
    term: Vec<u8>,
    deltas: Range<usize>,
}

impl<B: AsRef<[u8]>> Runs<B> {
    /// Stands before the first run.
    pub(super) fn new(body: B) -> Self {
        Self { body, at: 0, term: Vec::with_capacity(64), deltas: 0..0 }
    }

    /// Goes to the next run; false after the last.
    pub(super) fn advance(&mut self) -> Option<bool> {
        let mut cursor = Cursor::new(self.body.as_ref().get(self.at..)?);
        if cursor.is_at_end() {
            return Some(false);
        }
        let shared = cursor.length()?;
        let suffix_length = cursor.length()?;
        let suffix = cursor.take(suffix_length)?;
        if shared > self.term.len() {
            return None;
        }
        self.term.truncate(shared);
        self.term.extend_from_slice(suffix);
        let deltas_length = cursor.length()?;
        cursor.take(deltas_length)?;
        self.at += cursor.position();
        self.deltas = self.at - deltas_length..self.at;
        Some(true)
    }

    /// The term of this run.
    pub(super) fn term(&self) -> &[u8] {
        &self.term
    }

    /// Calls `visit` with the numbers of this run, ascending; they are counted from `base`.
    pub(super) fn visit_numbers(&self, base: u64, mut visit: impl FnMut(u64)) -> Option<()> {
        let mut deltas = Cursor::new(self.body.as_ref().get(self.deltas.clone())?);
        let mut number = base;
        while !deltas.is_at_end() {
            number = number.checked_add(deltas.varint()?)?;
            visit(number);
        }
        Some(())
    }
}

/// Appends the numbers of `term` within `low..=high` that the block holds, ascending. `None` if
/// the block is malformed.
pub(super) fn numbers_of(
    body: &[u8],
    term: &[u8],
    base: u64,
    (low, high): (u64, u64),
    out: &mut Vec<u64>,
) -> Option<()> {
    let mut runs = Runs::new(body);
    while runs.advance()? {
        match runs.term().cmp(term) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Greater => return Some(()),
            std::cmp::Ordering::Equal => runs.visit_numbers(base, |number| {
                if (low..=high).contains(&number) {
                    out.push(number);
                }
            })?,
        }
    }
    Some(())
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn blocks_give_back_what_was_added(
            terms in proptest::collection::btree_map(
                proptest::collection::vec(0u8..3, 1..6),
                proptest::collection::btree_set(0u32..100_000, 1..2_000),
                1..20,
            ),
        ) {
            let mut blocks = Vec::new();
            let mut builder = BlockBuilder::default();
            for (term, offsets) in &terms {
                let offsets: Vec<u32> = offsets.iter().copied().collect();
                builder.add(term, &offsets, |block| { blocks.push(block); Ok::<_, Infallible>(()) }).unwrap();
            }
            blocks.extend(builder.finish());
            let mut found: BTreeMap<Vec<u8>, BTreeSet<u32>> = BTreeMap::new();
            for block in &blocks {
                prop_assert!(block.body.len() <= 5000);
                for term in terms.keys() {
                    let mut out = Vec::new();
                    numbers_of(&block.body, term, 7, (0, u64::MAX), &mut out).unwrap();
                    if !out.is_empty() {
                        let set = found.entry(term.clone()).or_default();
                        set.extend(out.iter().map(|number| (*number - 7) as u32));
                    }
                }
            }
            prop_assert_eq!(found, terms);
        }
    }
}
