//! Metrics that figures use in several ways.

use super::*;
use crate::domain::model::{Figure, UnitSystem};
use crate::service::recorded::claims_with;

/// How figures of one metric use it, by claims that have such units: the unit of each use, and how many claims have it.
async fn uses(claims: &[&[Option<Unit>]]) -> (u64, Vec<(Option<Unit>, u64)>) {
    let figure = |unit: &Option<Unit>| Figure {
        metric: Some(Metric { key: "people".to_owned(), ..Metric::default() }),
        unit: unit.clone(),
        ..Figure::default()
    };
    let (service, head) = claims_with(claims.iter().map(|units| units.iter().map(figure).collect())).await;
    let asked = MetricsAsked { prefix: None, statuses: vec![RecordStatus::Active], after: None, limit: 10 };
    let metrics = service.metrics(&asked, head).await.expect("they are listed").metrics;
    let [metric] = &metrics[..] else { panic!("one metric: {metrics:?}") };
    assert!(!metric.uses_omitted && !metric.counts_limited);
    let mut uses: Vec<_> = metric.uses.iter().map(|used| (used.unit.clone(), used.claims)).collect();
    uses.sort_by_key(|(unit, _)| unit.is_some());
    (metric.claims, uses)
}

#[tokio::test]
async fn a_unit_in_words_alone_is_none() {
    let in_words = |verbatim: &str| Some(Unit { system: None, code: String::new(), verbatim: verbatim.to_owned() });
    let plain = || Some(Unit { system: Some(UnitSystem::Ucum), code: "1".to_owned(), verbatim: String::new() });
    assert_eq!(uses(&[&[None], &[in_words("people")], &[None]]).await, (3, vec![(None, 3)]));
    // A claim that has both is one.
    assert_eq!(uses(&[&[None, in_words("people")], &[in_words("persons")]]).await, (2, vec![(None, 2)]));
    assert_eq!(uses(&[&[in_words("people")]]).await, (1, vec![(None, 1)]));
    assert_eq!(uses(&[&[None, plain()], &[in_words("people")], &[plain()]]).await, (3, vec![(None, 2), (plain(), 2)]));
}
