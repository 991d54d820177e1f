//! Tests of reading words. The first table is what the words say, the second what they do not say.

use proptest::prelude::*;

use super::*;
use crate::domain::figure::{Lower, Upper};

fn english() -> Language {
    "en-GB".parse().expect("a tag")
}

/// `QUALIFIER value [bounds] KIND scale word digits`, `-` for what is absent.
fn written(reading: &Reading) -> String {
    let text = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
    format!(
        "{} {} [{}] {} {} {}",
        reading.qualifier,
        text(reading.value.as_ref().map(Decimal::to_string)),
        reading.bounds,
        text(reading.kind.map(|kind| kind.to_string())),
        text(reading.scale_word.clone()),
        text(reading.significant_digits.map(|digits| digits.to_string())),
    )
}

fn reads(words: &str) -> Option<String> {
    read(words, Some(&english())).as_ref().map(written)
}

#[test]
fn what_words_say() {
    for (words, expected) in [
        // the figures of the first article
        ("13,000", "BARE 13000 [at least 13000 and at most 13000] - - 2"),
        ("nearly 2,000", "NEARLY 2000 [less than 2000] - - 1"),
        ("more than two dozen", "MORE_THAN 24 [more than 24] - dozen 1"),
        ("first", "EXACTLY 1 [at least 1 and at most 1] ORDINAL - -"),
        ("decades", "VAGUE - [any number] - decades -"),
        // digits
        ("0", "BARE 0 [at least 0 and at most 0] - - 1"),
        ("1,234,567", "BARE 1234567 [at least 1234567 and at most 1234567] - - 7"),
        ("13\u{a0}000", "BARE 13000 [at least 13000 and at most 13000] - - 2"),
        ("about 10.0", "ABOUT 10.0 [any number] - - 3"),
        ("−5", "BARE -5 [at least -5 and at most -5] - - 1"),
        ("1.5 million", "BARE 1500000 [at least 1500000 and at most 1500000] - million 2"),
        ("over 1.50 Million", "MORE_THAN 1500000 [more than 1500000] - million 3"),
        // words
        ("Exactly twenty-five", "EXACTLY 25 [at least 25 and at most 25] - - 2"),
        ("some two hundred and five", "ABOUT 205 [any number] - - 3"),
        ("a hundred", "BARE 100 [at least 100 and at most 100] - hundred 1"),
        ("at least two hundred thousand", "AT_LEAST 200000 [at least 200000] - thousand 1"),
        ("under a hundred thousand", "LESS_THAN 100000 [less than 100000] - thousand 1"),
        ("at most two thousand and five", "AT_MOST 2005 [at most 2005] - - 4"),
        ("no more than two million three hundred thousand", "AT_MOST 2300000 [at most 2300000] - thousand 2"),
        ("up to fifteen hundred", "UP_TO 1500 [at most 1500] - hundred 2"),
        ("as many as half a million", "UP_TO 500000 [at most 500000] - million 1"),
        ("almost a dozen", "NEARLY 12 [less than 12] - dozen 1"),
        ("dozen", "BARE 12 [at least 12 and at most 12] - dozen 1"),
        // qualifiers
        ("just  under\n50", "NEARLY 50 [less than 50] - - 1"),
        ("just over 50", "JUST_OVER 50 [more than 50] - - 1"),
        ("upwards of 50", "MORE_THAN 50 [more than 50] - - 1"),
        ("fewer than 50", "LESS_THAN 50 [less than 50] - - 1"),
        ("no fewer than 50", "AT_LEAST 50 [at least 50] - - 1"),
        ("no less than 50", "AT_LEAST 50 [at least 50] - - 1"),
        ("2,000 or more", "AT_LEAST 2000 [at least 2000] - - 1"),
        ("at the very least 50", "AT_LEAST 50 [at least 50] - - 1"),
        ("just shy of 50", "NEARLY 50 [less than 50] - - 1"),
        ("up to around 50", "VAGUE - [any number] - - -"),
        ("about 50 or more", "VAGUE - [any number] - - -"),
        // ranges
        ("between 10 and 20", "BETWEEN - [at least 10 and at most 20] - - -"),
        ("10 to 20", "BETWEEN - [at least 10 and at most 20] - - -"),
        ("10–20", "BETWEEN - [at least 10 and at most 20] - - -"),
        ("from ten to twenty", "BETWEEN - [at least 10 and at most 20] - - -"),
        ("between 1 million and 2 million", "BETWEEN - [at least 1000000 and at most 2000000] - million -"),
        ("10% to 20%", "BETWEEN - [at least 10 and at most 20] PERCENT - -"),
        // shares and places
        ("nearly 15.39%", "NEARLY 15.39 [less than 15.39] PERCENT - 4"),
        ("ten per cent", "BARE 10 [at least 10 and at most 10] PERCENT - 1"),
        ("22nd", "EXACTLY 22 [at least 22 and at most 22] ORDINAL - -"),
        ("111th", "EXACTLY 111 [at least 111 and at most 111] ORDINAL - -"),
        ("twenty-first", "EXACTLY 21 [at least 21 and at most 21] ORDINAL - -"),
        ("thirtieth", "EXACTLY 30 [at least 30 and at most 30] ORDINAL - -"),
        // no number
        ("none", "NONE_AT_ALL - [at least 0 and at most 0] - - -"),
        ("dozens", "VAGUE - [any number] - dozens -"),
        ("several hundred", "VAGUE - [any number] - hundred -"),
        ("a few", "VAGUE - [any number] - - -"),
        ("Hundreds of thousands", "VAGUE - [any number] - hundreds of thousands -"),
    ] {
        assert_eq!(reads(words).as_deref(), Some(expected), "{words}");
    }
}

