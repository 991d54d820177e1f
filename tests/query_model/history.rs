//! Histories: few articles and sources, many claims of many shapes, corrected and withdrawn.

use claimdb::domain::decimal::Decimal;
use claimdb::domain::figure::{Bounds, FigureKind, Lower, Qualifier, Upper, stored};
use claimdb::domain::model::*;
use claimdb::domain::name::{FigureId, Name, RecordKind};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{self, Store, Write, article, batch_of, claim, inline, name, said_by, source, write};

/// Times of every extent, some of them alike.
pub(crate) const TIMES: &[&str] = &[
    "2017",
    "2017-05",
    "2017-05-03",
    "2017-05-03T12:00:00Z",
    "2017-05-03T12:00:01Z",
    "2017-05-04",
    "2017-06",
    "2018",
    "2016-12-31/2017-01-01",
    "2017-05-30/2017-06-02",
    "2017/..",
    "../2017",
    "201X",
    "XXXX",
    "2025-09-03",
    "2025-09-03/..",
    "2025-12-31",
    "2026-01-01",
];

pub(crate) const METRICS: &[&str] = &["troops.killed", "troops.deployed", "troops", "troop"];

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Article {
        at: u8,
        published: Option<&'static str>,
        publisher: u8,
    },
    Source {
        at: u8,
        alias: u8,
        kind: Option<SourceKind>,
    },
    Claim {
        at: u8,
        article: Option<u8>,
        event: Option<&'static str>,
        source: u8,
        role: Option<AttributionRole>,
        shape: u16,
    },
    Revise {
        at: u8,
        event: Option<&'static str>,
    },
    Retract {
        at: u8,
    },
    Reinstate {
        at: u8,
    },
    /// Several in one commit of an import, which may make several versions of a record.
    Together(Vec<Step>),
}

pub(crate) fn time() -> impl Strategy<Value = Option<&'static str>> {
    of(select(TIMES))
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![7 => single(), 1 => vec(single(), 1..8).prop_map(Step::Together)]
}

fn single() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0..4u8, time(), 0..4u8)
            .prop_map(|(at, published, publisher)| Step::Article { at, published, publisher }),
        1 => (0..6u8, 0..6u8, of(select(SourceKind::ALL)))
            .prop_map(|(at, alias, kind)| Step::Source { at, alias, kind: kind.filter(|kind| !kind.is_unnamed()) }),
        12 => (any::<u8>(), of(0..4u8), time(), 0..4u8, of(select(AttributionRole::ALL)), any::<u16>())
            .prop_map(|(at, article, event, source, role, shape)| Step::Claim { at, article, event, source, role, shape }),
        3 => (any::<u8>(), time()).prop_map(|(at, event)| Step::Revise { at, event }),
        3 => any::<u8>().prop_map(|at| Step::Retract { at }),
        2 => any::<u8>().prop_map(|at| Step::Reinstate { at }),
    ]
}

pub(crate) fn given(text: Option<&str>) -> Option<Box<TimeGiven>> {
    Some(Box::new(TimeGiven { time: Some(text?.parse().unwrap()), ..TimeGiven::default() }))
}

pub(crate) fn pick<T: Copy>(all: &[T], shape: u16) -> T {
    all[usize::from(shape) % all.len()]
}

