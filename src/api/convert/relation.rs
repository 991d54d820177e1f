//! Relations.

use super::metadata::metadata;
use super::parts::spans;
use super::reader::Reader;
use super::references::{external_ids, source_ref};
use super::values::number;
use crate::domain::limits;
use crate::domain::model::{Alteration, Basis, Link, RecordStatus, Relation, RelationType, Version};
use crate::proto::claimdb::v1;

/// The relation, if its ends and type could be read. `own` stands in for ends that a revision does not name: the plan
/// puts the stored ones there.
pub(super) fn from_request(r: &mut Reader, message: v1::Relation, own: Option<&Link>) -> Option<Relation> {
    let from = end(r, "from", &message.from, own);
    let to = end(r, "to", &message.to, own);
    let r#type = r.required_word("type", message.r#type, RelationType::from_number);
    if let (Some(from), Some(to), Some(r#type)) = (&from, &to, r#type)
        && ["from", "type", "to"].iter().all(|field| r.demands(field))
    {
        if from == to {
            r.invalid("to", "a record has no relation to itself");
        }
        if let (Some(from), Some(to)) = (r.kind_of(from), r.kind_of(to))
            && !r#type.joins(from, to)
        {
            let message = format!("{} does not lead from {from} to {to}", r#type.word());
            r.invalid("type", message);
        }
    }
    let basis = r.word("basis", message.basis, Basis::from_number);
    let alterations = r.words("alterations", &message.alterations, Alteration::from_number);
    let evidence = r.spans("evidence", message.evidence, limits::EVIDENCE);
    let asserted_by = r.source("asserted_by", message.asserted_by, false);
    let note = r.text("note", message.note, limits::NOTE_BYTES);
    let external_ids = r.external_ids("external_ids", message.external_ids);
    let labels = r.labels("labels", message.labels);
    let r#type = if r.demands("type") { r#type } else { r#type.or(Some(RelationType::Repeats)) };
    Some(Relation {
        from: from?,
        r#type: r#type?,
        to: to?,
        basis,
        alterations,
        evidence,
        asserted_by,
        note,
        external_ids,
        labels,
    })
}

fn end(r: &mut Reader, field: &str, text: &str, own: Option<&Link>) -> Option<Link> {
    if text.is_empty() {
        if r.demands(field) {
            r.invalid(field, "is required");
            return None;
        }
        return own.cloned();
    }
    r.link(field, text, &[])
}

/// The relation as a message, with the status of its ends at the revision read.
pub(super) fn to_response(
    version: &Version,
    relation: &Relation,
    from_status: Option<RecordStatus>,
    to_status: Option<RecordStatus>,
) -> v1::Relation {
    v1::Relation {
        name: version.name.written(),
        key: String::new(),
        on_conflict: 0,
        from: relation.from.written(),
        r#type: relation.r#type.number(),
        to: relation.to.written(),
        basis: number(relation.basis, Basis::number),
        alterations: relation.alterations.iter().map(|alteration| alteration.number()).collect(),
        evidence: spans(&relation.evidence),
        asserted_by: relation.asserted_by.as_ref().map(source_ref),
        note: relation.note.clone(),
        external_ids: external_ids(&relation.external_ids),
        labels: relation.labels.clone(),
        from_status: number(from_status, RecordStatus::number),
        to_status: number(to_status, RecordStatus::number),
        metadata: Some(metadata(version)),
    }
}
