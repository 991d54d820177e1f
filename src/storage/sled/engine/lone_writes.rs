//! Writes that come one after the other, each when the one before it is answered: to hand one over to the writing thread, and
//! the answer back, takes a good part of what such a write takes. Where several are under way they share a sync, which the
//! thread makes for all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Records that a write makes, at most, which is made by the worker that asks: to plan more would hold it up longer than to
/// hand them over.
pub(super) const DRAFTS: usize = 8;

/// Writes that were alone, one after the other, before the next one is taken for alone, too: where dozens are in flight, now and
/// then one is the first to come.
const IN_A_ROW: usize = 16;

/// How many writes are under way, and how many were alone.
#[derive(Clone, Default)]
pub(super) struct LoneWrites(Arc<Counts>);

#[derive(Default)]
struct Counts {
    under_way: AtomicUsize,
    in_a_row: AtomicUsize,
}

/// A write that is under way.
pub(super) struct UnderWay(Arc<Counts>);

impl LoneWrites {
    /// Counts a write for as long as it is under way.
    pub(super) fn begin(&self) -> UnderWay {
        let counts = &self.0;
        if counts.under_way.fetch_add(1, Ordering::Relaxed) == 0 {
            counts.in_a_row.fetch_add(1, Ordering::Relaxed);
        } else {
            counts.in_a_row.store(0, Ordering::Relaxed);
        }
        UnderWay(Arc::clone(counts))
    }

    /// Whether writes are alone, as a rule.
    pub(super) fn are_usual(&self) -> bool {
        self.0.in_a_row.load(Ordering::Relaxed) > IN_A_ROW
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_alone_once_many_were() {
        let writes = LoneWrites::default();
        for _ in 0..IN_A_ROW {
            drop(writes.begin());
            assert!(!writes.are_usual());
        }
        let first = writes.begin();
        assert!(writes.are_usual());
        let second = writes.begin();
        assert!(!writes.are_usual(), "two are under way");
        drop((first, second));
        let _third = writes.begin();
        assert!(!writes.are_usual(), "they are counted anew");
    }
}
