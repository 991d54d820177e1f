//! English: a qualifier phrase and a number, a range, or a vague quantity.

use super::Reading;
use super::numbers::{self, Number};
use crate::domain::figure::bounds::{Bounds, Lower, Upper, entailed};
use crate::domain::figure::{FigureKind, Qualifier};

/// Phrases in front of a number. None of them begins with another.
const BEFORE: &[(&[&str], Qualifier)] = &[
    (&["exactly"], Qualifier::Exactly),
    (&["precisely"], Qualifier::Exactly),
    (&["about"], Qualifier::About),
    (&["around"], Qualifier::About),
    (&["some"], Qualifier::About),
    (&["approximately"], Qualifier::About),
    (&["circa"], Qualifier::About),
    (&["roughly"], Qualifier::About),
    (&["nearly"], Qualifier::Nearly),
    (&["almost"], Qualifier::Nearly),
    (&["just", "under"], Qualifier::Nearly),
    (&["just", "over"], Qualifier::JustOver),
    (&["just", "above"], Qualifier::JustOver),
    (&["slightly", "more", "than"], Qualifier::JustOver),
    (&["more", "than"], Qualifier::MoreThan),
    (&["over"], Qualifier::MoreThan),
    (&["above"], Qualifier::MoreThan),
    (&["exceeding"], Qualifier::MoreThan),
    (&["upwards", "of"], Qualifier::MoreThan),
    (&["in", "excess", "of"], Qualifier::MoreThan),
    (&["fewer", "than"], Qualifier::LessThan),
    (&["less", "than"], Qualifier::LessThan),
    (&["under"], Qualifier::LessThan),
    (&["below"], Qualifier::LessThan),
    (&["at", "least"], Qualifier::AtLeast),
    (&["no", "fewer", "than"], Qualifier::AtLeast),
    (&["no", "less", "than"], Qualifier::AtLeast),
    (&["not", "fewer", "than"], Qualifier::AtLeast),
    (&["not", "less", "than"], Qualifier::AtLeast),
    (&["at", "most"], Qualifier::AtMost),
    (&["no", "more", "than"], Qualifier::AtMost),
    (&["not", "more", "than"], Qualifier::AtMost),
    (&["up", "to"], Qualifier::UpTo),
    (&["as", "many", "as"], Qualifier::UpTo),
    (&["as", "much", "as"], Qualifier::UpTo),
];

/// Phrases behind a number, which then has none in front of it.
const BEHIND: &[(&[&str], Qualifier)] = &[
    (&["or", "so"], Qualifier::About),
    (&["or", "more"], Qualifier::AtLeast),
    (&["or", "fewer"], Qualifier::AtMost),
    (&["or", "less"], Qualifier::AtMost),
];

const NONE_AT_ALL: &[&str] = &["no", "none", "nobody", "no one", "zero"];

/// Words for quantities without a number; the second word is what stands for a number in it.
const VAGUE: &[(&str, Option<&str>)] = &[
    ("few", None),
    ("a few", None),
    ("several", None),
    ("many", None),
    ("a handful", None),
    ("tens", Some("tens")),
    ("scores", Some("scores")),
    ("dozens", Some("dozens")),
    ("hundreds", Some("hundreds")),
    ("thousands", Some("thousands")),
    ("millions", Some("millions")),
    ("billions", Some("billions")),
    ("decades", Some("decades")),
    ("centuries", Some("centuries")),
    ("tens of thousands", Some("tens of thousands")),
    ("hundreds of thousands", Some("hundreds of thousands")),
    ("tens of millions", Some("tens of millions")),
    ("hundreds of millions", Some("hundreds of millions")),
];

pub(super) fn read(words: &str) -> Option<Reading> {
    let tokens = tokens(words);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    read_tokens(&tokens)
}

/// Reads words whose language is not stated: only if an English phrase is among them, or no number
/// in them could be read otherwise by the rules of another language.
pub(super) fn read_if_unmistakable(words: &str) -> Option<Reading> {
    let tokens = tokens(words);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let is_english = qualifier_before(&tokens).is_some()
        || qualifier_behind(&tokens).is_some()
        || matches!(tokens.first(), Some(&("between" | "from")));
    if !is_english && tokens.iter().any(|token| numbers::is_ambiguous(token)) {
        return None;
    }
    read_tokens(&tokens)
}

/// The words in lower case; `%` and an en dash between numbers stand alone.
fn tokens(words: &str) -> Vec<String> {
    let apart = words.to_lowercase().replace('%', " % ").replace('–', " – ").replace('’', "'");
    // Spaces that group digits are part of a number; str::split_whitespace would part them.
    let is_separator = |c: char| c.is_whitespace() && !numbers::is_digit_space(c);
    apart.split(is_separator).filter(|token| !token.is_empty()).map(str::to_owned).collect()
}

fn read_tokens(tokens: &[&str]) -> Option<Reading> {
    without_value(tokens).or_else(|| ordinal(tokens)).or_else(|| range(tokens)).or_else(|| qualified(tokens))
}

