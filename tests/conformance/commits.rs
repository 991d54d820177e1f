//! Commits: whole or not at all, dense, in order.

use claimdb::domain::model::{Outcome, Record, RecordStatus, Source};
use claimdb::domain::name::RecordKind;
use claimdb::domain::plan::Condition;
use claimdb::domain::term::Term;
use claimdb::storage::{CommitError, Head, Order, PageRequest, Query};
use tokio::task::JoinSet;

use crate::support::{Store, TEXT, article, claim, claim_in, key, name, source, text, write};

crate::cases![
    a_new_store_is_at_revision_0,
    a_commit_is_readable_at_its_own_revision_and_not_before,
    revisions_and_numbers_are_dense_under_concurrency,
    times_ascend_although_the_clock_stands_or_goes_back,
    a_refused_batch_leaves_no_trace,
    a_broken_precondition_leaves_no_trace,
    a_validated_batch_is_answered_and_leaves_no_trace,
    a_batch_that_changes_nothing_makes_no_commit,
    a_version_knows_what_it_replaced,
    a_retraction_carries_its_own_commit,
    a_text_is_stored_once_and_read_back,
    a_text_of_two_mebibytes_is_read_back,
    a_thousand_records_are_one_commit,
];

const ALL: PageRequest = PageRequest { after: None, limit: 10_000 };

async fn a_new_store_is_at_revision_0(store: Store) {
    assert_eq!(store.head().await, Ok(Head::default()));
    assert_eq!(store.head_of(0).await, Ok(Head::default()));
    assert_eq!(store.changes(0, 10).await, Ok(Vec::new()));
    assert_eq!(store.get(&[name("claims/a")], 0).await, Ok(vec![None]));
    assert!(!store.description().store_id.is_empty());
}

async fn a_commit_is_readable_at_its_own_revision_and_not_before(store: Store) {
    write().named("sources/before", Record::Source(source("Before"))).to(&*store).await;
    let committed = write().named("sources/a", Record::Source(source("A"))).to(&*store).await;
    assert_eq!(committed.head.revision, 2);
    assert_eq!(store.head().await, Ok(committed.head));
    let names = [name("sources/a"), name("sources/none"), name("sources/before")];
    let now = store.get(&names, 2).await.unwrap();
    let version = now[0].as_ref().unwrap();
    assert_eq!(**version, *committed.results[0].1);
    assert_eq!((version.number, version.revision, version.create_revision, version.replaces), (2, 2, 2, None));
    assert_eq!(Some(version.time), committed.head.time);
    assert!(now[1].is_none());
    let before = store.get(&names, 1).await.unwrap();
    assert!(before[0].is_none() && before[2].is_some());
}

