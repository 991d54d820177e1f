//! A tonic server with the same messages and no work: the limit of the transport.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use claimdb::proto::claimdb::v1::*;
use prost::Message;
use tonic::body::Body;
use tonic::server::{Grpc, NamedService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

struct Bare {
    claim: Claim,
    results: Vec<RecordResult>,
}

pub(crate) fn serve(port: u16) {
    let request = crate::client::small_request(1);
    let claim = request.claims[0].clone();
    // As many results as the real server gives: article, claim, and the two sources given inline.
    let result = |record| RecordResult { name: claim.name.clone(), record: Some(record), ..RecordResult::default() };
    let source = Source { display_name: "Outlet 1".to_owned(), ..Source::default() };
    let results = vec![
        result(record_result::Record::Article(request.articles[0].clone())),
        result(record_result::Record::Claim(claim.clone())),
        result(record_result::Record::Source(source.clone())),
        result(record_result::Record::Source(source)),
    ];
    let bare = Arc::new(Bare { claim, results });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        tonic::transport::Server::builder()
            .tcp_nodelay(true)
            .add_service(Records(Arc::clone(&bare)))
            .add_service(Claims(bare))
            .add_service(ServerInfo)
            .serve(address)
            .await
            .expect("a server");
    });
}

type Reply = Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

/// What a generated server does, for the one method that is measured.
fn answer<M: Message + Default + 'static, N: Message + Default + Clone + 'static>(
    request: http::Request<Body>,
    response: impl Fn() -> N + Clone + Send + 'static,
) -> Reply {
    let method = tower::service_fn(move |_: Request<M>| {
        let response = response.clone();
        async move { Ok::<_, Status>(Response::new(response())) }
    });
    Box::pin(async move { Ok(Grpc::new(ProstCodec::default()).unary(method, request).await) })
}

macro_rules! service {
    ($type:ty, $name:literal, |$self:ident, $request:ident| $reply:expr) => {
        impl NamedService for $type {
            const NAME: &'static str = $name;
        }

        impl tower::Service<http::Request<Body>> for $type {
            type Response = http::Response<Body>;
            type Error = Infallible;
            type Future = Reply;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut $self, $request: http::Request<Body>) -> Reply {
                $reply
            }
        }
    };
}

#[derive(Clone)]
struct Records(Arc<Bare>);

service!(Records, "claimdb.v1.RecordService", |self, request| {
    let bare = Arc::clone(&self.0);
    answer::<RecordRequest, _>(request, move || {
        let commit = Some(CommitInfo { revision: 1, committed: true, ..CommitInfo::default() });
        RecordResponse { commit, results: bare.results.clone(), ..RecordResponse::default() }
    })
});

#[derive(Clone)]
struct Claims(Arc<Bare>);

service!(Claims, "claimdb.v1.ClaimService", |self, request| {
    let bare = Arc::clone(&self.0);
    answer::<GetClaimRequest, _>(request, move || GetClaimResponse { claim: Some(bare.claim.clone()), read: None })
});

#[derive(Clone)]
struct ServerInfo;

service!(ServerInfo, "claimdb.v1.ServerInfoService", |self, request| {
    answer::<GetServerInfoRequest, _>(request, GetServerInfoResponse::default)
});
