//! Claims, their chains and hedges.

use super::figure;
use super::metadata::metadata;
use super::parts::{entity, place, span, spans};
use super::reader::Reader;
use super::references::{external_ids, link, source_ref};
use super::values::{number, time};
use crate::domain::limits;
use crate::domain::model::{
    Attribution, AttributionMode, AttributionRole, Basis, Certainty, Claim, ClaimKind, ErrorReason, EvidenceBasis,
    Hedge, HedgeKind, Imprint, Polarity, Presentation, Stance, Version,
};
use crate::domain::name::{Name, RecordKind};
use crate::proto::claimdb::v1;

pub(super) fn from_request(r: &mut Reader, message: v1::Claim) -> Claim {
    // In a revision the stored article stands in where none is given.
    let in_article = !message.article.is_empty() || !r.is_whole();
    let language = r.language("language", &message.language);
    // A figure's words are those of the article, whose language may be another one than the statement's. What this request
    // does not say of it the store may know: until the plan has looked there, only what means one number is read.
    let figure_language = if in_article { r.languages.get(&message.article).cloned() } else { language.clone() };
    let hops = message.attributions.len();
    if hops == 0 && r.demands("attributions") {
        r.invalid("attributions", "a claim has at least one attribution: who says it?");
    }
    Claim {
        article: r.link("article", &message.article, &[RecordKind::Article]),
        statement: r.required_text("statement", message.statement, limits::STATEMENT_BYTES),
        language,
        spans: r.spans("spans", message.spans, limits::SPANS),
        kinds: r.words("kinds", &message.kinds, ClaimKind::from_number),
        presentation: r.word("presentation", message.presentation, Presentation::from_number),
        attributions: r
            .items("attributions", limits::ATTRIBUTIONS, message.attributions, |r, hop| attribution(r, hop, in_article))
            .into_iter()
            .flatten()
            .collect(),
        polarity: r.word("polarity", message.polarity, Polarity::from_number),
        hedges: hedges(r, message.hedges, hops),
        scope_uncertain: message.scope_uncertain,
        scope_note: r.text("scope_note", message.scope_note, limits::DESCRIPTION_BYTES),
        entities: r.entities("entities", message.entities),
        event_time: r.time("event_time", message.event_time).map(Box::new),
        place: r.place("place", message.place).map(Box::new),
        figures: figure::from_request(r, message.figures, figure_language.as_ref()),
        external_ids: r.external_ids("external_ids", message.external_ids),
        labels: r.labels("labels", message.labels),
        // Follows the article; never given.
        imprint: Imprint::default(),
    }
}

fn attribution(r: &mut Reader, message: v1::Attribution, in_article: bool) -> Option<Attribution> {
    if message.source.is_none() {
        r.invalid("source", "is required");
    }
    let source = r.source("source", message.source, in_article);
    let channel = r.source("channel", message.channel, in_article);
    let addressees = r.items("addressees", limits::ADDRESSEES, message.addressees, |_, message| message);
    let addressees = addressees.into_iter().enumerate();
    let addressees = addressees
        .filter_map(|(index, message)| r.source(&format!("addressees[{index}]"), Some(message), in_article))
        .collect();
    let role = r.word("role", message.role, AttributionRole::from_number);
    let mode = r.word("mode", message.mode, AttributionMode::from_number);
    let cue = r.span("cue", message.cue).map(Box::new);
    let source_span = r.span("source_span", message.source_span).map(Box::new);
    let stance = r.word("stance", message.stance, Stance::from_number);
    let certainty = r.word("certainty", message.certainty, Certainty::from_number);
    let evidence_basis = r.word("evidence_basis", message.evidence_basis, EvidenceBasis::from_number);
    let said_time = r.time("said_time", message.said_time).map(Box::new);
    let basis = r.word("basis", message.basis, Basis::from_number);
    Some(Attribution {
        source: source?,
        role,
        channel,
        addressees,
        mode,
        cue,
        source_span,
        stance,
        certainty,
        evidence_basis,
        said_time,
        basis,
        continued: message.continued,
    })
}

