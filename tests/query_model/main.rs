//! Random histories and random filters: pages, counts and as-of answers of every engine equal a scan of its log.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../conformance/engines.rs"]
mod engines;

mod cost;
mod figures;
mod history;
mod questions;
mod summary;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use claimdb::domain::filter::Filter;
use claimdb::domain::model::{Claim, Record, Version};
use claimdb::domain::name::RecordKind;
use claimdb::domain::sort::TimeField;
use claimdb::domain::term::{Term, terms};
use claimdb::domain::time::Timestamp;
use claimdb::service::Service;
use claimdb::storage::sled::{MergeLimits, QueryLimits, SealLimits};
use claimdb::storage::{ClaimStore, Cursor, Order, PageRequest, Query, Sort};
use proptest::collection::vec;
use proptest::prelude::*;

use figures::{Curious, curious};
use history::{Step, apply, step};
use questions::{Question, question};
use support::{Engine, Store, article, write};

/// What holds as of a revision and meets a query, by a scan of the log.
fn scan(log: &[Arc<Version>], query: &Query, as_of: u64) -> Vec<u64> {
    let made = || log.iter().filter(|version| version.revision <= as_of);
    let replaced: BTreeSet<u64> = made().filter_map(|version| version.replaces).collect();
    let mut found: Vec<Cursor> = made()
        .filter(|version| !replaced.contains(&version.number) && query.matches(version))
        .map(|version| query.sort.cursor(version))
        .collect();
    found.sort_by(|a, b| a.compare(b, query.order));
    found.into_iter().map(|place| place.number).collect()
}

async fn ask(store: &dyn ClaimStore, log: &[Arc<Version>], question: &Question, posted: &[Term]) {
    let times: Vec<Timestamp> = log.iter().map(|version| version.time).collect();
    let query = question.query(posted, &times);
    let as_of = question.as_of.index(usize::try_from(store.head().await.unwrap().revision).unwrap() + 1) as u64;
    let expected = scan(log, &query, as_of);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.query(&query, as_of, PageRequest { after, limit: question.limit }).await.unwrap();
        assert!(page.versions.len() <= question.limit, "{query:?}");
        found.extend(page.versions.iter().map(|version| version.number));
        assert!(found.len() <= expected.len(), "{query:?} as of {as_of}: {found:?} is more than {expected:?}");
        let Some(next) = page.next else { break };
        assert!(after.is_none_or(|after: Cursor| after.compare(&next, query.order) == Ordering::Less), "headway");
        after = Some(next);
    }
    assert_eq!(found, expected, "{query:?} as of {as_of}, pages of {}", question.limit);
    let (mut count, mut after) = (0, None);
    loop {
        let counted = store.count(&query, as_of, after).await.unwrap();
        count += counted.count;
        after = counted.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(count, expected.len() as u64, "{query:?} as of {as_of}");
}

async fn run(engine: Engine, history: &[Step], questions: &[Question], curious: &[Curious]) {
    let mut store = Store::new(engine);
    for at in 0..4 {
        write().named(&format!("articles/a{at}"), Record::Article(article(&at.to_string()))).to(&*store).await;
    }
    let (mut claims, mut batches) = (Vec::new(), 0);
    for step in history {
        apply(&store, step, &mut claims, &mut batches).await;
    }
    // A long one is read in parts.
    let (mut log, mut after) = (Vec::<Arc<Version>>::new(), 0);
    loop {
        let commits = store.changes(after, usize::MAX >> 1).await.unwrap();
        let Some(last) = commits.last() else { break };
        after = last.revision;
        log.extend(commits.into_iter().flat_map(|commit| commit.versions));
    }
    let posted: BTreeSet<Term> = log.iter().flat_map(|version| terms(version)).collect();
    let mut posted: Vec<Term> = posted.into_iter().collect();
    posted.push(Term::Metric("none".to_owned()));
    for version in &log {
        let carried = terms(version);
        for term in &posted {
            assert_eq!(term.is_carried_by(version), carried.contains(term), "{term:?} of {version:?}");
        }
    }
    for reopen in [false, true] {
        for question in questions {
            ask(&*store, &log, question, &posted).await;
        }
        let service = Service::new(store.share(), store.ground.clock.clone());
        let head = store.head().await.unwrap().revision;
        for curious in curious {
            figures::ask(&service, &log, curious, &posted, head).await;
            summary::ask(&service, &log, curious, &posted, head).await;
        }
        for (at, prefix) in [None, Some("troops"), Some("troops.killed"), Some("none"), None].into_iter().enumerate() {
            let revision = head.saturating_sub(7 * at as u64);
            figures::list(&service, &log, prefix, 1 + at, revision).await;
        }
        drop(service);
        if reopen {
            break;
        }
        store = store.reopen();
    }
}

