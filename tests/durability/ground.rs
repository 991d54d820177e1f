//! The engine on a directory, and what it must agree with: the memory engine that was told the same.

use std::path::Path;
use std::time::Duration;

use claimdb::domain::filter::{Filter, TimeFilter};
use claimdb::domain::model::Record;
use claimdb::domain::name::RecordKind;
use claimdb::domain::sort::{Sort, TimeField};
use claimdb::domain::term::Term;
use claimdb::domain::time::ApproximateTime;
use claimdb::storage::memory::MemoryStore;
use claimdb::storage::sled::{
    EngineOptions, Faults, MergeLimits, OpenError, Options, QueryLimits, SealLimits, SledStore,
};
use claimdb::storage::{ClaimStore, Order, Page, PageRequest, Query};

use crate::support::{Ground, name};
use crate::work;

/// Two segments at once, up to a size that leaves several.
const MERGE_OFTEN: MergeLimits = MergeLimits { segments: 2, numbers: 2_000, terms: 1 << 20 };

/// How the tests open the engine.
pub(crate) struct Opening {
    /// Numbers in a segment.
    pub(crate) seal_numbers: u64,
    /// How segments are merged.
    pub(crate) merge: MergeLimits,
    /// Bytes kept free.
    pub(crate) reserve_bytes: u64,
    /// What shall fail.
    pub(crate) faults: Faults,
}

impl Default for Opening {
    fn default() -> Self {
        Self { seal_numbers: 64, merge: MERGE_OFTEN, reserve_bytes: 1 << 20, faults: Faults::default() }
    }
}

impl Opening {
    /// Opens the store in a directory.
    pub(crate) fn open(self, directory: &Path, ground: &Ground) -> Result<SledStore, OpenError> {
        let seal = SealLimits { numbers: self.seal_numbers, ..SealLimits::default() };
        let options = EngineOptions {
            layer: Options {
                cache_bytes: 32 << 20,
                seal,
                merge: self.merge,
                reserve_bytes: self.reserve_bytes,
                note_pause: Duration::ZERO,
                faults: self.faults,
                ..Options::default()
            },
            queued_batches: 64,
            group_commits: 16,
            aside_versions: 2,
            concurrent_reads: 4,
            query: QueryLimits::default(),
            ids: ground.ids.clone(),
            clock: ground.clock.clone(),
            on_damage: Box::new(|_| {}),
        };
        SledStore::open(directory, options)
    }
}

/// An empty directory, ids and a clock.
pub(crate) fn fresh() -> Ground {
    Ground::new(|_| {})
}

/// Runs on a runtime of its own, on this thread: what is spawned first is sent first.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// The memory engine after the first `count` pieces of work.
pub(crate) fn model(count: u64) -> MemoryStore {
    let ground = fresh();
    let model = MemoryStore::new(ground.ids.clone(), ground.clock.clone());
    block_on(async {
        for number in 1..=count {
            let committed = model.commit(work::batch(number)).await.unwrap();
            assert_eq!(committed.head.revision, number);
        }
    });
    model
}

/// Checks that a store holds the first commits of the model, the acknowledged ones among them, and nothing else. Gives
/// its newest revision.
pub(crate) fn agrees(store: &dyn ClaimStore, model: &MemoryStore, acknowledged: u64) -> Result<u64, String> {
    block_on(compare(store, model, acknowledged))
}

/// As [`agrees`].
pub(crate) async fn compare(store: &dyn ClaimStore, model: &MemoryStore, acknowledged: u64) -> Result<u64, String> {
    let failed = |what: &str| {
        let what = what.to_owned();
        move |error| format!("{what}: {error}")
    };
    let head = store.head().await.map_err(failed("head"))?.revision;
    if head < acknowledged {
        return Err(format!("revision {acknowledged} was acknowledged, the newest is {head}"));
    }
    let mut after = 0;
    while after < head {
        let found = store.changes(after, 16).await.map_err(failed("changes"))?;
        let expected = model.changes(after, found.len()).await.unwrap();
        if found.is_empty() || found != expected {
            return Err(format!("the commits after {after} are not those that were made"));
        }
        let records = found.iter().flat_map(|commit| &commit.versions).map(|version| &version.record);
        for text in records
            .filter_map(|record| if let Record::Article(article) = record { article.text.as_ref() } else { None })
        {
            let found = store.text(text.sha256).await.map_err(failed("text"))?;
            if found.is_none() || found != model.text(text.sha256).await.unwrap() {
                return Err(format!("the text {:?} is not the one that was recorded", text.sha256));
            }
        }
        after += found.len() as u64;
    }
    for kind in RecordKind::ALL {
        let query = Query::carrying([Term::Kind(kind)], Order::Descending);
        let mut page = PageRequest { after: None, limit: 500 };
        loop {
            let found = store.query(&query, head, page).await.map_err(failed("query"))?;
            if !holds_the_same(&found, &model.query(&query, head, page).await.unwrap()) {
                return Err(format!("a page of {kind} is not what was recorded"));
            }
            match found.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
    }
    for (query, as_of) in questions(head) {
        let page = PageRequest { after: None, limit: 50 };
        let found = store.query(&query, as_of, page).await.map_err(failed("query"))?;
        if !holds_the_same(&found, &model.query(&query, as_of, page).await.unwrap()) {
            return Err(format!("{query:?} as of {as_of} is not answered with what was recorded"));
        }
        let counted = store.count(&query, as_of, None).await.map_err(failed("count"))?;
        if counted != model.count(&query, as_of, None).await.unwrap() {
            return Err(format!("{query:?} as of {as_of} is not counted as it was recorded"));
        }
    }
    Ok(head)
}

/// Whether two stores gave the same page, whatever each looked at to find it.
fn holds_the_same(found: &Page, expected: &Page) -> bool {
    found.versions == expected.versions && found.next == expected.next && found.is_cut_short == expected.is_cut_short
}

/// Queries by terms, times and names, in several orders, now and as of before: all that the index is for.
fn questions(head: u64) -> Vec<(Query, u64)> {
    let of = |kind, filter, sort, order| Query { kind: Some(kind), filter, sort, order };
    let time = |text: String| {
        let range = text.parse::<ApproximateTime>().unwrap().range();
        Filter::Time(TimeFilter { field: TimeField::Event, range, include_unknown: false })
    };
    let by_event = || Sort::Time(TimeField::Event);
    let said = Filter::carrying([Term::Origin(name(work::SOURCE))]);
    let article = Filter::carrying([Term::Article(name(&format!("articles/a{}", head.saturating_sub(1))))]);
    let day = Filter::All(vec![time(format!("{}-03", work::MONTH)), said.clone()]);
    vec![
        (of(RecordKind::Claim, day, by_event(), Order::Ascending), head),
        (of(RecordKind::Claim, said, by_event(), Order::Descending), head / 2),
        (of(RecordKind::Claim, article, Sort::Recorded, Order::Descending), head),
        (of(RecordKind::Source, Filter::NamePrefix("ministry".into()), Sort::Recorded, Order::Ascending), head / 2),
    ]
}

/// Whether sled put a page into a file of its own, which it never syncs.
pub(crate) fn has_blobs(directory: &Path) -> bool {
    std::fs::read_dir(directory.join("sled/blobs")).is_ok_and(|mut entries| entries.next().is_some())
}
