//! A question about figures: which of a claim's figures it is about, and what each of them answers. Not here: which claims
//! are asked, and in which order answers come.

use super::compare::Incomparable;
use super::estimate::estimates;
use super::facts::range;
use super::units::{Rates, between};
use super::value_key::{ValueKey, kind, standing_for, unit};
use super::{Bounds, FigureKind, Grade, Intervals, Policy};
use crate::domain::model::{EstimateRole, Figure, Metric, Unit};
use crate::domain::time::TimeRange;

/// A question about figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which figures are asked.
    pub metric: MetricAsked,
    /// The roles of those that are asked; all when empty. A number that is not asked is no part of its estimate.
    pub roles: Vec<EstimateRole>,
    /// The kind that they must have; figures that state none may.
    pub kind: Option<FigureKind>,
    /// A time that theirs must overlap; figures that state none may.
    pub as_of: Option<TimeRange>,
    /// The interval that is asked for.
    pub range: Bounds,
    /// The unit of it; none of plain numbers.
    pub unit: Option<Unit>,
    /// Whether figures must be of that unit's dimension. Where nothing is asked of their numbers they need not.
    pub is_measured: bool,
    /// How they are taken.
    pub policy: Policy,
}

/// Which figures are asked, by what they count.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum MetricAsked {
    /// All, those without a metric as well.
    #[default]
    Any,
    /// Those of one metric.
    Key(String),
    /// Those of metrics whose keys begin so, in whole segments.
    Prefix(String),
}

/// A figure that is asked, or an estimate of several numbers, with what it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'f> {
    /// The figure, or the numbers of the estimate, in the order of the claim.
    pub figures: Vec<&'f Figure>,
    /// How far it meets the question, or why that cannot be said.
    pub answer: Result<Graded, Incomparable>,
}

/// How far a candidate meets a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    /// How far.
    pub grade: Grade,
    /// What it was graded by, in the unit of the question, or in its own where none is asked for.
    pub intervals: Intervals,
    /// Whether a time was asked for and it states none: it was taken to hold then.
    pub as_of_assumed: bool,
}

impl MetricAsked {
    /// Whether a figure is asked.
    #[must_use]
    pub fn matches(&self, figure: &Figure) -> bool {
        let key = figure.metric.as_ref().map(|metric| metric.key.as_str());
        match self {
            Self::Any => true,
            Self::Key(asked) => key == Some(asked),
            Self::Prefix(prefix) => key.is_some_and(|key| Metric::is_within(key, prefix)),
        }
    }
}

impl Question {
    /// Those of a claim's figures that are asked, in its order.
    #[must_use]
    pub fn candidates<'f>(&self, figures: &'f [Figure]) -> Vec<Candidate<'f>> {
        let asked = figures.iter().filter(|figure| self.metric.matches(figure) && self.has_role(figure));
        let estimates = estimates(asked).into_iter();
        estimates.map(|figures| Candidate { answer: self.answer(&figures), figures }).collect()
    }

    fn has_role(&self, figure: &Figure) -> bool {
        self.roles.is_empty() || self.roles.contains(&figure.role.unwrap_or(EstimateRole::Single))
    }

    /// What the numbers of one estimate, or a single figure, answer.
    pub(super) fn answer(&self, figures: &[&Figure]) -> Result<Graded, Incomparable> {
        let all: Option<Vec<Intervals>> = figures.iter().map(|figure| Intervals::of(figure, &self.policy)).collect();
        let mut all = all.ok_or(Incomparable::NotRead)?;
        let is_of_kind = |figure: &&Figure| self.kind.zip(figure.kind).is_none_or(|(asked, stated)| asked == stated);
        if !figures.iter().all(is_of_kind) {
            return Err(Incomparable::Kind);
        }
        // Numbers of one estimate may be stated in different units.
        let common = if self.is_measured { self.unit.clone() } else { figures.first().and_then(|first| unit(first)) };
        for (figure, intervals) in figures.iter().zip(&mut all) {
            let way = between(unit(figure).as_ref(), common.as_ref(), kind(figure), &Rates::default())?;
            *intervals = intervals.converted(&way);
        }
        // The numbers of an estimate hold at one time.
        let as_of = figures.first().and_then(|first| range(first.as_of.as_deref()));
        if self.as_of.zip(as_of).is_some_and(|(asked, stated)| !asked.overlaps(stated)) {
            return Err(Incomparable::AsOf);
        }
        let intervals = Intervals::spanning(figures, all).ok_or(Incomparable::NotRead)?;
        let as_of_assumed = self.as_of.is_some() && as_of.is_none();
        Ok(Graded { grade: intervals.grade(&self.range), intervals, as_of_assumed })
    }
}

impl Candidate<'_> {
    /// Where it stands among others by value.
    #[must_use]
    pub fn value_key(&self) -> ValueKey {
        standing_for(&self.figures).map_or_else(|| ValueKey { dimension: String::new(), number: None }, ValueKey::of)
    }
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;
