//! Nobody reads what the program says any more: what it does is done all the same, and ends as documented.

use std::io::PipeWriter;
use std::process::{Output, Stdio};

use crate::support::{Server, assert_imported, assert_rejects, claimdb, import, input, output, printed};

/// A pipe whose reader has gone.
fn closed() -> PipeWriter {
    std::io::pipe().unwrap().1
}

fn silent(output: &Output) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_when_nobody_reads_what_it_refuses() {
    let (server, input) = (Server::start(&["--engine", "memory"]), input(300));
    let mut command = import(&server, &input.path, &["--batch-records", "10"]);
    let importing = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(closed()).spawn().unwrap();
    let text = printed(&output(importing), 5);
    assert!(text.starts_with("imported 300 items, rejected 18: "), "{text}");
    assert_imported(&server, &input).await;
    // Nor is it heard that the server is away, and why the import ends.
    let mut command = claimdb();
    command.arg("import").arg(&input.path).args(["--server", "127.0.0.1:1", "--retry-for", "300ms"]);
    let importing = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(closed()).spawn().unwrap();
    assert_eq!(output(importing).status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_ends_well_when_nobody_reads_what_it_came_to() {
    let (server, input) = (Server::start(&["--engine", "memory"]), input(60));
    let rejects = input.directory.path().join("rejects.jsonl");
    let mut command = import(&server, &input.path, &["--rejects", rejects.to_str().unwrap()]);
    let importing = command.stdin(Stdio::null()).stdout(closed()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = output(importing);
    silent(&ended);
    assert_eq!(ended.status.code(), Some(5));
    assert_imported(&server, &input).await;
    assert_rejects(&rejects, &input);
}

#[test]
fn what_is_only_printed_needs_no_reader() {
    let mut command = claimdb();
    let printing = command.arg("config").stdout(closed()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = output(printing);
    silent(&ended);
    assert_eq!(ended.status.code(), Some(0));
}
