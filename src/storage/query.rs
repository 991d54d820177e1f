//! What is asked of a store, and the pages of its answer.

use std::fmt;
use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;

use crate::domain::figure::{Sketch, sketches};
use crate::domain::filter::Filter;
use crate::domain::model::{Record, Version};
use crate::domain::name::RecordKind;
use crate::domain::sort::{Cursor, Order, Sort};
use crate::domain::term::Term;

/// Which versions to list, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The kind of record; of any kind when none is named.
    pub kind: Option<RecordKind>,
    /// What they meet.
    pub filter: Filter,
    /// What they are ordered by.
    pub sort: Sort,
    /// Which way to read.
    pub order: Order,
}

/// How much of an answer to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// How many versions at most; at least 1.
    pub limit: usize,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The versions.
    pub versions: Vec<Arc<Version>>,
    /// Where the next page goes on; absent after the last one. A page may be short, or empty, and still have a next.
    pub next: Option<Cursor>,
    /// Whether it ended before it was full: what may be looked at for one page is bounded.
    pub is_cut_short: bool,
    /// How many places in posting lists were looked at; 0 where there are none.
    pub scanned: u64,
}

/// A part of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many there are in this part.
    pub count: u64,
    /// Where the next part goes on; absent after the last one.
    pub next: Option<Cursor>,
}

/// What of the claims that meet a query need not be read, since the sketch of their figures of a metric tells enough.
#[derive(Clone)]
pub struct Sieve {
    /// The key of the metric.
    pub metric: String,
    /// The group in which a claim with a sketch is counted; none where it is to be read.
    pub group: Arc<SketchGroup>,
}

/// The group of what has a sketch.
pub type SketchGroup = dyn Fn(&Sketch) -> Option<usize> + Send + Sync;

/// How many claims of each group a sieve held back.
pub type HeldBack = [u64; SIEVE_GROUPS];

/// Groups of a sieve, at most.
pub const SIEVE_GROUPS: usize = 16;

/// A part of an answer without what a sieve held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sifted {
    /// The rest of it.
    pub page: Page,
    /// What was held back before each of its versions, and, as one entry more, behind the last of them.
    pub held_back: Vec<HeldBack>,
}

/// A range of terms that are enumerated in their order: uses of metrics, or values of one metric. Both ends are of the same
/// kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermRange {
    /// Where it begins; the end itself may be left out.
    pub low: Bound<Term>,
    /// Where it ends.
    pub high: Bound<Term>,
}

impl TermRange {
    /// Whether no term can be within: such a range must not be given to an ordered collection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match (&self.low, &self.high) {
            (Bound::Included(low), Bound::Included(high)) => low > high,
            (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => low >= high,
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        }
    }
}

impl Query {
    /// What carries all of these terms, in the order of recording, retracted or not.
    #[must_use]
    pub fn carrying(terms: impl IntoIterator<Item = Term>, order: Order) -> Self {
        Self { kind: None, filter: Filter::carrying(terms), sort: Sort::Recorded, order }
    }

    /// Without what is retracted.
    #[must_use]
    pub fn active(self) -> Self {
        Self { filter: self.filter.active(), ..self }
    }

    /// Whether a version is part of the answer.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        self.kind.is_none_or(|kind| version.record.kind() == kind) && self.filter.matches(version)
    }
}

impl PageRequest {
    /// The numbers that a page in the order of recording may hold, of those up to `last`.
    #[must_use]
    pub fn range(self, order: Order, last: u64) -> RangeInclusive<u64> {
        match (order, self.after.map(|cursor| cursor.number)) {
            (_, None) => 1..=last,
            (Order::Ascending, Some(after)) => after.saturating_add(1)..=last,
            (Order::Descending, Some(after)) => 1..=last.min(after.saturating_sub(1)),
        }
    }
}

impl fmt::Debug for Sieve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sieve").field("metric", &self.metric).finish_non_exhaustive()
    }
}

impl Sieve {
    /// The group in which a version is counted; none where it is to be read.
    #[must_use]
    pub fn group_of(&self, version: &Version) -> Option<usize> {
        let Record::Claim(claim) = &version.record else { return None };
        let (_, sketch) = sketches(&claim.figures).find(|(metric, _)| *metric == self.metric)?;
        (self.group)(&sketch)
    }
}

impl Sifted {
    /// A page of which nothing was held back.
    #[must_use]
    pub fn whole(page: Page) -> Self {
        Self { held_back: vec![HeldBack::default(); page.versions.len() + 1], page }
    }
}

impl Page {
    /// The end of an answer.
    #[must_use]
    pub fn last(versions: Vec<Arc<Version>>) -> Self {
        Self { versions, next: None, is_cut_short: false, scanned: 0 }
    }

    /// A page that is full.
    #[must_use]
    pub fn full(versions: Vec<Arc<Version>>, next: Option<Cursor>) -> Self {
        Self { versions, next, is_cut_short: false, scanned: 0 }
    }

    /// Its versions, if there are no others.
    #[must_use]
    pub fn all(self) -> Option<Vec<Arc<Version>>> {
        self.next.is_none().then_some(self.versions)
    }

    /// A page that ends early.
    #[must_use]
    pub fn cut_short(versions: Vec<Arc<Version>>, next: Option<Cursor>) -> Self {
        Self { versions, next, is_cut_short: true, scanned: 0 }
    }
}

impl Cursor {
    /// A place in the order of recording.
    #[must_use]
    pub fn at(number: u64) -> Self {
        Self { key: crate::domain::sort::SortKey::default(), number }
    }
}
