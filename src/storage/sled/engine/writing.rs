//! The one who writes: takes what is queued, plans it against the store and what was planned before it, makes the group
//! durable once, then answers everybody. Mostly that is a thread of its own; a small write that is alone is made by the
//! worker that asks (`lone_writes`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use super::super::{Damage, Direction, GroupError, NewCommit, NewPostings, Writer};
use super::jobs::{Answer, Answered, ImportAnswer, Job};
use super::known::KnownSources;
use super::reads::Numbers;
use super::view::WriterView;
use super::{Shared, replay, requests, terms};
use crate::domain::model::Version;
use crate::domain::name::IdSource;
use crate::domain::plan::{self, Batch, PlanError};
use crate::domain::term::{self, Term};
use crate::storage::assemble::{Assembled, Slot, assemble, is_kept};
use crate::storage::codec::encode_note;
use crate::storage::compose::{ComposeError, compose};
use crate::storage::import::{Admission, RECENT, admit};
use crate::storage::times::Times;
use crate::storage::{
    CommitError, Committed, Head, ImportBatch, ImportCounts, ImportError, ImportProgress, Imported, StoreError,
};

/// How often a store that failed is tried again.
const REOPEN_PAUSE: Duration = Duration::from_millis(200);

/// Bytes of log in one group, about: it is applied under a lock that readers wait for.
const GROUP_BYTES_MAX: u64 = 8 << 20;

/// What is written with; of whoever writes.
pub(super) struct Writing {
    pub(super) shared: Arc<Shared>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) times: Arc<Times>,
    pub(super) head: watch::Sender<u64>,
    /// Commits in one group, at most: readers wait while a group is applied.
    pub(super) group_commits: usize,
    /// Versions from which on a commit is encoded beside the planning of the next.
    pub(super) aside_versions: usize,
    pub(super) known: KnownSources,
    pub(super) writer: Taking,
    /// How often the store looked damaged when it was to be opened again, since it last opened well.
    pub(super) damaged_openings: u32,
}

/// The writer of the store.
pub(super) enum Taking {
    /// It is there.
    Taken(Writer),
    /// It is to be had at this time at the earliest; until then jobs are refused so.
    From(Instant, CommitError),
}

impl Default for Taking {
    fn default() -> Self {
        Self::From(Instant::now(), being_reopened())
    }
}

/// Settles the times given for a group, however it ends.
struct Settling {
    times: Arc<Times>,
    /// Nobody knows whether the group is kept.
    is_in_doubt: bool,
}

impl Drop for Settling {
    fn drop(&mut self) {
        if self.is_in_doubt { self.times.doubt() } else { self.times.settle() }
    }
}

/// Writes what is queued, until nobody can queue any more.
pub(super) fn run(writing: &Mutex<Writing>, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        // Whoever panicked here left a writer that nobody should go on with: jobs are refused as if this thread had.
        let Ok(mut writing) = writing.lock() else { return };
        writing.take_turn(first, || jobs.try_recv().ok());
    }
    if let Ok(mut writing) = writing.lock() {
        writing.writer = Taking::default();
    }
}

impl Writing {
    /// Writes a job, and those behind it that make one group with it. The store is reopened before, where it failed.
    fn take_turn(&mut self, first: Job, behind: impl FnMut() -> Option<Job>) {
        if matches!(self.writer, Taking::Taken(_)) && self.shared.store.poisoned().is_some() {
            self.writer = Taking::default();
        }
        if let Taking::From(time, _) = &self.writer
            && Instant::now() >= *time
        {
            // Whatever panics in there, the thread goes on: nobody else reopens the store.
            let taken = catch_unwind(AssertUnwindSafe(|| self.take_writer()));
            self.writer = match taken.unwrap_or_else(|_| Err(being_reopened())) {
                Ok(taken) => Taking::Taken(taken),
                Err(error) => Taking::From(Instant::now() + REOPEN_PAUSE, error),
            };
        }
        self.write_turn(first, behind);
    }

    /// Writes them if the writer is at hand.
    fn write_turn(&mut self, first: Job, behind: impl FnMut() -> Option<Job>) {
        match std::mem::take(&mut self.writer) {
            Taking::Taken(mut writer) => {
                if self.write(&mut writer, first, behind) {
                    self.writer = Taking::Taken(writer);
                }
            }
            Taking::From(time, error) => {
                first.answered(error.clone()).send(None);
                self.writer = Taking::From(time, error);
            }
        }
    }

    /// Writes a job that is alone, if the writer is at hand; gives it back otherwise.
    pub(super) fn write_alone(&mut self, job: Job) -> Option<Job> {
        // Reopening is for the thread, which nobody else has to wait for.
        if !matches!(self.writer, Taking::Taken(_)) || self.shared.store.poisoned().is_some() {
            return Some(job);
        }
        self.write_turn(job, || None);
        None
    }