/// Seals every few versions, gives a page up after a few looks, and walks the calendar for a few versions: small
/// histories do all of it.
const THRIFTY: Engine = Engine {
    name: "thrifty",
    durable: true,
    open: |ground| {
        let limits = QueryLimits { steps: 5, versions: 3, sorted: 2 };
        Arc::new(engines::sled(ground, engines::SEAL_OFTEN, engines::MERGE_OFTEN, limits))
    },
    afterwards: engines::no_blobs,
};

/// Sorts hardly any at once, and finds the numbers of all that matches: those are divided among the parts of the calendar.
const DIVIDING: Engine = Engine {
    name: "dividing",
    open: |ground| {
        let limits = QueryLimits { steps: 4_000, versions: 100, sorted: 2 };
        Arc::new(engines::sled(ground, engines::SEAL_OFTEN, engines::MERGE_OFTEN, limits))
    },
    ..THRIFTY
};

fn check(name: &str, cases: u32, steps: std::ops::Range<usize>) {
    let engine = *engines::ENGINES.iter().chain([&THRIFTY, &DIVIDING]).find(|engine| engine.name == name).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // More for whoever has the time: each case is a history and dozens of questions.
    let times = std::env::var("CLAIMDB_QUERY_MODEL_TIMES").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let config = ProptestConfig { cases: cases * times, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let cases = (vec(step(), steps), vec(question(), 20..60), vec(curious(), 10..40));
    let outcome = runner.run(&cases, |(history, questions, curious)| {
        runtime.block_on(run(engine, &history, &questions, &curious));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn memory_answers_like_a_scan() {
    check("memory", 8, 1..40);
}

#[test]
fn sled_answers_like_a_scan() {
    check("sled", 6, 1..60);
}

#[test]
fn sled_answers_like_a_scan_over_many_segments() {
    check("sled_sealing", 8, 1..80);
}

#[test]
fn sled_answers_like_a_scan_when_it_gives_up_early() {
    check("thrifty", 6, 1..60);
}

#[test]
fn sled_answers_like_a_scan_where_few_are_sorted_at_once() {
    check("dividing", 8, 1..80);
}

/// More than is sorted at once, so that the calendar is walked down to the keys.
#[test]
fn sled_answers_like_a_scan_where_much_matches() {
    check("sled", 1, 700..800);
}

#[test]
fn a_page_of_figures_costs_what_it_holds() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::new(*engines::ENGINES.iter().find(|engine| engine.name == "sled").unwrap());
        let service = Service::new(store.share(), store.ground.clock.clone());
        cost::few_are_looked_at(&store, &service).await;
    });
}

/// Once, what was read ahead in the set that is subtracted was taken for not being in it.
#[test]
fn what_is_negated_twice_is_what_it_was() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::new(THRIFTY);
        for at in 0..20 {
            write().record(Record::Claim(support::claim(&format!("Claim {at}.")))).to(&*store).await;
        }
        let not = |filter| Filter::Not(Box::new(filter));
        let filter = not(not(Filter::Term(Term::Kind(RecordKind::Claim))));
        let query = Query { kind: Some(RecordKind::Claim), filter, sort: Sort::Recorded, order: Order::Ascending };
        let (mut found, mut after) = (0, None);
        loop {
            let page = store.query(&query, 20, PageRequest { after, limit: 5 }).await.unwrap();
            found += page.versions.len();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, 20);
    });
}

