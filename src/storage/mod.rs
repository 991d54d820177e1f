//! The storage seam: what every engine promises, and the engines.

pub mod assemble;
mod clock;
pub mod codec;
mod compose;
mod error;
mod import;
pub mod memory;
mod overlay;
mod query;
pub mod sled;
mod times;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use crate::domain::model::Version;
use crate::domain::name::Name;
use crate::domain::plan::{Batch, Planned, Warning};
use crate::domain::term::Term;
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;

pub use clock::{Clock, SystemClock, commit_time};
pub use error::{CommitError, ON_DAMAGE, StoreError};
pub use query::{Counted, HeldBack, Page, PageRequest, Query, SIEVE_GROUPS, Sieve, Sifted, SketchGroup, TermRange};

pub use crate::domain::sort::{Cursor, Order, Sort};
pub use import::{
    Fence, ImportBatch, ImportCounts, ImportError, ImportItem, ImportProgress, ImportSession, Imported, Importing,
    ItemError, RecentBatch,
};

/// How many processors there are for this process: threads that compute are worth no more.
#[must_use]
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Where claims live. Every engine keeps these promises; each is a case of `tests/conformance`.
///
/// - A commit is applied whole or not at all. When `commit` returns, it is kept: on a durable engine it survives the loss
///   of the process and of power.
/// - Revisions are dense, start at 1, and follow the order in which commits become visible. Their times ascend strictly.
/// - Version numbers are dense over all records and follow revision, then position in the commit; they are the same in
///   every engine. A commit that changes no record takes one number for itself.
/// - What was acknowledged is found at once, by every read.
/// - A read as of a revision sees exactly the commits up to it, whatever is written meanwhile.
/// - A request id of a principal commits at most once. A repeat returns the first commit and its results, another
///   request under the same id is refused, and of concurrent repeats one commits.
/// - A refused batch, and one that is only validated, takes neither revision nor number nor request id. One that is only
///   validated is answered on its own, whatever its request id was used for.
/// - A batch that changes nothing makes no commit, unless it has a request id to be remembered.
/// - A result carries the version that holds as of the commit, or, when none was made, the one that would or does hold.
/// - A batch of an import is one commit. Each of its items sees the items before it, and is in the commit whole or not at
///   all; a record that several items change has a version of each, of which the last holds. How far the session came is
///   part of the commit, and so is what the caller is told of refused items; it is made even when it changes nothing. The same batch again is a duplicate and does nothing;
///   a batch that is not next, or whose stream has lost the session, is refused.
/// - The number, the data and the stream of such a batch are looked at before its items: a duplicate is one whatever is in it.
/// - Every read as of a revision beyond the newest is `RevisionInFuture`.
/// - `changes` yields every commit once, in order, without gaps.
/// - A page never holds more than it may, and pages join into the whole answer, nothing twice and nothing missing. Counts
///   join likewise.
/// - Pages joined together, with what a sieve held back of them, are the whole answer.
/// - What a filter means is `Filter::matches`, and an order `Cursor::compare`.
/// - Damage is reported as `StoreError::Corrupted`, never served.
#[async_trait]
pub trait ClaimStore: fmt::Debug + Send + Sync + 'static {
    /// What kind of engine this is.
    fn description(&self) -> Description;

    /// Plans and applies a batch. Runs to its end even when the caller goes away.
    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError>;

    /// Queues a batch of an import. Batches are committed in the order in which this returns; the answer follows when the
    /// commit is kept. Runs to its end even when the caller goes away.
    async fn import(&self, batch: ImportBatch) -> Importing;

    /// How far an import of a principal came, with all batches that were queued before, once those are kept; none when
    /// nothing of it was committed.
    async fn import_session(&self, principal: &str, session: &str) -> Result<Option<ImportProgress>, StoreError>;

    /// The newest kept commit; revision 0 of an empty store.
    async fn head(&self) -> Result<Head, StoreError>;

    /// The newest commit at or before a time; revision 0 before the first. For a time that has passed the answer is the
    /// same for as long as the store is open: it waits for commits under way, and no later one gets such a time.
    /// `Unavailable` while nobody can find out whether such a commit is kept.
    async fn head_at(&self, time: Timestamp) -> Result<Head, StoreError>;

    /// The commit with this revision; revision 0 is the empty store.
    ///
    /// # Errors
    /// `RevisionInFuture` beyond the head.
    async fn head_of(&self, revision: u64) -> Result<Head, StoreError>;

    /// The versions of these records that hold as of a revision, in the order asked; none where a record does not exist
    /// then. Articles come without the body of their text.
    async fn get(&self, names: &[Name], as_of: u64) -> Result<Vec<Option<Arc<Version>>>, StoreError>;

    /// A text by its hash; none when no article version carries it.
    async fn text(&self, sha256: Sha256) -> Result<Option<Arc<str>>, StoreError>;

    /// The versions that hold as of a revision and match a query, one page of them.
    async fn query(&self, query: &Query, as_of: u64, page: PageRequest) -> Result<Page, StoreError>;

    /// All versions that hold as of a revision and match a query, if there are no more of them than `limit`; none where there
    /// are more, and where finding that out would cost more than reading so many, as of what was replaced.
    async fn few(&self, query: &Query, as_of: u64, limit: usize) -> Result<Option<Vec<Arc<Version>>>, StoreError>;

    /// As `query`, in the order of recording, but what a sieve holds back is counted and not read. It may hold back less than
    /// it could, and a page with what was held back of it may be longer than one without a sieve.
    async fn sift(&self, query: &Query, sieve: &Sieve, as_of: u64, page: PageRequest) -> Result<Sifted, StoreError>;

    /// How many versions hold as of a revision and match a query. Its order does not matter; `after` is where an earlier
    /// answer broke off.
    async fn count(&self, query: &Query, as_of: u64, after: Option<Cursor>) -> Result<Counted, StoreError>;

    /// The terms within a range, in their order or the reverse, at most so many, each once: all that versions up to the head
    /// carry, those that were replaced among them. Whether one is carried as of a revision, a count tells.
    async fn terms(&self, range: &TermRange, order: Order, limit: usize) -> Result<Vec<Term>, StoreError>;

    /// The versions of one record that were made up to a revision, oldest first.
    async fn history(&self, name: &Name, as_of: u64, page: PageRequest) -> Result<Page, StoreError>;

    /// The commits after a revision, oldest first, at most `limit`, and fewer when they are large; none only after the
    /// newest. Of a large one, the versions that it begins with.
    ///
    /// # Errors
    /// `RevisionInFuture` beyond the head: whoever goes on from there knows commits that this store does not.
    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Commit>, StoreError>;

    /// Of the commit that took this number, which exists, the versions from it on.
    async fn changes_from(&self, number: u64) -> Result<Commit, StoreError>;

    /// Wakes when the head may have moved. A hint: the truth is in `changes`.
    fn head_updates(&self) -> watch::Receiver<u64>;
}

