//! What summaries show, case by case.

use super::*;
use crate::domain::figure::compare::{Finding, Incomparable};
use crate::domain::figure::estimate::Anomaly;
use crate::domain::figure::subset::Fit;
use crate::domain::figure::{BareReading, VagueReading};
use crate::domain::model::{Aggregation, EstimateRole, Unit, UnitSystem, WholeRelation};

use Qualifier::{About, AtLeast, Bare, Between, Exactly, MoreThan, Nearly, NoneAtAll, UpTo, Vague};

#[test]
fn numbers_stand_side_by_side_and_nothing_between_them_is_chosen() {
    let claims = [
        said("army", "2025-09-03", vec![killed(Nearly, &[2_000])]),
        said("rebels", "2025-09-04", vec![killed(MoreThan, &[3_000])]),
        said("monitor", "2025-09", vec![killed(Between, &[1_500, 1_800])]),
    ];
    let series = series(&claims);
    assert_eq!(series.spread.count, 3);
    assert_eq!(series.spread.hard, Some(Bounds::above(Lower::AtLeast(Decimal::zero()))));
    // Each number as far as its words allow.
    assert_eq!(series.spread.named, Some((number("1500"), number("3001"))));
    assert_eq!(series.spread.soft, Some(Bounds::above(Lower::AtLeast(number("1500")))));
    assert_eq!(series.spread.coded, Coded::default());
    assert_eq!(series.origins, 3);
    let says: Vec<String> = series.statements.iter().map(|stated| stated.intervals.hard.to_string()).collect();
    assert_eq!(says, ["at least 1500 and at most 1800", "at least 0 and at most 1999", "at least 3001"]);
    // Army and monitor may be speaking of one number. Nothing says that any two speak of one event.
    let findings: Vec<_> = series.pairs.findings.into_iter().collect();
    assert_eq!(findings, [(Finding::Agree, 1), (Finding::Differ, 2)]);
    assert_eq!((series.groups.count, series.groups.listed[0].members.clone()), (2, vec![0, 1]));
    assert_eq!(series.groups.listed[0].common.to_string(), "at least 1500 and at most 1800");
    assert_eq!(series.groups.listed[1].members, [2]);
}

#[test]
fn a_contradiction_has_common_ground() {
    let by_event = |label: &str, id: &str, time: &str, number| Claim {
        entities: vec![event(label, id)],
        ..said("a", time, vec![killed(Exactly, &[number])])
    };
    let by_place = |words: &str, time: &str, number| Claim {
        place: place(words),
        ..said("a", time, vec![killed(Exactly, &[number])])
    };
    let by_id = |scheme: &str, number| {
        let id = ExternalId { scheme: scheme.to_owned(), id: "1".to_owned() };
        let place = Some(Box::new(Place { external_ids: vec![id], ..Place::default() }));
        Claim { place, ..said("a", "2025", vec![killed(Exactly, &[number])]) }
    };
    let by_coordinates = |latitude: &str, value| {
        let coordinates = Some((number(latitude), number("37.8")));
        let place = Some(Box::new(Place { coordinates, ..Place::default() }));
        Claim { place, ..said("a", "2025", vec![killed(Exactly, &[value])]) }
    };
    for (a, b, expected) in [
        (by_event("Battle", "", "2025-09-03", 1), by_event("battle", "", "2025-09-03", 2), Finding::Contradict),
        (by_event("Battle", "1", "2025-09", 1), by_event("Fight", "1", "2025-09-03", 2), Finding::Contradict),
        // A system that knows both tells them apart.
        (by_event("Battle", "1", "2025-09-03", 1), by_event("Battle", "2", "2025-09-03", 2), Finding::Differ),
        // Even in one place.
        (
            Claim { place: place("Kursk"), ..by_event("Battle", "1", "2025-09-03", 1) },
            Claim { place: place("Kursk"), ..by_event("Raid", "2", "2025-09-03", 2) },
            Finding::Differ,
        ),
        (
            Claim { place: place("Kursk"), ..by_event("Battle", "", "2025-09-03", 1) },
            Claim { place: place("Kursk"), ..by_event("Raid", "", "2025-09-03", 2) },
            Finding::Contradict,
        ),
        // What happened there at another time is something else.
        (by_place("Kursk", "2024", 1), by_place("Kursk", "2025", 2), Finding::Differ),
        (by_place("Kursk", "2025", 1), by_place("Kursk", "2025-03", 2), Finding::Contradict),
        (by_place("Kursk", "", 1), by_place("Kursk", "2025-03", 2), Finding::Contradict),
        (by_place("", "2025", 1), by_place("", "2025", 2), Finding::Differ),
        (by_place("Kursk", "2025", 1), by_place("Kursk", "2025", 1), Finding::Agree),
        (by_id("geonames", 1), by_id("geonames", 2), Finding::Contradict),
        (by_coordinates("48.0", 1), by_coordinates("48", 2), Finding::Contradict),
        (by_coordinates("48.0", 1), by_coordinates("10", 2), Finding::Differ),
        // Neither says in words what it is called.
        (by_id("geonames", 1), by_id("wikidata", 2), Finding::Differ),
    ] {
        let series = series(&[a.clone(), b.clone()]);
        assert_eq!(series.pairs.findings.into_iter().collect::<Vec<_>>(), [(expected, 1)], "{a:?} {b:?}");
        assert_eq!(series.pairs.listed.len(), usize::from(expected == Finding::Contradict));
    }
}

