//! Exact numbers while words are read: a whole number over another. Small and without allocation, because every number of
//! a sentence becomes several of them. Not here: what becomes of a fraction without an end, which is the reader's affair.

use bigdecimal::num_bigint::BigInt;
use bigdecimal::{BigDecimal, RoundingMode};

use crate::domain::decimal::{Decimal, SIGNIFICANT_DIGITS_MAX};

/// How many digits a fraction without an end is rounded to: more than any writer means, fewer than a value may have.
const FRACTION_DIGITS: i64 = 18;

/// A fraction in lowest terms; its denominator is positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact {
    numerator: i128,
    denominator: i128,
}

impl Exact {
    pub(super) const ZERO: Exact = Exact { numerator: 0, denominator: 1 };
    pub(super) const ONE: Exact = Exact { numerator: 1, denominator: 1 };

    pub(super) fn whole(number: i128) -> Self {
        Self { numerator: number, denominator: 1 }
    }

    /// Digits without separators, with a point at most: `1.50`.
    pub(super) fn digits(text: &str) -> Option<Self> {
        let mut number: i128 = 0;
        let mut denominator: i128 = 1;
        let mut is_fraction = false;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    number = number.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    if is_fraction {
                        denominator = denominator.checked_mul(10)?;
                    }
                }
                b'.' if !is_fraction => is_fraction = true,
                _ => return None,
            }
        }
        Self { numerator: number, denominator }.reduced()
    }

    fn reduced(self) -> Option<Self> {
        let (mut a, mut b) = (self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = i128::try_from(a.max(1)).ok()?;
        Some(Self { numerator: self.numerator / divisor, denominator: self.denominator / divisor })
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        Self { numerator: left.checked_add(right)?, denominator }.reduced()
    }

    /// The number with a smaller part of it, which has the sign of the whole: minus two, and a half.
    pub(super) fn with_part(self, part: Self) -> Option<Self> {
        self.plus(if self.numerator < 0 { part.negated() } else { part })
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.numerator)?;
        let denominator = self.denominator.checked_mul(other.denominator)?;
        Self { numerator, denominator }.reduced()
    }

    /// The quotient; none for a divisor that is not positive.
    pub(super) fn over(self, divisor: Self) -> Option<Self> {
        let inverse = Self { numerator: divisor.denominator, denominator: divisor.numerator };
        if divisor.numerator > 0 { self.times(inverse) } else { None }
    }

    pub(super) fn negated(self) -> Self {
        Self { numerator: -self.numerator, ..self }
    }

    pub(super) fn as_whole(self) -> Option<i128> {
        (self.denominator == 1).then_some(self.numerator)
    }

    pub(super) fn is_less_than(self, other: Self) -> bool {
        match (self.numerator.checked_mul(other.denominator), other.numerator.checked_mul(self.denominator)) {
            (Some(left), Some(right)) => left < right,
            _ => self.ratio() < other.ratio(),
        }
    }

    fn ratio(self) -> BigDecimal {
        BigDecimal::from(self.numerator) / BigDecimal::from(self.denominator)
    }

    /// The number as a decimal, where it has an end.
    pub(super) fn decimal(self) -> Option<Decimal> {
        let (mut denominator, mut numerator, mut scale) = (self.denominator, self.numerator, 0i64);
        while denominator > 1 {
            // A factor of 2 or 5 is made one of 10, which is a digit behind the point.
            let factor = match (denominator % 10 == 0, denominator % 2 == 0, denominator % 5 == 0) {
                (true, ..) => 1,
                (false, true, _) => 5,
                (false, false, true) => 2,
                (false, false, false) => return None,
            };
            numerator = numerator.checked_mul(factor)?;
            denominator = if factor == 1 { denominator / 10 } else { denominator / (10 / factor) };
            scale += 1;
        }
        Decimal::try_from(BigDecimal::new(BigInt::from(numerator), scale)).ok()
    }

    /// The number as a decimal, rounded in this direction where it has no end.
    pub(super) fn rounded(self, mode: RoundingMode) -> Option<Decimal> {
        if let Some(decimal) = self.decimal() {
            return Some(decimal);
        }
        let digits = i64::try_from((self.numerator / self.denominator).unsigned_abs().to_string().len()).ok()?;
        let scale = (FRACTION_DIGITS - digits).max(1);
        let shifted = BigInt::from(self.numerator) * BigInt::from(10u8).pow(u32::try_from(scale).ok()?);
        let (quotient, denominator) = (&shifted / self.denominator, BigInt::from(self.denominator));
        let is_exact = &quotient * &denominator == shifted;
        // The division rounds toward zero.
        let step = match (mode == RoundingMode::Floor, is_exact) {
            (_, true) => 0,
            (true, false) if self.numerator < 0 => -1,
            (false, false) if self.numerator > 0 => 1,
            (_, false) => 0,
        };
        Decimal::try_from(BigDecimal::new(quotient + step, scale)).ok()
    }
}

/// A power of ten, for the exponents of scale words.
pub(super) fn power_of_ten(exponent: u8) -> Exact {
    let exponent = u32::from(exponent).min(SIGNIFICANT_DIGITS_MAX as u32 - 1);
    Exact::whole(10i128.pow(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_end_or_are_rounded_outward() {
        let over = |a: i128, b: i128| Exact::whole(a).over(Exact::whole(b)).expect("a positive divisor");
        let text = |number: Option<Decimal>| number.map(|number| number.to_string());
        assert_eq!(text(over(1, 8).decimal()).as_deref(), Some("0.125"));
        assert_eq!(text(over(-3, 40).decimal()).as_deref(), Some("-0.075"));
        assert_eq!(text(over(20, 5).decimal()).as_deref(), Some("4"));
        assert_eq!(over(2, 3).decimal(), None);
        assert_eq!(text(over(2, 3).rounded(RoundingMode::Floor)).as_deref(), Some("0.66666666666666666"));
        assert_eq!(text(over(2, 3).rounded(RoundingMode::Ceiling)).as_deref(), Some("0.66666666666666667"));
        assert_eq!(text(over(-2, 3).rounded(RoundingMode::Floor)).as_deref(), Some("-0.66666666666666667"));
        assert_eq!(text(over(1, 4).rounded(RoundingMode::Floor)).as_deref(), Some("0.25"));
        assert_eq!(Exact::whole(1).over(Exact::ZERO), None);
        assert_eq!(Exact::digits("1.50"), Some(over(3, 2)));
        assert_eq!(Exact::digits(&"9".repeat(60)), None);
        assert!(over(1, 3).is_less_than(over(1, 2)) && !over(1, 2).is_less_than(over(2, 4)));
    }
}
