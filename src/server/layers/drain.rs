//! Lets every call see that the server drains, and ends with a proper status those that did not end themselves.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::Request;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::body::Body;

use super::{Around, Frames, PollFrame, Reply, end_with, is_infrastructure, layered_body, next_frame};
use crate::call::{Draining, shutting_down};

/// Ends calls with the server.
#[derive(Clone, Debug)]
pub(in crate::server) struct Drain {
    /// Cancelled when the drain starts: handlers end their streams where they can be resumed.
    pub(in crate::server) draining: CancellationToken,
    /// Cancelled shortly before connections are cut: what still runs is ended here.
    pub(in crate::server) ending: CancellationToken,
}

impl Around for Drain {
    fn around(&self, mut request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        // A health watch has nothing to finish, and would hold up every drain to its cap.
        let infrastructure = is_infrastructure(request.uri().path());
        let end = if infrastructure { &self.draining } else { &self.ending };
        let mut end = Box::pin(end.clone().cancelled_owned());
        request.extensions_mut().insert(Draining(self.draining.clone()));
        let reply = next(request);
        Box::pin(async move {
            tokio::select! {
                biased;
                response = reply => Ok(response?.map(|body| layered_body(Ends { end }, body))),
                () = &mut end => Ok(shutting_down().into_http()),
            }
        })
    }
}

struct Ends {
    end: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Frames for Ends {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        // The body first: a frame that is ready may be the handler's own last words.
        let frame = next_frame(body, cx);
        match &frame {
            Poll::Ready(Some(Ok(frame))) if frame.is_data() => {}
            Poll::Ready(_) => return frame,
            Poll::Pending => {}
        }
        if self.end.as_mut().poll(cx).is_ready() {
            return end_with(&shutting_down(), body);
        }
        frame
    }
}