#[test]
fn a_total_that_falls_is_found() {
    let total = |day: &str, number| Figure {
        aggregation: Some(Aggregation::Cumulative),
        as_of: at(day),
        ..killed(Bare, &[number])
    };
    let claims = [
        said("ministry", "", vec![total("2025-09-01", 100)]),
        said("ministry", "", vec![total("2025-09-02", 90)]),
        said("ministry", "", vec![total("2025-09-03", 120)]),
    ];
    let series = series(&claims);
    assert_eq!(series.pairs.findings.into_iter().collect::<Vec<_>>(), [(Finding::Grown, 2), (Finding::Decreased, 1)]);
    let [pair] = series.pairs.listed[..] else { panic!("one pair") };
    assert_eq!((pair.a, pair.b, pair.finding, pair.as_of_assumed), (0, 1, Finding::Decreased, false));
    assert_eq!(series.statements[0].statement.time.expect("a time").1, TimeBasis::AsOf);
}

#[test]
fn time_is_divided_and_what_lies_in_no_period_is_shown_apart() {
    let dated = |as_of: &str, period: &str, event: &str, published: &str| {
        let figure = Figure { as_of: at(as_of), period: at(period), ..killed(Bare, &[5]) };
        let mut claim = said("a", event, vec![figure]);
        claim.imprint.publish_time = at(published).and_then(|given| given.time);
        claim
    };
    let claims = [
        dated("2025-01-05", "2024", "2023", "2022"),
        dated("", "2024-02", "2023", "2022"),
        dated("", "XXXX", "2023-03-04", "2022"),
        dated("", "", "", "2022-05-06"),
        dated("", "", "2025-01-31/2025-02-01", ""),
        dated("", "", "2025-03/..", ""),
        dated("", "", "../2025-03", ""),
        dated("", "", "XXXX", ""),
        dated("2025-01", "", "", ""),
    ];
    let placed = |precision| -> Vec<(String, u64)> {
        let rule = Rule { precision, ..rule() };
        let series = summary(&claims, &rule).series.remove(0);
        let word = |placement| match placement {
            Placement::Within(period) => period.to_string(),
            Placement::Spanning => "spanning".to_owned(),
            Placement::Undated => "undated".to_owned(),
        };
        series.buckets.into_iter().map(|bucket| (word(bucket.placement), bucket.spread.count)).collect()
    };
    let expected =
        |all: &[(&str, u64)]| all.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect::<Vec<_>>();
    assert_eq!(
        placed(Precision::Month),
        expected(&[("2022-05", 1), ("2023-03", 1), ("2024-02", 1), ("2025-01", 2), ("spanning", 3), ("undated", 1)])
    );
    assert_eq!(
        placed(Precision::Year),
        expected(&[("2022", 1), ("2023", 1), ("2024", 1), ("2025", 3), ("spanning", 2), ("undated", 1)])
    );
    let days = placed(Precision::Day);
    assert_eq!(days.first().expect("a day"), &("2022-05-06".to_owned(), 1));
    assert_eq!(days[days.len() - 2..], expected(&[("spanning", 5), ("undated", 1)]));
}

