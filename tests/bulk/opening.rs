//! Who is refused an import takes it from nobody.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::import_request::Message as Ask;
use tonic::Code;
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

use crate::stream::{Client, ENGINES, item, open};
use crate::support::{Server, claim_line, head, import, output, printed, run, within};

/// Asserts that whoever opens the session with other data is refused.
async fn assert_changed(channel: &Channel) {
    let mut other = Client::start(channel).await;
    other.ask(Ask::Open(v1::ImportOpen { input: "another file".to_owned(), ..open("s") }));
    let (code, reason, _) = other.end().await;
    assert_eq!((code, &*reason), (Code::FailedPrecondition, "IMPORT_INPUT_CHANGED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opens_a_session_with_other_data_does_not_take_it() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let (mut first, _) = Client::open(&channel, open("s")).await;
        // Before anything of it is kept, and after.
        for number in 1..=2 {
            assert_changed(&channel).await;
            first.batch(number, vec![item(number)]);
            assert_eq!(first.ack().await.batch, number);
        }
        // Nor when nobody has it; and whoever gave it up has left it to all.
        drop(first);
        assert_changed(&channel).await;
        assert_eq!(Client::open(&channel, open("s")).await.1.next_batch, 3);
    }
}

fn only_new() -> v1::ImportOpen {
    v1::ImportOpen { only_new: true, ..open("s") }
}

/// Asserts that the session is not begun once more; gives what is next, where that begins, and whether a stream has it.
async fn begun(channel: &Channel) -> [String; 3] {
    let mut other = Client::start(channel).await;
    other.ask(Ask::Open(only_new()));
    let (code, reason, status) = other.end().await;
    assert_eq!((code, &*reason), (Code::FailedPrecondition, "IMPORT_SESSION_BEGUN"));
    let mut metadata = status.get_details_error_info().unwrap().metadata;
    assert_eq!(metadata["session"], "s");
    ["next_batch", "position", "open"].map(|key| metadata.remove(key).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_begins_a_session_does_not_take_it() {
    for engine in ENGINES {
        let server = Server::start(engine);
        let channel = server.channel().await;
        let (mut first, opened) = Client::open(&channel, only_new()).await;
        assert_eq!(opened.next_batch, 1);
        assert_eq!(begun(&channel).await, ["1", "", "true"]);
        first.batch(1, vec![item(1)]);
        assert!(!first.ack().await.duplicate);
        assert_eq!(begun(&channel).await, ["2", "at 1", "true"]);
        // That other data is meant is the greater mistake.
        let mut other = Client::start(&channel).await;
        other.ask(Ask::Open(v1::ImportOpen { input: "another file".to_owned(), ..only_new() }));
        assert_eq!(other.end().await.1, "IMPORT_INPUT_CHANGED");
        first.batch(2, vec![item(2)]);
        assert!(!first.ack().await.duplicate);
        // Who has just gone has left it.
        drop(first);
        assert_eq!(begun(&channel).await, ["3", "at 2", "false"]);
        assert_eq!(Client::open(&channel, open("s")).await.1.next_batch, 3);
    }
}

/// As by a schedule that does not wait for the one before.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_started_twice_leaves_the_first_alone() {
    let server = Server::start(&[]);
    let mut command = import(&server, Path::new("-"), &["--session", "s", "--batch-records", "10"]);
    let mut first = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = first.stdin.take().unwrap();
    let write = |stdin: &mut std::process::ChildStdin, numbers: std::ops::Range<usize>| {
        numbers.for_each(|number| writeln!(stdin, "{}", claim_line(number)).unwrap());
    };
    write(&mut stdin, 0..11);
    let channel = server.channel().await;
    within("a batch", async || head(&channel).await > 0).await;
    let second = run(import(&server, Path::new("-"), &["--session", "s"]));
    assert_eq!(second.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&second.stderr);
    let expected =
        "import s is being made by another program (1 batches so far), and standard input cannot be gone on with";
    assert!(errors.contains(expected), "{errors}");
    write(&mut stdin, 11..30);
    drop(stdin);
    let text = printed(&output(first), 0);
    assert!(text.starts_with("imported 30 items, rejected 0: "), "{text}");
}
