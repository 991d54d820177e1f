//! What is printed: the machine, the store, a row of latencies.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::process::Server;

pub(crate) fn machine() {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{cores} × {}; load before {}", model.trim_start_matches([':', '\t', ' ']), load.trim());
}

pub(crate) fn store(server: &Server, data: &Path) {
    println!("on disk: {:.0} MB", on_disk(data) as f64 / 1e6);
    println!(
        "memory: {:.0} MB resident, {:.0} MB at its peak",
        server.memory_now() as f64 / 1e6,
        server.peak_memory() as f64 / 1e6
    );
}

/// What the files below a folder take, in bytes.
fn on_disk(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => on_disk(&entry.path()),
            Ok(metadata) => metadata.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}
