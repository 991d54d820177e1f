//! SIGKILL of the real server under concurrent writers, and its death at each step of a commit, a seal and a merge.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use claimdb::storage::sled::Step;

use crate::chance::{Chance, count};
use crate::children;
use crate::server::{Served, head, record, request, revision_of};

const WRITERS: usize = 6;

/// What was asked for and answered so far, over all rounds.
#[derive(Default)]
struct Ledger {
    /// The next number.
    next: AtomicU64,
    /// Requests by the revision that was acknowledged.
    acknowledged: Mutex<BTreeMap<u64, u64>>,
}

/// Now and then a text that fills several pages.
fn text_bytes(number: u64) -> usize {
    if number.is_multiple_of(11) { 200_000 } else { 300 }
}

/// Writes until the server is gone.
async fn write(ledger: Arc<Ledger>, channel: tonic::transport::Channel) {
    loop {
        let number = ledger.next.fetch_add(1, Ordering::SeqCst);
        match record(&channel, request(number, text_bytes(number))).await {
            Ok((revision, replayed)) => {
                let before = ledger.acknowledged.lock().unwrap().insert(revision, number);
                assert_eq!((before, replayed), (None, false));
            }
            Err(_) => return,
        }
    }
}

/// One round: writers at work, the end, the next start, and the checks. Gives how many were kept without an answer, and
/// whether the server died by itself.
async fn round(
    directory: &Path,
    ledger: &Arc<Ledger>,
    settings: &[(&str, &str)],
    life: Duration,
    checked_from: u64,
) -> (u64, bool) {
    let mut is_dead = true;
    if let Ok(mut served) = Served::start(directory, settings) {
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..WRITERS {
            writers.spawn(write(Arc::clone(ledger), served.channel()));
        }
        let end = Instant::now() + life;
        while served.is_alive() && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        is_dead = !served.is_alive();
        served.kill();
        while let Some(writer) = writers.join_next().await {
            writer.unwrap();
        }
    }
    let mut served = Served::start(directory, &[("CLAIMDB_SEAL_NUMBERS", "64")]).expect("a killed store opens");
    let channel = served.channel();
    let acknowledged: BTreeMap<u64, u64> = {
        let acknowledged = ledger.acknowledged.lock().unwrap();
        acknowledged.iter().map(|(revision, number)| (*number, *revision)).collect()
    };
    let newest = head(&channel).await;
    let mut kept = 0;
    for number in checked_from..ledger.next.load(Ordering::SeqCst) {
        let found = revision_of(&channel, number).await.unwrap();
        match (found, acknowledged.get(&number)) {
            (found, Some(revision)) => assert_eq!(found, Some(*revision), "request {number} was acknowledged"),
            (found, None) => {
                let (revision, replayed) = record(&channel, request(number, text_bytes(number))).await.unwrap();
                assert_eq!((found.is_some(), found.unwrap_or(revision)), (replayed, revision), "request {number}");
                assert_eq!(found.is_some(), revision <= newest);
                kept += u64::from(replayed);
                let before = ledger.acknowledged.lock().unwrap().insert(revision, number);
                assert_eq!(before, None, "revision {revision} was made twice");
            }
        }
    }
    let revisions: Vec<u64> = ledger.acknowledged.lock().unwrap().keys().copied().collect();
    let newest = head(&channel).await;
    assert!(revisions.iter().copied().eq(1..=newest), "revisions are not dense up to {newest}");
    served.kill();
    (kept, is_dead)
}

#[test]
fn a_killed_server_keeps_what_it_acknowledged() {
    let rounds = count("CLAIMDB_CRASH_ROUNDS", 6);
    let mut chance = Chance::new("kill");
    let directory = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::default());
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut kept, mut checked) = (0, 0);
    for number in 1..=rounds {
        let life = Duration::from_millis(20 + chance.below(400));
        // With 64 numbers to a segment the kill lands in seals and merges, too.
        let seal = if number % 3 == 0 { "65536" } else { "64" };
        let checked_from = if number % 10 == 0 || number == rounds { 0 } else { checked };
        let settings = [("CLAIMDB_SEAL_NUMBERS", seal)];
        kept += runtime.block_on(round(directory.path(), &ledger, &settings, life, checked_from)).0;
        checked = ledger.next.load(Ordering::SeqCst);
    }
    println!("{rounds} rounds, {checked} requests, {kept} kept without an answer, {:?}", started.elapsed());
    verify(directory.path());
}

#[test]
fn a_server_that_dies_at_any_step_keeps_what_it_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let started = Instant::now();
    let mut deaths = 0;
    for step in Step::all() {
        for passing in [2, 1] {
            if step == Step::OpenReplayed && passing == 2 {
                // A server opens its store once.
                continue;
            }
            let crash = format!("{}:{passing}", step.name());
            let settings = [("CLAIMDB_SEAL_NUMBERS", "64"), ("CLAIMDB_CRASH_AT", crash.as_str())];
            let checked = ledger.next.load(Ordering::SeqCst);
            let life = Duration::from_secs(20);
            let (_, is_dead) = runtime.block_on(round(directory.path(), &ledger, &settings, life, checked));
            assert!(is_dead, "{crash} was not reached");
            deaths += 1;
        }
    }
    println!("{deaths} deaths, {} requests, {:?}", ledger.next.load(Ordering::SeqCst), started.elapsed());
    verify(directory.path());
}

fn verify(directory: &Path) {
    let verified =
        children::run(children::claimdb().arg("verify").arg("--data-dir").arg(directory), Duration::from_secs(120));
    assert_eq!(verified.code, Some(0), "{}{}", verified.printed, verified.complaints);
    assert!(!crate::ground::has_blobs(directory));
}
