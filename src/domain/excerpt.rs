//! Shortening text for messages, so that no error grows with what a caller sent.

/// The longest excerpt an error carries, in code points, without the ellipsis.
pub(crate) const EXCERPT_CODE_POINTS: usize = 60;

/// The beginning of `text`: all of it, or its first [`EXCERPT_CODE_POINTS`] code points and `…`.
pub(crate) fn excerpt(text: &str) -> String {
    excerpt_of(text, EXCERPT_CODE_POINTS)
}

/// The beginning of `text`: all of it, or its first `code_points_max` code points and `…`.
pub(crate) fn excerpt_of(text: &str, code_points_max: usize) -> String {
    match text.char_indices().nth(code_points_max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_kept_and_long_text_is_cut_between_code_points() {
        assert_eq!(excerpt_of("né", 2), "né");
        assert_eq!(excerpt_of("née", 2), "né…");
        assert_eq!(excerpt(&"é".repeat(61)).chars().count(), 61);
    }
}
