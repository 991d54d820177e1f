//! The engine that keeps everything in memory: the specification that runs. It is plain rather than fast; what it does
//! is what every engine does.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

use super::assemble::{Assembled, Slot, assemble, is_kept};
use super::codec::{CommitNote, NotedImport, NotedRequest};
use super::compose::{ComposeError, compose};
use super::import::{Admission, admit};
use super::times::Times;
use super::{
    ClaimStore, Clock, Commit, CommitError, Committed, Counted, Cursor, Description, Head, HeldBack, ImportBatch,
    ImportCounts, ImportError, ImportProgress, Imported, Importing, Order, PART_VERSIONS, Page, PageRequest, Query,
    Sieve, Sifted, Sort, StoreError, TermRange,
};
use crate::domain::model::Version;
use crate::domain::name::{IdSource, Name, TimeOrderedIds};
use crate::domain::plan::{Batch, PlanError, View, plan};
use crate::domain::term::{Term, terms};
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;

/// A store in memory.
pub struct MemoryStore {
    ids: Arc<dyn IdSource>,
    times: Times,
    store_id: String,
    state: Mutex<State>,
    head: watch::Sender<u64>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(ids: Arc<dyn IdSource>, clock: Arc<dyn Clock>) -> Self {
        // Not from `ids`: those are the records', the same in every engine that is asked for the same.
        let store_id = TimeOrderedIds.next().to_string();
        Self { ids, times: Times::new(clock), store_id, state: Mutex::default(), head: watch::Sender::new(0) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is changed in one place, after everything that may fail.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryStore {
    fn import_now(&self, batch: &mut ImportBatch) -> Result<Imported, ImportError> {
        let mut state = self.state();
        let newest = state.import_commits(&batch.principal, &batch.session).next();
        let (head, session) = newest.map(|(head, import)| (head, import.session)).unzip();
        if let Admission::Duplicate(session) = admit(batch, session.clone())? {
            let (head, counts) = (head.unwrap_or_default(), ImportCounts::default());
            return Ok(Imported { head, duplicate: true, counts, rejected: Vec::new(), session });
        }
        let slot = state.next_slot(&self.times);
        // Nobody reads the state before all of it is there.
        self.times.settle();
        let composed = compose(batch, &*state, &*self.ids, slot, session.as_ref()).map_err(|error| match error {
            ComposeError::Import(error) => error,
            ComposeError::View(error) => ImportError::Commit(error.into()),
        })?;
        state.apply(&composed.assembled);
        self.head.send_replace(slot.revision);
        Ok(composed.imported)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("store_id", &self.store_id).finish_non_exhaustive()
    }
}

#[async_trait]
impl ClaimStore for MemoryStore {
    fn description(&self) -> Description {
        Description { engine: "memory", format_version: 0, store_id: self.store_id.clone(), durable: false }
    }

    async fn commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        let mut state = self.state();
        if let Some(answer) = state.replay(&batch)? {
            return Ok(answer);
        }
        let drafts = std::mem::take(&mut batch.drafts);
        let plan = plan(&batch, drafts, &*state, &*self.ids).map_err(|error| match error {
            PlanError::Refused(refusal) => CommitError::Refused(refusal),
            PlanError::View(error) => CommitError::Store(error),
        })?;
        let kept = is_kept(&plan, &batch);
        let slot = state.next_slot(&self.times);
        // Nobody reads the state before all of it is there.
        self.times.settle();
        let assembled = assemble(plan, &batch, slot, |name| state.must_hold(name, slot.revision))?;
        // Nothing is kept in this form here; what cannot be stored elsewhere is refused all the same.
        assembled.encode_versions()?;
        if kept {
            state.apply(&assembled);
            self.head.send_replace(slot.revision);
        }
        Ok(Committed {
            head: state.head(),
            committed: kept,
            replayed: false,
            results: assembled.results,
            warnings: assembled.warnings,
            warning_count: assembled.warning_count,
        })
    }

    async fn import(&self, mut batch: ImportBatch) -> Importing {
        let answer = self.import_now(&mut batch);
        Box::pin(std::future::ready(answer))
    }

    async fn import_session(&self, principal: &str, session: &str) -> Result<Option<ImportProgress>, StoreError> {
        Ok(ImportProgress::of(self.state().import_commits(principal, session)))
    }

    async fn head(&self) -> Result<Head, StoreError> {
        Ok(self.state().head())
    }

    async fn head_at(&self, time: Timestamp) -> Result<Head, StoreError> {
        self.times.passed(time).await?;
        let state = self.state();
        Ok(state.commits.iter().rev().map(Made::head).find(|head| head.time <= Some(time)).unwrap_or_default())
    }

    async fn head_of(&self, revision: u64) -> Result<Head, StoreError> {
        let state = self.state();
        state.check(revision)?;
        Ok(state.commits.iter().map(Made::head).find(|head| head.revision == revision).unwrap_or_default())
    }

    async fn get(&self, names: &[Name], as_of: u64) -> Result<Vec<Option<Arc<Version>>>, StoreError> {
        let state = self.state();
        state.check(as_of)?;
        Ok(names.iter().map(|name| state.holding_version(name, as_of)).collect())
    }

    async fn text(&self, sha256: Sha256) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self.state().texts.get(&sha256).cloned())
    }

