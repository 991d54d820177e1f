//! Where appended commits are encoded, and most of their terms posted: on the writer's thread, or beside it while the
//! writer goes on to plan the next commit.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::chain::{Hash, Salts};
use super::commit::{NewCommit, NewPostings};
use super::compression::Encoder;
use super::core::Core;
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
    fn add(&mut self, commit: &NewCommit, core: &Core, active: &MemorySegment) -> Result<(), String> {
        let encoded = frame_encode::encode(commit, &self.chain, &mut self.encoder, &mut self.salts)
            .map_err(|error| format!("no randomness for salts: {error}"))?;
        let tap = &core.options.tap;
        active.add_log_bytes(self.writes.put(&encoded, |key, value| tap.tell(Given::Log { key, value })));
        self.chain = encoded.chain;
        Ok(())
    }
}

/// One commit at a time.
pub(crate) enum Appender {
    /// Nothing is under way.
    Idle(Box<Encoding>),
    /// A commit is being encoded on another thread; of about so many bytes.
    Busy(JoinHandle<Result<Box<Encoding>, String>>, u64),
    /// A commit could not be encoded: the group is to be given up.
    Failed(String),
}

/// What there is when a panic left nothing else.
const LOST: &str = "encoding a commit panicked";

impl Appender {
    pub(crate) fn new(chain: Hash) -> Self {
        Self::Idle(Box::new(Encoding::new(chain)))
    }

    /// Waits until nothing is under way.
    pub(crate) fn wait(&mut self) -> Result<(), String> {
        let encoding = self.take()?;
        *self = Self::Idle(encoding);
        Ok(())
    }

    /// Bytes of the group, those of a commit under way before they are compressed.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Idle(encoding) => encoding.writes.bytes(),
            Self::Busy(_, bytes) => *bytes,
            Self::Failed(_) => 0,
        }
    }

    /// Encodes a commit on this thread. After an error it is not part of the group.
    pub(crate) fn append(&mut self, commit: &NewCommit, core: &Core, active: &MemorySegment) -> Result<(), String> {
        let mut encoding = self.take()?;
        let added = encoding.add(commit, core, active);
        *self = Self::Idle(encoding);
        added
    }

    /// Encodes a commit, and posts further terms of it, on another thread, as soon as what is under way is done. What
    /// fails there is told by whoever waits next.
    pub(crate) fn append_aside(
        &mut self,
        commit: Arc<NewCommit>,
        core: Arc<Core>,
        active: Arc<MemorySegment>,
        further: impl FnOnce() -> NewPostings + Send + 'static,
    ) -> Result<(), String> {
        let mut encoding = self.take()?;
        let plain = commit.versions.iter().map(Vec::len).chain(commit.texts.iter().map(|(_, text)| text.len()));
        let bytes = encoding.writes.bytes() + plain.sum::<usize>() as u64;
        let encode = move || {
            encoding.add(&commit, &core, &active)?;
            let terms = further();
            rules::check_terms(&commit, &terms)?;
            active.post(terms);
            Ok(encoding)
        };
        *self = match std::thread::Builder::new().name("claimdb-append".to_owned()).spawn(encode) {
            Ok(thread) => Self::Busy(thread, bytes),
            Err(error) => Self::Failed(format!("no thread to encode a commit: {error}")),
        };
        Ok(())
    }

    /// What the group puts into the log, and the chain of its newest commit.
    pub(crate) fn finish(&mut self) -> Result<(LogWrites, Hash), String> {
        let mut encoding = self.take()?;
        let finished = (std::mem::take(&mut encoding.writes), encoding.chain);
        *self = Self::Idle(encoding);
        Ok(finished)
    }

    /// Waits until nothing is under way, and takes the encoding out.
    fn take(&mut self) -> Result<Box<Encoding>, String> {
        let taken = match std::mem::replace(self, Self::Failed(LOST.to_owned())) {
            Self::Idle(encoding) => Ok(encoding),
            Self::Busy(thread, _) => thread.join().unwrap_or_else(|_| Err(LOST.to_owned())),
            Self::Failed(reason) => Err(reason),
        };
        if let Err(reason) = &taken {
            *self = Self::Failed(reason.clone());
        }
        taken
    }
}
