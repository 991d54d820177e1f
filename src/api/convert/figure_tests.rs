//! What figures are refused for, and what is read from their words.

use super::tests::{paths, with_claim};
use crate::domain::figure::{Bounds, Lower, Qualifier, Upper};
use crate::domain::model::{Record, WarningReason};
use crate::proto::claimdb::v1;

fn figure(change: impl FnOnce(&mut v1::Figure)) -> v1::Figure {
    let mut figure = v1::Figure::default();
    change(&mut figure);
    figure
}

type Change = fn(&mut v1::Figure);

#[test]
fn a_figure_is_refused_at_the_field_that_is_wrong() {
    let one = |change: Change| paths(with_claim(|c| c.figures = vec![figure(change)]));
    let cases: &[(&str, Change)] = &[
        ("value", |_| {}),
        ("id", |f| (f.id, f.value) = ("F".into(), "1".into())),
        ("value", |f| f.value = "1e3".into()),
        ("value", |f| f.value = "1".repeat(39)),
        ("qualifier", |f| (f.value, f.qualifier) = ("1".into(), 99)),
        ("value", |f| f.qualifier = Qualifier::Nearly.number()),
        ("value", |f| (f.value, f.qualifier) = ("1".into(), Qualifier::Vague.number())),
        ("value", |f| (f.value, f.qualifier) = ("1".into(), Qualifier::NoneAtAll.number())),
        ("bounds", |f| f.qualifier = Qualifier::Between.number()),
        ("bounds", |f| f.bounds = interval("1", "2")),
        ("bounds", |f| (f.qualifier, f.bounds) = (Qualifier::Between.number(), interval("2", "1"))),
        ("bounds", |f| {
            (f.value, f.qualifier, f.bounds) = ("5".into(), Qualifier::AtLeast.number(), interval("6", "7"))
        }),
        ("bounds.at_least", |f| (f.qualifier, f.bounds) = (Qualifier::Between.number(), interval("x", "7"))),
        ("unit.code", |f| (f.value, f.unit) = ("1".into(), unit(2, "gbp"))),
        ("unit.code", |f| (f.value, f.unit) = ("1".into(), unit(2, "ZZZ"))),
        ("unit.code", |f| (f.value, f.unit) = ("1".into(), unit(1, "{soldiers}"))),
        ("unit.code", |f| (f.value, f.unit) = ("1".into(), unit(1, "parsecs"))),
        ("unit.code", |f| (f.value, f.unit) = ("1".into(), unit(1, "km h"))),
        ("unit.code", |f| (f.value, f.unit) = ("1".into(), unit(1, ""))),
        ("unit.code", |f| (f.value, f.unit) = ("1".into(), unit(3, ""))),
        ("unit.system", |f| (f.value, f.unit) = ("1".into(), unit(0, "km"))),
        ("metric.key", |f| (f.value, f.metric) = ("1".into(), Some(v1::Metric::default()))),
        ("metric.key", |f| {
            (f.value, f.metric) = ("1".into(), Some(v1::Metric { key: "a..b".into(), ..Default::default() }))
        }),
        ("whole", |f| (f.value, f.whole) = ("1".into(), "f1".into())),
        ("whole", |f| (f.value, f.whole) = ("1".into(), "f9".into())),
        ("whole", |f| (f.value, f.whole) = ("1".into(), "claims/a".into())),
        ("whole", |f| (f.value, f.whole) = ("1".into(), "#x/figures/f1".into())),
        ("whole_relation", |f| (f.value, f.whole_relation) = ("1".into(), 1)),
    ];
    for (path, change) in cases {
        let expected = format!("claims[0].figures[0].{path}");
        let found = one(*change);
        assert!(found.contains(&expected), "{expected}: {found:?}");
    }
    let twice = |c: &mut v1::Claim| {
        c.figures = vec![figure(|f| (f.id, f.value) = ("f2".into(), "1".into())), figure(|f| f.value = "2".into())];
    };
    assert_eq!(paths(with_claim(twice)), ["claims[0].figures[1].id"]);
}

