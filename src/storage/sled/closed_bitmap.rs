//! One bit per number: is it closed? Answers "no" at once, which is the usual answer.
//!
//! It lives in memory only, 1.25 MB per ten million numbers, and is rebuilt at open.

use std::sync::{PoisonError, RwLock};

use super::bits::{Bits, chunk_of};

/// Set of closed numbers.
#[derive(Default)]
pub(crate) struct ClosedBitmap {
    chunks: RwLock<Vec<Box<Bits>>>,
}

impl ClosedBitmap {
    pub(crate) fn set(&self, number: u64) {
        let chunk = chunk_of(number);
        {
            let chunks = self.chunks.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = chunks.get(chunk) {
                found.set(number);
                return;
            }
        }
        let mut chunks = self.chunks.write().unwrap_or_else(PoisonError::into_inner);
        while chunks.len() <= chunk {
            chunks.push(Box::default());
        }
        chunks[chunk].set(number);
    }

    pub(crate) fn clear(&self, number: u64) {
        let chunks = self.chunks.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = chunks.get(chunk_of(number)) {
            found.clear(number);
        }
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        let chunks = self.chunks.read().unwrap_or_else(PoisonError::into_inner);
        chunks.get(chunk_of(number)).is_some_and(|found| found.contains(number))
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
