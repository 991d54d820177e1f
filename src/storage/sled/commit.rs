//! A commit as it goes in and as it comes out: opaque bytes and numbers, nothing of the domain.

use std::sync::Arc;

use bytes::Bytes;

/// Terms (1 to 255 bytes), each with the number it is posted under.
pub type NewPostings = Vec<(Vec<u8>, u64)>;

/// A commit to append. Numbers and revisions are dense: the writer refuses anything else.
#[derive(Debug, Clone, Default)]
pub struct NewCommit {
    /// The revision after the newest one.
    pub revision: u64,
    /// Commit time; never before that of the revision before.
    pub time_us: i64,
    /// The number after the newest one. The commit takes one number per version, at least one.
    pub first_number: u64,
    /// Opaque bytes about the commit as a whole: who, request id, results.
    pub note: Vec<u8>,
    /// One version per number, in order.
    pub versions: Vec<Vec<u8>>,
    /// Texts by the number of the version they belong to, ascending.
    pub texts: Vec<(u64, Arc<str>)>,
    /// What it is found by.
    pub terms: NewPostings,
    /// (older number, number of this commit that replaced it).
    pub closings: Vec<(u64, u64)>,
}

impl NewCommit {
    /// How many numbers the commit takes: a commit without versions takes one blank number.
    pub fn number_count(&self) -> u64 {
        self.versions.len().max(1) as u64
    }

    /// The last number the commit takes.
    pub fn last_number(&self) -> u64 {
        self.first_number + self.number_count() - 1
    }
}

/// A position in the log: the newest commit there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Its revision; 0 in an empty store.
    pub revision: u64,
    /// Its last number; 0 in an empty store.
    pub number: u64,
    /// Its commit time.
    pub time_us: i64,
    /// Its chain value.
    pub(crate) chain: [u8; 32],
}

/// The header of a commit, without its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawHeader {
    /// Revision of the commit.
    pub revision: u64,
    /// Commit time.
    pub time_us: i64,
    /// First number of the commit.
    pub first_number: u64,
    /// How many numbers it takes; one more than it has versions if it has none.
    pub number_count: u64,
    /// The note, or `None` if it was blanked.
    pub note: Option<Bytes>,
    /// Numbers that have a text (blanked ones are left out).
    pub texts: Vec<u64>,
}

/// A whole commit as read from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawCommit {
    /// What is known of the commit as a whole.
    pub header: RawHeader,
    /// One per version, `None` where a version was blanked.
    pub versions: Vec<Option<Bytes>>,
}

/// One version as read from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawVersion {
    /// Its number.
    pub number: u64,
    /// Revision of its commit.
    pub revision: u64,
    /// Time of its commit.
    pub time_us: i64,
    /// Its place in the commit, from 0.
    pub position: u64,
    /// Its bytes, or `None` if it was blanked.
    pub bytes: Option<Bytes>,
}

/// What the layer above derives again from a commit of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// The terms the commit was appended with.
    pub terms: NewPostings,
    /// The closings the commit was appended with.
    pub closings: Vec<(u64, u64)>,
}

/// Derives terms and closings from stored bytes, exactly as they were when the commit was
/// appended: open uses it for the unsealed tail, verify for everything.
pub trait Replay: Sync {
    /// The terms and closings of `commit`, or why its bytes cannot be read.
    fn replay(&self, commit: &RawCommit) -> Result<Replayed, String>;
}

impl<F: Fn(&RawCommit) -> Result<Replayed, String> + Sync> Replay for F {
    fn replay(&self, commit: &RawCommit) -> Result<Replayed, String> {
        self(commit)
    }
}
