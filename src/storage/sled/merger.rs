//! The thread that makes large segments of small ones, so that a read has few to look into, and compacts what
//! will not change any more, so that the store takes little more room than what it holds.
//!
//! Nobody waits for it: it stands back while a segment is sealed, rests while it merges, and when it
//! fails it tries again later, while the parts go on answering.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::{Duration, Instant};

use super::compact::{compact, move_after};
use super::core::Core;
use super::faults::Step;
use super::guard::guard;
use super::memory_segment::CommitMark;
use super::pace::{IDLE_WAIT, Interruption, Pace, is_ending, must_have_room};
use super::segment::{Merged, SealedSegment, SegmentEntry, encode};
use super::tap::Given;
use super::{keys, merge_choice};
use crate::storage::ON_DAMAGE;

/// After the first failed attempt; doubled after each further one, up to the longest.
const RETRY_AFTER: Duration = Duration::from_millis(200);
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
/// How often to look whether the readers of a replaced segment have ended.
const RELEASE_POLL: Duration = Duration::from_millis(50);
/// Replaced segments that wait for their readers. With more nothing is merged: a reader that never ends
/// shall not make the store grow without end.
const RETIRED_MAX: usize = 64;

/// A merge that was decided on. A failed one is tried again as it is: the same id and the same parts
/// give the same values.
struct Plan {
    id: u64,
    /// Adjacent, the oldest first.
    parts: Vec<Arc<SealedSegment>>,
}

/// Runs until the store is closed or poisoned.
pub(crate) fn run(core: &Core) {
    let mut planned = None;
    let mut failures = 0;
    while wait_for_work(core, failures) {
        match work(core, &mut planned) {
            Ok(()) => {
                failures = 0;
                core.change_seal_state(|state| state.merge_failure = None);
                continue;
            }
            Err(Interruption::Stopped) => return,
            // An engine that has failed fails at reading, too; what is really damaged shows when it is open again.
            Err(Interruption::Damage(_)) if core.has_failed() => return,
            Err(Interruption::Damage(damage)) => {
                tracing::error!(
                    what = damage.what,
                    "nothing is merged or compacted: what is stored is damaged; {ON_DAMAGE}"
                );
                core.options.on_damage.raise(&damage);
                core.change_seal_state(|state| state.merge_failure = Some(damage.what));
            }
            Err(Interruption::Failure(reason)) => {
                tracing::warn!(reason, "merging or compacting failed and will be tried again");
                core.change_seal_state(|state| state.merge_failure = Some(reason));
            }
        }
        failures += 1;
    }
}

/// Waits until there is something to do, after failures for a while; false when the store is to be
/// closed.
fn wait_for_work(core: &Core, failures: u32) -> bool {
    let pause = RETRY_AFTER.saturating_mul(1 << failures.min(16)) / 2;
    let retry_at = (failures > 0).then(|| Instant::now() + pause.min(RETRY_AFTER_MAX));
    let mut state = core.seal_state();
    loop {
        if is_ending(core, &state) {
            return false;
        }
        let pause = retry_at.map(|at| at.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero());
        let at_most = match pause {
            Some(left) => left,
            None if !state.may_merge => IDLE_WAIT,
            None if released(core).is_some()
                || !core.remains().is_empty()
                || uncompacted(core).is_some()
                || may_plan(core) =>
            {
                return true;
            }
            None if core.retired().is_empty() => IDLE_WAIT,
            None => RELEASE_POLL,
        };
        state = core.wait_for_seal_change(state, at_most);
    }
}

fn may_plan(core: &Core) -> bool {
    core.retired().len() < RETIRED_MAX && choice(core).is_some()
}

/// The oldest segment that was not compacted yet.
fn uncompacted(core: &Core) -> Option<Arc<SealedSegment>> {
    core.manifest().sealed.iter().find(|segment| !segment.is_compacted()).cloned()
}

/// What is to be merged next.
fn choice(core: &Core) -> Option<Vec<Arc<SealedSegment>>> {
    let manifest = core.manifest();
    // Of a merged segment, the part of the log that it covers is not compacted any more.
    let compacted = manifest.sealed.iter().take_while(|segment| segment.is_compacted());
    let entries: Vec<SegmentEntry> = compacted.map(|segment| *segment.entry()).collect();
    let chosen = merge_choice::choose(&entries, &core.options.merge)?;
    manifest.sealed.get(chosen).map(<[_]>::to_vec)
}

/// Waits until nothing is to be compacted or merged, and nothing of what was merged is left.
pub(crate) fn wait_until_merged(core: &Core) -> Result<(), String> {
    loop {
        let state = core.seal_state();
        if uncompacted(core).is_none()
            && choice(core).is_none()
            && core.retired().is_empty()
            && core.remains().is_empty()
        {
            return Ok(());
        }
        if let Some(reason) = core.poisoned().or(state.merge_failure.as_deref()) {
            return Err(reason.to_owned());
        }
        drop(core.wait_for_seal_change(state, RELEASE_POLL));
    }
}

