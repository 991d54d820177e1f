//! Filters as they are sent: every field of each, alone and with others, in groups within groups.

use std::collections::BTreeSet;

use claimdb::proto::claimdb::v1;
use prost_types::Timestamp;

use crate::ask::AsOf;
use crate::chance::Chance;
use crate::history::History;
use crate::records::{
    ALIASES, ARTICLES, ENTITIES, HANDLES, LANGUAGES, METRICS, PLATFORMS, SOURCES, by_name, id, labels, urls,
};
use crate::served::Served;
use crate::times::{TIMES, instant};

/// What filters are drawn from, besides what histories are.
pub(crate) struct Filters<'c> {
    pub(crate) chance: &'c mut Chance,
    /// How many claims there may be.
    pub(crate) claims: u64,
    /// When commits were made.
    pub(crate) times: Vec<Timestamp>,
}

/// Groups lie in groups so deep at most; one level more is refused.
const DEPTH_MAX: u32 = 3;

impl<'c> Filters<'c> {
    pub(crate) fn new(chance: &'c mut Chance, served: &Served, history: &History) -> Self {
        let times = served.log.0.iter().map(|told| Timestamp { seconds: told.time.0, nanos: told.time.1 }).collect();
        Self { chance, claims: history.claims(), times }
    }
}

