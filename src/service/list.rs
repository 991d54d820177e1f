//! Lists and counts: what meets a filter, page by page.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::filter::FilterAsked;
use super::{Error, Service};
use crate::domain::filter::Filter;
use crate::domain::limits;
use crate::domain::model::{Record, RecordStatus, Version};
use crate::domain::name::RecordKind;
use crate::domain::sort::TimeField;
use crate::domain::term::Term;
use crate::domain::time::{ApproximateTime, CalendarPeriod, Extent, Precision};
use crate::storage::{Cursor, Head, Order, Page, PageRequest, Query, Sort};

/// What to list.
#[derive(Clone, Debug)]
pub struct List {
    /// The kind of record.
    pub kind: RecordKind,
    /// What each must meet.
    pub filter: FilterAsked,
    /// The statuses that are listed.
    pub statuses: Vec<RecordStatus>,
    /// What they are ordered by.
    pub sort: Sort,
    /// Which way to read.
    pub order: Order,
}

/// What claims are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// Nothing: all together.
    None,
    /// Every source in their chains, the implied publisher included.
    Source,
    /// The publisher of their article.
    Publisher,
    /// Every metric of their figures.
    Metric,
    /// The month of a time, where it lies wholly within one.
    Month(TimeField),
}

/// A part of a count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedPart {
    /// How many there are in this part.
    pub count: u64,
    /// How many of them each group has. One may be in several, or in none.
    pub groups: BTreeMap<String, u64>,
    /// How many have a time that does not lie wholly within one month.
    pub spanning: u64,
    /// How many have nothing to be grouped by: no such time, or an unknown one, no publisher, no metric.
    pub ungrouped: u64,
    /// Where the next part goes on; absent after the last one.
    pub next: Option<Cursor>,
    /// How much the groups take.
    bytes: usize,
}

/// Versions that are read for one part of a grouped count: about a second's worth.
const GROUPED_VERSIONS: usize = 50_000;

/// Bytes of keys after which a part of a grouped count ends: with their counts they fit into a message.
const GROUPED_BYTES: usize = limits::PAGE_BYTES / 3;

/// What a group takes in a message besides its key, at most.
const GROUP_BYTES: usize = 32;

impl Service {
    /// One page of a list.
    ///
    /// # Errors
    /// `SourceAmbiguous`, `FilterTooWide`; or when the store fails.
    pub async fn list(&self, list: &List, head: Head, page: PageRequest) -> Result<Page, Error> {
        let query = self.query(list, head).await?;
        Ok(self.store.query(&query, head.revision, page).await?)
    }

    /// A part of a count.
    ///
    /// # Errors
    /// As `list`.
    pub async fn count(
        &self,
        list: &List,
        grouping: Grouping,
        head: Head,
        after: Option<Cursor>,
    ) -> Result<CountedPart, Error> {
        let query = self.query(list, head).await?;
        if grouping == Grouping::None {
            let counted = self.store.count(&query, head.revision, after).await?;
            return Ok(CountedPart { count: counted.count, next: counted.next, ..CountedPart::default() });
        }
        let mut part = CountedPart { next: after, ..CountedPart::default() };
        let mut read = 0;
        loop {
            let request = PageRequest { after: part.next, limit: limits::PAGE_SIZE_MAX };
            let page = self.store.query(&query, head.revision, request).await?;
            read += page.versions.len();
            for version in &page.versions {
                part.add(version, grouping);
                if part.bytes >= GROUPED_BYTES {
                    part.next = Some(Cursor::at(version.number));
                    return Ok(part);
                }
            }
            part.next = page.next;
            if part.next.is_none() || page.is_cut_short || read >= GROUPED_VERSIONS {
                return Ok(part);
            }
        }
    }

    /// What a list comes to as of a revision.
    pub(super) async fn query(&self, list: &List, head: Head) -> Result<Query, Error> {
        let mut filter = self.resolve(&list.filter, head).await?;
        let retracted = || Filter::Term(Term::Retracted);
        let shows = |status| list.statuses.contains(&status);
        match (shows(RecordStatus::Active), shows(RecordStatus::Retracted)) {
            (true, true) => {}
            (true, false) => filter = filter.active(),
            (false, true) => filter = Filter::All(vec![filter, retracted()]),
            // Nothing has any other status.
            (false, false) => filter = Filter::Any(Vec::new()),
        }
        Ok(Query { kind: Some(list.kind), filter, sort: list.sort.clone(), order: list.order })
    }
}

impl CountedPart {
    fn add(&mut self, version: &Arc<Version>, grouping: Grouping) {
        let Record::Claim(claim) = &version.record else { return };
        self.count += 1;
        let mut keys: Vec<String> = match grouping {
            Grouping::None => return,
            Grouping::Source => {
                let hops = claim.attributions.iter().filter_map(|hop| hop.source.name());
                hops.chain(&claim.imprint.publisher).map(ToString::to_string).collect()
            }
            Grouping::Publisher => claim.imprint.publisher.iter().map(ToString::to_string).collect(),
            Grouping::Metric => {
                let metrics = claim.figures.iter().filter_map(|figure| figure.metric.as_ref());
                metrics.map(|metric| metric.key.clone()).filter(|key| !key.is_empty()).collect()
            }
            Grouping::Month(field) => {
                let range = field.of(&version.record).map(ApproximateTime::range);
                match range.map(|range| (Extent::of(range), range.earliest)) {
                    Some((Extent::Within(Precision::Day | Precision::Month), Some(earliest))) => {
                        vec![CalendarPeriod::holding(earliest, Precision::Month).to_string()]
                    }
                    Some((Extent::Within(_) | Extent::Wide, _)) => {
                        self.spanning += 1;
                        return;
                    }
                    Some((Extent::Unknown, _)) | None => Vec::new(),
                }
            }
        };
        self.ungrouped += u64::from(keys.is_empty());
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let bytes = key.len() + GROUP_BYTES;
            let count = self.groups.entry(key).or_insert_with(|| {
                self.bytes += bytes;
                0
            });
            *count += 1;
        }
    }
}
