//! What two figures say about each other, and why some say nothing.

use super::super::{Bounds, FigureKind, Qualifier, stored};
use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::model::{Aggregation, ExternalId, Metric, Place, TimeGiven, Unit, UnitSystem};

fn figure(qualifier: Qualifier, value: i64) -> Figure {
    let value = Some(value.into());
    Figure {
        qualifier: Some(qualifier),
        bounds: stored(qualifier, value.as_ref(), &Bounds::default()).expect("they fit together"),
        value,
        kind: Some(FigureKind::Count),
        metric: Some(Metric { key: "troops.killed".to_owned(), ..Metric::default() }),
        ..Figure::default()
    }
}

fn at(edtf: &str) -> Option<Box<TimeGiven>> {
    Some(Box::new(TimeGiven { time: Some(edtf.parse().expect(edtf)), ..TimeGiven::default() }))
}

fn unit(system: UnitSystem, code: &str) -> Option<Unit> {
    Some(Unit { system: Some(system), code: code.to_owned(), verbatim: String::new() })
}

fn place(id: &str, verbatim: &str) -> Option<Box<Place>> {
    let external_ids = vec![ExternalId { scheme: "geonames".to_owned(), id: id.to_owned() }];
    Some(Box::new(Place { verbatim: verbatim.to_owned(), external_ids, ..Place::default() }))
}

/// Compares both ways: a comparison has no first.
fn finding(a: &Figure, b: &Figure, ground: Ground) -> Result<Finding, Incomparable> {
    let none = Rates::default();
    let one = compare(a, b, ground, &Policy::default(), &none);
    assert_eq!(one, compare(b, a, ground, &Policy::default(), &none));
    one.map(|comparison| comparison.finding)
}

#[test]
fn figures_contradict_where_no_number_fits_both() {
    let nearly = figure(Qualifier::Nearly, 2_000);
    assert_eq!(finding(&nearly, &figure(Qualifier::Bare, 1_999), Ground::Common), Ok(Finding::Agree));
    assert_eq!(finding(&nearly, &figure(Qualifier::Bare, 2_000), Ground::Common), Ok(Finding::Contradict));
    assert_eq!(finding(&nearly, &figure(Qualifier::Bare, 2_000), Ground::Unknown), Ok(Finding::Differ));
    // Between 24 and 25 lies no count.
    let (more, less) = (figure(Qualifier::MoreThan, 24), figure(Qualifier::LessThan, 25));
    assert_eq!(finding(&more, &less, Ground::Common), Ok(Finding::Contradict));
}

#[test]
fn a_series_grows_or_has_decreased() {
    let series = |qualifier, value, day| Figure {
        aggregation: Some(Aggregation::Cumulative),
        as_of: at(day),
        ..figure(qualifier, value)
    };
    let monday = series(Qualifier::Bare, 100, "2025-09-01");
    let found = |other: &Figure| finding(&monday, other, Ground::Common);
    assert_eq!(found(&series(Qualifier::Bare, 120, "2025-09-02")), Ok(Finding::Grown));
    assert_eq!(found(&series(Qualifier::Bare, 90, "2025-09-02")), Ok(Finding::Decreased));
    assert_eq!(found(&series(Qualifier::Nearly, 100, "2025-09-02")), Ok(Finding::Decreased));
    assert_eq!(found(&series(Qualifier::UpTo, 100, "2025-09-02")), Ok(Finding::Grown));
    assert_eq!(found(&series(Qualifier::About, 50, "2025-09-02")), Ok(Finding::Grown));
    assert_eq!(found(&series(Qualifier::Bare, 90, "2025-09-01")), Ok(Finding::Contradict));
    assert_eq!(found(&Figure { as_of: at("2025-09-02"), ..figure(Qualifier::Bare, 120) }), Err(Incomparable::AsOf));
}

#[test]
fn an_unstated_time_is_comparable_and_said_to_be() {
    let dated = Figure { as_of: at("2025-09"), ..figure(Qualifier::Bare, 5) };
    let assumed = |other: &Figure| {
        compare(&dated, other, Ground::Common, &Policy::default(), &Rates::default())
            .map(|comparison| comparison.as_of_assumed)
    };
    assert_eq!(assumed(&figure(Qualifier::Bare, 5)), Ok(true));
    assert_eq!(assumed(&Figure { as_of: at("XXXX"), ..figure(Qualifier::Bare, 5) }), Ok(true));
    assert_eq!(assumed(&Figure { as_of: at("2025-09-03"), ..figure(Qualifier::Bare, 5) }), Ok(false));
    assert_eq!(assumed(&Figure { as_of: at("2025-10"), ..figure(Qualifier::Bare, 5) }), Err(Incomparable::AsOf));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let one = || figure(Qualifier::Bare, 5);
    let metric = |key: &str| Some(Metric { key: key.to_owned(), ..Metric::default() });
    for (a, b, reason) in [
        (Figure { qualifier: None, ..one() }, one(), Incomparable::NotRead),
        (Figure { metric: metric("troops.wounded"), ..one() }, one(), Incomparable::Metric),
        (Figure { metric: None, ..one() }, Figure { metric: None, ..one() }, Incomparable::Metric),
        (Figure { kind: Some(FigureKind::Percent), ..one() }, one(), Incomparable::Kind),
        (Figure { unit: unit(UnitSystem::Ucum, "km"), ..one() }, one(), Incomparable::Unit),
        (
            Figure { unit: unit(UnitSystem::Iso4217, "GBP"), ..one() },
            Figure { unit: unit(UnitSystem::Iso4217, "USD"), ..one() },
            Incomparable::Currency,
        ),
        (Figure { aggregation: Some(Aggregation::Change), ..one() }, one(), Incomparable::Aggregation),
        (Figure { period: at("2024"), ..one() }, Figure { period: at("2025"), ..one() }, Incomparable::Period),
        (
            Figure { place: place("1", "Kursk"), ..one() },
            Figure { place: place("2", "Kursk"), ..one() },
            Incomparable::Place,
        ),
    ] {
        assert_eq!(finding(&a, &b, Ground::Common), Err(reason), "{a:?}");
    }
    let known_by = |scheme: &str| {
        let external_ids = vec![ExternalId { scheme: scheme.to_owned(), id: "1".to_owned() }];
        Some(Box::new(Place { external_ids, ..Place::default() }))
    };
    let same = [
        // Nothing says that they are two.
        (Figure { place: known_by("geonames"), ..one() }, Figure { place: known_by("wikidata"), ..one() }),
        (Figure { place: place("1", "Kursk"), ..one() }, Figure { place: place("1", "Курск"), ..one() }),
        (Figure { place: place("1", "Kursk"), ..one() }, one()),
        (Figure { aggregation: Some(Aggregation::Cumulative), ..one() }, one()),
        (Figure { kind: None, ..one() }, one()),
    ];
    for (a, b) in same {
        assert_eq!(finding(&a, &b, Ground::Common), Ok(Finding::Agree), "{a:?}");
    }
}

