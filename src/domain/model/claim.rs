//! One proposition as it occurs in one place.

use super::fields::record_fields;
use super::{
    Article, AttributionMode, AttributionRole, Basis, Certainty, ClaimKind, EntityRef, EvidenceBasis, ExternalId,
    Figure, HedgeKind, Labels, Link, Place, Polarity, Presentation, SourceLink, Span, Stance, TimeGiven,
};
use crate::domain::language::Language;
use crate::domain::name::Name;
use crate::domain::time::ApproximateTime;

/// A claim without its names; see `claimdb.v1.Claim`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Claim {
    /// The article it occurs in.
    pub article: Option<Link>,
    /// The proposition in words that stand alone.
    pub statement: String,
    /// The language of the statement.
    pub language: Option<Language>,
    /// Where the text says it.
    pub spans: Vec<Span>,
    /// What kinds of claim it is.
    pub kinds: Vec<ClaimKind>,
    /// How the text puts it forward.
    pub presentation: Option<Presentation>,
    /// The chain, outermost source first; never empty.
    pub attributions: Vec<Attribution>,
    /// Whether it affirms or denies.
    pub polarity: Option<Polarity>,
    /// The words that weaken it.
    pub hedges: Vec<Hedge>,
    /// Whether it is unclear what the attribution or a hedge covers.
    pub scope_uncertain: bool,
    /// What is unclear about it.
    pub scope_note: String,
    /// Whom and what it is about.
    pub entities: Vec<EntityRef>,
    /// When what it says happened.
    pub event_time: Option<Box<TimeGiven>>,
    /// Where what it says happened.
    pub place: Option<Box<Place>>,
    /// The numbers in it.
    pub figures: Vec<Figure>,
    /// Its ids elsewhere; each identifies it.
    pub external_ids: Vec<ExternalId>,
    /// Free labels.
    pub labels: Labels,
    /// What it has of its article. Never given: it follows the article, so that filters by source and by time of
    /// publication answer rightly at every revision.
    pub imprint: Imprint,
}

record_fields!(Claim {
    article: replace,
    statement: replace,
    language: replace,
    spans: replace,
    kinds: replace,
    presentation: replace,
    attributions: replace,
    polarity: replace,
    hedges: replace,
    scope_uncertain: replace,
    scope_note: replace,
    entities: replace,
    event_time: replace,
    place: replace,
    figures: replace,
    external_ids: unite,
    labels: unite,
});

/// Who published a claim's article, and when.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Imprint {
    /// The publisher, which stands, implied, in front of the chain.
    pub publisher: Option<Name>,
    /// When the article was published, as far as that is stated.
    pub publish_time: Option<ApproximateTime>,
}

impl Imprint {
    /// What the claims of an article have of it.
    #[must_use]
    pub fn of(article: &Article) -> Self {
        Self {
            publisher: article.publisher.as_ref().and_then(SourceLink::name).cloned(),
            publish_time: article.publish_time.as_ref().and_then(|given| given.time.clone()),
        }
    }
}

/// One hop of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// Whose words or evidence this hop is.
    pub source: SourceLink,
    /// The part the source plays.
    pub role: Option<AttributionRole>,
    /// The channel it was said through.
    pub channel: Option<SourceLink>,
    /// To whom it was said.
    pub addressees: Vec<SourceLink>,
    /// How the words are passed on.
    pub mode: Option<AttributionMode>,
    /// The words that attribute.
    pub cue: Option<Box<Span>>,
    /// The words that name the source.
    pub source_span: Option<Box<Span>>,
    /// How the reporter stands to it.
    pub stance: Option<Stance>,
    /// How firmly the source puts forward what follows.
    pub certainty: Option<Certainty>,
    /// What the source goes by.
    pub evidence_basis: Option<EvidenceBasis>,
    /// When it was said.
    pub said_time: Option<Box<TimeGiven>>,
    /// Whether the text states this hop.
    pub basis: Option<Basis>,
    /// Whether the attribution carries over from an earlier sentence.
    pub continued: bool,
}

impl Attribution {
    /// A hop of which its source alone is known.
    #[must_use]
    pub fn to(source: SourceLink) -> Self {
        Self {
            source,
            role: None,
            channel: None,
            addressees: Vec::new(),
            mode: None,
            cue: None,
            source_span: None,
            stance: None,
            certainty: None,
            evidence_basis: None,
            said_time: None,
            basis: None,
            continued: false,
        }
    }
}

/// Words that weaken or qualify a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hedge {
    /// What kind of words they are.
    pub kind: HedgeKind,
    /// Where they stand.
    pub span: Option<Box<Span>>,
    /// The words, when there is no text to find them in.
    pub verbatim: String,
    /// The hop they belong to; absent: the claim as a whole.
    pub attribution_index: Option<u32>,
}