pub(crate) fn shaped(step: &Step) -> Claim {
    let Step::Claim { at, article, event, source, role, shape } = step else { unreachable!() };
    let mut claim = claim(&format!("Claim {at} of shape {shape}."));
    let hop = |source: u8| said_by(inline(&format!("Source {source}")));
    claim.attributions =
        vec![Attribution { role: *role, certainty: Some(pick(Certainty::ALL, *shape)), ..hop(*source) }];
    if shape % 3 == 0 {
        claim.attributions.push(hop((source + 1) % 4));
    }
    claim.article = article.map(|at| name(&format!("articles/a{at}")).into());
    if article.is_some() && shape % 2 == 0 {
        let words = ["Nearly 2,000", "North Korean", "soldiers", "ministry", "Wednesday"];
        claim.spans = vec![support::quote(pick(&words, *shape))];
    }
    claim.event_time = given(*event);
    claim.kinds = vec![pick(ClaimKind::ALL, *shape)];
    claim.presentation = (shape % 4 > 0).then(|| pick(Presentation::ALL, *shape));
    claim.language = Some(pick(&["en", "en-GB", "pt-BR"], *shape).parse().unwrap());
    claim.labels = [("desk".to_owned(), pick(&["east", "west"], *shape).to_owned())].into();
    if shape % 5 == 0 {
        let hedge = Hedge {
            kind: pick(HedgeKind::ALL, *shape),
            span: None,
            verbatim: "reportedly".to_owned(),
            attribution_index: None,
        };
        claim.hedges.push(hedge);
    }
    claim.figures = figures(u32::from(*shape) << 8 | u32::from(*at));
    let entity = EntityRef {
        label: pick(&["Kyiv", "kyiv", "Moscow"], *shape).to_owned(),
        kind: None,
        external_ids: Vec::new(),
        mentions: Vec::new(),
        role: String::new(),
    };
    claim.entities = vec![entity];
    claim
}

pub(crate) const VALUES: &[&str] = &["0", "1", "7", "7.5", "10", "12", "13000", "1999", "2000", "-3", "0.007", "7000"];

pub(crate) const UNITS: &[(UnitSystem, &str)] = &[
    (UnitSystem::Ucum, "km"),
    (UnitSystem::Ucum, "m"),
    (UnitSystem::Ucum, "%"),
    (UnitSystem::Iso4217, "USD"),
    (UnitSystem::Iso4217, "EUR"),
    (UnitSystem::Other, "box"),
];

pub(crate) fn unit((system, code): (UnitSystem, &str)) -> Option<Unit> {
    Some(Unit { system: Some(system), code: code.to_owned(), verbatim: String::new() })
}

fn figure_id(at: usize) -> FigureId {
    format!("f{at}").parse().unwrap()
}

fn part_of(claim: Option<&Name>, figure: usize) -> LinkTarget {
    LinkTarget { record: claim.map(|claim| claim.clone().into()), figure: Some(figure_id(figure)) }
}

/// Figures of every sort: all qualifiers, estimates, units, times, with a metric and without.
fn figures(seed: u32) -> Vec<Figure> {
    let mut state = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut roll = move |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % sides).unwrap()
    };
    let count = roll(5);
    let mut figures: Vec<Figure> = Vec::new();
    for at in 0..count {
        // Part of one before it, more often than not.
        let whole = (at > 0 && roll(3) > 0).then(|| part_of(None, roll(at as u64)));
        let mut figure = Figure {
            id: Some(figure_id(at)),
            whole_relation: whole.as_ref().map(|_| WholeRelation::ALL[roll(WholeRelation::ALL.len() as u64)]),
            whole,
            // Two that are alike would be one to whoever looks for them.
            verbatim: format!("figure {at}"),
            kind: [None, Some(FigureKind::Count), Some(FigureKind::Measure), Some(FigureKind::Percent)][roll(4)],
            qualifier: (roll(12) > 0).then(|| Qualifier::ALL[roll(Qualifier::ALL.len() as u64)]),
            value: Some(VALUES[roll(VALUES.len() as u64)].parse().unwrap()),
            scale_word: ["", "dozens"][roll(2)].to_owned(),
            unit: (roll(3) == 0).then(|| unit(UNITS[roll(UNITS.len() as u64)])).flatten(),
            metric: (roll(6) > 0).then(|| Metric {
                key: METRICS[roll(METRICS.len() as u64)].to_owned(),
                label: ["", "Killed", "Dead"][roll(3)].to_owned(),
                definition: ["", "of any side"][roll(2)].to_owned(),
            }),
            aggregation: (roll(4) == 0).then(|| Aggregation::ALL[roll(Aggregation::ALL.len() as u64)]),
            as_of: given((roll(3) == 0).then(|| TIMES[roll(TIMES.len() as u64)])),
            role: (roll(3) == 0).then(|| EstimateRole::ALL[roll(EstimateRole::ALL.len() as u64)]),
            ..Figure::default()
        };
        match figure.qualifier {
            Some(Qualifier::Vague) => figure.value = None,
            Some(Qualifier::NoneAtAll) => figure.value = (roll(2) == 0).then(Decimal::zero),
            Some(Qualifier::Between) => {
                figure.bounds =
                    Bounds::between(Lower::AtLeast("7".parse().unwrap()), Upper::AtMost("12".parse().unwrap()));
                figure.value = None;
            }
            Some(_) | None => {}
        }
        if let Some(qualifier) = figure.qualifier {
            figure.bounds = stored(qualifier, figure.value.as_ref(), &figure.bounds).unwrap();
        }
        figures.push(figure.clone());
        // An estimate of several numbers.
        if figure.role == Some(EstimateRole::Low) && roll(2) == 0 {
            let (verbatim, role) = (format!("figure {at} high"), Some(EstimateRole::High));
            figures.push(Figure { verbatim, role, id: None, ..figure });
        }
    }
    figures
}

