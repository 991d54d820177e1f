//! Figures: numbers with what their words entail. What is not given is read from the words, wholly or not at all; what is
//! given is kept.

use std::collections::HashSet;

use super::estimate;
use super::parts::{place, span};
use super::reader::Reader;
use super::values::{number, string, time};
use crate::domain::decimal::{Decimal, SIGNIFICANT_DIGITS_MAX};
use crate::domain::excerpt::excerpt;
use crate::domain::figure::currency;
use crate::domain::figure::units::parse as parse_unit;
use crate::domain::figure::words::{self, Reading};
use crate::domain::figure::{Bounds, FigureError, FigureKind, Lower, Qualifier, Upper, stored};
use crate::domain::language::Language;
use crate::domain::limits;
use crate::domain::model::{
    Aggregation, ErrorReason, EstimateRole, Figure, LinkTarget, Metric, Unit, UnitSystem, WarningReason, WholeRelation,
};
use crate::domain::name::FigureId;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::interval;

/// The figures of one claim.
pub(super) fn from_request(r: &mut Reader, messages: Vec<v1::Figure>, language: Option<&Language>) -> Vec<Figure> {
    let mut ids: HashSet<FigureId> = HashSet::new();
    let mut position = 0;
    let figures = r.items("figures", limits::FIGURES, messages, |r, message| {
        position += 1;
        let id = if message.id.is_empty() { Some(FigureId::numbered(position)) } else { r.parsed("id", &message.id) };
        if let Some(id) = &id
            && !ids.insert(id.clone())
        {
            r.invalid("id", format!("another figure of this claim has the id {id}"));
        }
        figure(r, message, id, language)
    });
    for (index, figure) in figures.iter().enumerate() {
        r.item("figures", index, |r| check_whole(r, figure, &ids));
    }
    estimate::check(r, &figures);
    figures
}

fn figure(r: &mut Reader, message: v1::Figure, id: Option<FigureId>, language: Option<&Language>) -> Figure {
    let mut figure = Figure {
        id,
        verbatim: r.text("verbatim", message.verbatim, limits::SHORT_BYTES),
        span: r.span("span", message.span).map(Box::new),
        kind: r.word("kind", message.kind, FigureKind::from_number),
        value: r.decimal("value", &message.value),
        qualifier: r.word("qualifier", message.qualifier, Qualifier::from_number),
        bounds: Bounds::default(),
        scale_word: r.text("scale_word", message.scale_word, limits::WORD_BYTES),
        significant_digits: 0,
        unit: unit(r, message.unit),
        metric: metric(r, message.metric),
        aggregation: r.word("aggregation", message.aggregation, Aggregation::from_number),
        as_of: r.time("as_of", message.as_of).map(Box::new),
        period: r.time("period", message.period).map(Box::new),
        place: r.place("place", message.place).map(Box::new),
        whole: whole(r, &message.whole),
        whole_relation: r.word("whole_relation", message.whole_relation, WholeRelation::from_number),
        role: r.word("role", message.role, EstimateRole::from_number),
    };
    if figure.span.is_none() && !figure.verbatim.is_empty() {
        r.spans += 1;
    }
    let stated = message.bounds.map(|bounds| r.field("bounds", |r| interval(r, bounds))).unwrap_or_default();
    let value_given = !message.value.is_empty();
    // What could not be read must not be taken for absent and made up from the words.
    if (figure.value.is_some() || !value_given) && (figure.qualifier.is_some() || message.qualifier == 0) {
        if r.is_restoring {
            taken(r, &mut figure, stated, message.significant_digits);
        } else {
            interpret(r, &mut figure, stated, language);
        }
    }
    match (&figure.whole, figure.whole_relation) {
        (Some(_), None) => figure.whole_relation = Some(WholeRelation::SubsetOf),
        (None, Some(_)) if message.whole.is_empty() => {
            r.invalid("whole_relation", "says how the figure is a part of `whole`, which is not given");
        }
        (Some(_) | None, _) => {}
    }
    figure
}

