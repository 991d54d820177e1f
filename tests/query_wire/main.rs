//! Random histories over a socket, and random filters, lists, exports and questions about figures: what the server answers is
//! what the comments of the schema say.
//!
//! Everything goes in as messages and comes out as messages. What is expected is worked out of the versions that Watch
//! gives, by code that shares nothing with the code that answers; `tests/query_model` holds the engines to the domain's own
//! meaning of a filter, which this holds to the schema.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

mod ask;
mod bytes;
mod candidates;
#[path = "../durability/chance.rs"]
mod chance;
mod draw;
#[path = "../conformance/engines.rs"]
mod engines;
mod exports;
mod figure_records;
mod figures;
mod filters;
mod grades;
mod history;
mod lists;
mod log;
mod meaning;
mod metrics;
mod numbers;
mod pages;
mod records;
mod served;
mod sources;
#[path = "../support/mod.rs"]
mod support;
mod times;
mod versions;

use std::sync::Arc;

use claimdb::proto::claimdb::v1;
use claimdb::storage::sled::QueryLimits;

use ask::{Counts, Question, Wanted, assert_ambiguous};
use chance::{Chance, count};
use filters::Filters;
use history::{History, Write, first};
use pages::{Part, all};
use served::Served;
use support::{Engine, Store};

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

/// What a run asks for.
#[derive(Clone, Copy)]
enum Asked {
    Queries,
    Lists,
    Figures,
    Exports,
}

impl Asked {
    /// Asks once; gives how much was found.
    async fn ask(self, chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
        match self {
            Self::Queries => ask(chance, served, history).await,
            Self::Lists if chance.happens(25) => versions::ask(chance, served, history).await,
            Self::Lists => lists::ask(chance, served, history).await,
            Self::Figures if chance.happens(15) => metrics::ask(chance, served, history).await,
            Self::Figures => figures::ask(chance, served, history).await,
            Self::Exports => exports::ask(chance, served, history).await,
        }
    }
}

/// A question about what is there, of the newest state or an earlier one.
fn question(chance: &mut Chance, served: &Served, history: &History) -> Question {
    let mut filters = Filters::new(chance, served, history);
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
    let (statuses, as_of, page_size) = (filters.statuses(), filters.as_of(served.log.head()), filters.page_size());
    Question { wanted, statuses, as_of, page_size }
}

/// Asks page after page, while others write, and holds the answer against a pass over everything.
async fn ask(chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
    let question = question(chance, served, history);
    let expected_revision = served.log.asked(question.as_of);
    if question.is_ambiguous(&served.log.state(expected_revision)) {
        assert_ambiguous(&question.page(served, String::new()).await.err().unwrap());
        return 0;
    }
    let expected = question.scan(&served.log.state(expected_revision));
    let ask = async |served: &mut Served, page_token| {
        let page = question.page(served, page_token).await?;
        Ok(Part { found: page.records, next: page.next, revision: page.revision })
    };
    let (found, revision) = all(chance, served, history, expected.len(), ask)
        .await
        .unwrap_or_else(|status| panic!("{status:?}: {question:?}"));
    let names = |records: &[v1::version::Record]| records.iter().map(|it| log::name(it).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "as of {expected_revision}: {question:?}");
    assert_eq!(found, expected, "as of {expected_revision}: {question:?}");
    served.log.assert_answered(expected_revision, revision);
    if matches!(question.wanted, Wanted::Claims(..)) {
        let group_by = chance.word(5).try_into().unwrap();
        let counts = Counts::asked(served, &question, group_by, revision).await;
        let expected = Counts::of(&served.log.state(revision), &expected, group_by);
        assert_eq!(counts, expected, "by {group_by:?} as of {revision}: {question:?}");
    }
    found.len()
}

async fn run(engine: Engine, asked: Asked, chance: &mut Chance, writes: u64, questions: u64) {
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
            served.learn(before.head()).await;
            assert_eq!(served.log, before);
        }
        let answer = asked.ask(chance, &mut served, &mut history).await;
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
fn check(name: &str, asked: Asked, cases: u64, writes: u64, questions: u64) {
    let engine = *engines::ENGINES.iter().chain([&THRIFTY]).find(|engine| engine.name == name).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut chance = Chance::new(name);
    for _ in 0..cases * count("CLAIMDB_QUERY_MODEL_TIMES", 1) {
        // Fewer would hold nothing that most questions could find.
        let writes = 20 + chance.below(writes);
        runtime.block_on(run(engine, asked, &mut chance, writes, questions));
    }
}

#[test]
fn memory_answers_as_the_schema_says() {
    check("memory", Asked::Queries, 4, 100, 120);
}

#[test]
fn sled_answers_as_the_schema_says() {
    check("sled", Asked::Queries, 2, 100, 120);
}

#[test]
fn sled_answers_as_the_schema_says_over_many_segments() {
    check("sled_sealing", Asked::Queries, 2, 100, 100);
}

#[test]
fn sled_answers_as_the_schema_says_when_it_gives_up_early() {
    check("thrifty", Asked::Queries, 2, 20, 60);
}

#[test]
fn lists_are_as_the_schema_says() {
    check("memory", Asked::Lists, 2, 100, 120);
    check("sled", Asked::Lists, 1, 100, 120);
    check("sled_sealing", Asked::Lists, 1, 100, 100);
    check("thrifty", Asked::Lists, 1, 20, 60);
}

#[test]
fn figures_are_found_as_the_schema_says() {
    check("memory", Asked::Figures, 3, 100, 150);
    check("sled", Asked::Figures, 2, 100, 120);
    check("sled_sealing", Asked::Figures, 1, 100, 100);
    check("thrifty", Asked::Figures, 1, 20, 60);
}

#[test]
fn exports_are_as_the_schema_says() {
    check("memory", Asked::Exports, 2, 100, 80);
    check("sled", Asked::Exports, 1, 100, 80);
    check("sled_sealing", Asked::Exports, 1, 100, 60);
    check("thrifty", Asked::Exports, 1, 20, 40);
}
