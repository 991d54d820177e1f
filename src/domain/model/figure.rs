//! A number in a claim.

use super::{Aggregation, EstimateRole, LinkTarget, Place, Span, TimeGiven, UnitSystem, WholeRelation};
use crate::domain::decimal::Decimal;
use crate::domain::figure::{Bounds, FigureKind, Qualifier};
use crate::domain::name::FigureId;

/// A figure; see `claimdb.v1.Figure`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Figure {
    /// Unique in its claim; always there in a stored figure.
    pub id: Option<FigureId>,
    /// The words.
    pub verbatim: String,
    /// Where the words stand.
    pub span: Option<Box<Span>>,
    /// What kind of number it is.
    pub kind: Option<FigureKind>,
    /// The number named.
    pub value: Option<Decimal>,
    /// How the words qualify it; absent in a stored figure when the words could not be read.
    pub qualifier: Option<Qualifier>,
    /// What the words entail.
    pub bounds: Bounds,
    /// The word that scales the number.
    pub scale_word: String,
    /// How many digits of the value carry information; 0 without a value.
    pub significant_digits: u32,
    /// What the number is measured in.
    pub unit: Option<Unit>,
    /// What the number counts.
    pub metric: Option<Metric>,
    /// How the number relates to time.
    pub aggregation: Option<Aggregation>,
    /// The time the number holds for.
    pub as_of: Option<Box<TimeGiven>>,
    /// The period it covers.
    pub period: Option<Box<TimeGiven>>,
    /// The place it covers.
    pub place: Option<Box<Place>>,
    /// The figure this one is a part of.
    pub whole: Option<LinkTarget>,
    /// How it is a part of it.
    pub whole_relation: Option<WholeRelation>,
    /// Its role in an estimate.
    pub role: Option<EstimateRole>,
}

/// What a number is measured in.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Unit {
    /// Where the code comes from; absent for a plain number.
    pub system: Option<UnitSystem>,
    /// The code.
    pub code: String,
    /// The unit in the text's words.
    pub verbatim: String,
}

impl Unit {
    /// The unit without the text's words for it; none without a code, which is that of plain numbers.
    #[must_use]
    pub fn coded(self) -> Option<Self> {
        self.system.is_some().then(|| Self { verbatim: String::new(), ..self })
    }
}

/// What a number counts or measures.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Metric {
    /// A free dotted key.
    pub key: String,
    /// The metric for readers.
    pub label: String,
    /// What exactly is counted.
    pub definition: String,
}

impl Metric {
    /// Whether a key is another one or below it, in whole segments.
    #[must_use]
    pub fn is_within(key: &str, beginning: &str) -> bool {
        key.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_within_itself_and_what_stands_before_a_dot_of_it() {
        for (metric, wanted, within) in [
            ("a.b", "a.b", true),
            ("a.b.c", "a.b", true),
            ("a.b.c", "a", true),
            ("a.bc", "a.b", false),
            ("a", "a.b", false),
            ("b.a", "a", false),
        ] {
            assert_eq!(Metric::is_within(metric, wanted), within, "{metric} {wanted}");
        }
    }
}
