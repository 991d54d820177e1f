//! What will not change any more is moved together: sled's file takes little more than what it holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::faults::failing_at;
use super::support::*;
use crate::storage::sled::*;

const GROUPS: u64 = 100;
const VERSIONS: u64 = 200;
/// Which do not compress.
const VERSION_BYTES: usize = 1_500;

/// A number that looks like chance, by its upper bits.
fn next(random: &mut u64) -> u64 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    *random
}

/// What is in the version with a number, besides its terms.
fn filler(number: u64) -> Vec<u8> {
    let mut random = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::iter::repeat_with(|| (next(&mut random) >> 56) as u8).take(VERSION_BYTES).collect()
}

/// Records a group of versions, some of which close earlier ones.
fn write(writer: &mut Writer, model: &mut Model, versions: u64) {
    let first = writer.head().number + 1;
    let draft = |number: u64| Draft {
        closes: (number.is_multiple_of(5) && number > versions).then(|| number - versions),
        filler: filler(number),
        ..simple((number % 7) as u8)
    };
    let drafts: Vec<_> = (first..first + versions).map(draft).collect();
    let commit = commit(writer, &drafts);
    model.add(&commit, &drafts);
    writer.append(commit).unwrap();
    writer.commit_group().unwrap();
}

/// Asserts that the version with a number is there, with what it was recorded with.
fn check(reader: &Reader, number: u64) {
    let version = reader.version(number).unwrap().expect("it was recorded");
    assert!(version.bytes.is_some_and(|bytes| bytes.ends_with(&filler(number))), "{number}");
}

/// Counts the pages that are written anew or moved, and holds up the one with this number while the switch is on.
fn counting(held: u64) -> (Options, Arc<AtomicU64>, Arc<AtomicBool>) {
    let (count, holds) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(true)));
    let (passed, hold) = (Arc::clone(&count), Arc::clone(&holds));
    let mut options = tiny();
    options.seal.numbers = 500;
    options.faults = Faults::hook(move |step| {
        if step == Step::Compacting && passed.fetch_add(1, Ordering::SeqCst) + 1 == held {
            while hold.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    });
    (options, count, holds)
}

#[test]
fn what_is_moved_meanwhile_is_read_and_written_on() {
    let directory = tempfile::tempdir().unwrap();
    let (options, moved, _) = counting(0);
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut model = Model::default();
    let (ends, read) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for seed in 1..=2u64 {
            let (store, ends, read) = (&store, &ends, &read);
            scope.spawn(move || {
                let mut random = seed;
                while !ends.load(Ordering::SeqCst) {
                    let reader = store.reader().unwrap();
                    let head = reader.head().number;
                    for _ in 0..100.min(head) {
                        check(&reader, 1 + (next(&mut random) >> 33) % head);
                        read.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        for _ in 0..100 {
            write(&mut writer, &mut model, 100);
        }
        // They read until the last page was moved.
        writer.wait_until_merged().unwrap();
        ends.store(true, Ordering::SeqCst);
    });
    let (moved, read) = (moved.load(Ordering::SeqCst), read.load(Ordering::SeqCst));
    assert!(moved > 1_000 && read > 1_000, "{moved} pages moved, {read} versions read");
    let reader = store.reader().unwrap();
    model.check(&reader);
    (1..=model.last()).for_each(|number| check(&reader, number));
    drop((reader, writer, store));
    assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
}

#[test]
fn a_store_that_is_closed_while_pages_are_moved_is_whole() {
    for held in [1, 2, 20, 300] {
        let directory = tempfile::tempdir().unwrap();
        let (options, moved, holds) = counting(held);
        let store = open(directory.path(), options).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let mut model = Model::default();
        while moved.load(Ordering::SeqCst) < held {
            write(&mut writer, &mut model, 100);
        }
        drop(writer);
        let closing = std::thread::spawn(move || drop(store));
        // Closing waits for the page that is being moved, and for no other.
        std::thread::sleep(Duration::from_millis(50));
        holds.store(false, Ordering::SeqCst);
        closing.join().unwrap();
        assert_eq!(moved.load(Ordering::SeqCst), held);

        assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
        let store = open(directory.path(), counting(0).0).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        write(&mut writer, &mut model, 100);
        writer.wait_until_sealed().unwrap();
        writer.wait_until_merged().unwrap();
        let reader = store.reader().unwrap();
        model.check(&reader);
        (1..=model.last()).for_each(|number| check(&reader, number));
    }
}

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
    let mut model = Model::default();
    for _ in 0..GROUPS {
        write(&mut writer, &mut model, VERSIONS);
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
    let held = GROUPS * VERSIONS * VERSION_BYTES as u64;
    let (compacted, left) = (file_bytes(true), file_bytes(false));
    println!("{held} bytes are held in {compacted}, and in {left} where they are left");
    // The more there is, the greater the difference: what was written last is not moved yet.
    assert!(left * 10 > compacted * 11, "{left} bytes where nothing is moved, {compacted} where it is");
}
