//! Lines with so many parts that the server does not take a batch of them, though it is no longer than it may be.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Server, claim_line, head, import, printed, run, statements};

/// A claim that is small as a message, and large once it is decoded.
fn dense_line(number: usize) -> String {
    let source = json!({ "displayName": "The Ministry" });
    json!({ "claims": [{
        "statement": format!("Dense {number}."),
        "attributions": [{ "source": source }, { "source": source }, { "source": source }],
        "figures": vec![json!({ "verbatim": "7" }); 64],
        "hedges": vec![json!({ "kind": "HEDGE_KIND_EPISTEMIC_MODAL", "verbatim": "may" }); 32],
        "entities": vec![json!({ "label": "e" }); 64],
    }] })
    .to_string()
}

/// An item that is refused even alone: were it decoded, it would take hundreds of megabytes.
fn heavy_line() -> String {
    format!("{{\"claims\": [{{\"figures\": [{}{{}}]}}]}}", "{},".repeat(120_000))
}

/// The lines that are rejected, with their reasons.
fn rejected(path: &Path) -> BTreeMap<u64, String> {
    let text = std::fs::read_to_string(path).unwrap();
    let told = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["line"].as_u64().unwrap(), line["reason"].as_str().unwrap().to_owned())
    });
    let found: BTreeMap<_, _> = told.collect();
    assert_eq!(found.len(), text.lines().count(), "none twice");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_the_server_does_not_take_is_sent_in_parts() {
    const DENSE: usize = 960;
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let (file, rejects) = (directory.path().join("claims.jsonl"), directory.path().join("rejects.jsonl"));
    let mut lines: Vec<String> = (0..DENSE).map(dense_line).collect();
    lines.insert(3, "no item".to_owned());
    lines.insert(600, "{\"claims\": [{}]}".to_owned());
    std::fs::write(&file, lines.join("\n")).unwrap();
    let expected: BTreeMap<_, _> = [(4, "MESSAGE_MALFORMED".to_owned()), (601, "FIELD_INVALID".to_owned())].into();
    let arguments = ["--rejects", rejects.to_str().unwrap()];
    let text = printed(&run(import(&server, &file, &arguments)), 5);
    assert!(text.starts_with("imported 960 items, rejected 2: 961 records created, 0 existing"), "{text}");
    assert_eq!(rejected(&rejects), expected);
    let channel = server.channel().await;
    assert_eq!(statements(&channel).await.len(), DENSE);
    assert!(head(&channel).await > 1, "it was sent in parts");
    // Where each part ends was kept with it.
    std::fs::remove_file(&rejects).unwrap();
    let text = printed(&run(import(&server, &file, &[&arguments[..], &["--resume"]].concat())), 5);
    assert!(text.starts_with("imported 960 items, rejected 2: "), "{text}");
    assert_eq!(rejected(&rejects), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_the_server_does_not_take_even_alone_is_a_reject() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (file, rejects, later) = (path("claims.jsonl"), path("rejects.jsonl"), path("later.jsonl"));
    let mut lines: Vec<String> = (0..100).map(claim_line).collect();
    lines.insert(20, "no item".to_owned());
    lines.insert(30, heavy_line());
    lines.insert(90, "no item".to_owned());
    lines.insert(95, heavy_line());
    std::fs::write(&file, lines.join("\n")).unwrap();
    let large = |line: u64| (line, "MESSAGE_TOO_LARGE".to_owned());
    let malformed = |line: u64| (line, "MESSAGE_MALFORMED".to_owned());
    let all: BTreeMap<_, _> = [malformed(21), large(31), malformed(91), large(96)].into();
    let import = |arguments: &[&str], rejects: &Path| {
        let mut command = import(&server, &file, arguments);
        command.args(["--batch-records", "4", "--rejects"]).arg(rejects);
        printed(&run(command), 5)
    };
    assert!(import(&[], &rejects).starts_with("imported 100 items, rejected 4: 113 records created, 0 existing"));
    assert_eq!(rejected(&rejects), all);
    let found = statements(&server.channel().await).await;
    assert_eq!((found.len(), found.values().max()), (100, Some(&1)));
    // What became of the newest batches is told again, by the lines of the file.
    assert!(import(&["--resume"], &later).starts_with("imported 100 items, rejected 4: "));
    let told = rejected(&later);
    assert!(told.contains_key(&96) && told.iter().all(|(line, reason)| all.get(line) == Some(reason)), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_stops_at_a_line_that_the_server_does_not_take_where_that_is_asked_for() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let (file, rejects) = (directory.path().join("claims.jsonl"), directory.path().join("rejects.jsonl"));
    let mut lines: Vec<String> = (0..100).map(claim_line).collect();
    lines.insert(60, heavy_line());
    std::fs::write(&file, lines.join("\n")).unwrap();
    let arguments = ["--batch-records", "4", "--rejects", rejects.to_str().unwrap()];
    let stopping = |further: &[&'static str]| [&arguments[..], &["--on-error", "stop"], further].concat();
    for further in [&[][..], &["--resume"]] {
        let text = printed(&run(import(&server, &file, &stopping(further))), 5);
        assert!(text.starts_with("stopped at an item"), "{text}");
        assert_eq!(rejected(&rejects), [(61, "MESSAGE_TOO_LARGE".to_owned())].into());
        assert_eq!(statements(&server.channel().await).await.len(), 60);
    }
    let text = printed(&run(import(&server, &file, &[&arguments[..], &["--resume"]].concat())), 5);
    assert!(text.starts_with("imported 100 items, rejected 1: 113 records created, 0 existing"), "{text}");
    assert_eq!(rejected(&rejects), [(61, "MESSAGE_TOO_LARGE".to_owned())].into());
}
