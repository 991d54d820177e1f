//! The log: every commit once, in order, from anywhere.

use std::time::Duration;

use claimdb::domain::model::Record;

use crate::support::{Store, article, claim_in, key, name, source, write};

crate::cases![
    every_commit_is_in_the_log_once,
    the_log_is_resumed_anywhere,
    a_change_is_the_version_as_it_was_made,
    a_hint_arrives_after_a_commit,
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
