//! `grpc.health.v1`: one phase of the server, seen under several names.
//!
//! Own implementation of tonic-health's trait: its reporter has a state per name to keep in step, and answers a
//! watch of an unknown name NOT_FOUND where the specification asks for a stream that says SERVICE_UNKNOWN.

use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::call::{reason, status_with};

/// The name that is SERVING as long as the process listens: restarting helps only when it is not.
pub const LIVENESS: &str = "liveness";

/// The name that is SERVING while calls are welcome; the same as the empty name and every service's.
pub const READINESS: &str = "readiness";

/// Says how the server is.
#[derive(Clone, Debug)]
pub struct Health(Arc<watch::Sender<Phase>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Opening,
    Serving,
    NotServing,
    Draining,
}

impl Health {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Opening)))
    }

    /// Calls are welcome.
    pub fn serving(&self) {
        self.enter(Phase::Serving);
    }

    /// Calls will fail, as with a damaged store.
    pub fn not_serving(&self) {
        self.enter(Phase::NotServing);
    }

    /// The server is going away; there is no way back.
    pub fn draining(&self) {
        self.enter(Phase::Draining);
    }

    fn enter(&self, phase: Phase) {
        self.0.send_if_modified(|now| {
            let changes = *now != Phase::Draining && *now != phase;
            if changes {
                *now = phase;
            }
            changes
        });
    }
}

/// Answers probes.
pub(super) struct Service {
    phase: watch::Receiver<Phase>,
    names: Vec<String>,
}

impl Service {
    /// Answers for the standard names and for these services.
    pub(super) fn new(health: &Health, services: &[String]) -> Self {
        let standard = ["", LIVENESS, READINESS].map(str::to_owned);
        let names = standard.into_iter().chain(services.iter().cloned()).collect();
        Self { phase: health.0.subscribe(), names }
    }
}

fn status(name: &str, phase: Phase) -> ServingStatus {
    match phase {
        Phase::Serving => ServingStatus::Serving,
        Phase::Opening | Phase::NotServing | Phase::Draining if name == LIVENESS => ServingStatus::Serving,
        Phase::Opening | Phase::NotServing | Phase::Draining => ServingStatus::NotServing,
    }
}

#[tonic::async_trait]
impl health_server::Health for Service {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let name = request.into_inner().service;
        if !self.names.contains(&name) {
            let message = format!("no service {name:.100}");
            return Err(status_with(Code::NotFound, reason::RESOURCE_NOT_FOUND, message, []));
        }
        let status = status(&name, *self.phase.borrow());
        Ok(Response::new(HealthCheckResponse { status: status.into() }))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let name = request.into_inner().service;
        let known = self.names.contains(&name);
        let mut last = None;
        let stream = WatchStream::new(self.phase.clone()).filter_map(move |phase| {
            let now = if known { status(&name, phase) } else { ServingStatus::ServiceUnknown };
            let changed = last.replace(now) != Some(now);
            changed.then(|| Ok(HealthCheckResponse { status: now.into() }))
        });
        Ok(Response::new(Box::pin(stream)))
    }
}