/// What a step writes; nothing, when there is no claim yet that it could change.
fn written(step: &Step, claims: &[Name]) -> Option<Write> {
    let chosen = |at: u8| claims.get(usize::from(at) % claims.len().max(1));
    match step {
        Step::Article { at, published, publisher } => {
            let record = Article {
                publish_time: given(*published).map(|given| *given),
                publisher: Some(inline(&format!("Source {publisher}"))),
                ..article(&at.to_string())
            };
            Some(write().update_named(&format!("articles/a{at}"), Record::Article(record)))
        }
        Step::Source { at, alias, kind } => {
            let aliases = vec![format!("Alias {alias}"), format!("ALIAS {alias}{at}")];
            let record = Source { aliases, kind: *kind, ..source(&format!("Other {at}")) };
            Some(write().update(Record::Source(record)))
        }
        Step::Claim { at, shape, .. } => {
            let mut claim = shaped(step);
            // Part of what another claim says; refused where that has no figures, or none that is said to be.
            if let (Some(figure), Some(other), 0) = (claim.figures.first_mut(), chosen(*at), shape % 4) {
                figure.whole = Some(part_of(Some(other), 0));
                figure.whole_relation = Some(WholeRelation::SubsetOf);
            }
            Some(write().record(Record::Claim(claim)))
        }
        Step::Revise { at, event } => {
            let revised =
                Claim { event_time: given(*event), language: Some("en".parse().unwrap()), ..Claim::default() };
            Some(write().revise(chosen(*at)?, Record::Claim(revised)))
        }
        Step::Retract { at } => Some(write().retract(chosen(*at)?)),
        Step::Reinstate { at } => Some(write().reinstate(chosen(*at)?)),
        Step::Together(_) => None,
    }
}

/// Applies a step; `claims` are those there are, `batches` the number of commits that were imported.
pub(crate) async fn apply(store: &Store, step: &Step, claims: &mut Vec<Name>, batches: &mut u64) {
    if let Step::Together(steps) = step {
        let items: Vec<Write> = steps.iter().filter_map(|step| written(step, claims)).collect();
        *batches += 1;
        store.import(batch_of("s", *batches, items)).await.await.unwrap();
    } else if let Some(write) = written(step, claims) {
        // Some are refused: what was withdrawn cannot be withdrawn, another kind may make a source another's namesake.
        let _ = write.attempt(&**store).await;
    }
    let head = store.head().await.unwrap().revision;
    for commit in store.changes(head.saturating_sub(1), 1).await.unwrap() {
        let made = commit.versions.iter().filter(|version| version.name.kind == RecordKind::Claim);
        for version in made.filter(|version| version.replaces.is_none()) {
            if !claims.contains(&version.name) {
                claims.push(version.name.clone());
            }
        }
    }
    store.ground.clock.advance(7);
}
