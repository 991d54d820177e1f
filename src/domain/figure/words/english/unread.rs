//! What stands beside a number, belongs to it and is not read: digits in another notation. A number beside them would be
//! another one than is meant, so it is left out.

use super::super::token::Shape;
use super::English;
use super::figure::Found;
use super::vocabulary::Meaning;

/// How many two-digit groups are looked through for the three digits that a grouped number ends with: "12 34 56 789".
const GROUPS_OF_TWO_MAX: usize = 4;

impl English<'_> {
    /// Whether the figure is one end, or the scale word, of a number in another notation: "from 10 to 12 000",
    /// "5,00 million".
    pub(super) fn is_part_of_unread(&self, found: &Found) -> bool {
        let is_scale =
            matches!(self.meaning(found.from), Some(Meaning::Scale(_) | Meaning::Hundred | Meaning::Dozen(_)));
        let is_behind = |length: usize| found.from.checked_sub(length).is_some_and(|at| self.is_unread(at));
        let is_high = self.is_joint(found.from.saturating_sub(1)) && is_behind(2);
        is_high || (is_scale && is_behind(1)) || self.leads_to_unread(found.next)
    }

    /// Whether the other end of a range, or what a share is of, stands here and is not read.
    fn leads_to_unread(&self, at: usize) -> bool {
        let other = match (self.text(at), self.text(at + 1)) {
            ("in", _) => at + 1,
            ("out", "of") => at + 2,
            (_, _) if self.is_joint(at) => at + 1,
            (_, _) => return false,
        };
        let is_money = matches!(self.text(other), "$" | "£" | "€");
        self.is_unread(other) || (is_money && self.is_unread(other + 1) && self.quantity(other).is_none())
    }

    /// What may part the ends of a range.
    fn is_joint(&self, at: usize) -> bool {
        matches!(self.text(at), "to" | "through" | "and" | "-" | "–" | "—" | "~")
    }

    /// Whether a number in digits stands here that is not read, because it is in another notation.
    fn is_unread(&self, at: usize) -> bool {
        self.shape(at) == Some(Shape::Digits) && self.digits(at).is_none()
    }

    /// Whether plain spaces may group the digits here with those beside them: "12 000", "12 34 567". A year in front of a
    /// number does not.
    pub(super) fn is_spaced(&self, at: usize) -> bool {
        let is_head = |at: usize| self.shape(at) == Some(Shape::Digits) && !self.stands_as_year(at);
        let is_behind_head = at.checked_sub(1).is_some_and(is_head);
        if is_behind_head && self.is_group(at, 3) {
            return true;
        }
        let twos = (at + 1..).take(GROUPS_OF_TWO_MAX).take_while(|at| self.is_group(*at, 2)).count();
        is_head(at) && self.is_group(at + 1 + twos, 3)
    }

    /// Whether digits that begin with so many before a separator stand here, apart from what is before them.
    fn is_group(&self, at: usize, length: usize) -> bool {
        self.token(at).is_some_and(|token| {
            let whole = token.text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            token.shape == Shape::Digits && token.is_apart && whole.len() == length
        })
    }
}
