//! A server on a free port, and a service made for testing it, written by hand so that no schema is needed.

use std::net::SocketAddr;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use claimdb::call::{Deadline, Draining, RequestId, shutting_down};
use claimdb::config;
use claimdb::server::{Drained, Gate, Health, Server};
use http::uri::PathAndQuery;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_stream::{Stream, StreamExt as _};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt as _;
use tower::service_fn;

/// The request and the response of every method.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Probe {
    #[prost(uint64, tag = "1")]
    pub(crate) value: u64,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) payload: Bytes,
    #[prost(string, tag = "3")]
    pub(crate) text: String,
}

impl Probe {
    pub(crate) fn of(value: u64) -> Self {
        Self { value, ..Self::default() }
    }
}

pub(crate) const SERVICE: &str = "test.v1.ProbeService";

const METHODS: [(&str, bool); 8] = [
    ("Slow", false),
    ("Big", false),
    ("Echo", false),
    ("Panic", false),
    ("Endless", true),
    ("Polite", true),
    ("PanicLater", true),
    ("Unserved", false),
];

pub(crate) fn descriptors() -> Vec<u8> {
    use prost_types::{
        DescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
    };
    let method = METHODS.map(|(name, streams)| MethodDescriptorProto {
        name: Some(name.into()),
        input_type: Some(".test.v1.Probe".into()),
        output_type: Some(".test.v1.Probe".into()),
        server_streaming: Some(streams),
        ..Default::default()
    });
    let service =
        ServiceDescriptorProto { name: Some("ProbeService".into()), method: method.to_vec(), ..Default::default() };
    let file = FileDescriptorProto {
        name: Some("test/v1/probe.proto".into()),
        package: Some("test.v1".into()),
        message_type: vec![DescriptorProto { name: Some("Probe".into()), ..Default::default() }],
        service: vec![service],
        ..Default::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}

/// The methods, by the last part of their path.
#[derive(Clone)]
pub(crate) struct ProbeService {
    pub(crate) limit: usize,
}

impl tonic::server::NamedService for ProbeService {
    const NAME: &'static str = SERVICE;
}

type Reply = Result<Response<Probe>, Status>;
type StreamReply = Result<Response<std::pin::Pin<Box<dyn Stream<Item = Result<Probe, Status>> + Send>>>, Status>;

impl tower::Service<http::Request<Body>> for ProbeService {
    type Response = http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<Probe, Probe>::default())
                .max_decoding_message_size(service.limit)
                .accept_compressed(tonic::codec::CompressionEncoding::Gzip)
                .max_encoding_message_size(service.limit);
            let method = request.uri().path().rsplit('/').next().unwrap().to_owned();
            Ok(match METHODS.iter().find(|(name, _)| *name == method) {
                Some((_, false)) => {
                    let handler = move |request| {
                        let (service, method) = (service.clone(), method.clone());
                        async move { service.unary(&method, request).await }
                    };
                    grpc.unary(service_fn(handler), request).await
                }
                Some((_, true)) => {
                    let handler = move |request| std::future::ready(stream(&method, &request));
                    grpc.server_streaming(service_fn(handler), request).await
                }
                None => Status::unimplemented("").into_http(),
            })
        })
    }
}

impl ProbeService {
    async fn unary(&self, method: &str, request: Request<Probe>) -> Reply {
        let wait = Duration::from_millis(request.get_ref().value);
        match method {
            "Slow" => tokio::time::sleep(wait).await,
            "Big" => {
                let payload = vec![7; usize::try_from(request.get_ref().value).unwrap()].into();
                return Ok(Response::new(Probe { payload, ..Probe::default() }));
            }
            "Panic" => panic!("a secret cause"),
            _ => {}
        }
        let left = request.extensions().get::<Deadline>().map_or(0, |deadline| deadline.left().as_millis());
        let id = request.extensions().get::<RequestId>().unwrap();
        let text = format!("{} {}", id.0, request.remote_addr().is_some());
        Ok(Response::new(Probe { value: u64::try_from(left).unwrap(), text, ..Probe::default() }))
    }
}

fn stream(method: &str, request: &Request<Probe>) -> StreamReply {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    // On a busy machine ticks that were missed would come at once, and what follows the first would be lost in a panic.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let ticks = tokio_stream::wrappers::IntervalStream::new(ticks);
    let draining = request.extensions().get::<Draining>().unwrap().clone();
    Ok(Response::new(match method {
        "PanicLater" => Box::pin(ticks.enumerate_ticks().map(|n| {
            assert!(n < 2, "a secret cause");
            Ok(Probe::of(n))
        })),
        "Polite" => Box::pin(
            ticks
                .enumerate_ticks()
                .map(move |n| if draining.0.is_cancelled() { Err(shutting_down()) } else { Ok(Probe::of(n)) }),
        ),
        _ => Box::pin(ticks.enumerate_ticks().map(|n| Ok(Probe::of(n)))),
    }))
}

