//! Grades against brute force: figures and questions over small universes of whole and of broken numbers, as sets.

use bigdecimal::BigDecimal;

use super::super::{FigureKind, Lower, Policy, Qualifier, Upper, stored};
use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::model::Figure;

/// Numbers in units of a tenth.
fn tenths(tenths: i64) -> Decimal {
    Decimal::try_from(BigDecimal::new(tenths.into(), 1)).expect("a small number")
}

/// Every question with its ends among these, in tenths.
fn questions(ends: &[i64]) -> Vec<Bounds> {
    let lowers = ends.iter().flat_map(|end| [Lower::AtLeast(tenths(*end)), Lower::MoreThan(tenths(*end))]);
    let lowers: Vec<_> = lowers.map(Some).chain([None]).collect();
    let uppers = ends.iter().flat_map(|end| [Upper::AtMost(tenths(*end)), Upper::LessThan(tenths(*end))]);
    let uppers: Vec<_> = uppers.map(Some).chain([None]).collect();
    let with = |lower: &Option<Lower>| {
        uppers.iter().map(|upper| Bounds { lower: lower.clone(), upper: upper.clone() }).collect::<Vec<_>>()
    };
    lowers.iter().flat_map(with).collect()
}

/// Whether the words allow the number, by the meaning of the qualifier alone. All numbers in tenths.
fn allows(qualifier: Qualifier, value: i64, number: i64) -> bool {
    match qualifier {
        Qualifier::Exactly | Qualifier::Bare | Qualifier::NoneAtAll => number == value,
        Qualifier::About | Qualifier::Vague => true,
        Qualifier::Nearly | Qualifier::LessThan => number < value,
        Qualifier::JustOver | Qualifier::MoreThan => number > value,
        Qualifier::AtLeast => number >= value,
        Qualifier::AtMost | Qualifier::UpTo => number <= value,
        Qualifier::Between => number >= value && number <= value + 30,
    }
}

/// Whether the tolerance of a tenth takes the words for the number; of a count it is widened to whole numbers.
fn tolerates(qualifier: Qualifier, value: i64, number: i64, is_count: bool) -> bool {
    // In hundredths, where a tenth of the value is a whole number.
    let step = if is_count { 100 } else { 1 };
    let (value, number) = (value * 10, number * 10);
    let (low, high) = (value - value.abs() / 10, value + value.abs() / 10);
    let (low, high) = (low.div_euclid(step) * step, -(-high).div_euclid(step) * step);
    let has_floor = matches!(qualifier, Qualifier::About | Qualifier::Nearly);
    let has_ceiling = matches!(qualifier, Qualifier::About | Qualifier::JustOver);
    (!has_floor || number >= low) && (!has_ceiling || number <= high)
}

/// The grade by counting: which of the numbers in the universe are allowed, taken for, asked for.
fn counted(hard: &[i64], soft: &[i64], asked: &Bounds) -> Grade {
    let is_asked = |number: &i64| asked.contains(&tenths(*number));
    if !hard.iter().any(is_asked) {
        Grade::Excluded
    } else if hard.iter().all(is_asked) {
        Grade::Certain
    } else if soft.iter().all(is_asked) {
        Grade::Likely
    } else if soft.iter().any(is_asked) {
        Grade::Possible
    } else {
        Grade::Remote
    }
}

/// Compares every figure with values among these with every question with ends among those.
fn compare(kind: Option<FigureKind>, values: &[i64], ends: &[i64], universe: &[i64]) -> usize {
    let is_count = kind.is_some();
    let questions = questions(ends);
    let mut compared = 0;
    for qualifier in Qualifier::ALL {
        for value in values {
            let is_between = *qualifier == Qualifier::Between;
            let named = (!is_between && *qualifier != Qualifier::Vague).then(|| tenths(*value));
            let (low, high) = (Lower::AtLeast(tenths(*value)), Upper::AtMost(tenths(value + 30)));
            let stated = if is_between { Bounds::between(low, high) } else { Bounds::default() };
            let Ok(bounds) = stored(*qualifier, named.as_ref(), &stated) else {
                assert_eq!(*qualifier, Qualifier::NoneAtAll, "{value}");
                continue;
            };
            let figure = Figure { qualifier: Some(*qualifier), value: named, bounds, kind, ..Figure::default() };
            let intervals = Intervals::of(&figure, &Policy::default()).expect("it was read");
            let hard: Vec<i64> =
                universe.iter().copied().filter(|number| allows(*qualifier, *value, *number)).collect();
            if hard.is_empty() {
                continue;
            }
            let soft: Vec<i64> =
                hard.iter().copied().filter(|number| tolerates(*qualifier, *value, *number, is_count)).collect();
            let soft = if soft.is_empty() { hard.clone() } else { soft };
            for asked in &questions {
                assert_eq!(
                    intervals.grade(asked),
                    counted(&hard, &soft, asked),
                    "{qualifier} {value}/10, asked {asked}"
                );
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn counts_are_graded_as_a_count_of_whole_numbers_grades_them() {
    let whole = |range: std::ops::RangeInclusive<i64>| range.map(|number| number * 10).collect::<Vec<_>>();
    // Whole numbers from zero, further than any end.
    let compared = compare(
        Some(FigureKind::Count),
        &whole(0..=22),
        &[0, 5, 10, 20, 30, 40, 50, 80, 90, 100, 105, 110, 120],
        &whole(0..=40),
    );
    assert!(compared > 100_000, "{compared}");
}

#[test]
fn measures_are_graded_as_a_count_of_tenths_grades_them() {
    // Values and ends are multiples of two, so that a tenth of a value lies on the grid and between any two ends
    // is a number of the universe.
    let values: Vec<i64> = (-2..=4).map(|number| number * 20).collect();
    let ends: Vec<i64> = (-3..=5).map(|number| number * 18).collect();
    let universe: Vec<i64> = (-120..=160).collect();
    let compared = compare(None, &values, &ends, &universe);
    assert!(compared > 20_000, "{compared}");
}

#[test]
fn a_wider_question_is_never_answered_with_a_lower_grade() {
    let ends: Vec<i64> = (0..=6).map(|number| number * 10).collect();
    let questions = questions(&ends);
    let wider: Vec<(usize, usize)> = (0..questions.len())
        .flat_map(|narrow| (0..questions.len()).map(move |wide| (narrow, wide)))
        .filter(|(narrow, wide)| questions[*narrow].is_within(&questions[*wide]))
        .collect();
    for qualifier in [Qualifier::Bare, Qualifier::About, Qualifier::Nearly, Qualifier::JustOver, Qualifier::AtMost] {
        for kind in [None, Some(FigureKind::Count)] {
            let value = Some(tenths(30));
            let bounds = stored(qualifier, value.as_ref(), &Bounds::default()).expect("they fit together");
            let figure = Figure { qualifier: Some(qualifier), value, bounds, kind, ..Figure::default() };
            let intervals = Intervals::of(&figure, &Policy::default()).expect("it was read");
            let grades: Vec<Grade> = questions.iter().map(|asked| intervals.grade(asked)).collect();
            for (narrow, wide) in &wider {
                assert!(grades[*narrow] <= grades[*wide], "{} and {}", questions[*narrow], questions[*wide]);
            }
        }
    }
}
