//! The metrics that claims count by, and how each is used.

use claimdb::proto::claimdb::v1;

use super::figure_queries::{figure, filled, ucum};
use super::support::{Clients, claim, fields, named, serve};

fn used(label: &str, definition: &str, unit: Option<v1::Unit>) -> v1::Figure {
    let key = "distance.walked".into();
    let metric = Some(v1::Metric { key, label: label.into(), definition: definition.into() });
    v1::Figure { metric, unit, ..figure("1", "") }
}

async fn listed(clients: &mut Clients, request: v1::ListMetricsRequest) -> Vec<v1::ListedMetric> {
    let mut request = v1::ListMetricsRequest { page_size: 1, ..request };
    let mut metrics = Vec::new();
    loop {
        let page = clients.figures.list_metrics(request.clone()).await.unwrap().into_inner();
        assert!(page.metrics.len() <= 1 && !page.scan_limited && page.read.is_some());
        metrics.extend(page.metrics);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return metrics;
        }
    }
}

#[tokio::test]
async fn metrics_are_listed_with_every_way_they_are_used() {
    let mut clients = filled().await;
    let long = format!("distance.{}", "x".repeat(246));
    let mut walked = claim("claims/w", "They walked.", named("Ada"));
    walked.figures =
        vec![used("Walked", "", ucum("km")), used("Walked", "", ucum("km")), used("On foot", "by the map", None)];
    let mut again = claim("claims/x", "They walked on.", named("Ada"));
    again.figures = vec![used("Walked", "", ucum("km")), figure("1", &long), figure("1", "distance-ish")];
    for claim in [walked, again] {
        clients.record(v1::RecordRequest { claims: vec![claim], ..Default::default() }).await.unwrap();
    }
    let all = v1::ListMetricsRequest::default();
    let keys = |metrics: &[v1::ListedMetric]| metrics.iter().map(|metric| metric.key.clone()).collect::<Vec<_>>();
    let metrics = listed(&mut clients, all.clone()).await;
    let expected = ["deaths", "deaths.children", "distance", "distance-ish", "distance.walked", &long];
    assert_eq!(keys(&metrics), expected);
    let walked = &metrics[4];
    assert_eq!((walked.claim_count, walked.uses_omitted, walked.counts_limited), (2, false, false));
    let mut uses: Vec<_> = walked
        .uses
        .iter()
        .map(|used| (used.label.as_str(), used.definition.as_str(), used.unit.clone(), used.claim_count))
        .collect();
    uses.sort_by_key(|used| used.0);
    assert_eq!(uses, [("On foot", "by the map", None, 1), ("Walked", "", ucum("km"), 2)]);
    let within = |prefix: &str| v1::ListMetricsRequest { prefix: prefix.into(), ..Default::default() };
    assert_eq!(keys(&listed(&mut clients, within("distance")).await), ["distance", "distance.walked", &long]);
    assert_eq!(keys(&listed(&mut clients, within(&long)).await), [long.as_str()]);
    assert!(listed(&mut clients, within("dist")).await.is_empty());
    let earlier = v1::ListMetricsRequest { as_of: Some(v1::list_metrics_request::AsOf::AsOfRevision(4)), ..all };
    assert_eq!(keys(&listed(&mut clients, earlier).await), ["deaths", "deaths.children", "distance"]);
    let bad = v1::ListMetricsRequest { prefix: "A".into(), page_size: -1, statuses: vec![9], ..Default::default() };
    let status = clients.figures.list_metrics(bad).await.unwrap_err();
    assert_eq!(fields(&status, "FIELD_INVALID"), ["page_size", "prefix", "statuses[0]"]);
    let token = v1::ListMetricsRequest { page_token: "nonsense".into(), ..Default::default() };
    let status = clients.figures.list_metrics(token).await.unwrap_err();
    assert_eq!(fields(&status, "TOKEN_MALFORMED"), ["page_token"]);
    let first = v1::ListMetricsRequest { page_size: 1, ..Default::default() };
    let page_token = clients.figures.list_metrics(first).await.unwrap().into_inner().next_page_token;
    let other = v1::ListMetricsRequest { page_token, ..within("deaths") };
    let status = clients.figures.list_metrics(other).await.unwrap_err();
    assert_eq!(fields(&status, "PAGE_TOKEN_MISMATCH"), ["page_token"]);
}

#[tokio::test]
async fn a_metric_that_is_used_in_very_many_ways_says_so() {
    let mut clients = serve().await;
    for part in 0..2 {
        let figures = |at: u32| vec![used(&format!("Label {}", 60 * part + at), "", None)];
        let claims = (0..60)
            .map(|at| v1::Claim { figures: figures(at), ..claim("", &format!("Claim {part} {at}."), named("Ada")) });
        clients.record(v1::RecordRequest { claims: claims.collect(), ..Default::default() }).await.unwrap();
    }
    let metrics = listed(&mut clients, v1::ListMetricsRequest::default()).await;
    let [metric] = metrics.as_slice() else { panic!("{metrics:?}") };
    assert_eq!((metric.claim_count, metric.uses.len(), metric.uses_omitted), (120, 100, true));
}
