//! What a version is found by.

use super::{NAME_PREFIX_LENGTHS, Term, fold, names};
use crate::domain::figure::{ValueKey, sketches};
use crate::domain::language::Language;
use crate::domain::metric_use::{LISTED_KEY_BYTES, MetricUse};
use crate::domain::model::{AttributionRole, Claim, Link, Metric, Record, Source, SourceLink, Version};
use crate::domain::name::RecordKind;
use crate::domain::sort::{Sort, SortKey, TimeField};
use crate::domain::time::{ApproximateTime, CalendarPeriod, Extent, Precision, TimeRange};

/// What a version is found by: all its terms, each once.
#[must_use]
pub fn terms(version: &Version) -> Vec<Term> {
    let mut terms = keys(version);
    terms.extend(properties(version));
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The terms of a version that identify it, and the article of a claim: those by which plans look records up. Each once.
#[must_use]
pub fn keys(version: &Version) -> Vec<Term> {
    let kind = version.record.kind();
    let mut keys = vec![Term::Name(version.name.clone())];
    keys.extend(version.content.map(Term::Content));
    keys.extend(version.record.external_ids().iter().map(|id| Term::ExternalId(kind, id.clone())));
    match &version.record {
        Record::Article(article) => {
            keys.extend(article.urls.iter().map(|url| Term::Url(url.canonical.as_str().to_owned())));
            keys.extend(article.text.iter().map(|text| Term::Text(text.sha256)));
        }
        Record::Source(source) => {
            keys.extend(source.account().map(|(platform, handle)| Term::Account(platform, handle)));
            if source.scope_article.as_ref().and_then(Link::name).is_none() {
                keys.push(Term::DisplayName(source.display_name.clone()));
            }
        }
        Record::Claim(claim) => {
            keys.extend(claim.article.as_ref().and_then(Link::name).cloned().map(Term::Article));
        }
        Record::Relation(_) | Record::Assessment(_) => {}
    }
    debug_assert!(keys.iter().all(Term::is_key), "{keys:?}");
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// All other terms of a version. Some may be there twice: to find that out would cost more than whoever posts them twice.
#[must_use]
pub fn properties(version: &Version) -> Vec<Term> {
    let kind = version.record.kind();
    let mut terms = vec![Term::Kind(kind)];
    match &version.record {
        Record::Article(article) => {
            terms.extend(article.publisher.iter().filter_map(SourceLink::name).cloned().map(Term::Publisher));
            language(&mut terms, kind, article.language.as_ref());
            time(&mut terms, version, TimeField::Published);
        }
        Record::Source(source) => of_source(&mut terms, source),
        Record::Claim(claim) => of_claim(&mut terms, version, claim),
        Record::Relation(relation) => {
            terms.push(Term::RelationType(relation.r#type));
            for end in [&relation.from, &relation.to] {
                terms.extend(end.name().cloned().map(Term::End));
            }
        }
        Record::Assessment(assessment) => {
            terms.push(Term::target(&assessment.target));
            terms.extend(assessment.assessor.name().cloned().map(Term::Assessor));
        }
    }
    terms.extend(version.retraction.iter().map(|_| Term::Retracted));
    let labels = version.record.labels().iter();
    terms.extend(labels.map(|(key, value)| Term::Label(kind, key.clone(), value.clone())));
    debug_assert!(!terms.iter().any(Term::is_key), "{terms:?}");
    terms
}

fn of_source(terms: &mut Vec<Term>, source: &Source) {
    terms.extend(source.scope_article.as_ref().and_then(Link::name).cloned().map(Term::Scope));
    terms.extend(source.kind.map(Term::SourceKind));
    let given = |text: &str| (!text.is_empty()).then(|| text.to_lowercase());
    terms.extend(given(&source.platform).map(Term::Platform));
    terms.extend(given(&source.handle).map(Term::Handle));
    for name in names(source) {
        let name = fold(name);
        let whole = name.chars().count();
        let lengths = NAME_PREFIX_LENGTHS.iter().filter(|length| **length <= whole);
        terms.extend(lengths.map(|length| Term::NamePrefix(name.chars().take(*length).collect())));
    }
}

fn of_claim(terms: &mut Vec<Term>, version: &Version, claim: &Claim) {
    if let Some(article) = claim.article.as_ref().and_then(Link::name) {
        terms.push(Term::Position(article.clone(), Sort::Position(article.clone()).key(version)));
    }
    if let Some(publisher) = &claim.imprint.publisher {
        terms.push(Term::Source(publisher.clone()));
        terms.push(Term::PublishedBy(publisher.clone()));
        terms.push(Term::Speaker(AttributionRole::Publisher, publisher.clone()));
    }
    for hop in &claim.attributions {
        let Some(source) = hop.source.name() else { continue };
        terms.push(Term::Source(source.clone()));
        terms.extend(hop.role.map(|role| Term::Speaker(role, source.clone())));
    }
    if let Some(origin) = claim.attributions.last() {
        terms.extend(origin.source.name().cloned().map(Term::Origin));
        terms.extend(origin.certainty.map(Term::OriginCertainty));
    }
    for entity in &claim.entities {
        terms.push(Term::Entity(fold(&entity.label)));
        terms.extend(entity.external_ids.iter().cloned().map(Term::EntityId));
    }
    for figure in &claim.figures {
        let Some(metric) = figure.metric.as_ref().filter(|metric| !metric.key.is_empty()) else { continue };
        terms.push(Term::Metric(metric.key.clone()));
        terms.extend(beginnings(&metric.key, '.').map(Term::MetricWithin));
        terms.push(Term::FigureValue(metric.key.clone(), ValueKey::of(figure)));
        terms.extend(MetricUse::of(figure).map(Term::MetricUse));
    }
    // A key that is too long to be listed in an order has none.
    let sketched = sketches(&claim.figures).filter(|(metric, _)| metric.len() <= LISTED_KEY_BYTES);
    terms.extend(sketched.map(|(metric, sketch)| Term::FigureSketch(metric.to_owned(), sketch)));
    terms.extend(claim.kinds.iter().copied().map(Term::ClaimKind));
    terms.extend(claim.presentation.map(Term::Presentation));
    terms.extend(claim.hedges.iter().map(|hedge| Term::Hedge(hedge.kind)));
    language(terms, RecordKind::Claim, claim.language.as_ref());
    time(terms, version, TimeField::Event);
    time(terms, version, TimeField::Published);
}

/// The keys of the metrics that are named.
fn metrics(claim: &Claim) -> impl Iterator<Item = &str> {
    let metrics = claim.figures.iter().filter_map(|figure| figure.metric.as_ref());
    metrics.map(|metric| metric.key.as_str()).filter(|key| !key.is_empty())
}

fn language(terms: &mut Vec<Term>, kind: RecordKind, language: Option<&Language>) {
    let Some(language) = language else { return };
    let tag = language.as_str().to_ascii_lowercase();
    terms.extend(beginnings(&tag, '-').map(|range| Term::Language(kind, range)));
}

fn time(terms: &mut Vec<Term>, version: &Version, field: TimeField) {
    let kind = version.record.kind();
    let time = field.of(&version.record);
    terms.push(Term::TimeKey(kind, field, SortKey::of_time(time)));
    let Some(range) = time.map(ApproximateTime::range) else { return };
    let extent = Extent::of(range);
    match extent {
        Extent::Unknown => return,
        Extent::Wide => terms.push(Term::Time(kind, field, extent, None)),
        Extent::Within(_) => {}
    }
    let TimeRange { earliest: Some(earliest), .. } = range else { return };
    for precision in Precision::ALL {
        terms.push(Term::Time(kind, field, extent, Some(CalendarPeriod::holding(earliest, precision))));
    }
}

/// The beginnings of a text that end where a segment does, the whole included.
fn beginnings(text: &str, separator: char) -> impl Iterator<Item = String> {
    let ends = text.match_indices(separator).map(|(at, _)| at).chain([text.len()]);
    ends.map(|end| text[..end].to_owned())
}

impl Term {
    /// Whether it is among the terms of a version. Told from the record itself where that is little work: all terms of a
    /// claim are some forty strings.
    #[must_use]
    pub fn is_carried_by(&self, version: &Version) -> bool {
        match (self, &version.record) {
            (Self::Kind(kind), record) => record.kind() == *kind,
            (Self::Name(name), _) => version.name == *name,
            (Self::Content(digest), _) => version.content == Some(*digest),
            (Self::Retracted, _) => version.retraction.is_some(),
            (Self::Label(kind, key, value), record) => {
                record.kind() == *kind && record.labels().get(key).is_some_and(|given| given == value)
            }
            (Self::Article(name), Record::Claim(claim)) => claim.article.as_ref().and_then(Link::name) == Some(name),
            (Self::PublishedBy(name), Record::Claim(claim)) => claim.imprint.publisher.as_ref() == Some(name),
            (Self::Source(name), Record::Claim(claim)) => {
                claim.imprint.publisher.as_ref() == Some(name)
                    || claim.attributions.iter().any(|hop| hop.source.name() == Some(name))
            }
            (Self::Origin(name), Record::Claim(claim)) => {
                claim.attributions.last().is_some_and(|hop| hop.source.name() == Some(name))
            }
            (Self::Metric(key), Record::Claim(claim)) => metrics(claim).any(|given| given == key),
            (Self::MetricWithin(beginning), Record::Claim(claim)) => {
                metrics(claim).any(|given| Metric::is_within(given, beginning))
            }
            (Self::FigureValue(metric, key), Record::Claim(claim)) => claim.figures.iter().any(|figure| {
                figure.metric.as_ref().is_some_and(|given| given.key == *metric) && ValueKey::of(figure) == *key
            }),
            (Self::MetricUse(used), Record::Claim(claim)) => {
                claim.figures.iter().any(|figure| MetricUse::of(figure).as_ref() == Some(used))
            }
            (Self::ClaimKind(kind), Record::Claim(claim)) => claim.kinds.contains(kind),
            _ if self.kind().is_some_and(|kind| kind != version.record.kind()) => false,
            _ if self.is_key() => keys(version).contains(self),
            _ => properties(version).contains(self),
        }
    }
}
