//! What the disk and the engine alone take for the bytes that a Record writes. These are not called over a socket: they
//! are parts that claimdb cannot do without.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::calls::{Call, Caller, Calls};
use crate::process::{Server, connect};
use crate::results::{Measured, microseconds, record};

pub(crate) const APPEND: &str = "append and fdatasync alone";
pub(crate) const ENGINE: &str = "sled alone";

/// Records whose bytes are kept, and written again in turn.
const KEPT: usize = 2_000;
/// Of the engine's cache in claimdb by default.
const CACHE_BYTES: u64 = 80 << 20;
/// The tree of claimdb's log, and how a key of it begins that holds records.
const LOG_TREE: &str = "log";
const FRAME: u8 = b'l';

/// The values that claimdb gives to sled for one Record each.
pub(crate) struct Written {
    values: Vec<Vec<u8>>,
}

impl Written {
    /// Has a claimdb of its own record, and reads what lies in its log then.
    pub(crate) async fn by_claimdb(calls: &Calls, folder: &Path) -> Self {
        let data = folder.join("written");
        let server = Server::claimdb(&data, &[]).await;
        let mut caller = Caller::of_messages(connect(&server.address).await.expect("a connection"));
        for _ in 0..KEPT {
            let call = calls.next();
            assert!(matches!(call, Call::Record(_)), "what is written is what Record writes");
            caller.call(call).await.expect("it is recorded");
        }
        drop(server);
        let engine = sled::Config::new().path(data.join("sled")).flush_every_ms(None).open().expect("the engine opens");
        let log = engine.open_tree(LOG_TREE).expect("the log");
        let found = log.scan_prefix([FRAME]).map(|entry| entry.expect("a frame").1.to_vec());
        Self { values: found.collect() }
    }

    pub(crate) fn mean_bytes(&self) -> usize {
        self.values.iter().map(Vec::len).sum::<usize>() / self.values.len().max(1)
    }

    /// The limit of the disk: the bytes of so many records appended to a file, and one fdatasync.
    pub(crate) fn append(&self, group: usize, duration: Duration, folder: &Path) -> Measured {
        let path = folder.join("appended");
        let mut file = File::create(&path).expect("a file");
        let mut values = self.values.iter().cycle();
        let make = || values.by_ref().take(group).flatten().copied().collect::<Vec<u8>>();
        let measured = repeat(duration, make, |bytes| {
            file.write_all(&bytes).expect("it is written");
            file.sync_data().expect("it is synced");
        });
        std::fs::remove_file(&path).expect("it is there");
        measured
    }

    /// The limit of the engine: what claimdb's writer gives to sled for so many records, one Batch of the log's keys and
    /// values (one alone it inserts, which is a little less), and one flush. The index is not in it: claimdb writes that once in 65,536 numbers, behind the writer. Nor is
    /// the fdatasync that claimdb does after each flush, which is the disk's.
    pub(crate) fn engine(&self, group: usize, duration: Duration, folder: &Path) -> Measured {
        let path = folder.join("engine");
        let config = sled::Config::new().path(&path).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let engine = config.open().expect("the engine opens");
        let log = engine.open_tree(LOG_TREE).expect("the log");
        let (mut values, mut number) = (self.values.iter().cycle(), 1_u64);
        let make = || {
            let mut batch = sled::Batch::default();
            for value in values.by_ref().take(group) {
                batch.insert(&key(number), value.as_slice());
                // A claim and its article: the sources are there mostly.
                number += 2;
            }
            batch
        };
        let measured = repeat(duration, make, |batch| {
            log.apply_batch(batch).expect("it is applied");
            engine.flush().expect("it is flushed");
        });
        drop(log);
        drop(engine);
        std::fs::remove_dir_all(&path).expect("it is there");
        measured
    }
}

/// Makes and takes one group after the other; only the taking counts.
fn repeat<T>(duration: Duration, mut make: impl FnMut() -> T, mut take: impl FnMut(T)) -> Measured {
    let mut measured = Measured { errors: 0, seconds: 0.0, latencies: microseconds() };
    let end = Instant::now() + duration;
    while Instant::now() < end {
        let made = make();
        let begin = Instant::now();
        take(made);
        let took = begin.elapsed();
        record(&mut measured.latencies, took);
        measured.seconds += took.as_secs_f64();
    }
    measured
}

/// As `docs/storage-format.md` has it: what it is, the first number, the part.
fn key(number: u64) -> [u8; 11] {
    let mut key = [0; 11];
    key[0] = FRAME;
    key[1..9].copy_from_slice(&number.to_be_bytes());
    key
}
