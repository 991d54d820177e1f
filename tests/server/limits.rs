//! What the server refuses: too large, too many, not gRPC, not known.

use std::time::Duration;

use claimdb::config;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

use crate::support::{Probe, SERVICE, info, settings, start};

#[tokio::test]
async fn a_request_above_the_limit_is_resource_exhausted_with_size_and_limit() {
    let running = start(settings()).await;
    let client = running.client().await;
    let probe = Probe { payload: vec![7; 5 << 20].into(), ..Probe::default() };
    let status = client.unary("Echo", Request::new(probe)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(info(&status, "limit_bytes"), ("MESSAGE_TOO_LARGE".into(), (4 << 20).to_string()));
    assert_eq!(info(&status, "direction").1, "request");
    let size: u64 = info(&status, "size_bytes").1.parse().unwrap();
    assert!((5 << 20..6 << 20).contains(&size));
    client.call("Echo", 0).await.unwrap();
}

#[tokio::test]
async fn a_small_request_that_unpacks_above_the_limit_is_refused_alike() {
    let running = start(settings()).await;
    let client = running.client().await;
    let probe = |size| Request::new(Probe { payload: vec![7; size].into(), ..Probe::default() });
    client.gzipped("Echo", probe(1 << 20)).await.unwrap();
    let status = client.gzipped("Echo", probe(64 << 20)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(info(&status, "limit_bytes"), ("MESSAGE_TOO_LARGE".into(), (4 << 20).to_string()));
}

#[tokio::test]
async fn a_response_above_the_limit_is_resource_exhausted_too() {
    let running = start(settings()).await;
    let client = running.client().await;
    client.call("Big", 4_000_000).await.unwrap();
    let status = client.call("Big", 5 << 20).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(info(&status, "direction"), ("MESSAGE_TOO_LARGE".into(), "response".into()));
}

#[tokio::test]
async fn one_call_too_many_is_shed_with_a_time_to_retry_and_health_is_not() {
    let running = start(config::Server { max_concurrent_requests: 2, ..settings() }).await;
    // Over two connections: the limit is the server's.
    let (first, second) = (running.client().await, running.client().await);
    let stream = first.stream("Endless", Request::new(Probe::of(0))).await.unwrap();
    let slow = tokio::spawn({
        let second = second.clone();
        async move { second.call("Slow", 200).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let status = first.call("Echo", 0).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(info(&status, "max_concurrent_requests"), ("OVERLOADED".into(), "2".into()));
    let pushback: u64 = status.metadata().get("grpc-retry-pushback-ms").unwrap().to_str().unwrap().parse().unwrap();
    assert!((100..=300).contains(&pushback));
    assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
    let mut health = tonic_health::pb::health_client::HealthClient::new(first.0.clone());
    health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
    // Both places come back: the call's with its answer, the stream's with its end.
    slow.await.unwrap().unwrap();
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let both = tokio::join!(first.call("Slow", 50), second.call("Slow", 50));
    both.0.unwrap();
    both.1.unwrap();
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once_and_its_place_comes_back() {
    let running = start(config::Server { max_connections: 1, ..settings() }).await;
    let client = running.client().await;
    client.call("Echo", 0).await.unwrap();
    let mut refused = TcpStream::connect(running.address).await.unwrap();
    let end = tokio::time::timeout(Duration::from_millis(500), refused.read(&mut [0])).await.unwrap();
    assert!(matches!(end, Ok(0) | Err(_)));
    drop(client);
    tokio::time::sleep(Duration::from_millis(50)).await;
    running.client().await.call("Echo", 0).await.unwrap();
}

#[tokio::test]
async fn unknown_methods_are_unimplemented() {
    let running = start(settings()).await;
    let client = running.client().await;
    for path in ["/test.v1.ProbeService/No", "/no.Service/No", "/", "/grpc.health.v1.Health/No"] {
        let status = client.call(path, 0).await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented, "{path}");
        assert_eq!(info(&status, "").0, "METHOD_UNKNOWN");
    }
    let status = client.call(&format!("/no.Service/{}", "o".repeat(2_000)), 0).await.unwrap_err();
    assert_eq!(info(&status, "").0, "METHOD_UNKNOWN");
    assert!(status.message().len() < 200 && status.details().len() < 1_000, "{}", status.message());
}

#[tokio::test]
async fn http_1_is_told_what_this_is() {
    let running = start(settings()).await;
    for request in ["GET / HTTP/1.1\r\nhost: x\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(" 505 ") && answer.contains("gRPC server"), "{answer}");
    }
}

#[tokio::test]
async fn http_2_that_is_not_grpc_is_told_so() {
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let running = start(settings()).await;
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let cases = [
        ("GET", "application/grpc", 405),
        ("POST", "application/json", 415),
        ("POST", "application/grpc-web", 415),
        ("POST", "application/grpc+proto", 200),
    ];
    for (method, content_type, expected) in cases {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://{}/{SERVICE}/Echo", running.address))
            .header("content-type", content_type)
            .body(http_body_util::Empty::<bytes::Bytes>::new())
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{method} {content_type}");
    }
}

/// Whose fault it is is told, and nobody takes it for one of the server's.
#[tokio::test]
async fn what_is_not_framed_as_grpc_has_it_is_the_callers_mistake() {
    use http_body_util::BodyExt as _;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let running = start(settings()).await;
    let stream = TcpStream::connect(running.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let cases: [(&str, &[u8]); 6] = [
        ("identity", &[]),
        ("identity", &[2, 0, 0, 0, 0]),
        ("identity", &[1, 0, 0, 0, 1, 0]),
        ("gzip", &[1, 0, 0, 0, 3, 1, 2, 3]),
        ("identity", &[0, 0, 0, 0, 9, 8]),
        ("identity", &[0, 0]),
    ];
    for (encoding, bytes) in cases {
        let request = http::Request::post(format!("http://{}/{SERVICE}/Echo", running.address))
            .header("content-type", "application/grpc")
            .header("grpc-encoding", encoding)
            .body(http_body_util::Full::new(bytes::Bytes::from_static(bytes)))
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        let (head, body) = response.into_parts();
        let trailers = body.collect().await.unwrap().trailers().cloned().unwrap_or_default();
        let status = tonic::Status::from_header_map(&head.headers)
            .or_else(|| tonic::Status::from_header_map(&trailers))
            .unwrap_or_else(|| panic!("no status for {bytes:?}"));
        assert_eq!(status.code(), Code::InvalidArgument, "{bytes:?}: {status:?}");
        assert_eq!(info(&status, "").0, "MESSAGE_MALFORMED", "{bytes:?}");
    }
}

#[tokio::test]
async fn a_burst_of_cancelled_calls_does_not_cost_the_connection() {
    let running = start(settings()).await;
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    let (settings, headers, reset, ping, go_away) = (4, 1, 3, 6, 7);
    // POST, http, path "/x", authority "a" in HPACK; then CANCEL, as a client does whose deadline passed.
    let block = [&[0x83, 0x86, 0x04, 2], &b"/x"[..], &[0x01, 1], b"a"].concat();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(settings, 0, 0, &[]));
    for stream in (1..400).step_by(2) {
        bytes.extend(frame(headers, 0x5, stream, &block));
        bytes.extend(frame(reset, 0, stream, &8_u32.to_be_bytes()));
    }
    bytes.extend(frame(ping, 0, 0, &[0; 8]));
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(&bytes).await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; length as usize]).await.unwrap();
        assert_ne!(head[3], go_away, "thrown out");
        if head[3] == ping && head[4] == 1 {
            break;
        }
    }
}
