//! English numbers: digits, simple words, scale words and ordinals. Not here: fractions, Roman
//! numerals, abbreviated scales ("2k", "5bn").

use crate::domain::decimal::Decimal;

/// A number and how it was written.
pub(super) struct Number {
    pub(super) value: Decimal,
    /// The word that multiplies it.
    pub(super) scale_word: Option<String>,
    pub(super) significant_digits: u32,
}

/// Zero to nineteen, each at its number.
const UNITS: &[&str] = &[
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

/// Twenty to ninety, each at its number of tens.
const TENS: &[&str] = &["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// First to nineteenth, each at its number.
const ORDINALS: &[&str] = &[
    "",
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
];

/// The multipliers that part a number into groups, from the greatest.
const GROUPS: &[(&str, u64)] =
    &[("trillion", 1_000_000_000_000), ("billion", 1_000_000_000), ("million", 1_000_000), ("thousand", 1_000)];

/// What a scale word multiplies by.
pub(super) fn scale(word: &str) -> Option<u64> {
    match word {
        "dozen" => Some(12),
        "hundred" => Some(100),
        _ => GROUPS.iter().find(|(group, _)| *group == word).map(|(_, factor)| *factor),
    }
}

/// A number in digits or words, with its scale word; or nothing if anything is left over.
pub(super) fn number(tokens: &[&str]) -> Option<Number> {
    let (scale_word, coefficient) = match tokens.split_last()? {
        (last, before) if scale(last).is_some() => (Some(*last), before),
        _ => (None, tokens),
    };
    let factor = scale_word.map_or(Some(1), scale)?;
    let scaled = |coefficient: Decimal| {
        Some(Number {
            significant_digits: coefficient.stated_significant_digits(),
            value: if factor == 1 { coefficient } else { coefficient.times(factor).ok()? },
            scale_word: scale_word.map(str::to_owned),
        })
    };
    match (coefficient, scale_word) {
        ([token], _) if token.contains(|c: char| c.is_ascii_digit()) => scaled(digits(token)?),
        ([] | ["a"], Some("dozen")) | (["a"], Some(_)) => scaled(Decimal::from(1u64)),
        (["half", "a"], Some(_)) => scaled("0.5".parse().ok()?),
        (_, Some("dozen")) => scaled(Decimal::from(cardinal(coefficient)?)),
        (_, Some(_)) => {
            // All of the words make the number, so that only they decide which orders are allowed.
            let value = Decimal::from(cardinal(tokens)?);
            let stated = value.stated_significant_digits();
            Some(Number { value, scale_word: scale_word.map(str::to_owned), significant_digits: stated })
        }
        (_, None) => scaled(Decimal::from(cardinal(tokens)?)),
    }
}

/// Whether a space groups digits: the no-break and thin ones do, and a plain space parts numbers.
pub(super) fn is_digit_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// Whether the digits are another number where a comma parts the fraction: `13,000` and `13.000`.
pub(super) fn is_ambiguous(token: &str) -> bool {
    let separators = token.matches([',', '.']).count();
    let groups_like = token.rsplit([',', '.']).next().is_some_and(|last| last.len() == 3);
    let is_long_or_short_scale = matches!(token, "billion" | "trillion");
    is_long_or_short_scale || separators == 1 && (groups_like || token.contains(','))
}

/// `13,000`, `13 000` (with no-break spaces), `0.5`, `-3`: groups are of three digits and of one
/// separator.
fn digits(token: &str) -> Option<Decimal> {
    let token = token.replace('−', "-");
    let (whole, fraction) = match token.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (token.as_str(), None),
    };
    let separator = whole.chars().find(|c| *c == ',' || is_digit_space(*c));
    let plain = match separator {
        None => whole.to_owned(),
        Some(separator) => {
            let mut groups = whole.split(separator);
            let first = groups.next()?;
            let is_first =
                matches!(first.trim_start_matches('-').len(), 1..=3) && !first.trim_start_matches('-').starts_with('0');
            if !is_first || !groups.all(|group| group.len() == 3) {
                return None;
            }
            whole.replace(separator, "")
        }
    };
    let written = fraction.map_or(plain.clone(), |fraction| format!("{plain}.{fraction}"));
    written.parse().ok()
}

/// A whole number in words: groups below a thousand, each with its multiplier, from the greatest.
fn cardinal(tokens: &[&str]) -> Option<u64> {
    if tokens == ["zero"] {
        return Some(0);
    }
    let mut rest = tokens;
    let mut sum = 0;
    for (word, factor) in GROUPS {
        if let Some(at) = rest.iter().position(|token| token == word) {
            sum += below_thousand(rest.get(..at)?)? * factor;
            rest = rest.get(at + 1..)?;
        }
    }
    if rest.is_empty() {
        return Some(sum).filter(|sum| *sum > 0);
    }
    // "two thousand and five"
    let rest = if sum > 0 { rest.strip_prefix(&["and"]).unwrap_or(rest) } else { rest };
    Some(sum + below_thousand(rest)?)
}

/// One to 999: "five", "a hundred and five", "two hundred twenty-five"; also "fifteen hundred".
fn below_thousand(tokens: &[&str]) -> Option<u64> {
    let Some(at) = tokens.iter().position(|token| *token == "hundred") else {
        return below_hundred(tokens);
    };
    let hundreds = match tokens.get(..at)? {
        ["a"] => 1,
        words => below_hundred(words).filter(|hundreds| (1..20).contains(hundreds) && *hundreds != 10)?,
    };
    let rest = tokens.get(at + 1..)?;
    let rest = match rest {
        [] => return Some(hundreds * 100),
        ["and", rest @ ..] => rest,
        rest => rest,
    };
    Some(hundreds * 100 + below_hundred(rest)?)
}

/// One to 99: "five", "twenty", "twenty-five", "twenty five".
fn below_hundred(tokens: &[&str]) -> Option<u64> {
    let position = |words: &[&str], word: &str| {
        let at = words.iter().position(|known| !known.is_empty() && *known == word)?;
        u64::try_from(at).ok().filter(|number| *number > 0)
    };
    let unit = |word: &str| position(UNITS, word);
    let ten = |word: &str| position(TENS, word).map(|tens| tens * 10);
    let together = |tens: &str, units: &str| Some(ten(tens)? + unit(units).filter(|unit| *unit < 10)?);
    match tokens {
        [word] => match word.split_once('-') {
            Some((tens, units)) => together(tens, units),
            None => unit(word).or_else(|| ten(word)),
        },
        [tens, units] => together(tens, units),
        _ => None,
    }
}

/// "first", "twentieth", "twenty-first", "2nd".
pub(super) fn ordinal(token: &str) -> Option<Decimal> {
    let value = ordinal_word(token).or_else(|| {
        let (tens, unit) = token.split_once('-')?;
        let tens = below_hundred(&[tens]).filter(|tens| *tens >= 20)?;
        Some(tens + ordinal_word(unit).filter(|unit| *unit < 10)?)
    });
    match value {
        Some(value) => Some(Decimal::from(value)),
        None => numbered(token),
    }
}

fn ordinal_word(word: &str) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    let at = ORDINALS.iter().position(|known| *known == word);
    let tens = || {
        let cardinal = format!("{}y", word.strip_suffix("ieth")?);
        TENS.iter().position(|known| *known == cardinal).map(|tens| tens * 10)
    };
    u64::try_from(at.or_else(tens)?).ok()
}

/// "2nd", "11th", "1,000th", with the ending that belongs to the number.
fn numbered(token: &str) -> Option<Decimal> {
    let (number, ending) = token.split_at_checked(token.len().checked_sub(2)?)?;
    let value = digits(number).filter(|value| value.is_integer() && !value.is_negative() && !value.is_zero())?;
    let belongs = match number.as_bytes() {
        [.., b'1', b'1' | b'2' | b'3'] => "th",
        [.., b'1'] => "st",
        [.., b'2'] => "nd",
        [.., b'3'] => "rd",
        _ => "th",
    };
    (ending == belongs && !number.contains('.')).then_some(value)
}
