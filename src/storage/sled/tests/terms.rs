//! Terms in order and jumps within postings, over many segments, against a model.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use proptest::prelude::*;

use super::support::*;
use crate::storage::sled::errors::Damage;
use crate::storage::sled::*;

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

fn collect(mut terms: Terms) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    while let Some(term) = terms.next().unwrap() {
        found.push(term);
    }
    found
}

/// Appends a commit of one version per set of terms; its terms are not in its bytes.
fn append(writer: &mut Writer, versions: &[BTreeSet<Vec<u8>>]) -> u64 {
    let drafts = vec![Draft::default(); versions.len()];
    let mut next = commit(writer, &drafts);
    for (number, terms) in (next.first_number..).zip(versions) {
        next.terms.extend(terms.iter().map(|term| (term.clone(), number)));
    }
    let first = next.first_number;
    writer.append(next).unwrap();
    first
}

fn some_term() -> impl Strategy<Value = Vec<u8>> {
    // Few letters: terms that begin alike, and some that are not ordered.
    let letters = prop_oneof![1 => Just(0x05u8), 4 => Just(0x80u8), 4 => Just(0x81u8), 2 => Just(0xffu8)];
    // Long ones, so that blocks are full after a few.
    (proptest::collection::vec(letters, 1..5), prop_oneof![3 => 0usize..3, 1 => 150usize..240]).prop_map(
        |(mut term, length)| {
            term.extend(std::iter::repeat_n(7, length));
            term
        },
    )
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![Just(Bound::Unbounded), some_term().prop_map(Bound::Included), some_term().prop_map(Bound::Excluded),]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn terms_are_those_of_the_model(
        groups in proptest::collection::vec(
            proptest::collection::vec(proptest::collection::btree_set(some_term(), 0..8), 1..6),
            1..40,
        ),
        ranges in proptest::collection::vec((bound(), bound()), 12),
        limit in 1u64..60,
        merged in 0usize..4,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let mut options = tiny();
        options.seal.numbers = limit;
        options.merge.segments = merged;
        let store = open(directory.path(), options).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let mut model: BTreeSet<Vec<u8>> = BTreeSet::new();
        for (at, versions) in groups.iter().enumerate() {
            append(&mut writer, versions);
            if at % 5 == 3 {
                writer.discard_group();
                continue;
            }
            writer.commit_group().unwrap();
            model.extend(versions.iter().flatten().filter(|term| term[0] >= ORDERED_TERMS_FROM).cloned());
        }
        let check = || {
            let reader = store.reader().unwrap();
            for range in &ranges {
                use std::ops::RangeBounds;
                let mut expected: Vec<_> = model.iter().filter(|term| range.contains(*term)).cloned().collect();
                assert_eq!(collect(reader.terms(range.clone(), Direction::Ascending)), expected, "{range:?}");
                expected.reverse();
                assert_eq!(collect(reader.terms(range.clone(), Direction::Descending)), expected, "{range:?}");
            }
        };
        check();
        writer.wait_until_sealed().unwrap();
        check();
        writer.wait_until_merged().unwrap();
        check();
    }

    #[test]
    fn seeking_finds_what_stepping_finds(
        sizes in proptest::collection::vec((1u64..700, any::<bool>()), 1..30),
        targets in proptest::collection::vec(0.0f64..1.1, 1..12),
        limit in 1u64..3_000,
        range in (0.0f64..0.6, 0.3f64..1.1),
        step in 1u64..9,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let mut options = tiny();
        options.seal.numbers = limit;
        let store = open(directory.path(), options).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let mut model: Vec<u64> = Vec::new();
        let term = b"t".to_vec();
        for (size, is_dense) in sizes {
            let first = writer.head().number + 1;
            let has = |number: u64| is_dense || number.is_multiple_of(step * 7);
            let versions: Vec<BTreeSet<Vec<u8>>> = (first..first + size)
                .map(|number| if has(number) { BTreeSet::from([term.clone()]) } else { BTreeSet::new() })
                .collect();
            model.extend((first..first + size).filter(|number| has(*number)));
            append(&mut writer, &versions);
            writer.commit_group().unwrap();
        }
        let last = writer.head().number;
        let at = |part: f64| (part * last as f64) as u64;
        let reader = store.reader().unwrap();
        for direction in BOTH {
            let (low, high) = (at(range.0), at(range.1));
            let mut expected: Vec<u64> = model.iter().copied().filter(|number| (low..=high).contains(number)).collect();
            let mut targets: Vec<u64> = targets.iter().map(|part| at(*part)).collect();
            targets.sort_unstable();
            if direction == Direction::Descending {
                expected.reverse();
                targets.reverse();
            }
            let is_before = |number: u64, target: u64| match direction {
                Direction::Ascending => number < target,
                Direction::Descending => number > target,
            };
            let mut postings = reader.postings(&term, low..=high, direction);
            let mut left = expected.iter().copied().peekable();
            for target in targets {
                while left.next_if(|number| is_before(*number, target)).is_some() {}
                assert_eq!(postings.seek(target).unwrap(), left.peek().copied(), "{direction:?} {target}");
                // Back again is nowhere: it stays where it is.
                assert_eq!(postings.seek(if direction == Direction::Ascending { 0 } else { u64::MAX }).unwrap(), left.peek().copied());
                for _ in 0..step {
                    assert_eq!(postings.next().transpose().unwrap(), left.next(), "{direction:?} {target}");
                }
            }
            assert!(postings.map(Result::unwrap).eq(left));
        }
    }
}

