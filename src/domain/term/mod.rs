//! What a version can be found by. One list serves every engine: a new index is a variant here and a line in `of_version`.

mod of_version;

pub use of_version::{keys, properties, terms};

use super::figure::{Sketch, ValueKey};
use super::metric_use::MetricUse;
use super::model::{
    AttributionRole, Certainty, ClaimKind, ExternalId, HedgeKind, LinkTarget, Presentation, RelationType, Source,
    SourceKind,
};
use super::name::{Name, RecordKind};
use super::sort::{SortKey, TimeField};
use super::text::Sha256;
use super::time::{CalendarPeriod, Extent};

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

    /// Whether plans look records up by it: with each record they do so by what identifies it, and by no other term.
    #[must_use]
    pub fn is_key(&self) -> bool {
        // `keys` and `properties` assert that they agree with this.
        matches!(
            self,
            Self::Name(_)
                | Self::Url(_)
                | Self::ExternalId(..)
                | Self::Account(..)
                | Self::DisplayName(_)
                | Self::Content(_)
                | Self::Text(_)
                | Self::Article(_)
        )
    }

    /// What a source is found by for certain: its ids elsewhere, and its account as platform and handle.
    #[must_use]
    pub fn keys_of_source(external_ids: &[ExternalId], account: Option<(String, String)>) -> Vec<Self> {
        let ids = external_ids.iter().map(|id| Self::ExternalId(RecordKind::Source, id.clone()));
        ids.chain(account.map(|(platform, handle)| Self::Account(platform, handle))).collect()
    }

    /// The term that finds the assessments of a record or figure.
    #[must_use]
    pub fn target(target: &LinkTarget) -> Self {
        Self::Target(target.to_string())
    }
}
