//! Queries for figures: which figures of which claims meet a question, page by page, and how many of those looked at meet
//! it how far. Claims are found as lists find them, and graded as they are read.

mod answered;
mod by_value;
mod page;
mod sieve;
mod summary;

pub use page::{FigureCounts, FigureHit, FigurePage, FigurePageRequest, FigurePlace};
pub use summary::{Summarized, SummaryAsked};

pub(super) use self::answered::Answered;
use self::page::{Filling, Flow, Part};
use super::list::List;
use super::{Error, Service};
use crate::domain::figure::{Grade, MetricAsked, Question};
use crate::domain::filter::Filter;
use crate::domain::limits;
use crate::domain::term::Term;
use crate::storage::{Head, Page, PageRequest, Query, Sieve, Sifted};

/// What figures are asked for.
#[derive(Clone, Debug)]
pub struct FiguresAsked {
    /// The claims that are asked, and the order of them.
    pub claims: List,
    /// What is asked of their figures.
    pub question: Question,
    /// The lowest grade of a hit.
    pub minimum: Grade,
    /// What hits are ordered by.
    pub sort: FigureSort,
}

/// What hits are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureSort {
    /// As their claims are, and within a claim as it has them.
    Claims,
    /// By value; what names none comes last, in the order of recording.
    Value,
}

/// Claims that are read for one page, at most: some tenths of a second.
const CLAIMS_READ: usize = 10_000;

/// Places in posting lists that are looked at for one call, at most.
pub(super) const STEPS: u64 = 1_000_000;

impl Service {
    /// One page of the figures that meet a question.
    ///
    /// # Errors
    /// As `list`; `FilterTooWide` where more is to be ordered by value than can be.
    pub async fn figures(
        &self,
        asked: &FiguresAsked,
        head: Head,
        page: FigurePageRequest,
    ) -> Result<FigurePage, Error> {
        let query = of_metric(self.query(&asked.claims, head).await?, &asked.question.metric);
        let mut looking =
            Looking { service: self, asked, head, filling: Filling::new(asked, page), calls: 0, read: 0, steps: 0 };
        let flow = match asked.sort {
            FigureSort::Claims => {
                let sieve = sieve::of(asked, &self.answered);
                looking.walk(&query, page.after, Part::All, sieve.as_ref()).await?
            }
            FigureSort::Value => looking.by_value(&query, page.after).await?,
        };
        Ok(looking.filling.page(flow, looking.steps))
    }
}

/// Times that the store is asked for one page, at most: where few claims have each value, one by one.
const CALLS: usize = 200;

/// A query of what has figures of a metric, too.
fn of_metric(query: Query, metric: &MetricAsked) -> Query {
    match metric {
        MetricAsked::Any => query,
        MetricAsked::Key(key) => narrowed(query, Filter::Term(Term::Metric(key.clone()))),
        MetricAsked::Prefix(prefix) => narrowed(query, Filter::Term(Term::MetricWithin(prefix.clone()))),
    }
}

/// A query of what meets a further filter, which comes first: it says more than the rest.
fn narrowed(query: Query, further: Filter) -> Query {
    Query { filter: Filter::All(vec![further, query.filter]), ..query }
}

/// A page in the making, and what it has cost.
struct Looking<'a> {
    service: &'a Service,
    asked: &'a FiguresAsked,
    head: Head,
    filling: Filling<'a>,
    /// How often the store was asked so far.
    calls: usize,
    /// Claims read so far.
    read: usize,
    /// Places in posting lists looked at so far.
    steps: u64,
}

impl Looking<'_> {
    /// One page of claims, counted as part of what this page costs.
    async fn claims_of(&mut self, query: &Query, page: PageRequest) -> Result<Page, Error> {
        let found = self.service.store.query(query, self.head.revision, page).await?;
        self.count(&found);
        Ok(found)
    }

    /// One page of claims without what a sieve holds back.
    async fn sifted(&mut self, query: &Query, sieve: Option<&Sieve>, page: PageRequest) -> Result<Sifted, Error> {
        let Some(sieve) = sieve else {
            return Ok(Sifted::whole(self.claims_of(query, page).await?));
        };
        let found = self.service.store.sift(query, sieve, self.head.revision, page).await?;
        self.count(&found.page);
        Ok(found)
    }

    fn count(&mut self, found: &Page) {
        self.calls += 1;
        self.read += found.versions.len();
        self.steps += found.scanned;
    }

    fn is_spent(&self) -> bool {
        self.calls >= CALLS || self.read >= CLAIMS_READ || self.steps >= self.service.figure_steps
    }

    /// The candidates of a part of the answer in the order of a query of their claims, behind a place. What a sieve holds
    /// back is counted, whatever part it is of.
    async fn walk(
        &mut self,
        query: &Query,
        after: Option<FigurePlace>,
        part: Part<'_>,
        sieve: Option<&Sieve>,
    ) -> Result<Flow, Error> {
        // The claim that the page before broke off in is read again.
        let mut begin = after.map(|after| part.claim_before(after, query));
        // As many as may fill the page, and more where few of them are hits.
        let mut limit = self.filling.room().max(1);
        loop {
            let Sifted { page, held_back } = self.sifted(query, sieve, PageRequest { after: begin, limit }).await?;
            let mut held_back = held_back.iter();
            for version in &page.versions {
                // Before what lies between is counted, which the next page does.
                if self.filling.room() == 0 {
                    return Ok(Flow::Full);
                }
                self.filling.pass(sieve::counts(held_back.next()));
                let place = part.place(query.sort.cursor(version));
                if self.filling.take(version, place, part) == Flow::Full {
                    return Ok(Flow::Full);
                }
            }
            self.filling.pass(sieve::counts(held_back.next()));
            begin = page.next;
            match begin {
                None => return Ok(Flow::End),
                Some(next) => self.filling.reach(FigurePlace::behind(part.place(next))),
            }
            if self.filling.room() == 0 {
                return Ok(Flow::Full);
            }
            if page.is_cut_short || self.is_spent() {
                return Ok(Flow::Spent);
            }
            limit = self.filling.claims_for_the_rest(self.read).unwrap_or(2 * limit).clamp(1, limits::PAGE_SIZE_MAX);
        }
    }
}
