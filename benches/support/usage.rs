//! What processes take, as the system counts it: memory and processor time of a process and all it has started.

use std::time::Duration;

/// Processor time is counted in hundredths of a second.
const TICKS: f64 = 100.0;

/// Processor time so far.
pub(crate) fn processor_time(roots: &[u32]) -> Duration {
    let ticks: u64 = all(roots).into_iter().filter_map(ticks).sum();
    Duration::from_secs_f64(ticks as f64 / TICKS)
}

/// Resident memory in bytes: at its peak for a process that is alone, else now, and what several share counted once.
pub(crate) fn memory(roots: &[u32]) -> u64 {
    let processes = all(roots);
    match processes.as_slice() {
        [alone] => field(*alone, "status", "VmHWM:"),
        several => several.iter().map(|process| field(*process, "smaps_rollup", "Pss:")).sum(),
    }
}

fn all(roots: &[u32]) -> Vec<u32> {
    let mut found = roots.to_vec();
    let mut next = 0;
    while let Some(process) = found.get(next).copied() {
        found.extend(children(process));
        next += 1;
    }
    found
}

fn children(process: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.map(|thread| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default());
    lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}

fn ticks(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets, and may hold anything.
    let (_, behind_name) = stat.rsplit_once(')')?;
    let times = behind_name.split_whitespace().skip(11).take(2);
    times.map(|time| time.parse::<u64>().ok()).sum()
}

fn field(process: u32, file: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    value.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}
