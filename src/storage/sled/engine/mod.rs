//! The default engine: claims on sled. The layer below keeps bytes, terms and numbers; this one knows what they mean.

mod jobs;
mod known;
mod lone_writes;
mod memory;
mod query;
mod reading;
mod reads;
mod reopening;
mod replay;
mod requests;
mod short_reads;
mod sketches;
mod terms;
mod view;
mod workers;
mod writes;
mod writing;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{Semaphore, watch};

use self::reading::{ReadVersions, Reading};
use self::workers::Workers;
use self::writes::Writes;
use super::core::Core;
use super::{Damage, DamageAlarm, OpenError, Options, Reader, Store, pages};
use crate::domain::model::Version;
use crate::domain::name::{IdSource, Name};
use crate::domain::plan::Batch;
use crate::domain::term::Term;
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;
use crate::storage::times::Times;
use crate::storage::{
    ClaimStore, Clock, Commit, CommitError, Committed, Counted, Cursor, Description, Head, ImportBatch, ImportProgress,
    Importing, ON_DAMAGE, Order, Page, PageRequest, Query, Sieve, Sifted, StoreError, TermRange, processors,
};

pub use query::QueryLimits;
pub use reading::threads_beside_reads;
pub use replay::StoredCommits;

/// How the engine is opened.
pub struct EngineOptions {
    /// How the layer below is opened.
    pub layer: Options,
    /// Batches that may wait for the writer; more callers wait to queue. Each holds at most one message.
    pub queued_batches: usize,
    /// Commits made durable together, at most: readers wait while a group is applied.
    pub group_commits: usize,
    /// A commit of so many versions or more is encoded beside the planning of the next.
    pub aside_versions: usize,
    /// Reads that block a thread at one time, at most: more wait.
    pub concurrent_reads: usize,
    /// How much one page of a query may cost.
    pub query: QueryLimits,
    /// Makes ids.
    pub ids: Arc<dyn IdSource>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Told once what is damaged, when a read or a write meets it.
    pub on_damage: Box<dyn Fn(&str) + Send + Sync>,
}

/// Claims on sled.
pub struct SledStore {
    shared: Arc<Shared>,
    times: Arc<Times>,
    writes: Writes,
    reads: Arc<Semaphore>,
    concurrent_reads: usize,
    processors: usize,
    workers: Workers,
    head: watch::Receiver<u64>,
    description: Description,
}

/// What readers and the writer share.
struct Shared {
    store: Store,
    query: QueryLimits,
    versions: Arc<ReadVersions>,
    on_damage: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Shared {
    /// Reports damage that was met in an open store, and says so; unless it is the engine that failed.
    fn damaged(&self, core: &Core, damage: &Damage) -> StoreError {
        if damage.is_full {
            // sled does not forget an error: the store is reopened as soon as there is room.
            core.poison("the device had no room left, even for reading");
        }
        if core.has_failed() {
            tracing::warn!(what = damage.what, "the engine has failed");
            return StoreError::Unavailable { why: "the engine has failed and is being reopened".to_owned() };
        }
        self.found_damaged(damage)
    }

    fn found_damaged(&self, damage: &Damage) -> StoreError {
        tracing::error!(what = damage.what, "the store is damaged; {ON_DAMAGE}");
        (self.on_damage)(&damage.what);
        StoreError::Corrupted { what: damage.what.clone() }
    }

    fn read_failed(&self, core: &Core, error: ReadError) -> StoreError {
        match error {
            ReadError::Damage(damage) => self.damaged(core, &damage),
            ReadError::Store(error) => error,
        }
    }

    fn reading(&self, reader: Reader, threads: usize) -> Reading {
        Reading { reader, versions: Arc::clone(&self.versions), threads }
    }
}

impl fmt::Debug for SledStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SledStore").field("store_id", &self.description.store_id).finish_non_exhaustive()
    }
}