/// A day with many times, of which none is met: what a page looks at is bounded there, too, whether a time is that of a
/// version that does not meet the filter or of one that was not there yet.
#[test]
fn a_page_gives_up_among_times_that_meet_nothing() {
    const TIMES: u64 = 400;
    const STEPS: u64 = 40;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let engine = Engine {
        open: |ground| {
            let limits = QueryLimits { steps: STEPS, versions: 100, sorted: 2 };
            Arc::new(engines::sled(ground, SealLimits::default(), MergeLimits::default(), limits))
        },
        ..THRIFTY
    };
    let desk = |at: u64| ["east", "west"][usize::from(at.is_multiple_of(2))].to_owned();
    runtime.block_on(async {
        let store = Store::new(engine);
        for (hour, times) in [("12", 3), ("11", TIMES)] {
            let mut batch = write();
            for at in 0..times {
                let time = format!("2017-05-03T{hour}:{:02}:{:02}Z", at / 60, at % 60);
                let event_time = history::given(Some(&time));
                let labels = [("desk".to_owned(), desk(at))].into();
                let claim = Claim { event_time, labels, ..support::claim(&format!("Claim {hour} {at}.")) };
                batch = batch.record(Record::Claim(claim));
            }
            batch.to(&*store).await;
        }
        let both = [0, 1].map(|at| Term::Label(RecordKind::Claim, "desk".to_owned(), desk(at)));
        for (order, as_of) in
            [(Order::Ascending, 2), (Order::Descending, 2), (Order::Ascending, 1), (Order::Descending, 1)]
        {
            let filter = Filter::carrying(both.clone());
            let sort = Sort::Time(TimeField::Event);
            let query = Query { kind: Some(RecordKind::Claim), filter, sort, order };
            let (mut pages, mut after) = (0, None);
            loop {
                let page = store.query(&query, as_of, PageRequest { after, limit: 10 }).await.unwrap();
                assert!(page.versions.is_empty());
                pages += 1;
                after = page.next;
                if after.is_none() {
                    break;
                }
                assert!(page.is_cut_short);
            }
            assert!(pages >= TIMES / STEPS, "{pages} pages, {order:?} as of {as_of}");
        }
    });
}

/// Pages keep to their revision while commits, seals and merges go on beside them, between the pages and within one.
#[test]
fn answers_stay_while_writers_seal_and_merge() {
    const COMMITS: u64 = 240;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for name in ["sled_sealing", "thrifty"] {
            let engine = engines::ENGINES.iter().chain([&THRIFTY]).find(|engine| engine.name == name).unwrap();
            let store = Arc::new(Store::new(*engine));
            let writing = tokio::spawn({
                let store = Arc::clone(&store);
                async move {
                    let mut last = None;
                    for commit in 1..=COMMITS {
                        let event_time = history::given(Some(history::pick(history::TIMES, commit as u16)));
                        // Every third one moves the claim before it to another time.
                        let write = match last.take().filter(|_| commit % 3 == 0) {
                            Some(name) => {
                                write().revise(&name, Record::Claim(Claim { event_time, ..Claim::default() }))
                            }
                            None => {
                                let claim = Claim { event_time, ..support::claim(&format!("Claim {commit}.")) };
                                write().record(Record::Claim(claim))
                            }
                        };
                        last = Some(write.to(&**store).await.results[0].1.name.clone());
                        store.ground.clock.advance(7);
                    }
                }
            });
            let mut rounds = 0;
            while !writing.is_finished() || rounds == 0 {
                let as_of = store.head().await.unwrap().revision;
                let expected = as_of - as_of / 3;
                for sort in [Sort::Time(TimeField::Event), Sort::Recorded] {
                    let (filter, order) = (Filter::All(Vec::new()), Order::Descending);
                    let query = Query { kind: Some(RecordKind::Claim), filter, sort, order };
                    let (mut names, mut after, mut found) = (BTreeSet::new(), None, 0);
                    loop {
                        let page = store.query(&query, as_of, PageRequest { after, limit: 7 }).await.unwrap();
                        found += page.versions.len() as u64;
                        names.extend(page.versions.iter().map(|version| version.name.clone()));
                        assert!(page.versions.iter().all(|version| version.revision <= as_of));
                        after = page.next;
                        if after.is_none() {
                            break;
                        }
                    }
                    assert_eq!((found, names.len() as u64), (expected, expected), "{query:?} as of {as_of}, {name}");
                }
                rounds += 1;
            }
            writing.await.unwrap();
            println!("{rounds} rounds beside {COMMITS} commits, {name}");
        }
    });
}
