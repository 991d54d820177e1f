//! What readers may ask. Nothing here waits for the writer, and nothing shows a number past the
//! published head.

use std::ops::{RangeBounds, RangeInclusive};
use std::sync::Arc;

use bytes::Bytes;

use super::commit::{Head, RawCommit, RawHeader, RawVersion};
use super::core::Core;
use super::errors::Damage;
use super::frame::Frame;
use super::memory_segment::CommitMark;
use super::open_store::OpenStore;
use super::postings::{Direction, Postings};
use super::runs;
use super::terms::Terms;

/// A handle for reading: cheap to clone, usable from any thread. It keeps the store it came from
/// open, so take one per request and drop it.
#[derive(Clone)]
pub struct Reader {
    store: Arc<OpenStore>,
}

impl Reader {
    pub(crate) fn new(store: Arc<OpenStore>) -> Self {
        Self { store }
    }

    pub(crate) fn core(&self) -> &Core {
        self.store.core()
    }

    pub(crate) fn log_tree(&self) -> &::sled::Tree {
        self.store.core().log.tree()
    }

    /// The newest published commit.
    pub fn head(&self) -> Head {
        self.store.core().head()
    }

    /// The version `number`, or `None` if it does not exist (yet) or is a blank number.
    pub fn version(&self, number: u64) -> Result<Option<RawVersion>, Damage> {
        self.versions().at(number)
    }

    /// For versions that lie beside each other.
    pub fn versions(&self) -> Versions<'_> {
        Versions { reader: self, frame: None }
    }

    /// The header of the commit that holds `number`.
    pub fn commit_header(&self, number: u64) -> Result<Option<RawHeader>, Damage> {
        if !self.is_published(number) {
            return Ok(None);
        }
        self.store.core().log.header_at(number).map(Some)
    }

    /// The whole commit that holds `number`.
    pub fn commit(&self, number: u64) -> Result<Option<RawCommit>, Damage> {
        if !self.is_published(number) {
            return Ok(None);
        }
        let log = &self.store.core().log;
        let first = log.frame_at(number)?.header.commit_first;
        log.commit(first).map(Some)
    }

    /// The text of version `number`, or `None` if it has none or it was blanked.
    pub fn text(&self, number: u64) -> Result<Option<Bytes>, Damage> {
        if !self.is_published(number) {
            return Ok(None);
        }
        self.store.core().log.text(number)
    }

    /// Published numbers of `term` within `range`.
    pub fn postings(&self, term: &[u8], range: RangeInclusive<u64>, direction: Direction) -> Postings {
        let (low, high) = range.into_inner();
        let bounded = low..=high.min(self.head().number);
        Postings::new(Arc::clone(&self.store), term, bounded, direction)
    }

    /// The distinct terms within `range`, in the order of their bytes or the reverse. Only terms that
    /// begin with [`ORDERED_TERMS_FROM`](super::ORDERED_TERMS_FROM) or above are enumerated.
    pub fn terms(&self, range: impl RangeBounds<Vec<u8>>, direction: Direction) -> Terms {
        Terms::new(Arc::clone(&self.store), &range, direction)
    }

    /// What was chosen for each of some published numbers, which ascend without repeats, by what the ordered terms under which
    /// they are posted have behind a beginning; and how many places in posting lists were looked at for them. Some may be
    /// missing once so many were.
    pub fn chosen_of<T: Copy>(
        &self,
        beginning: &[u8],
        numbers: &[u64],
        places: u64,
        choose: impl FnMut(&[u8]) -> Option<T>,
    ) -> Result<(Vec<Option<T>>, u64), Damage> {
        runs::chosen(&self.store, beginning, numbers, places, choose)
    }

    /// The published number that replaced `number`, if any. As of a bound, an answer above the
    /// bound means not yet closed.
    pub fn closed_by(&self, number: u64) -> Result<Option<u64>, Damage> {
        let head = self.head();
        let closed_by = self.store.core().closed_by(number)?;
        Ok(closed_by.filter(|replacement| *replacement <= head.number))
    }

    /// The last number of `revision`: everything as of it is at or below. `None` for a revision
    /// that does not exist (yet); 0 for revision 0.
    pub fn last_number_at(&self, revision: u64) -> Result<Option<u64>, Damage> {
        if revision == 0 {
            return Ok(Some(0));
        }
        let found = self.last_commit_where(|commit| commit.revision <= revision)?;
        let exact = found.filter(|commit| commit.revision == revision);
        Ok(exact.map(|commit| commit.last_number))
    }

    /// The last revision committed at or before `time_us`; 0 if there is none.
    pub fn last_revision_at_time(&self, time_us: i64) -> Result<u64, Damage> {
        let found = self.last_commit_where(|commit| commit.time_us <= time_us)?;
        Ok(found.map_or(0, |commit| commit.revision))
    }

    /// Why the store takes no write, if it does not.
    pub fn poisoned(&self) -> Option<String> {
        self.store.core().poisoned().map(str::to_owned)
    }

    fn last_commit_where(&self, holds: impl Fn(&CommitMark) -> bool) -> Result<Option<CommitMark>, Damage> {
        self.store.core().last_commit_where(self.head(), holds)
    }

    fn is_published(&self, number: u64) -> bool {
        (1..=self.head().number).contains(&number)
    }
}

/// Reads versions one after another; those that follow each other in one frame read it once.
pub struct Versions<'r> {
    reader: &'r Reader,
    frame: Option<Arc<Frame>>,
}

impl Versions<'_> {
    /// As [`Reader::version`].
    pub fn at(&mut self, number: u64) -> Result<Option<RawVersion>, Damage> {
        if !self.reader.is_published(number) {
            return Ok(None);
        }
        let frame = match self.frame.take() {
            Some(frame) if frame.covers(number) => frame,
            _ => self.reader.store.core().log.frame_at(number)?,
        };
        let version = frame.version(number);
        self.frame = Some(frame);
        Ok(version)
    }
}
