//! Merging: nobody is held up by it, nobody sees it, and nothing is left of what was merged.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::faults::failing_at;
use super::support::*;
use crate::storage::sled::*;

/// Counts how often each step is passed.
#[derive(Clone, Default)]
struct Passed(Arc<Mutex<HashMap<&'static str, u64>>>);

impl Passed {
    fn faults(&self) -> Faults {
        let counts = self.clone();
        Faults::hook(move |step| {
            *counts.0.lock().unwrap().entry(step.name()).or_default() += 1;
            Ok(())
        })
    }

    fn count(&self, step: Step) -> u64 {
        self.0.lock().unwrap().get(step.name()).copied().unwrap_or(0)
    }
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Lets go at the end of a test that failed: closing the store would wait for ever.
struct LetGo(Arc<AtomicBool>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// Records `count` commits of one version each, which close others now and then.
fn write(writer: &mut Writer, model: &mut Model, count: u64) {
    for _ in 0..count {
        let next = writer.head().number + 1;
        let closes = next.is_multiple_of(3).then(|| next - 2);
        let drafts = [Draft { closes, ..simple((next % 7) as u8) }];
        let commit = commit(writer, &drafts);
        writer.append(commit.clone()).unwrap();
        writer.commit_group().unwrap();
        model.add(&commit, &drafts);
    }
}

/// Waits until everything is sealed, merged and removed.
fn settle(writer: &Writer) {
    wait_until("sealing", || writer.wait_until_sealed().is_ok());
    wait_until("merging", || writer.wait_until_merged().is_ok());
}

#[test]
fn a_merged_segment_is_the_one_that_would_have_been_sealed() {
    let mut values = Vec::new();
    for (numbers, segments) in [(16, 4), (64, 0)] {
        let directory = tempfile::tempdir().unwrap();
        let mut options = tiny();
        options.seal.numbers = numbers;
        options.merge.segments = segments;
        let store = open(directory.path(), options).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let mut model = Model::default();
        write(&mut writer, &mut model, 65);
        settle(&writer);
        model.check(&store.reader().unwrap());
        drop((writer, store));
        let entries = published(directory.path());
        assert_eq!((entries.len(), entries[0].numbers(), entries[0].closings), (1, 64, 21));
        tamper(directory.path(), |_, index| {
            let bodies = index.scan_prefix(keys::segment_start(entries[0].id)).map(|pair| {
                let (key, value) = pair.unwrap();
                (key[9..].to_vec(), bytes_codec::open_value(&key, &value).unwrap().to_vec())
            });
            values.push(bodies.collect::<Vec<_>>());
        });
    }
    assert!(values[0].len() == 3 && values[0] == values[1]);
}

#[test]
fn readers_go_on_with_what_they_began_and_nothing_is_left_afterwards() {
    let directory = tempfile::tempdir().unwrap();
    let passed = Passed::default();
    let mut options = tiny();
    options.faults = passed.faults();
    // Two are sealed, the third lets them be merged.
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut model = Model::default();
    write(&mut writer, &mut model, 40);
    writer.wait_until_sealed().unwrap();
    let reader = store.reader().unwrap();
    let mut ascending = reader.postings(&term(200), 1..=40, Direction::Ascending);
    let mut descending = reader.postings(&term(200), 1..=40, Direction::Descending);
    let untouched = reader.postings(&term(200), 1..=40, Direction::Ascending);
    assert_eq!(ascending.next(), Some(Ok(1)));
    assert_eq!(descending.next(), Some(Ok(40)));
    write(&mut writer, &mut model, 20);
    wait_until("merged", || passed.count(Step::MergeDurable) == 1);
    model.check(&store.reader().unwrap());
    // The third was sealed after these readers began.
    wait_until("the third is removed", || passed.count(Step::MergeRemoved) == 1);
    std::thread::sleep(Duration::from_millis(150));
    assert_eq!(passed.count(Step::MergeRemoved), 1, "somebody still reads the others");
    assert!(ascending.map(Result::unwrap).eq(2..=40));
    assert!(descending.map(Result::unwrap).eq((1..=39).rev()));
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(passed.count(Step::MergeRemoved), 1, "somebody still reads the others");
    assert!(untouched.map(Result::unwrap).eq(1..=40));
    settle(&writer);
    assert_eq!(passed.count(Step::MergeRemoved), 3);
    model.check(&store.reader().unwrap());
    drop((reader, writer, store));
    assert_eq!(remains(directory.path()), 0);
    assert_eq!(
        published(directory.path()).iter().map(|entry| (entry.level, entry.last)).collect::<Vec<_>>(),
        [(1, 48)]
    );
}

#[test]
fn a_reader_that_never_ends_stops_merging_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let passed = Passed::default();
    let mut options = tiny();
    options.faults = passed.faults();
    options.seal.numbers = 1;
    options.merge = MergeLimits { segments: 2, numbers: 2, terms: 1 << 20 };
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut model = Model::default();
    write(&mut writer, &mut model, 2);
    let mut held = Vec::new();
    for _ in 0..200 {
        // Each holds the manifest of its moment.
        held.push(store.reader().unwrap().postings(&term(200), 1..=u64::MAX, Direction::Ascending));
        write(&mut writer, &mut model, 1);
    }
    writer.wait_until_sealed().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let merged = passed.count(Step::MergeDurable);
    // A few may have been merged and removed before somebody held them.
    assert!(merged < 60, "{merged}");
    model.check(&store.reader().unwrap());
    drop(held);
    settle(&writer);
    assert!(passed.count(Step::MergeDurable) >= 100);
    model.check(&store.reader().unwrap());
    drop((writer, store));
    assert_eq!(remains(directory.path()), 0);
}

#[test]
fn writers_and_seals_do_not_wait_for_a_merge() {
    let directory = tempfile::tempdir().unwrap();
    let (is_held, arrived) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));
    let mut options = tiny();
    let (hold, count) = (Arc::clone(&is_held), Arc::clone(&arrived));
    options.faults = Faults::hook(move |step| {
        if step == Step::MergeBlocks {
            count.fetch_add(1, Ordering::SeqCst);
            while hold.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    });
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let _let_go = LetGo(Arc::clone(&is_held));
    let mut model = Model::default();
    write(&mut writer, &mut model, 49);
    wait_until("a merge has begun", || arrived.load(Ordering::SeqCst) == 1);
    write(&mut writer, &mut model, 100);
    writer.wait_until_sealed().unwrap();
    model.check(&store.reader().unwrap());
    assert_eq!(arrived.load(Ordering::SeqCst), 1);
    is_held.store(false, Ordering::SeqCst);
    settle(&writer);
    model.check(&store.reader().unwrap());
    drop((writer, store));
    // Nine were sealed: three times three, and those once more.
    assert_eq!(published(directory.path()).iter().map(|entry| entry.level).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_merge_stands_back_while_a_segment_is_sealed() {
    let directory = tempfile::tempdir().unwrap();
    let held: [Arc<AtomicBool>; 2] = Default::default();
    let passed = Passed::default();
    let mut options = tiny();
    let (counts, hold) = (passed.faults(), held.clone());
    options.faults = Faults::hook(move |step| {
        let held = match step == Step::MergeBlocks {
            true => Some(&hold[0]),
            false => Some(&hold[1]).filter(|_| step == Step::SealBlocks),
        };
        counts.at(step)?;
        while held.is_some_and(|held| held.load(Ordering::SeqCst)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    });
    options.merge.segments = 2;
    let [merging, sealing] = held;
    merging.store(true, Ordering::SeqCst);
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let _let_go = [LetGo(Arc::clone(&merging)), LetGo(Arc::clone(&sealing))];
    let mut model = Model::default();
    write(&mut writer, &mut model, 33);
    wait_until("a merge has begun", || passed.count(Step::MergeBlocks) == 1);
    let sealed = passed.count(Step::SealBlocks);
    sealing.store(true, Ordering::SeqCst);
    write(&mut writer, &mut model, 16);
    wait_until("a seal has begun", || passed.count(Step::SealBlocks) == sealed + 1);
    merging.store(false, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(100));
    // The block it was at, and no other.
    assert_eq!((passed.count(Step::MergeBlocks), passed.count(Step::MergeSynced)), (1, 0));
    sealing.store(false, Ordering::SeqCst);
    settle(&writer);
    assert_eq!(passed.count(Step::MergeDurable), 1);
    model.check(&store.reader().unwrap());
}

#[test]
fn a_failed_merge_is_tried_again_and_harms_nobody() {
    let steps = [
        Step::MergeBlocks,
        Step::MergeSynced,
        Step::MergePublished,
        Step::MergeDurable,
        Step::MergeRemoving,
        Step::MergeRemoved,
        Step::Compacting,
    ];
    for step in steps {
        let directory = tempfile::tempdir().unwrap();
        let (mut options, switch) = failing_at(step);
        // Held while files are copied, so that nobody writes them.
        let gate = Arc::new(Mutex::new(()));
        let (faults, passing) = (options.faults.clone(), Arc::clone(&gate));
        options.faults = Faults::hook(move |step| {
            drop(passing.lock().unwrap());
            faults.at(step)
        });
        let store = open(directory.path(), options.clone()).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let mut model = Model::default();
        switch.store(true, Ordering::SeqCst);
        write(&mut writer, &mut model, 60);
        writer.wait_until_sealed().unwrap();
        wait_until("a failure", || writer.wait_until_merged().is_err());
        assert_eq!(writer.wait_until_merged(), Err("injected".to_owned()), "{step:?}");
        write(&mut writer, &mut model, 40);
        model.check(&store.reader().unwrap());
        // As a kill would leave it, wherever it stands.
        let copy = {
            let _held = gate.lock().unwrap();
            std::thread::sleep(Duration::from_millis(30));
            crash_copy(directory.path())
        };
        let crashed = open(copy.path(), tiny()).unwrap();
        model.check(&crashed.reader().unwrap());
        settle(&crashed.writer().unwrap().unwrap());
        drop(crashed);
        assert!(verify::check(copy.path(), &replay).unwrap().is_sound(), "{step:?}");
        assert_eq!(remains(copy.path()), 0, "{step:?}");

        switch.store(false, Ordering::SeqCst);
        settle(&writer);
        model.check(&store.reader().unwrap());
        drop((writer, store));
        assert_eq!(remains(directory.path()), 0, "{step:?}");
        let store = open(directory.path(), options).unwrap();
        model.check(&store.reader().unwrap());
        drop(store);
        assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
        assert!(!has_blobs(directory.path()));
    }
}

#[test]
fn a_merge_leaves_the_last_room_to_writers() {
    let directory = tempfile::tempdir().unwrap();
    let free = Arc::new(AtomicU64::new((1 << 20) + 50_000));
    let mut options = tiny();
    options.faults = Faults::default().with_free_bytes(Arc::clone(&free));
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut model = Model::default();
    write(&mut writer, &mut model, 60);
    writer.wait_until_sealed().unwrap();
    wait_until("refused", || writer.wait_until_merged().is_err_and(|reason| reason.contains("bytes are free")));
    write(&mut writer, &mut model, 10);
    model.check(&store.reader().unwrap());
    free.store(u64::MAX, Ordering::SeqCst);
    settle(&writer);
    model.check(&store.reader().unwrap());
    drop((writer, store));
    assert_eq!(published(directory.path())[0].level, 1);
}

#[test]
fn damage_met_by_a_merge_is_reported_and_the_rest_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = tiny();
    options.merge = MergeLimits::NEVER;
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut model = Model::default();
    write(&mut writer, &mut model, 60);
    settle(&writer);
    drop((writer, store));
    assert_eq!(published(directory.path()).len(), 3);
    let key = keys::segment(2, keys::Kind::Postings, 0);
    tamper(directory.path(), |_, segments| {
        let mut value = segments.get(key).unwrap().unwrap().to_vec();
        value[9] ^= 1;
        segments.insert(key, value).unwrap();
    });
    let mut options = tiny();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let list = Arc::clone(&heard);
    options.on_damage = DamageAlarm::new(move |damage| list.lock().unwrap().push(damage.what.clone()));
    let store = open(directory.path(), options).unwrap();
    wait_until("reported", || !heard.lock().unwrap().is_empty());
    assert_eq!(heard.lock().unwrap()[0], "segment 2: Postings 0 does not match its checksum");
    let mut writer = store.writer().unwrap().unwrap();
    write(&mut writer, &mut model, 20);
    let reader = store.reader().unwrap();
    let found: io::Result<Vec<u64>> = reader
        .postings(&term(200), 33..=80, Direction::Ascending)
        .map(|found| found.map_err(io::Error::other))
        .collect();
    assert!(found.unwrap().into_iter().eq(33..=80));
    drop((reader, writer, store));
    // The parts are what they were.
    let ranges: Vec<_> = published(directory.path()).iter().map(|entry| (entry.id, entry.level, entry.last)).collect();
    assert_eq!(ranges[..3], [(1, 0, 16), (2, 0, 32), (3, 0, 48)]);
}

#[test]
fn values_of_every_kind_survive_merging() {
    // Enough terms, closings and numbers for several values of each kind, a filter among them.
    let directory = tempfile::tempdir().unwrap();
    let mut options = tiny();
    options.seal.numbers = 4_000;
    options.merge = MergeLimits { segments: 2, numbers: 10_000, terms: 1 << 20 };
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for round in 0..9u64 {
        let first = writer.head().number + 1;
        let drafts: Vec<Draft> = (0..1000)
            .map(|at| Draft { closes: (round > 0).then(|| first + at - 1000), ..simple((at % 200) as u8) })
            .collect();
        record(&mut writer, &drafts).unwrap();
    }
    settle(&writer);
    let reader = store.reader().unwrap();
    for number in 1..=9_000u64 {
        assert_eq!(reader.closed_by(number).unwrap(), (number <= 8_000).then_some(number + 1000));
    }
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut found: Vec<u64> = reader.postings(&term(7), 1..=u64::MAX, direction).map(Result::unwrap).collect();
        found.sort_unstable();
        assert!(found.into_iter().eq((1..=9_000).filter(|number| (number - 1) % 1000 % 200 == 7)));
        assert_eq!(reader.postings(&term(201), 1..=u64::MAX, direction).count(), 0);
    }
    drop((reader, writer, store));
    let entry = published(directory.path())[0];
    assert_eq!((entry.level, entry.numbers()), (1, 8_000));
    assert!(entry.posting_blocks > 2 && entry.closing_blocks > 1 && entry.filter_chunks == 1, "{entry:?}");
    assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
    assert!(!has_blobs(directory.path()));
}
