//! Times as they are written, and what each of them means by EDTF: worked out by hand, not by what is tested.

use std::cmp::Ordering;

use claimdb::proto::claimdb::v1;
use prost_types::Timestamp;

/// Seconds and nanoseconds: instants compare as these do.
pub(crate) type Instant = (i64, i32);

/// From an instant on, up to another; open where there is none.
pub(crate) type Range = (Option<Instant>, Option<Instant>);

/// Each with its first instant and the one after its last.
pub(crate) const TIMES: &[(&str, &str, &str)] = &[
    ("2017", "2017-01-01T00:00:00Z", "2018-01-01T00:00:00Z"),
    ("2017-05", "2017-05-01T00:00:00Z", "2017-06-01T00:00:00Z"),
    ("2017-05~", "2017-05-01T00:00:00Z", "2017-06-01T00:00:00Z"),
    ("2017-05-03", "2017-05-03T00:00:00Z", "2017-05-04T00:00:00Z"),
    ("2017-05-03T12:00:00Z", "2017-05-03T12:00:00Z", "2017-05-03T12:00:01Z"),
    ("2017-05-03T15:00:01+03:00", "2017-05-03T12:00:01Z", "2017-05-03T12:00:02Z"),
    ("2017-05-04", "2017-05-04T00:00:00Z", "2017-05-05T00:00:00Z"),
    ("2017-06", "2017-06-01T00:00:00Z", "2017-07-01T00:00:00Z"),
    ("2017-12-31", "2017-12-31T00:00:00Z", "2018-01-01T00:00:00Z"),
    ("2018", "2018-01-01T00:00:00Z", "2019-01-01T00:00:00Z"),
    ("2016-12-31/2017-01-01", "2016-12-31T00:00:00Z", "2017-01-02T00:00:00Z"),
    ("2017-05-30/2017-06-02", "2017-05-30T00:00:00Z", "2017-06-03T00:00:00Z"),
    ("201X", "2010-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ("2017/..", "2017-01-01T00:00:00Z", ""),
    ("2017-05-03/..", "2017-05-03T00:00:00Z", ""),
    ("../2017", "", "2018-01-01T00:00:00Z"),
    ("../2016", "", "2017-01-01T00:00:00Z"),
];

/// What is written where a time is not known.
pub(crate) const UNKNOWN: &[&str] = &["", "XXXX"];

/// The range of a time of the table; none for what is unknown.
pub(crate) fn written(edtf: &str) -> Option<Range> {
    let instant = |text: &str| (!text.is_empty()).then(|| instant(&text.parse().unwrap()));
    TIMES.iter().find(|(written, ..)| *written == edtf).map(|(_, first, end)| (instant(first), instant(end)))
}

pub(crate) fn instant(time: &Timestamp) -> Instant {
    (time.seconds, time.nanos)
}

/// What a record says of a time; none where it is unknown or not stated.
pub(crate) fn range(time: Option<&v1::ApproximateTime>) -> Option<Range> {
    let time = time?;
    let served = (time.earliest.as_ref().map(instant), time.latest.as_ref().map(instant));
    // Served as the table says, whatever the server reads out of it.
    assert_eq!(served, written(&time.edtf).unwrap_or((None, None)), "{}", time.edtf);
    written(&time.edtf)
}

/// Whether the two have an instant in common.
pub(crate) fn overlap(a: Range, b: Range) -> bool {
    let begins_before_end = |a: Range, b: Range| match (a.0, b.1) {
        (Some(first), Some(end)) => first < end,
        (None, _) | (_, None) => true,
    };
    begins_before_end(a, b) && begins_before_end(b, a)
}

/// How two times follow each other, whichever way is read: those with a first instant by it, then by their end, an open
/// one being the last of all; then those without; and last what is unknown.
pub(crate) fn compare(a: Option<Range>, b: Option<Range>, descending: bool) -> Ordering {
    let rank = |range: Option<Range>| match range {
        Some((Some(_), _)) => 0,
        Some((None, _)) => 1,
        None => 2,
    };
    let key = |range: Option<Range>| {
        let (first, end) = range.unwrap_or_default();
        (first, end.is_none(), end)
    };
    let within = key(a).cmp(&key(b));
    rank(a).cmp(&rank(b)).then(if descending { within.reverse() } else { within })
}

/// The month that a range lies wholly within.
pub(crate) fn month((first, end): Range) -> Option<String> {
    let month = |(seconds, nanos): Instant| Timestamp { seconds, nanos }.to_string()[..7].to_owned();
    let (seconds, nanos) = end?;
    let last = if nanos > 0 { (seconds, nanos - 1) } else { (seconds - 1, 999_999_999) };
    Some(month(first?)).filter(|first| *first == month(last))
}
