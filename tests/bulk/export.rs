//! Exported, imported into an empty store and exported again: the same, but for what the new store knows by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::article_service_client::ArticleServiceClient;
use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::pool;
use prost_reflect::DynamicMessage;
use serde_json::Value;
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

use crate::histories::fill;
use crate::support::{Dice, Server, claimdb, import, output, printed, run};

pub(crate) fn export(server: &Server, file: &Path, further: &[&str]) -> Command {
    let mut command = claimdb();
    command.args(["export", "--server", &server.address, "--quiet", "--output"]).arg(file).args(further);
    command
}

/// The lines of a file, in order.
pub(crate) fn lines(file: &Path) -> Vec<Value> {
    let bytes = std::fs::read(file).unwrap();
    let text = match file.extension().and_then(|extension| extension.to_str()) {
        Some("zst") => zstd::decode_all(bytes.as_slice()).unwrap(),
        Some("gz") => {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes.as_slice()), &mut text).unwrap();
            text
        }
        _ => bytes,
    };
    String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Lines to compare, whatever their order.
pub(crate) fn sorted(mut lines: Vec<Value>) -> Vec<String> {
    let mut lines: Vec<String> = lines.drain(..).map(|line| line.to_string()).collect();
    lines.sort();
    lines
}

/// Two exports to one file, or one to a file that is made meanwhile, would spoil it.
#[tokio::test(flavor = "multi_thread")]
async fn one_export_writes_a_file_and_none_over_another() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let (file, part) = (directory.path().join("all.jsonl"), directory.path().join("all.jsonl.part"));
    std::fs::write(&part, "what another has written").unwrap();
    let other = std::fs::File::open(&part).unwrap();
    rustix::fs::flock(&other, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let refused = run(export(&server, &file, &[]));
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("another export is writing it"), "{told}");
    assert_eq!(std::fs::read_to_string(&part).unwrap(), "what another has written");
    drop(other);
    printed(&run(export(&server, &file, &[])), 0);
    assert!(file.exists() && !part.exists());
    std::fs::remove_file(&file).unwrap();
    let refused = run(export(&server, Path::new("-"), &["--resume"]));
    assert_eq!(refused.status.code(), Some(2), "there is nothing to go on with");
}

