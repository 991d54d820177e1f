//! Unary calls served by hand: what a generated server does, for the few calls of a service that are measured.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use prost::Message;
use tonic::body::Body;
use tonic::server::Grpc;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

pub(crate) type Reply = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

/// Decodes a request, calls, and encodes what it gave.
pub(crate) fn answer<M, N, C, F>(request: http::Request<Body>, call: C) -> Reply
where
    M: Message + Default + 'static,
    N: Message + Default + 'static,
    C: FnOnce(M) -> F + Clone + Send + 'static,
    F: Future<Output = Result<N, Status>> + Send + 'static,
{
    let method = tower::service_fn(move |request: Request<M>| {
        let answer = call.clone()(request.into_inner());
        async move { answer.await.map(Response::new) }
    });
    Box::pin(async move { Ok(Grpc::new(ProstCodec::default()).unary(method, request).await) })
}

/// The answer to a call that is not measured.
pub(crate) fn absent(request: &http::Request<Body>) -> Reply {
    let status = Status::unimplemented(format!("{} is not measured", request.uri().path()));
    Box::pin(async move { Ok(status.into_http()) })
}

/// Makes a type of a service, by what it replies to a request.
macro_rules! service {
    ($type:ty, $name:literal, |$self:ident, $request:ident| $reply:expr) => {
        impl tonic::server::NamedService for $type {
            const NAME: &'static str = $name;
        }

        impl tower::Service<http::Request<tonic::body::Body>> for $type {
            type Response = http::Response<tonic::body::Body>;
            type Error = std::convert::Infallible;
            type Future = $crate::unary::Reply;

            fn poll_ready(
                &mut self,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Result<(), std::convert::Infallible>> {
                std::task::Poll::Ready(Ok(()))
            }

            fn call(&mut $self, $request: http::Request<tonic::body::Body>) -> $crate::unary::Reply {
                $reply
            }
        }
    };
}

pub(crate) use service;
