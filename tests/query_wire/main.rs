//! Random histories and random filters over a socket: what the server answers is what the comments of the schema say.
//!
//! Everything goes in as messages and comes out as messages. What is expected is worked out of the versions that Watch
//! gives, by code that shares nothing with the code that answers queries; `tests/query_model` holds the engines to the
//! domain's own meaning of a filter, which this holds to the schema.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

mod ask;
mod bytes;
#[path = "../durability/chance.rs"]
mod chance;
mod draw;
#[path = "../conformance/engines.rs"]
mod engines;
mod filters;
mod history;
mod log;
mod meaning;
mod records;
mod served;
mod sources;
#[path = "../support/mod.rs"]
mod support;
mod times;

use std::sync::Arc;

use claimdb::proto::claimdb::v1;
use claimdb::storage::sled::QueryLimits;
use prost_types::Timestamp;

use ask::{AsOf, Counts, Question, Wanted, assert_ambiguous};
use chance::{Chance, count};
use filters::Filters;
use history::{History, Write, first};
use served::Served;
use support::{Engine, Store};
use times::instant;

/// Seals with every commit, merges at once, and gives a page up after a few looks.
const THRIFTY: Engine = Engine {
    name: "thrifty",
    durable: true,
    open: |ground| {
        let limits = QueryLimits { steps: 30, versions: 8, sorted: 2 };
        Arc::new(engines::sled(ground, engines::SEAL_OFTEN, engines::MERGE_OFTEN, limits))
    },
    afterwards: engines::no_blobs,
};

/// Of each question, at most: a store that gives up early has many pages, and would grow without end.
const WRITES_BETWEEN_PAGES: u64 = 3;

fn statuses(chance: &mut Chance) -> Vec<i32> {
    use v1::RecordStatus::{Active, Erased, Retracted};
    let all = [&[][..], &[], &[Active], &[Retracted], &[Active, Retracted], &[Active, Retracted], &[Erased]];
    all[chance.index(all.len())].iter().map(|status| (*status).into()).collect()
}

/// A question about what is there, of the newest state or an earlier one.
fn question(chance: &mut Chance, served: &Served, history: &History) -> Question {
    let times: Vec<Timestamp> =
        served.log.0.iter().map(|told| Timestamp { seconds: told.time.0, nanos: told.time.1 }).collect();
    let head = served.log.0.last().unwrap().revision;
    let mut filters = Filters { chance, claims: history.claims(), times };
    let wanted = match filters.chance.below(10) {
        0..2 => Wanted::Sources(filters.sources(0), filters.chance.word(2).try_into().unwrap()),
        2..4 => Wanted::Articles(filters.articles(0), filters.chance.word(4).try_into().unwrap()),
        kind => {
            let mut filter = filters.claims(0);
            let mut order = filters.chance.word(6);
            // The order of places is that of one article, of which there are many claims.
            if kind > 7 {
                filter.articles = vec!["articles/a0".into()];
                order = 7 + filters.chance.word(1);
            }
            Wanted::Claims(Box::new(filter), order.try_into().unwrap())
        }
    };
    let as_of = match filters.chance.below(4) {
        0..2 => AsOf::Now,
        2 => AsOf::Revision(filters.chance.below(head + 1)),
        _ => AsOf::Time(filters.moment()),
    };
    let page_size = [0, 1, 2, 3, 5, 8, 1_000, 5_000][chance.index(8)];
    Question { wanted, statuses: statuses(chance), as_of, page_size }
}

