//! Numbers as places in a drawing. A drawing is no more exact than its pixels: here, and nowhere else, they are binary.

use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::interval::{Lower, Upper};

/// The ends of an interval in a drawing; none on a side that is open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ends {
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
}

/// From one number to another, along some length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) length: f64,
}

impl Ends {
    /// The ends of an interval.
    pub(super) fn of(interval: Option<&v1::Interval>) -> Self {
        let lower = interval.and_then(|interval| interval.lower.as_ref()).map(|lower| match lower {
            Lower::AtLeast(number) | Lower::MoreThan(number) => number,
        });
        let upper = interval.and_then(|interval| interval.upper.as_ref()).map(|upper| match upper {
            Upper::AtMost(number) | Upper::LessThan(number) => number,
        });
        Self { low: lower.and_then(|number| parsed(number)), high: upper.and_then(|number| parsed(number)) }
    }
}

/// A number as a place; none where there is none.
pub(super) fn parsed(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

impl Axis {
    /// An axis on which all of these numbers are; none of none.
    pub(super) fn holding(numbers: impl IntoIterator<Item = f64>, length: f64) -> Option<Self> {
        let ends = numbers.into_iter().fold(None, |ends: Option<(f64, f64)>, number| {
            Some(ends.map_or((number, number), |(low, high)| (low.min(number), high.max(number))))
        });
        let (low, high) = ends?;
        // One number alone has room on both sides.
        let (low, high) = if high > low { (low, high) } else { (low - 1.0, high + 1.0) };
        Some(Self { low, high, length })
    }

    /// The axis with room on these sides, a twelfth of it and at least so much.
    pub(super) fn with_margin(self, below: bool, above: bool, least: f64) -> Self {
        let margin = (self.high / 12.0 - self.low / 12.0).max(least);
        let room = |is_there: bool| if is_there { margin } else { 0.0 };
        let (low, high) = (self.low - room(below), self.high + room(above));
        // The largest numbers have none beyond them.
        if low.is_finite() && high.is_finite() { Self { low, high, ..self } } else { self }
    }

    /// Where a number is: from 0 to the length, and never beyond.
    pub(super) fn place(&self, number: f64) -> f64 {
        // In halves: the distance of the largest numbers is beyond all.
        let whole = self.high / 2.0 - self.low / 2.0;
        ((number / 2.0 - self.low / 2.0) / whole * self.length).clamp(0.0, self.length)
    }

    /// Round numbers along the axis, about so many, with their texts.
    pub(super) fn ticks(&self, about: u32) -> Vec<(f64, String)> {
        let rough = (self.high / f64::from(about) - self.low / f64::from(about)).max(f64::MIN_POSITIVE);
        let exponent = rough.log10().floor();
        let power = 10f64.powf(exponent);
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let places = if step.log10() < 0.0 { (-step.log10().floor()).min(12.0) as usize } else { 0 };
        let first = (self.low / step).ceil();
        let ticks = (0..=2 * about).map(|index| (first + f64::from(index)) * step);
        let within = ticks.take_while(|tick| *tick <= self.high + step / 1e6);
        // There is no negative zero on an axis.
        within.map(|tick| (tick, format!("{:.places$}", tick + 0.0))).collect()
    }
}

/// Every number of a spread or a statement that a drawing must have room for.
pub(super) fn all(intervals: Option<&v1::FigureIntervals>) -> impl Iterator<Item = f64> {
    let hard = Ends::of(intervals.and_then(|intervals| intervals.hard.as_ref()));
    let soft = Ends::of(intervals.and_then(|intervals| intervals.soft.as_ref()));
    [hard.low, hard.high, soft.low, soft.high].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_numbers() {
        let axis = |low, high| Axis { low, high, length: 100.0 };
        let texts = |axis: Axis| axis.ticks(5).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        assert_eq!(texts(axis(0.0, 1999.0)), ["0", "500", "1000", "1500"]);
        assert_eq!(texts(axis(-1.0, 1.0)), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(texts(axis(0.01, 0.05)), ["0.01", "0.02", "0.03", "0.04", "0.05"]);
        assert!(!texts(axis(0.0, 1e300)).is_empty());
        assert!(texts(axis(-1e308, 1e308)).len() <= 11);
    }

    #[test]
    fn places_are_within_the_axis() {
        let axis = Axis::holding([3.0, 7.0, 5.0], 80.0).expect("numbers");
        assert_eq!((axis.place(3.0), axis.place(5.0), axis.place(7.0)), (0.0, 40.0, 80.0));
        assert_eq!((axis.place(-9.0), axis.place(99.0)), (0.0, 80.0));
        assert_eq!(Axis::holding([5.0], 80.0).expect("a number").place(5.0), 40.0);
        assert_eq!(Axis::holding([], 80.0), None);
        assert_eq!(Axis::holding([-1e308, 1e308], 80.0).expect("numbers").place(0.0), 40.0);
        assert_eq!((parsed("1999"), parsed("")), (Some(1999.0), None));
        let axis = Axis { low: 0.0, high: 12.0, length: 10.0 };
        assert_eq!(axis.with_margin(true, false, 0.0), Axis { low: -1.0, ..axis });
        assert_eq!(axis.with_margin(false, true, 3.0), Axis { high: 15.0, ..axis });
        let largest = Axis { low: -f64::MAX, high: f64::MAX, length: 10.0 };
        assert_eq!(largest.with_margin(true, true, f64::MAX), largest);
    }
}
