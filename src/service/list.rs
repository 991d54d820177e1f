//! Lists: one page of the versions that match a filter.

use super::{Error, Service};
use crate::domain::model::SourceLink;
use crate::domain::name::{Name, RecordKind};
use crate::domain::term::Term;
use crate::storage::{Head, Order, Page, PageRequest, Query};

/// What to list.
#[derive(Clone, Debug)]
pub struct List {
    /// The kind of record.
    pub kind: RecordKind,
    /// What each must be found by.
    pub terms: Vec<Term>,
    /// The source each must have.
    pub source: Option<SourceFilter>,
    /// Whether retracted records are listed.
    pub show_retracted: bool,
    /// Which way to read.
    pub order: Order,
}

/// A source by which a list is narrowed.
#[derive(Clone, Debug)]
pub struct SourceFilter {
    /// Where it was given.
    pub path: &'static str,
    /// The source, by name or by what is known of it.
    pub source: SourceLink,
    /// What the records of the source are found by.
    pub term: fn(Name) -> Term,
}

impl Service {
    /// One page of a list. A source that nobody has recorded has no records: the page is empty.
    ///
    /// # Errors
    /// `SourceAmbiguous`; or when the store fails.
    pub async fn list(&self, list: List, head: Head, page: PageRequest) -> Result<Page, Error> {
        let List { kind, mut terms, source, show_retracted, order } = list;
        if let Some(SourceFilter { path, source, term }) = source {
            match self.find_source(path, &source, head.revision).await? {
                Some(name) => terms.push(term(name)),
                None => return Ok(Page { versions: Vec::new(), next: None }),
            }
        }
        if terms.is_empty() {
            terms.push(Term::Kind(kind));
        }
        let query = Query { terms, show_retracted, order };
        Ok(self.store.query(&query, head.revision, page).await?)
    }
}
