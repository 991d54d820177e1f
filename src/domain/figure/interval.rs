//! Intervals as sets: whether one lies in another, whether two meet, what they share, what spans them, and which whole
//! numbers are in them. Not here: where an interval comes from.

use bigdecimal::{BigDecimal, RoundingMode};

use super::{Bounds, Lower, Upper};
use crate::domain::decimal::Decimal;

impl Bounds {
    /// Whether every number of this interval is in the other; nothing is in everything.
    #[must_use]
    pub fn is_within(&self, other: &Bounds) -> bool {
        self.is_empty()
            || (other.lower.as_ref().is_none_or(|outer| self.lower.as_ref().is_some_and(|lower| lower.implies(outer)))
                && other
                    .upper
                    .as_ref()
                    .is_none_or(|outer| self.upper.as_ref().is_some_and(|upper| upper.implies(outer))))
    }

    /// Whether some number is in both.
    #[must_use]
    pub fn meets(&self, other: &Bounds) -> bool {
        !self.intersection(other).is_empty()
    }

    /// The numbers that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Bounds) -> Bounds {
        let lower = match (&self.lower, &other.lower) {
            (Some(a), Some(b)) => Some(if a.implies(b) { a } else { b }),
            (one, None) | (None, one) => one.as_ref(),
        };
        let upper = match (&self.upper, &other.upper) {
            (Some(a), Some(b)) => Some(if a.implies(b) { a } else { b }),
            (one, None) | (None, one) => one.as_ref(),
        };
        Bounds { lower: lower.cloned(), upper: upper.cloned() }
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(&self, other: &Bounds) -> Bounds {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        let lower = self.lower.as_ref().zip(other.lower.as_ref()).map(|(a, b)| if a.implies(b) { b } else { a });
        let upper = self.upper.as_ref().zip(other.upper.as_ref()).map(|(a, b)| if a.implies(b) { b } else { a });
        Bounds { lower: lower.cloned(), upper: upper.cloned() }
    }

    /// The part of the interval that is not negative.
    #[must_use]
    pub fn not_negative(&self) -> Bounds {
        self.intersection(&Bounds::above(Lower::AtLeast(Decimal::zero())))
    }

    /// The interval with its ends on whole numbers, holding the same ones: more than 24 becomes at least 25.
    #[must_use]
    pub fn whole(&self) -> Bounds {
        let lower = self.lower.as_ref().and_then(|lower| {
            let (number, included) = lower.number();
            let floor = number.as_big_decimal().with_scale_round(0, RoundingMode::Floor);
            let is_floor = floor == *number.as_big_decimal();
            let first = if included && is_floor { floor } else { floor + BigDecimal::from(1) };
            Decimal::try_from(first).ok().map(Lower::AtLeast)
        });
        let upper = self.upper.as_ref().and_then(|upper| {
            let (number, included) = upper.number();
            let ceiling = number.as_big_decimal().with_scale_round(0, RoundingMode::Ceiling);
            let is_ceiling = ceiling == *number.as_big_decimal();
            let last = if included && is_ceiling { ceiling } else { ceiling - BigDecimal::from(1) };
            Decimal::try_from(last).ok().map(Upper::AtMost)
        });
        // A neighbour of a number of 38 digits may have 39; the side that cannot be written stays as it was.
        Bounds { lower: lower.or_else(|| self.lower.clone()), upper: upper.or_else(|| self.upper.clone()) }
    }
}

#[cfg(test)]
#[path = "interval_tests.rs"]
mod tests;
