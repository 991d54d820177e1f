//! Writes that come one after the other, each when the one before it is answered: to hand one over to the writing thread, and
//! the answer back, takes a good part of what such a write takes. Where several are under way they share a sync, which the
//! thread makes for all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::domain::model::{ConflictPolicy, Record};
use crate::domain::plan::{Batch, Draft};

/// Records that a small write makes, at most: to plan more would hold up the worker that asks longer than to hand them over.
const DRAFTS: usize = 8;

/// The longest text in a small write: quotes are looked for in it.
const TEXT_BYTES: usize = 64 << 10;

/// Writes that take longer, as a rule, are no small ones, or the disk is slow: whoever else waits for that worker would notice.
const SLOW: Duration = Duration::from_millis(5);

/// The last so many writes are the rule, about; one that took so many times as long as is slow is enough by itself.
const RULE: u64 = 8;

/// Writes that are handed over once they are slow.
const HANDED_OVER: i64 = 1_000;

/// Writes that were alone, one after the other, before the next one is taken for alone, too: where dozens are in flight, now and
/// then one is the first to come.
const IN_A_ROW: i64 = 16;

/// How many writes are under way, and how many were alone.
#[derive(Default)]
pub(super) struct LoneWrites(Arc<Counts>);

#[derive(Default)]
struct Counts {
    under_way: AtomicUsize,
    /// Below zero once they are slow.
    in_a_row: AtomicI64,
    /// How long those took that the worker made, as a rule.
    usual_micros: AtomicU64,
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
            counts.in_a_row.fetch_min(0, Ordering::Relaxed);
        }
        UnderWay(Arc::clone(counts))
    }

    /// Whether writes are alone, as a rule.
    pub(super) fn are_usual(&self) -> bool {
        self.0.in_a_row.load(Ordering::Relaxed) > IN_A_ROW
    }

    /// Tells how long one took that the worker made.
    pub(super) fn took(&self, time: Duration) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let before = self.0.usual_micros.load(Ordering::Relaxed);
        let usual = before - before / RULE + micros(time) / RULE;
        let is_slow = usual > micros(SLOW);
        self.0.usual_micros.store(if is_slow { 0 } else { usual }, Ordering::Relaxed);
        if is_slow {
            self.0.in_a_row.store(-HANDED_OVER, Ordering::Relaxed);
        }
    }
}

/// Whether a write makes few records, none of them long, and changes none that others follow: of an article that may be all of
/// its claims, and of what is retracted, too.
pub(super) fn is_small(batch: &Batch) -> bool {
    let Batch { drafts, revise, retract, reinstate, .. } = batch;
    (revise.is_empty() && retract.is_empty() && reinstate.is_empty())
        && drafts.len() <= DRAFTS
        && drafts.iter().all(makes_little)
}

fn makes_little(draft: &Draft) -> bool {
    match &draft.record {
        Record::Article(article) => {
            let body = article.text.as_ref().and_then(|text| text.body.as_ref());
            draft.policy != ConflictPolicy::Update && body.is_none_or(|body| body.len() <= TEXT_BYTES)
        }
        Record::Source(_) | Record::Claim(_) | Record::Relation(_) | Record::Assessment(_) => true,
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

    #[test]
    fn writes_that_are_slow_are_handed_over() {
        let writes = LoneWrites::default();
        let one_by_one = |count| (0..count).for_each(|_| drop(writes.begin()));
        one_by_one(IN_A_ROW + 1);
        (0..100).for_each(|_| writes.took(SLOW / 10));
        writes.took(4 * SLOW);
        assert!(writes.are_usual(), "one may be");
        (0..3).for_each(|_| writes.took(4 * SLOW));
        one_by_one(HANDED_OVER + IN_A_ROW);
        assert!(!writes.are_usual());
        drop((writes.begin(), writes.begin()));
        one_by_one(IN_A_ROW + 1);
        assert!(writes.are_usual());
    }
}
