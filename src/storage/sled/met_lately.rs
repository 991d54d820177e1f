//! Which numbers were met lately, roughly. What is met once, as by a scan or a page of an old source, is not worth a place
//! in a cache: it would put out what is asked for again, and to forget it later costs as much as to read it.

use std::sync::atomic::{AtomicU32, Ordering};

use xxhash_rust::xxh3::xxh3_64;

/// Numbers that are remembered, at most: each is forgotten when another takes its place. As many as the caches that ask hold
/// or more, unless what they hold is tiny, and 256 KiB.
const PLACES: usize = 1 << 16;

/// A memory of numbers, of one size whatever is met.
pub(crate) struct MetLately(Box<[AtomicU32]>);

impl Default for MetLately {
    fn default() -> Self {
        Self((0..PLACES).map(|_| AtomicU32::new(0)).collect())
    }
}

impl MetLately {
    /// Whether a number was met before, and notes that it is met now. In rare cases it says so of one that was not: two in
    /// 2³² numbers that share a place are taken for each other.
    pub(crate) fn meet(&self, number: u64) -> bool {
        let hash = xxh3_64(&number.to_le_bytes());
        // The low half says where, the high half which. Relaxed is enough: nothing but a place in a cache hangs on it.
        let (place, which) = (hash as usize % PLACES, (hash >> 32) as u32 | 1);
        self.0[place].swap(which, Ordering::Relaxed) == which
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_from_the_second_time_on() {
        let met = MetLately::default();
        assert!(!met.meet(7));
        assert!(met.meet(7));
        assert!(met.meet(7));
        assert!(!met.meet(8));
    }

    #[test]
    fn a_scan_is_forgotten_and_not_remembered_for_ever() {
        let met = MetLately::default();
        let again = (0..1_000_000).filter(|number| met.meet(*number)).count();
        assert!(again < 10, "{again} of a scan were taken for known");
        let known = (0..1_000).filter(|number| met.meet(*number)).count();
        assert!(known < 10, "{known} of what lies a million numbers back were still known");
    }
}
