//! Quotes and where they stand in a text. A quote stands there byte for byte or not at all: there
//! is no fuzzy matching, only errors that say how near a miss was.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

use super::differences::only_difference;
use super::find::{Longest, occurrences};
use super::{RangeError, TextIndex};
use crate::domain::excerpt::{excerpt, excerpt_of};

pub use super::differences::Difference;

/// The most places that an error lists.
pub const PLACES_MAX: usize = 16;

/// Code points of text and quote that are shown behind the place where they part.
const CONTINUATION_CODE_POINTS: usize = 24;

/// Words of a text as a caller gives them: by position, by the words, or by both. The prefix and
/// suffix stand directly in front of and behind them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quote {
    /// The words themselves.
    pub exact: Option<String>,
    /// What stands directly in front of them.
    pub prefix: Option<String>,
    /// What stands directly behind them.
    pub suffix: Option<String>,
    /// The code point at which they start.
    pub start: Option<u32>,
    /// The code point before which they end.
    pub end: Option<u32>,
}

/// A quote in its place: `text[start,end)` is `exact`, in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchored {
    /// The code point at which it starts.
    pub start: u32,
    /// The code point before which it ends.
    pub end: u32,
    /// What stands there.
    pub exact: String,
}

/// Places where a quote starts, in code points: all of them, or the first [`PLACES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// The first of them, in order.
    pub first: Vec<u32>,
    /// How many there are, overlapping ones counted each.
    pub total: u32,
}

/// How much of a quote that was not found stands in the text. Positions are in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The quote, shortened.
    pub quote: String,
    /// The length of the quote.
    pub quote_code_points: u32,
    /// The longest beginning of the quote that stands somewhere in the text.
    pub matched_code_points: u32,
    /// Where that beginning ends in the text, at its first place; nothing where nothing matched.
    pub stops_at: Option<u32>,
    /// What the text has from there on, shortened.
    pub text_goes_on: String,
    /// What the quote has from there on, shortened.
    pub quote_goes_on: String,
    /// If the whole quote stands in the text but for this: what, and where.
    pub differs_only_in: Option<(Difference, u32)>,
}

/// Which side of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In front of it.
    Prefix,
    /// Behind it.
    Suffix,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Prefix => "prefix",
            Side::Suffix => "suffix",
        })
    }
}

/// Why a quote has no place, or no single one. Every text in it is shortened.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnchorError {
    /// There are neither positions nor words, or the words are empty.
    #[error("a quote has words (exact) or positions (start and end)")]
    EmptyQuote,
    /// Only one of start and end is given.
    #[error("start and end go together")]
    PositionsIncomplete,
    /// The positions are no range of the text.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// Other words stand at the positions.
    #[error("[{start},{end}) is {found:?}, not {quote:?}")]
    TextDiffers {
        /// Where the quote was said to start.
        start: u32,
        /// Where it was said to end.
        end: u32,
        /// What stands there.
        found: String,
        /// What was said to stand there.
        quote: String,
    },
    /// The words stand at the positions, and something else in front of or behind them.
    #[error("the {side} of [{start},{end}) is not {expected:?}")]
    ContextDiffers {
        /// Which side differs.
        side: Side,
        /// Where the quote starts.
        start: u32,
        /// Where it ends.
        end: u32,
        /// What was said to stand on that side.
        expected: String,
    },
    /// The words stand in the text, and nowhere between the prefix and the suffix.
    #[error(
        "{quote:?} {}, but not directly between the given prefix and suffix",
        occurs(.places)
    )]
    ContextNotFound {
        /// The words.
        quote: String,
        /// Where they stand.
        places: Places,
    },
    /// The words stand nowhere in the text.
    #[error("{}", near_miss_text(.0))]
    NotFound(Box<NearMiss>),
    /// The words stand in several places; those inside the given ranges if there are any.
    #[error("{quote:?} {}; add prefix or suffix", occurs(.places))]
    Ambiguous {
        /// The words.
        quote: String,
        /// Where they stand.
        places: Places,
    },
}

fn occurs(places: &Places) -> String {
    let list: Vec<String> = places.first.iter().map(u32::to_string).collect();
    let more = if wide(places.total) > places.first.len() { ", …" } else { "" };
    let times = if places.total == 1 { "time" } else { "times" };
    format!("occurs {} {times} ({}{more})", places.total, list.join(", "))
}

fn near_miss_text(miss: &NearMiss) -> String {
    let mut text = format!("{:?} not found", miss.quote);
    match miss.stops_at {
        None => text.push_str("; not even its first character occurs"),
        Some(position) => text.push_str(&format!(
            "; its first {} of {} code points match up to {position}, where the text has {:?} and \
             the quote {:?}",
            miss.matched_code_points, miss.quote_code_points, miss.text_goes_on, miss.quote_goes_on
        )),
    }
    if let Some((difference, position)) = miss.differs_only_in {
        text.push_str(&format!("; it differs only in {difference} from what stands at {position}"));
    }
    text
}

