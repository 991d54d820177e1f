//! Tests of quotes and their places.

use std::slice::from_ref;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::domain::text::TEXT_BYTES_MAX;

const TEXT: &str = "\nHe reported it — and she reported “it’s  over”.\nThat is all.";

fn index(text: &str) -> TextIndex {
    TextIndex::new(text.into()).expect("short enough")
}

fn words(exact: &str) -> Quote {
    Quote { exact: Some(exact.to_owned()), ..Quote::default() }
}

fn around(prefix: &str, exact: &str, suffix: &str) -> Quote {
    let side = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Quote { prefix: side(prefix), suffix: side(suffix), ..words(exact) }
}

fn positions(start: u32, end: u32, exact: Option<&str>) -> Quote {
    Quote { start: Some(start), end: Some(end), exact: exact.map(str::to_owned), ..Quote::default() }
}

fn place(quote: &Quote) -> Result<(u32, u32), AnchorError> {
    anchor(&index(TEXT), quote, None).map(|anchored| (anchored.start, anchored.end))
}

#[test]
fn positions_are_checked_and_words_filled_in() {
    let anchored = anchor(&index(TEXT), &positions(16, 21, None), None).expect("in the text");
    assert_eq!(anchored, Anchored { start: 16, end: 21, exact: "— and".to_owned() });
    assert_eq!(place(&positions(4, 12, Some("reported"))), Ok((4, 12)));
    let error = place(&positions(5, 13, Some("reported"))).expect_err("one too far");
    assert_eq!(error.to_string(), "[5,13) is \"eported \", not \"reported\"");
    assert_eq!(place(&positions(4, 4, None)), Err(RangeError::Empty { at: 4 }.into()));
    let out = RangeError::OutOfText { end: 900, code_points: 61 };
    assert_eq!(place(&positions(4, 900, None)), Err(out.into()));
    let reversed = RangeError::Reversed { start: 9, end: 4 };
    assert_eq!(place(&positions(9, 4, None)), Err(reversed.into()));
}

#[test]
fn context_at_positions_is_checked() {
    let at = |prefix: &str, suffix: &str| Quote { start: Some(4), end: Some(12), ..around(prefix, "reported", suffix) };
    assert_eq!(place(&at("He ", " it")), Ok((4, 12)));
    let error = place(&at("she ", "")).expect_err("he did");
    assert_eq!(error.to_string(), "the prefix of [4,12) is not \"she \"");
    assert!(matches!(place(&at("", "s")), Err(AnchorError::ContextDiffers { side: Side::Suffix, .. })));
}

#[test]
fn incomplete_quotes_are_refused() {
    assert_eq!(place(&Quote::default()), Err(AnchorError::EmptyQuote));
    assert_eq!(place(&words("")), Err(AnchorError::EmptyQuote));
    let only_start = Quote { start: Some(3), ..words("it") };
    assert_eq!(place(&only_start), Err(AnchorError::PositionsIncomplete));
}

#[test]
fn words_are_found_once_or_with_context() {
    assert_eq!(place(&words("— and")), Ok((16, 21)));
    let error = place(&words("reported")).expect_err("twice");
    assert_eq!(error.to_string(), "\"reported\" occurs 2 times (4, 26); add prefix or suffix");
    assert_eq!(place(&around("she ", "reported", "")), Ok((26, 34)));
    assert_eq!(place(&around("", "reported", " it ")), Ok((4, 12)));
    let error = place(&around("they ", "reported", "")).expect_err("not they");
    assert_eq!(
        error.to_string(),
        "\"reported\" occurs 2 times (4, 26), but not directly between the given prefix and suffix"
    );
    assert!(matches!(place(&around("x", "nowhere", "")), Err(AnchorError::NotFound(_))));
}

#[test]
fn overlapping_occurrences_count_each() {
    let error = anchor(&index("xaaax"), &words("aa"), None).expect_err("overlap");
    let places = Places { first: vec![1, 2], total: 2 };
    assert_eq!(error, AnchorError::Ambiguous { quote: "aa".to_owned(), places });
}

