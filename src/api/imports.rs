//! Import: a stream of batches, several of them on their way.
//!
//! A batch passes three stages: it is read and converted, beside the others; it is queued in the store, in order; it is
//! acknowledged when it is kept. A place among those in flight is taken before it is read and given back with its
//! acknowledgement, so that a client which floods waits on its own side of the wire.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tonic::{Code, Request, Status, Streaming};
use tonic_types::StatusExt as _;

use super::convert::{
    ImportItems, ImportOpening, Violations, import_counts, import_item_error, import_items, import_open,
};
use super::stream::{Messages, Streamed, serving};
use super::{Api, status};
use crate::call::memory::{self, Memory};
use crate::call::{Draining, reason, reason_of, shutting_down, status_with};
use crate::domain::limits;
use crate::domain::model::ErrorReason;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::import_request::Message as Asked;
use crate::proto::claimdb::v1::import_response::Message as Told;
use crate::service::{Computing, OpenImport};
use crate::storage::{ImportBatch, ImportCounts, ImportError, ImportSession, Importing, ItemError, RecentBatch};

/// A client that sends nothing for so long has forgotten its import, which holds one of few places.
const IDLE: Duration = Duration::from_secs(300);

/// How often to look whether memory is still short: about as long as a batch takes.
const MEMORY_POLL: Duration = Duration::from_millis(20);

/// Bytes of item errors in one message, about.
const ERRORS_BYTES: usize = 1024 * 1024;

/// Fields that are named of an item: what is told is kept with the commit.
const FIELDS: usize = 8;

type Answers = Messages<v1::ImportResponse>;

impl Api {
    pub(super) fn import_stream(&self, request: Request<Streaming<v1::ImportRequest>>) -> Streamed<v1::ImportResponse> {
        let draining = request.extensions().get::<Draining>().cloned().unwrap_or_default();
        let (api, messages) = (self.clone(), request.into_inner());
        serving(|answers| api.import_all(messages, draining, answers))
    }

    async fn import_all(
        self,
        mut messages: Streaming<v1::ImportRequest>,
        draining: Draining,
        answers: Answers,
    ) -> Result<(), Status> {
        let Some(first) = next(&mut messages, &draining).await? else { return Ok(()) };
        let Some(Asked::Open(open)) = first.message else {
            return Err(wrong("open", "the first message opens the import"));
        };
        let opening = Arc::new(import_open(open)?);
        let (principal, session) = (Arc::clone(&opening.principal), opening.session.clone());
        let opened = self.service.open_import(principal, session, &opening.input, opening.opening).await;
        let opened = opened.map_err(status::of_read)?;
        let before = opened.progress.as_ref().map(|progress| &progress.session);
        let batches = before.map_or(0, |before| before.next_batch - 1);
        let counts = before.map(|before| before.counts).unwrap_or_default();
        answers.send(response(Told::Opened(self.opened(&opening, before)))).await;
        for RecentBatch { number, revision, position, rejected } in opened.progress.iter().flat_map(|it| &it.recent) {
            send_errors(&answers, *number, rejected).await;
            let ack = v1::ImportAck {
                batch: *number,
                revision: *revision,
                position: position.clone(),
                duplicate: true,
                counts: None,
            };
            answers.send(response(Told::Ack(ack))).await;
        }

        let (converting, converted) = mpsc::channel(limits::IMPORT_BATCHES);
        let (committing, committed) = mpsc::channel(limits::IMPORT_BATCHES);
        let computing = self.service.computing().clone();
        let reading = Reading { opening: Arc::clone(&opening), draining, converting, computing };
        let mut done = Done { batches, counts };
        let (is_finished, ()) = tokio::try_join!(
            async {
                let reading = reading.run(&mut messages, &opened);
                let (end, ()) = tokio::join!(reading, self.queue_all(&opening, &opened, converted, committing));
                // Not before what was read is acknowledged.
                Ok::<_, Status>(end)
            },
            acknowledge_all(&opening, committed, &answers, &mut done),
        )?;
        if is_finished? {
            let Done { batches, counts } = done;
            answers.send(response(Told::Done(v1::ImportDone { counts: Some(import_counts(counts)), batches }))).await;
        }
        Ok(())
    }

