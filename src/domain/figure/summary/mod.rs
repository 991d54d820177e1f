//! What is said of one thing counted, side by side over time: how far the numbers spread, who stands where, which of them
//! agree and which cannot both be right, and the shares that follow. Nothing is averaged, chosen or mended.
//!
//! Not here: which claims are read, and which of their figures are asked, which is `question`.

mod coded;
mod groups;
mod pairs;
mod series;
mod shares;
mod spread;
mod statement;

pub use coded::{Coded, Convention};
pub use groups::{Group, Groups};
pub use pairs::{Pair, Pairs};
pub use series::{Bucket, Placement, Series, Stated};
pub use shares::{Share, Shares, Wholes};
pub use spread::Spread;
pub use statement::{Statement, TimeBasis};

use super::Policy;
use crate::domain::time::Precision;

/// How statements are put together. It is stated with the question and repeated with the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which numbers stand for what was said.
    pub convention: Convention,
    /// How long the periods are by which time is divided.
    pub precision: Precision,
    /// How figures are taken beyond what their words entail.
    pub policy: Policy,
    /// How much is listed; what is beyond is counted.
    pub listed: Listed,
}

/// How much of a summary is listed, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Series, by the order of their metrics.
    pub series: usize,
    /// Pairs that contradict each other, groups, and shares, of each series.
    pub findings: usize,
    /// Members of one group.
    pub members: usize,
}

/// What is said, series by series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Numbers that can be compared with each other: of one metric, one dimension, one kind, and all of them levels, changes,
    /// or numbers for a period. By metric.
    pub series: Vec<Series>,
    /// How many series there are beyond those listed.
    pub series_omitted: usize,
    /// How many statements those have.
    pub statements_omitted: usize,
}

words! {
    /// What of a summary was cut short.
    Cut, "cut" {
        /// More claims meet the filter than are considered.
        Claims = "CLAIMS",
        /// As much was looked at as may be.
        Scan = "SCAN",
        /// More statements were found than are compared.
        StatementsConsidered = "STATEMENTS_CONSIDERED",
        /// Not all series are listed.
        Series = "SERIES",
        /// Not all periods are listed.
        Buckets = "BUCKETS",
        /// Not all statements are listed.
        Statements = "STATEMENTS",
        /// Not all pairs are listed.
        Pairs = "PAIRS",
        /// Not all groups, or not all members of one, are listed.
        Groups = "GROUPS",
        /// Not all shares are listed.
        Shares = "SHARES",
    }
}

/// Puts statements side by side.
#[must_use]
pub fn summarize(statements: Vec<Statement>, wholes: &Wholes, rule: &Rule) -> Summary {
    let (mut listed, mut series_omitted, mut statements_omitted) = (Vec::new(), 0, 0);
    for members in series::partition(statements) {
        let count = members.len();
        let series = if listed.len() < rule.listed.series { Series::of(members, wholes, rule) } else { None };
        if series.is_none() {
            series_omitted += 1;
            statements_omitted += count;
        }
        listed.extend(series);
    }
    Summary { series: listed, series_omitted, statements_omitted }
}

#[cfg(test)]
mod tests;
