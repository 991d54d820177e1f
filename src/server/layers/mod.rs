//! The tower layers around the handlers, one file each. None knows claimdb's protobuf.
//!
//! Outermost first: a call is logged, must be gRPC, has its size errors named, its panics caught, its end when the
//! server ends, its place among the others, the memory for it, its deadline; then it is routed.

mod deadline;
mod drain;
mod http;
mod log;
mod message;
mod overload;
mod panic;
mod scarcity;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::{HeaderMap, Request, Response};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tower::Service;

pub(super) use deadline::Deadlines;
pub(super) use drain::Drain;
pub(super) use http::GrpcOnly;
pub(super) use log::Log;
pub(super) use message::Messages;
pub(super) use overload::Overload;
pub(super) use panic::Panics;
pub(super) use scarcity::Scarcity;

/// The answer to a call, on its way.
pub(super) type Reply = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// What a layer does around the call it passes on.
pub(super) trait Around: Clone + Send + Sync + 'static {
    /// Answers `request`, by `next` or by itself.
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply;
}

/// A service with a layer around it.
#[derive(Clone, Debug)]
pub(super) struct Layered<L, S> {
    pub(super) layer: L,
    pub(super) inner: S,
}

impl<L, S> Service<Request<Body>> for Layered<L, S>
where
    L: Around,
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Reply;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Reply {
        let Self { layer, inner } = self;
        layer.around(request, |request| Box::pin(inner.call(request)))
    }
}

/// What a layer does to the frames of a body.
trait Frames: Send + Unpin + 'static {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame;

    /// Whether there is something to give that the body does not know of.
    fn has_more(&self) -> bool {
        false
    }
}

type PollFrame = Poll<Option<Result<Frame<Bytes>, Status>>>;

/// A body with a layer around it.
struct LayeredBody<F> {
    frames: F,
    body: Body,
}

impl<F: Frames> http_body::Body for LayeredBody<F> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> PollFrame {
        let Self { frames, body } = &mut *self;
        frames.poll_frame(body, cx)
    }

    fn is_end_stream(&self) -> bool {
        !self.frames.has_more() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // What is given besides is not in the body's.
        if self.frames.has_more() { SizeHint::default() } else { self.body.size_hint() }
    }
}

fn layered_body<F: Frames>(frames: F, body: Body) -> Body {
    Body::new(LayeredBody { frames, body })
}

fn next_frame(body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
    http_body::Body::poll_frame(Pin::new(body), cx)
}

/// Ends a response with this status instead of with what the handler had in mind, and lets go of the handler.
fn end_with(status: &Status, body: &mut Body) -> PollFrame {
    *body = Body::empty();
    Poll::Ready(Some(Ok(Frame::trailers(trailers(status)))))
}

fn trailers(status: &Status) -> HeaderMap {
    let mut map = HeaderMap::new();
    if status.add_header(&mut map).is_err() {
        // Only a message that cannot be a header gets here; the code alone always can.
        map.insert(Status::GRPC_STATUS, (status.code() as i32).into());
    }
    map
}

/// The whole answer is this status.
fn answer(status: Status) -> Reply {
    Box::pin(std::future::ready(Ok(status.into_http())))
}

/// Health and reflection: they hold no resource worth shedding, and probes must get through when little else does.
pub(super) fn is_infrastructure(path: &str) -> bool {
    path.starts_with("/grpc.")
}
