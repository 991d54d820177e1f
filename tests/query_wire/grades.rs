//! What figures say and how far they meet a question, by the comments of the schema and docs/figures.md alone.

use claimdb::proto::claimdb::v1;
use v1::{Aggregation, BareReading, EstimateAnomaly, EstimateRole, Figure, FigureKind, Grade, Qualifier, VagueReading};

use crate::numbers::{Number, ONE, Range, number, times};

/// How figures are taken beyond what their words entail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// As a share.
    pub(crate) tolerance: (Number, Number),
    pub(crate) bare: BareReading,
    pub(crate) vague: VagueReading,
}

/// What a figure is graded by, in its own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Intervals {
    pub(crate) hard: Range,
    pub(crate) soft: Range,
}

fn is_count(figure: &Figure) -> bool {
    figure.kind() == FigureKind::Count
}

/// Nothing is less than none of what is counted, but for a difference.
fn is_natural(figure: &Figure) -> bool {
    is_count(figure) && figure.aggregation() != Aggregation::Change
}

/// The number it names; none where its words name none.
pub(crate) fn named(figure: &Figure) -> Option<Number> {
    let qualifier = figure.qualifier();
    if qualifier == Qualifier::NoneAtAll {
        Some(0)
    } else if qualifier == Qualifier::Between {
        Range::of(figure.bounds.as_ref()).lower.map(|(end, _)| end)
    } else {
        value(figure)
    }
}

fn value(figure: &Figure) -> Option<Number> {
    (!figure.value.is_empty()).then(|| number(&figure.value))
}

/// What the words entail; the server is to say the same.
fn entailed(figure: &Figure) -> Range {
    let open = Range::default();
    let stated = || number(&figure.value);
    let entailed = match figure.qualifier() {
        Qualifier::Exactly | Qualifier::Bare => Range::exactly(stated()),
        Qualifier::NoneAtAll => Range::exactly(0),
        Qualifier::Nearly | Qualifier::LessThan => Range { upper: Some((stated(), true)), ..open },
        Qualifier::JustOver | Qualifier::MoreThan => Range { lower: Some((stated(), true)), ..open },
        Qualifier::AtLeast => Range { lower: Some((stated(), false)), ..open },
        Qualifier::AtMost | Qualifier::UpTo => Range { upper: Some((stated(), false)), ..open },
        Qualifier::Between => Range::of(figure.bounds.as_ref()),
        Qualifier::About | Qualifier::Vague | Qualifier::Unspecified => open,
    };
    assert_eq!(Range::of(figure.bounds.as_ref()), entailed, "{figure:?}");
    entailed
}

/// Half a unit of the last digit that carries information.
fn half_of_last_digit(figure: &Figure) -> Number {
    let digits: String = figure.value.chars().filter(char::is_ascii_digit).collect();
    let behind_point = figure.value.split_once('.').map_or(0, |(_, part)| part.len());
    // Zeros at the end of a whole number only say how large it is.
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let idle = if behind_point > 0 { 0 } else { zeros };
    let significant = digits[..digits.len() - idle].trim_start_matches('0').len();
    assert_eq!(figure.significant_digits as usize, significant, "{figure:?}");
    let unit = ONE * 10_i128.pow(u32::try_from(idle).unwrap()) / 10_i128.pow(u32::try_from(behind_point).unwrap());
    unit / 2
}

