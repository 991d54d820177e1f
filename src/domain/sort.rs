//! In which order versions are listed.

use std::cmp::Ordering;

use super::model::{Record, Version};
use super::name::Name;
use super::time::{ApproximateTime, TimeRange, Timestamp};

/// Which time of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeField {
    /// When what a claim says happened.
    Event,
    /// When an article, or a claim's article, was published.
    Published,
}

/// What versions are ordered by. Versions that are equal in it are ordered by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// When they were recorded: by number.
    Recorded,
    /// By a time: by earliest, then latest instant. Whatever the direction, those without an earliest instant come after
    /// the others, and those of which nothing is known last.
    Time(TimeField),
    /// By where they stand in the text of this article; those without a place last.
    Position(Name),
}

/// Which way to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// The oldest, or the earliest, first.
    Ascending,
    /// The newest, or the latest, first.
    Descending,
}

/// What a version is ordered by, besides its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SortKey {
    /// 0 where `first` is known, 1 where only `second` is, 2 where neither is. Ascending in both directions.
    pub rank: u8,
    /// Microseconds of the earliest instant, or the first code point.
    pub first: i64,
    /// Microseconds of the latest instant.
    pub second: i64,
}

/// Where reading goes on: after the version with this key and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The key; the default one where the order is that of recording.
    pub key: SortKey,
    /// The number.
    pub number: u64,
}

impl TimeField {
    /// This time of a record: none when the record has no such time, or it is not stated.
    #[must_use]
    pub fn of(self, record: &Record) -> Option<&ApproximateTime> {
        match (self, record) {
            (Self::Event, Record::Claim(claim)) => claim.event_time.as_ref()?.time.as_ref(),
            (Self::Published, Record::Claim(claim)) => claim.imprint.publish_time.as_ref(),
            (Self::Published, Record::Article(article)) => article.publish_time.as_ref()?.time.as_ref(),
            (Self::Event | Self::Published, _) => None,
        }
    }

    /// Whether records of this kind have such a time.
    #[must_use]
    pub fn is_of(self, record: &Record) -> bool {
        match record {
            Record::Claim(_) => true,
            Record::Article(_) => self == Self::Published,
            Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => false,
        }
    }
}

impl Sort {
    /// The key of a version in this order.
    #[must_use]
    pub fn key(&self, version: &Version) -> SortKey {
        match (self, &version.record) {
            (Self::Time(field), record) => SortKey::of_time(field.of(record)),
            (Self::Position(_), Record::Claim(claim)) => {
                let starts = claim.spans.iter().filter(|span| span.article.is_none()).filter_map(|span| span.start);
                SortKey::of_position(starts.min())
            }
            (Self::Recorded | Self::Position(_), _) => SortKey::default(),
        }
    }

    /// Where reading goes on after a version.
    #[must_use]
    pub fn cursor(&self, version: &Version) -> Cursor {
        Cursor { key: self.key(version), number: version.number }
    }
}

impl SortKey {
    /// The key of a time; of none, it is that of one of which nothing is known.
    #[must_use]
    pub fn of_time(time: Option<&ApproximateTime>) -> Self {
        Self::of_range(time.map_or(TimeRange { earliest: None, latest: None }, ApproximateTime::range))
    }

    /// The range of a time that has this key; none where nothing is known of it.
    #[must_use]
    pub fn range(self) -> Option<TimeRange> {
        // A side that is open or unknown is as late as can be in a key, which no instant is.
        let side = |micros| Timestamp::from_micros(micros).ok();
        (self.rank < 2).then(|| TimeRange { earliest: side(self.first), latest: side(self.second) })
    }

    fn of_range(range: TimeRange) -> Self {
        let (first, second) = range.sort_key();
        match (range.earliest, range.latest) {
            (Some(_), _) => Self { rank: 0, first, second },
            (None, Some(_)) => Self { rank: 1, first, second },
            (None, None) => Self { rank: 2, first, second },
        }
    }

    fn of_position(start: Option<u32>) -> Self {
        match start {
            Some(start) => Self { rank: 0, first: i64::from(start), second: 0 },
            None => Self { rank: 2, first: i64::MAX, second: 0 },
        }
    }
}

impl Cursor {
    /// How two places follow each other.
    #[must_use]
    pub fn compare(&self, other: &Self, order: Order) -> Ordering {
        let place = |cursor: &Self| (cursor.key.first, cursor.key.second, cursor.number);
        let within = match order {
            Order::Ascending => place(self).cmp(&place(other)),
            Order::Descending => place(other).cmp(&place(self)),
        };
        self.key.rank.cmp(&other.key.rank).then(within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_the_range_of_its_time() {
        for text in ["2017", "2017-03-04", "2017-03/..", "../2017-03", "201X", "2017-03-04T10:11:12Z", "2017/2018"] {
            let time: ApproximateTime = text.parse().expect("a time");
            assert_eq!(SortKey::of_time(Some(&time)).range(), Some(time.range()), "{text}");
        }
        assert_eq!(SortKey::of_time(Some(&ApproximateTime::unknown())).range(), None);
        assert_eq!(SortKey::of_time(None).range(), None);
    }
}
