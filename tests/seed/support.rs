//! A server of its own process on an empty store, its clients, and the example's requests.

use std::collections::HashMap;
use std::sync::LazyLock;

use claimdb::proto::DESCRIPTORS;
use claimdb::proto::claimdb::v1::article_service_client::ArticleServiceClient;
use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::relation_service_client::RelationServiceClient;
use claimdb::proto::claimdb::v1::source_service_client::SourceServiceClient;
use claimdb::proto::claimdb::v1::{
    Article, Claim, GetArticleRequest, GetClaimRequest, GetSourceRequest, ListRelationsRequest, RecordRequest,
    RecordResponse, Relation, RelationType, Source, TraceRequest, TraceResponse,
};
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::process::Process;

pub(crate) static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).unwrap());

/// The article's text, as the example ships it beside its request.
pub(crate) const TEXT: &str = include_str!("../../examples/seed/article.txt");

pub(crate) fn descriptor(message: &str) -> MessageDescriptor {
    POOL.get_message_by_name(&format!("claimdb.v1.{message}")).unwrap()
}

/// A request of the example. The canonical JSON parser refuses fields and values that the schema does not have.
pub(crate) fn request(json: &str) -> DynamicMessage {
    let mut json = serde_json::Deserializer::from_str(json);
    let request = DynamicMessage::deserialize(descriptor("RecordRequest"), &mut json).unwrap();
    json.end().unwrap();
    request
}

pub(crate) fn seed_request() -> DynamicMessage {
    request(include_str!("../../examples/seed/record.json"))
}

/// A server on the default engine with an empty store; both go with it.
pub(crate) struct Server {
    _process: Process,
    _data: TempDir,
    pub(crate) channel: Channel,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let process = Process::start(data.path(), &[]);
        let channel = process.channel().await;
        Self { _process: process, _data: data, channel }
    }

    pub(crate) fn records(&self) -> RecordServiceClient<Channel> {
        RecordServiceClient::new(self.channel.clone())
    }

    pub(crate) fn articles(&self) -> ArticleServiceClient<Channel> {
        ArticleServiceClient::new(self.channel.clone())
    }

    pub(crate) fn sources(&self) -> SourceServiceClient<Channel> {
        SourceServiceClient::new(self.channel.clone())
    }

    pub(crate) fn claims(&self) -> ClaimServiceClient<Channel> {
        ClaimServiceClient::new(self.channel.clone())
    }

    pub(crate) fn relations(&self) -> RelationServiceClient<Channel> {
        RelationServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn record(&self, request: &DynamicMessage) -> RecordResponse {
        let request: RecordRequest = request.transcode_to().unwrap();
        self.records().record(request).await.unwrap().into_inner()
    }
}

/// The example, recorded.
pub(crate) struct Seed {
    pub(crate) server: Server,
    pub(crate) response: RecordResponse,
    /// The name that each key of the request was given.
    pub(crate) names: HashMap<String, String>,
}

impl Seed {
    pub(crate) async fn recorded() -> Self {
        let server = Server::start().await;
        let response = server.record(&seed_request()).await;
        let results = response.results.iter();
        let keyed = results.filter(|result| !result.key.is_empty());
        let names = keyed.map(|result| (result.key.clone(), result.name.clone())).collect();
        Self { server, response, names }
    }

    pub(crate) fn name(&self, key: &str) -> String {
        self.names[key].clone()
    }

    pub(crate) async fn article(&self) -> Article {
        let request = GetArticleRequest { name: self.name("article"), as_of: None };
        self.server.articles().get_article(request).await.unwrap().into_inner().article.unwrap()
    }

    pub(crate) async fn source(&self, key: &str) -> Source {
        let request = GetSourceRequest { name: self.name(key), as_of: None };
        self.server.sources().get_source(request).await.unwrap().into_inner().source.unwrap()
    }

    pub(crate) async fn claim(&self, key: &str) -> Claim {
        let request = GetClaimRequest { name: self.name(key), as_of: None };
        self.server.claims().get_claim(request).await.unwrap().into_inner().claim.unwrap()
    }

    pub(crate) async fn trace(&self, key: &str) -> TraceResponse {
        let request = TraceRequest { name: self.name(key), as_of: None };
        self.server.claims().trace(request).await.unwrap().into_inner()
    }

    /// The relations of this type between two records of the example, in this direction.
    pub(crate) async fn relations(&self, from: &str, kind: RelationType, to: &str) -> Vec<Relation> {
        let (from, to) = (self.name(from), self.name(to));
        let request = ListRelationsRequest { record: from.clone(), r#type: kind.into(), ..Default::default() };
        let response = self.server.relations().list_relations(request).await.unwrap().into_inner();
        assert!(response.next_page_token.is_empty(), "more relations than a page holds");
        let mut relations = response.relations;
        relations.retain(|relation| relation.from == from && relation.to == to);
        relations
    }
}

/// The text's code points in a half-open range.
pub(crate) fn code_points(start: u32, end: u32) -> String {
    let (start, end) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
    TEXT.chars().skip(start).take(end - start).collect()
}
