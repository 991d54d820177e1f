//! Errors as clients see them: every status carries an `ErrorInfo` whose reason is stable, as its text is not.

use std::collections::HashMap;
use std::time::Duration;

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The `ErrorInfo.domain` of every error.
pub const DOMAIN: &str = "claimdb";

/// gRFC A6: how long a client that retries by itself holds back.
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// The reasons the transport knows; those of the operations live with the operations.
pub mod reason {
    /// The caller's deadline, or the server's own for unary calls, passed.
    pub const DEADLINE_EXCEEDED: &str = "DEADLINE_EXCEEDED";
    /// A request header the server acts on cannot be read.
    pub const HEADER_INVALID: &str = "HEADER_INVALID";
    /// A bug in the server; the incident id finds it in the log.
    pub const INTERNAL: &str = "INTERNAL";
    /// The bytes of a request are not a message of its method.
    pub const MESSAGE_MALFORMED: &str = "MESSAGE_MALFORMED";
    /// A request or response message is above the transport's limit.
    pub const MESSAGE_TOO_LARGE: &str = "MESSAGE_TOO_LARGE";
    /// No such service or method in this server.
    pub const METHOD_UNKNOWN: &str = "METHOD_UNKNOWN";
    /// Too many calls in flight; nothing was done.
    pub const OVERLOADED: &str = "OVERLOADED";
    /// What was named does not exist.
    pub const RESOURCE_NOT_FOUND: &str = "RESOURCE_NOT_FOUND";
    /// The server is going away; another one, or this one a moment later, will answer.
    pub const SHUTTING_DOWN: &str = "SHUTTING_DOWN";
    /// The server listens, and the store is not open yet.
    pub const STORE_OPENING: &str = "STORE_OPENING";
}

/// A status with its reason, and with what a program needs of the message as metadata.
pub fn status_with<const N: usize>(
    code: Code,
    reason: &str,
    message: impl Into<String>,
    metadata: [(&str, String); N],
) -> Status {
    Status::with_error_details(code, message, details(reason, metadata))
}

/// A status that says when to try again, to programs (RetryInfo) and to clients that retry by themselves.
pub fn retry_after<const N: usize>(
    code: Code,
    reason: &str,
    message: impl Into<String>,
    delay: Duration,
    metadata: [(&str, String); N],
) -> Status {
    let mut details = details(reason, metadata);
    details.set_retry_info(Some(delay));
    let mut pushback = MetadataMap::new();
    let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
    pushback.insert(PUSHBACK, MetadataValue::from(millis));
    Status::with_error_details_and_metadata(code, message, details, pushback)
}

/// Logs a bug under a new incident id and returns the answer, which has that id and no cause: causes name files,
/// keys and contents.
pub fn incident(method: &str, cause: &str) -> Status {
    let incident_id = uuid::Uuid::now_v7().to_string();
    tracing::error!(incident_id, method, cause, "a call ended in a panic");
    status_with(
        Code::Internal,
        reason::INTERNAL,
        format!("internal error, incident {incident_id}"),
        [("incident_id", incident_id)],
    )
}

/// The reason a status carries.
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

fn details<const N: usize>(reason: &str, metadata: [(&str, String); N]) -> ErrorDetails {
    let metadata: HashMap<String, String> = metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    ErrorDetails::with_error_info(reason, DOMAIN, metadata)
}
