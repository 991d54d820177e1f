//! Pages in another order than that of recording.
//!
//! Where few versions match, all of them are read and sorted. Where many do, the calendar is walked: year by year, month
//! by month, day by day, until few match within one; and within a day, or in a text, key by key. Keys are terms, which
//! the store can enumerate in their order. Where the numbers of all that match were found on the way, they are divided among
//! the parts of the calendar, and not looked for again in each.

use std::cmp::Ordering;

use super::super::super::{Damage, Direction};
use super::super::reads::Numbers;
use super::super::terms;
use super::matching::Matching;
use super::set::Found;
use super::{READ_AT_ONCE, Run};
use crate::domain::name::RecordKind;
use crate::domain::sort::{Cursor, Sort, SortKey, TimeField};
use crate::domain::term::Term;
use crate::domain::time::{CalendarPeriod, Extent, Precision, TimeRange};
use crate::storage::{Page, PageRequest};

/// A page in the making.
pub(super) struct Sorted<'r, 'q> {
    run: &'r Run<'q>,
    page: PageRequest,
    direction: Direction,
    found: Vec<(Cursor, std::sync::Arc<crate::domain::model::Version>)>,
    /// Versions read so far.
    read: usize,
    /// Where the answer has come to, when that is behind the last version found.
    reached: Option<Cursor>,
    /// Places that were come to by their keys, whose versions are still to be read: together, since that is done on several
    /// threads.
    to_read: Vec<Cursor>,
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Continue,
    /// The page is full, or has cost enough.
    Stop,
}

impl<'r, 'q> Sorted<'r, 'q> {
    pub(super) fn new(run: &'r Run<'q>, page: PageRequest) -> Self {
        let direction = run.direction();
        Self { run, page, direction, found: Vec::new(), read: 0, reached: None, to_read: Vec::new() }
    }

    pub(super) fn page(mut self) -> Result<Page, Damage> {
        let flow = match self.run.matching(None, matches!(self.run.query.sort, Sort::Time(_)))? {
            Matching::Few(numbers) => self.sort(&numbers)?,
            Matching::Known(numbers) => self.walk(Some(&numbers))?,
            Matching::Many => self.walk(None)?,
        };
        let limit = self.page.limit;
        let is_full = self.found.len() > limit;
        self.found.truncate(limit);
        let last = self.found.last().map(|(place, _)| *place);
        let versions = self.found.into_iter().map(|(_, version)| version).collect();
        Ok(match flow {
            Flow::Continue | Flow::Stop if is_full => Page::full(versions, last),
            Flow::Continue => Page::last(versions),
            // What was looked at last lies behind the last version found.
            Flow::Stop => Page::cut_short(versions, self.reached.or(last)),
        })
    }

