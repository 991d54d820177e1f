//! Statements of politicians with their speakers and dates: many claims, few sources, found again by name.

use std::collections::BTreeMap;

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::{
    ApproximateTime, Attribution, Claim, ListClaimsRequest, Outcome, RecordRequest, SourceRef,
};
use serde_json::Value;

use super::process::Process;
use super::text;

/// As many as a test has time for.
const STATEMENTS: usize = 4_000;

fn claim(statement: &Value) -> Claim {
    Claim {
        statement: text(statement, "vclaim"),
        attributions: vec![Attribution {
            source: Some(SourceRef { display_name: text(statement, "speaker"), ..SourceRef::default() }),
            said_time: Some(ApproximateTime { edtf: text(statement, "stated_date"), ..ApproximateTime::default() }),
            ..Attribution::default()
        }],
        ..Claim::default()
    }
}

pub(crate) async fn what_a_speaker_said_is_listed_as_a_scan_of_the_file_has_it(mut statements: Vec<Value>) {
    statements.truncate(STATEMENTS);
    let data = tempfile::TempDir::new().unwrap();
    let server = Process::start(data.path(), &["--seal-numbers", "1000"]);
    let channel = server.channel().await;
    let mut records = RecordServiceClient::new(channel.clone());
    let mut existing = 0;
    for chunk in statements.chunks(500) {
        let request = RecordRequest { claims: chunk.iter().map(claim).collect(), ..RecordRequest::default() };
        let response = records.record(request).await.unwrap().into_inner();
        existing += response
            .results
            .iter()
            .filter(|result| result.outcome() == Outcome::Existing && !result.path.contains('.'))
            .count();
    }
    // The same statement by the same speaker on the same day is the same claim.
    let mut by_speaker: BTreeMap<String, std::collections::BTreeSet<(String, String)>> = BTreeMap::new();
    for statement in &statements {
        let said = (text(statement, "vclaim"), text(statement, "stated_date"));
        by_speaker.entry(text(statement, "speaker")).or_default().insert(said);
    }
    let distinct: usize = by_speaker.values().map(|said| said.len()).sum();
    assert_eq!(existing, statements.len() - distinct);

    let mut claims = ClaimServiceClient::new(channel);
    let mut most: Vec<_> = by_speaker.iter().collect();
    most.sort_by_key(|(_, said)| std::cmp::Reverse(said.len()));
    for (speaker, said) in most.into_iter().take(30) {
        let mut listed = std::collections::BTreeSet::new();
        let mut page_token = String::new();
        loop {
            let request = ListClaimsRequest {
                source: Some(SourceRef { display_name: speaker.clone(), ..SourceRef::default() }),
                page_size: 50,
                page_token,
                ..ListClaimsRequest::default()
            };
            let page = claims.list_claims(request).await.unwrap().into_inner();
            for claim in page.claims {
                let time = claim.attributions[0].said_time.clone().unwrap_or_default().edtf;
                assert!(listed.insert((claim.statement, time)), "given twice");
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(&listed, said, "{speaker}");
    }
}
