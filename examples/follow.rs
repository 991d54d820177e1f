//! Follows a database for ever and prints what changes, one line each. It keeps where it stands in a file, and goes on from
//! there after any interruption, its own or the server's:
//!
//!     cargo run --example follow -- http://localhost:50051 follow.revision
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
use v1::version::Record;
use v1::watch_request::Start;

const HEARTBEAT: Duration = Duration::from_secs(15);

/// No message for so long: the connection is dead, whatever it says.
const SILENCE_MAX: Duration = Duration::from_secs(45);

/// From one failed attempt to the next: doubled up to the second, and back to the first after a message.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: follow ADDRESS FILE".into());
    };
    let file = Path::new(&file);
    // A connection of its own: what is not read of a stream takes from the window of all calls beside it.
    let endpoint = Endpoint::from_shared(address)?;
    let mut backoff = BACKOFF.0;
    loop {
        let status = match follow(&endpoint, file, &mut backoff).await {
            Ok(()) => continue,
            Err(status) => status,
        };
        if is_final(status.code()) {
            return Err(status.into());
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

/// Follows until the stream ends.
async fn follow(endpoint: &Endpoint, file: &Path, backoff: &mut Duration) -> Result<(), Status> {
    let unavailable = |error: tonic::transport::Error| Status::unavailable(error.to_string());
    let mut client = ChangeServiceClient::new(endpoint.connect().await.map_err(unavailable)?);
    let start = match kept(file)? {
        Some(revision) => Start::AfterRevision(revision),
        None => Start::FromOldest(true),
    };
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
            println!("{} {}", message.commit_revision, line(&change.version.unwrap_or_default()));
        }
        // After the work, so that a crash in between repeats it and loses nothing. Heartbeats count as well.
        keep(file, message.revision)?;
    }
}

fn line(version: &v1::Version) -> String {
    let name = match &version.record {
        Some(Record::Article(record)) => &record.name,
        Some(Record::Source(record)) => &record.name,
        Some(Record::Claim(record)) => &record.name,
        Some(Record::Relation(record)) => &record.name,
        Some(Record::Assessment(record)) => &record.name,
        None => return "a kind of record that this program does not know".to_owned(),
    };
    format!("{} {name}", version.action().as_str_name().trim_start_matches("ACTION_").to_lowercase())
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
