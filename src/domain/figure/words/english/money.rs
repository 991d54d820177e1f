//! English amounts of money: with the currency in front ("£2bn") or behind ("10 dollars"), and with its hundredths.

use super::super::exact::{Exact, power_of_ten};
use super::super::token::Shape;
use super::currencies::{self, Currency};
use super::number::Number;
use super::quantity::{Measure, Quantity};
use super::vocabulary::Meaning;
use super::{English, Scope};
use crate::domain::figure::currency;
use crate::domain::model::UnitSystem;

/// On which side of the number a currency stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
}

impl English<'_> {
    /// "£2bn", "US$ 4.7 billion", "EUR 20", "-$5", "about" already gone.
    pub(super) fn money_before(&self, at: usize) -> Option<Quantity> {
        // "- $5" begins a list.
        let (is_negative, at) =
            if self.is_apart(at + 1) && self.shape(at) == Some(Shape::Sign) { (false, at) } else { self.sign(at) };
        if let Some(code) = self.millions(at) {
            let number = self.number(at + 1, true).filter(|number| number.scale.is_none() && !number.is_share)?;
            let number = Number::made(number.value.times(power_of_ten(6))?, number.next).signed(is_negative)?;
            return Some(self.paid(number, Currency::Code(code), (at, at + 1), number.next));
        }
        let (currency, from) = self.currency(at, Side::Before)?;
        // "$-5"
        let is_inner = matches!(self.text(from), "-" | "−") && !self.is_apart(from) && !self.is_apart(from + 1);
        let digits = from + usize::from(is_inner && !is_negative);
        let number = self.number(digits, true).filter(|number| !number.is_share || number.decimals.is_some())?;
        let number = number.signed(is_negative || is_inner)?;
        if matches!(currency, Currency::Hundredth(_)) {
            return None;
        }
        // A code and a word must not be taken for money in front of an ordinal or a unit: "us 3rd".
        let is_ordinal = self.shape(from) == Some(Shape::Digits) && self.ordinal(from).is_some();
        if is_ordinal {
            return None;
        }
        let quantity = self.paid(number, currency, (at, from), number.next);
        // "$10 dollars"
        let behind = match self.currency(quantity.next, Side::Behind) {
            Some((behind, next)) if behind == currency && self.shape(next) != Some(Shape::Digits) => next,
            Some(_) | None => quantity.next,
        };
        Some(Quantity { next: behind, ..quantity })
    }

    /// "10 dollars", "20€", "7-9 lakh rupees", "a dollar and 42 cents".
    pub(super) fn money_behind(&self, at: usize) -> Option<Quantity> {
        let is_article = matches!(self.text(at), "a" | "an") && self.scope == Scope::Phrase;
        let number = match self.signed(at, true) {
            Some(number) => number,
            None if is_article => Number::one(at + 1),
            None => return None,
        };
        let from = number.next;
        if let Some(code) = self.millions(from).filter(|_| number.scale.is_none()) {
            let next = from + 1;
            let number = Number::made(number.value.times(power_of_ten(6))?, next);
            return Some(self.paid(number, Currency::Code(code), (from, next), next));
        }
        let hyphen = self.text(from) == "-" && !self.is_apart(from) && !self.is_apart(from + 1);
        let (currency, next) = self.currency(from + usize::from(hyphen), Side::Behind)?;
        // "The top 10 won prizes": few amounts of won are so small.
        let is_verb = self.scope == Scope::Sentence && self.text(from) == "won";
        if is_verb && number.value.is_less_than(Exact::whole(1_000)) {
            return None;
        }
        // "50 dollar 50": a code in front of the next number belongs to that one.
        let is_before_digits = self.shape(next) == Some(Shape::Digits);
        if is_before_digits && !self.is_apart(next) {
            return None;
        }
        // "75 USD million"
        if let (Some(Meaning::Scale(exponent)), None) = (self.meaning(next), number.scale) {
            let factor = power_of_ten(exponent);
            let number = Number { scale: Some((next, factor)), ..Number::made(number.value.times(factor)?, next + 1) };
            return Some(self.paid(number, currency, (from, next), next + 1));
        }
        Some(self.paid(number, currency, (from, next), next))
    }

    /// An amount of money, with the hundredths that follow it.
    fn paid(&self, number: Number, currency: Currency, words: (usize, usize), next: usize) -> Quantity {
        let region = |shared: &str| currencies::in_region(shared, self.region);
        let (system, code) = match currency {
            Currency::Code(code) => (UnitSystem::Iso4217, code.to_owned()),
            Currency::Shared(word) => match region(word) {
                Some(code) => (UnitSystem::Iso4217, code.to_owned()),
                None => (UnitSystem::Other, word.to_owned()),
            },
            Currency::Hundredth(word) | Currency::OrWeight(word) => (UnitSystem::Other, word.to_owned()),
        };
        let measure = match currency {
            Currency::OrWeight(_) => Measure::Either { code },
            Currency::Code(_) | Currency::Shared(_) | Currency::Hundredth(_) => Measure::Money { system, code },
        };
        let whole = Quantity { number, measure, words, next, is_article: false };
        if matches!(currency, Currency::Hundredth(_)) {
            return whole;
        }
        let from = next + usize::from(self.text(next) == "and");
        let Some(hundredths) = self.number(from, false).filter(|number| !number.is_share) else { return whole };
        let is_hundredths = matches!(self.currency(hundredths.next, Side::Behind), Some((Currency::Hundredth(_), _)));
        let is_short = self.text(hundredths.next) == "c" && hundredths.decimals.is_some();
        let is_few = hundredths.value.is_less_than(Exact::whole(100));
        let sum = hundredths.value.over(Exact::whole(100)).and_then(|part| number.value.with_part(part));
        match sum.filter(|_| (is_hundredths || is_short) && is_few) {
            Some(value) => {
                let next = hundredths.next + 1;
                Quantity { number: Number::made(value, next), next, ..whole }
            }
            None => whole,
        }
    }

    /// "MUSD": the currency of which there are millions.
    fn millions(&self, at: usize) -> Option<&'static str> {
        let letters = self.token(at)?.raw.strip_prefix('M').filter(|letters| letters.len() == 3)?;
        let is_upper = letters.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_upper { currency::code(letters) } else { None }
    }

    /// The currency that is named here, and the token behind it.
    fn currency(&self, at: usize, side: Side) -> Option<(Currency, usize)> {
        let token = self.token(at)?;
        for (words, currency, is_before) in currencies::names(token.text) {
            let fits = side == Side::Behind || *is_before;
            if fits && self.is_phrase(at, words) && self.is_money_word(at, words) {
                return Some((*currency, at + words.len()));
            }
        }
        let touches = match side {
            Side::Before => !self.is_apart(at + 1),
            Side::Behind => !token.is_apart,
        };
        if token.shape == Shape::Word && currencies::is_code(token.raw, touches) {
            let code = currency::code(token.raw)?;
            // "usd$ 15" is one name; the table has it under its sign.
            return Some((Currency::Code(code), at + 1));
        }
        None
    }

    /// Letters in front of a dollar sign must be a name's own: the "a" of "a $10 bill" is an article.
    fn is_money_word(&self, at: usize, words: &[&str]) -> bool {
        match words {
            ["a" | "c" | "s" | "r", "$"] => {
                let is_name = self.token(at).is_some_and(|token| token.raw != "a" || !self.is_apart(at + 1));
                is_name && (!self.is_apart(at + 1) || self.text(at) == "c")
            }
            ["le"] => self.token(at).is_some_and(|token| token.raw == "LE"),
            _ => true,
        }
    }
}
