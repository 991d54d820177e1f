//! Tests of instants and written times.

use proptest::prelude::*;

use super::*;

fn time(text: &str) -> ApproximateTime {
    text.parse().expect(text)
}

fn error(text: &str) -> TimeError {
    text.parse::<ApproximateTime>().expect_err(text)
}

/// `earliest latest` in RFC 3339, `-` for a side without an instant.
fn range(text: &str) -> String {
    let side = |side: Option<Timestamp>| side.map_or("-".to_owned(), |t| t.to_string().replace("T00:00:00Z", ""));
    let range = time(text).range();
    format!("{} {}", side(range.earliest), side(range.latest))
}

#[test]
fn every_form_means_a_half_open_range() {
    for (text, expected) in [
        ("2017", "2017-01-01 2018-01-01"),
        ("2017-05", "2017-05-01 2017-06-01"),
        ("2017-12", "2017-12-01 2018-01-01"),
        ("2025-09-03", "2025-09-03 2025-09-04"),
        ("2024-02-29", "2024-02-29 2024-03-01"),
        ("201X", "2010-01-01 2020-01-01"),
        ("19XX", "1900-01-01 2000-01-01"),
        ("1XXX", "1000-01-01 2000-01-01"),
        ("2017-XX", "2017-01-01 2018-01-01"),
        ("2017-XX-XX", "2017-01-01 2018-01-01"),
        ("2017-02-XX", "2017-02-01 2017-03-01"),
        ("2017-21", "2017-01-01 2018-01-01"),
        ("2017-22", "2016-12-01 2018-04-01"),
        ("2017-23", "2017-01-01 2018-01-01"),
        ("2017-24", "2016-12-01 2018-04-01"),
        ("2025-09-03T12:00:00Z", "2025-09-03T12:00:00Z 2025-09-03T12:00:01Z"),
        ("2025-09-03T12:00:00", "2025-09-03T12:00:00Z 2025-09-03T12:00:01Z"),
        ("2025-09-03T12:00:00+03:00", "2025-09-03T09:00:00Z 2025-09-03T09:00:01Z"),
        ("2025-09-03T23:30-05:30", "2025-09-04T05:00:00Z 2025-09-04T05:01:00Z"),
        ("2025-09-03T12:00:00+03", "2025-09-03T09:00:00Z 2025-09-03T09:00:01Z"),
        ("2025-09-03T12:00:00.25Z", "2025-09-03T12:00:00.25Z 2025-09-03T12:00:00.26Z"),
        ("2025-09-03T12:00:00.123456Z", "2025-09-03T12:00:00.123456Z 2025-09-03T12:00:00.123457Z"),
        ("2016/2017-03", "2016-01-01 2017-04-01"),
        ("2017/2017", "2017-01-01 2018-01-01"),
        ("2017-05/2017", "2017-05-01 2018-01-01"),
        ("2025-09-03/..", "2025-09-03 -"),
        ("../2017", "- 2018-01-01"),
        ("2017/", "2017-01-01 -"),
        ("/2017", "- 2018-01-01"),
        ("2016~/2017?", "2016-01-01 2018-01-01"),
        ("XXXX", "- -"),
        ("XXXX-XX-XX", "- -"),
        ("0001", "0001-01-01 0002-01-01"),
        ("9998", "9998-01-01 9999-01-01"),
        ("0001-24", "0001-01-01 0002-04-01"),
    ] {
        assert_eq!(range(text), expected, "{text}");
        assert_eq!(time(text).to_string(), text);
    }
}

