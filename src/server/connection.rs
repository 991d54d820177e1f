//! One connection: its greeting, its age, its part in the drain, its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;
use tower::{Service, ServiceExt as _};
use tracing::debug;

use super::layers::Reply;
use crate::call::random;
use crate::config;

/// What every HTTP/2 client says first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Pings begin after the greeting, so that a client that never says anything must be noticed otherwise.
const GREETING_MAX: Duration = Duration::from_secs(10);

/// Finds dead peers, and keeps middleboxes from forgetting idle ones: most do after a minute.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);

/// Streams reset by the client that may wait to be noticed. With h2's 20, a client whose deadlines pass in a burst
/// is thrown out (qdrant#1907); without a limit, resetting is an attack.
const PENDING_RESETS_MAX: usize = 1024;

/// Largest set of headers accepted: what gRPC implementations send at most, and a bound on memory per call.
const HEADER_LIST_BYTES_MAX: u32 = 16 * 1024;

/// Serves connections with one service, and knows when all have ended.
#[derive(Clone)]
pub(super) struct Connections {
    service: Shared,
    builder: auto::Builder<Tasks>,
    tasks: Tasks,
    draining: CancellationToken,
    age: Option<(Duration, Duration)>,
}

type Shared = tower::util::BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// Spawns a connection and its calls where they can be waited for and ended.
#[derive(Clone)]
struct Tasks {
    running: TaskTracker,
    closed: CancellationToken,
}

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future + Send + 'static,
{
    fn execute(&self, future: F) {
        let closed = self.closed.clone().cancelled_owned();
        self.running.spawn(async move {
            tokio::select! {
                _ = future => {}
                () = closed => {}
            }
        });
    }
}

impl Connections {
    /// `draining` asks connections to end, `closed` ends them.
    pub(super) fn new<S>(
        service: S,
        config: &config::Server,
        draining: CancellationToken,
        closed: CancellationToken,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future = Reply>,
        S: Clone + Send + Sync + 'static,
    {
        let tasks = Tasks { running: TaskTracker::new(), closed };
        let mut builder = auto::Builder::new(tasks.clone());
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .max_concurrent_streams(config.max_concurrent_streams)
            .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
            .max_header_list_size(HEADER_LIST_BYTES_MAX);
        // HTTP/1 is understood only to say that it is not served.
        builder.http1().timer(TokioTimer::new()).header_read_timeout(GREETING_MAX).keep_alive(false);
        let age = config.connection_age.unless_zero();
        Self {
            service: Shared::new(service),
            builder,
            tasks,
            draining,
            age: age.map(|age| (age, config.connection_age_grace.0)),
        }
    }

    /// Serves a connection; its place among the others is free again when it ends.
    pub(super) fn spawn(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let connections = self.clone();
        hyper::rt::Executor::execute(&self.tasks, async move {
            let _place = place;
            if connections.greeted(&stream).await {
                connections.serve(stream, peer).await;
            }
        });
    }

    /// Waits until every connection and every call on it has ended.
    pub(super) async fn wait(&self) {
        self.tasks.running.close();
        self.tasks.running.wait().await;
    }

    /// How many connections and calls there still are.
    pub(super) fn count(&self) -> usize {
        self.tasks.running.len()
    }

    /// Waits for the first words of the client, but not for ever, and not when the server goes away.
    async fn greeted(&self, stream: &TcpStream) -> bool {
        tokio::select! {
            greeted = tokio::time::timeout(GREETING_MAX, greeting(stream)) => greeted.unwrap_or(false),
            () = self.draining.cancelled() => false,
        }
    }

    async fn serve(self, stream: TcpStream, peer: SocketAddr) {
        let info = TcpConnectInfo { local_addr: stream.local_addr().ok(), remote_addr: Some(peer) };
        let service = self.service.map_request(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(info.clone());
            request
        });
        let io = TokioIo::new(stream);
        let mut connection = pin!(self.builder.serve_connection(io, TowerToHyperService::new(service)));
        // Varied, so that connections made together do not end together.
        let age = self.age.map(|(age, grace)| (age.mul_f64(random::between(0.9, 1.1)), grace));
        let mut aged = pin!(sleep(age.map(|(age, _)| age)));
        let mut cut = pin!(sleep(None));
        let mut leaving = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        debug!(%peer, error, "connection failed");
                    }
                    return;
                }
                () = self.draining.cancelled(), if !leaving => {
                    connection.as_mut().graceful_shutdown();
                    leaving = true;
                }
                () = &mut aged, if !leaving => {
                    connection.as_mut().graceful_shutdown();
                    leaving = true;
                    cut.set(sleep(age.map(|(_, grace)| grace)));
                }
                () = &mut cut => {
                    debug!(%peer, "connection closed with calls in flight");
                    return;
                }
            }
        }
    }
}

/// Sleeps so long, or for ever.
async fn sleep(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// Whether the client began to speak: the whole preface of HTTP/2, or something else that can be answered at once.
async fn greeting(stream: &TcpStream) -> bool {
    /// A preface in pieces is rare; looking again a little later is simpler than buffering.
    const AGAIN: Duration = Duration::from_millis(10);
    let mut start = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut start).await {
            Ok(0) | Err(_) => return false,
            Ok(length) if length < PREFACE.len() && PREFACE.starts_with(&start[..length]) => {
                tokio::time::sleep(AGAIN).await;
            }
            Ok(_) => return true,
        }
    }
}
