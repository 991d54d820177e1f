//! The import: as many batches in flight as the server takes, and how fast each 100,000 claims went.

use std::sync::Arc;
use std::time::Instant;

use claimdb::proto::claimdb::v1::import_request::Message as Asked;
use claimdb::proto::claimdb::v1::import_response::Message as Told;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::*;
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::generate::Generator;
use crate::process::{Server, connect};

const BATCH_RECORDS: usize = 1_000;
const BATCH_BYTES: usize = 4_000_000;
/// Claims per row.
const STEP: u64 = 100_000;

pub(crate) async fn run(server: &Server, generator: Arc<Generator>, claims: u64) {
    let channel = connect(&server.address).await.expect("a connection");
    let mut client = RecordServiceClient::new(channel).max_decoding_message_size(16 << 20);
    let (sender, receiver) = mpsc::channel(2);
    let (sizes, mut sent) = mpsc::unbounded_channel();
    let source = std::thread::spawn(move || send(&generator, claims, &sender, &sizes));
    let begin = Instant::now();
    let mut answers = client.import(ReceiverStream::new(receiver)).await.expect("an import").into_inner();
    println!("| claims | claims/s | records/s | memory MB |");
    println!("|---|---|---|---|");
    let mut steps = Steps { last: begin, claims: 0, next: STEP.min(claims), before: (0, 0), created: 0, existing: 0 };
    while let Some(answer) = answers.message().await.expect("the import goes on") {
        match answer.message {
            Some(Told::Ack(ack)) => {
                steps.claims += sent.recv().await.expect("a batch that was sent");
                let counts = ack.counts.unwrap_or_default();
                steps.created += counts.created;
                steps.existing += counts.existing;
                if steps.claims >= steps.next {
                    steps.row(server);
                    steps.next = (steps.claims / STEP * STEP + STEP).min(claims);
                }
            }
            Some(Told::ItemErrors(errors)) => {
                let first = errors.errors.first().expect("one at least");
                panic!("the generator makes what is refused: {first:?}");
            }
            Some(Told::Opened(_)) | None => {}
            Some(Told::Done(_)) => break,
        }
    }
    source.join().expect("the generator");
    let seconds = begin.elapsed().as_secs_f64();
    println!("\nall {claims} claims in {seconds:.1} s: {:.0} claims/s", claims as f64 / seconds);
    println!("records created {}, found to exist {}", steps.created, steps.existing);
}

struct Steps {
    last: Instant,
    claims: u64,
    next: u64,
    /// Claims, and records created, at the row before.
    before: (u64, u64),
    created: u64,
    existing: u64,
}

impl Steps {
    fn row(&mut self, server: &Server) {
        let seconds = self.last.elapsed().as_secs_f64();
        let (claims, records) = (self.claims - self.before.0, self.created - self.before.1);
        println!(
            "| {} | {:.0} | {:.0} | {:.0} |",
            self.claims,
            claims as f64 / seconds,
            records as f64 / seconds,
            server.memory_now() as f64 / 1e6,
        );
        self.last = Instant::now();
        self.before = (self.claims, self.created);
    }
}

/// Makes the messages, on a thread of its own; beside each batch, how many claims it has.
fn send(generator: &Generator, claims: u64, sender: &mpsc::Sender<ImportRequest>, sizes: &mpsc::UnboundedSender<u64>) {
    let tell = |message| sender.blocking_send(ImportRequest { message: Some(message) }).expect("the import goes on");
    tell(Asked::Open(ImportOpen {
        session: "million".to_owned(),
        recorder: Some(Recorder { tool: "generator".to_owned(), ..Recorder::default() }),
        ..ImportOpen::default()
    }));
    let mut items = generator.items(claims).peekable();
    for number in 1.. {
        let batch = next_batch(&mut items);
        if batch.is_empty() {
            break;
        }
        sizes.send(batch.iter().map(|item| item.claims.len() as u64).sum()).expect("the import goes on");
        tell(Asked::Batch(ImportBatch { number, items: batch, position: String::new() }));
    }
    tell(Asked::Finish(ImportFinish {}));
}

fn next_batch(items: &mut std::iter::Peekable<impl Iterator<Item = RecordRequest>>) -> Vec<RecordRequest> {
    let mut batch = Vec::new();
    let (mut records, mut bytes) = (0, 0);
    while let Some(item) = items.next_if(|item| {
        records += item.articles.len() + item.sources.len() + item.claims.len();
        bytes += item.encoded_len() + 8;
        records <= BATCH_RECORDS && bytes <= BATCH_BYTES
    }) {
        batch.push(item);
    }
    batch
}
