//! Opening a store in a child process with limits first: sled may panic on threads of its own,
//! hang, or allocate wildly on a damaged file, and a child can be killed.

use std::io::{self, Read};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, setrlimit};

use super::commit::{Head, RawCommit, Replayed};
use super::errors::OpenError;
use super::store::Store;
use super::{MergeLimits, Options, SealLimits};
use crate::storage::processors;

const ADDRESS_SPACE_VARIABLE: &str = "CLAIMDB_PROBE_ADDRESS_SPACE_BYTES";
const CPU_VARIABLE: &str = "CLAIMDB_PROBE_CPU_SECONDS";
const PARENT_VARIABLE: &str = "CLAIMDB_PROBE_PARENT";
/// Generous, since it counts what is reserved too; a wild allocation is larger.
const ADDRESS_SPACE_BYTES: u64 = 8 << 30;
const SIGHUP: i32 = rustix::process::Signal::HUP.as_raw();
const SIGINT: i32 = rustix::process::Signal::INT.as_raw();
const SIGTERM: i32 = rustix::process::Signal::TERM.as_raw();
const POLL: Duration = Duration::from_millis(10);
/// Of what the child printed; more is cut off.
const OUTPUT_BYTES_MAX: u64 = 1 << 20;

/// What a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeLimits {
    /// Address space.
    pub address_space_bytes: u64,
    /// CPU time.
    pub cpu_seconds: u64,
    /// Time on the clock, after which the child is killed.
    pub timeout: Duration,
}

impl Default for ProbeLimits {
    fn default() -> Self {
        // A first open after a long load takes 5–10 s (measured); this is tenfold.
        Self::within(Duration::from_secs(120))
    }
}

impl ProbeLimits {
    /// Those of a child that may take so long.
    pub fn within(timeout: Duration) -> Self {
        // On the clock it ends sooner, as long as somebody watches it: this is for a child that was left alone.
        let cpu_seconds = timeout.as_secs().saturating_add(1).saturating_mul(processors() as u64);
        Self { address_space_bytes: ADDRESS_SPACE_BYTES, cpu_seconds, timeout }
    }

    /// The limits a parent has set for this process; defaults for what it has not.
    pub fn from_environment() -> Self {
        let read = |name| std::env::var(name).ok()?.parse().ok();
        let default = Self::default();
        Self {
            address_space_bytes: read(ADDRESS_SPACE_VARIABLE).unwrap_or(default.address_space_bytes),
            cpu_seconds: read(CPU_VARIABLE).unwrap_or(default.cpu_seconds),
            timeout: default.timeout,
        }
    }

    /// Binds this process to the limits, for good.
    pub(crate) fn impose(&self) -> io::Result<()> {
        let limit = |resource, value| setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) });
        limit(Resource::As, self.address_space_bytes)?;
        limit(Resource::Cpu, self.cpu_seconds)?;
        // It holds the store's lock: a parent that is gone must not leave it behind.
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        // It may be gone already.
        let parent = std::env::var(PARENT_VARIABLE).ok().and_then(|parent| parent.parse::<i32>().ok());
        let is_there = |parent| rustix::process::getppid().is_some_and(|pid| pid.as_raw_nonzero().get() == parent);
        if parent.is_some_and(|parent| !is_there(parent)) {
            return Err(io::Error::other("whoever asked is gone"));
        }
        // A child that aborts shall not leave its memory on the disk.
        Ok(limit(Resource::Core, 0)?)
    }
}