/// Takes a figure as it was exported: what was not read of its words then is not read now.
fn taken(r: &mut Reader, figure: &mut Figure, stated: Bounds, significant_digits: u32) {
    if figure.value.is_none() && figure.qualifier.is_none() && figure.verbatim.is_empty() {
        r.invalid("value", "a figure needs a value, a qualifier or words");
    }
    let most = u32::try_from(SIGNIFICANT_DIGITS_MAX).unwrap_or(u32::MAX);
    figure.significant_digits = figure.value.as_ref().map_or(0, |_| significant_digits.min(most));
    bound(r, figure, stated, None);
}

/// Fills in what is not given of value and qualifier, and the bounds they entail.
fn interpret(r: &mut Reader, figure: &mut Figure, stated: Bounds, language: Option<&Language>) {
    let reading = if figure.verbatim.is_empty() { None } else { words::read(&figure.verbatim, language) };
    let given = (figure.value.clone(), figure.qualifier);
    match (&given, &reading) {
        ((None, None), None) if figure.verbatim.is_empty() && stated.is_unbounded() => {
            r.invalid("value", "a figure needs a value, a qualifier or words");
        }
        ((Some(_), None), None) if figure.verbatim.is_empty() => figure.qualifier = Some(Qualifier::Exactly),
        // The article that tells the language of the words may be in the store: the plan reads them, or warns.
        ((_, Some(_)) | (None | Some(_), None), None) => {}
        (_, Some(reading)) => follow(r, figure, reading),
    }
    figure.significant_digits = match (&figure.value, &reading) {
        (None, _) => 0,
        (Some(value), Some(reading)) if reading.value.as_ref() == Some(value) => {
            reading.significant_digits.unwrap_or(0)
        }
        (Some(value), _) => value.stated_significant_digits(),
    };
    bound(r, figure, stated, reading.as_ref());
}

/// Takes from the words what is not given, and warns where they say something else than what is.
fn follow(r: &mut Reader, figure: &mut Figure, reading: &Reading) {
    let same_value = match (&figure.value, &reading.value) {
        (Some(given), Some(read)) => given == read,
        (Some(given), None) => reading.qualifier == Qualifier::NoneAtAll && given.is_zero(),
        (None, _) => true,
    };
    let same_qualifier = figure.qualifier.is_none_or(|given| given == reading.qualifier);
    if !same_value || !same_qualifier {
        let read = match &reading.value {
            Some(value) => format!("{} {value}", reading.qualifier),
            None => reading.qualifier.to_string(),
        };
        let message = format!("the words {:?} read as {read}; what was given is kept", figure.verbatim);
        r.warn(WarningReason::FigureReadsDifferently, message);
    }
    if figure.value.is_none() && figure.qualifier.is_none_or(names_a_number) {
        figure.value = reading.value.clone();
    }
    // Words about another number do not qualify this one.
    if figure.qualifier.is_none() && same_value {
        figure.qualifier = Some(reading.qualifier);
    }
    figure.kind = figure.kind.or(reading.kind);
    if figure.unit.is_none() && same_value {
        figure.unit.clone_from(&reading.unit);
    }
    if figure.scale_word.is_empty() {
        figure.scale_word = reading.scale_word.clone().unwrap_or_default();
    }
}

/// Whether a qualifier is about a number that the words name.
fn names_a_number(qualifier: Qualifier) -> bool {
    match qualifier {
        Qualifier::Between | Qualifier::Vague => false,
        Qualifier::Exactly
        | Qualifier::Bare
        | Qualifier::About
        | Qualifier::Nearly
        | Qualifier::JustOver
        | Qualifier::MoreThan
        | Qualifier::LessThan
        | Qualifier::AtLeast
        | Qualifier::AtMost
        | Qualifier::UpTo
        | Qualifier::NoneAtAll => true,
    }
}

