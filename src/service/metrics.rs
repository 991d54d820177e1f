//! The metrics that figures have: by their terms, which are in the order of keys, and not by reading claims. A term tells
//! one use of a metric from another; one claim that carries it tells what that use is.

use std::ops::Bound;

use super::filter::FilterAsked;
use super::list::List;
use super::{Error, Service};
use crate::domain::limits;
use crate::domain::metric_use::{LISTED_KEY_BYTES, MetricUse, listed_key};
use crate::domain::model::{Metric, Record, RecordStatus, Unit};
use crate::domain::name::RecordKind;
use crate::domain::term::Term;
use crate::storage::{Head, Order, PageRequest, Sort, TermRange};

/// Which metrics to list.
#[derive(Clone, Debug)]
pub struct MetricsAsked {
    /// What their keys begin with, in whole segments.
    pub prefix: Option<String>,
    /// The statuses of the claims that count.
    pub statuses: Vec<RecordStatus>,
    /// The key, as it is listed, that the page before ended with.
    pub after: Option<String>,
    /// How many at most; at least 1.
    pub limit: usize,
}

/// A part of a list of metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricsPage {
    /// The metrics.
    pub metrics: Vec<MetricListed>,
    /// The key, as it is listed, that the next page begins behind; absent after the last one.
    pub next: Option<String>,
    /// Whether it ended before it was full, having counted as much as it may.
    pub is_cut_short: bool,
}

/// A metric with its uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricListed {
    /// Its key.
    pub key: String,
    /// The key as it is listed.
    pub listed: String,
    /// How many claims have a figure of it.
    pub claims: u64,
    /// How it is used, the first few ways.
    pub uses: Vec<MetricUsed>,
    /// Whether there are more uses, or may be.
    pub uses_omitted: bool,
    /// Whether there were more claims than were counted.
    pub counts_limited: bool,
}

/// A use of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricUsed {
    /// The label.
    pub label: String,
    /// The definition.
    pub definition: String,
    /// The unit, without the text's words for it.
    pub unit: Option<Unit>,
    /// How many claims have a figure that uses it so.
    pub claims: u64,
}

/// Uses of one metric that are looked at; those that no claim has any more count, too.
const USES_LOOKED_AT: usize = 1_000;

/// Parts of counts for one page: what goes on behind them goes on with the next one.
const PARTS: usize = 2_000;

/// Parts of one count. Each is some hundred thousand places in posting lists.
const PARTS_OF_ONE: usize = 25;

/// Counts, and what they have cost.
struct Counting<'a> {
    service: &'a Service,
    asked: &'a MetricsAsked,
    head: Head,
    parts: usize,
    is_limited: bool,
}

impl Service {
    /// One page of the metrics that claims have.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn metrics(&self, asked: &MetricsAsked, head: Head) -> Result<MetricsPage, Error> {
        let mut counting = Counting { service: self, asked, head, parts: 0, is_limited: false };
        let mut page = MetricsPage::default();
        let mut last = None;
        for mut range in asked.ranges() {
            while let Some(listed) = self.next_metric(&range).await? {
                if page.metrics.len() == asked.limit || counting.parts >= PARTS {
                    page.is_cut_short = page.metrics.len() < asked.limit;
                    page.next = last;
                    return Ok(page);
                }
                counting.is_limited = false;
                page.metrics.extend(counting.metric(&listed).await?.filter(|metric| asked.is_asked(&metric.key)));
                range.low = Bound::Excluded(end_of(&listed));
                last = Some(listed);
            }
        }
        Ok(page)
    }

    /// The first metric that is listed within a range; none where there is none.
    pub(super) async fn next_metric(&self, range: &TermRange) -> Result<Option<String>, Error> {
        if range.is_empty() {
            return Ok(None);
        }
        let next = self.store.terms(range, Order::Ascending, 1).await?.into_iter().next();
        Ok(next.and_then(use_of).map(|used| used.key))
    }
}

