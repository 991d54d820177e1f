//! Estimates given as several numbers: LOW, BEST and HIGH of one thing are one estimate and one pair of intervals.

use std::borrow::Cow;

use super::facts::{Interner, range};
use super::intervals::{Numbers, tightened};
use super::units::{Rates, between};
use super::value_key::{kind, unit};
use super::{Bounds, Intervals, Lower, Policy, Qualifier};
use crate::domain::decimal::Decimal;
use crate::domain::model::{EstimateRole, Figure, Place, TimeGiven};

/// Whether two figures of one claim are numbers of one estimate: of the same metric, time, period, place and aggregation,
/// whatever the words for time, period and place.
#[must_use]
pub fn same_estimate(a: &Figure, b: &Figure) -> bool {
    let key = |figure: &Figure| figure.metric.as_ref().map(|metric| metric.key.clone());
    key(a) == key(b)
        && a.aggregation == b.aggregation
        && is_same_time(a.as_of.as_deref(), b.as_of.as_deref())
        && is_same_time(a.period.as_deref(), b.period.as_deref())
        && is_same_place(a.place.as_deref(), b.place.as_deref())
}

fn is_same_time(a: Option<&TimeGiven>, b: Option<&TimeGiven>) -> bool {
    // Of a time of which nothing is known there is only what was given.
    let given =
        |given: Option<&TimeGiven>| given.map(|given| (given.time.clone(), given.verbatim.clone())).unwrap_or_default();
    match (range(a), range(b)) {
        (None, None) => a == b || given(a) == given(b),
        (a, b) => a == b,
    }
}

fn is_same_place(a: Option<&Place>, b: Option<&Place>) -> bool {
    if a == b {
        return true;
    }
    let mut names = Interner::default();
    let [a, b] = [a, b].map(|place| place.and_then(|place| names.place(place)));
    match (a, b) {
        (Some(a), Some(b)) => a.is_same(&b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// The figures of one claim as they are asked for: those that are LOW, BEST or HIGH of one estimate together, where the
/// first of them stands, and every other one by itself.
#[must_use]
pub fn estimates<'f>(figures: impl IntoIterator<Item = &'f Figure>) -> Vec<Vec<&'f Figure>> {
    let mut estimates: Vec<Vec<&Figure>> = Vec::new();
    for figure in figures {
        let of = |estimate: &&mut Vec<&Figure>| {
            estimate.first().is_some_and(|first| is_part(first) && same_estimate(first, figure))
        };
        match estimates.iter_mut().find(of).filter(|_| is_part(figure)) {
            Some(estimate) => estimate.push(figure),
            None => estimates.push(vec![figure]),
        }
    }
    estimates
}

/// Whether a figure is one number of several.
fn is_part(figure: &Figure) -> bool {
    match figure.role {
        Some(EstimateRole::Low | EstimateRole::Best | EstimateRole::High) => true,
        Some(EstimateRole::Single) | None => false,
    }
}

words! {
    /// How a number of an estimate lies outside the others; it is recorded as said.
    Anomaly, "anomaly of an estimate" {
        /// The best or the high estimate is below the low one.
        BelowLow = "BELOW_LOW",
        /// The best or the low estimate is above the high one.
        AboveHigh = "ABOVE_HIGH",
    }
}

/// How this figure lies outside the other numbers of its estimate, if it does: a best one outside of [low, high], a low
/// one above the high one. Numbers that no conversion leads from one to the other are not compared.
#[must_use]
pub fn anomaly(figure: &Figure, figures: &[Figure]) -> Option<Anomaly> {
    let value = said(figure)?;
    let other = |role| {
        let others = figures.iter().filter(|other| other.role == Some(role) && same_estimate(figure, other));
        let in_its_unit = |other: &Figure| {
            let way = between(unit(other).as_ref(), unit(figure).as_ref(), kind(other), &Rates::default()).ok()?;
            way.floor(&*said(other)?)
        };
        others.filter_map(in_its_unit).next()
    };
    let is_above_high = || other(EstimateRole::High).is_some_and(|high| *value > high);
    match figure.role? {
        EstimateRole::Best if other(EstimateRole::Low).is_some_and(|low| *value < low) => Some(Anomaly::BelowLow),
        EstimateRole::Best | EstimateRole::Low if is_above_high() => Some(Anomaly::AboveHigh),
        EstimateRole::Best | EstimateRole::Low | EstimateRole::High | EstimateRole::Single => None,
    }
}

/// The one number that a figure says; none where it says two, or no number.
fn said(figure: &Figure) -> Option<Cow<'_, Decimal>> {
    match (&figure.value, figure.qualifier) {
        (Some(value), _) => Some(Cow::Borrowed(value)),
        (None, Some(Qualifier::NoneAtAll)) => Some(Cow::Owned(Decimal::zero())),
        (None, _) => None,
    }
}

impl Intervals {
    /// The intervals of the numbers of one estimate, all of which were read; none where there are none.
    ///
    /// The hard one spans everything that the numbers allow, open above without a HIGH and below without a LOW, because
    /// nobody said where it ends. The soft one spans what was said. A BEST or SINGLE alone is a figure like any other.
    #[must_use]
    pub fn of_estimate(figures: &[&Figure], policy: &Policy) -> Option<Self> {
        let all: Option<Vec<Intervals>> = figures.iter().map(|figure| Intervals::of(figure, policy)).collect();
        Self::spanning(figures, all?)
    }

    /// As `of_estimate`, from the intervals of each number, all in one unit.
    pub(super) fn spanning(figures: &[&Figure], each: Vec<Self>) -> Option<Self> {
        let mut spanned = each.into_iter().reduce(|a, b| Intervals {
            hard: a.hard.hull(&b.hard),
            soft: a.soft.hull(&b.soft),
            numbers: if a.numbers == b.numbers { a.numbers } else { Numbers::All },
        })?;
        let has = |role| figures.iter().any(|figure| figure.role == Some(role));
        // Where a single end is all that was said, nothing beyond it is likelier than the rest.
        let is_alone = figures.len() == 1;
        match (has(EstimateRole::Low), has(EstimateRole::High)) {
            (true, false) => {
                spanned.hard.upper = None;
                if is_alone {
                    spanned.soft.upper = None;
                }
            }
            (false, true) => {
                let floor = floor_of(figures, &spanned.soft);
                if is_alone {
                    spanned.soft.lower.clone_from(&floor);
                }
                spanned.hard.lower = floor;
            }
            (true, true) | (false, false) => {}
        }
        Some(spanned)
    }
}

/// What is below everything that such figures can be: nothing, or zero for a count, unless something below was said, or
/// everything that was said lies below.
fn floor_of(figures: &[&Figure], said: &Bounds) -> Option<Lower> {
    let first = figures.first()?;
    let floor = tightened(&Bounds::default(), first.kind, first.aggregation).0.lower?;
    let is_below = Bounds { lower: Some(floor.clone()), upper: said.upper.clone() }.is_empty();
    (!is_below && said.lower.as_ref().is_none_or(|lower| lower.implies(&floor))).then_some(floor)
}

#[cfg(test)]
#[path = "estimate_tests.rs"]
mod tests;
