//! Reads the words of a figure ("nearly 2,000") into its qualifier and number. It reads the whole
//! of what it is given or nothing: it never guesses. Not here: finding figures in a sentence, units
//! and currencies, and what is counted.
//!
//! A language is one module with one function in `READERS`; callers know only [`read`].

mod english;
mod numbers;

use crate::domain::decimal::Decimal;
use crate::domain::language::Language;

use super::{Bounds, FigureKind, Qualifier};

/// The longest words that are read, in bytes; longer ones are no single figure.
const WORDS_LENGTH_MAX: usize = 200;

/// Reads words of one language wholly, or not.
type Reader = fn(&str) -> Option<Reading>;

/// The readers, by primary language subtag.
const READERS: &[(&str, Reader)] = &[("en", english::read)];

/// What the words of a figure say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// How they bind the number.
    pub qualifier: Qualifier,
    /// The number they name; none for BETWEEN ("10 to 20") and VAGUE ("dozens").
    pub value: Option<Decimal>,
    /// What they entail.
    pub bounds: Bounds,
    /// PERCENT or ORDINAL where the words say so; a count and a measure look alike.
    pub kind: Option<FigureKind>,
    /// The word that multiplies the number or stands for one, in lower case: `dozen`, `hundreds`.
    pub scale_word: Option<String>,
    /// How many digits are stated, before the scale word if there is one: 13,000 has 2, two dozen
    /// has 1. Nothing where there is no value or it is an ordinal.
    pub significant_digits: Option<u32>,
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
    let Some(language) = language.filter(|language| !is_undetermined(language)) else {
        return english::read_if_unmistakable(words);
    };
    let primary = language.primary();
    let (_, read) = READERS.iter().find(|(language, _)| *language == primary)?;
    read(words)
}

/// Why words are not read, for whoever could change that.
#[must_use]
pub fn why_unread(words: &str, language: Option<&Language>) -> String {
    let reads = |primary: &str| READERS.iter().any(|(language, _)| *language == primary);
    match language.filter(|language| !is_undetermined(language)) {
        Some(language) if !reads(&language.primary()) => format!("there is no reader for the language {language}"),
        None if READERS.iter().any(|(_, read)| read(words).is_some()) => {
            "no language is stated, and in another one they may \
            mean another number: set `language` of the article or the claim"
                .to_owned()
        }
        Some(_) | None => "only a qualifier and one number in digits or simple words are read".to_owned(),
    }
}

/// Whether a tag says that the language is not known, which is to say nothing.
fn is_undetermined(language: &Language) -> bool {
    language.primary() == "und"
}

#[cfg(test)]
mod tests;