trait EnumerateTicks: Stream + Sized {
    fn enumerate_ticks(self) -> impl Stream<Item = u64> {
        let mut n = 0;
        self.map(move |_| {
            n += 1;
            n - 1
        })
    }
}

impl<S: Stream> EnumerateTicks for S {}

/// A running server.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) gate: Gate,
    pub(crate) health: Health,
    pub(crate) service: ProbeService,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) ended: JoinHandle<Drained>,
}

/// Settings for tests: nothing here waits long.
pub(crate) fn settings() -> config::Server {
    config::Server {
        drain_grace: config::Period::millis(1000),
        request_timeout_max: config::Period::millis(400),
        ..config::Server::default()
    }
}

/// Listens; the service is not let in yet.
pub(crate) async fn listen(config: config::Server) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limit = config.max_message_bytes.as_usize();
    let server = Server::new(config, &[&descriptors()]).unwrap();
    let (gate, health) = (server.gate(), server.health());
    let service = ProbeService { limit };
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(server.run(listener, async move {
        let _ = stopped.await;
    }));
    Running { address, gate, health, service, stop: Some(stop), ended }
}

/// Listens and serves.
pub(crate) async fn start(config: config::Server) -> Running {
    let running = listen(config).await;
    running.gate.open(Routes::new(running.service.clone()));
    running
}

impl Running {
    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    pub(crate) async fn client(&self) -> Client {
        Client(self.channel().await)
    }

    /// Starts the drain.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }
}

#[derive(Clone)]
pub(crate) struct Client(pub(crate) Channel);

impl Client {
    pub(crate) async fn unary(&self, method: &str, request: Request<Probe>) -> Reply {
        let mut grpc = tonic::client::Grpc::new(self.0.clone()).max_decoding_message_size(64 << 20);
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        grpc.unary(request, path(method), ProstCodec::<Probe, Probe>::default()).await
    }

    pub(crate) async fn gzipped(&self, method: &str, request: Request<Probe>) -> Reply {
        let mut grpc =
            tonic::client::Grpc::new(self.0.clone()).send_compressed(tonic::codec::CompressionEncoding::Gzip);
        grpc.ready().await.unwrap();
        grpc.unary(request, path(method), ProstCodec::<Probe, Probe>::default()).await
    }

    pub(crate) async fn call(&self, method: &str, value: u64) -> Reply {
        self.unary(method, Request::new(Probe::of(value))).await
    }

    pub(crate) async fn stream(&self, method: &str, request: Request<Probe>) -> Result<Streaming<Probe>, Status> {
        let mut grpc = tonic::client::Grpc::new(self.0.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = ProstCodec::<Probe, Probe>::default();
        Ok(grpc.server_streaming(request, path(method), codec).await?.into_inner())
    }
}

fn path(method: &str) -> PathAndQuery {
    let path = if method.starts_with('/') { method.to_owned() } else { format!("/{SERVICE}/{method}") };
    path.parse().unwrap()
}

/// A call by a client that leaves its deadline to the server: tonic's own would end the call first, as CANCELLED.
pub(crate) async fn patient(address: SocketAddr, method: &str, request: Request<Probe>) -> Reply {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let service = service_fn(move |request: http::Request<Body>| {
        let mut sender = sender.clone();
        async move { sender.send_request(request).await }
    });
    let origin = format!("http://{address}").parse().unwrap();
    let mut grpc = tonic::client::Grpc::with_origin(service, origin);
    grpc.ready().await.unwrap();
    grpc.unary(request, path(method), ProstCodec::<Probe, Probe>::default()).await
}

/// A request with a raw header.
pub(crate) fn with_header(value: u64, name: &'static str, header: &str) -> Request<Probe> {
    let mut request = Request::new(Probe::of(value));
    request.metadata_mut().insert(name, header.parse().unwrap());
    request
}

/// Reads a stream to its end: how many messages came, and the status that ended it.
pub(crate) async fn drain(mut stream: Streaming<Probe>) -> (usize, Option<Status>) {
    let mut count = 0;
    loop {
        match stream.message().await {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, None),
            Err(status) => return (count, Some(status)),
        }
    }
}

/// The reason, and one value of the metadata.
pub(crate) fn info(status: &Status, key: &str) -> (String, String) {
    let info = status.get_details_error_info().expect("every error carries ErrorInfo");
    assert_eq!(info.domain, "claimdb");
    (info.reason, info.metadata.get(key).cloned().unwrap_or_default())
}
