//! A server that comes back on its port, the program beside it, and files to import.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use tonic::transport::{Channel, Endpoint};

use crate::process::Process;

/// No program runs for longer than this, and nothing is awaited for longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A server on a port and a directory of its own, which can be killed and started again.
pub(crate) struct Server {
    pub(crate) data: tempfile::TempDir,
    pub(crate) address: String,
    settings: Vec<String>,
    process: Option<Process>,
    segments: Arc<Segments>,
}

/// What became of segments, over all lives of a server, as it logged it.
#[derive(Default)]
struct Segments {
    sealed: AtomicUsize,
    merged: AtomicUsize,
}

impl Segments {
    fn overhear(&self, line: &str) {
        if line.contains("\"message\":\"sealed a segment\"") {
            self.sealed.fetch_add(1, Ordering::SeqCst);
        } else if line.contains("\"message\":\"merged segments\"") {
            self.merged.fetch_add(1, Ordering::SeqCst);
        } else if !["INFO", "DEBUG"].iter().any(|level| line.contains(&format!("\"level\":\"{level}\""))) {
            eprintln!("{line}");
        }
    }
}

/// Segments as small as they may be, so that some thousands of records are many, and are merged.
pub(crate) const SEAL_OFTEN: [&str; 2] = ["--seal-numbers", "64"];

impl Server {
    pub(crate) fn start(settings: &[&str]) -> Self {
        // Free a moment ago: nobody else of this machine's tests asks for a port by number.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let data = tempfile::tempdir().unwrap();
        let mut server =
            Self { data, address: format!("127.0.0.1:{port}"), settings, process: None, segments: Arc::default() };
        server.restart();
        server
    }

    pub(crate) fn restart(&mut self) {
        let mut command = claimdb();
        command.args(["--log-format", "json", "--log-filter", "info,claimdb::storage::sled=debug"]);
        command.args(["--listen", &self.address, "--data-dir"]).arg(self.data.path());
        let segments = Arc::clone(&self.segments);
        self.process = Some(Process::overheard(with(command, &self.settings), move |line| segments.overhear(line)));
    }

    /// Asserts that it sealed and merged segments, and so was killed among seals and merges.
    pub(crate) fn assert_merged(&self) {
        let [sealed, merged] = [&self.segments.sealed, &self.segments.merged].map(|count| count.load(Ordering::SeqCst));
        println!("{sealed} segments sealed, {merged} merges");
        // Of a few thousand records it is some twenty and six; how many exactly is a matter of who comes first.
        assert!(sealed >= 8 && merged >= 2, "{sealed} sealed, {merged} merges");
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().unwrap().child.id()
    }

    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }
}

fn with(mut command: Command, arguments: &[String]) -> Command {
    command.args(arguments);
    command
}

/// The program, without the settings of the surrounding environment.
pub(crate) fn claimdb() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claimdb"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CLAIMDB_")) {
        command.env_remove(name);
    }
    command
}

/// `claimdb import` of a file.
pub(crate) fn import(server: &Server, file: &Path, further: &[&str]) -> Command {
    let mut command = claimdb();
    command.arg("import").arg(file).args(["--server", &server.address]).args(further);
    command
}

/// Runs a program to its end.
pub(crate) fn run(mut command: Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    output(child)
}

/// Waits for a program; kills it when it takes too long.
pub(crate) fn output(child: Child) -> Output {
    let id = rustix::process::Pid::from_child(&child);
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        if receiver.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(sender);
    guard.join().unwrap();
    output
}

/// What a program that ended well has printed.
pub(crate) fn printed(output: &Output, code: i32) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A claim as a line. It has no name: only its content tells whether it was recorded before.
pub(crate) fn claim_line(number: usize) -> String {
    let source = number % 13;
    format!(
        "{{\"claims\": [{{\"statement\": \"{}\", \"attributions\": [{{\"source\": {{\"displayName\": \"Source {source}\"}}}}], \
         \"figures\": [{{\"verbatim\": \"nearly {}\"}}]}}]}}",
        statement(number),
        number + 100
    )
}

pub(crate) fn statement(number: usize) -> String {
    format!("Case {number}: nearly {} were killed.", number + 100)
}

