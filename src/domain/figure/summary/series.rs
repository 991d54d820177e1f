//! Numbers that can be compared with each other, and time divided into periods.

use std::collections::{BTreeMap, BTreeSet};

use super::Rule;
use super::coded::Named;
use super::groups::Groups;
use super::pairs::Pairs;
use super::shares::{Shares, Wholes};
use super::spread::Spread;
use super::statement::{Compared, Statement};
use crate::domain::figure::estimate::{Anomaly, anomaly};
use crate::domain::figure::facts::{Interner, Ranked, class};
use crate::domain::figure::units::{self, Rates, between};
use crate::domain::figure::value_key::{kind, unit};
use crate::domain::figure::{Bounds, FigureKind, Intervals};
use crate::domain::model::{Aggregation, Figure, Metric, Unit};
use crate::domain::name::{FigureId, Name};
use crate::domain::time::{CalendarPeriod, Extent, Precision, TimeRange};

/// Numbers that can be compared with each other, side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// What they count: its key, with the label and the definition that were stated last.
    pub metric: Metric,
    /// What they are: levels where none is named, else changes or numbers for a period.
    pub class: Option<Aggregation>,
    /// The kind that is stated.
    pub kind: Option<FigureKind>,
    /// The unit in which all intervals are.
    pub unit: Option<Unit>,
    /// How far all of them spread.
    pub spread: Spread,
    /// How many sources they come from: the most upstream ones of their chains.
    pub origins: usize,
    /// The periods in which any of them lies, in their order; then those that lie within none, and those without a time.
    pub buckets: Vec<Bucket>,
    /// Every statement, by time, then in the order of recording; those without a time last.
    pub statements: Vec<Stated>,
    /// What every two say about each other.
    pub pairs: Pairs,
    /// Which of them agree.
    pub groups: Groups,
    /// The parts among them, with their wholes.
    pub shares: Shares,
}

/// The statements of one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Which.
    pub placement: Placement,
    /// How far they spread.
    pub spread: Spread,
}

/// Where a statement stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placement {
    /// Wholly within this period.
    Within(CalendarPeriod),
    /// Within no single one.
    Spanning,
    /// Nowhere: no time is stated or known.
    Undated,
}

/// A statement in a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// What is stated.
    pub statement: Statement,
    /// What it may mean, in the unit of the series.
    pub intervals: Intervals,
    /// Where it stands in time.
    pub placement: Placement,
    /// The numbers of the estimate that lie outside the others, and how.
    pub anomalies: Vec<(FigureId, Anomaly)>,
}

impl Placement {
    pub(super) fn of(time: Option<TimeRange>, precision: Precision) -> Self {
        let Some((range, earliest)) = time.and_then(|range| Some((range, range.earliest?))) else {
            // Open at its beginning it lies in no period; of no time nothing is known.
            return if time.is_some() { Self::Spanning } else { Self::Undated };
        };
        match Extent::of(range) {
            Extent::Within(shortest) if shortest <= precision => {
                Self::Within(CalendarPeriod::holding(earliest, precision))
            }
            Extent::Within(_) | Extent::Wide | Extent::Unknown => Self::Spanning,
        }
    }
}

/// Statements by what can be compared: metric, dimension, class, kind. Those that state no kind go with those of the one kind
/// that others state, if it is one. Each part in the order of recording; statements of one claim keep theirs.
pub(super) fn partition(mut statements: Vec<Statement>) -> Vec<Vec<Statement>> {
    type Key = (String, String, Option<Aggregation>);
    type Part = Vec<(usize, Statement)>;
    statements.sort_by_key(|statement| statement.number);
    let mut parts: BTreeMap<Key, BTreeMap<Option<FigureKind>, Part>> = BTreeMap::new();
    for (position, statement) in statements.into_iter().enumerate() {
        let first = statement.first().cloned().unwrap_or_default();
        let (dimension, _) = units::base(statement.unit.as_ref(), kind(&first));
        let key = (statement.metric_key().to_owned(), dimension, class(first.aggregation));
        parts.entry(key).or_default().entry(statement.kind()).or_default().push((position, statement));
    }
    let mut all = Vec::new();
    for mut kinds in parts.into_values() {
        if kinds.len() == 2
            && let Some(unstated) = kinds.remove(&None)
            && let Some(stated) = kinds.values_mut().next()
        {
            stated.extend(unstated);
            stated.sort_by_key(|(position, _)| *position);
        }
        all.extend(kinds.into_values());
    }
    all.into_iter().map(|part| part.into_iter().map(|(_, statement)| statement).collect()).collect()
}

