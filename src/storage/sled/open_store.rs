//! One open store with its threads. Dropping it closes the store in order; whoever holds an `Arc`
//! of it keeps it open.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::core::Core;
use super::faults::Step;
use super::{merger, sealer};

/// A core and the threads that work on it.
pub(crate) struct OpenStore {
    core: Arc<Core>,
    /// Until then it knows no head that could be noted.
    is_open: AtomicBool,
    has_writer: AtomicBool,
    threads: Vec<JoinHandle<()>>,
    note_written: Option<SyncSender<()>>,
}

impl OpenStore {
    /// Starts the threads.
    pub(crate) fn start(core: Arc<Core>) -> io::Result<Self> {
        // One pending wake-up is enough: a sync covers every note written before it.
        let (note_written, wake_ups) = sync_channel(1);
        let (sealed, merged, noted) = (Arc::clone(&core), Arc::clone(&core), Arc::clone(&core));
        let mut store = Self {
            core,
            is_open: AtomicBool::new(false),
            has_writer: AtomicBool::new(false),
            threads: Vec::new(),
            note_written: Some(note_written),
        };
        // If one cannot be started, those before it are ended with the store.
        store.threads.push(spawn("sled-sealer", sealed, sealer::run)?);
        store.threads.push(spawn("sled-merger", merged, merger::run)?);
        store.threads.push(spawn("head-note", noted, move |core| sync_notes(core, &wake_ups))?);
        Ok(store)
    }

    /// Everything was read: the store may be closed cleanly.
    pub(crate) fn is_open_now(&self) {
        self.is_open.store(true, Ordering::Release);
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn shared_core(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }

    /// Has the note synced in parallel with whatever comes next.
    pub(crate) fn wake_note_syncer(&self) {
        if let Some(note_written) = &self.note_written {
            // Full means a wake-up is pending already; closed means the thread poisoned the store.
            let _ = note_written.try_send(());
        }
    }

    /// Gives out the right to write; only one holder at a time.
    pub(crate) fn take_writer(&self) -> bool {
        !self.has_writer.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn has_writer(&self) -> bool {
        self.has_writer.load(Ordering::Acquire)
    }

    pub(crate) fn give_writer_back(&self) {
        self.has_writer.store(false, Ordering::Release);
    }
}

impl Drop for OpenStore {
    fn drop(&mut self) {
        self.core.change_seal_state(|state| state.is_stopping = true);
        // Closing the channel ends the note thread.
        self.note_written = None;
        for thread in self.threads.drain(..) {
            // A panic there was caught.
            let _ = thread.join();
        }
        // One that did not open, whatever kept it from that, must not be marked as closed cleanly.
        if !self.is_open.load(Ordering::Acquire) || self.core.poisoned().is_some() {
            return;
        }
        let closed = self.core.note.write(self.core.head(), true).and_then(|()| self.core.note.sync());
        if let Err(error) = closed {
            tracing::warn!(%error, "the head note could not be marked clean");
        }
    }
}

/// Starts a thread that works on the core. Nobody goes on without one: what waits for it is told that the store is to be
/// reopened, which starts it anew.
fn spawn(name: &str, core: Arc<Core>, work: impl FnOnce(&Core) + Send + 'static) -> io::Result<JoinHandle<()>> {
    let work = move || {
        if catch_unwind(AssertUnwindSafe(|| work(&core))).is_err() {
            core.poison("a background thread panicked");
        }
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(work)
}

fn sync_notes(core: &Core, wake_ups: &Receiver<()>) {
    while wake_ups.recv().is_ok() {
        let synced = core.options.faults.at(Step::NoteSync).and_then(|()| core.note.sync());
        if let Err(error) = synced {
            core.poison(format_args!("the head note could not be synced: {error}"));
            return;
        }
        // What is written meanwhile left a wake-up, so the next sync has it.
        std::thread::sleep(core.options.note_pause);
    }
}