#[test]
fn measures_are_compared_in_one_unit() {
    let measure = |value, code| Figure {
        kind: Some(FigureKind::Measure),
        unit: unit(UnitSystem::Ucum, code),
        ..figure(Qualifier::Bare, value)
    };
    assert_eq!(finding(&measure(5, "km"), &measure(5_000, "m"), Ground::Common), Ok(Finding::Agree));
    assert_eq!(finding(&measure(5, "km"), &measure(5_001, "m"), Ground::Common), Ok(Finding::Contradict));
    // A third of a yard is a foot, which no decimal of yards is.
    assert_eq!(finding(&measure(1, "[ft_i]"), &measure(12, "[in_i]"), Ground::Common), Ok(Finding::Agree));
    assert_eq!(finding(&measure(20, "Cel"), &measure(68, "[degF]"), Ground::Common), Ok(Finding::Agree));
    assert_eq!(finding(&measure(5, "km"), &measure(5, "kg"), Ground::Common), Err(Incomparable::Unit));
    let change = |value, code| Figure { aggregation: Some(Aggregation::Change), ..measure(value, code) };
    assert_eq!(finding(&change(20, "Cel"), &change(36, "[degF]"), Ground::Common), Ok(Finding::Agree));
    // No unit is the unit of plain numbers.
    assert_eq!(
        finding(&Figure { unit: None, ..measure(5, "1") }, &measure(5, "1"), Ground::Common),
        Ok(Finding::Agree)
    );
}

#[test]
fn money_is_compared_by_a_rate_of_the_caller() {
    let money = |value, code| Figure {
        kind: Some(FigureKind::Money),
        unit: unit(UnitSystem::Iso4217, code),
        ..figure(Qualifier::Bare, value)
    };
    let mut rates = Rates::default();
    assert!(rates.add("GBP", "USD", &"1.25".parse().expect("a number")));
    assert!(!rates.add("GBP", "EUR", &Decimal::zero()));
    let found = |a: &Figure, b: &Figure| {
        compare(a, b, Ground::Common, &Policy::default(), &rates).map(|comparison| comparison.finding)
    };
    assert_eq!(found(&money(4, "GBP"), &money(5, "USD")), Ok(Finding::Agree));
    assert_eq!(found(&money(5, "USD"), &money(4, "GBP")), Ok(Finding::Agree));
    assert_eq!(found(&money(4, "GBP"), &money(4, "USD")), Ok(Finding::Contradict));
    assert_eq!(found(&money(4, "GBP"), &money(4, "EUR")), Err(Incomparable::Currency));
    assert_eq!(finding(&money(4, "GBP"), &money(5, "USD"), Ground::Common), Err(Incomparable::Currency));
}

#[test]
fn places_are_told_apart_by_coordinates_where_nothing_else_is_known() {
    let number = |text: &str| text.parse::<Decimal>().expect(text);
    let at = |latitude, longitude, verbatim: &str| {
        let coordinates = Some((number(latitude), number(longitude)));
        let place = Place { coordinates, verbatim: verbatim.to_owned(), ..Place::default() };
        Figure { place: Some(Box::new(place)), ..figure(Qualifier::Bare, 5) }
    };
    let known_by = |place| Figure { place, ..figure(Qualifier::Bare, 5) };
    let [donetsk, elsewhere] = [at("48.0", "37.8", ""), at("10", "10", "")];
    assert_eq!(finding(&donetsk, &elsewhere, Ground::Common), Err(Incomparable::Place));
    // The order of the two matters, and how many zeros they have does not.
    assert_eq!(finding(&donetsk, &at("37.8", "48.0", ""), Ground::Common), Err(Incomparable::Place));
    assert_eq!(finding(&donetsk, &at("48", "37.80", ""), Ground::Common), Ok(Finding::Agree));
    // One that is known in another way may be the same.
    assert_eq!(finding(&donetsk, &known_by(place("1", "")), Ground::Common), Ok(Finding::Agree));
    assert_eq!(finding(&donetsk, &at("10", "10", "Donetsk"), Ground::Common), Ok(Finding::Agree));
    assert_eq!(finding(&at("48", "37.8", "Kursk"), &known_by(place("1", "kursk")), Ground::Common), Ok(Finding::Agree));
}
