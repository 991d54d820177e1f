//! Room on the device: asked before a group is applied, because sled must never meet a full disk.

use std::io;
use std::path::Path;

use super::faults::Faults;

/// A group may cost this many times its bytes: sled writes whole fragments, rewrites pages when it
/// consolidates them, and the segment sealed from it follows. Four covers what was measured
/// (disk / logical of 1.4 to 2 for this layout) with room to spare.
const GROUP_FACTOR: u64 = 4;

/// Bytes that must be free before `group_bytes` are applied.
pub(crate) fn needed(reserve_bytes: u64, group_bytes: u64) -> u64 {
    reserve_bytes.saturating_add(group_bytes.saturating_mul(GROUP_FACTOR))
}

/// Bytes that are free for us on the device of `directory`. One system call, about a microsecond.
pub(crate) fn available(directory: &Path, faults: &Faults) -> io::Result<u64> {
    if let Some(free) = faults.pretended_free_bytes() {
        return Ok(free);
    }
    let device = rustix::fs::statvfs(directory)?;
    Ok(device.f_bavail.saturating_mul(device.f_frsize))
}
