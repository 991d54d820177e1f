//! Summaries by example and against brute force; here claims are made and summarized.

mod brute;
mod converted;
mod examples;
mod several;

use std::sync::Arc;

use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::figure::{Bounds, FigureKind, Lower, MetricAsked, Qualifier, Question, Upper, stored};
use crate::domain::model::{
    Action, Attribution, Claim, EntityKind, EntityRef, ExternalId, Figure, Link, LinkTarget, Metric, Place, Record,
    RecordStatus, SourceLink, TimeGiven, Version,
};
use crate::domain::name::{FigureId, Name};
use crate::domain::time::Timestamp;

fn at(edtf: &str) -> Option<Box<TimeGiven>> {
    let given = |edtf: &str| TimeGiven { time: Some(edtf.parse().expect(edtf)), ..TimeGiven::default() };
    (!edtf.is_empty()).then(|| Box::new(given(edtf)))
}

fn place(words: &str) -> Option<Box<Place>> {
    (!words.is_empty()).then(|| Box::new(Place { verbatim: words.to_owned(), ..Place::default() }))
}

fn event(label: &str, id: &str) -> EntityRef {
    let ids = (!id.is_empty()).then(|| ExternalId { scheme: "events".to_owned(), id: id.to_owned() });
    EntityRef {
        label: label.to_owned(),
        kind: Some(EntityKind::Event),
        external_ids: ids.into_iter().collect(),
        mentions: Vec::new(),
        role: String::new(),
    }
}

fn number(text: &str) -> Decimal {
    text.parse().expect(text)
}

/// A count of people killed. Two numbers are a BETWEEN.
fn killed(qualifier: Qualifier, numbers: &[i64]) -> Figure {
    let (value, stated) = match numbers {
        [low, high] => (None, Bounds::between(Lower::AtLeast((*low).into()), Upper::AtMost((*high).into()))),
        [value] => (Some((*value).into()), Bounds::default()),
        _ => (None, Bounds::default()),
    };
    Figure {
        id: Some(FigureId::numbered(1)),
        qualifier: Some(qualifier),
        bounds: stored(qualifier, value.as_ref(), &stated).expect("they fit together"),
        value,
        kind: Some(FigureKind::Count),
        metric: Some(Metric { key: "killed".to_owned(), ..Metric::default() }),
        ..Figure::default()
    }
}

fn source(id: &str) -> Attribution {
    let name: Name = format!("sources/{id}").parse().expect("a name");
    Attribution::to(SourceLink::Link(Link::Name(name)))
}

/// What a source says in a claim about an event at a time.
fn said(by: &str, event_time: &str, figures: Vec<Figure>) -> Claim {
    Claim { attributions: vec![source(by)], event_time: at(event_time), figures, ..Claim::default() }
}

fn version(number: u64, claim: Claim) -> Version {
    let time = Timestamp::from_micros(0).expect("1970");
    Version {
        number,
        name: format!("claims/c{number}").parse().expect("a name"),
        create_revision: number,
        create_time: time,
        revision: number,
        time,
        action: Action::Created,
        principal: Arc::from("anonymous"),
        recorder: None,
        reason: String::new(),
        retraction: None,
        replaces: None,
        content: None,
        provenance: None,
        record: Record::Claim(claim),
    }
}

fn question() -> Question {
    Question {
        metric: MetricAsked::Prefix("killed".to_owned()),
        roles: Vec::new(),
        kind: None,
        as_of: None,
        range: Bounds::default(),
        unit: None,
        is_measured: false,
        policy: Policy::default(),
    }
}

fn rule() -> Rule {
    Rule {
        convention: Convention::Literal,
        precision: Precision::Month,
        policy: Policy::default(),
        listed: Listed { series: 100, findings: 1_000, members: 100 },
    }
}

/// The statements of claims, in the order of recording, and the figures that are wholes of others.
fn statements(claims: &[Claim]) -> (Vec<Statement>, Wholes) {
    let (mut all, mut wholes) = (Vec::new(), Wholes::new());
    for (number, claim) in (1..).zip(claims) {
        let version = version(number, claim.clone());
        for candidate in question().candidates(&claim.figures) {
            all.extend(Statement::of(&version, claim, candidate, None).ok());
        }
        for figure in &claim.figures {
            let key = (version.name.clone(), figure.id.clone().expect("an id"));
            wholes.insert(key, (figure.clone(), RecordStatus::Active));
        }
    }
    (all, wholes)
}

fn summary(claims: &[Claim], rule: &Rule) -> Summary {
    let (statements, wholes) = statements(claims);
    summarize(statements, &wholes, rule)
}

fn series(claims: &[Claim]) -> Series {
    let mut summary = summary(claims, &rule());
    assert_eq!(summary.series.len(), 1);
    summary.series.remove(0)
}

fn whole(claim: &str, figure: u32) -> Option<LinkTarget> {
    let record = (!claim.is_empty()).then(|| Link::Name(claim.parse().expect("a name")));
    Some(LinkTarget { record, figure: Some(FigureId::numbered(figure)) })
}
