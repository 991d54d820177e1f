//! The tail of the log, which no sealed segment covers yet: read again when a store is opened, and indexed as it was when it
//! was written.
//!
//! By three threads, one behind the other, each of which has about as much to do: nobody is served before it is done.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::commit::{Head, RawCommit, Replay, Replayed};
use super::core::Core;
use super::errors::{Damage, GroupError, OpenError};
use super::memory_segment::CommitMark;
use super::{sealer, walk};

/// Commits that wait between two of the threads. Each has 16 MiB at most, and all of the tail as much as one segment takes.
const WAITING: usize = 2;

/// A commit that was read and checked.
struct Read {
    mark: CommitMark,
    head: Head,
    commit: RawCommit,
    log_bytes: u64,
}

/// Reads everything behind `start`, and indexes it. Gives the head it leads to.
pub(super) fn replay(core: &Core, start: Head, replay: &dyn Replay) -> Result<Head, OpenError> {
    let end = core.log.last_frame_until(u64::MAX)?.map_or(0, |frame| frame.header.last());
    if end < start.number {
        return Err(Damage::new(format!("log: ends at number {end}, before its segments")).into());
    }
    let (read, to_derive) = sync_channel(WAITING);
    let (derived, to_index) = sync_channel(WAITING);
    let mut head = std::thread::scope(|threads| {
        threads.spawn(move || read_all(core, start, end, &read));
        threads.spawn(move || derive_all(replay, &to_derive, &derived));
        index_all(core, start, to_index)
    })?;
    if head.revision == 0 {
        head.time_us = 0;
    }
    Ok(head)
}

/// Until the end, the first error, or until nobody takes what is read.
fn read_all(core: &Core, start: Head, end: u64, read: &SyncSender<Result<Read, OpenError>>) {
    let mut head = start;
    while head.number < end {
        let found = read_next(core, &head);
        let next = found.as_ref().ok().map(|found| found.head);
        let is_taken = read.send(found).is_ok();
        match next.filter(|_| is_taken) {
            Some(next) => head = next,
            None => return,
        }
    }
}

fn read_next(core: &Core, head: &Head) -> Result<Read, OpenError> {
    let frames = core.log.commit_frames(head.number + 1)?;
    let (next, commit) = walk::check_commit(head, &frames)?;
    let mark = CommitMark {
        revision: next.revision,
        time_us: next.time_us,
        first_number: head.number + 1,
        last_number: next.number,
    };
    let log_bytes = frames.iter().map(|frame| u64::from(frame.header.payload_length)).sum();
    Ok(Read { mark, head: next, commit, log_bytes })
}

type Derived = Result<(Read, Replayed), OpenError>;

fn derive_all(replay: &dyn Replay, read: &Receiver<Result<Read, OpenError>>, derived: &SyncSender<Derived>) {
    for read in read {
        if derived.send(read.and_then(|read| derive(replay, read))).is_err() {
            return;
        }
    }
}

fn derive(replay: &dyn Replay, read: Read) -> Derived {
    let wrong = |reason| OpenError::Replay { revision: read.head.revision, reason };
    let replayed = replay.replay(&read.commit).map_err(wrong)?;
    check(&read.mark, &replayed).map_err(wrong)?;
    Ok((read, replayed))
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
        let (read, replayed) = derived?;
        sealer::rotate_if_full(core).map_err(unsealable)?;
        let active = Arc::clone(&core.manifest().active);
        active.append(read.mark, replayed.terms, &replayed.closings, read.log_bytes);
        for (old, _) in &replayed.closings {
            core.closed.set(*old);
        }
        head = read.head;
    }
    Ok(head)
}

fn unsealable(error: GroupError) -> OpenError {
    OpenError::Io(io::Error::other(error))
}
