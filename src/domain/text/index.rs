//! A text with its offsets: from code points to bytes and back, and its hash.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use thiserror::Error;

use super::Sha256;

/// The longest text, in bytes.
pub const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Code points from one noted byte offset to the next: what a conversion walks at most.
const STEP: usize = 256;

/// A text that finds its code points. Building it reads the text once; a conversion afterwards
/// walks at most 256 code points.
#[derive(Debug)]
pub struct TextIndex {
    text: Arc<str>,
    code_points: u32,
    /// The byte offset of every 256th code point; nothing where every code point is one byte.
    steps: Vec<u32>,
    sha256: OnceLock<Sha256>,
}

/// A text longer than [`TEXT_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a text has at most {TEXT_BYTES_MAX} bytes, this one has {bytes}")]
pub struct TextTooLong {
    /// Its length in bytes.
    pub bytes: usize,
}

/// Why two positions are no range of a text. Positions are in code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RangeError {
    /// Nothing lies between them.
    #[error("the range [{at},{at}) is empty")]
    Empty {
        /// Both positions.
        at: u32,
    },
    /// The end lies before the start.
    #[error("the range starts at {start} and ends before it at {end}")]
    Reversed {
        /// Where it starts.
        start: u32,
        /// Where it ends.
        end: u32,
    },
    /// The end lies behind the text.
    #[error("the range ends at {end}, the text at {code_points}")]
    OutOfText {
        /// Where the range ends.
        end: u32,
        /// Where the text ends.
        code_points: u32,
    },
}

impl TextIndex {
    /// Reads the text once and notes its offsets.
    ///
    /// # Errors
    /// Where the text is longer than [`TEXT_BYTES_MAX`].
    pub fn new(text: Arc<str>) -> Result<Self, TextTooLong> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(TextTooLong { bytes: text.len() });
        }
        let mut code_points = 0;
        let mut steps = Vec::new();
        if text.is_ascii() {
            code_points = text.len();
        } else {
            for (byte, _) in text.char_indices() {
                if code_points % STEP == 0 {
                    steps.push(narrow(byte));
                }
                code_points += 1;
            }
        }
        Ok(TextIndex { text, code_points: narrow(code_points), steps, sha256: OnceLock::new() })
    }

    /// The same, for a text whose hash is known already.
    ///
    /// # Errors
    /// Where the text is longer than [`TEXT_BYTES_MAX`].
    pub fn with_sha256(text: Arc<str>, sha256: Sha256) -> Result<Self, TextTooLong> {
        let index = Self::new(text)?;
        Ok(TextIndex { sha256: OnceLock::from(sha256), ..index })
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Its length in code points.
    pub fn code_points(&self) -> u32 {
        self.code_points
    }

    /// Its SHA-256, over its UTF-8 bytes exactly as given; calculated when first asked for.
    pub fn sha256(&self) -> Sha256 {
        *self.sha256.get_or_init(|| Sha256::of(self.text.as_bytes()))
    }

    /// The byte at which the code point begins; the text's length for the position behind the
    /// last one; nothing beyond.
    pub fn byte_of(&self, code_point: u32) -> Option<usize> {
        if code_point >= self.code_points {
            return (code_point == self.code_points).then_some(self.text.len());
        }
        let position = wide(code_point);
        if self.steps.is_empty() {
            return Some(position);
        }
        let step = wide(*self.steps.get(position / STEP)?);
        let (further, _) = self.text.get(step..)?.char_indices().nth(position % STEP)?;
        Some(step + further)
    }

    /// The code point that begins at the byte, or nothing where none begins (nor the text ends).
    pub fn code_point_of(&self, byte: usize) -> Option<u32> {
        if !self.text.is_char_boundary(byte) {
            return None;
        }
        if self.steps.is_empty() {
            return Some(narrow(byte));
        }
        // The first code point is noted and begins at 0, so one of them is at or before the byte.
        let before = self.steps.partition_point(|step| wide(*step) <= byte).checked_sub(1)?;
        let further = self.text.get(wide(*self.steps.get(before)?)..byte)?.chars().count();
        Some(narrow(before * STEP + further))
    }

    /// What stands in the range of code points.
    ///
    /// # Errors
    /// Where the range is empty, reversed or leaves the text.
    pub fn slice(&self, range: &Range<u32>) -> Result<&str, RangeError> {
        self.check(range)?;
        let bytes = self.byte_of(range.start).zip(self.byte_of(range.end));
        let slice = bytes.and_then(|(start, end)| self.text.get(start..end));
        Ok(slice.expect("positions in the text are boundaries of code points"))
    }

    /// Checks that a range of code points (a span, a section) is one of this text.
    ///
    /// # Errors
    /// Where the range is empty, reversed or leaves the text.
    pub fn check(&self, range: &Range<u32>) -> Result<(), RangeError> {
        if range.start > range.end {
            return Err(RangeError::Reversed { start: range.start, end: range.end });
        }
        if range.end > self.code_points {
            return Err(RangeError::OutOfText { end: range.end, code_points: self.code_points });
        }
        if range.start == range.end {
            return Err(RangeError::Empty { at: range.start });
        }
        Ok(())
    }
}

/// Offsets fit: a text has at most [`TEXT_BYTES_MAX`] bytes.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

fn wide(offset: u32) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(text: &str) -> TextIndex {
        TextIndex::new(text.into()).expect("short enough")
    }

    #[test]
    fn a_text_knows_its_length_and_hash() {
        let text = index("né");
        assert_eq!(text.code_points(), 2);
        assert_eq!(
            index("abc").sha256().to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        let long = "x".repeat(TEXT_BYTES_MAX + 1);
        assert_eq!(TextIndex::new(long.into()).err(), Some(TextTooLong { bytes: 2_097_153 }));
    }

    #[test]
    fn ranges_are_checked() {
        let text = index("née");
        assert_eq!(text.slice(&(1..3)), Ok("ée"));
        assert_eq!(text.check(&(2..2)), Err(RangeError::Empty { at: 2 }));
        let reversed = Range { start: 2, end: 1 };
        assert_eq!(text.check(&reversed), Err(RangeError::Reversed { start: 2, end: 1 }));
        assert_eq!(text.check(&(1..4)), Err(RangeError::OutOfText { end: 4, code_points: 3 }));
    }

    proptest! {
        #[test]
        fn conversions_agree_with_counting(text in "[ -~]{0,300}[aé—𝄞]{0,600}") {
            let index = index(&text);
            prop_assert_eq!(wide(index.code_points()), text.chars().count());
            for (position, (byte, _)) in text.char_indices().enumerate() {
                prop_assert_eq!(index.byte_of(narrow(position)), Some(byte));
                prop_assert_eq!(index.code_point_of(byte), Some(narrow(position)));
            }
            prop_assert_eq!(index.byte_of(index.code_points()), Some(text.len()));
            prop_assert_eq!(index.byte_of(index.code_points() + 1), None);
            prop_assert_eq!(index.code_point_of(text.len()), Some(index.code_points()));
            let inside = (0..text.len() + 2).filter(|byte| !text.is_char_boundary(*byte));
            for byte in inside {
                prop_assert_eq!(index.code_point_of(byte), None);
            }
        }
    }
}