#[test]
fn what_words_do_not_say() {
    for words in [
        "",
        " ",
        "nearly",
        "more than",
        "13,000 soldiers",
        "every surface",
        "1,23",
        "0,123",
        "007",
        "1 234",
        "1,234 567",
        "12 000",
        "nearly 12 000",
        "£12 000",
        "3m",
        "nearly 3m",
        "close to 100",
        "nearing 100",
        "barely 100",
        "as few as 20",
        "5 or 6",
        "nearly first",
        "about dozens",
        "more than several",
        "at least 5 or more",
        "exactly exactly 5",
        "more than 10 to 20",
        "20 to 10",
        "between 10 to 20",
        "between 10",
        "five twenty",
        "twenty-ten",
        "twenty hundred",
        "two million three million",
        "two thousand three million",
        "two thousand thousand",
        "1.5 2.5 million",
        "21th",
        "11st",
        "0th",
        "1.5th",
        "more than -5",
        "-0",
        "2017-05",
        "2 million and",
        "and five",
    ] {
        assert_eq!(reads(words), None, "{words}");
    }
    assert_eq!(reads(&"9".repeat(50)), None);
    assert_eq!(reads(&"nearly ".repeat(1_000)), None);
}

#[test]
fn a_language_that_is_not_known_is_not_guessed() {
    let german: Language = "de".parse().expect("a tag");
    assert_eq!(read("13.000", Some(&german)), None);
    let unstated = |words: &str| read(words, None).and_then(|reading| reading.value).map(|v| v.to_string());
    assert_eq!(unstated("nearly 2,000").as_deref(), Some("2000"));
    assert_eq!(unstated("2,000"), None);
    assert_eq!(unstated("2.000"), None);
    assert_eq!(unstated("2,5"), None);
    // A German Billion is a thousand English ones.
    assert_eq!(unstated("2 billion"), None);
    assert_eq!(unstated("nearly 2 billion").as_deref(), Some("2000000000"));
    let undetermined = "und".parse().unwrap();
    assert_eq!(read("nearly 2,000", Some(&undetermined)), read("nearly 2,000", None));
    assert_eq!(read("2,000", Some(&undetermined)), None);
    assert_eq!(unstated("1,234,567").as_deref(), Some("1234567"));
    assert_eq!(unstated("1.5").as_deref(), Some("1.5"));
    // a German Billion is a million millions, a Spanish mil a thousand
    assert_eq!(unstated("5 billion"), None);
    assert_eq!(unstated("100 mil"), None);
    assert_eq!(unstated("nearly 5 billion").as_deref(), Some("5000000000"));
    assert_eq!(unstated("5 million").as_deref(), Some("5000000"));
    assert_eq!(unstated("24").as_deref(), Some("24"));
}

