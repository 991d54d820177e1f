//! A record as of one of its versions.

use std::sync::Arc;

use super::{Action, AgentType, Article, Assessment, Claim, RecordStatus, Relation, RetractedBy, Source};
use crate::domain::decimal::Decimal;
use crate::domain::name::{Name, RecordKind};
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;

/// The content of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "records are boxed where they are kept")]
pub enum Record {
    /// A text that was published.
    Article(Article),
    /// Whom a claim is attributed to.
    Source(Source),
    /// A proposition as it occurs in one place.
    Claim(Claim),
    /// A typed link.
    Relation(Relation),
    /// A verdict or rating.
    Assessment(Assessment),
}

/// Applies the same expression to whichever record it is.
macro_rules! each_record {
    ($record:expr, $inner:ident => $body:expr) => {
        match $record {
            $crate::domain::model::Record::Article($inner) => $body,
            $crate::domain::model::Record::Source($inner) => $body,
            $crate::domain::model::Record::Claim($inner) => $body,
            $crate::domain::model::Record::Relation($inner) => $body,
            $crate::domain::model::Record::Assessment($inner) => $body,
        }
    };
}

impl Record {
    /// What kind of record it is.
    #[must_use]
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Article(_) => RecordKind::Article,
            Self::Source(_) => RecordKind::Source,
            Self::Claim(_) => RecordKind::Claim,
            Self::Relation(_) => RecordKind::Relation,
            Self::Assessment(_) => RecordKind::Assessment,
        }
    }

    /// Its ids elsewhere.
    #[must_use]
    pub fn external_ids(&self) -> &[super::ExternalId] {
        each_record!(self, record => &record.external_ids)
    }

    /// Its free labels.
    #[must_use]
    pub fn labels(&self) -> &super::Labels {
        each_record!(self, record => &record.labels)
    }

    /// The fields that are given, by name.
    #[must_use]
    pub fn given(&self) -> Vec<&'static str> {
        each_record!(self, record => record.given())
    }

    /// The fields given that differ from this stored record; none when the kinds differ.
    #[must_use]
    pub fn differing(&self, given: &Self) -> Vec<&'static str> {
        match (self, given) {
            (Self::Article(stored), Self::Article(given)) => stored.differing(given),
            (Self::Source(stored), Self::Source(given)) => stored.differing(given),
            (Self::Claim(stored), Self::Claim(given)) => stored.differing(given),
            (Self::Relation(stored), Self::Relation(given)) => stored.differing(given),
            (Self::Assessment(stored), Self::Assessment(given)) => stored.differing(given),
            _ => Vec::new(),
        }
    }

    /// Takes over the fields that are given; nothing when the kinds differ.
    pub fn update(&mut self, given: Self) {
        match (self, given) {
            (Self::Article(stored), Self::Article(given)) => stored.update(given),
            (Self::Source(stored), Self::Source(given)) => stored.update(given),
            (Self::Claim(stored), Self::Claim(given)) => stored.update(given),
            (Self::Relation(stored), Self::Relation(given)) => stored.update(given),
            (Self::Assessment(stored), Self::Assessment(given)) => stored.update(given),
            _ => {}
        }
    }

    /// Replaces one field by its proto name.
    ///
    /// # Errors
    /// When this kind of record has no such field.
    pub fn replace(&mut self, field: &str, from: &Self) -> Result<(), super::UnknownField> {
        match (self, from) {
            (Self::Article(stored), Self::Article(from)) => stored.replace(field, from),
            (Self::Source(stored), Self::Source(from)) => stored.replace(field, from),
            (Self::Claim(stored), Self::Claim(from)) => stored.replace(field, from),
            (Self::Relation(stored), Self::Relation(from)) => stored.replace(field, from),
            (Self::Assessment(stored), Self::Assessment(from)) => stored.replace(field, from),
            _ => Err(super::UnknownField(field.to_owned())),
        }
    }
}

/// What a caller states about itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recorder {
    /// The tool or desk.
    pub tool: String,
    /// Its version.
    pub tool_version: String,
    /// What kind of agent it is.
    pub agent_type: Option<AgentType>,
    /// How sure the tool is that it extracted rightly, from 0 to 1.
    pub extraction_confidence: Option<Decimal>,
}

/// Why a record no longer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retraction {
    /// Whether the source or the recorder withdrew it.
    pub retracted_by: RetractedBy,
    /// The reason given.
    pub reason: String,
    /// The source that withdrew it.
    pub source: Option<Name>,
    /// The commit that withdrew it.
    pub revision: u64,
    /// When that commit was made.
    pub time: Timestamp,
    /// The principal that asked for it.
    pub principal: Arc<str>,
    /// What that caller stated about itself.
    pub recorder: Option<Arc<Recorder>>,
}

/// What the store that a record was exported from knew about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// That store's id.
    pub store_id: String,
    /// The commit that created the record there.
    pub create_revision: u64,
    /// When that commit was made.
    pub create_time: Timestamp,
    /// The commit that made the version that was exported.
    pub revision: u64,
    /// When that commit was made.
    pub time: Timestamp,
    /// Who asked for that version.
    pub principal: String,
    /// What that caller stated about itself.
    pub recorder: Option<Recorder>,
}

/// A record as of one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The version's number: dense over all records, in the order of commits and of mutations in a commit.
    pub number: u64,
    /// The record's name.
    pub name: Name,
    /// The commit that created the record.
    pub create_revision: u64,
    /// When that commit was made.
    pub create_time: Timestamp,
    /// The commit that made this version.
    pub revision: u64,
    /// When that commit was made.
    pub time: Timestamp,
    /// What made this version.
    pub action: Action,
    /// Who asked for it.
    pub principal: Arc<str>,
    /// What that caller stated about itself.
    pub recorder: Option<Arc<Recorder>>,
    /// The reason given for a revision or a reinstatement.
    pub reason: String,
    /// Why the record no longer stands, when it does not.
    pub retraction: Option<Box<Retraction>>,
    /// The number of the version this one replaced.
    pub replaces: Option<u64>,
    /// Digest of content, article and recorder the record was made with: the same, sent again, finds it.
    pub content: Option<Sha256>,
    /// Where the record came from, when it was exported from another store.
    pub provenance: Option<Arc<Provenance>>,
    /// The content.
    pub record: Record,
}

impl Version {
    /// Whether the record stands.
    #[must_use]
    pub fn status(&self) -> RecordStatus {
        if self.retraction.is_some() { RecordStatus::Retracted } else { RecordStatus::Active }
    }

    /// Names this version: a strong validator, since every version has its own number.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("\"{:x}\"", self.number)
    }
}
