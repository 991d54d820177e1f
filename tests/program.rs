//! The program as its operators meet it: flags, variables, file, signals, exit codes.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

fn claimdb() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claimdb"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CLAIMDB_")) {
        command.env_remove(name);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A server of its own process, killed with its test.
struct Served {
    child: Child,
    address: SocketAddr,
    lines: BufReader<std::process::ChildStderr>,
    data: tempfile::TempDir,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        Self::started(claimdb().args(["--listen", "127.0.0.1:0"]).args(arguments))
    }

    fn started(command: &mut Command) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut child = command.env("CLAIMDB_DATA_DIR", data.path()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        let address = SocketAddr::from(([0; 4], 0));
        let mut served = Self { child, address, lines, data };
        // Standard error is no terminal here, so that lines are JSON by default.
        served.address = served.line("listening")["address"].as_str().unwrap().parse().unwrap();
        served.line("serving");
        served
    }

    /// The next log line with this message.
    fn line(&mut self, message: &str) -> serde_json::Value {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "no line says {message}");
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            if line["message"] == message {
                return line;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn health(&self, service: &str) -> Output {
        let address = self.address.to_string();
        claimdb().args(["health", "--addr", &address, "--service", service]).output().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_flag_wins_over_a_variable_a_variable_over_the_file_the_file_over_the_default() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "drain_delay = '1s'\ndrain_grace = '1s'\nlock_wait = '1s'").unwrap();
    let printed = |arguments: &[&str]| {
        let output = claimdb()
            .args(arguments)
            .env("CLAIMDB_CONFIG", file.path())
            .env("CLAIMDB_DRAIN_DELAY", "2s")
            .env("CLAIMDB_DRAIN_GRACE", "2s")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    // A flag counts the same before and after the subcommand.
    for arguments in [["--drain-delay", "3s", "config"], ["config", "--drain-delay", "3s"]] {
        let printed = printed(&arguments);
        for line in ["drain_delay = \"3s\"", "drain_grace = \"2s\"", "lock_wait = \"1s\"", "engine = \"sled\""] {
            assert!(printed.contains(line), "{line} in {printed}");
        }
    }
}

/// Also in the process that opens the store first, which is told by arguments alone.
#[test]
fn a_flag_wins_over_a_variable_that_is_wrong() {
    let data = tempfile::tempdir().unwrap();
    let mut served = Served::started(
        claimdb()
            .args(["--listen", "127.0.0.1:0", "--drain-grace", "5s", "--data-dir"])
            .arg(data.path())
            .env("CLAIMDB_DRAIN_GRACE", "10ms"),
    );
    served.signal(Signal::TERM);
    assert!(served.child.wait().unwrap().success());
    let verified = claimdb()
        .args(["verify", "--drain-grace", "5s", "--data-dir"])
        .arg(data.path())
        .env("CLAIMDB_DRAIN_GRACE", "10ms")
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", text(&verified.stderr));
}

#[test]
fn mistakes_exit_with_2_and_are_named() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "lisen = '127.0.0.1:1'").unwrap();
    let path = file.path().to_str().unwrap();
    let cases: [(&[&str], &str); 10] = [
        (&["--config", path], "lisen"),
        (&["--config", "/does/not/exist"], "/does/not/exist"),
        (&["--max-connections", "0"], "max_connections"),
        // Pages, items of exports and answers to writes would not fit.
        (&["--max-message-bytes", "64KiB"], "max_message_bytes is 64 KiB, and must be 4 MiB to 64 MiB"),
        (&["--listen", "nowhere"], "--listen"),
        (&["--listen", "localhost:50051"], "an IP address and a port, as in 127.0.0.1:50051"),
        (&["--lisen"], "--lisen"),
        (&["import", path, "--server", "no where:1"], "http://no where:1: "),
        (&["export", "--server", "no where:1"], "http://no where:1: "),
        (&["figures", "deaths", "--server", "no where:1"], "http://no where:1: "),
    ];
    for (arguments, expected) in cases {
        let output = claimdb().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
}

#[test]
fn what_the_system_refuses_is_told_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "{}").unwrap();
    // Even root finds nothing below a file.
    let below = file.join("below");
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (directory, file, below) = (path(directory.path()), path(&file), path(&below));
    let cases: [(&[&str], String); 7] = [
        (&["--listen", "127.0.0.1:0", "--data-dir", &file], format!("cannot open the store: {file}: ")),
        (&["verify", "--data-dir", &file], format!("cannot read {file}/sled: ")),
        (&["export", "-o", &below], format!("cannot write {below}.part: ")),
        (&["import", &below], format!("cannot read {below}: ")),
        (&["import", &directory], format!("cannot read {directory}: ")),
        (&["import", &file, "--rejects", &below], format!("cannot write {below}: ")),
        (&["verify", "--data-dir", &directory], format!("there is no store in {directory}")),
    ];
    for (arguments, expected) in cases {
        let output = claimdb().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(text(&output.stderr).contains(&expected), "{expected} in {}", text(&output.stderr));
    }
}

