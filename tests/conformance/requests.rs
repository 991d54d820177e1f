//! Request ids: safe to retry.

use claimdb::domain::model::{Outcome, Record, Source};
use claimdb::storage::{CommitError, Committed};
use tokio::task::JoinSet;

use crate::support::{Store, Write, article, claim_in, key, name, source, write};

crate::cases![
    a_repeated_request_gets_the_first_answer,
    a_repeat_sees_the_records_as_of_its_commit,
    another_request_under_the_same_id_is_refused,
    each_principal_has_its_own_request_ids,
    a_request_that_changes_nothing_is_remembered,
    of_concurrent_repeats_one_commits,
];

fn request(id: &str) -> Write {
    write()
        .keyed("a", Record::Article(article("1")))
        .record(Record::Claim(claim_in(key("a"), "Nearly 2,000 were killed.")))
        .request(id)
}

async fn a_repeated_request_gets_the_first_answer(store: Store) {
    let first = request("once").to(&*store).await;
    write().record(Record::Source(source("Meanwhile"))).to(&*store).await;
    let again = request("once").to(&*store).await;
    assert!(!first.replayed && again.replayed && again.committed);
    assert_eq!(Committed { replayed: false, ..again }, first);
    assert_eq!(store.head().await.unwrap().revision, 2);
    let store = store.reopen();
    assert_eq!(Committed { replayed: false, ..request("once").to(&*store).await }, first);
    assert_eq!(store.head().await.unwrap().revision, 2);
}

async fn a_repeat_sees_the_records_as_of_its_commit(store: Store) {
    let batch = || write().named("sources/a", Record::Source(source("A"))).request("once");
    let first = batch().to(&*store).await;
    let a = name("sources/a");
    let revision = Record::Source(Source { description: "a ministry".to_owned(), ..Source::default() });
    write().revise(&a, revision).to(&*store).await;
    write().retract(&a).to(&*store).await;
    assert_eq!(Committed { replayed: false, ..batch().to(&*store).await }, first);
}

async fn another_request_under_the_same_id_is_refused(store: Store) {
    request("once").to(&*store).await;
    let other = write().record(Record::Source(source("Another"))).request("once").attempt(&*store).await;
    assert_eq!(other, Err(CommitError::RequestReused { id: "once".to_owned(), revision: 1 }));
    assert_eq!(store.head().await.unwrap().revision, 1);
}

async fn each_principal_has_its_own_request_ids(store: Store) {
    let by = |principal: &str| write().by(principal).record(Record::Source(source(principal))).request("once");
    by("one").to(&*store).await;
    let other = by("two").to(&*store).await;
    assert_eq!((other.head.revision, other.replayed), (2, false));
}

async fn a_request_that_changes_nothing_is_remembered(store: Store) {
    let batch = || write().named("sources/a", Record::Source(source("A")));
    let made = batch().to(&*store).await;
    let empty = batch().request("once").to(&*store).await;
    assert_eq!((empty.head.revision, empty.committed), (2, true));
    assert_eq!(empty.results[0].0.outcome, Outcome::Existing);
    assert_eq!(empty.results[0].1, made.results[0].1);
    assert_eq!(Committed { replayed: false, ..batch().request("once").to(&*store).await }, empty);
    assert!(store.changes(1, 10).await.unwrap()[0].versions.is_empty());
    // It took a number for itself.
    let next = write().record(Record::Source(source("B"))).to(&*store).await;
    assert_eq!((next.head.revision, next.results[0].1.number), (3, 3));
}

async fn of_concurrent_repeats_one_commits(store: Store) {
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let store = store.share();
        tasks.spawn(async move { request("once").to(&*store).await });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        answers.push(answer.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.head == answers[0].head && answer.results == answers[0].results));
    assert_eq!(store.head().await.unwrap().revision, 1);
}
