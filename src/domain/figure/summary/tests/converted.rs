//! Numbers that were stated in different units.

use super::*;
use crate::domain::figure::subset::Fit;
use crate::domain::model::{Aggregation, Unit, UnitSystem};

use Qualifier::{Bare, Nearly};

fn measured(qualifier: Qualifier, value: i64, code: &str) -> Figure {
    let unit = Unit { system: Some(UnitSystem::Ucum), code: code.to_owned(), verbatim: String::new() };
    Figure { kind: Some(FigureKind::Measure), unit: Some(unit), ..killed(qualifier, &[value]) }
}

fn ends(bounds: Option<Bounds>) -> (Decimal, Decimal) {
    let Some(Bounds { lower: Some(lower), upper: Some(upper) }) = bounds else { panic!("two ends: {bounds:?}") };
    (lower.number().0.clone(), upper.number().0.clone())
}

#[test]
fn a_number_that_is_no_decimal_of_the_unit_is_rounded_outward() {
    for (first, low, high, expected) in [
        ((8, "[mi_i]"), (1, "km"), (100, "km"), ("0.6213", "62.137")),
        ((2, "d"), (1, "h"), (100, "h"), ("0.041666", "4.1666")),
        ((8, "[ft_i]"), (1, "m"), (100, "m"), ("3.2808", "328.08")),
        ((300, "K"), (1, "[degF]"), (100, "[degF]"), ("255.927", "310.927")),
    ] {
        let said = |(value, code)| said("a", "2025", vec![measured(Bare, value, code)]);
        let claims = [first, low, high].map(said);
        let spread = |convention| summary(&claims, &Rule { convention, ..rule() }).series.remove(0).spread;
        let ucdp = spread(Convention::UcdpLowBestHigh);
        let (lowest, highest) = ends(ucdp.hard);
        assert!(lowest.to_string().starts_with(expected.0) && highest.to_string().starts_with(expected.1));
        assert_eq!(ucdp.named, Some((lowest.clone(), highest.clone())), "{first:?}");
        assert_eq!((ucdp.coded.low, ucdp.coded.high), (Some(lowest.clone()), Some(highest.clone())));
        assert_eq!((ucdp.coded.best, ucdp.coded.uncoded), (Some((lowest.clone(), highest)), 0));
        let acled = spread(Convention::AcledConservative).coded;
        assert_eq!((acled.conservative, acled.uncoded), (Some(lowest), 0));
    }
}

#[test]
fn a_number_is_kept_within_its_words_before_it_is_converted() {
    let counted = |qualifier, value, code| Figure { kind: Some(FigureKind::Count), ..measured(qualifier, value, code) };
    let claims = [counted(Bare, 1, "d"), counted(Nearly, 2_000, "h")].map(|figure| said("a", "2025", vec![figure]));
    let spread = series(&claims).spread;
    // 1999 hours.
    assert!(spread.named.as_ref().is_some_and(|(_, highest)| highest.to_string().starts_with("83.2916")));
    assert_eq!(spread.named.map(|(_, highest)| highest), Some(ends(spread.hard).1));
}

#[test]
fn none_at_all_is_converted_as_other_numbers_are() {
    let none = Figure { value: None, ..measured(Qualifier::NoneAtAll, 0, "Cel") };
    let claims = [measured(Bare, 68, "[degF]"), none].map(|figure| said("a", "2025", vec![figure]));
    assert_eq!(series(&claims).spread.named, Some((number("32"), number("68"))));
}

#[test]
fn a_part_that_is_a_difference_is_one_of_its_whole() {
    let warmer = |value, code| Figure { aggregation: Some(Aggregation::Change), ..measured(Bare, value, code) };
    let of = Figure {
        id: Some(FigureId::numbered(9)),
        metric: Some(Metric { key: "warming".to_owned(), ..Metric::default() }),
        ..warmer(9, "[degF]")
    };
    let part = Figure { whole: whole("", 9), ..warmer(5, "Cel") };
    let shares = series(&[said("a", "2025", vec![of, part])]).shares;
    let [share] = &shares.listed[..] else { panic!("one share: {shares:?}") };
    assert_eq!((share.fit, share.share.clone()), (Fit::Fits, Bounds::exactly(&number("100"))));
}
