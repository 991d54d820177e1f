//! An import into claimdb, in this process, of which everything that sled is given is kept.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use claimdb::api::Api;
use claimdb::domain::name::TimeOrderedIds;
use claimdb::service::Service;
use claimdb::storage::SystemClock;
use claimdb::storage::sled::{EngineOptions, Faults, Options, QueryLimits, SledStore, Tap};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Endpoint, Server};

use crate::disk;
use crate::generate::Generator;
use crate::import::{self, FRESH};
use crate::report::short;
use crate::tape::{Counts, Recording};

/// As the program has it by default.
const GROUP_COMMITS: usize = 128;
const MESSAGE_BYTES: usize = 4 << 20;
/// Merging goes on behind an import; it is waited for.
const MERGED_WITHIN: Duration = Duration::from_secs(600);
const QUIET: Duration = Duration::from_secs(3);

pub(crate) struct Captured {
    counts: Counts,
    rate: f64,
}

pub(crate) async fn run(folder: &Path, tape: &Path, claims: u64, generator: Generator) -> Captured {
    let recording = Arc::new(Mutex::new(Recording::create(tape)));
    let data = folder.join("claimdb");
    let listener = Arc::clone(&recording);
    let options = EngineOptions {
        layer: Options {
            faults: Faults::default(),
            tap: Tap::new(move |given| listener.lock().unwrap_or_else(PoisonError::into_inner).note(given)),
            ..Options::default()
        },
        queued_batches: 256,
        group_commits: GROUP_COMMITS,
        aside_versions: 64,
        concurrent_reads: 16,
        query: QueryLimits::default(),
        ids: Arc::new(TimeOrderedIds),
        clock: Arc::new(SystemClock),
        on_damage: Box::new(|what| panic!("damaged: {what}")),
    };
    let store = Arc::new(SledStore::open(&data, options).expect("a new store"));
    let service = Service::new(Arc::clone(&store) as _, Arc::new(SystemClock));
    let routes = Api::new(service, MESSAGE_BYTES).routes();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let serving =
        tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(TcpListenerStream::new(listener)));
    let channel = Endpoint::from_shared(address).expect("an address").connect().await.expect("a connection");
    let rate = import::run(channel, || None, FRESH, &Arc::new(generator), claims).await.rate();
    settle(&recording).await;
    serving.abort();
    store.close();
    let counts = recording.lock().unwrap_or_else(PoisonError::into_inner).end();
    say!("\nclaimdb's own files: {:.0} MB", disk::taken(&data) as f64 / 1e6);
    // Room for the engines.
    std::fs::remove_dir_all(&data).expect("it was made");
    Captured { counts, rate }
}

/// Waits until sled is given nothing more.
async fn settle(recording: &Mutex<Recording>) {
    let given = || {
        let counts = recording.lock().unwrap_or_else(PoisonError::into_inner).counts;
        counts.segment_values + counts.removed + counts.flushes
    };
    let waited = async {
        let mut before = given();
        loop {
            tokio::time::sleep(QUIET).await;
            let now = given();
            if now == before {
                return;
            }
            before = now;
        }
    };
    tokio::time::timeout(MERGED_WITHIN, waited).await.expect("merging ends");
}

impl Captured {
    /// Bytes of keys and values.
    pub(crate) fn bytes(&self) -> u64 {
        self.counts.log_bytes + self.counts.segment_bytes
    }

    pub(crate) fn print(&self, claims: u64) {
        let Counts { log_values, log_bytes, segment_values, segment_bytes, removed, groups, flushes } = self.counts;
        let megabytes = |bytes: u64| short(bytes as f64 / 1e6);
        say!(
            "claimdb imported {claims} claims at {:.0} a second, and gave sled {log_values} values of the log ({} MB) in \
             {groups} groups, {segment_values} values of segments ({} MB), {removed} removals and {flushes} flushes.",
            self.rate,
            megabytes(log_bytes),
            megabytes(segment_bytes),
        );
    }
}