    async fn query(&self, query: &Query, as_of: u64, page: PageRequest) -> Result<Page, StoreError> {
        let state = self.state();
        state.check(as_of)?;
        let matches = |entry: &&Entry| entry.holds(as_of) && query.matches(&entry.version);
        Ok(state.page(matches, &query.sort, query.order, page))
    }

    async fn few(&self, query: &Query, as_of: u64, limit: usize) -> Result<Option<Vec<Arc<Version>>>, StoreError> {
        let page = self.query(query, as_of, PageRequest { after: None, limit }).await?;
        Ok(page.all())
    }

    async fn sift(&self, query: &Query, sieve: &Sieve, as_of: u64, page: PageRequest) -> Result<Sifted, StoreError> {
        let state = self.state();
        state.check(as_of)?;
        let matches = |entry: &&Entry| entry.holds(as_of) && query.matches(&entry.version);
        let whole = state.page(matches, &query.sort, query.order, page);
        let (mut versions, mut held_back) = (Vec::new(), vec![HeldBack::default()]);
        for version in whole.versions {
            match (sieve.group_of(&version), held_back.last_mut()) {
                (Some(group), Some(behind)) => behind[group] += 1,
                _ => {
                    versions.push(version);
                    held_back.push(HeldBack::default());
                }
            }
        }
        Ok(Sifted { page: Page { versions, ..whole }, held_back })
    }

    async fn count(&self, query: &Query, as_of: u64, after: Option<Cursor>) -> Result<Counted, StoreError> {
        let state = self.state();
        state.check(as_of)?;
        let first = after.map_or(0, |cursor| cursor.number);
        let counted = state
            .entries
            .iter()
            .filter(|entry| entry.version.number > first && entry.holds(as_of) && query.matches(&entry.version));
        Ok(Counted { count: counted.count() as u64, next: None })
    }

    async fn terms(&self, range: &TermRange, order: Order, limit: usize) -> Result<Vec<Term>, StoreError> {
        let state = self.state();
        let within = |term: &&Term| (range.low.as_ref(), range.high.as_ref()).contains(*term);
        let found: BTreeSet<&Term> = state.entries.iter().flat_map(|entry| &entry.terms).filter(within).collect();
        Ok(match order {
            Order::Ascending => found.into_iter().take(limit).cloned().collect(),
            Order::Descending => found.into_iter().rev().take(limit).cloned().collect(),
        })
    }

    async fn history(&self, name: &Name, as_of: u64, page: PageRequest) -> Result<Page, StoreError> {
        let state = self.state();
        state.check(as_of)?;
        let matches = |entry: &&Entry| entry.version.name == *name && entry.version.revision <= as_of;
        Ok(state.page(matches, &Sort::Recorded, Order::Ascending, page))
    }

    async fn changes(&self, after: u64, limit: usize) -> Result<Vec<Commit>, StoreError> {
        let state = self.state();
        state.check(after)?;
        let commits = state.commits.iter().filter(|made| made.slot.revision > after).take(limit);
        Ok(commits.map(|made| state.commit(made, made.slot.number)).collect())
    }

    async fn changes_from(&self, number: u64) -> Result<Commit, StoreError> {
        let state = self.state();
        let behind = state.commits.partition_point(|made| made.slot.number <= number);
        let made = behind.checked_sub(1).and_then(|index| state.commits.get(index));
        made.map(|made| state.commit(made, number))
            .ok_or_else(|| StoreError::Corrupted { what: format!("commit at {number}: missing") })
    }

    fn head_updates(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }
}

/// Everything there is.
#[derive(Default)]
struct State {
    commits: Vec<Made>,
    /// In the order of their numbers.
    entries: Vec<Entry>,
    texts: HashMap<Sha256, Arc<str>>,
}

/// A commit that was made.
struct Made {
    slot: Slot,
    numbers: u64,
    note: CommitNote,
}

/// A version and what it is found by.
struct Entry {
    version: Arc<Version>,
    terms: Vec<Term>,
    /// The commit that replaced it.
    closed: Option<u64>,
}

impl Made {
    fn head(&self) -> Head {
        Head { revision: self.slot.revision, time: Some(self.slot.time) }
    }
}

impl Entry {
    fn holds(&self, as_of: u64) -> bool {
        self.version.revision <= as_of && self.closed.is_none_or(|closed| as_of < closed)
    }
}

impl State {
    fn head(&self) -> Head {
        self.commits.last().map(Made::head).unwrap_or_default()
    }

    fn next_slot(&self, times: &Times) -> Slot {
        let last = self.commits.last();
        Slot {
            revision: last.map_or(0, |made| made.slot.revision) + 1,
            time: times.next(last.map(|made| made.slot.time)),
            number: last.map_or(1, |made| made.slot.number + made.numbers),
        }
    }

    fn check(&self, revision: u64) -> Result<(), StoreError> {
        let head = self.head().revision;
        if revision > head { Err(StoreError::RevisionInFuture { asked: revision, head }) } else { Ok(()) }
    }

