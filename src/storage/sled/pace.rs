//! How background work on the store keeps out of the way of everybody else, and why it may not come to its end.

use std::io;
use std::time::{Duration, Instant};

use super::core::{Core, SealState};
use super::errors::Damage;
use super::space;

/// Nothing to do: the condition variable wakes the thread, this only bounds a lost wake-up.
pub(crate) const IDLE_WAIT: Duration = Duration::from_secs(5);
/// Values after which the thread rests for as long as they took: it has half a processor at most, and a
/// writer's flush never has much of ours to write.
const BURST: u32 = 32;
/// Values after which what was written is synced, less than a segment of sled's file: one sync of a whole large segment would hold up
/// that of a writer, and that something is missing far before the end of its file sled does not notice.
pub(crate) const SYNC_EVERY: u32 = 2 * BURST;
/// A burst that took longer was waiting for others more than it worked.
const REST_MAX: Duration = Duration::from_millis(4);

/// Why background work did not come to its end.
pub(crate) enum Interruption {
    /// The store is being closed, or wants to be reopened.
    Stopped,
    /// What is stored is not what was written.
    Damage(Damage),
    /// It could not be written, for now.
    Failure(String),
}

impl Interruption {
    /// Something could not be written: damage or not, it is tried again.
    pub(crate) fn unwritten(damage: Damage) -> Self {
        Self::Failure(damage.to_string())
    }
}

impl From<Damage> for Interruption {
    fn from(damage: Damage) -> Self {
        match damage.is_full {
            true => Self::unwritten(damage),
            false => Self::Damage(damage),
        }
    }
}

impl From<io::Error> for Interruption {
    fn from(error: io::Error) -> Self {
        Self::Failure(error.to_string())
    }
}

pub(crate) fn is_ending(core: &Core, state: &SealState) -> bool {
    state.is_stopping || core.poisoned().is_some()
}

/// Waits while a segment is sealed: a writer may be waiting for that, and for this work nobody is.
pub(crate) fn stand_back(core: &Core) -> Result<(), Interruption> {
    let mut state = core.seal_state();
    loop {
        if is_ending(core, &state) {
            return Err(Interruption::Stopped);
        }
        if core.manifest().frozen.is_none() {
            return Ok(());
        }
        state = core.wait_for_seal_change(state, IDLE_WAIT);
    }
}

/// Refuses to begin what could fill the device: writers and seals need the room more.
pub(crate) fn must_have_room(core: &Core, bytes: u64) -> Result<(), Interruption> {
    let needed = space::needed(core.options.reserve_bytes, bytes);
    match space::available(&core.data_directory, &core.options.faults) {
        Ok(available) if available < needed => {
            Err(Interruption::Failure(format!("{available} bytes are free and {needed} are needed")))
        }
        // Not knowing is no reason to refuse, as for groups.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Keeps a thread out of the way of everybody else.
pub(crate) struct Pace<'a> {
    core: &'a Core,
    steps: u32,
    since: Instant,
}

impl<'a> Pace<'a> {
    pub(crate) fn new(core: &'a Core) -> Self {
        Self { core, steps: 0, since: Instant::now() }
    }

    /// Called before each value.
    pub(crate) fn step(&mut self) -> Result<(), Interruption> {
        stand_back(self.core)?;
        self.steps += 1;
        if self.steps.is_multiple_of(BURST) {
            if self.steps.is_multiple_of(SYNC_EVERY) {
                self.core.flush_and_sync()?;
            }
            std::thread::sleep(self.since.elapsed().min(REST_MAX));
            self.since = Instant::now();
        }
        Ok(())
    }
}