/// Sends a request given as JSON; tells whether it was taken.
pub(crate) async fn record(client: &mut RecordServiceClient<Channel>, request: &Value) -> bool {
    let message = pool().get_message_by_name("claimdb.v1.RecordRequest").unwrap();
    let message = DynamicMessage::deserialize(message, request).unwrap_or_else(|error| panic!("{error}: {request}"));
    let request: v1::RecordRequest = message.transcode_to().unwrap();
    match client.record(request).await {
        Ok(_) => true,
        Err(status) => {
            let reason = status.get_details_error_info().unwrap().reason;
            assert!(reason != "INTERNAL", "{status:?}");
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_and_imported_is_exported_the_same() {
    let mut dice = Dice::new();
    let (mut circles, mut parts, mut bound_to_earlier) = (0, 0, 0);
    for (engine, name) in [("memory", "a.jsonl"), ("sled", "a.jsonl.gz"), ("sled", "a.jsonl.zst")] {
        let server = Server::start(&["--engine", engine, "--seal-numbers", "1024"]);
        let taken = fill(&server, &mut dice).await;
        assert!(taken > 150, "{taken} requests were taken");
        let directory = tempfile::tempdir().unwrap();
        let (first, second) = (directory.path().join(name), directory.path().join(format!("second-{name}")));
        printed(&run(export(&server, &first, &[])), 0);
        let other = Server::start(&["--engine", engine]);
        let rejects = directory.path().join("rejects.jsonl");
        // Small batches, so that records refer to those of other batches.
        let output = run(import(&other, &first, &["--batch-records", "7", "--rejects", rejects.to_str().unwrap()]));
        assert_eq!(output.status.code(), Some(0), "{}", std::fs::read_to_string(&rejects).unwrap());
        printed(&run(export(&other, &second, &[])), 0);
        let (one, two) = (lines(&first), lines(&second));
        assert!(one.len() > 40, "{} items", one.len());
        for key in ["retract", "revise"] {
            assert!(one.iter().any(|line| line.get(key).is_some()), "no item has {key}");
        }
        let count = |line: &Value, key: &str| line.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        circles += one.iter().filter(|line| count(line, "articles") > 0 && count(line, "sources") > 0).count();
        parts += one.iter().filter(|line| count(line, "claims") > 1).count();
        let articles = one.iter().flat_map(|line| [&line["revise"][0]["article"], &line["articles"][0]]);
        // The last line of an article has its text of now.
        let current: BTreeMap<&str, &str> =
            articles.filter_map(|article| Some((article["name"].as_str()?, article["textSha256"].as_str()?))).collect();
        let claims = one.iter().map(|line| &line["claims"][0]);
        let bound =
            claims.filter_map(|claim| Some((claim["article"].as_str()?, claim["spans"][0]["textSha256"].as_str()?)));
        bound_to_earlier += bound.filter(|(article, sha256)| current.get(article) != Some(sha256)).count();
        let (one, two) = (sorted(one), sorted(two));
        let different = one.iter().zip(&two).find(|(one, two)| one != two);
        assert_eq!(different, None);
        assert_eq!(one.len(), two.len());
    }
    // The histories must have had what makes it hard.
    println!(
        "{circles} circles, {parts} claims with parts recorded later, {bound_to_earlier} spans bound to earlier texts"
    );
    assert!(circles > 0 && parts > 0 && bound_to_earlier > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_keeps_its_revision_names_texts_and_provenance() {
    let server = Server::start(&[]);
    let channel = server.channel().await;
    let mut records = RecordServiceClient::new(channel.clone());
    let seed = std::fs::read_to_string("examples/seed/record.json").unwrap();
    assert!(record(&mut records, &serde_json::from_str(&seed).unwrap()).await);
    let later = serde_json::json!({ "retract": [{ "name": "articles/none", "retractedBy": "RETRACTED_BY_RECORDER", "reason": "x" }] });
    assert!(!record(&mut records, &later).await);
    let more = serde_json::json!({ "sources": [{ "displayName": "Later" }] });
    assert!(record(&mut records, &more).await);
    let directory = tempfile::tempdir().unwrap();
    let (file, newest) = (directory.path().join("one.jsonl"), directory.path().join("two.jsonl"));
    printed(&run(export(&server, &file, &["--as-of-revision", "1"])), 0);
    printed(&run(export(&server, &newest, &[])), 0);
    assert_eq!(lines(&newest).len(), lines(&file).len() + 1);
    let other = Server::start(&[]);
    printed(&run(import(&other, &file, &[])), 0);
    let there = other.channel().await;
    let asked = v1::ListArticlesRequest { include_text: true, ..Default::default() };
    let mut articles = Vec::new();
    for channel in [&channel, &there] {
        let found = ArticleServiceClient::new(channel.clone()).list_articles(asked.clone()).await.unwrap().into_inner();
        articles.extend(found.articles);
    }
    let (ours, theirs) = (articles[0].metadata.take().unwrap(), articles[1].metadata.take().unwrap());
    assert_eq!(articles[0], articles[1]);
    assert!(!articles[0].text.is_empty());
    let provenance = theirs.provenance.unwrap();
    assert_eq!((provenance.create_revision, provenance.create_time), (ours.create_revision, ours.create_time));
    assert_eq!((provenance.revision, provenance.update_time), (ours.revision, ours.update_time));
    assert_eq!((provenance.principal, provenance.recorder), (ours.principal, ours.recorder));
    assert_eq!(ours.provenance, None);
    let mut claims = Vec::new();
    for channel in [channel, there] {
        let asked = v1::ListClaimsRequest { page_size: 1_000, ..Default::default() };
        let found = ClaimServiceClient::new(channel).list_claims(asked).await.unwrap().into_inner();
        let by_name: BTreeMap<String, v1::Claim> =
            found.claims.into_iter().map(|claim| (claim.name.clone(), v1::Claim { metadata: None, ..claim })).collect();
        claims.push(by_name);
    }
    assert_eq!(claims[0], claims[1]);
    // Once more: everything is found to exist.
    let text = printed(&run(import(&other, &file, &["--session", "again"])), 0);
    assert!(text.contains(" 0 records created"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_narrows_an_export() {
    let server = Server::start(&["--engine", "memory"]);
    fill(&server, &mut Dice::new()).await;
    let directory = tempfile::tempdir().unwrap();
    let kinds = |arguments: &[&str]| -> BTreeMap<String, usize> {
        let file = directory.path().join(format!("{}.jsonl", arguments.concat().replace('/', "-")));
        printed(&run(export(&server, &file, arguments)), 0);
        let mut kinds = BTreeMap::new();
        for line in lines(&file) {
            for kind in ["articles", "sources", "claims", "relations", "assessments"] {
                let count = line.get(kind).and_then(Value::as_array).map_or(0, Vec::len);
                if count > 0 {
                    *kinds.entry(kind.to_owned()).or_default() += count;
                }
            }
        }
        kinds
    };
    let all = kinds(&[]);
    assert_eq!(all.len(), 5, "{all:?}");
    let claims = kinds(&["--kind", "claim"]);
    assert_eq!(claims.into_iter().collect::<Vec<_>>(), [("claims".to_owned(), all["claims"])]);
    // One of those that have a source of their own, whichever the dice made.
    let exported = lines(&directory.path().join(".jsonl"));
    let named = exported.iter().filter_map(|line| line["articles"][0]["name"].as_str());
    let own = named.into_iter().find(|name| name.starts_with("articles/x")).expect("400 turns make one");
    let of_article = kinds(&["--article", own]);
    assert!(of_article.get("articles") == Some(&1) && of_article.get("sources") == Some(&1), "{of_article:?}");
    assert_eq!(kinds(&["--source", "sources/nobody"]), BTreeMap::new());
    let mut client = RecordServiceClient::new(server.channel().await);
    let wrong = v1::ExportRequest { cursor: "nonsense".to_owned(), ..Default::default() };
    let status = client.export(wrong).await.unwrap().into_inner().message().await.unwrap_err();
    assert_eq!(status.get_details_error_info().unwrap().reason, "TOKEN_MALFORMED");
    assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "cursor");
    let future = v1::export_request::AsOf::AsOfRevision(1_000_000);
    let future = v1::ExportRequest { as_of: Some(future), ..Default::default() };
    let status = client.export(future).await.unwrap().into_inner().message().await.unwrap_err();
    assert_eq!(status.get_details_error_info().unwrap().reason, "REVISION_IN_FUTURE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_filtered_like_a_query() {
    let mut dice = Dice::new();
    let server = Server::start(&["--engine", "memory"]);
    fill(&server, &mut dice).await;
    // Whatever the dice threw.
    let article = |id: &str| serde_json::json!({ "name": format!("articles/{id}"), "urls": [format!("https://news.example/{id}")] });
    let claim = |id: &str| {
        serde_json::json!({ "article": format!("articles/{id}"), "statement": format!("Said in {id}."),
            "attributions": [{ "source": { "displayName": "Outlet 0" } }] })
    };
    let request =
        serde_json::json!({ "articles": [article("f1"), article("f2")], "claims": [claim("f1"), claim("f2")] });
    assert!(record(&mut RecordServiceClient::new(server.channel().await), &request).await);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("some.jsonl");
    let named = |field: &str, further: &[&str]| -> BTreeSet<String> {
        printed(&run(export(&server, &file, further)), 0);
        let lines = lines(&file);
        std::fs::remove_file(&file).unwrap();
        let records = lines.iter().filter_map(|line| line.get(field)?.as_array()).flatten();
        records.map(|record| record["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut client = ClaimServiceClient::new(server.channel().await);
    let filter = v1::ClaimFilter {
        articles: vec!["articles/f1".to_owned(), "articles/f2".to_owned()],
        none_of: vec![v1::ClaimFilter { articles: vec!["articles/f2".to_owned()], ..Default::default() }],
        ..Default::default()
    };
    let request = v1::QueryClaimsRequest {
        filter: Some(filter),
        statuses: vec![v1::RecordStatus::Active.into(), v1::RecordStatus::Retracted.into()],
        page_size: 1_000,
        ..Default::default()
    };
    let page = client.query_claims(request).await.unwrap().into_inner();
    assert!(page.next_page_token.is_empty() && !page.claims.is_empty());
    let queried: BTreeSet<String> = page.claims.into_iter().map(|claim| claim.name).collect();
    let json = r#"{"claims": {"articles": ["articles/f1", "articles/f2"], "noneOf": [{"articles": ["articles/f2"]}]}}"#;
    assert_eq!(named("claims", &["--filter", json]), queried);
    assert!(named("claims", &[]).len() > queried.len());
    // Other kinds are not narrowed by it, unless they are left out.
    assert_eq!(named("sources", &["--filter", json]), named("sources", &[]));
    assert!(named("sources", &["--filter", json, "--kind", "claim"]).is_empty());
    let json = r#"{"articles": {"urls": ["https://news.example/f1"]}, "sources": {"name_prefixes": ["outlet"]}}"#;
    assert_eq!(named("articles", &["--filter", json]), BTreeSet::from(["articles/f1".to_owned()]));
    let outlets = named("sources", &["--filter", json]);
    assert!(!outlets.is_empty() && outlets.len() <= 3, "{outlets:?}");
    for wrong in [r#"{"claimz": {}}"#, "claims", r#"{"claims": {"page_size": 1}}"#] {
        let output = run(export(&server, &file, &["--filter", wrong]));
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    // What only the server can tell.
    let output = run(export(&server, &file, &["--filter", r#"{"claims": {"articles": ["sources/s1"]}}"#]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("filter.claims.articles[0]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn either_side_of_an_export_is_killed_again_and_again() {
    let (mut dice, input) = (Dice::new(), crate::support::input(6_000));
    let mut server = Server::start(&[]);
    printed(&run(import(&server, &input.path, &["--quiet"])), 5);
    let expected = input.directory.path().join("expected.jsonl");
    printed(&run(export(&server, &expected, &[])), 0);
    let file = input.directory.path().join("export.jsonl.zst");
    let (mut kills, mut resume) = (0, false);
    loop {
        let mut command = export(&server, &file, if resume { &["--resume"] } else { &[] });
        let mut exporting = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        resume = true;
        std::thread::sleep(Duration::from_millis(10 + dice.below(120)));
        if kills >= 6 || exporting.try_wait().unwrap().is_some() {
            printed(&output(exporting), 0);
            break;
        }
        kills += 1;
        if dice.below(2) == 0 {
            server.kill();
            server.restart();
            // Not killed itself: it goes on where it was.
            if exporting.try_wait().unwrap().is_some() {
                printed(&output(exporting), 0);
                break;
            }
        }
        exporting.kill().unwrap();
        exporting.wait().unwrap();
    }
    println!("{kills} kills");
    assert_eq!(lines(&file), lines(&expected));
}
