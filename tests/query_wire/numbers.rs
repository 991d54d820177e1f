//! Exact numbers and ranges of them: as far as they are drawn here, and by nothing that is tested.

use claimdb::proto::claimdb::v1;
use v1::interval::{Lower, Upper};

/// So many digits behind the point.
const DIGITS: u32 = 12;

/// A decimal, in units of its last digit.
pub(crate) type Number = i128;

pub(crate) const ONE: Number = 10_i128.pow(DIGITS);

/// The number that a plain decimal is.
pub(crate) fn number(text: &str) -> Number {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part_digits = u32::try_from(part.len()).unwrap();
    let part = if part.is_empty() { 0 } else { part.parse::<Number>().unwrap() * 10_i128.pow(DIGITS - part_digits) };
    sign * (whole.parse::<Number>().unwrap() * ONE + part)
}

/// A share of a number; what is drawn here comes out even.
pub(crate) fn times(number: Number, (up, down): (Number, Number)) -> Number {
    assert_eq!(number * up % down, 0, "{number} * {up} / {down}");
    number * up / down
}

/// One end of a range: the number, and whether it is left out.
pub(crate) type End = (Number, bool);

/// A range, open where it has no end. Where it would hold nothing it is none at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) lower: Option<End>,
    pub(crate) upper: Option<End>,
}

impl Range {
    pub(crate) fn exactly(number: Number) -> Self {
        Self { lower: Some((number, false)), upper: Some((number, false)) }
    }

    pub(crate) fn of(interval: Option<&v1::Interval>) -> Self {
        let Some(interval) = interval else { return Self::default() };
        let lower = interval.lower.as_ref().map(|lower| match lower {
            Lower::AtLeast(text) => (number(text), false),
            Lower::MoreThan(text) => (number(text), true),
        });
        let upper = interval.upper.as_ref().map(|upper| match upper {
            Upper::AtMost(text) => (number(text), false),
            Upper::LessThan(text) => (number(text), true),
        });
        Self { lower, upper }
    }

    pub(crate) fn is_empty(self) -> bool {
        match (self.lower, self.upper) {
            (Some((lower, lower_open)), Some((upper, upper_open))) => {
                lower > upper || lower == upper && (lower_open || upper_open)
            }
            (_, _) => false,
        }
    }

    /// What both hold.
    pub(crate) fn and(self, other: Self) -> Self {
        // Of two that end at one number that which leaves it out holds less.
        let lower = [self.lower, other.lower].into_iter().flatten().max();
        let upper = [self.upper, other.upper].into_iter().flatten().min_by_key(|(end, is_open)| (*end, !is_open));
        Self { lower, upper }
    }

    /// The smallest that holds both.
    pub(crate) fn with(self, other: Self) -> Self {
        let lower = self.lower.zip(other.lower).map(|(a, b)| a.min(b));
        let upper = self.upper.zip(other.upper).map(|(a, b)| if (a.0, !a.1) > (b.0, !b.1) { a } else { b });
        Self { lower, upper }
    }

    pub(crate) fn lies_in(self, other: Self) -> bool {
        self.and(other) == self
    }

    /// The whole numbers of it, from the first to the last.
    pub(crate) fn whole(self) -> Self {
        let first = |(end, is_open): End| match is_open {
            true => end.div_euclid(ONE) + 1,
            false => -(-end).div_euclid(ONE),
        };
        let last = |(end, is_open): End| match is_open {
            true => -(-end).div_euclid(ONE) - 1,
            false => end.div_euclid(ONE),
        };
        let closed = |whole: Number| (whole * ONE, false);
        Self { lower: self.lower.map(|end| closed(first(end))), upper: self.upper.map(|end| closed(last(end))) }
    }

    /// Out to the whole numbers around it.
    pub(crate) fn widened(self) -> Self {
        let down = |(end, _): End| (end.div_euclid(ONE) * ONE, false);
        let up = |(end, _): End| (-(-end).div_euclid(ONE) * ONE, false);
        Self { lower: self.lower.map(down), upper: self.upper.map(up) }
    }

    pub(crate) fn times(self, ratio: (Number, Number)) -> Self {
        let scaled = |(end, is_open): End| (times(end, ratio), is_open);
        Self { lower: self.lower.map(scaled), upper: self.upper.map(scaled) }
    }
}
