//! Which changes a watcher wants: a version matches every field that says something, by one of its values.

use std::collections::BTreeSet;

use crate::domain::model::{Claim, Link, LinkTarget, Metric, Record, SourceLink, Version};
use crate::domain::name::{Name, RecordKind};
use crate::domain::term::{Term, terms};
use crate::service::sources::keys;
use crate::service::{Error, Service};
use crate::storage::Commit;

/// Which changes a watcher wants, as it says so. An empty field says nothing.
#[derive(Clone, Debug, Default)]
pub struct WatchFilter {
    /// Kinds of record.
    pub kinds: Vec<RecordKind>,
    /// Sources, each with where it was given.
    pub sources: Vec<(String, SourceLink)>,
    /// Metrics, each with those below it.
    pub metrics: Vec<String>,
    /// Articles.
    pub articles: Vec<Name>,
}

/// A filter whose sources are found.
#[derive(Debug)]
pub(super) struct Matcher {
    kinds: Vec<RecordKind>,
    /// None when the filter has none.
    sources: Option<Sources>,
    metrics: Vec<String>,
    articles: BTreeSet<Name>,
}

/// The sources of a filter.
#[derive(Debug, Default)]
struct Sources {
    found: BTreeSet<Name>,
    /// Those that do not exist yet.
    awaited: Vec<Awaited>,
    /// The revision as of which they were looked for.
    looked_at: u64,
}

#[derive(Debug)]
struct Awaited {
    path: String,
    source: SourceLink,
    /// What a source that it may mean is found by.
    keys: Vec<Term>,
}

impl Matcher {
    /// Finds the sources, in the newest state: who goes on from an old revision means the sources of today.
    pub(super) async fn resolve(service: &Service, filter: WatchFilter) -> Result<Self, Error> {
        let WatchFilter { kinds, sources, metrics, articles } = filter;
        let articles = articles.into_iter().collect();
        if sources.is_empty() {
            return Ok(Self { kinds, sources: None, metrics, articles });
        }
        let looked_at = service.store.head().await?.revision;
        let mut resolved = Sources { looked_at, ..Sources::default() };
        for (path, source) in sources {
            match service.find_source(&path, &source, looked_at).await? {
                Some(name) => {
                    resolved.found.insert(name);
                }
                None => {
                    let keys = match &source {
                        SourceLink::Inline(inline) => keys(inline),
                        SourceLink::Link(_) => Vec::new(),
                    };
                    resolved.awaited.push(Awaited { path, source, keys });
                }
            }
        }
        Ok(Self { kinds, sources: Some(resolved), metrics, articles })
    }

    /// Looks again for sources that did not exist, if this commit may have made one of them.
    pub(super) async fn admit(&mut self, service: &Service, commit: &Commit) -> Result<(), Error> {
        let Some(Sources { found, awaited, looked_at }) = &mut self.sources else { return Ok(()) };
        if awaited.is_empty() || commit.revision <= *looked_at {
            return Ok(());
        }
        let mut made = source_terms(commit);
        let mut rest = commit.rest;
        while let Some(number) = rest {
            let part = service.store.changes_from(number).await?;
            made.extend(source_terms(&part));
            rest = part.rest;
        }
        if made.is_empty() {
            return Ok(());
        }
        let mut still = Vec::new();
        for source in std::mem::take(awaited) {
            let may_be = source.keys.iter().any(|key| made.contains(key));
            match may_be {
                true => match service.find_source(&source.path, &source.source, commit.revision).await? {
                    Some(name) => {
                        found.insert(name);
                    }
                    None => still.push(source),
                },
                false => still.push(source),
            }
        }
        *awaited = still;
        Ok(())
    }

    /// Whether a version is wanted.
    pub(super) fn matches(&self, version: &Version) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&version.name.kind))
            && self.sources.as_ref().is_none_or(|sources| has_source(version, &sources.found))
            && (self.metrics.is_empty() || has_metric(version, &self.metrics))
            && (self.articles.is_empty() || has_article(version, &self.articles))
    }
}

/// What the sources in a part of a commit are found by.
fn source_terms(commit: &Commit) -> BTreeSet<Term> {
    let sources = commit.versions.iter().filter(|version| version.name.kind == RecordKind::Source);
    sources.flat_map(|version| terms(version)).collect()
}

fn has_source(version: &Version, sources: &BTreeSet<Name>) -> bool {
    let is_one = |name: Option<&Name>| name.is_some_and(|name| sources.contains(name));
    is_one(Some(&version.name))
        || match &version.record {
            Record::Article(article) => is_one(article.publisher.as_ref().and_then(SourceLink::name)),
            Record::Source(_) => false,
            Record::Claim(claim) => {
                is_one(claim.imprint.publisher.as_ref())
                    || claim.attributions.iter().any(|hop| is_one(hop.source.name()))
            }
            Record::Relation(relation) => is_one(relation.from.name()) || is_one(relation.to.name()),
            Record::Assessment(assessment) => {
                is_one(assessment.assessor.name()) || is_one(record_of(&assessment.target))
            }
        }
}

fn has_article(version: &Version, articles: &BTreeSet<Name>) -> bool {
    let is_one = |name: Option<&Name>| name.is_some_and(|name| articles.contains(name));
    is_one(Some(&version.name))
        || match &version.record {
            Record::Article(_) => false,
            Record::Source(source) => is_one(source.scope_article.as_ref().and_then(Link::name)),
            Record::Claim(claim) => is_one(claim.article.as_ref().and_then(Link::name)),
            Record::Relation(relation) => is_one(relation.from.name()) || is_one(relation.to.name()),
            Record::Assessment(assessment) => is_one(record_of(&assessment.target)),
        }
}

fn record_of(target: &LinkTarget) -> Option<&Name> {
    target.record.as_ref().and_then(Link::name)
}

fn has_metric(version: &Version, metrics: &[String]) -> bool {
    match &version.record {
        Record::Claim(Claim { figures, .. }) => figures
            .iter()
            .filter_map(|figure| figure.metric.as_ref())
            .any(|metric| metrics.iter().any(|wanted| Metric::is_within(&metric.key, wanted))),
        Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => false,
    }
}
