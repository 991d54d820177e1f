//! The order of figures by value: a key of eight bytes for every number, so that an index has them in order whatever units
//! they were stated in.

use super::Qualifier;
use super::units::{self, Kind};
use crate::domain::decimal::Decimal;
use crate::domain::model::{Aggregation, EstimateRole, Figure, Unit, UnitSystem};

/// How many digits a key tells apart. Numbers that agree in so many are in the order of recording: no text and no data set
/// that we know of states more.
const DIGITS: usize = 15;

/// Bits of the digits, and what is added to an exponent so that it is positive. Decimals have exponents far within it, and
/// factors between units as well.
const DIGIT_BITS: u32 = 50;
const EXPONENT_BIAS: i64 = 2048;

/// Where a figure stands among figures by value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueKey {
    /// What its unit measures: there is no order between lengths and counts.
    pub dimension: String,
    /// Its number; absent where it names none.
    pub number: Option<i64>,
}

impl ValueKey {
    /// Where a figure stands, by the number it names.
    #[must_use]
    pub fn of(figure: &Figure) -> Self {
        let (dimension, to_base) = units::base(unit(figure).as_ref(), kind(figure));
        let number = number(figure).and_then(|number| {
            if to_base.is_none() { Some(key(&number)) } else { to_base.floor(&number).as_ref().map(key) }
        });
        Self { dimension, number }
    }
}

/// The figure whose value stands for all numbers of an estimate: the best one, else the low one, else the first.
#[must_use]
pub fn standing_for<'f>(figures: &[&'f Figure]) -> Option<&'f Figure> {
    let of = |role| figures.iter().find(|figure| figure.role == Some(role));
    of(EstimateRole::Best).or_else(|| of(EstimateRole::Low)).or(figures.first()).copied()
}

/// The unit of a figure; a percentage has one without saying so.
pub(super) fn unit(figure: &Figure) -> Option<Unit> {
    let percent = || Unit { system: Some(UnitSystem::Ucum), code: "%".to_owned(), verbatim: String::new() };
    figure.unit.clone().or_else(|| (figure.kind == Some(super::FigureKind::Percent)).then(percent))
}

/// How the numbers of a figure are converted.
pub(super) fn kind(figure: &Figure) -> Kind {
    match figure.aggregation {
        Some(Aggregation::Change) => Kind::Difference,
        Some(Aggregation::PointInTime | Aggregation::Cumulative | Aggregation::PerPeriod) | None => Kind::Value,
    }
}

/// The number that a figure names: its value, none at all, or the lower one of two.
fn number(figure: &Figure) -> Option<Decimal> {
    match (&figure.value, figure.qualifier) {
        (Some(value), _) => Some(value.clone()),
        (None, Some(Qualifier::NoneAtAll)) => Some(Decimal::zero()),
        (None, Some(Qualifier::Between)) => figure.bounds.lower.as_ref().map(|lower| lower.number().0.clone()),
        (None, _) => None,
    }
}

/// A number whose order is that of the numbers, to so many digits.
fn key(number: &Decimal) -> i64 {
    if number.is_zero() {
        return 0;
    }
    let (mut text, exponent) = number.digits_and_exponent();
    text.truncate(DIGITS);
    let missing = DIGITS.saturating_sub(text.len());
    text.extend(std::iter::repeat_n('0', missing));
    let digits: i64 = text.parse().unwrap_or(i64::MAX >> (63 - DIGIT_BITS));
    let exponent = exponent.saturating_add(EXPONENT_BIAS).clamp(1, 2 * EXPONENT_BIAS - 1);
    let magnitude = (exponent << DIGIT_BITS) | digits;
    if number.is_negative() { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal() -> impl Strategy<Value = Decimal> {
        let small = (-1_000_000i64..1_000_000, 0u32..8).prop_map(|(number, places)| {
            let sign = if number < 0 { "-" } else { "" };
            let (whole, rest) = (number.abs() / 10i64.pow(places), number.abs() % 10i64.pow(places));
            let text = if places == 0 {
                format!("{sign}{whole}")
            } else {
                format!("{sign}{whole}.{rest:0width$}", width = places as usize)
            };
            text.parse().unwrap_or_else(|_| Decimal::zero())
        });
        let long = "-?[1-9][0-9]{0,37}".prop_map(|text| text.parse().expect("a number"));
        let tiny = "0\\.0{0,60}[1-9]".prop_map(|text| text.parse().expect("a number"));
        prop_oneof![4 => small, 1 => long, 1 => tiny]
    }

    proptest! {
        #[test]
        fn keys_are_ordered_as_their_numbers_are(a in decimal(), b in decimal()) {
            let order = key(&a).cmp(&key(&b));
            prop_assert!(order.is_eq() || order == a.cmp(&b), "{a} and {b}");
            // Equal only where that many digits agree.
            let digits = |number: &Decimal| number.to_string().chars().filter(char::is_ascii_digit).count();
            if order.is_eq() && digits(&a).max(digits(&b)) <= DIGITS {
                prop_assert_eq!(a, b);
            }
        }
    }

    #[test]
    fn units_of_one_dimension_have_one_order() {
        let figure = |value: &str, code: &str| Figure {
            value: Some(value.parse().expect(value)),
            unit: Some(Unit { system: Some(UnitSystem::Ucum), code: code.to_owned(), verbatim: String::new() }),
            ..Figure::default()
        };
        let ascending =
            [("1", "cm"), ("1", "[ft_i]"), ("1", "m"), ("1", "km"), ("1609.343", "m"), ("1", "[mi_i]"), ("1.7", "km")];
        for pair in ascending.windows(2) {
            let keys: Vec<ValueKey> = pair.iter().map(|(value, code)| ValueKey::of(&figure(value, code))).collect();
            assert!(keys[0] < keys[1], "{pair:?}");
        }
        assert_eq!(ValueKey::of(&figure("1", "[mi_i]")), ValueKey::of(&figure("1609.344", "m")));
        assert_ne!(ValueKey::of(&figure("1", "m")).dimension, ValueKey::of(&figure("1", "s")).dimension);
    }
}
