//! Gives every call an id and one log line, written when the last byte is out or the client is gone.
//!
//! The code is read where gRPC puts it, in the trailers. Payloads are never logged.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;
use tonic::{Code, Status};
use tracing::{Instrument as _, Span};

use super::{Around, Frames, PollFrame, Reply, is_infrastructure, layered_body, next_frame};
use crate::call::{RequestId, reason_of};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids are not taken over: they are in every log line of the call.
const REQUEST_ID_CHARS_MAX: usize = 64;

/// Writes the line.
#[derive(Clone, Debug)]
pub(in crate::server) struct Log;

impl Around for Log {
    fn around(&self, mut request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let (id, header) = request_id(request.headers());
        request.extensions_mut().insert(RequestId(Arc::clone(&id)));
        let span = tracing::info_span!("call", request_id = &*id);
        let mut line = Line::new(&request, id, span.clone());
        let received = Arc::clone(&line.received);
        let request = request.map(|body| layered_body(Received(received), body));
        let reply = span.in_scope(|| next(request)).instrument(span);
        Box::pin(async move {
            let mut response = reply.await?;
            line.head(&response);
            response.headers_mut().insert(X_REQUEST_ID, header);
            Ok(response.map(|body| layered_body(line, body)))
        })
    }
}

/// The caller's id if it is harmless in a header and in a log, otherwise a new one.
fn request_id(headers: &HeaderMap) -> (Arc<str>, HeaderValue) {
    let is_sane = |text: &str| {
        (1..=REQUEST_ID_CHARS_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:~/+=@".contains(&b))
    };
    if let Some(header) = headers.get(X_REQUEST_ID)
        && let Ok(text) = header.to_str()
        && is_sane(text)
    {
        return (text.into(), header.clone());
    }
    let id = uuid::Uuid::now_v7().to_string();
    let header = HeaderValue::from_str(&id).expect("hexadecimal digits are valid in a header");
    (id.into(), header)
}

/// Counts the bytes of the request as they arrive.
struct Received(Arc<AtomicU64>);

impl Frames for Received {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        let frame = next_frame(body, cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.0.fetch_add(data.len() as u64, Ordering::Relaxed);
        }
        frame
    }
}

/// What is known of a call so far; dropping it writes the line, so that a call whose client went away has one too.
struct Line {
    /// Streams work while they are read: what they log is of the call, too.
    span: Span,
    method: String,
    request_id: Arc<str>,
    peer: Option<String>,
    started: Instant,
    received: Arc<AtomicU64>,
    sent: u64,
    outcome: Outcome,
}

enum Outcome {
    Unfinished,
    Grpc { code: Code, reason: Option<String> },
    NotGrpc(StatusCode),
}

impl Line {
    fn new(request: &Request<Body>, request_id: Arc<str>, span: Span) -> Self {
        let peer = request.extensions().get::<TcpConnectInfo>().and_then(|info| info.remote_addr);
        Self {
            span,
            method: request.uri().path().trim_start_matches('/').to_owned(),
            request_id,
            peer: peer.map(|address| address.to_string()),
            started: Instant::now(),
            received: Arc::default(),
            sent: 0,
            outcome: Outcome::Unfinished,
        }
    }

    fn head(&mut self, response: &Response<Body>) {
        if response.status() == StatusCode::OK {
            // An answer of headers only has its status there.
            self.status(response.headers());
        } else {
            self.outcome = Outcome::NotGrpc(response.status());
        }
    }

    fn status(&mut self, headers: &HeaderMap) {
        if let Some(status) = Status::from_header_map(headers) {
            self.outcome = Outcome::Grpc { code: status.code(), reason: reason_of(&status) };
        }
    }
}

impl Frames for Line {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        let frame = self.span.in_scope(|| next_frame(body, cx));
        if let Poll::Ready(Some(Ok(frame))) = &frame {
            if let Some(data) = frame.data_ref() {
                self.sent += data.len() as u64;
            } else if let Some(trailers) = frame.trailers_ref() {
                self.status(trailers);
            }
        }
        frame
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let (code, reason) = match &self.outcome {
            Outcome::Unfinished => ("CANCELLED".to_owned(), None),
            Outcome::Grpc { code, reason } => (code_name(*code).to_owned(), reason.as_deref()),
            Outcome::NotGrpc(status) => (format!("HTTP_{}", status.as_u16()), None),
        };
        // One macro per level: tracing fixes the level of a line at compile time.
        macro_rules! write_line {
            ($level:expr) => {
                tracing::event!(
                    target: "claimdb::call",
                    $level,
                    method = self.method,
                    code,
                    reason,
                    latency_ms = self.started.elapsed().as_micros() as f64 / 1000.0,
                    request_bytes = self.received.load(Ordering::Relaxed),
                    response_bytes = self.sent,
                    request_id = &*self.request_id,
                    peer = self.peer.as_deref(),
                    "call"
                )
            };
        }
        // Probes come every few seconds for ever and would drown the calls.
        if is_infrastructure(&format!("/{}", self.method)) {
            write_line!(tracing::Level::DEBUG);
        } else {
            write_line!(tracing::Level::INFO);
        }
    }
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
