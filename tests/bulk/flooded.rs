//! Clients that flood: the server does not grow with what they send.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::Server;

/// What a process held in memory at its peak, in bytes.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// What a request may take by `limits::REQUEST_MEMORY`, and as much again for its bytes on their way.
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
        assert_eq!(info.metadata["memory_limit_bytes"], (64 << 20).to_string());
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
        attributions: (0..16).map(attribution).collect(),
        figures: (0..10).map(figure).collect(),
        ..Default::default()
    };
    let full = v1::RecordRequest { claims: (0..1_000).map(claim).collect(), ..Default::default() };
    let recorded = records.record(full).await.unwrap().into_inner();
    assert_eq!(recorded.results.len(), 17_000, "claims and the sources they name");
}
