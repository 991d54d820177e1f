//! Reads the words of figures: a phrase that is one ("nearly 2,000"), and sentences that hold some. What it cannot read
//! wholly it does not read: it never guesses. Not here: what is counted.
//!
//! A language is one module with two functions in `READERS`, and its words as data; callers know only [`read`] and [`find`].

mod english;
mod exact;
mod token;

use crate::domain::decimal::Decimal;
use crate::domain::language::Language;
use crate::domain::model::Unit;

use super::{Bounds, FigureKind, Qualifier};

/// The longest words that are read as one figure, in bytes; longer ones are no single figure.
const WORDS_LENGTH_MAX: usize = 200;

/// The reader of one language.
struct Reader {
    /// The primary language subtag.
    language: &'static str,
    /// Reads words wholly, or not.
    read: fn(&str, Option<&Language>) -> Option<Reading>,
    /// Finds the figures in a sentence.
    find: fn(&str, &Language) -> Vec<SpannedReading>,
}

const READERS: &[Reader] = &[Reader { language: "en", read: english::read, find: english::find }];

/// What the words of a figure say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How they bind the number.
    pub qualifier: Qualifier,
    /// The number they name; none for BETWEEN ("10 to 20") and VAGUE ("dozens"). Of a fraction without an end, which no
    /// decimal is, the nearest one that the words entail a bound of: "more than two thirds".
    pub value: Option<Decimal>,
    /// What they entail.
    pub bounds: Bounds,
    /// What kind of number it is, where the words say so; a count and a plain number look alike.
    pub kind: Option<FigureKind>,
    /// What it is measured in, where the words say so.
    pub unit: Option<Unit>,
    /// The word that multiplies the number or stands for one, in lower case: `dozen`, `hundreds`.
    pub scale_word: Option<String>,
    /// How many digits are stated, before the scale word if there is one: 13,000 has 2, two dozen
    /// has 1. Nothing where there is no value or it is an ordinal.
    pub significant_digits: Option<u32>,
}

impl Reading {
    const EMPTY: Reading = Reading {
        qualifier: Qualifier::Vague,
        value: None,
        bounds: Bounds { lower: None, upper: None },
        kind: None,
        unit: None,
        scale_word: None,
        significant_digits: None,
    };
}

/// A figure in a sentence, with where its words stand in it, in code points, half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpannedReading {
    /// The first code point.
    pub start: u32,
    /// The code point behind the last.
    pub end: u32,
    /// What they say.
    pub reading: Reading,
}

/// Reads the words of a figure, or nothing if any part of them is unknown or ambiguous.
///
/// Where no language is stated, the words are read as English if that cannot change a number:
/// `nearly 2,000` says that it is English; a plain `2,000` may be two to a German, and is not read.
/// Words in a language without a reader are not read.
pub fn read(words: &str, language: Option<&Language>) -> Option<Reading> {
    if words.len() > WORDS_LENGTH_MAX {
        return None;
    }
    match language.filter(|language| !is_undetermined(language)) {
        None => english::read_if_unmistakable(words),
        Some(language) => (reader(language)?.read)(words, Some(language)),
    }
}

/// The figures in a sentence, in order and without overlap; none if there is no reader for its language.
///
/// Years, dates, times of day, names and addresses are no figures. A sentence that is nothing but one figure is read as one:
/// a `2017` alone is a number.
pub fn find(sentence: &str, language: &Language) -> Option<Vec<SpannedReading>> {
    reader(language).map(|reader| (reader.find)(sentence, language))
}

/// Why words are not read, for whoever could change that.
#[must_use]
pub fn why_unread(words: &str, language: Option<&Language>) -> String {
    match language.filter(|language| !is_undetermined(language)) {
        Some(language) if !reads(language) => format!("there is no reader for the language {language}"),
        None if READERS.iter().any(|reader| (reader.read)(words, None).is_some()) => {
            "no language is stated, and in another one they may \
            mean another number: set `language` of the article or the claim"
                .to_owned()
        }
        Some(_) | None => "they are not wholly one figure: a qualifier and a number, with its unit".to_owned(),
    }
}

/// Whether a tag says that the language is not known, which is to say nothing.
fn is_undetermined(language: &Language) -> bool {
    language.primary() == "und"
}

/// Whether there is a reader for words of this language.
pub fn reads(language: &Language) -> bool {
    reader(language).is_some()
}

/// The primary subtags of the languages that are read.
pub fn languages() -> impl Iterator<Item = &'static str> {
    READERS.iter().map(|reader| reader.language)
}

fn reader(language: &Language) -> Option<&'static Reader> {
    let primary = language.primary();
    READERS.iter().find(|reader| reader.language == primary)
}

#[cfg(test)]
mod sentence_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wording_tests;
