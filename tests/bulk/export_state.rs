//! Which state an export is of.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;

use crate::export::{export, lines, record};
use crate::support::{Server, printed, run};

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
