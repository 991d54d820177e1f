//! What a store stands on: a directory, a clock and ids; and engines to put there.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use claimdb::domain::name::{IdSource, RecordId};
use claimdb::domain::time::Timestamp;
use claimdb::storage::{ClaimStore, Clock};

/// Ids that count: the same in every engine that is asked for the same.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn next(&self) -> RecordId {
        format!("id-{:06}", self.0.fetch_add(1, Ordering::Relaxed)).parse().unwrap()
    }
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// Moves it on, or back.
    pub fn advance(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// What a store stands on, and what of it outlives it.
#[derive(Debug)]
pub struct Ground {
    /// Where it may keep files.
    pub dir: tempfile::TempDir,
    /// Its ids.
    pub ids: Arc<CountingIds>,
    /// Its clock.
    pub clock: Arc<SetClock>,
    afterwards: fn(&Path),
}

impl Drop for Ground {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            (self.afterwards)(self.dir.path());
        }
    }
}

impl Ground {
    /// An empty directory on the morning of 2026-01-01.
    pub fn new(afterwards: fn(&Path)) -> Self {
        let clock = Arc::new(SetClock(AtomicI64::new(1_767_258_000_000_000)));
        Self { dir: tempfile::tempdir().unwrap(), ids: Arc::default(), clock, afterwards }
    }
}

/// An engine, and what it can do. Cases ask for that, never for its name.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    /// Its name, for the name of the trial.
    pub name: &'static str,
    /// Whether what was committed is there when it is opened again.
    pub durable: bool,
    /// Opens it.
    pub open: fn(&Ground) -> Arc<dyn ClaimStore>,
    /// Checks what must hold of the directory after every case.
    pub afterwards: fn(&Path),
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    // Before the ground: it is closed before what it leaves is checked.
    store: Arc<dyn ClaimStore>,
    /// What it stands on.
    pub ground: Ground,
    engine: Engine,
}

impl Store {
    /// An empty one.
    pub fn new(engine: Engine) -> Self {
        let ground = Ground::new(engine.afterwards);
        let store = (engine.open)(&ground);
        Self { ground, engine, store }
    }

    /// For tasks.
    pub fn share(&self) -> Arc<dyn ClaimStore> {
        Arc::clone(&self.store)
    }

    /// Closes it and opens it again; where it is not durable, leaves it open.
    pub fn reopen(self) -> Self {
        if !self.engine.durable {
            return self;
        }
        let Self { ground, engine, store } = self;
        drop(store);
        let store = (engine.open)(&ground);
        Self { ground, engine, store }
    }
}

impl Deref for Store {
    type Target = dyn ClaimStore;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}
