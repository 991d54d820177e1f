//! What a team would write by hand instead: PostgreSQL behind a thin tonic service that speaks the same messages. Each
//! Record is one statement, so one transaction and one round trip, prepared, and pipelined over a few connections; the
//! service remembers which sources are there. It checks no quotes, keeps no history, and resolves only what it must.

mod pages;
mod plan;
mod rows;
mod store;
mod table;

use std::sync::Arc;

use claimdb::proto::claimdb::v1::{GetServerInfoRequest, GetServerInfoResponse};

pub(crate) use self::store::Store;
use crate::plan::Plan;
use crate::unary::{absent, answer, service};

/// Serves on a port until it is killed, with a cluster that listens on another.
pub(crate) fn serve(port: u16, cluster: u16, connections: usize) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = Arc::new(Store::open(cluster, connections).await.expect("the cluster answers"));
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        tonic::transport::Server::builder()
            .tcp_nodelay(true)
            .add_service(Records(Arc::clone(&store)))
            .add_service(Claims(Arc::clone(&store)))
            .add_service(Figures(store))
            .add_service(ServerInfo)
            .serve(address)
            .await
            .expect("a server");
    });
}

#[derive(Clone)]
struct Records(Arc<Store>);

service!(Records, "claimdb.v1.RecordService", |self, request| {
    let store = Arc::clone(&self.0);
    match request.uri().path() {
        "/claimdb.v1.RecordService/Record" => answer(request, |asked| async move { store.record(asked).await }),
        _ => absent(&request),
    }
});

#[derive(Clone)]
struct Claims(Arc<Store>);

service!(Claims, "claimdb.v1.ClaimService", |self, request| {
    let store = Arc::clone(&self.0);
    match request.uri().path() {
        "/claimdb.v1.ClaimService/GetClaim" => answer(request, |asked| async move { store.claim(asked).await }),
        "/claimdb.v1.ClaimService/QueryClaims" => {
            let plan = Plan::asked(request.headers());
            answer(request, move |asked| async move { store.claims(asked, plan).await })
        }
        _ => absent(&request),
    }
});

#[derive(Clone)]
struct Figures(Arc<Store>);

service!(Figures, "claimdb.v1.FigureService", |self, request| {
    let store = Arc::clone(&self.0);
    match request.uri().path() {
        "/claimdb.v1.FigureService/QueryFigures" => {
            let plan = Plan::asked(request.headers());
            answer(request, move |asked| async move { store.figures(asked, plan).await })
        }
        _ => absent(&request),
    }
});

#[derive(Clone)]
struct ServerInfo;

service!(ServerInfo, "claimdb.v1.ServerInfoService", |self, request| {
    answer(request, |_: GetServerInfoRequest| async { Ok(GetServerInfoResponse::default()) })
});
