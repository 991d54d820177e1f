//! Two figures side by side: whether they can be compared at all, and what they say about each other if they can.

use std::collections::BTreeSet;

use super::units::{Rates, between};
use super::value_key::{kind, unit};
use super::{Bounds, Intervals, Policy};
use crate::domain::model::{Aggregation, Figure, Place, TimeGiven};
use crate::domain::time::TimeRange;

words! {
    /// Why two figures cannot be compared.
    Incomparable, "reason" {
        /// The words of one could not be read.
        NotRead = "NOT_READ",
        /// One names no metric, or they name different ones.
        Metric = "METRIC",
        /// They are numbers of different kinds: a count and a percentage.
        Kind = "KIND",
        /// Their units measure different things.
        Unit = "UNIT",
        /// They are amounts of different currencies, and no rate was given.
        Currency = "CURRENCY",
        /// One is a difference or a number for a period, and the other is not.
        Aggregation = "AGGREGATION",
        /// They hold at different times.
        AsOf = "AS_OF",
        /// They cover different periods.
        Period = "PERIOD",
        /// They cover different places.
        Place = "PLACE",
    }
}

words! {
    /// What two comparable figures say about each other.
    Finding, "finding" {
        /// Some number fits both.
        Agree = "AGREE",
        /// No number fits both, and they are about the same thing.
        Contradict = "CONTRADICT",
        /// No number fits both, and nothing says that they are about the same thing.
        Differ = "DIFFER",
        /// A number that only grows is higher at the later time, or may be.
        Grown = "GROWN",
        /// A number that only grows is lower at the later time. A finding, not an error.
        Decreased = "DECREASED",
    }
}

/// What says that two figures are about the same thing: an event or a place that their claims have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// They have one in common.
    Common,
    /// Nothing is known.
    Unknown,
}

/// Two figures as they stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What they say about each other.
    pub finding: Finding,
    /// Whether the time of one is not stated: they were compared as if it were the other's.
    pub as_of_assumed: bool,
}

/// Compares two figures, the second in the unit of the first. Money of different currencies takes a rate of the caller's.
///
/// # Errors
/// The first reason why they cannot be compared.
pub fn compare(
    a: &Figure,
    b: &Figure,
    ground: Ground,
    policy: &Policy,
    rates: &Rates,
) -> Result<Comparison, Incomparable> {
    let (of_a, of_b) = Intervals::of(a, policy).zip(Intervals::of(b, policy)).ok_or(Incomparable::NotRead)?;
    comparable(a, b)?;
    let of_b = of_b.converted(&between(unit(b).as_ref(), unit(a).as_ref(), kind(a), rates)?);
    let as_of = (range(a.as_of.as_ref()), range(b.as_of.as_ref()));
    let as_of_assumed = as_of.0.is_none() || as_of.1.is_none();
    let order = as_of.0.zip(as_of.1).map_or(Order::Overlap, |(a, b)| order(a, b));
    let is_series = [a, b].iter().all(|figure| figure.aggregation == Some(Aggregation::Cumulative));
    let finding = match order {
        Order::Overlap if of_a.hard.meets(&of_b.hard) => Finding::Agree,
        Order::Overlap => match ground {
            Ground::Common => Finding::Contradict,
            Ground::Unknown => Finding::Differ,
        },
        Order::Before if is_series => grown(&of_a.hard, &of_b.hard),
        Order::After if is_series => grown(&of_b.hard, &of_a.hard),
        Order::Before | Order::After => return Err(Incomparable::AsOf),
    };
    Ok(Comparison { finding, as_of_assumed })
}

/// What a number that only grows did between an earlier and a later time.
fn grown(earlier: &Bounds, later: &Bounds) -> Finding {
    // The later one fits if some number of it is at least some number of the earlier one.
    let at_least = Bounds { lower: earlier.lower.clone(), upper: None };
    if later.meets(&at_least) { Finding::Grown } else { Finding::Decreased }
}

/// Checks everything but the times at which they hold.
fn comparable(a: &Figure, b: &Figure) -> Result<(), Incomparable> {
    let differ = |same: bool, reason| if same { Ok(()) } else { Err(reason) };
    let metric = |figure: &Figure| figure.metric.as_ref().map(|metric| metric.key.clone());
    differ(metric(a).is_some() && metric(a) == metric(b), Incomparable::Metric)?;
    differ(a.kind.zip(b.kind).is_none_or(|(a, b)| a == b), Incomparable::Kind)?;
    differ(class(a.aggregation) == class(b.aggregation), Incomparable::Aggregation)?;
    let overlap = |a, b| range(a).zip(range(b)).is_none_or(|(a, b)| order(a, b) == Order::Overlap);
    differ(overlap(a.period.as_ref(), b.period.as_ref()), Incomparable::Period)?;
    let place = |figure: &Figure| figure.place.clone().filter(|place| *place != Place::default());
    differ(place(a).zip(place(b)).is_none_or(|(a, b)| same_place(&a, &b)), Incomparable::Place)
}

/// Whether a number is one, a difference, or for a period.
fn class(aggregation: Option<Aggregation>) -> Option<Aggregation> {
    match aggregation {
        Some(Aggregation::Change | Aggregation::PerPeriod) => aggregation,
        Some(Aggregation::PointInTime | Aggregation::Cumulative) | None => None,
    }
}

/// Whether two places are one: by a gazetteer that knows both, else by their words.
fn same_place(a: &Place, b: &Place) -> bool {
    let schemes = |place: &Place| place.external_ids.iter().map(|id| id.scheme.clone()).collect::<BTreeSet<_>>();
    if schemes(a).intersection(&schemes(b)).next().is_some() {
        return a.external_ids.iter().any(|id| b.external_ids.contains(id));
    }
    a.verbatim.to_lowercase() == b.verbatim.to_lowercase()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Before,
    Overlap,
    After,
}

/// The range of a time that is stated and known.
pub(super) fn range(time: Option<&TimeGiven>) -> Option<TimeRange> {
    let range = time?.time.as_ref()?.range();
    (range.earliest.is_some() || range.latest.is_some()).then_some(range)
}

/// How two half-open ranges lie.
fn order(a: TimeRange, b: TimeRange) -> Order {
    let ends_before = |a: TimeRange, b: TimeRange| a.latest.zip(b.earliest).is_some_and(|(end, start)| end <= start);
    if ends_before(a, b) {
        Order::Before
    } else if ends_before(b, a) {
        Order::After
    } else {
        Order::Overlap
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