/// Removes what nobody reads any more, compacts the oldest that was not, then merges once.
fn work(core: &Core, planned: &mut Option<Plan>) -> Result<(), Interruption> {
    while let Some(ids) = next_remains(core) {
        remove_remains(core, &ids)?;
        core.remains().pop();
    }
    while let Some(entry) = released(core) {
        remove(core, &entry)?;
        core.retired().retain(|segment| segment.entry().id != entry.id);
    }
    if let Some(segment) = uncompacted(core) {
        compact(core, segment.entry())?;
        segment.set_compacted();
    }
    if planned.is_none() && may_plan(core) {
        *planned = choice(core).map(|parts| Plan { id: core.take_segment_id(), parts });
    }
    if let Some(plan) = planned {
        merge(core, plan)?;
        // Lets go of the parts: they are removed when the last reader does.
        *planned = None;
    }
    Ok(())
}

fn merge(core: &Core, plan: &Plan) -> Result<(), Interruption> {
    let (Some(oldest), Some(newest)) = (plan.parts.first(), plan.parts.last()) else {
        return Ok(());
    };
    let (begin, end) = (oldest.entry(), newest.entry());
    let values: u64 = plan.parts.iter().map(|part| part.entry().value_count()).sum();
    must_have_room(core, values * VALUE_BYTES)?;
    let id = plan.id;
    let faults = &core.options.faults;
    let mut pace = Pace::new(core);
    // Plain inserts: a Batch this large would hold every reader up while it is applied.
    let insert = |key: &[u8], value: Vec<u8>| {
        pace.step()?;
        faults.at(Step::MergeBlocks)?;
        core.insert_in_segments(id, key, value).map_err(Interruption::unwritten)
    };
    let last = CommitMark {
        revision: end.last_revision,
        time_us: end.last_time_us,
        first_number: end.last,
        last_number: end.last,
    };
    let outline = SegmentEntry::outline(id, begin.level.saturating_add(1), begin.first, last);
    let encoded = encode(Merged::new(plan.parts.iter().map(|part| &**part))?, outline, insert)?;
    // Before the manifest entry: a crash must not leave an entry whose blocks are lost.
    core.flush_and_sync()?;
    faults.at(Step::MergeSynced)?;
    let entry = encoded.entry;
    core.insert_in_segments(id, &keys::manifest(id), entry.encode()).map_err(Interruption::unwritten)?;
    faults.at(Step::MergePublished)?;
    // Before the parts are removed: a crash must leave either them or the entry.
    core.flush_and_sync()?;
    faults.at(Step::MergeDurable)?;
    let merged = Arc::new(SealedSegment::sealed(core.segments.clone(), encoded)?);
    core.retired().extend(plan.parts.iter().cloned());
    core.change_manifest(|manifest| {
        // Segments were sealed meanwhile, but behind these; and only this thread takes any away.
        let start = manifest.sealed.partition_point(|segment| segment.entry().last < begin.first);
        manifest.sealed.splice(start..start + plan.parts.len(), [Arc::clone(&merged)]);
    });
    let (parts, memory_bytes) = (plan.parts.len(), merged.memory_bytes());
    tracing::debug!(id, parts, level = entry.level, terms = entry.terms, memory_bytes, "merged segments");
    Ok(())
}

fn next_remains(core: &Core) -> Option<Range<u64>> {
    core.remains().last().cloned()
}

/// Removes the values of ids that are not published: a large merge leaves tens of thousands, which an open would wait for.
fn remove_remains(core: &Core, ids: &Range<u64>) -> Result<(), Interruption> {
    must_have_room(core, 0)?;
    let mut pace = Pace::new(core);
    let (from, to) = (keys::segment_start(ids.start), keys::segment_start(ids.end));
    let mut removed = 0_u64;
    let mut keys = core.segments.range(&from[..]..&to[..]).keys();
    while let Some(key) = guard(format_args!("remains of segments {ids:?}"), || keys.next().transpose())? {
        remove_value(core, &mut pace, &key)?;
        removed += 1;
    }
    tracing::info!(removed, "removed what an unfinished seal or merge left behind");
    move_after(core, removed * VALUE_BYTES)
}

/// About what a value takes.
const VALUE_BYTES: u64 = 4096;

/// A replaced segment that no manifest holds any more: nobody can begin to read it.
fn released(core: &Core) -> Option<SegmentEntry> {
    let retired = core.retired();
    let found = retired.iter().find(|segment| Arc::strong_count(segment) == 1)?;
    // What the last reader did happened before; counting alone does not say so.
    fence(Ordering::Acquire);
    Some(*found.entry())
}

fn remove(core: &Core, entry: &SegmentEntry) -> Result<(), Interruption> {
    must_have_room(core, 0)?;
    let mut pace = Pace::new(core);
    // First, so that what is left after a crash are values without an entry.
    remove_value(core, &mut pace, &keys::manifest(entry.id))?;
    for (kind, count) in entry.values() {
        for index in 0..count {
            remove_value(core, &mut pace, &keys::segment(entry.id, kind, index))?;
        }
    }
    core.options.faults.at(Step::MergeRemoved)?;
    move_after(core, entry.value_count() * VALUE_BYTES)
}

fn remove_value(core: &Core, pace: &mut Pace<'_>, key: &[u8]) -> Result<(), Interruption> {
    pace.step()?;
    core.options.faults.at(Step::MergeRemoving)?;
    core.options.tap.tell(Given::Removed { key });
    let described = format_args!("a value of the segments, {}", key.escape_ascii());
    guard(described, || core.segments.remove(key)).map(drop).map_err(Interruption::unwritten)
}