fn without_value(tokens: &[&str]) -> Option<Reading> {
    let phrase = tokens.join(" ");
    let reading = |qualifier, scale_word: Option<&str>| {
        let bounds = entailed(qualifier, None).ok()?;
        let scale_word = scale_word.map(str::to_owned);
        Some(Reading { qualifier, value: None, bounds, kind: None, scale_word, significant_digits: None })
    };
    if NONE_AT_ALL.contains(&phrase.as_str()) {
        return reading(Qualifier::NoneAtAll, None);
    }
    if let Some((_, scale_word)) = VAGUE.iter().find(|(words, _)| *words == phrase) {
        return reading(Qualifier::Vague, *scale_word);
    }
    // "several hundred", "a few dozen"
    let (scale_word, some) = tokens.split_last()?;
    let is_some = matches!(some, ["several" | "many"] | ["a", "few"]);
    if is_some && numbers::scale(scale_word).is_some() {
        return reading(Qualifier::Vague, Some(*scale_word));
    }
    None
}

/// "first", "2nd", "twenty-first": exactly that place.
fn ordinal(tokens: &[&str]) -> Option<Reading> {
    let [token] = tokens else {
        return None;
    };
    let value = numbers::ordinal(token)?;
    let bounds = Bounds::exactly(&value);
    Some(Reading {
        qualifier: Qualifier::Exactly,
        value: Some(value),
        bounds,
        kind: Some(FigureKind::Ordinal),
        scale_word: None,
        significant_digits: None,
    })
}

/// "between 10 and 20", "from 10 to 20", "10 to 20", "10–20". Both numbers stand whole: in "1 to
/// 2 million" the first may be one, and in "10 to 20 %" it may not be a share, so neither is read.
fn range(tokens: &[&str]) -> Option<Reading> {
    let (tokens, separators): (_, &[&str]) = match tokens {
        ["between", rest @ ..] => (rest, &["and"]),
        ["from", rest @ ..] => (rest, &["to"]),
        _ => (tokens, &["to", "–"]),
    };
    // "a hundred and five and two hundred" has more than one place to part; it must read once.
    let parted = |(at, token): (usize, &&str)| {
        let (low, high) = (tokens.get(..at)?, tokens.get(at + 1..)?);
        separators.contains(token).then(|| quantity(low).zip(quantity(high))).flatten()
    };
    let mut readings = tokens.iter().enumerate().filter_map(parted);
    let ((low, low_kind), (high, high_kind)) = readings.next()?;
    if readings.next().is_some() {
        return None;
    }
    if low_kind != high_kind || (low.scale_word.is_none() && high.scale_word.is_some()) {
        return None;
    }
    let bounds = Bounds::between(Lower::AtLeast(low.value), Upper::AtMost(high.value));
    Some(Reading {
        qualifier: Qualifier::Between,
        value: None,
        bounds: Some(bounds).filter(|bounds| !bounds.is_empty())?,
        kind: low_kind,
        scale_word: high.scale_word.filter(|word| low.scale_word.as_ref() == Some(word)),
        significant_digits: None,
    })
}

fn qualified(tokens: &[&str]) -> Option<Reading> {
    let (qualifier, tokens) =
        qualifier_before(tokens).or_else(|| qualifier_behind(tokens)).unwrap_or((Qualifier::Bare, tokens));
    let (number, kind) = quantity(tokens)?;
    let is_plain = matches!(qualifier, Qualifier::Bare | Qualifier::Exactly | Qualifier::About);
    // "more than -5 degrees" means either direction, depending on the writer.
    if number.value.is_negative() && !is_plain {
        return None;
    }
    Some(Reading {
        qualifier,
        bounds: entailed(qualifier, Some(&number.value)).ok()?,
        kind,
        scale_word: number.scale_word,
        significant_digits: Some(number.significant_digits),
        value: Some(number.value),
    })
}

fn qualifier_before<'a>(tokens: &'a [&'a str]) -> Option<(Qualifier, &'a [&'a str])> {
    BEFORE.iter().find_map(|(phrase, qualifier)| Some((*qualifier, tokens.strip_prefix(*phrase)?)))
}

fn qualifier_behind<'a>(tokens: &'a [&'a str]) -> Option<(Qualifier, &'a [&'a str])> {
    BEHIND.iter().find_map(|(phrase, qualifier)| Some((*qualifier, tokens.strip_suffix(*phrase)?)))
}

/// A number, and whether it is a share of a hundred.
fn quantity(tokens: &[&str]) -> Option<(Number, Option<FigureKind>)> {
    let without_percent = match tokens {
        [number @ .., "%" | "percent"] | [number @ .., "per", "cent"] => Some(number),
        _ => None,
    };
    let kind = without_percent.map(|_| FigureKind::Percent);
    Some((numbers::number(without_percent.unwrap_or(tokens))?, kind))
}
