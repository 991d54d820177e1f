//! Forms in which a suite's convention is not ours. A form is a property of the input or of what is expected, never a list
//! of cases.

use serde_json::Value;

/// A form.
pub(super) struct Class {
    pub(super) name: &'static str,
    pub(super) is: fn(&Value, &str) -> bool,
}

pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "nothing that is expected has a number (\"next\", \"the last one\", \"%\" alone)",
        is: is_without_number,
    },
    Class { name: "a range that excludes its end, as no words say", is: is_half_open },
    Class {
        name: "a softened range or bound (\"about 10 to 20\", \"about 500 or more\"), which bounds nothing",
        is: is_softened,
    },
    Class {
        name: "the end of a range alone, because only it has the unit (\"eight to 10 feet\")",
        is: is_half_a_range,
    },
    Class { name: "a number without a unit as the hundredths or sixtieths of an amount", is: is_bare_rest },
    Class { name: "units of two systems, or months and days, in one sum", is: is_mixed_sum },
    Class { name: "primes and quotation marks as units", is: has_prime },
    Class { name: "one letter behind a number that stands for several units (l, c, m, G)", is: has_letter },
    Class { name: "powers and scientific notation", is: has_power },
    Class {
        name: "digits in another notation, or that are a date, an address, a phone or part number",
        is: is_other_notation,
    },
    Class { name: "\"percent of 20\", whose 20 is not the share", is: is_percent_of },
    Class { name: "\"few\" as three", is: is_few },
    Class { name: "a scale word behind a range, taken for its end alone (\"7-9 lakh\")", is: is_end_scaled },
    Class { name: "a ratio that a suite leaves to its percentages", is: is_percent_mode },
    Class { name: "a division in words, written out", is: is_division },
];

fn expects(row: &Value) -> &[Value] {
    row["expect"].as_array().map_or(&[], Vec::as_slice)
}

fn is_without_number(row: &Value, _: &str) -> bool {
    let has_number = |expect: &Value| ["value", "low", "high"].iter().any(|field| !expect[field].is_null());
    let is_empty = |expect: &Value| expect["type"] != "rewritten" && !has_number(expect);
    !expects(row).is_empty() && expects(row).iter().all(is_empty)
}

fn is_half_open(row: &Value, _: &str) -> bool {
    let excludes =
        |expect: &Value| expect["low_incl"] == true && expect["high_incl"] == false && !expect["high"].is_null();
    expects(row).iter().any(excludes)
}

fn is_softened(row: &Value, input: &str) -> bool {
    let is_bounded = expects(row).iter().any(|expect| !expect["low"].is_null() || !expect["high"].is_null());
    let is_bound = [" or more", " and more", " or less", " to ", "-", " and "].iter().any(|word| input.contains(word));
    is_bounded && is_bound && ["about", "around", "~"].iter().any(|word| input.contains(word))
}

/// One number is expected of `eight to 10 feet`, `75 -300mm`, `40 - 50 years`.
fn is_half_a_range(row: &Value, _: &str) -> bool {
    let [expect] = expects(row) else { return false };
    let (Some(start), Some(input)) = (expect["start"].as_u64(), row["input"].as_str()) else { return false };
    let before: String = input.chars().take(usize::try_from(start).unwrap_or_default()).collect();
    let before = before.trim_end();
    let is_number = |text: &str| {
        let word = text.trim_end().rsplit(' ').next().unwrap_or_default();
        word.ends_with(|c: char| c.is_ascii_digit()) || ["seven", "eight", "nine", "ten"].contains(&word)
    };
    !expect["unit"].is_null()
        && (before.strip_suffix('-').is_some_and(is_number) || before.strip_suffix(" to").is_some_and(is_number))
}

/// `$20 43`, `20 dollars and 43`, `1 hour thirty`: a fraction is expected, or the smaller unit, and the input has neither.
fn is_bare_rest(row: &Value, input: &str) -> bool {
    let input = input.to_lowercase();
    let numeric = input.replace(|c: char| c != '.' && !c.is_ascii_digit(), " ");
    let has_fraction = numeric
        .split(' ')
        .any(|number| number.trim_matches('.').contains('.') || number.starts_with('.') && number.len() > 1);
    let units = ["cent", "pence", "penn", "sen", "43c", "kopi", "minute", "second", "half", "quarter"];
    let has_word = units.iter().any(|word| input.contains(word));
    let is_amount = |expect: &Value| {
        let is_broken = expect["value"].as_f64().is_some_and(|value| value.fract() != 0.0);
        let is_money = expect["type"] == "currency" || expect["type"] == "AmountOfMoney";
        let is_sum_of_minutes = expect["unit"] == "Minute" && input.contains("hour");
        (is_broken && is_money) || is_sum_of_minutes
    };
    expects(row).iter().any(is_amount) && !has_word && !(has_fraction && expects(row).len() == 1)
}

