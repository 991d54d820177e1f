//! Which versions an answer is made of: what a filter means, for every engine.

use super::model::{Record, Version};
use super::sort::TimeField;
use super::term::{Term, fold, names};
use super::time::TimeRange;

/// A condition on versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Carries the term.
    Term(Term),
    /// Meets every one; met by all when there is none.
    All(Vec<Filter>),
    /// Meets at least one; met by none when there is none.
    Any(Vec<Filter>),
    /// Does not meet it.
    Not(Box<Filter>),
    /// A time of the record overlaps a range.
    Time(TimeFilter),
    /// Was recorded within a half-open range.
    Recorded(TimeRange),
    /// A source, not scoped to an article, with a name or alias that begins so. Folded: see [`fold`].
    NamePrefix(String),
}

/// That a time of the record overlaps a range: somewhere in what it can mean lies an instant of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeFilter {
    /// Which time.
    pub field: TimeField,
    /// The range.
    pub range: TimeRange,
    /// Whether a record whose time is unknown or not stated is meant too.
    pub include_unknown: bool,
}

impl Filter {
    /// What carries all of these terms.
    #[must_use]
    pub fn carrying(terms: impl IntoIterator<Item = Term>) -> Self {
        Self::All(terms.into_iter().map(Self::Term).collect())
    }

    /// What meets none of these.
    #[must_use]
    pub fn none_of(filters: Vec<Self>) -> Self {
        Self::Not(Box::new(Self::Any(filters)))
    }

    /// What meets this and stands.
    #[must_use]
    pub fn active(self) -> Self {
        Self::All(vec![self, Self::Not(Box::new(Self::Term(Term::Retracted)))])
    }

    /// Whether an index of terms and times of recording tells what meets it, without a look at any record.
    #[must_use]
    pub fn is_of_terms(&self) -> bool {
        match self {
            Self::Term(_) | Self::Recorded(_) => true,
            Self::All(filters) | Self::Any(filters) => filters.iter().all(Self::is_of_terms),
            Self::Not(filter) => filter.is_of_terms(),
            Self::Time(_) | Self::NamePrefix(_) => false,
        }
    }

    /// Whether a version can meet it whose time, the one named, lies within a range, or is not known if there is none: nothing
    /// else of the version is known.
    #[must_use]
    pub fn admits(&self, field: TimeField, range: Option<TimeRange>) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.admits(field, range)),
            Self::Any(filters) => filters.iter().any(|filter| filter.admits(field, range)),
            Self::Time(filter) => filter.field != field || filter.admits(range),
            Self::Term(_) | Self::Not(_) | Self::Recorded(_) | Self::NamePrefix(_) => true,
        }
    }

    /// Whether a version meets it.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        match self {
            Self::Term(term) => term.is_carried_by(version),
            Self::All(filters) => filters.iter().all(|filter| filter.matches(version)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(version)),
            Self::Not(filter) => !filter.matches(version),
            Self::Time(filter) => filter.matches(&version.record),
            Self::Recorded(range) => {
                range.earliest.is_none_or(|earliest| earliest <= version.time)
                    && range.latest.is_none_or(|latest| version.time < latest)
            }
            Self::NamePrefix(prefix) => match &version.record {
                Record::Source(source) => names(source).any(|name| fold(name).starts_with(prefix.as_str())),
                Record::Article(_) | Record::Claim(_) | Record::Relation(_) | Record::Assessment(_) => false,
            },
        }
    }
}

impl TimeFilter {
    /// Whether a record can meet it whose time lies within a range, or is not known if there is none.
    fn admits(&self, range: Option<TimeRange>) -> bool {
        range.map_or(self.include_unknown, |range| range.overlaps(self.range))
    }

    fn matches(&self, record: &Record) -> bool {
        match self.field.of(record) {
            Some(time) if !time.is_unknown() => time.range().overlaps(self.range),
            Some(_) | None => self.include_unknown && self.field.is_of(record),
        }
    }
}
