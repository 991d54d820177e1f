//! What the database knows about records and commits.

use std::sync::Arc;

use super::reader::Reader;
use super::values::{number, string, timestamp};
use crate::domain::limits;
use crate::domain::model::{AgentType, Provenance, Recorder, Retraction, Version};
use crate::domain::name::Name;
use crate::proto::claimdb::v1;
use crate::storage::Head;

/// What a caller states about itself.
pub(super) fn recorder(r: &mut Reader, message: Option<v1::Recorder>) -> Option<Arc<Recorder>> {
    let v1::Recorder { tool, tool_version, agent_type, extraction_confidence } = message?;
    Some(r.field("recorder", |r| {
        if tool.trim().is_empty() {
            r.invalid("tool", "is required");
        }
        Arc::new(Recorder {
            tool: r.text("tool", tool, limits::WORD_BYTES),
            tool_version: r.text("tool_version", tool_version, limits::TOOL_VERSION_BYTES),
            agent_type: r.word("agent_type", agent_type, AgentType::from_number),
            extraction_confidence: r.decimal_within("extraction_confidence", &extraction_confidence, 0, 1),
        })
    }))
}

/// What the database knows about a record.
pub(super) fn metadata(version: &Version) -> v1::RecordMetadata {
    v1::RecordMetadata {
        create_revision: version.create_revision,
        create_time: Some(timestamp(version.create_time)),
        revision: version.revision,
        update_time: Some(timestamp(version.time)),
        principal: version.principal.to_string(),
        recorder: version.recorder.as_deref().map(recorder_message),
        etag: version.etag(),
        status: version.status().number(),
        retraction: version.retraction.as_deref().map(retraction),
        reason: version.reason.clone(),
        provenance: version.provenance.as_deref().map(|provenance| provenance_message(provenance, String::new())),
    }
}

/// Where a record came from.
pub(super) fn provenance(r: &mut Reader, message: v1::Provenance) -> Option<(Name, Arc<Provenance>)> {
    let v1::Provenance { record, store_id, create_revision, create_time, revision, update_time, principal, recorder } =
        message;
    let mut time = |field: &str, time: Option<prost_types::Timestamp>| match time {
        Some(time) => r.timestamp(field, time),
        None => {
            r.invalid(field, "is required");
            None
        }
    };
    let (create_time, time) = (time("create_time", create_time), time("update_time", update_time));
    let record = r.required_name("record", &record, None);
    let recorder = self::recorder(r, recorder).map(|recorder| Recorder::clone(&recorder));
    let provenance = Provenance {
        store_id: r.text("store_id", store_id, limits::WORD_BYTES),
        create_revision,
        create_time: create_time?,
        revision,
        time: time?,
        principal: r.text("principal", principal, limits::SHORT_BYTES),
        recorder,
    };
    Some((record?, Arc::new(provenance)))
}

pub(super) fn provenance_message(provenance: &Provenance, record: String) -> v1::Provenance {
    v1::Provenance {
        record,
        store_id: provenance.store_id.clone(),
        create_revision: provenance.create_revision,
        create_time: Some(timestamp(provenance.create_time)),
        revision: provenance.revision,
        update_time: Some(timestamp(provenance.time)),
        principal: provenance.principal.clone(),
        recorder: provenance.recorder.as_ref().map(recorder_message),
    }
}

pub(super) fn recorder_message(recorder: &Recorder) -> v1::Recorder {
    v1::Recorder {
        tool: recorder.tool.clone(),
        tool_version: recorder.tool_version.clone(),
        agent_type: number(recorder.agent_type, AgentType::number),
        extraction_confidence: string(recorder.extraction_confidence.as_ref()),
    }
}

fn retraction(retraction: &Retraction) -> v1::Retraction {
    v1::Retraction {
        retracted_by: retraction.retracted_by.number(),
        reason: retraction.reason.clone(),
        source: string(retraction.source.as_ref()),
        revision: retraction.revision,
        time: Some(timestamp(retraction.time)),
        principal: retraction.principal.to_string(),
        recorder: retraction.recorder.as_deref().map(recorder_message),
    }
}

/// Which state of the database an answer describes.
pub(crate) fn read_metadata(head: Head) -> v1::ReadMetadata {
    v1::ReadMetadata { revision: head.revision, commit_time: head.time.map(timestamp) }
}
