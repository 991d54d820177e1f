//! What questions about figures are asked of: figures of claims, and estimates of several numbers, each with its answer.

use std::cmp::Ordering;

use claimdb::proto::claimdb::v1;
use v1::query_figures_request::MetricAsked;
use v1::version::Record;
use v1::{EstimateAnomaly, EstimateRole, Figure, FigureKind, Grade, Incomparable, Qualifier, UnitSystem};

use crate::figures::Question;
use crate::grades::{Intervals, anomalies, grade, intervals_of, named};
use crate::log::{State, metadata};
use crate::meaning::{Meaning, is_within};
use crate::numbers::{Number, Range, times};
use crate::times::{compare, overlap, range, written};

/// What figures are ordered by, besides the order of recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Recorded,
    Event,
    Published,
    Value,
}

/// A figure, or the numbers of an estimate that are asked for.
pub(crate) struct Candidate<'s> {
    pub(crate) record: &'s Record,
    pub(crate) figures: Vec<Figure>,
    /// Where its claim was recorded, and where it stands in it.
    place: (usize, usize),
    /// The number that it names, in the unit that is asked for.
    value: Option<Number>,
    pub(crate) is_assumed: bool,
    pub(crate) graded: Result<(Grade, Intervals), Incomparable>,
}

/// All of them, in no order.
pub(crate) fn candidates<'s>(state: &'s State<'_>, question: &Question) -> Vec<Candidate<'s>> {
    let request = &question.request;
    let active = [v1::RecordStatus::Active.into()];
    let statuses = if request.statuses.is_empty() { &active[..] } else { &request.statuses };
    let meaning = Meaning(state);
    let mut all = Vec::new();
    for (place, told) in state.all() {
        let Record::Claim(claim) = &told.record else { continue };
        let meets = request.filter.as_ref().is_none_or(|filter| meaning.claim(filter, claim));
        if !meets || !statuses.contains(&metadata(&told.record).status) {
            continue;
        }
        for (index, figures) in asked(claim, question) {
            let graded = answer(question, &figures);
            let is_assumed = !request.holds_at.is_empty() && range(figures[0].as_of.as_ref()).is_none();
            let value = value(&figures)
                .map(|value| if question.is_measured() { times(value, ratio(question, &figures[0])) } else { value });
            let value = value.filter(|_| graded.is_ok());
            all.push(Candidate { record: &told.record, figures, place: (place, index), value, is_assumed, graded });
        }
    }
    all
}

/// The figures of a claim that are asked for, those of one estimate together, with the place of the first.
fn asked(claim: &v1::Claim, question: &Question) -> Vec<(usize, Vec<Figure>)> {
    let request = &question.request;
    let is_asked = |figure: &Figure| {
        let key = figure.metric.as_ref().map(|metric| metric.key.as_str());
        let is_of_metric = match &request.metric_asked {
            None => true,
            Some(MetricAsked::Metric(metric)) => key == Some(metric),
            Some(MetricAsked::MetricPrefix(prefix)) => key.is_some_and(|key| is_within(key, prefix)),
        };
        is_of_metric && (request.roles.is_empty() || request.roles.contains(&role(figure).into()))
    };
    let mut found: Vec<(usize, Vec<Figure>)> = Vec::new();
    for (index, figure) in claim.figures.iter().enumerate().filter(|(_, figure)| is_asked(figure)) {
        let estimate = found.iter_mut().find(|(_, others)| is_one_estimate(&others[0], figure));
        match estimate {
            Some((_, others)) => others.push(figure.clone()),
            None => found.push((index, vec![figure.clone()])),
        }
    }
    found
}

fn role(figure: &Figure) -> EstimateRole {
    Some(figure.role()).filter(|role| *role != EstimateRole::Unspecified).unwrap_or(EstimateRole::Single)
}

fn is_one_estimate(a: &Figure, b: &Figure) -> bool {
    let is_number = |figure: &Figure| role(figure) != EstimateRole::Single;
    let key = |figure: &Figure| figure.metric.as_ref().map(|metric| metric.key.clone());
    let common = |a: &Figure, b: &Figure| {
        (&a.as_of, &a.period, &a.place, a.aggregation) == (&b.as_of, &b.period, &b.place, b.aggregation)
    };
    is_number(a) && is_number(b) && key(a) == key(b) && common(a, b)
}

/// What a figure is measured as.
#[derive(Debug, PartialEq, Eq)]
enum Dimension {
    Plain,
    Length,
    Money(String),
    Own(String),
}

