//! What will not change any more is moved together: sled's file takes little more than what it holds.

use std::sync::atomic::Ordering;

use super::faults::failing_at;
use super::support::*;
use crate::storage::sled::*;

const GROUPS: usize = 100;
const VERSIONS: usize = 200;
/// Which do not compress.
const VERSION_BYTES: usize = 1_500;

/// Bytes of sled's file after large groups were recorded, sealed and, unless that fails, compacted.
fn file_bytes(is_compacted: bool) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let (mut options, switch) = failing_at(Step::Compacting);
    switch.store(!is_compacted, Ordering::SeqCst);
    options.cache_bytes = 64 << 20;
    options.seal.numbers = 2_000;
    options.merge = MergeLimits::NEVER;
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut random = 1u64;
    for _ in 0..GROUPS {
        let mut byte = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 56) as u8
        };
        let draft = |id: usize| Draft {
            filler: std::iter::repeat_with(&mut byte).take(VERSION_BYTES).collect(),
            ..simple((id % 7) as u8)
        };
        let drafts: Vec<_> = (0..VERSIONS).map(draft).collect();
        record(&mut writer, &drafts).unwrap();
        writer.wait_until_sealed().unwrap();
        if is_compacted {
            writer.wait_until_merged().unwrap();
        }
    }
    drop((writer, store));
    let bytes = std::fs::metadata(directory.path().join("sled/db")).unwrap().len();
    assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
    bytes
}

#[test]
fn a_store_takes_less_when_what_is_sealed_is_moved_together() {
    let held = (GROUPS * VERSIONS * VERSION_BYTES) as u64;
    let (compacted, left) = (file_bytes(true), file_bytes(false));
    println!("{held} bytes are held in {compacted}, and in {left} where they are left");
    // The more there is, the greater the difference: what was written last is not moved yet.
    assert!(left * 10 > compacted * 11, "{left} bytes where nothing is moved, {compacted} where it is");
}
