//! Why a write is refused. A refused write changes nothing.

use crate::domain::model::ErrorReason;
use crate::domain::name::Name;
use crate::domain::text::Sha256;

/// One thing that is wrong with a field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Where, by proto field names: `claims[3].attributions[1].cue.exact`.
    pub path: String,
    /// What is wrong, for a program.
    pub reason: ErrorReason,
    /// What is wrong, for a person, and how to repair it.
    pub message: String,
}

/// Why a write is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Fields are wrong; never empty.
    Violations(Vec<Violation>),
    /// What was given of a source answers to several.
    SourceAmbiguous {
        /// Where it was given.
        path: String,
        /// The sources it answers to, the first few.
        candidates: Vec<Name>,
    },
    /// The identities given belong to several existing records.
    IdentityConflict {
        /// Where they were given.
        path: String,
        /// The records they belong to.
        candidates: Vec<Name>,
    },
    /// The article is recorded with another text.
    ArticleTextDiffers {
        /// Where it was given.
        path: String,
        /// The article.
        name: Name,
        /// The text it has.
        sha256: Sha256,
    },
    /// Records that are referred to do not exist; never empty. Path and name of each.
    ReferenceNotFound(Vec<(String, String)>),
    /// The record to change does not exist.
    NotFound {
        /// Where it was named.
        path: String,
        /// Its name.
        name: Name,
    },
    /// The record exists and must not.
    AlreadyExists {
        /// Where it was given.
        path: String,
        /// The record.
        name: Name,
    },
    /// Preconditions do not hold; never empty. Name and what was expected of each.
    PreconditionFailed(Vec<(Name, String)>),
    /// The record was changed since.
    EtagMismatch {
        /// Where it was named.
        path: String,
        /// The record.
        name: Name,
        /// Its etag now.
        current: String,
    },
    /// The record's status does not allow it.
    StateTransitionInvalid {
        /// Where it was named.
        path: String,
        /// The record.
        name: Name,
        /// What is wrong.
        message: String,
    },
}

impl Refusal {
    /// What of it is wrong with fields of the request.
    #[must_use]
    pub fn violations(self) -> Vec<Violation> {
        match self {
            Self::Violations(violations) => violations,
            Self::ReferenceNotFound(missing) => {
                let violation = |(path, name)| Violation {
                    path,
                    reason: ErrorReason::ReferenceNotFound,
                    message: format!("{name} does not exist"),
                };
                missing.into_iter().map(violation).collect()
            }
            Self::SourceAmbiguous { .. }
            | Self::IdentityConflict { .. }
            | Self::ArticleTextDiffers { .. }
            | Self::NotFound { .. }
            | Self::AlreadyExists { .. }
            | Self::PreconditionFailed(_)
            | Self::EtagMismatch { .. }
            | Self::StateTransitionInvalid { .. } => Vec::new(),
        }
    }
}
