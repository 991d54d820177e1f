//! Imports: numbered batches, each one commit, each item whole or not at all.

use claimdb::domain::model::{ItemErrorPolicy, Outcome, Record, RecordStatus, Source};
use claimdb::domain::plan::Refusal;
use claimdb::domain::term::Term;
use claimdb::storage::{
    ClaimStore, Head, ImportBatch, ImportCounts, ImportError, ImportProgress, Imported, Order, PageRequest, Query,
};

use crate::support::{Store, Write, article, batch_of, claim_in, inline, key, name, said_by, source, told, write};

crate::cases![
    a_batch_is_one_commit_of_the_items_that_are_not_refused,
    items_see_the_items_before_them,
    a_record_that_several_items_change_has_a_version_of_each,
    what_the_commit_closes_below_is_not_seen_by_later_items,
    texts_of_one_batch_are_kept_once_and_found,
    a_batch_of_refused_items_moves_the_session_on,
    a_duplicate_does_nothing_and_a_gap_is_refused,
    other_data_and_a_lost_session_are_refused,
    reject_batch_keeps_nothing,
    sessions_of_principals_are_apart,
    a_session_survives,
    batches_queued_at_once_are_committed_in_order,
    a_session_counts_the_batches_that_are_queued,
    an_item_may_not_make_a_commit_too_large,
];

async fn import(store: &dyn ClaimStore, batch: ImportBatch) -> Result<Imported, ImportError> {
    store.import(batch).await.await
}

async fn session(store: &dyn ClaimStore) -> Option<ImportProgress> {
    store.import_session("anonymous", "s").await.unwrap()
}

fn named_source(at: &str) -> Write {
    write().named(&format!("sources/{at}"), Record::Source(source(at)))
}

fn described(name: &str, description: &str) -> Write {
    let record = Record::Source(Source { description: description.to_owned(), ..Source::default() });
    write().revise(&crate::support::name(name), record)
}

fn missing() -> Write {
    write().record(Record::Claim(claim_in(name("articles/missing").into(), "Nobody said so.")))
}

async fn a_batch_is_one_commit_of_the_items_that_are_not_refused(store: Store) {
    let items = [named_source("a"), missing(), named_source("b"), named_source("a")];
    let refused = vec![told(4, Refusal::ReferenceNotFound(Vec::new())), told(0, Refusal::Violations(Vec::new()))];
    let done = import(&*store, ImportBatch { refused, ..batch_of("s", 1, items) }).await.unwrap();
    assert_eq!((done.head.revision, done.duplicate), (1, false));
    assert_eq!(done.counts, ImportCounts { items: 3, refused: 3, created: 2, existing: 1, ..ImportCounts::default() });
    assert_eq!(done.rejected.iter().map(|item| item.index).collect::<Vec<_>>(), [0, 1, 4]);
    assert!(done.rejected[1].message.contains("articles/missing"), "{:?}", done.rejected);
    assert_eq!((done.session.next_batch, &*done.session.position), (2, "after 1"));
    let commits = store.changes(0, 10).await.unwrap();
    let numbers: Vec<u64> = commits[0].versions.iter().map(|version| version.number).collect();
    assert_eq!((commits.len(), numbers), (1, vec![1, 2]));
}

async fn items_see_the_items_before_them(store: Store) {
    // An article by its URL, a source in words, a claim by its content: found as if each item had been a commit.
    let statement = || {
        let mut claim = claim_in(key("a"), "Nearly 2,000 were killed.");
        claim.attributions = vec![said_by(inline("The Ministry"))];
        write().keyed("a", Record::Article(article("1"))).record(Record::Claim(claim))
    };
    let done = import(&*store, batch_of("s", 1, [statement(), statement()])).await.unwrap();
    assert_eq!(done.counts, ImportCounts { items: 2, created: 3, existing: 2, ..ImportCounts::default() });
    let commit = store.changes(0, 10).await.unwrap().remove(0);
    assert_eq!(commit.versions.len(), 3);
    // So it is across batches, and for writes of their own.
    let again = import(&*store, batch_of("s", 2, [statement()])).await.unwrap();
    assert_eq!(again.counts, ImportCounts { items: 1, existing: 2, ..ImportCounts::default() });
    assert!(statement().to(&*store).await.results.iter().all(|(planned, _)| planned.outcome == Outcome::Existing));
}

