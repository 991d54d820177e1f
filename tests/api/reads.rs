//! Reading one, several and lists of records; Trace; history; what the server says of itself.

use claimdb::proto::claimdb::v1;
use v1::list_claims_request::AsOf;

use super::support::{TEXT, by_name, claim, fields, named, seed, serve};

#[tokio::test]
async fn an_article_comes_with_its_text_when_asked_for() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let request = v1::GetArticleRequest { name: "articles/a".into(), as_of: None };
    let response = clients.articles.get_article(request).await.unwrap().into_inner();
    let article = response.article.unwrap();
    assert_eq!((article.text.as_str(), response.read.unwrap().revision), (TEXT, 1));
    assert_eq!(article.urls, ["https://News.example/story#top"]);
    assert!(article.publisher.unwrap().name.starts_with("sources/"));
    for include_text in [false, true] {
        let request =
            v1::ListArticlesRequest { include_text, publisher: Some(named("The Outlet")), ..Default::default() };
        let page = clients.articles.list_articles(request).await.unwrap().into_inner();
        assert_eq!(page.articles[0].text.is_empty(), !include_text);
        let names = vec!["articles/a".into(), "articles/b".into()];
        let request = v1::BatchGetArticlesRequest { names, include_text, allow_missing: true, ..Default::default() };
        let batch = clients.articles.batch_get_articles(request).await.unwrap().into_inner();
        assert_eq!(
            (batch.articles[0].text.is_empty(), batch.missing_names),
            (!include_text, vec!["articles/b".to_owned()])
        );
    }
}

#[tokio::test]
async fn lists_are_narrowed_paged_and_pinned_to_a_revision() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let request = v1::ListClaimsRequest { page_size: 1, source: Some(named("The Outlet")), ..Default::default() };
    let first = clients.claims.list_claims(request.clone()).await.unwrap().into_inner();
    assert_eq!(first.claims[0].name, "claims/killed", "the implied publisher is seen");
    let later = v1::Claim { article: "articles/a".into(), ..claim("claims/later", "Later.", named("The Outlet")) };
    clients.record(v1::RecordRequest { claims: vec![later], ..Default::default() }).await.unwrap();
    let next = v1::ListClaimsRequest { page_token: first.next_page_token.clone(), page_size: 10, ..request.clone() };
    let second = clients.claims.list_claims(next).await.unwrap().into_inner();
    let names: Vec<_> = second.claims.iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!((names, second.next_page_token.as_str()), (vec!["claims/unknown"], ""));
    assert_eq!(second.read.unwrap().revision, 1);

    let other = v1::ListClaimsRequest { page_token: first.next_page_token, ..Default::default() };
    let status = clients.claims.list_claims(other).await.unwrap_err();
    assert_eq!(fields(&status, "PAGE_TOKEN_MISMATCH"), ["page_token"]);
    let garbled = v1::ListClaimsRequest { page_token: "garbled".into(), ..Default::default() };
    let status = clients.claims.list_claims(garbled).await.unwrap_err();
    assert_eq!(fields(&status, "TOKEN_MALFORMED"), ["page_token"]);
    let garbled = v1::ListClaimsRequest { page_token: "garbled".into(), page_size: -1, ..Default::default() };
    let status = clients.claims.list_claims(garbled).await.unwrap_err();
    assert_eq!(fields(&status, "FIELD_INVALID"), ["page_size", "page_token"], "one does not hide the other");

    let count = async |clients: &mut super::support::Clients, request| {
        clients.claims.list_claims(request).await.unwrap().into_inner().claims.len()
    };
    let all = v1::ListClaimsRequest::default();
    assert_eq!(count(&mut clients, all.clone()).await, 3);
    assert_eq!(
        count(&mut clients, v1::ListClaimsRequest { as_of: Some(AsOf::AsOfRevision(0)), ..all.clone() }).await,
        0
    );
    let nobody = v1::ListClaimsRequest { source: Some(named("Nobody")), ..all.clone() };
    assert_eq!(count(&mut clients, nobody).await, 0);
    let by_article = v1::ListClaimsRequest { article: "articles/a".into(), source: Some(by_name("sources/no")), ..all };
    assert_eq!(count(&mut clients, by_article).await, 0);
    let request = v1::ListSourcesRequest { scope_article: "articles/a".into(), ..Default::default() };
    let scoped = clients.sources.list_sources(request).await.unwrap().into_inner().sources;
    assert_eq!((scoped.len(), scoped[0].display_name.as_str()), (1, "analysts"));
}

