//! Exact ratios of whole numbers of any size, for factors between units.

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{BigDecimal, RoundingMode};

use crate::domain::decimal::{Decimal, SIGNIFICANT_DIGITS_MAX};

/// A fraction in lowest terms; its denominator is positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ratio {
    numerator: BigInt,
    denominator: BigInt,
}

impl Ratio {
    /// The quotient of two whole numbers, the second of which is not zero.
    fn new(numerator: BigInt, denominator: BigInt) -> Self {
        let (mut a, mut b) = (numerator.magnitude().clone(), denominator.magnitude().clone());
        while b != 0u8.into() {
            let rest = &a % &b;
            (a, b) = (b, rest);
        }
        let divisor = if denominator.sign() == Sign::Minus { -BigInt::from(a) } else { BigInt::from(a) };
        Self { numerator: numerator / &divisor, denominator: denominator / divisor }
    }

    pub(super) fn whole(number: i64) -> Self {
        Self { numerator: number.into(), denominator: 1.into() }
    }

    pub(super) fn of(number: &BigDecimal) -> Self {
        let (digits, scale) = number.as_bigint_and_exponent();
        let power = BigInt::from(10).pow(u32::try_from(scale.unsigned_abs()).unwrap_or(u32::MAX));
        if scale < 0 { Self::new(digits * power, 1.into()) } else { Self::new(digits, power) }
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        Self::new(&self.numerator * &other.numerator, &self.denominator * &other.denominator)
    }

    /// The quotient; none where the divisor is zero.
    pub(super) fn over(&self, other: &Self) -> Option<Self> {
        let is_zero = other.numerator.sign() == Sign::NoSign;
        (!is_zero).then(|| Self::new(&self.numerator * &other.denominator, &self.denominator * &other.numerator))
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let numerator = &self.numerator * &other.denominator + &other.numerator * &self.denominator;
        Self::new(numerator, &self.denominator * &other.denominator)
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(&other.times(&Self::whole(-1)))
    }

    /// The power; none of zero to a negative exponent.
    pub(super) fn power(&self, exponent: i32) -> Option<Self> {
        let times = exponent.unsigned_abs();
        let power = Self { numerator: self.numerator.pow(times), denominator: self.denominator.pow(times) };
        if exponent < 0 { Self::whole(1).over(&power) } else { Some(power) }
    }

    pub(super) fn is_positive(&self) -> bool {
        self.numerator.sign() == Sign::Plus
    }

    /// The number as a decimal: exact where it has an end, else rounded in this direction to as many digits as a decimal may
    /// have. The second part says which.
    pub(super) fn decimal(&self, mode: RoundingMode) -> Option<(Decimal, bool)> {
        let whole = (&self.numerator / &self.denominator).magnitude().to_string().len();
        // Enough digits that what is cut off is decided by the direction below, and no more.
        let scale = (2 * SIGNIFICANT_DIGITS_MAX).saturating_sub(whole);
        let shifted = &self.numerator * BigInt::from(10).pow(u32::try_from(scale).ok()?);
        // The division rounds toward zero.
        let toward_zero = &shifted / &self.denominator;
        let is_exact = &toward_zero * &self.denominator == shifted;
        let step = match (mode, self.is_positive()) {
            _ if is_exact => 0,
            (RoundingMode::Ceiling, true) => 1,
            (RoundingMode::Floor, false) => -1,
            (_, _) => 0,
        };
        let number = BigDecimal::new(toward_zero + step, i64::try_from(scale).ok()?);
        let rounded = Decimal::rounded(&number, mode)?;
        let is_exact = is_exact && *rounded.as_big_decimal() == number;
        Some((rounded, is_exact))
    }
}