/// The dimension of a unit, and how many of the smallest unit of it that is drawn one of it is.
fn dimension(unit: Option<&v1::Unit>, kind: FigureKind) -> (Dimension, (Number, Number)) {
    let Some(unit) = unit else {
        return (Dimension::Plain, if kind == FigureKind::Percent { (1, 100) } else { (1, 1) });
    };
    match (unit.system(), unit.code.as_str()) {
        (UnitSystem::Ucum, "%") => (Dimension::Plain, (1, 100)),
        (UnitSystem::Ucum, "m") => (Dimension::Length, (1, 1)),
        (UnitSystem::Ucum, "km") => (Dimension::Length, (1_000, 1)),
        (UnitSystem::Iso4217, code) => (Dimension::Money(code.to_owned()), (1, 1)),
        (UnitSystem::Other, code) => (Dimension::Own(code.to_owned()), (1, 1)),
        (UnitSystem::Ucum | UnitSystem::Unspecified, code) => panic!("{code}"),
    }
}

/// How many of the unit that is asked for one of a figure's own is.
fn ratio(question: &Question, figure: &Figure) -> (Number, Number) {
    let (_, own) = dimension(figure.unit.as_ref(), figure.kind());
    let (_, asked) = dimension(question.request.unit.as_ref(), FigureKind::Unspecified);
    (own.0 * asked.1, own.1 * asked.0)
}

/// The number that is named: the best one of an estimate, else the low one.
fn value(figures: &[Figure]) -> Option<Number> {
    let of = |role: EstimateRole| figures.iter().find(|figure| figure.role() == role);
    let first = of(EstimateRole::Best).or(of(EstimateRole::Low)).unwrap_or(&figures[0]);
    named(first)
}

/// How far it meets what is asked for, or why it cannot be compared.
fn answer(question: &Question, figures: &[Figure]) -> Result<(Grade, Intervals), Incomparable> {
    let (request, first) = (&question.request, &figures[0]);
    if figures.iter().any(|figure| figure.qualifier() == Qualifier::Unspecified) {
        return Err(Incomparable::NotRead);
    }
    if ![FigureKind::Unspecified, request.kind()].contains(&first.kind()) && request.kind() != FigureKind::Unspecified {
        return Err(Incomparable::Kind);
    }
    let (own, _) = dimension(first.unit.as_ref(), first.kind());
    let (asked, _) = dimension(request.unit.as_ref(), FigureKind::Unspecified);
    if question.is_measured() && own != asked {
        let is_money = matches!((own, asked), (Dimension::Money(_), Dimension::Money(_)));
        return Err(if is_money { Incomparable::Currency } else { Incomparable::Unit });
    }
    let holds = |asked: &str| range(first.as_of.as_ref()).is_none_or(|own| overlap(own, written(asked).unwrap()));
    if !request.holds_at.is_empty() && !holds(&request.holds_at) {
        return Err(Incomparable::AsOf);
    }
    let intervals = intervals_of(figures, question.policy());
    if !question.is_measured() {
        return Ok((Grade::Certain, intervals));
    }
    let (up, down) = ratio(question, first);
    let wanted = Range::of(request.range.as_ref()).times((down, up));
    // In another unit counts are not whole.
    let found = grade(intervals, wanted, first.kind() == FigureKind::Count && up == down);
    let in_unit = |range: Range| range.times((up, down));
    Ok((found, Intervals { hard: in_unit(intervals.hard), soft: in_unit(intervals.soft) }))
}

impl Candidate<'_> {
    fn claim(&self) -> &v1::Claim {
        let Record::Claim(claim) = self.record else { unreachable!() };
        claim
    }

    /// How its numbers may lie outside of each other. What is asked for by role is told beside the numbers that are not, where
    /// it is the one that lies outside.
    pub(crate) fn anomalies(&self) -> Vec<EstimateAnomaly> {
        let is_own = |figure: &&Figure| is_one_estimate(&self.figures[0], figure);
        let all: Vec<Figure> = self.claim().figures.iter().filter(is_own).cloned().collect();
        let mut found = anomalies(&all);
        if all.len() > self.figures.len() {
            found.push(EstimateAnomaly::Unspecified);
        }
        found
    }

    /// Which of the two comes first. Within a claim they stay as it has them.
    pub(crate) fn compare(&self, other: &Self, state: &State<'_>, by: By, is_descending: bool) -> Ordering {
        let directed = |ordering: Ordering| if is_descending { ordering.reverse() } else { ordering };
        let by_order = match by {
            By::Recorded => Ordering::Equal,
            By::Event => {
                let time = |candidate: &Self| range(candidate.claim().event_time.as_ref());
                compare(time(self), time(other), is_descending)
            }
            By::Published => {
                let time = |candidate: &Self| range(state.published(candidate.claim()));
                compare(time(self), time(other), is_descending)
            }
            By::Value => match (self.value, other.value) {
                (Some(a), Some(b)) => directed(a.cmp(&b)),
                (a, b) => a.is_none().cmp(&b.is_none()),
            },
        };
        let recorded = directed(self.place.0.cmp(&other.place.0));
        by_order.then(recorded).then(self.place.1.cmp(&other.place.1))
    }
}
