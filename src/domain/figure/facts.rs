//! What comparing looks at, made ready once: a figure is compared with thousands of others, and times, places and the ends of
//! intervals become numbers for it. Not here: what the figures say, which is `compare`.

use std::collections::{BTreeSet, HashMap};

use super::compare::{Comparison, Finding, Ground, Incomparable};
use super::{Bounds, FigureKind, Lower, Upper};
use crate::domain::decimal::Decimal;
use crate::domain::model::{Aggregation, ExternalId, Figure, Place, TimeGiven};
use crate::domain::time::{ApproximateTime, TimeRange};

/// What is known of a figure besides its number.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    kind: Option<FigureKind>,
    class: Option<Aggregation>,
    is_series: bool,
    as_of: Option<TimeRange>,
    period: Option<TimeRange>,
    place: Option<Identity>,
}

/// Something that has a name, and ids in other systems; or a place that has coordinates alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    words: u32,
    /// Of a place without words and ids. Beside those they say how exactly it was looked up rather than which one it is.
    coordinates: u32,
    /// Scheme and id, in order.
    ids: Vec<(u32, u32)>,
}

/// What figures of one class state besides their numbers, so that those that state the same can be compared.
pub(super) type Circumstances<'f> = (Option<FigureKind>, Option<TimeRange>, Option<TimeRange>, Option<&'f Identity>);

/// A number for every text.
#[derive(Debug, Default)]
pub(super) struct Interner(HashMap<String, u32>);

/// The number of the empty text.
const NOTHING: u32 = 0;

/// An interval by where its ends stand among those of others: between the places of two numbers lies one more, for an end
/// that its interval does not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ranked {
    pub(super) lower: i64,
    pub(super) upper: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Before,
    Overlap,
    After,
}

impl Interner {
    fn text(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return NOTHING;
        }
        let next = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
        *self.0.entry(text.to_owned()).or_insert(next)
    }

    /// What a name and ids stand for.
    pub(super) fn identity(&mut self, words: &str, ids: &[ExternalId]) -> Identity {
        let words = self.text(&words.to_lowercase());
        let ids: BTreeSet<_> = ids.iter().map(|id| (self.text(&id.scheme), self.text(&id.id))).collect();
        Identity { words, coordinates: NOTHING, ids: ids.into_iter().collect() }
    }

    /// A place, unless nothing is said of it.
    pub(super) fn place(&mut self, place: &Place) -> Option<Identity> {
        if *place == Place::default() {
            return None;
        }
        let mut identity = self.identity(&place.verbatim, &place.external_ids);
        if let Some((latitude, longitude)) = place.coordinates.as_ref().filter(|_| !identity.is_known()) {
            let [latitude, longitude] = [latitude, longitude].map(|degrees| degrees.as_big_decimal().normalized());
            identity.coordinates = self.text(&format!("{latitude} {longitude}"));
        }
        Some(identity)
    }
}

impl Identity {
    /// Whether two are one: by a system that knows both, else by their words or coordinates.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.by_system(other).or_else(|| self.by_name(other)).unwrap_or(false)
    }

    /// Whether something says that they are two: a system that knows both, else words or coordinates that both have.
    fn is_another(&self, other: &Self) -> bool {
        self.by_system(other).or_else(|| self.by_name(other)) == Some(false)
    }

    /// Whether a system that knows both says that they are two.
    pub(super) fn is_told_apart(&self, other: &Self) -> bool {
        self.by_system(other) == Some(false)
    }

    /// Whether two are one by a system that knows both; none where there is none.
    fn by_system(&self, other: &Self) -> Option<bool> {
        let knows_both = |(scheme, _): &(u32, u32)| other.ids.iter().any(|(known, _)| known == scheme);
        self.ids.iter().any(knows_both).then(|| self.ids.iter().any(|id| other.ids.contains(id)))
    }

    /// Whether two are one by words or coordinates that both have; none where they have neither in common.
    fn by_name(&self, other: &Self) -> Option<bool> {
        let all = [(self.words, other.words), (self.coordinates, other.coordinates)];
        all.into_iter().find(|(a, b)| *a != NOTHING && *b != NOTHING).map(|(a, b)| a == b)
    }

    /// Whether there is anything to know it by.
    pub(super) fn is_known(&self) -> bool {
        self.words != NOTHING || self.coordinates != NOTHING || !self.ids.is_empty()
    }
}

impl Facts {
    /// What is known of a figure.
    pub(super) fn of(figure: &Figure, names: &mut Interner) -> Self {
        Self {
            kind: figure.kind,
            class: class(figure.aggregation),
            is_series: figure.aggregation == Some(Aggregation::Cumulative),
            as_of: range(figure.as_of.as_deref()),
            period: range(figure.period.as_deref()),
            place: figure.place.as_ref().and_then(|place| names.place(place)),
        }
    }

    /// The same, but of a kind that is known otherwise.
    pub(super) fn of_kind(self, kind: Option<FigureKind>) -> Self {
        Self { kind, ..self }
    }

