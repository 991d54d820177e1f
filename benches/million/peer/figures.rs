//! Figures as rows of a table of their own, read and bounded by the rules of claimdb, which a client has to bring along;
//! and the questions about them.

use std::collections::HashMap;

use claimdb::domain::decimal::Decimal;
use claimdb::domain::figure::compare::Incomparable;
use claimdb::domain::figure::words::{self, Reading};
use claimdb::domain::figure::{self, Bounds, Lower, Policy, Qualifier, Question, Upper, stored};
use claimdb::domain::language::Language;
use claimdb::domain::model::{self, EstimateRole};
use claimdb::proto::claimdb::v1::query_figures_request::MetricAsked;
use claimdb::proto::claimdb::v1::{Figure, FigureHit, FigureOrder, Grade, Interval, QueryFiguresRequest, interval};
use prost::Message as _;
use tokio_postgres::types::{ToSql, Type};

use super::numeric::NumericRange;
use super::queries::Parameter;
use super::rows::key;
use crate::ask::PAGE;
use crate::plan::Plan;

/// One row for each hit that there can be: an estimate of several numbers is one. What could not be read is none. `value` is
/// claimdb's own key of it, in the same order; what no plain number is has neither that nor a range.
/// Of three indexes by range, SP-GiST of the range took 2.3 ms for the few of half a million rows that are of a frequent metric
/// and in a rare range, GiST of the range 11 ms, GiST of metric and range 28 ms, and none 12 ms (PostgreSQL 15).
pub(super) const TABLE: &str = "
CREATE TABLE figures (
    claim bigint NOT NULL,
    place smallint NOT NULL,
    metric bigint NOT NULL,
    value bigint,
    taken_for numrange,
    payload bytea NOT NULL,
    PRIMARY KEY (claim, place)
);
CREATE INDEX ON figures (metric, claim DESC, place);
CREATE INDEX ON figures (metric, value, claim, place);
CREATE INDEX ON figures USING spgist (taken_for);
";

pub(super) const COLUMNS: &str = "claim, place, metric, value, taken_for, payload";
pub(super) const TYPES: [Type; 6] = [Type::INT8, Type::INT2, Type::INT8, Type::INT8, Type::NUM_RANGE, Type::BYTEA];

pub(super) struct FigureRow {
    claim: i64,
    place: i16,
    metric: i64,
    value: Option<i64>,
    taken_for: Option<NumericRange>,
    payload: Vec<u8>,
}

impl FigureRow {
    pub(super) fn columns(&self) -> [&(dyn ToSql + Sync); 6] {
        [&self.claim, &self.place, &self.metric, &self.value, &self.taken_for, &self.payload]
    }
}

/// Reads words, each once: the generator has some thousands of them.
#[derive(Default)]
pub(super) struct Words(HashMap<String, Option<Reading>>);

impl Words {
    /// The rows of a claim's figures, whose words are of a language.
    pub(super) fn rows(&mut self, claim: i64, figures: &[Figure], language: &Language) -> Vec<FigureRow> {
        let read: Vec<model::Figure> = figures.iter().map(|figure| self.read(figure, language)).collect();
        let mut rows = Vec::new();
        for (place, hit) in plain_numbers().candidates(&read).into_iter().enumerate() {
            let Some(metric) = hit.figures.first().and_then(|first| first.metric.as_ref()) else { continue };
            let taken_for = match &hit.answer {
                Err(Incomparable::NotRead) => continue,
                Err(_) => None,
                Ok(graded) => Some(NumericRange(graded.intervals.soft.clone())),
            };
            let is_member = |of: &model::Figure| hit.figures.iter().any(|member| std::ptr::eq(*member, of));
            let members = read.iter().zip(figures).filter(|(of, _)| is_member(of)).map(|(_, figure)| figure.clone());
            rows.push(FigureRow {
                claim,
                place: place as i16,
                metric: key(&metric.key),
                value: hit.value_key().number.filter(|_| taken_for.is_some()),
                taken_for,
                payload: FigureHit { figures: members.collect(), ..FigureHit::default() }.encode_to_vec(),
            });
        }
        rows
    }