/// What kind of engine this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name: "sled".
    pub engine: &'static str,
    /// Version of its format on disk; 0 when nothing is on disk.
    pub format_version: u32,
    /// The store's own id.
    pub store_id: String,
    /// Whether commits survive the process.
    pub durable: bool,
}

/// A commit as others see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// Its revision.
    pub revision: u64,
    /// When it was made; absent for revision 0.
    pub time: Option<Timestamp>,
}

/// What a batch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The commit; the newest one when none was made.
    pub head: Head,
    /// Whether a commit was made, now or, when replayed, then.
    pub committed: bool,
    /// Whether the request had been committed before.
    pub replayed: bool,
    /// What became of each record of the request.
    pub results: Vec<(Planned, Arc<Version>)>,
    /// What the caller should know, the first few.
    pub warnings: Vec<Warning>,
    /// How many warnings there are.
    pub warning_count: u32,
}

/// Versions of one commit that are read at once, at most: a commit may have fifty thousand, and each of many watchers holds
/// what it was given of one.
pub const PART_VERSIONS: usize = 256;

/// One commit of the log, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its revision.
    pub revision: u64,
    /// When it was made.
    pub time: Timestamp,
    /// The first number it took.
    pub first: u64,
    /// The versions it made, in order, at most [`PART_VERSIONS`] and fewer when they are large.
    pub versions: Vec<Arc<Version>>,
    /// The number from which on there are more; none when these are its last.
    pub rest: Option<u64>,
}
