//! Intervals against brute force: every interval with ends in a small universe, as the set of the numbers in it.

use super::*;

/// Ends are even, so that an odd number lies between any two of them and tells an open end from a gap.
const ENDS: std::ops::RangeInclusive<i64> = -2..=2;
/// Reaches beyond every end, so that an open side shows.
const UNIVERSE: std::ops::RangeInclusive<i64> = -8..=8;

/// Every interval with ends in a universe of decimals, halves included, as sets of quarters.
fn every_interval() -> Vec<Bounds> {
    let number = |end: i64| Decimal::try_from(BigDecimal::new((end * 5).into(), 1)).expect("a small number");
    let lowers = ENDS.flat_map(|end| [Some(Lower::AtLeast(number(end))), Some(Lower::MoreThan(number(end)))]);
    let lowers: Vec<_> = lowers.chain([None]).collect();
    let uppers = ENDS.flat_map(|end| [Some(Upper::AtMost(number(end))), Some(Upper::LessThan(number(end)))]);
    let uppers: Vec<_> = uppers.chain([None]).collect();
    let both = |lower: &Option<Lower>| {
        let lower = lower.clone();
        uppers.clone().into_iter().map(move |upper| Bounds { lower: lower.clone(), upper })
    };
    lowers.iter().flat_map(both).collect()
}

/// The quarters that lie in the interval.
fn set(bounds: &Bounds) -> Vec<i64> {
    let number = |quarter: i64| Decimal::try_from(BigDecimal::new((quarter * 25).into(), 2)).expect("a small number");
    UNIVERSE.filter(|quarter| bounds.contains(&number(*quarter))).collect()
}

#[test]
fn every_pair_of_intervals_is_as_sets_are() {
    let intervals = every_interval();
    let mut pairs = 0;
    for a in &intervals {
        let of_a = set(a);
        assert_eq!(a.is_empty(), of_a.is_empty(), "{a}");
        for b in &intervals {
            let of_b = set(b);
            let shared: Vec<i64> = of_a.iter().copied().filter(|number| of_b.contains(number)).collect();
            assert_eq!(a.is_within(b), of_a.iter().all(|number| of_b.contains(number)), "{a} within {b}");
            assert_eq!(a.meets(b), !shared.is_empty(), "{a} meets {b}");
            assert_eq!(set(&a.intersection(b)), shared, "{a} and {b}");
            let ends = of_a.iter().chain(&of_b);
            let spanned: Vec<i64> = match (ends.clone().min(), ends.max()) {
                (Some(first), Some(last)) => (*first..=*last).collect(),
                _ => Vec::new(),
            };
            assert_eq!(set(&a.hull(b)), spanned, "{a} spanned with {b}");
            pairs += 1;
        }
    }
    assert_eq!(pairs, 121 * 121);
}

#[test]
fn whole_numbers_are_kept_and_nothing_else_is_added() {
    for bounds in every_interval() {
        let whole = bounds.whole();
        let kept: Vec<i64> = set(&bounds).into_iter().filter(|quarter| quarter % 4 == 0).collect();
        let tightened: Vec<i64> = set(&whole).into_iter().filter(|quarter| quarter % 4 == 0).collect();
        assert_eq!(tightened, kept, "{bounds} became {whole}");
        assert!(whole.is_empty() || whole.is_within(&bounds), "{bounds} became {whole}");
        assert_eq!(whole.whole(), whole, "{bounds}: tightening again changes something");
    }
}

#[test]
fn a_neighbour_that_has_too_many_digits_leaves_its_side_as_it_was() {
    let most: Decimal = "9".repeat(38).parse().expect("38 digits");
    let above = Bounds::above(Lower::MoreThan(most));
    assert_eq!(above.whole(), above);
}
