//! Nobody is in anybody's way: slow readers, too many watchers, watchers with a deadline.

use std::time::Duration;

use claimdb::proto::claimdb::v1;
use tonic::{Code, Request};
use v1::change_service_client::ChangeServiceClient;
use v1::watch_request::Start;

use crate::process::Process;
use crate::support::{PATIENCE, Watcher, claim, claims, connect, from, oldest, reason, record, retract, start};

/// Records that are larger together than what connections and their windows take in.
fn large(number: u64) -> v1::RecordRequest {
    claims((0..16).map(|part| v1::Claim {
        statement: "x".repeat(16 * 1024),
        ..claim(&format!("claims/c{number}-{part}"), "Ann")
    }))
}

const COMMITS: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_slows_neither_writers_nor_other_readers() {
    let running = start().await;
    // Connections of their own: what is not read takes up the window of its connection.
    let mut stopped = Vec::new();
    for _ in 0..4 {
        stopped.push(Watcher::try_start(running.connect().await, oldest()).await.unwrap());
    }
    let mut others = Vec::new();
    for _ in 0..2 {
        let mut watcher = Watcher::try_start(running.connect().await, oldest()).await.unwrap();
        others.push(tokio::spawn(async move {
            for revision in 1..=COMMITS {
                loop {
                    let message = watcher.changes().await;
                    assert_eq!(message.commit_revision, revision);
                    if !message.more_in_commit {
                        break;
                    }
                }
            }
        }));
    }
    let writing = async {
        for number in 1..=COMMITS {
            running.record(large(number)).await;
        }
    };
    // 26 MB: nothing of it fits into windows of a few megabytes at once.
    tokio::time::timeout(PATIENCE, writing).await.expect("writers do not wait for readers");
    for other in others {
        tokio::time::timeout(PATIENCE, other).await.expect("readers do not wait for each other").unwrap();
    }
    // Those that stopped have missed nothing.
    for mut watcher in stopped {
        let mut revisions = Vec::new();
        while watcher.revision < COMMITS {
            let message = watcher.changes().await;
            revisions.extend((!message.more_in_commit).then_some(message.commit_revision));
        }
        assert_eq!(revisions, (1..=COMMITS).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_watcher_too_many_is_turned_away_until_another_ends() {
    let running = start().await;
    let mut watchers = Vec::new();
    for _ in 0..100 {
        watchers.push(running.watch(v1::WatchRequest::default()).await.0);
    }
    let attempt = || Watcher::try_start(running.channel.clone(), v1::WatchRequest::default());
    let status = attempt().await.err().unwrap();
    assert_eq!((status.code(), reason(&status, "watchers")), (Code::Unavailable, ("OVERLOADED".into(), "100".into())));
    let details = tonic_types::StatusExt::get_error_details(&status);
    assert!(details.retry_info().unwrap().retry_delay.unwrap() >= Duration::from_secs(1));
    // Others find their place all the same.
    running.claim("claims/a", "Ann").await;
    watchers.pop();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while let Err(status) = attempt().await {
        assert_eq!(reason(&status, "").0, "OVERLOADED");
        assert!(tokio::time::Instant::now() < deadline, "the place is not free again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A refused request holds no place.
    for watcher in &mut watchers {
        assert!(watcher.changes().await.changes.len() == 2);
    }
}

#[tokio::test]
async fn a_callers_deadline_ends_the_stream() {
    let running = start().await;
    let mut request = Request::new(v1::WatchRequest::default());
    // By hand: a client that knows its deadline would end the call before the server does.
    request.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
    let mut stream = ChangeServiceClient::new(running.channel.clone()).watch(request).await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().unwrap().heartbeat);
    let status = tokio::time::timeout(PATIENCE, stream.message()).await.unwrap().unwrap_err();
    assert_eq!(
        (status.code(), reason(&status, "set_by")),
        (Code::DeadlineExceeded, ("DEADLINE_EXCEEDED".into(), "caller".into()))
    );
}

/// What a process holds in memory, in bytes.
fn resident(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_that_stop_do_not_grow_the_server() {
    let data = tempfile::TempDir::new().unwrap();
    let process = Process::start(data.path(), &[]);
    let channel = process.channel().await;
    let mut watchers = Vec::new();
    for _ in 0..30 {
        watchers.push(Watcher::try_start(connect(&process.address).await, oldest()).await.unwrap());
    }
    // Some 13 MB, read by all of them as far as their connections take it in.
    for number in 0..50 {
        record(&channel, large(number)).await;
    }
    let before = resident(&process);
    for number in 50..200 {
        record(&channel, large(number)).await;
    }
    let grown = resident(&process).saturating_sub(before);
    println!("{} MB, of which {} MB for the last 40", (before + grown) >> 20, grown >> 20);
    // Kept for each of them, the 40 MB recorded since would be 1.2 GB.
    assert!(grown < 200 << 20, "{} MB", grown >> 20);
    drop(watchers);
}

/// As a retraction of an article makes them: one commit changes whatever belongs to it.
#[tokio::test(flavor = "multi_thread")]
async fn readers_that_stop_in_a_large_commit_do_not_grow_the_server() {
    const CLAIMS: u64 = 4_000;
    let data = tempfile::TempDir::new().unwrap();
    let process = Process::start(data.path(), &[]);
    let channel = process.channel().await;
    let mut revision = 0;
    for first in (0..CLAIMS).step_by(500) {
        let made = claims((first..first + 500).map(|number| v1::Claim {
            statement: format!("{number} {}", "x".repeat(1_000)),
            article: "articles/a".to_owned(),
            ..claim(&format!("claims/c{number}"), "Ann")
        }));
        let articles = vec![v1::Article { name: "articles/a".to_owned(), ..v1::Article::default() }];
        revision = record(&channel, v1::RecordRequest { articles, ..made }).await;
    }
    let mut all = retract("articles/a");
    all.retract[0].include_claims = true;
    record(&channel, all).await;
    let mut watchers = Vec::new();
    let mut sizes = Vec::new();
    // The first few fill what is kept of what was read lately.
    for count in [5, 30] {
        while watchers.len() < count {
            let watched = v1::WatchRequest { include_previous: true, ..from(Start::AfterRevision(revision)) };
            watchers.push(Watcher::try_start(connect(&process.address).await, watched).await.unwrap());
        }
        // As much as their connections take in.
        tokio::time::sleep(Duration::from_secs(3)).await;
        sizes.push(resident(&process));
    }
    let grown = sizes[1].saturating_sub(sizes[0]);
    println!("{} MB, of which {} MB for the last 25", sizes[1] >> 20, grown >> 20);
    // A message of 3 MiB on its way to each, and a little to make the next of. With the whole commit it was some 700 MB.
    assert!(grown < 25 * (16 << 20), "{} MB", grown >> 20);
    // Whoever reads on is given all of it.
    let mut watcher = watchers.remove(0);
    let mut changes = 0;
    while watcher.revision <= revision {
        let message = watcher.changes().await;
        changes += message.changes.iter().filter(|change| change.previous.is_some()).count() as u64;
    }
    assert_eq!(changes, CLAIMS + 1);
}
