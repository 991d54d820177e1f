//! Sets of version numbers, read in order and only as far as they are asked: posting lists and what is made of them.

use std::cell::Cell;

use super::super::super::{Damage, Direction, Postings};

/// How much a query may still look at.
#[derive(Debug)]
pub(super) struct Budget(Cell<u64>);

impl Budget {
    pub(super) fn new(steps: u64) -> Self {
        Self(Cell::new(steps))
    }

    pub(super) fn take(&self, steps: u64) {
        self.0.set(self.0.get().saturating_sub(steps));
    }

    pub(super) fn left(&self) -> u64 {
        self.0.get()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// Where a search came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The next number of the set.
    At(u64),
    /// There is none.
    End,
    /// The budget was spent before: nothing before this number is in the set. It lies behind where the search began, so
    /// that whoever goes on from there makes headway.
    Spent(u64),
}

/// A set of numbers. Reading goes in one direction and never back.
pub(super) enum Set {
    /// The numbers posted under a term.
    Postings(Box<Postings>),
    /// All numbers from one to another, both included.
    Range { low: u64, high: u64 },
    /// What is in every one; never empty.
    All(Vec<Set>),
    /// What is in at least one.
    Any(Vec<Ahead>),
    /// What is in one and not in another.
    Without(Box<Without>),
}

/// A set that may be read ahead of others.
pub(super) struct Ahead {
    set: Set,
    /// Its next number, as far as it was read; it is not looked for again before the others have come to it.
    next: Option<Found>,
}

/// What is in one set and not in another.
pub(super) struct Without {
    set: Set,
    other: Set,
    /// The search made last: where it began and what it came to. The sets were read as far as that, and never go back, so a
    /// search that begins in between goes on from there.
    last: Option<(u64, Found)>,
}

/// How the sets of one query are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seek<'b> {
    pub(super) direction: Direction,
    pub(super) budget: &'b Budget,
}

impl Set {
    /// What is in at least one.
    pub(super) fn any(sets: impl IntoIterator<Item = Self>) -> Self {
        Self::Any(sets.into_iter().map(|set| Ahead { set, next: None }).collect())
    }

    /// What is in one set and not in another.
    pub(super) fn without(set: Self, other: Self) -> Self {
        Self::Without(Box::new(Without { set, other, last: None }))
    }
}

impl Seek<'_> {
    /// The number behind this one; none behind the last there can be.
    pub(super) fn behind(self, number: u64) -> Option<u64> {
        match self.direction {
            Direction::Ascending => number.checked_add(1),
            Direction::Descending => number.checked_sub(1),
        }
    }

    /// The first number of a set at or behind `from`.
    pub(super) fn first(self, set: &mut Set, from: u64) -> Result<Found, Damage> {
        match set {
            Set::Postings(list) => {
                self.budget.take(1);
                Ok(list.seek(from)?.map_or(Found::End, Found::At))
            }
            Set::Range { low, high } => {
                let nearest = match self.direction {
                    Direction::Ascending => from.max(*low),
                    Direction::Descending => from.min(*high),
                };
                Ok(if (*low..=*high).contains(&nearest) { Found::At(nearest) } else { Found::End })
            }
            Set::All(sets) => self.first_of_all(sets, from),
            Set::Any(sets) => self.first_of_any(sets, from),
            Set::Without(without) => self.first_without(without, from),
        }
    }

    fn first_of_all(self, sets: &mut [Set], from: u64) -> Result<Found, Damage> {
        let mut candidate = from;
        // How many in a row have the candidate.
        let mut agreed = 0;
        let count = sets.len();
        for turn in (0..count).cycle() {
            match self.first(&mut sets[turn], candidate)? {
                Found::At(number) if number == candidate => agreed += 1,
                Found::At(number) => (candidate, agreed) = (number, 1),
                found @ (Found::End | Found::Spent(_)) => return Ok(found),
            }
            if agreed == count {
                return Ok(Found::At(candidate));
            }
            if candidate != from && self.budget.is_spent() {
                return Ok(Found::Spent(candidate));
            }
        }
        Ok(Found::End)
    }

    fn first_of_any(self, sets: &mut [Ahead], from: u64) -> Result<Found, Damage> {
        let mut first = Found::End;
        for Ahead { set, next } in sets {
            let found = match *next {
                Some(Found::End) => Found::End,
                Some(Found::At(number)) if !self.is_before(number, from) => Found::At(number),
                Some(Found::At(_) | Found::Spent(_)) | None => self.first(set, from)?,
            };
            *next = Some(found);
            first =
                match (first, found) {
                    (Found::End, found) => found,
                    (first, Found::End) => first,
                    (Found::At(a) | Found::Spent(a), Found::At(b) | Found::Spent(b)) if a != b => {
                        if self.is_before(a, b) { first } else { found }
                    }
                    // At the same number it is enough that one has it.
                    (Found::At(_), _) => first,
                    (Found::Spent(_), found) => found,
                };
        }
        Ok(first)
    }

    fn first_without(self, without: &mut Without, begin: u64) -> Result<Found, Damage> {
        let mut from = begin;
        if let Some((begun, found)) = without.last
            && !self.is_before(begin, begun)
        {
            match found {
                Found::End => return Ok(Found::End),
                Found::At(number) if !self.is_before(number, begin) => return Ok(Found::At(number)),
                Found::Spent(number) if !self.is_before(number, begin) => from = number,
                Found::At(_) | Found::Spent(_) => {}
            }
        }
        let found = self.search_without(without, from)?;
        without.last = Some((begin, found));
        Ok(found)
    }

    fn search_without(self, without: &mut Without, mut from: u64) -> Result<Found, Damage> {
        loop {
            let number = match self.first(&mut without.set, from)? {
                Found::At(number) => number,
                found @ (Found::End | Found::Spent(_)) => return Ok(found),
            };
            match self.first(&mut without.other, number)? {
                Found::At(excluded) if excluded == number => {}
                // The other one's next number lies behind.
                Found::At(_) | Found::Spent(_) | Found::End => return Ok(Found::At(number)),
            }
            let Some(behind) = self.behind(number) else { return Ok(Found::End) };
            if self.budget.is_spent() {
                return Ok(Found::Spent(behind));
            }
            from = behind;
        }
    }

    fn is_before(self, a: u64, b: u64) -> bool {
        match self.direction {
            Direction::Ascending => a < b,
            Direction::Descending => a > b,
        }
    }
}
