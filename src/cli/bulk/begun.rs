//! An import that was begun before, as the server tells it to a program that means to begin it.

use tonic::Status;
use tonic_types::StatusExt as _;

use crate::domain::model::ErrorReason;

/// How far it came, and whether it runs.
pub(super) struct Begun {
    pub(super) next_batch: u64,
    /// What was given with the batch before; empty when there is none.
    pub(super) position: String,
    /// Another program makes it.
    pub(super) is_open: bool,
}

impl Begun {
    /// None where an import is not opened for another reason.
    pub(super) fn of(status: &Status) -> Option<Self> {
        let info = status.get_details_error_info()?;
        if info.reason != ErrorReason::ImportSessionBegun.reason() {
            return None;
        }
        let next_batch = info.metadata.get("next_batch")?.parse().ok()?;
        let position = info.metadata.get("position").cloned().unwrap_or_default();
        let is_open = info.metadata.get("open").is_some_and(|open| open == "true");
        Some(Self { next_batch, position, is_open })
    }

    /// What is to be known of it, and what can be done.
    pub(super) fn told(&self, batches: u64, is_complete: bool) -> String {
        match (is_complete, self.is_open) {
            (true, _) => format!("is complete ({batches} batches): another --session imports the files once more"),
            (false, true) => format!(
                "is being made by another program ({batches} batches so far): --resume takes it from that program, another \
                 --session begins anew"
            ),
            (false, false) => {
                format!(
                    "has begun already ({batches} batches): --resume goes on with it, another --session begins anew"
                )
            }
        }
    }

    /// The same where standard input is to be imported: whether that holds more is not known, and it is not gone on with.
    pub(super) fn told_of_standard(&self, batches: u64) -> String {
        let what = match self.is_open {
            true => format!("is being made by another program ({batches} batches so far)"),
            false => format!("has begun already ({batches} batches)"),
        };
        format!(
            "{what}, and standard input cannot be gone on with: under another --session it is imported from its beginning, \
             and records that are there already are found again"
        )
    }
}
