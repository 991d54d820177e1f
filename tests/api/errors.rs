//! Refusals, with their codes, reasons and details.

use claimdb::proto::claimdb::v1;
use tonic::Code;

use super::support::{claim, details, fields, metadata, named, seed, serve};

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let mut clients = serve().await;
    let request = v1::GetSourceRequest { name: "sources/nobody".into(), as_of: None };
    let status = clients.sources.get_source(request).await.unwrap_err();
    let (reason, info) = details(&status);
    assert_eq!((status.code(), reason.as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"));
    let resource = info.resource_info().unwrap();
    assert_eq!(
        (resource.resource_type.as_str(), resource.resource_name.as_str()),
        ("claimdb/Source", "sources/nobody")
    );
    let request = v1::BatchGetRelationsRequest { names: vec!["relations/a".into()], ..Default::default() };
    let status = clients.relations.batch_get_relations(request).await.unwrap_err();
    assert_eq!(metadata(&status, "name"), "relations/a");
    let request = v1::ListHistoryRequest { name: "claims/a".into(), ..Default::default() };
    assert_eq!(clients.records.list_history(request).await.unwrap_err().code(), Code::NotFound);
    let request = v1::GetAssessmentRequest { name: "claims/a".into(), as_of: None };
    let status = clients.assessments.get_assessment(request).await.unwrap_err();
    assert_eq!(fields(&status, "FIELD_INVALID"), ["name"]);
}

#[tokio::test]
async fn what_follows_from_a_field_that_is_wrong_is_not_named() {
    let mut clients = serve().await;
    let mut request = seed();
    // The article's text is not read, and the relation cannot be made: neither makes the claims wrong.
    request.articles[0].text = "a\0b".into();
    let relation =
        v1::Relation { key: "r".into(), from: "#nobody".into(), to: "claims/killed".into(), ..Default::default() };
    request.relations = vec![relation];
    let assessment = v1::Assessment {
        target: "#r".into(),
        assessor: Some(named("Ada")),
        original_label: "true".into(),
        ..Default::default()
    };
    let lonely = v1::Claim { article: "articles/none".into(), ..claim("claims/lonely", "Lonely.", named("Ada")) };
    request.assessments = vec![assessment];
    request.claims.push(lonely);
    let status = clients.record(request).await.unwrap_err();
    let named = fields(&status, "FIELD_INVALID");
    assert!(named.contains(&"claims[2].article".to_owned()), "{named:?}");
    assert!(named.iter().all(|path| !path.starts_with("assessments")), "{named:?}");
    let request = v1::ListClaimsRequest::default();
    assert!(clients.claims.list_claims(request).await.unwrap().into_inner().claims.is_empty(), "nothing is kept");
}

/// A reference that names nothing is not taken for none.
#[tokio::test]
async fn half_a_reference_is_refused_where_it_stands() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let hash = || Some(v1::SourceRef { name: "#".into(), ..Default::default() });
    let hop = |source| v1::Attribution { source, ..Default::default() };
    let relation = v1::Relation { from: "#".into(), to: "claims/killed".into(), r#type: 1, ..Default::default() };
    let assessment = |target: &str| v1::Assessment {
        target: target.into(),
        assessor: Some(named("Ada")),
        original_label: "true".into(),
        ..Default::default()
    };
    let figure = |whole: &str| v1::Figure { value: "1".into(), whole: whole.into(), ..Default::default() };
    let request = v1::RecordRequest {
        articles: vec![v1::Article { title: "t".into(), publisher: hash(), ..Default::default() }],
        claims: vec![v1::Claim {
            article: "#".into(),
            attributions: vec![hop(Some(named("Ada"))), hop(hash())],
            figures: vec![figure("#"), figure("#/figures/f1"), figure("/figures/f1")],
            ..claim("", "It rained.", named("Ada"))
        }],
        relations: vec![relation],
        assessments: vec![assessment("#"), assessment("/figures/f1")],
        ..Default::default()
    };
    let status = clients.record(request).await.unwrap_err();
    let wrong = fields(&status, "FIELD_INVALID");
    for path in [
        "articles[0].publisher.name",
        "claims[0].article",
        "claims[0].attributions[1].source.name",
        "claims[0].figures[0].whole",
        "claims[0].figures[1].whole",
        "claims[0].figures[2].whole",
        "relations[0].from",
        "assessments[0].target",
        "assessments[1].target",
    ] {
        assert!(wrong.contains(&path.to_owned()), "{path} in {wrong:?}");
    }
}

#[tokio::test]
async fn the_future_cannot_be_read() {
    let mut clients = serve().await;
    let as_of = Some(v1::get_claim_request::AsOf::AsOfRevision(9));
    let status = clients.claims.get_claim(v1::GetClaimRequest { name: "claims/a".into(), as_of }).await.unwrap_err();
    assert_eq!((status.code(), details(&status).0.as_str()), (Code::OutOfRange, "REVISION_IN_FUTURE"));
    assert_eq!((metadata(&status, "asked"), metadata(&status, "head")), ("9".into(), "0".into()));
    let later = prost_types::Timestamp { seconds: 250_000_000_000, nanos: 0 };
    let as_of = Some(v1::get_claim_request::AsOf::AsOfTime(later));
    let status = clients.claims.get_claim(v1::GetClaimRequest { name: "claims/a".into(), as_of }).await.unwrap_err();
    assert_eq!(details(&status).0, "REVISION_IN_FUTURE");
}

#[tokio::test]
async fn fields_are_all_named_at_once_with_their_paths() {
    let mut clients = serve().await;
    let mut request = seed();
    request.claims[0].spans[0].exact = "Nearly 3,000 soldiers".into();
    let status = clients.record(request.clone()).await.unwrap_err();
    assert_eq!(fields(&status, "QUOTE_NOT_FOUND"), ["claims[0].spans[0].exact"]);
    request.claims[0].kinds = vec![99];
    request.claims[1].statement = String::new();
    let status = clients.record(request).await.unwrap_err();
    let wrong = ["claims[0].kinds[0]", "claims[1].statement", "claims[0].spans[0].exact"];
    assert_eq!(fields(&status, "FIELD_INVALID"), wrong);
    assert_eq!(metadata(&status, "violations"), "3");
    let names = vec!["claims/a".to_owned(); 1001];
    let request = v1::BatchGetClaimsRequest { names, ..Default::default() };
    let status = clients.claims.batch_get_claims(request).await.unwrap_err();
    assert_eq!(fields(&status, "LIMIT_EXCEEDED"), ["names"]);
    let request = v1::ListClaimsRequest { page_size: -1, order: 7, ..Default::default() };
    let status = clients.claims.list_claims(request).await.unwrap_err();
    assert_eq!(fields(&status, "FIELD_INVALID"), ["order", "page_size"]);
}

#[tokio::test]
async fn conflicts_say_with_what() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let article = |change: fn(&mut v1::Article)| {
        let mut article = v1::Article { urls: vec!["https://news.example/story".into()], ..Default::default() };
        change(&mut article);
        v1::RecordRequest { articles: vec![article], ..Default::default() }
    };
    let status = clients.record(article(|a| a.text = "Another text.".into())).await.unwrap_err();
    assert_eq!((status.code(), details(&status).0.as_str()), (Code::FailedPrecondition, "ARTICLE_TEXT_DIFFERS"));
    assert_eq!((metadata(&status, "name"), metadata(&status, "text_sha256").len()), ("articles/a".into(), 64));
    let status = clients.record(article(|a| a.on_conflict = 3)).await.unwrap_err();
    assert_eq!((status.code(), details(&status).0.as_str()), (Code::AlreadyExists, "RESOURCE_ALREADY_EXISTS"));

    let missing = v1::Claim { article: "articles/none".into(), ..claim("", "x", named("Ann")) };
    let status = clients.record(v1::RecordRequest { claims: vec![missing], ..Default::default() }).await.unwrap_err();
    let (reason, info) = details(&status);
    assert_eq!((status.code(), reason.as_str()), (Code::FailedPrecondition, "REFERENCE_NOT_FOUND"));
    assert_eq!(info.precondition_failure().unwrap().violations[0].subject, "articles/none");

    let condition = Some(v1::precondition::Condition::Exists(false));
    let preconditions = vec![v1::Precondition { name: "articles/a".into(), condition }];
    let status = clients.record(v1::RecordRequest { preconditions, ..Default::default() }).await.unwrap_err();
    assert_eq!(details(&status).0, "PRECONDITION_FAILED");

    let record = v1::Article { name: "articles/a".into(), title: "t".into(), ..Default::default() };
    let record = Some(v1::revise::Record::Article(record));
    let revise = v1::Revise { record, etag: "\"0\"".into(), ..Default::default() };
    let request = v1::ReviseRequest { revise: Some(revise), ..Default::default() };
    let status = clients.records.revise(request).await.unwrap_err();
    assert_eq!((status.code(), details(&status).0.as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    assert!(metadata(&status, "current_etag").starts_with('"'));
}

#[tokio::test]
async fn a_source_that_answers_to_several_is_refused_in_writes_and_filters() {
    let mut clients = serve().await;
    let namesake = |id: &str| v1::Source {
        name: format!("sources/{id}"),
        display_name: "John Smith".into(),
        on_conflict: v1::ConflictPolicy::Distinct.into(),
        ..Default::default()
    };
    let sources = vec![namesake("one"), namesake("two")];
    clients.record(v1::RecordRequest { sources, ..Default::default() }).await.unwrap();
    let request = v1::RecordRequest { claims: vec![claim("", "x", named("John Smith"))], ..Default::default() };
    let status = clients.record(request).await.unwrap_err();
    assert_eq!((status.code(), details(&status).0.as_str()), (Code::FailedPrecondition, "SOURCE_AMBIGUOUS"));
    assert_eq!(metadata(&status, "candidates"), "sources/one,sources/two");
    let request = v1::ListClaimsRequest { source: Some(named("John Smith")), ..Default::default() };
    let status = clients.claims.list_claims(request).await.unwrap_err();
    assert_eq!(details(&status).0, "SOURCE_AMBIGUOUS");
    assert_eq!(
        (metadata(&status, "candidates").as_str(), metadata(&status, "path").as_str()),
        ("sources/one,sources/two", "source")
    );
}
