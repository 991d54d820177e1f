//! How long `claimdb import` goes on trying, with servers that open an import and break it off.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::pin::Pin;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::import_request::Message as Asked;
use claimdb::proto::claimdb::v1::import_response::Message as Told;
use claimdb::proto::claimdb::v1::record_service_server::{RecordService, RecordServiceServer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming};

use crate::support::{claim_line, claimdb, output, printed, within};

/// Who opens an import more often is refused for good.
const OPENINGS_MAX: u64 = 50;

/// What becomes of an import once it is open.
#[derive(Clone, Copy)]
enum Breaks {
    /// It is broken off at once.
    AtOnce,
    /// A batch is kept, and then it is broken off.
    AfterABatch,
    /// The first and the third are broken off at once, the second after a rest; the fourth goes well.
    AfterARest,
}

/// A server of one import.
#[derive(Clone)]
struct Stub {
    breaks: Breaks,
    openings: Arc<AtomicU64>,
    kept: Arc<AtomicU64>,
}

type Reply<T> = Result<Response<T>, Status>;
type Streamed<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;
type Answers = mpsc::Sender<Result<v1::ImportResponse, Status>>;

async fn tell(answers: &Answers, message: Told) {
    let _ = answers.send(Ok(v1::ImportResponse { message: Some(message) })).await;
}

impl Stub {
    /// A stub that serves, and its address.
    async fn serve(breaks: Breaks) -> (Self, String) {
        let stub = Self { breaks, openings: Arc::default(), kept: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tonic::transport::Server::builder().add_service(RecordServiceServer::new(stub.clone()));
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        (stub, address)
    }

    async fn answer(self, mut asked: Streaming<v1::ImportRequest>, answers: &Answers) -> Result<(), Status> {
        asked.message().await?;
        let (opening, kept) = (self.openings.fetch_add(1, Ordering::SeqCst) + 1, self.kept.load(Ordering::SeqCst));
        if opening > OPENINGS_MAX {
            return Err(Status::invalid_argument("there is no end to it"));
        }
        let opened = v1::ImportOpened {
            session: "s".to_owned(),
            next_batch: kept + 1,
            batches_in_flight_max: 8,
            batch_records_max: 1_000,
            batch_bytes_max: 4 << 20,
            ..Default::default()
        };
        tell(answers, Told::Opened(opened)).await;
        if kept > 0 {
            let ack = v1::ImportAck { batch: kept, duplicate: true, ..Default::default() };
            tell(answers, Told::Ack(ack)).await;
        }
        let broken = || Err(Status::unavailable("broken off"));
        let batches_max = match (self.breaks, opening) {
            (Breaks::AtOnce, _) | (Breaks::AfterARest, 1 | 3) => return broken(),
            (Breaks::AfterARest, 2) => {
                tokio::time::sleep(Duration::from_secs(31)).await;
                return broken();
            }
            (Breaks::AfterABatch, _) => 1,
            (Breaks::AfterARest, _) => u64::MAX,
        };
        while let Some(message) = asked.message().await? {
            match message.message.unwrap() {
                Asked::Open(_) => panic!("opened twice"),
                Asked::Batch(batch) => {
                    self.kept.store(batch.number, Ordering::SeqCst);
                    tell(answers, Told::Ack(v1::ImportAck { batch: batch.number, ..Default::default() })).await;
                    if batch.number - kept >= batches_max {
                        return broken();
                    }
                }
                Asked::Finish(v1::ImportFinish {}) => tell(answers, Told::Done(v1::ImportDone::default())).await,
            }
        }
        Ok(())
    }
}

fn not_served<T>() -> Reply<T> {
    Err(Status::unimplemented("a stub"))
}

#[tonic::async_trait]
impl RecordService for Stub {
    type ImportStream = Streamed<v1::ImportResponse>;

    async fn import(&self, request: Request<Streaming<v1::ImportRequest>>) -> Reply<Self::ImportStream> {
        let (answers, told) = mpsc::channel(16);
        let stub = self.clone();
        tokio::spawn(async move {
            if let Err(status) = stub.answer(request.into_inner(), &answers).await {
                let _ = answers.send(Err(status)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(told))))
    }

    type ExportStream = Streamed<v1::ExportResponse>;

    async fn export(&self, _: Request<v1::ExportRequest>) -> Reply<Self::ExportStream> {
        not_served()
    }

    async fn record(&self, _: Request<v1::RecordRequest>) -> Reply<v1::RecordResponse> {
        not_served()
    }

    async fn revise(&self, _: Request<v1::ReviseRequest>) -> Reply<v1::ReviseResponse> {
        not_served()
    }

    async fn retract(&self, _: Request<v1::RetractRequest>) -> Reply<v1::RetractResponse> {
        not_served()
    }

    async fn reinstate(&self, _: Request<v1::ReinstateRequest>) -> Reply<v1::ReinstateResponse> {
        not_served()
    }

    async fn list_history(&self, _: Request<v1::ListHistoryRequest>) -> Reply<v1::ListHistoryResponse> {
        not_served()
    }

    async fn diff_versions(&self, _: Request<v1::DiffVersionsRequest>) -> Reply<v1::DiffVersionsResponse> {
        not_served()
    }
}

/// Imports a file, or standard input, one line in a batch.
fn import(address: &str, file: &Path, retry_for: &str) -> std::process::Command {
    let mut command = claimdb();
    command.arg("import").arg(file).args(["--server", address, "--retry-for", retry_for, "--batch-records", "1"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn lines(count: usize) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut text = String::new();
    (0..count).for_each(|number| writeln!(text, "{}", claim_line(number)).unwrap());
    std::fs::write(file.path(), text).unwrap();
    file
}

async fn ended(mut command: std::process::Command) -> Output {
    let child = command.spawn().unwrap();
    tokio::task::spawn_blocking(|| output(child)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_opened_and_comes_no_further_is_given_up() {
    let (stub, address) = Stub::serve(Breaks::AtOnce).await;
    let output = ended(import(&address, lines(1).path(), "1s")).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    let openings = stub.openings.load(Ordering::SeqCst);
    assert!(errors.contains("broken off; given up for now: nothing is known to be imported"), "{openings}: {errors}");
    // With pauses that grow.
    assert!((2..10).contains(&openings), "{openings}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_comes_further_each_time_is_not() {
    // The pauses alone take longer than it tries again without success.
    let (stub, address) = Stub::serve(Breaks::AfterABatch).await;
    let output = ended(import(&address, lines(20).path(), "1s")).await;
    printed(&output, 0);
    assert_eq!((stub.kept.load(Ordering::SeqCst), stub.openings.load(Ordering::SeqCst)), (20, 21));
}

/// As when it follows a log in which nothing is written: it waited, and nothing went wrong.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_has_nothing_to_send_outlasts_the_rest() {
    let (stub, address) = Stub::serve(Breaks::AfterARest).await;
    let mut child = import(&address, Path::new("-"), "10s").spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let is_over = || stub.openings.load(Ordering::SeqCst) >= 3;
    within("the end of the rest", async || is_over() || child.try_wait().unwrap().is_some()).await;
    // One that has given up reads no more.
    let _ = writeln!(stdin, "{}", claim_line(1));
    drop(stdin);
    let output = tokio::task::spawn_blocking(|| output(child)).await.unwrap();
    printed(&output, 0);
    assert_eq!((stub.kept.load(Ordering::SeqCst), stub.openings.load(Ordering::SeqCst)), (1, 4));
}
