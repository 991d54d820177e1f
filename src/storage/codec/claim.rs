//! Claims and their chains.

use super::parts::{
    decode_entity, decode_external_ids, decode_labels, decode_place, decode_span, decode_spans, decode_time,
    encode_entity, encode_external_ids, encode_labels, encode_place, encode_span, encode_spans, encode_time,
};
use super::values::{
    known, link, link_id, name_given, name_id, number, numbers, parse_given, source, source_given, source_id,
    source_id_given, source_ids, sources, text, word, words,
};
use super::{DecodeError, EncodeError, figure};
use crate::domain::model::{Attribution, Claim, Hedge, Imprint};
use crate::domain::name::RecordKind;
use crate::proto::claimdb::storage::v1;

pub(super) fn encode(claim: &Claim) -> Result<v1::Claim, EncodeError> {
    Ok(v1::Claim {
        article: link_id(claim.article.as_ref(), RecordKind::Article, "claim.article")?,
        statement: claim.statement.clone(),
        language: text(claim.language.as_ref()),
        spans: encode_spans(&claim.spans)?,
        kinds: numbers(&claim.kinds),
        presentation: number(claim.presentation),
        attributions: claim.attributions.iter().map(encode_attribution).collect::<Result<_, _>>()?,
        polarity: number(claim.polarity),
        hedges: claim.hedges.iter().map(encode_hedge).collect::<Result<_, _>>()?,
        scope_uncertain: claim.scope_uncertain,
        scope_note: claim.scope_note.clone(),
        entities: claim.entities.iter().map(encode_entity).collect::<Result<_, _>>()?,
        event_time: claim.event_time.as_deref().map(encode_time),
        place: claim.place.as_deref().map(encode_place),
        figures: claim.figures.iter().map(figure::encode).collect::<Result<_, _>>()?,
        external_ids: encode_external_ids(&claim.external_ids),
        labels: encode_labels(&claim.labels),
        publisher: name_id(claim.imprint.publisher.as_ref(), RecordKind::Source, "claim.publisher")?,
        publish_time: text(claim.imprint.publish_time.as_ref()),
    })
}

pub(super) fn decode(claim: v1::Claim) -> Result<Claim, DecodeError> {
    Ok(Claim {
        article: link(&claim.article, RecordKind::Article, "claim.article")?,
        statement: claim.statement,
        language: parse_given(&claim.language, "claim.language")?,
        spans: decode_spans(claim.spans)?,
        kinds: words(claim.kinds)?,
        presentation: word(claim.presentation)?,
        attributions: claim.attributions.into_iter().map(decode_attribution).collect::<Result<_, _>>()?,
        polarity: word(claim.polarity)?,
        hedges: claim.hedges.into_iter().map(decode_hedge).collect::<Result<_, _>>()?,
        scope_uncertain: claim.scope_uncertain,
        scope_note: claim.scope_note,
        entities: claim.entities.into_iter().map(decode_entity).collect::<Result<_, _>>()?,
        event_time: claim.event_time.map(decode_time).transpose()?.map(Box::new),
        place: claim.place.map(decode_place).transpose()?.map(Box::new),
        figures: claim.figures.into_iter().map(figure::decode).collect::<Result<_, _>>()?,
        external_ids: decode_external_ids(claim.external_ids),
        labels: decode_labels(claim.labels),
        imprint: Imprint {
            publisher: name_given(&claim.publisher, RecordKind::Source, "claim.publisher")?,
            publish_time: parse_given(&claim.publish_time, "claim.publish_time")?,
        },
    })
}

fn encode_attribution(hop: &Attribution) -> Result<v1::Attribution, EncodeError> {
    Ok(v1::Attribution {
        source: source_id(&hop.source, "attribution.source")?,
        role: number(hop.role),
        channel: source_id_given(hop.channel.as_ref(), "attribution.channel")?,
        addressees: source_ids(&hop.addressees, "attribution.addressees")?,
        mode: number(hop.mode),
        cue: hop.cue.as_deref().map(encode_span).transpose()?,
        source_span: hop.source_span.as_deref().map(encode_span).transpose()?,
        stance: number(hop.stance),
        certainty: number(hop.certainty),
        evidence_basis: number(hop.evidence_basis),
        said_time: hop.said_time.as_deref().map(encode_time),
        basis: number(hop.basis),
        continued: hop.continued,
    })
}

fn decode_attribution(hop: v1::Attribution) -> Result<Attribution, DecodeError> {
    Ok(Attribution {
        source: source(&hop.source, "attribution.source")?,
        role: word(hop.role)?,
        channel: source_given(&hop.channel, "attribution.channel")?,
        addressees: sources(&hop.addressees, "attribution.addressees")?,
        mode: word(hop.mode)?,
        cue: hop.cue.map(decode_span).transpose()?.map(Box::new),
        source_span: hop.source_span.map(decode_span).transpose()?.map(Box::new),
        stance: word(hop.stance)?,
        certainty: word(hop.certainty)?,
        evidence_basis: word(hop.evidence_basis)?,
        said_time: hop.said_time.map(decode_time).transpose()?.map(Box::new),
        basis: word(hop.basis)?,
        continued: hop.continued,
    })
}

fn encode_hedge(hedge: &Hedge) -> Result<v1::Hedge, EncodeError> {
    Ok(v1::Hedge {
        kind: number(Some(hedge.kind)),
        span: hedge.span.as_deref().map(encode_span).transpose()?,
        verbatim: hedge.verbatim.clone(),
        attribution_index: hedge.attribution_index,
    })
}

fn decode_hedge(hedge: v1::Hedge) -> Result<Hedge, DecodeError> {
    Ok(Hedge {
        kind: known(hedge.kind)?,
        span: hedge.span.map(decode_span).transpose()?.map(Box::new),
        verbatim: hedge.verbatim,
        attribution_index: hedge.attribution_index,
    })
}
