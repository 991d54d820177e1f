//! Assessments.

use super::metadata::metadata;
use super::reader::Reader;
use super::references::{external_ids, source_ref};
use super::values::{number, string, time};
use crate::domain::limits;
use crate::domain::model::{
    Assessment, Credibility, Link, LinkTarget, RecordStatus, Reliability, SourceLink, Verdict, Version,
};
use crate::domain::name::RecordKind;
use crate::domain::url::CanonicalUrl;
use crate::proto::claimdb::v1;

/// The assessment, if its target and assessor could be read. `own` stands in for those that a revision does not name: the
/// plan puts the stored ones there.
pub(super) fn from_request(r: &mut Reader, message: v1::Assessment, own: Option<&Link>) -> Option<Assessment> {
    let target = target(r, &message.target, own);
    let assessor = assessor(r, message.assessor, own);
    let reliability = r.word("reliability", message.reliability, Reliability::from_number);
    let credibility = r.word("credibility", message.credibility, Credibility::from_number);
    if let Some(target) = target.as_ref().filter(|_| r.demands("target")) {
        let kind = target.record.as_ref().and_then(|record| r.kind_of(record));
        if reliability.is_some() && kind.is_some_and(|kind| kind != RecordKind::Source) {
            r.invalid("reliability", "only sources are reliable or not; a claim has a credibility");
        }
        if credibility.is_some() && kind.is_some_and(|kind| kind != RecordKind::Claim) {
            r.invalid("credibility", "only claims and figures are credible or not; a source has a reliability");
        }
    }
    let scheme = r.text("scheme", message.scheme, limits::SHORT_BYTES);
    if !scheme.is_empty() && fluent_uri::Iri::parse(scheme.as_str()).is_err() {
        r.invalid("scheme", "is not a URI");
    }
    let url = message.url;
    let _: Option<CanonicalUrl> = r.parsed("url", &url);
    let original_label = r.text("original_label", message.original_label, limits::SHORT_BYTES);
    let rating_value = r.decimal("rating_value", &message.rating_value);
    let best_rating = r.decimal("best_rating", &message.best_rating);
    let worst_rating = r.decimal("worst_rating", &message.worst_rating);
    let verdict = r.word("verdict", message.verdict, Verdict::from_number);
    let explanation = r.text("explanation", message.explanation, limits::EXPLANATION_BYTES);
    let assessed_time = r.time("assessed_time", message.assessed_time);
    let external_ids = r.external_ids("external_ids", message.external_ids);
    let labels = r.labels("labels", message.labels);
    Some(Assessment {
        target: target?,
        assessor: assessor?,
        scheme,
        original_label,
        rating_value,
        best_rating,
        worst_rating,
        verdict,
        reliability,
        credibility,
        explanation,
        url,
        assessed_time,
        external_ids,
        labels,
    })
}

fn target(r: &mut Reader, text: &str, own: Option<&Link>) -> Option<LinkTarget> {
    if text.is_empty() {
        if r.demands("target") {
            r.invalid("target", "is required");
            return None;
        }
        return own.map(|own| LinkTarget { record: Some(own.clone()), figure: None });
    }
    r.target("target", text)
}

fn assessor(r: &mut Reader, message: Option<v1::SourceRef>, own: Option<&Link>) -> Option<SourceLink> {
    if message.is_none() {
        if r.demands("assessor") {
            r.invalid("assessor", "is required");
            return None;
        }
        return own.cloned().map(SourceLink::Link);
    }
    r.source("assessor", message, false)
}

/// The assessment as a message, with the status of its target at the revision read.
pub(super) fn to_response(
    version: &Version,
    assessment: &Assessment,
    target_status: Option<RecordStatus>,
) -> v1::Assessment {
    v1::Assessment {
        name: version.name.written(),
        key: String::new(),
        on_conflict: 0,
        target: assessment.target.to_string(),
        assessor: Some(source_ref(&assessment.assessor)),
        scheme: assessment.scheme.clone(),
        original_label: assessment.original_label.clone(),
        rating_value: string(assessment.rating_value.as_ref()),
        best_rating: string(assessment.best_rating.as_ref()),
        worst_rating: string(assessment.worst_rating.as_ref()),
        verdict: number(assessment.verdict, Verdict::number),
        reliability: number(assessment.reliability, Reliability::number),
        credibility: number(assessment.credibility, Credibility::number),
        explanation: assessment.explanation.clone(),
        url: assessment.url.clone(),
        assessed_time: assessment.assessed_time.as_ref().map(time),
        external_ids: external_ids(&assessment.external_ids),
        labels: assessment.labels.clone(),
        target_status: number(target_status, RecordStatus::number),
        metadata: Some(metadata(version)),
    }
}
