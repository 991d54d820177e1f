//! Against brute force: every two by `compare`, every set of statements, every number of a small universe.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::figure::Intervals;
use crate::domain::figure::compare::{Finding, Ground, Incomparable, compare};
use crate::domain::figure::facts::Ranked;
use crate::domain::figure::units::Rates;
use crate::domain::model::{Aggregation, Unit, UnitSystem};

/// What can be drawn for a claim: everything that makes two statements comparable, or keeps them from it.
fn claim() -> impl Strategy<Value = Claim> {
    let numbers = (0..Qualifier::ALL.len(), 0i64..6, 0i64..3);
    let times = prop::sample::select(vec!["", "2025-01-01", "2025-01-02", "2025-01", "2025", "2025-02-01/..", "XXXX"]);
    let few = || prop::sample::select(vec!["", "", "A", "B"]);
    let class = prop::sample::select(vec![None, None, Some(Aggregation::Cumulative), Some(Aggregation::Change)]);
    let units = prop::sample::select(vec![None, None, None, Some("km"), Some("m")]);
    let parts = (times.clone(), times.clone(), times, few(), few(), few());
    (numbers, parts, class, units, any::<bool>()).prop_map(|((qualifier, low, more), parts, class, unit, is_count)| {
        let (as_of, period, event_time, figure_place, claim_place, label) = parts;
        let qualifier = Qualifier::ALL[qualifier];
        let both = [low, low + more];
        let count = match () {
            () if qualifier == Qualifier::Between => 2,
            () if matches!(qualifier, Qualifier::Vague | Qualifier::NoneAtAll) => 0,
            () => 1,
        };
        let numbers = &both[..count];
        let figure = Figure {
            as_of: at(as_of),
            period: at(period),
            place: place(figure_place),
            aggregation: class,
            kind: is_count.then_some(FigureKind::Count),
            unit: unit.map(|code| Unit {
                system: Some(UnitSystem::Ucum),
                code: code.to_owned(),
                verbatim: String::new(),
            }),
            ..killed(qualifier, numbers)
        };
        let entities = (!label.is_empty()).then(|| event(label, "")).into_iter().collect();
        Claim { place: place(claim_place), entities, ..said("a", event_time, vec![figure]) }
    })
}

/// Whether two claims have an event or a place in common, read off them.
fn ground(a: &Claim, b: &Claim) -> Ground {
    let range = |claim: &Claim| {
        let time = claim.event_time.as_ref()?.time.as_ref()?;
        (!time.is_unknown()).then(|| time.range())
    };
    let at_one_time = range(a).zip(range(b)).is_none_or(|(a, b)| a.overlaps(b));
    let words = |claim: &Claim| -> BTreeSet<String> {
        let places = claim.place.iter().chain(&claim.figures[0].place).map(|place| format!("at {}", place.verbatim));
        places.chain(claim.entities.iter().map(|event| format!("of {}", event.label))).collect()
    };
    let has_common = words(a).intersection(&words(b)).next().is_some();
    if at_one_time && has_common { Ground::Common } else { Ground::Unknown }
}

type Counts = (BTreeMap<Finding, u64>, BTreeMap<Incomparable, u64>);

