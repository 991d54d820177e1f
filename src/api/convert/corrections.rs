//! Revisions, retractions and reinstatements, in a request of their own or as a part of Record.

use prost::Message;

use super::mask;
use super::metadata::recorder;
use super::reader::{Demands, Reader, Violations};
use super::record::{begin, draft_record, request_key};
use crate::domain::limits;
use crate::domain::model::{Link, Record, RetractedBy, SourceLink};
use crate::domain::name::RecordKind;
use crate::domain::plan::{Batch, Reinstatement, Retracting, Revising};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::revise;

/// Revise, as a batch.
pub(crate) fn revise(message: v1::ReviseRequest) -> Result<Batch, Violations> {
    single(message, "revise", |r, batch, message| {
        batch.validate_only = message.validate_only;
        batch.recorder = recorder(r, message.recorder);
        let part = message.revise;
        batch.revise.extend(part_of(r, "revise", part, revising));
    })
}

/// Retract, as a batch.
pub(crate) fn retract(message: v1::RetractRequest) -> Result<Batch, Violations> {
    single(message, "retract", |r, batch, message| {
        batch.validate_only = message.validate_only;
        batch.recorder = recorder(r, message.recorder);
        let part = message.retract;
        batch.retract.extend(part_of(r, "retract", part, retracting));
    })
}

/// Reinstate, as a batch.
pub(crate) fn reinstate(message: v1::ReinstateRequest) -> Result<Batch, Violations> {
    single(message, "reinstate", |r, batch, message| {
        batch.validate_only = message.validate_only;
        batch.recorder = recorder(r, message.recorder);
        let part = message.reinstate;
        batch.reinstate.extend(part_of(r, "reinstate", part, reinstatement));
    })
}

/// A request that corrects one record.
trait Correction: Message + Clone {
    fn request_id_mut(&mut self) -> &mut String;
}

macro_rules! correction {
    ($($request:ident),*) => {
        $(impl Correction for v1::$request {
            fn request_id_mut(&mut self) -> &mut String {
                &mut self.request_id
            }
        })*
    };
}
correction!(ReviseRequest, RetractRequest, ReinstateRequest);

fn single<M: Correction>(
    mut message: M,
    method: &str,
    read: impl FnOnce(&mut Reader, &mut Batch, M),
) -> Result<Batch, Violations> {
    let mut r = Reader::default();
    let mut batch = begin();
    let id = std::mem::take(message.request_id_mut());
    batch.request = request_key(&mut r, method, id, &message);
    read(&mut r, &mut batch, message);
    batch.warnings = r.take_warnings();
    r.finish(Some(batch))
}

fn part_of<M, T>(
    r: &mut Reader,
    field: &str,
    part: Option<M>,
    read: impl FnOnce(&mut Reader, M) -> Option<T>,
) -> Option<T> {
    match part {
        Some(part) => r.field(field, |r| read(r, part)),
        None => {
            r.invalid(field, "is required");
            None
        }
    }
}

/// One revision.
pub(super) fn revising(r: &mut Reader, message: v1::Revise) -> Option<Revising> {
    let Some(record) = message.record else {
        r.violation(crate::domain::model::ErrorReason::FieldInvalid, "the record to revise is missing");
        return None;
    };
    let kind = kind_of(&record);
    let given = mask::read(r, message.update_mask, kind);
    let path = r.path().to_owned();
    let etag = (!message.etag.is_empty()).then_some(message.etag);
    let reason = r.text("reason", message.reason, limits::NOTE_BYTES);
    r.demands = Demands::Fields(given.clone().unwrap_or_else(|| given_links(&record)));
    let read = r.field(kind.word(), |r| {
        let (name, key, on_conflict) = head(&record);
        let name = r.required_name("name", name, Some(kind));
        if !key.is_empty() {
            r.invalid("key", "a record that is revised has a name");
        }
        if on_conflict != 0 {
            r.invalid("on_conflict", "a revision has no policy");
        }
        let own = name.clone().map(Link::Name);
        let record = draft_record(r, record, own.as_ref());
        Some((name?, record?))
    });
    let demands = std::mem::take(&mut r.demands);
    let (name, record) = read?;
    let mask = given.or_else(|| Some(given_fields(&record, &demands)));
    Some(Revising { path, name, record, mask, etag, reason })
}

