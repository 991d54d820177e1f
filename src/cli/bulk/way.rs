//! What an import remembers from one connection to the next. How it is made stands in `sending`.

use std::collections::VecDeque;
use std::io;

use tokio::sync::mpsc;

use super::batches::{Position, Prepared};

/// What an import remembers from one connection to the next.
#[derive(Default)]
pub(super) struct Way {
    pub(super) batches: Option<mpsc::Receiver<io::Result<Prepared>>>,
    /// Sent and not acknowledged, oldest first.
    pub(super) unacknowledged: VecDeque<(u64, Prepared)>,
    /// The number of the next batch that is made.
    pub(super) next: u64,
    /// Nothing is made any more.
    pub(super) is_read: bool,
    /// A batch that is not sent: a line of it holds no item, and that is where to stop.
    pub(super) stopped_at: Option<Prepared>,
    /// Where the newest batch ends that is known to be kept.
    pub(super) kept: Position,
}

impl Way {
    /// How many batches are known to be kept.
    pub(super) fn batches_kept(&self) -> u64 {
        self.unacknowledged.front().map_or(self.next, |(number, _)| *number).saturating_sub(1)
    }
}
