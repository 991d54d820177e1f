//! Routes calls: standard services at once, the others as soon as they exist.
//!
//! The listener is bound and answers probes while the store opens, which takes as long as the tail of the log.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use tonic::Code;
use tonic::body::Body;
use tonic::service::Routes;
use tower::Service;

use super::health::Health;
use super::layers::Reply;
use super::methods::Methods;
use crate::call::{reason, retry_after, status_with};

/// How soon to ask again whether the store is open.
const OPENING_RETRY: Duration = Duration::from_millis(500);

/// What is told of the name of a method that there is not; those that there are have fewer.
const METHOD_CHARS_MAX: usize = 128;

/// Lets calls through to the services once there are any.
#[derive(Clone, Debug)]
pub struct Gate {
    pub(super) routes: Arc<OnceLock<Routes>>,
    pub(super) health: Health,
}

impl Gate {
    /// Starts serving these services and says so in health. Only the first call has an effect: services are not
    /// exchanged under their callers.
    pub fn open(&self, routes: Routes) {
        if self.routes.set(routes.prepare()).is_ok() {
            self.health.serving();
        }
    }
}

/// The innermost service.
#[derive(Clone, Debug)]
pub(super) struct Router {
    pub(super) methods: Arc<Methods>,
    pub(super) standard: Routes,
    pub(super) routes: Arc<OnceLock<Routes>>,
}

impl Service<Request<Body>> for Router {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Reply;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Reply {
        let path = request.uri().path();
        let status = if !self.methods.is_known(path) {
            // A path may be long, and what is told goes into trailers.
            let method: String = path.trim_start_matches('/').chars().take(METHOD_CHARS_MAX).collect();
            status_with(
                Code::Unimplemented,
                reason::METHOD_UNKNOWN,
                format!("no method {method}"),
                [("method", method)],
            )
        } else if super::layers::is_infrastructure(path) {
            return Box::pin(self.standard.call(request));
        } else if let Some(routes) = self.routes.get() {
            return Box::pin(routes.clone().call(request));
        } else {
            retry_after(Code::Unavailable, reason::STORE_OPENING, "the store is still opening", OPENING_RETRY, [])
        };
        Box::pin(std::future::ready(Ok(status.into_http())))
    }
}
