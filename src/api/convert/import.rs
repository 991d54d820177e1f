//! Import: its opening, the items of its batches, what became of them.

use std::sync::Arc;

use super::metadata::recorder;
use super::reader::{Reader, Violations};
use super::record::{ANONYMOUS, check_id, record, records_in};
use crate::domain::limits;
use crate::domain::model::{ErrorReason, ItemErrorPolicy, Recorder};
use crate::domain::name::{IdSource as _, TimeOrderedIds};
use crate::proto::claimdb::v1;
use crate::service::Opening;
use crate::storage::{ImportCounts, ImportItem, ItemError};

/// An import as it is opened.
pub(crate) struct ImportOpening {
    pub(crate) principal: Arc<str>,
    pub(crate) session: String,
    pub(crate) item_errors: ItemErrorPolicy,
    pub(crate) recorder: Option<Arc<Recorder>>,
    pub(crate) input: String,
    pub(crate) opening: Opening,
}

/// The items of a batch: those that can be planned, and what is wrong with the others.
pub(crate) struct ImportItems {
    pub(crate) items: Vec<ImportItem>,
    pub(crate) errors: Vec<(usize, Violations)>,
}

/// The opening of an import.
pub(crate) fn import_open(message: v1::ImportOpen) -> Result<ImportOpening, Violations> {
    let mut r = Reader::default();
    let opening = r.field("open", |r| {
        let policy = r.word("item_errors", message.item_errors, ItemErrorPolicy::from_number);
        check_id(r, "session", &message.session);
        let session = match message.session.is_empty() {
            true => TimeOrderedIds.next().to_string(),
            false => message.session,
        };
        ImportOpening {
            principal: Arc::from(ANONYMOUS),
            session,
            item_errors: policy.unwrap_or(ItemErrorPolicy::RejectBatch),
            recorder: recorder(r, message.recorder),
            input: r.text("input", message.input, limits::IMPORT_NOTE_BYTES),
            opening: if message.only_new { Opening::OnlyNew } else { Opening::GoesOn },
        }
    });
    r.finish(Some(opening))
}

/// The items of a batch. `recorder` is that of the import.
pub(crate) fn import_items(
    items: Vec<v1::RecordRequest>,
    recorder: Option<&Arc<Recorder>>,
) -> Result<ImportItems, Violations> {
    let records: usize = items.iter().map(records_in).sum();
    let most = limits::REQUEST_RECORDS;
    // One that is alone has too many by itself, in whatever batch: it is refused as any item, and the import goes on.
    let is_divisible = items.len() > 1;
    if is_divisible && (records > most || items.len() > most) {
        let message = format!(
            "at most {most} records in at most {most} items are allowed, these are {records} in {}",
            items.len()
        );
        return Err(Violations::one("batch.items", ErrorReason::LimitExceeded, message));
    }
    let mut converted = ImportItems { items: Vec::with_capacity(items.len()), errors: Vec::new() };
    for (index, item) in items.into_iter().enumerate() {
        match import_item(item, recorder) {
            Ok(write) => converted.items.push(ImportItem { index, write }),
            Err(violations) => converted.errors.push((index, violations)),
        }
    }
    Ok(converted)
}

fn import_item(
    item: v1::RecordRequest,
    recorder: Option<&Arc<Recorder>>,
) -> Result<crate::domain::plan::Batch, Violations> {
    let foreign = [("request_id", !item.request_id.is_empty()), ("validate_only", item.validate_only)];
    if let Some((field, _)) = foreign.into_iter().find(|(_, is_given)| *is_given) {
        let message = "does not belong in an item of an import: session and batch make it safe to send again";
        return Err(Violations::one(field, ErrorReason::FieldInvalid, message));
    }
    let mut write = record(item).map_err(|unreadable| unreadable.violations)?;
    write.recorder = write.recorder.or_else(|| recorder.cloned());
    Ok(write)
}

/// Why an item was refused.
pub(crate) fn import_item_error(error: &ItemError) -> v1::ImportItemError {
    let violation = |(field, description): &(String, String)| v1::ImportFieldViolation {
        field: field.clone(),
        description: description.clone(),
    };
    v1::ImportItemError {
        item: u32::try_from(error.index).unwrap_or(u32::MAX),
        code: error.code,
        reason: error.reason.number(),
        message: error.message.clone(),
        violations: error.fields.iter().map(violation).collect(),
    }
}

/// What became of items and their records.
pub(crate) fn import_counts(counts: ImportCounts) -> v1::ImportCounts {
    v1::ImportCounts {
        items: counts.items,
        rejected: counts.refused,
        created: counts.created,
        existing: counts.existing,
        updated: counts.updated,
        retracted: counts.retracted,
        reinstated: counts.reinstated,
    }
}
