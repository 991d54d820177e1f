//! What is to be reached, printed beside what was.

use std::fmt;

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
        format!("{self} | {}", if self.is_reached(ratio) { "reached" } else { "**missed**" })
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

/// One row of two figures side by side: claimdb's, and that of what it is measured by.
pub(crate) struct Beside<'a> {
    pub(crate) what: &'a str,
    pub(crate) ours: f64,
    pub(crate) theirs: Option<f64>,
    pub(crate) goal: Option<Goal>,
}

impl Beside<'_> {
    /// The head of a table, with the name of the other.
    pub(crate) fn head(what: &str, other: &str) {
        println!("| {what} | claimdb | {other} | claimdb / {other} | goal | |");
        println!("|---|---|---|---|---|---|");
    }

    pub(crate) fn print(&self) {
        let ratio = self.theirs.map(|theirs| self.ours / theirs);
        let cell = |value: Option<f64>| value.map_or_else(String::new, short);
        let verdict = self.goal.zip(ratio).map(|(goal, ratio)| goal.cells(ratio));
        let verdict = verdict.or_else(|| self.goal.map(|goal| format!("{goal} | not compared")));
        let (ours, theirs, ratio) = (short(self.ours), cell(self.theirs), cell(ratio));
        println!("| {} | {ours} | {theirs} | {ratio} | {} |", self.what, verdict.unwrap_or_else(|| " | ".to_owned()));
    }
}
