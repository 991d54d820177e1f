//! Clients that flood: the server does not grow with what they send.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::article_service_client::ArticleServiceClient;
use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt as _;

use crate::support::{PATIENCE, Server};

/// What a process held in memory at its peak, in bytes.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// What a request may take by `limits::REQUEST_MEMORY`.
const ONE_MAX: u64 = 128 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_millions_of_empty_parts_are_refused_before_they_take_gigabytes() {
    let server = Server::start(&[]);
    let mut records = RecordServiceClient::new(server.channel().await);
    let mut claims = ClaimServiceClient::new(server.channel().await);
    let before = peak(server.pid());
    // Of two or three bytes each, below the 4 MiB of a message.
    let many = 1_300_000;
    let chain = v1::Claim { attributions: vec![v1::Attribution::default(); many], ..Default::default() };
    let filter = v1::ClaimFilter { any_of: vec![v1::ClaimFilter::default(); many], ..Default::default() };
    for refused in [
        records
            .record(v1::RecordRequest { claims: vec![v1::Claim::default(); many], ..Default::default() })
            .await
            .err(),
        records.record(v1::RecordRequest { claims: vec![chain], ..Default::default() }).await.err(),
        claims.query_claims(v1::QueryClaimsRequest { filter: Some(filter), ..Default::default() }).await.err(),
    ] {
        let refused = refused.unwrap();
        assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
        let info = refused.get_details_error_info().unwrap();
        assert_eq!(info.reason, "MESSAGE_TOO_LARGE");
        assert_eq!(info.metadata["memory_limit_bytes"], (128 << 20).to_string());
    }
    let grown = peak(server.pid()) - before;
    println!("{} MB, {} MB more", before >> 20, grown >> 20);
    assert!(grown < ONE_MAX, "{} MB", grown >> 20);

    // As many as a request may have of the largest there are is no flood.
    let figure = |n: usize| v1::Figure { verbatim: format!("{n}"), ..Default::default() };
    let attribution = |n: usize| v1::Attribution {
        source: Some(v1::SourceRef { display_name: format!("S{n}"), ..Default::default() }),
        ..Default::default()
    };
    let claim = |n: usize| v1::Claim {
        statement: format!("statement {n}"),
        attributions: (0..10).map(attribution).collect(),
        figures: (0..10).map(figure).collect(),
        ..Default::default()
    };
    let full = v1::RecordRequest { claims: (0..1_000).map(claim).collect(), ..Default::default() };
    let recorded = records.record(full).await.unwrap().into_inner();
    assert_eq!(recorded.results.len(), 11_000, "claims and the sources they name");
}

/// What a server in the tests below may take, and what it may exceed that by on a machine that is busy with other things, too: what
/// comes between two looks.
const MEMORY: &str = "256MiB";
const MEMORY_MAX: u64 = (256 << 20) + (32 << 20);