impl Counting<'_> {
    /// A metric; none where no claim has it.
    async fn metric(&mut self, listed: &str) -> Result<Option<MetricListed>, Error> {
        let range = TermRange {
            low: Bound::Included(Term::MetricUse(MetricUse { key: listed.to_owned(), digest: 0 })),
            high: Bound::Included(end_of(listed)),
        };
        let terms = self.service.store.terms(&range, Order::Ascending, USES_LOOKED_AT).await?;
        let mut uses_omitted = terms.len() == USES_LOOKED_AT;
        let (mut key, mut uses, mut counted) = (None, Vec::new(), Vec::new());
        let listed_uses: Vec<MetricUse> = terms.into_iter().filter_map(use_of).collect();
        for used in &listed_uses {
            if counted.contains(used) {
                continue;
            }
            if uses.len() == limits::METRIC_USES {
                uses_omitted = true;
                break;
            }
            if let Some((found, used, alike)) = self.used(used, &listed_uses).await? {
                key = Some(found);
                uses.push(used);
                counted.extend(alike);
            }
        }
        // Of a key that is listed by its hash nothing is known but by a claim.
        let key = key.or_else(|| (uses_omitted && listed_key(listed) == listed).then(|| listed.to_owned()));
        let Some(key) = key else { return Ok(None) };
        let claims = match uses.as_slice() {
            [only] if !uses_omitted => only.claims,
            _ => self.count(Term::Metric(key.clone()).into()).await?,
        };
        let (listed, counts_limited) = (listed.to_owned(), self.is_limited);
        Ok((claims > 0).then_some(MetricListed { key, listed, claims, uses, uses_omitted, counts_limited }))
    }

    /// What a use is, by a claim that has it, with the metric's key, and with those of its uses that mean the same and are
    /// counted together.
    async fn used(
        &mut self,
        used: &MetricUse,
        listed: &[MetricUse],
    ) -> Result<Option<(String, MetricUsed, Vec<MetricUse>)>, Error> {
        let term = FilterAsked::from(Term::MetricUse(used.clone()));
        let mut claims = self.count(term.clone()).await?;
        if claims == 0 {
            return Ok(None);
        }
        let query = self.service.query(&self.list(term), self.head).await?;
        let mut request = PageRequest { after: None, limit: 1 };
        loop {
            let page = self.service.store.query(&query, self.head.revision, request).await?;
            let figures = page.versions.iter().flat_map(|version| match &version.record {
                Record::Claim(claim) => claim.figures.as_slice(),
                Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => &[],
            });
            let mut using = figures.filter(|figure| MetricUse::of(figure).as_ref() == Some(used));
            if let Some(figure) = using.next()
                && let Some(metric) = &figure.metric
            {
                let mut alike = MetricUse::alike(figure);
                alike.retain(|one| listed.contains(one));
                if alike.len() > 1 {
                    // A claim that has both is one.
                    let terms = alike.iter().map(|one| Term::MetricUse(one.clone()).into());
                    claims = self.count(FilterAsked::Any(terms.collect())).await?;
                }
                let (label, definition) = (metric.label.clone(), metric.definition.clone());
                let unit = figure.unit.clone().and_then(Unit::coded);
                return Ok(Some((metric.key.clone(), MetricUsed { label, definition, unit, claims }, alike)));
            }
            match page.next {
                Some(next) => request.after = Some(next),
                None => return Ok(None),
            }
        }
    }

    /// How many claims meet a filter.
    async fn count(&mut self, filter: FilterAsked) -> Result<u64, Error> {
        let query = self.service.query(&self.list(filter), self.head).await?;
        let (mut count, mut after) = (0, None);
        for _ in 0..PARTS_OF_ONE {
            self.parts += 1;
            let counted = self.service.store.count(&query, self.head.revision, after).await?;
            count += counted.count;
            after = counted.next;
            if after.is_none() {
                return Ok(count);
            }
        }
        self.is_limited = true;
        Ok(count)
    }

    fn list(&self, filter: FilterAsked) -> List {
        List {
            kind: RecordKind::Claim,
            filter,
            statuses: self.asked.statuses.clone(),
            sort: Sort::Recorded,
            order: Order::Ascending,
        }
    }
}

impl MetricsAsked {
    fn is_asked(&self, key: &str) -> bool {
        self.prefix.as_deref().is_none_or(|prefix| Metric::is_within(key, prefix))
    }

    /// Where the metrics of this page are listed.
    fn ranges(&self) -> Vec<TermRange> {
        let mut ranges = match &self.prefix {
            Some(prefix) => within(prefix),
            None => vec![between("", "\u{10FFFF}")],
        };
        if let Some(after) = &self.after {
            let after = Bound::Excluded(end_of(after));
            for range in &mut ranges {
                if term_of(&range.low) < term_of(&after) {
                    range.low = after.clone();
                }
            }
        }
        ranges
    }
}

/// Where the metrics of a prefix are listed: the one that it is, and those within it; and, where keys are listed by their
/// hashes, others that begin alike.
pub(super) fn within(prefix: &str) -> Vec<TermRange> {
    let itself = listed_key(prefix);
    let only = TermRange { low: between(&itself, "").low, high: Bound::Included(end_of(&itself)) };
    if listed_key(&format!("{prefix}.")).len() > prefix.len() + 1 {
        let cut = itself.get(..LISTED_KEY_BYTES).unwrap_or(&itself);
        let mut ranges = vec![between(&format!("{cut}~"), &format!("{cut}~~"))];
        if itself == prefix {
            ranges.insert(0, only);
        }
        return ranges;
    }
    // '/' follows '.'.
    vec![only, between(&format!("{prefix}."), &format!("{prefix}/"))]
}

fn between(low: &str, high: &str) -> TermRange {
    let end = |key: &str| Bound::Included(Term::MetricUse(MetricUse { key: key.to_owned(), digest: 0 }));
    TermRange { low: end(low), high: end(high) }
}

fn use_of(term: Term) -> Option<MetricUse> {
    if let Term::MetricUse(used) = term { Some(used) } else { None }
}

/// The last use that a metric can have.
pub(super) fn end_of(listed: &str) -> Term {
    Term::MetricUse(MetricUse { key: listed.to_owned(), digest: u64::MAX })
}

fn term_of(bound: &Bound<Term>) -> Option<&Term> {
    match bound {
        Bound::Included(term) | Bound::Excluded(term) => Some(term),
        Bound::Unbounded => None,
    }
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
