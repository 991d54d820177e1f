//! `claimdb serve`: listens first, then opens the store, then serves until a signal.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::net::TcpListener;
use tonic::service::Routes;
use tracing::{info, warn};

use super::signals::stop_on_signals;
use super::{Failure, chain, threads};
use crate::config::Config;
use crate::server::{Health, Server};
use crate::telemetry;

/// Threads busy with the disk cannot be interrupted; the process does not wait for them longer than this.
const RUNTIME_END: Duration = Duration::from_secs(1);

/// Signals to all processes of a server arrive within this.
const STOPPED_WITHIN: Duration = Duration::from_millis(200);

/// The services the program serves besides the standard ones, and how to open them.
pub struct Services {
    /// Their encoded descriptor sets.
    pub descriptors: &'static [&'static [u8]],
    /// Opens the store and makes the services over it, while the server already listens. Dropped if the process is
    /// to stop before that is done.
    pub open: Open,
}

/// See [`Services::open`].
pub type Open = Box<dyn FnOnce(Context) -> Task<Result<Opened, OpenError>> + Send>;

/// Work that was handed over.
pub type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What services are made with.
#[derive(Clone, Debug)]
pub struct Context {
    /// The effective configuration. Services apply `server.max_message_bytes` to their own codecs, both ways.
    pub config: Config,
    /// To say that the store can no longer serve.
    pub health: Health,
}

/// Services that are ready.
pub struct Opened {
    /// The services.
    pub routes: Routes,
    /// Closes the store, after the last call.
    pub close: Task<Result<(), String>>,
}

/// Why the store did not open.
#[derive(Debug)]
pub enum OpenError {
    /// Another process holds it.
    Locked(String),
    /// It is damaged.
    Damaged(String),
    /// Anything else.
    Other(String),
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Locked(message) => Self::Locked(message),
            OpenError::Damaged(message) => Self::Damaged(message),
            OpenError::Other(message) => Self::Error(message),
        }
    }
}

/// Serves until a signal ends it.
pub(super) fn run(config: Config, services: Services) -> Result<(), Failure> {
    telemetry::init(&config.log)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(threads::workers(&config)).max_blocking_threads(threads::blocking(&config));
    let runtime = runtime.enable_all().build().map_err(|error| Failure::Error(format!("no runtime: {error}")))?;
    let ended = runtime.block_on(serve(config, services));
    runtime.shutdown_timeout(RUNTIME_END);
    ended
}

async fn serve(config: Config, services: Services) -> Result<(), Failure> {
    // Before anything else: a signal while starting must find somebody who listens.
    let stop = stop_on_signals(|| warn!("second signal, exiting at once"))?;
    let server =
        Server::new(config.server.clone(), services.descriptors).map_err(|error| Failure::Error(chain(&error)))?;
    let address = config.server.listen.0;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Error(format!("cannot listen on {address}: {error}")))?;
    let address = listener.local_addr().unwrap_or(address);
    info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");

    let gate = server.gate();
    let context = Context { health: server.health(), config };
    let mut running = pin!(server.run(listener, stop.clone().cancelled_owned()));
    let opened = tokio::select! {
        _ = &mut running => return Ok(()),
        opened = (services.open)(context) => opened,
    };
    let opened = match opened {
        Ok(opened) => opened,
        // Who ends this process may have ended the one that opens the store first, a moment before.
        Err(OpenError::Other(reason)) if tokio::time::timeout(STOPPED_WITHIN, stop.cancelled()).await.is_ok() => {
            warn!(reason, "the store was not opened");
            running.await;
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    gate.open(opened.routes);
    info!("serving");
    running.await;
    opened.close.await.map_err(Failure::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_that_does_not_open_ends_the_server_with_its_reason() {
        let mut config = Config::default();
        config.server.listen.0.set_port(0);
        let open = |context: Context| -> Task<Result<Opened, OpenError>> {
            Box::pin(async move {
                assert_eq!(context.config.server.listen.0.port(), 0);
                Err(OpenError::Locked("by 42".to_owned()))
            })
        };
        let services = Services { descriptors: &[], open: Box::new(open) };
        let failure = serve(config, services).await.unwrap_err();
        assert!(matches!(failure, Failure::Locked(by) if by == "by 42"));
    }
}
