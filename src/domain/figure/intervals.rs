//! The two intervals of a figure: what its words entail, tightened to what can be counted, and the narrower one that a
//! policy takes them for. Not here: what is asked of them, which is `grade`.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode};

use super::policy::{BareReading, Policy, VagueReading};
use super::units::Conversion;
use super::{Bounds, FigureKind, Lower, Qualifier, Upper};
use crate::domain::decimal::Decimal;
use crate::domain::model::{Aggregation, Figure};

/// The intervals that a figure is graded by. The soft one lies in the hard one and is empty only if that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intervals {
    /// What the words entail.
    pub hard: Bounds,
    /// What the policy takes them for.
    pub soft: Bounds,
    /// Which numbers of them can be meant: a question about what lies between two whole ones finds no count.
    pub numbers: Numbers,
}

/// Which numbers of an interval can be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// All of them.
    All,
    /// Whole ones.
    Whole,
}

impl Intervals {
    /// The intervals of a figure; none where its words could not be read.
    #[must_use]
    pub fn of(figure: &Figure, policy: &Policy) -> Option<Self> {
        let qualifier = figure.qualifier?;
        let stated = match (qualifier, policy.bare, &figure.value) {
            (Qualifier::Bare, BareReading::Rounded, Some(value)) => rounded(value, figure.significant_digits),
            _ => figure.bounds.clone(),
        };
        let (hard, numbers) = tightened(&stated, figure.kind, figure.aggregation);
        let taken_for = tolerated(qualifier, figure, policy);
        // The tolerance is widened to whole numbers, never narrowed: of "just over 5" it leaves 6, not nothing.
        let taken_for = if is_counted(figure.kind) { widened(&taken_for) } else { taken_for };
        let soft = hard.intersection(&taken_for);
        // A policy that leaves nothing has nothing to say.
        let soft = if soft.is_empty() { hard.clone() } else { soft };
        Some(Self { hard, soft, numbers })
    }
}

impl Intervals {
    /// The intervals in another unit. Whole numbers of one are not whole in another.
    #[must_use]
    pub fn converted(&self, conversion: &Conversion) -> Self {
        if conversion.is_none() {
            return self.clone();
        }
        let (hard, soft) = (conversion.bounds(&self.hard), conversion.bounds(&self.soft));
        Self { hard, soft, numbers: Numbers::All }
    }
}

/// Whether such figures are whole numbers.
fn is_counted(kind: Option<FigureKind>) -> bool {
    kind == Some(FigureKind::Count)
}

/// The interval without what a count cannot be: negative, unless it is a change, or broken. A step that would leave
/// nothing is not taken: somebody said it, and a rate recorded as a count is not thereby impossible.
pub(super) fn tightened(
    bounds: &Bounds,
    kind: Option<FigureKind>,
    aggregation: Option<Aggregation>,
) -> (Bounds, Numbers) {
    if !is_counted(kind) {
        return (bounds.clone(), Numbers::All);
    }
    let floored = match aggregation {
        Some(Aggregation::Change) => bounds.clone(),
        Some(Aggregation::PointInTime | Aggregation::Cumulative | Aggregation::PerPeriod) | None => {
            bounds.not_negative()
        }
    };
    let floored = if floored.is_empty() { bounds.clone() } else { floored };
    let whole = floored.whole();
    if whole.is_empty() { (floored, Numbers::All) } else { (whole, Numbers::Whole) }
}

/// What the policy takes the words for, before what they entail is taken into account.
fn tolerated(qualifier: Qualifier, figure: &Figure, policy: &Policy) -> Bounds {
    let Some(value) = &figure.value else {
        let coded = match policy.vague {
            VagueReading::Acled if qualifier == Qualifier::Vague => acled(&figure.scale_word),
            VagueReading::Acled | VagueReading::Open => None,
        };
        return coded.map_or_else(Bounds::default, |coded| Bounds::exactly(&Decimal::from(coded)));
    };
    let margin = value.as_big_decimal().abs() * policy.tolerance.share().as_big_decimal();
    let below = || Decimal::rounded(&(value.as_big_decimal() - &margin), RoundingMode::Floor).map(Lower::AtLeast);
    let above = || Decimal::rounded(&(value.as_big_decimal() + &margin), RoundingMode::Ceiling).map(Upper::AtMost);
    match qualifier {
        Qualifier::About => Bounds { lower: below(), upper: above() },
        Qualifier::Nearly => Bounds { lower: below(), upper: None },
        Qualifier::JustOver => Bounds { lower: None, upper: above() },
        Qualifier::Exactly
        | Qualifier::Bare
        | Qualifier::MoreThan
        | Qualifier::LessThan
        | Qualifier::AtLeast
        | Qualifier::AtMost
        | Qualifier::UpTo
        | Qualifier::Between
        | Qualifier::Vague
        | Qualifier::NoneAtAll => Bounds::default(),
    }
}

/// What ACLED codes for a vague word.
fn acled(scale_word: &str) -> Option<u64> {
    match scale_word {
        "tens" => Some(10),
        "dozens" => Some(12),
        "hundreds" => Some(100),
        _ => None,
    }
}

/// The interval with its ends moved outward to whole numbers.
fn widened(bounds: &Bounds) -> Bounds {
    let end = |number: &Decimal, mode| Decimal::rounded(&number.as_big_decimal().with_scale_round(0, mode), mode);
    let lower = bounds.lower.as_ref().and_then(|lower| end(lower.number().0, RoundingMode::Floor)).map(Lower::AtLeast);
    let upper = bounds.upper.as_ref().and_then(|upper| end(upper.number().0, RoundingMode::Ceiling)).map(Upper::AtMost);
    Bounds { lower, upper }
}

/// Everything within half a unit of the last digit that carries information.
fn rounded(value: &Decimal, significant_digits: u32) -> Bounds {
    let number = value.as_big_decimal();
    let (digits, scale) = number.as_bigint_and_exponent();
    let written = i64::try_from(digits.magnitude().to_string().len()).unwrap_or(i64::MAX);
    let stated = if significant_digits == 0 { value.stated_significant_digits() } else { significant_digits };
    // The place of the last stated digit: 3 for 13,000 with two of them, -1 for 10.0 with three.
    let place = written.saturating_sub(scale).saturating_sub(i64::from(stated));
    let half = BigDecimal::new(BigInt::from(5), 1i64.saturating_sub(place));
    let lower = Decimal::rounded(&(number - &half), RoundingMode::Floor).map(Lower::AtLeast);
    let upper = Decimal::rounded(&(number + &half), RoundingMode::Ceiling).map(Upper::AtMost);
    Bounds { lower, upper }
}

#[cfg(test)]
#[path = "intervals_tests.rs"]
mod tests;
