//! Parts and shares against brute force over small whole numbers.

use super::*;

fn intervals() -> Vec<Bounds> {
    let number = |n: i64| Decimal::from(n);
    let lowers =
        (0..=4).flat_map(|n| [Some(Lower::AtLeast(number(n))), Some(Lower::MoreThan(number(n)))]).chain([None]);
    let uppers: Vec<_> = (0..=4)
        .flat_map(|n| [Some(Upper::AtMost(number(n))), Some(Upper::LessThan(number(n)))])
        .chain([None])
        .collect();
    let both =
        lowers.flat_map(|lower| uppers.iter().map(move |upper| Bounds { lower: lower.clone(), upper: upper.clone() }));
    both.filter(|bounds| !bounds.is_empty()).collect()
}

/// Numbers in quarters, to five: every end and something between any two.
fn members(bounds: &Bounds) -> Vec<Decimal> {
    let quarter = |n: i64| Decimal::try_from(BigDecimal::new((n * 25).into(), 2)).expect("small");
    (-4..=24).map(quarter).filter(|number| bounds.contains(number)).collect()
}

#[test]
fn a_part_fits_as_its_numbers_do() {
    for part in intervals() {
        for whole in intervals() {
            let pairs: Vec<bool> = members(&part)
                .iter()
                .flat_map(|part| members(&whole).into_iter().map(move |whole| *part <= whole))
                .collect();
            let expected = match (pairs.iter().all(|fits| *fits), pairs.iter().any(|fits| *fits)) {
                (true, _) => Fit::Fits,
                (false, true) => Fit::Open,
                (false, false) => Fit::Exceeds,
            };
            assert_eq!(fit(&part, &whole), expected, "{part} of {whole}");
        }
    }
}

#[test]
fn a_share_holds_every_quotient_and_is_as_narrow_as_its_digits_allow() {
    let mut closed = 0;
    for part in intervals() {
        for whole in intervals() {
            let derived = share(&part, &whole, 3);
            let quotients = members(&part)
                .into_iter()
                .flat_map(|part| members(&whole).into_iter().map(move |whole| (part.clone(), whole)))
                .filter(|(_, whole)| !whole.is_zero() && !whole.is_negative());
            for (numerator, denominator) in quotients {
                let holds = |bound: &Decimal, included: bool, is_lower: bool| {
                    let product = bound.as_big_decimal() * denominator.as_big_decimal();
                    let numerator = numerator.as_big_decimal() * BigDecimal::from(100);
                    if is_lower {
                        numerator > product || (included && numerator == product)
                    } else {
                        numerator < product || (included && numerator == product)
                    }
                };
                if let Some(lower) = &derived.lower {
                    let (bound, included) = lower.number();
                    assert!(holds(bound, included, true), "{numerator}/{denominator} is not {derived}");
                }
                if let Some(upper) = &derived.upper {
                    let (bound, included) = upper.number();
                    assert!(holds(bound, included, false), "{numerator}/{denominator} is not {derived}");
                    closed += 1;
                }
            }
        }
    }
    assert!(closed > 10_000, "{closed}");
}

#[test]
fn shares_are_rounded_outward() {
    let number = |n: u64| Decimal::from(n);
    let whole = Bounds::exactly(&number(13_000));
    let killed = Bounds::below(Upper::LessThan(number(2_000)));
    assert_eq!(share(&killed, &whole, 2).to_string(), "less than 15.39");
    assert_eq!(share(&Bounds::exactly(&number(2_000)), &whole, 2).to_string(), "at least 15.38 and less than 15.39");
    assert_eq!(
        share(&Bounds::exactly(&number(1)), &Bounds::exactly(&number(4)), 2).to_string(),
        "at least 25 and at most 25"
    );
    assert_eq!(
        share(&Bounds::above(Lower::MoreThan(number(1))), &Bounds::exactly(&number(4)), 0).to_string(),
        "more than 25"
    );
    // nothing follows from a whole that may be nothing
    assert!(share(&killed, &Bounds::below(Upper::AtMost(number(13_000))), 2).is_unbounded());
    assert_eq!(fit(&killed, &whole), Fit::Fits);
}
