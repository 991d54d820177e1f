//! One import: sends batches, several on their way, and goes on where it stopped when the connection breaks.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::transport::Endpoint;

use super::again::INTERRUPTED;
use super::batches::{Batches, Bounds, Position, Prepared};
use super::begun::Begun;
use super::connection::{Connection, Recent};
use super::end::End;
use super::files::Lines;
use super::progress::Progress;
use super::rejects::{Reject, Rejects};
use super::way::{Divided, Way};
use crate::call::{reason, reason_of};
use crate::cli::Failure;
use crate::cli::connection::{Interruption, Patience, connect};
use crate::cli::signals::stop_on_signals;
use crate::domain::model::ErrorReason;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::import_request::Message as Ask;
use crate::proto::claimdb::v1::import_response::Message as Answer;
use crate::proto::claimdb::v1::record_service_client::RecordServiceClient;

/// How long the answer to the opening may take. An import that was open for longer was no vain attempt.
const OPENING: Duration = Duration::from_secs(30);

/// An import that is to be made.
pub(super) struct Import {
    pub(super) endpoint: Endpoint,
    pub(super) open: v1::ImportOpen,
    /// The command that goes on with it; none of what cannot be read again.
    pub(super) again: Option<String>,
    pub(super) records: usize,
    pub(super) in_flight: usize,
    pub(super) lines: Option<Lines>,
    pub(super) rejects: Rejects,
    pub(super) progress: Progress,
    pub(super) patience: Patience,
}

/// What an import came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What the server counts, the part before an interruption included.
    pub(super) counts: v1::ImportCounts,
    /// Lines that held no item.
    pub(super) unread: u64,
    /// Set when it stopped at the first item that is refused.
    pub(super) is_stopped: bool,
}

impl Outcome {
    fn stopped(unread: u64) -> Self {
        Self { counts: v1::ImportCounts::default(), unread, is_stopped: true }
    }
}

impl Import {
    /// Makes it, however many connections it takes, unless a signal stops it.
    pub(super) async fn run(mut self) -> Result<Outcome, Failure> {
        let stop = stop_on_signals(|| ())?;
        let mut way = Way::default();
        let made = tokio::select! {
            made = self.make(&mut way) => made,
            () = stop.cancelled() => Err(Failure::Error(format!("{INTERRUPTED}: {}", self.standing(&way)))),
        };
        self.progress.clear();
        made
    }

    async fn make(&mut self, way: &mut Way) -> Result<Outcome, Failure> {
        loop {
            let interruption = match self.attempt(way).await {
                Ok(Some(outcome)) => return Ok(outcome),
                Ok(None) => continue,
                Err(End::Failed(failure)) => return Err(self.failed(failure, way)),
                Err(End::Interrupted(interruption)) => interruption,
            };
            let progress = &self.progress;
            if !self.patience.wait(|| progress.say(&format!("{}; trying again", interruption.why))).await {
                return Err(Failure::Error(format!("{}; given up for now: {}", interruption.why, self.standing(way))));
            }
        }
    }

    /// Why it cannot go on; once something was sent, also how far it came.
    fn failed(&self, failure: Failure, way: &Way) -> Failure {
        match failure {
            Failure::Error(what) if way.batches.is_some() => Failure::Error(format!("{what}; {}", self.standing(way))),
            failure @ (Failure::Error(_)
            | Failure::Config(_)
            | Failure::Usage(_)
            | Failure::Locked(_)
            | Failure::Damaged(_)) => failure,
        }
    }

    /// How far it came, and how it goes on.
    fn standing(&self, way: &Way) -> String {
        let batches = way.batches_kept();
        let kept = match batches {
            0 => "nothing is known to be imported".to_owned(),
            1 => format!("1 batch is imported, up to {}", self.rejects.shown_place(way.kept.place)),
            _ => format!("{batches} batches are imported, up to {}", self.rejects.shown_place(way.kept.place)),
        };
        match (&self.again, batches) {
            (Some(command), _) => format!("{kept}; go on with: {command}"),
            (None, 0) => {
                format!("{kept}; standard input cannot be read again, so that it is to be imported from its beginning")
            }
            (None, _) => format!(
                "{kept}; standard input cannot be read again, so that this import cannot be gone on with: of what is \
                 imported once more, records that are there already are found again"
            ),
        }
    }

