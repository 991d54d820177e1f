//! A page of figures: its hits, what else was looked at on the way, and where it ended.

use std::cmp::Ordering;
use std::sync::Arc;

use super::FiguresAsked;
use crate::domain::figure::compare::Incomparable;
use crate::domain::figure::{Candidate, Grade, Graded};
use crate::domain::model::{Figure, Record, Version};
use crate::domain::sort::SortKey;
use crate::storage::{Cursor, Order, Query, Sort};

/// How much of an answer to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FigurePageRequest {
    /// Where the page before ended.
    pub after: Option<FigurePlace>,
    /// How many hits at most; at least 1.
    pub limit: usize,
}

/// A place between the figures of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FigurePlace {
    /// The claim.
    pub claim: Cursor,
    /// How many of its candidates lie before; [`FigurePlace::ALL`] for all of them.
    pub within: u32,
}

/// How many candidates were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FigureCounts {
    grades: [u64; Grade::ALL.len()],
    incomparable: [u64; Incomparable::ALL.len()],
}

/// A figure, or an estimate, that meets the question well enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureHit {
    /// Its claim.
    pub version: Arc<Version>,
    /// The figure, or the numbers of the estimate.
    pub figures: Vec<Figure>,
    /// How far it meets the question.
    pub graded: Graded,
    /// Where it stands.
    pub place: FigurePlace,
    /// What was looked at since the hit before, itself included.
    pub passed: FigureCounts,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigurePage {
    /// The hits.
    pub hits: Vec<FigureHit>,
    /// What was looked at behind the last of them.
    pub passed: FigureCounts,
    /// Where the next page goes on; absent after the last one.
    pub next: Option<FigurePlace>,
    /// Whether it ended before it was full, having looked at as much as it may.
    pub is_cut_short: bool,
    /// How many places in posting lists were looked at.
    pub scanned: u64,
}

/// How far a candidate meets the question, or why that cannot be said.
pub(super) type Answer = Result<Grade, Incomparable>;

/// How a page goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// It may take more, or nothing is left to take.
    End,
    /// It has as many hits as it may, and there may be more.
    Full,
    /// It has cost as much as it may.
    Spent,
}

/// A part of an answer, of which candidates are taken claim by claim.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'d> {
    /// All of it: in the order of the claims.
    All,
    /// In the order of values: what has this key, in a dimension.
    Keyed(&'d str, i64),
    /// In the order of values: what has none in a dimension.
    Rest(&'d str),
}

impl FigurePlace {
    /// All candidates of a claim.
    pub const ALL: u32 = u32::MAX;

    /// The place behind a claim.
    pub(super) fn behind(claim: Cursor) -> Self {
        Self { claim, within: Self::ALL }
    }

    /// How two places follow each other.
    pub(super) fn compare(&self, other: &Self, order: Order) -> Ordering {
        self.claim.compare(&other.claim, order).then(self.within.cmp(&other.within))
    }
}

impl FigureCounts {
    fn add(&mut self, answer: Answer, count: u64) {
        // Numbers begin at 1.
        let at = |number: i32| usize::try_from(number).unwrap_or_default().saturating_sub(1);
        match answer {
            Ok(grade) => self.grades[at(grade.number())] += count,
            Err(reason) => self.incomparable[at(reason.number())] += count,
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Self) {
        let grades = self.grades.iter_mut().zip(other.grades);
        let incomparable = self.incomparable.iter_mut().zip(other.incomparable);
        for (count, more) in grades.chain(incomparable) {
            *count += more;
        }
    }

    /// How many have each grade.
    pub fn grades(&self) -> impl Iterator<Item = (Grade, u64)> {
        Grade::ALL.iter().copied().zip(self.grades)
    }

    /// How many could not be compared, by reason.
    pub fn incomparable(&self) -> impl Iterator<Item = (Incomparable, u64)> {
        Incomparable::ALL.iter().copied().zip(self.incomparable)
    }
}

/// What a candidate is ordered by among values of a dimension; none where it has none.
fn value_in(dimension: &str, candidate: &Candidate<'_>) -> Option<i64> {
    let key = candidate.value_key();
    key.number.filter(|_| key.dimension == dimension)
}

/// The place of a candidate in the order of values.
pub(super) fn by_value(dimension: &str, candidate: &Candidate<'_>, number: u64) -> Cursor {
    match value_in(dimension, candidate) {
        Some(value) => Part::Keyed(dimension, value).place(Cursor::at(number)),
        None => Part::Rest(dimension).place(Cursor::at(number)),
    }
}

impl Part<'_> {
    fn takes(self, candidate: &Candidate<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Keyed(dimension, value) => value_in(dimension, candidate) == Some(value),
            Self::Rest(dimension) => value_in(dimension, candidate).is_none(),
        }
    }

    /// The place in the answer of a claim's place among claims.
    pub(super) fn place(self, claim: Cursor) -> Cursor {
        let at = |rank, first| Cursor { key: SortKey { rank, first, second: 0 }, number: claim.number };
        match self {
            Self::All => claim,
            Self::Keyed(_, value) => at(0, value),
            Self::Rest(_) => at(2, 0),
        }
    }

    /// The place among claims before which all lies that lies before a place in the answer.
    pub(super) fn claim_before(self, place: FigurePlace, query: &Query) -> Cursor {
        let number = match (place.within, query.order) {
            (FigurePlace::ALL, _) => place.claim.number,
            (_, Order::Ascending) => place.claim.number.saturating_sub(1),
            (_, Order::Descending) => place.claim.number.saturating_add(1),
        };
        match query.sort {
            Sort::Recorded => Cursor::at(number),
            Sort::Time(_) | Sort::Position(_) => Cursor { number, ..place.claim },
        }
    }
}

