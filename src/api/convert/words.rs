//! Sentences to read figures in, and what was read.

use super::figure;
use super::reader::{Reader, Violations};
use crate::domain::figure::words::{self, SpannedReading};
use crate::domain::language::Language;
use crate::domain::limits;
use crate::domain::model::{ErrorReason, Figure};
use crate::proto::claimdb::v1;

/// The language and the sentences of a request.
pub(crate) fn read_figures(message: v1::ReadFiguresRequest) -> Result<(Language, Vec<String>), Violations> {
    let mut r = Reader::default();
    let language = language(&mut r, &message.language);
    if message.sentences.is_empty() {
        r.invalid("sentences", "at least one is required");
    }
    let sentences = r.items("sentences", limits::READ_SENTENCES, message.sentences, |r, sentence| {
        r.required_item(sentence, limits::READ_SENTENCE_BYTES)
    });
    let bytes: usize = sentences.iter().map(String::len).sum();
    if bytes > limits::READ_BYTES {
        let message = format!("at most {} bytes are allowed in all, these are {bytes}", limits::READ_BYTES);
        r.violation_at("sentences", ErrorReason::LimitExceeded, message);
    }
    r.finish(language.map(|language| (language, sentences)))
}

/// A language that there is a reader for.
fn language(r: &mut Reader, text: &str) -> Option<Language> {
    if text.is_empty() {
        r.invalid("language", "is required");
    }
    let language = r.language("language", text)?;
    if words::reads(&language) {
        return Some(language);
    }
    let known: Vec<&str> = words::languages().collect();
    let message = format!("there is no reader for {language}; there is one for {}", known.join(", "));
    r.violation_at("language", ErrorReason::LanguageNotSupported, message);
    None
}

/// The figures in a sentence.
pub(crate) fn sentence(text: &str, language: &Language) -> v1::ReadSentence {
    let mut characters = Characters { rest: text, at: 0 };
    let figures = words::find(text, language).unwrap_or_default().into_iter();
    v1::ReadSentence { figures: figures.map(|found| read(&mut characters, found)).collect() }
}

/// What is left of a text from some code point on; figures come in order, so that it is walked through once.
struct Characters<'t> {
    rest: &'t str,
    at: u32,
}

impl<'t> Characters<'t> {
    /// The text from here to this code point.
    fn to(&mut self, at: u32) -> &'t str {
        let count = at.saturating_sub(self.at) as usize;
        let length = self.rest.char_indices().nth(count).map_or(self.rest.len(), |(length, _)| length);
        let (head, rest) = self.rest.split_at(length);
        (self.rest, self.at) = (rest, at);
        head
    }
}

fn read(characters: &mut Characters<'_>, found: SpannedReading) -> v1::ReadFigure {
    let SpannedReading { start, end, reading } = found;
    characters.to(start);
    let figure = Figure {
        verbatim: characters.to(end).to_owned(),
        kind: reading.kind,
        value: reading.value,
        qualifier: Some(reading.qualifier),
        bounds: reading.bounds,
        scale_word: reading.scale_word.unwrap_or_default(),
        significant_digits: reading.significant_digits.unwrap_or(0),
        unit: reading.unit,
        ..Figure::default()
    };
    v1::ReadFigure { start, end, figure: Some(figure::to_response(&figure)) }
}
