//! Queries: from a filter to sets of numbers, and from those to the versions of a page.
//!
//! A page costs what it holds: sets are read in the order of the answer and only as far as it needs. What a filter that
//! matches little may look at is bounded; the page then ends early, and the next one goes on from there.

mod compile;
mod matching;
mod set;
mod sifted;
mod sorted;

use std::ops::RangeInclusive;
use std::sync::Arc;

use self::compile::{Compiled, Compiler};
use self::set::{Budget, Found, Seek};
use self::sifted::Sieving;
use self::sorted::Sorted;
use super::super::{Damage, Direction};
use super::reading::Reading;
use super::reads::Numbers;
use crate::domain::model::Version;
use crate::domain::name::RecordKind;
use crate::domain::term::Term;
use crate::storage::{Counted, Cursor, Order, Page, PageRequest, Query, Sieve, Sifted, Sort};

/// Versions that are read at once at least, where not all that are found have to match.
const READ_AT_ONCE: usize = 16;

/// How much one page, or one part of a count, may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryLimits {
    /// Places in posting lists that are looked at.
    pub steps: u64,
    /// Versions that are read: fewer, since each is decompressed.
    pub versions: usize,
    /// Versions that are read at once to be sorted: more cost more than walking the index in their order.
    pub sorted: usize,
}

impl Default for QueryLimits {
    fn default() -> Self {
        // Some tenths of a second.
        Self { steps: 200_000, versions: 10_000, sorted: 256 }
    }
}

impl QueryLimits {
    /// The same, within narrower bounds.
    pub(super) fn within(self, steps: u64, versions: usize) -> Self {
        Self { steps: self.steps.min(steps), versions: self.versions.min(versions), sorted: self.sorted.min(versions) }
    }
}

/// One page of the versions that hold as of a bound and meet a query.
pub(super) fn page(
    reader: &Reading,
    query: &Query,
    bound: u64,
    page: PageRequest,
    limits: QueryLimits,
) -> Result<Page, Damage> {
    let budget = Budget::new(limits.steps);
    let run = Run { reader, query, bound, limits, budget: &budget };
    let page = match &query.sort {
        Sort::Recorded => {
            let matches = run.matches(None, page.range(query.order, bound), run.direction(), run.budget)?;
            run.recorded(page, matches)
        }
        Sort::Time(_) | Sort::Position(_) => Sorted::new(&run, page).page(),
    }?;
    Ok(Page { scanned: limits.steps - budget.left(), ..page })
}

/// One page of them in the order of recording, without what a sieve holds back.
pub(super) fn sift(
    reader: &Reading,
    query: &Query,
    sieve: &Sieve,
    bound: u64,
    page: PageRequest,
    limits: QueryLimits,
) -> Result<Sifted, Damage> {
    let budget = Budget::new(limits.steps);
    let run = Run { reader, query, bound, limits, budget: &budget };
    let matches = run.matches(None, page.range(query.order, bound), run.direction(), run.budget)?;
    // What has to be read to know whether it matches cannot be held back.
    let sifted = if matches.is_exact && query.kind.is_some() {
        Sieving::new(&run, sieve, page).sift(matches)
    } else {
        run.recorded(page, matches).map(Sifted::whole)
    }?;
    Ok(Sifted { page: Page { scanned: limits.steps - budget.left(), ..sifted.page }, ..sifted })
}

/// How many versions hold as of a bound and meet a query.
pub(super) fn count(
    reader: &Reading,
    query: &Query,
    bound: u64,
    after: Option<Cursor>,
    limits: QueryLimits,
) -> Result<Counted, Damage> {
    let budget = Budget::new(limits.steps);
    let run = Run { reader, query, bound, limits, budget: &budget };
    let range = PageRequest { after, limit: usize::MAX }.range(Order::Ascending, bound);
    let mut matches = run.matches(None, range, Direction::Ascending, run.budget)?;
    // A commit that changes nothing has a number that is of no kind: what does not ask for a kind has to look.
    let is_exact = matches.is_exact && query.kind.is_some();
    let (mut count, mut read) = (0, 0);
    loop {
        match matches.next()? {
            Found::At(number) => {
                if !reader.holds(number, bound)? {
                    continue;
                }
                if is_exact {
                    count += 1;
                    continue;
                }
                if read == limits.versions {
                    return Ok(Counted { count, next: number.checked_sub(1).map(Cursor::at) });
                }
                read += 1;
                count += u64::from(run.version(number)?.is_some());
            }
            Found::End => return Ok(Counted { count, next: None }),
            Found::Spent(number) => return Ok(Counted { count, next: number.checked_sub(1).map(Cursor::at) }),
        }
    }
}

