//! English figures: a qualifier and a quantity, a range, nothing at all, a vague quantity, a place in an order, a multiple.

use super::super::Reading;
use super::super::exact::Exact;
use super::super::token::Shape;
use super::number::Number;
use super::pair::by_value;
use super::quantity::{Measure, Quantity};
use super::reading::{is_opened, is_soft, or_equal};
use super::vocabulary::{BEHIND, Meaning, NONE_AT_ALL, VAGUE, phrases};
use super::{English, Scope};
use crate::domain::figure::bounds::{Bounds, entailed};
use crate::domain::figure::{FigureKind, Qualifier};

/// A figure and the tokens that it is.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) from: usize,
    pub(super) next: usize,
    pub(super) reading: Reading,
}

impl English<'_> {
    /// The figure that begins here, as long as it can be.
    pub(super) fn figure(&self, at: usize) -> Option<Found> {
        if !self.may_begin(at) {
            return None;
        }
        self.without_value(at)
            .or_else(|| self.range(at))
            .or_else(|| self.multiple(at))
            .or_else(|| self.ordinal_figure(at))
            .or_else(|| self.softened_twice(at))
            .or_else(|| self.qualified(at).map(|found| self.with_other_side(found)))
    }

    fn found(from: usize, next: usize, reading: Reading) -> Option<Found> {
        Some(Found { from, next, reading })
    }

    /// "none", "no casualties", "dozens", "several hundred".
    fn without_value(&self, at: usize) -> Option<Found> {
        let reading = |qualifier, scale_word: Option<&str>| {
            let bounds = entailed(qualifier, None).ok()?;
            let scale_word = scale_word.map(str::to_owned);
            Some(Reading { qualifier, bounds, scale_word, ..Reading::EMPTY })
        };
        let longest = |phrases: &mut dyn Iterator<Item = &'static [&'static str]>| {
            phrases.filter(|phrase| self.is_phrase(at, phrase)).map(<[&str]>::len).max()
        };
        if let Some(length) = longest(&mut NONE_AT_ALL.iter().copied()).filter(|length| self.is_nothing(at, *length)) {
            return Self::found(at, at + length, reading(Qualifier::NoneAtAll, None)?);
        }
        if let Some(next) = self.no_such(at) {
            return Self::found(at, next, reading(Qualifier::NoneAtAll, None)?);
        }
        // "several hundred", "a few dozen"
        let some = match self.text(at) {
            "several" | "many" => Some(at + 1),
            "a" if self.text(at + 1) == "few" => Some(at + 2),
            _ => None,
        };
        if let Some(word) = some.filter(|word| self.is_scale_word(*word)) {
            return Self::found(at, word + 1, reading(Qualifier::Vague, Some(self.text(word)))?);
        }
        let vague =
            VAGUE.iter().filter(|(phrase, _)| self.is_phrase(at, phrase)).max_by_key(|(phrase, _)| phrase.len());
        let (phrase, scale_word) = vague?;
        let next = at + phrase.len();
        // "tens of billions" stand for one quantity.
        let behind = if scale_word.is_some() { self.past_scales(next) } else { next };
        if behind == next {
            return Self::found(at, next, reading(Qualifier::Vague, *scale_word)?);
        }
        let words: Vec<&str> = (at..behind).map(|at| self.text(at)).collect();
        Self::found(at, behind, reading(Qualifier::Vague, Some(&words.join(" ")))?)
    }

    fn is_scale_word(&self, at: usize) -> bool {
        let is_plural = self.text(at).ends_with('s');
        matches!(self.meaning(at), Some(Meaning::Scale(_) | Meaning::Hundred | Meaning::Dozen(_))) && !is_plural
    }

    /// Whether a word for nothing counts: "zero point five" does not, and in a sentence "no one knows" is no number.
    fn is_nothing(&self, at: usize, length: usize) -> bool {
        if matches!(self.text(at), "zero" | "nil") {
            return self.number(at, false).is_none_or(|number| number.next == at + 1) && self.is_alone(at + 1);
        }
        let is_counted = matches!(self.text(at + length), "was" | "were" | "has" | "had" | "is" | "are" | "of");
        self.scope == Scope::Phrase || self.text(at) == "none" || is_counted
    }

    /// Whether no measure stands here.
    fn is_alone(&self, at: usize) -> bool {
        self.quantity(at - 1).is_none_or(|quantity| quantity.measure == Measure::None)
    }

    /// "no casualties", "no people": none of something that can be counted. "no doubt" counts nothing.
    fn no_such(&self, at: usize) -> Option<usize> {
        const COUNTED: &[&str] =
            &["people", "men", "women", "children", "personnel", "deaths", "dead", "survivors", "lives"];
        let noun = self.token(at + 1).filter(|noun| self.text(at) == "no" && noun.shape == Shape::Word)?.text;
        let is_plural =
            noun.len() > 3 && noun.ends_with('s') && !["ss", "us", "is"].iter().any(|end| noun.ends_with(end));
        let is_counted =
            COUNTED.contains(&noun) || (is_plural && !matches!(noun, "means" | "news" | "always" | "matters"));
        is_counted.then_some(at + 2)
    }

    /// "first", "2nd": exactly that place.
    fn ordinal_figure(&self, at: usize) -> Option<Found> {
        let (value, next) = self.ordinal(at).filter(|_| self.share(at).is_none())?;
        let value = value.decimal()?;
        let bounds = Bounds::exactly(&value);
        let kind = Some(FigureKind::Ordinal);
        let reading = Reading { qualifier: Qualifier::Exactly, value: Some(value), bounds, kind, ..Reading::EMPTY };
        Self::found(at, next, reading)
    }

    /// "twice as many", "three times as much", "tenfold".
    fn multiple(&self, at: usize) -> Option<Found> {
        let (qualifier, from) = self.qualifier(at);
        let (value, times) = match self.text(from) {
            "twice" | "double" => (Exact::whole(2), from + 1),
            "thrice" | "triple" => (Exact::whole(3), from + 1),
            _ => {
                let number = self.number(from, false).filter(|number| !number.is_share)?;
                if self.text(number.next) != "times" {
                    return None;
                }
                (number.value, number.next + 1)
            }
        };
        let is_compared = matches!(self.text(times + 1), "many" | "much" | "high" | "large" | "big" | "long" | "often");
        let next = if self.text(times) == "as" && is_compared { times + 2 } else { return None };
        let number = Number { is_share: true, ..Number::made(value, next) };
        let quantity = Quantity { number, measure: Measure::None, words: (next, next), next, is_article: false };
        Self::found(at, next, self.reading(qualifier.unwrap_or(Qualifier::Bare), &quantity)?)
    }

    /// The qualifier in front of a number, and the token behind it.
    pub(super) fn qualifier(&self, at: usize) -> (Option<Qualifier>, usize) {
        let phrase = phrases(self.text(at)).iter().find(|(words, _)| self.is_phrase(at, words));
        match phrase {
            Some((words, qualifier)) => (Some(*qualifier), at + words.len()),
            None => (None, at),
        }
    }

    /// "how about 5"
    fn is_asking(&self, at: usize) -> bool {
        self.text(at) == "about" && self.before(at) == "how"
    }

    /// A quantity with its qualifier: "nearly 2,000", "2,000 or more", "more than one in five".
    fn qualified(&self, at: usize) -> Option<Found> {
        let (before, from) = self.qualifier(at);
        if self.is_asking(at) {
            return None;
        }
        let quantity = self.couple(from).or_else(|| self.ratio(from)).or_else(|| self.quantity(from))?;
        let quantity = self.repeated(quantity);
        // "more than -5 degrees" means either direction, depending on the writer; a sign means one.
        let is_negative = quantity.number.value.is_less_than(Exact::ZERO);
        let is_bound = before.is_some_and(|before| !matches!(before, Qualifier::Exactly | Qualifier::About));
        if is_negative && is_bound && self.shape(at) == Some(Shape::Word) {
            return None;
        }
        let behind = self.behind(quantity.next);
        let is_couple = matches!(self.text(from), "couple") || matches!(self.text(from + 1), "couple");
        if let Some(found) = self.with_equal(at, before, &quantity) {
            return Some(found);
        }
        let (qualifier, next) = match (before, behind) {
            (Some(Qualifier::Exactly), Some((length, qualifier))) => (qualifier, quantity.next + length),
            (Some(_), Some((_, Qualifier::AtLeast | Qualifier::AtMost))) if self.scope == Scope::Phrase => return None,
            (None, Some((length, qualifier))) => (qualifier, quantity.next + length),
            (Some(qualifier), _) => (qualifier, quantity.next),
            (None, None) if is_couple => (Qualifier::About, quantity.next),
            (None, None) => (Qualifier::Bare, quantity.next),
        };
        // "over three years" is as often during them as more than they are.
        if self.text(at) == "over" && from == at + 1 && !self.is_more_than(at, &quantity) {
            return Self::found(from, next, self.reading(Qualifier::Bare, &quantity)?);
        }
        let found = Found { from: at, next, reading: self.reading(qualifier, &quantity)? };
        Some(found)
    }

    /// "up to around 700", "about 500 or more", "up to 50 or more": a bound that is softened or opened bounds nothing.
    fn softened_twice(&self, at: usize) -> Option<Found> {
        let (Some(first), from) = self.qualifier(at) else { return None };
        if self.is_asking(at) {
            return None;
        }
        let (second, from) = self.qualifier(from);
        if let Some(range) = second.and_then(|_| self.range(from)) {
            let bounds = Bounds::default();
            let reading = Reading { qualifier: Qualifier::Vague, bounds, ..range.reading };
            return Self::found(at, range.next, reading).filter(|_| is_soft(first, second));
        }
        let quantity = self.couple(from).or_else(|| self.ratio(from)).or_else(|| self.quantity(from))?;
        // "about 500 or so" says one thing twice.
        let is_other = |behind| second.is_none() && (first, behind) != (Qualifier::About, Qualifier::About);
        let (length, behind) = self.behind(quantity.next).filter(|(_, behind)| is_other(*behind)).unzip();
        if !is_soft(first, second.or(behind)) && !is_opened(first, behind) {
            return None;
        }
        let Reading { kind, unit, scale_word, .. } = self.reading(Qualifier::About, &quantity)?;
        Self::found(at, quantity.next + length.unwrap_or(0), Reading { kind, unit, scale_word, ..Reading::EMPTY })
    }

    /// The phrase behind a number: its length, and what it means. "or greater than 190" belongs to the next number.
    fn behind(&self, at: usize) -> Option<(usize, Qualifier)> {
        // "20+"
        if self.text(at) == "+" && !self.is_apart(at) && self.text(at + 1) != "/" {
            return Some((1, Qualifier::AtLeast));
        }
        let (phrase, qualifier) = BEHIND.iter().find(|(phrase, _)| self.is_phrase(at, phrase))?;
        let next = at + phrase.len();
        let is_of_next = self.text(next) == "than" && self.quantity(next + 1).is_some();
        let length = phrase.len() + usize::from(self.text(next) == "than");
        (!is_of_next).then_some((length, *qualifier))
    }

    /// "less than 5000 or equal", unless another number follows.
    fn with_equal(&self, at: usize, before: Option<Qualifier>, quantity: &Quantity) -> Option<Found> {
        let qualifier = or_equal(before?).filter(|_| self.is_phrase(quantity.next, &["or", "equal"]))?;
        let next = quantity.next + 2;
        let to = next + usize::from(self.text(next) == "to");
        if self.quantity(to).is_some() {
            return None;
        }
        Self::found(at, to, self.reading(qualifier, quantity)?)
    }

    /// "forty-five (45)": a number that is repeated in brackets is one.
    fn repeated(&self, quantity: Quantity) -> Quantity {
        let at = quantity.next;
        let again = if self.text(at) == "(" { self.number(at + 1, false) } else { None };
        match again.filter(|again| again.value == quantity.number.value && self.text(again.next) == ")") {
            Some(again) => Quantity { next: again.next + 1, ..quantity },
            None => quantity,
        }
    }

    fn is_more_than(&self, at: usize, quantity: &Quantity) -> bool {
        let is_time = quantity.measure.kind() == Some(FigureKind::Duration);
        let before = at.checked_sub(1).map_or("", |before| self.text(before));
        let is_introduced =
            matches!(before, "for" | "is" | "was" | "are" | "were" | "be" | "of" | "well" | "took" | "lasted");
        let is_number = if is_time { is_introduced || at == 0 } else { !self.is_phrasal(at, quantity) };
        self.scope == Scope::Phrase || is_number
    }

    /// "a couple of hundred": two of them, more or less.
    fn couple(&self, at: usize) -> Option<Quantity> {
        let with_article = self.text(at) == "a";
        let word = at + usize::from(with_article);
        let is_pair = self.text(word) == "pair" && with_article;
        if self.text(word) != "couple" && !is_pair {
            return None;
        }
        let of = word + 1 + usize::from(self.text(word + 1) == "of");
        let two = Exact::whole(2);
        let scale = match self.meaning(of) {
            Some(Meaning::Hundred) => Some(Exact::whole(100)),
            Some(Meaning::Scale(exponent)) => Some(super::super::exact::power_of_ten(exponent)),
            Some(Meaning::Dozen(of)) => Some(Exact::whole(i128::from(of))),
            Some(_) | None => None,
        };
        let is_ended = self.token(of).is_none();
        let number = match scale.filter(|_| !is_pair) {
            Some(factor) => Number { scale: Some((of, factor)), ..Number::made(two.times(factor)?, of + 1) },
            None => Number::made(two, if is_ended { of } else { word + 1 }),
        };
        let next = number.next;
        Some(Quantity { number, measure: Measure::None, words: (next, next), next, is_article: false })
    }

    /// "one in five"
    fn ratio(&self, at: usize) -> Option<Quantity> {
        let (value, next) = self.one_in(at)?;
        let number = Number { is_share: true, ..Number::made(value, next) };
        Some(Quantity { number, measure: Measure::None, words: (next, next), next, is_article: false })
    }

    /// "more than 10 and less than 20": both sides of one figure.
    fn with_other_side(&self, found: Found) -> Found {
        let next = found.next;
        let joined = match (self.text(next), self.text(next + 1)) {
            (",", "and" | "but") => next + 2,
            ("," | "and" | "but", _) => next + 1,
            (_, _) => return found,
        };
        if self.qualifier(joined).0.is_none() {
            return found;
        }
        let Some(other) = self.qualified(joined) else { return found };
        let is_one = |bounds: &Bounds| bounds.lower.is_some() != bounds.upper.is_some();
        let (a, b) = (&found.reading, &other.reading);
        let are_opposite =
            is_one(&a.bounds) && is_one(&b.bounds) && a.bounds.lower.is_some() != b.bounds.lower.is_some();
        let bounds = a.bounds.intersection(&b.bounds);
        let is_same = a.kind == b.kind || (a.kind.is_none() && self.scope == Scope::Sentence);
        if !are_opposite || bounds.is_empty() || !is_same {
            return found;
        }
        let (kind, unit) = (b.kind, b.unit.clone());
        let reading = Reading { qualifier: Qualifier::Between, bounds, kind, unit, ..Reading::EMPTY };
        Found { next: other.next, reading, ..found }
    }

    /// "between 10 and 20", "from 10 to 20", "10 to 20", "10–20". What only the second number says of unit and scale holds
    /// for both: "between 5 and 10 thousand".
    fn range(&self, at: usize) -> Option<Found> {
        let (about, first) = match self.qualifier(at) {
            (Some(Qualifier::About), from) => (true, from),
            (Some(_), _) => return None,
            (None, from) => (false, from),
        };
        if self.is_change(at) {
            return None;
        }
        let word = self.text(first);
        let from = first + usize::from(matches!(word, "between" | "from"));
        let (about_low, low_at) = self.softened(from);
        let low = self.quantity(low_at).filter(|low| !low.is_article)?;
        let is_separator = match word {
            "between" => self.text(low.next) == "and",
            "from" if self.scope == Scope::Phrase => matches!(self.text(low.next), "to" | "-" | "–" | "—" | "and"),
            "from" => matches!(self.text(low.next), "to" | "-" | "–" | "—"),
            _ => matches!(self.text(low.next), "to" | "through" | "-" | "–" | "—" | "~"),
        };
        // "UPDATE 2-Thirteen killed"
        let is_joined = self.text(low.next) == "-" && !self.is_apart(low.next);
        let is_mixed = is_joined
            && self.shape(low.next - 1) == Some(Shape::Digits)
            && self.shape(low.next + 1) == Some(Shape::Word);
        if !is_separator || is_mixed {
            return None;
        }
        let (about_high, high_at) = self.softened(low.next + 1);
        let high = self.quantity(high_at).filter(|high| !high.is_article)?;
        let behind = self.behind(high.next).map(|(length, _)| length);
        let next = high.next + behind.unwrap_or(0);
        let (low, high) = by_value(self.alike(low, high)?);
        let (lower, upper) = (self.reading(Qualifier::AtLeast, &low)?, self.reading(Qualifier::AtMost, &high)?);
        let bounds = Bounds { lower: lower.bounds.lower, upper: upper.bounds.upper };
        if bounds.is_empty() {
            return None;
        }
        // Nothing is entailed by "about 10 to 20" and "10 to 20 or more".
        let is_soft = about || about_low || about_high || behind.is_some();
        let (qualifier, bounds) =
            if is_soft { (Qualifier::Vague, Bounds::default()) } else { (Qualifier::Between, bounds) };
        let scale_word = upper.scale_word.filter(|word| lower.scale_word.as_ref() == Some(word));
        let unit = self.written_unit(&high).or_else(|| self.written_unit(&low));
        let reading = Reading { qualifier, bounds, kind: upper.kind, unit, scale_word, ..Reading::EMPTY };
        Self::found(at, next, reading)
    }

    /// Whether "about" softens an end of a range.
    fn softened(&self, at: usize) -> (bool, usize) {
        match self.qualifier(at) {
            (Some(Qualifier::About), next) => (true, next),
            (Some(_) | None, _) => (false, at),
        }
    }

    /// Both ends in one unit and scale, if they can be.
    fn alike(&self, mut low: Quantity, mut high: Quantity) -> Option<(Quantity, Quantity)> {
        let are_hundredths = low.measure == Measure::Percent && high.measure == Measure::Percent;
        if low.measure == Measure::None {
            if let Some(number) = self.shares_scale(&low.number, &high.number) {
                low.number = number;
            }
            low.measure = high.measure.clone();
        } else if high.measure == Measure::None {
            // "$10-20 million"
            if let Some(number) = self.shares_scale(&low.number, &high.number) {
                low.number = number;
            }
            high.measure = low.measure.clone();
        }
        let are_shares = low.number.is_share == high.number.is_share;
        (low.measure == high.measure && (are_shares || are_hundredths)).then_some((low, high))
    }

    fn written_unit(&self, quantity: &Quantity) -> Option<crate::domain::model::Unit> {
        let (from, to) = quantity.words;
        if from == to { None } else { quantity.measure.unit(self.written(from, to)) }
    }
}
