//! Resource names and the ids in them: what a record or a figure is called.
//! Not here: references by `#key`, which exist only inside a request.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;
use uuid::Uuid;

use super::excerpt::excerpt;

/// The longest id, in characters: that of a DNS label, so that an id fits where labels do.
pub const ID_LENGTH_MAX: usize = 63;

/// What a record is; the collection word of its name says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A text that says something, or its place in the world: `articles`.
    Article,
    /// Whoever says something: `sources`.
    Source,
    /// What is said: `claims`.
    Claim,
    /// How two records stand to each other: `relations`.
    Relation,
    /// What somebody thinks of a record: `assessments`.
    Assessment,
}

impl RecordKind {
    /// Every kind, in the order in which their names sort here.
    pub const ALL: [RecordKind; 5] =
        [RecordKind::Article, RecordKind::Source, RecordKind::Claim, RecordKind::Relation, RecordKind::Assessment];

    /// The number of the value of `claimdb.v1.RecordKind`, where the same kinds are described.
    pub fn number(self) -> i32 {
        match self {
            RecordKind::Article => 1,
            RecordKind::Source => 2,
            RecordKind::Claim => 3,
            RecordKind::Relation => 4,
            RecordKind::Assessment => 5,
        }
    }

    /// The kind with this number; none for 0 and for numbers not known.
    pub fn from_number(number: i32) -> Option<Self> {
        RecordKind::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The collection word, `claims`: the first segment of a name.
    pub fn collection(self) -> &'static str {
        match self {
            RecordKind::Article => "articles",
            RecordKind::Source => "sources",
            RecordKind::Claim => "claims",
            RecordKind::Relation => "relations",
            RecordKind::Assessment => "assessments",
        }
    }

    /// The word for one record, `claim`: for messages.
    pub fn word(self) -> &'static str {
        match self {
            RecordKind::Article => "article",
            RecordKind::Source => "source",
            RecordKind::Claim => "claim",
            RecordKind::Relation => "relation",
            RecordKind::Assessment => "assessment",
        }
    }
}

impl fmt::Display for RecordKind {
    /// The collection word: the inverse of parsing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.collection())
    }
}

impl FromStr for RecordKind {
    type Err = NameError;

    /// Reads a collection word, `claims`.
    fn from_str(text: &str) -> Result<Self, NameError> {
        RecordKind::ALL
            .into_iter()
            .find(|kind| kind.collection() == text)
            .ok_or_else(|| NameError::UnknownCollection { found: excerpt(text) })
    }
}

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// There is nothing.
    #[error("an id must not be empty")]
    Empty,
    /// It has more than [`ID_LENGTH_MAX`] characters.
    #[error("an id has at most {ID_LENGTH_MAX} characters, this one has {length}")]
    TooLong {
        /// Its length in characters.
        length: usize,
    },
    /// A character that no id has; upper case is one.
    #[error("an id has only a-z, 0-9 and -, this one has {character:?} at {position}")]
    Character {
        /// The first such character.
        character: char,
        /// Where it stands, in characters from 0.
        position: usize,
    },
    /// A hyphen is first or last.
    #[error("an id begins and ends with a letter or a digit, not with -")]
    HyphenAtEdge,
}

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// The first segment is no collection.
    #[error(
        "{found:?} is no collection; the collections are articles, sources, claims, relations, \
         assessments"
    )]
    UnknownCollection {
        /// The segment, shortened.
        found: String,
    },
    /// Not of the form `collection/id`.
    #[error("{found:?} is not a name like claims/{{id}}")]
    NotARecordName {
        /// The text, shortened.
        found: String,
    },
    /// Not of the form `claims/id/figures/id`.
    #[error("{found:?} is not a name like claims/{{id}}/figures/{{id}}")]
    NotAFigureName {
        /// The text, shortened.
        found: String,
    },
    /// The form is right, an id in it is not.
    #[error("in {found:?}: {error}")]
    Id {
        /// The id, shortened.
        found: String,
        /// What is wrong with it.
        error: IdError,
    },
}

fn check_id(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    if let Some((position, character)) = text.chars().enumerate().find(|(_, c)| !allowed(*c)) {
        return Err(IdError::Character { character, position });
    }
    if text.len() > ID_LENGTH_MAX {
        return Err(IdError::TooLong { length: text.len() });
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(IdError::HyphenAtEdge);
    }
    Ok(())
}

