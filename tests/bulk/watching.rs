//! A watcher beside an import, which goes away at random and whose server does, too: it sees every revision once and in
//! order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use claimdb::proto::claimdb::v1;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use v1::change_service_client::ChangeServiceClient;
use v1::claim_service_client::ClaimServiceClient;
use v1::version::Record;
use v1::watch_request::Start;

use crate::support::{Dice, Input, PATIENCE, Server, head};

/// The watcher, at work until it is told where to end.
pub(crate) struct Watching {
    until: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<Seen>,
}

/// What a watcher has seen.
#[derive(Default)]
struct Seen {
    /// The statements of the claims that each commit made.
    commits: BTreeMap<u64, Vec<String>>,
    /// The revision to go on from.
    revision: u64,
    /// How often it went away, or was left alone.
    interruptions: u64,
}

impl Watching {
    pub(crate) fn start(server: &Server, dice: &mut Dice) -> Self {
        let until = Arc::new(AtomicU64::new(u64::MAX));
        let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).unwrap();
        let task = tokio::spawn(watch(endpoint, dice.other(), Arc::clone(&until)));
        Self { until, task }
    }

    /// Asserts that it has seen every revision of a server once and in order, and all of an input in them.
    pub(crate) async fn assert_seen(self, server: &Server, input: &Input) {
        let channel = server.channel().await;
        let newest = head(&channel).await;
        let mut refused = BTreeSet::new();
        for revision in 1..=newest {
            if counted(&channel, revision).await == counted(&channel, revision - 1).await {
                refused.insert(revision);
            }
        }
        self.until.store(newest, Ordering::SeqCst);
        let seen = tokio::time::timeout(PATIENCE, self.task).await.expect("a watcher that comes to the end").unwrap();
        println!("{newest} commits watched, {} interruptions", seen.interruptions);
        // In order and once: `commits` takes none twice, and none before another. One whose items were all refused changes
        // nothing, and is not told of.
        let is_told = |revision: &u64| !refused.contains(revision);
        let expected: Vec<u64> = (1..=newest).filter(is_told).collect();
        assert_eq!(seen.commits.keys().copied().collect::<Vec<_>>(), expected);
        let mut statements: Vec<&String> = seen.commits.values().flatten().collect();
        statements.sort_unstable();
        let mut expected: Vec<&String> = input.statements.iter().collect();
        expected.sort_unstable();
        assert!(statements == expected, "{} claims, not {}", statements.len(), expected.len());
        assert!(seen.interruptions >= 2, "{}", seen.interruptions);
    }
}

/// How many claims there are as of a revision: an import of claims makes some with every commit that changes anything.
async fn counted(channel: &Channel, revision: u64) -> u64 {
    let as_of = Some(v1::count_claims_request::AsOf::AsOfRevision(revision));
    let request = v1::CountClaimsRequest { as_of, ..Default::default() };
    ClaimServiceClient::new(channel.clone()).count_claims(request).await.unwrap().into_inner().count
}

async fn watch(endpoint: Endpoint, mut dice: Dice, until: Arc<AtomicU64>) -> Seen {
    let mut seen = Seen::default();
    while seen.revision < until.load(Ordering::SeqCst) {
        if let Err(status) = seen.follow(&endpoint, &mut dice, &until).await {
            // A store that has lost what it told of would answer OUT_OF_RANGE. A call that was begun on a connection which is
            // closed before it is sent is CANCELLED by the client itself.
            let is_interruption =
                [Code::Unavailable, Code::Unknown, Code::Internal, Code::Cancelled].contains(&status.code());
            assert!(is_interruption, "{status:?}");
            assert!(status.code() != Code::Internal || status.message().contains("h2"), "{status:?}");
        }
        seen.interruptions += 1;
        tokio::time::sleep(Duration::from_millis(dice.below(30))).await;
    }
    seen
}

impl Seen {
    /// Follows for some messages, or until the connection breaks.
    async fn follow(&mut self, endpoint: &Endpoint, dice: &mut Dice, until: &AtomicU64) -> Result<(), Status> {
        let channel = endpoint.connect().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let request = v1::WatchRequest {
            start: Some(Start::AfterRevision(self.revision)),
            max_message_bytes: [0, 10_000][usize::from(dice.below(2) == 0)],
            ..Default::default()
        };
        let mut stream = ChangeServiceClient::new(channel).watch(request).await?.into_inner();
        let mut part = Vec::new();
        for _ in 0..dice.below(60) {
            let next = tokio::time::timeout(Duration::from_millis(200), stream.message()).await;
            // Nothing new: the end may have come meanwhile.
            let Ok(next) = next else { return Ok(()) };
            let message = next?.expect("a stream of Watch ends with a status");
            let versions = message.changes.into_iter().filter_map(|change| change.version?.record);
            part.extend(versions.filter_map(|record| match record {
                Record::Claim(claim) => Some(claim.statement),
                _ => None,
            }));
            if !message.heartbeat && !message.more_in_commit {
                let last = self.commits.last_key_value().map_or(0, |(last, _)| *last);
                assert!(message.commit_revision > last, "{} after {last}", message.commit_revision);
                self.commits.insert(message.commit_revision, std::mem::take(&mut part));
            }
            self.revision = message.revision;
            if self.revision >= until.load(Ordering::SeqCst) {
                return Ok(());
            }
        }
        Ok(())
    }
}