async fn a_record_that_several_items_change_has_a_version_of_each(store: Store) {
    let a = name("sources/a");
    let items = [named_source("a"), described("sources/a", "first"), write().retract(&a), write().reinstate(&a)];
    let done = import(&*store, batch_of("s", 1, items)).await.unwrap();
    let expected = ImportCounts { items: 4, created: 1, updated: 1, retracted: 1, reinstated: 1, ..Default::default() };
    assert_eq!(done.counts, expected);
    described("sources/a", "second").to(&*store).await;
    let page = PageRequest { after: None, limit: 10 };
    let store = store.reopen();
    let history = store.history(&a, 2, page).await.unwrap().versions;
    let seen: Vec<_> = history.iter().map(|v| (v.number, v.replaces, v.revision, v.create_revision)).collect();
    assert_eq!(seen, [(1, None, 1, 1), (2, Some(1), 1, 1), (3, Some(2), 1, 1), (4, Some(3), 1, 1), (5, Some(4), 2, 1)]);
    // Only the last of them holds, as of its commit and later.
    for (as_of, holds) in [(0, None), (1, Some(4)), (2, Some(5))] {
        let got = store.get(std::slice::from_ref(&a), as_of).await.unwrap().remove(0);
        assert_eq!(got.map(|version| version.number), holds);
        let terms = vec![Term::DisplayName("a".to_owned())];
        let query = Query::carrying(terms, Order::Descending);
        let listed = store.query(&query, as_of, page).await.unwrap().versions;
        assert_eq!(listed.first().map(|version| version.number), holds);
        assert!(listed.len() <= 1);
    }
    let status = history.iter().map(|version| version.status()).collect::<Vec<_>>();
    let (active, retracted) = (RecordStatus::Active, RecordStatus::Retracted);
    assert_eq!(status, [active, active, retracted, active, active]);
    assert_eq!(store.changes(0, 10).await.unwrap()[0].versions.len(), 4);
}

async fn what_the_commit_closes_below_is_not_seen_by_later_items(store: Store) {
    named_source("a").to(&*store).await;
    let renamed = Record::Source(Source { display_name: "B".to_owned(), ..Source::default() });
    let rename = write().revise(&name("sources/a"), renamed);
    // The old name is free for another source, the new one leads to the first.
    let items = [rename, write().record(Record::Source(source("a"))), write().record(Record::Source(source("B")))];
    let done = import(&*store, batch_of("s", 1, items)).await.unwrap();
    let expected = ImportCounts { items: 3, created: 1, existing: 1, updated: 1, ..ImportCounts::default() };
    assert_eq!(done.counts, expected);
}

async fn texts_of_one_batch_are_kept_once_and_found(store: Store) {
    let quoting = |at: &str| {
        let quote = crate::support::claim_in(key("a"), "Nearly 2,000 were killed.");
        write().keyed("a", Record::Article(article(at))).record(Record::Claim(quote))
    };
    import(&*store, batch_of("s", 1, [quoting("1"), quoting("2")])).await.unwrap();
    let store = store.reopen();
    let text = crate::support::text(crate::support::TEXT);
    assert_eq!(store.text(text.sha256).await.unwrap(), text.body);
}

async fn a_batch_of_refused_items_moves_the_session_on(store: Store) {
    let done = import(&*store, batch_of("s", 1, [missing()])).await.unwrap();
    assert_eq!((done.head.revision, done.counts.refused, done.session.next_batch), (1, 1, 2));
    let empty = import(&*store, batch_of("s", 2, [])).await.unwrap();
    assert_eq!((empty.head.revision, empty.session.next_batch), (2, 3));
    let store = store.reopen();
    assert_eq!(session(&*store).await.map(|found| found.session), Some(empty.session));
    assert_eq!(named_source("a").to(&*store).await.results[0].1.number, 3);
}

async fn a_duplicate_does_nothing_and_a_gap_is_refused(store: Store) {
    let one = || batch_of("s", 1, [named_source("a")]);
    assert_eq!(import(&*store, batch_of("s", 2, [])).await, Err(ImportError::Gap { expected: 1 }));
    assert_eq!(import(&*store, batch_of("s", 0, [])).await, Err(ImportError::Gap { expected: 1 }));
    let first = import(&*store, one()).await.unwrap();
    named_source("b").to(&*store).await;
    let again = import(&*store, one()).await.unwrap();
    let counts = ImportCounts::default();
    assert_eq!(again, Imported { duplicate: true, counts, ..first });
    assert_eq!(import(&*store, batch_of("s", 3, [])).await, Err(ImportError::Gap { expected: 2 }));
    assert_eq!(store.head().await.unwrap().revision, 2);
}

