//! Exact decimal numbers as people write them. Not here: units, rounding, and anything binary.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use bigdecimal::num_bigint::{BigInt, Sign};
use bigdecimal::{BigDecimal, RoundingMode};
use thiserror::Error;

/// The most significant digits a number may have: those that every common exact type holds.
pub const SIGNIFICANT_DIGITS_MAX: usize = 38;

/// The longest text of a number, in bytes; leading zeros behind the point count here alone.
pub const DECIMAL_LENGTH_MAX: usize = 80;

/// An exact decimal number, written `^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`.
///
/// The scale is kept, so `10.0` prints as `10.0`; equality, order and hash are those of the
/// number, so it equals `10`. There is no negative zero: `-0` and `-0.0` are refused, because the
/// sign would be lost as soon as two equal numbers were exchanged for each other.
#[derive(Clone)]
pub struct Decimal(BigDecimal);

/// Why a text is not a decimal number, or why a result cannot be held as one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecimalError {
    /// There is nothing.
    #[error("a number must not be empty")]
    Empty,
    /// The text is longer than [`DECIMAL_LENGTH_MAX`].
    #[error("a number has at most {DECIMAL_LENGTH_MAX} bytes, this one has {length}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Something that a plain number does not have: a separator, an exponent, a plus sign.
    #[error(
        "a number is written like -12.50, without separators, exponent or +; this one has \
         {character:?} at {position}"
    )]
    Character {
        /// The first such character.
        character: char,
        /// Where it stands, in characters from 0.
        position: usize,
    },
    /// A digit must stand there and the text ends.
    #[error("a digit must follow at {position}, where the number ends")]
    DigitMissing {
        /// Where the digit must stand, in characters from 0.
        position: usize,
    },
    /// A zero in front of another digit.
    #[error("a number does not begin with a zero before another digit")]
    LeadingZero,
    /// A zero with a minus sign.
    #[error("zero has no sign")]
    NegativeZero,
    /// More than [`SIGNIFICANT_DIGITS_MAX`] digits, not counting leading zeros.
    #[error("a number has at most {SIGNIFICANT_DIGITS_MAX} significant digits, this one has {digits}")]
    TooManyDigits {
        /// How many it has.
        digits: usize,
    },
}

impl Decimal {
    /// The number zero.
    pub fn zero() -> Self {
        Decimal(BigDecimal::from(0))
    }

    /// Whether the number is whole; `10.0` is.
    pub fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    /// Whether the number is less than zero.
    pub fn is_negative(&self) -> bool {
        self.0.sign() == Sign::Minus
    }

    /// Whether the number is zero.
    pub fn is_zero(&self) -> bool {
        self.0.sign() == Sign::NoSign
    }

    /// The number times a whole factor (a scale word: 12, 1000), without zeros at the end of the
    /// fraction: `1.5` million is `1500000`.
    ///
    /// # Errors
    /// [`DecimalError::TooManyDigits`] or [`DecimalError::TooLong`] where the product has no text.
    pub fn times(&self, factor: u64) -> Result<Self, DecimalError> {
        let product = (&self.0 * BigDecimal::from(factor)).normalized();
        let scale = product.fractional_digit_count().max(0);
        Decimal::try_from(product.with_scale(scale))
    }

    /// How many significant digits the number was written with: leading zeros do not count, nor
    /// do the zeros at the end of a whole number (13000 has 2, 10.0 has 3, 0 has 1). This makes
    /// roundness visible; it does not interpret it.
    pub fn stated_significant_digits(&self) -> u32 {
        let digits = digits_of(&self.0);
        let significant =
            if self.0.fractional_digit_count() > 0 { digits.len() } else { digits.trim_end_matches('0').len() };
        u32::try_from(significant.max(1)).unwrap_or(u32::MAX)
    }

    /// The result of a calculation, or the nearest number in a direction that has a text: a bound is rounded outward. None
    /// where the number is beyond everything that has one.
    pub fn rounded(number: &BigDecimal, mode: RoundingMode) -> Option<Self> {
        let number = number.normalized();
        let scale = number.fractional_digit_count();
        let digits = i64::try_from(digits_of(&number).len()).unwrap_or(i64::MAX);
        // As many digits behind the point as fit with those before it, and with the zeros that a small number begins with.
        let before = digits.saturating_sub(scale).max(0);
        let behind = scale.min(SIGNIFICANT_DIGITS_MAX as i64 - before).max(0);
        Decimal::try_from(number.with_scale_round(behind, mode).normalized()).ok()
    }

