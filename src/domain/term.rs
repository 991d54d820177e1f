//! What a version can be found by. One list serves every engine: a new index is a variant here and a line in `terms`.

use super::figure::{Sketch, ValueKey, sketches};
use super::language::Language;
use super::metric_use::{LISTED_KEY_BYTES, MetricUse};
use super::model::{
    AttributionRole, Certainty, Claim, ClaimKind, ExternalId, HedgeKind, Link, LinkTarget, Metric, Presentation,
    Record, RelationType, Source, SourceKind, SourceLink, Version,
};
use super::name::{Name, RecordKind};
use super::sort::{Sort, SortKey, TimeField};
use super::text::Sha256;
use super::time::{CalendarPeriod, Extent, Precision, TimeRange};

/// Something a version is found by. Exact keys find one record; the others list many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Every version of a kind of record.
    Kind(RecordKind),
    /// Every version of one record. Exact key.
    Name(Name),
    /// Articles by canonical URL. Exact key.
    Url(String),
    /// Records by an id elsewhere, per type. Exact key.
    ExternalId(RecordKind, ExternalId),
    /// Sources by platform and handle, in lower case. Exact key.
    Account(String, String),
    /// Sources, not scoped to an article, by display name. Exact key, though namesakes share it.
    DisplayName(String),
    /// Records by the digest of their content, article and recorder. Exact key.
    Content(Sha256),
    /// Article versions by the text they carry.
    Text(Sha256),
    /// Claims by article.
    Article(Name),
    /// Claims by a source anywhere in their chain, the implied publisher included.
    Source(Name),
    /// Articles by publisher.
    Publisher(Name),
    /// Sources by the article they are scoped to.
    Scope(Name),
    /// Relations by either end.
    End(Name),
    /// Relations by type.
    RelationType(RelationType),
    /// Assessments by target, a record or a figure.
    Target(String),
    /// Assessments by assessor.
    Assessor(Name),
    /// Records that were retracted.
    Retracted,
    /// Records of a kind by a label: key and value.
    Label(RecordKind, String, String),
    /// Claims by the publisher of their article.
    PublishedBy(Name),
    /// Claims by their origin, the last hop of the chain.
    Origin(Name),
    /// Claims by a source and the part it plays in the chain.
    Speaker(AttributionRole, Name),
    /// Claims by the label of an entity, folded.
    Entity(String),
    /// Claims by an entity's id elsewhere.
    EntityId(ExternalId),
    /// Claims by the metric of one of their figures.
    Metric(String),
    /// Claims by a metric or what begins its key, in whole segments.
    MetricWithin(String),
    /// Claims by a metric and the words it is given with. Ordered.
    MetricUse(MetricUse),
    /// Claims by the metric of one of their figures and where that figure stands by value. Ordered.
    FigureValue(String, ValueKey),
    /// Claims by a metric, and in outline what they say about it, where that is one thing. Ordered.
    FigureSketch(String, Sketch),
    /// Claims by kind.
    ClaimKind(ClaimKind),
    /// Claims by how the text puts them forward.
    Presentation(Presentation),
    /// Claims by how firmly their origin puts them.
    OriginCertainty(Certainty),
    /// Claims by a kind of hedge.
    Hedge(HedgeKind),
    /// Records of a kind by language, or what begins its tag, in lower case: `pt-br` is under `pt`, too.
    Language(RecordKind, String),
    /// Sources by kind.
    SourceKind(SourceKind),
    /// Sources by platform, in lower case.
    Platform(String),
    /// Sources by handle, in lower case, whatever the platform.
    Handle(String),
    /// Sources, not scoped to an article, by what a name or alias begins with, folded: see `name_prefix`.
    NamePrefix(String),
    /// Records of a kind by how much of the calendar a time takes, and a period in which its earliest instant lies; all of
    /// that extent where none is named.
    Time(RecordKind, TimeField, Extent, Option<CalendarPeriod>),
    /// Records of a kind by the sort key of a time. Ordered.
    TimeKey(RecordKind, TimeField, SortKey),
    /// Claims by article and the sort key of their place in it. Ordered.
    Position(Name, SortKey),
}

