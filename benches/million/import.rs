//! The import: as many batches in flight as the server takes.

use std::sync::Arc;

use claimdb::proto::claimdb::v1::import_request::Message as Asked;
use claimdb::proto::claimdb::v1::import_response::Message as Told;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::*;
use prost::Message as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

use crate::generate::Generator;
use crate::steps::{Curve, Steps};

const BATCH_RECORDS: usize = 1_000;
const BATCH_BYTES: usize = 4_000_000;

/// Makes items of so many claims, as they are asked for.
pub(crate) type Items = fn(&Generator, u64) -> Box<dyn Iterator<Item = RecordRequest> + '_>;

/// Every claim for the first time.
pub(crate) const FRESH: Items = |generator, claims| Box::new(generator.items(claims));

/// Imports items with so many claims, recorded or revised, over a channel. `memory` tells its resident bytes.
pub(crate) async fn run(
    channel: Channel,
    memory: impl Fn() -> Option<u64>,
    items: Items,
    generator: &Arc<Generator>,
    claims: u64,
) -> Curve {
    let mut client = RecordServiceClient::new(channel).max_decoding_message_size(16 << 20);
    let (sender, receiver) = mpsc::channel(2);
    let (sizes, mut sent) = mpsc::unbounded_channel();
    let generator = Arc::clone(generator);
    let source = std::thread::spawn(move || send(items(&generator, claims), &sender, &sizes));
    let mut steps = Steps::begin(claims);
    let mut answers = client.import(ReceiverStream::new(receiver)).await.expect("an import").into_inner();
    let (mut kept, mut made) = (0, 0);
    while let Some(answer) = answers.message().await.expect("the import goes on") {
        match answer.message {
            Some(Told::Ack(ack)) => {
                kept += sent.recv().await.expect("a batch that was sent");
                let counts = ack.counts.unwrap_or_default();
                made += counts.created + counts.updated;
                steps.at(kept, made, &memory);
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
    assert_eq!(kept, claims, "all are acknowledged");
    steps.end()
}

/// Makes the messages, on a thread of its own; beside each batch, how many claims it has.
fn send(
    items: impl Iterator<Item = RecordRequest>,
    sender: &mpsc::Sender<ImportRequest>,
    sizes: &mpsc::UnboundedSender<u64>,
) {
    let tell = |message| sender.blocking_send(ImportRequest { message: Some(message) }).expect("the import goes on");
    tell(Asked::Open(ImportOpen {
        recorder: Some(Recorder { tool: "generator".to_owned(), ..Recorder::default() }),
        ..ImportOpen::default()
    }));
    let mut items = items.peekable();
    for number in 1.. {
        let batch = next_batch(&mut items);
        if batch.is_empty() {
            break;
        }
        let claims = batch.iter().map(|item| (item.claims.len() + item.revise.len()) as u64).sum();
        sizes.send(claims).expect("the import goes on");
        tell(Asked::Batch(ImportBatch { number, items: batch, position: String::new() }));
    }
    tell(Asked::Finish(ImportFinish {}));
}

fn next_batch(items: &mut std::iter::Peekable<impl Iterator<Item = RecordRequest>>) -> Vec<RecordRequest> {
    let mut batch = Vec::new();
    let (mut records, mut bytes) = (0, 0);
    while let Some(item) = items.next_if(|item| {
        records += item.articles.len() + item.sources.len() + item.claims.len() + item.revise.len();
        bytes += item.encoded_len() + 8;
        records <= BATCH_RECORDS && bytes <= BATCH_BYTES
    }) {
        batch.push(item);
    }
    batch
}
