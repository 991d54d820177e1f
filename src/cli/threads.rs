//! How many threads there are.

use crate::config::Config;
use crate::service::Computing;
use crate::storage::sled::READ_THREADS_MAX;

/// Reads at once at least, so that one that waits for the disk does not hold up all others; and at most, unless more are asked
/// for: each thread keeps memory.
const READS: std::ops::RangeInclusive<usize> = 4..=64;

/// The store is opened and closed on threads of their own.
const OPENING: usize = 2;

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Those that serve calls.
pub(super) fn workers(config: &Config) -> usize {
    match config.server.runtime_threads {
        // One waits for the sockets while the others read.
        0 => cores() + 1,
        threads => threads,
    }
}

/// Reads of the store that run at once.
pub(super) fn reads(config: &Config) -> usize {
    match config.store.reads_concurrent_max {
        0 => (2 * cores()).clamp(*READS.start(), *READS.end()),
        reads => reads,
    }
}

/// Those that may block, besides the workers, at most. The runtime starts one whenever none rests, also for the moment in which
/// a read has ended and its thread does not rest yet; without a bound there came to be a hundred, each with memory that
/// others had freed. What waits for another of these threads is a read, so there is one for all else that may be going on.
pub(super) fn blocking(config: &Config) -> usize {
    reads(config) + shares(cores()) + Computing::at_once() + OPENING
}

/// Threads that reads have read for them, at most: each read as many as there are cores that no other read uses when it begins.
fn shares(cores: usize) -> usize {
    (0..cores).map(|others| (cores - others).min(READ_THREADS_MAX) - 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_finds_threads_for_its_shares() {
        assert_eq!([1, 2, 4, 8, 64].map(shares), [0, 1, 6, 18, 186]);
        for asked in [0, 1, 512] {
            let mut config = Config::default();
            config.store.reads_concurrent_max = asked;
            assert!(reads(&config) >= 1);
            assert!(blocking(&config) > reads(&config) + shares(cores()));
        }
    }
}
