//! etcd: started with an empty store of its own, and called with the two messages that are needed.

use std::path::Path;
use std::process::Command;

use prost::Message;
use tonic::Status;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

use crate::process::{Server, free_port};

/// Room for what a long run puts, which by default is 2 GB.
const QUOTA_BYTES: u64 = 8 << 30;

/// `etcdserverpb.PutRequest`, and the answer, of which nothing is looked at.
#[derive(Clone, PartialEq, Message)]
struct PutRequest {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct PutResponse {}

/// `etcdserverpb.RangeRequest`: of one key when no end is given.
#[derive(Clone, PartialEq, Message)]
struct RangeRequest {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct RangeResponse {
    #[prost(message, repeated, tag = "2")]
    kvs: Vec<KeyValue>,
}

/// `mvccpb.KeyValue`.
#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(bytes = "vec", tag = "5")]
    value: Vec<u8>,
}

#[derive(Clone)]
pub(crate) struct Client(Channel);

impl Client {
    pub(crate) fn new(channel: Channel) -> Self {
        Self(channel)
    }

    /// Answered when it is durable.
    pub(crate) async fn put(&self, key: Vec<u8>, value: Vec<u8>) -> Result<(), Status> {
        let _: PutResponse = self.call("/etcdserverpb.KV/Put", PutRequest { key, value }).await?;
        Ok(())
    }

    pub(crate) async fn get(&self, key: Vec<u8>) -> Result<Vec<u8>, Status> {
        let found: RangeResponse = self.call("/etcdserverpb.KV/Range", RangeRequest { key }).await?;
        let first = found.kvs.into_iter().next();
        first.map(|found| found.value).ok_or_else(|| Status::not_found("no such key"))
    }

    async fn call<M, N>(&self, path: &'static str, request: M) -> Result<N, Status>
    where
        M: Message + 'static,
        N: Message + Default + 'static,
    {
        let mut client = tonic::client::Grpc::new(self.0.clone());
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = http::uri::PathAndQuery::from_static(path);
        let response = client.unary(tonic::Request::new(request), path, ProstCodec::default()).await?;
        Ok(response.into_inner())
    }
}

/// What `etcd --version` says, where it is installed.
pub(crate) fn version() -> Option<String> {
    let told = Command::new("etcd").arg("--version").output().ok()?;
    let text = String::from_utf8(told.stdout).ok()?;
    text.lines().next()?.rsplit(' ').next().map(str::to_owned)
}

pub(crate) async fn start(data: &Path) -> Server {
    let mut command = Command::new("etcd");
    command.args(["--logger", "zap", "--log-level", "error", "--quota-backend-bytes"]).arg(QUOTA_BYTES.to_string());
    command.arg("--data-dir").arg(data.join("etcd"));
    let peers = format!("http://127.0.0.1:{}", free_port());
    for option in ["--listen-peer-urls", "--initial-advertise-peer-urls"] {
        command.arg(option).arg(&peers);
    }
    command.arg("--initial-cluster").arg(format!("default={peers}"));
    let listen = |port| {
        let clients = format!("http://127.0.0.1:{port}");
        ["--listen-client-urls", &clients, "--advertise-client-urls", &clients].map(str::to_owned).to_vec()
    };
    Server::start_until(command, listen, async |channel| {
        // It answers once it has elected itself.
        Client::new(channel).put(b"ready".to_vec(), Vec::new()).await.is_ok()
    })
    .await
}
