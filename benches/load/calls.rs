//! The calls that are measured, and who makes them of which system.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::{
    Article, Attribution, Claim, Figure, GetClaimRequest, Metric, RecordRequest, SourceRef,
};
use prost::Message as _;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::etcd;
use crate::generate::Generator;
use crate::generate::random::mix;
use crate::postgres_service::Store;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Record,
    Get,
}

/// How far the calls to one store came: whoever shares it goes on where others ended, so that nothing is recorded twice, and
/// no row reads again what a row before it read.
#[derive(Default)]
pub(crate) struct Turns {
    pub(crate) recorded: AtomicU64,
    written: AtomicU64,
    read: AtomicU64,
}

pub(crate) enum Call {
    Record(Box<RecordRequest>),
    Get(String),
}

/// One small article, one claim with one figure: what an extractor sends for one sentence.
pub(crate) fn small_request(number: u64) -> RecordRequest {
    let source = |name: &str| Some(SourceRef { display_name: name.to_owned(), ..SourceRef::default() });
    RecordRequest {
        articles: vec![Article {
            key: "a".to_owned(),
            urls: vec![format!("https://news.example/2025/09/{number}")],
            publisher: source(&format!("Outlet {}", number % 50)),
            title: "Aides wipe the seat after talks in Beijing".to_owned(),
            language: "en".to_owned(),
            ..Article::default()
        }],
        claims: vec![Claim {
            name: format!("claims/c{number}"),
            article: "#a".to_owned(),
            statement: format!("Nearly 2,000 of the soldiers deployed have been killed, according to report {number}"),
            attributions: vec![Attribution {
                source: source(&format!("Analyst {}", number % 200)),
                ..Attribution::default()
            }],
            figures: vec![Figure {
                verbatim: "nearly 2,000".to_owned(),
                metric: Some(Metric { key: "troops.killed".to_owned(), ..Metric::default() }),
                ..Figure::default()
            }],
            ..Claim::default()
        }],
        ..RecordRequest::default()
    }
}

/// What the calls of one kind ask for.
#[derive(Clone, Copy)]
enum What {
    Of(Work),
    /// To record what the generator makes next, by the same sources as what is stored.
    Items,
}

/// The calls of one kind, each another one.
pub(crate) struct Calls {
    what: What,
    generator: Arc<Generator>,
    /// Items that are stored: claims are read all over them.
    items: u64,
    turns: Arc<Turns>,
}

impl Calls {
    pub(crate) fn new(work: Work, generator: Arc<Generator>, items: u64, turns: Arc<Turns>) -> Self {
        Self { what: What::Of(work), generator, items, turns }
    }

    /// Of a writer beside pages: the articles and claims of the generator, as if they came in later.
    pub(crate) fn of_items(generator: Arc<Generator>, items: u64, turns: Arc<Turns>) -> Self {
        Self { what: What::Items, generator, items, turns }
    }

    pub(crate) fn next(&self) -> Call {
        let next = |turns: &AtomicU64| turns.fetch_add(1, Ordering::Relaxed);
        match self.what {
            What::Of(Work::Record) => Call::Record(Box::new(small_request(next(&self.turns.recorded)))),
            What::Of(Work::Get) => Call::Get(self.generator.claim_name(mix(next(&self.turns.read)) % self.items)),
            What::Items => Call::Record(Box::new(self.generator.item(self.items + next(&self.turns.written)))),
        }
    }
}

/// Makes calls over one connection.
#[derive(Clone)]
pub(crate) enum Caller {
    Messages(Box<Clients>),
    Etcd(etcd::Client),
    Direct(Arc<Store>),
}

#[derive(Clone)]
pub(crate) struct Clients {
    records: RecordServiceClient<Channel>,
    claims: ClaimServiceClient<Channel>,
}

impl Caller {
    pub(crate) fn of_messages(channel: Channel) -> Self {
        let records = RecordServiceClient::new(channel.clone());
        Self::Messages(Box::new(Clients { records, claims: ClaimServiceClient::new(channel) }))
    }

    /// An answer that does not hold what was asked for is an error.
    pub(crate) async fn call(&mut self, call: Call) -> Result<(), Status> {
        match (self, call) {
            (Self::Messages(clients), Call::Record(request)) => {
                let response = clients.records.record(*request).await?.into_inner();
                is_there(!response.results.is_empty())
            }
            (Self::Messages(clients), Call::Get(name)) => {
                let response = clients.claims.get_claim(GetClaimRequest { name, as_of: None }).await?.into_inner();
                is_there(response.claim.is_some())
            }
            (Self::Etcd(client), Call::Record(request)) => {
                let key = request.claims.first().map(|claim| claim.name.clone()).unwrap_or_default();
                client.put(key.into_bytes(), request.encode_to_vec()).await
            }
            (Self::Etcd(client), Call::Get(name)) => is_there(!client.get(name.into_bytes()).await?.is_empty()),
            (Self::Direct(store), Call::Record(request)) => is_there(!store.record(*request).await?.results.is_empty()),
            (Self::Direct(store), Call::Get(name)) => {
                is_there(store.claim(GetClaimRequest { name, as_of: None }).await?.claim.is_some())
            }
        }
    }
}

fn is_there(it_is: bool) -> Result<(), Status> {
    it_is.then_some(()).ok_or_else(|| Status::new(Code::DataLoss, "an empty answer"))
}