    pub(super) fn tell(&self, revision: u64) {
        self.head.send_if_modified(|newest| std::mem::replace(newest, revision) != revision);
    }

    /// Writes one group, which begins with a job and takes what is queued behind it, and answers it. False when the store
    /// takes no further write.
    fn write(&self, writer: &mut Writer, first: Job, mut behind: impl FnMut() -> Option<Job>) -> bool {
        let mut settling = Settling { times: Arc::clone(&self.times), is_in_doubt: false };
        // Answers wait for the group: even a refusal may rest on a commit that is not durable yet.
        let mut answers: Vec<Answered> = Vec::new();
        let mut spoilt = false;
        let mut next = Some(first);
        while let Some(job) = next.take() {
            // A defect must cost the one who met it, not every write after it.
            answers.push(match job {
                Job::Commit(mut batch, sender) => {
                    let answer = catch_unwind(AssertUnwindSafe(|| self.append(writer, &mut batch)));
                    spoilt |= answer.is_err();
                    Answered::Commit(sender, answer.unwrap_or(Err(CommitError::Defect)))
                }
                Job::Import(batch, sender) => {
                    let answer = catch_unwind(AssertUnwindSafe(|| self.append_import(writer, batch)));
                    spoilt |= answer.is_err();
                    Answered::Import(sender, answer.unwrap_or(Err(CommitError::Defect.into())))
                }
                Job::Session(principal, session, sender) => {
                    let bound = writer.head().number;
                    let found = requests::import_commits(writer, &principal, &session, bound, RECENT);
                    let found = found
                        .map(ImportProgress::of)
                        .map_err(|damage| self.shared.damaged(writer.core(), &damage).into());
                    Answered::Session(sender, found)
                }
            });
            if !spoilt && answers.len() < self.group_commits && writer.pending_bytes() < GROUP_BYTES_MAX {
                next = behind();
            }
        }
        let failure = if spoilt {
            // Nobody knows what the panic left behind in the group.
            writer.discard_group();
            Some(another_failed())
        } else {
            match writer.commit_group() {
                Ok(head) => {
                    self.tell(head.revision);
                    None
                }
                Err(error) => {
                    settling.is_in_doubt = matches!(error, GroupError::OutcomeUnknown { .. });
                    if let GroupError::Abandoned { revision, is_defect: true, .. } = error {
                        answers.iter_mut().for_each(|answered| answered.met_defect(revision));
                    }
                    Some(not_appended(error))
                }
            }
        };
        if failure.is_some() {
            self.known.forget();
        }
        // Before the answers: who has one finds it as of now at once.
        drop(settling);
        for answered in answers {
            answered.send(failure.as_ref());
        }
        self.shared.store.poisoned().is_none()
    }

    /// Plans a batch and appends its commit to the group.
    fn append(&self, writer: &mut Writer, batch: &mut Batch) -> Answer {
        let core = writer.shared_core();
        let damaged = |damage: Damage| CommitError::from(self.shared.damaged(&core, &damage));
        let view = WriterView { writer, known: &self.known };
        if let Some(earlier) = requests::find(&view, batch).map_err(damaged)? {
            return requests::repeat(&view, batch, earlier).map_err(damaged)?;
        }
        let drafts = std::mem::take(&mut batch.drafts);
        let planned = plan::plan(batch, drafts, &view, self.ids.as_ref()).map_err(|error| match error {
            PlanError::Refused(refusal) => CommitError::Refused(refusal),
            PlanError::View(damage) => damaged(damage),
        })?;
        let kept = is_kept(&planned, batch);
        let newest = view.newest().map_err(damaged)?;
        let slot = self.next_slot(&view, newest);
        let assembled = assemble(planned, batch, slot, |name| view.must_hold(name)).map_err(damaged)?;
        let versions = assembled.encode_versions()?;
        let mut head = newest;
        if kept {
            let commit = encode(&view, &assembled, versions).map_err(damaged)?;
            self.known.changed(&assembled.made);
            self.append_commit(writer, commit, assembled.made.versions, ()).map_err(not_appended)?;
            head = Head { revision: slot.revision, time: Some(slot.time) };
        }
        Ok(Committed {
            head,
            committed: kept,
            replayed: false,
            results: assembled.results,
            warnings: assembled.warnings,
            warning_count: assembled.warning_count,
        })
    }

