//! The parts of an export: each fits into a message, whatever is recorded, and each is a place to go on from.

use std::collections::BTreeMap;
use std::path::Path;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use prost::Message as _;
use serde_json::Value;
use tonic::transport::Channel;

use crate::export::{export, lines, record};
use crate::support::{Server, import, printed, run};

/// The parts of an export behind a cursor, received as clients do unless told otherwise.
async fn parts(client: &mut RecordServiceClient<Channel>, cursor: &str) -> Vec<v1::ExportResponse> {
    let request = v1::ExportRequest { cursor: cursor.to_owned(), ..Default::default() };
    let mut stream = client.export(request).await.unwrap().into_inner();
    let mut parts = Vec::new();
    while let Some(part) = stream.message().await.unwrap() {
        assert!(part.encoded_len() <= 4 << 20, "{} bytes", part.encoded_len());
        parts.push(part);
    }
    parts
}

/// The claims of a file, and where each came from, by name.
fn claims(file: &Path) -> BTreeMap<String, [Value; 2]> {
    let mut claims = BTreeMap::new();
    for line in lines(file) {
        let of = |field: &str| line[field].as_array().into_iter().flatten().cloned();
        let provenance: BTreeMap<String, Value> = of("provenance")
            .map(|provenance| (provenance["record"].as_str().unwrap().to_owned(), provenance))
            .collect();
        for claim in of("claims") {
            let name = claim["name"].as_str().unwrap().to_owned();
            let provenance = provenance[&name].clone();
            assert_eq!(claims.insert(name, [claim, provenance]), None, "exported twice");
        }
    }
    claims
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_along_with_a_record_is_cut_to_messages() {
    let server = Server::start(&["--engine", "memory"]);
    let mut client = RecordServiceClient::new(server.channel().await);
    let by = serde_json::json!([{ "source": { "displayName": "Outlet" } }]);
    let names: Vec<String> = (1..=10).map(|number| format!("claims/c{number}")).collect();
    let wholes = names.iter().map(|name| {
        serde_json::json!({ "verbatim": "About 300", "whole": format!("{name}/figures/f1"),
            "wholeRelation": "WHOLE_RELATION_SUBSET_OF" })
    });
    let parts_of_all = serde_json::json!({ "name": "claims/c0", "statement": "About 300 of each.", "attributions": by,
        "figures": wholes.collect::<Vec<_>>() });
    let whole = |name: &String| {
        serde_json::json!({ "name": name, "statement": format!("Nearly 2,000, says {name}."), "attributions": by,
            "figures": [{ "verbatim": "Nearly 2,000" }] })
    };
    let all: Vec<Value> = std::iter::once(parts_of_all).chain(names.iter().map(whole)).collect();
    assert!(record(&mut client, &serde_json::json!({ "claims": all })).await);
    // Half a megabyte each, without an article.
    for name in &names {
        let spans: Vec<Value> =
            (0..32).map(|at| serde_json::json!({ "exact": format!("{at:02}{}", "x".repeat(16_200)) })).collect();
        let revise =
            serde_json::json!({ "claim": { "name": name, "spans": spans }, "updateMask": "spans", "reason": "words" });
        assert!(record(&mut client, &serde_json::json!({ "revise": [revise] })).await);
    }
    let parts = parts(&mut client, "").await;
    assert!(parts.iter().map(v1::ExportResponse::encoded_len).sum::<usize>() > 5_000_000);

    let directory = tempfile::tempdir().unwrap();
    let [first, second] = ["first.jsonl", "second.jsonl"].map(|name| directory.path().join(name));
    printed(&run(export(&server, &first, &[])), 0);
    let other = Server::start(&["--engine", "memory"]);
    printed(&run(import(&other, &first, &[])), 0);
    printed(&run(export(&other, &second, &[])), 0);
    let [first, second] = [&first, &second].map(|file| claims(file));
    assert_eq!(first.len(), 11);
    assert!(first == second, "the import has other claims");
}
