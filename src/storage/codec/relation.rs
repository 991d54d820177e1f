//! Relations.

use super::parts::{
    decode_external_ids, decode_labels, decode_link, decode_spans, encode_external_ids, encode_labels, encode_spans,
};
use super::values::{known, link_name, number, numbers, source_given, source_id_given, word, words};
use super::{DecodeError, EncodeError};
use crate::domain::model::Relation;
use crate::proto::claimdb::storage::v1;

pub(super) fn encode(relation: &Relation) -> Result<v1::Relation, EncodeError> {
    Ok(v1::Relation {
        from: link_name(&relation.from, "relation.from")?,
        r#type: number(Some(relation.r#type)),
        to: link_name(&relation.to, "relation.to")?,
        basis: number(relation.basis),
        alterations: numbers(&relation.alterations),
        evidence: encode_spans(&relation.evidence)?,
        asserted_by: source_id_given(relation.asserted_by.as_ref(), "relation.asserted_by")?,
        note: relation.note.clone(),
        external_ids: encode_external_ids(&relation.external_ids),
        labels: encode_labels(&relation.labels),
    })
}

pub(super) fn decode(relation: v1::Relation) -> Result<Relation, DecodeError> {
    Ok(Relation {
        from: decode_link(&relation.from, "relation.from")?,
        r#type: known(relation.r#type)?,
        to: decode_link(&relation.to, "relation.to")?,
        basis: word(relation.basis)?,
        alterations: words(relation.alterations)?,
        evidence: decode_spans(relation.evidence)?,
        asserted_by: source_given(&relation.asserted_by, "relation.asserted_by")?,
        note: relation.note,
        external_ids: decode_external_ids(relation.external_ids),
        labels: decode_labels(relation.labels),
    })
}
