//! The spread of each period as a line of plain characters.

use super::numbers::{Axis, Ends, all, parsed};
use crate::proto::claimdb::v1;

/// What the characters stand for.
pub(super) const LEGEND: &str = "- what the words allow, = what they are taken for, o the lowest and the highest number named, \
                                 < > open";

/// The lines of a series, one for each period, below an axis; empty where nobody names a number.
pub(super) fn draw(series: &v1::FigureSeries, width: usize, rows: usize) -> Vec<String> {
    let labels: Vec<String> = series.buckets.iter().map(label).collect();
    let label_width = labels.iter().map(String::len).max().unwrap_or(0);
    let columns = width.saturating_sub(label_width + 10).max(10);
    let spreads = series.buckets.iter().filter_map(|bucket| bucket.spread.as_ref());
    let numbers = spreads.flat_map(|spread| all(spread.intervals.as_ref()).chain(named(spread)));
    #[allow(clippy::cast_precision_loss, reason = "a terminal has few columns")]
    let Some(axis) = Axis::holding(numbers, (columns - 1) as f64) else { return Vec::new() };
    let mut lines = vec![format!("{:label_width$} {:>6}  {}", "PERIOD", "COUNT", scale(&axis, columns))];
    for (bucket, label) in series.buckets.iter().zip(&labels).take(rows) {
        let Some(spread) = &bucket.spread else { continue };
        lines.push(
            format!("{label:label_width$} {:>6}  {}", spread.count, row(spread, &axis, columns)).trim_end().to_owned(),
        );
    }
    lines
}

/// How a period is called.
pub(super) fn label(bucket: &v1::FigureBucket) -> String {
    match (bucket.period.is_empty(), bucket.undated) {
        (false, _) => bucket.period.clone(),
        (true, false) => "longer".to_owned(),
        (true, true) => "no time".to_owned(),
    }
}

fn named(spread: &v1::FigureSpread) -> impl Iterator<Item = f64> {
    [&spread.lowest, &spread.highest].into_iter().filter_map(|number| parsed(number))
}

fn row(spread: &v1::FigureSpread, axis: &Axis, columns: usize) -> String {
    let mut cells = vec![' '; columns];
    let mut fill = |ends: Ends, character: char| {
        let (from, to) =
            (ends.low.map_or(0, |low| column(axis, low)), ends.high.map_or(columns - 1, |high| column(axis, high)));
        for cell in cells.iter_mut().take(to + 1).skip(from) {
            *cell = character;
        }
    };
    let intervals = spread.intervals.clone().unwrap_or_default();
    let (hard, soft) = (Ends::of(intervals.hard.as_ref()), Ends::of(intervals.soft.as_ref()));
    fill(hard, '-');
    fill(soft, '=');
    for number in named(spread) {
        if let Some(cell) = cells.get_mut(column(axis, number)) {
            *cell = 'o';
        }
    }
    // What is open goes on beyond the edge.
    let before = if hard.low.is_none() { '<' } else { ' ' };
    let behind = if hard.high.is_none() { '>' } else { ' ' };
    format!("{before}{}{behind}", cells.into_iter().collect::<String>())
}

/// The axis: round numbers where they stand, as far as there is room.
fn scale(axis: &Axis, columns: usize) -> String {
    let mut line = String::from(" ");
    for (number, text) in axis.ticks(5) {
        let at = column(axis, number) + 1;
        // The last one may stand out a little.
        let is_room = line.len() <= at && at + text.len() <= columns + 4;
        if is_room {
            line.push_str(&" ".repeat(at - line.len()));
            line.push_str(&text);
            line.push(' ');
        }
    }
    line.trim_end().to_owned()
}

fn column(axis: &Axis, number: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place is from 0 to the width")]
    let column = axis.place(number).round() as usize;
    column
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::claimdb::v1::interval::{Lower, Upper};

    fn bucket(
        period: &str,
        hard: (Option<&str>, Option<&str>),
        soft: (&str, &str),
        named: (&str, &str),
    ) -> v1::FigureBucket {
        let interval = |low: Option<&str>, high: Option<&str>| v1::Interval {
            lower: low.map(|low| Lower::AtLeast(low.to_owned())),
            upper: high.map(|high| Upper::AtMost(high.to_owned())),
        };
        let intervals = v1::FigureIntervals {
            hard: Some(interval(hard.0, hard.1)),
            soft: Some(interval(Some(soft.0), Some(soft.1))),
        };
        let spread = v1::FigureSpread {
            count: 2,
            intervals: Some(intervals),
            lowest: named.0.to_owned(),
            highest: named.1.to_owned(),
            ..v1::FigureSpread::default()
        };
        v1::FigureBucket { period: period.to_owned(), undated: false, spread: Some(spread) }
    }

    #[test]
    fn a_spread_is_drawn_as_it_is() {
        let series = v1::FigureSeries {
            buckets: vec![
                bucket("2025-09", (Some("0"), Some("20")), ("5", "15"), ("5", "10")),
                bucket("2025-10", (Some("10"), None), ("10", "20"), ("10", "10")),
                v1::FigureBucket { undated: true, ..bucket("", (None, Some("0")), ("0", "0"), ("", "")) },
            ],
            ..v1::FigureSeries::default()
        };
        assert_eq!(
            draw(&series, 38, 10),
            [
                "PERIOD   COUNT   0    5    10   15   20",
                "2025-09      2   -----o====o=====-----",
                "2025-10      2             o==========>",
                "no time      2  <=",
            ]
        );
        assert_eq!(draw(&series, 38, 1).len(), 2);
        assert!(draw(&v1::FigureSeries::default(), 38, 10).is_empty());
    }
}
