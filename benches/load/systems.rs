//! The systems that are measured, started and filled; what is not installed is skipped.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use claimdb::proto::claimdb::v1::GetClaimRequest;
use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use futures_util::future::try_join_all;
use prost::Message as _;
use tonic::transport::Channel;

use crate::calls::{Caller, Calls, Turns, Work, small_request};
use crate::echo::Answers;
use crate::generate::Generator;
use crate::generate::random::mix;
use crate::postgres::Postgres;
use crate::postgres_service::Store;
use crate::process::{Server, connect};
use crate::{etcd, preload, usage};

pub(crate) const CLAIMDB: &str = "claimdb";
pub(crate) const POSTGRES: &str = "PostgreSQL behind tonic";
pub(crate) const DIRECT: &str = "PostgreSQL directly";
pub(crate) const ETCD: &str = "etcd";
pub(crate) const ECHO: &str = "bare tonic echo";

/// Answers of GetClaim that the echo gives in turn.
const ANSWERS: u64 = 256;
/// Items in one statement when PostgreSQL is filled, and statements at once.
const LOADED_AT_ONCE: u64 = 100;
const LOADS_AT_ONCE: u64 = 8;
/// Items that etcd is given to read: it is compared by what it writes.
const ETCD_ITEMS: u64 = 10_000;

/// What a run is made with.
pub(crate) struct Settings {
    pub(crate) generator: Arc<Generator>,
    /// Items that are stored before anything is measured.
    pub(crate) items: u64,
    /// From a client to a server.
    pub(crate) connections: usize,
    /// From the service to PostgreSQL.
    pub(crate) postgres_connections: usize,
    /// Parts of the names of the systems that are wanted; all if there are none.
    pub(crate) only: Vec<String>,
}

pub(crate) struct System {
    pub(crate) name: &'static str,
    reach: Reach,
    processes: Vec<u32>,
    items: u64,
    /// Whoever shares a store shares them.
    turns: Arc<Turns>,
    /// The most that was seen.
    pub(crate) memory: u64,
}

enum Reach {
    Messages(String),
    Etcd(String),
    Direct(Arc<Store>),
}

/// All of them, and what ends with them.
pub(crate) struct Systems {
    pub(crate) all: Vec<System>,
    /// Stored in each before anything is measured, but for etcd.
    pub(crate) claims: u64,
    pub(crate) notes: Vec<String>,
    _servers: Vec<Server>,
    /// After the servers that use it.
    _cluster: Option<Postgres>,
}

impl System {
    fn new(name: &'static str, reach: Reach, processes: Vec<u32>, items: u64) -> Self {
        Self { name, reach, processes, items, turns: Arc::default(), memory: 0 }
    }

    pub(crate) fn calls(&self, work: Work, settings: &Settings) -> Arc<Calls> {
        Arc::new(Calls::new(work, Arc::clone(&settings.generator), self.items, Arc::clone(&self.turns)))
    }

    /// What a writer beside pages records.
    pub(crate) fn writes(&self, settings: &Settings) -> Arc<Calls> {
        Arc::new(Calls::of_items(Arc::clone(&settings.generator), self.items, Arc::clone(&self.turns)))
    }

    /// Callers over connections of their own.
    pub(crate) async fn callers(&self, connections: usize) -> Vec<Caller> {
        let channel = async |address: &str| connect(address).await.expect("a connection");
        let mut callers = Vec::new();
        for _ in 0..connections {
            callers.push(match &self.reach {
                Reach::Messages(address) => Caller::of_messages(channel(address).await),
                Reach::Etcd(address) => Caller::Etcd(etcd::Client::new(channel(address).await)),
                Reach::Direct(store) => Caller::Direct(Arc::clone(store)),
            });
        }
        callers
    }

    /// A connection to a server that speaks claimdb's messages.
    pub(crate) async fn channel(&self) -> Channel {
        let Reach::Messages(address) = &self.reach else { panic!("{} is called otherwise", self.name) };
        connect(address).await.expect("a connection")
    }

    pub(crate) fn processor_time(&self) -> std::time::Duration {
        usage::processor_time(&self.processes)
    }

    pub(crate) fn look_at_memory(&mut self) {
        self.memory = self.memory.max(usage::memory(&self.processes));
    }
}

impl Systems {
    pub(crate) async fn start(settings: &Settings, folder: &Path) -> Self {
        let mut systems = Self { all: Vec::new(), claims: 0, notes: Vec::new(), _servers: Vec::new(), _cluster: None };
        systems.claimdb(settings, folder).await;
        if settings.wants(POSTGRES) || settings.wants(DIRECT) {
            match Postgres::start().await {
                Ok(cluster) => systems.postgres(settings, cluster).await,
                Err(reason) => systems.note(format!("PostgreSQL is left out: {reason}")),
            }
        }
        match etcd::version() {
            Some(version) if settings.wants(ETCD) => systems.etcd(settings, folder, &version).await,
            None if settings.wants(ETCD) => systems.note("etcd is left out: it is not installed".to_owned()),
            Some(_) | None => {}
        }
        systems.all.retain(|system| settings.wants(system.name));
        systems
    }

