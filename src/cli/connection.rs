//! The way to the server, and when it is worth trying again.

use std::time::{Duration, Instant};

use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use crate::call::{reason, reason_of};
use crate::cli::{Failure, chain, health};
use crate::config::{Config, Period};
use crate::domain::model::ErrorReason;

/// Whom to talk to.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Address {
    /// Address of the server, as HOST:PORT [default: the listen setting]
    #[arg(long, value_name = "ADDRESS")]
    server: Option<String>,
}

/// Whom to talk to, and how patiently.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Server {
    #[command(flatten)]
    address: Address,
    /// How long to try again while the server does not answer, or comes no further
    #[arg(long, default_value = "10m", value_name = "PERIOD")]
    retry_for: Period,
}

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// The pauses between attempts grow to this.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// How often a connection without traffic is tried: a server that is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

impl Address {
    pub(in crate::cli) fn endpoint(&self, config: &Config) -> Result<Endpoint, Failure> {
        let address = match &self.server {
            Some(address) if address.contains("://") => address.clone(),
            Some(address) => format!("http://{address}"),
            None => format!("http://{}", health::reachable(config.server.listen.0)),
        };
        let endpoint = Endpoint::from_shared(address.clone())
            .map_err(|error| Failure::Usage(format!("{address}: {}", chain(&error))))?;
        Ok(endpoint
            .connect_timeout(CONNECT)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_while_idle(true)
            // Batches of several MiB must not wait for windows of 64 KiB.
            .initial_stream_window_size(4 << 20)
            .initial_connection_window_size(8 << 20))
    }
}

impl Server {
    pub(in crate::cli) fn endpoint(&self, config: &Config) -> Result<Endpoint, Failure> {
        self.address.endpoint(config)
    }

    pub(in crate::cli) fn patience(&self) -> Patience {
        Patience { limit: self.retry_for.0, since: None, pause: Duration::ZERO }
    }
}

/// Connects.
pub(in crate::cli) async fn connect(endpoint: &Endpoint) -> Result<Channel, Interruption> {
    endpoint.connect().await.map_err(|error| Interruption { why: format!("{}: {}", endpoint.uri(), chain(&error)) })
}

/// Something that may be over when it is tried again.
#[derive(Debug)]
pub(in crate::cli) struct Interruption {
    pub(in crate::cli) why: String,
}

/// Waits between attempts, longer each time, until it has been too long without success.
#[derive(Debug)]
pub(in crate::cli) struct Patience {
    limit: Duration,
    since: Option<Instant>,
    pause: Duration,
}

impl Patience {
    /// Something went well.
    pub(in crate::cli) fn renew(&mut self) {
        (self.since, self.pause) = (None, Duration::ZERO);
    }

    /// Waits; false when it has been too long. The first time says so with `tell`.
    pub(in crate::cli) async fn wait(&mut self, tell: impl FnOnce()) -> bool {
        let since = *self.since.get_or_insert_with(|| {
            tell();
            Instant::now()
        });
        if since.elapsed() >= self.limit {
            return false;
        }
        self.pause = (self.pause * 2).clamp(Duration::from_millis(100), PAUSE_MAX);
        tokio::time::sleep(self.pause).await;
        true
    }
}

/// Whether a call that ended like this may do better next time: the connection or the server went away, or the server
/// cannot answer for a while.
pub(in crate::cli) fn is_interruption(status: &Status) -> bool {
    let reason = reason_of(status);
    match status.code() {
        Code::Unavailable | Code::Unknown | Code::Cancelled => true,
        Code::ResourceExhausted => reason.as_deref() == Some(ErrorReason::StoreFull.reason()),
        Code::DeadlineExceeded => reason.as_deref() == Some(reason::DEADLINE_EXCEEDED),
        // Without a reason it is not the server's: a connection that broke.
        Code::Internal => reason.is_none(),
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}

/// A status in one line.
pub(in crate::cli) fn told(status: &Status) -> String {
    let word = reason_of(status).unwrap_or_else(|| format!("{:?}", status.code()));
    format!("{word}: {}", status.message())
}
