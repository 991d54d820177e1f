//! What was acknowledged is there when the store is opened again.

use claimdb::domain::model::Record;
use claimdb::domain::name::RecordKind;
use claimdb::domain::term::Term;
use claimdb::storage::{Order, PageRequest, Query};

use crate::support::{Store, TEXT, article, claim_in, key, source, text, write};

crate::cases![durable: true;
    everything_is_there_after_reopening,
    writing_goes_on_after_reopening,
    a_store_keeps_its_id,
    a_large_page_is_as_it_was_written_whoever_else_reads,
];

async fn everything_is_there_after_reopening(store: Store) {
    for turn in 0..5 {
        let claim = claim_in(key("a"), &format!("Claim {turn}."));
        write().keyed("a", Record::Article(article("1"))).record(Record::Claim(claim)).to(&*store).await;
    }
    let head = store.head().await.unwrap();
    let log = store.changes(0, 100).await.unwrap();
    let claims = Query::carrying([Term::Kind(RecordKind::Claim)], Order::Descending).active();
    let page = PageRequest { after: None, limit: 100 };
    let answer = store.query(&claims, head.revision, page).await.unwrap();
    let store = store.reopen();
    assert_eq!(store.head().await, Ok(head));
    assert_eq!(store.changes(0, 100).await, Ok(log));
    assert_eq!(store.query(&claims, head.revision, page).await, Ok(answer));
    assert_eq!(store.text(text(TEXT).sha256).await.unwrap().as_deref(), Some(TEXT));
    assert_eq!(*store.head_updates().borrow(), head.revision);
}

async fn writing_goes_on_after_reopening(mut store: Store) {
    for turn in 1..=4 {
        let made = write().record(Record::Source(source(&format!("Source {turn}")))).to(&*store).await;
        assert_eq!((made.head.revision, made.results[0].1.number), (turn, turn));
        // Even when the clock has gone back meanwhile.
        store.ground.clock.advance(-1_000_000);
        store = store.reopen();
    }
    let times: Vec<_> = store.changes(0, 10).await.unwrap().iter().map(|commit| commit.time).collect();
    assert!(times.is_sorted() && times.len() == 4);
}

async fn a_store_keeps_its_id(store: Store) {
    let description = store.description();
    assert_eq!(store.reopen().description(), description);
}

/// Where nothing is in memory yet and few others ask, such a page is read on several threads; where many do, on one.
async fn a_large_page_is_as_it_was_written_whoever_else_reads(mut store: Store) {
    let mut expected = Vec::new();
    for turn in 0..8 {
        let mut batch = write();
        for at in 0..30 {
            batch = batch.record(Record::Source(source(&format!("Source {turn} {at}"))));
        }
        expected.extend(batch.to(&*store).await.results.into_iter().map(|(_, version)| version));
    }
    let sources = Query::carrying([Term::Kind(RecordKind::Source)], Order::Ascending).active();
    let page = PageRequest { after: None, limit: 1_000 };
    for askers in [1, 100] {
        store = store.reopen();
        let asked = (0..askers).map(|_| store.query(&sources, 8, page));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.unwrap().versions, expected);
        }
    }
}
