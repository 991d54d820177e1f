//! Words, numbers in digits and symbols of a text, with where they stand in code points. Common to all languages that part
//! words with spaces; which separators a number has is the language's affair.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Letters.
    Word,
    /// Digits with their separators.
    Digits,
    /// One sign.
    Sign,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'t> {
    /// As written.
    pub(super) raw: &'t str,
    /// In lower case where it is a word.
    pub(super) text: &'t str,
    pub(super) shape: Shape,
    /// The first code point.
    pub(super) start: u32,
    /// The code point behind the last.
    pub(super) end: u32,
    /// Whether white space, or nothing at all, stands before it.
    pub(super) is_apart: bool,
}

/// Spaces that group digits: a no-break or a thin one. A plain space parts numbers.
pub(super) fn is_digit_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// The tokens of a text; `lower` is the same text in lower case, of the same length in bytes.
pub(super) fn tokens<'t>(raw: &'t str, lower: &'t str) -> Vec<Token<'t>> {
    let mut tokens: Vec<Token<'t>> = Vec::with_capacity(raw.len() / 4 + 4);
    let mut position = 0u32;
    let mut rest = raw;
    let mut is_apart = true;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            position += 1;
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            is_apart = true;
            continue;
        }
        let (length, points, shape) = measure(rest, first, is_apart);
        let at = raw.len() - rest.len();
        let (written, lowered) = (raw.get(at..at + length), lower.get(at..at + length));
        tokens.push(Token {
            raw: written.unwrap_or_default(),
            text: lowered.unwrap_or_default(),
            shape,
            start: position,
            end: position + points,
            is_apart,
        });
        position += points;
        rest = rest.get(length..).unwrap_or_default();
        is_apart = false;
    }
    tokens
}

/// How long the token at the beginning is, in bytes and in code points, and what it is.
fn measure(rest: &str, first: char, is_apart: bool) -> (usize, u32, Shape) {
    let second = rest.get(first.len_utf8()..).and_then(|rest| rest.chars().next());
    let is_fraction = first == '.' && is_apart && second.is_some_and(|c| c.is_ascii_digit());
    if first.is_ascii_digit() || is_fraction {
        let (length, points) = digits(rest);
        return (length, points, Shape::Digits);
    }
    if first.is_alphabetic() {
        let mut length = 0;
        let mut points = 0;
        let mut characters = rest.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map(|(_, c)| *c);
            let is_inner = matches!(c, '\'' | '’') && next.is_some_and(char::is_alphabetic);
            if !(c.is_alphabetic() || is_inner) {
                break;
            }
            length = at + c.len_utf8();
            points += 1;
        }
        return (length, points, Shape::Word);
    }
    (first.len_utf8(), 1, Shape::Sign)
}

/// Digits and the separators between them: `13,000`, `1.5`, `13 000` with spaces that group.
fn digits(rest: &str) -> (usize, u32) {
    let (mut length, mut points) = (0, 0);
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, c)| *c);
        let is_separator = matches!(c, ',' | '.') || is_digit_space(c);
        if !(c.is_ascii_digit() || (is_separator && next.is_some_and(|c| c.is_ascii_digit()))) {
            break;
        }
        length = at + c.len_utf8();
        points += 1;
    }
    (length, points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_words_digits_and_signs() {
        let text = "É 13,000.5ml at .5%; don't 1,2. x";
        let found: Vec<(&str, u32, u32, bool)> =
            tokens(text, text).iter().map(|token| (token.raw, token.start, token.end, token.is_apart)).collect();
        assert_eq!(
            found,
            [
                ("É", 0, 1, true),
                ("13,000.5", 2, 10, true),
                ("ml", 10, 12, false),
                ("at", 13, 15, true),
                (".5", 16, 18, true),
                ("%", 18, 19, false),
                (";", 19, 20, false),
                ("don't", 21, 26, true),
                ("1,2", 27, 30, true),
                (".", 30, 31, false),
                ("x", 32, 33, true),
            ]
        );
    }
}
