//! The one mapping from what went wrong to what a client is told. A status tells a program the reason and what it needs
//! of the message; causes, keys and contents stay in the log.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{
    ErrorDetail, ErrorInfo, FieldViolation, PreconditionFailure, PreconditionViolation, QuotaFailure, ResourceInfo,
    StatusExt as _,
};

use super::convert::Violations;
use crate::call::{DOMAIN, incident, retry_after};
use crate::domain::limits;
use crate::domain::model::ErrorReason;
use crate::domain::name::{Name, RecordKind};
use crate::domain::plan::{Refusal, Violation};
use crate::service::Error;
use crate::storage::{CommitError, ImportError, ON_DAMAGE, StoreError};

/// A client that retries by itself waits this long while writes are paused.
const REOPENING: Duration = Duration::from_secs(1);

/// The longest description of one violation, in bytes: several fit into the details, and the message into a header.
const DESCRIPTION_BYTES: usize = 512;

/// What an ErrorInfo and the framing of the details take at most of their bytes.
const FRAME_BYTES: usize = 512;

/// What a precondition failure calls a reference to what does not exist; its description is the path.
pub(super) const REFERENCE: &str = "REFERENCE";

/// A status under construction: ErrorInfo comes first, then each further detail.
struct Told {
    code: Code,
    reason: ErrorReason,
    message: String,
    metadata: HashMap<String, String>,
    details: Vec<ErrorDetail>,
}

impl Told {
    fn new(code: Code, reason: ErrorReason, message: impl Into<String>) -> Self {
        let message = cut(message.into(), DESCRIPTION_BYTES);
        Self { code, reason, message, metadata: HashMap::new(), details: Vec::new() }
    }

    fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.metadata.insert(key.to_owned(), cut(value.to_string(), DESCRIPTION_BYTES));
        self
    }

    fn detail(mut self, detail: impl Into<ErrorDetail>) -> Self {
        self.details.push(detail.into());
        self
    }

    fn status(self) -> Status {
        let info = ErrorInfo::new(self.reason.reason(), DOMAIN, self.metadata);
        let details = std::iter::once(ErrorDetail::from(info)).chain(self.details);
        Status::with_error_details_vec(self.code, self.message, details)
    }
}

/// The beginning of a text, so that no status grows with what a caller sent.
fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        let end = (0..=bytes_max.saturating_sub('…'.len_utf8())).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

fn at(path: &str, message: &str) -> String {
    if path.is_empty() { message.to_owned() } else { format!("{path}: {message}") }
}

/// As many of some items as fit into the details, each with what it takes of their bytes.
fn fitting<T>(items: impl IntoIterator<Item = (usize, T)>) -> Vec<T> {
    let mut left = limits::DETAILS_BYTES - FRAME_BYTES;
    let mut fitting = Vec::new();
    for (bytes, item) in items.into_iter().take(limits::VIOLATIONS) {
        // Tags and lengths of the item and its fields.
        let bytes = bytes + 16;
        if bytes > left {
            break;
        }
        left -= bytes;
        fitting.push(item);
    }
    fitting
}

/// Violations that the message of a status names.
const MESSAGE_VIOLATIONS: usize = 3;

impl From<Violations> for Status {
    fn from(violations: Violations) -> Self {
        let message = match violations.listed.as_slice() {
            [] => "the request is invalid".to_owned(),
            [only] if violations.total == 1 => at(&only.path, &only.message),
            // Tools that do not decode the details show the message alone.
            several => {
                let shown: Vec<String> = several
                    .iter()
                    .take(MESSAGE_VIOLATIONS)
                    .map(|violation| cut(at(&violation.path, &violation.message), DESCRIPTION_BYTES))
                    .collect();
                let more = if violations.total > shown.len() { "; …" } else { "" };
                format!("{} fields are wrong: {}{more}", violations.total, shown.join("; "))
            }
        };
        let total = violations.total;
        let fields = fitting(violations.listed.into_iter().map(|Violation { path, reason, message }| {
            let (path, message) = (cut(path, DESCRIPTION_BYTES), cut(message, DESCRIPTION_BYTES));
            let field = FieldViolation { reason: reason.reason().to_owned(), ..FieldViolation::new(path, message) };
            (field.field.len() + field.description.len() + field.reason.len(), field)
        }));
        Told::new(Code::InvalidArgument, violations.reason, message)
            .with("violations", total)
            .detail(tonic_types::BadRequest::new(fields))
            .status()
    }
}

/// What a resource is called in details.
fn resource_type(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Article => "claimdb/Article",
        RecordKind::Source => "claimdb/Source",
        RecordKind::Claim => "claimdb/Claim",
        RecordKind::Relation => "claimdb/Relation",
        RecordKind::Assessment => "claimdb/Assessment",
    }
}

fn resource(name: &Name, description: &str) -> ResourceInfo {
    ResourceInfo::new(resource_type(name.kind), name.to_string(), String::new(), description)
}

