//! What a qualifier and a quantity come to: value, bounds, kind, unit and stated digits.

use std::cmp::Ordering;

use bigdecimal::{BigDecimal, RoundingMode};

use super::super::Reading;
use super::super::exact::Exact;
use super::English;
use super::number::Number;
use super::quantity::Quantity;
use crate::domain::decimal::Decimal;
use crate::domain::figure::bounds::{Bounds, Lower, Upper, entailed};
use crate::domain::figure::{FigureKind, Qualifier};

impl English<'_> {
    /// What a qualifier and a quantity say.
    pub(super) fn reading(&self, qualifier: Qualifier, quantity: &Quantity) -> Option<Reading> {
        let number = &quantity.number;
        let exact = number.value;
        let kind = quantity.measure.kind().or(number.is_share.then_some(FigureKind::Ratio));
        let unit = quantity.measure.unit(self.written(quantity.words.0, quantity.words.1));
        let scale_word = number.scale.map(|(at, _)| self.text(at).to_owned());
        let base = Reading { qualifier, kind, unit, scale_word, ..Reading::EMPTY };
        let Some(value) = decimal(number) else { return endless(exact, base) };
        let coefficient = number.scale.and_then(|(_, factor)| exact.over(factor)?.decimal());
        let digits = match (number.scale, number.decimals) {
            (Some(_), Some(decimals)) if decimals > 0 => coefficient
                .and_then(|coefficient| with_decimals(&coefficient, decimals))
                .map(|c| c.stated_significant_digits()),
            (Some(_), _) => coefficient.map(|coefficient| coefficient.stated_significant_digits()),
            (None, _) => Some(value.stated_significant_digits()),
        };
        let bounds = entailed(qualifier, Some(&value)).ok()?;
        Some(Reading { value: Some(value), bounds, significant_digits: digits, ..base })
    }
}

/// The number as it was written: `10.0` keeps its zero.
fn decimal(number: &Number) -> Option<Decimal> {
    let value = number.value.decimal()?;
    match (number.decimals, number.scale) {
        (Some(decimals), None) => with_decimals(&value, decimals),
        (Some(_), Some(_)) | (None, _) => Some(value),
    }
}

fn with_decimals(value: &Decimal, decimals: u32) -> Option<Decimal> {
    let scaled: BigDecimal = value.as_big_decimal().with_scale(i64::from(decimals));
    Decimal::try_from(scaled).ok()
}

/// A fraction that no decimal is: "two thirds" lies between two of them; "more than two thirds" is more than the lower one.
fn endless(exact: Exact, base: Reading) -> Option<Reading> {
    let (floor, ceiling) = (exact.rounded(RoundingMode::Floor)?, exact.rounded(RoundingMode::Ceiling)?);
    let value = match base.qualifier {
        Qualifier::MoreThan | Qualifier::JustOver | Qualifier::AtLeast | Qualifier::About => floor,
        Qualifier::LessThan | Qualifier::Nearly | Qualifier::AtMost | Qualifier::UpTo => ceiling,
        Qualifier::Bare | Qualifier::Exactly | Qualifier::Between | Qualifier::Vague | Qualifier::NoneAtAll => {
            let bounds = Bounds::between(Lower::AtLeast(floor), Upper::AtMost(ceiling));
            return Some(Reading { qualifier: Qualifier::Between, bounds, ..base });
        }
    };
    let bounds = entailed(base.qualifier, Some(&value)).ok()?;
    Some(Reading { value: Some(value), bounds, ..base })
}

/// What "or equal" behind a number makes of the phrase in front of it.
pub(super) fn or_equal(before: Qualifier) -> Option<Qualifier> {
    match before {
        Qualifier::MoreThan => Some(Qualifier::AtLeast),
        Qualifier::LessThan => Some(Qualifier::AtMost),
        Qualifier::Exactly
        | Qualifier::Bare
        | Qualifier::About
        | Qualifier::Nearly
        | Qualifier::JustOver
        | Qualifier::AtLeast
        | Qualifier::AtMost
        | Qualifier::UpTo
        | Qualifier::Between
        | Qualifier::Vague
        | Qualifier::NoneAtAll => None,
    }
}

/// Whether two phrases about one number, one of them "about", leave nothing of it that is bounded.
pub(super) fn is_soft(first: Qualifier, second: Option<Qualifier>) -> bool {
    let Some(second) = second else { return false };
    let is = |qualifier| first == qualifier || second == qualifier;
    is(Qualifier::About) && !is(Qualifier::Exactly)
}

/// Whether a phrase behind a number opens what the one in front bounds: "up to 50 or more".
pub(super) fn is_opened(before: Qualifier, behind: Option<Qualifier>) -> bool {
    matches!((side(before), behind.and_then(side)), (Some(before), Some(behind)) if before != behind)
}

/// Whether a phrase bounds a number from above or from below.
fn side(qualifier: Qualifier) -> Option<Ordering> {
    match qualifier {
        Qualifier::Nearly | Qualifier::LessThan | Qualifier::AtMost | Qualifier::UpTo => Some(Ordering::Less),
        Qualifier::JustOver | Qualifier::MoreThan | Qualifier::AtLeast => Some(Ordering::Greater),
        Qualifier::Exactly
        | Qualifier::Bare
        | Qualifier::About
        | Qualifier::Between
        | Qualifier::Vague
        | Qualifier::NoneAtAll => None,
    }
}
