//! What can go wrong in an engine, by what the caller may do about it.

use crate::domain::plan::Refusal;

/// What whoever runs the program is told with every damage that is found.
pub const ON_DAMAGE: &str = "what to do is said under Damage in docs/operations.md";

/// A read or an engine failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The revision asked for lies beyond the newest.
    #[error("revision {asked} is beyond the newest, {head}")]
    RevisionInFuture {
        /// The revision asked for.
        asked: u64,
        /// The newest.
        head: u64,
    },
    /// The store is damaged.
    #[error("the store is damaged: {what}")]
    Corrupted {
        /// The part that is, without its contents.
        what: String,
    },
    /// The engine cannot answer now and may later; nothing was begun.
    #[error("the store is not available: {why}")]
    Unavailable {
        /// Why.
        why: String,
    },
}

/// A commit failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitError {
    /// The batch is refused; nothing was changed.
    Refused(Box<Refusal>),
    /// The request id was used with another request.
    RequestReused {
        /// The id.
        id: String,
        /// The commit it made.
        revision: u64,
    },
    /// The disk is full; nothing was changed.
    Full {
        /// Bytes free.
        free: u64,
        /// Bytes that must be free for it.
        needed: u64,
    },
    /// It may or may not be kept. The same request id finds out.
    OutcomeUnknown,
    /// A defect of ours met this batch; nothing was changed.
    Defect,
    /// The engine failed before anything was begun.
    Store(StoreError),
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