    /// Plans a batch of an import and appends its commit to the group.
    fn append_import(&self, writer: &mut Writer, mut batch: Box<ImportBatch>) -> ImportAnswer {
        let core = writer.shared_core();
        let damaged = |damage: Damage| ImportError::Commit(self.shared.damaged(&core, &damage).into());
        let view = WriterView { writer, known: &self.known };
        let bound = writer.head().number;
        let found = requests::import_commits(writer, &batch.principal, &batch.session, bound, 1).map_err(damaged)?;
        let (head, session) = found.into_iter().next().map(|(head, import)| (head, import.session)).unzip();
        if let Admission::Duplicate(session) = admit(&batch, session.clone())? {
            let (head, counts) = (head.unwrap_or_default(), ImportCounts::default());
            return Ok(Imported { head, duplicate: true, counts, rejected: Vec::new(), session });
        }
        let slot = self.next_slot(&view, view.newest().map_err(damaged)?);
        let composed =
            compose(&mut batch, &view, self.ids.as_ref(), slot, session.as_ref()).map_err(|error| match error {
                ComposeError::Import(error) => error,
                ComposeError::View(damage) => damaged(damage),
            })?;
        let commit = encode(&view, &composed.assembled, composed.encoded).map_err(damaged)?;
        self.known.changed(&composed.assembled.made);
        self.append_commit(writer, commit, composed.assembled.made.versions, batch).map_err(not_appended)?;
        Ok(composed.imported)
    }

    /// Appends a commit of these versions, which are found by their keys at once. What is left of what they were made of is
    /// freed beside the planning of the next.
    fn append_commit(
        &self,
        writer: &mut Writer,
        mut commit: NewCommit,
        versions: Vec<Arc<Version>>,
        made_of: impl Send + 'static,
    ) -> Result<(), GroupError> {
        let properties = move || {
            drop(made_of);
            let of = |version: &Arc<Version>| postings(version.number, &term::properties(version));
            versions.iter().flat_map(of).collect()
        };
        if commit.versions.len() >= self.aside_versions {
            return writer.append_aside(commit, properties);
        }
        commit.terms.append(&mut properties());
        writer.append(commit)
    }

    fn next_slot(&self, view: &WriterView<'_>, newest: Head) -> Slot {
        Slot {
            revision: newest.revision + 1,
            time: self.times.next(newest.time),
            number: view.writer.head().number + 1,
        }
    }
}

fn postings(number: u64, terms: &[Term]) -> NewPostings {
    terms.iter().map(|term| (terms::encode(term), number)).collect()
}

/// The bytes of a commit, with the keys of its versions. A text that is stored already is not stored again.
fn encode(view: &WriterView<'_>, assembled: &Assembled, versions: Vec<Vec<u8>>) -> Result<NewCommit, Damage> {
    let mut texts = Vec::with_capacity(assembled.made.texts.len());
    for (number, sha256, text) in &assembled.made.texts {
        let term = terms::encode(&Term::Text(*sha256));
        let mut stored = view.writer.numbers(&term, 1..=view.writer.head().number, Direction::Ascending);
        if stored.next().transpose()?.is_none() {
            texts.push((*number, Arc::clone(text)));
        }
    }
    let of_commit = replay::note_terms(&assembled.note).map(|term| (term, assembled.slot.number));
    let keys = assembled.made.keys.iter().flat_map(|(number, keys)| postings(*number, keys));
    Ok(NewCommit {
        revision: assembled.slot.revision,
        time_us: assembled.slot.time.micros(),
        first_number: assembled.slot.number,
        note: encode_note(&assembled.note),
        versions,
        texts,
        terms: of_commit.chain(keys).collect(),
        closings: assembled.made.closings.clone(),
    })
}

/// What those are told who come meanwhile.
pub(super) fn being_reopened() -> CommitError {
    CommitError::Store(StoreError::Unavailable { why: "the store is being reopened".to_owned() })
}

/// What those are told who shared a group with a write that failed.
fn another_failed() -> CommitError {
    CommitError::Store(StoreError::Unavailable { why: "another write failed; send it again".to_owned() })
}

/// Why a commit is not part of the group: nothing of it was applied.
fn not_appended(error: GroupError) -> CommitError {
    match error {
        GroupError::Full { available: free, needed } => CommitError::Full { free, needed },
        GroupError::OutcomeUnknown { .. } => CommitError::OutcomeUnknown,
        GroupError::SealStalled { reason } => {
            tracing::error!(reason, "sealing does not succeed");
            CommitError::Store(StoreError::Unavailable { why: "sealing does not succeed".to_owned() })
        }
        GroupError::Poisoned { reason } => {
            tracing::warn!(reason, "the store is to be reopened");
            being_reopened()
        }
        GroupError::Abandoned { revision, reason, .. } => {
            tracing::error!(revision, reason, "a group was given up");
            another_failed()
        }
        GroupError::Refused { rule } => {
            tracing::error!(rule, "the engine refused a commit");
            CommitError::Defect
        }
    }
}
