//! The smallest useful request.

use claimdb::proto::claimdb::v1::interval::{Lower, Upper};
use claimdb::proto::claimdb::v1::record_result::Record;
use claimdb::proto::claimdb::v1::{GetClaimRequest, Outcome, Qualifier, RecordRequest};

use super::support::{Server, request};

const SMALLEST: &str = include_str!("../../examples/seed/smallest.json");

#[test]
fn it_fits_into_ten_lines() {
    assert!(SMALLEST.lines().count() <= 10);
    let request: RecordRequest = request(SMALLEST).transcode_to().unwrap();
    assert_eq!((request.articles.len(), request.claims.len()), (1, 1));
}

#[tokio::test]
async fn what_the_words_entail_comes_back() {
    let server = Server::start().await;
    let response = server.record(&request(SMALLEST)).await;
    // The article, the claim, and the source that was given inline.
    assert!(response.results.iter().all(|result| result.outcome() == Outcome::Created));
    let [article, answered, source] = response.results.as_slice() else { panic!("{:?}", response.results) };
    assert_eq!(source.path, "claims[0].attributions[0].source");

    let read = GetClaimRequest { name: answered.name.clone(), as_of: None };
    let claim = server.claims().get_claim(read).await.unwrap().into_inner().claim.unwrap();
    assert_eq!(answered.record, Some(Record::Claim(claim.clone())));
    assert_eq!(claim.article, article.name);
    assert_eq!(claim.attributions[0].source.as_ref().unwrap().name, source.name);

    let [figure] = claim.figures.as_slice() else { panic!("{:?}", claim.figures) };
    assert_eq!((figure.id.as_str(), figure.verbatim.as_str()), ("f1", "nearly 2,000"));
    assert_eq!((figure.qualifier(), figure.value.as_str()), (Qualifier::Nearly, "2000"));
    let bounds = figure.bounds.clone().unwrap();
    assert_eq!(bounds.lower, None::<Lower>);
    assert_eq!(bounds.upper, Some(Upper::LessThan("2000".to_owned())));
}
