//! What the writer, the readers and the background threads of one open store share.

use std::fmt::Display;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use super::Options;
use super::closed_bitmap::ClosedBitmap;
use super::commit::Head;
use super::errors::Damage;
use super::faults::Step;
use super::flush_watch::FlushWatch;
use super::guard::guard;
use super::log::Log;
use super::manifest::Manifest;
use super::memory_segment::CommitMark;
use super::note::NoteFile;
use super::segment::SealedSegment;
use super::tap::Given;

/// One open store, without its threads.
pub(crate) struct Core {
    /// The first to go: its thread has a handle on the engine.
    flushes: FlushWatch,
    pub(crate) db: ::sled::Db,
    /// Our own handle on sled's file: sled's flush alone does not reach the disk.
    pub(crate) db_file: File,
    /// That of the threads beside the writer. Of writes that failed the system tells each handle once: to sync by one tells
    /// nothing to the other.
    background_file: File,
    pub(crate) log: Log,
    pub(crate) segments: ::sled::Tree,
    pub(crate) data_directory: PathBuf,
    pub(crate) options: Options,
    pub(crate) note: NoteFile,
    pub(crate) closed: ClosedBitmap,
    /// How often a group was taken back, twice for each: odd while one is.
    discards: AtomicU64,
    /// Segments that were merged into others. A reader with an old manifest may still read them; their
    /// values are removed when nobody does.
    retired: Mutex<Vec<Arc<SealedSegment>>>,
    /// Ids of segments that are not published and have values: what a seal or merge left behind that was cut short.
    remains: Mutex<Vec<Range<u64>>>,
    next_segment_id: AtomicU64,
    manifest: RwLock<Arc<Manifest>>,
    head: RwLock<Head>,
    poison: OnceLock<String>,
    sealing: Mutex<SealState>,
    sealing_changed: Condvar,
}

/// How the sealer and the merger are doing.
#[derive(Default)]
pub(crate) struct SealState {
    /// Why the last attempt to seal failed, until one succeeds.
    pub(crate) failure: Option<String>,
    /// Why the last attempt to merge or to compact failed, until one succeeds.
    pub(crate) merge_failure: Option<String>,
    /// The store is open, and may be changed in the background.
    pub(crate) may_merge: bool,
    /// The store is being closed.
    pub(crate) is_stopping: bool,
}

/// The engine's parts, freshly opened.
pub(crate) struct Opened {
    pub(crate) flushes: FlushWatch,
    pub(crate) db: ::sled::Db,
    pub(crate) db_file: File,
    pub(crate) background_file: File,
    pub(crate) log: ::sled::Tree,
    pub(crate) segments: ::sled::Tree,
    pub(crate) note: NoteFile,
    /// Above all ids of segments that have an entry or values.
    pub(crate) next_segment_id: u64,
    /// Ids of segments that have values and are not published.
    pub(crate) remains: Vec<Range<u64>>,
}

impl Core {
    pub(crate) fn new(opened: Opened, data_directory: PathBuf, options: Options, manifest: Manifest) -> Self {
        Self {
            flushes: opened.flushes,
            db: opened.db,
            db_file: opened.db_file,
            background_file: opened.background_file,
            log: Log::new(opened.log, options.kept.frames),
            segments: opened.segments,
            data_directory,
            options,
            note: opened.note,
            closed: ClosedBitmap::default(),
            discards: AtomicU64::new(0),
            retired: Mutex::default(),
            remains: Mutex::new(opened.remains),
            next_segment_id: AtomicU64::new(opened.next_segment_id),
            manifest: RwLock::new(Arc::new(manifest)),
            head: RwLock::default(),
            poison: OnceLock::new(),
            sealing: Mutex::default(),
            sealing_changed: Condvar::new(),
        }
    }

