//! Figures in sentences: which are found, where, with what they say; and which numbers are none.

use proptest::prelude::*;

use super::*;

/// `words: QUALIFIER value [bounds] KIND unit`, `-` for what is absent.
fn found_in(sentence: &str, language: &str) -> Vec<String> {
    let language = language.parse().expect("a tag");
    let written = |found: SpannedReading| {
        let reading = found.reading;
        let words: String =
            sentence.chars().skip(found.start as usize).take((found.end - found.start) as usize).collect();
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let unit = reading.unit.map(|unit| unit.code);
        let (value, kind) = (reading.value.map(|value| value.to_string()), reading.kind.map(|kind| kind.to_string()));
        let bounds = reading.bounds;
        format!("{words}: {} {} [{bounds}] {} {}", reading.qualifier, or_none(value), or_none(kind), or_none(unit))
    };
    find(sentence, &language).expect("a reader").into_iter().map(written).collect()
}

#[test]
fn figures_are_found_with_what_they_say() {
    for (sentence, expected) in [
        // the first article
        (
            "Reports suggest that of the 13,000 North Korean soldiers deployed, nearly 2,000 of them have been killed.",
            vec![
                "13,000: BARE 13000 [at least 13000 and at most 13000] - -",
                "nearly 2,000: NEARLY 2000 [less than 2000] - -",
            ],
        ),
        (
            "His first trip since the pandemic let him meet more than two dozen world leaders, closer than in decades.",
            vec![
                "first: EXACTLY 1 [at least 1 and at most 1] ORDINAL -",
                "more than two dozen: MORE_THAN 24 [more than 24] - -",
                "decades: VAGUE - [any number] - -",
            ],
        ),
        // what reporters write
        (
            "Between 5 and 10 thousand marched.",
            vec!["Between 5 and 10 thousand: BETWEEN - [at least 5000 and at most 10000] - -"],
        ),
        ("They cut up to 700 jobs.", vec!["up to 700: UP_TO 700 [at most 700] - -"]),
        ("Dozens died.", vec!["Dozens: VAGUE - [any number] - -"]),
        ("A couple of hundred fled.", vec!["A couple of hundred: ABOUT 200 [any number] - -"]),
        ("Some 1.5 million fled.", vec!["Some 1.5 million: ABOUT 1500000 [any number] - -"]),
        ("It cost £2bn.", vec!["£2bn: BARE 2000000000 [at least 2000000000 and at most 2000000000] MONEY GBP"]),
        ("Only one in five voted.", vec!["one in five: BARE 0.2 [at least 0.2 and at most 0.2] RATIO -"]),
        ("Prices rose 3.4%.", vec!["3.4%: BARE 3.4 [at least 3.4 and at most 3.4] PERCENT -"]),
        ("At least four died.", vec!["At least four: AT_LEAST 4 [at least 4] - -"]),
        ("There were no casualties.", vec!["no casualties: NONE_AT_ALL - [at least 0 and at most 0] - -"]),
        ("It was twice as many as before.", vec!["twice as many: BARE 2 [at least 2 and at most 2] RATIO -"]),
        ("Nobody was hurt.", vec!["Nobody: NONE_AT_ALL - [at least 0 and at most 0] - -"]),
        ("Well over half a million fled.", vec!["over half a million: MORE_THAN 500000 [more than 500000] - -"]),
        (
            "It is €1.2 million to €1.4 million.",
            vec!["€1.2 million to €1.4 million: BETWEEN - [at least 1200000 and at most 1400000] MONEY EUR"],
        ),
        ("A 12-mile front held.", vec!["12-mile: BARE 12 [at least 12 and at most 12] MEASURE [mi_i]"]),
        (
            "It flew at 900 km/h for over three hours.",
            vec![
                "900 km/h: BARE 900 [at least 900 and at most 900] RATE km/h",
                "over three hours: MORE_THAN 3 [more than 3] DURATION h",
            ],
        ),
        ("He is 6 feet 2 inches tall.", vec!["6 feet 2 inches: BARE 74 [at least 74 and at most 74] MEASURE [in_i]"]),
        (
            "It fell by more than 10 and less than 20.",
            vec!["more than 10 and less than 20: BETWEEN - [more than 10 and less than 20] - -"],
        ),
        (
            "Minus five degrees Celsius.",
            vec!["Minus five degrees Celsius: BARE -5 [at least -5 and at most -5] MEASURE Cel"],
        ),
        (
            "Just over two thirds agreed.",
            vec!["Just over two thirds: JUST_OVER 0.66666666666666666 [more than 0.66666666666666666] RATIO -"],
        ),
        (
            "Two thirds agreed.",
            vec!["Two thirds: BETWEEN - [at least 0.66666666666666666 and at most 0.66666666666666667] RATIO -"],
        ),
        (
            "UPDATE 2-Thirteen dead as toll tops 30",
            vec!["Thirteen: BARE 13 [at least 13 and at most 13] - -", "tops 30: MORE_THAN 30 [more than 30] - -"],
        ),
        ("WRAPUP 3-Dozens killed on day 281", vec!["Dozens: VAGUE - [any number] - -"]),
        (
            "A $40-billion plan in two-hundred pages.",
            vec![
                "$40-billion: BARE 40000000000 [at least 40000000000 and at most 40000000000] MONEY dollar",
                "two-hundred: BARE 200 [at least 200 and at most 200] - -",
            ],
        ),
        ("They won by 20+ points.", vec!["20+: AT_LEAST 20 [at least 20] - -"]),
        ("Some 8.3 (million) Americans.", vec!["Some 8.3 (million): ABOUT 8300000 [any number] - -"]),
        ("A 1/4 mile oval.", vec!["1/4 mile: BARE 0.25 [at least 0.25 and at most 0.25] MEASURE [mi_i]"]),
        ("The wage is ten pounds.", vec!["ten pounds: BARE 10 [at least 10 and at most 10] - pound"]),
        // code points, not bytes
        (
            "Об «13,000» — 5 km",
            vec![
                "13,000: BARE 13000 [at least 13000 and at most 13000] - -",
                "5 km: BARE 5 [at least 5 and at most 5] MEASURE km",
            ],
        ),
    ] {
        assert_eq!(found_in(sentence, "en"), expected, "{sentence}");
    }
}

