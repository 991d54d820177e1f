//! The records and their parts. Shapes follow `claimdb.v1`, where every field is described; what differs is said here.
//!
//! One type serves a record as it is given and as it is stored. Given, its references may be keys of the same request or
//! inline sources and its spans may lack their positions; stored, every reference is a name and every span says whether
//! it was found. `plan` turns the one into the other.

mod article;
mod assessment;
mod claim;
mod fields;
mod figure;
mod parts;
mod reference;
mod relation;
mod source;
mod version;
mod words;

pub use article::{Article, Section, Text};
pub use assessment::Assessment;
pub use claim::{Attribution, Claim, Hedge, Imprint};
pub use fields::{Field, UnknownField};
pub use figure::{Figure, Metric, Unit};
pub use parts::{EntityRef, ExternalId, Labels, Place, Span, TimeGiven, Url};
pub use reference::{Candidate, InlineSource, Key, Link, LinkTarget, SourceLink};
pub use relation::Relation;
pub use source::Source;
pub(crate) use source::account;
pub use version::{Provenance, Record, Recorder, Retraction, Version};
pub use words::*;
