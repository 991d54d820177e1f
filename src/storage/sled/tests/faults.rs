//! Failures while writing: refused, unknown, poisoned, full, and the way back.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::support::*;
use crate::storage::sled::*;

/// Options whose `step` fails while the switch is on.
pub(super) fn failing_at(step: Step) -> (Options, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(false));
    let mut options = tiny();
    let inner = Arc::clone(&switch);
    options.faults = Faults::hook(move |passed| match passed == step && inner.load(Ordering::SeqCst) {
        true => Err(io::Error::other("injected")),
        false => Ok(()),
    });
    (options, switch)
}

/// A sync that failed may have lost what others gave the engine: the writer goes no further, with a group that is under way
/// meanwhile as little as with the next.
#[test]
fn a_sync_that_failed_in_the_background_stops_the_writer() {
    let directory = tempfile::tempdir().unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let mut options = tiny();
    let switch = Arc::clone(&fails);
    options.faults = Faults::hook(move |step| {
        let is_background = std::thread::current().name() == Some("sled-sealer");
        match step == Step::EngineSync && is_background && switch.load(Ordering::SeqCst) {
            true => Err(io::Error::other("injected")),
            false => Ok(()),
        }
    });
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    fails.store(true, Ordering::SeqCst);
    let refused = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        record(&mut writer, &[simple(1)]).err()
    });
    let is_stopped = matches!(refused, Some(GroupError::Poisoned { .. } | GroupError::OutcomeUnknown { .. }));
    assert!(is_stopped, "{refused:?}");
    fails.store(false, Ordering::SeqCst);
    let head = store.head().revision;
    drop(writer);
    store.reopen(&replay).unwrap();
    assert!(store.head().revision >= head);
    record(&mut store.writer().unwrap().unwrap(), &[simple(1)]).unwrap();
}

/// A sync by another thread may have lost what the writer has given the engine since its own last one.
#[test]
fn a_group_is_not_acknowledged_once_a_sync_beside_it_has_failed() {
    let directory = tempfile::tempdir().unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let (has_flushed, has_failed) = (AtomicBool::new(false), AtomicBool::new(false));
    let wait_for = |flag: &AtomicBool| {
        while !flag.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
    };
    let mut options = tiny();
    let switch = Arc::clone(&fails);
    options.faults = Faults::hook(move |step| {
        let is_background = std::thread::current().name() == Some("sled-sealer");
        if step == Step::EngineSync && is_background && switch.load(Ordering::SeqCst) {
            wait_for(&has_flushed);
            has_failed.store(true, Ordering::SeqCst);
            return Err(io::Error::other("injected"));
        }
        if step == Step::AfterFlush && switch.load(Ordering::SeqCst) {
            has_flushed.store(true, Ordering::SeqCst);
            wait_for(&has_failed);
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        Ok(())
    });
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for _ in 0..16 {
        record(&mut writer, &[simple(1)]).unwrap();
    }
    fails.store(true, Ordering::SeqCst);
    // The segment is full: it is sealed beside this one.
    let outcome = record(&mut writer, &[simple(1)]);
    assert!(matches!(outcome, Err(GroupError::OutcomeUnknown { .. })), "{outcome:?}");
    fails.store(false, Ordering::SeqCst);
    drop(writer);
    store.reopen(&replay).unwrap();
    record(&mut store.writer().unwrap().unwrap(), &[simple(1)]).unwrap();
}

#[test]
fn what_is_refused_does_not_fill_a_segment() {
    let directory = tempfile::tempdir().unwrap();
    let free = Arc::new(AtomicU64::new(u64::MAX));
    let mut options = tiny();
    options.seal = SealLimits { log_bytes: 8 << 10, ..SealLimits::default() };
    options.faults = Faults::default().with_free_bytes(Arc::clone(&free));
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    free.store(0, Ordering::SeqCst);
    for _ in 0..100 {
        assert!(matches!(record(&mut writer, &[simple(1)]), Err(GroupError::Full { .. })));
    }
    free.store(u64::MAX, Ordering::SeqCst);
    record(&mut writer, &[simple(1)]).unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    writer.wait_until_sealed().unwrap();
    drop(writer);
    assert_eq!(store.handle().unwrap().core().manifest().sealed.len(), 0);
}

#[test]
fn a_failed_step_leaves_the_outcome_unknown_until_reopened() {
    for step in [Step::BeforeApply, Step::AfterApply, Step::AfterFlush, Step::AfterSync, Step::AfterNote] {
        let directory = tempfile::tempdir().unwrap();
        let (options, switch) = failing_at(step);
        let store = open(directory.path(), options).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        record(&mut writer, &[simple(1)]).unwrap();
        switch.store(true, Ordering::SeqCst);
        let failed = record(&mut writer, &[simple(1)]);
        assert!(matches!(failed, Err(GroupError::OutcomeUnknown { .. })), "{step:?}");
        switch.store(false, Ordering::SeqCst);
        let refused = record(&mut writer, &[simple(1)]);
        assert!(matches!(refused, Err(GroupError::Poisoned { .. })), "{step:?}");
        assert!(store.poisoned().is_some());

        // Reads go on, up to what was published.
        let reader = store.reader().unwrap();
        assert_eq!(reader.head().revision, 1);
        assert_eq!(reader.version(2).unwrap(), None);
        assert_eq!(reader.postings(&term(1), 1..=99, Direction::Ascending).count(), 1);
        drop(reader);

        assert!(matches!(store.reopen(&replay), Err(ReopenError::InUse { .. })));
        drop(writer);
        store.reopen(&replay).unwrap();
        assert_eq!(store.poisoned(), None);
        let head = store.head().revision;
        // Whole or not at all, whichever it was.
        assert!((1..=2).contains(&head), "{step:?} {head}");
        let mut writer = store.writer().unwrap().unwrap();
        record(&mut writer, &[simple(1)]).unwrap();
        let found = store.reader().unwrap();
        assert_eq!(found.postings(&term(1), 1..=99, Direction::Ascending).count() as u64, head + 1);
        drop((found, writer, store));
        assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
    }
}

#[test]
fn a_note_that_cannot_be_synced_poisons_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let (options, switch) = failing_at(Step::NoteSync);
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    switch.store(true, Ordering::SeqCst);
    record(&mut writer, &[simple(1)]).unwrap();
    while store.poisoned().is_none() {
        std::thread::yield_now();
    }
    assert!(matches!(record(&mut writer, &[simple(1)]), Err(GroupError::Poisoned { .. })));
    drop(writer);
    switch.store(false, Ordering::SeqCst);
    store.reopen(&replay).unwrap();
    assert_eq!(store.head().revision, 1);
}

