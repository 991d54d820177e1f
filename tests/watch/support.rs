//! The server over a memory store, watchers of it, and small records.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use claimdb::api::Api;
use claimdb::config;
use claimdb::domain::name::TimeOrderedIds;
use claimdb::proto::DESCRIPTORS;
use claimdb::proto::claimdb::v1;
use claimdb::server::{Drained, Server};
use claimdb::service::Service;
use claimdb::storage::SystemClock;
use claimdb::storage::memory::MemoryStore;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};
use tonic::{Status, Streaming};
use tonic_types::StatusExt as _;
use v1::change_service_client::ChangeServiceClient;
use v1::record_service_client::RecordServiceClient;
use v1::watch_request::Start;

/// Nothing that is awaited here takes this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A server, and a connection to it.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) channel: Channel,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) ended: JoinHandle<Drained>,
}

pub(crate) async fn start() -> Running {
    let store = MemoryStore::new(Arc::new(TimeOrderedIds), Arc::new(SystemClock));
    let service = Service::new(Arc::new(store), Arc::new(SystemClock));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let settings = config::Server { drain_grace: config::Period::millis(5_000), ..config::Server::default() };
    let server = Server::new(settings, &[DESCRIPTORS]).unwrap();
    server.gate().open(Api::new(service, 4 * 1024 * 1024).routes());
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(server.run(listener, async move {
        let _ = stopped.await;
    }));
    let channel = connect(&format!("http://{address}")).await;
    Running { address, channel, stop: Some(stop), ended }
}

pub(crate) async fn connect(address: &str) -> Channel {
    Endpoint::from_shared(address.to_owned()).unwrap().connect().await.unwrap()
}

impl Running {
    /// A connection of its own.
    pub(crate) async fn connect(&self) -> Channel {
        connect(&format!("http://{}", self.address)).await
    }

    /// Records; gives the revision.
    pub(crate) async fn record(&self, request: v1::RecordRequest) -> u64 {
        record(&self.channel, request).await
    }

    /// Records a claim by a source; gives the revision.
    pub(crate) async fn claim(&self, name: &str, source: &str) -> u64 {
        self.record(claims([claim(name, source)])).await
    }

    /// Watches, and gives the first heartbeat's revision as well.
    pub(crate) async fn watch(&self, request: v1::WatchRequest) -> (Watcher, u64) {
        let mut watcher = Watcher::try_start(self.channel.clone(), request).await.unwrap();
        let first = watcher.message().await;
        assert!(first.heartbeat && first.changes.is_empty() && first.commit_revision == 0, "{first:?}");
        (watcher, first.revision)
    }

    /// What a filter lets through of everything there is, as (revision, name).
    pub(crate) async fn filtered(&self, filter: v1::WatchFilter) -> Vec<(u64, String)> {
        let heartbeat_interval = Some(prost_types::Duration { seconds: 1, nanos: 0 });
        let request = v1::WatchRequest { filter: Some(filter), heartbeat_interval, ..oldest() };
        let (mut watcher, _) = self.watch(request).await;
        // When the newest commit is held back, a heartbeat says that it was gone past.
        let mut found = Vec::new();
        let head = head(&self.channel).await;
        while watcher.revision < head {
            let message = watcher.message().await;
            let names = message.changes.iter().map(|change| name(change.version.as_ref().unwrap()));
            found.extend(names.map(|name| (message.commit_revision, name)));
        }
        found
    }
}

pub(crate) async fn record(channel: &Channel, request: v1::RecordRequest) -> u64 {
    let response = RecordServiceClient::new(channel.clone()).record(request).await.unwrap().into_inner();
    response.commit.unwrap().revision
}

pub(crate) async fn head(channel: &Channel) -> u64 {
    let mut client = v1::server_info_service_client::ServerInfoServiceClient::new(channel.clone());
    let info = client.get_server_info(v1::GetServerInfoRequest {}).await.unwrap();
    info.into_inner().head.unwrap().revision
}

/// A stream of Watch, and the revision its last message says to go on from.
pub(crate) struct Watcher {
    stream: Streaming<v1::WatchResponse>,
    pub(crate) revision: u64,
}

impl Watcher {
    pub(crate) async fn try_start(channel: Channel, request: v1::WatchRequest) -> Result<Self, Status> {
        let stream = ChangeServiceClient::new(channel).watch(request).await?.into_inner();
        Ok(Self { stream, revision: 0 })
    }

    /// The next message.
    pub(crate) async fn message(&mut self) -> v1::WatchResponse {
        self.try_message().await.unwrap().expect("a stream of Watch ends with a status")
    }

