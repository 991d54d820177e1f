//! Health and reflection.

use std::time::Duration;

use claimdb::config;
use claimdb::server::{LIVENESS, READINESS};
use tokio_stream::StreamExt as _;
use tonic::service::Routes;
use tonic::{Code, Streaming};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::support::{Running, SERVICE, info, listen, settings, start};

const NAMES: [&str; 7] = [
    "",
    READINESS,
    LIVENESS,
    SERVICE,
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];

async fn check(running: &Running, name: &str) -> &'static str {
    let mut client = HealthClient::new(running.channel().await);
    let answer = client.check(HealthCheckRequest { service: name.into() }).await.unwrap();
    answer.into_inner().status().as_str_name()
}

async fn watch(running: &Running, name: &str) -> Streaming<HealthCheckResponse> {
    let mut client = HealthClient::new(running.channel().await);
    client.watch(HealthCheckRequest { service: name.into() }).await.unwrap().into_inner()
}

async fn next(stream: &mut Streaming<HealthCheckResponse>) -> &'static str {
    let next = tokio::time::timeout(Duration::from_millis(500), stream.message()).await;
    next.unwrap().unwrap().unwrap().status().as_str_name()
}

#[tokio::test]
async fn every_name_answers_from_the_start_and_follows_the_store() {
    let running = listen(settings()).await;
    type Enter = fn(&Running);
    let phases: [(&str, Enter); 4] = [
        ("NOT_SERVING", |_| ()),
        ("SERVING", |running| running.gate.open(Routes::new(running.service.clone()))),
        ("NOT_SERVING", |running| running.health.not_serving()),
        ("SERVING", |running| running.health.serving()),
    ];
    for (expected, enter) in phases {
        enter(&running);
        for name in NAMES {
            let expected = if name == LIVENESS { "SERVING" } else { expected };
            assert_eq!(check(&running, name).await, expected, "{name}");
        }
    }
    let mut client = HealthClient::new(running.channel().await);
    let status = client.check(HealthCheckRequest { service: "no".into() }).await.unwrap_err();
    assert_eq!((status.code(), info(&status, "").0.as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"));
}

#[tokio::test]
async fn watchers_see_each_change_once_and_the_end() {
    let mut running = listen(settings()).await;
    let mut ready = watch(&running, SERVICE).await;
    let mut live = watch(&running, LIVENESS).await;
    let mut unknown = watch(&running, "no").await;
    assert_eq!(next(&mut ready).await, "NOT_SERVING");
    assert_eq!(next(&mut live).await, "SERVING");
    assert_eq!(next(&mut unknown).await, "SERVICE_UNKNOWN");
    running.gate.open(Routes::new(running.service.clone()));
    assert_eq!(next(&mut ready).await, "SERVING");
    running.health.serving();
    running.health.not_serving();
    assert_eq!(next(&mut ready).await, "NOT_SERVING");
    running.stop();
    for mut stream in [ready, live, unknown] {
        let end = tokio::time::timeout(Duration::from_millis(500), stream.message()).await.unwrap();
        let status = end.expect_err("ends with the server, saying so");
        assert_eq!((status.code(), info(&status, "").0.as_str()), (Code::Unavailable, "SHUTTING_DOWN"));
    }
    running.ended.await.unwrap();
}

/// What reflection lists, in one version of its protocol.
macro_rules! listed {
    ($running:expr, $version:ident) => {{
        use tonic_reflection::pb::$version::ServerReflectionRequest;
        use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
        use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
        use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;
        let request = |message| ServerReflectionRequest { host: String::new(), message_request: Some(message) };
        let requests = tokio_stream::iter([
            request(MessageRequest::ListServices(String::new())),
            request(MessageRequest::FileContainingSymbol("test.v1.Probe".into())),
        ]);
        let mut client = ServerReflectionClient::new($running.channel().await);
        let answers = client.server_reflection_info(requests).await.unwrap().into_inner();
        let answers: Vec<_> = answers.map(|answer| answer.unwrap().message_response.unwrap()).collect().await;
        let mut names = match &answers[0] {
            MessageResponse::ListServicesResponse(list) => {
                list.service.iter().map(|service| service.name.clone()).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        assert!(matches!(answers[1], MessageResponse::FileDescriptorResponse(_)));
        names.sort();
        names
    }};
}

#[tokio::test]
async fn reflection_lists_the_services_in_both_versions_while_the_store_opens() {
    let running = listen(settings()).await;
    let expected = |own: &str| vec!["grpc.health.v1.Health".to_owned(), own.to_owned(), SERVICE.to_owned()];
    assert_eq!(listed!(running, v1), expected("grpc.reflection.v1.ServerReflection"));
    assert_eq!(listed!(running, v1alpha), expected("grpc.reflection.v1alpha.ServerReflection"));
}

#[tokio::test]
async fn reflection_can_be_switched_off() {
    let running = start(config::Server { reflection: false, ..settings() }).await;
    let status =
        running.client().await.call("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", 0).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}
