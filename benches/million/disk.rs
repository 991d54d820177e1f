//! What files take, and how fast the device gives them.

use std::fmt;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{Advice, fadvise};

/// Written and read at once.
const BLOCK: usize = 1 << 20;
/// Next to nothing was done for so long: background work is done.
const SETTLED_AFTER: Duration = Duration::from_secs(10);
/// Waited at most.
const SETTLES_WITHIN: Duration = Duration::from_secs(600);
/// Of one processor: a server that nobody asks looks around now and then.
const IDLE: f64 = 0.05;
const POLL: Duration = Duration::from_secs(1);

/// What the files below a folder take, in bytes.
pub(crate) fn taken(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => taken(&entry.path()),
            Ok(metadata) => metadata.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}

/// A store for which nothing is left to do, or that was waited for as long as is waited.
pub(crate) struct Settled {
    pub(crate) bytes: u64,
    /// Until it was found to be; what it was watched for is not in it.
    after: Duration,
    is_settled: bool,
}

/// Waits until a folder has not changed for a while, nor the server of it done anything: what it writes can be in the place
/// of what it has written before. `processor_time` is what the server has taken so far.
pub(crate) async fn settled(folder: &Path, processor_time: impl Fn() -> Duration) -> Settled {
    let begin = Instant::now();
    let (mut bytes, mut worked, mut since) = (taken(folder), processor_time(), Instant::now());
    while since.elapsed() < SETTLED_AFTER && begin.elapsed() < SETTLES_WITHIN {
        tokio::time::sleep(POLL).await;
        let (bytes_now, worked_now) = (taken(folder), processor_time());
        if bytes_now != bytes || worked_now.saturating_sub(worked) > POLL.mul_f64(IDLE) {
            since = Instant::now();
        }
        (bytes, worked) = (bytes_now, worked_now);
    }
    Settled { bytes, after: since.duration_since(begin), is_settled: since.elapsed() >= SETTLED_AFTER }
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.bytes as f64 / 1e6;
        if self.is_settled {
            write!(f, "settled after {:.0} s: {megabytes:.0} MB on disk", self.after.as_secs_f64())
        } else {
            let limit = SETTLES_WITHIN.as_secs();
            write!(f, "not settled within {limit} s, and waited for no longer: {megabytes:.0} MB on disk")
        }
    }
}

/// Seconds that so many bytes take to be read in order from a file in the folder that is in no cache.
pub(crate) fn sequential_read(folder: &Path, bytes: u64) -> std::io::Result<f64> {
    let path = folder.join("sequential-read");
    let mut file = File::create(&path)?;
    // Not zeros, which a device may leave out.
    let mut block: Vec<u8> = (0..BLOCK as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
    for number in 0..bytes.div_ceil(BLOCK as u64) {
        block[..8].copy_from_slice(&number.to_be_bytes());
        file.write_all(&block)?;
    }
    file.sync_all()?;
    // Once it is on the disk the pages are clean, and can be let go of.
    fadvise(&file, 0, None, Advice::DontNeed)?;
    drop(file);
    let mut file = File::open(&path)?;
    fadvise(&file, 0, None, Advice::Sequential)?;
    let begin = Instant::now();
    while file.read(&mut block)? > 0 {}
    let seconds = begin.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    Ok(seconds)
}
