//! Wordings that make another number of one, or none: signs, parts, either of two, softened bounds, symbols.

use super::sentence_tests::brief;
use super::*;

/// Checks what is found in each sentence.
fn check(cases: &[(&str, &[&str])]) {
    for (sentence, expected) in cases {
        assert_eq!(brief(sentence), *expected, "{sentence}");
    }
}

/// The unit of the one figure of a sentence, with its system.
fn unit(sentence: &str, language: &str) -> Option<String> {
    let found = find(sentence, &language.parse().expect("a tag")).expect("a reader");
    let [found] = found.as_slice() else { panic!("{sentence}: {found:?}") };
    found.reading.unit.as_ref().map(|unit| format!("{:?} {}", unit.system.expect("stated"), unit.code))
}

/// Checks that no figure is found.
fn check_none(sentences: &[&str]) {
    for sentence in sentences {
        assert_eq!(brief(sentence), Vec::<String>::new(), "{sentence}");
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

#[test]
fn either_of_two_is_no_figure_whatever_is_said_of_it() {
    check_none(&[
        "Up to two or three hundred people came.",
        "Fewer than two or three dozen came.",
        "No more than 40 or 50 came.",
        "About two or three hundred came.",
        "About 40 or about 50 came.",
        "It lasted 5 or 6 days.",
        "It rose 40 or 50 percent.",
        "It costs $5 or $6.",
        "It costs $5 or 6.",
        "The second or third village fell.",
        "One in three or four fell ill.",
        "A million or two million fled.",
    ]);
    check(&[
        ("It takes 20 months or 5 years.", &["20 months: BARE 20", "5 years: BARE 5"]),
        ("It fell 2 % or $1.40 a share.", &["2 %: BARE 2", "$1.40: BARE 1.40"]),
        ("Some 500 or 5 percent of them left.", &["Some 500: ABOUT 500", "5 percent: BARE 5"]),
        ("It cost $675,000 or $32,143 a trip.", &["$675,000: BARE 675000", "$32,143: BARE 32143"]),
        ("Half or 50 percent of them left.", &["Half: BARE 0.5", "50 percent: BARE 50"]),
        ("Either 10 billion or 10 trillion.", &["10 billion: BARE 10000000000", "10 trillion: BARE 10000000000000"]),
        ("More than 100 or fewer than 50 came.", &["More than 100: MORE_THAN 100", "fewer than 50: LESS_THAN 50"]),
    ]);
}

#[test]
fn a_share_of_a_percent_is_hundredths() {
    check(&[
        ("It rose half a per cent.", &["half a per cent: BARE 0.5"]),
        ("It rose a quarter of a percent.", &["a quarter of a percent: BARE 0.25"]),
        ("It rose three quarters of a percent.", &["three quarters of a percent: BARE 0.75"]),
        ("It rose half of one percent.", &["half of one percent: BARE 0.5"]),
        ("It rose nearly half of 1%.", &["nearly half of 1%: NEARLY 0.5"]),
        ("It rose half a percentage point.", &["half a percentage point: BARE 0.5"]),
        ("It rose half a percent to 2 percent.", &["half a percent to 2 percent: BETWEEN -"]),
        ("Half of one in five.", &["Half: BARE 0.5", "one in five: BARE 0.2"]),
    ]);
    let reading = read("half a percent", Some(&"en".parse().expect("a tag"))).expect("a figure");
    assert_eq!(reading.kind, Some(FigureKind::Percent));
}

#[test]
fn a_minus_is_read_or_its_number_is_left_out() {
    check(&[
        ("It made a profit of -$5 million.", &["-$5 million: BARE -5000000"]),
        ("It made a profit of $-5 million.", &["$-5 million: BARE -5000000"]),
        ("It made a profit of minus $5 million.", &["minus $5 million: BARE -5000000"]),
        ("It fell to –5 °C.", &["–5 °C: BARE -5"]),
        ("It fell (-5 °C).", &["-5 °C: BARE -5"]),
        ("Temperatures of -5 to -10 degrees.", &["-5 to -10 degrees: BETWEEN -"]),
        ("It was between minus 5 and minus 10 degrees.", &["between minus 5 and minus 10 degrees: BETWEEN -"]),
        ("It fell from 20 to 10.", &["20: BARE 20", "10: BARE 10"]),
        ("Prices went from $1.89 in 2009 to $3.51.", &["$1.89: BARE 1.89", "$3.51: BARE 3.51"]),
        ("It has most of all--6 million.", &["6 million: BARE 6000000"]),
        ("They paid $5 to 3 people.", &["$5: BARE 5", "3: BARE 3"]),
        ("It was −5 to 10 degrees.", &["−5 to 10 degrees: BETWEEN -"]),
    ]);
    check_none(&[
        "A frost –5 degrees deep.",
        "A vote of 20 to 10 people.",
        "It was between 20 and 10.",
        "A season of 20–10.",
        "A rise of half to one percent.",
        "Within +/-5.",
    ]);
    let range = find("-5 to -10 degrees", &"en".parse().expect("a tag")).expect("a reader");
    assert_eq!(
        range.first().map(|found| found.reading.bounds.to_string()).as_deref(),
        Some("at least -10 and at most -5")
    );
}

#[test]
fn a_symbol_is_the_unit_that_its_case_says() {
    for (sentence, expected) in [
        ("They drank 500 ml.", Some("Ucum mL")),
        ("They stored 500 ML.", Some("Other ML")),
        ("It has a 5 mW laser.", Some("Ucum mW")),
        ("It is a 5 MW plant.", Some("Ucum MW")),
        ("It is a 5 mw plant.", Some("Other mw")),
        ("It has a 10 Gb link.", Some("Ucum Gbit")),
        ("It has a 10 GB disk.", Some("Ucum GBy")),
        ("Winds reached 35 kt.", Some("Other kt")),
        ("It sank 200 nm off the coast.", Some("Other nm")),
        ("He pulled 9 Gs.", None),
        ("He sued over 20 SEC filings.", None),
        ("A run of 10 KM was held.", Some("Ucum km")),
        ("A weight of 5 Kg was held.", Some("Ucum kg")),
        ("A length of 5 mm was held.", Some("Ucum mm")),
    ] {
        assert_eq!(unit(sentence, "en").as_deref(), expected, "{sentence}");
    }
}

#[test]
fn words_that_soften_or_open_a_bound_leave_none() {
    check(&[
        ("Up to 500 or so came.", &["Up to 500 or so: VAGUE -"]),
        ("At least 500 or so came.", &["At least 500 or so: VAGUE -"]),
        ("Up to 50 or more came.", &["Up to 50 or more: VAGUE -"]),
        ("Nearly 50 or more came.", &["Nearly 50 or more: VAGUE -"]),
        ("About 500 or so came.", &["About 500: ABOUT 500"]),
        ("10 to 20 or more came.", &["10 to 20 or more: VAGUE -"]),
        ("Between 10 and 20 or more came.", &["Between 10 and 20 or more: VAGUE -"]),
        ("They quibble over less than 1 percent.", &["less than 1 percent: LESS_THAN 1"]),
        ("More than 100 if not more came.", &["More than 100: MORE_THAN 100"]),
        ("They hit 20 people, at least 30 tanks.", &["20: BARE 20", "at least 30: AT_LEAST 30"]),
        ("It hurt 20 people or more than 30.", &["20: BARE 20", "more than 30: MORE_THAN 30"]),
    ]);
    check_none(&[
        "At least 10 to 20 people came.",
        "20 people or more came.",
        "20 armed men or more came.",
        "Up to 20 people or more came.",
        "100 people at least came.",
        "500, if not more, came.",
        "Nearly 500, if not more, came.",
        "500 give or take 50 came.",
        "Some came, 100 ± 5 of them.",
        "Some came, 100 plus or minus 5.",
        "Some came, 20+/-5.",
    ]);
}

#[test]
fn a_number_that_is_denied_behind_an_adverb_is_left_out() {
    check_none(&[
        "It was not necessarily more than 100.",
        "It was not significantly more than 100.",
        "It isn't necessarily much more than 100.",
        "It was rarely more than 100.",
        "Seldom more than 100 came.",
        "Neither more than 100 nor fewer than 50 came.",
        "It is far from 100 percent complete.",
        "It was no longer 100.",
    ]);
    check(&[
        ("Not only 20 came.", &["20: BARE 20"]),
        ("Not merely more than 20 came.", &["more than 20: MORE_THAN 20"]),
        ("It came not far from Rome, 20 in all.", &["20: BARE 20"]),
    ]);
}

#[test]
fn a_region_is_read_in_any_case_and_before_extensions() {
    for (language, expected) in [
        ("en-us", "Iso4217 USD"),
        ("EN-Us", "Iso4217 USD"),
        ("en-latn-ca", "Iso4217 CAD"),
        ("en-u-ca-us", "Other dollar"),
        ("en-x-us", "Other dollar"),
        ("en-US-u-ca-ca", "Iso4217 USD"),
    ] {
        assert_eq!(unit("It costs $5.", language).as_deref(), Some(expected), "{language}");
    }
}

#[test]
fn multiples_powers_and_years_are_no_figures() {
    check_none(&[
        "There were three times more deaths.",
        "It was three times higher than 100.",
        "They are three times as likely to die.",
        "It is three times the size.",
        "It has 1.2×10⁶ cells, or 10^6, or 10⁶.",
        "It has 1.2 x 10^-6 of them.",
        "It has lasted since at least 2014.",
        "It lasts until at least 2030, or until about 2035.",
        "It was built around 1950.",
        "It was built in around 1950, or circa 1950.",
        "It was founded in 1848.",
        "In 1848 the war began.",
        "It lasted between 1850 and 1900.",
    ]);
    check(&[
        ("He was elected five times.", &["five: BARE 5"]),
        ("It spread to 1500 homes.", &["1500: BARE 1500"]),
        ("It burnt in 1500 homes.", &["1500: BARE 1500"]),
        ("Around 2000 people came.", &["Around 2000: ABOUT 2000"]),
        ("Between 1200 and 1500 people came.", &["Between 1200 and 1500: BETWEEN -"]),
        ("At least 2000 people came.", &["At least 2000: AT_LEAST 2000"]),
        ("It cost tens of billions of dollars.", &["tens of billions: VAGUE -"]),
        ("It cost hundreds of thousands of lives.", &["hundreds of thousands: VAGUE -"]),
    ]);
}

#[test]
fn a_common_word_is_read_as_what_it_means_there() {
    check(&[
        ("Deaths rose from 20 to 35.", &["20: BARE 20", "35: BARE 35"]),
        ("It raised its forecast from about 20 to 35.", &["about 20: ABOUT 20", "35: BARE 35"]),
        ("Ages are from 20 to 35.", &["from 20 to 35: BETWEEN -"]),
        ("It rose from 20 to 35 percent.", &["35 percent: BARE 35"]),
        ("It fell from 35 to 20 thousand.", &["20 thousand: BARE 20000"]),
        ("It rose from 900,000 to 1.2 million.", &["900,000: BARE 900000", "1.2 million: BARE 1200000"]),
        ("It rose from $20 to $35.", &["$20: BARE 20", "$35: BARE 35"]),
        ("Sales in the third quarter fell.", &["third: EXACTLY 3"]),
        ("In the second half they lost.", &["second: EXACTLY 2"]),
        ("It fell by a third, they said.", &["a third: BETWEEN -"]),
        ("Half the people left, a quarter by car.", &["Half: BARE 0.5", "a quarter: BARE 0.25"]),
        ("They say that nearly half the men left.", &["nearly half: NEARLY 0.5"]),
        ("They own more than the bottom half of us.", &["half: BARE 0.5"]),
        ("It has gone from 89 cents to $240 million.", &["89 cents: BARE 89", "$240 million: BARE 240000000"]),
        ("Quarter of them left.", &["Quarter: BARE 0.25"]),
        ("They handed over 500 bodies.", &["500: BARE 500"]),
        ("They took over 20 firms.", &["20: BARE 20"]),
        ("He took over $8 million.", &["over $8 million: MORE_THAN 8000000"]),
        ("It took over three years.", &["over three years: MORE_THAN 3"]),
        ("They lost over 20 men.", &["over 20: MORE_THAN 20"]),
        ("He had a score of 85.", &["85: BARE 85"]),
        ("They lost a score of men.", &["a score: BARE 20"]),
        ("The top 10 won prizes.", &["10: BARE 10"]),
        ("It costs 50,000 won a day.", &["50,000 won: BARE 50000"]),
        ("They sent 20 foot soldiers.", &["20: BARE 20"]),
        ("They want 4 out of every 5.", &["4 out of every 5: BARE 0.8"]),
    ]);
    check_none(&[
        "Sales in the quarter fell.",
        "The quarter of 2023 was bad.",
        "His half-brother left.",
        "The French Quarter burnt.",
        "A third, smaller explosion followed.",
        "It grew over the last three quarters.",
    ]);
    assert_eq!(unit("They sent 20 foot soldiers.", "en"), None);
    assert_eq!(unit("The top 10 won prizes.", "en"), None);
}
