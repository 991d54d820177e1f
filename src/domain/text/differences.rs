//! Whether a quote that does not stand in a text would, but for quotation marks, white space or
//! case. This only explains a refusal: nothing is ever anchored to text that differs.

use std::fmt;

/// All in which a quote differs from what stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// The shape of quotation marks and apostrophes: `"` for `“`, `'` for `’`.
    QuotationMarks,
    /// The kind and number of spaces, line breaks, soft hyphens and zero-width spaces.
    WhiteSpace,
    /// Both of them.
    QuotationMarksAndWhiteSpace,
    /// Upper or lower case.
    Case,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Difference::QuotationMarks => "quotation marks",
            Difference::WhiteSpace => "white space",
            Difference::QuotationMarksAndWhiteSpace => "quotation marks and white space",
            Difference::Case => "upper and lower case",
        })
    }
}

/// The least difference that explains why the quote was not found, and the code point at which
/// the text has it otherwise (the first such place).
pub(super) fn only_difference(text: &str, quote: &str) -> Option<(Difference, u32)> {
    [Difference::QuotationMarks, Difference::WhiteSpace, Difference::QuotationMarksAndWhiteSpace, Difference::Case]
        .into_iter()
        .find_map(|difference| {
            let folded_quote: String = fold(quote, difference).map(|(_, c)| c).collect();
            let folded_quote = folded_quote.trim_matches(' ');
            if folded_quote.is_empty() {
                return None;
            }
            let folded_text: String = fold(text, difference).map(|(_, c)| c).collect();
            let byte = folded_text.find(folded_quote)?;
            let before = folded_text.get(..byte)?.chars().count();
            let (position, _) = fold(text, difference).nth(before)?;
            Some((difference, u32::try_from(position).ok()?))
        })
}

/// The text without what the difference is about, each code point with its place in the text.
fn fold(text: &str, difference: Difference) -> impl Iterator<Item = (usize, char)> {
    let (marks, spaces, case) = match difference {
        Difference::QuotationMarks => (true, false, false),
        Difference::WhiteSpace => (false, true, false),
        Difference::QuotationMarksAndWhiteSpace => (true, true, false),
        Difference::Case => (false, false, true),
    };
    let mut is_after_space = false;
    text.chars()
        .enumerate()
        .filter(move |(_, c)| !(spaces && is_invisible(*c)))
        .filter(move |(_, c)| {
            let is_space = spaces && c.is_whitespace();
            let is_repeated = is_space && is_after_space;
            is_after_space = is_space;
            !is_repeated
        })
        .flat_map(move |(position, c)| {
            let folded = if spaces && c.is_whitespace() {
                ' '
            } else if marks && is_quotation_mark(c) {
                '"'
            } else {
                c
            };
            // One code point may have several in lower case.
            let lower = case.then(|| folded.to_lowercase()).into_iter().flatten();
            let same = (!case).then_some(folded);
            lower.chain(same).map(move |c| (position, c))
        })
}

fn is_quotation_mark(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '`' | '´' | '«' | '»' | '‘'..='‟' | '′' | '″' | '‹' | '›' | '「'..='』' | '＂' | '＇'
    )
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_difference_is_named_with_its_place() {
        let text = "é He said “it’s  over”\nand left.";
        for (quote, expected) in [
            ("said \"it's  over\"", Some((Difference::QuotationMarks, 5))),
            ("over” and", Some((Difference::WhiteSpace, 17))),
            (" over” and ", Some((Difference::WhiteSpace, 17))),
            ("\"it's over\" and", Some((Difference::QuotationMarksAndWhiteSpace, 10))),
            ("HE SAID", Some((Difference::Case, 2))),
            ("he is over", None),
            ("  \n\n ", None),
        ] {
            assert_eq!(only_difference(text, quote), expected, "{quote}");
        }
        assert_eq!(only_difference("co\u{ad}operate", "cooperate"), Some((Difference::WhiteSpace, 0)));
    }
}
