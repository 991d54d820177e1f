//! Several figures of one claim, several numbers of one estimate, and figures that state less than others.

use super::*;
use crate::domain::model::{Aggregation, EstimateRole, Unit, UnitSystem};

use Qualifier::{Bare, Between, Exactly};

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

#[test]
fn every_number_is_named_whatever_part_it_plays() {
    use EstimateRole::{Best, High, Low};
    let ucdp = Rule { convention: Convention::UcdpLowBestHigh, ..rule() };
    let spread = |figures: Vec<Figure>| summary(&[said("a", "2025", figures)], &ucdp).series.remove(0).spread;
    for (figures, named, coded) in [
        (vec![role(High, Between, &[30, 2_000])], ("30", "2000"), (None, Some("2000"))),
        (vec![role(Low, Between, &[30, 2_000])], ("30", "2000"), (Some("30"), None)),
        // Whoever says two low numbers says both.
        (vec![role(Low, Exactly, &[10]), role(Low, Exactly, &[20])], ("10", "20"), (Some("10"), None)),
        (
            vec![role(High, Exactly, &[5]), role(High, Exactly, &[7]), role(Best, Exactly, &[6])],
            ("5", "7"),
            (None, Some("7")),
        ),
    ] {
        let found = spread(figures.clone());
        assert_eq!(found.named, Some((number(named.0), number(named.1))), "{figures:?}");
        assert_eq!((found.coded.low, found.coded.high), (coded.0.map(number), coded.1.map(number)));
    }
}

#[test]
fn what_one_claim_states_is_in_its_order() {
    let values = |series: &Series| -> Vec<String> {
        let first = |stated: &Stated| stated.statement.figures[0].value.as_ref().map(ToString::to_string);
        series.statements.iter().filter_map(first).collect()
    };
    let without = |value| Figure { kind: None, ..killed(Bare, &[value]) };
    let claims = [
        said("a", "2025", vec![without(1), killed(Bare, &[2]), without(3)]),
        said("a", "2025", vec![without(4), killed(Bare, &[5])]),
    ];
    assert_eq!(values(&series(&claims)), ["1", "2", "3", "4", "5"]);

    // The first statement recorded is not the one of the earliest time.
    let long = |value, code: &str, as_of| {
        let unit = Unit { system: Some(UnitSystem::Ucum), code: code.to_owned(), verbatim: String::new() };
        Figure { unit: Some(unit), as_of: at(as_of), kind: None, ..killed(Bare, &[value]) }
    };
    let found = series(&[said("a", "", vec![long(5_000, "m", "2025-02"), long(6, "km", "2025-01")])]);
    assert_eq!((values(&found), found.unit.map(|unit| unit.code)), (vec!["6".into(), "5000".into()], Some("m".into())));
}

#[test]
fn a_metric_is_described_as_it_was_last() {
    let labelled = |label: &str, figure: Figure| Figure {
        metric: figure.metric.map(|metric| Metric { label: label.to_owned(), ..metric }),
        as_of: at("2025"),
        ..figure
    };
    let first = labelled("first", killed(Bare, &[1]));
    let last = labelled("last", killed(Bare, &[2]));
    // Even where what it states last holds at an earlier time.
    let earlier = Figure { as_of: at("2024"), ..last.clone() };
    let low = labelled("first", role(EstimateRole::Low, Exactly, &[1]));
    let high = labelled("last", role(EstimateRole::High, Exactly, &[2]));
    for figures in [vec![first.clone(), last], vec![first.clone(), earlier], vec![low, high]] {
        let claims = [said("a", "", vec![first.clone()]), said("a", "", figures)];
        assert_eq!(series(&claims).metric.label, "last");
    }
}