/// Asks page after page, while others write, and holds the answer against a pass over everything.
async fn ask(chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
    let question = question(chance, served, history);
    let expected_revision = match question.as_of {
        AsOf::Now => served.log.0.last().unwrap().revision,
        AsOf::Revision(revision) => revision,
        AsOf::Time(time) => served.log.as_of(instant(&time)),
    };
    if question.is_ambiguous(&served.log.state(expected_revision)) {
        assert_ambiguous(&question.page(served, String::new()).await.err().unwrap());
        return 0;
    }
    let (mut found, mut page_token, mut revision, mut writes) = (Vec::new(), String::new(), None, 0);
    let expected = question.scan(&served.log.state(expected_revision));
    loop {
        let page = match question.page(served, page_token).await {
            Ok(page) => page,
            Err(status) => panic!("{status:?}: {question:?}"),
        };
        // Pages stay with the revision of the first.
        assert_eq!(page.revision, *revision.get_or_insert(page.revision));
        found.extend(page.records);
        assert!(found.len() <= expected.len(), "{} of {}: {question:?}", found.len(), expected.len());
        page_token = page.next;
        if page_token.is_empty() {
            break;
        }
        if writes < WRITES_BETWEEN_PAGES && chance.happens(25) {
            writes += 1;
            served.write(history.write(chance)).await;
        }
    }
    let revision = revision.unwrap();
    let names = |records: &[v1::version::Record]| records.iter().map(|it| log::name(it).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "as of {expected_revision}: {question:?}");
    assert_eq!(found, expected, "as of {expected_revision}: {question:?}");
    // A commit that changed nothing has a revision, too, which is not told of.
    assert!(
        revision >= expected_revision
            && served.log.0.iter().all(|it| it.revision <= expected_revision || it.revision > revision)
    );
    if matches!(question.wanted, Wanted::Claims(..)) {
        let group_by = chance.word(5).try_into().unwrap();
        let counts = Counts::asked(served, &question, group_by, revision).await;
        let expected = Counts::of(&served.log.state(revision), &expected, group_by);
        assert_eq!(counts, expected, "by {group_by:?} as of {revision}: {question:?}");
    }
    found.len()
}

async fn run(engine: Engine, chance: &mut Chance, writes: u64, questions: u64) {
    let (mut served, mut history) = (Served::start(Store::new(engine)).await, History::default());
    served.write(Write::Alone(Box::new(first(chance)))).await;
    assert_eq!(served.refused, 0, "what stands at the beginning");
    for _ in 0..writes {
        served.write(history.write(chance)).await;
    }
    // A history that is refused would hold nothing.
    let (taken, refused) = (served.taken, served.refused);
    assert!(refused < taken, "{refused} writes were refused, and {taken} taken");
    let (mut found, mut empty) = (0, 0);
    for turn in 0..questions {
        // The second half, of a store that was opened on what the first left.
        if turn == questions / 2 && engine.durable {
            let before = std::mem::take(&mut served.log);
            served = served.restart().await;
            served.learn(before.0.last().unwrap().revision).await;
            assert_eq!(served.log, before);
        }
        let answer = ask(chance, &mut served, &mut history).await;
        found += answer;
        empty += u64::from(answer == 0);
    }
    let versions = served.log.0.len();
    println!(
        "{}: {taken} writes, {refused} refused, {versions} versions; {questions} questions, {found} found, {empty} nothing",
        engine.name
    );
    // Nor would questions that nothing meets.
    assert!(empty < questions * 9 / 10, "{empty} of {questions} questions found nothing");
}

/// So many histories of up to so many writes, and so many questions about each.
fn check(name: &str, cases: u64, writes: u64, questions: u64) {
    let engine = *engines::ENGINES.iter().chain([&THRIFTY]).find(|engine| engine.name == name).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut chance = Chance::new(name);
    for _ in 0..cases * count("CLAIMDB_QUERY_MODEL_TIMES", 1) {
        // Fewer would hold nothing that most questions could find.
        let writes = 20 + chance.below(writes);
        runtime.block_on(run(engine, &mut chance, writes, questions));
    }
}

#[test]
fn memory_answers_as_the_schema_says() {
    check("memory", 4, 100, 120);
}

#[test]
fn sled_answers_as_the_schema_says() {
    check("sled", 2, 100, 120);
}

#[test]
fn sled_answers_as_the_schema_says_over_many_segments() {
    check("sled_sealing", 2, 100, 100);
}

#[test]
fn sled_answers_as_the_schema_says_when_it_gives_up_early() {
    check("thrifty", 2, 20, 60);
}