fn candidates(names: &[Name]) -> String {
    let mut list = String::new();
    for name in names.iter().take(limits::CANDIDATES) {
        // A name cut in two would name something else.
        if list.len() + 1 + name.to_string().len() > DESCRIPTION_BYTES {
            break;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&name.to_string());
    }
    list
}

/// A precondition failure that lists what is wrong, with the true number in the metadata.
fn preconditions(reason: ErrorReason, message: String, failed: Vec<(String, String, String)>) -> Status {
    let total = failed.len();
    let failed = fitting(failed.into_iter().map(|(r#type, subject, description)| {
        let (subject, description) = (cut(subject, DESCRIPTION_BYTES), cut(description, DESCRIPTION_BYTES));
        (r#type.len() + subject.len() + description.len(), PreconditionViolation::new(r#type, subject, description))
    }));
    Told::new(Code::FailedPrecondition, reason, message)
        .with("violations", total)
        .detail(PreconditionFailure::new(failed))
        .status()
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Violations(violations) => Violations::of(violations).into(),
            Refusal::SourceAmbiguous { path, candidates } => ambiguous(&path, &candidates),
            Refusal::IdentityConflict { path, candidates: names } => {
                let message = at(&path, &format!("these identities belong to several records: {}", candidates(&names)));
                Told::new(Code::FailedPrecondition, ErrorReason::IdentityConflict, message)
                    .with("candidates", candidates(&names))
                    .with("path", path)
                    .status()
            }
            Refusal::ArticleTextDiffers { path, name, sha256 } => {
                let message =
                    at(&path, &format!("{name} is recorded with another text; on_conflict UPDATE replaces it"));
                Told::new(Code::FailedPrecondition, ErrorReason::ArticleTextDiffers, message)
                    .with("name", &name)
                    .with("text_sha256", sha256)
                    .with("path", path)
                    .detail(resource(&name, "recorded with another text"))
                    .status()
            }
            Refusal::ReferenceNotFound(missing) => {
                let (path, name) = missing.first().cloned().unwrap_or_default();
                let message = at(&path, &format!("{name} does not exist"));
                let missing = missing.into_iter().map(|(path, name)| (REFERENCE.to_owned(), name, path));
                preconditions(ErrorReason::ReferenceNotFound, message, missing.collect())
            }
            Refusal::NotFound { path, name } => not_found(&path, &name),
            Refusal::AlreadyExists { path, name } => {
                let message = at(&path, &format!("{name} exists"));
                Told::new(Code::AlreadyExists, ErrorReason::ResourceAlreadyExists, message)
                    .with("name", &name)
                    .with("path", path)
                    .detail(resource(&name, "exists"))
                    .status()
            }
            Refusal::PreconditionFailed(failed) => {
                let message = failed.first().map(|(name, expected)| format!("{name} {expected}")).unwrap_or_default();
                let failed = failed.into_iter();
                let failed = failed.map(|(name, expected)| ("PRECONDITION".to_owned(), name.to_string(), expected));
                preconditions(ErrorReason::PreconditionFailed, message, failed.collect())
            }
            Refusal::EtagMismatch { path, name, current } => {
                let message = at(&path, &format!("{name} was changed since; its etag is {current}"));
                Told::new(Code::Aborted, ErrorReason::EtagMismatch, message)
                    .with("name", &name)
                    .with("current_etag", current)
                    .with("path", path)
                    .detail(resource(&name, "was changed since"))
                    .status()
            }
            Refusal::StateTransitionInvalid { path, name, message } => {
                let text = at(&path, &format!("{name} {message}"));
                let failed = vec![("STATE".to_owned(), name.to_string(), message)];
                preconditions(ErrorReason::StateTransitionInvalid, text, failed)
            }
        }
    }
}

fn not_found(path: &str, name: &Name) -> Status {
    Told::new(Code::NotFound, ErrorReason::ResourceNotFound, at(path, &format!("{name} does not exist")))
        .with("name", name)
        .detail(resource(name, "does not exist at the revision read"))
        .status()
}

fn ambiguous(path: &str, names: &[Name]) -> Status {
    let candidates_named = candidates(names);
    let message = format!(
        "this source answers to several ({candidates_named}): add its kind, an external id or a handle, or refer to one by name"
    );
    let message = at(path, &message);
    Told::new(Code::FailedPrecondition, ErrorReason::SourceAmbiguous, message)
        .with("candidates", candidates(names))
        .with("path", path)
        .status()
}

fn in_future(asked: impl ToString, head: impl ToString) -> Status {
    let (asked, head) = (asked.to_string(), head.to_string());
    let message = format!("{asked} lies beyond the newest, {head}");
    Told::new(Code::OutOfRange, ErrorReason::RevisionInFuture, message).with("asked", asked).with("head", head).status()
}