    fn opened(&self, opening: &ImportOpening, before: Option<&ImportSession>) -> v1::ImportOpened {
        let number = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        v1::ImportOpened {
            session: opening.session.clone(),
            next_batch: before.map_or(1, |before| before.next_batch),
            counts: Some(import_counts(before.map(|before| before.counts).unwrap_or_default())),
            position: before.map(|before| before.position.clone()).unwrap_or_default(),
            batches_in_flight_max: number(limits::IMPORT_BATCHES),
            batch_records_max: number(limits::REQUEST_RECORDS),
            batch_bytes_max: number(limits::IMPORT_BATCH_BYTES),
        }
    }

    /// Queues what is converted, in the order in which it was read.
    async fn queue_all(
        &self,
        opening: &ImportOpening,
        opened: &OpenImport,
        mut converted: mpsc::Receiver<Converting>,
        committing: mpsc::Sender<Committing>,
    ) {
        while let Some(Converting { number, position, items, place }) = converted.recv().await {
            let items = match items.await {
                Ok(Ok(items)) => items,
                Ok(Err(violations)) => {
                    let end = Err(Status::from(violations));
                    return drop(committing.send(Committing { number, end, place }).await);
                }
                // A panic in the conversion is met where every panic is.
                Err(error) => match error.try_into_panic() {
                    Ok(payload) => std::panic::resume_unwind(payload),
                    Err(_) => return,
                },
            };
            let ImportItems { items, errors } = items;
            let errors: Vec<_> =
                errors.into_iter().map(|(index, violations)| item_error(index, &violations.into())).collect();
            // Whatever is wrong with items: the store first looks whether the batch is next.
            let batch = ImportBatch {
                principal: Arc::clone(&opening.principal),
                recorder: opening.recorder.clone(),
                session: opening.session.clone(),
                input: opening.input.clone(),
                number,
                position,
                items,
                refused: errors,
                item_errors: opening.item_errors,
                tell: |index, refusal| item_error(index, &refusal.into()),
                fence: opened.fence.clone(),
            };
            let end = Ok(self.service.import(batch).await);
            if committing.send(Committing { number, end, place }).await.is_err() {
                return;
            }
        }
    }
}

/// A batch that is being converted.
struct Converting {
    number: u64,
    position: String,
    items: JoinHandle<Result<ImportItems, Violations>>,
    place: OwnedSemaphorePermit,
}

/// A batch that is being committed, or why it is not.
struct Committing {
    number: u64,
    end: Result<Importing, Status>,
    place: OwnedSemaphorePermit,
}

/// What everything came to so far.
struct Done {
    batches: u64,
    counts: ImportCounts,
}

/// Reads batches and has them converted.
struct Reading {
    opening: Arc<ImportOpening>,
    draining: Draining,
    converting: mpsc::Sender<Converting>,
    computing: Computing,
}

impl Reading {
    /// Reads to the end; tells whether the client said that it was one.
    async fn run(self, messages: &mut Streaming<v1::ImportRequest>, opened: &OpenImport) -> Result<bool, Status> {
        let places = Arc::new(Semaphore::new(limits::IMPORT_BATCHES));
        loop {
            let place = Arc::clone(&places).acquire_owned().await;
            let place = place.map_err(|_| status::impossible("Import", "the places in flight were closed"))?;
            wait_for_room(memory::process(), &places).await;
            let message = tokio::select! {
                biased;
                () = opened.fence.lowered() => return Err(status::import_taken(&self.opening.session)),
                message = next(messages, &self.draining) => message?,
            };
            let batch = match message.map(|message| message.message) {
                None => return Ok(false),
                Some(Some(Asked::Finish(v1::ImportFinish {}))) => return Ok(true),
                Some(Some(Asked::Batch(batch))) => batch,
                Some(Some(Asked::Open(_))) => return Err(wrong("open", "the import is open")),
                Some(None) => return Err(wrong("message", "is required")),
            };
            let v1::ImportBatch { number, items, position } = batch;
            if position.len() > limits::IMPORT_NOTE_BYTES {
                let message = format!("at most {} bytes are allowed", limits::IMPORT_NOTE_BYTES);
                return Err(Violations::one("batch.position", ErrorReason::LimitExceeded, message).into());
            }
            let opening = Arc::clone(&self.opening);
            let items = self.computing.begin(move || import_items(items, opening.recorder.as_ref())).await;
            if self.converting.send(Converting { number, position, items, place }).await.is_err() {
                // What was queued before ended in an error, which is on its way.
                return Ok(false);
            }
        }
    }
}

