//! What a draft refers to: where one record of a request cannot be read, those that refer to it cannot be planned either.

use std::collections::{HashMap, HashSet};

use super::references::{links, source_links};
use super::{Batch, Draft};
use crate::domain::model::{Link, Record, SourceLink, Span};
use crate::domain::name::Name;

impl Batch {
    /// Leaves out whatever refers to a draft that could not be made, directly or not, so that what is found wrong with the
    /// others is wrong with them.
    pub fn leave_out_what_refers_to(&mut self, not_made: Vec<Link>) {
        // Which drafts refer to each: a chain of them may be as long as a request.
        let mut referring: HashMap<Link, Vec<usize>> = HashMap::new();
        for (index, draft) in self.drafts.iter().enumerate() {
            for link in refers_to(&draft.record) {
                referring.entry(link).or_default().push(index);
            }
        }
        let mut missing: HashSet<Link> = not_made.iter().cloned().collect();
        let mut left_out: HashSet<usize> = HashSet::new();
        let mut next = not_made;
        while let Some(link) = next.pop() {
            for index in referring.remove(&link).unwrap_or_default() {
                if left_out.insert(index)
                    && let Some(draft) = self.drafts.get(index)
                {
                    next.extend(draft.links());
                    missing.extend(draft.links());
                }
            }
        }
        let mut indices = 0..;
        self.drafts.retain(|_| indices.next().is_none_or(|index| !left_out.contains(&index)));
        let is_there = |link: &Link| !missing.contains(link);
        let is_named = |name: &Name| is_there(&Link::Name(name.clone()));
        let has = |source: &Option<SourceLink>| match source {
            Some(SourceLink::Link(link)) => is_there(link),
            Some(SourceLink::Inline(_)) | None => true,
        };
        self.revise.retain(|revising| is_named(&revising.name) && refers_to(&revising.record).iter().all(is_there));
        self.retract.retain(|retracting| is_named(&retracting.name) && has(&retracting.source));
        self.reinstate.retain(|reinstatement| is_named(&reinstatement.name));
    }
}

impl Draft {
    /// What others of the request may call it.
    pub fn links(&self) -> impl Iterator<Item = Link> + use<> {
        let (key, name) = (self.key.clone(), self.name.clone());
        key.map(Link::Key).into_iter().chain(name.map(Link::Name))
    }
}

/// Every record that a record refers to.
pub(super) fn refers_to(record: &Record) -> Vec<Link> {
    let mut record = record.clone();
    let mut found: Vec<Link> = links(&mut record).into_iter().map(|(_, link, _)| link.clone()).collect();
    found.extend(source_links(&mut record).into_iter().filter_map(|(_, link)| match link {
        SourceLink::Link(link) => Some(link.clone()),
        SourceLink::Inline(_) => None,
    }));
    let mut spans: Vec<&Span> = Vec::new();
    match &record {
        Record::Article(_) => {}
        Record::Source(source) => spans.extend(&source.mentions),
        Record::Claim(claim) => {
            spans.extend(&claim.spans);
            let of_hops = claim.attributions.iter().flat_map(|hop| hop.cue.iter().chain(&hop.source_span));
            spans.extend(of_hops.map(Box::as_ref));
            spans.extend(claim.hedges.iter().filter_map(|hedge| hedge.span.as_deref()));
            spans.extend(claim.entities.iter().flat_map(|entity| &entity.mentions));
            spans.extend(claim.figures.iter().filter_map(|figure| figure.span.as_deref()));
            let wholes = claim.figures.iter().filter_map(|figure| figure.whole.as_ref());
            found.extend(wholes.filter_map(|whole| whole.record.clone()));
        }
        Record::Relation(relation) => spans.extend(&relation.evidence),
        Record::Assessment(assessment) => found.extend(assessment.target.record.clone()),
    }
    found.extend(spans.into_iter().filter_map(|span| span.article.clone()));
    found
}