#[test]
fn a_sound_store_is_called_sound() {
    let mut served = Served::start(&[]);
    served.signal(Signal::TERM);
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let output = claimdb().args(["verify", "--data-dir"]).arg(served.data.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().last(), Some("the store is sound"));
}

#[test]
fn a_damaged_store_is_told_with_what_to_read() {
    let mut served = Served::start(&[]);
    served.signal(Signal::TERM);
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    std::fs::write(served.data.path().join("sled/db"), vec![0xff; 1 << 16]).unwrap();
    for arguments in [&["verify"][..], &["--listen", "127.0.0.1:0"]] {
        let output = claimdb().args(arguments).arg("--data-dir").arg(served.data.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
        let line = text(&output.stderr).lines().last().unwrap().to_owned();
        assert!(line.starts_with("claimdb: the store is damaged: "), "{line}");
        assert!(line.ends_with("; what to do is said under Damage in docs/operations.md"), "{line}");
    }
}

#[test]
fn version_and_help_are_told() {
    let output = claimdb().arg("--version").output().unwrap();
    assert_eq!(text(&output.stdout), format!("claimdb {}\n", env!("CARGO_PKG_VERSION")));
    let output = claimdb().arg("--help").output().unwrap();
    let help = text(&output.stdout);
    for expected in ["CLAIMDB_DRAIN_GRACE", "[default: \"20s\"", "Exit codes"] {
        assert!(help.contains(expected), "{expected} in {help}");
    }
}

#[test]
fn a_subcommand_lists_the_settings_it_uses_and_accepts_all() {
    let help = |subcommand: &str| text(&claimdb().args([subcommand, "--help"]).output().unwrap().stdout);
    for (subcommand, used) in [
        ("health", "--listen"),
        ("import", "--listen"),
        ("export", "--listen"),
        ("figures", "--listen"),
        ("verify", "--data-dir"),
    ] {
        let help = help(subcommand);
        let settings = help.lines().filter(|line| line.contains("[env: CLAIMDB_")).count();
        // The file of settings is the second.
        assert_eq!((settings, help.contains(used)), (2, true), "{help}");
    }
    for subcommand in ["serve", "config"] {
        assert!(help(subcommand).contains("--drain-grace"), "{subcommand}");
    }
    let output = claimdb().args(["health", "--addr", "127.0.0.1:1", "--data-dir", "/nowhere"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let output = claimdb().args(["health", "--drain-grace", "nonsense"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
}

#[test]
fn a_port_that_is_taken_exits_with_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = claimdb().args(["--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains(&address));
}

#[test]
fn health_tells_and_signals_end_the_server_within_the_grace() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut served = Served::start(&["--drain-grace", "2s"]);
        let health = served.health("readiness");
        assert_eq!((health.status.code(), text(&health.stdout)), (Some(0), "readiness: SERVING\n".into()));
        assert_eq!(served.health("no.Service").status.code(), Some(1));
        let started = Instant::now();
        served.signal(signal);
        assert_eq!(served.child.wait().unwrap().code(), Some(0));
        assert!(started.elapsed() < Duration::from_secs(2));
        let after = served.health("readiness");
        assert_eq!(after.status.code(), Some(1));
        assert!(text(&after.stdout).starts_with("readiness: "));
    }
}

#[test]
fn while_draining_health_says_no_and_a_second_signal_ends_it_at_once() {
    let mut served = Served::start(&["--drain-delay", "60s"]);
    served.signal(Signal::TERM);
    served.line("draining");
    let health = served.health("readiness");
    assert_eq!((health.status.code(), text(&health.stdout)), (Some(1), "readiness: NOT_SERVING\n".into()));
    assert_eq!(served.health("liveness").status.code(), Some(0));
    served.signal(Signal::TERM);
    assert_eq!(served.child.wait().unwrap().code(), Some(1));
}

#[test]
fn health_finds_the_server_by_the_listen_setting() {
    let served = Served::start(&[]);
    let listen = format!("0.0.0.0:{}", served.address.port());
    let output = claimdb().arg("health").env("CLAIMDB_LISTEN", listen).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn health_finds_the_server_by_the_name_of_its_host() {
    let served = Served::start(&[]);
    let address = format!("localhost:{}", served.address.port());
    let output = claimdb().args(["health", "--addr", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn a_call_is_one_line_with_the_code_from_its_trailers() {
    let mut served = Served::start(&["--log-filter", "info,claimdb::call=debug"]);
    for (service, code, level) in [("readiness", "OK", "DEBUG"), ("no.Service", "NOT_FOUND", "DEBUG")] {
        served.health(service);
        let line = served.line("call");
        assert_eq!((&line["code"], &line["level"]), (&code.into(), &level.into()), "{line}");
        assert_eq!(line["method"], "grpc.health.v1.Health/Check");
        assert_eq!(line["request_id"].as_str().unwrap().len(), 36);
        assert!(line["latency_ms"].as_f64().unwrap() > 0.0);
        assert_eq!(line["request_bytes"], service.len() + 7);
        assert_eq!(line["response_bytes"], if code == "OK" { 7 } else { 0 });
        assert!(line["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
        assert_eq!(line["reason"].as_str(), (code != "OK").then_some("RESOURCE_NOT_FOUND"));
    }
}

#[test]
fn without_file_descriptors_accepting_is_tried_again_in_moderation_and_recovers() {
    let command = format!("ulimit -n 24; exec {} --listen 127.0.0.1:0", env!("CARGO_BIN_EXE_claimdb"));
    let mut served = Served::started(Command::new("sh").args(["-c", &command]));
    let connections: Vec<_> = (0..30).map(|_| std::net::TcpStream::connect(served.address).unwrap()).collect();
    served.line("cannot accept connections");
    std::thread::sleep(Duration::from_millis(300));
    drop(connections);
    assert_eq!(served.health("readiness").status.code(), Some(0));
    served.signal(Signal::TERM);
    let rest = std::io::read_to_string(&mut served.lines).unwrap();
    let attempts = rest.matches("cannot accept").count();
    assert!(attempts < 20, "{attempts} attempts in 300 ms");
}

/// Each thread of the process keeps memory that others have freed; the runtime alone would start one whenever none rests.
#[cfg(target_os = "linux")]
#[test]
fn reads_at_once_do_not_bring_ever_more_threads() {
    use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
    use claimdb::proto::claimdb::v1::{ClaimOrder, QueryClaimsRequest};

    // A line for each call would fill a pipe that nobody reads.
    let served = Served::start(&["--log-filter", "info,claimdb::call=warn"]);
    let threads = || std::fs::read_dir(format!("/proc/{}/task", served.child.id())).unwrap().count();
    let at_rest = threads();
    let address = format!("http://{}", served.address);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let client = ClaimServiceClient::connect(address).await.unwrap();
        let asking = (0..64).map(|_| {
            let mut client = client.clone();
            tokio::spawn(async move {
                for _ in 0..100 {
                    // In the order of a time nothing is read by a worker itself.
                    let order = ClaimOrder::EventDesc.into();
                    client.query_claims(QueryClaimsRequest { order, ..Default::default() }).await.unwrap();
                }
            })
        });
        for asking in asking.collect::<Vec<_>>() {
            asking.await.unwrap();
        }
    });
    // Those that read, four times as many as there are cores for all else (`cli/threads.rs` has the exact number), and the
    // one that watches the workers.
    let cores = std::thread::available_parallelism().unwrap().get();
    let allowed = at_rest + (2 * cores).clamp(4, 64) + 4 * cores + 1;
    assert!(threads() <= allowed, "{} threads, {at_rest} at rest", threads());
}
