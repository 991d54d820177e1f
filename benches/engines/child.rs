//! One engine in a process of its own: it is given a tape and killed, or it is opened again and read.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::engine::{Engine, Kind};
use crate::generate::random::Random;
use crate::options::Options;
use crate::tape::{self, Entry};

/// Options of such a process.
pub(crate) const STEP: &str = "--step";
pub(crate) const WRITE: &str = "write";
pub(crate) const READ: &str = "read";
pub(crate) const ENGINE: &str = "--engine";
pub(crate) const TAPE: &str = "--tape";
pub(crate) const FOLDER: &str = "--folder";

/// Work in the background is given so long.
const SETTLES_WITHIN: Duration = Duration::from_secs(10);

/// What writing came to.
#[derive(Serialize, Deserialize)]
pub(crate) struct Writes {
    pub(crate) seconds: f64,
    /// Seconds of them in flushes.
    pub(crate) flushing: f64,
    /// Where the last frame begins that was flushed.
    pub(crate) last: u64,
    /// Bytes.
    pub(crate) on_disk: u64,
    /// Peak resident bytes.
    pub(crate) memory: u64,
}

/// What reading came to.
#[derive(Serialize, Deserialize)]
pub(crate) struct Reads {
    /// Where the last frame begins that is there.
    pub(crate) last: u64,
    /// Seconds.
    pub(crate) open: f64,
    /// A second.
    pub(crate) rate: f64,
    /// Microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) memory: u64,
}

pub(crate) fn run(step: &str, options: &Options) {
    let text = |name| options.text(name).unwrap_or_else(|| panic!("{name} is missing"));
    let name = text(ENGINE);
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name).expect("an engine");
    let folder = PathBuf::from(text(FOLDER));
    match step {
        WRITE => write(kind, &folder, Path::new(&text(TAPE))),
        READ => read(kind, &folder, options.number("--reads", 100_000)),
        other => panic!("there is no step {other:?}"),
    }
}

fn write(kind: Kind, folder: &Path, tape: &Path) {
    let engine = kind.open(folder);
    let (mut group, mut flushing) = (Vec::new(), Duration::ZERO);
    let begin = Instant::now();
    for entry in tape::entries(tape) {
        match entry {
            Entry::Log(key, value) => group.push((key, value)),
            Entry::Applied => engine.apply(std::mem::take(&mut group)),
            Entry::Discarded => group.clear(),
            Entry::Segment(key, value) => engine.insert(key, value),
            Entry::Removed(key) => engine.remove(&key),
            Entry::Flushed => {
                let flush = Instant::now();
                engine.flush();
                flushing += flush.elapsed();
            }
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let settling = Instant::now();
    let mut on_disk = 0;
    while settling.elapsed() < SETTLES_WITHIN {
        std::thread::sleep(Duration::from_secs(2));
        let now = disk::taken(folder);
        if now == on_disk {
            break;
        }
        on_disk = now;
    }
    let last = last_number(engine.as_ref());
    tell(&Writes { last, seconds, flushing: flushing.as_secs_f64(), on_disk, memory: peak_memory() });
    // As by kill -9: nothing is closed.
    std::process::abort();
}

fn read(kind: Kind, folder: &Path, reads: u64) {
    let begin = Instant::now();
    let engine = kind.open(folder);
    let last = last_number(engine.as_ref());
    let open = begin.elapsed().as_secs_f64();
    let mut latencies = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3).expect("valid bounds");
    let mut random = Random::at(1, 1, 1);
    let begin = Instant::now();
    for _ in 0..reads {
        // As claimdb finds the frame of a number: the last that begins at or before it.
        let number = 1 + random.below(last);
        let asked = Instant::now();
        let found = engine.last_until(&key(number)).expect("a frame");
        latencies.saturating_record(u64::try_from(asked.elapsed().as_nanos()).unwrap_or(u64::MAX));
        assert!(found.0 <= key(number).to_vec() && !found.1.is_empty(), "not the frame that was asked for");
    }
    let rate = reads as f64 / begin.elapsed().as_secs_f64();
    let at = |quantile| latencies.value_at_quantile(quantile) as f64 / 1000.0;
    tell(&Reads { last, open, rate, p50: at(0.5), p99: at(0.99), memory: peak_memory() });
}

const FRAME: u8 = b'l';

/// Behind every part of the frame that begins at a number; see docs/storage-format.md.
fn key(number: u64) -> [u8; 11] {
    let mut key = [0xff; 11];
    key[0] = FRAME;
    key[1..9].copy_from_slice(&number.to_be_bytes());
    key
}

/// Where the last frame begins.
fn last_number(engine: &dyn Engine) -> u64 {
    let (key, _) = engine.last_until(&[FRAME + 1]).expect("a frame");
    u64::from_be_bytes(key[1..9].try_into().expect("a key of the log"))
}

fn tell(measured: &impl Serialize) {
    println!("{}", serde_json::to_string(measured).expect("plain values"));
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}
