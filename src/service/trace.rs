//! Trace: the chain of a claim with its sources resolved, and the claims it repeats or is repeated by.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Error, Service, Statuses};
use crate::domain::limits;
use crate::domain::model::{Attribution, Claim, Hedge, Record, RelationType, SourceLink, Version};
use crate::domain::name::Name;
use crate::domain::term::Term;
use crate::storage::{Head, Order, PageRequest, Query};

/// Relations looked at for the links of one claim: those of both directions are listed together.
const LINKS_READ: usize = 10 * limits::TRACE_LINKS;

/// Who said a claim through whom.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The claim.
    pub claim: Arc<Version>,
    /// The chain, outermost source first.
    pub hops: Vec<Hop>,
    /// The claims it says it repeats.
    pub repeats: Vec<Linked>,
    /// The claims that repeat it.
    pub repeated_by: Vec<Linked>,
    /// Whether there are more of either.
    pub links_omitted: bool,
    /// The statuses of what all of them refer to.
    pub statuses: Statuses,
    /// The state read.
    pub head: Head,
}

/// One hop of a chain, resolved.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The hop as recorded; none for the publisher, who is implied.
    pub attribution: Option<Attribution>,
    /// The name of its source.
    pub source_name: Name,
    /// The source.
    pub source: Option<Arc<Version>>,
    /// The channel.
    pub channel: Option<Arc<Version>>,
    /// The addressees.
    pub addressees: Vec<Arc<Version>>,
    /// The hedges that belong to it.
    pub hedges: Vec<Hedge>,
    /// Whether it is the most upstream one.
    pub origin: bool,
}

/// A claim that repeats another, and the relation that says so.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The relation.
    pub relation: Arc<Version>,
    /// The claim at its other end.
    pub claim: Option<Arc<Version>>,
}

impl Service {
    /// Who said a claim through whom.
    ///
    /// # Errors
    /// `NotFound` where there is no such claim at that revision.
    pub async fn trace(&self, name: &Name, head: Head) -> Result<Trace, Error> {
        let version = self.get(name, head).await?;
        let Record::Claim(claim) = &version.record else { return Err(Error::NotFound(name.clone())) };
        let hops = self.hops(claim, head).await?;
        let (repeats, repeated_by, links_omitted) = self.repeats(name, head).await?;
        let linked = repeats.iter().chain(&repeated_by);
        let linked = linked.flat_map(|linked| std::iter::once(&linked.relation).chain(&linked.claim));
        let versions: Vec<_> = std::iter::once(&version).chain(linked).cloned().collect();
        let statuses = self.statuses(&versions, head.revision).await?;
        Ok(Trace { claim: Arc::clone(&version), hops, repeats, repeated_by, links_omitted, statuses, head })
    }

    async fn hops(&self, claim: &Claim, head: Head) -> Result<Vec<Hop>, Error> {
        let links = claim.attributions.iter();
        let links = links.flat_map(|hop| std::iter::once(&hop.source).chain(&hop.channel).chain(&hop.addressees));
        let mut names: Vec<Name> =
            links.filter_map(SourceLink::name).chain(&claim.imprint.publisher).cloned().collect();
        names.sort_unstable();
        names.dedup();
        let found = self.store.get(&names, head.revision).await?;
        let sources: BTreeMap<Name, Arc<Version>> =
            found.into_iter().flatten().map(|version| (version.name.clone(), version)).collect();
        let source = |link: &SourceLink| link.name().and_then(|name| sources.get(name)).cloned();

        let mut hops = Vec::with_capacity(claim.attributions.len() + 1);
        let first = claim.attributions.first().and_then(|hop| hop.source.name());
        // Who repeats the publisher has it in the chain already.
        if let Some(publisher) = claim.imprint.publisher.as_ref().filter(|publisher| first != Some(*publisher)) {
            hops.push(Hop {
                attribution: None,
                source_name: publisher.clone(),
                source: sources.get(publisher).cloned(),
                channel: None,
                addressees: Vec::new(),
                hedges: Vec::new(),
                origin: claim.attributions.is_empty(),
            });
        }
        for (index, hop) in claim.attributions.iter().enumerate() {
            let Some(source_name) = hop.source.name().cloned() else { continue };
            let belongs = |hedge: &&Hedge| hedge.attribution_index.is_some_and(|of| of as usize == index);
            hops.push(Hop {
                source_name,
                source: source(&hop.source),
                channel: hop.channel.as_ref().and_then(source),
                addressees: hop.addressees.iter().filter_map(source).collect(),
                hedges: claim.hedges.iter().filter(belongs).cloned().collect(),
                origin: index + 1 == claim.attributions.len(),
                attribution: Some(hop.clone()),
            });
        }
        Ok(hops)
    }

    /// The claims that one repeats, those that repeat it, and whether there are more of either.
    async fn repeats(&self, name: &Name, head: Head) -> Result<(Vec<Linked>, Vec<Linked>, bool), Error> {
        let terms = [Term::End(name.clone()), Term::RelationType(RelationType::Repeats)];
        let query = Query::carrying(terms, Order::Ascending).active();
        let (mut repeats, mut repeated_by) = (Vec::new(), Vec::new());
        let (mut omitted, mut after, mut read) = (false, None, 0);
        loop {
            let request = PageRequest { after, limit: limits::TRACE_LINKS };
            let page = self.store.query(&query, head.revision, request).await?;
            read += limits::TRACE_LINKS;
            for version in page.versions {
                let Record::Relation(relation) = &version.record else { continue };
                let outward = relation.from.name() == Some(name);
                let links = if outward { &mut repeats } else { &mut repeated_by };
                let other = if outward { relation.to.name() } else { relation.from.name() };
                match other.cloned() {
                    Some(other) if links.len() < limits::TRACE_LINKS => links.push((Arc::clone(&version), other)),
                    Some(_) => omitted = true,
                    None => {}
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
            if read >= LINKS_READ || (repeats.len().min(repeated_by.len()) >= limits::TRACE_LINKS) {
                omitted = true;
                break;
            }
        }
        let names: Vec<Name> = repeats.iter().chain(&repeated_by).map(|(_, other)| other.clone()).collect();
        let mut claims = self.store.get(&names, head.revision).await?.into_iter();
        let mut linked = |links: Vec<(Arc<Version>, Name)>| -> Vec<Linked> {
            links.into_iter().map(|(relation, _)| Linked { relation, claim: claims.next().flatten() }).collect()
        };
        let repeats = linked(repeats);
        let repeated_by = linked(repeated_by);
        Ok((repeats, repeated_by, omitted))
    }
}
