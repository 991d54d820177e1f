//! What is to be reached, printed beside what was.

use std::fmt;

use crate::median::median;
use crate::report::short;

/// What a ratio has to be.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    pub(crate) fn is_reached(self, ratio: f64) -> bool {
        match self {
            Self::AtLeast(least) => ratio >= least,
            Self::AtMost(most) => ratio <= most,
        }
    }

    /// The goal, and whether it is reached, as two cells.
    pub(crate) fn cells(self, ratio: f64) -> String {
        format!("{self} | {}", self.verdict(ratio))
    }

    /// The same of a value with a unit.
    pub(crate) fn cells_of(self, value: f64, unit: &str) -> String {
        format!("{self} {unit} | {}", self.verdict(value))
    }

    fn verdict(self, value: f64) -> &'static str {
        if self.is_reached(value) { "reached" } else { "**missed**" }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "≥ {least}"),
            Self::AtMost(most) => write!(f, "≤ {most}"),
        }
    }
}

/// One row of two figures side by side, of one run or several: claimdb's, and that of what it is measured by.
pub(crate) struct Beside<'a> {
    pub(crate) what: &'a str,
    /// A value for each run.
    pub(crate) ours: &'a [f64],
    /// As many, or none.
    pub(crate) theirs: &'a [f64],
    pub(crate) goal: Option<Goal>,
}

impl Beside<'_> {
    /// The head of a table, with the name of the other.
    pub(crate) fn head(what: &str, other: &str) {
        say!("| {what} | claimdb | {other} | claimdb / {other} | goal | |");
        say!("|---|---|---|---|---|---|");
    }

    /// Medians, and of ratios, which are taken within a run, the lowest and the highest.
    pub(crate) fn print(&self) {
        let ratios: Vec<f64> = self.ours.iter().zip(self.theirs).map(|(ours, theirs)| ours / theirs).collect();
        let ratio = (!ratios.is_empty()).then(|| median(ratios.iter().copied()));
        let verdict = self.goal.map(|goal| match ratio {
            Some(ratio) => goal.cells(ratio),
            None => format!("{goal} | not compared"),
        });
        say!(
            "| {} | {} | {} | {} | {} |",
            self.what,
            cell(self.ours),
            cell(self.theirs),
            ratio.map_or_else(String::new, |ratio| format!("{}{}", short(ratio), spread(&ratios))),
            verdict.unwrap_or_else(|| " | ".to_owned())
        );
    }
}

fn cell(values: &[f64]) -> String {
    if values.is_empty() { String::new() } else { short(median(values.iter().copied())) }
}

/// The lowest and the highest of several, in brackets.
pub(crate) fn spread(values: &[f64]) -> String {
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    if values.len() > 1 { format!(" ({} to {})", short(low), short(high)) } else { String::new() }
}
