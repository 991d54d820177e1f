//! English numbers: digits, words, scale words, fractions and ordinals. Not here: units, qualifiers and ranges.

use super::super::exact::{Exact, power_of_ten};
use super::super::token::{Shape, is_digit_space};
use super::vocabulary::{Meaning, abbreviation, meaning};
use super::{English, Scope};

/// Signs that a minus may touch from behind.
const OPENING: &[&str] = &["<", ">", "=", "(", "[", "~", "≈", "“"];

/// Words behind which a dash that touches its number is a minus.
const LEADING: &[&str] = &[
    "to", "of", "at", "from", "by", "is", "was", "between", "and", "than", "about", "around", "below", "above", "under",
];

/// A number and how it was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number {
    pub(super) value: Exact,
    /// The token behind it.
    pub(super) next: usize,
    /// The token of the scale word that it ends with, and what that multiplies by.
    pub(super) scale: Option<(usize, Exact)>,
    /// How many digits stand behind the point where it is digits alone, which keeps `10.0` what it is.
    pub(super) decimals: Option<u32>,
    /// Whether it is a share of something: "half", "one in five".
    pub(super) is_share: bool,
    /// Whether nothing may be multiplied or added any more.
    pub(super) is_closed: bool,
}

impl Number {
    fn new(value: Exact, next: usize) -> Self {
        Self { value, next, scale: None, decimals: None, is_share: false, is_closed: false }
    }

    /// A number that others were added up to.
    pub(super) fn made(value: Exact, next: usize) -> Self {
        Self { is_closed: true, ..Self::new(value, next) }
    }

    /// With its sign; zero has none.
    pub(super) fn signed(self, is_negative: bool) -> Option<Self> {
        let is_zero = is_negative && self.value == Exact::ZERO;
        let value = if is_negative { self.value.negated() } else { self.value };
        (!is_zero).then_some(Self { value, ..self })
    }

    /// One, for which an article stands.
    pub(super) fn one(next: usize) -> Self {
        Self::new(Exact::ONE, next)
    }
}

