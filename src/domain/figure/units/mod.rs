//! Units: the codes of UCUM, what they measure, and exact conversion between those that measure the same. Money is converted
//! by a rate of the caller's, or not at all. The table is that of UCUM's keepers, see NOTICE.md.

mod base;
mod between;
mod grammar;
mod ratio;
mod table;

use bigdecimal::RoundingMode;
use thiserror::Error;

pub use base::base;
pub use between::{Rates, between};

use self::grammar::Term;
use self::ratio::Ratio;
use super::{Bounds, Lower, Upper};
use crate::domain::decimal::Decimal;
use crate::domain::excerpt::excerpt;
use crate::domain::limits;

/// Why a code is no unit, or cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnitError {
    /// A part of it is not in UCUM.
    #[error("{0:?} is not in UCUM")]
    Unknown(String),
    /// A scale like degrees Celsius with an exponent or another unit.
    #[error("a scale like Cel stands alone, without exponent or other units")]
    SpecialInTerm,
    /// An exponent that nothing measured has.
    #[error("an exponent is at most 30")]
    Exponent,
    /// Longer than any code.
    #[error("a code has at most {max} bytes, this one has {0}", max = limits::UNIT_CODE_BYTES)]
    TooLong(usize),
    /// Brackets in brackets in brackets.
    #[error("the brackets nest too deeply")]
    TooDeep,
    /// The two measure different things.
    #[error("they measure different things")]
    Dimension,
    /// The two measure the same, but no ratio of whole numbers leads from one to the other: degrees and radians.
    #[error("no exact factor leads from one to the other")]
    Inexact,
}

impl UnitError {
    fn unknown(part: &str) -> Self {
        UnitError::Unknown(excerpt(part))
    }
}

/// Whether numbers lie on a scale or are distances on it: 20 °C is 68 °F, and 20 °C more are 36 °F more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A value.
    Value,
    /// A difference.
    Difference,
}

/// A unit of UCUM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ucum(Term);

/// Reads a UCUM code.
///
/// # Errors
/// What of it is not in UCUM.
pub fn parse(code: &str) -> Result<Ucum, UnitError> {
    if code.len() > limits::UNIT_CODE_BYTES {
        return Err(UnitError::TooLong(code.len()));
    }
    grammar::read(code).map(Ucum)
}

/// How numbers of one unit become numbers of another: times a factor that is more than zero, and then something more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    factor: Ratio,
    offset: Ratio,
}

impl Ucum {
    /// How numbers of this unit become numbers of the other.
    ///
    /// # Errors
    /// [`UnitError::Dimension`] or [`UnitError::Inexact`].
    pub fn to(&self, other: &Ucum, kind: Kind) -> Result<Conversion, UnitError> {
        let (from, to) = (Scale::of(&self.0), Scale::of(&other.0));
        let base = |dimension: &std::collections::BTreeMap<String, i32>| {
            let mut dimension = dimension.clone();
            dimension.remove("[pi]");
            dimension
        };
        if base(&from.dimension) != base(&to.dimension) {
            return Err(UnitError::Dimension);
        }
        // Two units with the same power of pi differ by a ratio, and others by an irrational number.
        if from.dimension != to.dimension {
            return Err(UnitError::Inexact);
        }
        // The base unit is number * factor + offset, on both sides.
        let factor = from.factor.over(&to.factor).ok_or(UnitError::Inexact)?;
        let offset = match kind {
            Kind::Value => from.offset.minus(&to.offset).over(&to.factor).ok_or(UnitError::Inexact)?,
            Kind::Difference => Ratio::whole(0),
        };
        Ok(Conversion { factor, offset })
    }
}

/// A unit as a line over its base units: a factor and an offset.
struct Scale {
    factor: Ratio,
    offset: Ratio,
    dimension: std::collections::BTreeMap<String, i32>,
}

