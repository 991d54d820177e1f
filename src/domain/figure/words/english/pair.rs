//! Two numbers of which neither stands for itself: either of two ("40 or 50 times", "up to two or three hundred"), and the ends
//! of what is no range ("20 to 10 people"). What is said of one of them, and what they are measured in, is said of both; as
//! figures they are left out.

use super::super::exact::Exact;
use super::super::token::Shape;
use super::figure::Found;
use super::quantity::{Measure, Quantity};
use super::vocabulary::Meaning;
use super::{English, Scope};
use crate::domain::figure::{FigureKind, Qualifier};

/// Verbs and nouns of change. What goes from one number to another behind one of them had both.
const CHANGES: &[&str] = &[
    "rise",
    "rises",
    "rose",
    "risen",
    "rising",
    "raise",
    "raised",
    "fall",
    "falls",
    "fell",
    "fallen",
    "falling",
    "grow",
    "grows",
    "grew",
    "grown",
    "growing",
    "climb",
    "climbs",
    "climbed",
    "climbing",
    "jump",
    "jumps",
    "jumped",
    "jumping",
    "soared",
    "surged",
    "swelled",
    "doubled",
    "tripled",
    "increase",
    "increases",
    "increased",
    "increasing",
    "decrease",
    "decreases",
    "decreased",
    "drop",
    "drops",
    "dropped",
    "dropping",
    "decline",
    "declines",
    "declined",
    "declining",
    "slid",
    "slipped",
    "dipped",
    "plunged",
    "tumbled",
    "shrank",
    "reduce",
    "reduced",
    "lowered",
    "cut",
    "changed",
    "moved",
    "expanded",
    "widened",
    "narrowed",
    "improved",
    "went",
    "up",
    "down",
];

/// How many words in front of the "from" are looked at for one: "raised its yearly forecast from".
const CHANGE_WORDS_MAX: usize = 4;

