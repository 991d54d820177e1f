//! Where a watcher starts, and what is refused.

use claimdb::proto::claimdb::v1;
use tonic::Code;
use v1::watch_request::Start;

use crate::support::{Watcher, claim, claims, fields, from, named, names, oldest, reason, start};

#[tokio::test]
async fn from_now_is_the_default_and_says_where_now_is() {
    let running = start().await;
    for (request, turn) in [(v1::WatchRequest::default(), 1), (from(Start::FromNow(true)), 2)] {
        let before = running.claim(&format!("claims/before{turn}"), "Ann").await;
        let (mut watcher, started) = running.watch(request).await;
        assert_eq!(started, before);
        let after = running.claim(&format!("claims/after{turn}"), "Ann").await;
        let message = watcher.changes().await;
        assert_eq!((message.commit_revision, message.revision, message.more_in_commit), (after, after, false));
        assert!(message.commit_time.is_some());
    }
}

#[tokio::test]
async fn from_the_oldest_after_a_revision_and_after_a_time_nothing_is_left_out() {
    let running = start().await;
    for number in 1..=5 {
        assert_eq!(running.claim(&format!("claims/c{number}"), "Ann").await, number);
    }
    let (mut watcher, started) = running.watch(oldest()).await;
    assert_eq!(started, 0);
    let mut times = Vec::new();
    for number in 1..=5 {
        let message = watcher.changes().await;
        assert_eq!(message.commit_revision, number);
        // The claim, and with the first one its source.
        assert!(names(&message).contains(&format!("claims/c{number}")));
        assert_eq!(message.changes.len(), if number == 1 { 2 } else { 1 });
        times.push(message.commit_time.unwrap());
    }
    for after in 0..=5 {
        let (mut watcher, started) = running.watch(from(Start::AfterRevision(after))).await;
        assert_eq!(started, after);
        if after < 5 {
            assert_eq!(watcher.changes().await.commit_revision, after + 1);
        }
    }
    let (mut watcher, started) = running.watch(from(Start::FromTime(times[2]))).await;
    assert_eq!((started, watcher.changes().await.commit_revision), (3, 4));
    let early = prost_types::Timestamp { seconds: 0, nanos: 0 };
    let (mut watcher, started) = running.watch(from(Start::FromTime(early))).await;
    assert_eq!((started, watcher.changes().await.commit_revision), (0, 1));
}

#[tokio::test]
async fn the_future_is_out_of_range() {
    let running = start().await;
    running.claim("claims/a", "Ann").await;
    let attempt = |start| Watcher::try_start(running.channel.clone(), from(start));
    let status = attempt(Start::AfterRevision(2)).await.err().unwrap();
    assert_eq!((status.code(), reason(&status, "head")), (Code::OutOfRange, ("REVISION_IN_FUTURE".into(), "1".into())));
    let late = prost_types::Timestamp { seconds: 250_000_000_000, nanos: 0 };
    let status = attempt(Start::FromTime(late)).await.err().unwrap();
    assert_eq!((status.code(), reason(&status, "").0.as_str()), (Code::OutOfRange, "REVISION_IN_FUTURE"));
}

#[tokio::test]
async fn what_is_malformed_is_named_with_its_path() {
    let running = start().await;
    let attempt = async |request| Watcher::try_start(running.channel.clone(), request).await.err().unwrap();
    let filter = v1::WatchFilter {
        kinds: vec![3, 9],
        sources: vec![named("Ann"), v1::SourceRef { name: "#a".into(), ..Default::default() }],
        metrics: vec!["a.b".into(), "A..b".into()],
        articles: vec!["articles/a".into(), "claims/a".into(), String::new()],
    };
    let heartbeat_interval = Some(prost_types::Duration { seconds: 0, nanos: 999_999_999 });
    let status =
        attempt(v1::WatchRequest { filter: Some(filter), heartbeat_interval, ..from(Start::FromNow(false)) }).await;
    assert_eq!(
        fields(&status, "FIELD_INVALID"),
        [
            "from_now",
            "filter.kinds[1]",
            "filter.sources[1].name",
            "filter.metrics[1]",
            "filter.articles[1]",
            "filter.articles[2]",
            "heartbeat_interval"
        ]
    );
    for seconds in [-1, 0, 301] {
        let heartbeat_interval = Some(prost_types::Duration { seconds, nanos: 0 });
        let status = attempt(v1::WatchRequest { heartbeat_interval, ..Default::default() }).await;
        assert_eq!(fields(&status, "FIELD_INVALID"), ["heartbeat_interval"]);
    }
    let time = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
    assert_eq!(fields(&attempt(from(Start::FromTime(time))).await, "FIELD_INVALID"), ["from_time"]);
    let filter = v1::WatchFilter { metrics: vec!["a".into(); 101], ..Default::default() };
    let status = attempt(v1::WatchRequest { filter: Some(filter), ..Default::default() }).await;
    assert_eq!(fields(&status, "LIMIT_EXCEEDED"), ["filter.metrics"]);
}

#[tokio::test]
async fn a_commit_that_changes_no_record_only_moves_the_revision() {
    let running = start().await;
    running.record(claims([claim("claims/a", "Ann")])).await;
    // The same again, to be remembered under its id: a commit without a change.
    let again = v1::RecordRequest { request_id: "again".into(), ..claims([claim("claims/a", "Ann")]) };
    assert_eq!(running.record(again).await, 2);
    running.claim("claims/b", "Ann").await;
    let (mut watcher, _) = running.watch(oldest()).await;
    assert_eq!((watcher.changes().await.revision, watcher.changes().await.revision), (1, 3));
}

#[tokio::test]
async fn health_knows_the_service() {
    let running = start().await;
    let mut client = tonic_health::pb::health_client::HealthClient::new(running.channel.clone());
    let request = tonic_health::pb::HealthCheckRequest { service: "claimdb.v1.ChangeService".into() };
    assert_eq!(client.check(request).await.unwrap().into_inner().status().as_str_name(), "SERVING");
}
