//! An import that is open on one connection: what is sent on it, and what it tells of batches that were kept before.

use std::collections::BTreeMap;

use tokio::sync::mpsc;
use tonic::Streaming;

use super::batches::Prepared;
use super::end::End;
use crate::cli::connection::Interruption;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::import_request::Message as Ask;
use crate::proto::claimdb::v1::import_response::Message as Answer;

/// A connection on which the import is open.
pub(super) struct Connection {
    pub(super) asks: mpsc::Sender<v1::ImportRequest>,
    pub(super) answers: Streaming<v1::ImportResponse>,
    pub(super) in_flight: usize,
    /// Item errors of batches whose acknowledgement is still to come.
    pub(super) errors: BTreeMap<u64, Vec<v1::ImportItemError>>,
    pub(super) is_finished: bool,
}

/// A batch that is told of again.
pub(super) struct Recent {
    pub(super) number: u64,
    pub(super) position: String,
    pub(super) errors: Vec<v1::ImportItemError>,
}

impl Connection {
    pub(super) async fn send(&self, message: Ask) {
        // A connection that broke is met when it is read.
        let _ = self.asks.send(v1::ImportRequest { message: Some(message) }).await;
    }

    pub(super) async fn send_batch(&self, number: u64, batch: &Prepared) {
        let position = batch.end.encode();
        self.send(Ask::Batch(v1::ImportBatch { number, items: batch.items.clone(), position })).await;
    }

    /// What follows the opening: the newest batches before `next`.
    pub(super) async fn recent(&mut self, next: u64) -> Result<Vec<Recent>, End> {
        let mut recent = Vec::new();
        while next > 1 && recent.last().is_none_or(|last: &Recent| last.number + 1 < next) {
            match self.answers.message().await?.and_then(|answer| answer.message) {
                Some(Answer::ItemErrors(errors)) => {
                    self.errors.entry(errors.batch).or_default().extend(errors.errors);
                }
                Some(Answer::Ack(ack)) => {
                    let errors = self.errors.remove(&ack.batch).unwrap_or_default();
                    recent.push(Recent { number: ack.batch, position: ack.position, errors });
                }
                Some(Answer::Opened(_) | Answer::Done(_)) | None => {
                    let why = "the server ended the import while it opened".to_owned();
                    return Err(End::Interrupted(Interruption { why }));
                }
            }
        }
        Ok(recent)
    }
}
