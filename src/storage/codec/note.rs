//! What is kept of a commit besides its versions: who asked, and, where the request can be sent again, its answer.

use std::sync::Arc;

use prost::Message;

use super::DecodeError;
use super::parts::encode_recorder;
use super::values::{digest, known, number, parse, text, word};
use super::version::shared_recorder;
use crate::domain::model::{Key, Recorder};
use crate::domain::plan::{Planned, RequestKey, Warning};
use crate::proto::claimdb::storage::v1;
use crate::storage::{ImportCounts, ImportSession, ItemError};

/// What is kept of a commit besides its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitNote {
    /// Who asked for it.
    pub principal: Arc<str>,
    /// What that caller stated about itself.
    pub recorder: Option<Arc<Recorder>>,
    /// The request, when it can be sent again.
    pub request: Option<NotedRequest>,
    /// How far the import came that made it.
    pub import: Option<NotedImport>,
}

/// An import, as of one of its commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedImport {
    /// Its session, unique per principal.
    pub id: String,
    /// How far it came.
    pub session: ImportSession,
    /// The items of its batch that were refused, in order.
    pub rejected: Vec<ItemError>,
}

/// A request that can be sent again, and its answer but for the records, which are read as of the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedRequest {
    /// The request id and what was asked under it.
    pub key: RequestKey,
    /// What became of each record.
    pub results: Vec<Planned>,
    /// What the caller should know, the first few.
    pub warnings: Vec<Warning>,
    /// How many warnings there are.
    pub warning_count: u32,
}

/// The stored form of a note.
#[must_use]
pub fn encode_note(note: &CommitNote) -> Vec<u8> {
    let message = v1::CommitNote {
        principal: note.principal.to_string(),
        recorder: note.recorder.as_deref().map(encode_recorder),
        request: note.request.as_ref().map(encode_request),
        import: note.import.as_ref().map(encode_import),
    };
    message.encode_to_vec()
}

/// The note with this stored form.
///
/// # Errors
/// When the bytes are not what `encode_note` makes.
pub fn decode_note(bytes: &[u8]) -> Result<CommitNote, DecodeError> {
    let message = v1::CommitNote::decode(bytes).map_err(|_| DecodeError::Message("commit note"))?;
    Ok(CommitNote {
        principal: message.principal.into(),
        recorder: shared_recorder(message.recorder)?,
        request: message.request.map(decode_request).transpose()?,
        import: message.import.map(decode_import).transpose()?,
    })
}

fn encode_import(import: &NotedImport) -> v1::Import {
    let ImportSession { next_batch, input, position, counts } = import.session.clone();
    v1::Import {
        session: import.id.clone(),
        next_batch,
        input,
        position,
        items: counts.items,
        refused: counts.refused,
        created: counts.created,
        existing: counts.existing,
        updated: counts.updated,
        retracted: counts.retracted,
        reinstated: counts.reinstated,
        rejected: import.rejected.iter().map(encode_item_error).collect(),
    }
}

fn encode_item_error(error: &ItemError) -> v1::ItemError {
    let field = |(path, message): &(String, String)| v1::ItemField { path: path.clone(), message: message.clone() };
    v1::ItemError {
        index: error.index as u64,
        code: error.code,
        reason: number(Some(error.reason)),
        message: error.message.clone(),
        fields: error.fields.iter().map(field).collect(),
    }
}

fn decode_item_error(error: v1::ItemError) -> Result<ItemError, DecodeError> {
    Ok(ItemError {
        index: usize::try_from(error.index).map_err(|_| DecodeError::Malformed("item_error.index"))?,
        code: error.code,
        reason: known(error.reason)?,
        message: error.message,
        fields: error.fields.into_iter().map(|field| (field.path, field.message)).collect(),
    })
}

fn decode_import(import: v1::Import) -> Result<NotedImport, DecodeError> {
    let counts = ImportCounts {
        items: import.items,
        refused: import.refused,
        created: import.created,
        existing: import.existing,
        updated: import.updated,
        retracted: import.retracted,
        reinstated: import.reinstated,
    };
    let session =
        ImportSession { next_batch: import.next_batch, input: import.input, position: import.position, counts };
    let rejected = import.rejected.into_iter().map(decode_item_error).collect::<Result<_, _>>()?;
    Ok(NotedImport { id: import.session, session, rejected })
}

fn encode_request(request: &NotedRequest) -> v1::Request {
    v1::Request {
        id: request.key.id.clone(),
        digest: request.key.digest.as_bytes().to_vec(),
        results: request.results.iter().map(encode_planned).collect(),
        warnings: request.warnings.iter().map(encode_warning).collect(),
        warning_count: request.warning_count,
    }
}

fn decode_request(request: v1::Request) -> Result<NotedRequest, DecodeError> {
    Ok(NotedRequest {
        key: RequestKey { id: request.id, digest: digest(&request.digest, "request.digest")? },
        results: request.results.into_iter().map(decode_planned).collect::<Result<_, _>>()?,
        warnings: request.warnings.into_iter().map(decode_warning).collect::<Result<_, _>>()?,
        warning_count: request.warning_count,
    })
}

fn encode_planned(planned: &Planned) -> v1::Result {
    v1::Result {
        path: planned.path.clone(),
        key: text(planned.key.as_ref()),
        name: planned.name.to_string(),
        outcome: number(Some(planned.outcome)),
        matched_by: number(planned.matched_by),
        differing_fields: planned.differing.clone(),
    }
}

fn decode_planned(result: v1::Result) -> Result<Planned, DecodeError> {
    let key = Some(result.key).filter(|key| !key.is_empty());
    Ok(Planned {
        path: result.path,
        key: key.map(|key| Key::parse(&key).ok_or(DecodeError::Malformed("result.key"))).transpose()?,
        name: parse(&result.name, "result.name")?,
        outcome: known(result.outcome)?,
        matched_by: word(result.matched_by)?,
        differing: result.differing_fields,
    })
}

fn encode_warning(warning: &Warning) -> v1::Warning {
    v1::Warning { path: warning.path.clone(), reason: number(Some(warning.reason)), message: warning.message.clone() }
}

fn decode_warning(warning: v1::Warning) -> Result<Warning, DecodeError> {
    Ok(Warning { path: warning.path, reason: known(warning.reason)?, message: warning.message })
}
