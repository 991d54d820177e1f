//! Random histories on every engine and on the memory engine: the answers are the same.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

#[path = "support/mod.rs"]
mod support;

#[path = "conformance/engines.rs"]
mod engines;

use std::collections::BTreeSet;
use std::sync::Arc;

use claimdb::domain::model::{Article, Claim, Record, Source, Version};
use claimdb::domain::name::{Name, RecordKind};
use claimdb::domain::term::{Term, terms};
use claimdb::storage::{ClaimStore, Committed, ImportBatch, Order, PageRequest, Query};
use proptest::collection::vec;
use proptest::prelude::*;

use support::{
    Engine, Store, Write, article, batch_of, claim, claim_in, contradicts, name, said_by, supported, text, write,
};

/// One step of a history. Small numbers stand for records, so that steps meet.
#[derive(Clone, Debug)]
enum Step {
    Article { at: u8, named: bool, update: bool, text: Option<u8>, title: u8, publisher: Option<u8> },
    Source { at: u8, handle: bool, update: bool, description: u8 },
    Claim { at: u8, article: Option<u8>, source: u8 },
    Relation { from: u8, to: u8 },
    Assessment { at: u8 },
    Revise { at: u8, kind: u8, to: u8 },
    Retract { at: u8, kind: u8, include_claims: bool },
    Reinstate { at: u8, kind: u8 },
}

/// The request id of a turn.
#[derive(Clone, Copy, Debug)]
enum Request {
    None,
    /// Its own.
    Own,
    /// That of an earlier turn, which asked for something else.
    Reused(usize),
    /// The earlier turn is sent again, whatever this one would ask.
    Repeated(usize),
}

/// What is done at once, and how.
#[derive(Clone, Debug)]
struct Turn {
    steps: Vec<Step>,
    request: Request,
    validate_only: bool,
    micros: i64,
    reopen: bool,
    /// Each step is an item of a batch of an import.
    import: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let at = || 0u8..4;
    prop_oneof![
        3 => (at(), any::<bool>(), any::<bool>(), proptest::option::of(at()), at(), proptest::option::of(at())).prop_map(
            |(at, named, update, text, title, publisher)| Step::Article { at, named, update, text, title, publisher }
        ),
        3 => (at(), any::<bool>(), any::<bool>(), at())
            .prop_map(|(at, handle, update, description)| Step::Source { at, handle, update, description }),
        6 => (at(), proptest::option::of(at()), at())
            .prop_map(|(at, article, source)| Step::Claim { at, article, source }),
        1 => (at(), at()).prop_map(|(from, to)| Step::Relation { from, to }),
        1 => at().prop_map(|at| Step::Assessment { at }),
        3 => (at(), 0..3u8, at()).prop_map(|(at, kind, to)| Step::Revise { at, kind, to }),
        3 => (at(), 0..3u8, any::<bool>())
            .prop_map(|(at, kind, include_claims)| Step::Retract { at, kind, include_claims }),
        2 => (at(), 0..3u8).prop_map(|(at, kind)| Step::Reinstate { at, kind }),
    ]
}

fn turn() -> impl Strategy<Value = Turn> {
    let request = prop_oneof![
        6 => Just(Request::None),
        4 => Just(Request::Own),
        1 => (1usize..4).prop_map(Request::Reused),
        2 => (1usize..8).prop_map(Request::Repeated),
    ];
    let reopen = prop::bool::weighted(0.15);
    let write = (vec(step(), 0..3), request, prop::bool::weighted(0.1), -3i64..5, reopen).prop_map(
        |(steps, request, validate_only, micros, reopen)| Turn {
            steps,
            request,
            validate_only,
            micros,
            reopen,
            import: false,
        },
    );
    // Many items, so that they meet each other within the batch.
    let import = (vec(step(), 0..8), -3i64..5, reopen).prop_map(|(steps, micros, reopen)| Turn {
        steps,
        request: Request::None,
        validate_only: false,
        micros,
        reopen,
        import: true,
    });
    prop_oneof![3 => write, 1 => import]
}

/// A record that may exist: by the name that the history gives it.
fn numbered(kind: u8, at: u8) -> Name {
    name(&format!("{}/n{at}", ["articles", "sources", "claims"][usize::from(kind)]))
}

