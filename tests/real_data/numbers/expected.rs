//! One case: what a suite expects, and whether the reader says the same. Of a suite's model only the figures of its kind are
//! compared; numbers as far as the suites' floating point shows them, ends of ranges with what they include.

use claimdb::domain::figure::words::SpannedReading;
use claimdb::domain::figure::{Bounds, FigureKind, Lower, Qualifier, Upper};
use serde_json::Value;

use super::units;

/// Compares the figures found with what is expected.
pub(super) fn compare(row: &Value, input: &str, found: &[SpannedReading]) -> Result<(), String> {
    let expects = row["expect"].as_array().unwrap();
    let model = row["model"].as_str().unwrap();
    if expects.first().is_some_and(|expect| expect["type"] == "rewritten") {
        return compare_rewritten(expects[0]["text"].as_str().unwrap(), found);
    }
    let mut figures: Vec<&SpannedReading> = found.iter().filter(|figure| is_of(model, input, figure)).collect();
    if matches!(model, "NumberModel" | "NumberModelPercentMode") {
        return compare_numbers(expects, &figures);
    }
    for expect in expects.iter().filter(|expect| has_number(expect)) {
        let fits = |figure: &&SpannedReading| agrees(expect, figure) && covers(row, expect, input, figure);
        let Some(at) = figures.iter().position(fits) else {
            return Err(format!("{} is not among {}", brief(expect), shown(found)));
        };
        figures.remove(at);
    }
    if figures.is_empty() { Ok(()) } else { Err(format!("more than expected: {}", shown(found))) }
}

fn has_number(expect: &Value) -> bool {
    ["value", "low", "high"].iter().any(|field| !expect[field].is_null())
}

/// Whether a figure is one that this model would name.
fn is_of(model: &str, input: &str, figure: &SpannedReading) -> bool {
    let reading = &figure.reading;
    let code = reading.unit.as_ref().map_or("", |unit| unit.code.as_str());
    let is_temperature = matches!(code, "Cel" | "[degF]");
    match model {
        "OrdinalModel" => reading.kind == Some(FigureKind::Ordinal),
        "NumberModel" | "NumberModelPercentMode" => {
            reading.kind != Some(FigureKind::Ordinal) && !touches_unit(input, figure)
        }
        "NumberRangeModel" => {
            reading.qualifier != Qualifier::Bare
                && !reading.bounds.is_unbounded()
                && reading.kind != Some(FigureKind::Ordinal)
        }
        "PercentModel" => reading.kind == Some(FigureKind::Percent),
        "CurrencyModel" => reading.kind == Some(FigureKind::Money) || code == "pound",
        "DimensionModel" => {
            let is_angle = code == "degree" && (input.contains("turn") || input.contains("rotate"));
            let is_measure = matches!(reading.kind, Some(FigureKind::Measure | FigureKind::Rate)) || code == "pound";
            is_measure && !is_temperature && (code != "degree" || is_angle)
        }
        "TemperatureModel" => {
            let is_angle = ["angle", "otate"].iter().any(|word| input.contains(word));
            is_temperature || (code == "degree" && !is_angle)
        }
        "AgeModel" => {
            let after: String = input.chars().skip(figure.end as usize).take(8).collect();
            let is_age = after.trim_start().starts_with("old")
                || after.trim_start().starts_with("of age")
                || input.contains(" yo ");
            reading.kind == Some(FigureKind::Duration) && is_age
        }
        _ => true,
    }
}

/// Whether a unit touches the digits, as in `29km`: then the suite's numbers leave it out.
fn touches_unit(input: &str, figure: &SpannedReading) -> bool {
    let words: String = input.chars().skip(figure.start as usize).take((figure.end - figure.start) as usize).collect();
    let unit = figure.reading.unit.as_ref().map_or("", |unit| unit.verbatim.as_str());
    let before = words.strip_suffix(unit).unwrap_or_default();
    !unit.is_empty() && figure.reading.kind != Some(FigureKind::Money) && before.ends_with(|c: char| c.is_ascii_digit())
}

/// The numbers that a figure names.
fn numbers(figure: &SpannedReading) -> Vec<f64> {
    let reading = &figure.reading;
    if let Some(value) = &reading.value {
        return vec![value.to_string().parse().unwrap()];
    }
    if reading.qualifier == Qualifier::NoneAtAll {
        return vec![0.0];
    }
    let (low, high) = ends(&reading.bounds);
    let ends: Vec<f64> = low.map(|(end, _)| end).into_iter().chain(high.map(|(end, _)| end)).collect();
    match ends.as_slice() {
        // A fraction without an end lies between two decimals that the suites cannot tell apart.
        [low, high] if same(*low, *high) => vec![*low],
        _ => ends,
    }
}

type End = Option<(f64, bool)>;