/// One query as it is answered.
struct Run<'q> {
    reader: &'q Reading,
    query: &'q Query,
    bound: u64,
    limits: QueryLimits,
    budget: &'q Budget,
}

/// The numbers that may meet a query, one after the other.
struct Matches<'b> {
    compiled: Compiled,
    is_exact: bool,
    seek: Seek<'b>,
    /// Where the next one is looked for; none behind the last.
    from: Option<u64>,
    /// Whether one was looked for: without that there is no headway, whatever it costs.
    has_begun: bool,
}

impl Matches<'_> {
    fn next(&mut self) -> Result<Found, Damage> {
        let Some(from) = self.from else { return Ok(Found::End) };
        if self.has_begun && self.seek.budget.is_spent() {
            return Ok(Found::Spent(from));
        }
        self.has_begun = true;
        let found = self.seek.first(&mut self.compiled.set, from)?;
        self.from = match found {
            Found::At(number) => self.seek.behind(number),
            Found::End => None,
            Found::Spent(number) => Some(number),
        };
        Ok(found)
    }
}

impl<'q> Run<'q> {
    /// What may meet the query, and carries a further set of terms, within a range of numbers.
    fn matches<'b>(
        &self,
        narrowed: Option<&[Term]>,
        range: RangeInclusive<u64>,
        direction: Direction,
        budget: &'b Budget,
    ) -> Result<Matches<'b>, Damage> {
        let kinds: &[RecordKind] = match &self.query.kind {
            Some(kind) => std::slice::from_ref(kind),
            None => &RecordKind::ALL,
        };
        let from = match direction {
            Direction::Ascending => *range.start(),
            Direction::Descending => *range.end(),
        };
        let from = (!range.is_empty()).then_some(from);
        let compiler = Compiler { reader: self.reader, kinds, range, direction, budget };
        let compiled = compiler.query(self.query, narrowed)?;
        let seek = Seek { direction, budget };
        Ok(Matches { is_exact: compiled.is_exact, compiled, seek, from, has_begun: false })
    }

    /// The version with this number, if it meets the query.
    fn version(&self, number: u64) -> Result<Option<Arc<Version>>, Damage> {
        let version = self.reader.version_at(number)?;
        Ok(version.filter(|version| self.query.matches(version)))
    }

    fn recorded(&self, page: PageRequest, mut matches: Matches<'_>) -> Result<Page, Damage> {
        let (mut versions, mut last, mut read) = (Vec::new(), page.after, 0);
        loop {
            // One more than the page takes: whether there is one says whether there is a next page.
            let wanted = page.limit + 1 - versions.len();
            // Where some that are read turn out not to match, the last few are not read one by one.
            let wanted = if matches.is_exact { wanted } else { wanted.max(READ_AT_ONCE) };
            let (numbers, end) = self.wave(&mut matches, wanted.min(self.limits.versions - read))?;
            read += numbers.len();
            for (number, version) in numbers.iter().zip(self.reader.versions_at(&numbers)?) {
                if let Some(version) = version.filter(|version| self.query.matches(version)) {
                    if versions.len() == page.limit {
                        return Ok(Page::full(versions, last));
                    }
                    versions.push(version);
                }
                last = Some(Cursor::at(*number));
            }
            match end {
                None => {}
                Some(Found::End) => return Ok(Page::last(versions)),
                Some(Found::At(_)) => return Ok(Page::cut_short(versions, last)),
                // The next page begins at the number where this one gave up.
                Some(Found::Spent(number)) => return Ok(Page::cut_short(versions, Some(self.before(number)))),
            }
        }
    }

    fn direction(&self) -> Direction {
        match self.query.order {
            Order::Ascending => Direction::Ascending,
            Order::Descending => Direction::Descending,
        }
    }

    /// The place after which a page begins with a number.
    fn before(&self, number: u64) -> Cursor {
        Cursor::at(match self.query.order {
            Order::Ascending => number.saturating_sub(1),
            Order::Descending => number.saturating_add(1),
        })
    }

    /// The next numbers that may match and hold, so many at most, and what ended them: nothing where there are as many. A
    /// number ends them when none may be read.
    fn wave(&self, matches: &mut Matches<'_>, wanted: usize) -> Result<(Vec<u64>, Option<Found>), Damage> {
        let mut numbers = Vec::new();
        loop {
            if wanted > 0 && numbers.len() == wanted {
                return Ok((numbers, None));
            }
            match matches.next()? {
                Found::At(number) if !self.reader.holds(number, self.bound)? => {}
                Found::At(number) if wanted > 0 => numbers.push(number),
                end @ (Found::At(_) | Found::End | Found::Spent(_)) => return Ok((numbers, Some(end))),
            }
        }
    }
}
