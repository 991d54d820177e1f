//! Figures as they are sent: numbers of every kind, alone and as estimates of several, with and without units and times.

use claimdb::proto::claimdb::v1;
use v1::interval::{Lower, Upper};
use v1::{Aggregation, EstimateRole, FigureKind, Qualifier, UnitSystem};

use crate::chance::Chance;
use crate::records::METRICS;
use crate::times::{TIMES, UNKNOWN};

/// Numbers that are counted; the share of each that a policy allows comes out even.
pub(crate) const COUNTS: &[&str] = &["0", "1", "5", "7", "12", "100", "120", "2000", "13000"];
/// Numbers that are measured.
pub(crate) const MEASURES: &[&str] = &["0", "0.5", "2.5", "7", "10.0", "12", "100", "120", "-4", "0.07", "2000"];
pub(crate) const SCALE_WORDS: &[&str] = &["tens", "dozens", "hundreds", "thousands"];

pub(crate) fn unit(system: UnitSystem, code: &str) -> v1::Unit {
    v1::Unit { system: system.into(), code: code.into(), ..Default::default() }
}

/// Units of figures and of questions: of two dimensions, money, and somebody's own.
pub(crate) fn units() -> [v1::Unit; 7] {
    [
        unit(UnitSystem::Ucum, "m"),
        unit(UnitSystem::Ucum, "km"),
        unit(UnitSystem::Ucum, "%"),
        unit(UnitSystem::Iso4217, "USD"),
        unit(UnitSystem::Iso4217, "EUR"),
        unit(UnitSystem::Other, "crates"),
        unit(UnitSystem::Other, "boats"),
    ]
}

fn metric(chance: &mut Chance) -> v1::Metric {
    v1::Metric {
        key: chance.one(METRICS).into(),
        label: chance.one(&["", "", "Killed"]).into(),
        definition: chance.one(&["", "", "By name"]).into(),
    }
}

/// The figures of a claim, some of them parts of what an earlier one has.
pub(crate) fn figures(chance: &mut Chance, claim: u64) -> Vec<v1::Figure> {
    let mut figures = Vec::new();
    for _ in 0..chance.below(3) {
        match chance.happens(30) {
            true => figures.extend(estimate(chance, figures.len())),
            false => figures.push(single(chance)),
        }
    }
    if let Some(figure) = figures.first_mut().filter(|_| claim > 0 && chance.happens(12)) {
        figure.whole = format!("claims/c{}/figures/f1", chance.below(claim));
    }
    figures
}

fn single(chance: &mut Chance) -> v1::Figure {
    let role = chance.maybe(20, |_| EstimateRole::Single).unwrap_or_default();
    let figure = v1::Figure { metric: chance.maybe(80, metric), role: role.into(), ..measured(chance) };
    said(chance, figure)
}

/// Low, best and high numbers, or some of them, in any order. What tells estimates apart is the place: each has its own.
fn estimate(chance: &mut Chance, number: usize) -> Vec<v1::Figure> {
    let roles = chance.few(&[EstimateRole::Low, EstimateRole::Best, EstimateRole::High], 4);
    let place = v1::Place { verbatim: format!("Place {number}"), ..Default::default() };
    let common = v1::Figure { metric: Some(metric(chance)), place: Some(place), ..measured(chance) };
    let of_role = |role: EstimateRole| v1::Figure { role: role.into(), ..said(chance, common.clone()) };
    roles.into_iter().map(of_role).collect()
}

/// What is measured in which unit, and when.
fn measured(chance: &mut Chance) -> v1::Figure {
    let [m, km, percent, usd, eur, crates, boats] = units();
    let kinds = [
        (FigureKind::Unspecified, None),
        (FigureKind::Count, None),
        (FigureKind::Count, None),
        (FigureKind::Count, Some(crates)),
        (FigureKind::Measure, Some(m)),
        (FigureKind::Measure, Some(km.clone())),
        (FigureKind::Unspecified, Some(km)),
        (FigureKind::Money, Some(usd)),
        (FigureKind::Money, Some(eur)),
        (FigureKind::Percent, None),
        (FigureKind::Unspecified, Some(percent)),
        (FigureKind::Unspecified, Some(boats)),
    ];
    let (kind, unit) = kinds[chance.index(kinds.len())].clone();
    let aggregation = chance.maybe(15, |_| Aggregation::Change).unwrap_or_default();
    let time = |chance: &mut Chance| v1::ApproximateTime {
        edtf: if chance.happens(10) { chance.one(UNKNOWN).into() } else { TIMES[chance.index(TIMES.len())].0.into() },
        ..Default::default()
    };
    let as_of = chance.maybe(50, time);
    v1::Figure { kind: kind.into(), unit, aggregation: aggregation.into(), as_of, ..Default::default() }
}

/// The number, and how it is qualified.
fn said(chance: &mut Chance, figure: v1::Figure) -> v1::Figure {
    let is_count = figure.kind() == FigureKind::Count;
    let numbers = if is_count { COUNTS } else { MEASURES };
    let qualifier = match chance.below(20) {
        // Its words are not read, and somebody has to.
        0 if figure.role() == EstimateRole::Unspecified => {
            return v1::Figure { verbatim: "a fair part of the lot".into(), ..figure };
        }
        number => Qualifier::try_from(1 + i32::try_from(number).unwrap() % i32::from(Qualifier::NoneAtAll)).unwrap(),
    };
    let figure = v1::Figure { qualifier: qualifier.into(), ..figure };
    match qualifier {
        Qualifier::NoneAtAll => figure,
        Qualifier::Vague => v1::Figure { scale_word: chance.one(SCALE_WORDS).into(), ..figure },
        Qualifier::Between => {
            let bounds = v1::Interval {
                lower: Some(Lower::AtLeast(chance.one(&["5", "7", "12"]).into())),
                upper: Some(Upper::AtMost(chance.one(&["12", "100", "2000"]).into())),
            };
            v1::Figure { bounds: Some(bounds), ..figure }
        }
        // How a round nothing is rounded nobody says.
        Qualifier::Bare => v1::Figure { value: chance.one(&numbers[1..]).into(), ..figure },
        Qualifier::Unspecified
        | Qualifier::Exactly
        | Qualifier::About
        | Qualifier::Nearly
        | Qualifier::JustOver
        | Qualifier::MoreThan
        | Qualifier::LessThan
        | Qualifier::AtLeast
        | Qualifier::AtMost
        | Qualifier::UpTo => v1::Figure { value: chance.one(numbers).into(), ..figure },
    }
}