#[test]
fn conventions_code_what_was_said_and_never_more() {
    let coded = |figures: &[Figure], convention| {
        let claims: Vec<Claim> = figures.iter().map(|figure| said("a", "2025", vec![figure.clone()])).collect();
        let rule = Rule { convention, ..rule() };
        summary(&claims, &rule).series.remove(0).spread.coded
    };
    let vague = |word: &str| Figure { scale_word: word.to_owned(), ..killed(Vague, &[]) };
    let conservative = |figures: &[Figure]| {
        let coded = coded(figures, Convention::AcledConservative);
        (coded.conservative.map(|number| number.to_string()), coded.uncoded)
    };
    for (figure, expected) in [
        (vague("tens"), Some("10")),
        (vague("dozens"), Some("12")),
        (vague("hundreds"), Some("100")),
        (vague("several"), None),
        (killed(Bare, &[7]), Some("7")),
        (killed(About, &[500]), Some("500")),
        (killed(Nearly, &[2_000]), Some("1999")),
        (killed(MoreThan, &[24]), Some("25")),
        (killed(Between, &[5, 10]), Some("5")),
        (killed(NoneAtAll, &[]), Some("0")),
        // Of "up to 700" nobody knows how few.
        (killed(UpTo, &[700]), None),
    ] {
        let expected = (expected.map(str::to_owned), u64::from(expected.is_none()));
        assert_eq!(conservative(std::slice::from_ref(&figure)), expected, "{figure:?}");
    }
    let all = [killed(Bare, &[40]), vague("dozens"), killed(UpTo, &[9]), killed(AtLeast, &[30])];
    assert_eq!(conservative(&all), (Some("12".to_owned()), 1));

    let ucdp = coded(&all, Convention::UcdpLowBestHigh);
    assert_eq!((ucdp.low, ucdp.high, ucdp.uncoded), (Some(number("30")), Some(number("40")), 1));
    assert_eq!(ucdp.best, Some((number("40"), number("40"))));
    let role = |role, value| Figure { role: Some(role), ..killed(Exactly, &[value]) };
    let estimate = vec![role(EstimateRole::Low, 9), role(EstimateRole::Best, 10), role(EstimateRole::High, 35)];
    let claims = [said("ucdp", "2014-05-05", estimate), said("afp", "2014-05-05", vec![killed(Bare, &[14])])];
    let rule = Rule { convention: Convention::UcdpLowBestHigh, ..rule() };
    let series = summary(&claims, &rule).series.remove(0);
    let coded = series.spread.coded;
    assert_eq!((coded.low, coded.high), (Some(number("9")), Some(number("35"))));
    assert_eq!(coded.best, Some((number("10"), number("14"))));
    assert_eq!((series.spread.count, series.pairs.count(Finding::Agree)), (2, 1));
}