async fn revisions_and_numbers_are_dense_under_concurrency(store: Store) {
    let mut tasks = JoinSet::new();
    for writer in 0..8 {
        let store = store.share();
        tasks.spawn(async move {
            for turn in 0..8 {
                let pair = write()
                    .record(Record::Source(source(&format!("{writer} {turn} a"))))
                    .record(Record::Source(source(&format!("{writer} {turn} b"))));
                let committed = pair.to(&*store).await;
                let revision = committed.head.revision;
                let names: Vec<_> = committed.results.iter().map(|(planned, _)| planned.name.clone()).collect();
                assert!(store.get(&names, revision).await.unwrap().iter().all(Option::is_some));
                assert!(store.get(&names, revision - 1).await.unwrap().iter().all(Option::is_none));
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let commits = store.changes(0, 1_000).await.unwrap();
    assert_eq!(commits.len(), 64);
    for (commit, revision) in commits.iter().zip(1u64..) {
        assert_eq!(commit.revision, revision);
        let numbers: Vec<u64> = commit.versions.iter().map(|version| version.number).collect();
        assert_eq!(numbers, [2 * revision - 1, 2 * revision]);
    }
    assert!(commits.windows(2).all(|pair| pair[0].time < pair[1].time));
}

async fn times_ascend_although_the_clock_stands_or_goes_back(store: Store) {
    for (turn, micros) in [0, 0, -5_000_000, 7, 1_000_000].into_iter().enumerate() {
        store.ground.clock.advance(micros);
        write().record(Record::Source(source(&format!("Source {turn}")))).to(&*store).await;
    }
    let times: Vec<_> = store.changes(0, 10).await.unwrap().iter().map(|commit| commit.time.micros()).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    assert_eq!(times[1], times[0] + 1);
}

async fn a_refused_batch_leaves_no_trace(store: Store) {
    let refused = write()
        .named("sources/a", Record::Source(source("A")))
        .record(Record::Claim(claim_in(name("articles/none").into(), "Nearly 2,000 were killed.")))
        .request("once")
        .attempt(&*store)
        .await;
    assert!(matches!(refused, Err(CommitError::Refused(_))), "{refused:?}");
    assert_eq!(store.head().await, Ok(Head::default()));
    let next = write().named("sources/a", Record::Source(source("Another"))).request("once").to(&*store).await;
    assert_eq!((next.head.revision, next.results[0].1.number, next.replayed), (1, 1, false));
    assert_eq!(next.results[0].0.outcome, Outcome::Created);
}

async fn a_broken_precondition_leaves_no_trace(store: Store) {
    let a = name("sources/a");
    let batch = || write().named("sources/a", Record::Source(source("A")));
    assert!(batch().when(&a, Condition::Exists(true)).attempt(&*store).await.is_err());
    assert_eq!(store.head().await, Ok(Head::default()));
    let made = batch().when(&a, Condition::Exists(false)).to(&*store).await;
    assert!(batch().when(&a, Condition::Exists(false)).attempt(&*store).await.is_err());
    let revised = Record::Source(Source { description: "a ministry".to_owned(), ..Source::default() });
    let stale = made.results[0].1.etag();
    write().when(&a, Condition::Etag(stale.clone())).revise(&a, revised.clone()).to(&*store).await;
    assert!(write().when(&a, Condition::Etag(stale)).retract(&a).attempt(&*store).await.is_err());
    assert_eq!(store.head().await.unwrap().revision, 2);
}

async fn a_validated_batch_is_answered_and_leaves_no_trace(store: Store) {
    let batch = || {
        write()
            .keyed("a", Record::Article(article("1")))
            .record(Record::Claim(claim_in(key("a"), "Nearly 2,000 fell.")))
    };
    let looked = batch().validate_only().request("once").to(&*store).await;
    assert_eq!((looked.head, looked.committed, looked.replayed), (Head::default(), false, false));
    assert_eq!(looked.results.len(), 3);
    assert_eq!(looked.results[0].0.outcome, Outcome::Created);
    assert_eq!(store.head().await, Ok(Head::default()));
    assert_eq!(store.text(text(TEXT).sha256).await, Ok(None));
    let kinds = Query::carrying([Term::Kind(RecordKind::Article)], Order::Ascending);
    assert!(store.query(&kinds, 0, ALL).await.unwrap().versions.is_empty());
    let made = batch().request("once").to(&*store).await;
    assert_eq!((made.head.revision, made.committed, made.replayed), (1, true, false));
    assert_eq!(made.results[0].1.number, 1);
    // Whatever the request id was used for meanwhile.
    let again = batch().validate_only().request("once").to(&*store).await;
    assert_eq!((again.committed, again.replayed), (false, false));
    assert_eq!(again.results[0].0.outcome, Outcome::Existing);
}

async fn a_batch_that_changes_nothing_makes_no_commit(store: Store) {
    let batch = || write().named("sources/a", Record::Source(source("A")));
    let made = batch().to(&*store).await;
    let again = batch().to(&*store).await;
    assert_eq!((again.head, again.committed, again.replayed), (made.head, false, false));
    assert_eq!(again.results[0].0.outcome, Outcome::Existing);
    assert_eq!(again.results[0].1, made.results[0].1);
    assert_eq!(store.head().await, Ok(made.head));
}

async fn a_version_knows_what_it_replaced(store: Store) {
    let made = write().named("sources/a", Record::Source(source("A"))).to(&*store).await;
    write().record(Record::Source(source("B"))).to(&*store).await;
    let a = name("sources/a");
    let revision = Record::Source(Source { description: "a ministry".to_owned(), ..Source::default() });
    let revised = write().revise(&a, revision).to(&*store).await;
    let (planned, version) = &revised.results[0];
    assert_eq!(planned.outcome, Outcome::Updated);
    assert_eq!((version.number, version.replaces), (3, Some(1)));
    assert_eq!((version.revision, version.create_revision), (3, 1));
    assert_eq!(Some(version.create_time), made.head.time);
    assert_eq!(version.reason, "recorded wrongly");
}

async fn a_retraction_carries_its_own_commit(store: Store) {
    write().named("claims/a", Record::Claim(claim("Nearly 2,000 were killed."))).to(&*store).await;
    let a = name("claims/a");
    let retracted = write().retract(&a).by("desk").to(&*store).await;
    let version = store.get(std::slice::from_ref(&a), 2).await.unwrap()[0].clone().unwrap();
    let retraction = version.retraction.as_deref().unwrap();
    assert_eq!((retraction.revision, Some(retraction.time)), (2, retracted.head.time));
    assert_eq!((&*retraction.principal, retraction.reason.as_str()), ("desk", "recorded twice"));
    let reinstated = write().reinstate(&a).to(&*store).await;
    assert_eq!(reinstated.results[0].1.status(), RecordStatus::Active);
    assert_eq!(store.get(&[a], 2).await.unwrap()[0], Some(version));
}

async fn a_text_is_stored_once_and_read_back(store: Store) {
    let two = write().record(Record::Article(article("1"))).record(Record::Article(article("2"))).to(&*store).await;
    for (_, version) in &two.results {
        let read = store.get(std::slice::from_ref(&version.name), 1).await.unwrap()[0].clone().unwrap();
        for version in [version, &read] {
            let Record::Article(article) = &version.record else { panic!("not an article: {version:?}") };
            let kept = article.text.as_ref().unwrap();
            assert_eq!((kept.sha256, kept.code_points), (text(TEXT).sha256, text(TEXT).code_points));
            assert!(kept.body.is_none(), "the body comes with `text` alone");
        }
    }
    assert_eq!(store.text(text(TEXT).sha256).await.unwrap().as_deref(), Some(TEXT));
    assert_eq!(store.text(text("another").sha256).await, Ok(None));
}

async fn a_text_of_two_mebibytes_is_read_back(store: Store) {
    // Does not compress to nothing: every line differs.
    let mut body: String = (0..).map(|line| format!("{line}: {}\n", line * 7_919)).take(100_000).collect();
    body.truncate(2 * 1024 * 1024 - 3);
    body.push('€');
    let mut long = article("long");
    long.text = Some(text(&body));
    write().record(Record::Article(long)).to(&*store).await;
    let store = store.reopen();
    assert_eq!(store.text(text(&body).sha256).await.unwrap().as_deref(), Some(body.as_str()));
}

async fn a_thousand_records_are_one_commit(store: Store) {
    let batch = (0..1_000).fold(write(), |batch, at| batch.record(Record::Source(source(&format!("Source {at}")))));
    let committed = batch.to(&*store).await;
    assert_eq!((committed.head.revision, committed.results.len()), (1, 1_000));
    let numbers: Vec<u64> = committed.results.iter().map(|(_, version)| version.number).collect();
    assert_eq!(numbers, (1..=1_000).collect::<Vec<_>>());
    let names: Vec<_> = committed.results.iter().map(|(planned, _)| planned.name.clone()).collect();
    assert!(store.get(&names, 1).await.unwrap().iter().all(Option::is_some));
    assert_eq!(crate::changes::whole(&store, store.changes(0, 1).await.unwrap().remove(0)).await.len(), 1_000);
}
