//! The stream of Import itself: its order, its numbers, its bounds, and who has a session.

use std::time::Duration;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::import_request::Message as Ask;
use claimdb::proto::claimdb::v1::import_response::Message as Answer;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt as _;

use crate::support::{Server, statements};

/// A client of one stream.
pub(crate) struct Client {
    asks: mpsc::UnboundedSender<v1::ImportRequest>,
    answers: Streaming<v1::ImportResponse>,
}

impl Client {
    pub(crate) async fn start(channel: &Channel) -> Self {
        let (asks, asked) = mpsc::unbounded_channel();
        let mut client = RecordServiceClient::new(channel.clone());
        let answers = client.import(UnboundedReceiverStream::new(asked)).await.unwrap().into_inner();
        Self { asks, answers }
    }

    /// Opens a session; gives what the server says of it.
    pub(crate) async fn open(channel: &Channel, open: v1::ImportOpen) -> (Self, v1::ImportOpened) {
        let mut client = Self::start(channel).await;
        client.ask(Ask::Open(open));
        let Answer::Opened(opened) = client.answer().await.unwrap() else { panic!("not opened") };
        (client, opened)
    }

    pub(crate) fn ask(&self, message: Ask) {
        let _ = self.asks.send(v1::ImportRequest { message: Some(message) });
    }

    pub(crate) fn batch(&self, number: u64, items: Vec<v1::RecordRequest>) {
        self.ask(Ask::Batch(v1::ImportBatch { number, items, position: format!("at {number}") }));
    }

    async fn answer(&mut self) -> Result<Answer, Status> {
        let answer = tokio::time::timeout(Duration::from_secs(60), self.answers.message()).await.expect("an answer");
        Ok(answer?.expect("the stream is not over").message.unwrap())
    }

