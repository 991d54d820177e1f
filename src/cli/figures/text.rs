//! Words for a terminal: intervals, times, names. What comes from a store may hold anything, so nothing of it reaches the
//! terminal that could steer it.

use crate::domain::time::{CalendarPeriod, Extent, Precision, TimeRange, Timestamp};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::interval::{Lower, Upper};

/// A text on one line, of at most so many characters, without what would move the cursor or turn the direction of writing.
pub(super) fn line(text: &str, characters_max: usize) -> String {
    let is_plain = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut line: String = spaced.filter(is_plain).take(characters_max + 1).collect();
    if line.chars().count() > characters_max {
        line = line.chars().take(characters_max.saturating_sub(3)).chain("...".chars()).collect();
    }
    line
}

/// An interval in words.
pub(super) fn interval(interval: Option<&v1::Interval>) -> String {
    let Some(v1::Interval { lower, upper }) = interval else { return "anything".to_owned() };
    match (lower, upper) {
        (Some(Lower::AtLeast(low)), Some(Upper::AtMost(high))) if low == high => low.clone(),
        (Some(Lower::AtLeast(low)), Some(Upper::AtMost(high))) => format!("{low} to {high}"),
        (lower, upper) => {
            let lower = lower.as_ref().map(|lower| match lower {
                Lower::AtLeast(low) => format!("at least {low}"),
                Lower::MoreThan(low) => format!("more than {low}"),
            });
            let upper = upper.as_ref().map(|upper| match upper {
                Upper::AtMost(high) => format!("at most {high}"),
                Upper::LessThan(high) => format!("less than {high}"),
            });
            let sides: Vec<String> = lower.into_iter().chain(upper).collect();
            if sides.is_empty() { "anything".to_owned() } else { sides.join(", ") }
        }
    }
}

/// What is meant for certain, and what it is taken for where that is less.
pub(super) fn intervals(intervals: Option<&v1::FigureIntervals>) -> String {
    let hard = interval(intervals.and_then(|intervals| intervals.hard.as_ref()));
    let soft = interval(intervals.and_then(|intervals| intervals.soft.as_ref()));
    if soft == hard { hard } else { format!("{hard}; taken for {soft}") }
}

/// When a statement stands: the day, month or year that it may mean, or where it begins and ends.
pub(super) fn time(statement: &v1::FigureStatement) -> String {
    let range = range(statement);
    let held = |precision| range.earliest.map(|earliest| CalendarPeriod::holding(earliest, precision));
    match Extent::of(range) {
        Extent::Unknown => "-".to_owned(),
        // A day, month or year as a whole goes by its name.
        Extent::Within(precision) if held(precision).is_some_and(|period| period.range() == range) => {
            held(precision).map(|period| period.to_string()).unwrap_or_default()
        }
        Extent::Within(_) | Extent::Wide => {
            let day = |instant: Option<Timestamp>| {
                let day = |instant| CalendarPeriod::holding(instant, Precision::Day).to_string();
                instant.map_or_else(|| "..".to_owned(), day)
            };
            let (first, last) = (day(range.earliest), day(range.latest.and_then(before)));
            if first == last { first } else { format!("{first}/{last}") }
        }
    }
}

/// The range of instants at which a statement may stand.
pub(super) fn range(statement: &v1::FigureStatement) -> TimeRange {
    let instant = |time: &Option<prost_types::Timestamp>| {
        time.as_ref().and_then(|time| Timestamp::from_seconds_and_nanos(time.seconds, time.nanos).ok())
    };
    TimeRange { earliest: instant(&statement.earliest), latest: instant(&statement.latest) }
}

/// The last instant that a half-open range holds.
fn before(end: Timestamp) -> Option<Timestamp> {
    Timestamp::from_micros(end.micros() - 1).ok()
}

/// The number as it was said: its words, else its value, with the part it plays in an estimate.
pub(super) fn said(statement: &v1::FigureStatement) -> String {
    let number = |figure: &v1::Figure| {
        let words = if figure.verbatim.is_empty() { &figure.value } else { &figure.verbatim };
        let role = match figure.role() {
            v1::EstimateRole::Low => "low ",
            v1::EstimateRole::Best => "best ",
            v1::EstimateRole::High => "high ",
            v1::EstimateRole::Unspecified | v1::EstimateRole::Single => "",
        };
        let anomaly = statement.anomalies.iter().find(|anomaly| anomaly.figure == figure.id);
        let anomaly = match anomaly.map(v1::StatementAnomaly::anomaly) {
            Some(v1::EstimateAnomaly::BelowLow) => " (below low!)",
            Some(v1::EstimateAnomaly::AboveHigh) => " (above high!)",
            Some(v1::EstimateAnomaly::Unspecified) | None => "",
        };
        format!("{role}{}{anomaly}", line(words, 48))
    };
    statement.figures.iter().map(number).collect::<Vec<_>>().join(", ")
}