/// Finds the place of a quote.
///
/// With positions, the words (if given) must stand exactly there, and so must prefix and suffix;
/// without words, they are filled in from the text. Without positions, the words must occur once,
/// directly between prefix and suffix as far as those are given: once inside one of the ranges
/// `within`, or, where they occur in none of them, once in the text. Prefix and suffix may lie
/// outside the ranges. Overlapping occurrences count each. Takes time linear in text and quote.
///
/// # Errors
/// See [`AnchorError`]. Ranges in `within` that leave the text are not an error and find nothing.
pub fn anchor(text: &TextIndex, quote: &Quote, within: Option<&[Range<u32>]>) -> Result<Anchored, AnchorError> {
    let exact = quote.exact.as_deref();
    if exact == Some("") {
        return Err(AnchorError::EmptyQuote);
    }
    match (quote.start, quote.end, exact) {
        (Some(start), Some(end), _) => at_positions(text, quote, start..end),
        (None, None, Some(exact)) => by_words(text, quote, exact, within.unwrap_or_default()),
        (None, None, None) => Err(AnchorError::EmptyQuote),
        (Some(_), None, _) | (None, Some(_), _) => Err(AnchorError::PositionsIncomplete),
    }
}

fn at_positions(text: &TextIndex, quote: &Quote, place: Range<u32>) -> Result<Anchored, AnchorError> {
    let (start, end) = (place.start, place.end);
    let found = text.slice(&place)?;
    if let Some(exact) = quote.exact.as_deref().filter(|exact| *exact != found) {
        let (found, quote) = (excerpt(found), excerpt(exact));
        return Err(AnchorError::TextDiffers { start, end, found, quote });
    }
    let before = text.byte_of(start).and_then(|byte| text.text().get(..byte)).unwrap_or_default();
    let after = text.byte_of(end).and_then(|byte| text.text().get(byte..)).unwrap_or_default();
    let prefix = quote.prefix.as_deref().unwrap_or_default();
    let suffix = quote.suffix.as_deref().unwrap_or_default();
    let differs = |side, expected| AnchorError::ContextDiffers { side, start, end, expected };
    if !before.ends_with(prefix) {
        return Err(differs(Side::Prefix, excerpt(prefix)));
    }
    if !after.starts_with(suffix) {
        return Err(differs(Side::Suffix, excerpt(suffix)));
    }
    Ok(Anchored { start, end, exact: found.to_owned() })
}

fn by_words(text: &TextIndex, quote: &Quote, exact: &str, within: &[Range<u32>]) -> Result<Anchored, AnchorError> {
    let prefix = quote.prefix.as_deref().unwrap_or_default();
    let suffix = quote.suffix.as_deref().unwrap_or_default();
    // The three are adjacent, so that the whole stands once for each place of the words.
    let whole = format!("{prefix}{exact}{suffix}");
    let plain = whole.len() == exact.len();
    match locate_in(text, &whole, if plain { within } else { &[] }, within.is_empty() || plain) {
        Located::Once(start) => return Ok(anchored(text, start + prefix.len(), exact)),
        // The rest is rare, and looked at more closely.
        Located::Nowhere | Located::Often | Located::Unknown => {}
    }
    let ranges = Ranges::new(text, within);
    let (mut inside, mut anywhere) = (Found::default(), Found::default());
    let longest = occurrences(text.text(), &whole, |byte| {
        let start = byte + prefix.len();
        anywhere.add(start);
        if ranges.contain(start, start + exact.len()) {
            inside.add(start);
        }
    });
    let found = if inside.total > 0 { inside } else { anywhere };
    match (found.total, found.first.first()) {
        (1, Some(byte)) => Ok(anchored(text, *byte, exact)),
        (0, _) if whole.len() > exact.len() => {
            let mut words = Found::default();
            let longest = occurrences(text.text(), exact, |byte| words.add(byte));
            if words.total == 0 {
                return Err(not_found(text, exact, longest));
            }
            let places = words.places(text);
            Err(AnchorError::ContextNotFound { quote: excerpt(exact), places })
        }
        (0, _) => Err(not_found(text, exact, longest)),
        _ => Err(AnchorError::Ambiguous { quote: excerpt(exact), places: found.places(text) }),
    }
}

fn anchored(text: &TextIndex, byte: usize, exact: &str) -> Anchored {
    let place = text.code_point_of(byte).zip(text.code_point_of(byte + exact.len()));
    let (start, end) = place.expect("a match begins and ends between code points");
    Anchored { start, end, exact: exact.to_owned() }
}

