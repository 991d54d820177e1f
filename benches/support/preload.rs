//! Fills claimdb with the generator's claims, through `Import` as a client would.

use std::sync::Arc;

use claimdb::proto::claimdb::v1::import_request::Message as Asked;
use claimdb::proto::claimdb::v1::import_response::Message as Told;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::*;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

use crate::generate::Generator;

/// Items of a batch: some three claims and their article each, well within what a batch may hold.
const BATCH: u64 = 150;

/// Records the first so many items, and tells how many claims they have.
pub(crate) async fn items(channel: Channel, generator: Arc<Generator>, items: u64) -> u64 {
    let mut client = RecordServiceClient::new(channel).max_decoding_message_size(16 << 20);
    let (sender, receiver) = mpsc::channel(2);
    let source = std::thread::spawn(move || send(&generator, items, &sender));
    let mut answers = client.import(ReceiverStream::new(receiver)).await.expect("an import").into_inner();
    while let Some(answer) = answers.message().await.expect("the import goes on") {
        match answer.message {
            Some(Told::ItemErrors(errors)) => {
                panic!("the generator makes what is refused: {:?}", errors.errors.first())
            }
            Some(Told::Opened(_) | Told::Ack(_)) | None => {}
            Some(Told::Done(_)) => break,
        }
    }
    source.join().expect("the generator")
}

fn send(generator: &Generator, items: u64, sender: &mpsc::Sender<ImportRequest>) -> u64 {
    let tell = |message| sender.blocking_send(ImportRequest { message: Some(message) }).expect("the import goes on");
    tell(Asked::Open(ImportOpen { session: "preload".to_owned(), ..ImportOpen::default() }));
    let starts = (0..items).step_by(BATCH as usize);
    let mut claims = 0;
    for (number, start) in (1..).zip(starts) {
        let batch: Vec<_> = (start..items.min(start + BATCH)).map(|item| generator.item(item)).collect();
        claims += batch.iter().map(|item| item.claims.len() as u64).sum::<u64>();
        tell(Asked::Batch(ImportBatch { number, items: batch, position: String::new() }));
    }
    tell(Asked::Finish(ImportFinish {}));
    claims
}
