//! A server over an empty memory store, its clients, and small records.

use std::sync::Arc;

use claimdb::api::Api;
use claimdb::domain::name::TimeOrderedIds;
use claimdb::proto::claimdb::v1;
use claimdb::service::Service;
use claimdb::storage::memory::MemoryStore;
use claimdb::storage::{ClaimStore, SystemClock};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Server};
use tonic::{Request, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use v1::article_service_client::ArticleServiceClient;
use v1::assessment_service_client::AssessmentServiceClient;
use v1::claim_service_client::ClaimServiceClient;
use v1::figure_service_client::FigureServiceClient;
use v1::record_service_client::RecordServiceClient;
use v1::relation_service_client::RelationServiceClient;
use v1::server_info_service_client::ServerInfoServiceClient;
use v1::source_service_client::SourceServiceClient;

pub(crate) struct Clients {
    pub(crate) records: RecordServiceClient<Channel>,
    pub(crate) articles: ArticleServiceClient<Channel>,
    pub(crate) sources: SourceServiceClient<Channel>,
    pub(crate) claims: ClaimServiceClient<Channel>,
    pub(crate) relations: RelationServiceClient<Channel>,
    pub(crate) assessments: AssessmentServiceClient<Channel>,
    pub(crate) figures: FigureServiceClient<Channel>,
    pub(crate) info: ServerInfoServiceClient<Channel>,
}

pub(crate) async fn serve() -> Clients {
    serve_store(Arc::new(MemoryStore::new(Arc::new(TimeOrderedIds), Arc::new(SystemClock)))).await
}

pub(crate) async fn serve_store(store: Arc<dyn ClaimStore>) -> Clients {
    serve_service(Service::new(store, Arc::new(SystemClock))).await
}

pub(crate) async fn serve_service(service: Service) -> Clients {
    let routes = Api::new(service, 4 * 1024 * 1024).routes();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(TcpListenerStream::new(listener)));
    let channel = Channel::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    Clients {
        records: RecordServiceClient::new(channel.clone()),
        articles: ArticleServiceClient::new(channel.clone()),
        sources: SourceServiceClient::new(channel.clone()),
        claims: ClaimServiceClient::new(channel.clone()),
        relations: RelationServiceClient::new(channel.clone()),
        assessments: AssessmentServiceClient::new(channel.clone()),
        figures: FigureServiceClient::new(channel.clone()),
        info: ServerInfoServiceClient::new(channel),
    }
}

impl Clients {
    pub(crate) async fn record(&mut self, request: v1::RecordRequest) -> Result<v1::RecordResponse, Status> {
        Ok(self.records.record(Request::new(request)).await?.into_inner())
    }
}

pub(crate) fn named(display_name: &str) -> v1::SourceRef {
    v1::SourceRef { display_name: display_name.into(), ..Default::default() }
}

pub(crate) fn by_name(name: &str) -> v1::SourceRef {
    v1::SourceRef { name: name.into(), ..Default::default() }
}

pub(crate) fn hop(source: v1::SourceRef) -> v1::Attribution {
    v1::Attribution { source: Some(source), ..Default::default() }
}

pub(crate) fn claim(name: &str, statement: &str, source: v1::SourceRef) -> v1::Claim {
    v1::Claim {
        name: name.into(),
        statement: statement.into(),
        language: "en".into(),
        attributions: vec![hop(source)],
        ..Default::default()
    }
}

pub(crate) const TEXT: &str = "Nearly 2,000 soldiers were killed, analysts said. Nobody knows more.";

/// The article of an outlet, and two claims in it: one by analysts without names, one by the outlet itself.
pub(crate) fn seed() -> v1::RecordRequest {
    let article = v1::Article {
        name: "articles/a".into(),
        key: "a".into(),
        urls: vec!["https://News.example/story#top".into()],
        publisher: Some(named("The Outlet")),
        language: "en".into(),
        text: TEXT.into(),
        ..Default::default()
    };
    let mut killed = claim("claims/killed", "Soldiers were killed.", v1::SourceRef::default());
    killed.attributions = vec![v1::Attribution {
        certainty: v1::Certainty::Probable.into(),
        ..hop(v1::SourceRef {
            kind: v1::SourceKind::UnnamedGroup.into(),
            display_name: "analysts".into(),
            ..Default::default()
        })
    }];
    killed.article = "#a".into();
    killed.spans = vec![v1::Span { exact: "Nearly 2,000 soldiers were killed".into(), ..Default::default() }];
    killed.hedges = vec![v1::Hedge {
        kind: v1::HedgeKind::Reportive.into(),
        verbatim: "said".into(),
        attribution_index: Some(0),
        ..Default::default()
    }];
    killed.figures = vec![v1::Figure {
        verbatim: "Nearly 2,000".into(),
        metric: Some(v1::Metric { key: "soldiers.killed".into(), ..Default::default() }),
        ..Default::default()
    }];
    let mut unknown = claim("claims/unknown", "Nobody knows more.", named("The Outlet"));
    unknown.article = "#a".into();
    v1::RecordRequest { articles: vec![article], claims: vec![killed, unknown], ..Default::default() }
}

/// Reason and details of a refusal.
pub(crate) fn details(status: &Status) -> (String, ErrorDetails) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(info.domain, "claimdb");
    (info.reason.clone(), details)
}

/// The fields that are wrong, in order, after checking that the reason is this one.
pub(crate) fn fields(status: &Status, reason: &str) -> Vec<String> {
    assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status:?}");
    let (found, details) = details(status);
    assert_eq!(found, reason, "{}", status.message());
    details.bad_request().unwrap().field_violations.iter().map(|field| field.field.clone()).collect()
}

pub(crate) fn metadata(status: &Status, key: &str) -> String {
    let (_, details) = details(status);
    details.error_info().unwrap().metadata.get(key).cloned().unwrap_or_default()
}
