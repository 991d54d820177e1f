//! Flushes, and a thread that ends one which would wait for ever.
//!
//! A thread of sled's that meets an error of the device notes it and, on one of its ways (`Log::exit_reservation` of 0.34.7),
//! wakes nobody. Whoever waits in a flush then waits until something else is to be written, which notices the error and
//! wakes all; and while the writer waits, nothing else may come. So a flush that takes long has something written.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::errors::Damage;
use super::guard::{EngineFailure, enter, guard};

/// A flush that takes longer is looked after, once in as long: few take a tenth of it. One that a slow device holds up is
/// not disturbed by it.
const LONG: Duration = Duration::from_secs(1);

/// A key that is never there.
const NOWHERE: &[u8] = b"nowhere";

/// Flushes an engine. Dropping it ends its thread.
pub(crate) struct FlushWatch {
    db: ::sled::Db,
    flushes: Arc<Flushes>,
    thread: Option<JoinHandle<()>>,
}

/// How many there were.
#[derive(Default)]
struct Flushes {
    begun: AtomicU64,
    ended: AtomicU64,
    is_over: AtomicBool,
}

impl FlushWatch {
    /// Starts the thread.
    pub(crate) fn start(db: &::sled::Db) -> io::Result<Self> {
        let flushes = Arc::new(Flushes::default());
        let (watched, engine) = (Arc::clone(&flushes), db.clone());
        let thread =
            std::thread::Builder::new().name("flush-watch".to_owned()).spawn(move || watch(&engine, &watched))?;
        Ok(Self { db: db.clone(), flushes, thread: Some(thread) })
    }

    /// Hands what sled was given to the system.
    pub(crate) fn flush(&self) -> Result<(), Damage> {
        self.flushes.begun.fetch_add(1, Ordering::Relaxed);
        let flushed = guard(format_args!("flush"), || self.db.flush()).map(drop);
        self.flushes.ended.fetch_add(1, Ordering::Relaxed);
        flushed
    }

    /// What sled says to whoever gives it something: an error of the device that it met, on whichever thread, is not forgotten.
    pub(crate) fn ask(&self) -> Result<(), EngineFailure> {
        ask(&self.db)
    }
}

impl Drop for FlushWatch {
    fn drop(&mut self) {
        self.flushes.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It catches what sled throws.
            let _ = thread.join();
        }
    }
}

fn watch(db: &::sled::Db, flushes: &Flushes) {
    let mut ended_before = 0;
    while !flushes.is_over.load(Ordering::Acquire) {
        std::thread::park_timeout(LONG);
        let ended = flushes.ended.load(Ordering::Relaxed);
        if ended == ended_before && flushes.begun.load(Ordering::Relaxed) > ended {
            // Whoever flushes is told of it.
            let _ = ask(db);
        }
        ended_before = ended;
    }
}

/// Removes what is not there: a few bytes in the log that mean nothing, and all that wait are woken where sled has failed. A
/// plain `remove` writes nothing then, and meets no error.
fn ask(db: &::sled::Db) -> Result<(), EngineFailure> {
    enter(|| db.compare_and_swap(NOWHERE, None::<&[u8]>, None::<&[u8]>)).map(drop)
}
