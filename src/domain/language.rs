//! The language of a text: a BCP-47 tag.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

use super::excerpt::excerpt;

/// The longest tag, in bytes. The longest registered ones have about 35.
pub const LANGUAGE_LENGTH_MAX: usize = 64;

/// A well-formed BCP-47 tag, kept as given. Compared without regard to case, as RFC 5646 §2.1.1
/// wants; `iw` and `he` are different here, because nothing is looked up in the registry.
#[derive(Debug, Clone)]
pub struct Language(Arc<str>);

/// Why a text is not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LanguageError {
    /// The tag is longer than [`LANGUAGE_LENGTH_MAX`].
    #[error("a language tag has at most {LANGUAGE_LENGTH_MAX} bytes, this one has {length}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// The tag does not follow the grammar of RFC 5646.
    #[error("{found:?} is not a language tag like en or pt-BR: {reason}")]
    Malformed {
        /// The text, shortened.
        found: String,
        /// What is wrong, in words.
        reason: String,
    },
}

impl Language {
    /// The tag as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary language subtag in lower case: `pt` of `pt-BR`.
    pub fn primary(&self) -> String {
        self.0.split('-').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// Whether the tag is `range` or narrower: `en-GB` is in `en`, `en` is not in `en-GB`
    /// (basic filtering, RFC 4647 §3.3.1).
    pub fn is_in(&self, range: &Language) -> bool {
        let (tag, range) = (self.0.as_bytes(), range.0.as_bytes());
        tag.get(..range.len()).is_some_and(|start| start.eq_ignore_ascii_case(range))
            && matches!(tag.get(range.len()), None | Some(b'-'))
    }

    fn folded(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|b| b.to_ascii_lowercase())
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        if text.len() > LANGUAGE_LENGTH_MAX {
            return Err(LanguageError::TooLong { length: text.len() });
        }
        match oxilangtag::LanguageTag::parse(text) {
            Ok(_) => Ok(Language(text.into())),
            Err(error) => Err(LanguageError::Malformed { found: excerpt(text), reason: error.to_string() }),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Language {}

impl PartialOrd for Language {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Language {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(other.folded())
    }
}

impl Hash for Language {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().for_each(|b| state.write_u8(b));
    }
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    fn language(text: &str) -> Language {
        text.parse().expect(text)
    }

    #[test]
    fn a_tag_is_kept_as_given_and_compared_without_case() {
        assert_eq!(language("PT-br").to_string(), "PT-br");
        assert_eq!(language("PT-br"), language("pt-BR"));
        assert!(language("EN") < language("fr"));
        let hash = |tag: &Language| {
            let mut hasher = DefaultHasher::new();
            tag.hash(&mut hasher);
            hasher.finish()
        };
        assert_eq!(hash(&language("PT-br")), hash(&language("pt-BR")));
    }

    #[test]
    fn a_tag_is_in_its_ranges() {
        assert!(language("en-GB").is_in(&language("EN")));
        assert!(language("en").is_in(&language("en")));
        assert!(!language("en").is_in(&language("en-GB")));
        assert!(!language("enm").is_in(&language("en")));
        assert_eq!(language("PT-br").primary(), "pt");
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", "english language", "en_GB", "1", "é"] {
            let error = text.parse::<Language>().expect_err(text);
            assert!(matches!(error, LanguageError::Malformed { .. }), "{text}");
        }
        let error = format!("en{}", "-abcdefgh".repeat(8)).parse::<Language>().expect_err("long");
        assert_eq!(error, LanguageError::TooLong { length: 74 });
    }
}
