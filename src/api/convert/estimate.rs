//! Estimates given as several numbers: warns where they do not fit together. They are recorded as said.

use super::reader::Reader;
use crate::domain::figure::estimate::{Anomaly, anomaly};
use crate::domain::model::{Figure, WarningReason};

pub(super) fn check(r: &mut Reader, figures: &[Figure]) {
    for (index, figure) in figures.iter().enumerate() {
        let message = match anomaly(figure, figures) {
            None => continue,
            Some(Anomaly::BelowLow) => "is below the low one",
            Some(Anomaly::AboveHigh) => "is above the high one",
        };
        r.item("figures", index, |r| r.warn(WarningReason::EstimateOutOfRange, format!("the estimate {message}")));
    }
}

/// How one of some figures of a claim lies outside the other numbers of its estimate, if it does.
pub(super) fn anomaly_of(all: &[Figure], some: &[Figure]) -> Option<Anomaly> {
    some.iter().find_map(|figure| anomaly(figure, all))
}
