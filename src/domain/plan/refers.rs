//! What a draft refers to: where one record of a request cannot be read, those that refer to it cannot be planned either.

use std::collections::HashSet;

use super::references::{links, source_links};
use super::{Batch, Draft};
use crate::domain::model::{Link, Record, SourceLink, Span};
use crate::domain::name::Name;

impl Batch {
    /// Leaves out whatever refers to a draft that could not be made, directly or not, so that what is found wrong with the
    /// others is wrong with them.
    pub fn leave_out_what_refers_to(&mut self, not_made: Vec<Link>) {
        let mut missing: HashSet<Link> = not_made.into_iter().collect();
        loop {
            let before = self.drafts.len();
            self.drafts.retain(|draft| {
                let is_left = !refers_to(&draft.record).iter().any(|link| missing.contains(link));
                if !is_left {
                    missing.extend(draft.links());
                }
                is_left
            });
            if self.drafts.len() == before {
                break;
            }
        }
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
fn refers_to(record: &Record) -> Vec<Link> {
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
