//! A defect costs the write that meets it, and no other.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use claimdb::domain::model::Record;
use claimdb::domain::name::{IdSource, RecordId};
use claimdb::storage::sled::{EngineOptions, Options, QueryLimits, SledStore};
use claimdb::storage::{ClaimStore, CommitError, SystemClock};
use support::{CountingIds, source, write};

/// Ids that fail for as long as they are told to.
#[derive(Default)]
struct Failing {
    fails: AtomicBool,
    ids: CountingIds,
}

impl IdSource for Failing {
    fn next(&self) -> RecordId {
        assert!(!self.fails.load(Ordering::Relaxed), "a defect, for the test");
        self.ids.next()
    }
}

#[tokio::test]
async fn a_panic_while_a_write_is_planned_changes_nothing_and_the_writer_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let ids = Arc::new(Failing::default());
    let options = EngineOptions {
        layer: Options::default(),
        queued_batches: 8,
        group_commits: 8,
        aside_versions: 2,
        concurrent_reads: 8,
        query: QueryLimits::default(),
        ids: Arc::clone(&ids) as Arc<dyn IdSource>,
        clock: Arc::new(SystemClock),
        on_damage: Box::new(|what| panic!("{what}")),
    };
    let store = SledStore::open(directory.path(), options).unwrap();
    write().record(Record::Source(source("One"))).to(&store).await;
    ids.fails.store(true, Ordering::Relaxed);
    let answer = write().record(Record::Source(source("Two"))).request("r").attempt(&store).await;
    assert_eq!(answer, Err(CommitError::Defect));
    assert_eq!(store.head().await.unwrap().revision, 1);
    ids.fails.store(false, Ordering::Relaxed);
    let answer = write().record(Record::Source(source("Two"))).request("r").to(&store).await;
    assert_eq!((answer.head.revision, answer.replayed), (2, false));
}
