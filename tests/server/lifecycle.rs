//! Opening, draining, ageing.

use std::time::{Duration, Instant};

use claimdb::config;
use claimdb::server::Drained;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tonic::service::Routes;
use tonic::{Code, Request};

use crate::support::{Probe, drain, info, listen, settings, start};

#[tokio::test]
async fn calls_wait_outside_until_the_store_is_open() {
    let running = listen(settings()).await;
    let client = running.client().await;
    let status = client.call("Echo", 0).await.unwrap_err();
    assert_eq!((status.code(), info(&status, "").0.as_str()), (Code::Unavailable, "STORE_OPENING"));
    running.gate.open(Routes::new(running.service.clone()));
    client.call("Echo", 0).await.unwrap();
}

#[tokio::test]
async fn a_quiet_server_drains_at_once() {
    let mut running = start(settings()).await;
    running.client().await.call("Echo", 0).await.unwrap();
    // A client that never says a word does not hold it up either.
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let started = Instant::now();
    running.stop();
    assert_eq!(running.ended.await.unwrap(), Drained::Whole);
    assert!(started.elapsed() < Duration::from_millis(500));
    assert!(matches!(silent.read(&mut [0]).await, Ok(0) | Err(_)));
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn calls_in_flight_end_as_they_would_have() {
    let mut running = start(settings()).await;
    let client = running.client().await;
    let slow = tokio::spawn(async move { client.call("Slow", 300).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop();
    slow.await.unwrap().unwrap();
    assert_eq!(running.ended.await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn a_stream_that_listens_ends_itself_when_the_drain_starts() {
    let mut running = start(settings()).await;
    let client = running.client().await;
    let stream = client.stream("Polite", Request::new(Probe::of(0))).await.unwrap();
    let started = Instant::now();
    running.stop();
    let status = drain(stream).await.1.unwrap();
    assert_eq!((status.code(), info(&status, "").0.as_str()), (Code::Unavailable, "SHUTTING_DOWN"));
    assert_eq!(running.ended.await.unwrap(), Drained::Whole);
    assert!(started.elapsed() < Duration::from_millis(500));
}

#[tokio::test]
async fn a_stream_that_does_not_is_ended_with_a_status_within_the_grace() {
    let mut running = start(settings()).await;
    let client = running.client().await;
    let stream = client.stream("Endless", Request::new(Probe::of(0))).await.unwrap();
    let started = Instant::now();
    running.stop();
    let status = drain(stream).await.1.unwrap();
    assert_eq!((status.code(), info(&status, "").0.as_str()), (Code::Unavailable, "SHUTTING_DOWN"));
    assert_eq!(running.ended.await.unwrap(), Drained::Whole);
    assert!(started.elapsed() < Duration::from_millis(1100));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_when_the_grace_has_passed() {
    let mut running = start(config::Server { drain_grace: config::Period::millis(200), ..settings() }).await;
    let client = running.client().await;
    // Nobody reads this answer, which is larger than the window.
    let request = Request::new(Probe::of(4_000_000));
    let unread = client.stream("/test.v1.ProbeService/Big", request).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.stop();
    let ended = tokio::time::timeout(Duration::from_millis(600), running.ended).await.unwrap().unwrap();
    assert_eq!(ended, Drained::Cut);
    drop(unread);
}

#[tokio::test]
async fn the_delay_before_the_drain_serves_as_usual_and_health_already_says_no() {
    let mut running = start(config::Server { drain_delay: config::Period::millis(300), ..settings() }).await;
    running.stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    // A new connection, since that is what a client makes that has not heard yet.
    let client = running.client().await;
    client.call("Echo", 0).await.unwrap();
    let mut health = tonic_health::pb::health_client::HealthClient::new(client.0.clone());
    let answer = health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
    assert_eq!(answer.into_inner().status().as_str_name(), "NOT_SERVING");
    drop((client, health));
    assert_eq!(running.ended.await.unwrap(), Drained::Whole);
}

#[tokio::test]
async fn an_aged_connection_goes_away_without_hurting_its_calls() {
    let running = start(config::Server {
        connection_age: config::Period::millis(100),
        connection_age_grace: config::Period::millis(400),
        ..settings()
    })
    .await;
    let client = running.client().await;
    let (slow, stream) = tokio::join!(client.call("Slow", 250), client.stream("Endless", Request::new(Probe::of(0))));
    slow.unwrap();
    let started = Instant::now();
    drain(stream.unwrap()).await.1.unwrap();
    assert!(started.elapsed() < Duration::from_millis(600), "cut after the grace");
    // The client has a new connection by now, without having noticed.
    client.call("Echo", 0).await.unwrap();
}

#[tokio::test]
async fn dropping_the_server_closes_its_connections() {
    let running = start(settings()).await;
    let client = running.client().await;
    let stream = client.stream("Endless", Request::new(Probe::of(0))).await.unwrap();
    running.ended.abort();
    tokio::time::timeout(Duration::from_millis(500), drain(stream)).await.unwrap();
}