    pub(crate) async fn try_message(&mut self) -> Result<Option<v1::WatchResponse>, Status> {
        let message = tokio::time::timeout(PATIENCE, self.stream.message()).await.expect("a message in time")?;
        if let Some(message) = &message {
            assert!(message.revision >= self.revision, "{} after {}", message.revision, self.revision);
            assert_eq!(message.heartbeat, message.changes.is_empty(), "{message:?}");
            self.revision = message.revision;
        }
        Ok(message)
    }

    /// The next message that is no heartbeat.
    pub(crate) async fn changes(&mut self) -> v1::WatchResponse {
        loop {
            let message = self.message().await;
            if !message.heartbeat {
                return message;
            }
        }
    }

    /// The status that ends the stream, and the last message before it.
    pub(crate) async fn end(mut self) -> (v1::WatchResponse, Status) {
        let mut last = v1::WatchResponse::default();
        loop {
            match self.try_message().await {
                Ok(Some(message)) => last = message,
                Ok(None) => panic!("the stream ended without a status"),
                Err(status) => return (last, status),
            }
        }
    }
}

pub(crate) fn from(start: Start) -> v1::WatchRequest {
    v1::WatchRequest { start: Some(start), ..Default::default() }
}

pub(crate) fn oldest() -> v1::WatchRequest {
    from(Start::FromOldest(true))
}

pub(crate) fn named(display_name: &str) -> v1::SourceRef {
    v1::SourceRef { display_name: display_name.into(), ..Default::default() }
}

pub(crate) fn claim(name: &str, source: &str) -> v1::Claim {
    v1::Claim {
        name: name.into(),
        statement: format!("{name} holds, says {source}."),
        attributions: vec![v1::Attribution { source: Some(named(source)), ..Default::default() }],
        ..Default::default()
    }
}

pub(crate) fn figure(id: &str, metric: &str) -> v1::Figure {
    let metric = Some(v1::Metric { key: metric.into(), ..Default::default() });
    v1::Figure { id: id.into(), value: "5".into(), metric, ..Default::default() }
}

pub(crate) fn claims(claims: impl IntoIterator<Item = v1::Claim>) -> v1::RecordRequest {
    v1::RecordRequest { claims: claims.into_iter().collect(), ..Default::default() }
}

/// A revision of a claim, of the fields named.
pub(crate) fn revise(claim: v1::Claim, paths: &[&str]) -> v1::RecordRequest {
    let update_mask = Some(prost_types::FieldMask { paths: paths.iter().map(|path| (*path).to_owned()).collect() });
    let record = Some(v1::revise::Record::Claim(claim));
    let revise = vec![v1::Revise { record, update_mask, reason: "wrong".into(), ..Default::default() }];
    v1::RecordRequest { revise, ..Default::default() }
}

pub(crate) fn retract(name: &str) -> v1::RecordRequest {
    let retract = v1::Retract {
        name: name.into(),
        retracted_by: v1::RetractedBy::Recorder.into(),
        reason: "twice".into(),
        ..Default::default()
    };
    v1::RecordRequest { retract: vec![retract], ..Default::default() }
}

pub(crate) fn reinstate(name: &str) -> v1::RecordRequest {
    let reinstate = vec![v1::Reinstate { name: name.into(), reason: "stands".into(), ..Default::default() }];
    v1::RecordRequest { reinstate, ..Default::default() }
}

/// The name of a version's record.
pub(crate) fn name(version: &v1::Version) -> String {
    use v1::version::Record;
    match version.record.as_ref().unwrap() {
        Record::Article(record) => record.name.clone(),
        Record::Source(record) => record.name.clone(),
        Record::Claim(record) => record.name.clone(),
        Record::Relation(record) => record.name.clone(),
        Record::Assessment(record) => record.name.clone(),
    }
}

/// The names of the records a message changed.
pub(crate) fn names(message: &v1::WatchResponse) -> Vec<String> {
    message.changes.iter().map(|change| name(change.version.as_ref().unwrap())).collect()
}

/// The claim of a version.
pub(crate) fn as_claim(version: Option<&v1::Version>) -> &v1::Claim {
    match version.and_then(|version| version.record.as_ref()) {
        Some(v1::version::Record::Claim(claim)) => claim,
        other => panic!("{other:?}"),
    }
}

/// The reason of a refusal, and one value of its metadata.
pub(crate) fn reason(status: &Status, key: &str) -> (String, String) {
    let info = status.get_details_error_info().expect("every error carries ErrorInfo");
    assert_eq!(info.domain, "claimdb");
    (info.reason, info.metadata.get(key).cloned().unwrap_or_default())
}

/// The fields that are wrong.
pub(crate) fn fields(status: &Status, expected: &str) -> Vec<String> {
    assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}");
    assert_eq!(reason(status, "").0, expected);
    let details = status.get_error_details();
    details.bad_request().unwrap().field_violations.iter().map(|field| field.field.clone()).collect()
}
