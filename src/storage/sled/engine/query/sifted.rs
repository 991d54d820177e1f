//! Pages without what a sieve holds back: the sketches of a metric lie side by side in the index, and are looked up for many
//! numbers at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::super::Damage;
use super::super::{sketches, terms};
use super::set::Found;
use super::{Matches, Run};
use crate::domain::model::Version;
use crate::storage::{Cursor, HeldBack, Page, PageRequest, Sieve, Sifted};

/// Numbers whose sketches are looked up together at first: some times as many as the page takes versions, within these.
const NUMBERS_FIRST: (usize, usize) = (16, 256);

/// Numbers whose sketches are looked up together, at most: where little comes through, more at once cost less than to look
/// into the segments again.
const NUMBERS_MAX: usize = 16_384;

/// Places in posting lists that are looked at for the sketch of one number, at most: they are passed one after the other, and so
/// many take a fraction of what it takes to read a version.
const PLACES_PER_NUMBER: u64 = 512;

/// How many of those places take a step of what the query may cost: to look for one place costs that much more.
const PLACES_PER_STEP: u64 = 64;

/// Sketches whose answers are found out for a page, at most: some milliseconds' worth. A metric has some hundreds.
const SKETCHES: usize = 1_024;

/// A page in the making.
pub(super) struct Sieving<'r, 'q> {
    run: &'r Run<'q>,
    sieve: &'r Sieve,
    page: PageRequest,
    versions: Vec<Arc<Version>>,
    held_back: Vec<HeldBack>,
    /// The last number that was looked at.
    last: Option<Cursor>,
    /// Versions read so far.
    read: usize,
    /// The group of each sketch that was met.
    groups: HashMap<Box<[u8]>, Option<usize>>,
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Continue,
    /// The page is full, and something was left.
    Full,
    /// As many versions were read as may be.
    Spent,
}

impl<'r, 'q> Sieving<'r, 'q> {
    pub(super) fn new(run: &'r Run<'q>, sieve: &'r Sieve, page: PageRequest) -> Self {
        Self {
            run,
            sieve,
            page,
            versions: Vec::new(),
            held_back: vec![HeldBack::default()],
            last: page.after,
            read: 0,
            groups: HashMap::new(),
        }
    }

    pub(super) fn sift(mut self, mut matches: Matches<'_>) -> Result<Sifted, Damage> {
        let mut at_once = (4 * self.page.limit).clamp(NUMBERS_FIRST.0, NUMBERS_FIRST.1).max(self.page.limit);
        loop {
            let (numbers, end) = self.run.wave(&mut matches, at_once)?;
            match self.take(&numbers)? {
                Flow::Continue => {}
                Flow::Full => return Ok(self.ended(Page::full)),
                Flow::Spent => return Ok(self.ended(Page::cut_short)),
            }
            match end {
                // Whether more comes through need not be found out.
                None if self.versions.len() == self.page.limit => return Ok(self.ended(Page::full)),
                None => {}
                Some(Found::Spent(number)) => {
                    self.last = Some(self.run.before(number));
                    return Ok(self.ended(Page::cut_short));
                }
                Some(Found::End | Found::At(_)) => return Ok(self.ended(|versions, _| Page::last(versions))),
            }
            at_once = (4 * at_once).min(NUMBERS_MAX);
        }
    }

    fn ended(self, page: impl FnOnce(Vec<Arc<Version>>, Option<Cursor>) -> Page) -> Sifted {
        Sifted { page: page(self.versions, self.last), held_back: self.held_back }
    }

    /// Takes numbers in the order of the answer.
    fn take(&mut self, numbers: &[u64]) -> Result<Flow, Damage> {
        let numbers = self.with_groups(numbers)?;
        let mut left = &numbers[..];
        while !left.is_empty() {
            let room = self.page.limit - self.versions.len();
            let may_read = room.min(self.run.limits.versions - self.read);
            // What is read at once: as much as is room for, and what is held back before the next one.
            let mut to_read = Vec::new();
            let end = left.iter().position(|(number, group)| {
                let is_read = group.is_none();
                if is_read && to_read.len() < may_read {
                    to_read.push(*number);
                    return false;
                }
                is_read
            });
            let (taken, rest) = left.split_at(end.unwrap_or(left.len()));
            self.read += to_read.len();
            let mut versions = self.run.reader.versions_at(&to_read)?.into_iter();
            for (number, group) in taken {
                match group {
                    Some(group) => self.hold_back(*group),
                    None => {
                        let read = versions.next().flatten();
                        if let Some(version) = read.filter(|version| self.run.query.matches(version)) {
                            self.versions.push(version);
                            self.held_back.push(HeldBack::default());
                        }
                    }
                }
                self.last = Some(Cursor::at(*number));
            }
            left = rest;
            if !left.is_empty() && self.versions.len() == self.page.limit {
                return Ok(Flow::Full);
            }
            if !left.is_empty() && self.read == self.run.limits.versions {
                return Ok(Flow::Spent);
            }
        }
        Ok(Flow::Continue)
    }

    fn hold_back(&mut self, group: usize) {
        if let Some(held_back) = self.held_back.last_mut().and_then(|groups| groups.get_mut(group)) {
            *held_back += 1;
        }
    }

    /// Numbers, which ascend or descend, each with its group where it is held back.
    fn with_groups(&mut self, numbers: &[u64]) -> Result<Vec<(u64, Option<usize>)>, Damage> {
        let mut ascending = numbers.to_vec();
        let descends = numbers.first() > numbers.last();
        if descends {
            ascending.reverse();
        }
        let (known, sieve) = (&mut self.groups, self.sieve);
        let group = |sketch: &[u8]| {
            if let Some(group) = known.get(sketch) {
                return *group;
            }
            if known.len() == SKETCHES {
                return None;
            }
            let group = sketches::read(sketch).and_then(|sketch| (sieve.group)(&sketch));
            known.insert(sketch.into(), group);
            group
        };
        let beginning = terms::sketches_of(&sieve.metric);
        let places = PLACES_PER_NUMBER * numbers.len() as u64;
        let (mut groups, looked_at) = self.run.reader.chosen_of(&beginning, &ascending, places, group)?;
        self.run.budget.take(looked_at / PLACES_PER_STEP);
        if descends {
            groups.reverse();
        }
        Ok(numbers.iter().copied().zip(groups).collect())
    }
}