impl English<'_> {
    /// The token at which the other number begins, where neither is a figure.
    pub(super) fn paired(&self, found: &Found) -> Option<usize> {
        if self.is_year(found) {
            return None;
        }
        let other = found.next + 1;
        match self.text(found.next) {
            "or" if self.is_either(found, other) => Some(other),
            // "fell from 20 to 10" has two numbers.
            "to" if self.before(found.from) != "from" && self.is_no_range(found, other) => Some(other),
            "and" if self.before(found.from) == "between" && self.is_no_range(found, other) => Some(other),
            _ => None,
        }
    }

    /// Whether the number that begins here is said instead of the figure: "40 or 50", "$5 or $6", "two or three hundred".
    fn is_either(&self, found: &Found, at: usize) -> bool {
        match found.reading.kind {
            _ if found.reading.qualifier == Qualifier::Vague => false,
            Some(FigureKind::Ordinal) => self.ordinal(at).is_some(),
            _ => match self.quantity(self.past_about(at)) {
                Some(other) => self.are_alike(found, &other) && !is_told_apart(found, &other),
                // "40 or 5,00"
                None => self.is_counting(at),
            },
        }
    }

    /// Whether the words here are, or begin behind, the "from" of a change: "rose from 20 to 35" has two numbers and no range.
    pub(super) fn is_change(&self, at: usize) -> bool {
        let from = if self.text(at) == "from" { Some(at) } else { at.checked_sub(1) };
        let Some(from) = from.filter(|from| self.text(*from) == "from" && self.scope == Scope::Sentence) else {
            return false;
        };
        let mut words = (0..from).rev().take(CHANGE_WORDS_MAX).take_while(|at| self.shape(*at) == Some(Shape::Word));
        words.any(|at| CHANGES.contains(&self.text(at)))
    }

    /// "from 20 to 35 percent", "from 5 to 10 thousand" behind a verb of change: what the first number is, only the second says.
    pub(super) fn is_end_of_change(&self, found: &Found) -> bool {
        if self.before(found.from) != "from" || self.text(found.next) != "to" {
            return false;
        }
        let Some(other) = self.quantity(self.past_about(found.next + 1)) else { return false };
        let reading = &found.reading;
        let is_measured = other.measure != Measure::None && reading.kind.is_none() && reading.unit.is_none();
        let scale = other.number.scale.filter(|_| reading.scale_word.is_none());
        let is_scaled = scale.zip(other.number.value.times(Exact::whole(100))).is_some_and(|((_, factor), limit)| {
            // "from 900,000 to 1.2 million" is not from 900,000 million.
            let limit = limit.over(factor).and_then(Exact::decimal);
            reading.value.as_ref().zip(limit).is_none_or(|(value, limit)| *value < limit)
        });
        is_measured || (is_scaled && self.are_alike(found, &other))
    }

    /// Whether the number that begins here would be the other end of a range, as which the figure was not read. "$5 to 3
    /// people" is none.
    fn is_no_range(&self, found: &Found, at: usize) -> bool {
        let is_number = found.reading.value.is_some() && found.reading.kind != Some(FigureKind::Ordinal);
        let other = if is_number { self.quantity(self.past_about(at)) } else { None };
        other.is_some_and(|other| self.is_of_both(found, &other))
    }

    /// Whether the unit of the second number, if it has one, is or may be that of the first.
    fn is_of_both(&self, found: &Found, other: &Quantity) -> bool {
        let is_share = found.reading.kind == Some(FigureKind::Ratio);
        let is_measured = found.reading.unit.is_some() || (found.reading.kind.is_some() && !is_share);
        match other.measure {
            Measure::None => !is_measured && is_share == other.number.is_share,
            // "half to one percent"
            Measure::Percent if is_share => true,
            Measure::Percent | Measure::Money { .. } | Measure::Either { .. } | Measure::Unit { .. } => {
                self.are_alike(found, other)
            }
        }
    }

    /// Whether two numbers may be of one thing: both of one unit, or the first of that of the second.
    fn are_alike(&self, found: &Found, other: &Quantity) -> bool {
        let reading = &found.reading;
        let is_share = reading.kind == Some(FigureKind::Ratio);
        let code = |unit: Option<crate::domain::model::Unit>| unit.map(|unit| unit.code);
        let is_plain = reading.unit.is_none() && (reading.kind.is_none() || is_share);
        match (is_plain, &other.measure) {
            (true, Measure::None) => is_share == other.number.is_share || (is_share && self.ends_with_number(found)),
            // "half or 50 percent" says one thing twice.
            (true, _) => !is_share,
            // "$5 or 6", but "5% or 6 people"
            (false, Measure::None) => self.ends_with_number(found),
            (false, measure) => reading.kind == measure.kind() && code(reading.unit.clone()) == code(measure.unit("")),
        }
    }

    fn ends_with_number(&self, found: &Found) -> bool {
        found.next.checked_sub(1).is_some_and(|last| self.is_counting(last))
    }

    /// Whether a token is of a number that counts: no place in an order, and no part.
    pub(super) fn is_counting(&self, at: usize) -> bool {
        let is_word = |meaning| {
            matches!(
                meaning,
                Meaning::Small(_) | Meaning::Ten(_) | Meaning::Hundred | Meaning::Scale(_) | Meaning::Dozen(_)
            )
        };
        self.shape(at) == Some(Shape::Digits) || self.meaning(at).is_some_and(is_word)
    }

    /// The token behind "about", or this one.
    fn past_about(&self, at: usize) -> usize {
        match self.qualifier(at) {
            (Some(Qualifier::About), next) => next,
            (Some(_) | None, _) => at,
        }
    }
}

/// Whether two numbers are too far from each other to be said of one thing: "500 or 5 percent of them", "10 billion or 10
/// trillion". What "two" is beside "three hundred" is not known.
fn is_told_apart(found: &Found, other: &Quantity) -> bool {
    let times_ten = |number: Exact| number.times(Exact::whole(10)).and_then(Exact::decimal);
    let tenth = |number: Exact| number.over(Exact::whole(10)).and_then(Exact::decimal);
    let value = found.reading.value.as_ref();
    let is_above = value.zip(times_ten(other.number.value)).is_some_and(|(value, limit)| *value > limit);
    let is_below = value.zip(tenth(other.number.value)).is_some_and(|(value, limit)| *value < limit);
    let is_scaled = found.reading.scale_word.is_some() && other.number.scale.is_some();
    is_above || (is_below && is_scaled)
}

/// The ends of a range by their values: two that are negative are often said by their size, "-5 to -10 degrees".
pub(super) fn by_value((low, high): (Quantity, Quantity)) -> (Quantity, Quantity) {
    let are_negative = low.number.value.is_less_than(Exact::ZERO) && high.number.value.is_less_than(Exact::ZERO);
    if are_negative && high.number.value.is_less_than(low.number.value) { (high, low) } else { (low, high) }
}
