//! One claim.

use std::collections::BTreeMap;

use claimdb::proto::claimdb::v1::*;

use super::random::{Random, Zipf};
use super::{Generator, LANGUAGE_WITHOUT_PRINT, PRINT, figures, person, times, words};

impl Generator {
    pub(super) fn claim(&self, item: u64, place: u64, unnamed: bool, random: &mut Random) -> Claim {
        let entities = entities(&self.entities, random);
        let figures = figures::some(&self.metrics, random);
        let said: Vec<String> =
            figures.iter().map(|figure| figure.verbatim.clone()).filter(|words| !words.is_empty()).collect();
        let subject = entities.first().map_or("They", |entity| entity.label.as_str());
        let statement = self.sentences.about(subject, &said, item * 8 + place, random);
        let language =
            random.one_of(&["en", "en", "en", "en", "en", "en", "uk", "fr", "pt-BR", LANGUAGE_WITHOUT_PRINT]);
        let exact = statement.split_inclusive(' ').take(6).collect::<String>();
        Claim {
            name: self.name("claims", item, place),
            article: "#a".to_owned(),
            spans: random.percent(60).then(|| quoted(exact.trim_end())).into_iter().collect(),
            kinds: kinds(!figures.is_empty(), random),
            presentation: presentation(random).into(),
            attributions: self.chain(unnamed, random),
            hedges: hedges(random),
            event_time: times::event(random),
            labels: labels(language, random),
            language: language.to_owned(),
            statement,
            entities,
            figures,
            ..Claim::default()
        }
    }

    /// From the one nearest to the reader to the origin; the publisher stands, implied, before them.
    fn chain(&self, unnamed: bool, random: &mut Random) -> Vec<Attribution> {
        let length = 1 + random.weighted(&[60, 27, 10, 3]);
        let origin_is_unnamed = unnamed && random.percent(70);
        (1..=length)
            .map(|hop| {
                let is_origin = hop == length;
                let source = if is_origin && origin_is_unnamed {
                    SourceRef { name: "#unnamed".to_owned(), ..SourceRef::default() }
                } else {
                    person(self.people.rank(random))
                };
                let certainty = random.one_of(&[
                    Certainty::Certain,
                    Certainty::Certain,
                    Certainty::Probable,
                    Certainty::Possible,
                    Certainty::ProbableOrPossible,
                ]);
                Attribution {
                    source: Some(source),
                    role: if is_origin { AttributionRole::Speaker } else { AttributionRole::Relayer }.into(),
                    mode: random.one_of(&[AttributionMode::DirectQuote, AttributionMode::Indirect]).into(),
                    certainty: certainty.into(),
                    said_time: random.percent(20).then(|| times::published(random)),
                    ..Attribution::default()
                }
            })
            .collect()
    }
}

fn quoted(exact: &str) -> Span {
    Span { exact: exact.to_owned(), ..Span::default() }
}

fn entities(ranks: &Zipf, random: &mut Random) -> Vec<EntityRef> {
    let count = random.weighted(&[10, 35, 30, 15, 10]);
    (0..count).map(|_| entity(ranks.rank(random))).collect()
}

/// The entity of a rank.
fn entity(rank: u64) -> EntityRef {
    const KINDS: [EntityKind; 4] = [EntityKind::Person, EntityKind::State, EntityKind::Organization, EntityKind::Place];
    // Every other one is known elsewhere.
    let id = ExternalId { scheme: "wikidata".to_owned(), id: format!("Q{}", rank + 1) };
    EntityRef {
        label: words::proper_name(rank),
        kind: KINDS[(rank % 4) as usize].into(),
        external_ids: if rank.is_multiple_of(2) { vec![id] } else { Vec::new() },
        ..EntityRef::default()
    }
}

fn kinds(has_figures: bool, random: &mut Random) -> Vec<i32> {
    let first = if has_figures { ClaimKind::Numerical } else { ClaimKind::EventOrProperty };
    let second = random
        .percent(25)
        .then(|| random.one_of(&[ClaimKind::Quote, ClaimKind::Causal, ClaimKind::Prediction, ClaimKind::Opinion]));
    [Some(first), second].into_iter().flatten().map(i32::from).collect()
}

fn presentation(random: &mut Random) -> Presentation {
    const ALL: [Presentation; 5] = [
        Presentation::Asserted,
        Presentation::Quoted,
        Presentation::Summarized,
        Presentation::Presupposed,
        Presentation::Implied,
    ];
    ALL[random.weighted(&[50, 25, 15, 6, 4])]
}

fn hedges(random: &mut Random) -> Vec<Hedge> {
    const ALL: [(HedgeKind, &str); 4] = [
        (HedgeKind::Reportive, "reportedly"),
        (HedgeKind::Allegation, "allegedly"),
        (HedgeKind::EpistemicModal, "may"),
        (HedgeKind::WeakReport, "is said to"),
    ];
    if !random.percent(25) {
        return Vec::new();
    }
    let (kind, words) = random.one_of(&ALL);
    vec![Hedge { kind: kind.into(), verbatim: words.to_owned(), ..Hedge::default() }]
}

fn labels(language: &str, random: &mut Random) -> BTreeMap<String, String> {
    let desk = random.percent(60).then(|| ("desk".to_owned(), format!("desk-{}", random.below(12))));
    let is_print = random.percent(40) && language != LANGUAGE_WITHOUT_PRINT;
    let print = is_print.then(|| (PRINT.0.to_owned(), PRINT.1.to_owned()));
    desk.into_iter().chain(print).collect()
}
