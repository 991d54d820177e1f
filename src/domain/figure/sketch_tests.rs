//! What a sketch answers is what the figure answers.

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{MetricAsked, Policy, Tolerance, stored};
use super::*;
use crate::domain::model::Metric;

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "5",
    "9",
    "10",
    "11",
    "20",
    "99",
    "100",
    "101",
    "250",
    "1000",
    "1999",
    "2000",
    "2500",
    "13000",
    "0.5",
    "0.25",
    "1.5",
    "2.5",
    "9.99",
    "0.000001",
    "-1",
    "-20",
    "99999999999999999999999999999999999999",
];

fn number() -> impl Strategy<Value = Decimal> {
    let any = (1..10_000i64, 0..5i64).prop_map(|(digits, scale)| {
        Decimal::try_from(BigDecimal::new(BigInt::from(digits), scale)).expect("few digits")
    });
    prop_oneof![3 => select(NUMBERS).prop_map(|text| text.parse().expect(text)), 1 => any]
}

fn unit() -> impl Strategy<Value = Option<Unit>> {
    const UNITS: &[(UnitSystem, &str)] = &[
        (UnitSystem::Ucum, "km"),
        (UnitSystem::Ucum, "m"),
        (UnitSystem::Ucum, "[mi_i]"),
        (UnitSystem::Ucum, "Cel"),
        (UnitSystem::Ucum, "K"),
        (UnitSystem::Ucum, "%"),
        (UnitSystem::Iso4217, "EUR"),
        (UnitSystem::Other, "a unit with a long name"),
    ];
    let unit = select(UNITS).prop_map(|(system, code)| Unit {
        system: Some(system),
        code: code.to_owned(),
        verbatim: String::new(),
    });
    let words = Unit { system: None, code: String::new(), verbatim: "per cent".to_owned() };
    prop_oneof![4 => Just(None), 3 => unit.prop_map(Some), 1 => Just(Some(words))]
}

prop_compose! {
    fn figure()(
        qualifier in of(select(Qualifier::ALL)),
        value in number(),
        other in number(),
        kind in of(select(FigureKind::ALL)),
        aggregation in of(select(Aggregation::ALL)),
        role in of(select(EstimateRole::ALL)),
        unit in unit(),
    ) -> Figure {
        let (low, high) = if value < other { (value.clone(), other) } else { (other, value.clone()) };
        let between = Bounds::between(Lower::AtLeast(low), Upper::AtMost(high));
        let (value, stated) = match qualifier {
            Some(Qualifier::Between) => (None, between),
            Some(Qualifier::Vague | Qualifier::NoneAtAll) | None => (None, Bounds::default()),
            Some(_) => (Some(value), Bounds::default()),
        };
        let bounds = qualifier.map(|qualifier| stored(qualifier, value.as_ref(), &stated).expect("they fit together"));
        let metric = Some(Metric { key: "m".to_owned(), ..Metric::default() });
        Figure { qualifier, value, bounds: bounds.unwrap_or_default(), kind, aggregation, role, unit, metric, ..Figure::default() }
    }
}

/// As data sets have them: the low, the best and the high number of one thing.
fn estimate() -> impl Strategy<Value = Vec<Figure>> {
    let number = || (number(), select(&[Qualifier::Exactly, Qualifier::Bare][..]));
    let roles = [EstimateRole::Low, EstimateRole::Best, EstimateRole::High];
    (proptest::collection::vec(number(), 3), of(select(FigureKind::ALL)), 2..=3usize).prop_map(
        move |(all, kind, count)| {
            let of_role = all.into_iter().zip(roles).map(|((value, qualifier), role)| Figure {
                bounds: Bounds::exactly(&value),
                value: Some(value),
                qualifier: Some(qualifier),
                kind,
                role: Some(role),
                metric: Some(Metric { key: "m".to_owned(), ..Metric::default() }),
                ..Figure::default()
            });
            of_role.rev().take(count).collect()
        },
    )
}

prop_compose! {
    fn question()(
        ends in (of((number(), any::<bool>())), of((number(), any::<bool>()))),
        kind in of(select(FigureKind::ALL)),
        unit in unit(),
        is_measured in any::<bool>(),
        tolerance in select(&["0", "0.1", "0.001", "1"][..]),
        bare in select(BareReading::ALL),
        vague in select(VagueReading::ALL),
    ) -> Question {
        let lower = ends.0.map(|(end, open)| if open { Lower::MoreThan(end) } else { Lower::AtLeast(end) });
        let upper = ends.1.map(|(end, open)| if open { Upper::LessThan(end) } else { Upper::AtMost(end) });
        let tolerance = Tolerance::try_from(tolerance.parse::<Decimal>().expect("a number")).expect("a share");
        Question {
            metric: MetricAsked::Key("m".to_owned()),
            roles: Vec::new(),
            kind,
            as_of: None,
            range: Bounds { lower, upper },
            unit,
            is_measured,
            policy: Policy { tolerance, bare, vague },
        }
    }
}

