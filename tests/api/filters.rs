//! What is wrong with a filter: each value is refused as it would be where it is recorded, and told its own form.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::{ArticleFilter, ClaimFilter, EntityFilter, RelatedFilter, SourceFilter};
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

#[tokio::test]
async fn what_no_record_can_have_is_refused_and_what_none_has_is_not_found() {
    let mut clients = serve().await;
    let id = |scheme: &str, id: &str| v1::ExternalId { scheme: scheme.to_owned(), id: id.to_owned() };
    let entity = |label: &str, external_id| EntityFilter { label: label.to_owned(), external_id };
    let texts = |text: &str| vec![text.to_owned()];
    let none = ClaimFilter::default;
    let cases = [
        (ClaimFilter { metrics: texts("Troops killed"), ..none() }, "metrics[0]", "north-korea.troops.killed"),
        (ClaimFilter { metrics: texts("troops."), ..none() }, "metrics[0]", "north-korea.troops.killed"),
        (ClaimFilter { metric_prefixes: texts("north korea"), ..none() }, "metric_prefixes[0]", "segments of a-z"),
        (ClaimFilter { metric_prefixes: texts("."), ..none() }, "metric_prefixes[0]", "segments of a-z"),
        (ClaimFilter { languages: texts("english!"), ..none() }, "languages[0]", "a language tag like en or pt-BR"),
        (ClaimFilter { entities: vec![entity(" ", None)], ..none() }, "entities[0].label", "is required"),
        (
            ClaimFilter { entities: vec![entity("", Some(id("wikidata", "")))], ..none() },
            "entities[0].external_id.id",
            "is required",
        ),
        (ClaimFilter { external_ids: vec![id("", "1")], ..none() }, "external_ids[0].scheme", "is required"),
        (ClaimFilter { external_ids: vec![id("Upper", "1")], ..none() }, "external_ids[0].scheme", "a-z"),
    ];
    for (filter, path, says) in cases {
        refused(&claims(&mut clients, filter.clone()).await, &format!("filter.{path}"), says);
        let nested = ClaimFilter { none_of: vec![filter], ..none() };
        refused(&claims(&mut clients, nested).await, &format!("filter.none_of[0].{path}"), says);
    }
    let filter = SourceFilter { handles: texts("@meanwhile"), ..Default::default() };
    refused(&sources(&mut clients, filter).await, "filter.handles[0]", "without a leading '@'");
    let filter = ArticleFilter { urls: texts("no address"), ..Default::default() };
    refused(&articles(&mut clients, filter).await, "filter.urls[0]", "no address");
    let filter = ClaimFilter {
        metrics: texts("nothing.known"),
        metric_prefixes: texts("nothing."),
        languages: texts("tlh"),
        entities: vec![entity("Nobody", None)],
        external_ids: vec![id("wikidata", "Q0")],
        ..none()
    };
    let request = v1::QueryClaimsRequest { filter: Some(filter), ..Default::default() };
    assert!(clients.claims.query_claims(request).await.unwrap().into_inner().claims.is_empty());
}