async fn other_data_and_a_lost_session_are_refused(store: Store) {
    import(&*store, batch_of("s", 1, [named_source("a")])).await.unwrap();
    let other = ImportBatch { input: "another file".to_owned(), ..batch_of("s", 2, []) };
    assert_eq!(import(&*store, other).await, Err(ImportError::InputChanged { expected: "a file".to_owned() }));
    let lost = batch_of("s", 2, [named_source("b")]);
    lost.fence.lower();
    assert_eq!(import(&*store, lost).await, Err(ImportError::Fenced));
    assert_eq!(store.head().await.unwrap().revision, 1);
}

async fn reject_batch_keeps_nothing(store: Store) {
    let strict =
        |items: Vec<Write>| ImportBatch { item_errors: ItemErrorPolicy::RejectBatch, ..batch_of("s", 1, items) };
    let refused = import(&*store, strict(vec![named_source("a"), missing(), missing()])).await.unwrap_err();
    let ImportError::Rejected(items) = refused else { panic!("{refused:?}") };
    assert_eq!(items.iter().map(|item| item.index).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(store.head().await.unwrap(), Head::default());
    assert_eq!(store.import_session("anonymous", "s").await.unwrap(), None);
    // The same number is next.
    assert_eq!(import(&*store, strict(vec![named_source("a")])).await.unwrap().head.revision, 1);
    // What is wrong with items that did not come here counts as much, and no more than the place of their batch.
    let refused = |number: u64| ImportBatch {
        number,
        refused: vec![told(0, Refusal::Violations(Vec::new()))],
        ..strict(vec![named_source("b")])
    };
    assert!(import(&*store, refused(1)).await.unwrap().duplicate);
    assert_eq!(import(&*store, refused(3)).await, Err(ImportError::Gap { expected: 2 }));
    assert!(matches!(import(&*store, refused(2)).await, Err(ImportError::Rejected(items)) if items.len() == 1));
    assert_eq!(store.head().await.unwrap().revision, 1);
}

async fn sessions_of_principals_are_apart(store: Store) {
    let by =
        |principal: &str| ImportBatch { principal: principal.into(), ..batch_of("s", 1, [named_source(principal)]) };
    import(&*store, by("one")).await.unwrap();
    assert_eq!(import(&*store, by("two")).await.unwrap().head.revision, 2);
    assert_eq!(store.import_session("three", "s").await.unwrap(), None);
    assert_eq!(store.import_session("one", "other").await.unwrap(), None);
}

async fn a_session_survives(store: Store) {
    let mut store = store;
    for number in 1..=20 {
        let items = (0..3).map(|item| named_source(&format!("n{number}-{item}"))).chain([missing()]);
        let done = import(&*store, batch_of("s", number, items)).await.unwrap();
        if number % 5 == 0 {
            store = store.reopen();
        }
        let found = session(&*store).await.unwrap();
        assert_eq!(found.session, done.session);
        // The newest batches can be told of again.
        let newest: Vec<u64> = (number.saturating_sub(8).max(1)..=number).collect();
        assert_eq!(found.recent.iter().map(|batch| batch.number).collect::<Vec<_>>(), newest);
        let last = found.recent.last().unwrap();
        assert_eq!((last.revision, &last.position), (done.head.revision, &done.session.position));
        assert_eq!((last.rejected.len(), &last.rejected), (1, &done.rejected));
    }
    let counts = session(&*store).await.unwrap().session.counts;
    assert_eq!(counts, ImportCounts { items: 60, refused: 20, created: 60, ..ImportCounts::default() });
}

async fn batches_queued_at_once_are_committed_in_order(store: Store) {
    let mut answers = Vec::new();
    for number in 1..=50 {
        answers.push(store.import(batch_of("s", number, [named_source(&format!("n{number}"))])).await);
    }
    for (revision, answer) in (1..).zip(answers) {
        assert_eq!(answer.await.unwrap().head.revision, revision);
    }
}

async fn a_session_counts_the_batches_that_are_queued(store: Store) {
    let mut answers = Vec::new();
    for number in 1..=20 {
        answers.push(store.import(batch_of("s", number, [named_source(&format!("n{number}"))])).await);
        if number % 3 == 0 {
            // None of them was waited for.
            assert_eq!(session(&*store).await.map(|found| found.session.next_batch), Some(number + 1));
        }
    }
}

async fn an_item_may_not_make_a_commit_too_large(store: Store) {
    let large = claimdb::domain::limits::RECORD_BYTES + 1;
    let record = Record::Source(Source { description: "x".repeat(large), ..source("large") });
    let done = import(&*store, batch_of("s", 1, [named_source("a"), write().record(record)])).await.unwrap();
    assert!(done.rejected[0].message.contains("LimitExceeded"), "{done:?}");
    assert_eq!(store.changes(0, 10).await.unwrap()[0].versions.len(), 1);
}
