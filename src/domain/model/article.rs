//! A text that was published.

use std::sync::Arc;

use super::fields::record_fields;
use super::{Basis, ExternalId, Labels, SectionKind, SourceLink, TimeGiven, Url};
use crate::domain::language::Language;
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;

/// An article without its names; see `claimdb.v1.Article`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Article {
    /// Where it is published, as given; each identifies it in its canonical form.
    pub urls: Vec<Url>,
    /// Its ids elsewhere; each identifies it.
    pub external_ids: Vec<ExternalId>,
    /// Who published it.
    pub publisher: Option<SourceLink>,
    /// Whether the article names its publisher.
    pub publisher_basis: Option<Basis>,
    /// Who signed it.
    pub bylines: Vec<SourceLink>,
    /// Its title.
    pub title: String,
    /// The language of the text.
    pub language: Option<Language>,
    /// The text.
    pub text: Option<Text>,
    /// When it was published.
    pub publish_time: Option<TimeGiven>,
    /// When the recorder fetched it.
    pub retrieve_time: Option<Timestamp>,
    /// The parts of the text.
    pub sections: Vec<Section>,
    /// Free labels.
    pub labels: Labels,
}

record_fields!(Article {
    urls: unite,
    external_ids: unite,
    publisher: replace,
    publisher_basis: replace,
    bylines: replace,
    title: replace,
    language: replace,
    text: replace,
    publish_time: replace,
    retrieve_time: replace,
    sections: replace,
    labels: unite,
});

/// A text, which is stored once, by its hash. Two are equal when their hashes are.
#[derive(Clone, Debug)]
pub struct Text {
    /// SHA-256 of the UTF-8 bytes.
    pub sha256: Sha256,
    /// Length in code points.
    pub code_points: u32,
    /// The text itself; absent where a record is read without it.
    pub body: Option<Arc<str>>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
    }
}

impl Eq for Text {}

/// A part of an article's text, in code points, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// What part it is.
    pub kind: SectionKind,
    /// First code point.
    pub start: u32,
    /// Code point after the last one.
    pub end: u32,
}
