//! Estimates of one, two and three numbers.

use super::super::{FigureKind, Grade, Qualifier};
use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::model::{Aggregation, Basis, ExternalId, Place, TimeGiven, Unit, UnitSystem};

fn number(role: EstimateRole, value: u64) -> Figure {
    let value = Decimal::from(value);
    Figure {
        qualifier: Some(Qualifier::Exactly),
        bounds: Bounds::exactly(&value),
        value: Some(value),
        kind: Some(FigureKind::Count),
        role: Some(role),
        ..Figure::default()
    }
}

fn spanned(figures: &[Figure]) -> String {
    let figures: Vec<&Figure> = figures.iter().collect();
    let Intervals { hard, soft, .. } = Intervals::of_estimate(&figures, &Policy::default()).expect("they were read");
    assert!(soft.is_within(&hard));
    format!("{hard}; {soft}")
}

#[test]
fn an_estimate_is_open_where_nobody_said_where_it_ends() {
    use EstimateRole::{Best, High, Low, Single};
    for (figures, expected) in [
        (
            vec![number(Low, 9), number(Best, 10), number(High, 35)],
            "at least 9 and at most 35; at least 9 and at most 35",
        ),
        // an error of the source: kept, and spanned
        (
            vec![number(Low, 9), number(Best, 40), number(High, 35)],
            "at least 9 and at most 40; at least 9 and at most 40",
        ),
        (vec![number(Low, 9)], "at least 9; at least 9"),
        (vec![number(High, 35)], "at least 0 and at most 35; at least 0 and at most 35"),
        (vec![number(Best, 10)], "at least 10 and at most 10; at least 10 and at most 10"),
        (vec![number(Single, 10)], "at least 10 and at most 10; at least 10 and at most 10"),
        (vec![number(Low, 9), number(Best, 10)], "at least 9; at least 9 and at most 10"),
        (vec![number(Best, 10), number(High, 35)], "at least 0 and at most 35; at least 10 and at most 35"),
        (vec![number(Low, 9), number(High, 35)], "at least 9 and at most 35; at least 9 and at most 35"),
    ] {
        assert_eq!(spanned(&figures), expected, "{figures:?}");
    }
    assert_eq!(Intervals::of_estimate(&[], &Policy::default()), None);
}

#[test]
fn an_end_alone_keeps_what_the_policy_takes_its_words_for() {
    use EstimateRole::{High, Low};
    let said = |qualifier, role| Figure { qualifier: Some(qualifier), bounds: Bounds::default(), ..number(role, 500) };
    for (figure, expected) in [
        (said(Qualifier::About, Low), "at least 0; at least 450"),
        (said(Qualifier::About, High), "at least 0; at least 0 and at most 550"),
        (Figure { aggregation: Some(Aggregation::Change), ..said(Qualifier::About, High) }, "any number; at most 550"),
    ] {
        assert_eq!(spanned(std::slice::from_ref(&figure)), expected, "{figure:?}");
    }
}

#[test]
fn a_number_alone_is_graded_as_the_figure_it_is() {
    let about = Figure {
        qualifier: Some(Qualifier::About),
        value: Some(Decimal::from(500u64)),
        kind: Some(FigureKind::Count),
        role: Some(EstimateRole::Best),
        ..Figure::default()
    };
    let of_estimate = Intervals::of_estimate(&[&about], &Policy::default()).expect("it was read");
    assert_eq!(Some(of_estimate.clone()), Intervals::of(&about, &Policy::default()));
    assert_eq!(of_estimate.grade(&Bounds::above(super::Lower::AtLeast(Decimal::from(450u64)))), Grade::Likely);
}

#[test]
fn a_number_outside_of_its_estimate_is_seen() {
    use EstimateRole::{Best, High, Low};
    let seen = |figures: &[Figure]| figures.iter().map(|figure| anomaly(figure, figures)).collect::<Vec<_>>();
    assert_eq!(seen(&[number(Low, 1), number(Best, 2), number(High, 3)]), [None; 3]);
    assert_eq!(seen(&[number(Low, 2), number(Best, 1), number(High, 3)]), [None, Some(Anomaly::BelowLow), None]);
    assert_eq!(seen(&[number(Low, 1), number(Best, 4), number(High, 3)]), [None, Some(Anomaly::AboveHigh), None]);
    assert_eq!(seen(&[number(Low, 4), number(High, 3)]), [Some(Anomaly::AboveHigh), None]);
    // "no casualties" is a number, too
    let none = |role| Figure { qualifier: Some(Qualifier::NoneAtAll), value: None, ..number(role, 0) };
    assert_eq!(seen(&[number(Low, 4), none(Best)]), [None, Some(Anomaly::BelowLow)]);
    assert_eq!(seen(&[none(Low), number(Best, 4)]), [None; 2]);
    assert_eq!(seen(&[number(Best, 4), none(High)]), [Some(Anomaly::AboveHigh), None]);
    let mut elsewhere = number(High, 3);
    elsewhere.place =
        Some(Box::new(crate::domain::model::Place { verbatim: "Kursk".to_owned(), ..Default::default() }));
    assert_eq!(seen(&[number(Low, 4), elsewhere]), [None; 2]);
}