fn kind_of(record: &revise::Record) -> RecordKind {
    match record {
        revise::Record::Article(_) => RecordKind::Article,
        revise::Record::Source(_) => RecordKind::Source,
        revise::Record::Claim(_) => RecordKind::Claim,
        revise::Record::Relation(_) => RecordKind::Relation,
        revise::Record::Assessment(_) => RecordKind::Assessment,
    }
}

fn head(record: &revise::Record) -> (&str, &str, i32) {
    match record {
        revise::Record::Article(record) => (&record.name, &record.key, record.on_conflict),
        revise::Record::Source(record) => (&record.name, &record.key, record.on_conflict),
        revise::Record::Claim(record) => (&record.name, &record.key, record.on_conflict),
        revise::Record::Relation(record) => (&record.name, &record.key, record.on_conflict),
        revise::Record::Assessment(record) => (&record.name, &record.key, record.on_conflict),
    }
}

/// Of the fields that a relation or an assessment always has, those that a revision gives.
fn given_links(record: &revise::Record) -> Vec<String> {
    let given = match record {
        revise::Record::Article(_) | revise::Record::Source(_) | revise::Record::Claim(_) => Vec::new(),
        revise::Record::Relation(relation) => {
            vec![("from", !relation.from.is_empty()), ("type", relation.r#type != 0), ("to", !relation.to.is_empty())]
        }
        revise::Record::Assessment(assessment) => {
            vec![("target", !assessment.target.is_empty()), ("assessor", assessment.assessor.is_some())]
        }
    };
    given.into_iter().filter(|(_, given)| *given).map(|(field, _)| field.to_owned()).collect()
}

/// The fields given, without those that stand there only because the record always has them.
fn given_fields(record: &Record, given_links: &Demands) -> Vec<String> {
    let always: &[&str] = match record {
        Record::Article(_) | Record::Source(_) | Record::Claim(_) => &[],
        Record::Relation(_) => &["from", "type", "to"],
        Record::Assessment(_) => &["target", "assessor"],
    };
    let links = match given_links {
        Demands::Whole => &[][..],
        Demands::Fields(fields) => fields.as_slice(),
    };
    let given = record.given().into_iter().filter(|field| !always.contains(field)).map(str::to_owned);
    given.chain(links.iter().cloned()).collect()
}

/// One retraction.
pub(super) fn retracting(r: &mut Reader, message: v1::Retract) -> Option<Retracting> {
    let v1::Retract { name, retracted_by, reason, source, include_claims, etag } = message;
    let name = r.required_name("name", &name, None);
    let retracted_by = r.required_word("retracted_by", retracted_by, RetractedBy::from_number);
    let reason = r.required_text("reason", reason, limits::NOTE_BYTES);
    if source.is_some() && retracted_by == Some(RetractedBy::Recorder) {
        r.invalid("source", "only a source's own retraction names the source");
    }
    let source: Option<SourceLink> = r.source("source", source, false);
    if include_claims && name.as_ref().is_some_and(|name| name.kind != RecordKind::Article) {
        r.invalid("include_claims", "only articles have claims");
    }
    let path = r.path().to_owned();
    let etag = (!etag.is_empty()).then_some(etag);
    Some(Retracting { path, name: name?, retracted_by: retracted_by?, reason, source, include_claims, etag })
}

/// One reinstatement.
pub(super) fn reinstatement(r: &mut Reader, message: v1::Reinstate) -> Option<Reinstatement> {
    let v1::Reinstate { name, reason, etag } = message;
    let name = r.required_name("name", &name, None);
    let reason = r.required_text("reason", reason, limits::NOTE_BYTES);
    let path = r.path().to_owned();
    Some(Reinstatement { path, name: name?, reason, etag: (!etag.is_empty()).then_some(etag) })
}
