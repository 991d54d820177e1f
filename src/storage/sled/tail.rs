//! The tail of the log, which no sealed segment covers yet: read again when a store is opened, and indexed as it was when it
//! was written.
//!
//! By three threads, one behind the other, each of which has about as much to do: nobody is served before it is done.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use super::commit::{Head, RawCommit, Replay, Replayed};
use super::core::Core;
use super::errors::{Damage, GroupError, OpenError};
use super::memory_segment::CommitMark;
use super::{sealer, walk};

/// Commits that wait between two of the threads: none. One may have a hundred thousand versions, and three are in memory as
/// it is.
const WAITING: usize = 0;

/// A commit that was read and checked, and what it leads to.
struct Checked {
    commit: RawCommit,
    reached: Reached,
}

/// Where a commit lies in the log, and the head it makes.
struct Reached {
    mark: CommitMark,
    head: Head,
    log_bytes: u64,
}

type Read = Result<Checked, OpenError>;
type Derived = Result<(Reached, Replayed), OpenError>;

/// Reads everything behind `start`, and indexes it. Gives the head it leads to.
pub(super) fn replay(core: &Core, start: Head, replay: &dyn Replay) -> Result<Head, OpenError> {
    let end = core.log.last_frame_until(u64::MAX)?.map_or(0, |frame| frame.header.last());
    if end < start.number {
        return Err(Damage::new(format!("log: ends at number {end}, before its segments")).into());
    }
    let (to_deriver, read) = sync_channel(WAITING);
    let (to_indexer, derived) = sync_channel(WAITING);
    let mut head = std::thread::scope(|threads| {
        spawn(threads, "tail-reader", move || read_all(core, start, end, &to_deriver))?;
        spawn(threads, "tail-deriver", move || derive_all(replay, &read, &to_indexer))?;
        index_all(core, start, derived)
    })?;
    if head.revision == 0 {
        head.time_us = 0;
    }
    Ok(head)
}

fn spawn<'scope>(
    threads: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() + Send + 'scope,
) -> Result<(), OpenError> {
    Builder::new().name(name.to_owned()).spawn_scoped(threads, work).map(drop).map_err(OpenError::Io)
}

/// Until the end, the first error, or until nobody takes what is read.
fn read_all(core: &Core, start: Head, end: u64, to_deriver: &SyncSender<Read>) {
    let mut head = start;
    while head.number < end {
        let read = read_next(core, &head);
        let next = read.as_ref().ok().map(|checked| checked.reached.head);
        let is_taken = to_deriver.send(read).is_ok();
        match next.filter(|_| is_taken) {
            Some(next) => head = next,
            None => return,
        }
    }
}

fn read_next(core: &Core, head: &Head) -> Read {
    let frames = core.log.commit_frames(head.number + 1)?;
    let (next, commit) = walk::check_commit(head, &frames)?;
    let mark = CommitMark {
        revision: next.revision,
        time_us: next.time_us,
        first_number: head.number + 1,
        last_number: next.number,
    };
    let log_bytes = frames.iter().map(|frame| u64::from(frame.header.payload_length)).sum();
    Ok(Checked { commit, reached: Reached { mark, head: next, log_bytes } })
}

fn derive_all(replay: &dyn Replay, read: &Receiver<Read>, to_indexer: &SyncSender<Derived>) {
    for read in read {
        if to_indexer.send(read.and_then(|checked| derive(replay, checked))).is_err() {
            return;
        }
    }
}

fn derive(replay: &dyn Replay, Checked { commit, reached }: Checked) -> Derived {
    let wrong = |reason| OpenError::Replay { revision: reached.head.revision, reason };
    let replayed = replay.replay(&commit).map_err(wrong)?;
    check(&reached.mark, &replayed).map_err(wrong)?;
    Ok((reached, replayed))
}

fn check(mark: &CommitMark, replayed: &Replayed) -> Result<(), String> {
    let own = mark.first_number..=mark.last_number;
    let numbers = replayed.terms.iter().map(|(_, number)| number);
    let mut numbers = numbers.chain(replayed.closings.iter().map(|(_, new)| new));
    if let Some(number) = numbers.find(|number| !own.contains(number)) {
        return Err(format!("number {number} is not of this commit"));
    }
    match replayed.closings.iter().find(|(old, new)| old >= new) {
        Some((old, new)) => Err(format!("number {new} cannot close number {old}")),
        None => Ok(()),
    }
}

/// Until the end or the first error, upon which nobody waits for what would follow.
fn index_all(core: &Core, start: Head, derived: Receiver<Derived>) -> Result<Head, OpenError> {
    let mut head = start;
    for derived in derived {
        let (reached, replayed) = derived?;
        sealer::rotate_if_full(core).map_err(unsealable)?;
        let active = Arc::clone(&core.manifest().active);
        active.append(reached.mark, replayed.terms, &replayed.closings, reached.log_bytes);
        for (old, _) in &replayed.closings {
            core.closed.set(*old);
        }
        head = reached.head;
    }
    Ok(head)
}

fn unsealable(error: GroupError) -> OpenError {
    OpenError::Io(io::Error::other(error))
}