impl Filters<'_> {
    pub(crate) fn statuses(&mut self) -> Vec<i32> {
        use v1::RecordStatus::{Active, Erased, Retracted};
        let all = [&[][..], &[], &[Active], &[Retracted], &[Active, Retracted], &[Active, Retracted], &[Erased]];
        all[self.chance.index(all.len())].iter().map(|status| (*status).into()).collect()
    }

    /// The newest state, or an earlier one.
    pub(crate) fn as_of(&mut self, head: u64) -> AsOf {
        match self.chance.below(4) {
            0..2 => AsOf::Now,
            2 => AsOf::Revision(self.chance.below(head + 1)),
            _ => AsOf::Time(self.moment()),
        }
    }

    pub(crate) fn page_size(&mut self) -> i32 {
        [0, 1, 2, 3, 5, 8, 1_000, 5_000][self.chance.index(8)]
    }

    pub(crate) fn claims(&mut self, depth: u32) -> v1::ClaimFilter {
        let mut f = v1::ClaimFilter { follow_same_as: self.chance.happens(40), ..Default::default() };
        for _ in 0..self.conditions() {
            match self.chance.below(24) {
                0 => f.articles = self.values(Self::article),
                1 | 23 => f.publishers = self.values(Self::source),
                2 => f.sources = self.values(Self::source),
                3 => f.origins = self.values(Self::source),
                4 | 22 => f.speakers = self.values(Self::speaker),
                5 => f.entities = self.values(Self::entity),
                6 => f.metrics = self.drawn(METRICS),
                7 => {
                    f.metric_prefixes =
                        self.drawn(&["troops", "troops.", "troops.killed", "troop", "losses", "tro", "none"])
                }
                8 => f.kinds = self.words(v1::ClaimKind::Normative.into()),
                9 => f.presentations = self.words(v1::Presentation::Summarized.into()),
                10 => f.origin_certainties = self.words(v1::Certainty::ProbableOrPossible.into()),
                11 => f.hedges = self.words(v1::HedgeKind::Ignorance.into()),
                12 => f.languages = self.languages(),
                13 => f.labels = labels(self.chance),
                14 => f.event_time = Some(self.time()),
                15 => f.publish_time = Some(self.time()),
                16 => f.recorded = self.recorded(),
                17 => f.related_to = self.values(|f| f.related("claims")),
                18 => f.external_ids = self.ids("ucdp", self.claims),
                19 => f.related_to = self.values(|f| f.related("sources")),
                20 if depth < DEPTH_MAX => f.any_of = self.values(|f| f.claims(depth + 1)),
                21 if depth < DEPTH_MAX => f.none_of = self.values(|f| f.claims(depth + 1)),
                _ => {}
            }
        }
        f
    }

    pub(crate) fn sources(&mut self, depth: u32) -> v1::SourceFilter {
        let mut f = v1::SourceFilter::default();
        for _ in 0..self.conditions() {
            match self.chance.below(13) {
                0 | 11 => f.name_prefixes = self.values(Self::beginning),
                1 => f.kinds = self.words(v1::SourceKind::UnspecifiedSource.into()),
                2 => f.platforms = self.drawn(PLATFORMS),
                3 => f.handles = self.drawn(HANDLES),
                4 => f.external_ids = self.ids("wikidata", SOURCES.len() as u64),
                5 => f.scope_articles = self.values(Self::article),
                6 => f.labels = labels(self.chance),
                7 => f.recorded = self.recorded(),
                8 => f.related_to = self.values(|f| f.related("sources")),
                9 if depth < DEPTH_MAX => f.any_of = self.values(|f| f.sources(depth + 1)),
                10 if depth < DEPTH_MAX => f.none_of = self.values(|f| f.sources(depth + 1)),
                _ => f.related_to = self.values(|f| f.related("claims")),
            }
        }
        f
    }

    pub(crate) fn articles(&mut self, depth: u32) -> v1::ArticleFilter {
        let mut f = v1::ArticleFilter { follow_same_as: self.chance.happens(40), ..Default::default() };
        for _ in 0..self.conditions() {
            match self.chance.below(10) {
                0 => f.urls = self.values(|f| urls(f.chance.below(ARTICLES + 1))[f.chance.index(3)].clone()),
                1 => f.publishers = self.values(Self::source),
                2 => f.publish_time = Some(self.time()),
                3 => f.recorded = self.recorded(),
                4 => f.languages = self.languages(),
                5 => f.external_ids = self.ids("archive", ARTICLES),
                6 => f.labels = labels(self.chance),
                7 => f.related_to = self.values(|f| f.related("articles")),
                8 if depth < DEPTH_MAX => f.any_of = self.values(|f| f.articles(depth + 1)),
                9 if depth < DEPTH_MAX => f.none_of = self.values(|f| f.articles(depth + 1)),
                _ => {}
            }
        }
        f
    }

    /// One mostly: of many, few records meet all.
    fn conditions(&mut self) -> u64 {
        [0, 1, 1, 1, 1, 2, 2, 3][self.chance.index(8)]
    }

    fn values<T>(&mut self, draw: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..=self.chance.below(3)).map(|_| draw(self)).collect()
    }

    fn drawn(&mut self, all: &[&'static str]) -> Vec<String> {
        self.values(|f| f.chance.one(all).to_owned())
    }

    pub(crate) fn words(&mut self, last: i32) -> Vec<i32> {
        // One that is given twice is refused.
        let first = 1 + self.chance.word(last - 1);
        let mut words = self.chance.words(last, 2);
        words.retain(|word| *word != first);
        words.push(first);
        words
    }

    /// Ids of a scheme, up to a number; each once, as they are to be given.
    fn ids(&mut self, scheme: &str, most: u64) -> Vec<v1::ExternalId> {
        let drawn: BTreeSet<u64> = self.values(|f| f.chance.below(most)).into_iter().collect();
        drawn.into_iter().map(|number| id(scheme, number)).collect()
    }

    pub(crate) fn article(&mut self) -> String {
        format!("articles/a{}", if self.chance.happens(40) { 0 } else { self.chance.below(ARTICLES + 1) })
    }

    /// By name, or by something that is known of it.
    pub(crate) fn source(&mut self) -> v1::SourceRef {
        let number = self.chance.index(SOURCES.len());
        let inline = v1::SourceRef::default;
        match self.chance.below(20) {
            0..3 => v1::SourceRef { display_name: SOURCES[number].into(), ..inline() },
            3 => {
                let kind = v1::SourceKind::Unspecified as i32 + self.chance.word(v1::SourceKind::Channel.into());
                v1::SourceRef { display_name: SOURCES[number].into(), kind, ..inline() }
            }
            4..6 => {
                let (platform, handle) = (self.chance.one(PLATFORMS).into(), self.chance.one(HANDLES).into());
                v1::SourceRef { platform, handle, ..inline() }
            }
            6..8 => v1::SourceRef { external_ids: vec![id("wikidata", number)], ..inline() },
            8 => v1::SourceRef { display_name: "Nobody".into(), ..inline() },
            9 => by_name(format!("sources/u{}", self.chance.below(3))),
            _ => by_name(format!("sources/s{number}")),
        }
    }

    fn speaker(&mut self) -> v1::SpeakerFilter {
        let role = match self.chance.below(3) {
            0 => v1::AttributionRole::Publisher.into(),
            _ => 1 + self.chance.word(v1::AttributionRole::QuotedAuthority as i32 - 1),
        };
        v1::SpeakerFilter { source: Some(self.source()), role }
    }

    fn entity(&mut self) -> v1::EntityFilter {
        if self.chance.happens(60) {
            return v1::EntityFilter { label: self.chance.one(ENTITIES).into(), external_id: None };
        }
        v1::EntityFilter { label: String::new(), external_id: Some(id("wikidata", self.chance.below(4))) }
    }

    fn languages(&mut self) -> Vec<String> {
        let mut drawn = self.drawn(LANGUAGES);
        if self.chance.happens(20) {
            drawn = vec!["EN-gb".into()];
        }
        drawn
    }

    fn time(&mut self) -> v1::TimeFilter {
        let include_unknown = self.chance.happens(40);
        let is_range = !include_unknown || self.chance.happens(75);
        let overlaps = if is_range { TIMES[self.chance.index(TIMES.len())].0.to_owned() } else { String::new() };
        v1::TimeFilter { overlaps, include_unknown }
    }

    /// About the times of commits, to the microsecond.
    pub(crate) fn moment(&mut self) -> Timestamp {
        let mut time = self.times[self.chance.index(self.times.len())];
        let shift = i32::try_from(self.chance.below(3)).unwrap() - 1;
        time.nanos += shift * 1_000;
        time.normalize();
        time
    }

    fn recorded(&mut self) -> Option<v1::RecordedFilter> {
        let (a, b) = (self.moment(), self.moment());
        let (first, last) = if instant(&a) <= instant(&b) { (a, b) } else { (b, a) };
        let start_time = self.chance.maybe(70, |_| first);
        // An empty range is refused.
        let end_time = self.chance.maybe(70, |_| last).filter(|_| first != last || start_time.is_none());
        Some(v1::RecordedFilter { start_time, end_time })
    }

    fn related(&mut self, collection: &str) -> v1::RelatedFilter {
        let record = match collection {
            "claims" => format!("claims/c{}", self.chance.below(self.claims)),
            "sources" => format!("sources/s{}", self.chance.index(SOURCES.len())),
            _ => self.article(),
        };
        let kinds = [
            v1::RelationType::Repeats,
            v1::RelationType::Supports,
            v1::RelationType::Contradicts,
            v1::RelationType::BasedOn,
            v1::RelationType::SameAs,
            v1::RelationType::PartOf,
            v1::RelationType::RevisionOf,
        ];
        let types = self.chance.few(&kinds, 2).into_iter().map(Into::into).collect();
        v1::RelatedFilter { record, types, end: self.chance.word(v1::RelatedEnd::To.into()) }
    }

    /// The beginning of a name, in letters of either case.
    fn beginning(&mut self) -> String {
        let name = if self.chance.happens(50) { self.chance.one(SOURCES) } else { self.chance.one(ALIASES) };
        let length = 1 + self.chance.index(name.chars().count());
        let begun: String = name.chars().take(length).collect();
        // White space around a name is no part of it.
        let begun = begun.trim().to_owned();
        if self.chance.happens(50) { begun.to_uppercase() } else { begun }
    }
}