#[tokio::test]
async fn a_trace_resolves_the_chain_and_the_repeats() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let repeat = claim("claims/repeat", "Soldiers were killed.", named("Another Outlet"));
    let relation = v1::Relation {
        from: "claims/repeat".into(),
        r#type: v1::RelationType::Repeats.into(),
        to: "claims/killed".into(),
        ..Default::default()
    };
    let request = v1::RecordRequest { claims: vec![repeat], relations: vec![relation], ..Default::default() };
    clients.record(request).await.unwrap();
    let request = |name: &str| v1::TraceRequest { name: name.into(), as_of: None };
    let trace = clients.claims.trace(request("claims/killed")).await.unwrap().into_inner();
    let [publisher, analysts] = trace.hops.as_slice() else { panic!("{:?}", trace.hops) };
    assert!(publisher.implied && !publisher.origin && analysts.origin && !analysts.implied);
    assert_eq!(publisher.source.as_ref().unwrap().display_name, "The Outlet");
    assert_eq!(publisher.attribution.as_ref().unwrap().role(), v1::AttributionRole::Publisher);
    assert_eq!((analysts.certainty(), analysts.hedges.len()), (v1::Certainty::Probable, 1));
    assert_eq!((trace.repeats.len(), trace.repeated_by.len(), trace.links_omitted), (0, 1, false));
    assert_eq!(trace.repeated_by[0].claim.as_ref().unwrap().name, "claims/repeat");
    let own = clients.claims.trace(request("claims/unknown")).await.unwrap().into_inner();
    assert_eq!((own.hops.len(), own.hops[0].implied), (1, false), "the publisher is not repeated");
    let repeat = clients.claims.trace(request("claims/repeat")).await.unwrap().into_inner();
    assert_eq!((repeat.repeats.len(), repeat.repeated_by.len()), (1, 0));
    let list = v1::ListRelationsRequest { record: "claims/killed".into(), r#type: 1, ..Default::default() };
    assert_eq!(clients.relations.list_relations(list).await.unwrap().into_inner().relations.len(), 1);
    let list = v1::ListRelationsRequest { r#type: 2, ..Default::default() };
    assert_eq!(clients.relations.list_relations(list).await.unwrap().into_inner().relations.len(), 0);
}

#[tokio::test]
async fn history_has_every_version_with_what_made_it() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let record = v1::Article { name: "articles/a".into(), title: "Soldiers".into(), ..Default::default() };
    let revise = v1::Revise { record: Some(v1::revise::Record::Article(record)), ..Default::default() };
    let request = v1::ReviseRequest { revise: Some(revise), ..Default::default() };
    clients.records.revise(request).await.unwrap();
    let request =
        v1::ListHistoryRequest { name: "articles/a".into(), page_size: 1, include_text: true, ..Default::default() };
    let first = clients.records.list_history(request.clone()).await.unwrap().into_inner();
    assert_eq!(first.versions[0].action(), v1::Action::Created);
    let Some(v1::version::Record::Article(article)) = &first.versions[0].record else { panic!() };
    assert_eq!(article.text, TEXT);
    let request = v1::ListHistoryRequest { page_token: first.next_page_token, ..request };
    let second = clients.records.list_history(request).await.unwrap().into_inner();
    assert_eq!((second.versions[0].action(), second.next_page_token.as_str()), (v1::Action::Revised, ""));
}

#[tokio::test]
async fn assessments_are_found_by_target_and_assessor() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let assessment = v1::Assessment {
        target: "claims/killed/figures/f1".into(),
        assessor: Some(named("Checker")),
        verdict: v1::Verdict::Supported.into(),
        ..Default::default()
    };
    clients.record(v1::RecordRequest { assessments: vec![assessment], ..Default::default() }).await.unwrap();
    for (target, assessor, count) in [
        ("claims/killed/figures/f1", Some(named("Checker")), 1),
        ("claims/killed", None, 0),
        ("", Some(named("Checker")), 1),
        ("", Some(named("Nobody")), 0),
    ] {
        let request = v1::ListAssessmentsRequest { target: target.into(), assessor, ..Default::default() };
        let found = clients.assessments.list_assessments(request).await.unwrap().into_inner().assessments;
        assert_eq!(found.len(), count, "{target}");
        assert!(found.iter().all(|found| found.target_status() == v1::RecordStatus::Active));
    }
}

#[tokio::test]
async fn the_server_tells_its_limits() {
    let mut clients = serve().await;
    let info = clients.info.get_server_info(v1::GetServerInfoRequest {}).await.unwrap().into_inner();
    assert_eq!((info.engine.as_str(), info.durable, info.head.unwrap().revision), ("memory", false, 0));
    assert!(info.limits.iter().any(|limit| limit.name == "request_records" && limit.value == 1000));
}
