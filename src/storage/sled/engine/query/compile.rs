//! From a filter to the set of numbers that may meet it.

use std::ops::RangeInclusive;

use super::super::super::{Damage, Direction};
use super::super::reading::Reading;
use super::super::terms;
use super::set::{Budget, Set};
use crate::domain::filter::{Filter, TimeFilter};
use crate::domain::name::RecordKind;
use crate::domain::sort::{SortKey, TimeField};
use crate::domain::term::{Term, name_prefix};
use crate::domain::time::{CalendarPeriod, Extent, Precision, TimeRange, Timestamp};
use crate::storage::Query;

/// Numbers that may meet a filter: every one that does is among them.
pub(super) struct Compiled {
    pub(super) set: Set,
    /// Whether there are no others. Otherwise each version is checked.
    pub(super) is_exact: bool,
}

/// Makes sets over a range of numbers.
pub(super) struct Compiler<'q> {
    pub(super) reader: &'q Reading,
    /// The kinds of record that are asked for: times are posted by kind.
    pub(super) kinds: &'q [RecordKind],
    pub(super) range: RangeInclusive<u64>,
    pub(super) direction: Direction,
    pub(super) budget: &'q Budget,
}

impl Compiler<'_> {
    /// What meets a query, and carries one of the narrowing terms.
    pub(super) fn query(&self, query: &Query, narrowed: Option<&[Term]>) -> Result<Compiled, Damage> {
        let narrowing = narrowed.map(|terms| Filter::Any(terms.iter().cloned().map(Filter::Term).collect()));
        let asked: Vec<Filter> = narrowing.into_iter().chain([query.filter.clone()]).collect();
        // The kind comes last: nearly everything has it. It is left out where what is asked for is of that kind alone, or is
        // looked for among the times of that kind: its list is long, and each look into it costs a block.
        let kind = query.kind.filter(|kind| !asked.iter().any(|filter| is_of_kind(filter, *kind)));
        let all: Vec<Filter> = asked.into_iter().chain(kind.map(|kind| Filter::Term(Term::Kind(kind)))).collect();
        self.compile(&Filter::All(all))
    }

    /// What meets the filter.
    fn compile(&self, filter: &Filter) -> Result<Compiled, Damage> {
        match filter {
            Filter::Term(term) => Ok(Compiled { set: self.term(term), is_exact: true }),
            Filter::All(filters) => self.all(filters),
            Filter::Any(filters) => self.any(filters),
            Filter::Not(filter) => {
                let without = self.compile(filter)?;
                // Of what only may meet it nothing can be left out.
                let set =
                    if without.is_exact { Set::without(self.everything(), without.set) } else { self.everything() };
                Ok(Compiled { set, is_exact: without.is_exact })
            }
            Filter::Time(filter) => Ok(Compiled { set: Set::any(self.time(filter)?), is_exact: false }),
            Filter::Recorded(range) => Ok(Compiled { set: self.recorded(*range)?, is_exact: true }),
            Filter::NamePrefix(prefix) => {
                let set = name_prefix(prefix).map_or_else(|| self.everything(), |term| self.term(&term));
                Ok(Compiled { set, is_exact: false })
            }
        }
    }

    /// What carries a term.
    fn term(&self, term: &Term) -> Set {
        Set::Postings(Box::new(self.reader.postings(&terms::encode(term), self.range.clone(), self.direction)))
    }

    fn everything(&self) -> Set {
        Set::Range { low: *self.range.start(), high: *self.range.end() }
    }

    /// What is excluded is taken from what is required: to go through everything for it would cost what the store holds.
    fn all(&self, filters: &[Filter]) -> Result<Compiled, Damage> {
        let (mut required, mut excluded) = (Vec::new(), Vec::new());
        let mut is_exact = true;
        for filter in flat(filters) {
            if let Filter::Not(inner) = filter {
                let without = self.compile(inner)?;
                is_exact &= without.is_exact;
                if without.is_exact {
                    excluded.push(without.set);
                }
                continue;
            }
            let compiled = self.compile(filter)?;
            is_exact &= compiled.is_exact;
            required.push(compiled.set);
        }
        let mut set = match required.len() {
            0 => self.everything(),
            1 => required.remove(0),
            2.. => Set::All(required),
        };
        if !excluded.is_empty() {
            set = Set::without(set, Set::any(excluded));
        }
        Ok(Compiled { set, is_exact })
    }

    fn any(&self, filters: &[Filter]) -> Result<Compiled, Damage> {
        let compiled = filters.iter().map(|filter| self.compile(filter)).collect::<Result<Vec<_>, _>>()?;
        let is_exact = compiled.iter().all(|compiled| compiled.is_exact);
        Ok(Compiled { set: Set::any(compiled.into_iter().map(|compiled| compiled.set)), is_exact })
    }

    /// Commit times ascend, so a range of them is a range of numbers.
    fn recorded(&self, range: TimeRange) -> Result<Set, Damage> {
        let last_before = |time: Timestamp| -> Result<u64, Damage> {
            let revision = self.reader.last_revision_at_time(time.micros().saturating_sub(1))?;
            Ok(self.reader.last_number_at(revision)?.unwrap_or(0))
        };
        let low = range.earliest.map_or(Ok(0), last_before)?.saturating_add(1);
        let high = range.latest.map_or(Ok(u64::MAX), last_before)?;
        Ok(Set::Range { low: low.max(*self.range.start()), high: high.min(*self.range.end()) })
    }

    /// What may have a time that overlaps a range: the periods that cover it, by how much of the calendar a time takes.
    fn time(&self, filter: &TimeFilter) -> Result<Vec<Set>, Damage> {
        let mut sets = Vec::new();
        for kind in self.kinds {
            let posted = |extent, period| self.term(&Term::Time(*kind, filter.field, extent, period));
            if filter.include_unknown {
                sets.push(self.term(&Term::TimeKey(*kind, filter.field, SortKey::of_time(None))));
            }
            sets.push(posted(Extent::Wide, None));
            for shortest in Precision::ALL {
                let extent = Extent::Within(shortest);
                for year in self.years(*kind, filter.field, extent, filter.range)? {
                    cover(year, shortest, filter.range, &mut |period| sets.push(posted(extent, Some(period))));
                }
            }
        }
        Ok(sets)
    }

    /// The years in which times of an extent begin, of those that overlap a range.
    fn years(
        &self,
        kind: RecordKind,
        field: TimeField,
        extent: Extent,
        range: TimeRange,
    ) -> Result<Vec<CalendarPeriod>, Damage> {
        let mut years = Vec::new();
        let first = range.earliest.unwrap_or(Timestamp::MIN);
        let last = range.latest.unwrap_or(Timestamp::MAX);
        let bound = |instant| {
            let year = CalendarPeriod::holding(instant, Precision::Year);
            terms::encode(&Term::Time(kind, field, extent, Some(year)))
        };
        let mut found = self.reader.terms(bound(first)..=bound(last), Direction::Ascending);
        while let Some(term) = found.next()? {
            self.budget.take(1);
            years.extend(terms::period(&term).filter(|year| year.range().overlaps(range)));
        }
        Ok(years)
    }
}

