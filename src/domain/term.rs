//! What a version can be found by. One list serves every engine: a new index is a variant here and a line in `terms`.

use super::model::{ExternalId, Link, LinkTarget, Record, RelationType, SourceLink, Version};
use super::name::{Name, RecordKind};
use super::text::Sha256;

/// Something a version is found by. Exact keys find one record; the others list many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// Every version of a kind of record.
    Kind(RecordKind),
    /// Every version of one record. Exact key.
    Name(Name),
    /// Articles by canonical URL. Exact key.
    Url(String),
    /// Records by an id elsewhere, per type. Exact key.
    ExternalId(RecordKind, ExternalId),
    /// Sources by platform and handle, in lower case. Exact key.
    Account(String, String),
    /// Sources, not scoped to an article, by display name. Exact key, though namesakes share it.
    DisplayName(String),
    /// Records by the digest of their content, article and recorder. Exact key.
    Content(Sha256),
    /// Article versions by the text they carry.
    Text(Sha256),
    /// Claims by article.
    Article(Name),
    /// Claims by a source anywhere in their chain, the implied publisher included.
    Source(Name),
    /// Articles by publisher.
    Publisher(Name),
    /// Sources by the article they are scoped to.
    Scope(Name),
    /// Relations by either end.
    End(Name),
    /// Relations by type.
    RelationType(RelationType),
    /// Assessments by target, a record or a figure.
    Target(String),
    /// Assessments by assessor.
    Assessor(Name),
}

/// What a version is found by: all its terms, each once.
#[must_use]
pub fn terms(version: &Version) -> Vec<Term> {
    let kind = version.record.kind();
    let mut terms = vec![Term::Kind(kind), Term::Name(version.name.clone())];
    terms.extend(version.content.map(Term::Content));
    terms.extend(version.record.external_ids().iter().map(|id| Term::ExternalId(kind, id.clone())));
    match &version.record {
        Record::Article(article) => {
            terms.extend(article.urls.iter().map(|url| Term::Url(url.canonical.as_str().to_owned())));
            terms.extend(article.text.iter().map(|text| Term::Text(text.sha256)));
            terms.extend(article.publisher.iter().filter_map(SourceLink::name).cloned().map(Term::Publisher));
        }
        Record::Source(source) => {
            terms.extend(source.account().map(|(platform, handle)| Term::Account(platform, handle)));
            match source.scope_article.as_ref().and_then(Link::name) {
                Some(article) => terms.push(Term::Scope(article.clone())),
                None => terms.push(Term::DisplayName(source.display_name.clone())),
            }
        }
        Record::Claim(claim) => {
            terms.extend(claim.article.iter().filter_map(Link::name).cloned().map(Term::Article));
            terms.extend(claim.publisher.iter().cloned().map(Term::Source));
            for hop in &claim.attributions {
                terms.extend(hop.source.name().cloned().map(Term::Source));
            }
        }
        Record::Relation(relation) => {
            terms.push(Term::RelationType(relation.r#type));
            for end in [&relation.from, &relation.to] {
                terms.extend(end.name().cloned().map(Term::End));
            }
        }
        Record::Assessment(assessment) => {
            terms.push(Term::target(&assessment.target));
            terms.extend(assessment.assessor.name().cloned().map(Term::Assessor));
        }
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

impl Term {
    /// The term that finds the assessments of a record or figure.
    #[must_use]
    pub fn target(target: &LinkTarget) -> Self {
        Self::Target(target.to_string())
    }
}