    /// The digits from the first that is not zero, without sign and point, and the exponent of that first one: 4 for 13000, -1
    /// for 0.5.
    pub(super) fn digits_and_exponent(&self) -> (String, i64) {
        let digits = digits_of(&self.0);
        let before_scale = i64::try_from(digits.len()).unwrap_or(i64::MAX).saturating_sub(1);
        (digits, before_scale.saturating_sub(self.0.fractional_digit_count()))
    }

    /// The number for exact arithmetic; [`Decimal::try_from`] leads back.
    pub fn as_big_decimal(&self) -> &BigDecimal {
        &self.0
    }
}

/// The digits of the number from the first that is not zero, without sign and point.
fn digits_of(number: &BigDecimal) -> String {
    number.as_bigint_and_exponent().0.magnitude().to_string()
}

impl From<i64> for Decimal {
    fn from(integer: i64) -> Self {
        Decimal(BigDecimal::from(integer))
    }
}

impl From<u64> for Decimal {
    fn from(integer: u64) -> Self {
        Decimal(BigDecimal::from(integer))
    }
}

impl TryFrom<BigDecimal> for Decimal {
    type Error = DecimalError;

    /// Takes the result of a calculation if it can be written down; an exponent is written out.
    fn try_from(number: BigDecimal) -> Result<Self, DecimalError> {
        let (digits, scale) = number.as_bigint_and_exponent();
        // Zeros that are only an exponent would be written out, so they count as digits here;
        // judged before they are written out, because an exponent can be astronomical.
        let written_out = usize::try_from(scale.min(0).unsigned_abs()).unwrap_or(usize::MAX);
        let significant =
            if digits.sign() == Sign::NoSign { 0 } else { digits_of(&number).len().saturating_add(written_out) };
        if significant > SIGNIFICANT_DIGITS_MAX {
            return Err(DecimalError::TooManyDigits { digits: significant });
        }
        let fraction = usize::try_from(scale.max(0)).unwrap_or(usize::MAX);
        // Sign, a zero before the point, and the point.
        let length = fraction.max(significant).saturating_add(3);
        if length > DECIMAL_LENGTH_MAX {
            return Err(DecimalError::TooLong { length });
        }
        Ok(Decimal(number.with_scale(scale.max(0))))
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        check_shape(text)?;
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(DecimalError::LeadingZero);
        }
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0').len();
        if digits > SIGNIFICANT_DIGITS_MAX {
            return Err(DecimalError::TooManyDigits { digits });
        }
        let magnitude = BigInt::parse_bytes(all.as_bytes(), 10).ok_or(DecimalError::Empty)?;
        let is_negative = unsigned.len() < text.len();
        if is_negative && magnitude.sign() == Sign::NoSign {
            return Err(DecimalError::NegativeZero);
        }
        let scale = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        Ok(Decimal(BigDecimal::new(if is_negative { -magnitude } else { magnitude }, scale)))
    }
}

/// Checks `^-?[0-9]+(\.[0-9]+)?$` and the length.
fn check_shape(text: &str) -> Result<(), DecimalError> {
    if text.is_empty() {
        return Err(DecimalError::Empty);
    }
    if text.len() > DECIMAL_LENGTH_MAX {
        return Err(DecimalError::TooLong { length: text.len() });
    }
    let mut has_point = false;
    let mut digit_due = true;
    for (position, character) in text.chars().enumerate() {
        match character {
            '0'..='9' => digit_due = false,
            '-' if position == 0 => {}
            '.' if !has_point && !digit_due => {
                has_point = true;
                digit_due = true;
            }
            _ => {
                return Err(DecimalError::Character { character, position });
            }
        }
    }
    if digit_due {
        return Err(DecimalError::DigitMissing { position: text.len() });
    }
    Ok(())
}

impl fmt::Display for Decimal {
    /// The text that was parsed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_plain_string(f)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl Hash for Decimal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Equal numbers have one normal form, whatever their scales.
        let (digits, scale) = self.0.normalized().as_bigint_and_exponent();
        (digits, scale).hash(state);
    }
}

#[cfg(test)]
#[path = "decimal_tests.rs"]
mod tests;
