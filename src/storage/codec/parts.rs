//! The parts that several records share.

use super::values::{digest_bytes, digest_given, link, link_id, link_name, number, parse, parse_given, text, word};
use super::{DecodeError, EncodeError};
use crate::domain::model::{EntityRef, ExternalId, Labels, Link, LinkTarget, Place, Recorder, Span, TimeGiven};
use crate::domain::name::RecordKind;
use crate::proto::claimdb::storage::v1;

pub(super) fn encode_external_ids(ids: &[ExternalId]) -> Vec<v1::ExternalId> {
    ids.iter().map(|id| v1::ExternalId { scheme: id.scheme.clone(), id: id.id.clone() }).collect()
}

pub(super) fn decode_external_ids(ids: Vec<v1::ExternalId>) -> Vec<ExternalId> {
    ids.into_iter().map(|id| ExternalId { scheme: id.scheme, id: id.id }).collect()
}

pub(super) fn encode_labels(labels: &Labels) -> Vec<v1::Label> {
    labels.iter().map(|(key, value)| v1::Label { key: key.clone(), value: value.clone() }).collect()
}

pub(super) fn decode_labels(labels: Vec<v1::Label>) -> Labels {
    labels.into_iter().map(|label| (label.key, label.value)).collect()
}

pub(super) fn encode_time(time: &TimeGiven) -> v1::Time {
    v1::Time { edtf: text(time.time.as_ref()), verbatim: time.verbatim.clone(), basis: number(time.basis) }
}

pub(super) fn decode_time(time: v1::Time) -> Result<TimeGiven, DecodeError> {
    Ok(TimeGiven { time: parse_given(&time.edtf, "time")?, verbatim: time.verbatim, basis: word(time.basis)? })
}

pub(super) fn encode_place(place: &Place) -> v1::Place {
    let coordinates = place.coordinates.as_ref();
    v1::Place {
        verbatim: place.verbatim.clone(),
        external_ids: encode_external_ids(&place.external_ids),
        latitude: text(coordinates.map(|(latitude, _)| latitude)),
        longitude: text(coordinates.map(|(_, longitude)| longitude)),
        precision: number(place.precision),
        basis: number(place.basis),
    }
}

pub(super) fn decode_place(place: v1::Place) -> Result<Place, DecodeError> {
    let latitude = parse_given(&place.latitude, "latitude")?;
    let longitude = parse_given(&place.longitude, "longitude")?;
    if latitude.is_some() != longitude.is_some() {
        return Err(DecodeError::Missing("latitude or longitude"));
    }
    Ok(Place {
        verbatim: place.verbatim,
        external_ids: decode_external_ids(place.external_ids),
        coordinates: latitude.zip(longitude),
        precision: word(place.precision)?,
        basis: word(place.basis)?,
    })
}

pub(super) fn encode_span(span: &Span) -> Result<v1::Span, EncodeError> {
    Ok(v1::Span {
        start: span.start,
        end: span.end,
        exact: span.exact.clone(),
        prefix: span.prefix.clone(),
        suffix: span.suffix.clone(),
        article: link_id(span.article.as_ref(), RecordKind::Article, "span.article")?,
        text_sha256: digest_bytes(span.text_sha256),
        status: number(span.status),
    })
}

pub(super) fn decode_span(span: v1::Span) -> Result<Span, DecodeError> {
    Ok(Span {
        start: span.start,
        end: span.end,
        exact: span.exact,
        prefix: span.prefix,
        suffix: span.suffix,
        article: link(&span.article, RecordKind::Article, "span.article")?,
        text_sha256: digest_given(&span.text_sha256, "span.text_sha256")?,
        status: word(span.status)?,
    })
}

pub(super) fn encode_spans(spans: &[Span]) -> Result<Vec<v1::Span>, EncodeError> {
    spans.iter().map(encode_span).collect()
}

pub(super) fn decode_spans(spans: Vec<v1::Span>) -> Result<Vec<Span>, DecodeError> {
    spans.into_iter().map(decode_span).collect()
}

pub(super) fn encode_entity(entity: &EntityRef) -> Result<v1::Entity, EncodeError> {
    Ok(v1::Entity {
        label: entity.label.clone(),
        kind: number(entity.kind),
        external_ids: encode_external_ids(&entity.external_ids),
        mentions: encode_spans(&entity.mentions)?,
        role: entity.role.clone(),
    })
}

pub(super) fn decode_entity(entity: v1::Entity) -> Result<EntityRef, DecodeError> {
    Ok(EntityRef {
        label: entity.label,
        kind: word(entity.kind)?,
        external_ids: decode_external_ids(entity.external_ids),
        mentions: decode_spans(entity.mentions)?,
        role: entity.role,
    })
}

pub(super) fn encode_target(target: &LinkTarget, part: &'static str) -> Result<v1::Target, EncodeError> {
    let record = target.record.as_ref().map(|record| link_name(record, part)).transpose()?;
    Ok(v1::Target { record: record.unwrap_or_default(), figure: text(target.figure.as_ref()) })
}

pub(super) fn decode_target(target: &v1::Target, part: &'static str) -> Result<LinkTarget, DecodeError> {
    Ok(LinkTarget {
        record: parse_given(&target.record, part)?.map(Link::Name),
        figure: parse_given(&target.figure, part)?,
    })
}

pub(super) fn decode_link(name: &str, part: &'static str) -> Result<Link, DecodeError> {
    parse(name, part).map(Link::Name)
}

pub(super) fn encode_recorder(recorder: &Recorder) -> v1::Recorder {
    v1::Recorder {
        tool: recorder.tool.clone(),
        tool_version: recorder.tool_version.clone(),
        agent_type: number(recorder.agent_type),
        extraction_confidence: text(recorder.extraction_confidence.as_ref()),
    }
}

pub(super) fn decode_recorder(recorder: v1::Recorder) -> Result<Recorder, DecodeError> {
    Ok(Recorder {
        tool: recorder.tool,
        tool_version: recorder.tool_version,
        agent_type: word(recorder.agent_type)?,
        extraction_confidence: parse_given(&recorder.extraction_confidence, "recorder.extraction_confidence")?,
    })
}
