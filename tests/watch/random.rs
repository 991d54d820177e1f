//! Watchers that go away at random while writers write at random: every revision comes, in order, none twice. The seed is
//! printed; `CLAIMDB_SEED` chooses it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use claimdb::proto::claimdb::v1;
use tonic::Code;
use v1::watch_request::Start;

use crate::process::Process;
use crate::support::{PATIENCE, Watcher, claim, claims, figure, from, head, name, reinstate, retract, revise};

/// Dice that fall the same way from the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

const METRICS: [&str; 3] = ["a", "a.b", "c"];

/// What a writer does next: to claims of its own, so that it knows what may be refused.
fn request(dice: &mut Dice, writer: u64, number: u64) -> v1::RecordRequest {
    let some = format!("claims/w{writer}-{}", dice.below(number.max(1)));
    let metric = METRICS[dice.below(3) as usize];
    match dice.below(10) {
        0 => retract(&some),
        1 => reinstate(&some),
        2..=4 => {
            let claim = v1::Claim { name: some, figures: vec![figure("f1", metric)], ..Default::default() };
            revise(claim, &["figures.f1"])
        }
        5 => {
            // Wide enough that a small message does not hold the commit.
            claims((0..30).map(|part| v1::Claim {
                statement: "x".repeat(2_000),
                ..claim(&format!("claims/w{writer}-{number}-{part}"), "Bob")
            }))
        }
        _ => {
            let figures = if dice.below(2) == 0 { vec![figure("f1", metric)] } else { Vec::new() };
            claims([v1::Claim { figures, ..claim(&format!("claims/w{writer}-{number}"), "Ann") }])
        }
    }
}

async fn write(address: String, seed: u64, writer: u64, until: Arc<AtomicBool>) {
    let channel = crate::support::connect(&address).await;
    let mut client = v1::record_service_client::RecordServiceClient::new(channel);
    let mut dice = Dice::new(seed ^ (writer + 1));
    for number in 0.. {
        if until.load(Ordering::Relaxed) {
            return;
        }
        if let Err(status) = client.record(request(&mut dice, writer, number)).await {
            // What is not there, retracted already or not at all: of no interest here.
            assert!(matches!(status.code(), Code::FailedPrecondition | Code::NotFound), "{status:?}");
        }
    }
}

/// What a watcher has seen: the names each commit changed.
type Seen = BTreeMap<u64, Vec<String>>;

/// Follows to the end, going away and coming back at random, within commits too.
async fn watch(address: String, seed: u64, request: v1::WatchRequest, until: Arc<AtomicBool>) -> (Seen, u64) {
    let mut dice = Dice::new(seed);
    let (mut seen, mut revision, mut interruptions) = (Seen::new(), 0, 0);
    loop {
        let channel = crate::support::connect(&address).await;
        let done = until.load(Ordering::SeqCst);
        let newest = head(&channel).await;
        let start = Some(Start::AfterRevision(revision));
        let max_message_bytes = [0, 10_000][dice.below(2) as usize];
        let again = v1::WatchRequest { start, max_message_bytes, ..request.clone() };
        let mut watcher = Watcher::try_start(channel, again).await.unwrap();
        assert_eq!(watcher.message().await.revision, revision);
        let mut patience = 1 + dice.below(40);
        let mut part: Vec<String> = Vec::new();
        while patience > 0 || done {
            // Nor does it wait for ever where nothing is to be had.
            let wait = if done { PATIENCE } else { Duration::from_millis(200) };
            let Ok(message) = tokio::time::timeout(wait, watcher.message()).await else { break };
            // What is cut off in the middle comes again as a whole: the client takes a commit when it has all of it.
            part.extend(message.changes.iter().map(|change| name(change.version.as_ref().unwrap())));
            if !message.heartbeat && !message.more_in_commit {
                assert!(seen.last_key_value().is_none_or(|(last, _)| *last < message.commit_revision));
                seen.insert(message.commit_revision, std::mem::take(&mut part));
            }
            revision = message.revision;
            if done && revision >= newest {
                return (seen, interruptions);
            }
            patience = patience.saturating_sub(1);
        }
        interruptions += 1;
        // Not always the polite way.
        if dice.below(2) == 0 {
            tokio::time::sleep(Duration::from_millis(dice.below(20))).await;
        }
    }
}

/// Everything there is, read by one who is not interrupted: what each commit changed, and what of it has to do with a
/// metric "a" or one below it, before or after.
async fn truth(process: &Process, newest: u64) -> (Seen, Seen) {
    let request = v1::WatchRequest { include_previous: true, ..from(Start::FromOldest(true)) };
    let mut watcher = Watcher::try_start(process.channel().await, request).await.unwrap();
    let (mut all, mut filtered) = (Seen::new(), Seen::new());
    while watcher.revision < newest {
        let message = watcher.message().await;
        for change in &message.changes {
            let new = change.version.as_ref().unwrap();
            all.entry(message.commit_revision).or_default().push(name(new));
            if [Some(new), change.previous.as_ref()].into_iter().flatten().any(counts_a) {
                filtered.entry(message.commit_revision).or_default().push(name(new));
            }
        }
    }
    (all, filtered)
}

fn counts_a(version: &v1::Version) -> bool {
    let Some(v1::version::Record::Claim(claim)) = &version.record else { return false };
    claim.figures.iter().any(|figure| matches!(figure.metric.as_ref().unwrap().key.as_str(), "a" | "a.b"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_and_goes_sees_every_revision_once_and_in_order() {
    let seed = std::env::var("CLAIMDB_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    println!("CLAIMDB_SEED={seed}");
    let data = tempfile::TempDir::new().unwrap();
    // Seals segments beside the readers of the log.
    let process = Process::start(data.path(), &["--seal-numbers", "256"]);
    let (enough, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let writers: Vec<_> =
        (0..3).map(|writer| tokio::spawn(write(process.address.clone(), seed, writer, Arc::clone(&enough)))).collect();
    let filter = v1::WatchFilter { metrics: vec!["a".into()], ..Default::default() };
    let filtered = v1::WatchRequest {
        filter: Some(filter),
        heartbeat_interval: Some(prost_types::Duration { seconds: 1, nanos: 0 }),
        ..Default::default()
    };
    let everything = v1::WatchRequest::default();
    let watchers = [everything.clone(), everything, filtered.clone(), filtered].into_iter().zip(1..);
    let watchers: Vec<_> = watchers
        .map(|(request, watcher)| {
            tokio::spawn(watch(process.address.clone(), seed ^ (watcher << 8), request, Arc::clone(&written)))
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(4)).await;
    enough.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    written.store(true, Ordering::SeqCst);
    let newest = head(&process.channel().await).await;
    let (all, matching) = truth(&process, newest).await;
    assert!(all.keys().copied().eq(1..=newest), "{newest}");
    assert!(matching.len() > 10 && matching.len() < all.len(), "{} of {}", matching.len(), all.len());
    let expected = [&all, &all, &matching, &matching];
    for (watcher, expected) in watchers.into_iter().zip(expected) {
        let (found, interruptions) = watcher.await.unwrap();
        assert!(found == *expected, "{} commits, not {}", found.len(), expected.len());
        assert!(interruptions >= 3, "{interruptions}");
        println!("{} commits of {newest}, {interruptions} interruptions", found.len());
    }
}
