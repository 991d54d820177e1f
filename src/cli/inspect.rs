//! `claimdb verify`, and `claimdb probe`, the child process that opens a store which might take its process down.

use std::path::PathBuf;

use super::Failure;
use super::print::print;
use crate::config::Config;
use crate::storage::sled::{
    OpenError, ProbeFailure, ProbeLimits, StoredCommits, probe_here, verify as verify_store, verify_here,
};

/// What is said of a store that another process has open.
const IN_USE: &str = "stop it, or wait for it";

/// What `claimdb verify` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// Where the store is copied to while it is checked; it needs as much room as the store [default: the system's
    /// directory for temporary files].
    #[arg(long, value_name = "DIRECTORY")]
    scratch_dir: Option<PathBuf>,
}

/// What `claimdb probe` is told.
#[derive(Debug, clap::Args)]
pub(super) struct Probe {
    /// Walk the whole store and print a report, instead of opening it only.
    #[arg(long)]
    verify: bool,
}

/// Checks a copy of the store and prints what it found.
pub(super) fn verify(config: &Config, arguments: &Verify) -> Result<(), Failure> {
    let scratch = arguments.scratch_dir.clone().unwrap_or_else(std::env::temp_dir);
    // Walking a whole store takes as long as it takes; whoever asked can see it and stop it.
    let limits = ProbeLimits::within(std::time::Duration::from_secs(7 * 24 * 3600));
    let engine = config.store.data_dir.join("sled");
    let unreadable = |error| Failure::Error(format!("cannot read {}: {error}", engine.display()));
    if !engine.try_exists().map_err(unreadable)? {
        return Err(Failure::Error(format!("there is no store in {}", config.store.data_dir.display())));
    }
    let report = verify_store(&executable()?, &config.store.data_dir, &scratch, &limits).map_err(Failure::from)?;
    print(&format!("{report}\n"))?;
    if !report.is_sound() {
        return Err(Failure::Damaged(format!("{} problems", report.problems.len())));
    }
    print("the store is sound\n")
}

/// The child's side: what it prints last is its reason.
pub(super) fn probe(config: &Config, arguments: &Probe) -> Result<(), Failure> {
    let limits = ProbeLimits::from_environment();
    let directory = &config.store.data_dir;
    if arguments.verify {
        println!("{}", verify_here(directory, &limits, &StoredCommits).map_err(said)?);
    } else {
        let head = probe_here(directory, &limits).map_err(said)?;
        println!("revision {}", head.revision);
    }
    Ok(())
}

/// Prints why the store does not open, where the parent looks for it.
fn said(error: OpenError) -> Failure {
    let failure = Failure::from(error);
    println!("{failure}");
    failure
}

/// This program. By the link that the system keeps to it where there is one: it leads to the program even when its path
/// does not, in a changed root or after an upgrade put another one there.
pub(super) fn executable() -> Result<PathBuf, Failure> {
    let link = PathBuf::from("/proc/self/exe");
    if link.exists() {
        return Ok(link);
    }
    std::env::current_exe().map_err(|error| Failure::Error(format!("cannot find this program: {error}")))
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let message = super::chain(&error);
        match error {
            OpenError::Locked => Self::Locked(IN_USE.to_owned()),
            OpenError::Damage(_) | OpenError::Replay { .. } => Self::Damaged(message),
            OpenError::UnknownFormat { .. } | OpenError::Io(_) => Self::Error(message),
        }
    }
}

impl From<ProbeFailure> for Failure {
    fn from(failure: ProbeFailure) -> Self {
        let message = super::chain(&failure);
        match failure {
            // The codes are this program's own: it is what the child runs.
            ProbeFailure::Refused { code: Some(1 | 2), reason } => Self::Error(reason),
            ProbeFailure::Refused { code: Some(3), .. } => Self::Locked(IN_USE.to_owned()),
            ProbeFailure::Refused { .. } | ProbeFailure::TimedOut(_) => Self::Damaged(message),
            ProbeFailure::Io(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                Self::Locked(IN_USE.to_owned())
            }
            ProbeFailure::Stopped(_) | ProbeFailure::Io(_) => Self::Error(message),
        }
    }
}