/// The id of a record, unique among those of its kind: `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`.
/// Ordered as text, which orders ids made by [`TimeOrderedIds`] by their making.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(Arc<str>);

/// The id of a figure, unique in its claim; the pattern is that of [`RecordId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigureId(Arc<str>);

impl FigureId {
    /// The id of the `number`th figure of a claim, counted from 1, where none was given: `f1`.
    pub fn numbered(number: u32) -> Self {
        FigureId(format!("f{number}").into())
    }
}

macro_rules! id_text {
    ($id:ident) => {
        impl $id {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $id {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                check_id(text)?;
                Ok($id(text.into()))
            }
        }
    };
}

id_text!(RecordId);
id_text!(FigureId);

fn id_in_name<I: FromStr<Err = IdError>>(text: &str) -> Result<I, NameError> {
    text.parse().map_err(|error| NameError::Id { found: excerpt(text), error })
}

/// The resource name of a record: `claims/{id}`. Ordered by kind, then id; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// What the record is.
    pub kind: RecordKind,
    /// Which one it is.
    pub id: RecordId,
}

impl Name {
    /// The name of the record of this kind with this id.
    pub fn new(kind: RecordKind, id: RecordId) -> Self {
        Name { kind, id }
    }

    /// The name as it is displayed, made at once instead of piece by piece: an answer has many of them.
    #[must_use]
    pub fn written(&self) -> String {
        [self.kind.collection(), "/", self.id.as_str()].concat()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.collection())?;
        f.write_str("/")?;
        f.write_str(self.id.as_str())
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let not_a_name = || NameError::NotARecordName { found: excerpt(text) };
        let (collection, id) = text.split_once('/').ok_or_else(not_a_name)?;
        if id.contains('/') {
            return Err(not_a_name());
        }
        Ok(Name::new(collection.parse()?, id_in_name(id)?))
    }
}

/// The resource name of a figure: `claims/{id}/figures/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigureName {
    /// The claim that the figure is part of.
    pub claim: RecordId,
    /// Which of its figures it is.
    pub figure: FigureId,
}

impl FigureName {
    /// The name of the claim that the figure is part of.
    pub fn claim_name(&self) -> Name {
        Name::new(RecordKind::Claim, self.claim.clone())
    }
}

impl fmt::Display for FigureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "claims/{}/figures/{}", self.claim, self.figure)
    }
}

impl FromStr for FigureName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut segments = text.split('/');
        let parts = [segments.next(), segments.next(), segments.next(), segments.next()];
        match (parts, segments.next()) {
            ([Some("claims"), Some(claim), Some("figures"), Some(figure)], None) => {
                Ok(FigureName { claim: id_in_name(claim)?, figure: id_in_name(figure)? })
            }
            _ => Err(NameError::NotAFigureName { found: excerpt(text) }),
        }
    }
}

/// What a relation or an assessment can be about: a record, or one figure of a claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A record.
    Record(Name),
    /// A figure of a claim.
    Figure(FigureName),
}

impl Target {
    /// The record that the target is, or is part of.
    pub fn record(&self) -> Name {
        match self {
            Target::Record(name) => name.clone(),
            Target::Figure(figure) => figure.claim_name(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Record(name) => name.fmt(f),
            Target::Figure(figure) => figure.fmt(f),
        }
    }
}

impl FromStr for Target {
    type Err = NameError;

    /// A text with more than two segments is taken for a figure's name.
    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.splitn(3, '/').count() == 3 {
            text.parse().map(Target::Figure)
        } else {
            text.parse().map(Target::Record)
        }
    }
}

/// Makes ids for records whose recorder chose none.
pub trait IdSource: Send + Sync {
    /// An id that this source has not given before.
    fn next(&self) -> RecordId;
}

/// Ids ordered by their making, even within one millisecond: UUIDs of version 7, hyphenated and
/// in lower case. A later id of one process sorts after an earlier one.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeOrderedIds;

impl IdSource for TimeOrderedIds {
    fn next(&self) -> RecordId {
        // The crate's own counter is shared by the process, so several sources stay in order too.
        let mut text = Uuid::encode_buffer();
        RecordId((&*Uuid::now_v7().hyphenated().encode_lower(&mut text)).into())
    }
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
