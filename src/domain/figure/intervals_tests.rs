//! Counts and tolerances: what tightening keeps, and which policy leaves what.

use proptest::prelude::*;

use super::super::{Grade, Tolerance, stored};
use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect(text)
}

fn figure(qualifier: Qualifier, value: &str, kind: Option<FigureKind>) -> Figure {
    let value = (!value.is_empty()).then(|| decimal(value));
    let bounds = stored(qualifier, value.as_ref(), &Bounds::default()).expect("they fit together");
    let significant_digits = value.as_ref().map_or(0, Decimal::stated_significant_digits);
    Figure { qualifier: Some(qualifier), value, bounds, kind, significant_digits, ..Figure::default() }
}

fn written(figure: &Figure, policy: &Policy) -> String {
    let Intervals { hard, soft, .. } = Intervals::of(figure, policy).expect("it was read");
    format!("{hard}; {soft}")
}

#[test]
fn what_counts_and_measures_come_to() {
    let count = Some(FigureKind::Count);
    let rounded = Policy { bare: BareReading::Rounded, ..Policy::default() };
    let none = Policy { tolerance: Decimal::zero().try_into().expect("a share"), ..Policy::default() };
    for (figure, policy, expected) in [
        (
            figure(Qualifier::Nearly, "2000", count),
            Policy::default(),
            "at least 0 and at most 1999; at least 1800 and at most 1999",
        ),
        (
            figure(Qualifier::Nearly, "2000", None),
            Policy::default(),
            "less than 2000; at least 1800 and less than 2000",
        ),
        (figure(Qualifier::MoreThan, "24", count), Policy::default(), "at least 25; at least 25"),
        (figure(Qualifier::About, "500", count), Policy::default(), "at least 0; at least 450 and at most 550"),
        (figure(Qualifier::About, "500", None), Policy::default(), "any number; at least 450 and at most 550"),
        (figure(Qualifier::About, "-20", None), Policy::default(), "any number; at least -22 and at most -18"),
        // where the tolerance is finer than a whole number, the next one is meant
        (figure(Qualifier::JustOver, "5", count), Policy::default(), "at least 6; at least 6 and at most 6"),
        (
            figure(Qualifier::Nearly, "5", count),
            Policy::default(),
            "at least 0 and at most 4; at least 4 and at most 4",
        ),
        // a policy that leaves nothing has nothing to say
        (figure(Qualifier::Nearly, "5", None), none.clone(), "less than 5; less than 5"),
        (figure(Qualifier::Nearly, "5", count), none, "at least 0 and at most 4; at least 0 and at most 4"),
        (
            figure(Qualifier::UpTo, "700", count),
            Policy::default(),
            "at least 0 and at most 700; at least 0 and at most 700",
        ),
        // what was said is not made impossible
        (
            figure(Qualifier::Bare, "2.5", count),
            Policy::default(),
            "at least 2.5 and at most 2.5; at least 2.5 and at most 2.5",
        ),
        (
            figure(Qualifier::Bare, "-3", count),
            Policy::default(),
            "at least -3 and at most -3; at least -3 and at most -3",
        ),
        // roundness, on request
        (
            figure(Qualifier::Bare, "13000", count),
            rounded.clone(),
            "at least 12500 and at most 13500; at least 12500 and at most 13500",
        ),
        (
            figure(Qualifier::Bare, "10.0", None),
            rounded.clone(),
            "at least 9.95 and at most 10.05; at least 9.95 and at most 10.05",
        ),
        (figure(Qualifier::Bare, "7", count), rounded.clone(), "at least 7 and at most 7; at least 7 and at most 7"),
        (
            figure(Qualifier::Exactly, "13000", count),
            rounded,
            "at least 13000 and at most 13000; at least 13000 and at most 13000",
        ),
    ] {
        assert_eq!(written(&figure, &policy), expected, "{figure:?}");
    }
}

#[test]
fn a_change_may_be_negative_and_a_vague_word_means_what_the_convention_says() {
    let change =
        Figure { aggregation: Some(Aggregation::Change), ..figure(Qualifier::LessThan, "3", Some(FigureKind::Count)) };
    assert_eq!(written(&change, &Policy::default()), "at most 2; at most 2");
    let dozens = Figure { scale_word: "dozens".to_owned(), ..figure(Qualifier::Vague, "", Some(FigureKind::Count)) };
    assert_eq!(written(&dozens, &Policy::default()), "at least 0; at least 0");
    let acled = Policy { vague: VagueReading::Acled, ..Policy::default() };
    assert_eq!(written(&dozens, &acled), "at least 0; at least 12 and at most 12");
}

#[test]
fn words_that_were_not_read_have_no_intervals() {
    let unread = Figure { verbatim: "umpteen".to_owned(), ..Figure::default() };
    assert_eq!(Intervals::of(&unread, &Policy::default()), None);
}

#[test]
fn a_tolerance_is_a_share() {
    for (text, is_share) in [("0", true), ("0.1", true), ("1", true), ("1.01", false), ("-0.1", false)] {
        assert_eq!(Tolerance::try_from(decimal(text)).is_ok(), is_share, "{text}");
    }
}

proptest! {
    #[test]
    fn the_soft_interval_lies_in_the_hard_one_and_tightening_is_idempotent(
        qualifier in proptest::sample::select(Qualifier::ALL.to_vec()),
        digits in -400i64..400,
        scale in 0i64..3,
        tolerance in 0i64..=20,
        is_count: bool,
        is_change: bool,
        is_rounded: bool,
    ) {
        let value = Decimal::try_from(BigDecimal::new(digits.into(), scale)).expect("small");
        let names_none = matches!(qualifier, Qualifier::Between | Qualifier::Vague | Qualifier::NoneAtAll);
        let value = (!names_none).then_some(value);
        let Ok(bounds) = stored(qualifier, value.as_ref(), &Bounds::default()) else {
            prop_assert_eq!(qualifier, Qualifier::Between);
            return Ok(());
        };
        let kind = is_count.then_some(FigureKind::Count);
        let aggregation = is_change.then_some(Aggregation::Change);
        let figure = Figure { qualifier: Some(qualifier), value, bounds, kind, aggregation, ..Figure::default() };
        let tolerance = Decimal::try_from(BigDecimal::new((tolerance * 5).into(), 2)).expect("small");
        let bare = if is_rounded { BareReading::Rounded } else { BareReading::Stated };
        let policy = Policy { bare, tolerance: tolerance.try_into().expect("a share"), ..Policy::default() };

        let Intervals { hard, soft, numbers } = Intervals::of(&figure, &policy).expect("it was read");
        prop_assert!(soft.is_within(&hard), "{} not in {}", soft, hard);
        prop_assert!(!soft.is_empty(), "nothing is left of {}", hard);
        prop_assert_eq!(tightened(&hard, kind, aggregation), (hard.clone(), numbers));
        // What the words entail is certain of what they entail.
        let graded = Intervals { hard: hard.clone(), soft, numbers }.grade(&figure.bounds);
        prop_assert!(is_rounded || graded == Grade::Certain);
    }
}
