//! Figures. Bounds are stored, not derived again: what the words entailed when they were read is what was recorded.

use super::parts::{
    decode_place, decode_span, decode_target, decode_time, encode_place, encode_span, encode_target, encode_time,
};
use super::values::{number, parse, parse_given, text, word};
use super::{DecodeError, EncodeError};
use crate::domain::figure::{Bounds, Lower, Upper};
use crate::domain::model::{Figure, Metric, Unit};
use crate::proto::claimdb::storage::v1;

pub(super) fn encode(figure: &Figure) -> Result<v1::Figure, EncodeError> {
    Ok(v1::Figure {
        id: text(figure.id.as_ref()),
        verbatim: figure.verbatim.clone(),
        span: figure.span.as_deref().map(encode_span).transpose()?,
        kind: number(figure.kind),
        value: text(figure.value.as_ref()),
        qualifier: number(figure.qualifier),
        lower: figure.bounds.lower.as_ref().map(encode_lower),
        upper: figure.bounds.upper.as_ref().map(encode_upper),
        scale_word: figure.scale_word.clone(),
        significant_digits: figure.significant_digits,
        unit: figure.unit.as_ref().map(encode_unit),
        metric: figure.metric.as_ref().map(encode_metric),
        aggregation: number(figure.aggregation),
        as_of: figure.as_of.as_deref().map(encode_time),
        period: figure.period.as_deref().map(encode_time),
        place: figure.place.as_deref().map(encode_place),
        whole: figure.whole.as_ref().map(|whole| encode_target(whole, "figure.whole")).transpose()?,
        whole_relation: number(figure.whole_relation),
        role: number(figure.role),
    })
}

pub(super) fn decode(figure: v1::Figure) -> Result<Figure, DecodeError> {
    Ok(Figure {
        id: parse_given(&figure.id, "figure.id")?,
        verbatim: figure.verbatim,
        span: figure.span.map(decode_span).transpose()?.map(Box::new),
        kind: word(figure.kind)?,
        value: parse_given(&figure.value, "figure.value")?,
        qualifier: word(figure.qualifier)?,
        bounds: Bounds {
            lower: figure.lower.as_ref().map(decode_lower).transpose()?,
            upper: figure.upper.as_ref().map(decode_upper).transpose()?,
        },
        scale_word: figure.scale_word,
        significant_digits: figure.significant_digits,
        unit: figure.unit.map(decode_unit).transpose()?,
        metric: figure.metric.map(decode_metric),
        aggregation: word(figure.aggregation)?,
        as_of: figure.as_of.map(decode_time).transpose()?.map(Box::new),
        period: figure.period.map(decode_time).transpose()?.map(Box::new),
        place: figure.place.map(decode_place).transpose()?.map(Box::new),
        whole: figure.whole.as_ref().map(|whole| decode_target(whole, "figure.whole")).transpose()?,
        whole_relation: word(figure.whole_relation)?,
        role: word(figure.role)?,
    })
}

fn encode_lower(lower: &Lower) -> v1::figure::Lower {
    match lower {
        Lower::AtLeast(number) => v1::figure::Lower::AtLeast(number.to_string()),
        Lower::MoreThan(number) => v1::figure::Lower::MoreThan(number.to_string()),
    }
}

fn decode_lower(lower: &v1::figure::Lower) -> Result<Lower, DecodeError> {
    match lower {
        v1::figure::Lower::AtLeast(number) => parse(number, "figure.lower").map(Lower::AtLeast),
        v1::figure::Lower::MoreThan(number) => parse(number, "figure.lower").map(Lower::MoreThan),
    }
}

fn encode_upper(upper: &Upper) -> v1::figure::Upper {
    match upper {
        Upper::AtMost(number) => v1::figure::Upper::AtMost(number.to_string()),
        Upper::LessThan(number) => v1::figure::Upper::LessThan(number.to_string()),
    }
}

fn decode_upper(upper: &v1::figure::Upper) -> Result<Upper, DecodeError> {
    match upper {
        v1::figure::Upper::AtMost(number) => parse(number, "figure.upper").map(Upper::AtMost),
        v1::figure::Upper::LessThan(number) => parse(number, "figure.upper").map(Upper::LessThan),
    }
}

fn encode_unit(unit: &Unit) -> v1::Unit {
    v1::Unit { system: number(unit.system), code: unit.code.clone(), verbatim: unit.verbatim.clone() }
}

fn decode_unit(unit: v1::Unit) -> Result<Unit, DecodeError> {
    Ok(Unit { system: word(unit.system)?, code: unit.code, verbatim: unit.verbatim })
}

fn encode_metric(metric: &Metric) -> v1::Metric {
    v1::Metric { key: metric.key.clone(), label: metric.label.clone(), definition: metric.definition.clone() }
}

fn decode_metric(metric: v1::Metric) -> Metric {
    Metric { key: metric.key, label: metric.label, definition: metric.definition }
}