#[test]
fn a_number_that_is_no_figure_is_not_found() {
    for sentence in [
        "They met in 2017.",
        "On September 3, 2025 they signed.",
        "A 2024 mutual defence pact binds them.",
        "The war of 2014–2019 went on.",
        "Covid-19 and an F-16 over B12.",
        "At 2:00 pm, or at 6pm.",
        "See https://example.org/a/12?b=30%25 and a1b2@example.org.",
        "This one is right; the one you saw is not.",
        "No doubt about it, and no longer.",
        "Call +1-222-2222-2222.",
        "It was 5,00 or 1.111,11.",
        "Since 9/11 they work 24/7.",
        "No. 1 under Section 8 of Bill 5.",
        "He was stopped 40 or 50 times, or five or six.",
        "Wisconsin’s 2010 budget and that 2005 energy bill.",
        "",
        " ",
    ] {
        assert_eq!(found_in(sentence, "en"), Vec::<String>::new(), "{sentence}");
    }
    // The same words with nothing around them are what somebody says is a figure.
    assert_eq!(found_in("2017", "en"), ["2017: BARE 2017 [at least 2017 and at most 2017] - -"]);
}

/// The words that were read, and what they say.
pub(super) fn brief(sentence: &str) -> Vec<String> {
    let shown = |found: String| found.split(" [").next().unwrap_or_default().to_owned();
    found_in(sentence, "en").into_iter().map(shown).collect()
}

