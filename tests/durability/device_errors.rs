//! The device fails now and then: the engine does not forget that, so the store is opened again, by the running server, and
//! nobody waits for ever, is told of damage that there is not, or loses what was acknowledged.
//!
//! strace fails some of the server's system calls while it runs.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tonic::transport::Channel;

use crate::children;
use crate::server::{Served, reason, record, request, revision_of, says_damaged};

/// No call may take longer: reopening takes tenths of a second, and a flush that waits for nothing is ended after one or two.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// Some system calls of a server fail as long as this lives.
struct Failing(Child);

impl Failing {
    /// Fails these calls with EIO: which ones, as strace counts them.
    fn begin(server: &Served, calls: &str, which: &str) -> Option<Self> {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-p", &server.process().to_string()]);
        strace.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:error=EIO:when={which}")]);
        let Ok(mut child) = strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            children::skipped("errors of the device: strace is not installed");
            return None;
        };
        let status = format!("/proc/{}/status", server.process());
        let is_attached =
            || std::fs::read_to_string(&status).unwrap().contains(&format!("TracerPid:\t{}\n", child.id()));
        let deadline = Instant::now() + Duration::from_secs(10);
        while !is_attached() {
            if Instant::now() > deadline {
                let _ = child.kill();
                let _ = child.wait();
                children::skipped("errors of the device: processes may not be traced here");
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Its threads are attached one after the other.
        std::thread::sleep(Duration::from_millis(300));
        Some(Self(child))
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), rustix::process::Signal::INT);
        let _ = self.0.wait();
    }
}

fn health(server: &Served) -> String {
    let address = server.address.trim_start_matches("http://");
    let mut command = children::claimdb();
    children::run(command.args(["health", "--addr", address]), ANSWERED_WITHIN).printed
}

/// Records under new numbers until it is acknowledged.
async fn record_again(channel: &Channel, number: &mut u64) -> u64 {
    let deadline = Instant::now() + ANSWERED_WITHIN;
    loop {
        *number += 1;
        match record(channel, request(*number, 100)).await {
            Ok((revision, _)) => return revision,
            Err(status) => assert!(Instant::now() < deadline, "writes do not resume: {status:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn start(directory: &Path) -> Served {
    Served::start(directory, &[]).unwrap_or_else(|ended| panic!("{ended:?}"))
}

/// sled syncs its file when it is closed, by a handle of its own, and panics where that fails.
#[test]
fn the_store_is_reopened_where_the_engine_cannot_be_closed_well() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let mut server = start(&directory.path().join("data"));
        let channel = server.channel();
        let mut number = 1;
        let first = record_again(&channel, &mut number).await;
        let Some(failing) = Failing::begin(&server, "fsync,fdatasync", "1..2") else { return };
        let unknown = record(&channel, request(1, 100)).await.unwrap_err();
        assert_eq!(reason(&unknown), "OUTCOME_UNKNOWN", "{unknown:?}");
        let second = record_again(&channel, &mut number).await;
        drop(failing);
        assert!(second > first);
        assert_eq!(revision_of(&channel, number).await.unwrap(), Some(second));
        assert!(health(&server).contains(": SERVING"), "{}", health(&server));
        assert_eq!(server.terminate().code, Some(0));
    });
}

#[test]
fn errors_of_the_device_cost_no_acknowledged_write_and_are_not_damage() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // The system's own calls of the engine, each of which it makes on threads of its own.
        for (calls, which) in [("sync_file_range", "6+6"), ("pwrite64", "9+9")] {
            let directory = tempfile::tempdir().unwrap();
            let mut server = start(&directory.path().join("data"));
            let channel = server.channel();
            let mut number = 0;
            record_again(&channel, &mut number).await;
            let Some(failing) = Failing::begin(&server, calls, which) else { return };
            let begin = Instant::now();
            let writers = (0..2_u64).map(|writer| tokio::spawn(write(channel.clone(), writer, begin)));
            let (mut acknowledged, mut unknown) = (Vec::new(), 0);
            for writer in writers.collect::<Vec<_>>() {
                let (kept, in_doubt) = writer.await.unwrap();
                acknowledged.extend(kept);
                unknown += in_doubt;
            }
            drop(failing);
            println!("{calls}: {} acknowledged, {unknown} outcomes unknown", acknowledged.len());
            assert!(unknown > 0 && !acknowledged.is_empty(), "nothing failed, or nothing else happened");
            record_again(&channel, &mut number).await;
            let health = health(&server);
            assert!(health.contains(": SERVING"), "{calls}: {health} {}", server.said_so_far());
            for (number, revision) in &acknowledged {
                assert_eq!(revision_of(&channel, *number).await.unwrap(), Some(*revision), "{calls}: {number}");
            }
            assert_eq!(server.terminate().code, Some(0), "{calls}");
            let mut server = start(&directory.path().join("data"));
            let channel = server.channel();
            for (number, revision) in &acknowledged {
                assert_eq!(revision_of(&channel, *number).await.unwrap(), Some(*revision), "{calls}: {number}");
            }
            server.kill();
        }
    });
}

/// Writes and reads for some seconds; what was acknowledged, with its revision, and how many outcomes were unknown.
async fn write(channel: Channel, writer: u64, begin: Instant) -> (Vec<(u64, u64)>, u64) {
    let (mut acknowledged, mut unknown) = (Vec::new(), 0);
    let mut number = 1_000_000 * (writer + 1);
    while begin.elapsed() < Duration::from_secs(12) {
        number += 1;
        let asked = Instant::now();
        match record(&channel, request(number, 3_000)).await {
            Ok((revision, _)) => acknowledged.push((number, revision)),
            Err(status) => unknown += u64::from(reason(&status) == "OUTCOME_UNKNOWN"),
        }
        assert!(asked.elapsed() < ANSWERED_WITHIN, "a write took {:?}", asked.elapsed());
        if let Some((earlier, _)) = acknowledged.get(acknowledged.len() / 2) {
            let asked = Instant::now();
            if let Err(status) = revision_of(&channel, *earlier).await {
                assert!(!says_damaged(&status), "{status:?}");
            }
            assert!(asked.elapsed() < ANSWERED_WITHIN, "a read took {:?}", asked.elapsed());
        }
    }
    (acknowledged, unknown)
}
