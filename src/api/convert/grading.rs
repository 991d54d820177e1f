//! How figures are taken and how far they meet a question: policies, intervals, grades and reasons.

use super::figure::interval_message;
use super::reader::Reader;
use crate::domain::figure::compare::Incomparable;
use crate::domain::figure::{BareReading, Intervals, Policy, Tolerance, VagueReading};
use crate::domain::model::ErrorReason;
use crate::proto::claimdb::v1;

/// The policy that a request states, the default one where it states none.
pub(super) fn policy(r: &mut Reader, message: Option<v1::TolerancePolicy>) -> Policy {
    let v1::TolerancePolicy { tolerance, bare, vague } = message.unwrap_or_default();
    r.field("policy", |r| Policy {
        tolerance: r.decimal("tolerance", &tolerance).and_then(|share| checked(r, share)).unwrap_or_default(),
        bare: r.word("bare", bare, BareReading::from_number).unwrap_or_default(),
        vague: r.word("vague", vague, VagueReading::from_number).unwrap_or_default(),
    })
}

fn checked(r: &mut Reader, share: crate::domain::decimal::Decimal) -> Option<Tolerance> {
    Tolerance::try_from(share)
        .map_err(|error| r.violation_at("tolerance", ErrorReason::FieldInvalid, error.to_string()))
        .ok()
}

/// The policy that an answer was made with, all of it said.
pub(crate) fn policy_message(policy: &Policy) -> v1::TolerancePolicy {
    v1::TolerancePolicy {
        tolerance: policy.tolerance.share().to_string(),
        bare: policy.bare.number(),
        vague: policy.vague.number(),
    }
}

/// What a figure was graded by.
pub(crate) fn intervals_message(intervals: &Intervals) -> v1::FigureIntervals {
    v1::FigureIntervals { hard: interval_message(&intervals.hard), soft: interval_message(&intervals.soft) }
}

/// How many could not be compared, by reason: those reasons that there were.
pub(crate) fn incomparable_message(
    counts: impl IntoIterator<Item = (Incomparable, u64)>,
) -> Vec<v1::IncomparableCount> {
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    counts.map(|(reason, count)| v1::IncomparableCount { reason: reason.number(), count }).collect()
}
