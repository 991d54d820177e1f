//! Where appended commits are encoded, and most of their terms posted: on the writer's thread, or beside it while the
//! writer goes on to plan the next commit.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::chain::{Hash, Salts};
use super::commit::{NewCommit, NewPostings};
use super::compression::Encoder;
use super::core::Core;
use super::errors::GroupError;
use super::frame_encode;
use super::log_writes::LogWrites;
use super::memory_segment::MemorySegment;
use super::rules;
use super::tap::Given;

/// What encoding takes, and what came of it in this group.
pub(crate) struct Encoding {
    encoder: Encoder,
    salts: Salts,
    /// The chain of the newest commit that was encoded.
    pub(crate) chain: Hash,
    pub(crate) writes: LogWrites,
}

impl Encoding {
    pub(crate) fn new(chain: Hash) -> Self {
        Self { encoder: Encoder::new(), salts: Salts::new(), chain, writes: LogWrites::default() }
    }

    /// Encodes a commit into the group.
    fn add(&mut self, commit: &NewCommit, core: &Core, active: &MemorySegment) -> Result<(), Failure> {
        let encoded = frame_encode::encode(commit, &self.chain, &mut self.encoder, &mut self.salts)
            .map_err(|error| Failure::passing(commit, format!("no randomness for salts: {error}")))?;
        let tap = &core.options.tap;
        active.add_log_bytes(self.writes.put(&encoded, |key, value| tap.tell(Given::Log { key, value })));
        self.chain = encoded.chain;
        Ok(())
    }
}

/// Why a commit could not be encoded.
#[derive(Clone)]
struct Failure {
    revision: u64,
    /// The commit would fail again.
    is_defect: bool,
    reason: String,
}

impl Failure {
    fn passing(commit: &NewCommit, reason: String) -> Self {
        Self { revision: commit.revision, is_defect: false, reason }
    }

    fn defect(revision: u64, reason: String) -> Self {
        Self { revision, is_defect: true, reason }
    }
}

impl From<Failure> for GroupError {
    fn from(Failure { revision, is_defect, reason }: Failure) -> Self {
        Self::Abandoned { revision, is_defect, reason }
    }
}

/// Encodes one commit at a time.
pub(crate) struct Appender(State);

enum State {
    /// Nothing is under way.
    Idle(Box<Encoding>),
    /// A commit is being encoded on another thread.
    Busy {
        thread: JoinHandle<Result<Box<Encoding>, Failure>>,
        revision: u64,
        /// Bytes of the group, those of this commit before they are compressed.
        bytes: u64,
    },
    /// A commit could not be encoded: the group is to be given up.
    Failed(Failure),
}

impl Appender {
    pub(crate) fn new(chain: Hash) -> Self {
        Self(State::Idle(Box::new(Encoding::new(chain))))
    }

    /// Waits until nothing is under way.
    pub(crate) fn wait(&mut self) -> Result<(), GroupError> {
        self.0 = State::Idle(self.take(0)?);
        Ok(())
    }

    /// Bytes of the group, at most about. No commit is to join a group that is to be given up: it has more than any may.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.0 {
            State::Idle(encoding) => encoding.writes.bytes(),
            State::Busy { bytes, .. } => *bytes,
            State::Failed(_) => u64::MAX,
        }
    }

    /// Encodes a commit on this thread. After an error it is not part of the group.
    pub(crate) fn append(&mut self, commit: &NewCommit, core: &Core, active: &MemorySegment) -> Result<(), GroupError> {
        let mut encoding = self.take(commit.revision)?;
        let added = encoding.add(commit, core, active);
        self.0 = State::Idle(encoding);
        Ok(added?)
    }

    /// Encodes a commit, and posts further terms of it, on another thread, as soon as what is under way is done. What
    /// fails there is told by whoever waits next.
    pub(crate) fn append_aside(
        &mut self,
        commit: Arc<NewCommit>,
        core: Arc<Core>,
        active: Arc<MemorySegment>,
        further: impl FnOnce() -> NewPostings + Send + 'static,
    ) -> Result<(), GroupError> {
        let mut encoding = self.take(commit.revision)?;
        let plain = commit.versions.iter().map(Vec::len).chain(commit.texts.iter().map(|(_, text)| text.len()));
        let bytes = encoding.writes.bytes() + plain.sum::<usize>() as u64;
        let encoded = Arc::clone(&commit);
        let encode = move || {
            encoding.add(&encoded, &core, &active)?;
            let terms = further();
            rules::check_terms(&encoded, &terms).map_err(|rule| Failure::defect(encoded.revision, rule))?;
            active.post(terms);
            Ok(encoding)
        };
        self.0 = match std::thread::Builder::new().name("claimdb-append".to_owned()).spawn(encode) {
            Ok(thread) => State::Busy { thread, revision: commit.revision, bytes },
            Err(error) => State::Failed(Failure::passing(&commit, format!("no thread to encode it: {error}"))),
        };
        Ok(())
    }

    /// What the group puts into the log, and the chain of its newest commit.
    pub(crate) fn finish(&mut self) -> Result<(LogWrites, Hash), GroupError> {
        let mut encoding = self.take(0)?;
        let finished = (std::mem::take(&mut encoding.writes), encoding.chain);
        self.0 = State::Idle(encoding);
        Ok(finished)
    }

    /// Waits until nothing is under way, and takes the encoding out for a commit: what becomes of it is lost if that
    /// panics.
    fn take(&mut self, revision: u64) -> Result<Box<Encoding>, Failure> {
        let panicked = |revision| Failure::defect(revision, "it panicked".to_owned());
        let taken = match std::mem::replace(&mut self.0, State::Failed(panicked(revision))) {
            State::Idle(encoding) => Ok(encoding),
            State::Busy { thread, revision, .. } => thread.join().unwrap_or_else(|_| Err(panicked(revision))),
            State::Failed(failure) => Err(failure),
        };
        if let Err(failure) = &taken {
            self.0 = State::Failed(failure.clone());
        }
        taken
    }
}
