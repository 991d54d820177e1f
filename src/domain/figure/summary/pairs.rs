//! What every two statements say about each other. All pairs are counted; those that cannot both be right are listed.

use std::collections::BTreeMap;

use super::statement::Compared;
use crate::domain::figure::compare::{Finding, Incomparable};
use crate::domain::figure::facts::Ranked;

/// Pairs of the statements of a series, by where they stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// How many pairs there are of each finding.
    pub findings: BTreeMap<Finding, u64>,
    /// How many cannot be compared, by reason.
    pub incomparable: BTreeMap<Incomparable, u64>,
    /// Those that contradict each other and those that have decreased, in the order of the statements, the first few.
    pub listed: Vec<Pair>,
}

/// Two statements that cannot both be right, or of which the later one is lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one.
    pub a: usize,
    /// The other, behind it.
    pub b: usize,
    /// What they say about each other.
    pub finding: Finding,
    /// Whether the time of one is not stated: they were compared as if it were the other's.
    pub as_of_assumed: bool,
}

impl Pairs {
    /// Compares every two.
    pub(super) fn of(compared: &[Compared], ranked: &[Ranked], listed_max: usize) -> Self {
        let mut pairs = Self::default();
        // Counted in arrays: there are millions.
        let (mut findings, mut reasons) = ([0u64; Finding::ALL.len()], [0u64; Incomparable::ALL.len()]);
        let sides = || compared.iter().zip(ranked).enumerate();
        for (a, (one, hard)) in sides() {
            for (b, (other, other_hard)) in sides().skip(a + 1) {
                let comparison = one
                    .facts
                    .comparable(&other.facts)
                    .and_then(|()| one.facts.finding(*hard, &other.facts, *other_hard, || one.ground(other)));
                match comparison {
                    Ok(comparison) => {
                        findings[comparison.finding as usize] += 1;
                        let is_listed = match comparison.finding {
                            Finding::Contradict | Finding::Decreased => pairs.listed.len() < listed_max,
                            Finding::Agree | Finding::Differ | Finding::Grown => false,
                        };
                        if is_listed {
                            let (finding, as_of_assumed) = (comparison.finding, comparison.as_of_assumed);
                            pairs.listed.push(Pair { a, b, finding, as_of_assumed });
                        }
                    }
                    Err(reason) => reasons[reason as usize] += 1,
                }
            }
        }
        let counted = |count: &u64| *count > 0;
        pairs.findings = Finding::ALL.iter().copied().zip(findings).filter(|(_, count)| counted(count)).collect();
        pairs.incomparable =
            Incomparable::ALL.iter().copied().zip(reasons).filter(|(_, count)| counted(count)).collect();
        pairs
    }

    /// How many pairs cannot both be right, or have decreased: those that are listed, and more.
    #[must_use]
    pub fn conflicts(&self) -> u64 {
        self.count(Finding::Contradict) + self.count(Finding::Decreased)
    }

    /// How many pairs have a finding.
    #[must_use]
    pub fn count(&self, finding: Finding) -> u64 {
        self.findings.get(&finding).copied().unwrap_or(0)
    }
}