/// A store with one sealed segment of 20,000 numbers that all carry a term, between others.
fn long_list() -> (tempfile::TempDir, Store, BTreeMap<Vec<u8>, u64>) {
    let directory = tempfile::tempdir().unwrap();
    let mut options = tiny();
    options.seal.numbers = 20_000;
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut first_of = BTreeMap::new();
    for _ in 0..21 {
        let versions: Vec<BTreeSet<Vec<u8>>> = (0..1000u64)
            .map(|at| {
                let number = writer.head().number + 1 + at;
                BTreeSet::from([
                    vec![0x90],
                    [&[0x80 + (number % 2) as u8 * 0x20], number.to_be_bytes().as_slice()].concat(),
                ])
            })
            .collect();
        let first = append(&mut writer, &versions);
        for (number, terms) in (first..).zip(versions) {
            for term in terms {
                first_of.entry(term).or_insert(number);
            }
        }
        writer.commit_group().unwrap();
    }
    writer.wait_until_sealed().unwrap();
    drop(writer);
    (directory, store, first_of)
}

/// Destroys all blocks of the first segment but these, so that reading another one is noticed.
fn keep_blocks(directory: &std::path::Path, kept: impl Fn(u32, u32) -> bool) {
    tamper(directory, |_, segments| {
        let blocks = segments
            .scan_prefix([keys::segment_start(1).as_slice(), &[keys::Kind::Postings as u8]].concat())
            .keys()
            .count() as u32;
        assert!(blocks > 20, "{blocks}");
        for block in (0..blocks).filter(|block| !kept(*block, blocks)) {
            segments.remove(keys::segment(1, keys::Kind::Postings, block)).unwrap();
        }
    });
}

/// The block of the long list in which a number lies.
fn list_block(directory: &std::path::Path, number: u64) -> u32 {
    let mut found = 0;
    tamper(directory, |_, segments| {
        let entry = segments.get(keys::manifest(1)).unwrap().unwrap();
        let entry = segment::SegmentEntry::decode(&keys::manifest(1), &entry).unwrap();
        let (loaded, _) = segment::SealedSegment::load(segments.clone(), entry).unwrap();
        found = loaded.first_block(&[0x90], (number, number), true).unwrap() as u32;
    });
    found
}

/// Nothing more is sealed.
fn reopen(directory: &std::path::Path) -> Store {
    let mut options = tiny();
    options.seal.numbers = 100_000;
    open(directory, options).unwrap()
}

#[test]
fn the_first_terms_cost_a_block() {
    let (directory, store, first_of) = long_list();
    let expected: Vec<Vec<u8>> = first_of.keys().cloned().collect();
    assert_eq!(collect(store.reader().unwrap().terms(.., Direction::Ascending)), expected);
    drop(store);
    keep_blocks(directory.path(), |block, blocks| block == 0 || block == blocks - 1);
    let store = reopen(directory.path());
    let reader = store.reader().unwrap();
    let expected = sealed_terms(first_of);
    for (direction, end) in [(Direction::Ascending, &expected[0]), (Direction::Descending, expected.last().unwrap())] {
        let mut terms = reader.terms(.., direction);
        assert_eq!(terms.next().unwrap().as_ref(), Some(end));
        let damage = std::iter::from_fn(|| terms.next().transpose()).find_map(Result::err).unwrap();
        assert!(damage.what.ends_with("is missing"), "{damage}");
        assert_eq!(terms.next(), Ok(None), "it ends after damage");
    }
}

/// Terms of what was not sealed cannot be derived again here.
fn sealed_terms(first_of: BTreeMap<Vec<u8>, u64>) -> Vec<Vec<u8>> {
    first_of.into_iter().filter(|(_, first)| *first <= 20_000).map(|(term, _)| term).collect()
}

#[test]
fn a_long_list_is_passed_over() {
    let (directory, store, first_of) = long_list();
    drop(store);
    let list = list_block(directory.path(), 1)..list_block(directory.path(), 20_000);
    assert!(list.len() > 3);
    keep_blocks(directory.path(), |block, _| block <= list.start || block >= list.end);
    let store = reopen(directory.path());
    let reader = store.reader().unwrap();
    let mut expected = sealed_terms(first_of);
    assert_eq!(collect(reader.terms(.., Direction::Ascending)), expected);
    expected.reverse();
    assert_eq!(collect(reader.terms(.., Direction::Descending)), expected);
}

#[test]
fn a_seek_reads_one_block() {
    let (directory, store, _) = long_list();
    let reader = store.reader().unwrap();
    for direction in BOTH {
        let mut postings = reader.postings(&[0x90], 1..=u64::MAX, direction);
        for target in if direction == Direction::Ascending { [1, 9_000, 20_500] } else { [20_500, 9_000, 1] } {
            assert_eq!(postings.seek(target), Ok(Some(target)));
        }
    }
    drop(reader);
    drop(store);
    let [first, wanted, last] = [1, 9_000, 20_000].map(|number| list_block(directory.path(), number));
    assert!(first < wanted && wanted < last);
    keep_blocks(directory.path(), |block, _| block == wanted);
    let store = reopen(directory.path());
    let reader = store.reader().unwrap();
    for direction in BOTH {
        let mut postings = reader.postings(&[0x90], 1..=20_000, direction);
        assert_eq!(postings.seek(9_000), Ok(Some(9_000)));
        let stepped: Result<Vec<u64>, Damage> = postings.collect();
        assert!(stepped.is_err(), "the other blocks are gone");
    }
}
