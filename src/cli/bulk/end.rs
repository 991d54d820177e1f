//! Why one connection did not bring an import or an export to its end.

use std::io;

use tonic::Status;

use crate::cli::Failure;
use crate::cli::connection::{Interruption, is_interruption, told};

/// Why an attempt ended.
pub(super) enum End {
    /// Another may go on with it.
    Interrupted(Interruption),
    /// None would come further.
    Failed(Failure),
}

impl From<Status> for End {
    fn from(status: Status) -> Self {
        match is_interruption(&status) {
            true => Self::Interrupted(Interruption { why: told(&status) }),
            false => Self::Failed(Failure::Error(told(&status))),
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Failed(Failure::Error(error.to_string()))
    }
}