impl Step {
    fn onto(&self, write: Write) -> Write {
        match self {
            Self::Article { at, named, update, text: body, title, publisher } => {
                let record = Record::Article(Article {
                    title: format!("Title {title}"),
                    text: body.map(|body| text(&format!("{} Text {body}.", support::TEXT))),
                    publisher: publisher.map(|at| support::inline(&format!("Source {at}"))),
                    ..article(&at.to_string())
                });
                match (named, update) {
                    (true, true) => write.update_named(&numbered(0, *at).to_string(), record),
                    (true, false) => write.named(&numbered(0, *at).to_string(), record),
                    (false, true) => write.update(record),
                    (false, false) => write.record(record),
                }
            }
            Self::Source { at, handle, update, description } => {
                let mut source = support::source(&format!("Source {at}"));
                source.description = format!("Description {description}");
                if *handle {
                    (source.platform, source.handle) = ("Telegram".to_owned(), format!("handle{at}"));
                }
                let record = Record::Source(source);
                if *update { write.update(record) } else { write.named(&numbered(1, *at).to_string(), record) }
            }
            Self::Claim { at, article, source } => {
                let statement = format!("Claim {at}.");
                let mut claim = match article {
                    Some(article) => claim_in(numbered(0, *article).into(), &statement),
                    None => claim(&statement),
                };
                claim.attributions = vec![said_by(support::inline(&format!("Source {source}")))];
                if at % 2 == 0 {
                    write.named(&numbered(2, *at).to_string(), Record::Claim(claim))
                } else {
                    write.record(Record::Claim(claim))
                }
            }
            Self::Relation { from, to } => {
                write.record(Record::Relation(contradicts(numbered(2, *from).into(), numbered(2, *to).into())))
            }
            Self::Assessment { at } => write.record(Record::Assessment(supported(numbered(2, *at).into()))),
            Self::Revise { at, kind, to } => {
                let record = match kind {
                    0 => Record::Article(Article { title: format!("Revised {to}"), ..Article::default() }),
                    1 => Record::Source(Source { display_name: format!("Source {to}"), ..Source::default() }),
                    _ => Record::Claim(Claim { statement: format!("Claim {to}, revised."), ..Claim::default() }),
                };
                write.revise(&numbered(*kind, *at), record)
            }
            Self::Retract { at, kind, include_claims } => {
                write.retract_with(&numbered(*kind, *at), *include_claims && *kind == 0)
            }
            Self::Reinstate { at, kind } => write.reinstate(&numbered(*kind, *at)),
        }
    }
}

/// What the turn with this index asks.
fn asked(history: &[Turn], index: usize) -> Write {
    let turn = &history[index];
    if let Request::Repeated(back) = turn.request
        && let Some(earlier) = index.checked_sub(back)
    {
        return asked(history, earlier);
    }
    let mut batch = turn.steps.iter().fold(write(), |write, step| step.onto(write));
    if turn.validate_only {
        batch = batch.validate_only();
    }
    match turn.request {
        Request::None | Request::Repeated(_) => batch,
        Request::Own => batch.request(&format!("request-{index}")),
        Request::Reused(back) => batch.request(&format!("request-{}", index.saturating_sub(back))),
    }
}

/// The turn with this index as a batch of the one import that all of them are.
fn imported(history: &[Turn], index: usize, number: u64) -> ImportBatch {
    let items = history[index].steps.iter().map(|step| step.onto(write()));
    ImportBatch { position: format!("turn {index}"), ..batch_of("import", number, items) }
}

/// All of an answer, whatever its pages.
async fn all(store: &dyn ClaimStore, query: &Query, as_of: u64, limit: usize) -> Vec<Arc<Version>> {
    let (mut versions, mut after) = (Vec::new(), None);
    loop {
        let page = store.query(query, as_of, PageRequest { after, limit }).await.unwrap();
        assert!(page.versions.len() <= limit);
        versions.extend(page.versions);
        if page.next.is_none() {
            return versions;
        }
        after = page.next;
    }
}

