//! A server over a socket, its clients, and what Watch has told of it so far.

use claimdb::api::Api;
use claimdb::proto::claimdb::v1;
use claimdb::service::Service;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Status, Streaming};
use v1::article_service_client::ArticleServiceClient;
use v1::assessment_service_client::AssessmentServiceClient;
use v1::change_service_client::ChangeServiceClient;
use v1::claim_service_client::ClaimServiceClient;
use v1::figure_service_client::FigureServiceClient;
use v1::import_request::Message as Ask;
use v1::import_response::Message as Answer;
use v1::record_service_client::RecordServiceClient;
use v1::relation_service_client::RelationServiceClient;
use v1::source_service_client::SourceServiceClient;

use crate::history::Write;
use crate::log::Log;
use crate::support::Store;

pub(crate) struct Served {
    pub(crate) store: Store,
    pub(crate) claims: ClaimServiceClient<Channel>,
    pub(crate) sources: SourceServiceClient<Channel>,
    pub(crate) articles: ArticleServiceClient<Channel>,
    pub(crate) relations: RelationServiceClient<Channel>,
    pub(crate) assessments: AssessmentServiceClient<Channel>,
    pub(crate) figures: FigureServiceClient<Channel>,
    pub(crate) records: RecordServiceClient<Channel>,
    watched: Streaming<v1::WatchResponse>,
    /// The last revision that Watch told of.
    watched_to: u64,
    pub(crate) log: Log,
    imports: u64,
    /// Writes that were taken, and that were refused.
    pub(crate) taken: u64,
    pub(crate) refused: u64,
    serving: (oneshot::Sender<()>, JoinHandle<Result<(), tonic::transport::Error>>),
}

impl Served {
    /// Serves a store, of which it is told everything from the beginning on.
    pub(crate) async fn start(store: Store) -> Self {
        let routes = Api::new(Service::new(store.share(), store.ground.clock.clone()), 4 << 20).routes();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = Server::builder().add_routes(routes).serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            async move {
                let _ = stopped.await;
            },
        );
        let serving = (stop, tokio::spawn(serving));
        let channel = Endpoint::from_shared(address).unwrap().tcp_nodelay(true).connect().await.unwrap();
        let start = Some(v1::watch_request::Start::FromOldest(true));
        let request = v1::WatchRequest { start, ..Default::default() };
        let watched = ChangeServiceClient::new(channel.clone()).watch(request).await.unwrap().into_inner();
        Self {
            store,
            claims: ClaimServiceClient::new(channel.clone()),
            sources: SourceServiceClient::new(channel.clone()),
            articles: ArticleServiceClient::new(channel.clone()),
            relations: RelationServiceClient::new(channel.clone()),
            assessments: AssessmentServiceClient::new(channel.clone()),
            figures: FigureServiceClient::new(channel.clone()),
            records: RecordServiceClient::new(channel),
            watched,
            watched_to: 0,
            log: Log::default(),
            imports: 0,
            taken: 0,
            refused: 0,
            serving,
        }
    }

    /// The same store, closed and opened again where its engine keeps what it is given. All is told anew.
    pub(crate) async fn restart(self) -> Self {
        let Self { store, claims, sources, articles, relations, assessments, figures, records, watched, .. } = self;
        let (imports, (stop, serving)) = (self.imports, self.serving);
        // Its connections hold the store, and end when nobody has them any more.
        drop((claims, sources, articles, relations, assessments, figures, records, watched, stop));
        serving.await.unwrap().unwrap();
        Self { imports, ..Self::start(store.reopen()).await }
    }

    /// Sends a write and learns what came of it.
    pub(crate) async fn write(&mut self, write: Write) {
        let outcome = match write {
            // Where nothing had to be changed, the newest commit is named, which may have changed nothing either.
            Write::Alone(request) => {
                self.alone(*request).await.map(|commit| if commit.committed { commit.revision } else { 0 })
            }
            Write::Together(items) => Ok(self.together(items).await),
        };
        self.store.ground.clock.advance(7);
        match outcome {
            Ok(revision) => {
                self.taken += 1;
                self.learn(revision).await;
            }
            // What is withdrawn cannot be withdrawn, another source has the handle, and so on.
            Err(status) => {
                let expected = [Code::FailedPrecondition, Code::NotFound, Code::AlreadyExists, Code::InvalidArgument];
                assert!(expected.contains(&status.code()), "{status:?}");
                self.refused += 1;
            }
        }
    }

    async fn alone(&mut self, mut request: v1::RecordRequest) -> Result<v1::CommitInfo, Status> {
        let records = request.articles.len() + request.sources.len() + request.claims.len() + request.relations.len();
        let records = records + request.assessments.len();
        let corrections = (request.revise.pop(), request.retract.pop(), request.reinstate.pop());
        let commit = match corrections {
            (revise @ Some(_), None, None) if records == 0 => {
                let request = v1::ReviseRequest { revise, ..Default::default() };
                self.records.revise(request).await?.into_inner().commit
            }
            (None, retract @ Some(_), None) if records == 0 => {
                let request = v1::RetractRequest { retract, ..Default::default() };
                self.records.retract(request).await?.into_inner().commit
            }
            (None, None, reinstate @ Some(_)) if records == 0 => {
                let request = v1::ReinstateRequest { reinstate, ..Default::default() };
                self.records.reinstate(request).await?.into_inner().commit
            }
            (None, None, None) => self.records.record(request).await?.into_inner().commit,
            mixed => panic!("{mixed:?}"),
        };
        Ok(commit.unwrap())
    }

    /// Imports items as one commit; gives its revision, or 0 when it changed nothing.
    async fn together(&mut self, items: Vec<v1::RecordRequest>) -> u64 {
        self.imports += 1;
        let open = v1::ImportOpen {
            session: format!("s{}", self.imports),
            item_errors: v1::ItemErrorPolicy::SkipItem.into(),
            ..Default::default()
        };
        let batch = v1::ImportBatch { number: 1, items, ..Default::default() };
        let asked = [Ask::Open(open), Ask::Batch(batch), Ask::Finish(v1::ImportFinish {})]
            .map(|message| v1::ImportRequest { message: Some(message) });
        let mut answers = self.records.import(tokio_stream::iter(asked)).await.unwrap().into_inner();
        let mut revision = 0;
        while let Some(answer) = answers.message().await.unwrap() {
            if let Some(Answer::Ack(ack)) = answer.message {
                let counts = ack.counts.unwrap();
                let changed = counts.created + counts.updated + counts.retracted + counts.reinstated;
                revision = if changed > 0 { ack.revision } else { 0 };
            }
        }
        revision
    }

    /// Reads on to a revision that changed something.
    pub(crate) async fn learn(&mut self, revision: u64) {
        while self.watched_to < revision {
            let message = self.watched.message().await.unwrap().unwrap();
            self.watched_to = message.revision;
            self.log.take(message);
        }
    }
}
