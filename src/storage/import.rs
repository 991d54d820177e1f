//! What an import is made of: numbered batches of items, each batch one commit, and the session that says how far it came.
//!
//! The session is kept in the note of every commit that an import makes, so that how far it came is as durable as what it
//! brought, and no more durable.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;

use super::codec::NotedImport;
use super::{CommitError, Head};
use crate::domain::limits;
use crate::domain::model::{ErrorReason, ItemErrorPolicy, Recorder};
use crate::domain::plan::{Batch, Refusal};

/// Batches that are told of again: as many as may have been in flight, and the one before, whose position is where those
/// begin.
pub(super) const RECENT: usize = limits::IMPORT_BATCHES + 1;

/// The answer to a batch, on its way.
pub type Importing = Pin<Box<dyn Future<Output = Result<Imported, ImportError>> + Send>>;

/// Several writes that become one commit, each of them whole or not at all.
#[derive(Clone, Debug)]
pub struct ImportBatch {
    /// Who imports.
    pub principal: Arc<str>,
    /// What that caller stated about itself.
    pub recorder: Option<Arc<Recorder>>,
    /// The session, unique per principal.
    pub session: String,
    /// What the caller calls the data it imports: the same for all batches of a session.
    pub input: String,
    /// Its place in the session, from 1.
    pub number: u64,
    /// Where the caller stands in its data after this batch; opaque.
    pub position: String,
    /// The items, in order.
    pub items: Vec<ImportItem>,
    /// Items that were refused before they came here.
    pub refused: Vec<ItemError>,
    /// What happens when an item is refused.
    pub item_errors: ItemErrorPolicy,
    /// What the caller is told of an item that the plan refuses; kept, so that it can be told again.
    pub tell: fn(usize, Refusal) -> ItemError,
    /// Broken when another stream has taken the session over.
    pub fence: Fence,
}

/// A write of an import.
#[derive(Clone, Debug)]
pub struct ImportItem {
    /// Its place in the batch as it was sent.
    pub index: usize,
    /// What is to be written. Its request id and `validate_only` are not looked at.
    pub write: Batch,
}

/// Whether a stream still has its session.
#[derive(Clone, Debug)]
pub struct Fence(Arc<watch::Sender<bool>>);

impl Default for Fence {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Fence {
    /// Takes the session away: none of its batches is begun from now on.
    pub fn lower(&self) {
        self.0.send_replace(true);
    }

    /// Whether the session was taken away.
    #[must_use]
    pub fn is_lowered(&self) -> bool {
        *self.0.borrow()
    }

    /// Whether this is the same fence.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Waits until the session is taken away.
    pub async fn lowered(&self) {
        // The sender is `self`: it outlives the wait.
        let _ = self.0.subscribe().wait_for(|is_lowered| *is_lowered).await;
    }
}

/// How far an import came, as of its newest commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportSession {
    /// The number of the next batch.
    pub next_batch: u64,
    /// What the caller calls the data it imports.
    pub input: String,
    /// Where the caller stood in its data.
    pub position: String,
    /// What all batches came to.
    pub counts: ImportCounts,
}

/// What became of items and their records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Items that were committed.
    pub items: u64,
    /// Items that were refused.
    pub refused: u64,
    /// Records made, inline sources among them.
    pub created: u64,
    /// Records that existed and were left as they are.
    pub existing: u64,
    /// Records that have a new version.
    pub updated: u64,
    /// Records retracted.
    pub retracted: u64,
    /// Records reinstated.
    pub reinstated: u64,
}

impl ImportCounts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            items: self.items + other.items,
            refused: self.refused + other.refused,
            created: self.created + other.created,
            existing: self.existing + other.existing,
            updated: self.updated + other.updated,
            retracted: self.retracted + other.retracted,
            reinstated: self.reinstated + other.reinstated,
        }
    }
}

/// What a batch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its commit; of a duplicate the newest commit of the session.
    pub head: Head,
    /// Whether it had been committed before; then nothing was done, and nothing is counted.
    pub duplicate: bool,
    /// What became of its items.
    pub counts: ImportCounts,
    /// The items that were refused, in order.
    pub rejected: Vec<ItemError>,
    /// How far the session came.
    pub session: ImportSession,
}

/// An item that was refused, and what the caller is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemError {
    /// Its place in the batch as it was sent.
    pub index: usize,
    /// The status code that a write of its own would have had.
    pub code: u32,
    /// Why, for a program.
    pub reason: ErrorReason,
    /// Why, for a person.
    pub message: String,
    /// The fields that are wrong and what is wrong with them, the first few.
    pub fields: Vec<(String, String)>,
}

/// An import, as it is taken up again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// How far it came.
    pub session: ImportSession,
    /// Its newest batches, oldest first: the caller may not have learnt what became of them.
    pub recent: Vec<RecentBatch>,
}

/// A batch that was committed lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentBatch {
    /// Its number.
    pub number: u64,
    /// Its commit.
    pub revision: u64,
    /// Where the caller stood in its data after it.
    pub position: String,
    /// The items that were refused.
    pub rejected: Vec<ItemError>,
}

impl ImportProgress {
    /// From the commits of an import, newest first.
    pub(super) fn of(commits: impl IntoIterator<Item = (Head, NotedImport)>) -> Option<Self> {
        let mut commits = commits.into_iter().take(RECENT).peekable();
        let session = commits.peek()?.1.session.clone();
        let mut recent: Vec<RecentBatch> = commits
            .map(|(head, import)| RecentBatch {
                number: import.session.next_batch.saturating_sub(1),
                revision: head.revision,
                position: import.session.position,
                rejected: import.rejected,
            })
            .collect();
        recent.reverse();
        Some(Self { session, recent })
    }
}

/// Why a batch was not committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// Another stream has the session.
    Fenced,
    /// The session belongs to other data.
    InputChanged {
        /// What that data is called.
        expected: String,
    },
    /// Batches before it are missing.
    Gap {
        /// The number that is next.
        expected: u64,
    },
    /// Items were refused, and the batch with them; never empty.
    Rejected(Vec<ItemError>),
    /// The commit failed.
    Commit(CommitError),
}

impl From<CommitError> for ImportError {
    fn from(error: CommitError) -> Self {
        Self::Commit(error)
    }
}

/// What is to be done with a batch, given how far its session came.
pub(super) enum Admission {
    /// It is the next one.
    Next,
    /// It was committed before.
    Duplicate(ImportSession),
}

/// Whether a batch is next in its session.
pub(super) fn admit(batch: &ImportBatch, session: Option<ImportSession>) -> Result<Admission, ImportError> {
    if batch.fence.is_lowered() {
        return Err(ImportError::Fenced);
    }
    let expected = session.as_ref().map_or(1, |session| session.next_batch);
    match session {
        Some(session) if session.input != batch.input => Err(ImportError::InputChanged { expected: session.input }),
        Some(session) if batch.number < expected => Ok(Admission::Duplicate(session)),
        _ if batch.number != expected => Err(ImportError::Gap { expected }),
        _ => Ok(Admission::Next),
    }
}
