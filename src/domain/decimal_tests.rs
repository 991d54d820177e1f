//! Tests of exact decimals.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().expect(text)
}

fn hash(number: &Decimal) -> u64 {
    let mut hasher = DefaultHasher::new();
    number.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn the_text_is_kept_and_equality_is_numeric() {
    for text in ["0", "10", "10.0", "-0.50", "0.000", "99999999999999999999999999999999999999"] {
        assert_eq!(decimal(text).to_string(), text);
    }
    assert_eq!(decimal("10.0"), decimal("10"));
    assert_eq!(hash(&decimal("10.0")), hash(&decimal("10")));
    assert_eq!(hash(&decimal("0.00")), hash(&Decimal::zero()));
    assert!(decimal("-2") < decimal("-1.5"));
    assert!(decimal("9") < decimal("10.0"));
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let error = |text: &str| text.parse::<Decimal>().expect_err(text);
    assert_eq!(error(""), DecimalError::Empty);
    assert_eq!(error("-"), DecimalError::DigitMissing { position: 1 });
    assert_eq!(error("1."), DecimalError::DigitMissing { position: 2 });
    for (text, character, position) in [
        ("+1", '+', 0),
        ("1e3", 'e', 1),
        ("1,000", ',', 1),
        (".5", '.', 0),
        ("1.2.3", '.', 3),
        ("1-", '-', 1),
        ("٣", '٣', 0),
        (" 1", ' ', 0),
    ] {
        assert_eq!(error(text), DecimalError::Character { character, position });
    }
    assert_eq!(error("007"), DecimalError::LeadingZero);
    assert_eq!(error("-0"), DecimalError::NegativeZero);
    assert_eq!(error("-0.0"), DecimalError::NegativeZero);
    assert_eq!(error(&"9".repeat(39)), DecimalError::TooManyDigits { digits: 39 });
    assert_eq!(error(&"9".repeat(99)), DecimalError::TooLong { length: 99 });
    assert_eq!(decimal(&format!("0.{}1", "0".repeat(50))).to_string().len(), 53);
}

#[test]
fn scale_words_multiply_exactly() {
    let times = |text: &str, factor| decimal(text).times(factor).map(|product| product.to_string());
    assert_eq!(times("1.5", 1_000_000).as_deref(), Ok("1500000"));
    assert_eq!(times("1.50", 12).as_deref(), Ok("18"));
    assert_eq!(times("1.2345678", 1_000_000).as_deref(), Ok("1234567.8"));
    assert_eq!(times("0.0", 1_000).as_deref(), Ok("0"));
    assert_eq!(times(&"9".repeat(38), 1_000), Err(DecimalError::TooManyDigits { digits: 41 }));
}

#[test]
fn roundness_is_visible() {
    for (text, digits) in [("13000", 2), ("2000", 1), ("24", 2), ("10.0", 3), ("0", 1), ("0.05", 1)] {
        assert_eq!(decimal(text).stated_significant_digits(), digits, "{text}");
    }
}

#[test]
fn predicates() {
    assert!(decimal("10.0").is_integer() && !decimal("10.5").is_integer());
    assert!(decimal("-0.1").is_negative() && !Decimal::zero().is_negative());
    assert!(decimal("0.00").is_zero());
}

#[test]
fn results_that_cannot_be_written_down_are_refused() {
    let huge = BigDecimal::new(1.into(), -1_000_000_000_000);
    assert!(matches!(Decimal::try_from(huge), Err(DecimalError::TooManyDigits { .. })));
    let tiny = BigDecimal::new(1.into(), 1_000_000_000_000);
    assert!(matches!(Decimal::try_from(tiny), Err(DecimalError::TooLong { .. })));
    let thousand = Decimal::try_from(BigDecimal::new(1.into(), -3)).expect("a thousand");
    assert_eq!(thousand.to_string(), "1000");
}

proptest! {
    #[test]
    fn every_written_number_is_kept(text in "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,19})?") {
        match text.parse::<Decimal>() {
            Ok(number) => prop_assert_eq!(number.to_string(), text),
            Err(error) => {
                prop_assert_eq!(error, DecimalError::NegativeZero);
                prop_assert!(text.starts_with("-0") && !text.contains(|c: char| ('1'..='9').contains(&c)));
            }
        }
    }

    #[test]
    fn order_and_hash_agree_with_whole_hundredths(a in -500i64..500, b in -500i64..500, zeros in 0usize..3) {
        let written = |hundredths: i64, zeros: usize| {
            let sign = if hundredths < 0 { "-" } else { "" };
            let n = hundredths.abs();
            decimal(&format!("{sign}{}.{:02}{}", n / 100, n % 100, "0".repeat(zeros)))
        };
        let (x, y) = (written(a, zeros), written(b, 0));
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        prop_assert_eq!(hash(&x) == hash(&y), a == b);
    }
}
