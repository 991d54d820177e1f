//! Versions as messages.

use super::metadata::metadata;
use super::{article, assessment, claim, relation, source};
use crate::domain::model::{Link, LinkTarget, Record, Version};
use crate::domain::name::RecordKind;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::{record_result, version};
use crate::service::Statuses;

/// A message that a service reads records as.
pub(crate) trait Served: prost::Message + Default {
    /// The kind of record it is.
    const KIND: RecordKind;

    /// The record as a message; none when it is of another kind. `statuses` are those of the records it refers to,
    /// `body` an article's text.
    fn from_version(version: &Version, statuses: &Statuses, body: Option<&str>) -> Option<Self>;
}

impl Served for v1::Article {
    const KIND: RecordKind = RecordKind::Article;

    fn from_version(version: &Version, _: &Statuses, body: Option<&str>) -> Option<Self> {
        let Record::Article(article) = &version.record else { return None };
        Some(article::to_response(version, article, body))
    }
}

impl Served for v1::Source {
    const KIND: RecordKind = RecordKind::Source;

    fn from_version(version: &Version, _: &Statuses, _: Option<&str>) -> Option<Self> {
        let Record::Source(source) = &version.record else { return None };
        Some(source::to_response(version, source))
    }
}

impl Served for v1::Claim {
    const KIND: RecordKind = RecordKind::Claim;

    fn from_version(version: &Version, statuses: &Statuses, _: Option<&str>) -> Option<Self> {
        let Record::Claim(claim) = &version.record else { return None };
        Some(claim::to_response(version, claim, &statuses.retracted(&version.record)))
    }
}

impl Served for v1::Relation {
    const KIND: RecordKind = RecordKind::Relation;

    fn from_version(version: &Version, statuses: &Statuses, _: Option<&str>) -> Option<Self> {
        let Record::Relation(relation) = &version.record else { return None };
        let status = |link: &Link| link.name().map(|name| statuses.of(name));
        Some(relation::to_response(version, relation, status(&relation.from), status(&relation.to)))
    }
}

impl Served for v1::Assessment {
    const KIND: RecordKind = RecordKind::Assessment;

    fn from_version(version: &Version, statuses: &Statuses, _: Option<&str>) -> Option<Self> {
        let Record::Assessment(assessment) = &version.record else { return None };
        let LinkTarget { record, figure: _ } = &assessment.target;
        let status = record.as_ref().and_then(Link::name).map(|name| statuses.of(name));
        Some(assessment::to_response(version, assessment, status))
    }
}

/// The record of a version in the oneof of another message.
macro_rules! in_oneof {
    ($version:expr, $statuses:expr, $body:expr, $oneof:path) => {{
        use $oneof as Oneof;
        match &$version.record {
            Record::Article(article) => Oneof::Article(article::to_response($version, article, $body)),
            Record::Source(source) => Oneof::Source(source::to_response($version, source)),
            Record::Claim(_) => Oneof::Claim(v1::Claim::from_version($version, $statuses, None).unwrap_or_default()),
            Record::Relation(_) => {
                Oneof::Relation(v1::Relation::from_version($version, $statuses, None).unwrap_or_default())
            }
            Record::Assessment(_) => {
                Oneof::Assessment(v1::Assessment::from_version($version, $statuses, None).unwrap_or_default())
            }
        }
    }};
}

/// The record of a write's result, an article without its text.
pub(super) fn result_record(version: &Version, statuses: &Statuses) -> record_result::Record {
    in_oneof!(version, statuses, None, record_result::Record)
}

/// One version of a record's history.
pub(crate) fn version(version: &Version, statuses: &Statuses, body: Option<&str>) -> v1::Version {
    v1::Version { action: version.action.number(), record: Some(in_oneof!(version, statuses, body, version::Record)) }
}

/// Which version it is.
pub(crate) fn version_info(version: &Version) -> v1::VersionInfo {
    v1::VersionInfo { action: version.action.number(), metadata: Some(metadata(version)) }
}