/// Asks both everything that can be asked.
async fn compare(model: &dyn ClaimStore, store: &dyn ClaimStore) {
    let head = model.head().await.unwrap();
    assert_eq!(store.head().await, Ok(head));
    let log = model.changes(0, usize::MAX >> 1).await.unwrap();
    assert_eq!(store.changes(0, 1_000_000).await.unwrap(), log);
    let versions = || log.iter().flat_map(|commit| &commit.versions);
    let names: Vec<Name> =
        versions().map(|version| version.name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let every: BTreeSet<Term> = versions().flat_map(|version| terms(version)).collect();
    for as_of in 0..=head.revision {
        assert_eq!(store.head_of(as_of).await, model.head_of(as_of).await);
        assert_eq!(store.get(&names, as_of).await, model.get(&names, as_of).await);
        assert_eq!(store.changes(as_of, 2).await, model.changes(as_of, 2).await);
        for (index, term) in every.iter().enumerate() {
            // Which way, and what is shown, varies with term and revision: all of them come up.
            let turn = index + usize::try_from(as_of).unwrap();
            let order = if turn % 2 == 0 { Order::Ascending } else { Order::Descending };
            let mut query = Query::carrying([term.clone()], order);
            if turn % 3 != 0 {
                query = query.active();
            }
            if turn % 5 == 0 {
                query.kind = Some(RecordKind::Claim);
            }
            let expected = all(model, &query, as_of, 1_000).await;
            assert_eq!(all(store, &query, as_of, 1 + turn % 3).await, expected, "{query:?} as of {as_of}");
        }
    }
    for name in &names {
        for as_of in [0, head.revision / 2, head.revision] {
            let page = PageRequest { after: None, limit: 1_000 };
            assert_eq!(store.history(name, as_of, page).await, model.history(name, as_of, page).await);
        }
    }
    for version in versions() {
        assert_eq!(store.head_at(version.time).await, model.head_at(version.time).await);
        if let Record::Article(article) = &version.record
            && let Some(text) = &article.text
        {
            let expected = model.text(text.sha256).await.unwrap();
            assert!(expected.is_some(), "every text is kept");
            assert_eq!(store.text(text.sha256).await.unwrap(), expected);
        }
    }
}

/// The records that steps refer to, so that few of them are refused.
fn beginning() -> Write {
    (0..4).fold(write(), |write, at| {
        write
            .named(&numbered(0, at).to_string(), Record::Article(article(&at.to_string())))
            .named(&numbered(1, at).to_string(), Record::Source(support::source(&format!("Source {at}"))))
            .named(&numbered(2, at).to_string(), Record::Claim(claim(&format!("Claim {at}, first."))))
    })
}

/// Runs a history on an engine and on the memory engine beside it.
async fn run(engine: Engine, history: &[Turn]) -> usize {
    let model = Store::new(engines::ENGINES[0]);
    let mut store = Store::new(engine);
    for store in [&model, &store] {
        beginning().to(&**store).await;
    }
    let (mut commits, mut number) = (0, 1);
    for (index, turn) in history.iter().enumerate() {
        for store in [&model, &store] {
            store.ground.clock.advance(turn.micros);
        }
        if turn.import {
            let expected = model.import(imported(history, index, number)).await.await;
            assert_eq!(store.import(imported(history, index, number)).await.await, expected);
            assert_eq!(expected.unwrap().session.next_batch, number + 1);
            (number, commits) = (number + 1, commits + 1);
            if turn.reopen {
                store = store.reopen();
            }
            let session = model.import_session("anonymous", "import").await.unwrap();
            assert_eq!(store.import_session("anonymous", "import").await.unwrap(), session);
            assert_eq!(session.map(|found| found.session.next_batch), Some(number));
            continue;
        }
        let expected = asked(history, index).attempt(&*model).await;
        let answer = asked(history, index).attempt(&*store).await;
        assert_eq!(answer, expected);
        commits += usize::from(matches!(answer, Ok(Committed { committed: true, replayed: false, .. })));
        if turn.reopen {
            store = store.reopen();
        }
    }
    compare(&*model, &*store).await;
    compare(&*model, &*store.reopen()).await;
    commits
}

fn check(name: &str, cases: u32) {
    let engine = *engines::ENGINES.iter().find(|engine| engine.name == name).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        // The failing history is printed; a file of seeds would outlive what they meant.
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let outcome = runner.run(&vec(turn(), 1..24), |history| {
        runtime.block_on(async { run(engine, &history).await });
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    // A history of refusals alone would prove nothing.
    let history: Vec<Turn> = sample();
    let commits = runtime.block_on(run(engine, &history));
    assert!(commits > 40, "{commits} commits");
}

/// A long history, the same every time.
fn sample() -> Vec<Turn> {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    vec(turn(), 120).new_tree(&mut runner).unwrap().current()
}

#[test]
fn memory_answers_like_memory() {
    check("memory", 16);
}

#[test]
fn sled_answers_like_memory() {
    check("sled", 24);
}

#[test]
fn sled_answers_like_memory_when_it_seals_often() {
    check("sled_sealing", 24);
}