    /// The newest published commit.
    pub(crate) fn head(&self) -> Head {
        *self.head.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets readers see everything up to `head`.
    pub(crate) fn publish(&self, head: Head) {
        *self.head.write().unwrap_or_else(PoisonError::into_inner) = head;
    }

    /// The current manifest. Ask for the head first: a later manifest covers an earlier head, not
    /// the other way round.
    pub(crate) fn manifest(&self) -> Arc<Manifest> {
        Arc::clone(&self.manifest.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the manifest by what `change` makes of it; readers keep the one they hold.
    pub(crate) fn change_manifest(&self, change: impl FnOnce(&mut Manifest)) {
        let mut current = self.manifest.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Manifest::clone(&current);
        change(&mut next);
        *current = Arc::new(next);
    }

    /// Segments that are no longer part of the manifest and not yet removed, the oldest first.
    pub(crate) fn retired(&self) -> MutexGuard<'_, Vec<Arc<SealedSegment>>> {
        self.retired.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be removed besides: ranges of ids.
    pub(crate) fn remains(&self) -> MutexGuard<'_, Vec<Range<u64>>> {
        self.remains.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An id for a new segment.
    pub(crate) fn take_segment_id(&self) -> u64 {
        self.next_segment_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes no write from now on. The first reason is kept.
    pub(crate) fn poison(&self, reason: impl Display) {
        let reason = reason.to_string();
        tracing::error!(reason, "the store takes no write until it is reopened");
        // A second failure follows from the first, which is the one worth telling.
        let _ = self.poison.set(reason);
        self.sealing_changed.notify_all();
    }

    pub(crate) fn poisoned(&self) -> Option<&str> {
        self.poison.get().map(String::as_str)
    }

    /// Whether the engine takes nothing any more, and the store wants to be reopened: what could not be read meanwhile, sled's
    /// panics included, is not known to be damaged.
    pub(crate) fn has_failed(&self) -> bool {
        if self.poisoned().is_none()
            && let Err(failure) = self.flushes.ask()
            && failure.refusal().is_some()
        {
            self.poison(format_args!("the engine does not write: {failure}"));
        }
        self.poisoned().is_some()
    }

    /// Makes everything that was given to the engine durable: for the writer, whose group is acknowledged then.
    pub(crate) fn flush_and_sync_group(&self) -> io::Result<()> {
        self.make_durable(&self.db_file, || self.options.faults.at(Step::AfterFlush))
    }

    /// Makes everything that was given to the engine durable: for the threads beside the writer.
    pub(crate) fn flush_and_sync(&self) -> io::Result<()> {
        self.make_durable(&self.background_file, || Ok(()))
    }

    fn make_durable(&self, file: &File, after_flush: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        self.options.tap.tell(Given::Flushed);
        self.flush().map_err(io::Error::other)?;
        after_flush()?;
        // After the flush: sled hands its buffers to the system, this hands them to the disk. Whoever fails may have lost what
        // others gave the engine: nobody may go on after it.
        let synced = self.options.faults.at(Step::EngineSync).and_then(|()| file.sync_data());
        synced.inspect_err(|error| self.poison(format_args!("the engine's file could not be synced: {error}")))?;
        match self.poisoned() {
            Some(reason) => Err(io::Error::other(reason.to_owned())),
            None => Ok(()),
        }
    }

    /// Gives the engine a value of a segment, or the entry that publishes one.
    pub(crate) fn insert_in_segments(&self, id: u64, key: &[u8], value: Vec<u8>) -> Result<(), Damage> {
        self.options.tap.tell(Given::Segment { key, value: &value });
        let inserted = guard(format_args!("segment {id}"), || self.segments.insert(key, value)).map(drop);
        inserted.inspect_err(|_| {
            // sled does not forget an error of the device: it writes nothing any more, not what the writer waits for either.
            // Whether this was one, a flush tells.
            let _ = self.flush();
        })
    }

    pub(crate) fn flushes(&self) -> &FlushWatch {
        &self.flushes
    }

    /// Hands what sled was given to the system; where it cannot, nothing is written any more.
    fn flush(&self) -> Result<(), Damage> {
        self.flushes.flush().inspect_err(|damage| self.poison(format_args!("the engine does not write: {damage}")))
    }

    pub(crate) fn seal_state(&self) -> MutexGuard<'_, SealState> {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change_seal_state(&self, change: impl FnOnce(&mut SealState)) {
        change(&mut self.seal_state());
        self.sealing_changed.notify_all();
    }

    /// Waits until something about sealing may have changed.
    pub(crate) fn wait_for_seal_change<'a>(
        &'a self,
        state: MutexGuard<'a, SealState>,
        at_most: std::time::Duration,
    ) -> MutexGuard<'a, SealState> {
        self.sealing_changed.wait_timeout(state, at_most).unwrap_or_else(PoisonError::into_inner).0
    }

    /// The number that closed `number`, published or not.
    pub(crate) fn closed_by(&self, number: u64) -> Result<Option<u64>, Damage> {
        loop {
            let discards = self.discards.load(Ordering::SeqCst);
            if !self.closed.contains(number) {
                return Ok(None);
            }
            if let Some(found) = self.find_closing(number)? {
                return Ok(Some(found));
            }
            // A group that was taken back meanwhile is not damage, and another may close the number again right behind it.
            let is_same = self.discards.load(Ordering::SeqCst) == discards && discards.is_multiple_of(2);
            if is_same && self.closed.contains(number) {
                return Err(Damage::new(format!("closing of number {number}: missing")));
            }
            std::thread::yield_now();
        }
    }

    /// Says that a group begins to be taken back, or that it was.
    pub(crate) fn note_discard(&self) {
        self.discards.fetch_add(1, Ordering::SeqCst);
    }

    fn find_closing(&self, number: u64) -> Result<Option<u64>, Damage> {
        let manifest = self.manifest();
        let frozen = manifest.frozen.iter().map(|frozen| &*frozen.memory);
        for memory in [&*manifest.active].into_iter().chain(frozen) {
            if let Some(found) = memory.closed_by(number) {
                return Ok(Some(found));
            }
        }
        // Newest first; a segment that ends before the number cannot have closed it.
        for segment in manifest.sealed.iter().rev() {
            if segment.entry().last <= number {
                break;
            }
            if let Some(found) = segment.closed_by(number)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The last commit within `head` for which `holds`, which must hold for a prefix of all
    /// commits. Memory answers for the newest; before that the log is searched within a segment.
    pub(crate) fn last_commit_where(
        &self,
        head: Head,
        holds: impl Fn(&CommitMark) -> bool,
    ) -> Result<Option<CommitMark>, Damage> {
        let holds = &|commit: &CommitMark| commit.last_number <= head.number && holds(commit);
        let manifest = self.manifest();
        let frozen = manifest.frozen.iter().map(|frozen| &*frozen.memory);
        for memory in [&*manifest.active].into_iter().chain(frozen) {
            if let Some(found) = memory.last_commit_where(holds) {
                return Ok(Some(found));
            }
        }
        let whole = manifest.sealed.partition_point(|segment| {
            let entry = segment.entry();
            holds(&CommitMark {
                revision: entry.last_revision,
                time_us: entry.last_time_us,
                first_number: entry.last,
                last_number: entry.last,
            })
        });
        // Everything up to `low` holds; the answer is there or in the segment that follows.
        let low = match whole.checked_sub(1) {
            Some(index) => manifest.sealed[index].entry().last,
            None => 0,
        };
        let high = manifest.sealed.get(whole).map_or(low, |segment| segment.entry().last);
        self.search_log(low, high, holds)
    }

    /// Binary search over the numbers `low..=high`; everything up to `low` is known to hold.
    fn search_log(
        &self,
        mut low: u64,
        mut high: u64,
        holds: impl Fn(&CommitMark) -> bool,
    ) -> Result<Option<CommitMark>, Damage> {
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let commit = self.mark_at(middle)?;
            if holds(&commit) {
                low = commit.last_number;
            } else {
                high = commit.first_number - 1;
            }
        }
        match low {
            0 => Ok(None),
            1.. => self.mark_at(low).map(Some),
        }
    }

    fn mark_at(&self, number: u64) -> Result<CommitMark, Damage> {
        let header = self.log.frame_at(number)?.header;
        Ok(CommitMark {
            revision: header.revision,
            time_us: header.time_us,
            first_number: header.commit_first,
            last_number: header.commit_last(),
        })
    }
}
