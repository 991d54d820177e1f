//! Record, Revise, Retract, Reinstate.

use claimdb::proto::claimdb::v1;

use super::support::{claim, details, metadata, named, seed, serve};

#[tokio::test]
async fn a_commit_answers_with_every_record_as_stored() {
    let mut clients = serve().await;
    let response = clients.record(seed()).await.unwrap();
    let commit = response.commit.unwrap();
    assert_eq!((commit.revision, commit.committed, commit.replayed), (1, true, false));
    let paths: Vec<_> = response.results.iter().map(|result| result.path.as_str()).collect();
    assert_eq!(paths[..3], ["articles[0]", "claims[0]", "claims[1]"]);
    assert_eq!(response.results.len(), 6, "{paths:?}");
    let Some(v1::record_result::Record::Article(article)) = &response.results[0].record else { panic!() };
    assert_eq!((article.text.as_str(), article.text_code_points), ("", 68));
    assert_eq!(article.key, "");
    let Some(v1::record_result::Record::Claim(killed)) = &response.results[1].record else { panic!() };
    assert_eq!(killed.figures[0].value, "2000");
    assert_eq!(killed.figures[0].qualifier(), v1::Qualifier::Nearly);
    assert_eq!(killed.figures[0].span.as_ref().unwrap().start, Some(0));
    assert_eq!(killed.spans[0].status(), v1::SpanStatus::Verified);
    assert_eq!(killed.metadata.as_ref().unwrap().status(), v1::RecordStatus::Active);
}

#[tokio::test]
async fn a_request_sent_twice_is_recorded_once_and_another_under_its_id_is_refused() {
    let mut clients = serve().await;
    let request = v1::RecordRequest { request_id: "r1".into(), ..seed() };
    let first = clients.record(request.clone()).await.unwrap();
    let again = clients.record(request.clone()).await.unwrap();
    assert!(again.commit.unwrap().replayed);
    assert_eq!(again.results, first.results);
    let other = v1::RecordRequest { validate_only: false, claims: vec![], ..request };
    let status = clients.record(other).await.unwrap_err();
    assert_eq!(details(&status).0, "REQUEST_ID_REUSED");
    assert_eq!((metadata(&status, "request_id"), metadata(&status, "revision")), ("r1".into(), "1".into()));
}

#[tokio::test]
async fn what_is_only_validated_is_answered_and_not_kept() {
    let mut clients = serve().await;
    let response = clients.record(v1::RecordRequest { validate_only: true, ..seed() }).await.unwrap();
    assert!(!response.commit.unwrap().committed);
    assert!(response.results.iter().all(|result| result.record.is_some()));
    let request = v1::GetClaimRequest { name: "claims/killed".into(), as_of: None };
    assert_eq!(details(&clients.claims.get_claim(request).await.unwrap_err()).0, "RESOURCE_NOT_FOUND");
}

fn revise(record: v1::revise::Record, paths: &[&str]) -> v1::ReviseRequest {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    let update_mask = (!paths.is_empty()).then_some(prost_types::FieldMask { paths });
    let revise = v1::Revise { record: Some(record), update_mask, ..Default::default() };
    v1::ReviseRequest { revise: Some(revise), ..Default::default() }
}

#[tokio::test]
async fn a_revision_changes_what_it_names_and_nothing_else() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let given = v1::Claim { name: "claims/killed".into(), scope_note: "unclear".into(), ..Default::default() };
    let request = revise(v1::revise::Record::Claim(given), &[]);
    let response = clients.records.revise(request).await.unwrap().into_inner();
    let result = response.result.unwrap();
    assert_eq!(result.outcome(), v1::Outcome::Updated);
    let Some(v1::record_result::Record::Claim(revised)) = result.record else { panic!() };
    assert_eq!((revised.scope_note.as_str(), revised.attributions.len(), revised.figures.len()), ("unclear", 1, 1));
    let given = v1::Claim { name: "claims/killed".into(), ..Default::default() };
    let request = revise(v1::revise::Record::Claim(given), &["figures.f1", "statement"]);
    let status = clients.records.revise(request).await.unwrap_err();
    assert_eq!(super::support::fields(&status, "FIELD_INVALID"), ["revise.claim.statement"]);
}

