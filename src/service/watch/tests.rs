//! Steps through a commit that is read in parts.

use super::*;
use crate::domain::model::{Figure, Metric, Record};
use crate::service::recorded::claims_with;
use crate::storage::PART_VERSIONS;

/// A service with one commit: claims, of which some have a figure of the metric "rain", and the source of all.
async fn recorded(claims: usize, has_rain: impl Fn(usize) -> bool) -> Service {
    let rain = Figure { metric: Some(Metric { key: "rain".to_owned(), ..Metric::default() }), ..Figure::default() };
    claims_with((0..claims).map(|index| has_rain(index).then(|| rain.clone()).into_iter().collect())).await.0
}

/// A watcher of that metric, from the beginning on.
async fn watch(service: &Service) -> Watch {
    let filter = WatchFilter { metrics: vec!["rain".to_owned()], ..WatchFilter::default() };
    let watching = Watching { start: AsOf::Revision(0), filter, include_previous: false };
    service.watch(watching).await.expect("it begins")
}

#[tokio::test]
async fn a_step_is_a_part_of_a_commit_of_which_nothing_is_wanted() {
    let service = recorded(3 * PART_VERSIONS - 10, |_| false).await;
    let mut watch = watch(&service).await;
    for _ in 0..2 {
        assert!(matches!(watch.step().await, Ok(Step::Partway)));
        assert_eq!(watch.position().revision, 0, "nothing of it was given");
    }
    assert!(matches!(watch.step().await, Ok(Step::Passed)));
    assert_eq!(watch.position().revision, 1);
    assert!(matches!(watch.step().await, Ok(Step::UpToDate)));
}

#[tokio::test]
async fn what_is_wanted_of_a_commit_is_given_wherever_it_stands() {
    let wanted = [PART_VERSIONS + 50, PART_VERSIONS + 51, 3 * PART_VERSIONS + 50];
    let service = recorded(5 * PART_VERSIONS, |index| wanted.contains(&index)).await;
    let mut watch = watch(&service).await;
    assert!(matches!(watch.step().await, Ok(Step::Partway)));
    let Ok(Step::Commit(mut commit)) = watch.step().await else { panic!("it begins in the second part") };
    assert_eq!((commit.revision, commit.changes.len()), (1, 2));
    let mut parts = 1;
    while let Some(further) = watch.further().await.expect("it is read") {
        commit.changes.extend(further);
        parts += 1;
    }
    assert!(parts >= 4, "{parts}");
    let statements = commit.changes.iter().map(|change| {
        let Record::Claim(claim) = &change.version.record else { panic!("not a claim: {:?}", change.version) };
        claim.statement.clone()
    });
    assert_eq!(statements.collect::<Vec<_>>(), wanted.map(|index| format!("Claim {index}.")));
    assert!(matches!(watch.step().await, Ok(Step::UpToDate)));
}
