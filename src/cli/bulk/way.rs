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
    /// Items that were left out of batches: whoever makes the next ones does not count them.
    left_out: u64,
}

/// What became of a batch that the server refused as a whole.
pub(super) enum Divided {
    /// Two are in its place.
    Halved,
    /// It was one item, which is left out.
    LeftOut,
    /// There is nothing in it to be divided.
    Not,
}

impl Way {
    /// Takes up a batch that is made; gives it with its number.
    pub(super) fn add(&mut self, mut batch: Prepared) -> (u64, &Prepared) {
        batch.end.unread += self.left_out;
        let number = self.next;
        self.next += 1;
        self.unacknowledged.push_back((number, batch));
        (number, &self.unacknowledged[self.unacknowledged.len() - 1].1)
    }

    /// Divides the oldest batch that is not acknowledged. It was refused before any of it was read: neither it nor what
    /// was sent behind it is kept, and their numbers are free.
    pub(super) fn divide(&mut self) -> Divided {
        let Some((number, batch)) = self.unacknowledged.front_mut() else { return Divided::Not };
        let number = *number;
        if let Some(rest) = batch.halve() {
            self.unacknowledged.iter_mut().skip(1).for_each(|(number, _)| *number += 1);
            self.unacknowledged.insert(1, (number + 1, rest));
            self.next += 1;
            return Divided::Halved;
        }
        if !batch.leave_out() {
            return Divided::Not;
        }
        self.left_out += 1;
        self.unacknowledged.iter_mut().skip(1).for_each(|(_, batch)| batch.end.unread += 1);
        Divided::LeftOut
    }

    /// How many batches are known to be kept.
    pub(super) fn batches_kept(&self) -> u64 {
        self.unacknowledged.front().map_or(self.next, |(number, _)| *number).saturating_sub(1)
    }
}