/// Whether all that is found for a filter is of the kind asked for, which is the one whose times are looked into.
fn is_of_kind(filter: &Filter, kind: RecordKind) -> bool {
    match filter {
        Filter::Term(term) => term.kind() == Some(kind),
        Filter::All(filters) => filters.iter().any(|filter| is_of_kind(filter, kind)),
        Filter::Any(filters) => !filters.is_empty() && filters.iter().all(|filter| is_of_kind(filter, kind)),
        Filter::Time(_) => true,
        Filter::NamePrefix(_) => kind == RecordKind::Source,
        Filter::Not(_) | Filter::Recorded(_) => false,
    }
}

/// The fewest periods, none shorter than `shortest`, that overlap a range and together hold all of it that lies in
/// `period`.
fn cover(period: CalendarPeriod, shortest: Precision, range: TimeRange, add: &mut impl FnMut(CalendarPeriod)) {
    if !period.range().overlaps(range) {
        return;
    }
    if range.contains(period.range()) || period.precision() <= shortest {
        add(period);
        return;
    }
    for part in period.parts_of_next() {
        cover(part, shortest, range, add);
    }
}

/// The filters of a conjunction, with those of conjunctions in it.
fn flat(filters: &[Filter]) -> Vec<&Filter> {
    let mut flattened = Vec::new();
    for filter in filters {
        match filter {
            Filter::All(inner) => flattened.extend(flat(inner)),
            Filter::Term(_)
            | Filter::Any(_)
            | Filter::Not(_)
            | Filter::Time(_)
            | Filter::Recorded(_)
            | Filter::NamePrefix(_) => flattened.push(filter),
        }
    }
    flattened
}
