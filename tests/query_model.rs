//! Random histories and random filters: pages, counts and as-of answers of every engine equal a scan of its log.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

#[path = "support/mod.rs"]
mod support;

#[path = "conformance/engines.rs"]
mod engines;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use claimdb::domain::figure::Qualifier;
use claimdb::domain::filter::{Filter, TimeFilter};
use claimdb::domain::model::*;
use claimdb::domain::name::RecordKind;
use claimdb::domain::sort::TimeField;
use claimdb::domain::term::{Term, terms};
use claimdb::domain::time::{ApproximateTime, TimeRange, Timestamp};
use claimdb::storage::sled::QueryLimits;
use claimdb::storage::{ClaimStore, Cursor, Order, PageRequest, Query, Sort};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use support::{Engine, Store, article, claim, inline, name, said_by, source, write};

/// Times of every extent, some of them alike.
const TIMES: &[&str] = &[
    "2017",
    "2017-05",
    "2017-05-03",
    "2017-05-03T12:00:00Z",
    "2017-05-03T12:00:01Z",
    "2017-05-04",
    "2017-06",
    "2018",
    "2016-12-31/2017-01-01",
    "2017-05-30/2017-06-02",
    "2017/..",
    "../2017",
    "201X",
    "XXXX",
    "2025-09-03",
    "2025-09-03/..",
    "2025-12-31",
    "2026-01-01",
];

const METRICS: &[&str] = &["troops.killed", "troops.deployed", "troops", "troop"];

#[derive(Clone, Debug)]
enum Step {
    Article {
        at: u8,
        published: Option<&'static str>,
        publisher: u8,
    },
    Source {
        at: u8,
        alias: u8,
        kind: Option<SourceKind>,
    },
    Claim {
        at: u8,
        article: Option<u8>,
        event: Option<&'static str>,
        source: u8,
        role: Option<AttributionRole>,
        shape: u16,
    },
    Revise {
        at: u8,
        event: Option<&'static str>,
    },
    Retract {
        at: u8,
    },
    Reinstate {
        at: u8,
    },
}

fn time() -> impl Strategy<Value = Option<&'static str>> {
    of(select(TIMES))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..4u8, time(), 0..4u8)
            .prop_map(|(at, published, publisher)| Step::Article { at, published, publisher }),
        1 => (0..6u8, 0..6u8, of(select(SourceKind::ALL)))
            .prop_map(|(at, alias, kind)| Step::Source { at, alias, kind: kind.filter(|kind| !kind.is_unnamed()) }),
        12 => (any::<u8>(), of(0..4u8), time(), 0..4u8, of(select(AttributionRole::ALL)), any::<u16>())
            .prop_map(|(at, article, event, source, role, shape)| Step::Claim { at, article, event, source, role, shape }),
        3 => (any::<u8>(), time()).prop_map(|(at, event)| Step::Revise { at, event }),
        3 => any::<u8>().prop_map(|at| Step::Retract { at }),
        2 => any::<u8>().prop_map(|at| Step::Reinstate { at }),
    ]
}

fn given(text: Option<&str>) -> Option<TimeGiven> {
    Some(TimeGiven { time: Some(text?.parse().unwrap()), ..TimeGiven::default() })
}

fn pick<T: Copy>(all: &[T], shape: u16) -> T {
    all[usize::from(shape) % all.len()]
}