impl Series {
    /// The series of statements that can be compared, given in the order of recording; none of none, or where no way leads
    /// from one unit to another.
    pub(super) fn of(mut members: Vec<Statement>, wholes: &Wholes, rule: &Rule) -> Option<Self> {
        let recorded_first = members.first()?;
        // The words for it are those of one text.
        let common = recorded_first.unit.clone().map(|unit| Unit { verbatim: String::new(), ..unit });
        let class = class(recorded_first.first()?.aggregation);
        let metric = metric(&members);
        // Those of one time stay in the order of recording.
        members.sort_by_cached_key(|statement| {
            let (first, second) = statement.time.map_or((i64::MAX, i64::MAX), |(range, _)| range.sort_key());
            (statement.time.is_none(), first, second)
        });
        let stated_kind = members.iter().find_map(Statement::kind);
        let (mut spread, mut buckets) = (Spread::default(), BTreeMap::<Placement, Spread>::new());
        let mut statements = Vec::with_capacity(members.len());
        for statement in members {
            let placement = Placement::of(statement.time.map(|(range, _)| range), rule.precision);
            let first = statement.first()?;
            let way = between(statement.unit.as_ref(), common.as_ref(), kind(first), &Rates::default()).ok()?;
            let intervals = statement.intervals.converted(&way);
            let named = named(&statement.figures, common.as_ref(), rule);
            let anomalies: Vec<_> = statement
                .figures
                .iter()
                .filter_map(|figure| Some((figure.id.clone()?, anomaly(figure, &statement.figures)?)))
                .collect();
            for spread in [&mut spread, buckets.entry(placement).or_default()] {
                spread.add(&intervals, &named, !anomalies.is_empty(), rule.convention);
            }
            statements.push(Stated { statement, intervals, placement, anomalies });
        }
        let origins: BTreeSet<&Name> = statements.iter().filter_map(|stated| stated.statement.origin()).collect();
        let mut names = Interner::default();
        let compared: Vec<Compared> =
            statements.iter().map(|stated| Compared::of(&stated.statement, &mut names)).collect();
        let hard: Vec<&Bounds> = statements.iter().map(|stated| &stated.intervals.hard).collect();
        let ranked = Ranked::all(&hard);
        Some(Self {
            metric,
            class,
            kind: stated_kind,
            unit: common,
            origins: origins.len(),
            pairs: Pairs::of(&compared, &ranked, rule.listed.findings),
            groups: Groups::of(&statements, &compared, &ranked, rule),
            shares: Shares::of(&statements, wholes, rule),
            spread,
            buckets: buckets.into_iter().map(|(placement, spread)| Bucket { placement, spread }).collect(),
            statements,
        })
    }
}

/// What the numbers of a statement are, in the unit of its series.
fn named(figures: &[Figure], common: Option<&Unit>, rule: &Rule) -> Named {
    Named::of(figures.iter().filter_map(|figure| {
        let way = between(unit(figure).as_ref(), common, kind(figure), &Rates::default()).ok()?;
        let hard = Intervals::of(figure, &rule.policy)?.hard;
        Some((figure, way, hard))
    }))
}

/// What is counted, with what was said of it last, by statements in the order of recording.
fn metric(members: &[Statement]) -> Metric {
    let figures = || members.iter().flat_map(|statement| &statement.figures).rev();
    let all = || figures().filter_map(|figure| figure.metric.as_ref());
    let last =
        |text: fn(&Metric) -> &String| all().map(text).find(|text| !text.is_empty()).cloned().unwrap_or_default();
    Metric {
        key: last(|metric| &metric.key),
        label: last(|metric| &metric.label),
        definition: last(|metric| &metric.definition),
    }
}
