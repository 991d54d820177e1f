//! Bounds the calls in flight over all connections, and turns away the next one before any work is done.
//!
//! tonic's own limit is per connection, and its refusal has no reason a client could act on.

use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use http::Request;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;
use tonic::{Code, Status};

use super::{Around, Frames, PollFrame, Reply, answer, is_infrastructure, layered_body, next_frame};
use crate::call::{random, reason, retry_after};

/// Long enough that a retry finds other calls ended, short enough that nobody gives up.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Admits so many calls at once; each keeps its place until its response is out.
#[derive(Clone, Debug)]
pub(in crate::server) struct Overload {
    places: Arc<Semaphore>,
    limit: usize,
}

impl Overload {
    pub(in crate::server) fn new(limit: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(limit)), limit }
    }

    fn refusal(&self) -> Status {
        // Varied, so that those turned away together do not come back together.
        let delay = RETRY_DELAY.mul_f64(random::between(1.0, 3.0));
        let message = format!("{} calls are in flight, which is the limit", self.limit);
        let limit = ("max_concurrent_requests", self.limit.to_string());
        retry_after(Code::Unavailable, reason::OVERLOADED, message, delay, [limit])
    }
}

impl Around for Overload {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        if is_infrastructure(request.uri().path()) {
            return next(request);
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return answer(self.refusal());
        };
        let reply = next(request);
        Box::pin(async move {
            let response = reply.await?;
            Ok(response.map(|body| layered_body(Holds { _place: place }, body)))
        })
    }
}

struct Holds {
    _place: OwnedSemaphorePermit,
}

impl Frames for Holds {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        next_frame(body, cx)
    }
}
