//! English quantities: a number with what it is measured in, a share of a hundred, or an amount of money.

use super::super::exact::Exact;
use super::super::token::Shape;
use super::number::Number;
use super::units::{self, Named};
use super::vocabulary::Meaning;
use super::{English, Scope};
use crate::domain::figure::FigureKind;
use crate::domain::limits;
use crate::domain::model::{Unit, UnitSystem};

/// What a number is measured in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Measure {
    /// Nothing.
    None,
    /// Hundredths.
    Percent,
    /// Money.
    Money { system: UnitSystem, code: String },
    /// Money or weight: "ten pounds".
    Either { code: String },
    /// A unit, and the one that it is for each of.
    Unit { system: UnitSystem, code: String, kind: FigureKind },
}

impl Measure {
    /// The kind of number that it makes.
    pub(super) fn kind(&self) -> Option<FigureKind> {
        match self {
            Measure::None | Measure::Either { .. } => None,
            Measure::Percent => Some(FigureKind::Percent),
            Measure::Money { .. } => Some(FigureKind::Money),
            Measure::Unit { kind, .. } => Some(*kind),
        }
    }

    /// The unit, with its words.
    pub(super) fn unit(&self, verbatim: &str) -> Option<Unit> {
        // However much white space parts its words.
        let verbatim = if verbatim.len() > limits::WORD_BYTES { "" } else { verbatim };
        match self {
            Measure::None | Measure::Percent => None,
            Measure::Either { code } => {
                Some(Unit { system: Some(UnitSystem::Other), code: code.clone(), verbatim: verbatim.to_owned() })
            }
            Measure::Money { system, code } | Measure::Unit { system, code, .. } => {
                Some(Unit { system: Some(*system), code: code.clone(), verbatim: verbatim.to_owned() })
            }
        }
    }
}

/// A number with its measure.
#[derive(Debug, Clone)]
pub(super) struct Quantity {
    pub(super) number: Number,
    pub(super) measure: Measure,
    /// The tokens of the measure's words.
    pub(super) words: (usize, usize),
    /// The token behind all of it.
    pub(super) next: usize,
    /// Whether the number is one because an article stands for it.
    pub(super) is_article: bool,
}

