//! Places where a test can make a commit, a seal or background work fail, or kill the process.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A place that a commit, a seal or background work passes, in the order they are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Commit: nothing was given to the engine.
    BeforeApply,
    /// Commit: the group is applied, in memory at least.
    AfterApply,
    /// Commit: the engine has written its buffers.
    AfterFlush,
    /// Commit: the group is durable.
    AfterSync,
    /// Commit: the head note names the group; the caller was not answered.
    AfterNote,
    /// Open, commit, seal, compaction or merge: what the engine has written is about to be synced.
    EngineSync,
    /// The note's own thread is about to sync it.
    NoteSync,
    /// Seal: passed before every block.
    SealBlocks,
    /// Seal: the blocks are durable, the manifest entry is not written.
    SealSynced,
    /// Seal: the manifest entry is written, not durable.
    SealPublished,
    /// Seal: the manifest entry is durable, the segment is not yet in use.
    SealDurable,
    /// Compaction: passed before every page that is written anew.
    Compacting,
    /// Merge: passed before every block.
    MergeBlocks,
    /// Merge: the blocks are durable, the manifest entry is not written.
    MergeSynced,
    /// Merge: the manifest entry is written, not durable.
    MergePublished,
    /// Merge: the manifest entry is durable, the merged segment is not yet in use.
    MergeDurable,
    /// Merge: passed before every value of a merged part is removed.
    MergeRemoving,
    /// Merge: all values of a part are removed.
    MergeRemoved,
    /// Open: the tail of the log is replayed, the head note not yet written.
    OpenReplayed,
}

impl Step {
    const ALL: [Self; 19] = [
        Self::BeforeApply,
        Self::AfterApply,
        Self::AfterFlush,
        Self::AfterSync,
        Self::AfterNote,
        Self::EngineSync,
        Self::NoteSync,
        Self::SealBlocks,
        Self::SealSynced,
        Self::SealPublished,
        Self::SealDurable,
        Self::Compacting,
        Self::MergeBlocks,
        Self::MergeSynced,
        Self::MergePublished,
        Self::MergeDurable,
        Self::MergeRemoving,
        Self::MergeRemoved,
        Self::OpenReplayed,
    ];

    /// The name `CLAIMDB_CRASH_AT` knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeApply => "before-apply",
            Self::AfterApply => "after-apply",
            Self::AfterFlush => "after-flush",
            Self::AfterSync => "after-sync",
            Self::AfterNote => "after-note",
            Self::EngineSync => "engine-sync",
            Self::NoteSync => "note-sync",
            Self::SealBlocks => "seal-blocks",
            Self::SealSynced => "seal-synced",
            Self::SealPublished => "seal-published",
            Self::SealDurable => "seal-durable",
            Self::Compacting => "compacting",
            Self::MergeBlocks => "merge-blocks",
            Self::MergeSynced => "merge-synced",
            Self::MergePublished => "merge-published",
            Self::MergeDurable => "merge-durable",
            Self::MergeRemoving => "merge-removing",
            Self::MergeRemoved => "merge-removed",
            Self::OpenReplayed => "open-replayed",
        }
    }

    /// All steps, for tests that crash at each.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }
}

type Hook = dyn Fn(Step) -> io::Result<()> + Send + Sync;

/// What shall fail. Empty in production, where passing a step costs two comparisons.
#[derive(Clone, Default)]
pub struct Faults {
    hook: Option<Arc<Hook>>,
    crash: Option<Arc<Crash>>,
    free_bytes: Option<Arc<AtomicU64>>,
}

struct Crash {
    step: Step,
    passings_left: AtomicU64,
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Faults")
            .field("hook", &self.hook.is_some())
            .field("crash", &self.crash.as_ref().map(|crash| crash.step))
            .finish_non_exhaustive()
    }
}

impl Faults {
    /// Fails whatever step `hook` returns an error for.
    pub fn hook(hook: impl Fn(Step) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self { hook: Some(Arc::new(hook)), ..Self::default() }
    }

    /// Reads `CLAIMDB_CRASH_AT=step:n`: the process aborts when it passes the step the n-th time.
    /// Anything else in the variable is ignored with a warning.
    pub fn from_environment() -> Self {
        let Ok(wish) = std::env::var("CLAIMDB_CRASH_AT") else {
            return Self::default();
        };
        let crash = parse_crash(&wish);
        match &crash {
            Some(crash) => tracing::warn!(step = crash.step.name(), "will crash on purpose"),
            None => tracing::warn!(wish, "CLAIMDB_CRASH_AT is not step:n"),
        }
        Self { crash: crash.map(Arc::new), ..Self::default() }
    }

    /// Makes the device pretend to have this many free bytes, changeable while the store is open.
    #[must_use]
    pub fn with_free_bytes(mut self, free: Arc<AtomicU64>) -> Self {
        self.free_bytes = Some(free);
        self
    }

    pub(crate) fn at(&self, step: Step) -> io::Result<()> {
        if let Some(crash) = &self.crash
            && crash.step == step
            && crash.passings_left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            std::process::abort();
        }
        match &self.hook {
            Some(hook) => hook(step),
            None => Ok(()),
        }
    }

    pub(crate) fn pretended_free_bytes(&self) -> Option<u64> {
        self.free_bytes.as_ref().map(|free| free.load(Ordering::Relaxed))
    }
}

fn parse_crash(wish: &str) -> Option<Crash> {
    let (name, passing) = wish.split_once(':')?;
    let step = Step::all().find(|step| step.name() == name)?;
    let passing = passing.parse().ok().filter(|passing| *passing > 0)?;
    Some(Crash { step, passings_left: AtomicU64::new(passing) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_can_be_named() {
        for step in Step::all() {
            let crash = parse_crash(&format!("{}:3", step.name())).unwrap();
            assert_eq!(crash.step, step);
        }
        assert!(parse_crash("after-sync").is_none());
        assert!(parse_crash("after-sync:0").is_none());
        assert!(parse_crash("nowhere:1").is_none());
    }
}
