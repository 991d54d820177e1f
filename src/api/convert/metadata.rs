//! What the database knows about records and commits.

use std::sync::Arc;

use super::reader::Reader;
use super::values::{number, string, timestamp};
use crate::domain::limits;
use crate::domain::model::{AgentType, Recorder, Retraction, Version};
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
    }
}

fn recorder_message(recorder: &Recorder) -> v1::Recorder {
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
