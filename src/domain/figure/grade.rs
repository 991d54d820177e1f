//! How far a figure meets a question: from certain to excluded.

use super::intervals::Numbers;
use super::{Bounds, Intervals};

words! {
    /// How far a figure lies in the interval that is asked for, from not at all to certainly.
    Grade, "grade" {
        /// Nothing that the words allow is asked for.
        Excluded = "EXCLUDED",
        /// Something that the words allow is asked for, and nothing that the policy takes them for.
        Remote = "REMOTE",
        /// Something that the policy takes the words for is asked for.
        Possible = "POSSIBLE",
        /// Everything that the policy takes the words for is asked for.
        Likely = "LIKELY",
        /// Everything that the words allow is asked for.
        Certain = "CERTAIN",
    }
}

impl Intervals {
    /// How far the figure lies in what is asked for.
    #[must_use]
    pub fn grade(&self, asked: &Bounds) -> Grade {
        let whole = match self.numbers {
            Numbers::Whole => Some(asked.whole()),
            Numbers::All => None,
        };
        let asked = whole.as_ref().unwrap_or(asked);
        // First, because nothing at all would lie in everything.
        if !self.hard.meets(asked) {
            Grade::Excluded
        } else if self.hard.is_within(asked) {
            Grade::Certain
        } else if self.soft.is_within(asked) {
            Grade::Likely
        } else if self.soft.meets(asked) {
            Grade::Possible
        } else {
            Grade::Remote
        }
    }
}

#[cfg(test)]
#[path = "grade_tests.rs"]
mod tests;
