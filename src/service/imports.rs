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
    open: Arc<Mutex<HashMap<SessionKey, Holder>>>,
}

/// Principal and session.
type SessionKey = (Arc<str>, String);

/// The stream that has a session.
#[derive(Debug)]
struct Holder {
    fence: Fence,
    /// What it imports: the store does not know before there is a commit.
    input: String,
}

impl Default for Imports {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(limits::IMPORTS)), open: Arc::default() }
    }
}

impl Imports {
    /// Takes a session from the stream that has it, on behalf of `next` where that is known; not from one that imports
    /// other data.
    fn take(&self, key: &SessionKey, input: &str, next: Option<&Fence>) -> Result<(), Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(holder) = open.get(key) {
            check_input(key, &holder.input, input)?;
            holder.fence.lower();
        }
        if let Some(fence) = next {
            open.insert(key.clone(), Holder { fence: fence.clone(), input: input.to_owned() });
        }
        Ok(())
    }
}

fn check_input((_, session): &SessionKey, expected: &str, input: &str) -> Result<(), Error> {
    match expected == input {
        true => Ok(()),
        false => Err(Error::ImportInputChanged { session: session.clone(), expected: expected.to_owned() }),
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
        if open.get(&self.key).is_some_and(|holder| holder.fence.is(&self.fence)) {
            open.remove(&self.key);
        }
    }
}

impl Service {
    /// Opens an import of data that is called `input`, and takes its session from the stream that has it.
    ///
    /// # Errors
    /// `ImportInputChanged`, and then the stream that has the session keeps it; `TooManyImports`; or when the store fails.
    pub async fn open_import(&self, principal: Arc<str>, session: String, input: &str) -> Result<OpenImport, Error> {
        let key = (principal, session);
        // Before anything is taken from anybody.
        self.import_progress(&key, input).await?;
        self.imports.take(&key, input, None)?;
        let place = tokio::time::timeout(PLACE_WAIT, Arc::clone(&self.imports.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(Error::TooManyImports) };
        let fence = Fence::default();
        // Another stream may have opened it while this one waited for a place: the last one has it.
        self.imports.take(&key, input, Some(&fence))?;
        let mut opened = OpenImport { fence, progress: None, key, imports: self.imports.clone(), _place: place };
        // After the fence of the other stream is down: what it queued before is counted, what it queues now is refused.
        opened.progress = self.import_progress(&opened.key, input).await?;
        Ok(opened)
    }

    /// How far an import of this data came.
    async fn import_progress(&self, key: &SessionKey, input: &str) -> Result<Option<ImportProgress>, Error> {
        let progress = self.store.import_session(&key.0, &key.1).await?;
        if let Some(progress) = &progress {
            check_input(key, &progress.session.input, input)?;
        }
        Ok(progress)
    }

    /// Queues a batch of an import; see the storage trait.
    pub async fn import(&self, batch: ImportBatch) -> Importing {
        self.store.import(batch).await
    }
}
