//! Postings, closings and revisions against the model, across many seals.

use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::support::*;
use crate::storage::sled::*;

fn drafts() -> impl Strategy<Value = Vec<(Vec<u8>, bool)>> {
    proptest::collection::vec((proptest::collection::vec(0u8..30, 0..5), any::<bool>()), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn answers_are_those_of_the_model(
        groups in proptest::collection::vec(proptest::collection::vec(drafts(), 1..4), 1..40),
        limit in 1u64..40,
        (merged, merged_numbers) in (0usize..5, 1u64..300),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let mut options = tiny();
        options.seal.numbers = limit;
        options.merge = MergeLimits { segments: merged, numbers: merged_numbers, ..options.merge };
        let store = open(directory.path(), options.clone()).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let mut model = Model::default();
        for group in &groups {
            for versions in group {
                let first = writer.head().number + 1;
                let mut drafts = Vec::new();
                for (at, (terms, closes)) in versions.iter().enumerate() {
                    let number = first + at as u64;
                    // Closes a number chosen from anywhere before, if it is open still.
                    let old = (number * 7919) % number;
                    let is_open = old > 0
                        && writer.closed_by(old).unwrap().is_none()
                        && drafts.iter().all(|draft: &Draft| draft.closes != Some(old));
                    drafts.push(Draft {
                        terms: terms.clone(),
                        closes: (*closes && is_open).then_some(old),
                        filler: vec![3; at * 900],
                    });
                }
                let commit = commit(&writer, &drafts);
                model.add(&commit, &drafts);
                writer.append(commit).unwrap();
            }
            writer.commit_group().unwrap();
        }
        model.check(&store.reader().unwrap());
        writer.wait_until_sealed().unwrap();
        model.check(&store.reader().unwrap());
        writer.wait_until_merged().unwrap();
        model.check(&store.reader().unwrap());

        // Killed: the unsealed tail is replayed.
        let copy = crash_copy(directory.path());
        let crashed = open(copy.path(), options.clone()).unwrap();
        prop_assert!(!crate::storage::sled::note::read(copy.path()).unwrap().unwrap().is_clean);
        model.check(&crashed.reader().unwrap());
        drop(crashed);

        drop(writer);
        drop(store);
        prop_assert!(crate::storage::sled::note::read(directory.path()).unwrap().unwrap().is_clean);
        let again = open(directory.path(), options).unwrap();
        model.check(&again.reader().unwrap());
        // What the close cuts short is removed by the next open.
        let writer = again.writer().unwrap().unwrap();
        writer.wait_until_sealed().unwrap();
        writer.wait_until_merged().unwrap();
        drop((writer, again));
        prop_assert!(verify::check(directory.path(), &replay).unwrap().is_sound());
        prop_assert_eq!(remains(directory.path()), 0);
        prop_assert!(!has_blobs(directory.path()));
    }
}

#[test]
fn a_long_posting_list_spans_blocks_and_is_read_lazily_from_both_ends() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = tiny();
    options.seal.numbers = 20_000;
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for _ in 0..25 {
        let drafts: Vec<Draft> = (0..1000u32).map(|at| simple((at % 3) as u8)).collect();
        record(&mut writer, &drafts).unwrap();
    }
    writer.wait_until_sealed().unwrap();
    let reader = store.reader().unwrap();
    let all = |direction| reader.postings(&term(200), 1..=u64::MAX, direction).map(Result::unwrap);
    assert!(all(Direction::Ascending).eq(1..=25_000));
    assert!(all(Direction::Descending).eq((1..=25_000).rev()));
    for (low, high) in [(19_990, 20_010), (4_000, 4_500), (1, 1), (20_000, 20_000)] {
        let within = |direction| reader.postings(&term(200), low..=high, direction).map(Result::unwrap);
        assert!(within(Direction::Ascending).eq(low..=high));
        assert!(within(Direction::Descending).eq((low..=high).rev()));
    }
    assert_eq!(all(Direction::Descending).take(3).last(), Some(24_998));
    assert_eq!(reader.postings(b"none", 1..=u64::MAX, Direction::Ascending).count(), 0);
}