/// A page being filled.
pub(super) struct Filling<'a> {
    asked: &'a FiguresAsked,
    after: Option<FigurePlace>,
    limit: usize,
    hits: Vec<FigureHit>,
    passed: FigureCounts,
    reached: Option<FigurePlace>,
}

impl<'a> Filling<'a> {
    pub(super) fn new(asked: &'a FiguresAsked, page: FigurePageRequest) -> Self {
        let passed = FigureCounts::default();
        Self { asked, after: page.after, limit: page.limit, hits: Vec::new(), passed, reached: None }
    }

    /// How many hits it may take yet.
    pub(super) fn room(&self) -> usize {
        self.limit.saturating_sub(self.hits.len())
    }

    /// How many claims are likely to fill it, by how many hits the claims read so far had; none when they had none.
    pub(super) fn claims_for_the_rest(&self, read: usize) -> Option<usize> {
        let room = self.room();
        // A few more, since to ask again costs more than to read them.
        (room * read).checked_div(self.hits.len()).map(|claims| claims + claims / 8 + 1)
    }

    /// That all up to a place was looked at.
    pub(super) fn reach(&mut self, place: FigurePlace) {
        self.reached = Some(place);
    }

    /// Counts what was answered without being read, before the next claim.
    pub(super) fn pass(&mut self, counts: impl Iterator<Item = (Answer, u64)>) {
        counts.for_each(|(answer, count)| self.passed.add(answer, count));
    }

    /// Takes the candidates of a claim that are of a part of the answer and lie behind the page before.
    pub(super) fn take(&mut self, version: &Arc<Version>, place: Cursor, part: Part<'_>) -> Flow {
        let asked = self.asked;
        for (candidate, within) in candidates(asked, version) {
            let at = FigurePlace { claim: place, within };
            if !self.is_passed(&at) && part.takes(&candidate) && self.push(version, candidate, at) == Flow::Full {
                return Flow::Full;
            }
        }
        self.reach(FigurePlace::behind(place));
        Flow::End
    }

    /// Takes the candidates of claims in the order of their values.
    pub(super) fn sort(
        &mut self,
        versions: &[Arc<Version>],
        dimension: &str,
        is_meant: impl Fn(&Cursor) -> bool,
    ) -> Flow {
        let (asked, order) = (self.asked, self.asked.claims.order);
        let mut placed = Vec::new();
        for version in versions {
            for (candidate, within) in candidates(asked, version) {
                let at = FigurePlace { claim: by_value(dimension, &candidate, version.number), within };
                if is_meant(&at.claim) && !self.is_passed(&at) {
                    placed.push((at, version, candidate));
                }
            }
        }
        placed.sort_by(|(a, ..), (b, ..)| a.compare(b, order));
        for (at, version, candidate) in placed {
            if self.push(version, candidate, at) == Flow::Full {
                return Flow::Full;
            }
        }
        Flow::End
    }

    /// Whether the page before had what lies before this place.
    fn is_passed(&self, place: &FigurePlace) -> bool {
        let order = self.asked.claims.order;
        self.after.is_some_and(|after| after.compare(place, order) != Ordering::Less)
    }

    fn push(&mut self, version: &Arc<Version>, candidate: Candidate<'_>, place: FigurePlace) -> Flow {
        if self.room() == 0 {
            return Flow::Full;
        }
        let Candidate { figures, answer } = candidate;
        self.passed.add(answer.as_ref().map(|graded| graded.grade).map_err(|reason| *reason), 1);
        self.reach(place);
        if let Ok(graded) = answer
            && graded.grade >= self.asked.minimum
        {
            let figures = figures.into_iter().cloned().collect();
            let passed = std::mem::take(&mut self.passed);
            self.hits.push(FigureHit { version: Arc::clone(version), figures, graded, place, passed });
        }
        Flow::End
    }

    pub(super) fn page(self, flow: Flow, scanned: u64) -> FigurePage {
        let next = match flow {
            Flow::End => None,
            Flow::Full | Flow::Spent => self.reached,
        };
        FigurePage { hits: self.hits, passed: self.passed, next, is_cut_short: flow == Flow::Spent, scanned }
    }
}

/// The candidates of a claim, each with how many lie before what follows it.
fn candidates<'v>(asked: &FiguresAsked, version: &'v Version) -> Vec<(Candidate<'v>, u32)> {
    match &version.record {
        Record::Claim(claim) => asked.question.candidates(&claim.figures).into_iter().zip(1..).collect(),
        Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => Vec::new(),
    }
}
