//! The words of English numbers, and the phrases that qualify them. Data alone; `number` and `figure` say how it combines.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::figure::Qualifier;

/// What a word is in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Zero to nineteen.
    Small(u8),
    /// Twenty to ninety.
    Ten(u8),
    /// "hundred".
    Hundred,
    /// "thousand", "lakh", "million": ten to this power.
    Scale(u8),
    /// "dozen", "score": so many of them make a number, and nothing follows it.
    Dozen(u8),
    /// "first" to "ninetieth", and "fifths".
    Ordinal { value: u8, is_plural: bool },
    /// "hundredth", "millionths": ten to this power.
    OrdinalScale { exponent: u8, is_plural: bool },
    /// "half", "quarters": one over this, and never a place in an order.
    Part { over: u8, is_plural: bool },
}

const SMALL: &[&str] = &[
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

const TENS: &[&str] = &["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

const ORDINALS: &[&str] = &[
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

/// Words that multiply, with the power of ten. The plural multiplies too ("three billions").
const SCALES: &[(&str, u8)] = &[
    ("thousand", 3),
    ("lakh", 5),
    ("lac", 5),
    ("lkh", 5),
    ("million", 6),
    ("crore", 7),
    ("krore", 7),
    ("koti", 7),
    ("billion", 9),
    ("trillion", 12),
    ("quadrillion", 15),
    ("quintillion", 18),
    ("sextillion", 21),
];

/// Common misspellings.
const MISSPELT: &[(&str, &str)] = &[
    ("fourty", "forty"),
    ("ninty", "ninety"),
    ("fourtieth", "fortieth"),
    ("nineth", "ninth"),
    ("twelveth", "twelfth"),
];

/// Abbreviations, which multiply only behind digits.
const ABBREVIATIONS: &[(&str, u8)] = &[
    ("k", 3),
    ("mn", 6),
    ("mln", 6),
    ("mil", 6),
    ("b", 9),
    ("bn", 9),
    ("bln", 9),
    ("tn", 12),
    ("trn", 12),
    ("tln", 12),
];

static MEANINGS: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
    let mut meanings = HashMap::new();
    let number = |at: usize| u8::try_from(at).unwrap_or(u8::MAX);
    let mut add = |word: String, meaning| {
        meanings.insert(word, meaning);
    };
    for (at, word) in SMALL.iter().enumerate() {
        add((*word).to_owned(), Meaning::Small(number(at)));
    }
    for zero in ["nought", "naught"] {
        add(zero.to_owned(), Meaning::Small(0));
    }
    for (at, word) in TENS.iter().enumerate() {
        let value = number(at + 2) * 10;
        add((*word).to_owned(), Meaning::Ten(value));
        let stem = word.trim_end_matches('y');
        add(format!("{stem}ieth"), Meaning::Ordinal { value, is_plural: false });
        add(format!("{stem}ieths"), Meaning::Ordinal { value, is_plural: true });
    }
    for (at, word) in ORDINALS.iter().enumerate() {
        let value = number(at + 1);
        add((*word).to_owned(), Meaning::Ordinal { value, is_plural: false });
        // "seconds" are a unit of time.
        if value != 2 {
            add(format!("{word}s"), Meaning::Ordinal { value, is_plural: true });
        }
    }
    for (word, exponent) in SCALES {
        add((*word).to_owned(), Meaning::Scale(*exponent));
        add(format!("{word}s"), Meaning::Scale(*exponent));
    }
    let ordinal_scales = SCALES.iter().copied().filter(|(word, _)| word.ends_with("ion") || *word == "thousand");
    for (word, exponent) in ordinal_scales.chain([("hundred", 2)]) {
        add(format!("{word}th"), Meaning::OrdinalScale { exponent, is_plural: false });
        add(format!("{word}ths"), Meaning::OrdinalScale { exponent, is_plural: true });
    }
    // "twentyfifth"
    for (ten, word) in TENS.iter().enumerate() {
        for (at, ordinal) in ORDINALS.iter().take(9).enumerate() {
            let value = number(ten + 2) * 10 + number(at + 1);
            add(format!("{word}{ordinal}"), Meaning::Ordinal { value, is_plural: false });
        }
    }
    for hundred in ["hundred", "hundreds"] {
        add(hundred.to_owned(), Meaning::Hundred);
    }
    for (word, of) in [("dozen", 12), ("dozens", 12), ("doz", 12), ("dozs", 12), ("dz", 12), ("dzs", 12), ("score", 20)]
    {
        add(word.to_owned(), Meaning::Dozen(of));
    }
    for (word, over, is_plural) in
        [("half", 2, false), ("halves", 2, true), ("quarter", 4, false), ("quarters", 4, true)]
    {
        add(word.to_owned(), Meaning::Part { over, is_plural });
    }
    for (word, correct) in MISSPELT {
        if let Some(meaning) = meanings.get(*correct).copied() {
            meanings.insert((*word).to_owned(), meaning);
        }
    }
    meanings
});

/// What a word is in a number, if anything.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    MEANINGS.get(word).copied()
}