    fn read(&mut self, figure: &Figure, language: &Language) -> model::Figure {
        let metric =
            figure.metric.as_ref().map(|metric| model::Metric { key: metric.key.clone(), ..Default::default() });
        let role = EstimateRole::from_number(figure.role);
        let read = model::Figure { metric, role, verbatim: figure.verbatim.clone(), ..model::Figure::default() };
        if figure.verbatim.is_empty() {
            let value: Decimal = figure.value.parse().expect("a number where there are no words");
            let bounds = Bounds::exactly(&value);
            return model::Figure { value: Some(value), qualifier: Some(Qualifier::Exactly), bounds, ..read };
        }
        let language_and_words = format!("{} {}", language.as_str(), figure.verbatim);
        let reading = self.0.entry(language_and_words).or_insert_with(|| words::read(&figure.verbatim, Some(language)));
        let Some(reading) = reading.clone() else { return read };
        model::Figure {
            bounds: stored(reading.qualifier, reading.value.as_ref(), &reading.bounds).expect("its own bounds"),
            qualifier: Some(reading.qualifier),
            significant_digits: reading.significant_digits.unwrap_or(0),
            value: reading.value,
            kind: reading.kind,
            unit: reading.unit,
            ..read
        }
    }
}

/// What every question here asks of: plain numbers, and what is converted into them.
fn plain_numbers() -> Question {
    Question {
        metric: figure::MetricAsked::Any,
        roles: Vec::new(),
        kind: None,
        as_of: None,
        range: Bounds::default(),
        unit: None,
        is_measured: true,
        policy: Policy::default(),
    }
}

/// A question with its parameters.
pub(super) fn asked(request: &QueryFiguresRequest, plan: Plan) -> (String, Vec<Parameter>) {
    let Some(MetricAsked::Metric(metric)) = &request.metric_asked else { panic!("each asks of one metric") };
    let mut parameters: Vec<Parameter> = vec![Box::new(key(metric))];
    let mut conditions = String::from("metric = $1");
    if let Some(range) = &request.range {
        let graded = match request.minimum_grade() {
            Grade::Likely => "taken_for <@ $2",
            Grade::Possible => "taken_for && $2",
            other @ (Grade::Unspecified | Grade::Excluded | Grade::Remote | Grade::Certain) => {
                panic!("no question here is for {other:?}")
            }
        };
        conditions = format!("{conditions} AND {}", plan.condition(graded));
        parameters.push(Box::new(NumericRange(bounds(range))));
    }
    // What names no number is last in an answer of claimdb; no page here gets so far.
    let valued = " AND value IS NOT NULL";
    let (valued, column, rest) = match request.order() {
        FigureOrder::RecordedDesc => ("", "claim", " DESC, place"),
        FigureOrder::ValueAsc => (valued, "value", ", claim, place"),
        FigureOrder::ValueDesc => (valued, "value", " DESC, claim DESC, place DESC"),
        other @ (FigureOrder::Unspecified
        | FigureOrder::RecordedAsc
        | FigureOrder::EventAsc
        | FigureOrder::EventDesc
        | FigureOrder::PublishedAsc
        | FigureOrder::PublishedDesc) => panic!("no question here asks in the order {other:?}"),
    };
    let (hidden, size) = (plan.order(), PAGE);
    // The page is found before the claims are fetched.
    let text = format!(
        "SELECT hit.payload AS hit, records.payload AS claim FROM (SELECT claim, payload FROM figures \
         WHERE {conditions}{valued} ORDER BY {column}{hidden}{rest} LIMIT {size}) hit JOIN records ON records.number = hit.claim"
    );
    (text, parameters)
}

fn bounds(range: &Interval) -> Bounds {
    let number = |text: &str| text.parse().expect("the questions ask in numbers");
    let lower = range.lower.as_ref().map(|lower| match lower {
        interval::Lower::AtLeast(text) => Lower::AtLeast(number(text)),
        interval::Lower::MoreThan(text) => Lower::MoreThan(number(text)),
    });
    let upper = range.upper.as_ref().map(|upper| match upper {
        interval::Upper::AtMost(text) => Upper::AtMost(number(text)),
        interval::Upper::LessThan(text) => Upper::LessThan(number(text)),
    });
    Bounds { lower, upper }
}
