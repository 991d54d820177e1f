//! Figures in the order of their values. Where few claims match, all are read and sorted. Otherwise the values of the metric
//! are walked, which the index has in order: several at once while few claims have them, and where many have one, in the
//! order of recording. What has no value in the dimension that is asked for comes last.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::page::{Flow, Part};
use super::{FigurePlace, Looking, narrowed};
use crate::domain::figure::units::{self, Kind};
use crate::domain::figure::{MetricAsked, ValueKey};
use crate::domain::filter::Filter;
use crate::domain::limits;
use crate::domain::metric_use::listed_key;
use crate::domain::model::Version;
use crate::domain::sort::SortKey;
use crate::domain::term::Term;
use crate::service::metrics::{end_of as end_of_metric, within};
use crate::service::{Error, FilterAsked};
use crate::storage::{Cursor, Order, PageRequest, Query, Sort, TermRange};

/// Claims that are read at once to be sorted: more cost more than walking the values.
const SORTED: usize = 256;

/// Values that are asked for at once: first and at most.
const VALUES: (usize, usize) = (4, 64);

/// Terms of what has no value that are asked for by themselves.
const REST_TERMS: usize = 100;

/// Above every name of a dimension.
const LAST_DIMENSION: &str = "\u{10FFFF}";

/// A number, and what is found by it.
type Value = (i64, Vec<Term>);

