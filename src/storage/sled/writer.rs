//! The single writer: appends commits to a group and commits the group durably, once for all.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;

use super::appender::Appender;
use super::commit::{Head, NewCommit, NewPostings, RawHeader, RawVersion};
use super::core::Core;
use super::errors::{Damage, GroupError};
use super::faults::Step;
use super::log_writes::LogWrites;
use super::memory_segment::{CommitMark, MemorySegment, Sizes};
use super::open_store::OpenStore;
use super::postings::{Direction, Postings};
use super::rules;
use super::tap::Given;
use super::{merger, sealer, space};

/// The only handle that writes. Appended commits are visible through it at once, but for what is posted
/// aside ([`Writer::settle`]); to readers after [`Writer::commit_group`].
pub struct Writer {
    store: Arc<OpenStore>,
    /// Shared with a view of the writer, which may have to wait for it.
    appender: RefCell<Appender>,
    /// The newest appended commit; its chain is that of the last group.
    head: Head,
    /// Appended, not in the log yet.
    pending: Vec<Arc<NewCommit>>,
    /// What the active segment held before the group.
    held_before: Sizes,
}

impl Writer {
    pub(crate) fn new(store: Arc<OpenStore>) -> Self {
        let head = store.core().head();
        Self {
            appender: RefCell::new(Appender::new(head.chain)),
            store,
            head,
            pending: Vec::new(),
            held_before: Sizes::default(),
        }
    }

    /// The newest appended commit, committed or not. (Its chain is known when it is committed.)
    pub fn head(&self) -> Head {
        self.head
    }

    /// Bytes the group will put into the log so far, at most about.
    pub fn pending_bytes(&self) -> u64 {
        self.appender.borrow().bytes()
    }

    /// Appends a commit to the group. On an error the commit is not part of the group, which can
    /// go on without it, unless that is [`GroupError::Abandoned`]. The first append of a group may wait
    /// for a segment to be sealed.
    pub fn append(&mut self, mut commit: NewCommit) -> Result<(), GroupError> {
        let active = self.begin(&commit)?;
        self.appender.get_mut().append(&commit, self.store.core(), &active)?;
        let terms = std::mem::take(&mut commit.terms);
        self.index(Arc::new(commit), terms, &active);
        Ok(())
    }

    /// Appends a commit that is encoded on another thread, where `further` terms of it are made and posted, too: whoever
    /// looks those up through this handle calls [`Writer::settle`] first. What fails there fails the group.
    pub fn append_aside(
        &mut self,
        mut commit: NewCommit,
        further: impl FnOnce() -> NewPostings + Send + 'static,
    ) -> Result<(), GroupError> {
        let active = self.begin(&commit)?;
        let terms = std::mem::take(&mut commit.terms);
        let commit = Arc::new(commit);
        let core = self.store.shared_core();
        self.appender.get_mut().append_aside(Arc::clone(&commit), core, Arc::clone(&active), further)?;
        self.index(commit, terms, &active);
        Ok(())
    }

    /// Waits until everything that was appended can be looked up.
    pub fn settle(&self) {
        // Who commits the group is told what failed.
        let _ = self.appender.borrow_mut().wait();
    }

    /// What every append begins with. Gives the segment that the commit goes to.
    fn begin(&mut self, commit: &NewCommit) -> Result<Arc<MemorySegment>, GroupError> {
        self.refuse_if_poisoned()?;
        rules::check(&self.head, commit)?;
        self.refuse_second_closing(commit)?;
        if !self.pending.is_empty() {
            return Ok(Arc::clone(&self.core().manifest().active));
        }
        sealer::rotate_if_full(self.core())?;
        let active = Arc::clone(&self.core().manifest().active);
        self.held_before = active.sizes();
        Ok(active)
    }

    /// Applies the group, makes it durable and publishes it. An empty group does nothing.
    ///
    /// After `Full` the group is gone and nothing of it was applied. After `OutcomeUnknown` the
    /// store takes no write until it is reopened.
    pub fn commit_group(&mut self) -> Result<Head, GroupError> {
        if let Err(poisoned) = self.refuse_if_poisoned() {
            self.discard_group();
            return Err(poisoned);
        }
        if self.pending.is_empty() {
            return Ok(self.head);
        }
        let finished = self.appender.get_mut().finish();
        let writes = match finished.and_then(|finished| self.check_space(finished.0.bytes()).map(|()| finished)) {
            Ok((writes, chain)) => {
                self.head.chain = chain;
                writes
            }
            Err(error) => {
                self.discard_group();
                return Err(error);
            }
        };
        if let Err(error) = self.apply(writes) {
            let reason = error.to_string();
            self.core().poison(&reason);
            self.pending.clear();
            return Err(GroupError::OutcomeUnknown { reason });
        }
        // After the sync: readers must not see what may be lost.
        self.core().publish(self.head);
        self.store.wake_note_syncer();
        self.pending.clear();
        Ok(self.head)
    }

    /// Takes back everything appended since the last commit of a group.
    pub fn discard_group(&mut self) {
        // Before anything is taken back: it may still be posting.
        self.settle();
        self.core().options.tap.tell(Given::Discarded);
        self.core().note_discard();
        let published = self.core().head();
        for pending in &self.pending {
            for (old, _) in &pending.closings {
                self.core().closed.clear(*old);
            }
        }
        if !self.pending.is_empty() {
            let active = Arc::clone(&self.core().manifest().active);
            active.roll_back(published.number + 1, self.held_before);
        }
        self.core().note_discard();
        self.pending.clear();
        *self.appender.get_mut() = Appender::new(published.chain);
        self.head = published;
    }

