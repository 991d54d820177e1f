//! Parts that several records share.

use std::collections::BTreeMap;

use super::{Basis, EntityKind, Link, PlacePrecision, SpanStatus};
use crate::domain::decimal::Decimal;
use crate::domain::text::Sha256;
use crate::domain::time::ApproximateTime;
use crate::domain::url::CanonicalUrl;

/// Free labels, by key.
pub type Labels = BTreeMap<String, String>;

/// A record's id in somebody else's system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternalId {
    /// Whose id it is.
    pub scheme: String,
    /// The id as that system writes it.
    pub id: String,
}

/// A time as given: the range it names, the words it was read from, and who put it so.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TimeGiven {
    /// The time; absent when it is unknown.
    pub time: Option<ApproximateTime>,
    /// The words of the text.
    pub verbatim: String,
    /// Whether the text states it.
    pub basis: Option<Basis>,
}

/// Where something happened.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Place {
    /// The words of the text.
    pub verbatim: String,
    /// The place in gazetteers.
    pub external_ids: Vec<ExternalId>,
    /// Latitude and longitude in decimal degrees, WGS 84.
    pub coordinates: Option<(Decimal, Decimal)>,
    /// How exactly the coordinates are known.
    pub precision: Option<PlacePrecision>,
    /// Whether the text states it.
    pub basis: Option<Basis>,
}

/// Somebody or something a claim is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityRef {
    /// The name as readers know it.
    pub label: String,
    /// What kind of thing it is.
    pub kind: Option<EntityKind>,
    /// The entity in other systems.
    pub external_ids: Vec<ExternalId>,
    /// Where the text mentions it.
    pub mentions: Vec<Span>,
    /// The part it plays in the claim.
    pub role: String,
}

/// A stretch of an article's text, in Unicode code points, half-open.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// First code point. Always there in a verified span, together with `end`.
    pub start: Option<u32>,
    /// Code point after the last one.
    pub end: Option<u32>,
    /// The words themselves.
    pub exact: String,
    /// What stands directly before them.
    pub prefix: String,
    /// What stands directly after them.
    pub suffix: String,
    /// The article, when it is not the record's own.
    pub article: Option<Link>,
    /// The text it was checked against; always there in a verified span.
    pub text_sha256: Option<Sha256>,
    /// Whether the words were found; always there in a stored span.
    pub status: Option<SpanStatus>,
}

/// Where an article is published. Two are equal when their canonical forms are.
#[derive(Clone, Debug)]
pub struct Url {
    /// The URL as given.
    pub given: String,
    /// Its canonical form, which identifies the article.
    pub canonical: CanonicalUrl,
}

impl PartialEq for Url {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Url {}