/// Where some words stand.
enum Located {
    /// In one place, which begins at this byte.
    Once(usize),
    /// In several.
    Often,
    /// In none.
    Nowhere,
    /// In none of the ranges, and the rest was not looked at.
    Unknown,
}

/// Finds words by a fast search: in the ranges, then, where asked, in the whole text.
fn locate_in(text: &TextIndex, words: &str, within: &[Range<u32>], everywhere: bool) -> Located {
    let mut inside = Vec::new();
    for range in within {
        let bytes = text.byte_of(range.start).zip(text.byte_of(range.end));
        let Some((start, end)) = bytes else { continue };
        let part = text.text().get(start..end).unwrap_or_default();
        inside.extend(memchr::memmem::find(part.as_bytes(), words.as_bytes()).map(|byte| start + byte));
        inside.extend(memchr::memmem::rfind(part.as_bytes(), words.as_bytes()).map(|byte| start + byte));
    }
    // First and last occurrence are the same where there is but one; ranges may overlap.
    inside.sort_unstable();
    inside.dedup();
    match inside.as_slice() {
        [only] => return Located::Once(*only),
        [] if everywhere => {}
        [] => return Located::Unknown,
        _ => return Located::Often,
    }
    let text = text.text().as_bytes();
    match memchr::memmem::find(text, words.as_bytes()) {
        None => Located::Nowhere,
        Some(first) if memchr::memmem::rfind(text, words.as_bytes()) == Some(first) => Located::Once(first),
        Some(_) => Located::Often,
    }
}

/// Finds the place of words that need not stand anywhere, quickly and without saying how near a miss was: inside one of
/// the ranges `within`, or, where they occur in none of them, in the text.
///
/// # Errors
/// Whether they stand in several places, or in none.
pub fn locate(text: &TextIndex, words: &str, within: &[Range<u32>]) -> Result<Anchored, NotLocated> {
    match locate_in(text, words, within, true) {
        Located::Once(byte) => Ok(anchored(text, byte, words)),
        Located::Often => Err(NotLocated::Often),
        Located::Nowhere | Located::Unknown => Err(NotLocated::Nowhere),
    }
}

/// Why words have no place, or no single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotLocated {
    /// They stand in several places.
    #[error("the words occur several times in the text")]
    Often,
    /// They stand in none.
    #[error("the words do not occur in the text")]
    Nowhere,
}

fn not_found(text: &TextIndex, exact: &str, longest: Longest) -> AnchorError {
    let matched = exact.get(..longest.matched).unwrap_or_default();
    let goes_on = |text: &str, byte: usize| excerpt_of(text.get(byte..).unwrap_or_default(), CONTINUATION_CODE_POINTS);
    AnchorError::NotFound(Box::new(NearMiss {
        quote: excerpt(exact),
        quote_code_points: count(exact),
        matched_code_points: count(matched),
        stops_at: (longest.matched > 0).then(|| text.code_point_of(longest.stops_at)).flatten(),
        text_goes_on: goes_on(text.text(), longest.stops_at),
        quote_goes_on: goes_on(exact, longest.matched),
        differs_only_in: only_difference(text.text(), exact),
    }))
}

/// The first occurrences, in bytes, and how many there are.
#[derive(Default)]
struct Found {
    first: Vec<usize>,
    total: u32,
}

impl Found {
    fn add(&mut self, byte: usize) {
        self.total += 1;
        if self.first.len() < PLACES_MAX {
            self.first.push(byte);
        }
    }

    fn places(&self, text: &TextIndex) -> Places {
        let first = self.first.iter().filter_map(|byte| text.code_point_of(*byte)).collect();
        Places { first, total: self.total }
    }
}

/// Ranges of bytes, by start, each with the furthest end of those up to it: so that one search
/// tells whether an occurrence lies in one of them, however many there are.
struct Ranges(Vec<(usize, usize)>);

impl Ranges {
    fn new(text: &TextIndex, within: &[Range<u32>]) -> Self {
        let bytes = |range: &Range<u32>| text.byte_of(range.start).zip(text.byte_of(range.end));
        let mut ranges: Vec<_> = within.iter().filter_map(bytes).collect();
        ranges.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut ranges {
            furthest = furthest.max(*end);
            *end = furthest;
        }
        Ranges(ranges)
    }

    fn contain(&self, start: usize, end: usize) -> bool {
        let before = self.0.partition_point(|range| range.0 <= start);
        before.checked_sub(1).and_then(|last| self.0.get(last)).is_some_and(|range| end <= range.1)
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn wide(total: u32) -> usize {
    usize::try_from(total).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "anchor_tests.rs"]
mod tests;