    /// Refuses a group of about `group_bytes` before anything is appended to it.
    pub fn check_space(&self, group_bytes: u64) -> Result<(), GroupError> {
        let core = self.core();
        let needed = space::needed(core.options.reserve_bytes, group_bytes);
        match space::available(&core.data_directory, &core.options.faults) {
            Ok(available) if available >= needed => Ok(()),
            Ok(available) => Err(GroupError::Full { available, needed }),
            Err(error) => {
                // Not knowing is no reason to refuse: a full disk still ends in an error, later.
                tracing::warn!(%error, "free space is unknown");
                Ok(())
            }
        }
    }

    /// The version `number`, appended or committed.
    pub fn version(&self, number: u64) -> Result<Option<RawVersion>, Damage> {
        if let Some(commit) = self.pending_at(number) {
            let position = number - commit.first_number;
            let bytes = usize::try_from(position).ok().and_then(|at| commit.versions.get(at));
            return Ok(bytes.map(|bytes| RawVersion {
                number,
                revision: commit.revision,
                time_us: commit.time_us,
                position,
                bytes: Some(Bytes::copy_from_slice(bytes)),
            }));
        }
        if !self.is_committed(number) {
            return Ok(None);
        }
        Ok(self.core().log.frame_at(number)?.version(number))
    }

    /// The header of the commit that holds `number`, appended or committed.
    pub fn commit_header(&self, number: u64) -> Result<Option<RawHeader>, Damage> {
        if let Some(commit) = self.pending_at(number) {
            return Ok(Some(RawHeader {
                revision: commit.revision,
                time_us: commit.time_us,
                first_number: commit.first_number,
                number_count: commit.number_count(),
                note: Some(Bytes::copy_from_slice(&commit.note)),
                texts: commit.texts.iter().map(|(number, _)| *number).collect(),
            }));
        }
        if !self.is_committed(number) {
            return Ok(None);
        }
        self.core().log.header_at(number).map(Some)
    }

    /// The text of version `number`, appended or committed.
    pub fn text(&self, number: u64) -> Result<Option<Bytes>, Damage> {
        if let Some(commit) = self.pending_at(number) {
            let text = commit.texts.iter().find(|(of, _)| *of == number);
            return Ok(text.map(|(_, text)| Bytes::copy_from_slice(text.as_bytes())));
        }
        if !self.is_committed(number) {
            return Ok(None);
        }
        self.core().log.text(number)
    }

    /// Numbers of `term` within `range`, appended or committed.
    pub fn postings(&self, term: &[u8], range: RangeInclusive<u64>, direction: Direction) -> Postings {
        let (low, high) = range.into_inner();
        let bounded = low..=high.min(self.head.number);
        Postings::new(Arc::clone(&self.store), term, bounded, direction)
    }

    /// The number that replaced `number`, appended or committed.
    pub fn closed_by(&self, number: u64) -> Result<Option<u64>, Damage> {
        self.core().closed_by(number)
    }

    /// Waits until no segment is being sealed: for tests and measurements.
    pub fn wait_until_sealed(&self) -> Result<(), GroupError> {
        sealer::wait_until_sealed(self.core())
    }

    /// Waits until nothing is to be merged and nothing of what was merged is left: for tests and
    /// measurements. Fails with the reason when merging does.
    pub fn wait_until_merged(&self) -> Result<(), String> {
        merger::wait_until_merged(self.core())
    }

    fn apply(&self, writes: LogWrites) -> std::io::Result<()> {
        let core = self.core();
        let faults = &core.options.faults;
        faults.at(Step::BeforeApply)?;
        core.options.tap.tell(Given::Applied);
        let frames = writes.apply(core.log.tree()).map_err(std::io::Error::other)?;
        faults.at(Step::AfterApply)?;
        core.flush_and_sync_group()?;
        faults.at(Step::AfterSync)?;
        // After the sync: the note must never name what the log may not have.
        core.note.write(self.head, false)?;
        core.log.learn(&frames);
        faults.at(Step::AfterNote)
    }

    fn index(&mut self, commit: Arc<NewCommit>, terms: NewPostings, active: &MemorySegment) {
        let mark = CommitMark {
            revision: commit.revision,
            time_us: commit.time_us,
            first_number: commit.first_number,
            last_number: commit.last_number(),
        };
        active.append(mark, terms, &commit.closings, 0);
        // After the append: whoever sees the bit must find the closing.
        for (old, _) in &commit.closings {
            self.core().closed.set(*old);
        }
        self.head = Head { revision: mark.revision, number: mark.last_number, time_us: mark.time_us, ..self.head };
        self.pending.push(commit);
    }

    fn refuse_second_closing(&self, commit: &NewCommit) -> Result<(), GroupError> {
        match commit.closings.iter().find(|(old, _)| self.core().closed.contains(*old)) {
            Some((old, _)) => Err(GroupError::Refused { rule: format!("number {old} is closed already") }),
            None => Ok(()),
        }
    }

    fn refuse_if_poisoned(&self) -> Result<(), GroupError> {
        match self.core().poisoned() {
            Some(reason) => Err(GroupError::Poisoned { reason: reason.to_owned() }),
            None => Ok(()),
        }
    }

    fn pending_at(&self, number: u64) -> Option<&Arc<NewCommit>> {
        let after = self.pending.partition_point(|pending| pending.first_number <= number);
        let found = self.pending.get(after.checked_sub(1)?)?;
        (number <= found.last_number()).then_some(found)
    }

    fn is_committed(&self, number: u64) -> bool {
        (1..=self.core().head().number).contains(&number)
    }

    pub(crate) fn core(&self) -> &Core {
        self.store.core()
    }

    pub(crate) fn shared_core(&self) -> Arc<Core> {
        self.store.shared_core()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // What was appended and not committed must not stay in the memory segment.
        self.discard_group();
        self.store.give_writer_back();
    }
}
