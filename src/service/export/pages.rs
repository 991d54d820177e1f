//! The pages of an export. The next one is read while one is made into messages and sent.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::{ExportCursor, Exporting, PAGE, Stage};
use crate::service::{Error, Service};
use crate::storage::{Cursor, Order, Page, PageRequest, Query, Sort, StoreError};

/// A page that is being read. When an export ends by itself nothing is being read any more, and a drain waits for it; when
/// the client goes away nobody does: what is being read then ends by itself, within the limits of one page.
#[derive(Debug)]
pub(super) struct Ahead {
    cursor: ExportCursor,
    page: JoinHandle<Result<Page, StoreError>>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.page.abort();
    }
}

impl Exporting {
    /// Ends an export before its end, once nothing is read for it any more.
    pub async fn stop(mut self) {
        if let Some(mut ahead) = self.ahead.take() {
            // Whatever it came to, nobody asks for it any more.
            let _ = (&mut ahead.page).await;
        }
    }

    /// What is read at a cursor; nothing where its stage lists nothing.
    fn asked(&self, cursor: ExportCursor) -> Option<(Query, PageRequest)> {
        let stage = Stage::ALL.get(usize::from(cursor.stage))?;
        let filter = self.stages.get(usize::from(cursor.stage))?.clone()?;
        let query = Query { kind: Some(stage.kind()), filter, sort: Sort::Recorded, order: Order::Ascending };
        let after = Some(cursor.after).filter(|after| *after > 0).map(Cursor::at);
        Some((query, PageRequest { after, limit: PAGE }))
    }
}

impl Service {
    /// The page where an export stands; none where its stage lists nothing.
    pub(super) async fn export_page(&self, exporting: &mut Exporting) -> Result<Option<Page>, Error> {
        if let Some(mut ahead) = exporting.ahead.take_if(|ahead| ahead.cursor == exporting.cursor) {
            match (&mut ahead.page).await {
                // What failed a while ago may work by now.
                Ok(Err(StoreError::Unavailable { .. })) => {}
                Ok(page) => return Ok(Some(page?)),
                // A defect of ours shows where all of them do.
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                // The runtime shuts down: what can still be read is.
                Err(_) => {}
            }
        }
        let Some((query, request)) = exporting.asked(exporting.cursor) else { return Ok(None) };
        Ok(Some(self.store.query(&query, exporting.head.revision, request).await?))
    }

    /// Begins to read the page where an export goes on.
    pub(super) fn read_ahead(&self, exporting: &Exporting) -> Option<Ahead> {
        let cursor = exporting.next;
        let (query, request) = exporting.asked(cursor)?;
        let (store, revision) = (Arc::clone(&self.store), exporting.head.revision);
        let page = async move { store.query(&query, revision, request).await };
        let page = tokio::spawn(page.in_current_span());
        Some(Ahead { cursor, page })
    }
}
