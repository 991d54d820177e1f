//! The parts of an export: each fits into a message, whatever is recorded, and each is a place to go on from.

use std::collections::BTreeMap;
use std::path::Path;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::record_service_server::{RecordService, RecordServiceServer};
use claimdb::proto::pool;
use prost::Message as _;
use prost_reflect::DynamicMessage;
use serde_json::Value;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use crate::export::{export, lines, record};
use crate::support::{Server, claimdb, import, printed, run};

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

/// An article of four items, each a part: two earlier texts, what it is now, and its retraction.
async fn rewritten(client: &mut RecordServiceClient<Channel>) {
    for letter in ["a", "b", "c"] {
        // So close to a part that the retraction does not fit in.
        let article = serde_json::json!({ "name": "articles/t", "onConflict": "CONFLICT_POLICY_UPDATE",
            "text": letter.repeat((1 << 20) - 1_500) });
        assert!(record(client, &serde_json::json!({ "articles": [article] })).await);
    }
    let retract = serde_json::json!({ "name": "articles/t", "retractedBy": "RETRACTED_BY_RECORDER",
        "reason": "wrong".repeat(700) });
    assert!(record(client, &serde_json::json!({ "retract": [retract] })).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_on_behind_each_part_within_an_article_too() {
    let server = Server::start(&["--engine", "memory"]);
    let mut client = RecordServiceClient::new(server.channel().await);
    let outlet = |name: &str| serde_json::json!({ "sources": [{ "name": name, "displayName": name }] });
    assert!(record(&mut client, &outlet("sources/before")).await);
    rewritten(&mut client).await;
    let claim = serde_json::json!({ "name": "claims/after", "statement": "It is so.",
        "attributions": [{ "source": { "name": "sources/before" } }] });
    assert!(record(&mut client, &serde_json::json!({ "claims": [claim] })).await);

    let (parts, items) = goes_on_behind_each_part(&mut client).await;
    assert_eq!((parts, items), (4, 6));
}

/// Exports once more from behind each part: what was received of two streams is what one gives, and is imported like that.
/// Tells how many parts and items there are.
async fn goes_on_behind_each_part(client: &mut RecordServiceClient<Channel>) -> (usize, usize) {
    let whole = parts(client, "").await;
    let items = |parts: &[v1::ExportResponse]| -> Vec<v1::RecordRequest> {
        parts.iter().flat_map(|part| part.items.clone()).collect()
    };
    let all = items(&whole);
    let directory = tempfile::tempdir().unwrap();
    for (index, part) in whole.iter().enumerate() {
        let rest = parts(client, &part.cursor).await;
        let joined = [items(&whole[..=index]), items(&rest)].concat();
        let what = |item: &v1::RecordRequest| {
            let text = item.articles.first().map(|article| article.text.get(..1).unwrap_or_default().to_owned());
            (text, item.revise.len(), item.retract.len(), item.sources.len(), item.claims.len())
        };
        assert_eq!(joined.iter().map(what).collect::<Vec<_>>(), all.iter().map(what).collect::<Vec<_>>(), "{index}");
        assert!(joined == all, "on from part {index}");
        let file = directory.path().join(format!("{index}.jsonl"));
        let message = pool().get_message_by_name("claimdb.v1.RecordRequest").unwrap();
        let line = |item: &v1::RecordRequest| {
            let mut line = DynamicMessage::new(message.clone());
            line.transcode_from(item).unwrap();
            serde_json::to_string(&line).unwrap() + "\n"
        };
        std::fs::write(&file, joined.iter().map(line).collect::<String>()).unwrap();
        let other = Server::start(&["--engine", "memory"]);
        printed(&run(import(&other, &file, &["--quiet"])), 0);
    }
    (whole.len(), all.len())
}

/// An article with earlier texts is taken along in the turn of the first of two sources that are mentioned in it; between
/// that and its own turn are parts that hold nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_goes_on_behind_an_article_that_was_taken_along_with_its_earlier_texts() {
    let server = Server::start(&["--engine", "memory"]);
    let mut client = RecordServiceClient::new(server.channel().await);
    let mention = |name: &str, exact: &str| {
        serde_json::json!({ "sources": [{ "name": name, "displayName": name,
            "mentions": [{ "exact": exact, "article": "articles/a" }] }] })
    };
    let rewritten = |text: &str| {
        let article = serde_json::json!({ "name": "articles/a", "text": text.to_owned() + &"x".repeat(600_000),
            "publisher": { "name": "sources/m" } });
        serde_json::json!({ "revise": [{ "article": article, "reason": "corrected" }] })
    };
    let large = |number: usize| {
        let mentions: Vec<Value> = (0..32).map(|_| serde_json::json!({ "exact": "y".repeat(16_200) })).collect();
        let name = format!("sources/large{number}");
        serde_json::json!({ "sources": [{ "name": name, "displayName": name, "mentions": mentions }] })
    };
    let claim = serde_json::json!({ "name": "claims/c", "article": "articles/a", "statement": "It is so.",
        "attributions": [{ "source": { "displayName": "Ann" } }], "spans": [{ "exact": "one" }] });
    let between = serde_json::json!({ "articles": [{ "name": "articles/b", "text": "z".repeat(800_000) }] });
    for request in [
        serde_json::json!({ "articles": [{ "name": "articles/a", "text": "one left two" }] }),
        serde_json::json!({ "claims": [claim] }),
        mention("sources/m", "left"),
        large(1),
        large(2),
        large(3),
        rewritten("in between"),
        mention("sources/n", "between"),
        large(4),
        between,
        rewritten("all left new"),
        serde_json::json!({ "articles": [{ "name": "articles/z", "text": "z".repeat(800_000) }] }),
    ] {
        assert!(record(&mut client, &request).await);
    }
    let (parts, _) = goes_on_behind_each_part(&mut client).await;
    assert!(parts >= 6, "{parts} parts");
    let retract = serde_json::json!({ "retract": [{ "name": "articles/a", "retractedBy": "RETRACTED_BY_RECORDER",
        "reason": "all wrong" }] });
    assert!(record(&mut client, &retract).await);
    goes_on_behind_each_part(&mut client).await;
}

/// A server that ends each export after a part, and whose parts lead nowhere.
struct Stuck;

type Answers<T> = tokio_stream::Iter<std::vec::IntoIter<Result<T, Status>>>;

#[tonic::async_trait]
impl RecordService for Stuck {
    type ImportStream = Answers<v1::ImportResponse>;
    type ExportStream = Answers<v1::ExportResponse>;

    async fn export(&self, _: Request<v1::ExportRequest>) -> Result<Response<Self::ExportStream>, Status> {
        let part = v1::ExportResponse { cursor: "here".to_owned(), ..Default::default() };
        Ok(Response::new(tokio_stream::iter(vec![Ok(part), Err(Status::unavailable("gone"))])))
    }

    async fn import(&self, _: Request<Streaming<v1::ImportRequest>>) -> Result<Response<Self::ImportStream>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn record(&self, _: Request<v1::RecordRequest>) -> Result<Response<v1::RecordResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn revise(&self, _: Request<v1::ReviseRequest>) -> Result<Response<v1::ReviseResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn retract(&self, _: Request<v1::RetractRequest>) -> Result<Response<v1::RetractResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn reinstate(&self, _: Request<v1::ReinstateRequest>) -> Result<Response<v1::ReinstateResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_history(
        &self,
        _: Request<v1::ListHistoryRequest>,
    ) -> Result<Response<v1::ListHistoryResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn diff_versions(
        &self,
        _: Request<v1::DiffVersionsRequest>,
    ) -> Result<Response<v1::DiffVersionsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_comes_no_further_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tonic::transport::Server::builder().add_service(RecordServiceServer::new(Stuck));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let directory = tempfile::tempdir().unwrap();
    let mut command = claimdb();
    command.args(["export", "--server", &address, "--retry-for", "1s", "--output"]).arg(directory.path().join("all"));
    let output = tokio::task::spawn_blocking(|| run(command)).await.unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("given up for now"), "{told}");
}
