//! How many records an export has: counted beside it, a bounded part at a time and where no record is read for it, so that no
//! answer waits long for the count of a large store.

use super::{Exporting, Stage};
use crate::domain::filter::Filter;
use crate::service::{Error, Service};
use crate::storage::{Cursor, Order, Query, Sort};

/// How far the count came.
#[derive(Debug, Default)]
pub(super) struct Count {
    /// The stage that is being counted.
    stage: usize,
    /// Where in it the count goes on.
    after: Option<Cursor>,
    records: u64,
}

impl Exporting {
    /// What a stage adds to the count. Scoped sources are listed with the others, and passed over there.
    fn counted(&self, index: usize) -> Option<Query> {
        let stage = Stage::ALL.get(index)?;
        if *stage == Stage::ScopedSources && self.lists(Stage::Sources) {
            return None;
        }
        let filter = self.stages.get(index)?.clone()?;
        Some(Query { kind: Some(stage.kind()), filter, sort: Sort::Recorded, order: Order::Ascending })
    }
}

impl Service {
    /// How many records the export has in all, wherever it began. Counts on until that is known, at most as far as one count
    /// goes: none until then, nor where records would have to be read.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn export_count(&self, exporting: &mut Exporting) -> Result<Option<u64>, Error> {
        if !exporting.stages.iter().flatten().all(Filter::is_of_terms) {
            return Ok(None);
        }
        while exporting.count.stage < Stage::ALL.len() {
            if let Some(query) = exporting.counted(exporting.count.stage) {
                let part = self.store.count(&query, exporting.head.revision, exporting.count.after).await?;
                exporting.count.records += part.count;
                exporting.count.after = part.next;
                if part.next.is_some() {
                    return Ok(None);
                }
            }
            exporting.count.stage += 1;
        }
        Ok(Some(exporting.count.records))
    }
}