    /// Every place there is, in order. `known` are the numbers of all that matches, where they are known.
    fn walk(&mut self, known: Option<&[u64]>) -> Result<Flow, Damage> {
        if let Sort::Time(field) = self.run.query.sort {
            for year in self.years(field)? {
                if self.period(field, year, known)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            // Those without an earliest instant: few keys, each with many versions.
            for rank in [1, 2] {
                if self.keys(&rank_range(rank), known)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            return Ok(Flow::Continue);
        }
        for rank in [0, 2] {
            if self.keys(&rank_range(rank), known)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    /// What begins in a period of the calendar. `known` are the numbers of all that matches in a longer one, where they are
    /// known.
    fn period(&mut self, field: TimeField, period: CalendarPeriod, known: Option<&[u64]>) -> Result<Flow, Damage> {
        let keys = keys_of(period.range());
        if self.is_passed(&keys) {
            return Ok(Flow::Continue);
        }
        if self.reached.is_some() && self.run.budget.is_spent() {
            return Ok(Flow::Stop);
        }
        let terms = self.terms_of(field, period);
        // What matches within a month is found day by day as fast as it is divided.
        let matching = match known {
            Some(numbers) => self.run.sized(self.run.among(numbers, &terms)?),
            None => self.run.matching(Some(&terms), period.precision() == Precision::Year)?,
        };
        let known = match matching {
            Matching::Few(numbers) => {
                let flow = self.sort(&numbers)?;
                self.reached = Some(self.end_of(&keys));
                return Ok(flow);
            }
            Matching::Known(numbers) => Some(numbers),
            Matching::Many => None,
        };
        if period.precision() == Precision::Day {
            return self.keys(&keys, known.as_deref());
        }
        let mut parts = period.parts_of_next();
        if self.direction == Direction::Descending {
            parts.reverse();
        }
        for part in parts {
            if self.period(field, part, known.as_deref())? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    /// What has keys within a range. `known` are the numbers of all that matches in it or in a larger one, where they are
    /// known.
    fn keys(&mut self, range: &(SortKey, SortKey), known: Option<&[u64]>) -> Result<Flow, Damage> {
        let flow = self.key_by_key(range, known)?;
        Ok(if self.read_on()? == Flow::Stop { Flow::Stop } else { flow })
    }

    fn key_by_key(&mut self, range: &(SortKey, SortKey), known: Option<&[u64]>) -> Result<Flow, Damage> {
        if self.is_passed(range) {
            return Ok(Flow::Continue);
        }
        let (low, high) = self.ahead(range);
        for kind in self.kinds() {
            let (low, high) = (self.key_term(kind, low), self.key_term(kind, high));
            let mut found = self.run.reader.terms(terms::encode(&low)..=terms::encode(&high), self.direction);
            while let Some(term) = found.next()? {
                let Some(key) = terms::sort_key(&term) else { continue };
                // A key may have nothing that was there as of the bound: it costs something all the same.
                if self.reached.is_some() && self.run.budget.is_spent() {
                    return Ok(Flow::Stop);
                }
                if self.key(kind, key, known)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
        }
        Ok(Flow::Continue)
    }

    /// What has one key, in the order of numbers.
    fn key(&mut self, kind: RecordKind, key: SortKey, known: Option<&[u64]>) -> Result<Flow, Damage> {
        if self.is_passed(&(key, key)) {
            return Ok(Flow::Continue);
        }
        // The filter excludes every version with this key: none has to be read to know it.
        if !self.admits(key) {
            self.run.budget.take(1);
            self.reached = Some(self.end_of(&(key, key)));
            return Ok(Flow::Continue);
        }
        // The cursor's own key is gone on with behind its number.
        let after = self.page.after.filter(|after| after.key == key);
        let range = PageRequest { after, limit: 1 }.range(self.run.query.order, self.run.bound);
        let narrowed = [self.key_term(kind, key)];
        if let Some(known) = known {
            // Of what matches, few have this key or none: the filter is not gone through for each.
            let mut numbers = self.run.among(known, &narrowed)?;
            if self.direction == Direction::Descending {
                numbers.reverse();
            }
            for number in numbers.into_iter().filter(|number| range.contains(number)) {
                if self.place(Cursor { key, number }, false)? == Flow::Stop {
                    return Ok(Flow::Stop);
                }
            }
            self.reached = Some(self.end_of(&(key, key)));
            return Ok(Flow::Continue);
        }
        let mut matches = self.run.matches(Some(&narrowed), range, self.direction, self.run.budget)?;
        loop {
            match matches.next()? {
                Found::At(number) => {
                    if self.place(Cursor { key, number }, matches.is_exact)? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                }
                Found::End => {
                    self.reached = Some(self.end_of(&(key, key)));
                    return Ok(Flow::Continue);
                }
                Found::Spent(number) => {
                    self.reached = Some(Cursor { key, ..self.run.before(number) });
                    return Ok(Flow::Stop);
                }
            }
        }
    }

    /// Comes to a place: its version is to be read, if it holds as of the bound.
    fn place(&mut self, place: Cursor, is_exact: bool) -> Result<Flow, Damage> {
        if self.read == self.run.limits.versions {
            return Ok(Flow::Stop);
        }
        if self.run.reader.holds(place.number, self.run.bound)? {
            self.read += 1;
            self.to_read.push(place);
            if self.to_read.len() >= self.wanted(is_exact) && self.read_on()? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        self.reached = Some(place);
        Ok(Flow::Continue)
    }

    /// How many versions are read at once: as many as the page has room for, and one more.
    fn wanted(&self, is_exact: bool) -> usize {
        let room = (self.page.limit + 1).saturating_sub(self.found.len());
        if is_exact { room } else { room.max(READ_AT_ONCE) }
    }

    /// Reads the versions that are still to be read.
    fn read_on(&mut self) -> Result<Flow, Damage> {
        let places = std::mem::take(&mut self.to_read);
        let numbers: Vec<u64> = places.iter().map(|place| place.number).collect();
        for (place, version) in places.into_iter().zip(self.run.reader.versions_at(&numbers)?) {
            self.found
                .extend(version.filter(|version| self.run.query.matches(version)).map(|version| (place, version)));
        }
        Ok(if self.found.len() > self.page.limit { Flow::Stop } else { Flow::Continue })
    }

    fn admits(&self, key: SortKey) -> bool {
        match self.run.query.sort {
            Sort::Time(field) => self.run.query.filter.admits(field, key.range()),
            Sort::Recorded | Sort::Position(_) => true,
        }
    }

    /// What of a range of keys lies not before the cursor: a page far down does not go through what the pages before it had.
    fn ahead(&self, (low, high): &(SortKey, SortKey)) -> (SortKey, SortKey) {
        match (self.page.after.filter(|after| after.key.rank == low.rank), self.direction) {
            (Some(after), Direction::Ascending) => (after.key.max(*low), *high),
            (Some(after), Direction::Descending) => (*low, after.key.min(*high)),
            (None, _) => (*low, *high),
        }
    }

    /// Reads versions and adds those behind the cursor in their order.
    fn sort(&mut self, numbers: &[u64]) -> Result<Flow, Damage> {
        let order = self.run.query.order;
        let begin = self.found.len();
        self.read += numbers.len();
        for version in self.run.reader.versions_at(numbers)?.into_iter().flatten() {
            if !self.run.query.matches(&version) {
                continue;
            }
            let place = self.run.query.sort.cursor(&version);
            if self.page.after.is_none_or(|after| after.compare(&place, order) == Ordering::Less) {
                self.found.push((place, version));
            }
        }
        self.found[begin..].sort_by(|(a, _), (b, _)| a.compare(b, order));
        let is_enough = self.found.len() > self.page.limit || self.read >= self.run.limits.versions;
        Ok(if is_enough { Flow::Stop } else { Flow::Continue })
    }

    /// The years in which anything begins, in the order of the answer.
    fn years(&self, field: TimeField) -> Result<Vec<CalendarPeriod>, Damage> {
        let mut years = Vec::new();
        for kind in self.kinds() {
            for extent in Extent::KNOWN {
                let bound = |year| {
                    let year = CalendarPeriod::from_parts(year, 0, 0);
                    terms::encode(&Term::Time(kind, field, extent, year))
                };
                let mut found = self.run.reader.terms(bound(1)..=bound(9999), Direction::Ascending);
                while let Some(term) = found.next()? {
                    years.extend(terms::period(&term));
                }
            }
        }
        years.sort_unstable();
        years.dedup();
        if self.direction == Direction::Descending {
            years.reverse();
        }
        Ok(years)
    }

    fn terms_of(&self, field: TimeField, period: CalendarPeriod) -> Vec<Term> {
        let admitted = |extent: &Extent| self.run.query.filter.admits(field, Some(period.reach(*extent)));
        let extents: Vec<Extent> = Extent::KNOWN.into_iter().filter(admitted).collect();
        let of_kind = |kind| extents.iter().map(move |extent| Term::Time(kind, field, *extent, Some(period)));
        self.kinds().into_iter().flat_map(of_kind).collect()
    }

    fn key_term(&self, kind: RecordKind, key: SortKey) -> Term {
        match &self.run.query.sort {
            Sort::Time(field) => Term::TimeKey(kind, *field, key),
            Sort::Position(article) => Term::Position(article.clone(), key),
            // Nothing asks for it: numbers are read without keys.
            Sort::Recorded => Term::Kind(kind),
        }
    }

    /// The kinds of record whose keys are walked: one, since different kinds are not listed together.
    fn kinds(&self) -> Vec<RecordKind> {
        vec![self.run.query.kind.unwrap_or(RecordKind::Claim)]
    }

    /// The last place with a key within a range.
    fn end_of(&self, range: &(SortKey, SortKey)) -> Cursor {
        match self.direction {
            Direction::Ascending => Cursor { key: range.1, number: u64::MAX },
            Direction::Descending => Cursor { key: range.0, number: 0 },
        }
    }

    /// Whether all keys of a range lie before the cursor.
    fn is_passed(&self, range: &(SortKey, SortKey)) -> bool {
        let last = self.end_of(range);
        self.page.after.is_some_and(|after| last.compare(&after, self.run.query.order) != Ordering::Greater)
    }
}

/// The keys of what begins within a range of instants.
fn keys_of(range: TimeRange) -> (SortKey, SortKey) {
    let micros = |instant: Option<crate::domain::time::Timestamp>| instant.map_or(i64::MAX, |at| at.micros());
    let low = SortKey { rank: 0, first: micros(range.earliest), second: i64::MIN };
    (low, SortKey { rank: 0, first: micros(range.latest).saturating_sub(1), second: i64::MAX })
}

fn rank_range(rank: u8) -> (SortKey, SortKey) {
    let key = |extreme| SortKey { rank, first: extreme, second: extreme };
    (key(i64::MIN), key(i64::MAX))
}
