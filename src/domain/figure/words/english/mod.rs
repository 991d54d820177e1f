//! English: figures in a phrase that is nothing else, and in a sentence. The grammar is in `figure`, `reading`, `quantity`,
//! `money`, `number`, `fraction`, `pair` and `part`; the words are data, in `vocabulary`, `units` and `currencies`.

mod currencies;
mod figure;
mod fraction;
mod money;
mod number;
mod pair;
mod part;
mod quantity;
mod reading;
mod sentence;
mod units;
mod unread;
mod vocabulary;

use self::figure::Found;
use super::token::{Shape, Token, is_digit_space, tokens};
use super::{Reading, SpannedReading};
use crate::domain::language::Language;

/// What the words are: that decides what may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// A figure and nothing else, as somebody says who gives them.
    Phrase,
    /// A sentence, in which a number may also be a year, a name or a part number.
    Sentence,
}

/// Words that are being read.
struct English<'t> {
    tokens: &'t [Token<'t>],
    text: &'t str,
    scope: Scope,
    /// The region that the language is spoken in, as in `en-CA`; empty where it is not stated.
    region: &'t str,
}

/// Reads words wholly, or not.
pub(super) fn read(words: &str, language: Option<&Language>) -> Option<Reading> {
    let lower = words.to_ascii_lowercase();
    let tokens = tokens(words, &lower);
    let english = English { tokens: &tokens, text: words, scope: Scope::Phrase, region: region(language) };
    english.whole().map(|found| found.reading)
}

/// Reads words whose language is not stated: only if an English phrase is among them, or no number in them could be read
/// otherwise by the rules of another language.
pub(super) fn read_if_unmistakable(words: &str) -> Option<Reading> {
    let lower = words.to_ascii_lowercase();
    let tokens = tokens(words, &lower);
    let english = English { tokens: &tokens, text: words, scope: Scope::Phrase, region: "" };
    let behind = |from: usize| vocabulary::BEHIND.iter().any(|(phrase, _)| english.is_phrase(from, phrase));
    let has_phrase = english.qualifier(0).0.is_some() && tokens.first().is_some_and(|token| token.shape == Shape::Word);
    let is_english = has_phrase || matches!(english.text(0), "between" | "from") || (0..tokens.len()).any(behind);
    let is_doubtful = tokens.iter().any(|token| match token.shape {
        Shape::Digits => is_ambiguous(token.text),
        Shape::Word | Shape::Sign => vocabulary::DOUBTFUL.contains(&token.text),
    });
    if is_doubtful && !is_english { None } else { english.whole().map(|found| found.reading) }
}

/// The figures in a sentence, in order.
pub(super) fn find(sentence: &str, language: &Language) -> Vec<SpannedReading> {
    let lower = sentence.to_ascii_lowercase();
    let tokens = tokens(sentence, &lower);
    let region = region(Some(language));
    let phrase = English { tokens: &tokens, text: sentence, scope: Scope::Phrase, region };
    let found = match phrase.whole() {
        Some(found) => vec![found],
        None => English { scope: Scope::Sentence, ..phrase }.sentence(),
    };
    let spanned = |found: Found| {
        let (first, last) = (tokens.get(found.from)?, tokens.get(found.next.checked_sub(1)?)?);
        Some(SpannedReading { start: first.start, end: last.end, reading: found.reading })
    };
    found.into_iter().filter_map(spanned).collect()
}

/// The region of a language's tag. Behind a single letter other things begin: `en-u-ca-us`, `en-x-us`.
fn region(language: Option<&Language>) -> &str {
    let mut subtags = language.map_or("", Language::as_str).split('-').skip(1).take_while(|subtag| subtag.len() > 1);
    subtags.find(|subtag| subtag.len() == 2).unwrap_or_default()
}

/// Whether the digits are another number where a comma parts the fraction: `13,000` and `13.000`.
fn is_ambiguous(digits: &str) -> bool {
    let separators = digits.matches([',', '.']).count();
    let groups_like = digits.rsplit([',', '.']).next().is_some_and(|last| last.len() == 3);
    separators == 1 && !digits.contains(is_digit_space) && (groups_like || digits.contains(','))
}

impl<'t> English<'t> {
    fn token(&self, at: usize) -> Option<&Token<'t>> {
        self.tokens.get(at)
    }

    /// The token in lower case, empty behind the end.
    fn text(&self, at: usize) -> &'t str {
        self.token(at).map_or("", |token| token.text)
    }

    fn shape(&self, at: usize) -> Option<Shape> {
        self.token(at).map(|token| token.shape)
    }

    /// Whether white space stands before the token; it does behind the end.
    fn is_apart(&self, at: usize) -> bool {
        self.token(at).is_none_or(|token| token.is_apart)
    }

    /// Whether these words stand here.
    fn is_phrase(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(offset, word)| self.text(at + offset) == *word)
    }

    /// The text from one token to before another, as written.
    fn written(&self, from: usize, to: usize) -> &'t str {
        let start = self.token(from).map(|token| token.raw.as_ptr() as usize);
        let end = to
            .checked_sub(1)
            .and_then(|last| self.token(last))
            .map(|token| token.raw.as_ptr() as usize + token.raw.len());
        let base = self.text.as_ptr() as usize;
        match (start, end) {
            (Some(start), Some(end)) if from < to => self.text.get(start - base..end - base).unwrap_or_default(),
            _ => "",
        }
    }

    /// The one figure that all of the words are.
    fn whole(&self) -> Option<Found> {
        self.figure(0).filter(|found| found.from == 0 && found.next == self.tokens.len())
    }
}
