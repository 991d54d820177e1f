//! Single values: strings and their limits, vocabularies, numbers, times. The empty string is an absent value.

use std::str::FromStr;

use super::reader::Reader;
use crate::domain::decimal::Decimal;
use crate::domain::language::Language;
use crate::domain::limits;
use crate::domain::model::{Basis, ErrorReason, Labels, TimeGiven};
use crate::domain::time::Timestamp;
use crate::proto::claimdb::v1;

impl Reader {
    /// A string of at most so many bytes, without NUL, which not every engine can keep.
    pub(super) fn text(&mut self, field: &str, text: String, bytes_max: usize) -> String {
        if text.len() > bytes_max {
            let message = format!("at most {bytes_max} bytes are allowed, these are {}", text.len());
            self.violation_at(field, ErrorReason::LimitExceeded, message);
        }
        if let Some(position) = memchr::memchr(0, text.as_bytes()) {
            self.invalid(field, format!("the character NUL is not allowed; there is one at byte {position}"));
        }
        text
    }

    /// A string that must be given. White space alone says nothing.
    pub(super) fn required_text(&mut self, field: &str, text: String, bytes_max: usize) -> String {
        if text.trim().is_empty() && self.demands(field) {
            self.invalid(field, "is required");
        }
        self.text(field, text, bytes_max)
    }

    /// A string of a list, which must say something.
    pub(super) fn required_item(&mut self, text: String, bytes_max: usize) -> String {
        if text.trim().is_empty() {
            self.violation(ErrorReason::FieldInvalid, "is empty");
        }
        if text.len() > bytes_max {
            let message = format!("at most {bytes_max} bytes are allowed, these are {}", text.len());
            self.violation(ErrorReason::LimitExceeded, message);
        }
        if text.contains('\0') {
            self.violation(ErrorReason::FieldInvalid, "the character NUL is not allowed");
        }
        text
    }

    /// A word of a vocabulary; 0 is an absent one.
    pub(super) fn word<T>(&mut self, field: &str, number: i32, from: fn(i32) -> Option<T>) -> Option<T> {
        if number == 0 {
            return None;
        }
        let word = from(number);
        if word.is_none() {
            self.invalid(field, format!("{number} is not a value of this field"));
        }
        word
    }

    /// A word that must be given.
    pub(super) fn required_word<T>(&mut self, field: &str, number: i32, from: fn(i32) -> Option<T>) -> Option<T> {
        if number == 0 && self.demands(field) {
            self.invalid(field, "is required");
        }
        self.word(field, number, from)
    }

    /// Words of a vocabulary, each at most once and none absent.
    pub(super) fn words<T: PartialEq + Copy>(
        &mut self,
        field: &str,
        numbers: &[i32],
        from: fn(i32) -> Option<T>,
    ) -> Vec<T> {
        let mut words: Vec<T> = Vec::new();
        for (index, number) in numbers.iter().enumerate() {
            let wrong =
                |r: &mut Self, why: String| r.item(field, index, |r| r.violation(ErrorReason::FieldInvalid, why));
            match from(*number) {
                None => wrong(self, format!("{number} is not a value of this field")),
                Some(word) if words.contains(&word) => {
                    wrong(self, "is given twice".to_owned());
                    // Nothing but repetitions can follow for long: one complaint is enough.
                    break;
                }
                Some(word) => words.push(word),
            }
        }
        words
    }

    /// A value with a text form.
    pub(super) fn parsed<T>(&mut self, field: &str, text: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        if text.is_empty() {
            return None;
        }
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.invalid(field, error.to_string());
                None
            }
        }
    }

    /// An exact decimal.
    pub(super) fn decimal(&mut self, field: &str, text: &str) -> Option<Decimal> {
        self.parsed(field, text)
    }

    /// A decimal between two whole numbers, both included.
    pub(super) fn decimal_within(&mut self, field: &str, text: &str, least: i64, most: i64) -> Option<Decimal> {
        let value = self.decimal(field, text)?;
        if value < Decimal::from(least) || value > Decimal::from(most) {
            self.invalid(field, format!("{value} is not between {least} and {most}"));
            return None;
        }
        Some(value)
    }

    /// A language tag.
    pub(super) fn language(&mut self, field: &str, text: &str) -> Option<Language> {
        self.parsed(field, text)
    }

    /// A time as given; an empty message is an unknown time.
    pub(super) fn time(&mut self, field: &str, message: Option<v1::ApproximateTime>) -> Option<TimeGiven> {
        let v1::ApproximateTime { edtf, verbatim, basis, earliest: _, latest: _ } = message?;
        Some(self.field(field, |r| TimeGiven {
            time: r.parsed("edtf", &edtf),
            verbatim: r.text("verbatim", verbatim, limits::SHORT_BYTES),
            basis: r.word("basis", basis, Basis::from_number),
        }))
    }

    /// An exact instant.
    pub(super) fn timestamp(&mut self, field: &str, message: prost_types::Timestamp) -> Option<Timestamp> {
        match Timestamp::from_seconds_and_nanos(message.seconds, message.nanos) {
            Ok(time) => Some(time),
            Err(error) => {
                self.invalid(field, error.to_string());
                None
            }
        }
    }

    /// Free labels.
    pub(super) fn labels(&mut self, field: &str, labels: Labels) -> Labels {
        if labels.len() > limits::LABELS {
            let message = format!("at most {} are allowed, these are {}", limits::LABELS, labels.len());
            self.violation_at(field, ErrorReason::LimitExceeded, message);
            return Labels::new();
        }
        self.field(field, |r| {
            for (key, value) in &labels {
                if key.is_empty() {
                    r.violation(ErrorReason::FieldInvalid, "a label has a key");
                }
                let checked = r.text("key", key.clone(), limits::SCHEME_BYTES);
                if checked.len() <= limits::SCHEME_BYTES {
                    r.text(&checked, value.clone(), limits::LABEL_VALUE_BYTES);
                }
            }
        });
        labels
    }
}

/// A vocabulary's number as a message has it: 0 when absent.
pub(super) fn number<T>(word: Option<T>, number: fn(T) -> i32) -> i32 {
    word.map_or(0, number)
}

/// A value as a message has it: empty when absent.
pub(super) fn string<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// An instant as a message has it.
pub(crate) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let (seconds, nanos) = time.seconds_and_nanos();
    prost_types::Timestamp { seconds, nanos }
}

/// A time as an answer shows it: with the range that it means.
pub(super) fn time(given: &TimeGiven) -> v1::ApproximateTime {
    v1::ApproximateTime {
        edtf: string(given.time.as_ref()),
        verbatim: given.verbatim.clone(),
        basis: number(given.basis, Basis::number),
        earliest: given.time.as_ref().and_then(|time| time.earliest()).map(timestamp),
        latest: given.time.as_ref().and_then(|time| time.latest()).map(timestamp),
    }
}