    /// Makes what one connection lets it make; none where the next goes on at once.
    async fn attempt(&mut self, way: &mut Way) -> Result<Option<Outcome>, End> {
        let mut connection = self.open(way).await?;
        let opened = Instant::now();
        let made = self.exchange(way, &mut connection).await;
        // The server ends an import that has nothing to send for long: that is no reason to give it up.
        let owes_nothing = way.unacknowledged.is_empty() && !connection.is_finished;
        if matches!(made, Err(End::Interrupted(_))) && owes_nothing && opened.elapsed() >= OPENING {
            self.patience.renew();
        }
        made
    }

    /// Sends and receives until the end, or until the connection breaks.
    async fn exchange(&mut self, way: &mut Way, connection: &mut Connection) -> Result<Option<Outcome>, End> {
        loop {
            let may_send = way.unacknowledged.len() < connection.in_flight && !way.is_read;
            if way.is_read && way.unacknowledged.is_empty() && !connection.is_finished {
                if let Some(batch) = way.stopped_at.take() {
                    self.rejects.write(batch.unread)?;
                    return Ok(Some(Outcome::stopped(batch.end.unread)));
                }
                connection.send(Ask::Finish(v1::ImportFinish {})).await;
                connection.is_finished = true;
            }
            tokio::select! {
                biased;
                answer = connection.answers.message() => {
                    let answer = match answer {
                        Ok(answer) => answer,
                        Err(status) => return self.ended(way, connection, status),
                    };
                    let Some(answer) = answer else {
                        let why = "the server ended the import before it was done".to_owned();
                        return Err(End::Interrupted(Interruption { why }));
                    };
                    if let Some(done) = self.answered(way, connection, answer)? {
                        let counts = done.counts.unwrap_or_default();
                        return Ok(Some(Outcome { counts, unread: way.kept.unread, is_stopped: false }));
                    }
                }
                batch = next_batch(&mut way.batches), if may_send => match batch.transpose()? {
                    None => way.is_read = true,
                    Some(batch) if !batch.unread.is_empty() && self.stops() => {
                        (way.is_read, way.stopped_at) = (true, Some(batch));
                    }
                    Some(batch) => {
                        let (number, batch) = way.add(batch);
                        connection.send_batch(number, batch).await;
                    }
                },
            }
        }
    }

    fn stops(&self) -> bool {
        self.open.item_errors() == v1::ItemErrorPolicy::RejectBatch
    }

    /// Opens the import on a new connection, and sends again what was not acknowledged.
    async fn open(&mut self, way: &mut Way) -> Result<Connection, End> {
        let channel = connect(&self.endpoint).await.map_err(End::Interrupted)?;
        // A server without reads of ours must not make us wait to read: everything in flight fits.
        let (asks, asked) = mpsc::channel(self.in_flight.max(way.unacknowledged.len()) + 2);
        let open = v1::ImportRequest { message: Some(Ask::Open(self.open.clone())) };
        let mut client = RecordServiceClient::new(channel);
        let opening = async {
            let _ = asks.send(open).await;
            let mut answers = client.import(ReceiverStream::new(asked)).await?.into_inner();
            let first = answers.message().await?;
            Ok::<_, Status>((answers, first.and_then(|first| first.message)))
        };
        let late = |_| End::Interrupted(Interruption { why: "the server does not open the import".to_owned() });
        let (answers, first) = match tokio::time::timeout(OPENING, opening).await.map_err(late)? {
            Ok(opening) => opening,
            Err(status) => return Err(self.not_opened(way, status).await?),
        };
        let Some(Answer::Opened(opened)) = first else {
            return Err(End::Failed(Failure::Error("the server answers the opening with something else".to_owned())));
        };
        let in_flight = usize::try_from(opened.batches_in_flight_max).unwrap_or(1).clamp(1, self.in_flight.max(1));
        let mut connection = Connection { asks, answers, in_flight, errors: BTreeMap::new(), is_finished: false };
        let recent = connection.recent(opened.next_batch).await?;
        if way.batches.is_none() {
            self.begin(way, &opened, recent).await?;
        } else {
            self.go_on(way, opened.next_batch, recent)?;
        }
        for (number, batch) in &way.unacknowledged {
            connection.send_batch(*number, batch).await;
        }
        Ok(connection)
    }

