//! What each operation means, over any engine. Writes are decided by `domain::plan`, which the engine calls from its one
//! writer, so there is little to do for them here; reads are put together here.
//!
//! Not here: messages and statuses, which are `api`'s.

mod as_of;
mod computing;
mod error;
mod export;
mod figures;
mod filter;
mod imports;
mod list;
mod metrics;
#[cfg(test)]
mod recorded;
mod sources;
mod statuses;
mod trace;
mod versions;
mod watch;

use std::sync::Arc;

use crate::domain::limits;
use crate::domain::model::{Record, Version};
use crate::domain::name::Name;
use crate::domain::plan::Batch;
use crate::domain::time::Timestamp;
use crate::storage::{ClaimStore, Clock, CommitError, Committed, Description, Head, Page, PageRequest, StoreError};

pub use as_of::AsOf;
pub use computing::Computing;
pub use error::Error;
pub use export::{Export, ExportCursor, ExportItem, Exporting, ItemBytes};
pub use figures::{
    FigureCounts, FigureHit, FigurePage, FigurePageRequest, FigurePlace, FigureSort, FiguresAsked, Summarized,
    SummaryAsked,
};
pub use filter::{FilterAsked, RelatedAsked, RelatedEnd, SourceAsked, SourcePart};
pub use imports::{OpenImport, Opening};
pub use list::{CountedPart, Grouping, List};
pub use metrics::{MetricListed, MetricUsed, MetricsAsked, MetricsPage};
pub use statuses::Statuses;
pub use trace::{Hop, Linked, Trace};
pub use versions::VersionPair;
pub use watch::{Change, CommitChanges, Step, Watch, WatchFilter, Watching};

/// The operations, over a store.
#[derive(Clone, Debug)]
pub struct Service {
    store: Arc<dyn ClaimStore>,
    clock: Arc<dyn Clock>,
    imports: imports::Imports,
    figure_steps: u64,
    answered: figures::Answered,
    computing: Computing,
}

impl Service {
    /// The operations over this store. The clock only tells which times have not come yet.
    pub fn new(store: Arc<dyn ClaimStore>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            imports: imports::Imports::default(),
            figure_steps: figures::STEPS,
            answered: figures::Answered::default(),
            computing: Computing::default(),
        }
    }

    /// The same, with another bound on the places in posting lists that one call for figures looks at: a test need not
    /// fill a store to reach it.
    #[must_use]
    pub fn with_figure_steps(self, figure_steps: u64) -> Self {
        Self { figure_steps, ..self }
    }

    /// What kind of engine keeps the data.
    #[must_use]
    pub fn description(&self) -> Description {
        self.store.description()
    }

    /// Where what takes a processor is done.
    #[must_use]
    pub fn computing(&self) -> &Computing {
        &self.computing
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Commits a batch, whole or not at all.
    ///
    /// # Errors
    /// When the batch is refused or the store fails.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.store.commit(batch).await
    }

    /// One record, retracted or not.
    ///
    /// # Errors
    /// `NotFound` where there is none at that revision.
    pub async fn get(&self, name: &Name, head: Head) -> Result<Arc<Version>, Error> {
        let found = self.store.get(std::slice::from_ref(name), head.revision).await?;
        found.into_iter().next().flatten().ok_or_else(|| Error::NotFound(name.clone()))
    }

    /// Reads any number of records that hold as of a revision, so many at a time; those that do not are passed over.
    async fn each_holding(
        &self,
        names: &[Name],
        revision: u64,
        mut take: impl FnMut(Arc<Version>),
    ) -> Result<(), Error> {
        for names in names.chunks(limits::BATCH_NAMES) {
            self.store.get(names, revision).await?.into_iter().flatten().for_each(&mut take);
        }
        Ok(())
    }

    /// Several records in the order asked; none where there is none at that revision.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn get_all(&self, names: &[Name], head: Head) -> Result<Vec<Option<Arc<Version>>>, Error> {
        Ok(self.store.get(names, head.revision).await?)
    }

    /// The text of an article's version; none when it has none.
    ///
    /// # Errors
    /// When the store fails, or has lost the text.
    pub async fn text(&self, version: &Version) -> Result<Option<Arc<str>>, Error> {
        let Record::Article(article) = &version.record else { return Ok(None) };
        let Some(text) = &article.text else { return Ok(None) };
        match self.store.text(text.sha256).await? {
            Some(body) => Ok(Some(body)),
            None => Err(StoreError::Corrupted { what: "a text is missing".to_owned() }.into()),
        }
    }

    /// The versions of one record, oldest first.
    ///
    /// # Errors
    /// `NotFound` where it has none up to that revision.
    pub async fn history(&self, name: &Name, head: Head, page: PageRequest) -> Result<Page, Error> {
        let history = self.store.history(name, head.revision, page).await?;
        if history.versions.is_empty() && history.next.is_none() && page.after.is_none() {
            return Err(Error::NotFound(name.clone()));
        }
        Ok(history)
    }
}
