//! Estimates given as several numbers: the best one should lie between the low and the high one.

use super::reader::Reader;
use crate::domain::model::{EstimateRole, Figure, WarningReason};

/// Warns about estimates that do not fit together. They are recorded as said.
pub(super) fn check(r: &mut Reader, figures: &[Figure]) {
    for (index, figure) in figures.iter().enumerate() {
        let Some(value) = &figure.value else { continue };
        let other = |role| {
            let others = figures.iter().filter(|other| other.role == Some(role) && same_estimate(figure, other));
            others.filter_map(|other| other.value.as_ref()).next()
        };
        let (low, high) = (other(EstimateRole::Low), other(EstimateRole::High));
        let message = match figure.role {
            Some(EstimateRole::Best) if low.is_some_and(|low| value < low) => "is below the low one",
            Some(EstimateRole::Best) if high.is_some_and(|high| value > high) => "is above the high one",
            Some(EstimateRole::Low) if high.is_some_and(|high| value > high) => "is above the high one",
            Some(EstimateRole::Best | EstimateRole::Low | EstimateRole::High | EstimateRole::Single) | None => continue,
        };
        r.item("figures", index, |r| r.warn(WarningReason::EstimateOutOfRange, format!("the estimate {message}")));
    }
}

/// Whether two figures of one claim are numbers of one estimate.
fn same_estimate(a: &Figure, b: &Figure) -> bool {
    let key = |figure: &Figure| figure.metric.as_ref().map(|metric| metric.key.clone());
    key(a) == key(b)
        && a.as_of == b.as_of
        && a.period == b.period
        && a.place == b.place
        && a.aggregation == b.aggregation
}