    /// Kind, time, period and place. Whether it is a total matters only where times differ.
    pub(super) fn circumstances(&self) -> Circumstances<'_> {
        (self.kind, self.as_of, self.period, self.place.as_ref())
    }

    /// Checks everything but the metric, the unit and the times at which they hold.
    pub(super) fn comparable(&self, other: &Self) -> Result<(), Incomparable> {
        let differ = |same: bool, reason| if same { Ok(()) } else { Err(reason) };
        differ(self.kind.zip(other.kind).is_none_or(|(a, b)| a == b), Incomparable::Kind)?;
        differ(self.class == other.class, Incomparable::Aggregation)?;
        let overlap = self.period.zip(other.period).is_none_or(|(a, b)| order(a, b) == Order::Overlap);
        differ(overlap, Incomparable::Period)?;
        let places = self.place.as_ref().zip(other.place.as_ref());
        differ(!places.is_some_and(|(a, b)| a.is_another(b)), Incomparable::Place)
    }

    /// What two comparable figures say about each other.
    ///
    /// # Errors
    /// `AsOf` where they hold at different times and are no series.
    pub(super) fn finding(
        &self,
        hard: Ranked,
        other: &Self,
        other_hard: Ranked,
        ground: impl FnOnce() -> Ground,
    ) -> Result<Comparison, Incomparable> {
        let order = self.as_of.zip(other.as_of).map_or(Order::Overlap, |(a, b)| order(a, b));
        let finding = match order {
            Order::Overlap if hard.meets(other_hard) => Finding::Agree,
            Order::Overlap => match ground() {
                Ground::Common => Finding::Contradict,
                Ground::Unknown => Finding::Differ,
            },
            Order::Before if self.is_series && other.is_series => hard.grown(other_hard),
            Order::After if self.is_series && other.is_series => other_hard.grown(hard),
            Order::Before | Order::After => return Err(Incomparable::AsOf),
        };
        Ok(Comparison { finding, as_of_assumed: self.as_of.is_none() || other.as_of.is_none() })
    }
}

impl Ranked {
    /// Where the ends of these intervals stand among each other.
    pub(super) fn all(intervals: &[&Bounds]) -> Vec<Self> {
        let lower = |bounds: &Bounds| bounds.lower.as_ref().map(|end| end.number().0.clone());
        let upper = |bounds: &Bounds| bounds.upper.as_ref().map(|end| end.number().0.clone());
        let mut numbers: Vec<Decimal> =
            intervals.iter().flat_map(|bounds| [lower(bounds), upper(bounds)]).flatten().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let place =
            |number: &Decimal| 2 * i64::try_from(numbers.partition_point(|n| n < number)).unwrap_or(i64::MAX / 4);
        let ranked = |bounds: &&Bounds| Self {
            lower: bounds.lower.as_ref().map_or(i64::MIN, |end| match end {
                Lower::AtLeast(number) => place(number),
                Lower::MoreThan(number) => place(number) + 1,
            }),
            upper: bounds.upper.as_ref().map_or(i64::MAX, |end| match end {
                Upper::AtMost(number) => place(number),
                Upper::LessThan(number) => place(number) - 1,
            }),
        };
        intervals.iter().map(ranked).collect()
    }

    /// Whether some number is in both.
    pub(super) fn meets(self, other: Self) -> bool {
        self.lower.max(other.lower) <= self.upper.min(other.upper)
    }

    /// What a number that only grows did between this and a later time: the later one fits if some number of it is at least
    /// some number of this one.
    fn grown(self, later: Self) -> Finding {
        if self.lower.max(later.lower) <= later.upper { Finding::Grown } else { Finding::Decreased }
    }
}

/// Whether a number is one, a difference, or for a period.
pub(super) fn class(aggregation: Option<Aggregation>) -> Option<Aggregation> {
    match aggregation {
        Some(Aggregation::Change | Aggregation::PerPeriod) => aggregation,
        Some(Aggregation::PointInTime | Aggregation::Cumulative) | None => None,
    }
}

/// The range of a time that is stated and known.
pub(super) fn range(time: Option<&TimeGiven>) -> Option<TimeRange> {
    known(time?.time.as_ref()?)
}

/// The range of a time, unless nothing is known of it.
pub(super) fn known(time: &ApproximateTime) -> Option<TimeRange> {
    (!time.is_unknown()).then(|| time.range())
}

/// How two half-open ranges lie.
fn order(a: TimeRange, b: TimeRange) -> Order {
    let ends_before = |a: TimeRange, b: TimeRange| a.latest.zip(b.earliest).is_some_and(|(end, start)| end <= start);
    if ends_before(a, b) {
        Order::Before
    } else if ends_before(b, a) {
        Order::After
    } else {
        Order::Overlap
    }
}

/// Whether two ranges have nothing that keeps them from being one time.
pub(super) fn may_be_one_time(a: Option<TimeRange>, b: Option<TimeRange>) -> bool {
    a.zip(b).is_none_or(|(a, b)| order(a, b) == Order::Overlap)
}