#[test]
fn digits_that_plain_spaces_may_group_are_left_out() {
    for sentence in [
        "12 000 people were killed.",
        "Nearly 12 000 troops arrived.",
        "It cost £12 000.",
        "It cost 12 000 dollars, or 12 000 million.",
        "1 234 567 fled.",
        "12 34 567 fled.",
        "1,234 567 fled.",
        "12\u{a0}000 000 fled.",
        "About 10 000-20 000 fled.",
        "Between 10 000 and 20 000 fled.",
        "Between five and 12 000 fled.",
        "From 10 to 12 000 fled.",
        "One in 12 000 fell ill.",
        "From £10 to £12 000.",
        "It was the 12 000th.",
        "Over 12\n000 fled.",
        "5,00 million",
        "12 000",
    ] {
        assert_eq!(brief(sentence), Vec::<String>::new(), "{sentence}");
    }
    for (sentence, expected) in [
        ("12 000 fled and 30 stayed.", vec!["30: BARE 30"]),
        ("In 2024 300 people died.", vec!["300: BARE 300"]),
        ("In 2024, 300 people died.", vec!["300: BARE 300"]),
        ("12\u{a0}000 or 12\u{202f}000 troops", vec![]),
        ("Nearly 12\u{a0}000 troops.", vec!["Nearly 12\u{a0}000: NEARLY 12000"]),
        ("Some 12\u{202f}000 troops.", vec!["Some 12\u{202f}000: ABOUT 12000"]),
        ("Of the 12 3 died.", vec!["12: BARE 12", "3: BARE 3"]),
        ("Of the 12, 300 km away.", vec!["12: BARE 12", "300 km: BARE 300"]),
    ] {
        assert_eq!(brief(sentence), expected, "{sentence}");
    }
}

#[test]
fn a_number_is_left_out_where_words_limit_it_that_are_not_read() {
    for sentence in [
        "Close to 100 died.",
        "The toll is nearing 100.",
        "It was approaching 100.",
        "Barely 100 came.",
        "Barely more than 100 came.",
        "Hardly 100 came.",
        "As few as 20 died.",
        "As little as 20% of it.",
        "As high as 20%.",
        "Not 100 but far fewer.",
        "It isn't 100.",
        "Not much more than 100 came.",
        "Not nearly 100 came.",
        "Not quite a hundred came.",
        "Perhaps 100 came.",
        "Possibly more than 100 came.",
        "Virtually 100% agreed.",
        "A home to notionally 100 people.",
        "No better than 100.",
        "Little more than 100 came.",
        "In the region of 100 came.",
        "Something like 100 came.",
        "At best 100 came.",
        "Close to between 10 and 20.",
        "Nearly first.",
        "Short of 100.",
        "Ca. 100 came.",
        "100-odd came.",
        "100 or thereabouts came.",
    ] {
        assert_eq!(brief(sentence), Vec::<String>::new(), "{sentence}");
    }
    for (sentence, expected) in [
        ("At the very least 100 died.", vec!["At the very least 100: AT_LEAST 100"]),
        ("At the very most 100 died.", vec!["At the very most 100: AT_MOST 100"]),
        ("Just shy of 100 died.", vec!["Just shy of 100: NEARLY 100"]),
        ("Just short of 100 died.", vec!["Just short of 100: NEARLY 100"]),
        ("Children younger than 17 came.", vec!["younger than 17: LESS_THAN 17"]),
        ("It was on the order of 100.", vec!["on the order of 100: ABOUT 100"]),
        ("How about more than 5?", vec!["more than 5: MORE_THAN 5"]),
        ("Only 100 came.", vec!["100: BARE 100"]),
        ("Significantly more than 100 came.", vec!["more than 100: MORE_THAN 100"]),
        ("Not only 100 men came.", vec!["100: BARE 100"]),
        ("Perhaps about 100 came.", vec!["about 100: ABOUT 100"]),
        ("As well as 100 others.", vec!["100: BARE 100"]),
        ("Fewer came than 20 years ago.", vec!["20 years: BARE 20"]),
        ("It rose to 100.", vec!["100: BARE 100"]),
        ("In Italy 30 died.", vec!["30: BARE 30"]),
        ("The family 30 years later.", vec!["30 years: BARE 30"]),
        ("No fewer than 100 came.", vec!["No fewer than 100: AT_LEAST 100"]),
        ("In Gaza 30 people were killed.", vec!["30: BARE 30"]),
    ] {
        assert_eq!(brief(sentence), expected, "{sentence}");
    }
}

