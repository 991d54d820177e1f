//! Somebody's verdict on or rating of a record.

use super::fields::record_fields;
use super::{Credibility, ExternalId, Labels, LinkTarget, Reliability, SourceLink, TimeGiven, Verdict};
use crate::domain::decimal::Decimal;

/// An assessment without its names; see `claimdb.v1.Assessment`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// What is assessed.
    pub target: LinkTarget,
    /// Who assesses.
    pub assessor: SourceLink,
    /// The scheme of the original label, a URI.
    pub scheme: String,
    /// The label as published.
    pub original_label: String,
    /// The rating as published.
    pub rating_value: Option<Decimal>,
    /// The best rating of the scheme.
    pub best_rating: Option<Decimal>,
    /// The worst rating of the scheme.
    pub worst_rating: Option<Decimal>,
    /// The verdict in words that can be compared.
    pub verdict: Option<Verdict>,
    /// Admiralty reliability.
    pub reliability: Option<Reliability>,
    /// Admiralty credibility.
    pub credibility: Option<Credibility>,
    /// The grounds.
    pub explanation: String,
    /// Where it is published.
    pub url: String,
    /// When it was made.
    pub assessed_time: Option<TimeGiven>,
    /// Its ids elsewhere; each identifies it.
    pub external_ids: Vec<ExternalId>,
    /// Free labels.
    pub labels: Labels,
}

record_fields!(Assessment {
    target: replace,
    assessor: replace,
    scheme: replace,
    original_label: replace,
    rating_value: replace,
    best_rating: replace,
    worst_rating: replace,
    verdict: replace,
    reliability: replace,
    credibility: replace,
    explanation: replace,
    url: replace,
    assessed_time: replace,
    external_ids: unite,
    labels: unite,
});