    fn apply(&mut self, assembled: &Assembled) {
        let Slot { revision, .. } = assembled.slot;
        self.entries.extend(assembled.made.versions.iter().map(|version| Entry {
            version: Arc::clone(version),
            terms: terms(version),
            closed: None,
        }));
        // After its own versions are there: a commit may replace one of those.
        let closed: HashSet<u64> = assembled.made.closings.iter().map(|(old, _)| *old).collect();
        if !closed.is_empty() {
            for entry in self.entries.iter_mut().filter(|entry| closed.contains(&entry.version.number)) {
                entry.closed = Some(revision);
            }
        }
        for (_, sha256, text) in &assembled.made.texts {
            self.texts.entry(*sha256).or_insert_with(|| Arc::clone(text));
        }
        self.commits.push(Made { slot: assembled.slot, numbers: assembled.numbers(), note: assembled.note.clone() });
    }

    /// The commits of an import, newest first.
    fn import_commits(&self, principal: &str, session: &str) -> impl Iterator<Item = (Head, NotedImport)> {
        self.commits.iter().rev().filter_map(move |made| {
            let import = made.note.import.as_ref()?;
            (&*made.note.principal == principal && import.id == session).then(|| (made.head(), import.clone()))
        })
    }

    /// The answer to a request that was committed before. A batch that is only validated asks for no answer but its own.
    fn replay(&self, batch: &Batch) -> Result<Option<Committed>, CommitError> {
        let Some(key) = batch.request.as_ref().filter(|_| !batch.validate_only) else { return Ok(None) };
        let noted = |made: &Made| -> Option<(Head, NotedRequest)> {
            let request = made.note.request.clone()?;
            (made.note.principal == batch.principal && request.key.id == key.id).then(|| (made.head(), request))
        };
        let Some((head, request)) = self.commits.iter().find_map(noted) else { return Ok(None) };
        if request.key.digest != key.digest {
            return Err(CommitError::RequestReused { id: key.id.clone(), revision: head.revision });
        }
        let results = request.results.into_iter().map(|planned| {
            let version = self.must_hold(&planned.name, head.revision)?;
            Ok::<_, StoreError>((planned, version))
        });
        Ok(Some(Committed {
            head,
            committed: true,
            replayed: true,
            results: results.collect::<Result<_, _>>()?,
            warnings: request.warnings,
            warning_count: request.warning_count,
        }))
    }

    fn holding_version(&self, name: &Name, as_of: u64) -> Option<Arc<Version>> {
        let entry = self.entries.iter().find(|entry| entry.version.name == *name && entry.holds(as_of));
        entry.map(|entry| Arc::clone(&entry.version))
    }

    fn must_hold(&self, name: &Name, as_of: u64) -> Result<Arc<Version>, StoreError> {
        let corrupted = || StoreError::Corrupted { what: format!("the newest version of {name}") };
        self.holding_version(name, as_of).ok_or_else(corrupted)
    }

    fn page(&self, matches: impl Fn(&&Entry) -> bool, sort: &Sort, order: Order, page: PageRequest) -> Page {
        let mut found: Vec<(Cursor, Arc<Version>)> = self
            .entries
            .iter()
            .filter(matches)
            .map(|entry| (sort.cursor(&entry.version), Arc::clone(&entry.version)))
            .filter(|(place, _)| page.after.is_none_or(|after| after.compare(place, order) == Ordering::Less))
            .collect();
        found.sort_by(|(a, _), (b, _)| a.compare(b, order));
        let more = found.len() > page.limit;
        found.truncate(page.limit);
        let next = found.last().map(|(place, _)| *place).filter(|_| more);
        Page::full(found.into_iter().map(|(_, version)| version).collect(), next)
    }

    /// Of a commit, the versions from a number on.
    fn commit(&self, made: &Made, from: u64) -> Commit {
        let end = made.slot.number + made.numbers;
        let stop = end.min(from.saturating_add(PART_VERSIONS as u64));
        let place = |number| self.entries.partition_point(|entry| entry.version.number < number);
        let versions = self.entries.get(place(from)..place(stop)).unwrap_or_default();
        Commit {
            revision: made.slot.revision,
            time: made.slot.time,
            first: made.slot.number,
            versions: versions.iter().map(|entry| Arc::clone(&entry.version)).collect(),
            rest: (stop < end).then_some(stop),
        }
    }
}

impl View for State {
    type Error = StoreError;

    fn holding(&self, term: &Term, limit: usize) -> Result<Vec<Arc<Version>>, StoreError> {
        let head = self.head().revision;
        let holders = self.entries.iter().filter(|entry| entry.holds(head) && entry.terms.contains(term));
        let mut newest: Vec<_> = holders.rev().take(limit).map(|entry| Arc::clone(&entry.version)).collect();
        newest.reverse();
        Ok(newest)
    }

    fn text(&self, sha256: Sha256) -> Result<Option<Arc<str>>, StoreError> {
        Ok(self.texts.get(&sha256).cloned())
    }
}
