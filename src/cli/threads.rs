//! How many threads there are.

use crate::config::Config;
use crate::storage::processors;
use crate::storage::sled::threads_beside_reads;

/// Reads at once at least: one that waits for the disk does not hold up all others.
const READS_MIN: usize = 4;

/// Reads at once at most, unless more are asked for: each thread keeps memory.
const READS_MAX: usize = 64;

/// The store is opened and closed on threads of their own.
const OPENING: usize = 2;

/// Those that serve calls.
pub(super) fn workers(config: &Config) -> usize {
    match config.server.runtime_threads {
        // One waits for the sockets while the others read.
        0 => processors() + 1,
        threads => threads,
    }
}

/// Reads of the store that run at once.
pub(super) fn reads(config: &Config) -> usize {
    match config.store.reads_concurrent_max {
        0 => (2 * processors()).clamp(READS_MIN, READS_MAX),
        reads => reads,
    }
}

/// Those that may block, besides the workers, at most. The runtime starts one whenever none rests, also for the moment in which
/// a read has ended and its thread does not rest yet; without a bound there came to be a hundred, each with memory that
/// others had freed. What waits for another of these threads is a read, so there is one for all else that may be going on:
/// as many compute as there are processors (`service/computing.rs`).
pub(super) fn blocking(config: &Config) -> usize {
    reads(config) + threads_beside_reads(processors()) + processors() + OPENING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_finds_threads_for_its_shares() {
        assert_eq!([1, 2, 4, 8, 64].map(threads_beside_reads), [0, 1, 6, 18, 186]);
        for asked in [0, 1, 512] {
            let mut config = Config::default();
            config.store.reads_concurrent_max = asked;
            assert!(reads(&config) >= 1);
            assert!(blocking(&config) > reads(&config) + threads_beside_reads(processors()));
        }
    }
}