impl English<'_> {
    /// A number without sign, as long as it can be. `is_money` decides what "m" means.
    pub(super) fn number(&self, at: usize, is_money: bool) -> Option<Number> {
        // "point 77" is a number where nothing else is said; a sentence may make a point.
        if self.text(at) == "point" && self.scope == Scope::Phrase && self.shape(at + 1) == Some(Shape::Digits) {
            let number = self.with_point(Number::new(Exact::ZERO, at));
            return (number.next > at).then_some(number);
        }
        let number = match self.share(at) {
            Some(share) => self.share_of(share),
            None => self.cardinal(at, is_money)?,
        };
        Some(self.with_fraction(number))
    }

    /// A number with a sign or a word for one.
    pub(super) fn signed(&self, at: usize, is_money: bool) -> Option<Number> {
        let (is_negative, from) = self.sign(at);
        self.number(from, is_money)?.signed(is_negative)
    }

    /// Whether a minus stands here, and the token behind it, or behind a plus.
    pub(super) fn sign(&self, at: usize) -> (bool, usize) {
        let touches = !self.is_apart(at + 1);
        let is_open = self.is_apart(at) || (at > 0 && OPENING.contains(&self.text(at - 1)));
        let is_minus = match self.text(at) {
            // A hyphen apart from its number is a sign only where the text begins with it.
            "-" | "−" => (touches && is_open) || at == 0,
            // Behind other words it may be a dash.
            "–" => touches && self.is_apart(at) && (at == 0 || LEADING.contains(&self.text(at - 1))),
            "minus" | "negative" => true,
            _ => false,
        };
        let is_plus = self.text(at) == "+" && touches;
        (is_minus, at + usize::from(is_minus || is_plus))
    }

    /// Digits and words that add up: "two hundred and five", "4 thousand 3 hundred and 21", "1.5 million".
    fn cardinal(&self, at: usize, is_money: bool) -> Option<Number> {
        self.summed(at, is_money, Parts::Kept)
    }

    /// A whole number in words, to the last of them.
    pub(super) fn numerator_in_words(&self, at: usize) -> Option<Number> {
        self.summed(at, false, Parts::Ignored)
    }

    fn summed(&self, at: usize, is_money: bool, parts: Parts) -> Option<Number> {
        let begins_with_digits = self.shape(at) == Some(Shape::Digits);
        let mut number = self.group(at, is_money, true)?;
        let mut limit = number.scale.map(|(_, factor)| factor);
        while let Some(below) = limit.filter(|_| !number.is_closed) {
            let with_and = self.text(number.next) == "and";
            let from = number.next + usize::from(with_and);
            // Digits go on where digits began.
            if self.shape(from) == Some(Shape::Digits) && !begins_with_digits {
                break;
            }
            let Some(group) = self.group(from, is_money, false) else { break };
            let fits = group.value.is_less_than(below)
                && group.value != Exact::ZERO
                && (parts == Parts::Ignored || self.share(from).is_none());
            let Some(value) = number.value.plus(group.value).filter(|_| fits) else { break };
            // Without a scale word of its own nothing follows it.
            limit = group.scale.map(|(_, factor)| factor).filter(|_| !group.is_closed);
            number = Number { value, next: group.next, scale: group.scale, decimals: None, ..group };
        }
        Some(number)
    }

    /// Digits or words below a thousand, and the scale words behind them.
    fn group(&self, at: usize, is_money: bool, is_first: bool) -> Option<Number> {
        let number = match self.shape(at)? {
            Shape::Digits => self.digits(at)?,
            Shape::Word => self.below_thousand(at, is_first)?,
            Shape::Sign => return None,
        };
        let number = self.with_point(number);
        self.scaled(number, is_money)
    }

    /// The number with the scale words behind it: "thousand million" multiplies twice, "million thousand" once.
    fn scaled(&self, mut number: Number, is_money: bool) -> Option<Number> {
        let mut exponent = number.scale.map_or(0, |_| 2);
        // "8.3 (million)", as an editor writes
        let at = number.next;
        if let (Some(Meaning::Scale(scale)), "(", ")") = (self.meaning(at + 1), self.text(at), self.text(at + 2)) {
            let factor = power_of_ten(scale);
            let value = number.value.times(factor)?;
            return Some(Number { value, next: at + 3, scale: Some((at + 1, factor)), is_closed: true, ..number });
        }
        loop {
            let at = number.next;
            // "two-hundred", "75-million"
            let is_joined = self.text(at) == "-" && !self.is_apart(at) && !self.is_apart(at + 1);
            // "UPDATE 3-Dozens killed" is a number of the agency's, and then a headline.
            let is_lower = self.token(at + 1).is_some_and(|word| word.raw == word.text);
            let at = if is_joined && is_lower && self.meaning(at + 1).is_some() { at + 1 } else { at };
            let (factor, raised, is_closed) = match self.meaning(at) {
                Some(Meaning::Scale(scale)) if scale > exponent || (scale == exponent && scale == 5) => {
                    (power_of_ten(scale), scale, false)
                }
                Some(Meaning::Hundred) if exponent == 0 && number.decimals.is_some() => (Exact::whole(100), 2, false),
                Some(Meaning::Dozen(of)) => (Exact::whole(i128::from(of)), u8::MAX, true),
                Some(_) => return Some(number),
                None if exponent == 0 && number.decimals.is_some() => {
                    // "1 k.g." is a weight.
                    let is_unit = self.unit(at).is_some_and(|(_, next)| next > at + 1);
                    let scale = self.abbreviated(at, is_money).filter(|_| !is_unit);
                    let Some(scale) = scale else { return Some(number) };
                    (power_of_ten(scale), u8::MAX, true)
                }
                None => return Some(number),
            };
            exponent = raised;
            let value = number.value.times(factor)?;
            let before = number.scale.map_or(Exact::ONE, |(_, factor)| factor);
            let factor = if self.meaning(number.next.saturating_sub(1)).is_some_and(is_scale) {
                before.times(factor)?
            } else {
                factor
            };
            number = Number { value, next: at + 1, scale: Some((at, factor)), is_closed, ..number };
            if is_closed {
                return Some(number);
            }
        }
    }

    /// The power of ten of an abbreviated scale word: "k", "bn"; a longer word behind it is another word.
    fn abbreviated(&self, at: usize, is_money: bool) -> Option<u8> {
        let token = self.token(at)?;
        let is_apart_letter = token.is_apart && token.text.len() == 1;
        let next = self.token(at + 1);
        let is_glued = next.is_some_and(|next| !next.is_apart && next.shape == Shape::Digits);
        // "10 k" is a thousand times ten, "5 b" more likely the end of a list.
        let is_doubtful = (is_apart_letter && token.text != "k" && !is_money) || is_glued;
        if is_doubtful && token.raw != "M" { None } else { abbreviation(token.raw, token.text, is_money) }
    }

    /// `13,000`, `0.5`, `12,34,567.89`: groups of three digits, or of two and a last one of three.
    pub(super) fn digits(&self, at: usize) -> Option<Number> {
        let token = self.token(at).filter(|_| !self.is_spaced(at))?;
        let (whole, fraction) = match token.text.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (token.text, None),
        };
        if whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        let decimals = u32::try_from(fraction.map_or(0, str::len)).ok()?;
        if !fraction.unwrap_or_default().bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value = match whole.chars().find(|c| !c.is_ascii_digit()) {
            None => Exact::digits(token.text)?,
            Some(separator) => {
                if !is_grouped(whole, separator) {
                    return None;
                }
                let plain: String = token.text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
                Exact::digits(&plain)?
            }
        };
        Some(Number { decimals: Some(decimals), ..Number::new(value, at + 1) })
    }

    /// "five", "a hundred and five", "two hundred twenty-five", "fifteen hundred"; "hundred" and "thousand" alone where a
    /// number may begin with them.
    fn below_thousand(&self, at: usize, is_first: bool) -> Option<Number> {
        let with_article = is_first && matches!(self.text(at), "a" | "an");
        if with_article || is_first {
            let from = at + usize::from(with_article);
            match self.meaning(from) {
                Some(Meaning::Hundred) if self.text(from) == "hundred" => return Some(self.after_hundred(1, from)),
                Some(Meaning::Scale(_)) if !self.text(from).ends_with('s') => {
                    return Some(Number::new(Exact::ONE, from));
                }
                Some(Meaning::Dozen(_)) if (with_article || self.text(from) == "dozen") && !self.is_result(from) => {
                    return Some(Number::new(Exact::ONE, from));
                }
                _ if with_article => return None,
                _ => {}
            }
        }
        let (hundreds, next) = self.below_hundred(at)?;
        let is_multiple = (1..20).contains(&hundreds) && hundreds != 10;
        let word = self.past_hyphen(next);
        if is_multiple && self.meaning(word) == Some(Meaning::Hundred) {
            return Some(self.after_hundred(hundreds, word));
        }
        Some(Number::new(Exact::whole(i128::from(hundreds)), next))
    }

    /// What follows "hundred", which stands at this token.
    fn after_hundred(&self, hundreds: u8, at: usize) -> Number {
        let value = i128::from(hundreds) * 100;
        let next = at + 1;
        let from = next + usize::from(self.text(next) == "and");
        let hundred = Number { scale: Some((at, Exact::whole(100))), ..Number::new(Exact::whole(value), next) };
        // "a hundred and three quarters" is a hundred, and a fraction that follows.
        if self.share(from).is_some() {
            return hundred;
        }
        if let Some((rest, next)) = self.below_hundred(from).filter(|(rest, _)| *rest > 0) {
            // "hundred and two dozen": the dozens are added, not multiplied.
            if let Some(Meaning::Dozen(of)) = self.meaning(next) {
                let value = Exact::whole(value + i128::from(rest) * i128::from(of));
                return Number { is_closed: true, ..Number::new(value, next + 1) };
            }
            return Number::new(Exact::whole(value + i128::from(rest)), next);
        }
        // "3 hundred and 21"
        let is_digits =
            self.shape(from) == Some(Shape::Digits) && self.shape(at.saturating_sub(1)) == Some(Shape::Digits);
        match self.digits(from).filter(|_| is_digits).and_then(|rest| rest.value.as_whole()) {
            Some(rest @ 1..100) => Number::new(Exact::whole(value + rest), from + 1),
            Some(_) | None => hundred,
        }
    }

    /// One to 99: "five", "twenty", "twenty-five", "twenty five"; and zero.
    fn below_hundred(&self, at: usize) -> Option<(u8, usize)> {
        match self.meaning(at)? {
            Meaning::Small(value) => Some((value, at + 1)),
            Meaning::Ten(tens) => {
                let next = self.past_hyphen(at + 1);
                match self.meaning(next) {
                    Some(Meaning::Small(unit @ 1..=9)) if !self.is_other_number(next) => Some((tens + unit, next + 1)),
                    _ => Some((tens, at + 1)),
                }
            }
            Meaning::Hundred
            | Meaning::Scale(_)
            | Meaning::Dozen(_)
            | Meaning::Ordinal { .. }
            | Meaning::OrdinalScale { .. }
            | Meaning::Part { .. } => None,
        }
    }

    /// Whether a word stands for itself behind a ten: the "one" of "twenty one-third shares" does not.
    fn is_other_number(&self, at: usize) -> bool {
        self.text(at) == "one" && self.text(at + 1) == "-" && self.denominator(at + 2).is_some()
    }

    /// The token behind a hyphen between two words, or this one.
    pub(super) fn past_hyphen(&self, at: usize) -> usize {
        let is_hyphen = matches!(self.text(at), "-" | "‑" | "–" | "—");
        if is_hyphen && self.is_apart(at) == self.is_apart(at + 1) { at + 1 } else { at }
    }

    /// "two point two", "nought point nought three", "five point seventy-one".
    fn with_point(&self, number: Number) -> Number {
        if self.text(number.next) != "point" || number.decimals.is_some_and(|decimals| decimals > 0) {
            return number;
        }
        let from = number.next + 1;
        let (mut fraction, mut next) = (String::new(), from);
        if let (Some(Shape::Digits), Some(token)) = (self.shape(from), self.token(from)) {
            fraction.push_str(token.text);
            next = from + 1;
        } else {
            while let Some((value, after)) = self.below_hundred(next) {
                fraction.push_str(&value.to_string());
                next = after;
                if value >= 10 {
                    break;
                }
            }
        }
        let decimals = u32::try_from(fraction.len()).ok().filter(|decimals| *decimals > 0);
        let value = Exact::digits(&format!("0.{fraction}")).and_then(|fraction| number.value.plus(fraction));
        match (value, decimals) {
            (Some(value), Some(_)) => Number { value, next, decimals, scale: None, ..number },
            (None, _) | (_, None) => number,
        }
    }

    /// The token behind "of thousands", "of millions" and the like.
    pub(super) fn past_scales(&self, mut at: usize) -> usize {
        while self.text(at) == "of"
            && self.text(at + 1).ends_with('s')
            && matches!(self.meaning(at + 1), Some(Meaning::Scale(_)))
        {
            at += 2;
        }
        at
    }

    /// What the token means in a number.
    pub(super) fn meaning(&self, at: usize) -> Option<Meaning> {
        let token = self.token(at).filter(|token| token.shape == Shape::Word)?;
        let before = || self.token(at.checked_sub(1)?);
        if token.text == "cr"
            && before().is_some_and(|before| before.shape == Shape::Digits || meaning(before.text).is_some())
        {
            return Some(Meaning::Scale(7));
        }
        meaning(token.text)
    }
}

/// Whether a fraction that begins within a number is kept out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parts {
    Kept,
    /// The whole number is read for its own sake, as what stands above a line.
    Ignored,
}

fn is_scale(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Scale(_) | Meaning::Hundred)
}

/// Whether digits are parted as numbers are: `13,000`, `1,234,567`, `12,34,567`, and with spaces that group by threes.
fn is_grouped(whole: &str, separator: char) -> bool {
    let groups: Vec<&str> = whole.split(separator).collect();
    let [first, inner @ .., last] = groups.as_slice() else { return false };
    let is_known = separator == ',' || is_digit_space(separator);
    let of = |length: usize| inner.iter().all(|group| group.len() == length);
    let by_threes = of(3) && (1..=3).contains(&first.len());
    let by_twos = separator == ',' && of(2) && (1..=2).contains(&first.len());
    is_known
        && last.len() == 3
        && !first.starts_with('0')
        && (by_threes || by_twos)
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()))
}