/// The status of a failed read.
pub(super) fn of_read(error: Error) -> Status {
    match error {
        Error::NotFound(name) => not_found("", &name),
        Error::SourceAmbiguous { path, candidates } => ambiguous(&path, &candidates),
        Error::FilterTooWide { path, what, limit } => {
            let message = format!("leads to more than {limit} {what}");
            Violations::one(&path, ErrorReason::LimitExceeded, message).into()
        }
        Error::TimeInFuture { asked, now } => in_future(asked, now),
        Error::TooManyImports => {
            let limit = ("imports", limits::IMPORTS.to_string());
            let message = format!("{} imports are open, which is the limit", limits::IMPORTS);
            retry_after(Code::Unavailable, ErrorReason::Overloaded.reason(), message, REOPENING, [limit])
        }
        Error::ImportInputChanged { session, expected } => import_changed(&session, &expected),
        Error::ImportBegun { session, next_batch, position, is_open } => {
            let whose = if is_open { ", and another stream has it" } else { "" };
            let message = format!("the import {session} was begun before{whose}: batch {next_batch} is next");
            Told::new(Code::FailedPrecondition, ErrorReason::ImportSessionBegun, message)
                .with("session", session)
                .with("next_batch", next_batch)
                .with("position", position)
                .with("open", is_open)
                .status()
        }
        Error::Store(error) => of_store(&error),
    }
}

/// The status of a batch of an import that was not committed.
pub(super) fn of_import(error: ImportError, session: &str, batch: u64) -> Status {
    match error {
        ImportError::Fenced => import_taken(session),
        ImportError::InputChanged { expected } => import_changed(session, &expected),
        ImportError::Gap { expected } => {
            let message = format!("batch {batch} is not next: {expected} is");
            Told::new(Code::OutOfRange, ErrorReason::ImportBatchGap, message)
                .with("batch", batch)
                .with("expected", expected)
                .status()
        }
        ImportError::Rejected(items) => import_rejected(batch, items.len()),
        ImportError::Commit(error) => of_commit(error),
    }
}

/// The status of an import whose session another stream has opened.
pub(super) fn import_taken(session: &str) -> Status {
    let message = format!("another stream has opened the import {session}");
    Told::new(Code::Aborted, ErrorReason::ImportSessionTaken, message).with("session", session).status()
}

/// The status of an import that would go on with other data than it began with.
fn import_changed(session: &str, expected: &str) -> Status {
    let message = format!("the import {session} began with other data than is given now");
    Told::new(Code::FailedPrecondition, ErrorReason::ImportInputChanged, message)
        .with("session", session)
        .with("expected_input", expected)
        .status()
}

/// The status of an import that ends with the first batch that has items which are refused.
pub(super) fn import_rejected(batch: u64, rejected: usize) -> Status {
    let message = format!("{rejected} items of batch {batch} are refused, and the batch with them");
    Told::new(Code::FailedPrecondition, ErrorReason::ImportBatchRejected, message)
        .with("batch", batch)
        .with("rejected", rejected)
        .status()
}

/// The status of a failed write.
pub(super) fn of_commit(error: CommitError) -> Status {
    match error {
        CommitError::Refused(refusal) => (*refusal).into(),
        CommitError::RequestReused { id, revision } => {
            let message = format!("request_id: {id} was used with another request, committed as revision {revision}");
            Told::new(Code::InvalidArgument, ErrorReason::RequestIdReused, message)
                .with("request_id", id)
                .with("revision", revision)
                .status()
        }
        CommitError::Full { free, needed } => {
            let message = "the disk is full; reads go on, and writes resume by themselves when there is room";
            Told::new(Code::ResourceExhausted, ErrorReason::StoreFull, message)
                .with("free_bytes", free)
                .with("needed_bytes", needed)
                .detail(QuotaFailure::with_violation("store", "the disk is full"))
                .status()
        }
        CommitError::OutcomeUnknown => {
            tracing::warn!("the outcome of a commit is not known");
            let message = "the write may or may not have been kept; send it again with the same request_id to find out";
            Told::new(Code::Unknown, ErrorReason::OutcomeUnknown, message).status()
        }
        CommitError::Defect => impossible("commit", "the writer panicked over a batch"),
        CommitError::Store(error) => of_store(&error),
    }
}

fn of_store(error: &StoreError) -> Status {
    match error {
        StoreError::RevisionInFuture { asked, head } => in_future(asked, head),
        StoreError::Corrupted { what } => {
            tracing::error!(what, "the store is damaged; {ON_DAMAGE}");
            Told::new(Code::DataLoss, ErrorReason::StoreCorrupted, "the store is damaged").with("what", what).status()
        }
        StoreError::Unavailable { why } => {
            tracing::warn!(why, "the store is not available");
            let message = "the store is not available for a moment; nothing was begun";
            retry_after(Code::Unavailable, ErrorReason::StoreReopening.reason(), message, REOPENING, [])
        }
    }
}

/// The status of something that cannot be.
pub(super) fn impossible(method: &str, what: &str) -> Status {
    incident(method, what)
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