    /// The first connection: begins to read where the import stopped.
    async fn begin(&mut self, way: &mut Way, opened: &v1::ImportOpened, recent: Vec<Recent>) -> Result<(), End> {
        let recent = recent.into_iter().map(|batch| Ok((position(&opened.session, &batch.position)?, batch)));
        // What is known of the newest batches: they are read again, for the lines of their items that were refused.
        let mut recent = recent.collect::<Result<VecDeque<_>, End>>()?;
        way.next = opened.next_batch;
        way.kept = recent.back().map(|(end, _)| *end).unwrap_or_default();
        // From now on it is ours to go on with.
        self.open.only_new = false;
        self.open.session.clone_from(&opened.session);
        let start = match recent.front() {
            Some((_, first)) if first.number > 1 => recent.pop_front().map(|(end, _)| end),
            Some(_) | None => None,
        };
        let start = start.unwrap_or_default();
        self.rejects.begin(opened.next_batch > 1)?;
        let counts = opened.counts.unwrap_or_default();
        if counts.items + counts.rejected > 0 {
            self.progress.note(&format!("{} items are imported already", counts.items));
        }
        let ends: VecDeque<Position> = recent.iter().map(|(end, _)| *end).collect();
        let bytes = usize::try_from(opened.batch_bytes_max).unwrap_or(usize::MAX);
        let records = usize::try_from(opened.batch_records_max).unwrap_or(usize::MAX).min(self.records);
        let bounds = Bounds { records, bytes, stops: self.stops() };
        let mut batches = Batches::spawn(self.take_lines()?, bounds, start, ends)?;
        for (_, batch) in recent {
            let Some(prepared) = batches.recv().await.transpose()? else {
                return Err(End::Failed(Failure::Error("the files are shorter than what was imported".to_owned())));
            };
            self.note(prepared, batch.errors)?;
        }
        way.batches = Some(batches);
        self.patience.renew();
        Ok(())
    }

    /// Why it is not opened. Of one that was begun before the files say whether anything is left of it.
    async fn not_opened(&mut self, way: &mut Way, status: Status) -> Result<End, End> {
        let Some(begun) = Begun::of(&status) else { return Ok(status.into()) };
        way.next = begun.next_batch;
        if begun.next_batch > 1 {
            way.kept = position(&self.open.session, &begun.position)?;
        }
        let what = if self.again.is_none() {
            // What is read from standard input now is not known to be what was read before.
            begun.told_of_standard(way.batches_kept())
        } else {
            let is_complete = !begun.is_open && {
                let bounds = Bounds { records: 1, bytes: usize::MAX, stops: false };
                let mut left = Batches::spawn(self.take_lines()?, bounds, way.kept, VecDeque::new())?;
                left.recv().await.transpose()?.is_none()
            };
            begun.told(way.batches_kept(), is_complete)
        };
        Ok(End::Failed(Failure::Error(format!("import {} {what}", self.open.session))))
    }

    fn take_lines(&mut self) -> Result<Lines, End> {
        let twice = || End::Failed(Failure::Error("the files were opened twice".to_owned()));
        self.lines.take().ok_or_else(twice)
    }

    /// Another connection: what was committed without our knowing is done.
    fn go_on(&mut self, way: &mut Way, next: u64, recent: Vec<Recent>) -> Result<(), End> {
        for batch in recent {
            if way.unacknowledged.front().is_some_and(|(number, _)| *number == batch.number)
                && let Some((_, prepared)) = way.unacknowledged.pop_front()
            {
                way.kept = prepared.end;
                self.note(prepared, batch.errors)?;
                self.patience.renew();
            }
        }
        let expected = way.unacknowledged.front().map_or(way.next, |(number, _)| *number);
        if next != expected {
            // Acknowledged batches are lost, or somebody else goes on with the import.
            let message = format!("the server says that batch {next} is next, and it must be {expected}");
            return Err(End::Failed(Failure::Error(message)));
        }
        Ok(())
    }

