//! A part and its whole: whether the part fits into it, and the share that follows. Shares are derived when they are read
//! and never stored: nobody said them.

use bigdecimal::{BigDecimal, RoundingMode};

use super::{Bounds, Lower, Upper};
use crate::domain::decimal::Decimal;

words! {
    /// Whether a part fits into its whole.
    Fit, "fit of a part" {
        /// Whatever the two are, the part is no more than the whole.
        Fits = "FITS",
        /// The part may be more than the whole.
        Open = "OPEN",
        /// Whatever the two are, the part is more than the whole. A finding, not an error: both were said.
        Exceeds = "EXCEEDS",
    }
}

/// Whether a part with these bounds fits into a whole with those.
#[must_use]
pub fn fit(part: &Bounds, whole: &Bounds) -> Fit {
    let exceeds = part.lower.as_ref().zip(whole.upper.as_ref()).is_some_and(|(part, whole)| {
        let ((part, part_included), (whole, whole_included)) = (part.number(), whole.number());
        part > whole || (part == whole && !(part_included && whole_included))
    });
    let fits =
        part.upper.as_ref().zip(whole.lower.as_ref()).is_some_and(|(part, whole)| part.number().0 <= whole.number().0);
    match (exceeds, fits) {
        (true, _) => Fit::Exceeds,
        (false, true) => Fit::Fits,
        (false, false) => Fit::Open,
    }
}

/// The share of the whole that the part is, in hundredths, with so many digits behind the point, rounded outward: nearly
/// 2,000 of 13,000 is less than 15.39. A side that does not follow is open: what a negative part or a whole that may be
/// zero leaves open stays open.
#[must_use]
pub fn share(part: &Bounds, whole: &Bounds, digits: u32) -> Bounds {
    let zero = Decimal::zero();
    // Of a whole that can be negative nothing follows.
    if whole.lower.as_ref().is_none_or(|lower| *lower.number().0 < zero) || part.is_empty() || whole.is_empty() {
        return Bounds::default();
    }
    let upper = part.upper.as_ref().zip(whole.lower.as_ref()).and_then(|(part, whole)| {
        let ((part, part_included), (whole, whole_included)) = (part.number(), whole.number());
        if part.is_negative() || whole.is_zero() {
            return None;
        }
        let (share, is_exact) = hundredths(part, whole, digits, RoundingMode::Ceiling)?;
        // Nothing of nothing of it is reached by every whole, so a whole that is not included does not make it less.
        let included = part_included && (whole_included || part.is_zero());
        Some(if is_exact && included { Upper::AtMost(share) } else { Upper::LessThan(share) })
    });
    let lower = part.lower.as_ref().zip(whole.upper.as_ref()).and_then(|(part, whole)| {
        let ((part, part_included), (whole, whole_included)) = (part.number(), whole.number());
        if part.is_negative() || whole.is_zero() {
            return None;
        }
        let (share, is_exact) = hundredths(part, whole, digits, RoundingMode::Floor)?;
        let included = part_included && (whole_included || part.is_zero());
        Some(if is_exact && !included { Lower::MoreThan(share) } else { Lower::AtLeast(share) })
    });
    Bounds { lower, upper }
}

/// A quotient in hundredths, rounded, and whether rounding changed nothing.
fn hundredths(part: &Decimal, whole: &Decimal, digits: u32, mode: RoundingMode) -> Option<(Decimal, bool)> {
    let (part, whole) = (part.as_big_decimal() * BigDecimal::from(100), whole.as_big_decimal());
    // Exact in whole numbers: a quotient of decimals may have no end.
    let scale = i64::from(digits);
    let (numerator, denominator) = integers(&(part * power_of_ten(scale)), whole);
    let quotient = &numerator / &denominator;
    let is_exact = &quotient * &denominator == numerator;
    // Both are not negative, so that the division rounds down.
    let is_rounded_up = mode == RoundingMode::Ceiling && !is_exact;
    let quotient = if is_rounded_up { quotient + 1 } else { quotient };
    Some((Decimal::try_from(BigDecimal::new(quotient, scale).normalized()).ok()?, is_exact))
}

fn power_of_ten(exponent: i64) -> BigDecimal {
    BigDecimal::new(1.into(), -exponent)
}

/// Two whole numbers of the same ratio.
fn integers(a: &BigDecimal, b: &BigDecimal) -> (bigdecimal::num_bigint::BigInt, bigdecimal::num_bigint::BigInt) {
    let scale = a.fractional_digit_count().max(b.fractional_digit_count()).max(0);
    (a.with_scale(scale).into_bigint_and_exponent().0, b.with_scale(scale).into_bigint_and_exponent().0)
}

#[cfg(test)]
#[path = "subset_tests.rs"]
mod tests;
