//! Assessments.

use super::parts::{
    decode_external_ids, decode_labels, decode_target, decode_time, encode_external_ids, encode_labels, encode_target,
    encode_time,
};
use super::values::{number, parse_given, source, source_id, text, word};
use super::{DecodeError, EncodeError};
use crate::domain::model::Assessment;
use crate::proto::claimdb::storage::v1;

pub(super) fn encode(assessment: &Assessment) -> Result<v1::Assessment, EncodeError> {
    Ok(v1::Assessment {
        target: Some(encode_target(&assessment.target, "assessment.target")?),
        assessor: source_id(&assessment.assessor, "assessment.assessor")?,
        scheme: assessment.scheme.clone(),
        original_label: assessment.original_label.clone(),
        rating_value: text(assessment.rating_value.as_ref()),
        best_rating: text(assessment.best_rating.as_ref()),
        worst_rating: text(assessment.worst_rating.as_ref()),
        verdict: number(assessment.verdict),
        reliability: number(assessment.reliability),
        credibility: number(assessment.credibility),
        explanation: assessment.explanation.clone(),
        url: assessment.url.clone(),
        assessed_time: assessment.assessed_time.as_ref().map(encode_time),
        external_ids: encode_external_ids(&assessment.external_ids),
        labels: encode_labels(&assessment.labels),
    })
}

pub(super) fn decode(assessment: v1::Assessment) -> Result<Assessment, DecodeError> {
    let target = assessment.target.as_ref().ok_or(DecodeError::Missing("assessment.target"))?;
    Ok(Assessment {
        target: decode_target(target, "assessment.target")?,
        assessor: source(&assessment.assessor, "assessment.assessor")?,
        scheme: assessment.scheme,
        original_label: assessment.original_label,
        rating_value: parse_given(&assessment.rating_value, "assessment.rating_value")?,
        best_rating: parse_given(&assessment.best_rating, "assessment.best_rating")?,
        worst_rating: parse_given(&assessment.worst_rating, "assessment.worst_rating")?,
        verdict: word(assessment.verdict)?,
        reliability: word(assessment.reliability)?,
        credibility: word(assessment.credibility)?,
        explanation: assessment.explanation,
        url: assessment.url,
        assessed_time: assessment.assessed_time.map(decode_time).transpose()?,
        external_ids: decode_external_ids(assessment.external_ids),
        labels: decode_labels(assessment.labels),
    })
}
