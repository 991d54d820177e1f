//! Imports that are open: how many there may be, and which stream has which session.
//!
//! What keeps an import right is the number of each batch, which the store checks. Who has a session is decided here, in
//! memory: streams end with the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Error, Service};
use crate::domain::limits;
use crate::storage::{Fence, ImportBatch, ImportProgress, Importing};

/// How long an import waits for a place: a stream whose session was taken over needs a moment to end.
const PLACE_WAIT: Duration = Duration::from_secs(1);

/// The imports that are open.
#[derive(Clone, Debug)]
pub(super) struct Imports {
    places: Arc<Semaphore>,
    open: Arc<Mutex<HashMap<SessionKey, Fence>>>,
}

/// Principal and session.
type SessionKey = (Arc<str>, String);

impl Default for Imports {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(limits::IMPORTS)), open: Arc::default() }
    }
}

/// An import that is open; dropped, its session and its place are free.
#[derive(Debug)]
pub struct OpenImport {
    /// Lowered when another stream opens the session.
    pub fence: Fence,
    /// How far it came; none when nothing of it was committed.
    pub progress: Option<ImportProgress>,
    key: SessionKey,
    imports: Imports,
    _place: OwnedSemaphorePermit,
}

impl Drop for OpenImport {
    fn drop(&mut self) {
        let mut open = self.imports.open.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever took it over has an entry of its own.
        if open.get(&self.key).is_some_and(|fence| fence.is(&self.fence)) {
            open.remove(&self.key);
        }
    }
}

impl Service {
    /// Opens an import, and takes its session from the stream that has it.
    ///
    /// # Errors
    /// `TooManyImports`; or when the store fails.
    pub async fn open_import(&self, principal: Arc<str>, session: String) -> Result<OpenImport, Error> {
        let key = (principal, session);
        let earlier = self.imports.open.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(earlier) = earlier {
            earlier.lower();
        }
        let place = tokio::time::timeout(PLACE_WAIT, Arc::clone(&self.imports.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(Error::TooManyImports) };
        let fence = Fence::default();
        let raced = {
            let mut open = self.imports.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.insert(key.clone(), fence.clone())
        };
        // Another stream may have opened it while this one waited for a place: the last one has it.
        if let Some(raced) = raced {
            raced.lower();
        }
        let mut opened = OpenImport { fence, progress: None, key, imports: self.imports.clone(), _place: place };
        // After the fence of the other stream is down: what it queued before is counted, what it queues now is refused.
        opened.progress = self.store.import_session(&opened.key.0, &opened.key.1).await?;
        Ok(opened)
    }

    /// Queues a batch of an import; see the storage trait.
    pub async fn import(&self, batch: ImportBatch) -> Importing {
        self.store.import(batch).await
    }
}