#[test]
fn the_writer_sees_what_it_appended_and_readers_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    assert!(store.writer().unwrap().is_none());
    let reader = store.reader().unwrap();
    record(&mut writer, &[simple(1), simple(2)]).unwrap();
    let mut next = commit(&writer, &[Draft { closes: Some(1), ..simple(1) }]);
    next.texts.push((3, "text".into()));
    writer.append(next).unwrap();

    let numbers = |postings: Postings| postings.collect::<Result<Vec<_>, _>>().unwrap();
    let range = 1..=u64::MAX;
    assert_eq!(numbers(writer.postings(&term(1), range.clone(), Direction::Ascending)), [1, 3]);
    assert_eq!(numbers(reader.postings(&term(1), range.clone(), Direction::Ascending)), [1]);
    assert_eq!(writer.closed_by(1).unwrap(), Some(3));
    assert_eq!(reader.closed_by(1).unwrap(), None);
    assert_eq!(writer.version(3).unwrap().unwrap().revision, 2);
    assert_eq!(reader.version(3).unwrap(), None);
    assert_eq!(writer.text(3).unwrap().unwrap(), "text");
    assert_eq!(reader.text(3).unwrap(), None);
    assert_eq!(writer.commit_header(3).unwrap().unwrap().note.unwrap(), "note 2");
    assert_eq!(reader.last_number_at(2).unwrap(), None);
    let pending = writer.version(3).unwrap();

    writer.commit_group().unwrap();
    assert_eq!(reader.version(3).unwrap(), pending);
    assert_eq!(reader.closed_by(1).unwrap(), Some(3));
    assert_eq!(reader.text(3).unwrap().unwrap(), "text");
    assert_eq!(numbers(reader.postings(&term(1), range, Direction::Descending)), [3, 1]);
}

#[test]
fn a_discarded_group_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1), simple(2)]).unwrap();
    let before = writer.head();
    for _ in 0..3 {
        let refused = commit(&writer, &[Draft { closes: Some(1), ..simple(9) }, simple(1)]);
        writer.append(refused).unwrap();
        writer.discard_group();
        assert_eq!(writer.head(), before);
        assert_eq!(writer.closed_by(1).unwrap(), None);
        assert_eq!(writer.postings(&term(9), 1..=99, Direction::Ascending).count(), 0);
        assert_eq!(writer.postings(&term(1), 1..=99, Direction::Ascending).count(), 1);
    }
    record(&mut writer, &[simple(3)]).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.postings(&term(200), 1..=99, Direction::Ascending).count(), 3);
    assert_eq!(reader.postings(&term(9), 1..=99, Direction::Ascending).count(), 0);
}

#[test]
fn rules_are_checked_before_anything_is_appended() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1), simple(2)]).unwrap();
    record(&mut writer, &[Draft { closes: Some(1), ..simple(2) }]).unwrap();
    let good = commit(&writer, &[simple(1)]);
    let own = good.first_number;
    type Spoil = Box<dyn Fn(&mut NewCommit)>;
    let breaks: Vec<Spoil> = vec![
        Box::new(|commit| commit.revision += 1),
        Box::new(|commit| commit.first_number += 1),
        Box::new(|commit| commit.time_us = -1),
        Box::new(move |commit| commit.terms.push((vec![], own))),
        Box::new(move |commit| commit.terms.push((vec![0; 256], own))),
        Box::new(|commit| commit.terms.push((vec![1], 1))),
        Box::new(|commit| commit.texts.push((1, "".into()))),
        Box::new(move |commit| commit.closings.push((1, own))),
        Box::new(move |commit| commit.closings.extend([(2, own), (2, own)])),
        Box::new(|commit| commit.closings.push((2, 3))),
        Box::new(move |commit| commit.closings.push((own, own))),
    ];
    for (at, spoil) in breaks.iter().enumerate() {
        let mut bad = good.clone();
        spoil(&mut bad);
        let refused = writer.append(bad);
        assert!(matches!(refused, Err(GroupError::Refused { .. })), "{at}");
    }
    writer.append(good).unwrap();
    writer.commit_group().unwrap();
}

