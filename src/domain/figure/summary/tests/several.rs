//! Several figures of one claim, several numbers of one estimate, and figures that state less than others.

use super::*;
use crate::domain::model::{Aggregation, EstimateRole};

use Qualifier::{Bare, Exactly};

fn role(role: EstimateRole, qualifier: Qualifier, numbers: &[i64]) -> Figure {
    Figure { role: Some(role), ..killed(qualifier, numbers) }
}

#[test]
fn a_total_stands_in_one_group_with_the_level_that_it_agrees_with() {
    let total = Figure { aggregation: Some(Aggregation::Cumulative), ..killed(Bare, &[500]) };
    let level = Figure { aggregation: Some(Aggregation::PointInTime), ..total.clone() };
    let series = series(&[total, level, killed(Bare, &[500])].map(|figure| said("a", "2025", vec![figure])));
    assert_eq!((series.groups.count, series.groups.listed[0].members.clone()), (1, vec![0, 1, 2]));
}

#[test]
fn an_estimate_is_of_the_kind_that_any_of_its_numbers_states() {
    let low = Figure { kind: None, ..role(EstimateRole::Low, Exactly, &[9]) };
    let estimate = vec![low, role(EstimateRole::Best, Exactly, &[10]), role(EstimateRole::High, Exactly, &[35])];
    let percent = Figure { kind: Some(FigureKind::Percent), ..killed(Bare, &[10]) };
    let claims = [estimate, vec![killed(Bare, &[10])], vec![percent]].map(|figures| said("a", "2025", figures));
    let summary = summary(&claims, &rule());
    let kinds: Vec<_> = summary.series.iter().map(|series| (series.kind, series.statements.len())).collect();
    assert_eq!(kinds, [(Some(FigureKind::Count), 2), (Some(FigureKind::Percent), 1)]);
    assert_eq!(summary.series[0].groups.count, 1);
    assert_eq!(series(&claims[..1]).kind, Some(FigureKind::Count));
}
