//! What commits remember: requests that were committed before, found by their id and answered as then, and how far
//! imports came.

use super::super::{Damage, Direction};
use super::reads::{self, Numbers};
use super::terms;
use super::view::WriterView;
use crate::domain::plan::Batch;
use crate::storage::codec::{NotedImport, NotedRequest, decode_note};
use crate::storage::{CommitError, Committed, Head};

/// A commit that was made for a request.
pub(super) struct Earlier {
    head: Head,
    last_number: u64,
    request: NotedRequest,
}

/// The commit that was made for a batch's request id. A batch that is only validated is answered on its own.
pub(super) fn find(view: &WriterView<'_>, batch: &Batch) -> Result<Option<Earlier>, Damage> {
    let Some(key) = batch.request.as_ref().filter(|_| !batch.validate_only) else { return Ok(None) };
    let term = terms::encode_request(&batch.principal, &key.id);
    let bound = view.writer.head().number;
    for number in view.writer.numbers(&term, 1..=bound, Direction::Descending) {
        let number = number?;
        let Some(header) = view.writer.header(number)? else { continue };
        let Some(note) = &header.note else { continue };
        let note = decode_note(note).map_err(|error| Damage::new(format!("commit {}: {error}", header.revision)))?;
        let Some(request) = note.request else { continue };
        // A hash may lead to another request's commit.
        if request.key.id == key.id && note.principal == batch.principal {
            let head = Head { revision: header.revision, time: Some(reads::time(header.time_us)?) };
            let last_number = header.first_number + header.number_count - 1;
            return Ok(Some(Earlier { head, last_number, request }));
        }
    }
    Ok(None)
}

/// The newest commits of an import up to a bound, newest first, at most `limit`.
pub(super) fn import_commits(
    numbers: &impl Numbers,
    principal: &str,
    session: &str,
    bound: u64,
    limit: usize,
) -> Result<Vec<(Head, NotedImport)>, Damage> {
    let term = terms::encode_import(principal, session);
    let mut found = Vec::new();
    for number in numbers.numbers(&term, 1..=bound, Direction::Descending) {
        let Some(header) = numbers.header(number?)? else { continue };
        let Some(note) = &header.note else { continue };
        let note = decode_note(note).map_err(|error| Damage::new(format!("commit {}: {error}", header.revision)))?;
        let Some(import) = note.import else { continue };
        // A hash may lead to another session's commit.
        if import.id == session && &*note.principal == principal {
            let head = Head { revision: header.revision, time: Some(reads::time(header.time_us)?) };
            found.push((head, import));
            if found.len() == limit {
                break;
            }
        }
    }
    Ok(found)
}

/// The answer that the request got then, its records as of its commit.
pub(super) fn repeat(
    view: &WriterView<'_>,
    batch: &Batch,
    earlier: Earlier,
) -> Result<Result<Committed, CommitError>, Damage> {
    let Earlier { head, last_number, request } = earlier;
    if batch.request.as_ref().is_none_or(|key| key.digest != request.key.digest) {
        return Ok(Err(CommitError::RequestReused { id: request.key.id, revision: head.revision }));
    }
    let mut results = Vec::with_capacity(request.results.len());
    for planned in request.results {
        let version = view.must_have_held(&planned.name, last_number)?;
        results.push((planned, version));
    }
    Ok(Ok(Committed {
        head,
        committed: true,
        replayed: true,
        results,
        warnings: request.warnings,
        warning_count: request.warning_count,
    }))
}