fn interval(at_least: &str, at_most: &str) -> Option<v1::Interval> {
    Some(v1::Interval {
        lower: Some(v1::interval::Lower::AtLeast(at_least.into())),
        upper: Some(v1::interval::Upper::AtMost(at_most.into())),
    })
}

fn unit(system: i32, code: &str) -> Option<v1::Unit> {
    Some(v1::Unit { system, code: code.into(), verbatim: String::new() })
}

fn read_figures(figures: Vec<v1::Figure>) -> (Vec<crate::domain::model::Figure>, Vec<WarningReason>) {
    let batch = with_claim(|c| (c.language, c.figures) = ("en".into(), figures)).unwrap();
    let warnings = batch.warnings.iter().map(|warning| warning.reason).collect();
    let Record::Claim(claim) = &batch.drafts[0].record else { panic!("not a claim") };
    (claim.figures.clone(), warnings)
}

#[test]
fn what_is_not_given_of_a_figure_is_read_from_its_words() {
    let (figures, warnings) = read_figures(vec![
        figure(|f| f.verbatim = "nearly 2,000".into()),
        figure(|f| f.value = "13000".into()),
        figure(|f| f.verbatim = "10 to 20".into()),
        figure(|f| (f.verbatim, f.value) = ("nearly 2,000".into(), "2000".into())),
    ]);
    assert_eq!(warnings, []);
    let two_thousand = "2000".parse().unwrap();
    for figure in [&figures[0], &figures[3]] {
        assert_eq!(figure.qualifier, Some(Qualifier::Nearly));
        assert_eq!(figure.value.as_ref(), Some(&two_thousand));
        assert_eq!(figure.bounds, Bounds::below(Upper::LessThan(two_thousand.clone())));
        assert_eq!(figure.significant_digits, 1);
    }
    assert_eq!((figures[1].qualifier, figures[1].significant_digits), (Some(Qualifier::Exactly), 2));
    assert_eq!((figures[2].qualifier, &figures[2].value), (Some(Qualifier::Between), &None));
    assert_eq!(figures[2].bounds.lower, Some(Lower::AtLeast("10".parse().unwrap())));
    assert_eq!(figures[2].id.as_ref().unwrap().as_str(), "f3");
}

#[test]
fn what_cannot_be_read_or_reads_differently_is_kept_and_flagged() {
    let (figures, warnings) = read_figures(vec![figure(|f| f.verbatim = "a goodly number".into())]);
    // Its article may yet tell its language: the plan reads it, or warns.
    assert_eq!(warnings, []);
    assert_eq!((&figures[0].value, figures[0].qualifier), (&None, None));
    let (figures, warnings) =
        read_figures(vec![figure(|f| (f.verbatim, f.value) = ("nearly 2,000".into(), "2100".into()))]);
    assert_eq!(warnings, [WarningReason::FigureReadsDifferently]);
    assert_eq!((figures[0].value.as_ref(), figures[0].qualifier), ("2100".parse().ok().as_ref(), None));
    let about = Qualifier::About.number();
    let (figures, warnings) =
        read_figures(vec![figure(|f| (f.verbatim, f.qualifier) = ("nearly 2,000".into(), about))]);
    assert_eq!(warnings, [WarningReason::FigureReadsDifferently]);
    assert_eq!(figures[0].qualifier, Some(Qualifier::About));
    let estimate = |value: &str, role: v1::EstimateRole| figure(|f| (f.value, f.role) = (value.into(), role.into()));
    let roles = [v1::EstimateRole::Low, v1::EstimateRole::Best, v1::EstimateRole::High];
    let estimates = |values: [&str; 3]| values.iter().zip(roles).map(|(value, role)| estimate(value, role)).collect();
    assert_eq!(read_figures(estimates(["1", "2", "3"])).1, []);
    assert_eq!(read_figures(estimates(["1", "4", "3"])).1, [WarningReason::EstimateOutOfRange]);
}