/// What every two claims of a series say about each other.
fn compared(claims: &[&Claim]) -> Counts {
    let (mut findings, mut incomparable) = Counts::default();
    for (index, a) in claims.iter().enumerate() {
        for b in &claims[index + 1..] {
            match compare(&a.figures[0], &b.figures[0], ground(a, b), &Policy::default(), &Rates::default()) {
                Ok(comparison) => *findings.entry(comparison.finding).or_default() += 1,
                Err(reason) => *incomparable.entry(reason).or_default() += 1,
            }
        }
    }
    (findings, incomparable)
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let end = || (0i64..8, 0..3u8);
    (end(), end()).prop_filter_map("nothing lies between them", |((low, lower), (high, upper))| {
        let lower = match lower {
            0 => None,
            1 => Some(Lower::AtLeast(low.into())),
            _ => Some(Lower::MoreThan(low.into())),
        };
        let upper = match upper {
            0 => None,
            1 => Some(Upper::AtMost(high.into())),
            _ => Some(Upper::LessThan(high.into())),
        };
        let bounds = Bounds { lower, upper };
        (!bounds.is_empty()).then_some(bounds)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn ranked_intervals_meet_where_the_intervals_do(all in prop::collection::vec(bounds(), 2..8)) {
        let ranked = Ranked::all(&all.iter().collect::<Vec<_>>());
        for (a, ranked_a) in all.iter().zip(&ranked) {
            for (b, ranked_b) in all.iter().zip(&ranked) {
                prop_assert_eq!(ranked_a.meets(*ranked_b), a.meets(b), "{} and {}", a, b);
            }
        }
    }

    #[test]
    fn pairs_are_what_comparing_every_two_gives(claims in prop::collection::vec(claim(), 0..12)) {
        let summary = summary(&claims, &rule());
        let mut stated = 0;
        for series in &summary.series {
            stated += series.statements.len();
            let members: Vec<&Claim> = series.statements.iter().map(|stated| {
                &claims[usize::try_from(stated.statement.number - 1).expect("small")]
            }).collect();
            let (findings, incomparable) = compared(&members);
            prop_assert_eq!(&series.pairs.findings, &findings);
            prop_assert_eq!(&series.pairs.incomparable, &incomparable);
            let all = findings.values().chain(incomparable.values()).sum::<u64>();
            prop_assert_eq!(all as usize, members.len() * members.len().saturating_sub(1) / 2);
            let listed = series.pairs.listed.len() as u64;
            prop_assert_eq!(listed, series.pairs.count(Finding::Contradict) + series.pairs.count(Finding::Decreased));
            let counts: u64 = series.buckets.iter().map(|bucket| bucket.spread.count).sum();
            prop_assert_eq!((counts, series.spread.count), (members.len() as u64, members.len() as u64));
        }
        // Nothing is dropped.
        prop_assert_eq!(stated, claims.len());
    }

    #[test]
    fn across_series_nothing_agrees_or_contradicts(claims in prop::collection::vec(claim(), 0..8)) {
        let summary = summary(&claims, &rule());
        for (index, a) in summary.series.iter().enumerate() {
            for b in &summary.series[index + 1..] {
                for (a, b) in a.statements.iter().flat_map(|a| b.statements.iter().map(move |b| (a, b))) {
                    let (a, b) = (&a.statement.figures[0], &b.statement.figures[0]);
                    let found = compare(a, b, Ground::Common, &Policy::default(), &Rates::default());
                    // Where kinds are mixed those without one stand apart, though each might be compared.
                    prop_assert!(found.is_err() || a.kind != b.kind, "{found:?}");
                }
            }
        }
    }

    #[test]
    fn groups_are_the_largest_sets_that_a_number_fits(all in prop::collection::vec((bounds(), 0..2u8), 1..9)) {
        // Measures: nothing is tightened, so that the intervals are those drawn.
        let claims: Vec<Claim> = all.iter().map(|(bounds, month)| {
            let figure = Figure {
                kind: Some(FigureKind::Measure),
                qualifier: Some(Qualifier::Between),
                value: None,
                bounds: bounds.clone(),
                ..killed(Qualifier::Vague, &[])
            };
            said("a", if *month == 0 { "2025-01" } else { "2025-02" }, vec![figure])
        }).collect();
        let series = series(&claims);
        let fits = |set: usize| {
            let members = || (0..all.len()).filter(move |index| set & (1 << index) != 0);
            let months: BTreeSet<u8> = members().map(|index| all[index].1).collect();
            let common = members().fold(Bounds::default(), |common, index| common.intersection(&all[index].0));
            (months.len() == 1 && !common.is_empty()).then_some(common)
        };
        let sets: Vec<usize> = (1..1usize << all.len()).filter(|set| fits(*set).is_some()).collect();
        let is_largest = |set: &&usize| !sets.iter().any(|other| other != *set && *other & **set == **set);
        let expected: BTreeSet<usize> = sets.iter().filter(is_largest).copied().collect();
        let index = |member: usize| series.statements[member].statement.number - 1;
        let found: Vec<usize> = series.groups.listed.iter().map(|group| {
            group.members.iter().fold(0usize, |set, member| set | 1 << index(*member))
        }).collect();
        prop_assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected.clone());
        prop_assert_eq!((found.len(), series.groups.count as usize), (expected.len(), expected.len()));
        for (group, set) in series.groups.listed.iter().zip(found) {
            prop_assert_eq!(Some(group.common.clone()), fits(set));
        }
    }

    #[test]
    fn the_spread_is_that_of_all_numbers_that_the_words_allow(claims in prop::collection::vec(claim(), 1..8)) {
        for series in summary(&claims, &rule()).series {
            let all: Vec<Intervals> = series.statements.iter().map(|stated| stated.intervals.clone()).collect();
            let (hard, soft) = (series.spread.hard.expect("some"), series.spread.soft.expect("some"));
            for intervals in &all {
                prop_assert!(intervals.hard.is_within(&hard) && intervals.soft.is_within(&soft));
            }
            // No end lies further out than that of some statement.
            prop_assert!(all.iter().any(|one| one.hard.lower == hard.lower));
            prop_assert!(all.iter().any(|one| one.hard.upper == hard.upper));
            prop_assert!(soft.is_within(&hard));
            let is_count = |stated: &Stated| stated.statement.figures[0].kind == Some(FigureKind::Count);
            if let (Some((low, high)), true) = (series.spread.named, series.statements.iter().all(is_count)) {
                // Of a count the nearest number that its words allow is whole.
                prop_assert!(low <= high && hard.contains(&low) && hard.contains(&high), "{low} {high} {hard}");
            }
        }
    }

    #[test]
    fn the_order_in_which_claims_are_read_does_not_matter(claims in prop::collection::vec(claim(), 0..8)) {
        let (statements, wholes) = statements(&claims);
        let forward = summarize(statements.clone(), &wholes, &rule());
        let backward = summarize(statements.into_iter().rev().collect(), &wholes, &rule());
        prop_assert_eq!(forward, backward);
    }
}
