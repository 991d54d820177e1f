//! What is wrong with a filter: each value is refused as it would be where it is recorded, and told its own form.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::{ArticleFilter, ClaimFilter, RelatedFilter, SourceFilter};
use tonic::Status;

use super::support::{Clients, details, serve};

/// The one violation of a refusal: its path and what it says.
fn violation(status: &Status) -> (String, String) {
    let (reason, info) = details(status);
    assert_eq!(reason, "FIELD_INVALID", "{status:?}");
    let violations = &info.bad_request().unwrap().field_violations;
    assert_eq!(violations.len(), 1, "{violations:?}");
    (violations[0].field.clone(), violations[0].description.clone())
}

async fn claims(clients: &mut Clients, filter: ClaimFilter) -> Status {
    let request = v1::QueryClaimsRequest { filter: Some(filter), ..Default::default() };
    clients.claims.query_claims(request).await.unwrap_err()
}

async fn sources(clients: &mut Clients, filter: SourceFilter) -> Status {
    let request = v1::QuerySourcesRequest { filter: Some(filter), ..Default::default() };
    clients.sources.query_sources(request).await.unwrap_err()
}

async fn articles(clients: &mut Clients, filter: ArticleFilter) -> Status {
    let request = v1::QueryArticlesRequest { filter: Some(filter), ..Default::default() };
    clients.articles.query_articles(request).await.unwrap_err()
}

fn refused(status: &Status, path: &str, says: &str) {
    let (field, description) = violation(status);
    assert_eq!(field, path);
    assert!(description.contains(says), "{path}: {says} in {description}");
}

#[tokio::test]
async fn a_name_is_told_the_form_of_its_own_kind() {
    const ANY: &str = "articles/{id} or sources/{id} or claims/{id} or relations/{id} or assessments/{id}";
    let mut clients = serve().await;
    let nope = || "nope".to_owned();
    for text in ["nope", "nope/x", ""] {
        let filter = ClaimFilter { articles: vec![text.to_owned()], ..Default::default() };
        let says = format!("{text:?} is not a name like articles/{{id}}");
        refused(&claims(&mut clients, filter).await, "filter.articles[0]", &says);
    }
    let filter = ClaimFilter { articles: vec!["claims/x".to_owned()], ..Default::default() };
    refused(&claims(&mut clients, filter).await, "filter.articles[0]", "claims/x is not one of articles");
    let named = v1::SourceRef { name: nope(), ..Default::default() };
    let filter = ClaimFilter { origins: vec![named.clone()], ..Default::default() };
    refused(&claims(&mut clients, filter).await, "filter.origins[0].name", "a name like sources/{id}");
    let filter = SourceFilter { scope_articles: vec![nope()], ..Default::default() };
    refused(&sources(&mut clients, filter).await, "filter.scope_articles[0]", "a name like articles/{id}");
    let filter = ArticleFilter { publishers: vec![named], ..Default::default() };
    refused(&articles(&mut clients, filter).await, "filter.publishers[0].name", "a name like sources/{id}");
    let related_to = || vec![RelatedFilter { record: nope(), ..Default::default() }];
    let filter = ArticleFilter { related_to: related_to(), ..Default::default() };
    refused(&articles(&mut clients, filter).await, "filter.related_to[0].record", ANY);
    let request = v1::ListRelationsRequest { record: nope(), ..Default::default() };
    refused(&clients.relations.list_relations(request).await.unwrap_err(), "record", ANY);
    let request = v1::ListAssessmentsRequest { target: nope(), ..Default::default() };
    refused(&clients.assessments.list_assessments(request).await.unwrap_err(), "target", ANY);
    let filter = ClaimFilter { articles: vec![nope()], ..Default::default() };
    let request = v1::QueryFiguresRequest { filter: Some(filter), ..Default::default() };
    let status = clients.figures.query_figures(request).await.unwrap_err();
    refused(&status, "filter.articles[0]", "a name like articles/{id}");
}
