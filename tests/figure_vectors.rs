//! The public vectors of docs/figures: every case, as another implementation would run it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so best by panicking where it stands")]

use std::collections::BTreeMap;

use claimdb::domain::decimal::Decimal;
use claimdb::domain::figure::{
    BareReading, Bounds, Intervals, Lower, Policy, Qualifier, Upper, VagueReading, stored, subset, words,
};
use claimdb::domain::model::{Aggregation, EstimateRole, Figure, UnitSystem};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../docs/figures/vectors.jsonl");

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

fn bounds(value: &Value) -> Bounds {
    let side = |field: &str| value.get(field).map(decimal);
    let lower = side("at_least").map(Lower::AtLeast).or_else(|| side("more_than").map(Lower::MoreThan));
    let upper = side("at_most").map(Upper::AtMost).or_else(|| side("less_than").map(Upper::LessThan));
    Bounds { lower, upper }
}

fn policy(value: &Value) -> Policy {
    let bare = match value["bare"].as_str().unwrap() {
        "STATED" => BareReading::Stated,
        "ROUNDED" => BareReading::Rounded,
        other => panic!("{other}"),
    };
    let vague = match value["vague"].as_str().unwrap() {
        "OPEN" => VagueReading::Open,
        "ACLED" => VagueReading::Acled,
        other => panic!("{other}"),
    };
    Policy { tolerance: decimal(&value["tolerance"]).try_into().unwrap(), bare, vague }
}

fn figure(case: &Value) -> Figure {
    let text = |field: &str| case.get(field).and_then(Value::as_str);
    let qualifier: Qualifier = text("qualifier").unwrap().parse().unwrap();
    let value = case.get("value").map(decimal);
    let stated = case.get("bounds").map(bounds).unwrap_or_default();
    Figure {
        bounds: stored(qualifier, value.as_ref(), &stated).unwrap(),
        qualifier: Some(qualifier),
        value,
        kind: text("kind").map(|kind| kind.parse().unwrap()),
        aggregation: text("aggregation").map(|word| {
            assert_eq!(word, "CHANGE");
            Aggregation::Change
        }),
        role: text("role").map(|role| match role {
            "LOW" => EstimateRole::Low,
            "BEST" => EstimateRole::Best,
            "HIGH" => EstimateRole::High,
            other => panic!("{other}"),
        }),
        scale_word: text("scale_word").unwrap_or_default().to_owned(),
        significant_digits: case
            .get("significant_digits")
            .map_or(0, |digits| digits.as_u64().unwrap().try_into().unwrap()),
        ..Figure::default()
    }
}

fn check_intervals(case: &Value, intervals: &Intervals) {
    assert_eq!(intervals.hard, bounds(&case["hard"]), "{case}");
    assert_eq!(intervals.soft, bounds(&case["soft"]), "{case}");
}

fn grade(case: &Value) {
    let intervals = Intervals::of(&figure(&case["figure"]), &policy(&case["policy"])).unwrap();
    check_intervals(case, &intervals);
    assert_eq!(intervals.grade(&bounds(&case["asked"])).word(), case["grade"].as_str().unwrap(), "{case}");
}

fn share(case: &Value) {
    let digits = case["digits"].as_u64().unwrap().try_into().unwrap();
    let derived = subset::share(&bounds(&case["part"]), &bounds(&case["whole"]), digits);
    assert_eq!(derived, bounds(&case["share"]), "{case}");
}

fn estimate(case: &Value) {
    let figures: Vec<Figure> = case["figures"].as_array().unwrap().iter().map(figure).collect();
    let figures: Vec<&Figure> = figures.iter().collect();
    check_intervals(case, &Intervals::of_estimate(&figures, &policy(&case["policy"])).unwrap());
}

fn read(case: &Value) {
    let text = case["text"].as_str().unwrap();
    let found = words::find(text, &case["language"].as_str().unwrap().parse().unwrap()).unwrap();
    let expected = case["figures"].as_array().unwrap();
    assert_eq!(found.len(), expected.len(), "{case}: {found:?}");
    for (found, expected) in found.into_iter().zip(expected) {
        let reading = found.reading;
        let (start, end) = (found.start as usize, found.end as usize);
        let verbatim: String = text.chars().skip(start).take(end - start).collect();
        let mut read = json!({"start": start, "end": end, "verbatim": verbatim, "qualifier": reading.qualifier.word()});
        let mut add = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                read[field] = value;
            }
        };
        add("value", reading.value.map(|value| value.to_string().into()));
        add("kind", reading.kind.map(|kind| kind.word().into()));
        let system = |system: Option<UnitSystem>| match system.unwrap() {
            UnitSystem::Ucum => "UCUM",
            UnitSystem::Iso4217 => "ISO4217",
            UnitSystem::Other => "OTHER",
        };
        add("unit", reading.unit.map(|unit| json!({"system": system(unit.system), "code": unit.code})));
        assert_eq!(reading.bounds, bounds(&expected["bounds"]), "{case}");
        add("bounds", expected.get("bounds").cloned());
        assert_eq!(&read, expected, "{text}");
    }
}

#[test]
fn every_vector_holds() {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for line in VECTORS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let name = case["case"].as_str().unwrap();
        match name {
            "grade" => grade(&case),
            "share" => share(&case),
            "estimate" => estimate(&case),
            "read" => read(&case),
            other => panic!("{other}"),
        }
        *counted.entry(name.to_owned()).or_default() += 1;
    }
    assert!(counted.values().sum::<usize>() >= 200, "{counted:?}");
    assert!(["grade", "read"].iter().all(|case| counted[*case] >= 80), "{counted:?}");
}
