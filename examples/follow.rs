//! Follows a database for ever and prints what changes, one line each. It keeps where it stands in a file, and goes on from
//! there after any interruption, its own or the server's:
//!
//!     cargo run --example follow -- http://localhost:50051 follow.revision
//!
//! With `export` as a third argument it begins with what is there, as of one revision, and follows from that revision on:
//! between the two nothing is missed and nothing comes twice, whoever writes meanwhile. Otherwise it begins with the oldest
//! change.
//!
//! The loop is what every client of Watch needs: a commit is dealt with when all of it has come, then its revision is
//! kept; whatever ends the stream, start again after the revision that was kept.

#![allow(clippy::print_stdout, reason = "it is what the program is for")]

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use claimdb::proto::claimdb::v1;
use tonic::transport::Endpoint;
use tonic::{Code, Status};
use v1::change_service_client::ChangeServiceClient;
use v1::record_service_client::RecordServiceClient;
use v1::version::Record;
use v1::watch_request::Start;

const HEARTBEAT: Duration = Duration::from_secs(15);

/// No message for so long: the connection is dead, whatever it says.
const SILENCE_MAX: Duration = Duration::from_secs(45);

/// From one failed attempt to the next: doubled up to the second, and back to the first after a message.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// The largest part of an export: one article's text and what goes with it.
const PART_BYTES_MAX: usize = 64 << 20;

/// Where to begin when nothing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// With the oldest change.
    Oldest,
    /// With what is there as of one revision.
    Export,
}

/// What there is to tell: at a revision, something about a record.
pub struct Told {
    /// The revision that made it so, or as of which it is so.
    pub revision: u64,
    /// `is`, of what an export has; otherwise what was done.
    pub action: String,
    /// The record.
    pub name: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (address, file, begin) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [address, file] => (address, file, Begin::Oldest),
        [address, file, "export"] => (address, file, Begin::Export),
        _ => return Err("usage: follow ADDRESS FILE [export]".into()),
    };
    let mut print = |told: Told| println!("{} {} {}", told.revision, told.action, told.name);
    // A connection of its own: what is not read of a stream takes from the window of all calls beside it.
    Err(run(&Endpoint::from_shared(address.to_owned())?, Path::new(file), begin, &mut print).await.into())
}

/// Follows until going on is of no use.
pub async fn run(endpoint: &Endpoint, file: &Path, begin: Begin, tell: &mut impl FnMut(Told)) -> Status {
    let (mut backoff, mut cursor) = (BACKOFF.0, String::new());
    loop {
        let ended = match kept(file) {
            Ok(None) if begin == Begin::Export => export(endpoint, file, &mut cursor, &mut backoff, tell).await,
            Ok(Some(revision)) => follow(endpoint, file, Start::AfterRevision(revision), &mut backoff, tell).await,
            Ok(None) => follow(endpoint, file, Start::FromOldest(true), &mut backoff, tell).await,
            Err(status) => Err(status),
        };
        let Err(status) = ended else { continue };
        if is_final(status.code()) {
            return status;
        }
        eprintln!("{}: {}; going on in {backoff:?}", status.code(), status.message());
        tokio::time::sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF.1);
    }
}

/// Whether trying again changes nothing: the request is wrong, or the store is another or an older one.
fn is_final(code: Code) -> bool {
    let codes =
        [Code::InvalidArgument, Code::OutOfRange, Code::FailedPrecondition, Code::Unimplemented, Code::DataLoss];
    codes.contains(&code)
}

/// What is there as of one revision, which is kept once all of it was told: it is where to follow from. An export that is
/// interrupted goes on behind the last part that was told, at its revision.
async fn export(
    endpoint: &Endpoint,
    file: &Path,
    cursor: &mut String,
    backoff: &mut Duration,
    tell: &mut impl FnMut(Told),
) -> Result<(), Status> {
    let mut client = RecordServiceClient::new(connect(endpoint).await?).max_decoding_message_size(PART_BYTES_MAX);
    let request = v1::ExportRequest { cursor: cursor.clone(), ..Default::default() };
    let mut parts = client.export(request).await?.into_inner();
    while let Some(part) = parts.message().await? {
        *backoff = BACKOFF.0;
        let revision = part.read.map(|read| read.revision).unwrap_or_default();
        for name in part.items.iter().flat_map(names) {
            tell(Told { revision, action: "is".to_owned(), name });
        }
        *cursor = part.cursor;
        if part.total_items.is_some() {
            return keep(file, revision);
        }
    }
    Err(Status::unavailable("the export ended before it was done"))
}

/// The records that an item of an export makes. What it revises or retracts was made by an item before.
fn names(item: &v1::RecordRequest) -> Vec<String> {
    let articles = item.articles.iter().map(|record| &record.name);
    let sources = item.sources.iter().map(|record| &record.name);
    let claims = item.claims.iter().map(|record| &record.name);
    let relations = item.relations.iter().map(|record| &record.name);
    let assessments = item.assessments.iter().map(|record| &record.name);
    articles.chain(sources).chain(claims).chain(relations).chain(assessments).cloned().collect()
}

/// Follows until the stream ends.
async fn follow(
    endpoint: &Endpoint,
    file: &Path,
    start: Start,
    backoff: &mut Duration,
    tell: &mut impl FnMut(Told),
) -> Result<(), Status> {
    let mut client = ChangeServiceClient::new(connect(endpoint).await?);
    let heartbeat_interval = prost_types::Duration::try_from(HEARTBEAT).ok();
    let request = v1::WatchRequest { start: Some(start), heartbeat_interval, ..Default::default() };
    let mut stream = client.watch(request).await?.into_inner();
    let mut commit = Vec::new();
    loop {
        let next = tokio::time::timeout(SILENCE_MAX, stream.message()).await;
        let silent = |_| Status::deadline_exceeded("no heartbeat came");
        let Some(message) = next.map_err(silent)?? else { return Ok(()) };
        *backoff = BACKOFF.0;
        commit.extend(message.changes);
        // Half a commit is none: it would come again as a whole.
        if message.more_in_commit {
            continue;
        }
        for change in commit.drain(..) {
            let version = change.version.unwrap_or_default();
            let action = version.action().as_str_name().trim_start_matches("ACTION_").to_lowercase();
            tell(Told { revision: message.commit_revision, action, name: name(version) });
        }
        // After the work, so that a crash in between repeats it and loses nothing. Heartbeats count as well.
        keep(file, message.revision)?;
    }
}

async fn connect(endpoint: &Endpoint) -> Result<tonic::transport::Channel, Status> {
    endpoint.connect().await.map_err(|error| Status::unavailable(error.to_string()))
}

fn name(version: v1::Version) -> String {
    match version.record {
        Some(Record::Article(record)) => record.name,
        Some(Record::Source(record)) => record.name,
        Some(Record::Claim(record)) => record.name,
        Some(Record::Relation(record)) => record.name,
        Some(Record::Assessment(record)) => record.name,
        None => "a kind of record that this program does not know".to_owned(),
    }
}

fn kept(file: &Path) -> Result<Option<u64>, Status> {
    match std::fs::read_to_string(file) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| Status::invalid_argument("the file holds no revision")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Status::invalid_argument(error.to_string())),
    }
}

/// Whole or not at all, as a client that writes elsewhere keeps it in the transaction of its work.
fn keep(file: &Path, revision: u64) -> Result<(), Status> {
    let new = file.with_extension("new");
    let kept = std::fs::write(&new, revision.to_string()).and_then(|()| std::fs::rename(&new, file));
    kept.map_err(|error| Status::invalid_argument(error.to_string()))
}
