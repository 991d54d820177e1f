//! Writes that wait for their turn, and their answers.

use tokio::sync::oneshot;

use crate::domain::plan::Batch;
use crate::storage::{CommitError, Committed, ImportBatch, ImportError, ImportProgress, Imported};

/// A write that waits for its turn, and where its answer goes.
pub(super) enum Job {
    Commit(Box<Batch>, oneshot::Sender<Answer>),
    Import(Box<ImportBatch>, oneshot::Sender<ImportAnswer>),
    /// How far an import of a principal came, with the batches queued before.
    Session(String, String, oneshot::Sender<SessionAnswer>),
}

pub(super) type Answer = Result<Committed, CommitError>;
pub(super) type ImportAnswer = Result<Imported, ImportError>;
pub(super) type SessionAnswer = Result<Option<ImportProgress>, CommitError>;

/// The answer to a job, which waits for its group.
pub(super) enum Answered {
    Commit(oneshot::Sender<Answer>, Answer),
    Import(oneshot::Sender<ImportAnswer>, ImportAnswer),
    Session(oneshot::Sender<SessionAnswer>, SessionAnswer),
}

impl Job {
    pub(super) fn answered(self, error: CommitError) -> Answered {
        match self {
            Self::Commit(_, sender) => Answered::Commit(sender, Err(error)),
            Self::Import(_, sender) => Answered::Import(sender, Err(error.into())),
            Self::Session(_, _, sender) => Answered::Session(sender, Err(error)),
        }
    }
}

impl Answered {
    /// Tells of a defect whoever was to be answered with this revision.
    pub(super) fn met_defect(&mut self, revision: u64) {
        match self {
            Self::Commit(_, answer)
                if answer.as_ref().is_ok_and(|made| made.committed && made.head.revision == revision) =>
            {
                *answer = Err(CommitError::Defect);
            }
            Self::Import(_, answer) if answer.as_ref().is_ok_and(|made| made.head.revision == revision) => {
                *answer = Err(CommitError::Defect.into());
            }
            Self::Commit(..) | Self::Import(..) | Self::Session(..) => {}
        }
    }

    /// Answers; with the failure, when the group failed. A job that met a defect is told of that.
    pub(super) fn send(self, failure: Option<&CommitError>) {
        // Nobody listens any more when a send fails: that is no failure of ours.
        match self {
            Self::Commit(sender, answer) => {
                let _ = sender.send(match failure {
                    Some(error) if answer != Err(CommitError::Defect) => Err(error.clone()),
                    Some(_) | None => answer,
                });
            }
            Self::Import(sender, answer) => {
                let _ = sender.send(match failure {
                    Some(error) if answer != Err(CommitError::Defect.into()) => Err(error.clone().into()),
                    Some(_) | None => answer,
                });
            }
            Self::Session(sender, answer) => {
                let _ = sender.send(failure.map_or(answer, |error| Err(error.clone())));
            }
        }
    }
}
