//! Keeps a panic in one call to that call: its client is told INTERNAL and an incident id, nobody else notices.
//!
//! tonic alone resets the stream, which clients report as CANCELLED.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use tonic::body::Body;

use super::{Around, Frames, PollFrame, Reply, answer, end_with, layered_body, next_frame};
use crate::call::{incident, panic_message};

/// Catches panics of the handler and of the response body.
#[derive(Clone, Debug)]
pub(in crate::server) struct Panics;

impl Around for Panics {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let method: Arc<str> = request.uri().path().into();
        // What a handler leaves half changed when it panics is its own: state shared between calls is behind
        // types that cannot be seen half changed.
        let mut reply = match catch_unwind(AssertUnwindSafe(|| next(request))) {
            Ok(reply) => reply,
            Err(payload) => return answer(incident(&method, panic_message(&*payload))),
        };
        Box::pin(async move {
            let polled = std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| reply.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(response)) => Poll::Ready(Ok(response)),
                Err(payload) => Poll::Ready(Err(payload)),
            });
            match polled.await {
                Ok(response) => Ok(response?.map(|body| layered_body(PanicsInBody { method }, body))),
                Err(payload) => Ok(incident(&method, panic_message(&*payload)).into_http()),
            }
        })
    }
}

struct PanicsInBody {
    method: Arc<str>,
}

impl Frames for PanicsInBody {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        match catch_unwind(AssertUnwindSafe(|| next_frame(body, cx))) {
            Ok(frame) => frame,
            Err(payload) => end_with(&incident(&self.method, panic_message(&*payload)), body),
        }
    }
}
