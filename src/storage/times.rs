//! Gives commits their times, so that what was answered as of a time is answered so for ever.
//!
//! A commit has its time before it is kept, and the clock may be set back. So a read as of a time waits for the commits
//! that have such a time and are under way, and no commit gets a time that somebody was answered for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::{Clock, StoreError, commit_time};
use crate::domain::time::Timestamp;

/// The times of the commits of one engine, which has one writer.
#[derive(Debug)]
pub(super) struct Times {
    clock: Arc<dyn Clock>,
    given: Mutex<Given>,
    settled: Notify,
}

#[derive(Debug, Default)]
struct Given {
    /// The latest time that somebody was answered for.
    answered: Option<Timestamp>,
    /// The first time given to a commit that cannot be read yet.
    under_way: Option<Timestamp>,
    /// Whether those commits are kept is found out when the store is opened again.
    is_in_doubt: bool,
}

impl Times {
    /// Times by a clock.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, given: Mutex::default(), settled: Notify::new() }
    }

    fn given(&self) -> MutexGuard<'_, Given> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the commit after the one made at `last`. It is under way until [`Self::settle`].
    pub(super) fn next(&self, last: Option<Timestamp>) -> Timestamp {
        let mut given = self.given();
        let time = commit_time(self.clock.now(), last.max(given.answered));
        given.under_way.get_or_insert(time);
        time
    }

    /// Every commit with a time can be read now, or was not kept.
    pub(super) fn settle(&self) {
        {
            let mut given = self.given();
            (given.under_way, given.is_in_doubt) = (None, false);
        }
        self.settled.notify_waiters();
    }

    /// Whether the commits under way are kept is not known until they are settled.
    pub(super) fn doubt(&self) {
        {
            let mut given = self.given();
            given.is_in_doubt = given.under_way.is_some();
        }
        self.settled.notify_waiters();
    }

    /// Waits until every commit with this time or an earlier one can be read; no later commit gets such a time. Of a time
    /// that is still to come only what has passed of it is promised.
    ///
    /// # Errors
    /// `Unavailable` when nobody knows whether such a commit is kept: the answer might be another soon.
    pub(super) async fn passed(&self, asked: Timestamp) -> Result<(), StoreError> {
        loop {
            let settled = self.settled.notified();
            {
                let mut given = self.given();
                given.answered = given.answered.max(Some(asked.min(self.clock.now())));
                if given.under_way.is_none_or(|first| first > asked) {
                    return Ok(());
                }
                if given.is_in_doubt {
                    let why =
                        "whether the last commits are kept is known when the store has been opened again".to_owned();
                    return Err(StoreError::Unavailable { why });
                }
            }
            settled.await;
        }
    }
}
