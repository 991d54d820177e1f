//! One bit per number: is it closed? Answers "no" at once, which is the usual answer.
//!
//! It lives in memory only, 1.25 MB per ten million numbers, and is rebuilt at open.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// 65,536 bits, 8 KiB.
const WORDS: usize = 1024;
const BITS: u64 = 64 * WORDS as u64;

type Chunk = Box<[AtomicU64]>;

/// Set of closed numbers.
#[derive(Default)]
pub(crate) struct ClosedBitmap {
    chunks: RwLock<Vec<Chunk>>,
}

impl ClosedBitmap {
    pub(crate) fn set(&self, number: u64) {
        let chunk = chunk_of(number);
        {
            let chunks = self.chunks.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = chunks.get(chunk) {
                change(found, number, true);
                return;
            }
        }
        let mut chunks = self.chunks.write().unwrap_or_else(PoisonError::into_inner);
        while chunks.len() <= chunk {
            chunks.push((0..WORDS).map(|_| AtomicU64::new(0)).collect());
        }
        change(&chunks[chunk], number, true);
    }

    pub(crate) fn clear(&self, number: u64) {
        let chunks = self.chunks.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = chunks.get(chunk_of(number)) {
            change(found, number, false);
        }
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        let chunks = self.chunks.read().unwrap_or_else(PoisonError::into_inner);
        chunks.get(chunk_of(number)).is_some_and(|found| {
            let (word, bit) = place(number);
            found[word].load(Ordering::Relaxed) & bit != 0
        })
    }
}

fn chunk_of(number: u64) -> usize {
    usize::try_from(number / BITS).expect("numbers fit memory long before they fit usize")
}

fn place(number: u64) -> (usize, u64) {
    let bit = number % BITS;
    ((bit / 64) as usize, 1 << (bit % 64))
}

fn change(chunk: &Chunk, number: u64, closed: bool) {
    let (word, bit) = place(number);
    // Relaxed is enough: a reader looks a number up only after the head that closed it was
    // published under a lock.
    if closed {
        chunk[word].fetch_or(bit, Ordering::Relaxed);
    } else {
        chunk[word].fetch_and(!bit, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_set_and_cleared_across_chunks() {
        let closed = ClosedBitmap::default();
        for number in [1, 63, 64, 65_535, 65_536, 1_000_000] {
            assert!(!closed.contains(number));
            closed.set(number);
            assert!(closed.contains(number));
            assert!(!closed.contains(number + 2));
        }
        closed.clear(64);
        assert!(!closed.contains(64));
        assert!(closed.contains(63));
    }
}