/// What a version is found by: all its terms, each once.
#[must_use]
pub fn terms(version: &Version) -> Vec<Term> {
    let kind = version.record.kind();
    let mut terms = vec![Term::Kind(kind), Term::Name(version.name.clone())];
    terms.extend(version.content.map(Term::Content));
    terms.extend(version.record.external_ids().iter().map(|id| Term::ExternalId(kind, id.clone())));
    match &version.record {
        Record::Article(article) => {
            terms.extend(article.urls.iter().map(|url| Term::Url(url.canonical.as_str().to_owned())));
            terms.extend(article.text.iter().map(|text| Term::Text(text.sha256)));
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
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn of_source(terms: &mut Vec<Term>, source: &Source) {
    terms.extend(source.account().map(|(platform, handle)| Term::Account(platform, handle)));
    match source.scope_article.as_ref().and_then(Link::name) {
        Some(article) => terms.push(Term::Scope(article.clone())),
        None => terms.push(Term::DisplayName(source.display_name.clone())),
    }
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
        terms.push(Term::Article(article.clone()));
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
    let Some(range) = time.map(super::time::ApproximateTime::range) else { return };
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

/// Lengths, in characters, of the beginnings by which names are found; a longer one is checked against the name.
const NAME_PREFIX_LENGTHS: [usize; 8] = [1, 2, 3, 4, 6, 8, 12, 16];

/// The term that every name with this beginning is found by.
#[must_use]
pub fn name_prefix(folded: &str) -> Option<Term> {
    let whole = folded.chars().count();
    let length = NAME_PREFIX_LENGTHS.iter().rev().find(|length| **length <= whole)?;
    Some(Term::NamePrefix(folded.chars().take(*length).collect()))
}

/// The names by which a source is found: none where it exists in one article alone.
pub(super) fn names(source: &Source) -> impl Iterator<Item = &str> {
    let is_found = source.scope_article.is_none();
    let all = std::iter::once(&source.display_name).chain(&source.aliases);
    all.filter(move |name| is_found && !name.is_empty()).map(String::as_str)
}

/// A name as it is looked for: without regard to case, and to white space around it.
#[must_use]
pub fn fold(name: &str) -> String {
    name.trim().to_lowercase()
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
            _ => self.kind().is_none_or(|kind| kind == version.record.kind()) && terms(version).contains(self),
        }
    }

    /// The kind of record that carries it, where no other can.
    #[must_use]
    pub fn kind(&self) -> Option<RecordKind> {
        match self {
            Self::Kind(kind)
            | Self::ExternalId(kind, _)
            | Self::Label(kind, ..)
            | Self::Language(kind, _)
            | Self::Time(kind, ..)
            | Self::TimeKey(kind, ..) => Some(*kind),
            Self::Name(name) => Some(name.kind),
            Self::Url(_) | Self::Text(_) | Self::Publisher(_) => Some(RecordKind::Article),
            Self::Account(..)
            | Self::DisplayName(_)
            | Self::Scope(_)
            | Self::SourceKind(_)
            | Self::Platform(_)
            | Self::Handle(_)
            | Self::NamePrefix(_) => Some(RecordKind::Source),
            Self::Article(_)
            | Self::Source(_)
            | Self::PublishedBy(_)
            | Self::Origin(_)
            | Self::Speaker(..)
            | Self::Entity(_)
            | Self::EntityId(_)
            | Self::Metric(_)
            | Self::MetricWithin(_)
            | Self::MetricUse(_)
            | Self::FigureValue(..)
            | Self::FigureSketch(..)
            | Self::ClaimKind(_)
            | Self::Presentation(_)
            | Self::OriginCertainty(_)
            | Self::Hedge(_)
            | Self::Position(..) => Some(RecordKind::Claim),
            Self::End(_) | Self::RelationType(_) => Some(RecordKind::Relation),
            Self::Target(_) | Self::Assessor(_) => Some(RecordKind::Assessment),
            Self::Content(_) | Self::Retracted => None,
        }
    }

    /// The term that finds the assessments of a record or figure.
    #[must_use]
    pub fn target(target: &LinkTarget) -> Self {
        Self::Target(target.to_string())
    }
}
