//! Filters as they are asked for: sources by what is known of them, and records by their relations to others. Both are
//! looked up as of the revision read, and nothing is made.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Error, Service};
use crate::domain::filter::Filter;
use crate::domain::limits;
use crate::domain::model::{AttributionRole, Record, RelationType, SourceLink};
use crate::domain::name::{Name, RecordKind};
use crate::domain::term::Term;
use crate::storage::{Head, Order, PageRequest, Query};

/// A filter as it is asked for.
#[derive(Clone, Debug)]
pub enum FilterAsked {
    /// A condition that needs no looking up.
    Filter(Filter),
    /// Every one of these.
    All(Vec<FilterAsked>),
    /// At least one of these.
    Any(Vec<FilterAsked>),
    /// Not this.
    Not(Box<FilterAsked>),
    /// By a source.
    Source(SourceAsked),
    /// By a relation to another record.
    Related(RelatedAsked),
}

/// A source by which records are filtered.
#[derive(Clone, Debug)]
pub struct SourceAsked {
    /// Where in the request it was given.
    pub path: String,
    /// The source, by name or by what is known of it.
    pub source: SourceLink,
    /// What it is to the records.
    pub part: SourcePart,
    /// Whether sources that are said to be the same are meant too.
    pub follow_same_as: bool,
}

/// What a source is to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourcePart {
    /// Anywhere in a claim's chain, the implied publisher included.
    Anywhere,
    /// The origin of a claim.
    Origin,
    /// Somewhere in a claim's chain, in a role.
    Role(AttributionRole),
    /// The publisher of a claim's article.
    PublisherOfClaim,
    /// The publisher of an article.
    Publisher,
    /// The assessor of an assessment.
    Assessor,
}

/// A record to which others are related.
#[derive(Clone, Debug)]
pub struct RelatedAsked {
    /// Where in the request it was given.
    pub path: String,
    /// The record.
    pub record: Name,
    /// The types of relation; any, when none is named.
    pub types: Vec<RelationType>,
    /// Which end of the relation the records looked for are at.
    pub end: RelatedEnd,
}

/// The end of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelatedEnd {
    /// Either.
    Either,
    /// Where it begins: they relate to the record.
    From,
    /// Where it leads: the record relates to them.
    To,
}

impl From<Filter> for FilterAsked {
    fn from(filter: Filter) -> Self {
        Self::Filter(filter)
    }
}

impl From<Term> for FilterAsked {
    fn from(term: Term) -> Self {
        Self::Filter(Filter::Term(term))
    }
}

impl SourcePart {
    fn term(self, source: Name) -> Term {
        match self {
            Self::Anywhere => Term::Source(source),
            Self::Origin => Term::Origin(source),
            Self::Role(role) => Term::Speaker(role, source),
            Self::PublisherOfClaim => Term::PublishedBy(source),
            Self::Publisher => Term::Publisher(source),
            Self::Assessor => Term::Assessor(source),
        }
    }
}

type Resolving<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

impl Service {
    /// What a filter comes to as of a revision.
    pub(super) async fn resolve(&self, asked: &FilterAsked, head: Head) -> Result<Filter, Error> {
        Resolver { service: self, head, relations_left: AtomicUsize::new(limits::RELATIONS_READ) }.resolve(asked).await
    }
}

/// Looks up what one filter asks for.
struct Resolver<'s> {
    service: &'s Service,
    head: Head,
    /// Relations that may still be looked at.
    relations_left: AtomicUsize,
}

impl Resolver<'_> {
    fn resolve<'a>(&'a self, asked: &'a FilterAsked) -> Resolving<'a, Filter> {
        Box::pin(async move {
            Ok(match asked {
                FilterAsked::Filter(filter) => filter.clone(),
                FilterAsked::All(all) => Filter::All(self.resolve_all(all).await?),
                FilterAsked::Any(any) => Filter::Any(self.resolve_all(any).await?),
                FilterAsked::Not(not) => Filter::Not(Box::new(self.resolve(not).await?)),
                FilterAsked::Source(asked) => self.resolve_source(asked).await?,
                FilterAsked::Related(asked) => self.resolve_related(asked).await?,
            })
        })
    }

    fn resolve_all<'a>(&'a self, asked: &'a [FilterAsked]) -> Resolving<'a, Vec<Filter>> {
        Box::pin(async move {
            let mut filters = Vec::with_capacity(asked.len());
            for filter in asked {
                filters.push(self.resolve(filter).await?);
            }
            Ok(filters)
        })
    }

    /// A source that nobody has recorded has no records.
    async fn resolve_source(&self, asked: &SourceAsked) -> Result<Filter, Error> {
        let Some(name) = self.service.find_source(&asked.path, &asked.source, self.head.revision).await? else {
            return Ok(Filter::Any(Vec::new()));
        };
        let mut names = BTreeSet::from([name.clone()]);
        if asked.follow_same_as {
            let mut next = vec![name];
            while let Some(name) = next.pop() {
                let same = self.related(&asked.path, &name, &[RelationType::SameAs], RelatedEnd::Either).await?;
                next.extend(same.into_iter().filter(|other| names.insert(other.clone())));
                if names.len() > limits::FILTER_VALUES {
                    return Err(too_many(&asked.path, "sources said to be the same", limits::FILTER_VALUES));
                }
            }
        }
        Ok(Filter::Any(names.into_iter().map(|name| Filter::Term(asked.part.term(name))).collect()))
    }

    async fn resolve_related(&self, asked: &RelatedAsked) -> Result<Filter, Error> {
        let names = self.related(&asked.path, &asked.record, &asked.types, asked.end).await?;
        Ok(Filter::Any(names.into_iter().map(|name| Filter::Term(Term::Name(name))).collect()))
    }

    /// The records at the other ends of a record's active relations.
    async fn related(
        &self,
        path: &str,
        record: &Name,
        types: &[RelationType],
        end: RelatedEnd,
    ) -> Result<BTreeSet<Name>, Error> {
        let mut all = vec![Filter::Term(Term::End(record.clone()))];
        if !types.is_empty() {
            all.push(Filter::Any(types.iter().copied().map(Term::RelationType).map(Filter::Term).collect()));
        }
        let query = Query {
            kind: Some(RecordKind::Relation),
            filter: Filter::All(all),
            ..Query::carrying([], Order::Ascending)
        };
        let query = query.active();
        let mut names = BTreeSet::new();
        let mut after = None;
        loop {
            let page = PageRequest { after, limit: 100 };
            let page = self.service.store.query(&query, self.head.revision, page).await?;
            let left = self.relations_left.load(Ordering::Relaxed).checked_sub(page.versions.len());
            let left = left.ok_or_else(|| too_many(path, "relations", limits::RELATIONS_READ))?;
            self.relations_left.store(left, Ordering::Relaxed);
            for version in page.versions {
                let Record::Relation(relation) = &version.record else { continue };
                let (from, to) = (relation.from.name(), relation.to.name());
                if from == Some(record) && end != RelatedEnd::From {
                    names.extend(to.cloned());
                }
                if to == Some(record) && end != RelatedEnd::To {
                    names.extend(from.cloned());
                }
            }
            if names.len() > limits::RELATED {
                return Err(too_many(path, "related records", limits::RELATED));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(names),
            }
        }
    }
}

fn too_many(path: &str, what: &'static str, limit: usize) -> Error {
    Error::FilterTooWide { path: path.to_owned(), what, limit }
}