/// Metres with feet, years with days.
fn is_mixed_sum(row: &Value, input: &str) -> bool {
    let words: Vec<&str> = input.split(|c: char| !c.is_alphabetic()).collect();
    let has = |units: &[&str]| words.iter().any(|word| units.contains(word));
    let systems = has(&["m", "meter", "kilometer", "km"]) && has(&["ft", "foot", "feet", "mile", "inch"]);
    let times = has(&["year", "years", "month", "months"]) && has(&["day", "days", "hours", "seconds"]);
    (systems || times) && expects(row).len() == 1 && row["model"] != "AgeModel"
}

fn has_prime(_: &Value, input: &str) -> bool {
    let bytes: Vec<char> = input.chars().filter(|c| !c.is_whitespace()).collect();
    bytes.windows(2).any(|pair| pair[0].is_ascii_digit() && matches!(pair[1], '\'' | '"'))
}

/// The whole input is a number and one of these letters, or a number and its "m" are taken for metres where nothing says so;
/// "1.8m tall" does.
fn has_letter(row: &Value, input: &str) -> bool {
    let number = input.strip_suffix(['l', 'c', 'm', 'G']).unwrap_or_default().trim_end();
    let is_whole = number.ends_with(|c: char| c.is_ascii_digit()) && !number.contains(|c: char| c.is_alphabetic());
    let is_metre = |expect: &Value| {
        let number = expect["text"].as_str().and_then(|text| text.strip_suffix('m')).unwrap_or_default();
        expect["unit"] == "Meter" && number.ends_with(|c: char| c.is_ascii_digit())
    };
    is_whole || (expects(row).iter().any(is_metre) && !input.contains(" tall"))
}

fn has_power(_: &Value, input: &str) -> bool {
    let characters: Vec<char> = input.chars().collect();
    characters.windows(3).any(|part| {
        let is_exponent = part[2].is_ascii_digit() || matches!(part[2], '-' | '+');
        part[0].is_ascii_digit() && matches!(part[1], 'e' | 'E' | '^') && is_exponent
    }) || input.contains("x10")
}

/// `1 234 567`, `5,00`, `1.111,11`, `22,24,26`, `5/17/2018`, `192.168.1.2`, `SCP-173`.
fn is_other_notation(row: &Value, input: &str) -> bool {
    let is_number = row["model"] == "NumberModel";
    let chunks = input.split_whitespace().map(|chunk| chunk.trim_matches(['.', '?', ',', '!']));
    let digits = |chunk: &str| !chunk.is_empty() && chunk.bytes().all(|byte| byte.is_ascii_digit());
    let is_list = |chunk: &str| {
        let groups: Vec<&str> = chunk.split(',').collect();
        let is_grouped = groups.last().is_some_and(|last| last.split('.').next().is_some_and(|last| last.len() == 3));
        groups.len() > 1
            && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
            && !is_grouped
    };
    let is_part = |chunk: &str| {
        let parts: Vec<&str> = chunk.split(['/', '-', '.']).collect();
        let is_name = parts.len() == 2
            && parts[0].len() > 1
            && parts[0].bytes().all(|byte| byte.is_ascii_uppercase())
            && digits(parts[1]);
        let is_date = parts.len() > 2 && parts.iter().all(|part| digits(part.trim_start_matches('+')));
        is_name || is_date
    };
    let all: Vec<&str> = chunks.collect();
    let is_spaced = all.windows(2).any(|pair| {
        digits(pair[0]) && pair[1].split('.').next().is_some_and(|whole| digits(whole) && whole.len() >= 3)
    });
    is_number && (is_spaced || all.iter().any(|chunk| is_list(chunk) || is_part(chunk)))
}

fn is_percent_of(_: &Value, input: &str) -> bool {
    let rest = ["percents", "percent", "per cent"].iter().find_map(|word| input.strip_prefix(word));
    rest.is_some_and(|rest| rest.starts_with(" of "))
}

fn is_few(_: &Value, input: &str) -> bool {
    input.split(' ').any(|word| word == "few")
}

fn is_division(row: &Value, _: &str) -> bool {
    row["model"].as_str().is_some_and(|model| model.ends_with("parse_fraction"))
}

fn is_percent_mode(row: &Value, _: &str) -> bool {
    row["model"] == "NumberModelPercentMode"
}

fn is_end_scaled(row: &Value, input: &str) -> bool {
    let ends = |expect: &Value| expect["low"].as_f64().zip(expect["high"].as_f64());
    let has_scale =
        ["lakh", "thousand", "million", "billion"].iter().filter(|word| input.contains(**word)).count() == 1;
    has_scale && expects(row).iter().filter_map(ends).any(|(low, high)| low * 1000.0 < high)
}
