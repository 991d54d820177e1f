//! Times: exact instants, and the approximate times of which news speaks.
//! Not here: clocks, and the grammar of the written form, which is in `edtf`.

mod calendar;
mod edtf;
mod timestamp;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

pub use calendar::{CalendarPeriod, Extent, Precision};
pub use timestamp::{Timestamp, TimestampOutOfRange};

/// The longest written time, in bytes: an interval of two date-times has about 70.
pub const TIME_LENGTH_MAX: usize = 100;

/// A time as far as it is known: one EDTF string (ISO 8601-2, level 0 and parts of level 1) and
/// the half-open range of instants that it can mean.
///
/// | written | means |
/// |---|---|
/// | `2017`, `2017-05`, `2025-09-03` | that year, month, day |
/// | `2025-09-03T12:00:00Z`, `…+03:00`, no zone | that second (minute, or fraction); UTC where no zone is stated |
/// | `201X`, `19XX`, `2017-XX`, `2017-05-XX`, `2017-XX-XX` | anywhere in the decade, century, year, month |
/// | `2017-21` … `2017-24` | spring, summer, autumn, winter; see below |
/// | `a/b` | from the beginning of a to the end of b |
/// | `a/..`, `../b` | open on that side |
/// | `a/`, `/b` | begins or ends at an unknown time |
/// | `XXXX`, `XXXX-XX-XX` | unknown |
///
/// `?`, `~` and `%` behind a date mark it as uncertain, approximate, or both; they are kept and do
/// not move the range, because nobody says by how much.
///
/// A season of EDTF names no hemisphere, and no calendar says whether it begins on the first of a
/// month or at an equinox. Its range is all that it can mean: the whole year for spring and
/// autumn; for summer and winter, which somewhere cross the year's end, from the December before
/// to the March after. Who knows better writes months: `2017-06/2017-08`.
///
/// Ordered by earliest, then latest; a side that is open or unknown sorts last, and so does a time
/// of which nothing is known. Times of the same range are ordered by their text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApproximateTime {
    text: Arc<str>,
    range: TimeRange,
    is_uncertain: bool,
    is_approximate: bool,
}

/// A half-open range of instants, `[earliest, latest)`; a side without an instant is open or
/// unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first instant that can be meant.
    pub earliest: Option<Timestamp>,
    /// The first instant after it that cannot be meant any more.
    pub latest: Option<Timestamp>,
}

/// Why a text is not a time. Positions are in characters from 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimeError {
    /// There is nothing.
    #[error("a time must not be empty; an unknown one is written XXXX")]
    Empty,
    /// The text is longer than [`TIME_LENGTH_MAX`].
    #[error("a time has at most {TIME_LENGTH_MAX} bytes, this one has {length}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Something else should stand there.
    #[error("expected {expected} at {position}, found {}", found_text(*.found))]
    Unexpected {
        /// Where it stands.
        position: usize,
        /// What should stand there, in words.
        expected: &'static str,
        /// What stands there; nothing where the text ends.
        found: Option<char>,
    },
    /// A month, day, hour, … that no calendar or clock has.
    #[error("{value:02} at {position} is no {part}")]
    NoSuchPart {
        /// Which part: `month`.
        part: &'static str,
        /// Its value.
        value: u32,
        /// Where it stands.
        position: usize,
    },
    /// The time reaches beyond the years 0001 to 9998. 9999 is refused because its end could not
    /// be written down and because it mostly stands for "no end".
    #[error("years go from 0001 to 9998; an open end is written `..`, an unknown time XXXX")]
    YearOutOfRange,
    /// An interval of which neither end is known.
    #[error("an interval has at least one known end; an unknown time is written XXXX")]
    NoEnd,
    /// The second end of an interval lies before the first.
    #[error("the interval ends before it begins")]
    EndBeforeBeginning,
}

fn found_text(found: Option<char>) -> String {
    found.map_or_else(|| "the end".to_owned(), |character| format!("{character:?}"))
}

impl ApproximateTime {
    /// The time of which nothing is known; it is a value, and differs from a time not stated.
    pub fn unknown() -> Self {
        ApproximateTime {
            text: "XXXX".into(),
            range: TimeRange { earliest: None, latest: None },
            is_uncertain: false,
            is_approximate: false,
        }
    }

    /// The string as given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The range of instants that can be meant.
    pub fn range(&self) -> TimeRange {
        self.range
    }

    /// The first instant that can be meant, or nothing where that side is open or unknown.
    pub fn earliest(&self) -> Option<Timestamp> {
        self.range.earliest
    }

    /// The first instant past it, or nothing where that side is open or unknown.
    pub fn latest(&self) -> Option<Timestamp> {
        self.range.latest
    }

    /// Whether nothing is known; such a time matches no range.
    pub fn is_unknown(&self) -> bool {
        self.range == TimeRange { earliest: None, latest: None }
    }

    /// Whether `?` or `%` stands behind it or behind one of its ends.
    pub fn is_uncertain(&self) -> bool {
        self.is_uncertain
    }

    /// Whether `~` or `%` stands behind it or behind one of its ends.
    pub fn is_approximate(&self) -> bool {
        self.is_approximate
    }
}

impl TimeRange {
    /// The range as a sort key, in microseconds since 1970: what is open or unknown comes last.
    pub fn sort_key(&self) -> (i64, i64) {
        let last = |side: Option<Timestamp>| side.map_or(i64::MAX, Timestamp::micros);
        (last(self.earliest), last(self.latest))
    }
}

impl FromStr for ApproximateTime {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        if text.is_empty() {
            return Err(TimeError::Empty);
        }
        if text.len() > TIME_LENGTH_MAX {
            return Err(TimeError::TooLong { length: text.len() });
        }
        edtf::parse(text)
    }
}

impl fmt::Display for ApproximateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialOrd for ApproximateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ApproximateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |time: &Self| time.range.sort_key();
        key(self).cmp(&key(other)).then_with(|| self.text.cmp(&other.text))
    }
}

#[cfg(test)]
mod tests;