fn shaped(step: &Step) -> Claim {
    let Step::Claim { at, article, event, source, role, shape } = step else { unreachable!() };
    let mut claim = claim(&format!("Claim {at} of shape {shape}."));
    let hop = |source: u8| said_by(inline(&format!("Source {source}")));
    claim.attributions =
        vec![Attribution { role: *role, certainty: Some(pick(Certainty::ALL, *shape)), ..hop(*source) }];
    if shape % 3 == 0 {
        claim.attributions.push(hop((source + 1) % 4));
    }
    claim.article = article.map(|at| name(&format!("articles/a{at}")).into());
    if article.is_some() && shape % 2 == 0 {
        let words = ["Nearly 2,000", "North Korean", "soldiers", "ministry", "Wednesday"];
        claim.spans = vec![support::quote(pick(&words, *shape))];
    }
    claim.event_time = given(*event);
    claim.kinds = vec![pick(ClaimKind::ALL, *shape)];
    claim.presentation = (shape % 4 > 0).then(|| pick(Presentation::ALL, *shape));
    claim.language = Some(pick(&["en", "en-GB", "pt-BR"], *shape).parse().unwrap());
    claim.labels = [("desk".to_owned(), pick(&["east", "west"], *shape).to_owned())].into();
    if shape % 5 == 0 {
        let hedge = Hedge {
            kind: pick(HedgeKind::ALL, *shape),
            span: None,
            verbatim: "reportedly".to_owned(),
            attribution_index: None,
        };
        claim.hedges.push(hedge);
    }
    for metric in [pick(METRICS, *shape), pick(METRICS, shape / 7)] {
        let metric = Metric { key: metric.to_owned(), ..Metric::default() };
        let figure = Figure {
            value: Some("7".parse().unwrap()),
            qualifier: Some(Qualifier::Exactly),
            metric: Some(metric),
            ..Figure::default()
        };
        claim.figures.push(figure);
    }
    let entity = EntityRef {
        label: pick(&["Kyiv", "kyiv", "Moscow"], *shape).to_owned(),
        kind: None,
        external_ids: Vec::new(),
        mentions: Vec::new(),
        role: String::new(),
    };
    claim.entities = vec![entity];
    claim
}

async fn apply(store: &Store, step: &Step, claims: &mut Vec<claimdb::domain::name::Name>) {
    let chosen = |at: u8, claims: &[_]| claims.get(usize::from(at) % claims.len().max(1)).cloned();
    match step {
        Step::Article { at, published, publisher } => {
            let record = Article {
                publish_time: given(*published),
                publisher: Some(inline(&format!("Source {publisher}"))),
                ..article(&at.to_string())
            };
            write().update_named(&format!("articles/a{at}"), Record::Article(record)).to(&**store).await;
        }
        Step::Source { at, alias, kind } => {
            let aliases = vec![format!("Alias {alias}"), format!("ALIAS {alias}{at}")];
            let record = Source { aliases, kind: *kind, ..source(&format!("Other {at}")) };
            // Another kind may make it another's namesake, which is refused.
            let _ = write().update(Record::Source(record)).attempt(&**store).await;
        }
        Step::Claim { .. } => {
            let committed = write().record(Record::Claim(shaped(step))).to(&**store).await;
            claims.push(committed.results[0].1.name.clone());
        }
        Step::Revise { at, event } => {
            if let Some(name) = chosen(*at, claims) {
                let revised =
                    Claim { event_time: given(*event), language: Some("en".parse().unwrap()), ..Claim::default() };
                let _ = write().revise(&name, Record::Claim(revised)).attempt(&**store).await;
            }
        }
        Step::Retract { at } => {
            if let Some(name) = chosen(*at, claims) {
                let _ = write().retract(&name).attempt(&**store).await;
            }
        }
        Step::Reinstate { at } => {
            if let Some(name) = chosen(*at, claims) {
                let _ = write().reinstate(&name).attempt(&**store).await;
            }
        }
    }
    store.ground.clock.advance(7);
}

/// A filter in the making: terms are chosen from those that were posted, and a few that were not.
#[derive(Clone, Debug)]
enum Wanted {
    Term(Index),
    Time { published: bool, range: Option<&'static str>, include_unknown: bool },
    Recorded(Index, Index),
    NamePrefix(&'static str),
    All(Vec<Wanted>),
    Any(Vec<Wanted>),
    Not(Box<Wanted>),
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let leaf = prop_oneof![
        5 => any::<Index>().prop_map(Wanted::Term),
        3 => (any::<bool>(), time(), any::<bool>())
            .prop_map(|(published, range, include_unknown)| Wanted::Time { published, range, include_unknown }),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Wanted::Recorded(from, to)),
        1 => select(&["", "a", "alias", "alias 3", "source", "other 22", "oth"][..]).prop_map(Wanted::NamePrefix),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..3).prop_map(Wanted::All),
            2 => vec(inner.clone(), 0..3).prop_map(Wanted::Any),
            1 => inner.prop_map(|inner| Wanted::Not(Box::new(inner))),
        ]
    })
}

