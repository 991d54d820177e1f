//! Two figures side by side: whether they can be compared at all, and what they say about each other if they can.

use super::facts::{Facts, Interner, Ranked};
use super::units::{Rates, between};
use super::value_key::{kind, unit};
use super::{Intervals, Policy};
use crate::domain::model::Figure;

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
    let metric = |figure: &Figure| figure.metric.as_ref().map(|metric| metric.key.clone());
    if metric(a).is_none() || metric(a) != metric(b) {
        return Err(Incomparable::Metric);
    }
    let mut names = Interner::default();
    let (facts_a, facts_b) = (Facts::of(a, &mut names), Facts::of(b, &mut names));
    facts_a.comparable(&facts_b)?;
    let of_b = of_b.converted(&between(unit(b).as_ref(), unit(a).as_ref(), kind(a), rates)?);
    match Ranked::all(&[&of_a.hard, &of_b.hard])[..] {
        [hard_a, hard_b] => facts_a.finding(hard_a, &facts_b, hard_b, || ground),
        _ => Err(Incomparable::NotRead),
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
