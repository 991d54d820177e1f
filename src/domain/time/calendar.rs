//! Years, months and days, in UTC: the coarse places in which times are looked for.

use ::time::{Date, Month, OffsetDateTime, Time};

use super::{TimeRange, Timestamp};

/// A year, a month or a day, in UTC. Those of one precision are ordered as they follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarPeriod {
    year: i16,
    /// 1 to 12; 0 for a whole year.
    month: u8,
    /// 1 to 31; 0 for a whole year or month.
    day: u8,
}

/// How long a calendar period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

/// How much of the calendar a range of instants takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// It lies within one period of this precision and of none that is shorter.
    Within(Precision),
    /// It reaches beyond one year, or is open on one side.
    Wide,
    /// Neither side is known.
    Unknown,
}

impl Precision {
    /// All of them, the longest first.
    pub const ALL: [Self; 3] = [Self::Year, Self::Month, Self::Day];
}

impl Extent {
    /// All that a known time can have.
    pub const KNOWN: [Self; 4] =
        [Self::Within(Precision::Day), Self::Within(Precision::Month), Self::Within(Precision::Year), Self::Wide];

    /// The extent of a range.
    #[must_use]
    pub fn of(range: TimeRange) -> Self {
        match (range.earliest, range.latest) {
            (None, None) => Self::Unknown,
            (Some(earliest), Some(latest)) => {
                // The range is half-open: its last instant is the one before `latest`.
                let last = Timestamp::from_micros(latest.micros() - 1).unwrap_or(latest);
                [Precision::Day, Precision::Month, Precision::Year]
                    .into_iter()
                    .find(|precision| {
                        CalendarPeriod::holding(earliest, *precision) == CalendarPeriod::holding(last, *precision)
                    })
                    .map_or(Self::Wide, Self::Within)
            }
            (Some(_), None) | (None, Some(_)) => Self::Wide,
        }
    }
}

impl CalendarPeriod {
    /// The period of a precision that an instant lies in.
    #[must_use]
    pub fn holding(instant: Timestamp, precision: Precision) -> Self {
        let (seconds, _) = instant.seconds_and_nanos();
        let date = OffsetDateTime::from_unix_timestamp(seconds).map_or(Date::MIN, OffsetDateTime::date);
        let (year, month, day) = date.to_calendar_date();
        // Timestamps lie in the years 0001 to 9999.
        let year = i16::try_from(year).unwrap_or(i16::MAX);
        match precision {
            Precision::Year => Self { year, month: 0, day: 0 },
            Precision::Month => Self { year, month: month.into(), day: 0 },
            Precision::Day => Self { year, month: month.into(), day },
        }
    }

    /// The period with these parts; none where the calendar has none.
    #[must_use]
    pub fn from_parts(year: i16, month: u8, day: u8) -> Option<Self> {
        let whole = Self { year, month, day };
        let first = whole.first_day()?;
        ((1..=9999).contains(&year) && (month > 0 || day == 0) && (day == 0 || first.day() == day)).then_some(whole)
    }

    /// Year, month and day; 0 for what it leaves open.
    #[must_use]
    pub fn parts(self) -> (i16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// How long it is.
    #[must_use]
    pub fn precision(self) -> Precision {
        match (self.month, self.day) {
            (0, _) => Precision::Year,
            (_, 0) => Precision::Month,
            _ => Precision::Day,
        }
    }

    /// Its instants.
    #[must_use]
    pub fn range(self) -> TimeRange {
        let instant = |date: Option<Date>| {
            let seconds = date?.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp();
            Timestamp::from_seconds_and_nanos(seconds, 0).ok()
        };
        let next = match self.precision() {
            Precision::Day => self.first_day().and_then(Date::next_day),
            Precision::Month if self.month == 12 => {
                Date::from_calendar_date(i32::from(self.year) + 1, Month::January, 1).ok()
            }
            Precision::Month => Self { month: self.month + 1, ..self }.first_day(),
            Precision::Year => Date::from_calendar_date(i32::from(self.year) + 1, Month::January, 1).ok(),
        };
        TimeRange { earliest: instant(self.first_day()), latest: instant(next) }
    }

    /// The instants of all times of an extent that begin in it.
    #[must_use]
    pub fn reach(self, extent: Extent) -> TimeRange {
        let TimeRange { earliest, latest } = self.range();
        let latest = match (extent, earliest) {
            (Extent::Within(precision), Some(begin)) if precision > self.precision() => {
                Self::holding(begin, precision).range().latest
            }
            (Extent::Within(_), _) => latest,
            (Extent::Wide | Extent::Unknown, _) => None,
        };
        TimeRange { earliest, latest }
    }

    /// The periods of the next shorter precision in it, in their order; none for a day.
    #[must_use]
    pub fn parts_of_next(self) -> Vec<Self> {
        match self.precision() {
            Precision::Year => (1..=12).map(|month| Self { month, ..self }).collect(),
            Precision::Month => (1..=31).filter_map(|day| Self::from_parts(self.year, self.month, day)).collect(),
            Precision::Day => Vec::new(),
        }
    }

    fn first_day(self) -> Option<Date> {
        let month = Month::try_from(self.month.max(1)).ok()?;
        Date::from_calendar_date(i32::from(self.year), month, self.day.max(1)).ok()
    }
}

impl std::fmt::Display for CalendarPeriod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, month, day } = self;
        match self.precision() {
            Precision::Year => write!(f, "{year:04}"),
            Precision::Month => write!(f, "{year:04}-{month:02}"),
            Precision::Day => write!(f, "{year:04}-{month:02}-{day:02}"),
        }
    }
}