fn bound(r: &mut Reader, figure: &mut Figure, stated: Bounds, reading: Option<&Reading>) {
    let Some(qualifier) = figure.qualifier else {
        if !stated.is_unbounded() {
            r.invalid("bounds", "bounds need a qualifier: BETWEEN, or the one that entails them");
        }
        return;
    };
    let read = reading.filter(|reading| reading.qualifier == qualifier).map(|reading| &reading.bounds);
    let stated = match read {
        Some(read) if qualifier == Qualifier::Between && stated.is_unbounded() => read.clone(),
        _ => stated,
    };
    match stored(qualifier, figure.value.as_ref(), &stated) {
        Ok(bounds) => figure.bounds = bounds,
        Err(error) => {
            let field = match &error {
                FigureError::ValueMissing { .. }
                | FigureError::ValueForbidden { .. }
                | FigureError::ValueNotZero { .. } => "value",
                FigureError::BoundsMissing
                | FigureError::EmptyInterval { .. }
                | FigureError::LowerNotEntailed { .. }
                | FigureError::UpperNotEntailed { .. } => "bounds",
            };
            r.invalid(field, error.to_string());
        }
    }
}

/// An interval, as figures and questions have it.
pub(super) fn interval(r: &mut Reader, message: v1::Interval) -> Bounds {
    let mut side = |field: &str, text: &str| -> Option<Decimal> {
        if text.is_empty() {
            r.invalid(field, "a number must not be empty");
        }
        r.decimal(field, text)
    };
    let lower = message.lower.and_then(|lower| match lower {
        interval::Lower::AtLeast(text) => side("at_least", &text).map(Lower::AtLeast),
        interval::Lower::MoreThan(text) => side("more_than", &text).map(Lower::MoreThan),
    });
    let upper = message.upper.and_then(|upper| match upper {
        interval::Upper::AtMost(text) => side("at_most", &text).map(Upper::AtMost),
        interval::Upper::LessThan(text) => side("less_than", &text).map(Upper::LessThan),
    });
    Bounds { lower, upper }
}

/// A unit, as figures and questions have it.
pub(super) fn unit(r: &mut Reader, message: Option<v1::Unit>) -> Option<Unit> {
    let v1::Unit { system, code, verbatim } = message?;
    Some(r.field("unit", |r| {
        let unit = Unit {
            system: r.word("system", system, UnitSystem::from_number),
            code: r.text("code", code, limits::UNIT_CODE_BYTES),
            verbatim: r.text("verbatim", verbatim, limits::WORD_BYTES),
        };
        let code = unit.code.as_bytes();
        match unit.system {
            Some(UnitSystem::Iso4217) if code.len() != 3 || !code.iter().all(u8::is_ascii_uppercase) => {
                r.invalid("code", "a currency code is three capital letters: GBP");
            }
            Some(UnitSystem::Iso4217) if !currency::is_listed(&unit.code) => {
                r.invalid("code", format!("{:?} is not in ISO 4217; under OTHER any code is kept", unit.code));
            }
            Some(UnitSystem::Ucum) if code.iter().any(|byte| matches!(byte, b'{' | b'}')) => {
                r.invalid("code", "annotations are no units: what is counted is the metric");
            }
            Some(UnitSystem::Ucum) => {
                if let Err(error) = parse_unit(&unit.code) {
                    r.invalid("code", format!("is no UCUM code: {error}; under OTHER any code is kept"));
                }
            }
            None if !code.is_empty() && system == 0 => r.invalid("system", "says where the code comes from"),
            Some(UnitSystem::Other) if code.is_empty() => r.invalid("code", "is required"),
            Some(UnitSystem::Iso4217 | UnitSystem::Other) | None => {}
        }
        unit
    }))
}

fn metric(r: &mut Reader, message: Option<v1::Metric>) -> Option<Metric> {
    let v1::Metric { key, label, definition } = message?;
    Some(r.field("metric", |r| Metric {
        key: metric_key(r, "key", key),
        label: r.text("label", label, limits::SHORT_BYTES),
        definition: r.text("definition", definition, limits::NOTE_BYTES),
    }))
}

/// The key of a metric, as records and filters have it.
pub(super) fn metric_key(r: &mut Reader, field: &str, key: String) -> String {
    r.field(field, |r| metric_key_here(r, key))
}

