//! A probe leaves a store as it was.

use super::support::*;
use crate::storage::sled::probe::read_as_an_open;
use crate::storage::sled::*;

/// More is not sealed than a segment holds: an open seals it, and a probe must not, since it indexes nothing.
#[test]
fn what_a_probe_has_read_is_still_found() {
    const COMMITS: usize = 9;
    const VERSIONS: usize = 10_000;
    let directory = tempfile::tempdir().unwrap();
    let all = (COMMITS * VERSIONS) as u64;
    assert!(all > SealLimits::default().numbers);
    let store = open(directory.path(), Options { seal: SealLimits::NEVER, ..tiny() }).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for _ in 0..COMMITS {
        record(&mut writer, &vec![simple(1); VERSIONS]).unwrap();
    }
    drop((writer, store));
    assert_eq!(read_as_an_open(directory.path()).unwrap().number, all);
    let store = open(directory.path(), Options { seal: SealLimits::default(), ..tiny() }).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.head().number, all);
    assert_eq!(reader.postings(&term(1), 1..=all, Direction::Ascending).count() as u64, all);
}
