//! The log: every commit once, in order, from anywhere.

use std::sync::Arc;
use std::time::Duration;

use claimdb::domain::model::{Record, Version};
use claimdb::storage::{Commit, PART_VERSIONS};

use crate::support::{Store, article, claim_in, key, name, source, write};

crate::cases![
    every_commit_is_in_the_log_once,
    the_log_is_resumed_anywhere,
    a_change_is_the_version_as_it_was_made,
    a_hint_arrives_after_a_commit,
    a_large_log_comes_in_several_reads,
    a_large_commit_comes_in_parts,
    large_versions_come_in_smaller_parts,
];

/// All versions of a commit, of which some were read.
pub(crate) async fn whole(store: &Store, commit: Commit) -> Vec<Arc<Version>> {
    let (revision, time, first) = (commit.revision, commit.time, commit.first);
    let (mut versions, mut rest) = (commit.versions, commit.rest);
    while let Some(number) = rest {
        let part = store.changes_from(number).await.unwrap();
        assert_eq!((part.revision, part.time, part.first), (revision, time, first));
        assert!((1..=PART_VERSIONS).contains(&part.versions.len()), "{}", part.versions.len());
        assert_eq!(part.versions[0].number, number);
        versions.extend(part.versions);
        rest = part.rest;
    }
    let numbers = versions.iter().map(|version| version.number);
    assert!(numbers.eq((first..).take(versions.len())));
    versions
}

async fn fill(store: &Store) {
    for turn in 0..10 {
        write().record(Record::Source(source(&format!("Source {turn}")))).to(&**store).await;
    }
}

async fn every_commit_is_in_the_log_once(store: Store) {
    fill(&store).await;
    let store = store.reopen();
    let all = store.changes(0, 1_000).await.unwrap();
    assert_eq!(all.iter().map(|commit| commit.revision).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    for commit in &all {
        assert_eq!(store.head_of(commit.revision).await.unwrap().time, Some(commit.time));
        assert!(commit.versions.iter().all(|version| version.revision == commit.revision));
    }
}

async fn the_log_is_resumed_anywhere(store: Store) {
    fill(&store).await;
    let all = store.changes(0, 1_000).await.unwrap();
    for after in 0..=10 {
        let skip = usize::try_from(after).unwrap();
        for limit in [1, 3, 100] {
            let expected: Vec<_> = all.iter().skip(skip).take(limit).cloned().collect();
            assert_eq!(store.changes(after, limit).await.unwrap(), expected);
        }
    }
}

async fn a_change_is_the_version_as_it_was_made(store: Store) {
    let made = write()
        .keyed("a", Record::Article(article("1")))
        .named("claims/a", Record::Claim(claim_in(key("a"), "Nearly 2,000 were killed.")))
        .to(&*store)
        .await;
    write().retract(&name("claims/a")).to(&*store).await;
    let first = store.changes(0, 1).await.unwrap().remove(0);
    for (_, version) in &made.results {
        assert!(first.versions.contains(version));
    }
    assert_eq!(first.versions.len(), made.results.len());
    assert!(first.versions.iter().all(|version| version.retraction.is_none()));
}

async fn a_hint_arrives_after_a_commit(store: Store) {
    let mut hints = store.head_updates();
    assert_eq!(*hints.borrow_and_update(), 0);
    write().record(Record::Source(source("A"))).to(&*store).await;
    tokio::time::timeout(Duration::from_secs(10), hints.changed()).await.unwrap().unwrap();
    assert_eq!(*hints.borrow_and_update(), 1);
    // Who asks late is told the newest at once.
    assert_eq!(*store.head_updates().borrow(), 1);
}

async fn a_large_log_comes_in_several_reads(store: Store) {
    let wide = |number: u64| {
        let mut wide = source(&format!("Source {number}"));
        wide.aliases = (0..64).map(|alias| format!("{number} {alias} {}", "x".repeat(480))).collect();
        Record::Source(wide)
    };
    // Some 4 MB, more than one read needs to give.
    for commit in 0..16 {
        let batch = (0..8).fold(write(), |batch, number| batch.record(wide(commit * 8 + number)));
        batch.to(&*store).await;
    }
    let mut revisions = Vec::new();
    loop {
        let after = revisions.last().copied().unwrap_or(0);
        let read = store.changes(after, 1_000).await.unwrap();
        if read.is_empty() {
            break;
        }
        assert!(read.iter().all(|commit| commit.versions.len() == 8));
        revisions.extend(read.iter().map(|commit| commit.revision));
    }
    assert_eq!(revisions, (1..=16).collect::<Vec<_>>());
}

async fn a_large_commit_comes_in_parts(store: Store) {
    let sources = |count: usize, of: &str| {
        let of = of.to_owned();
        (0..count).fold(write(), move |batch, at| batch.record(Record::Source(source(&format!("{of} {at}")))))
    };
    // One short of a part, one part, one more, and several.
    let sizes = [PART_VERSIONS - 1, PART_VERSIONS, PART_VERSIONS + 1, 3 * PART_VERSIONS + 7];
    let mut made = Vec::new();
    for (index, size) in sizes.into_iter().enumerate() {
        made.push(sources(size, &format!("Source {index}")).to(&*store).await);
    }
    let store = store.reopen();
    let commits = store.changes(0, 10).await.unwrap();
    assert_eq!(commits.len(), sizes.len());
    for ((commit, made), size) in commits.into_iter().zip(made).zip(sizes) {
        assert_eq!((commit.versions.len(), commit.rest.is_some()), (size.min(PART_VERSIONS), size > PART_VERSIONS));
        let expected: Vec<_> = made.results.into_iter().map(|(_, version)| version).collect();
        assert_eq!(whole(&store, commit).await, expected);
        // From anywhere in it.
        let last = expected.last().unwrap();
        let part = store.changes_from(last.number).await.unwrap();
        assert_eq!((part.versions, part.rest), (vec![Arc::clone(last)], None));
    }
}

async fn large_versions_come_in_smaller_parts(store: Store) {
    let large = |at: usize| {
        let mut large = article(&at.to_string());
        large.title = format!("{at}: {}", "x".repeat(16 * 1024));
        Record::Article(large)
    };
    let made = (0..100).fold(write(), |batch, at| batch.record(large(at))).to(&*store).await;
    let store = store.reopen();
    let commit = store.changes(0, 1).await.unwrap().remove(0);
    let expected: Vec<_> = made.results.into_iter().map(|(_, version)| version).collect();
    assert_eq!(whole(&store, commit).await, expected);
}
