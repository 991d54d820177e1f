//! What files take, and how fast the device gives them.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{Advice, fadvise};

/// Written and read at once.
const BLOCK: usize = 1 << 20;
/// Nothing changed for so long: background work is done.
const SETTLED_AFTER: Duration = Duration::from_secs(10);
/// Waited at most.
const SETTLES_WITHIN: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_millis(500);

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

/// What they take when it has not changed for a while.
pub(crate) async fn settled(folder: &Path) -> u64 {
    let begin = Instant::now();
    let (mut bytes, mut since) = (taken(folder), Instant::now());
    while since.elapsed() < SETTLED_AFTER && begin.elapsed() < SETTLES_WITHIN {
        tokio::time::sleep(POLL).await;
        let now = taken(folder);
        if now != bytes {
            (bytes, since) = (now, Instant::now());
        }
    }
    bytes
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