impl SledStore {
    /// Opens the store in a directory, creating it if there is none. Blocks.
    ///
    /// # Errors
    /// When another process has it open, its format is not known, it is damaged, or the system refuses.
    pub fn open(directory: &Path, options: EngineOptions) -> Result<Self, OpenError> {
        let on_damage: Arc<dyn Fn(&str) + Send + Sync> = options.on_damage.into();
        let listener = Arc::clone(&on_damage);
        let layer = Options { on_damage: DamageAlarm::new(move |damage| listener(&damage.what)), ..options.layer };
        let kept = layer.kept;
        let store = Store::open(directory, layer, &StoredCommits)?;
        let description =
            Description { engine: "sled", format_version: super::FORMAT_VERSION, store_id: store.id()?, durable: true };
        let (head_sender, head) = watch::channel(store.head().revision);
        let versions = Arc::new(reading::ReadVersions::new(kept.versions));
        let shared = Arc::new(Shared { store, query: options.query, versions, on_damage });
        let times = Arc::new(Times::new(options.clock));
        let writing = writing::Writing {
            shared: Arc::clone(&shared),
            ids: options.ids,
            times: Arc::clone(&times),
            head: head_sender,
            group_commits: options.group_commits,
            aside_versions: options.aside_versions,
            known: known::KnownSources::new(kept.sources),
            writer: writing::Taking::default(),
            damaged_openings: 0,
        };
        let writes = Writes::start(writing, options.queued_batches)?;
        Ok(Self {
            shared,
            times,
            writes,
            reads: Arc::new(Semaphore::new(options.concurrent_reads)),
            concurrent_reads: options.concurrent_reads,
            processors: processors(),
            workers: Workers::default(),
            head,
            description,
        })
    }

    /// Ends the writer once it has answered what is queued. Commits afterwards are refused; reads go on until the store
    /// is dropped, which closes it cleanly. Blocks.
    pub fn close(&self) {
        self.writes.close();
    }

    /// Lets go of the versions that were read lately, for want of memory.
    pub fn forget_versions(&self) {
        self.shared.versions.clear();
    }

    /// Has sled give up the pages that it keeps beyond its cache, for want of memory. Blocks for some tenth of a second.
    pub fn give_up_pages(&self) {
        if let Some(reader) = self.shared.store.try_reader()
            && let Err(damage) = pages::give_up(&reader)
        {
            // An engine that has failed fails here, too; if it is damage, whoever reads meets it.
            tracing::debug!(what = damage.what, "pages are not given up");
        }
    }

    /// Runs a short read on the worker that asks. None where it would have to wait, as for an engine that has failed.
    fn read_here<T>(&self, read: impl FnOnce(&Reading) -> Result<T, ReadError>) -> Option<Result<T, StoreError>> {
        let _place = self.workers.place()?;
        let reading = self.shared.reading(self.shared.store.try_reader()?, 1);
        let answer = read(&reading).map_err(|error| self.shared.read_failed(reading.reader.core(), error));
        (answer.is_ok() || reading.reader.core().poisoned().is_none()).then_some(answer)
    }

    /// The store is opened again by whoever writes, which may be nobody: to ask the writer for anything has it done.
    async fn have_reopened(&self) {
        let _ = self.writes.session("", "").await;
    }

    /// Runs a read on a thread that may block.
    async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Reading) -> Result<T, ReadError> + Send + 'static,
    {
        let stopped = || StoreError::Unavailable { why: "the server is shutting down".to_owned() };
        let permit = Arc::clone(&self.reads).acquire_owned().await.map_err(|_| stopped())?;
        // What other requests do not use: this one's own thread among them, whose permit is taken.
        let others = (self.concurrent_reads - 1).saturating_sub(self.reads.available_permits());
        let threads = reading::threads_of_one(self.processors, others);
        let shared = Arc::clone(&self.shared);
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            // A store that could not be reopened has no reader, and is not damaged for that.
            let reader = shared.store.reader().map_err(|damage| StoreError::Unavailable { why: damage.what })?;
            let reading = shared.reading(reader, threads);
            let answer = read(&reading).map_err(|error| shared.read_failed(reading.reader.core(), error));
            let has_failed = answer.is_err() && reading.reader.core().poisoned().is_some();
            Ok((answer, has_failed))
        });
        match reading.await {
            Ok(Ok((answer, has_failed))) => {
                if has_failed {
                    self.have_reopened().await;
                }
                answer
            }
            Ok(Err(error)) => Err(error),
            Err(error) if error.is_cancelled() => Err(stopped()),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.close();
    }
}

/// Why a read failed.
enum ReadError {
    Damage(Damage),
    Store(StoreError),
}

impl From<Damage> for ReadError {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}

/// The last number of a revision: what is read as of it lies at or below.
fn bound(reader: &Reading, revision: u64) -> Result<u64, ReadError> {
    let head = reader.head();
    if revision == head.revision {
        return Ok(head.number);
    }
    reader
        .last_number_at(revision)?
        .ok_or(ReadError::Store(StoreError::RevisionInFuture { asked: revision, head: head.revision }))
}

#[async_trait]
impl ClaimStore for SledStore {
    fn description(&self) -> Description {
        self.description.clone()
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.writes.commit(batch, &self.workers).await
    }

    async fn import(&self, batch: ImportBatch) -> Importing {
        self.writes.import(batch).await
    }

    async fn import_session(&self, principal: &str, session: &str) -> Result<Option<ImportProgress>, StoreError> {
        self.writes.session(principal, session).await
    }