/// As `metric_key`, where the conversion stands.
pub(super) fn metric_key_here(r: &mut Reader, key: String) -> String {
    let is_segment =
        |segment: &str| !segment.is_empty() && segment.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_'));
    if !key.split('.').all(is_segment) {
        let form = "segments of a-z, 0-9, '-' and '_', separated by '.', as in north-korea.troops.killed";
        r.violation(ErrorReason::FieldInvalid, format!("{:?} must be {form}", excerpt(&key)));
    }
    if key.len() > limits::METRIC_KEY_BYTES {
        let message = format!("at most {} bytes are allowed, these are {}", limits::METRIC_KEY_BYTES, key.len());
        r.violation(ErrorReason::LimitExceeded, message);
    }
    key
}

/// What keys of metrics begin with: whole segments, with a dot behind them or not.
pub(super) fn metric_prefix(r: &mut Reader, field: &str, beginning: String) -> String {
    r.field(field, |r| metric_prefix_here(r, beginning))
}

/// As `metric_prefix`, where the conversion stands.
pub(super) fn metric_prefix_here(r: &mut Reader, mut beginning: String) -> String {
    if beginning.ends_with('.') {
        beginning.pop();
    }
    metric_key_here(r, beginning)
}

fn whole(r: &mut Reader, text: &str) -> Option<LinkTarget> {
    if text.is_empty() {
        return None;
    }
    if !text.contains('/') && !text.starts_with('#') {
        return r.parsed("whole", text).map(|figure| LinkTarget { record: None, figure: Some(figure) });
    }
    let target = r.target("whole", text)?;
    if target.figure.is_none() {
        r.invalid("whole", "is not a figure: a figure's id, or #key/figures/{id}, or claims/{id}/figures/{id}");
        return None;
    }
    Some(target)
}

/// A whole in the same claim must be there, and be another figure.
fn check_whole(r: &mut Reader, figure: &Figure, ids: &HashSet<FigureId>) {
    let Some(LinkTarget { record: None, figure: Some(whole) }) = &figure.whole else { return };
    if figure.id.as_ref() == Some(whole) {
        r.invalid("whole", "a figure is not a part of itself");
    } else if r.is_whole() && !r.is_restoring && !ids.contains(whole) {
        r.invalid("whole", format!("no figure of this claim has the id {whole}"));
    }
}

/// The figure as a message.
pub(super) fn to_response(figure: &Figure) -> v1::Figure {
    v1::Figure {
        id: string(figure.id.as_ref()),
        verbatim: figure.verbatim.clone(),
        span: figure.span.as_deref().map(span),
        kind: number(figure.kind, FigureKind::number),
        value: string(figure.value.as_ref()),
        qualifier: number(figure.qualifier, Qualifier::number),
        bounds: interval_message(&figure.bounds),
        scale_word: figure.scale_word.clone(),
        significant_digits: figure.significant_digits,
        unit: figure.unit.as_ref().map(unit_message),
        metric: figure.metric.as_ref().map(|metric| v1::Metric {
            key: metric.key.clone(),
            label: metric.label.clone(),
            definition: metric.definition.clone(),
        }),
        aggregation: number(figure.aggregation, Aggregation::number),
        as_of: figure.as_of.as_deref().map(time),
        period: figure.period.as_deref().map(time),
        place: figure.place.as_deref().map(place),
        whole: string(figure.whole.as_ref()),
        whole_relation: number(figure.whole_relation, WholeRelation::number),
        role: number(figure.role, EstimateRole::number),
    }
}

/// An interval as a message; none when it is open on both sides.
pub(super) fn interval_message(bounds: &Bounds) -> Option<v1::Interval> {
    let lower = bounds.lower.as_ref().map(|lower| match lower {
        Lower::AtLeast(value) => interval::Lower::AtLeast(value.to_string()),
        Lower::MoreThan(value) => interval::Lower::MoreThan(value.to_string()),
    });
    let upper = bounds.upper.as_ref().map(|upper| match upper {
        Upper::AtMost(value) => interval::Upper::AtMost(value.to_string()),
        Upper::LessThan(value) => interval::Upper::LessThan(value.to_string()),
    });
    (!bounds.is_unbounded()).then_some(v1::Interval { lower, upper })
}

/// A unit as a message.
pub(super) fn unit_message(unit: &Unit) -> v1::Unit {
    v1::Unit {
        system: number(unit.system, UnitSystem::number),
        code: unit.code.clone(),
        verbatim: unit.verbatim.clone(),
    }
}