#[test]
fn what_is_softened_twice_is_vague_in_a_sentence_and_alone() {
    for words in
        ["up to around 700", "at least about 20", "about up to 20", "about 500 or more", "more than an estimated 2,000"]
    {
        let expected = format!("{words}: VAGUE -");
        assert_eq!(brief(&format!("They say {words} died.")), [expected.as_str()]);
        assert_eq!(brief(words), [expected.as_str()]);
    }
}

#[test]
fn an_m_that_touches_its_number_is_left_out_but_for_money() {
    for sentence in [
        "They killed 3m.",
        "Of 3m high earners and 3m high-risk loans.",
        "3m",
        "Nearly 3m people fled.",
        "Between 2m and 3m fled.",
        "£10m-20m",
    ] {
        assert_eq!(brief(sentence), Vec::<String>::new(), "{sentence}");
    }
    for (sentence, expected) in [
        ("It cost £3m.", vec!["£3m: BARE 3000000"]),
        ("They lost 20 and £3m.", vec!["20: BARE 20", "£3m: BARE 3000000"]),
        ("They lost 20 and 3m euros.", vec!["20: BARE 20", "3m euros: BARE 3000000"]),
        ("It cost 3m euros.", vec!["3m euros: BARE 3000000"]),
        ("A wall of 3 m.", vec!["3 m: BARE 3"]),
        ("He is 1.8m tall.", vec!["1.8m: BARE 1.8"]),
        ("A wall of 2m and 30cm.", vec!["2m and 30cm: BARE 230"]),
        ("A wall of 2m 30cm.", vec!["2m 30cm: BARE 230"]),
        ("A wall of 1km 300m.", vec!["1km 300m: BARE 1300"]),
    ] {
        assert_eq!(brief(sentence), expected, "{sentence}");
    }
}

#[test]
fn a_region_says_whose_dollar_it_is() {
    let unit = |language: &str| found_in("It costs $5.", language).join("").rsplit(' ').next().map(str::to_owned);
    assert_eq!(unit("en").as_deref(), Some("dollar"));
    assert_eq!(unit("en-US").as_deref(), Some("USD"));
    assert_eq!(unit("en-CA").as_deref(), Some("CAD"));
    assert_eq!(unit("en-Latn-AU").as_deref(), Some("AUD"));
}

#[test]
fn a_language_without_a_reader_is_not_read() {
    assert_eq!(find("13.000 Soldaten", &"de".parse().expect("a tag")), None);
    assert_eq!(languages().collect::<Vec<_>>(), ["en"]);
}

proptest! {
    #[test]
    fn any_text_is_read_without_overlap_and_by_the_rules(
        text in "(([a-zéß]{1,4}|[0-9]{1,5}|one|twenty|hundred|third|million|half|a|and|of|in|to|between|about|no|less than|£|%|km|[-,.:/()<>=\u{a0} ]) ?){0,24}"
    ) {
        let found = find(&text, &"en-GB".parse().expect("a tag")).expect("a reader");
        let length = u32::try_from(text.chars().count()).expect("short");
        let mut behind = 0;
        for SpannedReading { start, end, reading } in found {
            prop_assert!(behind <= start && start < end && end <= length, "{}: {}..{}", text, start, end);
            behind = end;
            let stored = crate::domain::figure::stored(reading.qualifier, reading.value.as_ref(), &reading.bounds);
            prop_assert_eq!(stored, Ok(reading.bounds));
        }
    }
}