/// Asserts that a call was refused as it is while memory is short, and waits as it says.
async fn wait_as_told(status: &Status) {
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.metadata["memory_bytes"].as_str()), ("OVERLOADED", "268435456"));
    tokio::time::sleep(status.get_details_retry_info().unwrap().retry_delay.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_large_requests_is_taken_as_far_as_there_is_memory_and_then_later() {
    let server = Server::start(&["--memory-bytes", MEMORY]);
    let words = "Nearly two thousand were killed. ".repeat(60_000);
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..150 {
        let channel = server.channel().await;
        let text = format!("{number} {words}");
        calls.spawn(async move {
            let mut client = RecordServiceClient::new(channel);
            let claim = |part: usize| v1::Claim {
                statement: format!("statement {part} of {number}"),
                attributions: vec![v1::Attribution {
                    source: Some(v1::SourceRef { display_name: format!("Source {part}"), ..Default::default() }),
                    ..Default::default()
                }],
                ..Default::default()
            };
            let article = v1::Article { name: format!("articles/a{number}"), text, ..Default::default() };
            let request = v1::RecordRequest {
                articles: vec![article],
                claims: (0..100).map(claim).collect(),
                request_id: format!("flood-{number}"),
                ..Default::default()
            };
            let mut refused = 0;
            let recording = async {
                while let Err(status) = client.record(request.clone()).await {
                    wait_as_told(&status).await;
                    refused += 1;
                }
            };
            tokio::time::timeout(PATIENCE, recording).await.expect("a place in time");
            refused
        });
    }
    let refused: usize = calls.join_all().await.into_iter().sum();
    let peak = peak(server.pid());
    println!("{refused} refused, {} MB at the peak", peak >> 20);
    assert!(peak < MEMORY_MAX, "{} MB", peak >> 20);
    assert!(refused > 0, "300 MB of texts were no flood");
    let mut articles = ArticleServiceClient::new(server.channel().await);
    let names: Vec<_> = (0..150).map(|number| format!("articles/a{number}")).collect();
    let asked = v1::BatchGetArticlesRequest { names, ..Default::default() };
    let found = articles.batch_get_articles(asked).await.unwrap().into_inner();
    assert_eq!(found.articles.len(), 150, "what was acknowledged is there");
}

/// A connection over which nothing large comes unless it is read.
async fn narrow(server: &Server) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).unwrap();
    endpoint.initial_stream_window_size(65_535).initial_connection_window_size(65_535).connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_takes_fill_no_more_than_there_is() {
    let server = Server::start(&["--memory-bytes", MEMORY]);
    let mut client = RecordServiceClient::new(server.channel().await);
    for batch in 0..4 {
        let claim = |part: usize| v1::Claim {
            statement: format!("{batch} {part} {}", "a long statement ".repeat(180)),
            attributions: vec![v1::Attribution {
                source: Some(v1::SourceRef { display_name: format!("Source {part}"), ..Default::default() }),
                ..Default::default()
            }],
            ..Default::default()
        };
        let claims = (0..500).map(claim).collect();
        client.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    }
    let asked = || v1::QueryClaimsRequest { page_size: 1_000, ..Default::default() };
    let (mut held, mut refused) = (Vec::new(), 0);
    for _ in 0..4 {
        let channel = narrow(&server).await;
        let calls = (0..100).map(|_| {
            let mut grpc = tonic::client::Grpc::new(channel.clone());
            tokio::spawn(async move {
                grpc.ready().await.unwrap();
                let path = http::uri::PathAndQuery::from_static("/claimdb.v1.ClaimService/QueryClaims");
                let codec = ProstCodec::<v1::QueryClaimsRequest, v1::QueryClaimsResponse>::default();
                // As a stream, whose messages are not asked for.
                grpc.server_streaming(Request::new(asked()), path, codec).await
            })
        });
        for call in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                Ok(answer) => held.push(answer),
                Err(status) => {
                    assert_eq!(status.get_details_error_info().unwrap().reason, "OVERLOADED", "{status:?}");
                    refused += 1;
                }
            }
        }
    }
    let peak = peak(server.pid());
    println!("{} held, {refused} refused, {} MB at the peak", held.len(), peak >> 20);
    assert!(peak < MEMORY_MAX, "{} MB", peak >> 20);
    assert!(refused > 0 && held.len() > 10, "{refused} refused, {} held", held.len());
    // It goes on answering what is small, one at a time, and all when the answers were let go of.
    let mut claims = ClaimServiceClient::new(server.channel().await);
    let small = || v1::QueryClaimsRequest { page_size: 1, ..Default::default() };
    let answered = async {
        while let Err(status) = claims.query_claims(small()).await {
            wait_as_told(&status).await;
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("an answer, one at a time");
    drop(held);
    let whole = async {
        loop {
            match claims.clone().max_decoding_message_size(8 << 20).query_claims(asked()).await {
                Ok(answer) => return answer.into_inner(),
                Err(status) => wait_as_told(&status).await,
            }
        }
    };
    let page = tokio::time::timeout(PATIENCE, whole).await.expect("an answer once there is memory");
    assert!(page.claims.len() > 500, "{}", page.claims.len());
}
