//! A figure in outline: so much of it that most figures which do not meet a question need not be read to know it, and so
//! little that many figures have the same. Not here: what a figure answers, which is `question`.
//!
//! A number is known by its first digit, so that it lies between two others. Every end of an interval grows with its number;
//! what follows for both of those numbers follows for all that lie between them.

use std::sync::LazyLock;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;

use super::compare::Incomparable;
use super::estimate::estimates;
use super::policy::{BareReading, VagueReading};
use super::question::Question;
use super::{Bounds, FigureKind, Grade, Intervals, Lower, Qualifier, Upper, bounds};
use crate::domain::decimal::{Decimal, DecimalError};
use crate::domain::model::{Aggregation, EstimateRole, Figure, Unit, UnitSystem};

/// Bytes of a unit's code that are kept: longer ones are rare, and their figures are read.
const UNIT_BYTES_MAX: usize = 16;

/// Places before and behind the point up to which numbers have an outline: others are rare, and the number above them may be
/// no decimal.
const EXPONENT_MAX: i64 = 36;

/// The outline of all that one claim says about one metric, where that is one figure, or one estimate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sketch {
    /// Its words could not be read.
    NotRead,
    /// They could.
    Read(ReadSketch),
}

/// The outline of a figure whose words could be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadSketch {
    /// How its words bind the number; the numbers of an estimate are taken for the ends of a range.
    pub qualifier: Qualifier,
    /// What kind of number it is.
    pub kind: Option<FigureKind>,
    /// How it relates to time.
    pub aggregation: Option<Aggregation>,
    /// Its number, or the lower one of two; zero where there is none.
    pub low: Step,
    /// Its number, or the upper one of two.
    pub high: Step,
    /// Its unit: where the code comes from, and the code.
    pub unit: Option<(UnitSystem, String)>,
}

/// Zero, or the first digit of a number above and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(u16);

/// The sketches of a claim's figures, each with its metric; none of a metric of which it says several things.
pub fn sketches(figures: &[Figure]) -> impl Iterator<Item = (&str, Sketch)> {
    figures.iter().enumerate().filter_map(move |(at, figure)| {
        let metric = metric(figure)?;
        let is_of_metric = |other: &&Figure| self::metric(other) == Some(metric);
        let (before, from) = figures.split_at_checked(at)?;
        if before.iter().any(|other| is_of_metric(&other)) {
            return None;
        }
        let mut candidates = estimates(from.iter().filter(is_of_metric));
        let only = candidates.pop().filter(|_| candidates.is_empty())?;
        Some((metric, Sketch::of(&only)?))
    })
}

fn metric(figure: &Figure) -> Option<&str> {
    figure.metric.as_ref().map(|metric| metric.key.as_str()).filter(|key| !key.is_empty())
}

impl Sketch {
    /// The outline of a figure, or of the numbers of an estimate; none of what is too rare to have one.
    #[must_use]
    pub fn of(figures: &[&Figure]) -> Option<Self> {
        let first = figures.first()?;
        if figures.iter().any(|figure| figure.qualifier.is_none()) {
            return Some(Self::NotRead);
        }
        let unit = |figure: &Figure| figure.unit.as_ref().and_then(|unit| Some((unit.system?, unit.code.clone())));
        let given = (first.kind, first.aggregation, unit(first));
        if figures.iter().any(|figure| (figure.kind, figure.aggregation, unit(figure)) != given) {
            return None;
        }
        // A unit in words alone is that of plain numbers, and none at all need not be.
        let is_in_words = |figure: &&Figure| figure.unit.as_ref().is_some_and(|unit| unit.system.is_none());
        if figures.iter().any(is_in_words) {
            return None;
        }
        let (kind, aggregation, unit) = given;
        if unit.as_ref().is_some_and(|(_, code)| code.len() > UNIT_BYTES_MAX) {
            return None;
        }
        // With one of these alone it is open on the other side.
        let has = |role| figures.iter().any(|figure| figure.role == Some(role));
        if has(EstimateRole::Low) != has(EstimateRole::High) {
            return None;
        }
        let (qualifier, low, high) = match figures {
            [only] => steps(only)?,
            numbers => {
                // A count that is not whole is taken for what it is, and the end of a range is not.
                let may_be_end = |value: &Decimal| kind != Some(FigureKind::Count) || value.is_integer();
                let mut steps = numbers.iter().map(|figure| match (figure.qualifier, &figure.value) {
                    (Some(Qualifier::Exactly | Qualifier::Bare), Some(value)) if may_be_end(value) => Step::of(value),
                    _ => None,
                });
                let first = steps.next()??;
                let (low, high) = steps.try_fold((first, first), |(low, high), step| {
                    let step = step?;
                    Some((low.min(step), high.max(step)))
                })?;
                (Qualifier::Between, low, high)
            }
        };
        Some(Self::Read(ReadSketch { qualifier, kind, aggregation, low, high, unit }))
    }

