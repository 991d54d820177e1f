//! Versions: everything but number, revision and commit time, which the log knows.

use std::sync::Arc;

use prost::Message;

use super::parts::{decode_recorder, encode_recorder};
use super::values::{digest_bytes, digest_given, instant, known, name, name_given, name_id, number};
use super::{DecodeError, EncodeError, article, assessment, claim, relation, source};
use crate::domain::model::{Provenance, Record, Recorder, Retraction, Version};
use crate::domain::name::RecordKind;
use crate::domain::time::Timestamp;
use crate::proto::claimdb::storage::v1;

/// The stored form of a version. The body of a text is not in it.
///
/// # Errors
/// When a reference is not a name of the right kind: a bug, since plans resolve them.
pub fn encode_version(version: &Version) -> Result<Vec<u8>, EncodeError> {
    let created = (version.create_revision, version.create_time);
    if version.name.kind != version.record.kind() {
        return Err(EncodeError { part: "version.name" });
    }
    let message = v1::Version {
        id: version.name.id.to_string(),
        action: number(Some(version.action)),
        created: (created != (version.revision, version.time)).then(|| origin(created)),
        replaces: version.replaces.unwrap_or_default(),
        principal: version.principal.to_string(),
        recorder: version.recorder.as_deref().map(encode_recorder),
        reason: version.reason.clone(),
        retraction: version.retraction.as_deref().map(|it| encode_retraction(it, version)).transpose()?,
        content_sha256: digest_bytes(version.content),
        provenance: version.provenance.as_deref().map(encode_provenance),
        record: Some(encode_record(&version.record)?),
    };
    Ok(message.encode_to_vec())
}

/// The version with this stored form.
///
/// # Errors
/// When the bytes are not what `encode_version` makes.
pub fn decode_version(bytes: &[u8], number: u64, revision: u64, time: Timestamp) -> Result<Version, DecodeError> {
    let message = v1::Version::decode(bytes).map_err(|_| DecodeError::Message("version"))?;
    let record = decode_record(message.record.ok_or(DecodeError::Missing("version.record"))?)?;
    let (create_revision, create_time) = commit(message.created.as_ref(), (revision, time))?;
    let mut version = Version {
        number,
        name: name(&message.id, record.kind(), "version.id")?,
        create_revision,
        create_time,
        revision,
        time,
        action: known(message.action)?,
        principal: message.principal.into(),
        recorder: shared_recorder(message.recorder)?,
        reason: message.reason,
        retraction: None,
        replaces: (message.replaces != 0).then_some(message.replaces),
        content: digest_given(&message.content_sha256, "version.content")?,
        provenance: message.provenance.map(decode_provenance).transpose()?.map(Arc::new),
        record,
    };
    if let Some(retraction) = message.retraction {
        version.retraction = Some(Box::new(decode_retraction(retraction, &version)?));
    }
    Ok(version)
}

fn encode_record(record: &Record) -> Result<v1::version::Record, EncodeError> {
    Ok(match record {
        Record::Article(record) => v1::version::Record::Article(article::encode(record)?),
        Record::Source(record) => v1::version::Record::Source(source::encode(record)?),
        Record::Claim(record) => v1::version::Record::Claim(claim::encode(record)?),
        Record::Relation(record) => v1::version::Record::Relation(relation::encode(record)?),
        Record::Assessment(record) => v1::version::Record::Assessment(assessment::encode(record)?),
    })
}

fn decode_record(record: v1::version::Record) -> Result<Record, DecodeError> {
    Ok(match record {
        v1::version::Record::Article(record) => Record::Article(article::decode(record)?),
        v1::version::Record::Source(record) => Record::Source(source::decode(record)?),
        v1::version::Record::Claim(record) => Record::Claim(claim::decode(record)?),
        v1::version::Record::Relation(record) => Record::Relation(relation::decode(record)?),
        v1::version::Record::Assessment(record) => Record::Assessment(assessment::decode(record)?),
    })
}

/// A retraction made by the version's own commit leaves out what the version says already.
fn encode_retraction(retraction: &Retraction, version: &Version) -> Result<v1::Retraction, EncodeError> {
    let own = (retraction.revision, retraction.time) == (version.revision, version.time)
        && (&retraction.principal, &retraction.recorder) == (&version.principal, &version.recorder);
    let by = (!own).then(|| v1::Retracting {
        commit: Some(origin((retraction.revision, retraction.time))),
        principal: retraction.principal.to_string(),
        recorder: retraction.recorder.as_deref().map(encode_recorder),
    });
    Ok(v1::Retraction {
        retracted_by: number(Some(retraction.retracted_by)),
        reason: retraction.reason.clone(),
        source: name_id(retraction.source.as_ref(), RecordKind::Source, "retraction.source")?,
        by,
    })
}

fn decode_retraction(message: v1::Retraction, version: &Version) -> Result<Retraction, DecodeError> {
    let own = (version.revision, version.time);
    let (commit, principal, recorder) = match message.by {
        None => (own, version.principal.clone(), version.recorder.clone()),
        Some(by) => (commit(by.commit.as_ref(), own)?, by.principal.into(), shared_recorder(by.recorder)?),
    };
    Ok(Retraction {
        retracted_by: known(message.retracted_by)?,
        reason: message.reason,
        source: name_given(&message.source, RecordKind::Source, "retraction.source")?,
        revision: commit.0,
        time: commit.1,
        principal,
        recorder,
    })
}

fn encode_provenance(provenance: &Provenance) -> v1::Provenance {
    v1::Provenance {
        store_id: provenance.store_id.clone(),
        created: Some(origin((provenance.create_revision, provenance.create_time))),
        changed: Some(origin((provenance.revision, provenance.time))),
        principal: provenance.principal.clone(),
        recorder: provenance.recorder.as_ref().map(encode_recorder),
    }
}

fn decode_provenance(message: v1::Provenance) -> Result<Provenance, DecodeError> {
    let given = |origin: Option<v1::Origin>| {
        let origin = origin.ok_or(DecodeError::Missing("provenance commit"))?;
        Ok((origin.revision, instant(origin.time_micros, "provenance time")?))
    };
    let ((create_revision, create_time), (revision, time)) = (given(message.created)?, given(message.changed)?);
    Ok(Provenance {
        store_id: message.store_id,
        create_revision,
        create_time,
        revision,
        time,
        principal: message.principal,
        recorder: message.recorder.map(decode_recorder).transpose()?,
    })
}

fn origin((revision, time): (u64, Timestamp)) -> v1::Origin {
    v1::Origin { revision, time_micros: time.micros() }
}

fn commit(origin: Option<&v1::Origin>, own: (u64, Timestamp)) -> Result<(u64, Timestamp), DecodeError> {
    match origin {
        None => Ok(own),
        Some(origin) => Ok((origin.revision, instant(origin.time_micros, "commit time")?)),
    }
}

pub(super) fn shared_recorder(recorder: Option<v1::Recorder>) -> Result<Option<Arc<Recorder>>, DecodeError> {
    Ok(recorder.map(decode_recorder).transpose()?.map(Arc::new))
}