    fn note(&mut self, note: String) {
        eprintln!("{note}");
        self.notes.push(note);
    }

    fn add(&mut self, system: System) {
        self.all.push(system);
    }

    /// The real server, filled through Import; and the echo, with answers that it gave.
    async fn claimdb(&mut self, settings: &Settings, folder: &Path) {
        let server = Server::claimdb(&folder.join("data"), &[]).await;
        let channel = connect(&server.address).await.expect("a connection");
        self.claims = preload::items(channel.clone(), Arc::clone(&settings.generator), settings.items).await;
        let reach = Reach::Messages(server.address.clone());
        let claimdb = System::new(CLAIMDB, reach, vec![server.process()], settings.items);
        let mut answers = Answers::default();
        let request = small_request(claimdb.turns.recorded.fetch_add(1, Ordering::Relaxed));
        let sent = request.encoded_len();
        let mut records = RecordServiceClient::new(channel.clone());
        answers.record = records.record(request).await.expect("it is recorded").into_inner();
        let mut claims = ClaimServiceClient::new(channel);
        for turn in 0..ANSWERS {
            let name = settings.generator.claim_name(mix(turn) % settings.items);
            let answer = claims.get_claim(GetClaimRequest { name, as_of: None }).await.expect("a claim");
            answers.claims.push(answer.into_inner());
        }
        let (recorded, claim) = answers.sizes();
        self.note(format!(
            "A Record is a message of {sent} bytes, answered with {recorded}; a claim is answered with {claim} on average."
        ));
        let file = folder.join("answers");
        answers.write(&file);
        self.add(claimdb);
        self._servers.push(server);
        let echo = this_program("--echo", |arguments| arguments.push(file.display().to_string())).await;
        let reach = Reach::Messages(echo.address.clone());
        self.add(System::new(ECHO, reach, vec![echo.process()], settings.items));
        self._servers.push(echo);
    }

    async fn postgres(&mut self, settings: &Settings, cluster: Postgres) {
        let (port, connections) = (cluster.port(), settings.postgres_connections);
        // By connections of its own: each keeps the statements it was filled by, some megabytes that no call needs.
        load(&Store::open(port, connections).await.expect("the cluster answers"), settings).await;
        let store = Arc::new(Store::open(port, connections).await.expect("the cluster answers"));
        let version = cluster.version().await;
        self.note(format!("PostgreSQL {version}, {connections} connections from the service to it."));
        let service = this_program("--postgres-service", |arguments| {
            arguments.extend([port.to_string(), "--connections".to_owned(), connections.to_string()]);
        })
        .await;
        let reach = Reach::Messages(service.address.clone());
        let behind = System::new(POSTGRES, reach, vec![service.process(), cluster.process()], settings.items);
        let direct = System {
            turns: Arc::clone(&behind.turns),
            ..System::new(DIRECT, Reach::Direct(store), vec![cluster.process()], settings.items)
        };
        self.add(behind);
        self.add(direct);
        self._servers.push(service);
        self._cluster = Some(cluster);
    }

    async fn etcd(&mut self, settings: &Settings, folder: &Path, version: &str) {
        let server = etcd::start(folder).await;
        let items = settings.items.min(ETCD_ITEMS);
        let client = &etcd::Client::new(connect(&server.address).await.expect("a connection"));
        for first in (0..items).step_by(LOADED_AT_ONCE as usize) {
            let puts = (first..items.min(first + LOADED_AT_ONCE)).map(|item| async move {
                let claim = settings.generator.item(item).claims.into_iter().next().expect("each item has one");
                client.put(claim.name.clone().into_bytes(), claim.encode_to_vec()).await
            });
            try_join_all(puts).await.expect("it is put");
        }
        self.note(format!("etcd {version}; it holds {items} claims to read."));
        self.add(System::new(ETCD, Reach::Etcd(server.address.clone()), vec![server.process()], items));
        self._servers.push(server);
    }
}

impl Settings {
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}

/// Another process of this program, which serves.
async fn this_program(role: &str, arguments: impl Fn(&mut Vec<String>)) -> Server {
    let program = Command::new(std::env::current_exe().expect("this program"));
    Server::start(program, |port| {
        let mut all = vec!["--serve-on".to_owned(), port.to_string(), role.to_owned()];
        arguments(&mut all);
        all
    })
    .await
}

async fn load(store: &Store, settings: &Settings) {
    let batch = |first: u64| {
        let items = first..settings.items.min(first + LOADED_AT_ONCE);
        items.map(|item| settings.generator.item(item)).collect::<Vec<_>>()
    };
    let step = LOADED_AT_ONCE * LOADS_AT_ONCE;
    for first in (0..settings.items).step_by(step as usize) {
        let starts = (first..settings.items.min(first + step)).step_by(LOADED_AT_ONCE as usize);
        try_join_all(starts.map(|first| store.load(batch(first)))).await.expect("it is loaded");
    }
    store.settle().await.expect("it is settled");
}
