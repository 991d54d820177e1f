//! What a seal or merge leaves behind that was cut short.

use std::sync::atomic::Ordering;

use super::faults::failing_at;
use super::support::*;
use crate::storage::sled::*;

/// What a merge leaves behind that is cut short may be tens of thousands of values: an open does not wait until they are gone, and
/// no new segment takes an id that has some.
#[test]
fn what_an_unfinished_merge_left_behind_is_removed_behind_the_open() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for at in 0..40u8 {
        record(&mut writer, &[simple(at % 3)]).unwrap();
    }
    writer.wait_until_merged().unwrap();
    let stray = {
        let core = store.handle().unwrap();
        let id = core.core().take_segment_id() + 5;
        for index in 0..100 {
            let key = keys::segment(id, keys::Kind::Postings, index);
            core.core().insert_in_segments(id, &key, vec![0; 64]).unwrap();
        }
        core.core().flush_and_sync().unwrap();
        id
    };
    drop((writer, store));
    let (options, fails) = failing_at(Step::MergeRemoving);
    fails.store(true, Ordering::SeqCst);
    let store = open(directory.path(), options).unwrap();
    let left = |store: &Store| {
        let core = store.handle().unwrap();
        let (from, to) = (keys::segment_start(stray), keys::segment_start(stray + 1));
        core.core().segments.range(&from[..]..&to[..]).count()
    };
    assert_eq!(left(&store), 100);
    assert!(store.handle().unwrap().core().take_segment_id() > stray);
    fails.store(false, Ordering::SeqCst);
    let writer = store.writer().unwrap().unwrap();
    while writer.wait_until_merged().is_err() {
        std::thread::yield_now();
    }
    assert_eq!(left(&store), 0);
}