#[test]
fn an_estimate_out_of_order_is_shown_as_it_is() {
    let role =
        |id, role, value| Figure { id: Some(FigureId::numbered(id)), role: Some(role), ..killed(Exactly, &[value]) };
    let estimate =
        vec![role(1, EstimateRole::Low, 20), role(2, EstimateRole::Best, 10), role(3, EstimateRole::High, 15)];
    let series = series(&[said("a", "2025-01-01", estimate.clone())]);
    assert_eq!(series.spread.anomalies, 1);
    assert_eq!(
        series.statements[0].anomalies,
        [(FigureId::numbered(1), Anomaly::AboveHigh), (FigureId::numbered(2), Anomaly::BelowLow)]
    );
    assert_eq!(series.statements[0].statement.figures, estimate);
    assert_eq!(series.spread.hard, Some(Bounds::between(Lower::AtLeast(number("10")), Upper::AtMost(number("20")))));
}

#[test]
fn shares_are_derived_from_what_the_words_entail() {
    let whole_figure = |qualifier, value: &[i64]| Figure {
        metric: Some(Metric { key: "deployed".to_owned(), ..Metric::default() }),
        ..killed(qualifier, value)
    };
    let part = |qualifier, value: &[i64], claim: &str| Figure {
        whole: whole(claim, 1),
        whole_relation: Some(WholeRelation::SubsetOf),
        ..killed(qualifier, value)
    };
    let share = |part: Figure, of: Figure| {
        let claims = [said("a", "2025", vec![of]), said("b", "2025", vec![part])];
        series(&claims).shares
    };
    let found = share(part(Nearly, &[2_000], "claims/c1"), whole_figure(Bare, &[13_000]));
    let [listed] = &found.listed[..] else { panic!("one share") };
    assert_eq!(listed.share, Bounds::below(Upper::LessThan(number("15.39"))));
    assert_eq!((listed.fit, listed.whole_claim.to_string().as_str()), (Fit::Fits, "claims/c1"));
    let found = share(part(MoreThan, &[13_000], "claims/c1"), whole_figure(Bare, &[13_000]));
    assert_eq!((found.listed[0].fit, found.count(Fit::Exceeds)), (Fit::Exceeds, 1));
    let found = share(part(Bare, &[1], "claims/nowhere"), whole_figure(Bare, &[2]));
    assert_eq!((found.missing, found.listed.len()), (1, 0));
    let percent = Figure { kind: Some(FigureKind::Percent), ..part(Bare, &[15], "claims/c1") };
    assert_eq!(share(percent, whole_figure(Bare, &[100])).incomparable.get(&Incomparable::Kind), Some(&1));
    // A ratio of the whole is a share already.
    let ratio = Figure { whole_relation: Some(WholeRelation::RatioOf), ..part(Bare, &[2], "claims/c1") };
    assert_eq!(share(ratio, whole_figure(Bare, &[4])), Shares::default());
}

#[test]
fn a_part_that_is_more_than_its_whole_is_listed_first() {
    let whole_figure = Figure {
        id: Some(FigureId::numbered(9)),
        metric: Some(Metric { key: "deployed".to_owned(), ..Metric::default() }),
        ..killed(Exactly, &[10])
    };
    let part = |value| Figure { whole: whole("", 9), ..killed(Exactly, &[value]) };
    let claims: Vec<Claim> = [3, 11, 10].map(|value| said("a", "2025", vec![whole_figure.clone(), part(value)])).into();
    let shares = series(&claims).shares;
    let fits: Vec<_> = shares.listed.iter().map(|share| (share.statement, share.fit)).collect();
    assert_eq!(fits, [(1, Fit::Exceeds), (0, Fit::Fits), (2, Fit::Fits)]);
    assert_eq!((shares.count(Fit::Fits), shares.count(Fit::Exceeds)), (2, 1));
}