/// A file with so many claims, and among them lines that are refused: some hold no item, some refer to what is not there.
pub(crate) struct Input {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) path: PathBuf,
    pub(crate) statements: Vec<String>,
    /// The lines that are refused, with the reason.
    pub(crate) refused: BTreeMap<u64, &'static str>,
}

pub(crate) fn input(claims: usize) -> Input {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("claims.jsonl");
    let (mut text, mut refused, mut line) = (String::new(), BTreeMap::new(), 0);
    let mut add = |content: &str| {
        line += 1;
        writeln!(text, "{content}").unwrap();
        line
    };
    for number in 0..claims {
        add(&claim_line(number));
        match number % 50 {
            7 => drop(add("")),
            17 => drop(refused.insert(add("{\"claimz\": []}"), "MESSAGE_MALFORMED")),
            27 => {
                let lost = claim_line(number).replace("\"statement\"", "\"article\": \"articles/lost\", \"statement\"");
                refused.insert(add(&lost), "REFERENCE_NOT_FOUND");
            }
            37 => drop(refused.insert(add("{\"claims\": [{}]}"), "FIELD_INVALID")),
            _ => {}
        }
    }
    std::fs::write(&path, text).unwrap();
    Input { directory, path, statements: (0..claims).map(statement).collect(), refused }
}

/// Every claim of a server: how often each statement is there, and the versions of all of them.
pub(crate) async fn statements(channel: &Channel) -> BTreeMap<String, usize> {
    let mut client = ClaimServiceClient::new(channel.clone());
    let (mut found, mut page_token) = (BTreeMap::new(), String::new());
    loop {
        let asked = v1::ListClaimsRequest { page_size: 1_000, page_token, ..Default::default() };
        let page = client.list_claims(asked).await.unwrap().into_inner();
        for claim in page.claims {
            let metadata = claim.metadata.unwrap();
            assert_eq!(metadata.create_revision, metadata.revision, "{} was changed", claim.name);
            *found.entry(claim.statement).or_default() += 1;
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return found;
        }
    }
}

/// Asserts that a server has exactly the claims of an input, each once.
pub(crate) async fn assert_imported(server: &Server, input: &Input) {
    let found = statements(&server.channel().await).await;
    let missing: Vec<_> = input.statements.iter().filter(|statement| !found.contains_key(*statement)).collect();
    assert!(missing.is_empty(), "{} are missing: {:?}", missing.len(), missing.first());
    assert_eq!(found.values().filter(|count| **count > 1).count(), 0, "some are there twice");
    assert_eq!(found.len(), input.statements.len());
}

/// Asserts that a file of rejects has exactly the lines that are refused, each once, with their reasons.
pub(crate) fn assert_rejects(path: &Path, input: &Input) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["file"], input.path.display().to_string());
        let reason = line["reason"].as_str().unwrap().to_owned();
        assert!(!line["message"].as_str().unwrap().is_empty());
        let fields = line["violations"].as_array().unwrap();
        assert_eq!(fields.is_empty(), reason == "MESSAGE_MALFORMED", "{line}");
        assert_eq!(found.insert(line["line"].as_u64().unwrap(), reason), None, "twice: {line}");
    }
    let wrong: Vec<_> =
        input.refused.iter().filter(|(line, reason)| found.get(line).is_none_or(|found| found != *reason)).collect();
    assert!(wrong.is_empty(), "{} are missing or different: {:?}", wrong.len(), wrong.first());
    assert_eq!(found.len(), input.refused.len());
}

/// The newest revision of a server.
pub(crate) async fn head(channel: &Channel) -> u64 {
    let mut client = v1::server_info_service_client::ServerInfoServiceClient::new(channel.clone());
    client.get_server_info(v1::GetServerInfoRequest {}).await.unwrap().into_inner().head.unwrap().revision
}

/// Waits until something holds, and no longer than anything here may take.
pub(crate) async fn within(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("in vain: {what}"));
}

/// Different each time; printed, so that a failure can be repeated with `CLAIMDB_SEED`.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new() -> Self {
        let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos();
        let seed = std::env::var("CLAIMDB_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(u64::from(clock));
        println!("CLAIMDB_SEED={seed}");
        Self(seed | 1)
    }

    /// Dice for somebody beside.
    pub(crate) fn other(&mut self) -> Self {
        Self(self.below(u64::MAX) | 1)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
