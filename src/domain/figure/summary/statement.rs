//! A number as a claim states it: with its time, who says it through whom, and what it is about.

use crate::domain::figure::compare::{Ground, Incomparable};
use crate::domain::figure::facts::{Facts, Identity, Interner, known, may_be_one_time, range};
use crate::domain::figure::value_key::unit;
use crate::domain::figure::{Candidate, FigureKind, Intervals};
use crate::domain::model::{Claim, EntityKind, EntityRef, Figure, Place, RecordStatus, Unit, Version};
use crate::domain::name::Name;
use crate::domain::time::TimeRange;

words! {
    /// Which of the times around a number is the one that it stands at.
    TimeBasis, "basis of a time" {
        /// The time that the figure holds for.
        AsOf = "AS_OF",
        /// The period that the figure covers.
        Period = "PERIOD",
        /// The time at which what the claim says happened.
        Event = "EVENT",
        /// The time at which the claim's article was published.
        Published = "PUBLISHED",
    }
}

/// A figure, or the numbers of one estimate, as a claim states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The claim.
    pub claim: Name,
    /// The number of the version read: the order of recording.
    pub number: u64,
    /// Whether the claim was retracted.
    pub status: RecordStatus,
    /// The figure, or the numbers of the estimate, as recorded.
    pub figures: Vec<Figure>,
    /// What it may mean.
    pub intervals: Intervals,
    /// The unit of those.
    pub unit: Option<Unit>,
    /// Where it stands in time, and by which time: the first of them that is stated and known.
    pub time: Option<(TimeRange, TimeBasis)>,
    /// The sources of the claim's chain, outermost first, the implied publisher in front.
    pub chain: Vec<Name>,
    /// Whether the first of them is the publisher who is implied.
    pub publisher_implied: bool,
    event_time: Option<TimeRange>,
    places: Vec<Place>,
    events: Vec<EntityRef>,
}

impl Statement {
    /// What a claim states with a figure that is asked.
    ///
    /// # Errors
    /// Why it cannot be compared with what is asked for.
    pub fn of(
        version: &Version,
        claim: &Claim,
        candidate: Candidate<'_>,
        unit_asked: Option<&Unit>,
    ) -> Result<Self, Incomparable> {
        let graded = candidate.answer?;
        // An estimate holds at one time and place.
        let first = candidate.figures.first().copied().ok_or(Incomparable::NotRead)?;
        let event_time = range(claim.event_time.as_deref());
        let times = [
            (range(first.as_of.as_deref()), TimeBasis::AsOf),
            (range(first.period.as_deref()), TimeBasis::Period),
            (event_time, TimeBasis::Event),
            (claim.imprint.publish_time.as_ref().and_then(known), TimeBasis::Published),
        ];
        let hops: Vec<Name> = claim.attributions.iter().filter_map(|hop| hop.source.name()).cloned().collect();
        let implied = claim.imprint.publisher.clone().filter(|publisher| hops.first() != Some(publisher));
        let events = claim.entities.iter().filter(|entity| entity.kind == Some(EntityKind::Event));
        Ok(Self {
            claim: version.name.clone(),
            number: version.number,
            status: version.status(),
            intervals: graded.intervals,
            unit: unit_asked.cloned().or_else(|| unit(first)),
            time: times.into_iter().find_map(|(range, basis)| Some((range?, basis))),
            publisher_implied: implied.is_some(),
            chain: implied.into_iter().chain(hops).collect(),
            event_time,
            places: claim.place.iter().chain(&first.place).map(|place| (**place).clone()).collect(),
            events: events.cloned().collect(),
            figures: candidate.figures.into_iter().cloned().collect(),
        })
    }

    /// The most upstream source.
    #[must_use]
    pub fn origin(&self) -> Option<&Name> {
        self.chain.last()
    }

    /// The name of its first figure, by which it is referred to.
    #[must_use]
    pub fn figure_name(&self) -> String {
        let id = self.figures.first().and_then(|figure| figure.id.as_ref());
        format!("{}/figures/{}", self.claim, id.map(ToString::to_string).unwrap_or_default())
    }

    pub(super) fn first(&self) -> Option<&Figure> {
        self.figures.first()
    }

    /// The kind of its numbers: the first that any of them states.
    pub(super) fn kind(&self) -> Option<FigureKind> {
        self.figures.iter().find_map(|figure| figure.kind)
    }

    /// The key of what it counts.
    pub(super) fn metric_key(&self) -> &str {
        self.first().and_then(|figure| figure.metric.as_ref()).map_or("", |metric| metric.key.as_str())
    }
}

/// What is compared of a statement besides its number.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    pub(super) facts: Facts,
    claim: u64,
    time: Option<TimeRange>,
    places: Vec<Identity>,
    events: Vec<Identity>,
}

impl Compared {
    pub(super) fn of(statement: &Statement, names: &mut Interner) -> Self {
        let places =
            statement.places.iter().filter_map(|place| names.place(place)).filter(Identity::is_known).collect();
        let events = statement.events.iter().map(|event| names.identity(&event.label, &event.external_ids));
        let events = events.filter(Identity::is_known).collect();
        let facts = Facts::of(statement.first().unwrap_or(&Figure::default()), names).of_kind(statement.kind());
        Self { facts, claim: statement.number, time: statement.event_time, places, events }
    }

    /// Whether something says that two statements are about the same thing: that they stand in one claim, or an event or a
    /// place that their claims have in common, at times that may be one. What happened in one place last year and this year
    /// is not the same, nor are two events in one place that some system tells apart.
    pub(super) fn ground(&self, other: &Self) -> Ground {
        let any = |a: &[Identity], b: &[Identity], is: fn(&Identity, &Identity) -> bool| {
            a.iter().any(|one| b.iter().any(|two| is(one, two)))
        };
        let has_common = any(&self.events, &other.events, Identity::is_same)
            || (any(&self.places, &other.places, Identity::is_same)
                && !any(&self.events, &other.events, Identity::is_told_apart));
        let is_common = self.claim == other.claim || (may_be_one_time(self.time, other.time) && has_common);
        if is_common { Ground::Common } else { Ground::Unknown }
    }
}