#[test]
fn what_is_appended_aside_is_there_once_it_settled() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut model = Model::default();
    for at in 0..40 {
        let drafts = [simple(at), simple(at + 1), Draft { closes: (at > 0).then(|| u64::from(at) * 3), ..simple(at) }];
        let mut commit = commit(&writer, &drafts);
        model.add(&commit, &drafts);
        // The first term of each version is posted at once, the others later.
        let of_all = term(200);
        let (later, now) = std::mem::take(&mut commit.terms).into_iter().partition(|(term, _)| *term == of_all);
        commit.terms = now;
        writer.append_aside(commit, move || later).unwrap();
        let newest = writer.head().number;
        assert_eq!(writer.postings(&term(at), newest..=newest, Direction::Descending).count(), 1);
        assert!(writer.version(newest).unwrap().is_some());
        if at % 3 == 0 {
            writer.settle();
            assert_eq!(writer.postings(&of_all, 1..=newest, Direction::Ascending).count() as u64, newest);
        }
        if at % 4 == 0 {
            writer.commit_group().unwrap();
            model.check(&store.reader().unwrap());
        }
    }
    writer.commit_group().unwrap();
    drop((writer, store));
    model.check(&open(directory.path(), tiny()).unwrap().reader().unwrap());
}

#[test]
fn a_group_is_given_up_when_a_commit_of_it_fails_aside() {
    type Further = Box<dyn FnOnce() -> NewPostings + Send>;
    let failures: [fn(u64) -> Further; 3] = [
        |own| Box::new(move || vec![(vec![0; 256], own)]),
        |own| Box::new(move || vec![(vec![1], own + 1)]),
        |_| Box::new(|| panic!("on purpose")),
    ];
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    for failure in failures {
        let before = writer.head();
        writer.append(commit(&writer, &[simple(2)])).unwrap();
        let bad = commit(&writer, &[Draft { closes: Some(1), ..simple(3) }]);
        let own = bad.first_number;
        writer.append_aside(bad, failure(own)).unwrap();
        writer.settle();
        // Nothing can join such a group.
        assert_eq!(writer.pending_bytes(), u64::MAX);
        let joined = writer.append(commit(&writer, &[simple(4)]));
        let revision = before.revision + 2;
        for failed in [joined.map(|()| before), writer.commit_group()] {
            let Err(GroupError::Abandoned { revision: abandoned, is_defect, .. }) = failed else {
                panic!("{failed:?}")
            };
            assert_eq!((abandoned, is_defect), (revision, true));
        }
        assert_eq!((writer.head(), store.head()), (before, before));
        assert_eq!(writer.closed_by(1).unwrap(), None);
        assert_eq!(writer.postings(&term(200), 1..=99, Direction::Ascending).count(), 1);
    }
    let later = commit(&writer, &[simple(5)]);
    writer.append_aside(later, Vec::new).unwrap();
    writer.commit_group().unwrap();
    assert_eq!(store.head().number, 2);
    drop((writer, store));
    assert_eq!(open(directory.path(), tiny()).unwrap().head().number, 2);
}

#[test]
fn readers_beside_a_writer_see_whole_prefixes() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for direction in [Direction::Ascending, Direction::Descending] {
            let (store, is_done) = (&store, &is_done);
            scope.spawn(move || {
                while !is_done.load(Ordering::Relaxed) {
                    let reader = store.reader().unwrap();
                    let head = reader.head().number;
                    let found: Vec<u64> =
                        reader.postings(&term(200), 1..=head, direction).collect::<Result<_, _>>().unwrap();
                    let mut expected: Vec<u64> = (1..=head).collect();
                    if direction == Direction::Descending {
                        expected.reverse();
                    }
                    assert_eq!(found, expected);
                    for number in (1..=head).rev().take(5) {
                        assert_eq!(reader.version(number).unwrap().unwrap().number, number);
                    }
                }
            });
        }
        for at in 0..300u32 {
            record(&mut writer, &[simple((at % 7) as u8), simple(9)]).unwrap();
        }
        is_done.store(true, Ordering::Relaxed);
    });
}