/// The power of ten that an abbreviation behind digits stands for. A lower-case "m" is a metre unless the number is an
/// amount of money.
pub(super) fn abbreviation(raw: &str, lower: &str, is_money: bool) -> Option<u8> {
    if lower == "m" {
        return (raw == "M" || is_money).then_some(6);
    }
    if raw == "MM" {
        return Some(6);
    }
    ABBREVIATIONS.iter().find(|(word, _)| *word == lower).map(|(_, exponent)| *exponent)
}

/// Words that other languages have with another meaning: a German Billion is a million millions, and "no" begins a Spanish
/// sentence.
pub(super) const DOUBTFUL: &[&str] = &[
    "mil",
    "billion",
    "billions",
    "trillion",
    "trillions",
    "quadrillion",
    "bn",
    "b",
    "tn",
    "trn",
    "cent",
    "cents",
    "no",
    "an",
    "crown",
    "crowns",
    "stone",
];

/// Phrases in front of a number.
const BEFORE: &[(&str, Qualifier)] = &[
    ("exactly", Qualifier::Exactly),
    ("precisely", Qualifier::Exactly),
    ("equal to", Qualifier::Exactly),
    ("equals", Qualifier::Exactly),
    ("equals to", Qualifier::Exactly),
    ("equaling to", Qualifier::Exactly),
    ("about", Qualifier::About),
    ("around", Qualifier::About),
    ("some", Qualifier::About),
    ("approximately", Qualifier::About),
    ("approx", Qualifier::About),
    ("approx .", Qualifier::About),
    ("circa", Qualifier::About),
    ("roughly", Qualifier::About),
    ("in the order of", Qualifier::About),
    ("of the order of", Qualifier::About),
    ("on the order of", Qualifier::About),
    ("an estimated", Qualifier::About),
    ("estimated", Qualifier::About),
    ("~", Qualifier::About),
    ("≈", Qualifier::About),
    ("nearly", Qualifier::Nearly),
    ("almost", Qualifier::Nearly),
    ("just under", Qualifier::Nearly),
    ("just below", Qualifier::Nearly),
    ("just shy of", Qualifier::Nearly),
    ("just short of", Qualifier::Nearly),
    ("slightly less than", Qualifier::Nearly),
    ("a little under", Qualifier::Nearly),
    ("a little below", Qualifier::Nearly),
    ("a little less than", Qualifier::Nearly),
    ("just over", Qualifier::JustOver),
    ("just above", Qualifier::JustOver),
    ("just more than", Qualifier::JustOver),
    ("slightly more than", Qualifier::JustOver),
    ("a little over", Qualifier::JustOver),
    ("a little above", Qualifier::JustOver),
    ("a little more than", Qualifier::JustOver),
    ("more than", Qualifier::MoreThan),
    ("greater than", Qualifier::MoreThan),
    ("larger than", Qualifier::MoreThan),
    ("bigger than", Qualifier::MoreThan),
    ("higher than", Qualifier::MoreThan),
    ("older than", Qualifier::MoreThan),
    ("over", Qualifier::MoreThan),
    ("above", Qualifier::MoreThan),
    ("exceed", Qualifier::MoreThan),
    ("exceeds", Qualifier::MoreThan),
    ("exceeded", Qualifier::MoreThan),
    ("exceeding", Qualifier::MoreThan),
    ("surpass", Qualifier::MoreThan),
    ("surpasses", Qualifier::MoreThan),
    ("surpassed", Qualifier::MoreThan),
    ("surpassing", Qualifier::MoreThan),
    ("tops", Qualifier::MoreThan),
    ("topped", Qualifier::MoreThan),
    ("upwards of", Qualifier::MoreThan),
    ("in excess of", Qualifier::MoreThan),
    (">", Qualifier::MoreThan),
    ("fewer than", Qualifier::LessThan),
    ("less than", Qualifier::LessThan),
    ("smaller than", Qualifier::LessThan),
    ("lower than", Qualifier::LessThan),
    ("younger than", Qualifier::LessThan),
    ("under", Qualifier::LessThan),
    ("below", Qualifier::LessThan),
    ("<", Qualifier::LessThan),
    ("at least", Qualifier::AtLeast),
    ("at least or equal to", Qualifier::AtLeast),
    ("at the least", Qualifier::AtLeast),
    ("at the very least", Qualifier::AtLeast),
    ("no fewer than", Qualifier::AtLeast),
    ("no less than", Qualifier::AtLeast),
    ("not fewer than", Qualifier::AtLeast),
    ("not less than", Qualifier::AtLeast),
    ("a minimum of", Qualifier::AtLeast),
    ("more than or equal to", Qualifier::AtLeast),
    ("greater than or equal to", Qualifier::AtLeast),
    ("equal to or more than", Qualifier::AtLeast),
    ("equal to or greater than", Qualifier::AtLeast),
    ("bigger or equal than", Qualifier::AtLeast),
    ("greater or equal than", Qualifier::AtLeast),
    ("higher or equal than", Qualifier::AtLeast),
    ("larger or equal than", Qualifier::AtLeast),
    ("> =", Qualifier::AtLeast),
    ("≥", Qualifier::AtLeast),
    ("at most", Qualifier::AtMost),
    ("at the most", Qualifier::AtMost),
    ("at the very most", Qualifier::AtMost),
    ("no more than", Qualifier::AtMost),
    ("not more than", Qualifier::AtMost),
    ("a maximum of", Qualifier::AtMost),
    ("less than or equal to", Qualifier::AtMost),
    ("fewer than or equal to", Qualifier::AtMost),
    ("equal to or less than", Qualifier::AtMost),
    ("equal to or fewer than", Qualifier::AtMost),
    ("smaller or equal than", Qualifier::AtMost),
    ("less or equal than", Qualifier::AtMost),
    ("lower or equal than", Qualifier::AtMost),
    ("< =", Qualifier::AtMost),
    ("≤", Qualifier::AtMost),
    ("up to", Qualifier::UpTo),
    ("as many as", Qualifier::UpTo),
    ("as much as", Qualifier::UpTo),
];