/// The intervals of one figure whose words are read.
pub(crate) fn intervals(figure: &Figure, policy: Policy) -> Intervals {
    let mut hard = entailed(figure);
    let around = |below: Number, above: Number| {
        let value = value(figure).unwrap();
        Range { lower: Some((value - below, false)), upper: Some((value + above, false)) }
    };
    if figure.qualifier() == Qualifier::Bare && policy.bare == BareReading::Rounded {
        let half = half_of_last_digit(figure);
        hard = around(half, half);
    }
    if is_count(figure) {
        // A step that would leave nothing is not taken.
        hard = Some(hard.whole()).filter(|whole| !whole.is_empty()).unwrap_or(hard);
    }
    if is_natural(figure) {
        let natural = hard.and(Range { lower: Some((0, false)), upper: None });
        hard = if natural.is_empty() { hard } else { natural };
    }
    let share = || times(value(figure).unwrap().abs(), policy.tolerance);
    let taken = match figure.qualifier() {
        Qualifier::About => Some(around(share(), share())),
        Qualifier::Nearly => Some(around(share(), 0)),
        Qualifier::JustOver => Some(around(0, share())),
        Qualifier::Vague if policy.vague == VagueReading::Acled => {
            let coded = [("tens", 10), ("dozens", 12), ("hundreds", 100)];
            let coded = coded.iter().find(|(word, _)| *word == figure.scale_word);
            coded.map(|(_, number)| Range::exactly(number * ONE))
        }
        // All others are taken for what they entail.
        Qualifier::Unspecified
        | Qualifier::Exactly
        | Qualifier::Bare
        | Qualifier::MoreThan
        | Qualifier::LessThan
        | Qualifier::AtLeast
        | Qualifier::AtMost
        | Qualifier::UpTo
        | Qualifier::Between
        | Qualifier::Vague
        | Qualifier::NoneAtAll => None,
    };
    let taken = taken.map(|taken| if is_count(figure) { taken.widened() } else { taken });
    let soft = taken.map(|taken| taken.and(hard)).filter(|soft| !soft.is_empty()).unwrap_or(hard);
    Intervals { hard, soft }
}

/// The intervals of what is one candidate: a figure, or some of the numbers of an estimate.
pub(crate) fn intervals_of(figures: &[Figure], policy: Policy) -> Intervals {
    let each = figures.iter().map(|figure| intervals(figure, policy));
    let spanned = each.reduce(|a, b| Intervals { hard: a.hard.with(b.hard), soft: a.soft.with(b.soft) });
    let mut spanned = spanned.unwrap();
    let has = |role: EstimateRole| figures.iter().any(|figure| figure.role() == role);
    let (low, best, high) = (has(EstimateRole::Low), has(EstimateRole::Best), has(EstimateRole::High));
    // Nobody said where it ends. A single number is what it says, and the best one of others that are not asked for, too.
    let least = is_natural(&figures[0]).then_some((0, false));
    if high && !low {
        spanned.hard.lower = least;
    }
    if low && !high {
        spanned.hard.upper = None;
    }
    if high && !low && !best {
        spanned.soft.lower = least;
    }
    if low && !high && !best {
        spanned.soft.upper = None;
    }
    spanned
}

/// How far what has these intervals lies in a range, all of them in one unit.
pub(crate) fn grade(intervals: Intervals, asked: Range, is_count: bool) -> Grade {
    let asked = if is_count { asked.whole() } else { asked };
    let Intervals { hard, soft } = intervals;
    if asked.is_empty() || hard.and(asked).is_empty() {
        Grade::Excluded
    } else if hard.lies_in(asked) {
        Grade::Certain
    } else if soft.lies_in(asked) {
        Grade::Likely
    } else if !soft.and(asked).is_empty() {
        Grade::Possible
    } else {
        Grade::Remote
    }
}

/// How the numbers of an estimate lie outside of each other; one of two where both are so. One that is between two is none.
pub(crate) fn anomalies(figures: &[Figure]) -> Vec<EstimateAnomaly> {
    let said = |figure: &Figure| named(figure).filter(|_| figure.qualifier() != Qualifier::Between);
    let of = |role: EstimateRole| figures.iter().find(|figure| figure.role() == role).and_then(said);
    let (low, best, high) = (of(EstimateRole::Low), of(EstimateRole::Best), of(EstimateRole::High));
    let is_less = |a: Option<Number>, b: Option<Number>| a.zip(b).is_some_and(|(a, b)| a < b);
    let mut found = Vec::new();
    if is_less(best, low) || is_less(high, low) {
        found.push(EstimateAnomaly::BelowLow);
    }
    if is_less(high, best) || is_less(high, low) {
        found.push(EstimateAnomaly::AboveHigh);
    }
    if found.is_empty() {
        found.push(EstimateAnomaly::Unspecified);
    }
    found
}
