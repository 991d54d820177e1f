//! The owner of an open store: hands out readers and the writer, and reopens after a failure.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::{Duration, Instant};

use super::commit::{Head, Replay};
use super::errors::{Damage, OpenError, ReopenError};
use super::open_store::OpenStore;
use super::reader::Reader;
use super::writer::Writer;
use super::{Options, open, space};

/// How long reopening waits for readers to end: longer than any bounded read takes.
const REOPEN_WAIT: Duration = Duration::from_secs(10);
const REOPEN_POLL: Duration = Duration::from_millis(5);

/// A store in a data directory. Dropping it, its readers and its writer closes it.
pub struct Store {
    data_directory: PathBuf,
    options: Options,
    /// Empty only if a reopen has failed.
    open: RwLock<Option<Arc<OpenStore>>>,
    last_head: Mutex<Head>,
}

impl Store {
    /// Opens the store in `data_directory`, creating it if there is none. `replay` recomputes the
    /// terms of commits that were not sealed when the store was last closed.
    pub fn open(data_directory: &Path, options: Options, replay: &dyn Replay) -> Result<Self, OpenError> {
        let opened = opened(data_directory, options.clone(), replay)?;
        Ok(Self {
            data_directory: data_directory.to_owned(),
            options,
            last_head: Mutex::new(opened.core().head()),
            open: RwLock::new(Some(Arc::new(opened))),
        })
    }

    /// The store's own id, made when the store was: a UUID.
    pub fn id(&self) -> Result<String, Damage> {
        Ok(uuid::Uuid::from_bytes(self.handle()?.core().note.store_id()).to_string())
    }

    /// The newest published commit. Never waits: while the store is being reopened, the one before.
    pub fn head(&self) -> Head {
        let open = self.try_open();
        let mut last = self.last_head.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = open.as_ref().and_then(|open| open.as_ref()) {
            *last = open.core().head();
        }
        *last
    }

    /// A handle for reading. Waits while the store is being reopened.
    pub fn reader(&self) -> Result<Reader, Damage> {
        self.handle().map(Reader::new)
    }

    /// A handle for reading, if there is one now. Never waits.
    pub fn try_reader(&self) -> Option<Reader> {
        self.try_open()?.clone().map(Reader::new)
    }

    /// What is open, if nobody is changing that now.
    fn try_open(&self) -> Option<RwLockReadGuard<'_, Option<Arc<OpenStore>>>> {
        match self.open.try_read() {
            Ok(open) => Some(open),
            Err(TryLockError::Poisoned(open)) => Some(open.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The writer, or `None` if somebody has it.
    pub fn writer(&self) -> Result<Option<Writer>, Damage> {
        let handle = self.handle()?;
        Ok(handle.take_writer().then(|| Writer::new(handle)))
    }

    /// Why the store takes no write, if it does not: it wants to be reopened.
    pub fn poisoned(&self) -> Option<String> {
        match self.handle() {
            Ok(handle) => handle.core().poisoned().map(str::to_owned),
            Err(damage) => Some(damage.what),
        }
    }

    /// Closes the store and opens it from disk. The writer must have been dropped; readers are
    /// waited for, for a while. Until the old handle is closed, a refusal changes nothing.
    pub fn reopen(&self, replay: &dyn Replay) -> Result<(), ReopenError> {
        let needed = space::needed(self.options.reserve_bytes, 0);
        let available = space::available(&self.data_directory, &self.options.faults).map_err(OpenError::from)?;
        if available < needed {
            return Err(ReopenError::Full { available, needed });
        }
        self.head();
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        close(&mut open)?;
        self.forget_cached_pages().map_err(OpenError::from)?;
        let opened = self.open_when_unlocked(replay)?;
        *open = Some(Arc::new(opened));
        Ok(())
    }

    /// sled's own threads may hold its file, and with it the lock, a moment longer than we do.
    fn open_when_unlocked(&self, replay: &dyn Replay) -> Result<OpenStore, OpenError> {
        let deadline = Instant::now() + REOPEN_WAIT;
        loop {
            match opened(&self.data_directory, self.options.clone(), replay) {
                Err(OpenError::Locked) if Instant::now() < deadline => {
                    std::thread::sleep(REOPEN_POLL);
                }
                opened => return opened,
            }
        }
    }

    /// After a failed sync the system may hold pages that it calls clean and that are not on disk;
    /// without them the open reads what is really there.
    fn forget_cached_pages(&self) -> std::io::Result<()> {
        let path = open::engine_directory(&self.data_directory).join("db");
        let file = std::fs::File::open(path)?;
        Ok(rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?)
    }

    pub(crate) fn handle(&self) -> Result<Arc<OpenStore>, Damage> {
        self.open
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(|| Damage::new("store: it could not be reopened"))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // Whoever reads still closes it.
        open.and_then(Arc::into_inner).into_iter().for_each(let_go);
    }
}

/// Closes a store. sled syncs its file when the last handle is gone and panics if it cannot, which nobody is to die of: what
/// was acknowledged was synced before.
fn let_go(store: OpenStore) {
    if catch_unwind(AssertUnwindSafe(|| drop(store))).is_err() {
        tracing::warn!("the engine panicked when it was closed");
    }
}

/// Opens a store. One that does not open is closed in there.
fn opened(data_directory: &Path, options: Options, replay: &dyn Replay) -> Result<OpenStore, OpenError> {
    catch_unwind(AssertUnwindSafe(|| open::open(data_directory, options, replay)))
        .unwrap_or_else(|_| Err(io::Error::other("the engine panicked when it was closed again").into()))
}

fn close(open: &mut RwLockWriteGuard<'_, Option<Arc<OpenStore>>>) -> Result<(), ReopenError> {
    let Some(handle) = open.take() else {
        return Ok(());
    };
    let deadline = Instant::now() + REOPEN_WAIT;
    let mut handle = handle;
    loop {
        // sled holds a lock on its file until the last handle is gone.
        match Arc::try_unwrap(handle) {
            Ok(last) => {
                let_go(last);
                return Ok(());
            }
            Err(shared) if Instant::now() < deadline && !shared.has_writer() => handle = shared,
            Err(shared) => {
                let users = Arc::strong_count(&shared) - 1;
                **open = Some(shared);
                return Err(ReopenError::InUse { users });
            }
        }
        std::thread::sleep(REOPEN_POLL);
    }
}