    /// Takes an answer up; gives the last one.
    fn answered(
        &mut self,
        way: &mut Way,
        connection: &mut Connection,
        answer: v1::ImportResponse,
    ) -> Result<Option<v1::ImportDone>, End> {
        match answer.message {
            Some(Answer::ItemErrors(errors)) => {
                connection.errors.entry(errors.batch).or_default().extend(errors.errors);
            }
            Some(Answer::Ack(ack)) => {
                let errors = connection.errors.remove(&ack.batch).unwrap_or_default();
                match way.unacknowledged.pop_front() {
                    Some((number, prepared)) if number == ack.batch => {
                        way.kept = prepared.end;
                        self.note(prepared, errors)?;
                        // Only what is kept is success: a server may open an import and end it, over and over.
                        self.patience.renew();
                    }
                    Some(_) | None => {
                        let message = format!("the server acknowledges batch {} out of turn", ack.batch);
                        return Err(End::Failed(Failure::Error(message)));
                    }
                }
            }
            Some(Answer::Done(done)) => return Ok(Some(done)),
            Some(Answer::Opened(_)) | None => {}
        }
        Ok(None)
    }

    /// A batch is kept: its rejects are written before anything else happens.
    fn note(&mut self, batch: Prepared, errors: Vec<v1::ImportItemError>) -> Result<(), End> {
        let rejected = errors.len() + batch.unread.len();
        let items = batch.items.len().saturating_sub(errors.len());
        let refused = rejects_of(&batch, errors);
        self.rejects.write(batch.unread.into_iter().chain(refused).collect())?;
        // Not what is read: that is ahead by as much as is in flight.
        self.progress.reach(batch.read);
        self.progress.add(items as u64, rejected as u64);
        Ok(())
    }

    /// The stream ended with a status; none where another can go on at once.
    fn ended(&mut self, way: &mut Way, connection: &mut Connection, status: Status) -> Result<Option<Outcome>, End> {
        match reason_of(&status) {
            Some(word) if word == ErrorReason::ImportBatchRejected.reason() => {
                let Some((number, batch)) = way.unacknowledged.pop_front() else { return Err(status.into()) };
                let errors = connection.errors.remove(&number).unwrap_or_default();
                self.rejects.write(rejects_of(&batch, errors))?;
                Ok(Some(Outcome::stopped(way.kept.unread)))
            }
            // What was read before it is acknowledged: it is the oldest.
            Some(word) if word == reason::MESSAGE_TOO_LARGE => match way.divide() {
                Divided::Not => Err(status.into()),
                Divided::LeftOut if self.stops() => {
                    let (_, batch) = way.unacknowledged.pop_front().unzip();
                    self.rejects.write(batch.unwrap_or_default().unread)?;
                    Ok(Some(Outcome::stopped(way.kept.unread)))
                }
                Divided::Halved | Divided::LeftOut => Ok(None),
            },
            Some(_) | None => Err(status.into()),
        }
    }
}

fn position(session: &str, text: &str) -> Result<Position, End> {
    let foreign = || Failure::Error(format!("import {session} was not made by this program"));
    Position::decode(text).ok_or_else(foreign).map_err(End::Failed)
}

fn rejects_of(batch: &Prepared, errors: Vec<v1::ImportItemError>) -> Vec<Reject> {
    let located = errors.into_iter().filter_map(|error| {
        let place = usize::try_from(error.item).ok().and_then(|item| batch.places.get(item)).copied()?;
        Some(Reject::refused(place, error))
    });
    located.collect()
}

async fn next_batch(batches: &mut Option<mpsc::Receiver<io::Result<Prepared>>>) -> Option<io::Result<Prepared>> {
    match batches {
        Some(batches) => batches.recv().await,
        None => None,
    }
}
