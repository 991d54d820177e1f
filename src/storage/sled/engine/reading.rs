//! What reads are made with: the layer below, the versions that were read lately, and other threads where they are idle.

use std::ops::Deref;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::runtime::Handle;

use super::super::met_lately::MetLately;
use super::super::{Damage, RawVersion, Reader};
use super::memory::{VERSION_BYTES, in_memory};
use super::reads;
use crate::domain::model::Version;

/// Threads that read for one request at once, at most: more gain little, since what is found is made into a message by one.
const THREADS_MAX: usize = 4;

/// How many threads may read for one request, its own among them, while others read, too: those that nobody has use for.
pub(super) fn threads_of_one(processors: usize, others: usize) -> usize {
    processors.saturating_sub(others).clamp(1, THREADS_MAX)
}

/// Threads that read besides those of the requests themselves, at most.
pub fn threads_beside_reads(processors: usize) -> usize {
    (0..processors).map(|others| threads_of_one(processors, others) - 1).sum()
}

/// Versions that are worth a thread of their own: to wake one takes as long as to read a few.
const VERSIONS_PER_THREAD: usize = 8;

/// Versions that were read lately, more than once, by number. A published number means the same version for as long as the
/// store is open.
pub(super) struct ReadVersions {
    kept: Cache<u64, ReadVersion, Weight>,
    met: MetLately,
}

#[derive(Clone)]
struct ReadVersion {
    version: Arc<Version>,
    bytes: usize,
}

#[derive(Clone)]
struct Weight;

impl Weighter<u64, ReadVersion> for Weight {
    fn weight(&self, _: &u64, read: &ReadVersion) -> u64 {
        read.bytes as u64
    }
}

impl ReadVersions {
    /// Keeps so many bytes, about.
    pub(super) fn new(bytes_max: usize) -> Self {
        let kept = Cache::with_weighter(bytes_max / VERSION_BYTES, bytes_max as u64, Weight);
        Self { kept, met: MetLately::default() }
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        self.kept.clear();
    }

    pub(super) fn get(&self, number: u64) -> Option<Arc<Version>> {
        self.kept.get(&number).map(|read| read.version)
    }

    /// Keeps a version that was read before, not long ago. `bytes` is what it takes where it is stored.
    fn keep(&self, version: &Arc<Version>, bytes: usize) {
        if !self.met.meet(version.number) {
            return;
        }
        self.kept
            .insert(version.number, ReadVersion { version: Arc::clone(version), bytes: in_memory(version, bytes) });
    }
}

/// A reader of one request.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) reader: Reader,
    pub(super) versions: Arc<ReadVersions>,
    /// How many threads may read for it, its own among them: as many as no other request has use for.
    pub(super) threads: usize,
}

impl Deref for Reading {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl Reading {
    /// Versions by their numbers, in the order of these; none for a blank number.
    pub(super) fn versions_at(&self, numbers: &[u64]) -> Result<Vec<Option<Arc<Version>>>, Damage> {
        let mut versions: Vec<_> = numbers.iter().map(|number| self.versions.get(*number)).collect();
        let missing = || numbers.iter().zip(&versions).filter(|(_, version)| version.is_none());
        let read = self.read(missing().map(|(number, _)| *number).collect())?;
        let places = versions.iter_mut().filter(|version| version.is_none());
        places.zip(read).for_each(|(place, version)| *place = version);
        Ok(versions)
    }

    /// Reads versions that are not kept, on several threads where there are many of them.
    fn read(&self, numbers: Vec<u64>) -> Result<Vec<Option<Arc<Version>>>, Damage> {
        let threads = self.threads.min(numbers.len() / VERSIONS_PER_THREAD);
        let Some(runtime) = (threads > 1).then(Handle::try_current).and_then(Result::ok) else {
            return self.read_alone(&numbers);
        };
        let mut shares = numbers.chunks(numbers.len().div_ceil(threads));
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares
            .map(|share| {
                let (reading, numbers) = (self.clone(), share.to_vec());
                (share, runtime.spawn_blocking(move || reading.read_alone(&numbers)))
            })
            .collect();
        let mut versions = self.read_alone(own)?;
        for (share, reading) in others {
            versions.extend(match runtime.block_on(reading) {
                Ok(read) => read?,
                // No thread is to be had while the server shuts down.
                Err(error) if error.is_cancelled() => self.read_alone(share)?,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            });
        }
        Ok(versions)
    }

    fn read_alone(&self, numbers: &[u64]) -> Result<Vec<Option<Arc<Version>>>, Damage> {
        let mut versions = self.reader.versions();
        numbers.iter().map(|number| self.decode_and_keep(versions.at(*number)?)).collect()
    }

    /// A version that is not kept yet.
    pub(super) fn read_and_keep(&self, number: u64) -> Result<Option<Arc<Version>>, Damage> {
        self.decode_and_keep(self.reader.version(number)?)
    }

    fn decode_and_keep(&self, raw: Option<RawVersion>) -> Result<Option<Arc<Version>>, Damage> {
        let Some(raw) = raw else { return Ok(None) };
        let found = reads::decoded(&raw)?;
        if let Some(version) = &found {
            self.versions.keep(version, raw.bytes.as_ref().map_or(0, bytes::Bytes::len));
        }
        Ok(found)
    }
}
