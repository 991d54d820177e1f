//! The one way into sled: a panic inside it becomes an error instead of taking the thread down.

use std::fmt;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::errors::Damage;

/// What sled did instead of answering.
#[derive(Debug)]
pub(crate) enum EngineFailure {
    /// It panicked, as it does on most damaged pages.
    Panic,
    /// It returned an error.
    Error(::sled::Error),
}

impl fmt::Display for EngineFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic => formatter.write_str("the engine panicked"),
            Self::Error(error) => write!(formatter, "{error}"),
        }
    }
}

impl EngineFailure {
    /// What the system refused sled, where that is what went wrong. sled has a file that ends too early, or holds what it
    /// cannot read, for such an error too.
    pub(crate) fn refusal(&self) -> Option<ErrorKind> {
        match self {
            Self::Error(::sled::Error::Io(error)) => {
                Some(error.kind()).filter(|kind| !matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::InvalidData))
            }
            Self::Error(_) | Self::Panic => None,
        }
    }
}

/// Runs `work` and catches what sled throws.
pub(crate) fn enter<T>(work: impl FnOnce() -> Result<T, ::sled::Error>) -> Result<T, EngineFailure> {
    // Unwind safety: nothing of ours is mutated inside the closures, and sled is not used again
    // for writing after a failure (the layer is poisoned).
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(EngineFailure::Error(error)),
        Err(_) => Err(EngineFailure::Panic),
    }
}

/// Runs `work` for the thing named `what`; whatever goes wrong is damage to that thing.
pub(crate) fn guard<T>(what: fmt::Arguments<'_>, work: impl FnOnce() -> Result<T, ::sled::Error>) -> Result<T, Damage> {
    enter(work).map_err(|failure| Damage {
        is_full: failure.refusal() == Some(ErrorKind::StorageFull),
        is_refusal: failure.refusal().is_some(),
        ..Damage::new(format!("{what}: {failure}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_damage_that_names_the_thing() {
        let result: Result<(), Damage> = guard(format_args!("frame 7"), || panic!("inside"));
        assert_eq!(result.unwrap_err().what, "frame 7: the engine panicked".to_owned());
    }
}