impl Scale {
    /// The scales of temperature are lines over the kelvin, by the functions that UCUM defines; of other scales nothing is
    /// converted, so each is a dimension of its own.
    fn of(term: &Term) -> Self {
        let kelvin = || std::collections::BTreeMap::from([("K".to_owned(), 1)]);
        let hundredths = |number: i64| Ratio::whole(number).over(&Ratio::whole(100)).unwrap_or_else(|| Ratio::whole(0));
        let line = |above: i64, below: i64, offset: Ratio| Scale {
            factor: Ratio::whole(above).over(&Ratio::whole(below)).unwrap_or_else(|| Ratio::whole(1)),
            offset,
            dimension: kelvin(),
        };
        match term.special.as_deref() {
            Some("Cel") => line(1, 1, hundredths(27_315)),
            // K = (F + 459.67) * 5/9
            Some("[degF]") => line(5, 9, hundredths(45_967).times(&line(5, 9, Ratio::whole(0)).factor)),
            // K = Ré * 5/4 + 273.15
            Some("[degRe]") => line(5, 4, hundredths(27_315)),
            Some(_) | None => {
                Scale { factor: term.factor.clone(), offset: Ratio::whole(0), dimension: term.dimension.clone() }
            }
        }
    }
}

impl Conversion {
    /// Numbers stay what they are.
    #[must_use]
    pub fn none() -> Self {
        Self { factor: Ratio::whole(1), offset: Ratio::whole(0) }
    }

    /// So many of one currency for one of the other, as a caller says. None unless it is more than zero.
    #[must_use]
    pub fn by_rate(rate: &Decimal) -> Option<Self> {
        let factor = Ratio::of(rate.as_big_decimal());
        factor.is_positive().then(|| Self { factor, offset: Ratio::whole(0) })
    }

    /// Whether numbers stay what they are.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::none()
    }

    /// The way back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let factor = Ratio::whole(1).over(&self.factor).unwrap_or_else(|| Ratio::whole(1));
        let offset = self.offset.times(&Ratio::whole(-1)).times(&factor);
        Self { factor, offset }
    }

    /// The number in the other unit, where it is a decimal of at most 38 digits.
    #[must_use]
    pub fn number(&self, number: &Decimal) -> Option<Decimal> {
        let (number, is_exact) = self.rounded(number, RoundingMode::Floor)?;
        is_exact.then_some(number)
    }

    /// The number in the other unit, or the nearest one below it that is a decimal; none beyond all decimals.
    #[must_use]
    pub fn floor(&self, number: &Decimal) -> Option<Decimal> {
        self.rounded(number, RoundingMode::Floor).map(|(number, _)| number)
    }

    /// The number in the other unit, or the nearest one above it that is a decimal; none beyond all decimals.
    #[must_use]
    pub fn ceiling(&self, number: &Decimal) -> Option<Decimal> {
        self.rounded(number, RoundingMode::Ceiling).map(|(number, _)| number)
    }

    /// The interval in the other unit; an end that is no decimal is rounded outward and is not reached.
    #[must_use]
    pub fn bounds(&self, bounds: &Bounds) -> Bounds {
        let lower = bounds.lower.as_ref().and_then(|lower| {
            let (number, included) = lower.number();
            let (number, is_exact) = self.rounded(number, RoundingMode::Floor)?;
            Some(if included && is_exact { Lower::AtLeast(number) } else { Lower::MoreThan(number) })
        });
        let upper = bounds.upper.as_ref().and_then(|upper| {
            let (number, included) = upper.number();
            let (number, is_exact) = self.rounded(number, RoundingMode::Ceiling)?;
            Some(if included && is_exact { Upper::AtMost(number) } else { Upper::LessThan(number) })
        });
        Bounds { lower, upper }
    }

    fn rounded(&self, number: &Decimal, mode: RoundingMode) -> Option<(Decimal, bool)> {
        Ratio::of(number.as_big_decimal()).times(&self.factor).plus(&self.offset).decimal(mode)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