#[test]
fn given_ranges_come_first() {
    let text = index(TEXT);
    let found = |ranges: &[Range<u32>]| anchor(&text, &words("reported"), Some(ranges)).map(|a| a.start);
    assert_eq!(found(from_ref(&(22..40))), Ok(26));
    assert_eq!(found(&[40..50, 0..900, 4..12]), Ok(4));
    assert!(matches!(found(from_ref(&(0..50))), Err(AnchorError::Ambiguous { .. })));
    // Partly inside is outside, and then the whole text counts.
    assert!(matches!(found(&[27..40, 0..5]), Err(AnchorError::Ambiguous { .. })));
    let end = 40..61;
    assert_eq!(anchor(&text, &words("— and"), Some(from_ref(&end))).map(|a| a.start), Ok(16));
    let prefix_outside = 26..34;
    let quote = around("she ", "reported", "");
    assert_eq!(anchor(&text, &quote, Some(from_ref(&prefix_outside))).map(|a| a.start), Ok(26));
}

#[test]
fn a_miss_says_how_near_it_was() {
    let miss = |quote: &str| match place(&words(quote)) {
        Err(AnchorError::NotFound(miss)) => *miss,
        other => panic!("{quote}: {other:?}"),
    };
    let near = miss("reported \"it's  over\"");
    assert_eq!((near.matched_code_points, near.quote_code_points, near.stops_at), (9, 21, Some(13)));
    assert_eq!(near.differs_only_in, Some((Difference::QuotationMarks, 26)));
    assert_eq!(near.quote_goes_on, "\"it's  over\"");
    assert_eq!(miss("over”. That").differs_only_in, Some((Difference::WhiteSpace, 42)));
    assert_eq!(miss("Reported it").differs_only_in, Some((Difference::Case, 4)));
    let none = miss("zzz");
    assert_eq!((none.matched_code_points, none.stops_at), (0, None));
    assert_eq!(
        place(&words("she denied")).expect_err("she did not").to_string(),
        "\"she denied\" not found; its first 4 of 10 code points match up to 26, where the text has \
         \"reported “it’s  over”.\\nT…\" and the quote \"denied\""
    );
}

#[test]
fn errors_stay_small_and_search_stays_linear() {
    let text = index(&"a".repeat(TEXT_BYTES_MAX));
    let half = "a".repeat(TEXT_BYTES_MAX / 2);
    let started = Instant::now();
    let error = anchor(&text, &words(&half), Some(&[0..9, 3..2_000_000])).expect_err("everywhere");
    assert!(error.to_string().len() < 400, "{error}");
    let AnchorError::Ambiguous { places, .. } = error else { panic!("{error}") };
    assert_eq!((places.first.len(), places.total), (PLACES_MAX, 951_422));
    let missing = format!("{half}b");
    let error = anchor(&text, &words(&missing), None).expect_err("no b");
    assert!(error.to_string().len() < 600, "{error}");
    // Quadratic time would be hours; the rest is the slack of a busy machine without optimisation.
    assert!(started.elapsed() < Duration::from_secs(60));
}

proptest! {
    #[test]
    fn what_is_anchored_stands_there(text in "[abé]{0,30}", exact in "[abé]{1,3}", prefix in "[abé]{0,2}", suffix in "[abé]{0,2}") {
        let index = index(&text);
        let characters: Vec<char> = text.chars().collect();
        let places: Vec<u32> = (0..characters.len())
            .filter(|at| {
                let rest: String = characters[*at..].iter().collect();
                let before: String = characters[..*at].iter().collect();
                rest.starts_with(&format!("{exact}{suffix}")) && before.ends_with(&prefix)
            })
            .map(|at| u32::try_from(at).expect("small"))
            .collect();
        let anchored = anchor(&index, &around(&prefix, &exact, &suffix), None);
        match places.as_slice() {
            [start] => {
                let anchored = anchored.expect("once");
                prop_assert_eq!(anchored.start, *start);
                prop_assert_eq!(index.slice(&(anchored.start..anchored.end)), Ok(exact.as_str()));
                let again = positions(anchored.start, anchored.end, None);
                prop_assert_eq!(anchor(&index, &again, None), Ok(anchored));
            }
            [] => {
                let is_missing = matches!(
                    anchored,
                    Err(AnchorError::NotFound(_) | AnchorError::ContextNotFound { .. })
                );
                prop_assert!(is_missing);
            }
            _ => {
                let is_ambiguous = matches!(anchored, Err(AnchorError::Ambiguous { places: found, .. }) if places.starts_with(&found.first) && wide(found.total) == places.len());
                prop_assert!(is_ambiguous);
            }
        }
    }
}
