//! The engines, a line each.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use claimdb::storage::memory::MemoryStore;
use claimdb::storage::sled::{
    DamageAlarm, EngineOptions, Faults, KeptLimits, MergeLimits, Options, QueryLimits, SealLimits, SledStore, Tap,
};

use crate::support::{Engine, Ground};

/// All of them. The memory engine comes first: it is what the others are compared with.
pub(crate) const ENGINES: &[Engine] = &[
    Engine { name: "memory", durable: false, open: |ground| Arc::new(memory(ground)), afterwards: |_| () },
    Engine {
        name: "sled",
        durable: true,
        open: |ground| Arc::new(sled(ground, SealLimits::default(), MergeLimits::default(), QueryLimits::default())),
        afterwards: no_blobs,
    },
    Engine {
        name: "sled_sealing",
        durable: true,
        open: |ground| Arc::new(sled(ground, SEAL_OFTEN, MERGE_OFTEN, QueryLimits::default())),
        afterwards: no_blobs,
    },
];

/// Seals a segment with every commit, so that small cases read many sealed ones.
pub(crate) const SEAL_OFTEN: SealLimits = SealLimits { numbers: 1, term_bytes: 64 << 20, log_bytes: 64 << 20 };

/// Merges them at once, up to a size that leaves several.
pub(crate) const MERGE_OFTEN: MergeLimits = MergeLimits { segments: 2, numbers: 30, terms: 1 << 20 };

fn memory(ground: &Ground) -> MemoryStore {
    MemoryStore::new(ground.ids.clone(), ground.clock.clone())
}

pub(crate) fn sled(ground: &Ground, seal: SealLimits, merge: MergeLimits, query: QueryLimits) -> SledStore {
    let layer = Options {
        cache_bytes: 16 << 20,
        kept: KeptLimits::default(),
        seal,
        merge,
        on_damage: DamageAlarm::default(),
        only_looks: false,
        reserve_bytes: 1 << 20,
        note_pause: Duration::ZERO,
        faults: Faults::default(),
        tap: Tap::default(),
    };
    let options = EngineOptions {
        layer,
        queued_batches: 256,
        group_commits: 128,
        aside_versions: 2,
        concurrent_reads: 4,
        query,
        ids: ground.ids.clone(),
        clock: ground.clock.clone(),
        on_damage: Box::new(|what| panic!("damaged: {what}")),
    };
    SledStore::open(ground.dir.path(), options).unwrap()
}

/// sled puts what is too long for it into files that it never syncs: no value may be that long.
pub(crate) fn no_blobs(directory: &Path) {
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).unwrap().map(Result::unwrap) {
            assert!(!directory.ends_with("blobs"), "{} is a blob", entry.path().display());
            if entry.file_type().unwrap().is_dir() {
                directories.push(entry.path());
            }
        }
    }
}
