//! Which state an export is of, and how far it is.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;

use crate::export::{export, lines, record};
use crate::support::{Server, claim_line, import, printed, run};

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_of_the_newest_commit_at_or_before_a_time() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let mut client = RecordServiceClient::new(server.channel().await);
    let mut times = Vec::new();
    for name in ["sources/a", "sources/b"] {
        assert!(record(&mut client, &serde_json::json!({ "sources": [{ "name": name, "displayName": name }] })).await);
        let request = v1::ListHistoryRequest { name: name.to_owned(), ..Default::default() };
        let read = client.list_history(request).await.unwrap().into_inner().read.unwrap();
        times.push(read.commit_time.unwrap().to_string());
    }
    for (index, time) in times.iter().enumerate() {
        let file = directory.path().join(format!("{index}.jsonl"));
        printed(&run(export(&server, &file, &["--as-of-time", time])), 0);
        assert_eq!(lines(&file).len(), index + 1, "{time}");
    }
    let file = directory.path().join("none.jsonl");
    printed(&run(export(&server, &file, &["--as-of-time", "2001-01-01T00:00:00Z"])), 0);
    assert_eq!(lines(&file).len(), 0);
    for wrong in [&["--as-of-time", "yesterday"][..], &["--as-of-time", &times[0], "--as-of-revision", "1"]] {
        assert_eq!(run(export(&server, &directory.path().join("wrong"), wrong)).status.code(), Some(2), "{wrong:?}");
    }
}

/// What is gone on with has a revision, and what was asked for besides was passed over.
#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_not_gone_on_with_as_of_another_revision() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let mut client = RecordServiceClient::new(server.channel().await);
    for name in ["sources/a", "sources/b", "sources/c"] {
        assert!(record(&mut client, &serde_json::json!({ "sources": [{ "name": name, "displayName": name }] })).await);
    }
    let request = |revision| v1::ExportRequest {
        as_of: Some(v1::export_request::AsOf::AsOfRevision(revision)),
        ..Default::default()
    };
    let part = client.export(request(2)).await.unwrap().into_inner().message().await.unwrap().unwrap();
    let path = |name: &str| directory.path().join(name);
    // As an export leaves it that was interrupted behind this part.
    let interrupted = |as_of: &str| {
        let state = serde_json::json!({ "cursor": part.cursor, "bytes": 0, "items": 2, "as_of": as_of });
        std::fs::write(path("all.jsonl.part"), "").unwrap();
        std::fs::write(path("all.jsonl.state"), state.to_string()).unwrap();
    };
    let go_on = |further: &[&str]| run(export(&server, &path("all.jsonl"), &[&["--resume"], further].concat()));
    for (begun, told, further) in [
        ("revision 2", "revision 2", &["--as-of-revision", "3"][..]),
        ("revision 2", "revision 2", &["--as-of-time", "2026-01-01T00:00:00Z"]),
        ("", "the newest revision", &["--as-of-revision", "3"]),
    ] {
        interrupted(begun);
        let refused = go_on(further);
        let errors = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{errors}");
        assert!(errors.contains(&format!("the export was begun as of {told}: ")), "{errors}");
    }
    for further in [&["--as-of-revision", "2"][..], &[]] {
        interrupted("revision 2");
        printed(&go_on(further), 0);
        std::fs::remove_file(path("all.jsonl")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_says_how_many_records_it_has() {
    for engine in ["memory", "sled"] {
        let server = Server::start(&["--engine", engine]);
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines: Vec<String> = (0..2_500).map(|number| claim_line(number) + "\n").collect();
        std::fs::write(file.path(), lines.concat()).unwrap();
        printed(&run(import(&server, file.path(), &["--quiet"])), 0);
        let mut client = RecordServiceClient::new(server.channel().await);
        let parts = async |client: &mut RecordServiceClient<_>, kinds: Vec<i32>, cursor: &str| {
            let filter = Some(v1::ExportFilter { kinds, ..Default::default() });
            let request = v1::ExportRequest { filter, cursor: cursor.to_owned(), ..Default::default() };
            let mut stream = client.export(request).await.unwrap().into_inner();
            let mut parts = Vec::new();
            while let Some(part) = stream.message().await.unwrap() {
                parts.push(part);
            }
            parts
        };
        // 13 sources beside the claims.
        let all = parts(&mut client, Vec::new(), "").await;
        assert!(all.len() > 2, "{} parts", all.len());
        assert!(all.iter().all(|part| part.record_count == Some(2_513)), "{engine}");
        assert_eq!(all.last().unwrap().total_items, Some(2_513));
        let rest = parts(&mut client, Vec::new(), &all[0].cursor).await;
        assert_eq!((rest.len(), rest[0].record_count), (all.len() - 1, Some(2_513)), "wherever it began");
        let claims = parts(&mut client, vec![v1::RecordKind::Claim.into()], "").await;
        assert_eq!(claims[0].record_count, Some(2_500));
        let sources = parts(&mut client, vec![v1::RecordKind::Source.into()], "").await;
        assert_eq!((sources.len(), sources[0].record_count), (1, None), "nobody asks how much one part is of");
    }
}