    pub(crate) async fn ack(&mut self) -> v1::ImportAck {
        match self.answer().await.unwrap() {
            Answer::Ack(ack) => ack,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn end(&mut self) -> (Code, String, Status) {
        let status = self.answer().await.unwrap_err();
        let reason = status.get_details_error_info().unwrap().reason;
        (status.code(), reason, status)
    }
}

pub(crate) fn open(session: &str) -> v1::ImportOpen {
    v1::ImportOpen {
        session: session.to_owned(),
        item_errors: v1::ItemErrorPolicy::SkipItem.into(),
        input: "a file".to_owned(),
        recorder: Some(v1::Recorder { tool: "bulk-test".to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

pub(crate) fn item(number: u64) -> v1::RecordRequest {
    let source = v1::SourceRef { display_name: "The Ministry".to_owned(), ..Default::default() };
    v1::RecordRequest {
        claims: vec![v1::Claim {
            name: format!("claims/c{number}"),
            statement: format!("Case {number}."),
            attributions: vec![v1::Attribution { source: Some(source), ..Default::default() }],
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn wrong() -> v1::RecordRequest {
    v1::RecordRequest { claims: vec![v1::Claim::default()], ..Default::default() }
}

pub(crate) const ENGINES: [&[&str]; 2] = [&["--engine", "memory"], &["--engine", "sled"]];

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_acknowledged_in_order_with_their_counts_and_errors() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let (mut client, opened) = Client::open(&channel, v1::ImportOpen { session: String::new(), ..open("") }).await;
        assert_eq!((opened.next_batch, opened.batches_in_flight_max, opened.batch_records_max), (1, 8, 1_000));
        assert_eq!(opened.batch_bytes_max, 4 << 20);
        assert!(!opened.session.is_empty());
        client.batch(1, vec![item(1), wrong(), item(2), v1::RecordRequest { request_id: "x".into(), ..item(3) }]);
        client.batch(2, vec![item(1), item(4)]);
        client.batch(3, vec![]);
        client.ask(Ask::Finish(v1::ImportFinish {}));
        let Answer::ItemErrors(errors) = client.answer().await.unwrap() else { panic!("no errors") };
        assert_eq!(errors.batch, 1);
        let told: Vec<_> =
            errors.errors.iter().map(|it| (it.item, it.reason(), it.violations[0].field.clone())).collect();
        let reason = v1::ErrorReason::FieldInvalid;
        assert_eq!(told, [(1, reason, "claims[0].attributions".to_owned()), (3, reason, "request_id".to_owned())]);
        let ack = client.ack().await;
        let counts = v1::ImportCounts { items: 2, rejected: 2, created: 3, ..Default::default() };
        assert_eq!(ack, v1::ImportAck { batch: 1, revision: 1, counts: Some(counts), ..Default::default() });
        let counts = v1::ImportCounts { items: 2, created: 1, existing: 1, ..Default::default() };
        assert_eq!(client.ack().await.counts, Some(counts));
        assert_eq!(client.ack().await.revision, 3);
        let Answer::Done(done) = client.answer().await.unwrap() else { panic!("not done") };
        let counts = v1::ImportCounts { items: 4, rejected: 2, created: 4, existing: 1, ..Default::default() };
        assert_eq!(done, v1::ImportDone { counts: Some(counts), batches: 3 });
        assert!(client.answers.message().await.unwrap().is_none());
        // Opened again, what became of the newest batches is told again.
        let (mut client, again) = Client::open(&channel, v1::ImportOpen { session: opened.session, ..open("") }).await;
        assert_eq!((again.next_batch, &*again.position, again.counts), (4, "at 3", Some(counts)));
        assert_eq!(client.answer().await.unwrap(), Answer::ItemErrors(errors));
        for number in 1..=3 {
            let ack = client.ack().await;
            assert_eq!(
                (ack.batch, ack.revision, ack.duplicate, ack.position),
                (number, number, true, format!("at {number}"))
            );
        }
        // The recorder of the import is that of its items.
        let mut claims = v1::claim_service_client::ClaimServiceClient::new(channel);
        let asked = v1::GetClaimRequest { name: "claims/c1".to_owned(), ..Default::default() };
        let claim = claims.get_claim(asked).await.unwrap().into_inner().claim.unwrap();
        assert_eq!(claim.metadata.unwrap().recorder.unwrap().tool, "bulk-test");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_harmless_and_gaps_are_refused() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let (mut client, _) = Client::open(&channel, open("s")).await;
        client.batch(1, vec![item(1)]);
        client.batch(1, vec![item(2)]);
        client.batch(3, vec![item(3)]);
        assert_eq!((client.ack().await.duplicate, client.ack().await.duplicate), (false, true));
        let (code, reason, status) = client.end().await;
        assert_eq!((code, &*reason), (Code::OutOfRange, "IMPORT_BATCH_GAP"));
        assert_eq!(status.get_details_error_info().unwrap().metadata["expected"], "2");
        assert_eq!(statements(&channel).await.into_keys().collect::<Vec<_>>(), ["Case 1."]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_taken_over_ends_the_stream_that_had_it() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let (mut first, _) = Client::open(&channel, open("s")).await;
        first.batch(1, vec![item(1)]);
        first.ack().await;
        let (mut second, opened) = Client::open(&channel, open("s")).await;
        assert_eq!(opened.next_batch, 2);
        assert_eq!(second.ack().await.batch, 1);
        let (code, reason, _) = first.end().await;
        assert_eq!((code, &*reason), (Code::Aborted, "IMPORT_SESSION_TAKEN"));
        second.batch(2, vec![item(2)]);
        assert!(!second.ack().await.duplicate);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_rejected_with_its_items_where_that_is_asked_for() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let mut missing = item(9);
        missing.claims[0].article = "articles/lost".to_owned();
        for (session, refused) in [("in conversion", wrong()), ("in the plan", missing)] {
            let session = session.replace(' ', "-");
            let strict = v1::ImportOpen { item_errors: v1::ItemErrorPolicy::RejectBatch.into(), ..open(&session) };
            let (mut client, _) = Client::open(&channel, strict.clone()).await;
            client.batch(1, vec![item(1)]);
            client.batch(2, vec![item(2), refused]);
            client.batch(3, vec![item(3)]);
            assert_eq!(client.ack().await.batch, 1);
            let Answer::ItemErrors(errors) = client.answer().await.unwrap() else { panic!("no errors") };
            assert_eq!((errors.batch, errors.errors.len(), errors.errors[0].item), (2, 1, 1));
            let (code, reason, _) = client.end().await;
            assert_eq!((code, &*reason), (Code::FailedPrecondition, "IMPORT_BATCH_REJECTED"));
            let (_, opened) = Client::open(&channel, strict).await;
            assert_eq!(opened.next_batch, 2);
        }
        assert_eq!(statements(&channel).await.len(), 1);
    }
}

/// What was kept with items left out is not refused when the session is opened again by somebody stricter.
#[tokio::test(flavor = "multi_thread")]
async fn where_a_batch_stands_counts_before_what_is_wrong_with_its_items() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let (mut lenient, _) = Client::open(&channel, open("s")).await;
        lenient.batch(1, vec![item(1), wrong()]);
        assert!(matches!(lenient.answer().await.unwrap(), Answer::ItemErrors(_)));
        lenient.ack().await;
        let strict = || v1::ImportOpen { item_errors: v1::ItemErrorPolicy::RejectBatch.into(), ..open("s") };
        let (mut again, _) = Client::open(&channel, strict()).await;
        assert!(matches!(again.answer().await.unwrap(), Answer::ItemErrors(_)));
        again.ack().await;
        again.batch(1, vec![item(1), wrong()]);
        let ack = again.ack().await;
        assert_eq!((ack.batch, ack.duplicate), (1, true));
        again.batch(7, vec![item(7), wrong()]);
        let (code, reason, status) = again.end().await;
        assert_eq!((code, &*reason), (Code::OutOfRange, "IMPORT_BATCH_GAP"));
        assert_eq!(status.get_details_error_info().unwrap().metadata["expected"], "2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_out_of_order_or_too_much_is_refused() {
    let server = Server::start(&["--engine", "memory"]);
    let channel = server.channel().await;
    let cases: [(Vec<Ask>, &str); 5] = [
        (vec![Ask::Finish(v1::ImportFinish {})], "FIELD_INVALID"),
        (vec![Ask::Open(open("a")), Ask::Open(open("a"))], "FIELD_INVALID"),
        (vec![Ask::Open(open("with space"))], "FIELD_INVALID"),
        (vec![Ask::Open(open(&"x".repeat(65)))], "LIMIT_EXCEEDED"),
        (
            vec![
                Ask::Open(open("b")),
                Ask::Batch(v1::ImportBatch { number: 1, items: vec![item(1); 1_001], ..Default::default() }),
            ],
            "LIMIT_EXCEEDED",
        ),
    ];
    for (asks, expected) in cases {
        let mut client = Client::start(&channel).await;
        asks.into_iter().for_each(|ask| client.ask(ask));
        let status = loop {
            match client.answer().await {
                Ok(Answer::Opened(_)) => {}
                Ok(other) => panic!("{other:?}"),
                Err(status) => break status,
            }
        };
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.get_details_error_info().unwrap().reason, expected);
    }
    assert!(statements(&channel).await.is_empty());
}

/// Whoever cuts batches cannot make it smaller: were the batch refused, the import could never go on.
#[tokio::test(flavor = "multi_thread")]
async fn an_item_with_more_records_than_a_batch_is_refused_as_that_item_where_it_is_alone() {
    let server = Server::start(&["--engine", "memory"]);
    let channel = server.channel().await;
    let (mut client, _) = Client::open(&channel, open("s")).await;
    let large = v1::RecordRequest { claims: vec![item(1).claims.remove(0); 1_001], ..Default::default() };
    client.batch(1, vec![large.clone()]);
    client.batch(2, vec![item(2)]);
    let Answer::ItemErrors(errors) = client.answer().await.unwrap() else { panic!("no errors") };
    assert_eq!((errors.batch, errors.errors.len(), errors.errors[0].item), (1, 1, 0));
    assert_eq!(errors.errors[0].reason(), v1::ErrorReason::LimitExceeded);
    assert_eq!(client.ack().await.counts, Some(v1::ImportCounts { rejected: 1, ..Default::default() }));
    assert_eq!(client.ack().await.batch, 2);
    client.batch(3, vec![large, item(3)]);
    let (code, reason, _) = client.end().await;
    assert_eq!((code, &*reason), (Code::InvalidArgument, "LIMIT_EXCEEDED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_imports_are_open_at_once() {
    let server = Server::start(&["--engine", "memory"]);
    let channel = server.channel().await;
    let mut clients = Vec::new();
    for number in 0..8 {
        clients.push(Client::open(&channel, open(&format!("s{number}"))).await.0);
    }
    let mut ninth = Client::start(&channel).await;
    ninth.ask(Ask::Open(open("s9")));
    let (code, reason, _) = ninth.end().await;
    assert_eq!((code, &*reason), (Code::Unavailable, "OVERLOADED"));
    // Whoever has a session can take it over all the same, and a place is free as soon as its client is gone.
    let (taken, _) = Client::open(&channel, open("s0")).await;
    drop((taken, clients));
    Client::open(&channel, open("s9")).await;
}

/// The most memory that a process has had, in bytes.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_floods_does_not_grow_the_server() {
    let server = Server::start(&["--cache-bytes", "32MiB"]);
    let channel = server.channel().await;
    let (mut client, _) = Client::open(&channel, open("flood")).await;
    // Everything is ready to be sent at once: 320 MiB, of which the server may hold eight batches of 4 MiB.
    let text = "Nearly two thousand were killed. ".repeat(60_000);
    let batch = |number: u64| {
        let article = |half: u64| v1::Article {
            name: format!("articles/a{number}-{half}"),
            text: format!("{number} {half} {text}"),
            ..Default::default()
        };
        v1::RecordRequest { articles: vec![article(0), article(1)], ..Default::default() }
    };
    for number in 1..=80 {
        client.batch(number, vec![batch(number)]);
    }
    let mut early = 0;
    for number in 1..=80 {
        assert_eq!(client.ack().await.batch, number);
        if number == 20 {
            early = peak(server.pid());
        }
    }
    let late = peak(server.pid());
    println!("{} MiB after 20 batches, {} MiB after 80", early >> 20, late >> 20);
    assert!(late < early + (64 << 20), "{early} {late}");
    assert!(late < 400 << 20, "{late}");
}

/// Items of one batch may change a record one after the other: each version replaces that of the item before it.
#[tokio::test(flavor = "multi_thread")]
async fn versions_made_by_one_batch_are_each_watched_with_what_they_replaced() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let with = |metric: &str| {
            let metric = Some(v1::Metric { key: metric.to_owned(), ..Default::default() });
            let qualifier = v1::Qualifier::Exactly.into();
            let figure = v1::Figure { id: "f1".into(), value: "7".into(), qualifier, metric, ..Default::default() };
            let mut item = item(1);
            item.claims[0].figures = vec![figure];
            item.claims[0].on_conflict = v1::ConflictPolicy::Update.into();
            item
        };
        let (mut client, _) = Client::open(&channel, open("watched")).await;
        client.batch(1, vec![with("a")]);
        client.batch(2, vec![with("b"), with("c"), with("d"), with("a"), with("b")]);
        for batch in 1..=2 {
            let ack = client.ack().await;
            assert_eq!((ack.batch, ack.counts.unwrap().rejected), (batch, 0));
        }
        let request = v1::WatchRequest {
            start: Some(v1::watch_request::Start::AfterRevision(1)),
            filter: Some(v1::WatchFilter { metrics: vec!["a".into(), "c".into()], ..Default::default() }),
            include_previous: true,
            ..Default::default()
        };
        let mut changes = v1::change_service_client::ChangeServiceClient::new(channel.clone());
        let mut watched = changes.watch(request).await.unwrap().into_inner();
        assert!(watched.message().await.unwrap().unwrap().heartbeat);
        let message = tokio::time::timeout(Duration::from_secs(60), watched.message()).await.unwrap().unwrap().unwrap();
        let metric = |version: &Option<v1::Version>| match version.as_ref().and_then(|it| it.record.as_ref()) {
            Some(v1::version::Record::Claim(claim)) => claim.figures[0].metric.as_ref().unwrap().key.clone(),
            other => panic!("{other:?}"),
        };
        let found: Vec<(String, String)> =
            message.changes.iter().map(|change| (metric(&change.previous), metric(&change.version))).collect();
        // Those that came to be counted, or were no longer.
        let expected = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"), ("a", "b")];
        assert_eq!(found, expected.map(|(old, new)| (old.to_owned(), new.to_owned())));
    }
}
