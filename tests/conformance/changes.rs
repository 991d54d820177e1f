//! The log: every commit once, in order, from anywhere.

use std::time::Duration;

use claimdb::domain::model::Record;

use crate::support::{Store, article, claim_in, key, name, source, write};

crate::cases![
    every_commit_is_in_the_log_once,
    the_log_is_resumed_anywhere,
    a_change_is_the_version_as_it_was_made,
    a_hint_arrives_after_a_commit,
    a_large_log_comes_in_several_reads,
];

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