#[test]
fn qualifiers_are_kept_and_move_nothing() {
    for (text, uncertain, approximate) in [
        ("2017?", true, false),
        ("2017-05~", false, true),
        ("2025-09-03%", true, true),
        ("2016~/2017?", true, true),
        ("2017", false, false),
    ] {
        assert_eq!((time(text).is_uncertain(), time(text).is_approximate()), (uncertain, approximate));
    }
    assert_eq!(range("2017?"), range("2017"));
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    assert_eq!(error(""), TimeError::Empty);
    assert_eq!(error(&"2".repeat(101)), TimeError::TooLong { length: 101 });
    for (text, position, found) in [
        ("May 2017", 0, Some('M')),
        ("17", 2, None),
        ("20170", 4, Some('0')),
        ("2017-5", 6, None),
        ("2017-0X", 6, Some('X')),
        ("2017-05-3", 9, None),
        ("2017-XX-05", 8, Some('0')),
        ("20X7", 3, Some('7')),
        ("201X-05", 4, Some('-')),
        ("2017-05-03 12:00", 10, Some(' ')),
        ("2017-05-03T12", 13, None),
        ("2017-05-03T12:00z", 16, Some('z')),
        ("2017-05-03T12:00:00.", 20, None),
        ("2017-05-03T12:00:00.1234567", 26, Some('7')),
        ("2017??", 5, Some('?')),
        ("2016/2017/2018", 9, Some('/')),
        ("2016/.", 6, None),
        ("..", 0, Some('.')),
        ("-0044", 0, Some('-')),
        ("XXXX/2017", 0, Some('X')),
        ("٢017", 0, Some('٢')),
    ] {
        let TimeError::Unexpected { position: at, found: there, .. } = error(text) else {
            panic!("{text}: {}", error(text));
        };
        assert_eq!((at, there), (position, found), "{text}");
    }
    for (text, part, value, position) in [
        ("2017-13", "month", 13, 5),
        ("2017-00", "month", 0, 5),
        ("2017-25", "month", 25, 5),
        ("2017-02-29", "day of that month", 29, 8),
        ("2017-05-03T24:00", "hour", 24, 11),
        ("2017-05-03T12:60", "minute", 60, 14),
        ("2016-12-31T23:59:60Z", "second", 60, 17),
    ] {
        assert_eq!(error(text), TimeError::NoSuchPart { part, value, position });
    }
    for text in ["0000", "9999", "999X", "0XXX", "0001-01-01T00:00:00+03:00"] {
        assert_eq!(error(text), TimeError::YearOutOfRange, "{text}");
    }
    for text in ["../..", "/", "/..", "../"] {
        assert_eq!(error(text), TimeError::NoEnd, "{text}");
    }
    for text in ["2017/2016", "2017-05/2017-04", "2017-05-03/2017-05-02"] {
        assert_eq!(error(text), TimeError::EndBeforeBeginning, "{text}");
    }
    assert_eq!(error("2017-13").to_string(), "13 at 5 is no month");
    assert_eq!(error("17").to_string(), "expected a digit of the year or X at 2, found the end");
}

#[test]
fn ordered_by_earliest_then_latest_and_unknown_last() {
    let mut times = ["XXXX", "../2016", "2017", "2017-01", "2016/..", "2016", "2018"].map(time);
    times.sort();
    let texts: Vec<&str> = times.iter().map(ApproximateTime::as_str).collect();
    assert_eq!(texts, ["2016", "2016/..", "2017-01", "2017", "2018", "../2016", "XXXX"]);
    assert!(ApproximateTime::unknown().is_unknown() && !time("2016/..").is_unknown());
}

#[test]
fn instants_have_limits_and_a_protobuf_form() {
    assert_eq!(Timestamp::MIN.to_string(), "0001-01-01T00:00:00Z");
    assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999999Z");
    assert!(Timestamp::from_micros(Timestamp::MIN.micros() - 1).is_err());
    assert!(Timestamp::from_micros(Timestamp::MAX.micros() + 1).is_err());
    let before = Timestamp::from_micros(-1).expect("in range");
    assert_eq!(before.seconds_and_nanos(), (-1, 999_999_000));
    assert!(Timestamp::from_seconds_and_nanos(0, -1).is_err());
    assert!(Timestamp::from_seconds_and_nanos(0, 1_000_000_000).is_err());
    assert!(Timestamp::from_seconds_and_nanos(i64::MAX, 0).is_err());
}

proptest! {
    #[test]
    fn a_protobuf_instant_survives(micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros()) {
        let instant = Timestamp::from_micros(micros).expect("in range");
        let (seconds, nanos) = instant.seconds_and_nanos();
        prop_assert_eq!(Timestamp::from_seconds_and_nanos(seconds, nanos), Ok(instant));
    }

    #[test]
    fn nothing_that_is_sent_panics_or_means_an_empty_range(text in "[0-9X/.?~%TZ:+-]{0,24}|[0-9]{4}(-[0-2X][0-9X]){0,2}(/[0-9]{3}[0-9X])?") {
        if let Ok(time) = text.parse::<ApproximateTime>()
            && let (Some(earliest), Some(latest)) = (time.earliest(), time.latest())
        {
            prop_assert!(earliest < latest);
        }
    }

    #[test]
    fn parts_lie_in_their_wholes(year in 1i32..=9998, month in 1u32..=12, day in 1u32..=28) {
        let within = |inner: &str, outer: &str| {
            let (inner, outer) = (time(inner), time(outer));
            inner.earliest() >= outer.earliest() && inner.latest() <= outer.latest()
        };
        let (y, m) = (format!("{year:04}"), format!("{year:04}-{month:02}"));
        let d = format!("{m}-{day:02}");
        prop_assert!(within(&d, &m) && within(&m, &y));
        let season = format!("{y}-{}", 21 + (month - 1) % 4);
        prop_assert!(within(&y, &season));
    }
}
