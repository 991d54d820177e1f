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

/// How long an import waits for a place: a stream whose session was taken over, or whose client has gone, needs a moment to
/// end.
const PLACE_WAIT: Duration = Duration::from_secs(1);

/// How often to look whether it has ended.
const LEFT_POLL: Duration = Duration::from_millis(20);

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
    /// other data, nor where it is only to be begun.
    fn take(&self, asked: &Asked<'_>, progress: Option<&ImportProgress>, next: Option<&Fence>) -> Result<(), Error> {
        let Asked { key, input, .. } = asked;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let holder = open.get(key);
        if let Some(holder) = holder {
            asked.check_input(&holder.input)?;
        }
        asked.check_new(progress, holder)?;
        if let Some(holder) = holder {
            holder.fence.lower();
        }
        if let Some(fence) = next {
            open.insert(key.clone(), Holder { fence: fence.clone(), input: (*input).to_owned() });
        }
        Ok(())
    }

    /// Waits until nobody has a session, but not for long.
    async fn left(&self, key: &SessionKey) {
        let leaving = async {
            while self.open.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key) {
                tokio::time::sleep(LEFT_POLL).await;
            }
        };
        let _ = tokio::time::timeout(PLACE_WAIT, leaving).await;
    }
}

/// What is to be opened.
struct Asked<'a> {
    key: SessionKey,
    input: &'a str,
    opening: Opening,
}

impl Asked<'_> {
    fn check_input(&self, expected: &str) -> Result<(), Error> {
        match expected == self.input {
            true => Ok(()),
            false => Err(Error::ImportInputChanged { session: self.key.1.clone(), expected: expected.to_owned() }),
        }
    }

    fn check_new(&self, progress: Option<&ImportProgress>, holder: Option<&Holder>) -> Result<(), Error> {
        if self.opening == Opening::GoesOn || (progress.is_none() && holder.is_none()) {
            return Ok(());
        }
        let session = progress.map(|progress| &progress.session);
        Err(Error::ImportBegun {
            session: self.key.1.clone(),
            next_batch: session.map_or(1, |session| session.next_batch),
            position: session.map(|session| session.position.clone()).unwrap_or_default(),
            is_open: holder.is_some(),
        })
    }
}

/// How an import is opened that may have been begun before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// It goes on, and is taken from the stream that has it.
    GoesOn,
    /// It is refused, and the stream that has it keeps it.
    OnlyNew,
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
    /// `ImportInputChanged` and `ImportBegun`, and then the stream that has the session keeps it; `TooManyImports`; or when
    /// the store fails.
    pub async fn open_import(
        &self,
        principal: Arc<str>,
        session: String,
        input: &str,
        opening: Opening,
    ) -> Result<OpenImport, Error> {
        let asked = Asked { key: (principal, session), input, opening };
        if opening == Opening::OnlyNew {
            self.imports.left(&asked.key).await;
        }
        // Before anything is taken from anybody.
        let before = self.import_progress(&asked).await?;
        self.imports.take(&asked, before.as_ref(), None)?;
        let place = tokio::time::timeout(PLACE_WAIT, Arc::clone(&self.imports.places).acquire_owned()).await;
        let Ok(Ok(place)) = place else { return Err(Error::TooManyImports) };
        let fence = Fence::default();
        // Another stream may have opened it while this one waited for a place: the last one has it.
        self.imports.take(&asked, before.as_ref(), Some(&fence))?;
        let key = asked.key.clone();
        let mut opened = OpenImport { fence, progress: None, key, imports: self.imports.clone(), _place: place };
        // After the fence of the other stream is down: what it queued before is counted, what it queues now is refused.
        opened.progress = self.import_progress(&asked).await?;
        asked.check_new(opened.progress.as_ref(), None)?;
        Ok(opened)
    }

    /// How far an import of this data came.
    async fn import_progress(&self, asked: &Asked<'_>) -> Result<Option<ImportProgress>, Error> {
        let progress = self.store.import_session(&asked.key.0, &asked.key.1).await?;
        if let Some(progress) = &progress {
            asked.check_input(&progress.session.input)?;
        }
        Ok(progress)
    }

    /// Queues a batch of an import; see the storage trait.
    pub async fn import(&self, batch: ImportBatch) -> Importing {
        self.store.import(batch).await
    }
}
