//! Who is refused an import takes it from nobody.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::import_request::Message as Ask;
use tonic::Code;
use tonic::transport::Channel;

use crate::stream::{Client, ENGINES, item, open};
use crate::support::Server;

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
