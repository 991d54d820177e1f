//! English fractions and ordinals: "two thirds", "1/5", "half a million", "one in five", "twenty-first".

use super::super::exact::{Exact, power_of_ten};
use super::super::token::Shape;
use super::number::Number;
use super::vocabulary::Meaning;
use super::{English, Scope};

/// Fractions that are one character.
const CHARACTERS: &[(&str, i128, i128)] = &[
    ("½", 1, 2),
    ("⅓", 1, 3),
    ("⅔", 2, 3),
    ("¼", 1, 4),
    ("¾", 3, 4),
    ("⅕", 1, 5),
    ("⅖", 2, 5),
    ("⅗", 3, 5),
    ("⅘", 4, 5),
    ("⅙", 1, 6),
    ("⅚", 5, 6),
    ("⅛", 1, 8),
    ("⅜", 3, 8),
    ("⅝", 5, 8),
    ("⅞", 7, 8),
];

impl English<'_> {
    /// A fraction: its value and the token behind it.
    pub(super) fn share(&self, at: usize) -> Option<(Exact, usize)> {
        let token = self.token(at)?;
        if let Some((_, above, below)) = CHARACTERS.iter().find(|(character, ..)| *character == token.raw) {
            return Some((Exact::whole(*above).over(Exact::whole(*below))?, at + 1));
        }
        if token.shape == Shape::Digits {
            let slash = self.token(at + 1).filter(|slash| slash.text == "/" && !slash.is_apart)?;
            let below = self.token(at + 2).filter(|below| below.shape == Shape::Digits && !below.is_apart)?;
            // A third number makes it a date, and so does anything but plain digits.
            let is_date = self.text(at + 3) == slash.text && !self.is_apart(at + 3);
            let is_plain = |text: &str| text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
            if is_date || self.is_spaced(at) || !is_plain(token.text) || !is_plain(below.text) {
                return None;
            }
            let share = Exact::digits(token.text)?.over(Exact::digits(below.text)?)?;
            // In a sentence "9/11" is a day and "24/7" always.
            let is_usual = matches!(below.text, "2" | "3" | "4" | "5" | "6" | "8" | "10" | "16" | "100")
                && share.is_less_than(Exact::ONE);
            let is_share = self.scope == Scope::Phrase || is_usual || self.unit(at + 3).is_some();
            return is_share.then_some((share, at + 3));
        }
        let (above, rest, next) = self.numerator(at)?;
        let next = self.past_hyphen(next);
        let (below, is_plural, next) = self.denominator(next)?;
        let is_one = above == Exact::ONE;
        // "two fifth" is none, and "one fifths" is not English; "three quarter hour" is.
        let agrees = is_one != is_plural || matches!(self.meaning(next - 1), Some(Meaning::Part { .. }));
        // "a hundred and three quarters" is a hundred, and three of them.
        let is_mixed = rest.is_some_and(|rest| Exact::whole(rest).is_less_than(below));
        if agrees && !is_mixed { Some((above.over(below)?, next)) } else { None }
    }

    /// What stands above the line: "a", "one", "three", "twenty-three", or nothing before "half" and "quarter".
    /// With it comes what "and" adds to hundreds.
    fn numerator(&self, at: usize) -> Option<(Exact, Option<i128>, usize)> {
        if matches!(self.text(at), "a" | "an") {
            // "a third" may be another one; it is a fraction where it ends, or is one of something.
            let next = at + 1;
            // "a hundred trillionths"
            if self.text(next) == "hundred" {
                let (factor, next) = match self.meaning(next + 1) {
                    Some(Meaning::Scale(exponent)) => (power_of_ten(exponent), next + 2),
                    Some(_) | None => (Exact::ONE, next + 1),
                };
                return Some((Exact::whole(100).times(factor)?, None, next));
            }
            let (_, is_plural, after) = self.denominator(next)?;
            let is_part = matches!(self.meaning(next), Some(Meaning::Part { .. }));
            let is_ended = self.shape(after) != Some(Shape::Word) || self.text(after) == "of";
            let is_multiplied = matches!(self.meaning(after), Some(Meaning::Scale(_) | Meaning::Dozen(_)));
            return (!is_plural && (is_part || is_ended || is_multiplied)).then_some((Exact::ONE, None, next));
        }
        match self.meaning(at)? {
            Meaning::Part { is_plural: false, .. } => Some((Exact::ONE, None, at)),
            Meaning::Small(_) | Meaning::Ten(_) => {
                let (value, rest, next) = self.plain(at)?;
                // "two thousand three fifths"
                if matches!(self.meaning(next), Some(Meaning::Scale(_))) && self.denominator(next).is_none() {
                    let number = self.numerator_in_words(at).filter(|number| number.scale.is_none())?;
                    // "five billion and three quarters" is a mixed number.
                    if (at..number.next).any(|at| self.text(at) == "and") {
                        return None;
                    }
                    return Some((number.value, None, number.next));
                }
                Some((Exact::whole(value), rest, next))
            }
            Meaning::Ordinal { .. } | Meaning::OrdinalScale { .. } if self.text(at + 1) == "of" => {
                // "tenth of a gallon"
                let is_article = matches!(self.text(at + 2), "a" | "an") || self.unit(at + 2).is_some();
                is_article.then_some((Exact::ONE, None, at))
            }
            Meaning::Hundred
            | Meaning::Scale(_)
            | Meaning::Dozen(_)
            | Meaning::Ordinal { .. }
            | Meaning::OrdinalScale { .. }
            | Meaning::Part { .. } => None,
        }
    }

    /// A whole number in words below a thousand, for the part above the line.
    fn plain(&self, at: usize) -> Option<(i128, Option<i128>, usize)> {
        let small = |at: usize| match self.meaning(at) {
            Some(Meaning::Small(value)) => Some((i128::from(value), at + 1)),
            Some(Meaning::Ten(tens)) => {
                let next = self.past_hyphen(at + 1);
                match self.meaning(next) {
                    Some(Meaning::Small(unit @ 1..=9)) => Some((i128::from(tens + unit), next + 1)),
                    _ => Some((i128::from(tens), at + 1)),
                }
            }
            _ => None,
        };
        let (value, next) = small(at)?;
        if self.meaning(next) != Some(Meaning::Hundred) || self.text(next) != "hundred" {
            return Some((value, None, next));
        }
        let after = next + 1;
        let with_and = self.text(after) == "and";
        // "one hundred thirty-fifths"
        if !with_and && matches!(self.meaning(after), Some(Meaning::Ten(_))) && self.denominator(after).is_some() {
            return Some((value * 100, None, after));
        }
        let rest = small(after + usize::from(with_and));
        Some(
            rest.map_or((value * 100, None, after), |(rest, next)| {
                (value * 100 + rest, with_and.then_some(rest), next)
            }),
        )
    }

    /// What stands below the line: its value, whether it is plural, and the token behind it.
    pub(super) fn denominator(&self, at: usize) -> Option<(Exact, bool, usize)> {
        let whole = |value: u8| Exact::whole(i128::from(value));
        match self.meaning(at)? {
            Meaning::Part { over, is_plural } => Some((whole(over), is_plural, at + 1)),
            // A second is a place or a time, never a part.
            Meaning::Ordinal { value, is_plural } if value > 2 => Some((whole(value), is_plural, at + 1)),
            Meaning::OrdinalScale { exponent, is_plural } => Some((power_of_ten(exponent), is_plural, at + 1)),
            Meaning::Ten(tens) => {
                let next = self.past_hyphen(at + 1);
                match self.meaning(next)? {
                    Meaning::Ordinal { value: unit @ 1..=9, is_plural } => {
                        Some((whole(tens + unit), is_plural, next + 1))
                    }
                    Meaning::Small(_)
                    | Meaning::Ten(_)
                    | Meaning::Hundred
                    | Meaning::Scale(_)
                    | Meaning::Dozen(_)
                    | Meaning::Ordinal { .. }
                    | Meaning::OrdinalScale { .. }
                    | Meaning::Part { .. } => None,
                }
            }
            Meaning::Small(_) | Meaning::Hundred | Meaning::Scale(_) | Meaning::Dozen(_) | Meaning::Ordinal { .. } => {
                None
            }
        }
    }

    /// What a fraction is of: "half a million" and "two thirds of a million" are numbers, everything else is a share.
    pub(super) fn share_of(&self, (value, next): (Exact, usize)) -> Number {
        let share = Number { is_share: true, ..Number::made(value, next) };
        let of = next + usize::from(self.text(next) == "of");
        let article = of + usize::from(matches!(self.text(of), "a" | "an"));
        let factor = match self.meaning(article) {
            Some(Meaning::Scale(exponent)) if !self.text(article).ends_with('s') => power_of_ten(exponent),
            Some(Meaning::Dozen(of)) => Exact::whole(i128::from(of)),
            Some(Meaning::Hundred) if article > of && self.text(article) == "hundred" => Exact::whole(100),
            _ => return share,
        };
        match value.times(factor) {
            Some(value) => {
                Number { scale: Some((article, factor)), is_share: false, ..Number::made(value, article + 1) }
            }
            None => share,
        }
    }

    /// The number with the fraction that follows it: "one and a half", "3 million and a half", "10 1/2", "five and a half
    /// million".
    pub(super) fn with_fraction(&self, number: Number) -> Number {
        if number.is_share {
            return number;
        }
        let with_and = self.text(number.next) == "and";
        let Some((fraction, next)) = self.share(number.next + usize::from(with_and)) else { return number };
        // "two half portions": without "and" only digits and signs are one number.
        let is_written = self.shape(number.next) != Some(Shape::Word) && number.decimals == Some(0);
        if !with_and && !is_written || !fraction.is_less_than(Exact::ONE) {
            return number;
        }
        // "five and a half million" is all of it, "a billion and a half million" a part.
        let of = if number.scale.is_none() {
            Number { is_share: true, ..Number::made(fraction, next) }
        } else {
            self.share_of((fraction, next))
        };
        let added = match number.scale {
            // "one billion and a half million"
            _ if !of.is_share => Some((of.value, of.next)),
            // "one million and a half" is half a million more, "a hundred and three quarters" is not.
            Some((_, factor)) if Exact::whole(100).is_less_than(factor) && number.next > 0 => {
                fraction.times(factor).map(|fraction| (fraction, next))
            }
            Some(_) | None => Some((fraction, next)),
        };
        let sum = added.and_then(|(added, next)| Some((number.value.plus(added)?, next)));
        let Some((value, next)) = sum else { return number };
        // "five and a half million"
        match self.meaning(next) {
            Some(Meaning::Scale(exponent)) if number.scale.is_none() && of.is_share => {
                let factor = power_of_ten(exponent);
                value
                    .times(factor)
                    .map_or(number, |value| Number { scale: Some((next, factor)), ..Number::made(value, next + 1) })
            }
            _ => Number::made(value, next),
        }
    }

    /// "one in five", "1 in 20", "one out of three", "nine in ten": a share, and the token behind it.
    pub(super) fn one_in(&self, at: usize) -> Option<(Exact, usize)> {
        let above = self.signed(at, false).filter(|above| !above.is_share && above.scale.is_none())?;
        let is_one = above.value == Exact::ONE || above.value == Exact::ONE.negated();
        let (is_out_of, from) = match (self.text(above.next), self.text(above.next + 1)) {
            ("in", "every") => (false, above.next + 2),
            ("in", _) => (false, above.next + 1),
            ("out", "of") => (true, above.next + 2 + usize::from(self.text(above.next + 2) == "every")),
            ("over", _) if is_one => (true, above.next + 1),
            (_, _) => return None,
        };
        let below = self.number(from, false).filter(|below| !below.is_share)?;
        let of = below.value.as_whole().filter(|of| *of > 1)?;
        let is_more = !above.value.is_less_than(below.value) || above.value.as_whole().is_none();
        // "killed two in three days" is no share, and "more than 1 in 2009" names a year.
        let is_usual = above.value == Exact::ONE || matches!(of, 10 | 100 | 1_000 | 10_000 | 100_000 | 1_000_000);
        let is_measure = !is_out_of && (self.unit(below.next).is_some() || (1900..2100).contains(&of));
        if is_more || is_measure || !(is_out_of || is_usual) {
            return None;
        }
        Some((above.value.over(below.value)?, below.next))
    }

    /// A place in an order: "first", "2nd", "twenty-first", "one hundred and forty second".
    pub(super) fn ordinal(&self, at: usize) -> Option<(Exact, usize)> {
        if self.shape(at) == Some(Shape::Digits) {
            return self.numbered(at);
        }
        let (mut value, mut next) = (Exact::ZERO, at);
        if let Some(number) = self.number(at, false).filter(|number| !number.is_share) {
            (value, next) = (number.value, number.next);
        }
        let has_and = next > at && self.text(next) == "and";
        let last = self.past_hyphen(next + usize::from(has_and));
        let fits = |unit: i128| {
            let rest = value.as_whole().map(|value| value % 100);
            rest.is_some_and(|rest| rest == 0 || (unit < 10 && rest >= 20 && rest % 10 == 0))
        };
        let ordinal = match self.meaning(last)? {
            Meaning::Ordinal { value: unit, is_plural: false } if fits(i128::from(unit)) => {
                value.plus(Exact::whole(i128::from(unit)))?
            }
            // "two million twenty ninth" was read up to "twenty"; "one fifth" is a fraction.
            Meaning::OrdinalScale { exponent, is_plural: false } => {
                let is_fraction = value == Exact::ONE && matches!(self.text(at), "one" | "a" | "an");
                let factor = power_of_ten(exponent);
                // Of "one million two thousandth" only the two are thousands.
                let rest = value.as_whole()? % factor.as_whole()?;
                let times = if rest == 0 { Exact::ONE } else { Exact::whole(rest) };
                if is_fraction {
                    return None;
                }
                times.times(factor)?.plus(value)?.plus(Exact::whole(-rest))?
            }
            Meaning::Small(_)
            | Meaning::Ten(_)
            | Meaning::Hundred
            | Meaning::Scale(_)
            | Meaning::Dozen(_)
            | Meaning::Ordinal { .. }
            | Meaning::OrdinalScale { .. }
            | Meaning::Part { .. } => return None,
        };
        Some((ordinal, last + 1))
    }

    /// "2nd", "11th", "1,000th", with the ending that belongs to the number.
    fn numbered(&self, at: usize) -> Option<(Exact, usize)> {
        let ending = self.token(at + 1).filter(|ending| !ending.is_apart && ending.shape == Shape::Word)?;
        let number = self.number(at, false).filter(|number| number.next == at + 1)?;
        let value = number.value.as_whole().filter(|value| *value > 0)?;
        let belongs = match (value % 100, value % 10) {
            (11..=13, _) => "th",
            (_, 1) => "st",
            (_, 2) => "nd",
            (_, 3) => "rd",
            (_, _) => "th",
        };
        (ending.text == belongs && number.decimals == Some(0)).then_some((number.value, at + 2))
    }
}
