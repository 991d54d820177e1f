//! What one gRPC call carries besides its message, shared by `server` (which puts it there) and `api` (which
//! reads it): request id, deadline, the news of a shutdown, and errors with reasons.

pub mod memory;
pub(crate) mod random;
mod status;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use status::{DOMAIN, incident, reason, reason_of, retry_after, status_with};

/// The id that ties a call to its log lines: the caller's `x-request-id`, or one made by the server. It is in the
/// extensions of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

/// When the call ends whatever happens. In the extensions of every request that has a deadline: every unary one,
/// and the streams whose caller set one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Instant);

impl Deadline {
    /// The time that is left; zero once it has passed.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// Cancelled when the server starts to drain. In the extensions of every request: a stream without an end of its
/// own ends with [`shutting_down`] when it sees this, having sent where to resume.
#[derive(Clone, Debug, Default)]
pub struct Draining(pub CancellationToken);

/// The answer to a call that a shutdown ends.
pub fn shutting_down() -> tonic::Status {
    retry_after(tonic::Code::Unavailable, reason::SHUTTING_DOWN, "the server is shutting down", Duration::ZERO, [])
}

/// The same, to a stream that can be resumed: it names the revision to go on from.
pub fn shutting_down_after(revision: u64) -> tonic::Status {
    let message = "the server is shutting down; go on from this revision with another one";
    let revision = ("revision", revision.to_string());
    retry_after(tonic::Code::Unavailable, reason::SHUTTING_DOWN, message, Duration::ZERO, [revision])
}

/// What a panic said, where it said a text.
pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
}
