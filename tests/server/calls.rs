//! What one call sees: deadlines, panics, its id.

use std::time::{Duration, Instant};

use tonic::{Code, Request};

use crate::support::{Probe, drain, info, patient, settings, start, with_header};

#[tokio::test]
async fn the_callers_deadline_ends_a_slow_call_with_the_right_code() {
    let running = start(settings()).await;
    let started = Instant::now();
    let request = with_header(5_000, "grpc-timeout", "100m");
    let status = patient(running.address, "Slow", request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(info(&status, "set_by"), ("DEADLINE_EXCEEDED".into(), "caller".into()));
    assert!(started.elapsed() < Duration::from_millis(900));
}

#[tokio::test]
async fn the_servers_limit_holds_for_callers_who_want_longer_or_say_nothing() {
    let running = start(settings()).await;
    let client = running.client().await;
    for request in [Request::new(Probe::of(5_000)), with_header(5_000, "grpc-timeout", "1H")] {
        let status = client.unary("Slow", request).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(info(&status, "set_by").1, "server");
    }
}

#[tokio::test]
async fn handlers_see_the_absolute_deadline() {
    let running = start(settings()).await;
    let client = running.client().await;
    let left = |request| async { client.unary("Echo", request).await.unwrap().into_inner().value };
    assert!((300..=400).contains(&left(Request::new(Probe::of(0))).await));
    assert!((100..=200).contains(&left(with_header(0, "grpc-timeout", "200m")).await));
}

#[tokio::test]
async fn a_timeout_that_cannot_be_read_is_refused_and_one_of_zero_has_passed() {
    let running = start(settings()).await;
    let request = with_header(0, "grpc-timeout", "1 day");
    let status = patient(running.address, "Echo", request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(info(&status, "header"), ("HEADER_INVALID".into(), "grpc-timeout".into()));
    let request = with_header(0, "grpc-timeout", "0m");
    let status = patient(running.address, "Echo", request).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(info(&status, "phase").1, "queue");
}

#[tokio::test]
async fn a_streams_deadline_ends_it_mid_stream_and_without_one_it_goes_on() {
    let running = start(settings()).await;
    let client = running.client().await;
    let mut open = client.stream("Endless", Request::new(Probe::of(0))).await.unwrap();
    let bounded = client.stream("Endless", with_header(0, "grpc-timeout", "150m")).await.unwrap();
    let (messages, status) = drain(bounded).await;
    assert!(messages > 3, "{messages}");
    let status = status.unwrap();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(info(&status, "phase").1, "stream");
    // Past the limit of unary calls, the other stream still runs.
    let until = Instant::now() + Duration::from_millis(400);
    while Instant::now() < until {
        assert!(open.message().await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_panic_is_internal_with_an_incident_and_no_cause_and_the_connection_survives() {
    let running = start(settings()).await;
    let client = running.client().await;
    let status = client.call("Panic", 0).await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    let (reason, incident) = info(&status, "incident_id");
    assert_eq!((reason.as_str(), incident.len()), ("INTERNAL", 36));
    assert!(!status.message().contains("secret"));
    client.call("Echo", 0).await.unwrap();
}

#[tokio::test]
async fn a_panic_in_a_stream_ends_it_with_internal_after_what_was_sent() {
    let running = start(settings()).await;
    let client = running.client().await;
    let stream = client.stream("PanicLater", Request::new(Probe::of(0))).await.unwrap();
    let (messages, status) = drain(stream).await;
    assert_eq!(messages, 2);
    let status = status.unwrap();
    assert_eq!((status.code(), info(&status, "").0.as_str()), (Code::Internal, "INTERNAL"));
    client.call("Echo", 0).await.unwrap();
}

#[tokio::test]
async fn a_sane_request_id_comes_back_and_another_is_replaced() {
    let running = start(settings()).await;
    let client = running.client().await;
    let reply = client.unary("Echo", with_header(0, "x-request-id", "import-7/42")).await.unwrap();
    assert_eq!(reply.metadata().get("x-request-id").unwrap(), "import-7/42");
    assert_eq!(reply.get_ref().text, "import-7/42 true");
    for id in ["with space", "quote\"", &"x".repeat(65)] {
        let reply = client.unary("Echo", with_header(0, "x-request-id", id)).await.unwrap();
        assert_eq!(reply.metadata().get("x-request-id").unwrap().len(), 36);
    }
    let status = client.unary("Panic", with_header(0, "x-request-id", "p1")).await.unwrap_err();
    assert_eq!(status.metadata().get("x-request-id").unwrap(), "p1");
}