/// A source by its name for readers.
pub(super) fn source<'a>(answer: &'a v1::SummarizeFiguresResponse, name: &'a str) -> &'a str {
    let found = answer.sources.binary_search_by(|source| source.name.as_str().cmp(name));
    let display_name =
        found.ok().and_then(|index| answer.sources.get(index)).map(|source| source.display_name.as_str());
    display_name.filter(|display_name| !display_name.is_empty()).unwrap_or(name)
}

/// The origin of a statement.
pub(super) fn origin<'a>(answer: &'a v1::SummarizeFiguresResponse, statement: &'a v1::FigureStatement) -> &'a str {
    statement.chain.last().map_or("-", |name| source(answer, name))
}

/// What a series counts, in which unit.
pub(super) fn title(series: &v1::FigureSeries) -> String {
    let metric = series.metric.clone().unwrap_or_default();
    let label = if metric.label.is_empty() { String::new() } else { format!(": {}", line(&metric.label, 80)) };
    let mut of = Vec::new();
    if series.kind() != v1::FigureKind::Unspecified {
        of.push(word(series.kind().as_str_name(), "FIGURE_KIND_"));
    }
    if series.aggregation() != v1::Aggregation::Unspecified {
        of.push(word(series.aggregation().as_str_name(), "AGGREGATION_"));
    }
    of.extend(series.unit.as_ref().map(|unit| format!("in {}", line(&unit.code, 64))));
    let of = if of.is_empty() { String::new() } else { format!(" ({})", of.join(", ")) };
    format!("{}{label}{of}", line(&metric.key, 255))
}

/// A value of an enum as a word: `DISJOINT_WITH` is "disjoint with".
pub(super) fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(line("a\u{1b}[31mb\nc\td\u{202e}e\u{200b}", 40), "a[31mb c de");
        assert_eq!(line("abcdefgh", 8), "abcdefgh");
        assert_eq!(line("abcdefghi", 8), "abcde...");
        assert_eq!(line("äöüäöüäöü", 8), "äöüäö...");
    }

    #[test]
    fn intervals_are_said_as_people_say_them() {
        let with = |lower, upper| interval(Some(&v1::Interval { lower, upper }));
        assert_eq!(with(Some(Lower::AtLeast("5".into())), Some(Upper::AtMost("5".into()))), "5");
        assert_eq!(with(Some(Lower::AtLeast("0".into())), Some(Upper::AtMost("1999".into()))), "0 to 1999");
        assert_eq!(with(Some(Lower::MoreThan("24".into())), None), "more than 24");
        assert_eq!(with(None, Some(Upper::LessThan("15.39".into()))), "less than 15.39");
        assert_eq!(
            with(Some(Lower::AtLeast("1".into())), Some(Upper::LessThan("2".into()))),
            "at least 1, less than 2"
        );
        assert_eq!((with(None, None), interval(None)), ("anything".to_owned(), "anything".to_owned()));
    }

    #[test]
    fn times_are_as_short_as_what_is_known() {
        let instant = |text: &str| {
            let time: crate::domain::time::ApproximateTime = text.parse().expect(text);
            let timestamp = |instant: Option<Timestamp>| {
                let (seconds, nanos) = instant?.seconds_and_nanos();
                Some(prost_types::Timestamp { seconds, nanos })
            };
            let (earliest, latest) = (timestamp(time.earliest()), timestamp(time.latest()));
            v1::FigureStatement { earliest, latest, ..v1::FigureStatement::default() }
        };
        for (edtf, expected) in [
            ("2025-09-03", "2025-09-03"),
            ("2025-09", "2025-09"),
            ("2025", "2025"),
            ("2024-12-31/2025-01-02", "2024-12-31/2025-01-02"),
            ("2025-10-01/2025-11-02", "2025-10-01/2025-11-02"),
            ("2025-10-01/2025-10-31", "2025-10"),
            ("2025-10-01T12:00:00Z", "2025-10-01"),
            ("2025-09/..", "2025-09-01/.."),
            ("../2025-09", "../2025-09-30"),
            ("XXXX", "-"),
        ] {
            assert_eq!(time(&instant(edtf)), expected, "{edtf}");
        }
    }
}
