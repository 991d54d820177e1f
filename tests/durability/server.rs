//! The real server in a process of its own, and what is recorded through it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::server_info_service_client::ServerInfoServiceClient;
use claimdb::proto::claimdb::v1::{
    Article, Attribution, BatchGetClaimsRequest, Claim, Figure, GetServerInfoRequest, RecordRequest, SourceRef,
};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::children::{self, Ended};

/// Claims in one request.
pub(crate) const CLAIMS: u64 = 3;
const START_LIMIT: Duration = Duration::from_secs(60);

/// A server, killed when dropped.
pub(crate) struct Served {
    child: Child,
    lines: Receiver<String>,
    said: String,
    pub(crate) address: String,
}

impl Served {
    /// Starts a server on a directory with these settings and waits until it serves; or tells how it ended instead.
    pub(crate) fn start(directory: &Path, settings: &[(&str, &str)]) -> Result<Self, Ended> {
        let mut command = children::claimdb();
        command.args(["--listen", "127.0.0.1:0", "--log-format", "json", "--data-dir"]).arg(directory);
        command.env("RUST_BACKTRACE", "0").envs(settings.iter().copied());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, receiver) = channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut served = Self { child, lines: receiver, said: String::new(), address: String::new() };
        let listening = served.line("\"listening\"")?;
        let listening: serde_json::Value = serde_json::from_str(&listening).unwrap();
        served.address = format!("http://{}", listening["address"].as_str().unwrap());
        served.line("\"serving\"")?;
        Ok(served)
    }

    /// The next line of its log that has this in it; or how it ended instead.
    pub(crate) fn line(&mut self, wanted: &str) -> Result<String, Ended> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(wanted) => return Ok(line),
                Ok(line) => self.said.push_str(&format!("{line}\n")),
                Err(RecvTimeoutError::Timeout) => return Err(self.end(Duration::ZERO)),
                Err(RecvTimeoutError::Disconnected) => return Err(self.end(Duration::from_secs(5))),
            }
        }
    }

    /// Waits for the end, kills it at the limit, and tells about it.
    pub(crate) fn end(&mut self, limit: Duration) -> Ended {
        let (code, is_timed_out) = children::wait(&mut self.child, limit);
        self.said.extend(self.lines.try_iter().map(|line| line + "\n"));
        Ended { code, is_timed_out, printed: String::new(), complaints: self.said.clone() }
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as an operator does.
    pub(crate) fn terminate(&mut self) -> Ended {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::TERM)
            .unwrap();
        self.end(START_LIMIT)
    }

    /// Its log so far.
    pub(crate) fn said_so_far(&mut self) -> &str {
        self.said.extend(self.lines.try_iter().map(|line| line + "\n"));
        &self.said
    }

    /// The process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process is alive.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// A connection.
    pub(crate) fn channel(&self) -> Channel {
        Endpoint::from_shared(self.address.clone()).unwrap().timeout(Duration::from_secs(20)).connect_lazy()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request: an article and its claims, each with a figure, under names and an id that follow from the number.
pub(crate) fn request(number: u64, text_bytes: usize) -> RecordRequest {
    let statement = "Nearly 2,000 soldiers have been killed.";
    let text = format!("{statement} {}", "The ministry said so. ".repeat(text_bytes / 22));
    let claim = |index| Claim {
        name: format!("claims/k{number}-{index}"),
        article: "#a".to_owned(),
        statement: format!("{statement} ({number}, {index})"),
        attributions: vec![Attribution {
            source: Some(SourceRef { display_name: format!("Ministry {}", number % 7), ..SourceRef::default() }),
            ..Attribution::default()
        }],
        figures: vec![Figure { verbatim: "Nearly 2,000".to_owned(), ..Figure::default() }],
        ..Claim::default()
    };
    RecordRequest {
        articles: vec![Article {
            name: format!("articles/k{number}"),
            key: "a".to_owned(),
            urls: vec![format!("https://news.example/{number}")],
            text: format!("{text}{number}"),
            ..Article::default()
        }],
        claims: (0..CLAIMS).map(claim).collect(),
        request_id: format!("request-{number}"),
        ..RecordRequest::default()
    }
}

/// Records a request; gives its revision and whether it had been recorded before.
pub(crate) async fn record(channel: &Channel, request: RecordRequest) -> Result<(u64, bool), Status> {
    let mut client = RecordServiceClient::new(channel.clone());
    let commit = client.record(request).await?.into_inner().commit.unwrap();
    assert!(commit.committed);
    Ok((commit.revision, commit.replayed))
}

/// The revision that made the claims of a request; none when none of them is there.
///
/// # Panics
/// When some are there and some are not, or one is not what was recorded.
pub(crate) async fn revision_of(channel: &Channel, number: u64) -> Result<Option<u64>, Status> {
    let expected = request(number, 0).claims;
    let names = expected.iter().map(|claim| claim.name.clone()).collect();
    let asked = BatchGetClaimsRequest { names, allow_missing: true, ..BatchGetClaimsRequest::default() };
    let found = ClaimServiceClient::new(channel.clone()).batch_get_claims(asked).await?.into_inner();
    if found.missing_names.len() == expected.len() {
        return Ok(None);
    }
    assert_eq!(found.missing_names, Vec::<String>::new(), "a part of commit {number}");
    let revisions: Vec<u64> = found.claims.iter().map(|claim| claim.metadata.as_ref().unwrap().revision).collect();
    for (found, expected) in found.claims.iter().zip(&expected) {
        assert_eq!((&found.name, &found.statement), (&expected.name, &expected.statement));
        assert_eq!(found.figures[0].value, "2000");
    }
    assert!(revisions.iter().all(|revision| *revision == revisions[0]), "{number}: {revisions:?}");
    Ok(Some(revisions[0]))
}

/// The newest revision.
pub(crate) async fn head(channel: &Channel) -> u64 {
    let info = ServerInfoServiceClient::new(channel.clone()).get_server_info(GetServerInfoRequest {}).await.unwrap();
    info.into_inner().head.unwrap().revision
}

/// The reason in a refusal.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_else(|| format!("{:?}", status.code()))
}

/// Whether a failure says that the store is damaged.
pub(crate) fn says_damaged(status: &Status) -> bool {
    status.code() == Code::DataLoss && reason(status) == "STORE_CORRUPTED"
}
