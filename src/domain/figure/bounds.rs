//! What the words of a figure entail about it, and nothing more. Not here: tolerances and the
//! tightening of counts to whole numbers, which are policy and belong to grading.

use std::fmt;

use thiserror::Error;

use super::Qualifier;
use crate::domain::decimal::Decimal;

/// The lower end of an interval.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Lower {
    /// This number or more.
    AtLeast(Decimal),
    /// More than this number.
    MoreThan(Decimal),
}

/// The upper end of an interval.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Upper {
    /// This number or less.
    AtMost(Decimal),
    /// Less than this number.
    LessThan(Decimal),
}

/// An interval of numbers, open on each side where no bound is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// The lower bound, if there is one.
    pub lower: Option<Lower>,
    /// The upper bound, if there is one.
    pub upper: Option<Upper>,
}

/// Why a figure does not fit together.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FigureError {
    /// The qualifier is about a number and there is none.
    #[error("{qualifier} needs a value")]
    ValueMissing {
        /// The qualifier.
        qualifier: Qualifier,
    },
    /// The qualifier names no number and there is one. BETWEEN has two, which are bounds.
    #[error("{qualifier} has no value, so {value} cannot be one")]
    ValueForbidden {
        /// The qualifier.
        qualifier: Qualifier,
        /// The value.
        value: Decimal,
    },
    /// NONE_AT_ALL with a value that is not zero.
    #[error("NONE_AT_ALL is zero, not {value}")]
    ValueNotZero {
        /// The value.
        value: Decimal,
    },
    /// BETWEEN without both bounds.
    #[error("BETWEEN needs a lower and an upper bound")]
    BoundsMissing,
    /// No number lies between the bounds.
    #[error("nothing is {bounds}")]
    EmptyInterval {
        /// The bounds.
        bounds: Box<Bounds>,
    },
    /// A stated lower bound does not follow from the words.
    #[error("{stated} does not follow from the words, which entail that it is {entailed}")]
    LowerNotEntailed {
        /// The stated bound.
        stated: Lower,
        /// What the words entail.
        entailed: Box<Bounds>,
    },
    /// A stated upper bound does not follow from the words.
    #[error("{stated} does not follow from the words, which entail that it is {entailed}")]
    UpperNotEntailed {
        /// The stated bound.
        stated: Upper,
        /// What the words entail.
        entailed: Box<Bounds>,
    },
}

impl Lower {
    /// The number in the bound, and whether the bound includes it.
    pub fn number(&self) -> (&Decimal, bool) {
        match self {
            Lower::AtLeast(number) => (number, true),
            Lower::MoreThan(number) => (number, false),
        }
    }

    /// Whether every number above this bound is above the other too.
    pub fn implies(&self, other: &Lower) -> bool {
        let ((number, included), (other, other_included)) = (self.number(), other.number());
        number > other || (number == other && (other_included || !included))
    }
}

impl Upper {
    /// The number in the bound, and whether the bound includes it.
    pub fn number(&self) -> (&Decimal, bool) {
        match self {
            Upper::AtMost(number) => (number, true),
            Upper::LessThan(number) => (number, false),
        }
    }

    /// Whether every number below this bound is below the other too.
    pub fn implies(&self, other: &Upper) -> bool {
        let ((number, included), (other, other_included)) = (self.number(), other.number());
        number < other || (number == other && (other_included || !included))
    }
}

impl Bounds {
    /// The interval that holds this number alone.
    pub fn exactly(number: &Decimal) -> Self {
        Bounds::between(Lower::AtLeast(number.clone()), Upper::AtMost(number.clone()))
    }

    /// The interval with these ends.
    pub fn between(lower: Lower, upper: Upper) -> Self {
        Bounds { lower: Some(lower), upper: Some(upper) }
    }

    /// The interval above this bound.
    pub fn above(lower: Lower) -> Self {
        Bounds { lower: Some(lower), upper: None }
    }

    /// The interval below this bound.
    pub fn below(upper: Upper) -> Self {
        Bounds { lower: None, upper: Some(upper) }
    }

    /// Whether nothing is known on either side.
    pub fn is_unbounded(&self) -> bool {
        self.lower.is_none() && self.upper.is_none()
    }

    /// Whether no number lies in the interval; a gap between whole numbers is not empty.
    pub fn is_empty(&self) -> bool {
        let (Some(lower), Some(upper)) = (&self.lower, &self.upper) else {
            return false;
        };
        let ((low, low_included), (high, high_included)) = (lower.number(), upper.number());
        low > high || (low == high && !(low_included && high_included))
    }

    /// Whether the number lies in the interval.
    pub fn contains(&self, number: &Decimal) -> bool {
        let above = self.lower.as_ref().is_none_or(|lower| match lower {
            Lower::AtLeast(bound) => number >= bound,
            Lower::MoreThan(bound) => number > bound,
        });
        let below = self.upper.as_ref().is_none_or(|upper| match upper {
            Upper::AtMost(bound) => number <= bound,
            Upper::LessThan(bound) => number < bound,
        });
        above && below
    }
}