impl English<'_> {
    /// A quantity, as long as it can be.
    pub(super) fn quantity(&self, at: usize) -> Option<Quantity> {
        if let Some(quantity) = self.money_before(at).or_else(|| self.money_behind(at)).or_else(|| self.one_unit(at)) {
            return Some(quantity);
        }
        let number = self.signed(at, false)?;
        let next = number.next;
        if let Some(behind) = self.percent(next).or_else(|| self.percent_of(&number)) {
            let measure = Measure::Percent;
            return Some(Quantity { number, measure, words: (next, behind), next: behind, is_article: false });
        }
        let from = self.past_of(&number);
        let named = self.unit(from).or_else(|| self.last_inch(from)).or_else(|| self.bracketed(from));
        match named {
            Some((unit, behind)) => Some(self.below_zero(self.measured(number, unit, (from, behind)))),
            None => {
                let measure = Measure::None;
                Some(self.below_zero(Quantity { number, measure, words: (next, next), next, is_article: false }))
            }
        }
    }

    /// The token behind "of a" where a share is of a unit, and behind a hyphen: "half an hour", "3-inch".
    fn past_of(&self, number: &Number) -> usize {
        let at = number.next;
        let is_hyphen = self.text(at) == "-" && !self.is_apart(at) && !self.is_apart(at + 1);
        if is_hyphen {
            return at + 1;
        }
        // "three more days"
        let is_added = matches!(self.text(at), "more" | "additional" | "extra" | "further" | "less" | "fewer");
        if is_added && self.unit(at + 1).is_some() {
            return at + 1;
        }
        if number.value.as_whole().is_some() {
            return at;
        }
        let of = at + usize::from(self.text(at) == "of");
        let from = of + usize::from(matches!(self.text(of), "a" | "an"));
        if number.is_share || self.unit(from).is_some() { from } else { at }
    }

    /// "5 in" where nothing follows: elsewhere "in" is a preposition.
    fn last_inch(&self, at: usize) -> Option<(&'static Named, usize)> {
        let is_last = self.text(at) == "in" && self.token(at + 1).is_none() && self.scope == Scope::Phrase;
        if is_last { units::inch(at) } else { None }
    }

    /// "20 (kg)": the unit, with its brackets.
    fn bracketed(&self, at: usize) -> Option<(&'static Named, usize)> {
        let closing = match self.text(at) {
            "(" => ")",
            "[" => "]",
            "{" => "}",
            "<" => ">",
            _ => return None,
        };
        let (unit, next) = self.unit(at + 1)?;
        (self.text(next) == closing).then_some((unit, next + 1))
    }

    /// "2 degrees below zero".
    fn below_zero(&self, quantity: Quantity) -> Quantity {
        let at = quantity.next;
        let is_temperature = (quantity.measure == Measure::None && self.scope == Scope::Phrase)
            || matches!(&quantity.measure, Measure::Unit { code, .. } if matches!(code.as_str(), "degree" | "Cel" | "[degF]"));
        if !is_temperature || self.text(at) != "below" || self.text(at + 1) != "zero" {
            return quantity;
        }
        let number = Number { value: quantity.number.value.negated(), ..quantity.number };
        Quantity { number, next: at + 2, ..quantity }
    }

    /// "%", "percent", "per cent".
    fn percent(&self, at: usize) -> Option<usize> {
        let from = if self.text(at) == "-" { at + 1 } else { at };
        match (self.text(from), self.text(from + 1)) {
            ("%" | "percent" | "percents" | "pct", _) => Some(from + 1),
            ("percentage", "point" | "points") => None,
            ("percentage", _) => Some(from + 1),
            ("per", "cent" | "cents") => Some(from + 2),
            (_, _) => None,
        }
    }

    /// Behind a share, "a percent" and "of one per cent": it is so much of a hundredth.
    fn percent_of(&self, number: &Number) -> Option<usize> {
        let of = number.next + usize::from(self.text(number.next) == "of");
        let is_one = matches!(self.text(of), "a" | "one" | "1");
        if number.is_share && is_one { self.percent(of + 1) } else { None }
    }

    /// "a kilogram", "an hour": one of a unit, where the words are nothing but a figure. In a sentence "a day" is more
    /// often for each than one.
    fn one_unit(&self, at: usize) -> Option<Quantity> {
        let is_article = matches!(self.text(at), "a" | "an");
        if !is_article || self.number(at, false).is_some() {
            return None;
        }
        let (unit, behind) = self.unit(at + 1)?;
        if self.scope == Scope::Sentence && !self.has_half(behind) {
            return None;
        }
        let quantity = self.measured(Number::one(at + 1), unit, (at + 1, behind));
        Some(Quantity { is_article: true, ..quantity })
    }

    /// Whether "and a half" stands here.
    fn has_half(&self, at: usize) -> bool {
        self.text(at) == "and" && self.share(at + 1).is_some()
    }

    /// The unit named here, and the token behind it.
    pub(super) fn unit(&self, at: usize) -> Option<(&'static Named, usize)> {
        let token = self.token(at)?;
        let fits = |(words, unit): &&(Vec<&'static str>, &'static Named)| {
            let is_letter = words.len() == 1 && token.raw.len() == 1 && token.shape == Shape::Word;
            // A capital is another unit, or none, but for these.
            let is_written = token.raw == token.text || matches!(token.raw, "L" | "W");
            let is_fit = !is_letter || (is_written && self.is_unit_letter(at));
            let is_tail = words.len() == 1 && self.is_glued_tail(at);
            let is_symbol = words.len() == 1 && matches!(token.raw.len(), 2 | 3);
            let is_fit = is_fit && (!is_symbol || units::is_written(token.raw, unit));
            // The 2 of "km2" touches it.
            let is_fit =
                is_fit && (words.last().is_none_or(|last| !matches!(*last, "2" | "3")) || !self.is_apart(at + 1));
            is_fit
                && !is_tail
                && self.is_phrase(at, words)
                && (unit.code != "quarter" || self.is_time_quarter(at))
                && !self.is_on_foot(at)
        };
        units::names(token.text).iter().find(fits).map(|(words, unit)| (*unit, at + words.len()))
    }

    /// Whether a letter stands for a unit: a tonne's touches its number. A metre's does not, for "3m" are as often three
    /// millions, unless a smaller or a larger unit is beside it, or a word for a length ends what is said.
    fn is_unit_letter(&self, at: usize) -> bool {
        let is_touching = !self.is_apart(at) && at > 0 && self.shape(at - 1) == Some(Shape::Digits);
        match self.text(at) {
            "t" => !self.is_apart(at),
            "m" if is_touching => {
                let is_larger = |at: usize| matches!(self.text(at), "km" | "kms" | "kilometre" | "kilometres");
                let is_smaller = |at: usize| matches!(self.text(at), "dm" | "cm" | "mm");
                let number = at + 1 + usize::from(matches!(self.text(at + 1), "and" | ","));
                let is_behind = self.shape(number) == Some(Shape::Digits) && is_smaller(number + 1);
                let is_length = matches!(self.text(at + 1), "tall" | "high" | "wide" | "long" | "deep" | "thick");
                let is_ended = self.shape(at + 2) != Some(Shape::Word) && self.is_apart(at + 1);
                let is_hyphened = self.text(at + 2) == "-";
                (at >= 2 && is_larger(at - 2)) || is_behind || (is_length && is_ended && !is_hyphened)
            }
            _ => true,
        }
    }

    /// A quarter of a year is one where a number of them stands in front.
    fn is_time_quarter(&self, at: usize) -> bool {
        at > 0 && self.shape(at - 1) == Some(Shape::Digits)
    }

    /// Whether digits touch the word from behind, as in a part number.
    fn is_glued_tail(&self, at: usize) -> bool {
        let touches = |at: usize| self.token(at).is_some_and(|next| !next.is_apart && next.shape == Shape::Digits);
        touches(at + 1) || (self.text(at + 1) == "-" && !self.is_apart(at + 1) && touches(at + 2))
    }

    /// A number of units, with the fraction, the smaller units, and the unit "per" that follow it.
    fn measured(&self, number: Number, unit: &'static Named, words: (usize, usize)) -> Quantity {
        let mut behind = words.1;
        let mut value = number.value;
        let mut is_made = false;
        // "an hour and a half"
        if self.text(behind) == "and"
            && let Some((fraction, next)) = self.share(behind + 1)
            && self.unit(next).is_none()
            && let Some(sum) = value.with_part(fraction)
        {
            (value, behind, is_made) = (sum, next, true);
        }
        let (unit, value, behind, is_made) = self.with_smaller(unit, value, behind, is_made);
        let system = if unit.is_ucum { UnitSystem::Ucum } else { UnitSystem::Other };
        let number = if is_made { Number::made(value, behind) } else { number };
        let measure = Measure::Unit { system, code: unit.code.to_owned(), kind: unit.kind };
        let quantity = Quantity { number, measure, words: (words.0, behind), next: behind, is_article: false };
        self.with_rate(quantity, unit)
    }

    /// "7 feet and 10 inches" is one measure, in the smallest unit that is named. Two of which the second is more than one of
    /// the first are two: "1 year and 18 months".
    fn with_smaller(
        &self,
        mut unit: &'static Named,
        mut value: Exact,
        mut behind: usize,
        mut is_made: bool,
    ) -> (&'static Named, Exact, usize, bool) {
        while let Some((series, size)) = unit.series {
            let from = behind + usize::from(matches!(self.text(behind), "," | "and"));
            let from = from + usize::from(from > behind && self.text(behind) == "," && self.text(from) == "and");
            let Some(number) = self.number(from, false).filter(|number| !number.is_share) else { break };
            let inches = self.text(number.next) == "in"
                && unit.code == "[ft_i]"
                && self.shape(number.next + 1) != Some(Shape::Digits);
            let smaller = if inches { units::inch(number.next) } else { self.unit(number.next) };
            let Some((smaller, next)) = smaller else { break };
            let Some((_, smaller_size)) = smaller.series.filter(|(other, of)| *other == series && *of < size) else {
                break;
            };
            let factor = Exact::whole(i128::from(size)).over(Exact::whole(i128::from(smaller_size)));
            let is_part = factor.is_some_and(|factor| number.value.is_less_than(most_behind(unit, factor)));
            let is_listed = self.text(behind) == "," && self.text(behind + 1) != "and" && self.is_distance(next);
            let sum = factor.and_then(|factor| value.times(factor)).and_then(|value| value.with_part(number.value));
            let Some(sum) = sum.filter(|_| is_part && !is_listed) else { break };
            (unit, value, behind, is_made) = (smaller, sum, next, true);
        }
        (unit, value, behind, is_made)
    }

    /// "5 kilometres, 300 metres behind": how far something is from something else, and no part of what a comma parts it from.
    fn is_distance(&self, at: usize) -> bool {
        matches!(self.text(at), "ahead" | "apart" | "away" | "behind" | "from" | "off" | "short")
    }

    /// "miles per hour", "km/h", "barrels a day".
    fn with_rate(&self, quantity: Quantity, unit: &'static Named) -> Quantity {
        let at = quantity.next;
        let is_per = matches!(self.text(at), "per" | "/" | "a" | "an");
        let of = match self.unit(at + 1) {
            Some((of, next)) if is_per && of.series != unit.series && unit.kind != FigureKind::Duration => (of, next),
            Some(_) | None => return quantity,
        };
        let (of, next) = of;
        let is_time = of.kind == FigureKind::Duration;
        if matches!(self.text(at), "a" | "an") && !is_time {
            return quantity;
        }
        let system = if unit.is_ucum && of.is_ucum { UnitSystem::Ucum } else { UnitSystem::Other };
        let measure = Measure::Unit { system, code: format!("{}/{}", unit.code, of.code), kind: FigureKind::Rate };
        Quantity { measure, words: (quantity.words.0, next), next, ..quantity }
    }

    /// Whether the scale of a number's second end holds for the first as well: "between 5 and 10 thousand".
    pub(super) fn shares_scale(&self, low: &Number, high: &Number) -> Option<Number> {
        let (at, factor) = high.scale.filter(|_| low.scale.is_none() && !low.is_share)?;
        let is_word = matches!(self.meaning(at), Some(Meaning::Scale(_) | Meaning::Dozen(_) | Meaning::Hundred) | None);
        let value = low.value.times(factor)?;
        (is_word && !high.value.is_less_than(value)).then_some(Number {
            value,
            scale: high.scale,
            decimals: None,
            ..*low
        })
    }
}

/// The number that a smaller unit stays below behind a larger one: so many of them make one of it. A yard has so few feet that
/// they are counted on.
fn most_behind(unit: &Named, factor: Exact) -> Exact {
    let few = Exact::whole(12);
    if unit.code == "[yd_i]" && factor.is_less_than(few) { few } else { factor }
}
