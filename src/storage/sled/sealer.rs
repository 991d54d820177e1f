//! The thread that turns a frozen memory segment into a sealed one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::errors::GroupError;
use super::faults::Step;
use super::keys;
use super::manifest::{Frozen, Manifest};
use super::memory_segment::MemorySegment;
use super::pace::SYNC_EVERY;
use super::segment::{SealedSegment, SegmentEntry, encode};

/// After a failed attempt: soon enough that a writer hardly notices a passing fault, seldom
/// enough that a lasting one costs nothing.
const RETRY_AFTER: Duration = Duration::from_millis(200);
/// Nothing to do: the condition variable wakes the thread, this only bounds a lost wake-up.
const IDLE_WAIT: Duration = Duration::from_secs(5);

/// Runs until the store is closed or poisoned.
pub(crate) fn run(core: &Core) {
    loop {
        let state = core.seal_state();
        if state.is_stopping || core.poisoned().is_some() {
            return;
        }
        let has_failed = state.failure.is_some();
        let Some(frozen) = core.manifest().frozen.clone() else {
            drop(core.wait_for_seal_change(state, IDLE_WAIT));
            continue;
        };
        if has_failed {
            let state = core.wait_for_seal_change(state, RETRY_AFTER);
            if state.is_stopping {
                return;
            }
        } else {
            drop(state);
        }
        let failure = seal(core, &frozen).err().map(|error| error.to_string());
        if let Some(reason) = &failure {
            tracing::warn!(reason, "sealing failed and will be tried again");
        }
        core.change_seal_state(|state| state.failure = failure);
    }
}

fn seal(core: &Core, frozen: &Frozen) -> io::Result<()> {
    let faults = &core.options.faults;
    let id = frozen.id;
    let mut values: u32 = 0;
    // Plain inserts: a Batch this large would hold every reader up while it is applied.
    let insert = |key: &[u8], value: Vec<u8>| {
        faults.at(Step::SealBlocks)?;
        values += 1;
        if values.is_multiple_of(SYNC_EVERY) {
            core.flush_and_sync()?;
        }
        core.insert_in_segments(id, key, value).map_err(io::Error::other)
    };
    let encoded = encode(&*frozen.memory, SegmentEntry::outline(id, 0, frozen.memory.first(), frozen.last), insert)?;
    // Before the manifest entry: a crash must not leave an entry whose blocks are lost.
    core.flush_and_sync()?;
    faults.at(Step::SealSynced)?;
    let entry = encoded.entry;
    core.insert_in_segments(id, &keys::manifest(id), entry.encode()).map_err(io::Error::other)?;
    faults.at(Step::SealPublished)?;
    core.flush_and_sync()?;
    faults.at(Step::SealDurable)?;
    let sealed = SealedSegment::sealed(core.segments.clone(), encoded).map_err(io::Error::other)?;
    let memory_bytes = sealed.memory_bytes();
    core.change_manifest(|manifest| {
        manifest.sealed.push(Arc::new(sealed));
        manifest.frozen = None;
    });
    tracing::debug!(id, blocks = entry.posting_blocks, terms = entry.terms, memory_bytes, "sealed a segment");
    Ok(())
}

/// Freezes the active segment if it has reached a limit. Called by the one writer, between groups
/// only: a segment ends where a commit ends, and nothing of it may be taken back later.
///
/// At most two segments are unsealed, so this waits for the sealer when it has to.
pub(crate) fn rotate_if_full(core: &Core) -> Result<(), GroupError> {
    let manifest = core.manifest();
    let Some(last) = manifest.active.last_commit() else {
        return Ok(());
    };
    if !is_full(core, &manifest.active) {
        return Ok(());
    }
    drop(manifest);
    wait_until_sealed(core)?;
    let id = core.take_segment_id();
    core.change_manifest(|manifest: &mut Manifest| {
        let memory = std::mem::replace(&mut manifest.active, Arc::new(MemorySegment::new(last.last_number + 1)));
        manifest.frozen = Some(Arc::new(Frozen { memory, last, id }));
    });
    core.change_seal_state(|_| {});
    Ok(())
}

/// Waits until no segment is being sealed.
pub(crate) fn wait_until_sealed(core: &Core) -> Result<(), GroupError> {
    let mut state = core.seal_state();
    while core.manifest().frozen.is_some() {
        if let Some(reason) = core.poisoned() {
            return Err(GroupError::Poisoned { reason: reason.to_owned() });
        }
        if let Some(reason) = &state.failure {
            return Err(GroupError::SealStalled { reason: reason.clone() });
        }
        state = core.wait_for_seal_change(state, IDLE_WAIT);
    }
    Ok(())
}

fn is_full(core: &Core, active: &MemorySegment) -> bool {
    let limits = &core.options.seal;
    active.numbers() >= limits.numbers
        || active.term_bytes() >= limits.term_bytes
        || active.log_bytes() >= limits.log_bytes
}
