//! A tonic server with the same messages and no work: the limit of the transport.

use claimdb::proto::claimdb::v1::claim_service_server::{ClaimService, ClaimServiceServer};
use claimdb::proto::claimdb::v1::record_service_server::{RecordService, RecordServiceServer};
use claimdb::proto::claimdb::v1::server_info_service_server::{ServerInfoService, ServerInfoServiceServer};
use claimdb::proto::claimdb::v1::*;
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

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
    let bare = std::sync::Arc::new(Bare { claim, results });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        tonic::transport::Server::builder()
            .tcp_nodelay(true)
            .add_service(RecordServiceServer::from_arc(std::sync::Arc::clone(&bare)))
            .add_service(ClaimServiceServer::from_arc(std::sync::Arc::clone(&bare)))
            .add_service(ServerInfoServiceServer::from_arc(bare))
            .serve(address)
            .await
            .expect("a server");
    });
}

fn absent<T>() -> Answer<T> {
    Err(Status::unimplemented("the bare server only answers what is measured"))
}

#[tonic::async_trait]
impl RecordService for Bare {
    async fn record(&self, _: Request<RecordRequest>) -> Answer<RecordResponse> {
        let commit = Some(CommitInfo { revision: 1, committed: true, ..CommitInfo::default() });
        Ok(Response::new(RecordResponse { commit, results: self.results.clone(), ..RecordResponse::default() }))
    }

    async fn revise(&self, _: Request<ReviseRequest>) -> Answer<ReviseResponse> {
        absent()
    }

    async fn retract(&self, _: Request<RetractRequest>) -> Answer<RetractResponse> {
        absent()
    }

    async fn reinstate(&self, _: Request<ReinstateRequest>) -> Answer<ReinstateResponse> {
        absent()
    }

    type ImportStream = tokio_stream::Empty<Result<ImportResponse, Status>>;

    async fn import(&self, _: Request<tonic::Streaming<ImportRequest>>) -> Answer<Self::ImportStream> {
        absent()
    }

    type ExportStream = tokio_stream::Empty<Result<ExportResponse, Status>>;

    async fn export(&self, _: Request<ExportRequest>) -> Answer<Self::ExportStream> {
        absent()
    }

    async fn list_history(&self, _: Request<ListHistoryRequest>) -> Answer<ListHistoryResponse> {
        absent()
    }
}

#[tonic::async_trait]
impl ClaimService for Bare {
    async fn get_claim(&self, _: Request<GetClaimRequest>) -> Answer<GetClaimResponse> {
        Ok(Response::new(GetClaimResponse { claim: Some(self.claim.clone()), read: None }))
    }

    async fn batch_get_claims(&self, _: Request<BatchGetClaimsRequest>) -> Answer<BatchGetClaimsResponse> {
        absent()
    }

    async fn list_claims(&self, _: Request<ListClaimsRequest>) -> Answer<ListClaimsResponse> {
        absent()
    }

    async fn trace(&self, _: Request<TraceRequest>) -> Answer<TraceResponse> {
        absent()
    }
}

#[tonic::async_trait]
impl ServerInfoService for Bare {
    async fn get_server_info(&self, _: Request<GetServerInfoRequest>) -> Answer<GetServerInfoResponse> {
        Ok(Response::new(GetServerInfoResponse::default()))
    }
}
