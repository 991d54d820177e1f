//! An export of records that refer to what comes later, more of it than one line takes along.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use serde_json::Value;

use crate::export::{export, lines, record, sorted};
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

/// Exports what is recorded, imports that into an empty store, and exports it again: the same. Gives the lines.
async fn exported_twice(requests: &[Value]) -> Vec<Value> {
    let [first, second] = both_exports(requests).await;
    assert_eq!(sorted(first.clone()), sorted(second));
    first
}

/// The lines of what is recorded, and those of the store that imported them.
async fn both_exports(requests: &[Value]) -> [Vec<Value>; 2] {
    let server = Server::start(&["--engine", "memory"]);
    let mut client = RecordServiceClient::connect(format!("http://{}", server.address)).await.unwrap();
    for (index, request) in requests.iter().enumerate() {
        let mut request = request.clone();
        request["recorder"] = serde_json::json!({"tool": format!("tool-{index}")});
        assert!(record(&mut client, &request).await, "{request}");
    }
    let directory = tempfile::tempdir().unwrap();
    let [first, second, third, rejects] =
        ["first.jsonl", "second.jsonl", "third.jsonl", "rejects.jsonl"].map(|name| directory.path().join(name));
    printed(&run(export(&server, &first, &[])), 0);
    let other = Server::start(&["--engine", "memory"]);
    let output = run(import(&other, &first, &["--rejects", rejects.to_str().unwrap()]));
    assert_eq!(output.status.code(), Some(0), "{}", std::fs::read_to_string(&rejects).unwrap());
    printed(&run(export(&other, &second, &[])), 0);
    // Once more: what is refused of it changes nothing, and what is not comes to the same.
    let again = ["--session", "again", "--rejects", rejects.to_str().unwrap()];
    let output = run(import(&other, &first, &again));
    assert!(matches!(output.status.code(), Some(0 | 5)), "{output:?}");
    for refused in lines(&rejects) {
        let reason = refused["reason"].as_str().unwrap();
        assert!(["ARTICLE_TEXT_DIFFERS", "STATE_TRANSITION_INVALID"].contains(&reason), "{refused}");
    }
    printed(&run(export(&other, &third, &[])), 0);
    assert_eq!(sorted(lines(&second)), sorted(lines(&third)));
    [lines(&first), lines(&second)]
}

/// An article, and a claim bound to its text.
fn article(name: &str, text: &str) -> Value {
    let claim = serde_json::json!({"name": name.replace("articles", "claims"), "article": name, "statement": "It is so.",
        "attributions": [{"source": {"displayName": "Ann"}}], "spans": [{"exact": "one"}]});
    serde_json::json!({"articles": [{"name": name, "text": text}], "claims": [claim]})
}

/// Another text for an article, and a publisher where one is named.
fn rewrite(name: &str, text: &str, publisher: &str) -> Value {
    let mut article = serde_json::json!({"name": name, "text": text});
    if !publisher.is_empty() {
        article["publisher"] = serde_json::json!({"name": publisher});
    }
    serde_json::json!({"revise": [{"article": article, "reason": "corrected"}]})
}

fn mention(name: &str, article: &str, exact: &str) -> Value {
    let mentions = serde_json::json!([{"exact": exact, "article": article}]);
    serde_json::json!({"sources": [{"name": name, "displayName": name, "mentions": mentions}]})
}

fn unnamed(name: &str, scope: &str) -> Value {
    let kind = "SOURCE_KIND_UNNAMED_PERSON";
    serde_json::json!({"sources": [{"name": name, "kind": kind, "displayName": "a clerk", "scopeArticle": scope}]})
}

