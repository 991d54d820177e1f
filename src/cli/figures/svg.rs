//! A summary as a drawing: a panel for each series, in it a box for each statement, as wide as its time is uncertain and as
//! high as its number is. Colours are sources.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::numbers::{Axis, Ends, all, parsed};
use super::text::{intervals, line, origin, range, said, time, title};
use crate::domain::time::{CalendarPeriod, Precision, Timestamp};
use crate::proto::claimdb::v1;

/// Panels in one drawing, at most.
const PANELS: usize = 12;

/// The size of a panel, and the room around what is drawn in it.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 90.0;
const RIGHT: f64 = 230.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 40.0;

/// The column for what has no time, where there is such.
const UNDATED: f64 = 60.0;

/// Microseconds of a day: the room that times have on both sides, at least.
const DAY: f64 = 86_400e6;

/// Colours that people with any sight tell apart (Okabe and Ito), for the sources that say most; others are grey.
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const GREY: &str = "#999999";

/// The drawing.
pub(super) fn draw(answer: &v1::SummarizeFiguresResponse) -> String {
    let panels = answer.series.len().min(PANELS);
    let left_out = answer.series_count.saturating_sub(panels as u64);
    #[allow(clippy::cast_precision_loss, reason = "there are few panels")]
    let height = HEIGHT * panels as f64 + 30.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (index, series) in answer.series.iter().take(PANELS).enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "there are few panels")]
        let top = HEIGHT * index as f64;
        let _ = writeln!(out, "<g transform=\"translate(0 {top})\">");
        panel(&mut out, answer, series);
        out.push_str("</g>\n");
    }
    let revision = answer.read.as_ref().map_or(0, |read| read.revision);
    let more = if left_out > 0 { format!(", {left_out} series more") } else { String::new() };
    let short = if answer.cuts.is_empty() { "" } else { ", cut short" };
    let note =
        format!("As of revision {revision}{more}{short}. Dark: what the words are taken for. Light: what they allow.");
    text(&mut out, LEFT, height - 10.0, "", &note);
    out.push_str("</svg>\n");
    out
}

/// Where numbers and times stand in a panel.
struct Plane {
    numbers: Axis,
    times: Option<Axis>,
    /// Where the times end, and what has none begins.
    dated: f64,
}

impl Plane {
    fn bottom() -> f64 {
        HEIGHT - BOTTOM
    }

    fn right() -> f64 {
        WIDTH - RIGHT
    }

    fn y(&self, number: f64) -> f64 {
        Self::bottom() - self.numbers.place(number)
    }

    fn x(&self, time: f64) -> f64 {
        LEFT + self.times.map_or(0.0, |times| times.place(time))
    }

    /// From where to where a statement is drawn: what is open goes to the edge, what has no time has a column of its own.
    fn across(&self, statement: &v1::FigureStatement) -> (f64, f64) {
        let range = range(statement);
        match (range.earliest, range.latest) {
            (None, None) => (self.dated + 6.0, Self::right() - 6.0),
            (earliest, latest) => {
                let from = earliest.map_or(LEFT, |earliest| self.x(micros(earliest)));
                let to = latest.map_or(self.dated, |latest| self.x(micros(latest)));
                (from, to.max(from + 4.0))
            }
        }
    }
}

fn panel(out: &mut String, answer: &v1::SummarizeFiguresResponse, series: &v1::FigureSeries) {
    text(out, LEFT, 20.0, "font-weight=\"bold\"", &title(series));
    let numbers =
        series.statements.iter().flat_map(|statement| all(statement.intervals.as_ref()).chain(named(statement)));
    let Some(numbers) = Axis::holding(numbers, HEIGHT - TOP - BOTTOM) else {
        text(out, LEFT, HEIGHT / 2.0, "", "nobody names a number");
        return;
    };
    // What is open goes on beyond the last number.
    let ends = |statement: &v1::FigureStatement| {
        Ends::of(statement.intervals.as_ref().and_then(|intervals| intervals.hard.as_ref()))
    };
    let is_open = |side: fn(&Ends) -> Option<f64>| series.statements.iter().any(|one| side(&ends(one)).is_none());
    let numbers = numbers.with_margin(is_open(|ends| ends.low), is_open(|ends| ends.high), 0.0);
    let times = series.statements.iter().flat_map(|statement| {
        let range = range(statement);
        [range.earliest, range.latest].into_iter().flatten().map(micros)
    });
    let is_undated = series.buckets.iter().any(|bucket| bucket.undated);
    let dated = if is_undated { Plane::right() - UNDATED } else { Plane::right() };
    let times = Axis::holding(times, dated - LEFT).map(|times| times.with_margin(true, true, DAY));
    let plane = Plane { numbers, times, dated };
    grid(out, &plane);
    let colours = colours(answer, series);
    for statement in &series.statements {
        let colour = colours.get(origin(answer, statement)).copied().unwrap_or(GREY);
        draw_statement(out, answer, &plane, statement, colour);
    }
    legend(out, &colours, series);
}