fn ends(bounds: &Bounds) -> (End, End) {
    let low = bounds.lower.as_ref().map(|lower| match lower {
        Lower::AtLeast(number) => (number.to_string().parse().unwrap(), true),
        Lower::MoreThan(number) => (number.to_string().parse().unwrap(), false),
    });
    let high = bounds.upper.as_ref().map(|upper| match upper {
        Upper::AtMost(number) => (number.to_string().parse().unwrap(), true),
        Upper::LessThan(number) => (number.to_string().parse().unwrap(), false),
    });
    (low, high)
}

/// Whether two numbers are one in the suites' precision.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= a.abs().max(b.abs()) * 1e-13
}

/// The numbers of the text in order, whatever else is in it.
fn compare_numbers(expects: &[Value], figures: &[&SpannedReading]) -> Result<(), String> {
    let expected: Vec<f64> = expects.iter().filter_map(|expect| expect["value"].as_f64()).collect();
    let found: Vec<f64> = figures.iter().flat_map(|figure| numbers(figure)).collect();
    let is_same = expected.len() == found.len() && expected.iter().zip(&found).all(|(a, b)| same(*a, *b));
    if is_same { Ok(()) } else { Err(format!("{expected:?} expected, {found:?} found")) }
}

/// A sentence with its numbers in digits: the numbers in it are those that were found.
fn compare_rewritten(text: &str, found: &[SpannedReading]) -> Result<(), String> {
    let expected: Vec<f64> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().unwrap())
        .collect();
    let found: Vec<f64> = found.iter().flat_map(numbers).collect();
    let is_same = expected.len() == found.len() && expected.iter().zip(&found).all(|(a, b)| same(*a, *b));
    if is_same { Ok(()) } else { Err(format!("{expected:?} expected, {found:?} found")) }
}

/// Whether a figure says what is expected.
fn agrees(expect: &Value, figure: &SpannedReading) -> bool {
    let factor = match expect["unit"].as_str() {
        None | Some("Unnamed" | "Nothing" | "Age") => Some(1.0),
        Some(name) => factor(name, figure),
    };
    let Some(factor) = factor else { return false };
    if let Some(value) = expect["value"].as_f64() {
        let numbers = numbers(figure);
        return numbers.iter().any(|number| same(number * factor, value)) && numbers.len() == 1;
    }
    let (low, high) = ends(&figure.reading.bounds);
    // Duckling does not say whether an end is included.
    let end = |found: End, of: &str, included: &str| match (found, expect[of].as_f64()) {
        (None, None) => true,
        (Some((end, is_included)), Some(number)) => {
            same(end * factor, number) && expect[included].as_bool().is_none_or(|expected| expected == is_included)
        }
        (Some(_), None) | (None, Some(_)) => false,
    };
    end(low, "low", "low_incl") && end(high, "high", "high_incl")
}

/// How many of the suite's unit one of the figure's is, if they measure the same.
fn factor(name: &str, figure: &SpannedReading) -> Option<f64> {
    let code = &figure.reading.unit.as_ref()?.code;
    match units::codes(name) {
        Some(codes) => codes.iter().find(|(known, _)| known == code).map(|(_, factor)| *factor),
        // The suites name most currencies by their codes.
        None => (code == name).then_some(1.0),
    }
}

/// Whether the figure stands where it is expected: it holds the expected words, or is held by them but for their ends.
fn covers(row: &Value, expect: &Value, input: &str, figure: &SpannedReading) -> bool {
    if let (Some(start), Some(end)) = (expect["start"].as_u64(), expect["end_incl"].as_u64()) {
        return u64::from(figure.start) <= end && start < u64::from(figure.end);
    }
    // The other suites expect the whole input; a product ("of sugar") and a dot are no part of a figure.
    let rest: String = input.chars().skip(figure.end as usize).collect();
    let is_product = rest.trim_start().starts_with("of ") || rest.trim() == "of";
    let is_ended = rest.trim().trim_matches('.').is_empty() || is_product;
    // "a US$4.7 billion deal": the article belongs to the deal.
    let before: String = input.chars().take(figure.start as usize).collect();
    let before = matches!(before.trim(), "" | "a");
    row["suite"] == "recognizers-text" || (is_ended && before)
}

fn brief(expect: &Value) -> String {
    let field = |name: &str| expect[name].to_string();
    format!("{} {} {}..{}", field("value"), field("unit"), field("low"), field("high"))
}

fn shown(found: &[SpannedReading]) -> String {
    let show = |figure: &SpannedReading| {
        let reading = &figure.reading;
        let unit = reading.unit.as_ref().map_or("", |unit| unit.code.as_str());
        let value = reading.value.as_ref().map(ToString::to_string).unwrap_or_default();
        format!(
            "[{}..{} {} {value} {} {:?} {unit}]",
            figure.start, figure.end, reading.qualifier, reading.bounds, reading.kind
        )
    };
    found.iter().map(show).collect::<Vec<_>>().join(" ")
}