    async fn head(&self) -> Result<Head, StoreError> {
        let head = self.shared.store.head();
        if head.revision == 0 {
            return Ok(Head::default());
        }
        let time = reads::time(head.time_us).map_err(|damage| self.shared.found_damaged(&damage))?;
        Ok(Head { revision: head.revision, time: Some(time) })
    }

    async fn head_at(&self, time: Timestamp) -> Result<Head, StoreError> {
        if self.times.passed(time).await.is_err() {
            self.have_reopened().await;
            self.times.passed(time).await?;
        }
        self.read(move |reader| {
            let revision = reader.last_revision_at_time(time.micros())?;
            Ok(reads::head_of(reader, revision)?.unwrap_or_default())
        })
        .await
    }

    async fn head_of(&self, revision: u64) -> Result<Head, StoreError> {
        let newest = self.head().await?;
        if revision == newest.revision {
            return Ok(newest);
        }
        self.read(move |reader| {
            let head = reader.head().revision;
            let missing = StoreError::RevisionInFuture { asked: revision, head };
            reads::head_of(reader, revision)?.ok_or(ReadError::Store(missing))
        })
        .await
    }

    async fn get(&self, names: &[Name], as_of: u64) -> Result<Vec<Option<Arc<Version>>>, StoreError> {
        use reads::Numbers;
        let get = move |names: &[Name], reader: &Reading| {
            let bound = bound(reader, as_of)?;
            names.iter().map(|name| Ok(reader.holding_of(name, bound)?)).collect()
        };
        if names.len() <= short_reads::RECORDS
            && short_reads::is_recent(as_of, *self.head.borrow())
            && let Some(read) = self.read_here(|reader| get(names, reader))
        {
            return read;
        }
        let names = names.to_vec();
        self.read(move |reader| get(&names, reader)).await
    }

    async fn text(&self, sha256: Sha256) -> Result<Option<Arc<str>>, StoreError> {
        self.read(move |reader| {
            use reads::Numbers;
            Ok(reader.text_of(sha256, reader.head().number)?)
        })
        .await
    }

    async fn query(&self, query: &Query, as_of: u64, page: PageRequest) -> Result<Page, StoreError> {
        let limits = self.shared.query;
        let short = limits.within(short_reads::STEPS, 2 * short_reads::RECORDS);
        match self.page_here(query, as_of, page, short) {
            // What is cut short here need not be where there is time.
            Some(Ok(page)) if page.is_cut_short => {}
            Some(read) => return read,
            None => {}
        }
        self.page_elsewhere(query, as_of, page, limits).await
    }

    async fn few(&self, query: &Query, as_of: u64, limit: usize) -> Result<Option<Vec<Arc<Version>>>, StoreError> {
        let page = PageRequest { after: None, limit };
        let limits = self.shared.query.within(short_reads::places(limit), usize::MAX);
        let read = match self.page_here(query, as_of, page, limits) {
            Some(read) => read,
            None => self.page_elsewhere(query, as_of, page, limits).await,
        };
        Ok(read?.all())
    }

    async fn sift(&self, query: &Query, sieve: &Sieve, as_of: u64, page: PageRequest) -> Result<Sifted, StoreError> {
        let (query, sieve, limits) = (query.clone(), sieve.clone(), self.shared.query);
        self.read(move |reader| Ok(query::sift(reader, &query, &sieve, bound(reader, as_of)?, page, limits)?)).await
    }

    async fn count(&self, query: &Query, as_of: u64, after: Option<Cursor>) -> Result<Counted, StoreError> {
        let (query, limits) = (query.clone(), self.shared.query);
        self.read(move |reader| Ok(query::count(reader, &query, bound(reader, as_of)?, after, limits)?)).await
    }

    async fn terms(&self, range: &TermRange, order: Order, limit: usize) -> Result<Vec<Term>, StoreError> {
        let range = range.clone();
        self.read(move |reader| Ok(reads::terms_within(reader, &range, order, limit)?)).await
    }

    async fn history(&self, name: &Name, as_of: u64, page: PageRequest) -> Result<Page, StoreError> {
        let name = name.clone();
        self.read(move |reader| Ok(reads::history(reader, &name, bound(reader, as_of)?, page)?)).await
    }

    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Commit>, StoreError> {
        self.read(move |reader| Ok(reads::changes(reader, bound(reader, after)?, limit)?)).await
    }

    async fn changes_from(&self, number: u64) -> Result<Commit, StoreError> {
        self.read(move |reader| Ok(reads::changes_from(reader, number)?)).await
    }

    fn head_updates(&self) -> watch::Receiver<u64> {
        self.head.clone()
    }
}