impl TimeRange {
    /// Whether the two have an instant in common. A side that is open or unknown reaches as far as time does; a range of
    /// which nothing is known has nothing in common with any.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let is_known = |range: Self| range.earliest.is_some() || range.latest.is_some();
        let begins_before_end = |a: Self, b: Self| match (a.earliest, b.latest) {
            (Some(earliest), Some(latest)) => earliest < latest,
            _ => true,
        };
        is_known(self) && is_known(other) && begins_before_end(self, other) && begins_before_end(other, self)
    }

    /// Whether every instant of the other lies in this one.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        let begins = self.earliest.is_none_or(|own| other.earliest.is_some_and(|earliest| own <= earliest));
        let ends = self.latest.is_none_or(|own| other.latest.is_some_and(|latest| latest <= own));
        begins && ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::ApproximateTime;

    fn range(text: &str) -> TimeRange {
        text.parse::<ApproximateTime>().unwrap().range()
    }

    #[test]
    fn an_extent_is_the_shortest_period_that_holds_a_range() {
        use Precision::{Day, Month, Year};
        for (text, expected) in [
            ("2025-09-03", Extent::Within(Day)),
            ("2025-09-03T12:00:00Z", Extent::Within(Day)),
            ("2025-09-03/2025-09-04", Extent::Within(Month)),
            ("2025-09", Extent::Within(Month)),
            ("2025-09-30/2025-10-01", Extent::Within(Year)),
            ("2017", Extent::Within(Year)),
            ("201X", Extent::Wide),
            ("2017/2018", Extent::Wide),
            ("2017/..", Extent::Wide),
            ("../2017", Extent::Wide),
            ("XXXX", Extent::Unknown),
        ] {
            assert_eq!(Extent::of(range(text)), expected, "{text}");
        }
    }

    #[test]
    fn periods_begin_where_the_one_before_ends() {
        for text in ["2024", "2024-02", "2023-02", "2024-12", "2024-12-31", "2024-02-29", "9998"] {
            let own = range(text);
            let precision = match text.len() {
                4 => Precision::Year,
                7 => Precision::Month,
                _ => Precision::Day,
            };
            let period = CalendarPeriod::holding(own.earliest.unwrap(), precision);
            assert_eq!((period.range(), period.to_string().as_str(), period.precision()), (own, text, precision));
            let (year, month, day) = period.parts();
            assert_eq!(CalendarPeriod::from_parts(year, month, day), Some(period));
            let parts = period.parts_of_next();
            if let (Some(first), Some(last)) = (parts.first(), parts.last()) {
                assert_eq!((first.range().earliest, last.range().latest), (own.earliest, own.latest));
                assert!(parts.windows(2).all(|pair| pair[0].range().latest == pair[1].range().earliest));
            }
        }
        for (year, month, day) in [(2023, 2, 29), (2023, 13, 1), (2023, 0, 1), (0, 1, 1)] {
            assert_eq!(CalendarPeriod::from_parts(year, month, day), None, "{year} {month} {day}");
        }
    }

    #[test]
    fn half_open_ranges_overlap_by_an_instant_at_least() {
        for (a, b, expected) in [
            ("2017", "2017-12-31", true),
            ("2017", "2018", false),
            ("2017/..", "2030", true),
            ("2017/..", "2016", false),
            ("../2017", "2017-01", true),
            ("../2016", "2017", false),
            ("XXXX", "2017", false),
            ("2017/..", "../2017", true),
        ] {
            assert_eq!(range(a).overlaps(range(b)), expected, "{a} {b}");
            assert_eq!(range(b).overlaps(range(a)), expected, "{b} {a}");
        }
        assert!(range("2017").contains(range("2017-05")) && !range("2017-05").contains(range("2017")));
        assert!(!range("2017").contains(range("2017/..")) && range("2016/..").contains(range("2017")));
    }
}