#[test]
fn what_cannot_be_compared_is_another_series() {
    let unit = |system, code: &str| Some(Unit { system: Some(system), code: code.to_owned(), verbatim: String::new() });
    let with = |change: &dyn Fn(&mut Figure)| {
        let mut figure = Figure { kind: Some(FigureKind::Measure), ..killed(Bare, &[5]) };
        change(&mut figure);
        said("a", "2025", vec![figure])
    };
    let claims = [
        with(&|figure| figure.unit = unit(UnitSystem::Ucum, "km")),
        with(&|figure| (figure.unit, figure.value) = (unit(UnitSystem::Ucum, "m"), Some(number("5000")))),
        with(&|figure| figure.unit = unit(UnitSystem::Ucum, "kg")),
        with(&|figure| figure.unit = unit(UnitSystem::Iso4217, "GBP")),
        with(&|figure| figure.unit = unit(UnitSystem::Iso4217, "USD")),
        with(&|figure| figure.aggregation = Some(Aggregation::Change)),
        with(&|figure| figure.aggregation = Some(Aggregation::Cumulative)),
        with(&|figure| figure.kind = Some(FigureKind::Percent)),
        with(&|figure| figure.metric = Some(Metric { key: "killed.civilians".to_owned(), ..Metric::default() })),
    ];
    let counts = |claims: &[Claim]| {
        summary(claims, &rule()).series.iter().map(|series| series.statements.len()).collect::<Vec<_>>()
    };
    let apart = counts(&claims);
    assert_eq!((apart.len(), apart.iter().sum::<usize>()), (8, 9));
    // Who states no kind goes with the others, unless they are of several kinds.
    let kind = |kind| said("a", "2025", vec![Figure { kind, ..killed(Bare, &[5]) }]);
    assert_eq!(counts(&[kind(None), kind(Some(FigureKind::Count))]), [2]);
    assert_eq!(counts(&[kind(None), kind(Some(FigureKind::Count)), kind(Some(FigureKind::Index))]), [1, 1, 1]);
}

#[test]
fn lists_are_cut_and_counts_are_not() {
    let claims: Vec<Claim> = (0..6)
        .map(|number| Claim { place: place("Kursk"), ..said("a", "2025", vec![killed(Exactly, &[number % 3])]) })
        .collect();
    let listed = Listed { series: 1, findings: 2, members: 1 };
    let summary = summary(&claims, &Rule { listed, ..rule() });
    let [series] = &summary.series[..] else { panic!("one series") };
    assert_eq!((series.pairs.count(Finding::Contradict), series.pairs.listed.len()), (12, 2));
    assert_eq!((series.groups.count, series.groups.listed.len()), (3, 2));
    assert_eq!((series.groups.listed[0].count, series.groups.listed[0].members.len()), (2, 1));
    let other = |key: &str| {
        let metric = Some(Metric { key: key.to_owned(), ..Metric::default() });
        said("a", "2025", vec![Figure { metric, ..killed(Bare, &[1]) }])
    };
    let summary =
        super::summary(&[other("killed.a"), other("killed.b"), other("killed.b")], &Rule { listed, ..rule() });
    assert_eq!((summary.series.len(), summary.series_omitted, summary.statements_omitted), (1, 1, 2));
}

#[test]
fn a_policy_moves_the_soft_side_alone() {
    let claims = [said("a", "2025", vec![killed(Bare, &[13_000])]), said("b", "2025", vec![killed(About, &[500])])];
    let with = |policy: Policy| {
        let all = statements(&claims).0.into_iter().map(|mut statement| {
            statement.intervals = crate::domain::figure::Intervals::of(&statement.figures[0], &policy).expect("read");
            statement
        });
        summarize(all.collect(), &Wholes::new(), &Rule { policy, ..rule() }).series.remove(0).spread
    };
    let plain = with(Policy::default());
    let tight = Policy { tolerance: Decimal::zero().try_into().expect("a share"), ..Policy::default() };
    let tight = with(tight);
    assert_eq!(plain.hard, tight.hard);
    assert_ne!(plain.soft, tight.soft);
    let other = Policy { bare: BareReading::Stated, vague: VagueReading::Acled, ..Policy::default() };
    assert_eq!(with(other), plain);
}