/// Phrases behind a number, which then has none in front of it that bounds it.
pub(super) const BEHIND: &[(&[&str], Qualifier)] = &[
    (&["or", "so"], Qualifier::About),
    (&["or", "more"], Qualifier::AtLeast),
    (&["and", "more"], Qualifier::AtLeast),
    (&["or", "greater"], Qualifier::AtLeast),
    (&["or", "fewer"], Qualifier::AtMost),
    (&["or", "less"], Qualifier::AtMost),
];

/// Words for quantities without a number; the second is the word that stands for a number in it.
pub(super) const VAGUE: &[(&[&str], Option<&str>)] = &[
    (&["few"], None),
    (&["a", "few"], None),
    (&["several"], None),
    (&["many"], None),
    (&["a", "handful"], None),
    (&["a", "handful", "of"], None),
    (&["tens"], Some("tens")),
    (&["scores"], Some("scores")),
    (&["dozens"], Some("dozens")),
    (&["hundreds"], Some("hundreds")),
    (&["thousands"], Some("thousands")),
    (&["millions"], Some("millions")),
    (&["billions"], Some("billions")),
    (&["trillions"], Some("trillions")),
    (&["decades"], Some("decades")),
    (&["centuries"], Some("centuries")),
];

/// Words for nothing.
pub(super) const NONE_AT_ALL: &[&[&str]] = &[&["none"], &["nobody"], &["no", "one"], &["zero"], &["nil"]];

/// A phrase and the qualifier it means.
type Phrase = (Vec<&'static str>, Qualifier);

/// The phrases in front of a number by their first word, longest first.
static PHRASES: LazyLock<HashMap<&'static str, Vec<Phrase>>> = LazyLock::new(|| {
    let mut phrases: HashMap<&str, Vec<Phrase>> = HashMap::new();
    for (phrase, qualifier) in BEFORE {
        let words: Vec<&str> = phrase.split(' ').collect();
        phrases.entry(words.first().copied().unwrap_or_default()).or_default().push((words, *qualifier));
    }
    phrases.values_mut().for_each(|phrases| phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len())));
    phrases
});

/// The phrases in front of a number that begin with this word.
pub(super) fn phrases(first: &str) -> &'static [Phrase] {
    PHRASES.get(first).map_or(&[], Vec::as_slice)
}