fn hedges(r: &mut Reader, messages: Vec<v1::Hedge>, hops: usize) -> Vec<Hedge> {
    // A revision may leave the chain as it is; then only the store knows its length.
    let chain_known = r.demands("attributions") || hops > 0;
    let hedges = r.items("hedges", limits::HEDGES, messages, |r, message| {
        let v1::Hedge { kind, span, verbatim, attribution_index } = message;
        if kind == 0 {
            r.invalid("kind", "is required");
        }
        let kind = r.word("kind", kind, HedgeKind::from_number);
        let span = r.span("span", span).map(Box::new);
        let verbatim = r.text("verbatim", verbatim, limits::HEDGE_BYTES);
        if let Some(index) = attribution_index {
            if chain_known && index as usize >= hops {
                r.invalid("attribution_index", format!("there is no attribution {index}; there are {hops}"));
            } else if index as usize >= limits::ATTRIBUTIONS {
                r.violation_at("attribution_index", ErrorReason::FieldInvalid, "no chain is that long");
            }
        }
        Some(Hedge { kind: kind?, span, verbatim, attribution_index })
    });
    hedges.into_iter().flatten().collect()
}

/// The claim as a message, with its references that are retracted at the revision read.
pub(super) fn to_response(version: &Version, claim: &Claim, retracted: &[Name]) -> v1::Claim {
    v1::Claim {
        name: version.name.written(),
        key: String::new(),
        on_conflict: 0,
        article: link(claim.article.as_ref()),
        statement: claim.statement.clone(),
        language: claim.language.as_ref().map(|language| language.as_str().to_owned()).unwrap_or_default(),
        spans: spans(&claim.spans),
        kinds: claim.kinds.iter().map(|kind| kind.number()).collect(),
        presentation: number(claim.presentation, Presentation::number),
        attributions: claim.attributions.iter().map(attribution_message).collect(),
        polarity: number(claim.polarity, Polarity::number),
        hedges: claim.hedges.iter().map(hedge_message).collect(),
        scope_uncertain: claim.scope_uncertain,
        scope_note: claim.scope_note.clone(),
        entities: claim.entities.iter().map(entity).collect(),
        event_time: claim.event_time.as_deref().map(time),
        place: claim.place.as_deref().map(place),
        figures: claim.figures.iter().map(figure::to_response).collect(),
        external_ids: external_ids(&claim.external_ids),
        labels: claim.labels.clone(),
        retracted_references: retracted.iter().map(ToString::to_string).collect(),
        metadata: Some(metadata(version)),
    }
}

/// What of a claim goes with its figures: who said it, of what and when.
pub(super) fn to_brief(version: &Version, claim: &Claim, retracted: &[Name]) -> v1::Claim {
    v1::Claim {
        name: version.name.written(),
        article: link(claim.article.as_ref()),
        statement: claim.statement.clone(),
        language: claim.language.as_ref().map(|language| language.as_str().to_owned()).unwrap_or_default(),
        attributions: claim.attributions.iter().map(attribution_message).collect(),
        event_time: claim.event_time.as_deref().map(time),
        retracted_references: retracted.iter().map(ToString::to_string).collect(),
        metadata: Some(metadata(version)),
        ..v1::Claim::default()
    }
}

/// One hop as a message.
pub(super) fn attribution_message(hop: &Attribution) -> v1::Attribution {
    v1::Attribution {
        source: Some(source_ref(&hop.source)),
        role: number(hop.role, AttributionRole::number),
        channel: hop.channel.as_ref().map(source_ref),
        addressees: hop.addressees.iter().map(source_ref).collect(),
        mode: number(hop.mode, AttributionMode::number),
        cue: hop.cue.as_deref().map(span),
        source_span: hop.source_span.as_deref().map(span),
        stance: number(hop.stance, Stance::number),
        certainty: number(hop.certainty, Certainty::number),
        evidence_basis: number(hop.evidence_basis, EvidenceBasis::number),
        said_time: hop.said_time.as_deref().map(time),
        basis: number(hop.basis, Basis::number),
        continued: hop.continued,
    }
}

/// One hedge as a message.
pub(super) fn hedge_message(hedge: &Hedge) -> v1::Hedge {
    v1::Hedge {
        kind: hedge.kind.number(),
        span: hedge.span.as_deref().map(span),
        verbatim: hedge.verbatim.clone(),
        attribution_index: hedge.attribution_index,
    }
}