fn answers(question: &Question, figures: &[Figure]) -> Vec<Result<Grade, Incomparable>> {
    let candidates = question.candidates(figures).into_iter();
    candidates.map(|candidate| candidate.answer.map(|graded| graded.grade)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_sketch_answers_what_its_figure_does(
        figures in prop_oneof![figure().prop_map(|figure| vec![figure]), estimate()],
        question in question(),
    ) {
        let found: Vec<_> = sketches(&figures).collect();
        prop_assert!(found.len() <= 1);
        if let Some((metric, sketch)) = found.first() {
            prop_assert_eq!(*metric, "m");
            if let Some(answer) = sketch.answer(&question) {
                prop_assert_eq!(vec![answer], answers(&question, &figures), "{:?}", sketch);
            }
        }
    }

    #[test]
    fn a_number_lies_in_its_step(number in number()) {
        let Some(step) = Step::of(&number) else {
            prop_assert!(number.is_negative() || number > Decimal::from(1_000_000u64));
            return Ok(());
        };
        prop_assert_eq!(Step::from_number(step.number()), Some(step));
        let (low, high) = step.range().expect("a step of a number");
        prop_assert!(*low <= number && (number < *high || number.is_zero()), "{} to {}", low, high);
    }
}

#[test]
fn most_figures_far_from_what_is_asked_are_told_by_their_sketch() {
    let figure = |qualifier, value: i64| {
        let value = Some(Decimal::from(value));
        Figure {
            bounds: stored(qualifier, value.as_ref(), &Bounds::default()).expect("they fit together"),
            qualifier: Some(qualifier),
            value,
            kind: Some(FigureKind::Count),
            ..Figure::default()
        }
    };
    let asked = Question {
        metric: MetricAsked::Any,
        roles: Vec::new(),
        kind: None,
        as_of: None,
        range: Bounds::between(Lower::AtLeast(1000i64.into()), Upper::AtMost(5000i64.into())),
        unit: None,
        is_measured: true,
        policy: Policy::default(),
    };
    for (qualifier, value, expected) in [
        (Qualifier::Bare, 120, Some(Grade::Excluded)),
        (Qualifier::Bare, 2_300, Some(Grade::Certain)),
        (Qualifier::Bare, 13_000, Some(Grade::Excluded)),
        // Some of these are asked for and some are not.
        (Qualifier::Bare, 1_100, None),
        (Qualifier::Bare, 5_100, None),
        (Qualifier::About, 200, Some(Grade::Remote)),
        (Qualifier::About, 3_000, Some(Grade::Likely)),
        (Qualifier::MoreThan, 200, Some(Grade::Possible)),
        (Qualifier::MoreThan, 7_000, Some(Grade::Excluded)),
        (Qualifier::Nearly, 700, Some(Grade::Excluded)),
        (Qualifier::Nearly, 20_000, Some(Grade::Remote)),
    ] {
        let sketch = Sketch::of(&[&figure(qualifier, value)]).expect("a sketch");
        assert_eq!(sketch.answer(&asked), expected.map(Ok), "{qualifier} {value}");
    }
    let not_read = Figure { qualifier: None, value: None, ..figure(Qualifier::Bare, 1) };
    assert_eq!(Sketch::of(&[&not_read]).and_then(|sketch| sketch.answer(&asked)), Some(Err(Incomparable::NotRead)));
}

#[test]
fn an_estimate_of_counts_that_are_not_whole_is_read() {
    let estimate = |low: &str| {
        [(low, EstimateRole::Low), ("1", EstimateRole::High)].map(|(value, role)| {
            let value: Decimal = value.parse().expect(value);
            Figure {
                bounds: Bounds::exactly(&value),
                value: Some(value),
                qualifier: Some(Qualifier::Exactly),
                kind: Some(FigureKind::Count),
                role: Some(role),
                ..Figure::default()
            }
        })
    };
    let sketch = |numbers: &[Figure]| Sketch::of(&numbers.iter().collect::<Vec<_>>());
    // It is taken for a half to one, and a range from a half to one would be tightened to one.
    assert_eq!(sketch(&estimate("0.5")), None);
    assert!(sketch(&estimate("0")).is_some());
}

#[test]
fn a_unit_in_words_alone_is_read() {
    let share = |unit: Option<Unit>| {
        let value = Decimal::from(50i64);
        Figure {
            bounds: Bounds::exactly(&value),
            value: Some(value),
            qualifier: Some(Qualifier::Exactly),
            kind: Some(FigureKind::Percent),
            unit,
            ..Figure::default()
        }
    };
    let words = Unit { system: None, code: String::new(), verbatim: "per cent".to_owned() };
    // It is one of plain numbers, so this is 50, and without any unit 50 is a half.
    assert_eq!(Sketch::of(&[&share(Some(words))]), None);
    assert!(Sketch::of(&[&share(None)]).is_some());
}
