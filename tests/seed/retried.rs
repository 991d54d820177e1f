//! Sending the example again.

use claimdb::proto::claimdb::v1::{ListClaimsRequest, RecordRequest};

use super::support::{Seed, Server, seed_request};

#[tokio::test]
async fn the_same_request_is_recorded_once_and_answered_the_same() {
    let seed = Seed::recorded().await;
    let mut again = seed.server.record(&seed_request()).await;
    let commit = again.commit.as_mut().unwrap();
    assert!(commit.replayed);
    commit.replayed = false;
    assert_eq!(again, seed.response);
    assert_eq!(head(&seed.server).await, 1);
}

#[tokio::test]
async fn concurrent_duplicates_make_one_commit() {
    let server = Server::start().await;
    let request = seed_request();
    let (first, second) = tokio::join!(server.record(&request), server.record(&request));
    let commits = [first.commit.unwrap(), second.commit.unwrap()];
    assert!(commits.iter().all(|commit| commit.committed && commit.revision == 1));
    assert_eq!(commits.iter().filter(|commit| commit.replayed).count(), 1);
    assert_eq!(first.results, second.results);
    assert_eq!(head(&server).await, 1);
}

#[tokio::test]
async fn validating_it_first_takes_neither_its_id_nor_a_revision() {
    let server = Server::start().await;
    let mut request: RecordRequest = seed_request().transcode_to().unwrap();
    request.validate_only = true;
    let validated = server.records().record(request).await.unwrap().into_inner();
    assert!(!validated.commit.unwrap().committed);
    assert_eq!(head(&server).await, 0);
    let commit = server.record(&seed_request()).await.commit.unwrap();
    assert_eq!((commit.revision, commit.committed, commit.replayed), (1, true, false));
}

async fn head(server: &Server) -> u64 {
    server.claims().list_claims(ListClaimsRequest::default()).await.unwrap().into_inner().read.unwrap().revision
}
