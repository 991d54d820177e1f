//! Reads by name, and revisions and times.

use claimdb::domain::model::{Record, Source};
use claimdb::domain::name::RecordKind;
use claimdb::domain::term::Term;
use claimdb::domain::time::Timestamp;
use claimdb::storage::{Clock as _, Head, Order, PageRequest, Query, StoreError};

use crate::support::{Store, claim, name, source, write};

crate::cases![
    a_read_as_of_a_revision_stays_the_same,
    a_read_names_each_record_asked_for_in_order,
    a_time_means_the_newest_commit_at_or_before_it,
    a_time_that_was_answered_for_stays_answered_although_the_clock_is_set_back,
    a_revision_beyond_the_newest_is_refused,
];

async fn a_read_as_of_a_revision_stays_the_same(store: Store) {
    let a = name("sources/a");
    write().named("sources/a", Record::Source(source("A"))).to(&*store).await;
    let mut answers = vec![None, store.get(std::slice::from_ref(&a), 1).await.unwrap()[0].clone()];
    for turn in 0..5 {
        let description = format!("described {turn} times");
        write().revise(&a, Record::Source(Source { description, ..Source::default() })).to(&*store).await;
        answers.push(store.get(std::slice::from_ref(&a), turn + 2).await.unwrap()[0].clone());
    }
    for (revision, answer) in (0..).zip(&answers) {
        assert_eq!(store.get(std::slice::from_ref(&a), revision).await.unwrap()[0], *answer);
    }
    let store = store.reopen();
    for (revision, answer) in (0..).zip(&answers) {
        assert_eq!(store.get(std::slice::from_ref(&a), revision).await.unwrap()[0], *answer);
    }
}

async fn a_read_names_each_record_asked_for_in_order(store: Store) {
    write()
        .named("sources/a", Record::Source(source("A")))
        .named("claims/a", Record::Claim(claim("A claim.")))
        .to(&*store)
        .await;
    let names = ["claims/a", "sources/none", "sources/a", "claims/a", "articles/a"].map(name);
    let read = store.get(&names, 1).await.unwrap();
    let read: Vec<_> = read.iter().map(|version| version.as_ref().map(|version| version.name.to_string())).collect();
    let expected = [Some("claims/a"), None, Some("sources/a"), Some("claims/a"), None];
    assert_eq!(read, expected.map(|name| name.map(str::to_owned)));
    assert_eq!(store.get(&[], 1).await, Ok(Vec::new()));
}

async fn a_time_means_the_newest_commit_at_or_before_it(store: Store) {
    let mut heads = Vec::new();
    for turn in 0..3 {
        heads.push(write().record(Record::Source(source(&format!("Source {turn}")))).to(&*store).await.head);
        store.ground.clock.advance(1_000_000);
    }
    let after = |time: Option<Timestamp>, micros| Timestamp::from_micros(time.unwrap().micros() + micros).unwrap();
    assert_eq!(store.head_at(after(heads[0].time, -1)).await, Ok(Head::default()));
    for (index, head) in heads.iter().enumerate() {
        assert_eq!(store.head_at(after(head.time, 0)).await, Ok(*head));
        assert_eq!(store.head_at(after(head.time, 999_999)).await, Ok(*head));
        assert_eq!(store.head_of(index as u64 + 1).await, Ok(*head));
    }
    assert_eq!(store.head_at(Timestamp::MAX).await, Ok(heads[2]));
    assert_eq!(store.head_at(Timestamp::MIN).await, Ok(Head::default()));
}

async fn a_time_that_was_answered_for_stays_answered_although_the_clock_is_set_back(store: Store) {
    let first = write().named("sources/a", Record::Source(source("A"))).to(&*store).await.head;
    store.ground.clock.advance(5_000_000);
    let asked = store.ground.clock.now();
    assert_eq!(store.head_at(asked).await, Ok(first));
    store.ground.clock.advance(-3_000_000);
    let second = write().named("sources/b", Record::Source(source("B"))).to(&*store).await.head;
    assert!(second.time > Some(asked), "{second:?} {asked}");
    assert_eq!(store.head_at(asked).await, Ok(first));
    // What is still to come is nobody's promise: it would drag the times of commits along.
    assert_eq!(store.head_at(Timestamp::MAX).await, Ok(second));
    let third = write().named("sources/c", Record::Source(source("C"))).to(&*store).await.head;
    assert!(third.time < Timestamp::from_micros(asked.micros() + 1_000).ok(), "{third:?}");
}

async fn a_revision_beyond_the_newest_is_refused(store: Store) {
    write().named("sources/a", Record::Source(source("A"))).to(&*store).await;
    let refused = StoreError::RevisionInFuture { asked: 2, head: 1 };
    let page = PageRequest { after: None, limit: 1 };
    let query = Query::carrying([Term::Kind(RecordKind::Source)], Order::Ascending).active();
    assert_eq!(store.get(&[name("sources/a")], 2).await, Err(refused.clone()));
    assert_eq!(store.query(&query, 2, page).await, Err(refused.clone()));
    assert_eq!(store.history(&name("sources/a"), 2, page).await, Err(refused.clone()));
    assert_eq!(store.head_of(2).await, Err(refused.clone()));
    assert_eq!(store.changes(2, 1).await, Err(refused));
}
