//! The engine layer on sled: an append-only log of commits and sealed index segments. It knows
//! bytes, terms and numbers, nothing of claims; everything here blocks.
//!
//! `docs/storage-format.md` describes what lies on disk. A write goes `writer` → `frame_encode` →
//! sled, a read `reader` → `postings` and `log`; `sealer` packs full memory segments behind them,
//! and `merger` makes large segments of small ones and has `compact` move together what will not change any more.

mod appender;
mod bits;
mod bytes_codec;
mod chain;
mod closed_bitmap;
mod commit;
mod compact;
mod compression;
mod core;
mod engine;
mod errors;
mod faults;
mod flush_watch;
mod frame;
mod frame_encode;
mod frame_starts;
mod guard;
mod keys;
mod log;
mod log_writes;
mod manifest;
mod memory_segment;
mod merge_choice;
mod merger;
mod met_lately;
mod note;
mod open;
mod open_store;
mod pace;
mod pages;
mod postings;
mod probe;
mod reader;
mod rules;
mod runs;
mod sealer;
mod segment;
mod space;
mod store;
mod stored_manifest;
mod tail;
mod tap;
mod terms;
mod text;
mod verify;
mod walk;
mod writer;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use commit::{Head, NewCommit, NewPostings, RawCommit, RawHeader, RawVersion, Replay, Replayed};
pub use engine::{EngineOptions, QueryLimits, SledStore, StoredCommits, threads_beside_reads};
pub use errors::{Damage, DamageAlarm, GroupError, OpenError, ReopenError};
pub use faults::{Faults, Step};
pub use open::FORMAT as FORMAT_VERSION;
pub use postings::{Direction, Postings};
pub use probe::{ProbeFailure, ProbeLimits, probe, probe_here};
pub use reader::{Reader, Versions};
pub use rules::{NOTE_BYTES_MAX, ORDERED_TERMS_FROM, TERM_BYTES_MAX, TEXT_BYTES_MAX, VERSION_BYTES_MAX, VERSIONS_MAX};
pub use store::Store;
pub use tap::{Given, Tap};
pub use terms::Terms;
pub use verify::{Report, verify, verify_here};
pub use writer::Writer;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Pages sled keeps in memory, as it counts them (`pages`).
    pub cache_bytes: u64,
    /// What is kept of what was read lately.
    pub kept: KeptLimits,
    /// When a memory segment is sealed.
    pub seal: SealLimits,
    /// How sealed segments are merged.
    pub merge: MergeLimits,
    /// Told what is damaged when a background thread meets it.
    pub on_damage: DamageAlarm,
    /// Whether it is opened only to see that it can be: then it is neither given a newer format nor merged.
    pub only_looks: bool,
    /// Free bytes that must remain on the device. 64 MiB lets the store be opened, sealed and
    /// closed on a device that takes no more commits.
    pub reserve_bytes: u64,
    /// Between two syncs of the head note, at least: each takes the disk from the commits, whose own syncs make them durable.
    /// By so much may a note that outlives a loss of power be behind them.
    pub note_pause: Duration,
    /// What shall fail, in tests.
    pub faults: Faults,
    /// Who is told what sled is given, in benchmarks.
    pub tap: Tap,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: 80 << 20,
            kept: KeptLimits::default(),
            seal: SealLimits::default(),
            merge: MergeLimits::default(),
            on_damage: DamageAlarm::default(),
            only_looks: false,
            reserve_bytes: 64 << 20,
            note_pause: Duration::from_millis(20),
            faults: Faults::default(),
            tap: Tap::default(),
        }
    }
}

/// Bytes that are kept of what was read lately, about, in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptLimits {
    /// Frames, before they are decoded: 16 MiB are some 3,500, those of records that many refer to, and of the newest.
    pub frames: usize,
    /// Versions, as they are in the domain: what is asked for again within minutes, which is mostly the newest. To read a
    /// version again costs some twenty times what it costs to find it here.
    pub versions: usize,
    /// Sources that the writer found. With 16 MiB, all of it forgotten when full, a million claims by 60,000 people went into
    /// the log for most sources they name.
    pub sources: usize,
}

impl Default for KeptLimits {
    fn default() -> Self {
        Self { frames: 16 << 20, versions: 64 << 20, sources: 32 << 20 }
    }
}

/// A memory segment is sealed after the group that reaches any of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealLimits {
    /// Numbers in a segment. More make an open after a crash slower, fewer make more segments to
    /// look into.
    pub numbers: u64,
    /// Bytes of distinct terms; bounds the memory of a segment.
    pub term_bytes: u64,
    /// Bytes of log; bounds what an open after a crash reads.
    pub log_bytes: u64,
}

impl SealLimits {
    /// Seals nothing.
    pub const NEVER: Self = Self { numbers: u64::MAX, term_bytes: u64::MAX, log_bytes: u64::MAX };
}

impl Default for SealLimits {
    fn default() -> Self {
        Self { numbers: 65_536, term_bytes: 64 << 20, log_bytes: 64 << 20 }
    }
}

/// Which segments are merged. What a read must look into stays logarithmic in what is stored as long
/// as no limit is met; beyond that every segment of the largest size counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeLimits {
    /// Adjacent segments of one level that become one of the next. More write less often, and leave
    /// more segments to look into: up to one less than this of each level.
    pub segments: usize,
    /// Numbers in a merged segment, at most. The numbers of a term are in memory while it is merged, at
    /// 4 bytes each, and the closings at 16.
    pub numbers: u64,
    /// Terms in a merged segment, at most. Their hashes are in memory while it is merged, at 8 bytes
    /// each, and verify keeps the terms themselves.
    pub terms: u64,
}

impl MergeLimits {
    /// Nothing is merged.
    pub const NEVER: Self = Self { segments: 0, numbers: 0, terms: 0 };
}

impl Default for MergeLimits {
    /// With four, a million numbers lie in at most six segments, and each posting is written three times. The others keep a merge below 100 MiB of memory.
    fn default() -> Self {
        Self { segments: 4, numbers: 2 << 20, terms: 8 << 20 }
    }
}
