//! What records refer to, and an order that satisfies it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Stage;
use crate::domain::model::{Link, LinkTarget, Record, SourceLink, Span, Version};
use crate::domain::name::{Name, RecordKind};

/// Records, each behind those that it refers to. Those that refer to each other in a circle come last.
pub(super) fn ordered(records: Vec<Arc<Version>>, stage: Stage) -> Vec<Arc<Version>> {
    let places: HashMap<&Name, usize> = (0..).zip(&records).map(|(place, version)| (&version.name, place)).collect();
    let mut referring: Vec<Vec<usize>> = vec![Vec::new(); records.len()];
    let mut open = vec![0; records.len()];
    for (place, version) in records.iter().enumerate() {
        for referred in may_be_later(&version.record, version, stage).iter().filter_map(|name| places.get(name)) {
            if *referred != place {
                referring[*referred].push(place);
                open[place] += 1;
            }
        }
    }
    let mut order: Vec<usize> = (0..records.len()).filter(|place| open[*place] == 0).collect();
    let mut next = 0;
    while let Some(place) = order.get(next).copied() {
        next += 1;
        for place in &referring[place] {
            open[*place] -= 1;
            if open[*place] == 0 {
                order.push(*place);
            }
        }
    }
    order.extend((0..records.len()).filter(|place| open[*place] > 0));
    order.into_iter().map(|place| Arc::clone(&records[place])).collect()
}

/// What a record refers to that may come later than a stage: all else is there by then, and need not be looked up.
pub(super) fn may_be_later(record: &Record, version: &Version, stage: Stage) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let sources = |names: &mut BTreeSet<Name>, links: &mut dyn Iterator<Item = &SourceLink>| {
        names.extend(links.filter_map(SourceLink::name).cloned());
    };
    match record {
        Record::Article(article) => sources(&mut names, &mut article.publisher.iter().chain(&article.bylines)),
        Record::Source(source) => {
            names.extend(source.scope_article.iter().filter_map(Link::name).cloned());
            names.extend(source.mentions.iter().filter_map(article_of));
        }
        Record::Claim(claim) => {
            let wholes = claim.figures.iter().filter_map(|figure| figure.whole.as_ref());
            names.extend(wholes.filter_map(target));
        }
        Record::Relation(relation) => {
            names.extend([&relation.from, &relation.to].into_iter().filter_map(|link| link.name().cloned()));
        }
        Record::Assessment(assessment) => names.extend(target(&assessment.target)),
    }
    names.extend(version.retraction.iter().filter_map(|retraction| retraction.source.clone()));
    names.retain(|name| match name.kind {
        RecordKind::Source => stage <= Stage::ScopedSources,
        RecordKind::Article => stage <= Stage::Articles,
        RecordKind::Claim => stage <= Stage::Claims,
        RecordKind::Relation => stage <= Stage::Relations,
        RecordKind::Assessment => true,
    });
    names
}

fn article_of(span: &Span) -> Option<Name> {
    span.article.as_ref().and_then(Link::name).cloned()
}

fn target(target: &LinkTarget) -> Option<Name> {
    target.record.as_ref().and_then(Link::name).cloned()
}