    /// What every figure with this outline answers; none where they differ, or it is not known.
    #[must_use]
    pub fn answer(&self, question: &Question) -> Option<Result<Grade, Incomparable>> {
        // What is asked about is not in the outline.
        if !question.roles.is_empty() || question.as_of.is_some() {
            return None;
        }
        let Self::Read(sketch) = self else { return Some(Err(Incomparable::NotRead)) };
        if !sketch.is_told_by(question) {
            return None;
        }
        let edge = |figure: &Figure| question.answer(&[figure]).map(|graded| graded.intervals);
        match (edge(&sketch.lowest()?), edge(&sketch.highest()?)) {
            (Err(low), Err(high)) if low == high => Some(Err(low)),
            (Ok(low), Ok(high)) => {
                // Of counts some are taken for whole numbers and some, that are not whole, for what they are.
                let grade = grade(&low, &high, &question.range)?;
                let is_told = sketch.kind != Some(FigureKind::Count)
                    || self::grade(&low, &high, &question.range.whole()) == Some(grade);
                is_told.then_some(Ok(grade))
            }
            (Ok(_) | Err(_), _) => None,
        }
    }
}

/// The qualifier and the number, or the two numbers, of a figure.
fn steps(figure: &Figure) -> Option<(Qualifier, Step, Step)> {
    let qualifier = figure.qualifier?;
    if qualifier == Qualifier::Between {
        return match (&figure.bounds.lower, &figure.bounds.upper) {
            (Some(Lower::AtLeast(low)), Some(Upper::AtMost(high))) => {
                Some((qualifier, Step::of(low)?, Step::of(high)?))
            }
            _ => None,
        };
    }
    let step = figure.value.as_ref().map_or(Some(Step::ZERO), Step::of)?;
    let entailed = bounds::entailed(qualifier, figure.value.as_ref()).ok()?;
    (entailed == figure.bounds).then_some((qualifier, step, step))
}

impl ReadSketch {
    /// Whether the policy takes the words for something that grows with their number.
    fn is_told_by(&self, question: &Question) -> bool {
        let policy = &question.policy;
        match self.qualifier {
            // A number that is taken for rounded is so by all of its digits.
            Qualifier::Bare | Qualifier::Between => policy.bare == BareReading::Stated,
            Qualifier::Vague => policy.vague == VagueReading::Open,
            // Without a tolerance next to nothing is left of the words, and then all of what they entail.
            Qualifier::About | Qualifier::Nearly | Qualifier::JustOver => !policy.tolerance.share().is_zero(),
            Qualifier::Exactly
            | Qualifier::MoreThan
            | Qualifier::LessThan
            | Qualifier::AtLeast
            | Qualifier::AtMost
            | Qualifier::UpTo
            | Qualifier::NoneAtAll => true,
        }
    }

    /// A figure below which none with this outline lies.
    fn lowest(&self) -> Option<Figure> {
        self.figure(&self.low.range()?.0, &self.high.range()?.0)
    }

    /// A figure above which none with this outline lies.
    fn highest(&self) -> Option<Figure> {
        self.figure(&self.low.range()?.1, &self.high.range()?.1)
    }

    fn figure(&self, low: &Decimal, high: &Decimal) -> Option<Figure> {
        let (value, bounds) = if self.qualifier == Qualifier::Between {
            (None, Bounds::between(Lower::AtLeast(low.clone()), Upper::AtMost(high.clone())))
        } else {
            let value = (self.qualifier != Qualifier::Vague).then(|| low.clone());
            let bounds = bounds::entailed(self.qualifier, value.as_ref()).ok()?;
            (value, bounds)
        };
        let unit = self.unit.as_ref().map(|(system, code)| Unit {
            system: Some(*system),
            code: code.clone(),
            verbatim: String::new(),
        });
        Some(Figure {
            kind: self.kind,
            value,
            qualifier: Some(self.qualifier),
            bounds,
            unit,
            aggregation: self.aggregation,
            ..Figure::default()
        })
    }
}

impl Step {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// The step of a number; none of negative ones and of those too large or too small.
    #[must_use]
    pub fn of(number: &Decimal) -> Option<Self> {
        if number.is_zero() {
            return Some(Self::ZERO);
        }
        if number.is_negative() {
            return None;
        }
        let (digits, exponent) = number.digits_and_exponent();
        let digit = i64::from(digits.bytes().next()?.checked_sub(b'1')?);
        if !(-EXPONENT_MAX..=EXPONENT_MAX).contains(&exponent) {
            return None;
        }
        u16::try_from(1 + 9 * (exponent + EXPONENT_MAX) + digit).ok().map(Self)
    }

