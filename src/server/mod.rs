//! The server: everything around the handlers. It knows gRPC and descriptors, and nothing of claims.
//!
//! tonic's stock server answers expired calls CANCELLED, forgets the deadlines of streams, cuts aged connections
//! without a word, drains for ever and turns a panic into a protocol error; so the accept loop, the connections and
//! the layers are our own, around tonic's routes.

mod accept;
mod connection;
mod gate;
mod health;
mod layers;
mod methods;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tracing::{info, warn};

use crate::call::memory;
use crate::config;
use connection::Connections;
use layers::{Deadlines, Drain, GrpcOnly, Layered, Log, Messages, Overload, Panics, Reply, Scarcity};
use methods::Methods;

pub use gate::Gate;
pub use health::{Health, LIVENESS, READINESS};

/// The part of the drain kept for telling calls that still run why they end, before their connection is cut.
const ENDING_SHARE: u32 = 10;
const ENDING_MAX: Duration = Duration::from_secs(1);

/// Bytes of what health and reflection are asked, which are names. They are answered whatever else goes on, and without weighing.
const NAME_BYTES_MAX: usize = 64 << 10;

/// Why a server cannot be put together. Each is a mistake in the program, not in its use.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A descriptor set is none.
    #[error("a descriptor set cannot be read")]
    Descriptors(#[from] prost::DecodeError),
    /// The descriptor sets do not fit together.
    #[error("reflection cannot be set up")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Every call ended in time.
    Whole,
    /// Some had to be cut.
    Cut,
}

/// A server that is set up and does not listen yet.
pub struct Server {
    config: config::Server,
    methods: Arc<Methods>,
    standard: Routes,
    routes: Arc<OnceLock<Routes>>,
    health: Health,
    draining: CancellationToken,
}

impl Server {
    /// A server for the services in these encoded descriptor sets. The sets say which names health answers for,
    /// which methods exist and which of them stream, so every service that will be opened must be in them; health
    /// and reflection are added here.
    pub fn new(config: config::Server, descriptors: &[&[u8]]) -> Result<Self, Error> {
        use tonic_reflection::pb;
        let mut served = descriptors.to_vec();
        served.push(tonic_health::pb::FILE_DESCRIPTOR_SET);
        let mut reflection = tonic_reflection::server::Builder::configure();
        let mut reflection_alpha = tonic_reflection::server::Builder::configure();
        for set in &served {
            reflection = reflection.register_encoded_file_descriptor_set(set);
            reflection_alpha = reflection_alpha.register_encoded_file_descriptor_set(set);
        }
        if config.reflection {
            served.push(pb::v1::FILE_DESCRIPTOR_SET);
            served.push(pb::v1alpha::FILE_DESCRIPTOR_SET);
        }
        let methods = Methods::read(&served)?;
        let health = Health::new();
        let service = HealthServer::new(health::Service::new(&health, methods.services()));
        let mut standard = Routes::new(service.max_decoding_message_size(NAME_BYTES_MAX));
        if config.reflection {
            standard = standard
                .add_service(reflection.build_v1()?.max_decoding_message_size(NAME_BYTES_MAX))
                .add_service(reflection_alpha.build_v1alpha()?.max_decoding_message_size(NAME_BYTES_MAX));
        }
        Ok(Self {
            config,
            methods: Arc::new(methods),
            standard: standard.prepare(),
            routes: Arc::default(),
            health,
            draining: CancellationToken::new(),
        })
    }

    /// Lets the services in when they are ready.
    pub fn gate(&self) -> Gate {
        Gate { routes: Arc::clone(&self.routes), health: self.health.clone() }
    }

    /// Says how the server is.
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Serves until `shutdown`, then drains: health says NOT_SERVING, `drain_delay` passes as usual, the listener
    /// closes and clients are asked to go away, calls end within `drain_grace`, the rest is cut.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Drained {
        let closed = CancellationToken::new();
        // Dropping this future must not leave connections behind.
        let _closes = closed.clone().drop_guard();
        let ending = CancellationToken::new();
        let service = self.service(ending.clone());
        let connections = Connections::new(service, &self.config, self.draining.clone(), closed.clone());
        let stop = async {
            shutdown.await;
            info!("draining");
            self.health.draining();
            tokio::time::sleep(self.config.drain_delay.0).await;
        };
        tokio::select! {
            () = accept::accept(listener, connections.clone(), self.config.max_connections) => {}
            () = stop => {}
        }
        self.draining.cancel();
        let grace = self.config.drain_grace.0;
        let end = Instant::now() + grace;
        let drained = async {
            if timeout_at(end - (grace / ENDING_SHARE).min(ENDING_MAX), connections.wait()).await.is_err() {
                ending.cancel();
                connections.wait().await;
            }
        };
        let drained = match timeout_at(end, drained).await {
            Ok(()) => Drained::Whole,
            Err(_) => {
                warn!(tasks = connections.count(), "drain_grace passed, closing connections under their calls");
                Drained::Cut
            }
        };
        closed.cancel();
        // A handler that blocks its thread cannot be ended; it must not keep the process from ending.
        let _ = timeout(ENDING_MAX, connections.wait()).await;
        info!(whole = drained == Drained::Whole, "drained");
        drained
    }

    /// The layers around the router; `layers/mod.rs` says why in this order.
    fn service(
        &self,
        ending: CancellationToken,
    ) -> impl tower::Service<
        http::Request<tonic::body::Body>,
        Response = http::Response<tonic::body::Body>,
        Error = std::convert::Infallible,
        Future = Reply,
    > + Clone
    + Send
    + Sync
    + 'static {
        let inner = gate::Router {
            methods: Arc::clone(&self.methods),
            standard: self.standard.clone(),
            routes: Arc::clone(&self.routes),
        };
        let layer = Deadlines { methods: Arc::clone(&self.methods), unary_max: self.config.request_timeout_max.0 };
        let inner = Layered { layer, inner };
        let inner = Layered { layer: Scarcity::new(Arc::clone(&self.methods), memory::process()), inner };
        let inner = Layered { layer: Overload::new(self.config.max_concurrent_requests), inner };
        let layer = Drain { draining: self.draining.clone(), ending };
        let inner = Layered { layer, inner };
        let inner = Layered { layer: Panics, inner };
        let inner = Layered { layer: Messages, inner };
        let inner = Layered { layer: GrpcOnly, inner };
        Layered { layer: Log, inner }
    }
}
