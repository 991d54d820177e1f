//! What matches within a part of an answer that is in the order of a time: all of it where that is little, and the numbers of
//! all that matches where they can be found.

use super::super::super::{Damage, Direction};
use super::super::reads::Numbers;
use super::super::terms;
use super::Run;
use super::set::{Budget, Found};
use crate::domain::term::Term;

/// Places that one page looks into at least, each for its part of what the page may cost.
const PLACES_PER_PAGE: u64 = 16;

/// What matches within a place. Numbers ascend.
pub(super) enum Matching {
    /// So few that they are read at once.
    Few(Vec<u64>),
    /// More, all of them.
    Known(Vec<u64>),
    /// It was not found out.
    Many,
}

impl Run<'_> {
    /// What matches within the whole answer, or within what carries one of some terms. Where `divides`, the numbers of all that
    /// matches are of use although they are many.
    pub(super) fn matching(&self, narrowed: Option<&[Term]>, divides: bool) -> Result<Matching, Damage> {
        // A part of what the page may cost: what is not found out here is found further down.
        let allowed = self.steps_of_a_part();
        let budget = Budget::new(allowed);
        let matching = self.look(narrowed, divides, &budget);
        self.budget.take(allowed - budget.left());
        matching
    }

    fn look(&self, narrowed: Option<&[Term]>, divides: bool, budget: &Budget) -> Result<Matching, Damage> {
        let mut matches = self.matches(narrowed, 1..=self.bound, Direction::Ascending, budget)?;
        let mut numbers = Vec::new();
        loop {
            match matches.next()? {
                Found::At(number) => {
                    if self.reader.holds(number, self.bound)? {
                        let is_many = numbers.len() == self.limits.sorted;
                        if is_many && !(divides && self.is_in_reach(number, budget)) {
                            return Ok(Matching::Many);
                        }
                        numbers.push(number);
                    }
                }
                Found::End => return Ok(self.sized(numbers)),
                Found::Spent(_) => return Ok(Matching::Many),
            }
        }
    }

    /// Whether all that matches can be found with what is left of a part's budget, if it goes on as it did up to a number:
    /// otherwise it is not tried.
    fn is_in_reach(&self, number: u64, budget: &Budget) -> bool {
        let spent = self.steps_of_a_part() - budget.left();
        u128::from(spent) * u128::from(self.bound - number) / u128::from(number) <= u128::from(budget.left())
    }

    fn steps_of_a_part(&self) -> u64 {
        self.limits.steps.div_ceil(PLACES_PER_PAGE)
    }

    pub(super) fn sized(&self, numbers: Vec<u64>) -> Matching {
        if numbers.len() <= self.limits.sorted { Matching::Few(numbers) } else { Matching::Known(numbers) }
    }

    /// Those of some numbers, which ascend, that are posted under one of some terms.
    pub(super) fn among(&self, numbers: &[u64], terms: &[Term]) -> Result<Vec<u64>, Damage> {
        let mut among = Vec::new();
        for term in terms {
            let mut posted = self.reader.postings(&terms::encode(term), 1..=self.bound, Direction::Ascending);
            let mut left = numbers;
            while let Some(number) = left.first() {
                self.budget.take(1);
                let Some(next) = posted.seek(*number)? else { break };
                left = &left[left.partition_point(|number| *number < next)..];
                if left.first() == Some(&next) {
                    among.push(next);
                    left = &left[1..];
                }
            }
        }
        // A number has one of the terms.
        among.sort_unstable();
        Ok(among)
    }
}
