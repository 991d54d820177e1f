//! A write as it is asked for, and what it comes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::model::{
    Action, ConflictPolicy, Key, MatchRule, Outcome, Provenance, Record, Recorder, RetractedBy, Retraction, SourceLink,
    WarningReason,
};
use crate::domain::name::Name;
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;

/// A write: one atomic commit, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Who asks.
    pub principal: Arc<str>,
    /// What the caller states about itself.
    pub recorder: Option<Arc<Recorder>>,
    /// Makes it safe to send again.
    pub request: Option<RequestKey>,
    /// Check everything, keep nothing.
    pub validate_only: bool,
    /// What must hold.
    pub preconditions: Vec<Precondition>,
    /// Records to make or find: articles, sources, claims, relations, assessments, in this order.
    pub drafts: Vec<Draft>,
    /// Records to revise.
    pub revise: Vec<Revising>,
    /// Records to retract.
    pub retract: Vec<Retracting>,
    /// Records to reinstate.
    pub reinstate: Vec<Reinstatement>,
    /// Where records that this makes came from, by name: they are taken as they were exported, their spans with them.
    pub provenance: BTreeMap<Name, Arc<Provenance>>,
    /// What the caller should know already.
    pub warnings: Vec<Warning>,
}

/// A request id and what was asked under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The id, unique per principal.
    pub id: String,
    /// Digest of the decoded request.
    pub digest: Sha256,
}

/// What must hold of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// The record.
    pub name: Name,
    /// What must hold of it.
    pub condition: Condition,
}

/// What must hold of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It exists, retracted or not; or it does not.
    Exists(bool),
    /// Its current version has this etag.
    Etag(String),
}

/// A record to make or find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where it stands in the request: `claims[3]`.
    pub path: String,
    /// What other records of the request call it.
    pub key: Option<Key>,
    /// The name the caller chose.
    pub name: Option<Name>,
    /// What to do when it exists.
    pub policy: ConflictPolicy,
    /// The content as given.
    pub record: Record,
}

/// A record to revise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revising {
    /// Where the revision stands in the request: `revise[0]`.
    pub path: String,
    /// The record.
    pub name: Name,
    /// The fields as given.
    pub record: Record,
    /// The fields to replace, by proto name; a claim's figure as `figures.{id}`. Absent: every field given.
    pub mask: Option<Vec<String>>,
    /// The version it was made from.
    pub etag: Option<String>,
    /// Why.
    pub reason: String,
}

/// A record to retract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retracting {
    /// Where it stands in the request: `retract[0]`.
    pub path: String,
    /// The record.
    pub name: Name,
    /// Who withdraws it.
    pub retracted_by: RetractedBy,
    /// Why.
    pub reason: String,
    /// The source that withdraws it.
    pub source: Option<SourceLink>,
    /// Withdraw an article's active claims with it.
    pub include_claims: bool,
    /// The version it was decided on.
    pub etag: Option<String>,
}

/// A record to reinstate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reinstatement {
    /// Where it stands in the request: `reinstate[0]`.
    pub path: String,
    /// The record.
    pub name: Name,
    /// Why.
    pub reason: String,
    /// The version it was decided on.
    pub etag: Option<String>,
}

/// What a batch comes to.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Plan {
    /// The versions to commit, in order. Empty when nothing changes.
    pub versions: Vec<NewVersion>,
    /// What becomes of each record, in request order.
    pub results: Vec<Planned>,
    /// What the caller should know, the first few.
    pub warnings: Vec<Warning>,
    /// How many warnings there are.
    pub warning_count: u32,
}

/// A version to commit. The engine gives it its number, revision and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// The record.
    pub name: Name,
    /// What makes this version.
    pub action: Action,
    /// The content, resolved.
    pub record: Record,
    /// Digest of content, article and recorder, when the record can be found again by it.
    pub content: Option<Sha256>,
    /// The reason given.
    pub reason: String,
    /// Set when the record no longer stands; revision and time of a new retraction are the engine's to fill.
    pub retraction: Option<Retraction>,
    /// The version it replaces. A plan has at most one new version of a record.
    pub replaces: Option<Replaced>,
}

/// The version that a new one replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Its number.
    pub number: u64,
    /// The commit that created the record.
    pub create_revision: u64,
    /// When that commit was made.
    pub create_time: Timestamp,
    /// Where the record came from.
    pub provenance: Option<Arc<Provenance>>,
}

/// What becomes of one record of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Where it stands in the request.
    pub path: String,
    /// What the request calls it.
    pub key: Option<Key>,
    /// Its name.
    pub name: Name,
    /// What is done.
    pub outcome: Outcome,
    /// How an existing record was found.
    pub matched_by: Option<MatchRule>,
    /// The fields given that differ from an existing record's.
    pub differing: Vec<String>,
}

/// Something that was recorded as given and that the caller should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where in the request.
    pub path: String,
    /// What kind of thing it is.
    pub reason: WarningReason,
    /// In words.
    pub message: String,
}
