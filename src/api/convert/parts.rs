//! Parts that several records share: spans, places, entities.

use super::reader::Reader;
use super::references::{external_ids, link};
use super::values::{number, string};
use crate::domain::limits;
use crate::domain::model::{Basis, EntityKind, EntityRef, ErrorReason, Place, PlacePrecision, Span, SpanStatus};
use crate::domain::name::RecordKind;
use crate::proto::claimdb::v1;

impl Reader {
    pub(super) fn spans(&mut self, field: &str, messages: Vec<v1::Span>, max: usize) -> Vec<Span> {
        self.items(field, max, messages, Self::read_span)
    }

    pub(super) fn span(&mut self, field: &str, message: Option<v1::Span>) -> Option<Span> {
        let message = message?;
        Some(self.field(field, |r| r.read_span(message)))
    }

    fn read_span(&mut self, message: v1::Span) -> Span {
        self.spans += 1;
        let v1::Span { start, end, exact, prefix, suffix, article, text_sha256, status: _ } = message;
        match (start, end) {
            (Some(start), Some(end)) if start >= end => {
                self.invalid("end", format!("the span ends at {end}, not after its start at {start}"));
            }
            (Some(start), Some(end)) if exact.is_empty() && (end - start) as usize > limits::SPAN_BYTES => {
                let message =
                    format!("a span has at most {} bytes, this one {} code points", limits::SPAN_BYTES, end - start);
                self.violation_at("end", ErrorReason::LimitExceeded, message);
            }
            (Some(_), None) => self.invalid("end", "start and end are given together"),
            (None, Some(_)) => self.invalid("start", "start and end are given together"),
            (None, None) if exact.is_empty() => {
                self.invalid("exact", "a span needs its exact words, or start and end");
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        Span {
            start,
            end,
            exact: self.text("exact", exact, limits::SPAN_BYTES),
            prefix: self.text("prefix", prefix, limits::SPAN_CONTEXT_BYTES),
            suffix: self.text("suffix", suffix, limits::SPAN_CONTEXT_BYTES),
            article: self.link("article", &article, &[RecordKind::Article]),
            text_sha256: self.parsed("text_sha256", &text_sha256),
            status: None,
        }
    }

    pub(super) fn place(&mut self, field: &str, message: Option<v1::Place>) -> Option<Place> {
        let v1::Place { verbatim, external_ids, latitude, longitude, precision, basis } = message?;
        Some(self.field(field, |r| {
            match (latitude.is_empty(), longitude.is_empty()) {
                (true, false) => r.invalid("latitude", "latitude and longitude are given together"),
                (false, true) => r.invalid("longitude", "latitude and longitude are given together"),
                (true, true) | (false, false) => {}
            }
            let latitude = r.decimal_within("latitude", &latitude, -90, 90);
            let longitude = r.decimal_within("longitude", &longitude, -180, 180);
            Place {
                verbatim: r.text("verbatim", verbatim, limits::SHORT_BYTES),
                external_ids: r.external_ids("external_ids", external_ids),
                coordinates: latitude.zip(longitude),
                precision: r.word("precision", precision, PlacePrecision::from_number),
                basis: r.word("basis", basis, Basis::from_number),
            }
        }))
    }

    pub(super) fn entities(&mut self, field: &str, messages: Vec<v1::EntityRef>) -> Vec<EntityRef> {
        self.items(field, limits::ENTITIES, messages, |r, message| {
            let v1::EntityRef { label, kind, external_ids, mentions, role } = message;
            if label.trim().is_empty() {
                r.invalid("label", "is required");
            }
            EntityRef {
                label: r.text("label", label, limits::SHORT_BYTES),
                kind: r.word("kind", kind, EntityKind::from_number),
                external_ids: r.external_ids("external_ids", external_ids),
                mentions: r.spans("mentions", mentions, limits::MENTIONS),
                role: r.text("role", role, limits::WORD_BYTES),
            }
        })
    }
}

pub(super) fn spans(spans: &[Span]) -> Vec<v1::Span> {
    spans.iter().map(span).collect()
}

pub(super) fn span(span: &Span) -> v1::Span {
    v1::Span {
        start: span.start,
        end: span.end,
        exact: span.exact.clone(),
        prefix: span.prefix.clone(),
        suffix: span.suffix.clone(),
        article: link(span.article.as_ref()),
        text_sha256: string(span.text_sha256.as_ref()),
        status: number(span.status, SpanStatus::number),
    }
}

pub(super) fn place(place: &Place) -> v1::Place {
    let (latitude, longitude) =
        place.coordinates.as_ref().map(|(a, b)| (a.to_string(), b.to_string())).unwrap_or_default();
    v1::Place {
        verbatim: place.verbatim.clone(),
        external_ids: external_ids(&place.external_ids),
        latitude,
        longitude,
        precision: number(place.precision, PlacePrecision::number),
        basis: number(place.basis, Basis::number),
    }
}

pub(super) fn entity(entity: &EntityRef) -> v1::EntityRef {
    v1::EntityRef {
        label: entity.label.clone(),
        kind: number(entity.kind, EntityKind::number),
        external_ids: external_ids(&entity.external_ids),
        mentions: spans(&entity.mentions),
        role: entity.role.clone(),
    }
}
