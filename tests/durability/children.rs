//! Processes that may die: this test program again, and the real one. Whoever starts one sets a limit to its life.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The real program, without the settings of the surrounding environment.
pub(crate) fn claimdb() -> Command {
    without_settings(Command::new(env!("CARGO_BIN_EXE_claimdb")))
}

/// This test program, to run one of its ignored tests.
pub(crate) fn own(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"]);
    without_settings(command)
}

fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CLAIMDB_")) {
        command.env_remove(name);
    }
    command
}

/// How a process ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Whether it outlived its limit and was killed.
    pub(crate) is_timed_out: bool,
    /// What it printed.
    pub(crate) printed: String,
    /// What it complained about.
    pub(crate) complaints: String,
}

impl Ended {
    /// The numbers it acknowledged, in the order it did.
    pub(crate) fn acknowledged(&self) -> Vec<u64> {
        self.printed.lines().filter_map(|line| line.rsplit_once("acknowledged ")?.1.parse().ok()).collect()
    }
}

/// Runs a command to its end, or to its limit.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Ended {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let printed = collect(child.stdout.take().unwrap());
    let complaints = collect(child.stderr.take().unwrap());
    let (code, is_timed_out) = wait(&mut child, limit);
    Ended { code, is_timed_out, printed: printed.join().unwrap(), complaints: complaints.join().unwrap() }
}

/// Waits for a child; kills it at the limit.
pub(crate) fn wait(child: &mut Child, limit: Duration) -> (Option<i32>, bool) {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), false);
        }
        if Instant::now() >= deadline {
            child.kill().unwrap();
            return (child.wait().unwrap().code(), true);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Says that a test passes without having tested anything. Written past the capture of the test harness, which keeps what a
/// passing test prints to itself: nobody would learn of it.
pub(crate) fn skipped(why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "\nskipped in a passing test: {why}");
}
