//! What is told of the machine, and of what was run on it.

use std::process::Command;

/// Processors and their number.
pub(crate) fn processors() -> String {
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} × {}", model.trim_start_matches([':', '\t', ' ']))
}

/// How much ran over the last one, five and fifteen minutes.
pub(crate) fn load() -> String {
    read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(", ")
}

/// The system's version.
#[allow(dead_code, reason = "not every bench tells")]
pub(crate) fn system() -> String {
    read("/proc/sys/kernel/osrelease")
}

/// How this run of a bench is made again, and of what.
pub(crate) fn run(bench: &str) -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    // The documents are what a run changes itself.
    let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)docs"]);
    let build = git(&["describe", "--always"]) + if changed.is_empty() { "" } else { "-dirty" };
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    format!("`cargo bench --bench {bench} -- {}`, build {build}", arguments.join(" "))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}
