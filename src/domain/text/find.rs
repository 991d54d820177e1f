//! Every occurrence of a quote in a text, overlapping ones too, in time linear in both whatever
//! they are (Knuth, Morris, Pratt). Restarting a library search behind each occurrence would take
//! hours for a quote of one repeated letter. Offsets here are bytes.

/// How far the best partial match of a needle went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Longest {
    /// The longest prefix of the needle that occurs in the text, in bytes, on a boundary of code
    /// points.
    pub(super) matched: usize,
    /// Where its first occurrence ends in the text; 0 where nothing matched.
    pub(super) stops_at: usize,
}

/// Calls `found` with the offset of each occurrence of the needle, in order, and says how much of
/// the needle occurs. The needle is not empty.
pub(super) fn occurrences(text: &str, needle: &str, mut found: impl FnMut(usize)) -> Longest {
    let pattern = needle.as_bytes();
    let borders = borders(pattern);
    let mut longest = Longest { matched: 0, stops_at: 0 };
    // The length of the longest prefix of the pattern that ends at the current byte.
    let mut state = 0;
    for (offset, byte) in text.bytes().enumerate() {
        while state > 0 && pattern.get(state) != Some(&byte) {
            state = borders[state - 1];
        }
        if pattern.get(state) == Some(&byte) {
            state += 1;
        }
        // Code points that share only their first bytes do not match.
        if state > longest.matched && needle.is_char_boundary(state) {
            longest = Longest { matched: state, stops_at: offset + 1 };
        }
        if state == pattern.len() {
            found(offset + 1 - state);
        }
    }
    longest
}

/// For each prefix of the pattern, the longest shorter prefix that it also ends with.
fn borders(pattern: &[u8]) -> Vec<usize> {
    let mut borders = vec![0; pattern.len()];
    let mut state = 0;
    for (end, byte) in pattern.iter().enumerate().skip(1) {
        while state > 0 && pattern.get(state) != Some(byte) {
            state = borders[state - 1];
        }
        if pattern.get(state) == Some(byte) {
            state += 1;
        }
        borders[end] = state;
    }
    borders
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_trying_everywhere(text in "[abé]{0,40}", needle in "[abéè]{1,6}") {
            let mut places = Vec::new();
            let longest = occurrences(&text, &needle, |place| places.push(place));
            let naive: Vec<usize> = text
                .char_indices()
                .map(|(at, _)| at)
                .filter(|at| text[*at..].starts_with(&needle))
                .collect();
            prop_assert_eq!(places, naive);
            let matched = needle
                .char_indices()
                .map(|(at, c)| at + c.len_utf8())
                .take_while(|end| text.contains(&needle[..*end]))
                .last()
                .unwrap_or(0);
            let stops_at = text.find(&needle[..matched]).unwrap_or(0) + matched;
            prop_assert_eq!(longest, Longest { matched, stops_at });
        }
    }
}
