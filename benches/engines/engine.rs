//! The engines, as claimdb needs one: a log that takes groups whole, segments, a flush that keeps, and the last key of the
//! log up to a place.

use std::fs::File;
use std::path::Path;

use fjall::{Keyspace, PartitionCreateOptions, PartitionHandle, PersistMode};

/// What each may cache, as claimdb lets sled by default.
const CACHE_BYTES: u64 = 80 << 20;

pub(crate) type Pair = (Vec<u8>, Vec<u8>);

pub(crate) trait Engine {
    /// Applies a group to the log, whole.
    fn apply(&self, group: Vec<Pair>);
    /// Puts a value among the segments.
    fn insert(&self, key: Vec<u8>, value: Vec<u8>);
    /// Removes one.
    fn remove(&self, key: &[u8]);
    /// Makes everything durable.
    fn flush(&self);
    /// The last pair of the log up to a key.
    fn last_until(&self, key: &[u8]) -> Option<Pair>;
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sled,
    Fjall,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Sled, Self::Fjall];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sled => "sled",
            Self::Fjall => "fjall",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Sled => "sled 0.34",
            Self::Fjall => "fjall 2",
        }
    }

    pub(crate) fn open(self, folder: &Path) -> Box<dyn Engine> {
        match self {
            Self::Sled => Box::new(Sled::open(folder)),
            Self::Fjall => Box::new(Fjall::open(folder)),
        }
    }
}

struct Sled {
    db: sled::Db,
    log: sled::Tree,
    segments: sled::Tree,
    /// As in claimdb: sled's own flush does not reach the disk.
    file: File,
}

impl Sled {
    fn open(folder: &Path) -> Self {
        let config = sled::Config::new().path(folder).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let db = config.open().expect("it opens");
        let tree = |name| db.open_tree(name).expect("a tree");
        let (log, segments) = (tree("log"), tree("segments"));
        let file = File::open(folder.join("db")).expect("its file");
        Self { db, log, segments, file }
    }
}

impl Engine for Sled {
    fn apply(&self, group: Vec<Pair>) {
        let mut batch = sled::Batch::default();
        for (key, value) in group {
            batch.insert(key, value);
        }
        self.log.apply_batch(batch).expect("it is applied");
    }

    fn insert(&self, key: Vec<u8>, value: Vec<u8>) {
        self.segments.insert(key, value).expect("it is taken");
    }

    fn remove(&self, key: &[u8]) {
        self.segments.remove(key).expect("it is removed");
    }

    fn flush(&self) {
        self.db.flush().expect("it is flushed");
        self.file.sync_data().expect("it is on the disk");
    }

    fn last_until(&self, key: &[u8]) -> Option<Pair> {
        let found = self.log.range(..=key).next_back()?.expect("it is read");
        Some((found.0.to_vec(), found.1.to_vec()))
    }
}

struct Fjall {
    keyspace: Keyspace,
    log: PartitionHandle,
    segments: PartitionHandle,
}

impl Fjall {
    fn open(folder: &Path) -> Self {
        let keyspace = fjall::Config::new(folder).cache_size(CACHE_BYTES).open().expect("it opens");
        let partition = |name| keyspace.open_partition(name, PartitionCreateOptions::default()).expect("a partition");
        let (log, segments) = (partition("log"), partition("segments"));
        Self { keyspace, log, segments }
    }
}

impl Engine for Fjall {
    fn apply(&self, group: Vec<Pair>) {
        let mut batch = self.keyspace.batch();
        for (key, value) in group {
            batch.insert(&self.log, key, value);
        }
        batch.commit().expect("it is applied");
    }

    fn insert(&self, key: Vec<u8>, value: Vec<u8>) {
        self.segments.insert(key, value).expect("it is taken");
    }

    fn remove(&self, key: &[u8]) {
        self.segments.remove(key).expect("it is removed");
    }

    fn flush(&self) {
        self.keyspace.persist(PersistMode::SyncData).expect("it is on the disk");
    }

    fn last_until(&self, key: &[u8]) -> Option<Pair> {
        let found = self.log.range(..=key).next_back()?.expect("it is read");
        Some((found.0.to_vec(), found.1.to_vec()))
    }
}
