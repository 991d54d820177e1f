//! Requests to compare two versions of a record.

use super::reader::{Reader, Violations};
use crate::domain::name::Name;
use crate::proto::claimdb::v1;
use crate::service::AsOf;

/// The record whose versions are compared, and as of when the old and the new one hold: the old one by default before the
/// new one.
pub(crate) fn diff_versions(message: v1::DiffVersionsRequest) -> Result<(Name, Option<AsOf>, AsOf), Violations> {
    let v1::DiffVersionsRequest { name, from_revision, to_revision, from_time, to_time } = message;
    let mut r = Reader::default();
    let name = r.required_name("name", &name, None);
    let from = version_given(&mut r, from_revision, ("from_time", from_time));
    let to = version_given(&mut r, to_revision, ("to_time", to_time)).unwrap_or_default();
    r.finish(name.map(|name| (name, from, to)))
}

fn version_given(
    r: &mut Reader,
    revision: Option<u64>,
    (field, time): (&str, Option<prost_types::Timestamp>),
) -> Option<AsOf> {
    if revision.is_some() && time.is_some() {
        r.invalid(field, "a version is named by a revision or by a time, not by both");
    }
    revision.map(AsOf::Revision).or_else(|| Some(AsOf::Time(r.timestamp(field, time?)?)))
}
