//! Tests of what words entail.

use bigdecimal::BigDecimal;
use proptest::prelude::*;

use super::*;

fn n(number: i64) -> Decimal {
    Decimal::from(number)
}

fn written(qualifier: Qualifier, value: Option<i64>) -> String {
    match entailed(qualifier, value.map(n).as_ref()) {
        Ok(bounds) => bounds.to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn words_entail_this_and_nothing_more() {
    for (qualifier, expected) in [
        (Qualifier::Exactly, "at least 2000 and at most 2000"),
        (Qualifier::Bare, "at least 2000 and at most 2000"),
        (Qualifier::About, "any number"),
        (Qualifier::Nearly, "less than 2000"),
        (Qualifier::JustOver, "more than 2000"),
        (Qualifier::MoreThan, "more than 2000"),
        (Qualifier::LessThan, "less than 2000"),
        (Qualifier::AtLeast, "at least 2000"),
        (Qualifier::AtMost, "at most 2000"),
        (Qualifier::UpTo, "at most 2000"),
        (Qualifier::Between, "BETWEEN has no value, so 2000 cannot be one"),
        (Qualifier::Vague, "VAGUE has no value, so 2000 cannot be one"),
        (Qualifier::NoneAtAll, "NONE_AT_ALL is zero, not 2000"),
    ] {
        assert_eq!(written(qualifier, Some(2000)), expected);
    }
    for qualifier in Qualifier::ALL {
        let expected = match qualifier {
            Qualifier::Vague => "any number".to_owned(),
            Qualifier::NoneAtAll => "at least 0 and at most 0".to_owned(),
            Qualifier::Between => "BETWEEN needs a lower and an upper bound".to_owned(),
            Qualifier::Exactly
            | Qualifier::Bare
            | Qualifier::About
            | Qualifier::Nearly
            | Qualifier::JustOver
            | Qualifier::MoreThan
            | Qualifier::LessThan
            | Qualifier::AtLeast
            | Qualifier::AtMost
            | Qualifier::UpTo => format!("{qualifier} needs a value"),
        };
        assert_eq!(written(*qualifier, None), expected);
    }
    assert_eq!(written(Qualifier::NoneAtAll, Some(0)), "at least 0 and at most 0");
}

#[test]
fn stated_bounds_must_follow_and_the_entailed_ones_are_stored() {
    let nearly = |stated: Bounds| {
        stored(Qualifier::Nearly, Some(&n(2000)), &stated)
            .map(|bounds| bounds.to_string())
            .map_err(|error| error.to_string())
    };
    let less = Ok("less than 2000".to_owned());
    assert_eq!(nearly(Bounds::default()), less);
    assert_eq!(nearly(Bounds::below(Upper::LessThan("2000.0".parse().expect("a number")))), less);
    assert_eq!(nearly(Bounds::below(Upper::AtMost(n(2500)))), less);
    assert_eq!(nearly(Bounds::below(Upper::AtMost(n(2000)))), less);
    assert_eq!(
        nearly(Bounds::below(Upper::AtMost(n(1999)))),
        Err("at most 1999 does not follow from the words, which entail that it is less than 2000".to_owned())
    );
    assert_eq!(
        nearly(Bounds::above(Lower::AtLeast(n(1900)))),
        Err("at least 1900 does not follow from the words, which entail that it is less than 2000".to_owned())
    );
    let about = stored(Qualifier::About, Some(&n(500)), &Bounds::below(Upper::AtMost(n(9999))));
    assert!(matches!(about, Err(FigureError::UpperNotEntailed { .. })));
    let empty = Bounds::between(Lower::MoreThan(n(5)), Upper::AtMost(n(5)));
    assert_eq!(nearly(empty), Err("nothing is more than 5 and at most 5".to_owned()));
}

#[test]
fn between_takes_its_bounds_as_stated() {
    let ten_to_twenty = Bounds::between(Lower::AtLeast(n(10)), Upper::AtMost(n(20)));
    assert_eq!(stored(Qualifier::Between, None, &ten_to_twenty), Ok(ten_to_twenty.clone()));
    let one_sided = Bounds::above(Lower::AtLeast(n(10)));
    assert_eq!(stored(Qualifier::Between, None, &one_sided), Err(FigureError::BoundsMissing));
    let reversed = Bounds::between(Lower::AtLeast(n(20)), Upper::AtMost(n(10)));
    assert!(matches!(stored(Qualifier::Between, None, &reversed), Err(FigureError::EmptyInterval { .. })));
    assert!(matches!(
        stored(Qualifier::Between, Some(&n(15)), &ten_to_twenty),
        Err(FigureError::ValueForbidden { .. })
    ));
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let lower = proptest::option::of((0i64..6, any::<bool>()));
    let upper = proptest::option::of((0i64..6, any::<bool>()));
    (lower, upper).prop_map(|(lower, upper)| Bounds {
        lower: lower.map(
            |(number, included)| {
                if included { Lower::AtLeast(n(number)) } else { Lower::MoreThan(n(number)) }
            },
        ),
        upper: upper.map(
            |(number, included)| {
                if included { Upper::AtMost(n(number)) } else { Upper::LessThan(n(number)) }
            },
        ),
    })
}

/// -0.5, 0, 0.5, … 6: enough points to tell any two intervals above apart.
fn points() -> impl Iterator<Item = Decimal> {
    (-1i64..13).map(|halves| BigDecimal::new((halves * 5).into(), 1).try_into().expect("short"))
}

proptest! {
    #[test]
    fn an_interval_is_empty_iff_no_point_is_in_it(bounds in bounds()) {
        prop_assert_eq!(bounds.is_empty(), !points().any(|point| bounds.contains(&point)));
    }

    #[test]
    fn stated_bounds_pass_iff_every_point_keeps_them(stated in bounds(), entailed in bounds()) {
        if entailed.is_empty() || stated.is_empty() {
            return Ok(());
        }
        // A side of its own follows from the same side: the words are about both.
        let lower = Bounds { upper: None, ..stated.clone() };
        let upper = Bounds { lower: None, ..stated.clone() };
        let open_below = Decimal::from(-99i64);
        let open_above = Decimal::from(99i64);
        let follows = points().chain([open_below, open_above]).filter(|point| entailed.contains(point)).all(|point| lower.contains(&point) && upper.contains(&point));
        prop_assert_eq!(check_stated(&stated, &entailed).is_ok(), follows);
    }
}