/// A number below a million in English words.
fn in_words(number: u64) -> String {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let at = |n: u64| usize::try_from(n).expect("small");
    match number {
        0..20 => SMALL[at(number)].to_owned(),
        20..100 if number.is_multiple_of(10) => TENS[at(number / 10 - 2)].to_owned(),
        20..100 => format!("{}-{}", TENS[at(number / 10 - 2)], SMALL[at(number % 10)]),
        100..1_000 if number.is_multiple_of(100) => format!("{} hundred", SMALL[at(number / 100)]),
        100..1_000 => format!("{} hundred and {}", SMALL[at(number / 100)], in_words(number % 100)),
        _ if number.is_multiple_of(1_000) => format!("{} thousand", in_words(number / 1_000)),
        _ => format!("{} thousand {}", in_words(number / 1_000), in_words(number % 1_000)),
    }
}

/// A number with a comma before each group of three digits.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let comma = |at: usize| at > 0 && (digits.len() - at).is_multiple_of(3);
    digits.chars().enumerate().flat_map(|(at, c)| comma(at).then_some(',').into_iter().chain([c])).collect()
}

proptest! {
    #[test]
    fn words_and_digits_name_the_same_number(number in 1u64..1_000_000) {
        let value = |words: &str| read(words, Some(&english())).and_then(|reading| reading.value);
        let expected = Some(Decimal::from(number));
        prop_assert_eq!(value(&in_words(number)), expected.clone());
        prop_assert_eq!(value(&with_commas(number)), expected.clone());
        prop_assert_eq!(value(&format!("more than {}", in_words(number))), expected);
    }

    #[test]
    fn a_range_parts_in_one_place(low in 1u64..1_000, more in 0u64..1_000) {
        let high = low + more;
        let words = format!("between {} and {}", in_words(low), in_words(high));
        if let Some(reading) = read(&words, Some(&english())) {
            let bounds = Bounds::between(Lower::AtLeast(low.into()), Upper::AtMost(high.into()));
            prop_assert_eq!(reading.bounds, bounds, "{}", words);
        }
    }

    #[test]
    fn a_reading_agrees_with_the_rules(words in "((nearly|about|no|more|than|a|five|dozen|hundred|and|to|10|2,000|%|few|first|million) ?){1,6}") {
        if let Some(reading) = read(&words, Some(&english())) {
            let stored = crate::domain::figure::stored(reading.qualifier, reading.value.as_ref(), &reading.bounds);
            prop_assert_eq!(stored, Ok(reading.bounds));
        }
    }
}

#[test]
fn who_can_change_it_is_told_why_words_are_not_read() {
    let german: Language = "de".parse().unwrap();
    let english: Language = "en".parse().unwrap();
    let undetermined: Language = "und".parse().unwrap();
    assert!(why_unread("umpteen", None).starts_with("they are not wholly one figure"));
    assert!(why_unread("umpteen", Some(&english)).starts_with("they are not wholly one figure"));
    assert!(why_unread("2,000", None).starts_with("no language is stated"));
    assert!(why_unread("2,000", Some(&undetermined)).starts_with("no language is stated"));
    assert_eq!(why_unread("2,000", Some(&german)), "there is no reader for the language de");
}
