//! An export of records that refer to what comes later, more of it than one line takes along.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;

use crate::export::{export, lines, record};
use crate::support::{Server, import, printed, run};

/// Each a part of the next, which was changed after it: more of them than a line has records.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_chain_of_references_is_exported_in_an_order_that_satisfies_them() {
    const CLAIMS: usize = 1_200;
    let server = Server::start(&["--engine", "memory"]);
    let mut client = RecordServiceClient::connect(format!("http://{}", server.address)).await.unwrap();
    let figure = |at: usize| serde_json::json!({"id": "f1", "value": at.to_string(), "metric": {"key": "killed"}});
    let whole = |at: usize| match at + 1 {
        CLAIMS => figure(at),
        next => {
            let mut part = figure(at);
            part["whole"] = format!("claims/k{next}/figures/f1").into();
            part
        }
    };
    for changes in [false, true] {
        for first in (0..CLAIMS).step_by(600) {
            let request = match changes {
                false => {
                    let claim = |at: usize| {
                        serde_json::json!({
                            "name": format!("claims/k{at}"),
                            "statement": format!("{at} were killed."),
                            "attributions": [{"source": {"displayName": "Ann"}}],
                            "figures": [figure(at)],
                        })
                    };
                    serde_json::json!({"claims": (first..first + 600).map(claim).collect::<Vec<_>>()})
                }
                true => {
                    let claim =
                        |at: usize| serde_json::json!({"name": format!("claims/k{at}"), "figures": [whole(at)]});
                    let revise = |at: usize| serde_json::json!({"claim": claim(at), "reason": "a part"});
                    serde_json::json!({"revise": (first..first + 600).map(revise).collect::<Vec<_>>()})
                }
            };
            assert!(record(&mut client, &request).await);
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first.jsonl"), directory.path().join("second.jsonl"));
    printed(&run(export(&server, &first, &[])), 0);
    let other = Server::start(&["--engine", "memory"]);
    printed(&run(import(&other, &first, &[])), 0);
    printed(&run(export(&other, &second, &[])), 0);
    let claims = |file: &Path| {
        let claims = lines(file).into_iter().flat_map(|line| line["claims"].as_array().cloned().unwrap_or_default());
        claims.map(|claim| (claim["name"].to_string(), claim["figures"].to_string())).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(claims(&first).len(), CLAIMS);
    assert_eq!(claims(&first), claims(&second));
}

/// Published by a source of an article that was changed later, both with texts of which one item holds only one.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_to_be_taken_along_comes_before() {
    let server = Server::start(&["--engine", "memory"]);
    let mut client = RecordServiceClient::connect(format!("http://{}", server.address)).await.unwrap();
    let text = |letter: &str| letter.repeat(2_080_000);
    let requests = [
        serde_json::json!({
            "articles": [{"name": "articles/b", "text": text("b")}],
            "sources": [{"name": "sources/s", "kind": "SOURCE_KIND_UNNAMED_PERSON", "displayName": "a clerk",
                "scopeArticle": "articles/b"}],
        }),
        serde_json::json!({
            "articles": [{"name": "articles/a", "text": text("a"), "publisher": {"name": "sources/s"}}],
        }),
        serde_json::json!({"revise": [{"article": {"name": "articles/b", "title": "B"}, "reason": "titled"}]}),
    ];
    for request in &requests {
        assert!(record(&mut client, request).await);
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("all.jsonl");
    printed(&run(export(&server, &file, &[])), 0);
    let lines = lines(&file);
    assert!(lines.iter().all(|line| !line.as_object().unwrap().is_empty()), "an item without records");
    assert!(lines.iter().all(|line| line.to_string().len() < 3 << 20), "larger than a message");
    let other = Server::start(&["--engine", "memory"]);
    printed(&run(import(&other, &file, &[])), 0);
}

/// A part of another claim's figure, which was changed after it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_lets_through_comes_behind_what_it_refers_to() {
    let server = Server::start(&["--engine", "memory"]);
    let mut client = RecordServiceClient::connect(format!("http://{}", server.address)).await.unwrap();
    let claim = |name: &str, whole: &str| {
        serde_json::json!({
            "name": name,
            "labels": {"is": name},
            "statement": "Seven were killed.",
            "attributions": [{"source": {"displayName": "Ann"}}],
            "figures": [{"value": "7", "metric": {"key": "killed"}, "whole": whole}],
        })
    };
    let requests = [
        serde_json::json!({"claims": [claim("claims/whole", ""), claim("claims/part", "claims/whole/figures/f1")]}),
        serde_json::json!({"revise": [{"claim": {"name": "claims/whole", "statement": "7 were killed."}}]}),
    ];
    for request in &requests {
        assert!(record(&mut client, request).await);
    }
    let directory = tempfile::tempdir().unwrap();
    let exported = |name: &str, filter: &str| {
        let file = directory.path().join(name);
        printed(&run(export(&server, &file, &["--filter", filter])), 0);
        let claims = lines(&file).into_iter().flat_map(|line| line["claims"].as_array().cloned().unwrap_or_default());
        (claims.map(|claim| claim["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), file)
    };
    let (claims, file) = exported("both.jsonl", r#"{"claims": {"metrics": ["killed"]}}"#);
    assert_eq!(claims.iter().collect::<BTreeSet<_>>().len(), 2, "{claims:?}");
    let other = Server::start(&["--engine", "memory"]);
    printed(&run(import(&other, &file, &[])), 0);
    // What the filter holds back is not taken along.
    let (claims, _) = exported("part.jsonl", r#"{"claims": {"labels": {"is": "claims/part"}}}"#);
    assert_eq!(claims, ["claims/part"]);
}