/// While memory is short, the next batch is read when those before are done.
async fn wait_for_room(memory: &Memory, places: &Semaphore) {
    while memory.is_short() && places.available_permits() + 1 < limits::IMPORT_BATCHES {
        tokio::time::sleep(MEMORY_POLL).await;
    }
}

/// Acknowledges what is kept. Ends with the first batch that is not.
async fn acknowledge_all(
    opening: &ImportOpening,
    mut committed: mpsc::Receiver<Committing>,
    answers: &Answers,
    done: &mut Done,
) -> Result<(), Status> {
    while let Some(Committing { number, end, place }) = committed.recv().await {
        let imported = match end?.await {
            Ok(imported) => imported,
            Err(error) => {
                if let ImportError::Rejected(rejected) = &error {
                    send_errors(answers, number, rejected).await;
                }
                return Err(status::of_import(error, &opening.session, number));
            }
        };
        send_errors(answers, number, &imported.rejected).await;
        *done = Done { batches: imported.session.next_batch - 1, counts: imported.session.counts };
        let ack = v1::ImportAck {
            batch: number,
            revision: imported.head.revision,
            counts: Some(import_counts(imported.counts)),
            duplicate: imported.duplicate,
            position: String::new(),
        };
        answers.send(response(Told::Ack(ack))).await;
        drop(place);
    }
    Ok(())
}

/// The next message; none at the end.
async fn next(
    messages: &mut Streaming<v1::ImportRequest>,
    draining: &Draining,
) -> Result<Option<v1::ImportRequest>, Status> {
    tokio::select! {
        biased;
        () = draining.0.cancelled() => Err(shutting_down()),
        message = tokio::time::timeout(IDLE, messages.message()) => match message {
            Ok(message) => message,
            Err(_) => {
                let message = format!("no message for {} seconds; open the import again to go on", IDLE.as_secs());
                Err(status_with(Code::DeadlineExceeded, reason::DEADLINE_EXCEEDED, message, []))
            }
        },
    }
}

async fn send_errors(answers: &Answers, batch: u64, rejected: &[ItemError]) {
    let (mut errors, mut bytes) = (Vec::new(), 0);
    for (index, item) in rejected.iter().enumerate() {
        let error = import_item_error(item);
        bytes += error.encoded_len();
        errors.push(error);
        if bytes >= ERRORS_BYTES || index + 1 == rejected.len() {
            let errors = std::mem::take(&mut errors);
            answers.send(response(Told::ItemErrors(v1::ImportItemErrors { batch, errors }))).await;
            bytes = 0;
        }
    }
}

/// What Record would have answered, the first few fields of it.
fn item_error(index: usize, status: &Status) -> ItemError {
    let word = reason_of(status).unwrap_or_default();
    let reason = ErrorReason::ALL.iter().copied().find(|reason| reason.reason() == word);
    ItemError {
        index,
        code: u32::try_from(i32::from(status.code())).unwrap_or_default(),
        reason: reason.unwrap_or(ErrorReason::Internal),
        message: status.message().to_owned(),
        fields: wrong_fields(status).take(FIELDS).collect(),
    }
}

/// The fields that a status names, and what is wrong with each.
fn wrong_fields(status: &Status) -> impl Iterator<Item = (String, String)> {
    let bad = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let failed = status.get_details_precondition_failure().map(|failed| failed.violations).unwrap_or_default();
    let missing = failed.into_iter().filter(|failed| failed.r#type == status::REFERENCE);
    let missing = missing.map(|missing| (missing.description, format!("{} does not exist", missing.subject)));
    bad.into_iter().map(|field| (field.field, field.description)).chain(missing)
}

fn wrong(field: &str, message: &str) -> Status {
    Violations::one(field, ErrorReason::FieldInvalid, message).into()
}

fn response(message: Told) -> v1::ImportResponse {
    v1::ImportResponse { message: Some(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn while_memory_is_short_one_batch_is_read_after_the_other() {
        let memory = Memory::of(|| Some(2));
        let places = Arc::new(Semaphore::new(limits::IMPORT_BATCHES));
        let take = || Arc::clone(&places).try_acquire_owned().unwrap();
        let (before, _this) = (take(), take());
        wait_for_room(&memory, &places).await;
        memory.bound(1, 0);
        memory.look();
        let waiting = tokio::time::timeout(10 * MEMORY_POLL, wait_for_room(&memory, &places));
        assert!(waiting.await.is_err(), "another is on its way");
        drop(before);
        wait_for_room(&memory, &places).await;
    }
}
