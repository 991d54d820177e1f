//! Names the messages that are too large, and those that are no messages.
//!
//! tonic answers the first OUT_OF_RANGE, which clients of a store take for a page beyond the end; the gRPC status
//! document and every other implementation say RESOURCE_EXHAUSTED. It answers the second INTERNAL, although the fault is
//! the caller's.

use std::task::{Context, Poll};

use http::{HeaderMap, Request};
use http_body::Frame;
use tonic::body::Body;
use tonic::{Code, Status};

use super::{Around, Frames, PollFrame, Reply, layered_body, next_frame, trailers};
use crate::call::{reason, status_with};

/// Rewrites tonic's statuses for messages it does not take.
#[derive(Clone, Debug)]
pub(in crate::server) struct Messages;

impl Around for Messages {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let reply = next(request);
        Box::pin(async move {
            let response = reply.await?;
            Ok(match rewritten(response.headers()) {
                Some(status) => status.into_http(),
                None => response.map(|body| layered_body(Messages, body)),
            })
        })
    }
}

impl Frames for Messages {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        let frame = next_frame(body, cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(status) = frame.trailers_ref().and_then(rewritten)
        {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers(&status)))));
        }
        frame
    }
}

/// The status these headers should have had, if they have one of tonic's for a message it does not take.
fn rewritten(headers: &HeaderMap) -> Option<Status> {
    // Cheap first: nearly every call ends OK.
    let code = Code::from_bytes(headers.get(Status::GRPC_STATUS)?.as_bytes());
    let is_ours = headers.contains_key(Status::GRPC_STATUS_DETAILS);
    if is_ours || !matches!(code, Code::OutOfRange | Code::ResourceExhausted | Code::Internal) {
        return None;
    }
    let status = Status::from_header_map(headers)?;
    if code == Code::Internal {
        let message = malformed(status.message())?;
        return Some(status_with(Code::InvalidArgument, reason::MESSAGE_MALFORMED, message, []));
    }
    let (direction, size, limit) = parse(status.message())?;
    let size_text = size.map_or_else(|| "more".to_owned(), |size| size.to_string());
    let message = format!("{direction} message too large: {size_text} bytes, the limit is {limit}");
    let limit = ("limit_bytes", limit.to_string());
    let direction = ("direction", direction.to_owned());
    let (code, reason) = (Code::ResourceExhausted, reason::MESSAGE_TOO_LARGE);
    Some(match size {
        Some(size) => status_with(code, reason, message, [("size_bytes", size.to_string()), limit, direction]),
        // A compressed message is given up at the limit; nobody knows how large it would have become.
        None => status_with(code, reason, message, [limit, direction]),
    })
}

/// How prost begins what it says of bytes that are no message.
const UNDECODABLE: &str = "failed to decode Protobuf message";
/// What tonic 0.14 says, and how it begins what it says, of bytes that are not framed as gRPC has it (its `codec/decode.rs` and
/// `server/grpc.rs`); a test holds them against the real thing.
const MISSING: &str = "Missing request message.";
const CUT_OFF: &str = "Unexpected EOF decoding stream.";
const MISFRAMED: [&str; 2] = ["protocol error: ", "Error decompressing: "];

/// What is wrong with a request that tonic blames itself for.
fn malformed(message: &str) -> Option<String> {
    if let Some(why) = message.strip_prefix(UNDECODABLE) {
        return Some(format!("the request is not a message of this method{why}"));
    }
    let why = match message {
        MISSING => "it has no message",
        CUT_OFF => "its message is cut off",
        _ => MISFRAMED.iter().any(|begin| message.starts_with(begin)).then_some(message)?,
    };
    Some(format!("the request is malformed: {why}"))
}

/// Direction, size and limit in tonic 0.14's messages (its `codec/decode.rs` and `codec/encode.rs`); a test holds
/// them against the real thing.
fn parse(message: &str) -> Option<(&'static str, Option<u64>, u64)> {
    let (direction, rest) = if let Some(rest) = message.strip_prefix("Error, decoded message length too large: found ")
    {
        ("request", rest)
    } else if let Some(rest) = message.strip_prefix("Error, encoded message length too large: found ") {
        ("response", rest)
    } else {
        let rest = message.strip_prefix("Error decompressing: size limit, of ")?;
        return Some(("request", None, rest.split(' ').next()?.parse().ok()?));
    };
    let mut words = rest.split(' ');
    let size = words.next()?.parse().ok()?;
    let limit = rest.rsplit(' ').nth(1)?.parse().ok()?;
    Some((direction, Some(size), limit))
}