impl Wanted {
    fn filter(&self, posted: &[Term], times: &[Timestamp]) -> Filter {
        let all = |wanted: &[Self]| wanted.iter().map(|wanted| wanted.filter(posted, times)).collect();
        match self {
            Self::Term(index) => Filter::Term(index.get(posted).clone()),
            Self::Time { published, range, include_unknown } => Filter::Time(TimeFilter {
                field: if *published { TimeField::Published } else { TimeField::Event },
                range: range.map_or(TimeRange { earliest: None, latest: None }, |text| {
                    text.parse::<ApproximateTime>().unwrap().range()
                }),
                include_unknown: *include_unknown,
            }),
            Self::Recorded(from, to) => {
                let (from, to) = (from.index(times.len() + 1), to.index(times.len() + 1));
                Filter::Recorded(TimeRange { earliest: times.get(from).copied(), latest: times.get(to).copied() })
            }
            Self::NamePrefix(prefix) => Filter::NamePrefix((*prefix).to_owned()),
            Self::All(wanted) => Filter::All(all(wanted)),
            Self::Any(wanted) => Filter::Any(all(wanted)),
            Self::Not(wanted) => Filter::Not(Box::new(wanted.filter(posted, times))),
        }
    }
}

#[derive(Clone, Debug)]
struct Question {
    wanted: Wanted,
    kind: Option<RecordKind>,
    sort: u8,
    order: Order,
    as_of: Index,
    limit: usize,
}

fn question() -> impl Strategy<Value = Question> {
    let kind = prop_oneof![6 => Just(Some(RecordKind::Claim)), 1 => Just(Some(RecordKind::Source)),
        1 => Just(Some(RecordKind::Article)), 1 => Just(None)];
    (wanted(), kind, 0..5u8, select(&[Order::Ascending, Order::Descending][..]), any::<Index>(), 1..6usize)
        .prop_map(|(wanted, kind, sort, order, as_of, limit)| Question { wanted, kind, sort, order, as_of, limit })
}

impl Question {
    fn query(&self, posted: &[Term], times: &[Timestamp]) -> Query {
        let mut filter = self.wanted.filter(posted, times);
        let sort = match (self.kind, self.sort) {
            (Some(RecordKind::Claim), 1 | 2) => Sort::Time(TimeField::Event),
            (Some(RecordKind::Claim | RecordKind::Article), 3) => Sort::Time(TimeField::Published),
            (Some(RecordKind::Claim), 4) => {
                let article = name("articles/a1");
                filter = Filter::All(vec![Filter::Term(Term::Article(article.clone())), filter]);
                Sort::Position(article)
            }
            _ => Sort::Recorded,
        };
        Query { kind: self.kind, filter, sort, order: self.order }
    }
}

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

async fn run(engine: Engine, history: &[Step], questions: &[Question]) {
    let mut store = Store::new(engine);
    for at in 0..4 {
        write().named(&format!("articles/a{at}"), Record::Article(article(&at.to_string()))).to(&*store).await;
    }
    let mut claims = Vec::new();
    for step in history {
        apply(&store, step, &mut claims).await;
    }
    let commits = store.changes(0, usize::MAX >> 1).await.unwrap();
    let log: Vec<Arc<Version>> = commits.into_iter().flat_map(|commit| commit.versions).collect();
    let posted: BTreeSet<Term> = log.iter().flat_map(|version| terms(version)).collect();
    let mut posted: Vec<Term> = posted.into_iter().collect();
    posted.push(Term::Metric("none".to_owned()));
    for reopen in [false, true] {
        for question in questions {
            ask(&*store, &log, question, &posted).await;
        }
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
        Arc::new(engines::sled(ground, engines::SEAL_OFTEN, limits))
    },
    afterwards: engines::no_blobs,
};

fn check(name: &str, cases: u32, steps: std::ops::Range<usize>) {
    let engine = *engines::ENGINES.iter().chain([&THRIFTY]).find(|engine| engine.name == name).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // More for whoever has the time: each case is a history and dozens of questions.
    let times = std::env::var("CLAIMDB_QUERY_MODEL_TIMES").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let config = ProptestConfig { cases: cases * times, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&(vec(step(), steps), vec(question(), 20..60)), |(history, questions)| {
        runtime.block_on(run(engine, &history, &questions));
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

/// More than is sorted at once, so that the calendar is walked down to the keys.
#[test]
fn sled_answers_like_a_scan_where_much_matches() {
    check("sled", 1, 700..800);
}
