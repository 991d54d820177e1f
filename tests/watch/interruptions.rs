//! The server goes away and comes back: what a watcher is told, and that it goes on without a gap.

use std::time::Duration;

use claimdb::proto::claimdb::v1;
use tonic::Code;
use v1::watch_request::Start;

use crate::process::Process;
use crate::support::{Watcher, claim, claims, from, head, names, oldest, reason, record, start};

#[tokio::test]
async fn a_shutdown_ends_the_stream_with_the_revision_to_go_on_from() {
    let mut running = start().await;
    running.claim("claims/a", "Ann").await;
    let filter = Some(v1::WatchFilter { metrics: vec!["none".into()], ..Default::default() });
    let (all, _) = running.watch(oldest()).await;
    let (none, _) = running.watch(v1::WatchRequest { filter, ..oldest() }).await;
    let (now, _) = running.watch(v1::WatchRequest::default()).await;
    let head = running.claim("claims/b", "Ann").await;
    // Long enough that the watchers have come to the end: they are told how far they have come, which is all that counts.
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.stop.take().unwrap().send(()).unwrap();
    for watcher in [all, none, now] {
        let (last, status) = watcher.end().await;
        assert!(last.heartbeat, "{last:?}");
        assert_eq!(last.revision, head);
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(reason(&status, "revision"), ("SHUTTING_DOWN".into(), head.to_string()));
    }
    // Nobody had to be cut off.
    assert_eq!(running.ended.await.unwrap(), claimdb::server::Drained::Whole);
}

#[tokio::test]
async fn a_shutdown_within_a_commit_says_to_go_on_before_it() {
    let mut running = start().await;
    running.claim("claims/a", "Ann").await;
    // Some 3 MB, in messages of which few fit the window: the server is in the middle of them.
    let wide =
        claims((0..200).map(|number| v1::Claim {
            statement: "x".repeat(16 * 1024),
            ..claim(&format!("claims/c{number}"), "Ann")
        }));
    running.record(wide.clone()).await;
    let (mut watcher, _) = running.watch(v1::WatchRequest { max_message_bytes: 20_000, ..oldest() }).await;
    assert_eq!(watcher.changes().await.commit_revision, 1);
    let mut last = watcher.changes().await;
    assert!(last.more_in_commit);
    running.stop.take().unwrap().send(()).unwrap();
    // Nothing is read until the server has heard of it.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let status = loop {
        match watcher.try_message().await {
            Ok(message) => {
                let message = message.expect("a stream of Watch ends with a status");
                let (heartbeat, commit) = (message.heartbeat, message.commit_revision);
                assert_eq!(
                    (heartbeat, commit),
                    (false, last.commit_revision),
                    "after a message with more of its commit"
                );
                last = message;
            }
            Err(status) => break status,
        }
    };
    assert!(last.more_in_commit, "the end of the commit was given");
    assert_eq!(reason(&status, "revision"), ("SHUTTING_DOWN".into(), "1".into()));
}

/// Follows until a revision, as (revision, names) of each commit.
async fn follow(watcher: &mut Watcher, until: u64) -> Vec<(u64, Vec<String>)> {
    let mut found = Vec::new();
    while watcher.revision < until {
        let message = watcher.changes().await;
        found.push((message.commit_revision, names(&message)));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_on_the_same_data_is_gone_past_by_resuming() {
    let data = tempfile::TempDir::new().unwrap();
    let mut process = Process::start(data.path(), &[]);
    let channel = process.channel().await;
    for number in 1..=20 {
        record(&channel, claims([claim(&format!("claims/c{number}"), "Ann")])).await;
    }
    let mut watcher = Watcher::try_start(channel.clone(), oldest()).await.unwrap();
    let mut found = follow(&mut watcher, 12).await;
    let revision = watcher.revision;
    // Killed: the stream ends somehow.
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    let Err(status) = async {
        loop {
            watcher.try_message().await?;
        }
        #[allow(unreachable_code, reason = "gives the block its type")]
        Ok::<(), tonic::Status>(())
    }
    .await
    else {
        panic!()
    };
    assert_ne!(status.code(), Code::Ok);

    let mut process = Process::start(data.path(), &[]);
    let channel = process.channel().await;
    assert_eq!(head(&channel).await, 20);
    let mut watcher = Watcher::try_start(channel.clone(), from(Start::AfterRevision(revision))).await.unwrap();
    found.extend(follow(&mut watcher, 20).await);
    for number in 21..=25 {
        record(&channel, claims([claim(&format!("claims/c{number}"), "Ann")])).await;
    }
    found.extend(follow(&mut watcher, 25).await);
    let revisions: Vec<u64> = found.iter().map(|(revision, _)| *revision).collect();
    assert_eq!(revisions, (1..=25).collect::<Vec<_>>());
    for (revision, names) in found {
        assert!(names.contains(&format!("claims/c{revision}")));
    }

    // Asked to end: the last word is where to go on from.
    rustix::process::kill_process(rustix::process::Pid::from_child(&process.child), rustix::process::Signal::TERM)
        .unwrap();
    let (last, status) = watcher.end().await;
    assert!(last.heartbeat);
    assert_eq!(reason(&status, "revision"), ("SHUTTING_DOWN".into(), "25".into()));
    assert!(process.child.wait().unwrap().success());
}
