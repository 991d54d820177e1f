//! Several figures of one claim, several numbers of one estimate, and figures that state less than others.

use super::*;
use crate::domain::model::Aggregation;

use Qualifier::Bare;

#[test]
fn a_total_stands_in_one_group_with_the_level_that_it_agrees_with() {
    let total = Figure { aggregation: Some(Aggregation::Cumulative), ..killed(Bare, &[500]) };
    let level = Figure { aggregation: Some(Aggregation::PointInTime), ..total.clone() };
    let series = series(&[total, level, killed(Bare, &[500])].map(|figure| said("a", "2025", vec![figure])));
    assert_eq!((series.groups.count, series.groups.listed[0].members.clone()), (1, vec![0, 1, 2]));
}