#[test]
fn numbers_of_an_estimate_are_compared_in_one_unit() {
    use EstimateRole::{Best, High, Low};
    use UnitSystem::{Iso4217, Ucum};
    let seen = |numbers: &[(EstimateRole, u64, UnitSystem, &str)]| {
        let figures: Vec<Figure> = numbers
            .iter()
            .map(|(role, value, system, code)| {
                let unit = Unit { system: Some(*system), code: (*code).to_owned(), verbatim: String::new() };
                Figure { unit: Some(unit), ..number(*role, *value) }
            })
            .collect();
        figures.iter().map(|figure| anomaly(figure, &figures)).collect::<Vec<_>>()
    };
    let metres = |best| [(Low, 900, Ucum, "m"), (Best, best, Ucum, "km"), (High, 1_200, Ucum, "m")];
    assert_eq!(seen(&metres(1)), [None; 3]);
    assert_eq!(seen(&metres(2)), [None, Some(Anomaly::AboveHigh), None]);
    assert_eq!(seen(&[(Low, 900, Ucum, "cm"), (Best, 8, Ucum, "m")]), [None, Some(Anomaly::BelowLow)]);
    assert_eq!(seen(&[(Low, 900, Iso4217, "EUR"), (Best, 800, Iso4217, "USD")]), [None; 2]);
}

#[test]
fn numbers_of_one_estimate_stand_together_where_the_first_does() {
    use EstimateRole::{Best, High, Low, Single};
    let other = |figure: Figure| Figure { aggregation: Some(Aggregation::Cumulative), ..figure };
    let figures = [
        number(Low, 1),
        number(Single, 2),
        other(number(Low, 3)),
        number(High, 4),
        Figure { role: None, ..number(Single, 5) },
        other(number(Best, 6)),
        number(Single, 7),
    ];
    let value = |figure: &&Figure| figure.value.as_ref().map(ToString::to_string).expect("a value");
    let found: Vec<Vec<String>> =
        estimates(&figures).iter().map(|estimate| estimate.iter().map(value).collect()).collect();
    assert_eq!(found, [vec!["1", "4"], vec!["2"], vec!["3", "6"], vec!["5"], vec!["7"]]);
}

#[test]
fn no_floor_is_above_what_was_said() {
    let minus_four: Decimal = (-4i64).into();
    let high = |qualifier, bounds| Figure {
        qualifier: Some(qualifier),
        bounds,
        value: Some(minus_four.clone()),
        ..number(EstimateRole::High, 0)
    };
    let at_most = Bounds::below(super::super::Upper::AtMost(minus_four.clone()));
    assert_eq!(spanned(&[high(Qualifier::AtMost, at_most.clone())]), "at most -4; at most -4");
    assert_eq!(spanned(&[high(Qualifier::UpTo, at_most)]), "at most -4; at most -4");
    let less = Bounds::below(super::super::Upper::LessThan(minus_four.clone()));
    assert_eq!(spanned(&[high(Qualifier::LessThan, less)]), "at most -5; at most -5");
    // At zero there is something left.
    let none = Bounds::below(super::super::Upper::AtMost(Decimal::zero()));
    let none = Figure { value: Some(Decimal::zero()), ..high(Qualifier::AtMost, none) };
    assert_eq!(spanned(&[none]), "at least 0 and at most 0; at least 0 and at most 0");
}

#[test]
fn an_estimate_is_one_whatever_its_time_and_place_are_called() {
    use EstimateRole::{High, Low};
    let at = |edtf: &str, verbatim: &str| {
        let time = (!edtf.is_empty()).then(|| edtf.parse().expect(edtf));
        Some(Box::new(TimeGiven { time, verbatim: verbatim.to_owned(), ..TimeGiven::default() }))
    };
    let place = |id: &str, verbatim: &str| {
        let ids = (!id.is_empty()).then(|| ExternalId { scheme: "geonames".to_owned(), id: id.to_owned() });
        let external_ids = ids.into_iter().collect();
        Some(Box::new(Place { external_ids, verbatim: verbatim.to_owned(), ..Place::default() }))
    };
    let as_of = |edtf, verbatim| Figure { as_of: at(edtf, verbatim), ..number(Low, 1) };
    let period = |edtf, verbatim| Figure { period: at(edtf, verbatim), ..number(Low, 1) };
    let in_place = |id, verbatim| Figure { place: place(id, verbatim), ..number(Low, 1) };
    let only_basis = |basis| Some(Box::new(Place { basis: Some(basis), ..Place::default() }));
    for (a, b, is_one) in [
        (as_of("2025", "in 2025"), as_of("2025", "last year"), true),
        (as_of("2025", "in 2025"), as_of("2024", "in 2025"), false),
        (as_of("2025", ""), number(Low, 1), false),
        (period("2025", "in 2025"), period("2025", ""), true),
        (period("2025-01", ""), period("2025-02", ""), false),
        // Of a time of which nothing is known there are only the words.
        (as_of("", "before the war"), as_of("", "after the war"), false),
        (as_of("", "before the war"), as_of("", "before the war"), true),
        (as_of("", ""), number(Low, 1), true),
        (in_place("", "Kyiv"), in_place("", "kyiv"), true),
        (in_place("1", "Kyiv"), in_place("1", "the capital"), true),
        (in_place("1", "Kyiv"), in_place("", "kyiv"), true),
        (in_place("1", "Kyiv"), in_place("2", "Kyiv"), false),
        (in_place("1", ""), in_place("", "Kyiv"), false),
        (in_place("", "Kyiv"), number(Low, 1), false),
        (Figure { place: only_basis(Basis::Stated), ..number(Low, 1) }, in_place("", "Kyiv"), false),
    ] {
        let high = Figure { role: Some(High), ..b.clone() };
        assert_eq!(same_estimate(&a, &high), is_one, "{a:?} {b:?}");
        assert_eq!(same_estimate(&high, &a), is_one, "{a:?} {b:?}");
        assert!(same_estimate(&a, &Figure { role: Some(High), ..a.clone() }));
        assert_eq!(estimates([&a, &high]).len(), if is_one { 1 } else { 2 });
    }
}