/// Why a store should not be opened in this process.
#[derive(Debug, thiserror::Error)]
pub enum ProbeFailure {
    /// The child did not end in time and was killed.
    #[error("the store did not open within {0:?}")]
    TimedOut(Duration),
    /// The child said no, or died; what it printed last is its reason.
    #[error("the store does not open: {reason}")]
    Refused {
        /// The last line the child printed, or how it ended.
        reason: String,
        /// Its exit code, when it ended by itself.
        code: Option<i32>,
    },
    /// Somebody stopped the child, which says nothing about the store.
    #[error("the process that opens the store first was stopped by signal {0}")]
    Stopped(i32),
    /// The child could not be started or watched.
    #[error("cannot probe the store")]
    Io(#[from] io::Error),
}

/// Runs `executable probe --data-dir …`, which must call [`probe_here`] and exit with 0 only if
/// that succeeds. Do not hold the store open meanwhile.
pub fn probe(executable: &Path, data_directory: &Path, limits: &ProbeLimits) -> Result<(), ProbeFailure> {
    let mut command = Command::new(executable);
    command.arg("probe").arg("--data-dir").arg(data_directory);
    run(command, limits).map(drop)
}

/// The child's side of [`probe`]: binds this process to `limits`, and reads what an open reads.
pub fn probe_here(data_directory: &Path, limits: &ProbeLimits) -> Result<Head, OpenError> {
    limits.impose()?;
    read_as_an_open(data_directory)
}

/// Opens the store, reads and checks what is not sealed yet, and compares it with the head note. Indexes nothing of it, which
/// takes as long as the rest: what is indexed is decoded from bytes that are checked by then.
pub(crate) fn read_as_an_open(data_directory: &Path) -> Result<Head, OpenError> {
    let options = Options {
        // A segment made of an index that is empty would hide what it covers.
        seal: SealLimits::NEVER,
        merge: MergeLimits::NEVER,
        // What is not decoded may be what the store does not open for.
        only_looks: true,
        ..Options::default()
    };
    let without_index = |_: &RawCommit| Ok(Replayed::default());
    Ok(Store::open(data_directory, options, &without_index)?.head())
}

/// Runs a child within limits and gives what it printed.
pub(crate) fn run(mut command: Command, limits: &ProbeLimits) -> Result<String, ProbeFailure> {
    // It is told all by its arguments: what a variable says may be wrong, where an option of the parent's says otherwise.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"CLAIMDB_")) {
        command.env_remove(name);
    }
    let mut child = command
        // Signals of a terminal are for the parent.
        .process_group(0)
        .env(ADDRESS_SPACE_VARIABLE, limits.address_space_bytes.to_string())
        .env(CPU_VARIABLE, limits.cpu_seconds.to_string())
        .env(PARENT_VARIABLE, std::process::id().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = child.stdout.take();
    // On a thread of its own: a child that prints much must not wait for us, nor we for it.
    let output = std::thread::spawn(move || {
        let mut text = String::new();
        let read = output.map(|output| output.take(OUTPUT_BYTES_MAX).read_to_string(&mut text));
        read.transpose().map(|_| text)
    });
    let status = wait(&mut child, limits.timeout);
    let status = match status {
        Ok(Some(status)) => status,
        Ok(None) | Err(_) => {
            // It may have ended by itself just now; either way it is gone afterwards.
            let _ = child.kill();
            child.wait()?;
            status?;
            return Err(ProbeFailure::TimedOut(limits.timeout));
        }
    };
    let text = output.join().unwrap_or_else(|_| Ok(String::new())).unwrap_or_default();
    if status.success() {
        return Ok(text);
    }
    if let Some(signal @ (SIGHUP | SIGINT | SIGTERM)) = status.signal() {
        return Err(ProbeFailure::Stopped(signal));
    }
    let last_line = text.lines().last().unwrap_or_default();
    Err(ProbeFailure::Refused {
        reason: match last_line {
            "" => status.to_string(),
            line => line.to_owned(),
        },
        code: status.code(),
    })
}

fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.arg("-c").arg(script);
        command
    }

    fn limits(timeout_ms: u64) -> ProbeLimits {
        ProbeLimits { timeout: Duration::from_millis(timeout_ms), ..ProbeLimits::default() }
    }

    #[test]
    fn a_child_that_ends_well_hands_over_what_it_printed() {
        assert_eq!(run(shell("echo fine"), &limits(5000)).unwrap(), "fine\n");
    }

    #[test]
    fn a_child_that_refuses_gives_its_last_line() {
        let failure = run(shell("echo one; echo two; exit 3"), &limits(5000)).unwrap_err();
        assert!(matches!(failure, ProbeFailure::Refused { reason, code: Some(3) } if reason == "two"));
        let failure = run(shell("kill -TERM $$"), &limits(5000)).unwrap_err();
        assert!(matches!(failure, ProbeFailure::Stopped(SIGTERM)), "{failure}");
        let failure = run(shell("kill -9 $$"), &limits(5000)).unwrap_err();
        assert!(matches!(failure, ProbeFailure::Refused { reason, code: None } if reason.contains("signal")));
    }

    #[test]
    fn a_child_that_hangs_is_killed() {
        let failure = run(shell("exec sleep 60"), &limits(50)).unwrap_err();
        assert!(matches!(failure, ProbeFailure::TimedOut(_)));
    }
}