impl Looking<'_> {
    pub(super) async fn by_value(&mut self, query: &Query, after: Option<FigurePlace>) -> Result<Flow, Error> {
        let query = &Query { sort: Sort::Recorded, ..query.clone() };
        let (dimension, _) = units::base(self.asked.question.unit.as_ref(), Kind::Value);
        let metrics = self.metrics().await?;
        let few = if metrics.is_some() { SORTED } else { limits::FIGURES_SORTED };
        // A metric alone has few claims seldom enough, and if it does, walking costs little.
        if (metrics.is_none() || !asks_all(&self.asked.claims.filter))
            && let Some(versions) = self.few(query, few).await?
        {
            return Ok(self.filling.sort(&versions, &dimension, |_| true));
        }
        let Some(metrics) = metrics else {
            let what = "claims to be ordered by value; name one metric, or ask of fewer claims";
            return Err(Error::FilterTooWide { path: "order".to_owned(), what, limit: limits::FIGURES_SORTED });
        };
        let mut begin = None;
        match after {
            Some(place) if place.claim.key.rank > 0 => return self.rest(query, after, &metrics, &dimension).await,
            Some(place) => {
                let value = place.claim.key.first;
                let terms = metrics.iter().map(|metric| value_term(metric, &dimension, Some(value))).collect();
                let flow = self.walk(&carrying(query, terms), after, Part::Keyed(&dimension, value), None).await?;
                if flow != Flow::End {
                    return Ok(flow);
                }
                begin = Some(value);
            }
            None => {}
        }
        match self.values(query, begin, &metrics, &dimension).await? {
            Flow::End => self.rest(query, None, &metrics, &dimension).await,
            flow @ (Flow::Full | Flow::Spent) => Ok(flow),
        }
    }

    /// All claims of a query; none where there are more than so many, or finding them out costs too much.
    async fn few(&mut self, query: &Query, few: usize) -> Result<Option<Vec<Arc<Version>>>, Error> {
        let (mut versions, mut after) = (Vec::new(), None);
        while versions.len() <= few && !self.is_spent() {
            let page = self.claims_of(query, PageRequest { after, limit: few + 1 - versions.len() }).await?;
            versions.extend(page.versions);
            after = page.next;
            if after.is_none() {
                return Ok((versions.len() <= few).then_some(versions));
            }
        }
        Ok(None)
    }

    /// What has a value behind another.
    async fn values(
        &mut self,
        query: &Query,
        mut begin: Option<i64>,
        metrics: &[String],
        dimension: &str,
    ) -> Result<Flow, Error> {
        let mut size = VALUES.0;
        loop {
            let values = self.next_values(begin, metrics, dimension, query.order).await?;
            let Some((last, _)) = values.last() else { return Ok(Flow::End) };
            begin = Some(*last);
            let mut left = &values[..];
            while let Some((first, _)) = left.first() {
                let (group, behind) = left.split_at(size.min(left.len()));
                let flow = match self.group(query, group, dimension).await? {
                    Some(flow) => {
                        size = (2 * size).min(VALUES.1);
                        left = behind;
                        flow
                    }
                    // Many have one of these values: the first is walked by itself, and the others are tried again.
                    None => {
                        let terms = left[0].1.clone();
                        let walked =
                            self.walk(&carrying(query, terms), None, Part::Keyed(dimension, *first), None).await?;
                        if walked == Flow::End {
                            self.filling.reach(end_of(*first, query.order));
                        }
                        size = 1;
                        left = &left[1..];
                        walked
                    }
                };
                if flow != Flow::End {
                    return Ok(flow);
                }
                if self.is_spent() {
                    return Ok(Flow::Spent);
                }
            }
        }
    }

    /// What has one of a few values, sorted; none where too many have.
    async fn group(&mut self, query: &Query, group: &[Value], dimension: &str) -> Result<Option<Flow>, Error> {
        let Some((last, _)) = group.last() else { return Ok(Some(Flow::End)) };
        let terms = group.iter().flat_map(|(_, terms)| terms.iter().cloned()).collect();
        let limit = (2 * self.filling.room()).clamp(1, SORTED);
        let page = self.claims_of(&carrying(query, terms), PageRequest { after: None, limit }).await?;
        if page.next.is_some() {
            return Ok(None);
        }
        let is_meant = |place: &Cursor| place.key.rank == 0 && group.iter().any(|(value, _)| *value == place.key.first);
        let flow = self.filling.sort(&page.versions, dimension, is_meant);
        if flow == Flow::End {
            self.filling.reach(end_of(*last, query.order));
        }
        Ok(Some(flow))
    }

    /// The values that follow one, of all metrics together, with the terms they are found by.
    async fn next_values(
        &self,
        begin: Option<i64>,
        metrics: &[String],
        dimension: &str,
        order: Order,
    ) -> Result<Vec<Value>, Error> {
        let mut values: BTreeMap<i64, Vec<Term>> = BTreeMap::new();
        // What of one metric was not read yet may lie before what was read of another.
        let mut complete: Option<i64> = None;
        for metric in metrics {
            let end = |value| value_term(metric, dimension, Some(value));
            let (low, high) = match (begin, order) {
                (None, _) => (Bound::Included(end(i64::MIN)), Bound::Included(end(i64::MAX))),
                (Some(value), Order::Ascending) => (Bound::Excluded(end(value)), Bound::Included(end(i64::MAX))),
                (Some(value), Order::Descending) => (Bound::Included(end(i64::MIN)), Bound::Excluded(end(value))),
            };
            let terms = self.service.store.terms(&TermRange { low, high }, order, VALUES.1).await?;
            let is_all = terms.len() < VALUES.1;
            let mut last = None;
            for term in terms {
                let Term::FigureValue(_, ValueKey { number: Some(value), .. }) = &term else { continue };
                last = Some(*value);
                values.entry(*value).or_default().push(term);
            }
            if let Some(last) = last.filter(|_| !is_all) {
                complete = Some(match (complete, order) {
                    (None, _) => last,
                    (Some(other), Order::Ascending) => other.min(last),
                    (Some(other), Order::Descending) => other.max(last),
                });
            }
        }
        let is_complete = |value: &i64| match (complete, order) {
            (None, _) => true,
            (Some(last), Order::Ascending) => *value <= last,
            (Some(last), Order::Descending) => *value >= last,
        };
        let mut values: Vec<Value> = values.into_iter().filter(|(value, _)| is_complete(value)).collect();
        if order == Order::Descending {
            values.reverse();
        }
        Ok(values)
    }

    /// What has no value, or one of another dimension, in the order of recording.
    async fn rest(
        &mut self,
        query: &Query,
        after: Option<FigurePlace>,
        metrics: &[String],
        dimension: &str,
    ) -> Result<Flow, Error> {
        let mut rest = Vec::new();
        for metric in metrics {
            let before = TermRange {
                low: Bound::Included(value_term(metric, "", None)),
                high: Bound::Included(value_term(metric, dimension, None)),
            };
            let behind = TermRange {
                low: Bound::Excluded(value_term(metric, dimension, Some(i64::MAX))),
                high: Bound::Included(value_term(metric, LAST_DIMENSION, None)),
            };
            for range in [before, behind] {
                // One more shows that there are more.
                if rest.len() <= REST_TERMS {
                    rest.extend(self.service.store.terms(&range, Order::Ascending, REST_TERMS + 1).await?);
                }
            }
        }
        if rest.is_empty() {
            return Ok(Flow::End);
        }
        // Where they are many, they are looked for among all figures of the metrics.
        let query = if rest.len() > REST_TERMS { query.clone() } else { carrying(query, rest) };
        self.walk(&query, after, Part::Rest(dimension), None).await
    }

    /// The metrics that are asked; none when they are not known, or too many.
    async fn metrics(&self) -> Result<Option<Vec<String>>, Error> {
        match &self.asked.question.metric {
            MetricAsked::Any => Ok(None),
            MetricAsked::Key(key) => Ok(Some(vec![key.clone()])),
            MetricAsked::Prefix(prefix) => {
                let mut keys: Vec<String> = Vec::new();
                for mut range in within(prefix) {
                    while let Some(key) = self.service.next_metric(&range).await? {
                        // A key that is listed by a hash of it cannot be walked.
                        if keys.len() == limits::METRICS_ORDERED || key != listed_key(&key) {
                            return Ok(None);
                        }
                        range.low = Bound::Excluded(end_of_metric(&key));
                        keys.push(key);
                    }
                }
                Ok(Some(keys))
            }
        }
    }
}

fn asks_all(filter: &FilterAsked) -> bool {
    match filter {
        FilterAsked::All(all) => all.iter().all(asks_all),
        FilterAsked::Filter(Filter::All(all)) => all.is_empty(),
        FilterAsked::Filter(_)
        | FilterAsked::Any(_)
        | FilterAsked::Not(_)
        | FilterAsked::Source(_)
        | FilterAsked::Related(_) => false,
    }
}

fn value_term(metric: &str, dimension: &str, number: Option<i64>) -> Term {
    Term::FigureValue(metric.to_owned(), ValueKey { dimension: dimension.to_owned(), number })
}

/// What meets a query and carries one of some terms.
fn carrying(query: &Query, terms: Vec<Term>) -> Query {
    narrowed(query.clone(), Filter::Any(terms.into_iter().map(Filter::Term).collect()))
}

/// The place behind everything of a value.
fn end_of(value: i64, order: Order) -> FigurePlace {
    let number = match order {
        Order::Ascending => u64::MAX,
        Order::Descending => 0,
    };
    FigurePlace::behind(Cursor { key: SortKey { rank: 0, first: value, second: 0 }, number })
}
