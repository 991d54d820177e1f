//! Words for parts and numbers that mean something else in a sentence: the quarter of a year, a half of a match, the score of a
//! game, what is handed over.

use super::figure::Found;
use super::quantity::Quantity;
use super::vocabulary::Meaning;
use super::{English, Scope};
use crate::domain::figure::{FigureKind, Qualifier};

/// Words in front of a half or a quarter that tell it from others.
const ORDERED: &[&str] =
    &["last", "next", "past", "previous", "current", "final", "same", "each", "every", "latter", "opening"];

/// Words that do so unless it is one of something: "the bottom half of the population".
const POSITIONS: &[&str] = &["top", "bottom", "upper", "lower"];

/// Verbs whose "over" is their own: "handed over 500 bodies".
const HANDED: &[&str] = &["hand", "hands", "handed", "handing", "turn", "turns", "turned", "turning"];

/// Verbs whose "over" is their own but in front of money: "took over 20 firms", "took over $20".
const TAKEN: &[&str] = &["take", "takes", "took", "taken", "taking"];

impl English<'_> {
    /// "in the quarter", "the second half", "half-brother", "the last three quarters"; "A third, smaller explosion".
    pub(super) fn is_other_part(&self, found: &Found) -> bool {
        if found.reading.kind != Some(FigureKind::Ratio) {
            return false;
        }
        let next = found.next;
        if self.text(found.from) == "a" {
            let begins = matches!(self.before(found.from), "" | "." | "," | ";" | "and" | "but");
            return self.text(next) == "," && begins;
        }
        let is_part = |at: usize| matches!(self.meaning(at), Some(Meaning::Part { .. }));
        if !next.checked_sub(1).is_some_and(is_part) {
            return false;
        }
        let is_number = found.reading.qualifier == Qualifier::Bare;
        if is_number && self.is_told_from_others(found.from, next) {
            return true;
        }
        let is_joined = self.text(next) == "-" && !self.is_apart(next) && !self.is_apart(next + 1);
        let is_quarter = self.text(found.from) == "quarter" && (self.text(next) != "of" || self.is_of_year(next + 1));
        next == found.from + 1 && (is_joined || is_quarter)
    }

    /// "second half", "second-half", "last three quarters".
    fn is_told_from_others(&self, at: usize, next: usize) -> bool {
        let is_joined = self.before(at) == "-" && !self.is_apart(at);
        let before = at.checked_sub(if is_joined { 2 } else { 1 });
        before.is_some_and(|before| {
            matches!(self.meaning(before), Some(Meaning::Ordinal { .. }))
                || ORDERED.contains(&self.text(before))
                || (POSITIONS.contains(&self.text(before)) && self.text(next) != "of")
        })
    }

    /// Whether the "over" at this token belongs to the verb in front of it.
    pub(super) fn is_phrasal(&self, at: usize, quantity: &Quantity) -> bool {
        let before = self.before(at);
        let is_money = quantity.measure.kind() == Some(FigureKind::Money);
        HANDED.contains(&before) || (TAKEN.contains(&before) && !is_money)
    }

    /// "a score of 85": the score is no number.
    pub(super) fn is_result(&self, at: usize) -> bool {
        let is_counting = self.text(at + 1) == "of" && !self.is_counting(at + 2);
        self.scope == Scope::Sentence && self.text(at) == "score" && !is_counting && self.text(at + 1) != "or"
    }

    /// "20 foot soldiers" are not 20 feet.
    pub(super) fn is_on_foot(&self, at: usize) -> bool {
        self.text(at) == "foot" && matches!(self.text(at + 1), "soldier" | "soldiers" | "patrol" | "patrols")
    }
}