#[test]
fn a_full_device_refuses_before_anything_is_applied_and_resumes() {
    let directory = tempfile::tempdir().unwrap();
    let free = Arc::new(AtomicU64::new(u64::MAX));
    let mut options = tiny();
    options.faults = Faults::default().with_free_bytes(Arc::clone(&free));
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    free.store(1 << 20, Ordering::SeqCst);
    for _ in 0..3 {
        let full = record(&mut writer, &[Draft { closes: Some(1), ..simple(1) }]);
        assert!(matches!(full, Err(GroupError::Full { .. })));
        let reader = store.reader().unwrap();
        assert_eq!(reader.postings(&term(1), 1..=99, Direction::Ascending).count(), 1);
        assert_eq!(reader.closed_by(1).unwrap(), None);
        assert!(matches!(writer.check_space(0), Ok(())));
    }
    assert_eq!(store.poisoned(), None);
    free.store(0, Ordering::SeqCst);
    assert!(matches!(store.reopen(&replay), Err(ReopenError::Full { .. })));
    free.store(u64::MAX, Ordering::SeqCst);
    record(&mut writer, &[Draft { closes: Some(1), ..simple(1) }]).unwrap();
    assert_eq!(store.reader().unwrap().closed_by(1).unwrap(), Some(2));
}

#[test]
fn a_failed_seal_is_tried_again_and_nothing_is_lost_meanwhile() {
    for step in [Step::SealBlocks, Step::SealSynced, Step::SealPublished, Step::SealDurable] {
        let directory = tempfile::tempdir().unwrap();
        let (options, switch) = failing_at(step);
        let store = open(directory.path(), options.clone()).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let mut model = Model::default();
        switch.store(true, Ordering::SeqCst);
        let mut stalled = 0;
        for at in 0..60u8 {
            let drafts = [simple(at % 3)];
            let commit = commit(&writer, &drafts);
            match writer.append(commit.clone()) {
                Ok(()) => {
                    writer.commit_group().unwrap();
                    model.add(&commit, &drafts);
                }
                Err(GroupError::SealStalled { .. }) => stalled += 1,
                Err(other) => panic!("{other}"),
            }
        }
        // One segment frozen, one full: then writers are held back.
        assert_eq!((stalled, model.last()), (60 - 32, 32), "{step:?}");
        model.check(&store.reader().unwrap());
        switch.store(false, Ordering::SeqCst);
        while writer.wait_until_sealed().is_err() {
            std::thread::yield_now();
        }
        let drafts = [simple(1)];
        let commit = commit(&writer, &drafts);
        writer.append(commit.clone()).unwrap();
        writer.commit_group().unwrap();
        model.add(&commit, &drafts);
        model.check(&store.reader().unwrap());
        drop((writer, store));
        let store = open(directory.path(), options).unwrap();
        model.check(&store.reader().unwrap());
        drop(store);
        assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
    }
}

#[test]
fn an_open_iterator_keeps_the_old_handle() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    drop(writer);
    let iterator = store.reader().unwrap().postings(&term(1), 1..=9, Direction::Ascending);
    std::thread::scope(|scope| {
        let reopening = scope.spawn(|| store.reopen(&replay));
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert!(!reopening.is_finished());
        assert_eq!(iterator.map(Result::unwrap).collect::<Vec<_>>(), [1]);
        reopening.join().unwrap().unwrap();
    });
}
