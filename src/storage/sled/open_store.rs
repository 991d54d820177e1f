//! One open store with its threads. Dropping it closes the store in order; whoever holds an `Arc`
//! of it keeps it open.

use std::io;
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
    has_writer: AtomicBool,
    sealer: Option<JoinHandle<()>>,
    merger: Option<JoinHandle<()>>,
    note_syncer: Option<JoinHandle<()>>,
    note_written: Option<SyncSender<()>>,
}

impl OpenStore {
    /// Starts the threads.
    pub(crate) fn start(core: Arc<Core>) -> io::Result<Self> {
        // One pending wake-up is enough: a sync covers every note written before it.
        let (note_written, wake_ups) = sync_channel(1);
        let for_sealer = Arc::clone(&core);
        let for_merger = Arc::clone(&core);
        let for_syncer = Arc::clone(&core);
        Ok(Self {
            core,
            has_writer: AtomicBool::new(false),
            sealer: Some(
                std::thread::Builder::new().name("sled-sealer".into()).spawn(move || sealer::run(&for_sealer))?,
            ),
            merger: Some(
                std::thread::Builder::new().name("sled-merger".into()).spawn(move || merger::run(&for_merger))?,
            ),
            note_syncer: Some(
                std::thread::Builder::new()
                    .name("head-note".into())
                    .spawn(move || sync_notes(&for_syncer, &wake_ups))?,
            ),
            note_written: Some(note_written),
        })
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
        for thread in [self.sealer.take(), self.merger.take(), self.note_syncer.take()].into_iter().flatten() {
            // A panic there was reported when it happened, and the note below is then not clean.
            if thread.join().is_err() {
                self.core.poison("a background thread panicked");
            }
        }
        if self.core.poisoned().is_some() {
            return;
        }
        let closed = self.core.note.write(self.core.head(), true).and_then(|()| self.core.note.sync());
        if let Err(error) = closed {
            tracing::warn!(%error, "the head note could not be marked clean");
        }
    }
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
