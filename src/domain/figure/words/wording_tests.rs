//! Wordings that make another number of one, or none: signs, parts, either of two, softened bounds, symbols.

use super::sentence_tests::brief;

/// Checks what is found in each sentence.
fn check(cases: &[(&str, &[&str])]) {
    for (sentence, expected) in cases {
        assert_eq!(brief(sentence), *expected, "{sentence}");
    }
}

#[test]
fn a_smaller_part_has_the_sign_of_the_whole_and_is_less_than_one_of_its_units() {
    check(&[
        ("A loss of minus 20 dollars and 43 cents.", &["minus 20 dollars and 43 cents: BARE -20.43"]),
        ("It lies at minus 7 feet 10 inches.", &["minus 7 feet 10 inches: BARE -94"]),
        ("The offset is -2 hours 30 minutes.", &["-2 hours 30 minutes: BARE -150"]),
        ("The offset is minus two hours and a half.", &["minus two hours and a half: BARE -2.5"]),
        ("The 5 km and 10,000 metre races.", &["5 km: BARE 5", "10,000 metre: BARE 10000"]),
        ("They got 1 year and 18 months respectively.", &["1 year: BARE 1", "18 months: BARE 18"]),
        ("He was 5 kilometres, 300 metres behind the winner.", &["5 kilometres: BARE 5", "300 metres: BARE 300"]),
        ("It took 3 weeks, 10 days and 2 hours.", &["3 weeks: BARE 3", "10 days and 2 hours: BARE 242"]),
        ("He is 6 feet, 2 inches tall.", &["6 feet, 2 inches: BARE 74"]),
        ("It took 2 hours, 30 minutes and 10 seconds.", &["2 hours, 30 minutes and 10 seconds: BARE 9010"]),
    ]);
}
