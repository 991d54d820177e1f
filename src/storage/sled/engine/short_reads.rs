//! What is read so quickly that the worker that asks does it itself (`workers`).

use super::{QueryLimits, SledStore, bound, query};
use crate::domain::filter::Filter;
use crate::domain::sort::Sort;
use crate::storage::{Page, PageRequest, Query, StoreError};

/// Records that are read so, at most.
pub(super) const RECORDS: usize = 4;

/// Places in posting lists that are looked at for them.
pub(super) const STEPS: u64 = 32;

/// Places that are looked at for one version.
const STEPS_PER_VERSION: u64 = 4;

/// Places in posting lists that may be looked at to find out whether there are more than so many versions: no more than what
/// it saves to know, and as many as a short read may.
pub(super) fn places(versions: usize) -> u64 {
    STEPS.max((versions as u64).saturating_mul(STEPS_PER_VERSION))
}

/// Terms of a query that is answered so: each is looked for in every segment.
const TERMS: usize = 8;

/// Revisions that one of them may be behind the newest: where older ones end is looked up in the log.
const REVISIONS_BEHIND: u64 = 1_000;

impl SledStore {
    /// A page that is read quickly, by the worker that asks. None where it would have to wait, or may take longer.
    pub(super) fn page_here(
        &self,
        query: &Query,
        as_of: u64,
        page: PageRequest,
        limits: QueryLimits,
    ) -> Option<Result<Page, StoreError>> {
        let is_short = page.limit <= RECORDS && is_plain(query) && is_recent(as_of, *self.head.borrow());
        let read = || self.read_here(|reader| Ok(query::page(reader, query, bound(reader, as_of)?, page, limits)?));
        is_short.then(read).flatten()
    }

    /// A page that is read on a thread that may block.
    pub(super) async fn page_elsewhere(
        &self,
        query: &Query,
        as_of: u64,
        page: PageRequest,
        limits: QueryLimits,
    ) -> Result<Page, StoreError> {
        let query = query.clone();
        self.read(move |reader| Ok(query::page(reader, &query, bound(reader, as_of)?, page, limits)?)).await
    }
}

/// Whether what held as of a revision is quickly found.
pub(super) fn is_recent(revision: u64, newest: u64) -> bool {
    newest.saturating_sub(revision) <= REVISIONS_BEHIND
}

/// Whether a query asks for a few terms in the order of recording: its cost is in what its limits count.
pub(super) fn is_plain(query: &Query) -> bool {
    query.sort == Sort::Recorded && is_narrow(&query.filter) && terms(&query.filter).is_some_and(|terms| terms <= TERMS)
}

/// Whether a term must be met: nothing else says where to look.
fn is_narrow(filter: &Filter) -> bool {
    match filter {
        Filter::Term(_) => true,
        Filter::All(filters) => filters.iter().any(is_narrow),
        Filter::Any(_) | Filter::Not(_) | Filter::Time(_) | Filter::Recorded(_) | Filter::NamePrefix(_) => false,
    }
}

/// How many terms it is made of, if of nothing else.
fn terms(filter: &Filter) -> Option<usize> {
    match filter {
        Filter::Term(_) => Some(1),
        Filter::Not(filter) => terms(filter),
        Filter::All(filters) => filters.iter().map(terms).sum(),
        Filter::Any(_) | Filter::Time(_) | Filter::Recorded(_) | Filter::NamePrefix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::term::Term;
    use crate::storage::Order;

    #[test]
    fn a_query_is_plain_whose_cost_its_limits_bound() {
        let query = |filter| Query { filter, ..Query::carrying([], Order::Ascending) };
        let term = || Filter::Term(Term::Retracted);
        assert!(is_plain(&Query::carrying([Term::Retracted], Order::Ascending)));
        assert!(is_plain(&Query::carrying([Term::Retracted], Order::Ascending).active()));
        assert!(!is_plain(&query(Filter::All(vec![]))), "nothing says where to look");
        assert!(!is_plain(&query(Filter::Not(Box::new(term())))), "nothing says where to look");
        assert!(!is_plain(&query(Filter::Any(vec![term()]))), "each of any number is looked for first");
        assert!(!is_plain(&query(Filter::All(vec![term(), Filter::NamePrefix("a".to_owned())]))));
        assert!(!is_plain(&query(Filter::All(std::iter::repeat_with(term).take(TERMS + 1).collect()))));
    }
}
