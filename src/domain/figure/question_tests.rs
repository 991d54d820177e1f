//! Which figures a question is about, and what they answer.

use super::super::{Lower, Qualifier, Upper, stored};
use super::*;
use crate::domain::decimal::Decimal;
use crate::domain::model::{Metric, TimeGiven, UnitSystem};

fn figure(metric: &str, value: i64) -> Figure {
    let value = Some(Decimal::from(value));
    Figure {
        qualifier: Some(Qualifier::Exactly),
        bounds: stored(Qualifier::Exactly, value.as_ref(), &Bounds::default()).expect("they fit together"),
        value,
        metric: (!metric.is_empty()).then(|| Metric { key: metric.to_owned(), ..Metric::default() }),
        ..Figure::default()
    }
}

fn unit(code: &str) -> Option<Unit> {
    Some(Unit { system: Some(UnitSystem::Ucum), code: code.to_owned(), verbatim: String::new() })
}

fn question() -> Question {
    Question {
        metric: MetricAsked::Any,
        roles: Vec::new(),
        kind: None,
        as_of: None,
        range: Bounds::default(),
        unit: None,
        is_measured: false,
        policy: Policy::default(),
    }
}

fn answers(question: &Question, figures: &[Figure]) -> Vec<Result<Grade, Incomparable>> {
    let candidates = question.candidates(figures);
    candidates.into_iter().map(|candidate| candidate.answer.map(|graded| graded.grade)).collect()
}

#[test]
fn figures_are_asked_by_metric_in_whole_segments() {
    let figures = ["a.b", "a", "a.bc", "a.b.c", ""].map(|metric| figure(metric, 1));
    for (metric, expected) in [
        (MetricAsked::Any, vec![0, 1, 2, 3, 4]),
        (MetricAsked::Key("a.b".into()), vec![0]),
        (MetricAsked::Prefix("a.b".into()), vec![0, 3]),
        (MetricAsked::Prefix("a".into()), vec![0, 1, 2, 3]),
    ] {
        let found = figures.iter().enumerate().filter(|(_, figure)| metric.matches(figure)).map(|(at, _)| at);
        assert_eq!(found.collect::<Vec<_>>(), expected, "{metric:?}");
    }
}

#[test]
fn what_cannot_be_compared_says_why() {
    let given = |edtf: &str| TimeGiven { time: Some(edtf.parse().expect(edtf)), ..TimeGiven::default() };
    let at = |edtf: &str| Some(Box::new(given(edtf)));
    let euros = Unit { system: Some(UnitSystem::Iso4217), code: "EUR".to_owned(), verbatim: String::new() };
    let figures = [
        Figure { qualifier: None, value: None, ..figure("m", 5) },
        Figure { kind: Some(FigureKind::Count), ..figure("m", 5) },
        Figure { unit: unit("s"), ..figure("m", 5) },
        Figure { unit: Some(euros.clone()), ..figure("m", 5) },
        Figure { unit: unit("km"), as_of: at("2020"), ..figure("m", 5) },
        Figure { unit: unit("km"), as_of: at("2021-05"), ..figure("m", 5) },
        Figure { unit: unit("km"), kind: Some(FigureKind::Measure), ..figure("m", 5) },
        Figure { unit: unit("cm"), ..figure("m", 5) },
    ];
    let year: crate::domain::time::ApproximateTime = "2021".parse().expect("a year");
    let mut asked = Question {
        kind: Some(FigureKind::Measure),
        as_of: Some(year.range()),
        range: Bounds::between(Lower::AtLeast(5000i64.into()), Upper::LessThan(5001i64.into())),
        unit: unit("m"),
        is_measured: true,
        ..question()
    };
    assert_eq!(
        answers(&asked, &figures),
        [
            Err(Incomparable::NotRead),
            Err(Incomparable::Kind),
            Err(Incomparable::Unit),
            Err(Incomparable::Unit),
            Err(Incomparable::AsOf),
            Ok(Grade::Certain),
            Ok(Grade::Certain),
            Ok(Grade::Excluded),
        ]
    );
    let assumed: Vec<bool> = asked
        .candidates(&figures)
        .into_iter()
        .filter_map(|candidate| candidate.answer.ok())
        .map(|graded| graded.as_of_assumed)
        .collect();
    assert_eq!(assumed, [false, true, true]);
    asked.unit = Some(Unit { code: "USD".to_owned(), ..euros });
    asked.kind = None;
    assert_eq!(answers(&asked, &figures)[3], Err(Incomparable::Currency));
    // Nothing is asked of the numbers.
    assert_eq!(answers(&question(), &figures)[1..], vec![Ok(Grade::Certain); 7]);
}

#[test]
fn an_estimate_is_one_candidate_of_the_numbers_that_are_asked() {
    use EstimateRole::{Best, High, Low};
    let number = |role, value, code| Figure { role: Some(role), unit: unit(code), ..figure("m", value) };
    let figures = [number(Low, 1, "km"), number(High, 3000, "m"), number(Best, 2, "km"), figure("m", 7)];
    let asked = Question {
        range: Bounds::above(Lower::AtLeast(1500i64.into())),
        unit: unit("m"),
        is_measured: true,
        ..question()
    };
    assert_eq!(answers(&asked, &figures), [Ok(Grade::Possible), Err(Incomparable::Unit)]);
    let best = Question { roles: vec![Best], ..asked.clone() };
    assert_eq!(answers(&best, &figures), [Ok(Grade::Certain)]);
    let single = Question { roles: vec![EstimateRole::Single], is_measured: false, unit: None, ..asked };
    assert_eq!(answers(&single, &figures), [Ok(Grade::Excluded)]);
    // Without a unit asked for, the numbers are spanned in that of the first.
    let candidates = question().candidates(&figures);
    let spanned = &candidates[0].answer.as_ref().expect("it was read").intervals;
    assert_eq!(spanned.hard.to_string(), "at least 1 and at most 3");
    assert_eq!(candidates[0].value_key(), ValueKey::of(&figures[2]));
}
