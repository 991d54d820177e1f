//! Why a read fails, by what the caller may do about it.

use crate::domain::name::Name;
use crate::domain::time::Timestamp;
use crate::storage::StoreError;

/// A read failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such record at the revision asked for.
    #[error("{0} does not exist")]
    NotFound(Name),
    /// What was given of a source answers to several.
    #[error("{path} answers to several sources")]
    SourceAmbiguous {
        /// Where it was given.
        path: String,
        /// The sources, the first few.
        candidates: Vec<Name>,
    },
    /// A filter leads to more records than it may.
    #[error("{path}: more than {limit} {what}")]
    FilterTooWide {
        /// Where it was given.
        path: String,
        /// What there are too many of.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// The time asked for has not come yet.
    #[error("{asked} is later than now, {now}")]
    TimeInFuture {
        /// The time asked for.
        asked: Timestamp,
        /// The time now.
        now: Timestamp,
    },
    /// As many imports are open as may be.
    #[error("{} imports are open, which is the limit", crate::domain::limits::IMPORTS)]
    TooManyImports,
    /// The session of an import belongs to other data.
    #[error("the import {session} began with other data")]
    ImportInputChanged {
        /// The session.
        session: String,
        /// What that data is called.
        expected: String,
    },
    /// An import that was to be begun was begun before.
    #[error("the import {session} was begun before")]
    ImportBegun {
        /// The session.
        session: String,
        /// The number of the batch that is next.
        next_batch: u64,
        /// Where its caller stood in its data.
        position: String,
        /// Whether a stream has it.
        is_open: bool,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