#[tokio::test]
async fn a_revised_relation_keeps_the_ends_it_does_not_name() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let relation = v1::Relation {
        name: "relations/r".into(),
        from: "claims/unknown".into(),
        r#type: v1::RelationType::Qualifies.into(),
        to: "claims/killed".into(),
        ..Default::default()
    };
    let assessment = v1::Assessment {
        name: "assessments/s".into(),
        target: "claims/killed/figures/f1".into(),
        assessor: Some(named("Checker")),
        credibility: v1::Credibility::Credibility2.into(),
        ..Default::default()
    };
    let request = v1::RecordRequest { relations: vec![relation], assessments: vec![assessment], ..Default::default() };
    clients.record(request).await.unwrap();
    let given = v1::Relation { name: "relations/r".into(), note: "why".into(), ..Default::default() };
    let response = clients.records.revise(revise(v1::revise::Record::Relation(given), &[])).await.unwrap().into_inner();
    let Some(v1::record_result::Record::Relation(revised)) = response.result.unwrap().record else { panic!() };
    assert_eq!((revised.from.as_str(), revised.note.as_str()), ("claims/unknown", "why"));
    assert_eq!((revised.r#type(), revised.to_status()), (v1::RelationType::Qualifies, v1::RecordStatus::Active));
    let given = v1::Assessment { name: "assessments/s".into(), original_label: "ok".into(), ..Default::default() };
    let request = revise(v1::revise::Record::Assessment(given), &["original_label"]);
    let response = clients.records.revise(request).await.unwrap().into_inner();
    let Some(v1::record_result::Record::Assessment(revised)) = response.result.unwrap().record else { panic!() };
    assert_eq!((revised.target.as_str(), revised.original_label.as_str()), ("claims/killed/figures/f1", "ok"));
    assert!(revised.assessor.unwrap().name.starts_with("sources/"));
}

#[tokio::test]
async fn a_retraction_shows_in_references_and_is_undone() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let retract = v1::Retract {
        name: "articles/a".into(),
        retracted_by: v1::RetractedBy::Recorder.into(),
        reason: "scraped wrongly".into(),
        ..Default::default()
    };
    let request = v1::RetractRequest { retract: Some(retract.clone()), ..Default::default() };
    clients.records.retract(request.clone()).await.unwrap();
    let get = v1::GetClaimRequest { name: "claims/killed".into(), as_of: None };
    let found = clients.claims.get_claim(get).await.unwrap().into_inner().claim.unwrap();
    assert_eq!(found.retracted_references, ["articles/a"]);
    let status = clients.records.retract(request).await.unwrap_err();
    let (reason, info) = details(&status);
    assert_eq!((status.code(), reason.as_str()), (tonic::Code::FailedPrecondition, "STATE_TRANSITION_INVALID"));
    assert_eq!(info.precondition_failure().unwrap().violations[0].subject, "articles/a");
    let reinstate = v1::Reinstate { name: "articles/a".into(), reason: "it was right".into(), ..Default::default() };
    let request = v1::ReinstateRequest { reinstate: Some(reinstate), ..Default::default() };
    let result = clients.records.reinstate(request).await.unwrap().into_inner().result.unwrap();
    assert_eq!(result.outcome(), v1::Outcome::Reinstated);
    let all =
        v1::RetractRequest { retract: Some(v1::Retract { include_claims: true, ..retract }), ..Default::default() };
    assert_eq!(clients.records.retract(all).await.unwrap().into_inner().results.len(), 3);
}

#[tokio::test]
async fn records_too_large_for_one_answer_are_left_out_of_it() {
    let mut clients = serve().await;
    let big = |index: usize| v1::Claim {
        hedges: vec![v1::Hedge { kind: 1, verbatim: "x".repeat(256), ..Default::default() }; 32],
        ..claim(&format!("claims/c{index}"), &"y".repeat(16 * 1024), named("Ann"))
    };
    let claims = (0..140).map(big).collect();
    let response = clients.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    assert!(response.records_omitted);
    assert!(response.results.iter().all(|result| result.record.is_none() && !result.name.is_empty()));
    let request = v1::ListClaimsRequest { page_size: 1000, source: Some(named("Ann")), ..Default::default() };
    let page = clients.claims.list_claims(request.clone()).await.unwrap().into_inner();
    assert!(page.claims.len() < 140 && !page.next_page_token.is_empty());
    let request = v1::ListClaimsRequest { page_token: page.next_page_token, page_size: 7, ..request };
    let rest = clients.claims.list_claims(request).await.unwrap().into_inner();
    assert_eq!(rest.claims[0].name, format!("claims/c{}", page.claims.len()));
    let names = (0..140).map(|index| format!("claims/c{index}")).collect();
    let request = v1::BatchGetClaimsRequest { names, ..Default::default() };
    let batch = clients.claims.batch_get_claims(request).await.unwrap().into_inner();
    assert_eq!(batch.claims.len() + batch.omitted_names.len(), 140);
    assert!(!batch.omitted_names.is_empty());
}

#[tokio::test]
async fn figures_are_read_in_the_language_of_the_article_wherever_it_is_known_from() {
    let mut clients = serve().await;
    let url = "https://nachrichten.example/1";
    let german = v1::Article {
        name: "articles/de".into(),
        urls: vec![url.into()],
        language: "de".into(),
        text: "Es waren 13.000 Soldaten.".into(),
        ..Default::default()
    };
    clients.record(v1::RecordRequest { articles: vec![german], ..Default::default() }).await.unwrap();
    let english = v1::Article {
        name: "articles/en".into(),
        language: "en".into(),
        text: "There were 13,000 soldiers.".into(),
        ..Default::default()
    };
    clients.record(v1::RecordRequest { articles: vec![english], ..Default::default() }).await.unwrap();
    // The statement is English in all of them; the words are those of the article.
    let found_again = v1::Article { key: "a".into(), urls: vec![url.into()], ..Default::default() };
    for (article, words, value) in [
        ("articles/de", "13.000", ""),
        ("#a", "13.000", ""),
        ("articles/en", "13,000", "13000"),
        ("", "13,000", "13000"),
    ] {
        let mut said = claim("", "There were 13,000 soldiers", named("The ministry"));
        said.article = article.into();
        said.figures = vec![v1::Figure { verbatim: words.into(), ..Default::default() }];
        let request = v1::RecordRequest {
            articles: vec![found_again.clone()],
            claims: vec![said],
            validate_only: true,
            ..Default::default()
        };
        let response = clients.record(request).await.unwrap();
        let Some(v1::record_result::Record::Claim(said)) = &response.results[1].record else { panic!() };
        assert_eq!(said.figures[0].value, value, "{article:?}");
        let unread = response.warnings.iter().filter(|w| w.reason() == v1::WarningReason::FigureNotRead).count();
        assert_eq!(unread, usize::from(value.is_empty()), "{article:?} {:?}", response.warnings);
    }
}
