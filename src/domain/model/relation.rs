//! A typed link between two records.

use super::fields::record_fields;
use super::{Alteration, Basis, ExternalId, Labels, Link, RelationType, SourceLink, Span};
use crate::domain::name::RecordKind;

/// A relation without its names; see `claimdb.v1.Relation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Where the link starts.
    pub from: Link,
    /// What kind of link it is.
    pub r#type: RelationType,
    /// Where the link ends.
    pub to: Link,
    /// Whether it is stated, inferred or judged.
    pub basis: Option<Basis>,
    /// What was lost or changed on the way.
    pub alterations: Vec<Alteration>,
    /// The words that show it.
    pub evidence: Vec<Span>,
    /// Who says that it holds.
    pub asserted_by: Option<SourceLink>,
    /// Why.
    pub note: String,
    /// Its ids elsewhere; each identifies it.
    pub external_ids: Vec<ExternalId>,
    /// Free labels.
    pub labels: Labels,
}

record_fields!(Relation {
    from: replace,
    r#type: replace,
    to: replace,
    basis: replace,
    alterations: replace,
    evidence: replace,
    asserted_by: replace,
    note: replace,
    external_ids: unite,
    labels: unite,
});

impl RelationType {
    /// Whether a relation of this type may start at a record of one kind and end at one of the other.
    #[must_use]
    pub fn joins(self, from: RecordKind, to: RecordKind) -> bool {
        use RecordKind::{Article, Claim, Source};
        if self <= Self::InstanceOf {
            return (from, to) == (Claim, Claim);
        }
        if self == Self::BasedOn {
            return from == Claim && matches!(to, Claim | Article | Source);
        }
        if self <= Self::OwnedBy {
            return (from, to) == (Source, Source);
        }
        (from, to) == (Article, Article)
    }
}