fn grid(out: &mut String, plane: &Plane) {
    let (right, bottom) = (Plane::right(), Plane::bottom());
    for (number, label) in plane.numbers.ticks(6) {
        let y = plane.y(number);
        let _ = writeln!(out, "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>");
        text(out, LEFT - 8.0, y + 4.0, "text-anchor=\"end\"", &label);
    }
    for (time, label) in plane.times.map(|times| dates(&times)).unwrap_or_default() {
        let x = plane.x(time);
        let _ = writeln!(out, "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#eeeeee\"/>");
        // Not into the margin, nor into what stands beside it.
        if x < plane.dated - 30.0 {
            text(out, x, bottom + 18.0, "text-anchor=\"middle\"", &label);
        }
    }
    if plane.dated < right {
        let middle = f64::midpoint(plane.dated, right);
        text(out, middle, bottom + 18.0, "text-anchor=\"middle\" fill=\"#777777\"", "no time");
    }
}

fn draw_statement(
    out: &mut String,
    answer: &v1::SummarizeFiguresResponse,
    plane: &Plane,
    statement: &v1::FigureStatement,
    colour: &str,
) {
    let (from, to) = plane.across(statement);
    let intervals_of = statement.intervals.clone().unwrap_or_default();
    out.push_str("<g>");
    let about = format!("{}: {} ({})", time(statement), said(statement), line(origin(answer, statement), 60));
    let _ = write!(out, "<title>{}; {}</title>", escaped(&about), escaped(&intervals(statement.intervals.as_ref())));
    for (interval, opacity) in [(&intervals_of.hard, 0.12), (&intervals_of.soft, 0.35)] {
        let ends = Ends::of(interval.as_ref());
        let (top, bottom) =
            (ends.high.map_or(TOP, |high| plane.y(high)), ends.low.map_or(Plane::bottom(), |low| plane.y(low)));
        // A number alone is a line.
        let (top, height) = if bottom - top < 2.0 { (top - 1.0, 2.0) } else { (top, bottom - top) };
        let _ = write!(
            out,
            "<rect x=\"{from:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{colour}\" \
             fill-opacity=\"{opacity}\"/>",
            to - from
        );
    }
    let middle = f64::midpoint(from, to);
    let hard = Ends::of(intervals_of.hard.as_ref());
    for (is_open, tip, base) in
        [(hard.high.is_none(), TOP - 6.0, TOP), (hard.low.is_none(), Plane::bottom() + 6.0, Plane::bottom())]
    {
        if is_open {
            let (left, right) = (middle - 4.0, middle + 4.0);
            let _ = write!(
                out,
                "<path d=\"M{left:.1} {base} L{right:.1} {base} L{middle:.1} {tip} Z\" fill=\"{colour}\"/>"
            );
        }
    }
    for number in named(statement) {
        let y = plane.y(number);
        let _ = write!(out, "<circle cx=\"{middle:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"{colour}\"/>");
        if !statement.anomalies.is_empty() {
            let _ = write!(out, "<circle cx=\"{middle:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"none\" stroke=\"#ff0000\"/>");
        }
    }
    out.push_str("</g>\n");
}

/// The numbers that a statement names, where they are in the unit of the series: within what it may mean.
fn named(statement: &v1::FigureStatement) -> impl Iterator<Item = f64> {
    let hard = Ends::of(statement.intervals.as_ref().and_then(|intervals| intervals.hard.as_ref()));
    let values = statement.figures.iter().filter_map(|figure| parsed(&figure.value));
    let is_within = move |value: &f64| {
        hard.low.is_none_or(|low| *value >= low - 1.0) && hard.high.is_none_or(|high| *value <= high + 1.0)
    };
    values.filter(is_within).map(move |value| {
        let value = hard.low.map_or(value, |low| value.max(low));
        hard.high.map_or(value, |high| value.min(high))
    })
}