    /// Its number: 0, then 1 for the first digit 1 at the last place behind the point, and so on.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }

    /// The step with this number.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Self> {
        (i64::from(number) <= 9 * (2 * EXPONENT_MAX + 1)).then_some(Self(number))
    }

    /// The least number of the step, and one above all of them; the same for zero.
    fn range(self) -> Option<&'static (Decimal, Decimal)> {
        RANGES.get(usize::from(self.0))
    }
}

/// The range of each step, by its number: a question is asked of some hundreds.
static RANGES: LazyLock<Vec<(Decimal, Decimal)>> = LazyLock::new(|| {
    let number = |digit: i64, exponent: i64| Decimal::try_from(BigDecimal::new(BigInt::from(digit), -exponent));
    let exponents = -EXPONENT_MAX..=EXPONENT_MAX;
    let steps = exponents.flat_map(|exponent| (1..=9).map(move |digit| (digit, exponent)));
    let ranges = steps.map(|(digit, exponent)| Ok((number(digit, exponent)?, number(digit + 1, exponent)?)));
    std::iter::once(Ok::<_, DecimalError>((Decimal::zero(), Decimal::zero())))
        .chain(ranges)
        .collect::<Result<_, _>>()
        .expect("decimals have more digits than the largest exponent")
});

/// An end of an interval that lies between two numbers; absent where there is none on that side.
type End<'a> = (Option<&'a Decimal>, Option<&'a Decimal>);

/// An interval whose ends lie between those of two others.
struct Between<'a> {
    lower: End<'a>,
    upper: End<'a>,
}

impl<'a> Between<'a> {
    /// None where the second does not lie above the first.
    fn of(low: &'a Bounds, high: &'a Bounds) -> Option<Self> {
        let lower = |bounds: &'a Bounds| bounds.lower.as_ref().map(|lower| lower.number().0);
        let upper = |bounds: &'a Bounds| bounds.upper.as_ref().map(|upper| upper.number().0);
        let between = Self { lower: (lower(low), lower(high)), upper: (upper(low), upper(high)) };
        let is_lower_ordered = match between.lower {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(low), Some(high)) => low <= high,
        };
        let is_upper_ordered = match between.upper {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(low), Some(high)) => low <= high,
        };
        (is_lower_ordered && is_upper_ordered).then_some(between)
    }

    /// Whether it has a number of what is asked; none where that is not known.
    fn meets(&self, asked: &Bounds) -> Option<bool> {
        if asked.is_empty() {
            return Some(false);
        }
        let (first, last) = ends(asked);
        let lies_above = last.zip(self.lower.0).is_some_and(|(last, lower)| lower > last);
        let lies_below = first.zip(self.upper.1).is_some_and(|(first, upper)| upper < first);
        if lies_above || lies_below {
            return Some(false);
        }
        let begins_before = last.is_none_or(|last| self.lower.1.is_none_or(|lower| lower < last));
        let ends_behind = first.is_none_or(|first| self.upper.0.is_none_or(|upper| upper > first));
        (begins_before && ends_behind).then_some(true)
    }

    /// Whether all of it is asked; none where that is not known.
    fn is_within(&self, asked: &Bounds) -> Option<bool> {
        let (first, last) = ends(asked);
        let begins_within = first.is_none_or(|first| self.lower.0.is_some_and(|lower| lower > first));
        let ends_within = last.is_none_or(|last| self.upper.1.is_some_and(|upper| upper < last));
        if begins_within && ends_within {
            return Some(true);
        }
        let begins_before = first.is_some_and(|first| self.lower.1.is_none_or(|lower| lower < first));
        let ends_behind = last.is_some_and(|last| self.upper.0.is_none_or(|upper| upper > last));
        (begins_before || ends_behind).then_some(false)
    }
}

fn ends(bounds: &Bounds) -> (Option<&Decimal>, Option<&Decimal>) {
    (bounds.lower.as_ref().map(|lower| lower.number().0), bounds.upper.as_ref().map(|upper| upper.number().0))
}

/// The grade of everything between two figures, as `Intervals::grade` has it; none where it is not the same.
fn grade(low: &Intervals, high: &Intervals, asked: &Bounds) -> Option<Grade> {
    let (hard, soft) = (Between::of(&low.hard, &high.hard)?, Between::of(&low.soft, &high.soft)?);
    Some(if !hard.meets(asked)? {
        Grade::Excluded
    } else if hard.is_within(asked)? {
        Grade::Certain
    } else if soft.is_within(asked)? {
        Grade::Likely
    } else if soft.meets(asked)? {
        Grade::Possible
    } else {
        Grade::Remote
    })
}

#[cfg(test)]
#[path = "sketch_tests.rs"]
mod tests;