/// The interval that a qualifier and a value entail: "nearly 2,000" is less than 2000 and nothing
/// else, "about 500" nothing at all.
///
/// # Errors
/// Every qualifier needs a value but BETWEEN and VAGUE, which have none, and NONE_AT_ALL, whose
/// value is zero or not stated. BETWEEN alone entails nothing, so it is
/// [`FigureError::BoundsMissing`] here; [`stored`] takes its bounds.
pub fn entailed(qualifier: Qualifier, value: Option<&Decimal>) -> Result<Bounds, FigureError> {
    let needed = || value.cloned().ok_or(FigureError::ValueMissing { qualifier });
    Ok(match qualifier {
        Qualifier::Exactly | Qualifier::Bare => Bounds::exactly(&needed()?),
        Qualifier::About => needed().map(|_| Bounds::default())?,
        Qualifier::Nearly | Qualifier::LessThan => Bounds::below(Upper::LessThan(needed()?)),
        Qualifier::JustOver | Qualifier::MoreThan => Bounds::above(Lower::MoreThan(needed()?)),
        Qualifier::AtLeast => Bounds::above(Lower::AtLeast(needed()?)),
        Qualifier::AtMost | Qualifier::UpTo => Bounds::below(Upper::AtMost(needed()?)),
        Qualifier::Between => {
            forbid(qualifier, value)?;
            return Err(FigureError::BoundsMissing);
        }
        Qualifier::Vague => {
            forbid(qualifier, value)?;
            Bounds::default()
        }
        Qualifier::NoneAtAll => match value {
            Some(value) if !value.is_zero() => {
                return Err(FigureError::ValueNotZero { value: value.clone() });
            }
            Some(_) | None => Bounds::exactly(&Decimal::zero()),
        },
    })
}

fn forbid(qualifier: Qualifier, value: Option<&Decimal>) -> Result<(), FigureError> {
    match value {
        Some(value) => Err(FigureError::ValueForbidden { qualifier, value: value.clone() }),
        None => Ok(()),
    }
}

/// Checks that stated bounds follow from what the words entail. A weaker bound follows (less than
/// 2000 entails at most 2500) and passes; a stronger one would add to what was said, and any bound
/// on a side that the words leave open does.
///
/// # Errors
/// The first bound that does not follow, or [`FigureError::EmptyInterval`].
pub fn check_stated(stated: &Bounds, entailed: &Bounds) -> Result<(), FigureError> {
    if stated.is_empty() {
        return Err(FigureError::EmptyInterval { bounds: Box::new(stated.clone()) });
    }
    if let Some(lower) = &stated.lower
        && !entailed.lower.as_ref().is_some_and(|known| known.implies(lower))
    {
        let (stated, entailed) = (lower.clone(), Box::new(entailed.clone()));
        return Err(FigureError::LowerNotEntailed { stated, entailed });
    }
    if let Some(upper) = &stated.upper
        && !entailed.upper.as_ref().is_some_and(|known| known.implies(upper))
    {
        let (stated, entailed) = (upper.clone(), Box::new(entailed.clone()));
        return Err(FigureError::UpperNotEntailed { stated, entailed });
    }
    Ok(())
}

/// The bounds to store for a figure: those that its qualifier and value entail, never weaker ones
/// that were stated; for BETWEEN the stated ones, which the words name.
///
/// # Errors
/// Those of [`entailed`] and [`check_stated`]; BETWEEN needs both bounds and something between
/// them.
pub fn stored(qualifier: Qualifier, value: Option<&Decimal>, stated: &Bounds) -> Result<Bounds, FigureError> {
    if qualifier == Qualifier::Between {
        forbid(qualifier, value)?;
        if stated.lower.is_none() || stated.upper.is_none() {
            return Err(FigureError::BoundsMissing);
        }
        check_stated(stated, stated)?;
        return Ok(stated.clone());
    }
    let entailed = entailed(qualifier, value)?;
    check_stated(stated, &entailed)?;
    Ok(entailed)
}

impl fmt::Display for Lower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lower::AtLeast(number) => write!(f, "at least {number}"),
            Lower::MoreThan(number) => write!(f, "more than {number}"),
        }
    }
}

impl fmt::Display for Upper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Upper::AtMost(number) => write!(f, "at most {number}"),
            Upper::LessThan(number) => write!(f, "less than {number}"),
        }
    }
}

impl fmt::Display for Bounds {
    /// `more than 24`, `at least 10 and at most 20`, `any number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.lower, &self.upper) {
            (None, None) => f.write_str("any number"),
            (Some(lower), None) => lower.fmt(f),
            (None, Some(upper)) => upper.fmt(f),
            (Some(lower), Some(upper)) => write!(f, "{lower} and {upper}"),
        }
    }
}

#[cfg(test)]
#[path = "bounds_tests.rs"]
mod tests;
