//! How records refer to each other.

use std::fmt;
use std::sync::Arc;

use super::{ExternalId, Record, RecordStatus, Source, SourceKind, Version};
use crate::domain::name::{FigureId, Name};

/// The name a record goes by within one request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// A key of letters, digits, '-', '_' and '.', at most 63 of them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        ((1..=63).contains(&text.len()) && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reference to a record. Stored, it is always a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Link {
    /// An existing record, or one of the same request that chose its name.
    Name(Name),
    /// A record of the same request.
    Key(Key),
}

/// What an assessment or a figure's whole refers to: a record, or a figure in a claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LinkTarget {
    /// The record; absent for a figure of the same claim.
    pub record: Option<Link>,
    /// The figure in that claim.
    pub figure: Option<FigureId>,
}

/// A reference to a source. Stored, it is always a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SourceLink {
    /// By name or key.
    Link(Link),
    /// By what is known of it.
    Inline(Box<InlineSource>),
}

/// What is known of a source that is given inline.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct InlineSource {
    /// The human name.
    pub display_name: String,
    /// What kind of source it is.
    pub kind: Option<SourceKind>,
    /// The platform it publishes on.
    pub platform: String,
    /// Its handle there.
    pub handle: String,
    /// Its ids elsewhere.
    pub external_ids: Vec<ExternalId>,
    /// How the text describes it.
    pub description: String,
}

impl Link {
    /// The name, of a stored reference.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Name(name) => Some(name),
            Self::Key(_) => None,
        }
    }

    /// The reference as it is displayed, made at once.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Name(name) => name.written(),
            Self::Key(_) => self.to_string(),
        }
    }
}

impl SourceLink {
    /// The name, of a stored reference.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        match self {
            Self::Link(link) => link.name(),
            Self::Inline(_) => None,
        }
    }
}

/// Something that may be the source that is meant.
pub trait Candidate {
    /// The source and its status; none when it is no source.
    fn source(&self) -> Option<(&Source, RecordStatus)>;
}

impl Candidate for Arc<Version> {
    fn source(&self) -> Option<(&Source, RecordStatus)> {
        match &self.record {
            Record::Source(source) => Some((source, self.status())),
            Record::Article(_) | Record::Claim(_) | Record::Relation(_) | Record::Assessment(_) => None,
        }
    }
}

impl InlineSource {
    /// What is known of a source that is given as a record of its own.
    #[must_use]
    pub fn of(source: &Source) -> Self {
        Self {
            display_name: source.display_name.clone(),
            kind: source.kind,
            platform: source.platform.clone(),
            handle: source.handle.clone(),
            external_ids: source.external_ids.clone(),
            description: source.description.clone(),
        }
    }

    /// Those of the sources with its display name that it may mean: one that was retracted does not compete with one that
    /// stands, and a source recorded without a kind answers to any, behind one of the very kind given.
    #[must_use]
    pub fn meant<C: Candidate>(&self, mut candidates: Vec<C>) -> Vec<C> {
        let is = |candidate: &C, what: &dyn Fn(&Source, RecordStatus) -> bool| {
            candidate.source().is_some_and(|(source, status)| what(source, status))
        };
        let is_active = |_: &Source, status| status == RecordStatus::Active;
        let is_exact = |source: &Source, _| source.kind == self.kind;
        candidates.retain(|candidate| is(candidate, &|source, _| self.may_be(source)));
        if candidates.iter().any(|candidate| is(candidate, &is_active)) {
            candidates.retain(|candidate| is(candidate, &is_active));
        }
        if self.kind.is_some() && candidates.iter().any(|candidate| is(candidate, &is_exact)) {
            candidates.retain(|candidate| is(candidate, &is_exact));
        }
        candidates
    }

    /// Whether nothing known of the two tells them apart: another kind, another id in the same scheme, or another handle
    /// on the same platform does. Sources that exist in one article alone are never meant.
    #[must_use]
    pub fn may_be(&self, source: &Source) -> bool {
        let same_kind = self.kind.is_none() || source.kind.is_none() || self.kind == source.kind;
        let other_id = self
            .external_ids
            .iter()
            .any(|wanted| source.external_ids.iter().any(|id| id.scheme == wanted.scheme && id.id != wanted.id));
        let other_handle = !self.handle.is_empty()
            && !source.handle.is_empty()
            && self.platform.eq_ignore_ascii_case(&source.platform)
            && !self.handle.eq_ignore_ascii_case(&source.handle);
        same_kind && !other_id && !other_handle && source.scope_article.is_none()
    }
}

impl From<Name> for Link {
    fn from(name: Name) -> Self {
        Self::Name(name)
    }
}

impl From<Name> for SourceLink {
    fn from(name: Name) -> Self {
        Self::Link(Link::Name(name))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Key(key) => write!(f, "#{key}"),
        }
    }
}

impl fmt::Display for LinkTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.record, &self.figure) {
            (Some(record), Some(figure)) => write!(f, "{record}/figures/{figure}"),
            (Some(record), None) => record.fmt(f),
            (None, Some(figure)) => figure.fmt(f),
            (None, None) => Ok(()),
        }
    }
}
