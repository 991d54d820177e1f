//! Single values: numbers of vocabularies, ids, digests, decimals, instants. Absent is the default of the field.

use std::str::FromStr;

use super::{DecodeError, EncodeError};
use crate::domain::figure::{FigureKind, Qualifier};
use crate::domain::model::{
    Action, AgentType, Aggregation, Alteration, AttributionMode, AttributionRole, Basis, Certainty, ClaimKind,
    Credibility, EntityKind, ErrorReason, EstimateRole, EvidenceBasis, HedgeKind, Link, MatchRule, Outcome,
    PlacePrecision, Polarity, Presentation, RelationType, Reliability, RetractedBy, SectionKind, SourceKind,
    SourceLink, SpanStatus, Stance, UnitSystem, Verdict, WarningReason, WholeRelation,
};
use crate::domain::name::{Name, RecordKind};
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;

/// A vocabulary whose values have lasting numbers, never 0.
pub(super) trait Word: Copy {
    const NAME: &'static str;
    fn to_number(self) -> u32;
    fn of_number(number: u32) -> Option<Self>;
}

macro_rules! vocabularies {
    ($($name:ident),* $(,)?) => {
        $(impl Word for $name {
            const NAME: &'static str = stringify!($name);

            fn to_number(self) -> u32 {
                self.number().unsigned_abs()
            }

            fn of_number(number: u32) -> Option<Self> {
                i32::try_from(number).ok().and_then(Self::from_number)
            }
        })*
    };
}

vocabularies! {
    Action, AgentType, Aggregation, Alteration, AttributionMode, AttributionRole, Basis, Certainty, ClaimKind,
    Credibility, EntityKind, EstimateRole, EvidenceBasis, HedgeKind, MatchRule, Outcome, PlacePrecision, Polarity,
    Presentation, RelationType, Reliability, RetractedBy, SectionKind, SourceKind, SpanStatus, Stance, UnitSystem,
    Verdict, WarningReason, WholeRelation, FigureKind, Qualifier, ErrorReason,
}

pub(super) fn number<W: Word>(word: Option<W>) -> u32 {
    word.map_or(0, W::to_number)
}

pub(super) fn numbers<W: Word>(words: &[W]) -> Vec<u32> {
    words.iter().map(|word| word.to_number()).collect()
}

pub(super) fn word<W: Word>(number: u32) -> Result<Option<W>, DecodeError> {
    if number == 0 { Ok(None) } else { known(number).map(Some) }
}

pub(super) fn known<W: Word>(number: u32) -> Result<W, DecodeError> {
    W::of_number(number).ok_or(DecodeError::Unknown { vocabulary: W::NAME, number })
}

pub(super) fn words<W: Word>(numbers: Vec<u32>) -> Result<Vec<W>, DecodeError> {
    numbers.into_iter().map(known).collect()
}

/// A value with a text that is never empty, as that text.
pub(super) fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

pub(super) fn parse<T: FromStr>(text: &str, part: &'static str) -> Result<T, DecodeError> {
    text.parse().map_err(|_| DecodeError::Malformed(part))
}

pub(super) fn parse_given<T: FromStr>(text: &str, part: &'static str) -> Result<Option<T>, DecodeError> {
    if text.is_empty() { Ok(None) } else { parse(text, part).map(Some) }
}

pub(super) fn digest(bytes: &[u8], part: &'static str) -> Result<Sha256, DecodeError> {
    <[u8; 32]>::try_from(bytes).map(Sha256::from).map_err(|_| DecodeError::Malformed(part))
}

pub(super) fn digest_given(bytes: &[u8], part: &'static str) -> Result<Option<Sha256>, DecodeError> {
    if bytes.is_empty() { Ok(None) } else { digest(bytes, part).map(Some) }
}

pub(super) fn digest_bytes(digest: Option<Sha256>) -> Vec<u8> {
    digest.map(|digest| digest.as_bytes().to_vec()).unwrap_or_default()
}

pub(super) fn instant(micros: i64, part: &'static str) -> Result<Timestamp, DecodeError> {
    Timestamp::from_micros(micros).map_err(|_| DecodeError::Malformed(part))
}

/// The id of a name of the kind that the field is for.
pub(super) fn id(name: Option<&Name>, kind: RecordKind, part: &'static str) -> Result<String, EncodeError> {
    match name {
        Some(name) if name.kind == kind => Ok(name.id.to_string()),
        Some(_) | None => Err(EncodeError { part }),
    }
}

pub(super) fn name(id: &str, kind: RecordKind, part: &'static str) -> Result<Name, DecodeError> {
    parse(id, part).map(|id| Name::new(kind, id))
}

pub(super) fn name_id(name: Option<&Name>, kind: RecordKind, part: &'static str) -> Result<String, EncodeError> {
    name.map_or_else(|| Ok(String::new()), |name| id(Some(name), kind, part))
}

pub(super) fn name_given(id: &str, kind: RecordKind, part: &'static str) -> Result<Option<Name>, DecodeError> {
    if id.is_empty() { Ok(None) } else { name(id, kind, part).map(Some) }
}

pub(super) fn link_id(link: Option<&Link>, kind: RecordKind, part: &'static str) -> Result<String, EncodeError> {
    link.map_or_else(|| Ok(String::new()), |link| id(link.name(), kind, part))
}

pub(super) fn link(id: &str, kind: RecordKind, part: &'static str) -> Result<Option<Link>, DecodeError> {
    if id.is_empty() { Ok(None) } else { name(id, kind, part).map(|name| Some(Link::Name(name))) }
}

pub(super) fn link_name(link: &Link, part: &'static str) -> Result<String, EncodeError> {
    link.name().map(Name::to_string).ok_or(EncodeError { part })
}

pub(super) fn source_id(source: &SourceLink, part: &'static str) -> Result<String, EncodeError> {
    id(source.name(), RecordKind::Source, part)
}

pub(super) fn source_id_given(source: Option<&SourceLink>, part: &'static str) -> Result<String, EncodeError> {
    source.map_or_else(|| Ok(String::new()), |source| source_id(source, part))
}

pub(super) fn source_ids(sources: &[SourceLink], part: &'static str) -> Result<Vec<String>, EncodeError> {
    sources.iter().map(|source| source_id(source, part)).collect()
}

pub(super) fn source(id: &str, part: &'static str) -> Result<SourceLink, DecodeError> {
    name(id, RecordKind::Source, part).map(SourceLink::from)
}

pub(super) fn source_given(id: &str, part: &'static str) -> Result<Option<SourceLink>, DecodeError> {
    if id.is_empty() { Ok(None) } else { source(id, part).map(Some) }
}

pub(super) fn sources(ids: &[String], part: &'static str) -> Result<Vec<SourceLink>, DecodeError> {
    ids.iter().map(|id| source(id, part)).collect()
}