/// A colour for each of the sources that say most.
fn colours<'a>(
    answer: &'a v1::SummarizeFiguresResponse,
    series: &'a v1::FigureSeries,
) -> BTreeMap<&'a str, &'static str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for statement in &series.statements {
        *counts.entry(origin(answer, statement)).or_default() += 1;
    }
    let mut most: Vec<(&str, usize)> = counts.into_iter().collect();
    most.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    most.into_iter().map(|(name, _)| name).zip(COLOURS).collect()
}

fn legend(out: &mut String, colours: &BTreeMap<&str, &str>, series: &v1::FigureSeries) {
    let (x, mut y) = (Plane::right() + 14.0, TOP + 6.0);
    let others = (series.origin_count > colours.len() as u64).then_some(("others", GREY));
    for (name, colour) in colours.iter().map(|(name, colour)| (*name, *colour)).chain(others) {
        let _ = writeln!(out, "<rect x=\"{x}\" y=\"{:.1}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>", y - 9.0);
        text(out, x + 16.0, y, "", &line(name, 30));
        y += 18.0;
    }
    let has_anomaly = series.statements.iter().any(|statement| !statement.anomalies.is_empty());
    if has_anomaly {
        let _ = writeln!(
            out,
            "<circle cx=\"{}\" cy=\"{:.1}\" r=\"5\" fill=\"none\" stroke=\"#ff0000\"/>",
            x + 5.0,
            y - 4.0
        );
        text(out, x + 16.0, y, "", "out of order");
    }
}

/// Dates along an axis of times: the first days of years, months or days, so that there are a few.
fn dates(times: &Axis) -> Vec<(f64, String)> {
    let begin = |period: &CalendarPeriod| period.range().earliest.map(micros);
    let mut periods = Vec::new();
    #[allow(clippy::cast_possible_truncation, reason = "microseconds of the calendar's years")]
    let instant = |time: f64| Timestamp::from_micros(time as i64).ok();
    for precision in Precision::ALL {
        let Some(first) = instant(times.low).map(|time| CalendarPeriod::holding(time, precision)) else { break };
        periods = std::iter::successors(Some(first), |period| {
            period.range().latest.map(|next| CalendarPeriod::holding(next, precision))
        })
        .take_while(|period| begin(period).is_some_and(|begin| begin <= times.high))
        .filter(|period| begin(period).is_some_and(|begin| begin >= times.low))
        .collect();
        if periods.len() >= 3 {
            break;
        }
    }
    let step = periods.len().div_ceil(8).max(1);
    periods.iter().step_by(step).filter_map(|period| Some((begin(period)?, period.to_string()))).collect()
}

fn micros(time: Timestamp) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a drawing is no more exact than its pixels")]
    let micros = time.micros() as f64;
    micros
}

fn text(out: &mut String, x: f64, y: f64, attributes: &str, text: &str) {
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{}</text>", escaped(text));
}

/// A text in XML: what it holds is words, never markup, and only characters that XML has.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            character if character.is_control() => {}
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_markup() {
        assert_eq!(escaped("<b a=\"1\">&\u{0}\u{7}x\u{ffff}"), "&lt;b a=&quot;1&quot;&gt;&amp;x");
    }

    #[test]
    fn dates_are_a_few_and_round() {
        let axis = |from: &str, to: &str| {
            let instant = |text: &str| {
                let time: crate::domain::time::ApproximateTime = text.parse().expect(text);
                micros(time.earliest().expect("an instant"))
            };
            Axis { low: instant(from), high: instant(to), length: 600.0 }
        };
        let labels = |axis: Axis| dates(&axis).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(axis("2013-05", "2016-02")), ["2014", "2015", "2016"]);
        assert_eq!(labels(axis("2025-01-15", "2025-05-02")), ["2025-02", "2025-03", "2025-04", "2025-05"]);
        assert_eq!(labels(axis("2025-01-30", "2025-02-02")), ["2025-01-30", "2025-01-31", "2025-02-01", "2025-02-02"]);
        assert!(labels(axis("0002", "9000")).len() <= 8);
    }

    #[test]
    fn nothing_said_is_a_drawing_too() {
        let empty = draw(&v1::SummarizeFiguresResponse::default());
        assert!(empty.starts_with("<svg") && empty.ends_with("</svg>\n"), "{empty}");
        let series = v1::FigureSeries {
            metric: Some(v1::Metric { key: "m".into(), label: "<i>".into(), ..v1::Metric::default() }),
            statements: vec![v1::FigureStatement::default()],
            ..v1::FigureSeries::default()
        };
        let drawing = draw(&v1::SummarizeFiguresResponse { series: vec![series], ..Default::default() });
        assert!(drawing.contains("nobody names a number") && drawing.contains("&lt;i&gt;"), "{drawing}");
    }
}
