//! Opening a store again that failed, and taking its writer.

use super::super::{Damage, OpenError, ReopenError, Writer};
use super::replay::StoredCommits;
use super::writing::{Writing, being_reopened};
use crate::storage::CommitError;

/// How often a store may look damaged, without having opened well between, before it is said to be.
const DAMAGED_OPENINGS: u32 = 10;

impl Writing {
    /// The writer of the store, which is opened again where it failed.
    pub(super) fn take_writer(&mut self) -> Result<Writer, CommitError> {
        if let Some(reason) = self.shared.store.poisoned() {
            tracing::warn!(reason, "reopening the store after a failed write");
            match self.shared.store.reopen(&StoredCommits) {
                Ok(()) => {
                    self.times.settle();
                    // A group in doubt may have been kept.
                    self.tell(self.shared.store.head().revision);
                    tracing::info!("the store is open again");
                }
                Err(ReopenError::Full { available: free, needed }) => return Err(CommitError::Full { free, needed }),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the store could not be reopened");
                    let damage = of_opening(error);
                    // What the device does not give now it may give in a moment, and sled panics at some of its errors.
                    self.damaged_openings += u32::from(damage.is_some());
                    return Err(match damage {
                        Some(damage) if self.damaged_openings > DAMAGED_OPENINGS => {
                            self.shared.found_damaged(&damage).into()
                        }
                        Some(_) | None => being_reopened(),
                    });
                }
            }
        }
        self.damaged_openings = 0;
        match self.shared.store.writer() {
            Ok(Some(writer)) => Ok(writer),
            Ok(None) => Err(being_reopened()),
            Err(damage) => Err(self.shared.found_damaged(&damage).into()),
        }
    }
}

/// What is damaged, if that is why a store did not open.
fn of_opening(error: ReopenError) -> Option<Damage> {
    match error {
        ReopenError::Open(OpenError::Damage(damage)) => Some(damage).filter(|damage| !damage.is_refusal),
        ReopenError::Open(error @ (OpenError::Replay { .. } | OpenError::UnknownFormat { .. })) => {
            Some(Damage::new(error.to_string()))
        }
        ReopenError::Open(OpenError::Locked | OpenError::Io(_))
        | ReopenError::InUse { .. }
        | ReopenError::Full { .. } => None,
    }
}