/// A source comes before articles: one in which it is mentioned is taken along with it.
#[tokio::test(flavor = "multi_thread")]
async fn an_article_with_a_mention_comes_with_its_earlier_texts() {
    let a = "articles/a";
    for (turn, requests) in [
        // Bound to the text that was replaced.
        vec![article(a, "one left two"), mention("sources/m", a, "left"), rewrite(a, "all left new", "")],
        // Bound to the text of now, which the claim is not.
        vec![article(a, "one left two"), rewrite(a, "all left new", ""), mention("sources/m", a, "new")],
        // One of each, of several texts.
        vec![
            article(a, "one left two"),
            mention("sources/m", a, "left"),
            rewrite(a, "in between", ""),
            mention("sources/n", a, "between"),
            rewrite(a, "all left new", ""),
            mention("sources/o", a, "new"),
        ],
        // A text that came back, and one that was taken away.
        vec![
            article(a, "one left two"),
            mention("sources/m", a, "left"),
            rewrite(a, "in between", ""),
            mention("sources/n", a, "between"),
            rewrite(a, "one left two", ""),
        ],
        vec![
            article(a, "one left two"),
            mention("sources/m", a, "left"),
            serde_json::json!({"revise": [{"article": {"name": a}, "updateMask": "text", "reason": "taken away"}]}),
        ],
    ]
    .into_iter()
    .enumerate()
    {
        println!("{turn}");
        exported_twice(&requests).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_mentions_its_own_publisher_comes_with_its_earlier_texts() {
    let (a, m) = ("articles/a", "sources/m");
    for exact in ["left", "new"] {
        for retracted in [false, true] {
            let mut requests = vec![
                article(a, "one left two"),
                mention(m, a, "left"),
                rewrite(a, "all left new", m),
                serde_json::json!({"revise": [{"source": {"name": m, "mentions": [{"exact": exact, "article": a}]},
                    "reason": "seen again"}]}),
            ];
            if retracted {
                requests.push(serde_json::json!({"retract": [{"name": a, "retractedBy": "RETRACTED_BY_SOURCE",
                    "reason": "all wrong", "source": {"name": m}}]}));
            }
            println!("{exact} {retracted}");
            let lines = exported_twice(&requests).await;
            let told: Vec<bool> = lines.iter().map(|line| line.get("retract").is_some()).collect();
            assert_eq!(told.iter().filter(|told| **told).count(), usize::from(retracted), "{lines:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_article_of_a_source_that_is_taken_along_comes_with_its_earlier_texts() {
    let (a, b, s, u) = ("articles/a", "articles/b", "sources/s", "sources/u");
    // The publisher of an article that was changed before the one that it exists in.
    let published = serde_json::json!({"articles": [{"name": a, "text": "one of many", "publisher": {"name": u}}]});
    exported_twice(&[article(b, "one left two"), unnamed(u, b), published, rewrite(b, "all left new", "")]).await;
    // Who retracted a source.
    let source = serde_json::json!({"sources": [{"name": s, "displayName": "The office"}]});
    let retract = serde_json::json!({"retract": [{"name": s, "retractedBy": "RETRACTED_BY_SOURCE", "reason": "closed",
        "source": {"name": u}}]});
    exported_twice(&[article(b, "one left two"), unnamed(u, b), source, retract, rewrite(b, "all left new", "")]).await;
    // The publisher of the article that it exists in, seen in the text of now.
    let mut mentioned = mention(u, b, "new");
    let mentions = mentioned["sources"][0]["mentions"].take();
    let revise = serde_json::json!({"revise": [{"source": {"name": u, "mentions": mentions}, "reason": "seen again"}]});
    exported_twice(&[article(b, "one left two"), unnamed(u, b), rewrite(b, "all left new", u), revise]).await;
}

/// A claim whose figures are parts of those of others, and these of others again, all changed after it: more of them, with
/// their spans or retractions, than a request may hold.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_along_is_cut_by_what_a_request_may_hold() {
    const BRANCHES: usize = 40;
    const LEAVES: usize = 32;
    let figure = |id: usize, whole: Option<String>| {
        let mut figure = serde_json::json!({"id": format!("f{id}"), "value": "7", "metric": {"key": "killed"}});
        if let Some(whole) = whole {
            figure["whole"] = format!("claims/{whole}/figures/f0").into();
        }
        figure
    };
    let leaves = || (0..BRANCHES).flat_map(|branch| (0..LEAVES).map(move |leaf| format!("l{branch}-{leaf}")));
    let names: Vec<String> =
        ["root".to_owned()].into_iter().chain((0..BRANCHES).map(|at| format!("b{at}"))).chain(leaves()).collect();
    for (mentions, is_retracted) in [(12, false), (0, true)] {
        let mention = |at: usize| serde_json::json!({"exact": format!("Nr. {at}")});
        let claim = |name: &String| {
            let mentions: Vec<Value> = (0..mentions).map(mention).collect();
            serde_json::json!({"name": format!("claims/{name}"), "statement": format!("7 were killed in {name}."),
                "attributions": [{"source": {"displayName": "Ann"}}], "figures": [figure(0, None)],
                "entities": [{"label": "the dead", "mentions": mentions}]})
        };
        let revise = |name: &String| {
            let wholes: Vec<String> = match name.strip_prefix('b') {
                None if name == "root" => (0..BRANCHES).map(|at| format!("b{at}")).collect(),
                None => Vec::new(),
                Some(branch) => (0..LEAVES).map(|leaf| format!("l{branch}-{leaf}")).collect(),
            };
            let parts = wholes.into_iter().enumerate().map(|(at, whole)| figure(at + 1, Some(whole)));
            let figures: Vec<Value> = [figure(0, None)].into_iter().chain(parts).collect();
            let claim = serde_json::json!({"name": format!("claims/{name}"), "figures": figures, "statement": format!("Seven were killed in {name}.")});
            serde_json::json!({"claim": claim, "reason": "parts"})
        };
        let retract = |name: &String| {
            serde_json::json!({"name": format!("claims/{name}"), "retractedBy": "RETRACTED_BY_RECORDER",
                "reason": "all wrong"})
        };
        let mut requests = Vec::new();
        for names in names.chunks(500) {
            requests.push(serde_json::json!({"claims": names.iter().map(claim).collect::<Vec<_>>()}));
        }
        for names in names.chunks(500) {
            requests.push(serde_json::json!({"revise": names.iter().map(revise).collect::<Vec<_>>()}));
        }
        for names in names.chunks(500).filter(|_| is_retracted) {
            requests.push(serde_json::json!({"retract": names.iter().map(retract).collect::<Vec<_>>()}));
        }
        // In one store a leaf comes before the root, in an item that was full, and in the other in its own turn.
        let of = |lines: &[Value], field: &str| -> BTreeMap<String, Value> {
            let records = lines.iter().filter_map(|line| line[field].as_array()).flatten();
            records.map(|record| (record["name"].to_string(), record.clone())).collect()
        };
        let [first, second] = both_exports(&requests).await;
        for (field, count) in [("claims", names.len()), ("retract", if is_retracted { names.len() } else { 0 })] {
            assert_eq!(of(&first, field).len(), count, "{field}");
            assert!(of(&first, field) == of(&second, field), "{field}");
        }
        let most = first.iter().filter_map(|line| line["claims"].as_array()).map(Vec::len).max();
        assert!(most >= Some(400), "{most:?}");
    }
}
