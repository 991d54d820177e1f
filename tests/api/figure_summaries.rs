//! Summaries: what is said of a metric, side by side; what is refused; and the past.

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::interval::{Lower, Upper};
use claimdb::proto::claimdb::v1::summarize_figures_request::{AsOf, MetricAsked};
use tonic::Status;

use super::support::{Clients, claim, fields, named, serve};

fn of(metric: &str) -> v1::SummarizeFiguresRequest {
    v1::SummarizeFiguresRequest { metric_asked: Some(MetricAsked::Metric(metric.into())), ..Default::default() }
}

fn within(prefix: &str) -> v1::SummarizeFiguresRequest {
    v1::SummarizeFiguresRequest { metric_asked: Some(MetricAsked::MetricPrefix(prefix.into())), ..Default::default() }
}

async fn ask(
    clients: &mut Clients,
    request: v1::SummarizeFiguresRequest,
) -> Result<v1::SummarizeFiguresResponse, Status> {
    Ok(clients.figures.summarize_figures(request).await?.into_inner())
}

fn figure(verbatim: &str, metric: &str) -> v1::Figure {
    v1::Figure {
        verbatim: verbatim.into(),
        kind: v1::FigureKind::Count.into(),
        metric: Some(v1::Metric { key: metric.into(), label: format!("what {metric} counts"), ..Default::default() }),
        ..Default::default()
    }
}

fn said(name: &str, by: &str, day: &str, figures: Vec<v1::Figure>) -> v1::Claim {
    v1::Claim {
        event_time: Some(v1::ApproximateTime { edtf: day.into(), ..Default::default() }),
        place: Some(v1::Place { verbatim: "Kursk".into(), ..Default::default() }),
        figures,
        ..claim(name, &format!("{by} said so."), named(by))
    }
}

async fn record(clients: &mut Clients, claims: Vec<v1::Claim>) -> u64 {
    let answer = clients.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    answer.commit.unwrap().revision
}

/// Three sources on one day, one of them through an agency, and one of a later month.
async fn disagreeing(clients: &mut Clients) -> u64 {
    let mut through = said("claims/minister", "Minister", "2025-09-03", vec![figure("more than 30", "killed")]);
    through.attributions.insert(0, v1::Attribution { source: Some(named("Agency")), ..Default::default() });
    let claims = vec![
        said("claims/army", "Army", "2025-09-03", vec![figure("nearly 10", "killed")]),
        through,
        said("claims/witness", "Witness", "2025-09-03", vec![figure("about 9", "killed")]),
        said("claims/later", "Army", "2025-10-01", vec![figure("5", "killed")]),
        said("claims/words", "Army", "2025-10-01", vec![figure("a heap of people", "killed")]),
    ];
    record(clients, claims).await
}

#[tokio::test]
async fn everybody_stands_side_by_side_with_whom_they_said_it_through() {
    let mut clients = serve().await;
    let revision = disagreeing(&mut clients).await;
    let answer = ask(&mut clients, of("killed")).await.unwrap();
    assert_eq!(answer.read.unwrap().revision, revision);
    assert_eq!((answer.claim_count, answer.statement_count, answer.series_count), (5, 4, 1));
    assert_eq!((answer.convention, answer.period), (1, v1::SummaryPeriod::Month.into()));
    assert_eq!(answer.policy.as_ref().unwrap().tolerance, "0.1");
    assert!(answer.cuts.is_empty() && answer.cut_after_claim.is_empty());
    // What nobody could read is counted.
    let [unread] = answer.incomparable[..] else { panic!("{:?}", answer.incomparable) };
    assert_eq!((unread.reason(), unread.count), (v1::Incomparable::NotRead, 1));

    let [series] = &answer.series[..] else { panic!("{answer:?}") };
    assert_eq!(series.metric.as_ref().unwrap().label, "what killed counts");
    let spread = series.spread.clone().unwrap();
    assert_eq!((spread.count, spread.lowest.as_str(), spread.highest.as_str()), (4, "5", "31"));
    // "About 9" entails nothing, and "more than 30" has no end.
    let hard = spread.intervals.unwrap().hard.unwrap();
    assert_eq!((hard.lower, hard.upper), (Some(Lower::AtLeast("0".into())), None));
    assert_eq!((spread.coded, series.origin_count), (None, 3));
    let periods: Vec<(&str, u64)> = series
        .buckets
        .iter()
        .map(|bucket| (bucket.period.as_str(), bucket.spread.as_ref().map_or(0, |spread| spread.count)))
        .collect();
    assert_eq!(periods, [("2025-09", 3), ("2025-10", 1)]);

    let names: Vec<&str> = series.statements.iter().map(|statement| statement.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "claims/army/figures/f1",
            "claims/minister/figures/f1",
            "claims/witness/figures/f1",
            "claims/later/figures/f1"
        ]
    );
    let minister = &series.statements[1];
    let display = |name: &String| {
        answer.sources.iter().find(|source| source.name == *name).map(|source| source.display_name.as_str())
    };
    let chain: Vec<_> = minister.chain.iter().map(display).collect();
    assert_eq!(chain, [Some("Agency"), Some("Minister")]);
    assert_eq!((minister.figures[0].verbatim.as_str(), minister.period.as_str()), ("more than 30", "2025-09"));
    assert_eq!((minister.time_basis(), minister.status()), (v1::TimeBasis::Event, v1::RecordStatus::Active));
    assert_eq!(answer.sources.len(), 4);

    // The army cannot mean the minister's number. "About 9" entails nothing at all, so it may mean anybody's. Nothing says
    // that the number of October is about the same.
    let findings: Vec<_> = series.findings.iter().map(|count| (count.finding(), count.count)).collect();
    assert_eq!(findings, [(v1::Finding::Agree, 4), (v1::Finding::Contradict, 1), (v1::Finding::Differ, 1)]);
    let [pair] = &series.pairs[..] else { panic!("{:?}", series.pairs) };
    assert_eq!((pair.a.as_str(), pair.b.as_str()), ("claims/army/figures/f1", "claims/minister/figures/f1"));
    assert_eq!((pair.finding(), pair.as_of_assumed), (v1::Finding::Contradict, true));
    let groups: Vec<_> = series.groups.iter().map(|group| (group.period.as_str(), group.count)).collect();
    assert_eq!(groups, [("2025-09", 2), ("2025-09", 2), ("2025-10", 1)]);
    assert_eq!((series.group_count, series.groups[0].origin_count), (3, 2));
    assert_eq!(series.groups[0].common.as_ref().unwrap().upper, Some(Upper::AtMost("9".into())));
    assert_eq!(series.groups[1].members, ["claims/minister/figures/f1", "claims/witness/figures/f1"]);
}

#[tokio::test]
async fn a_summary_of_the_past_stays_what_it_was() {
    let mut clients = serve().await;
    let revision = disagreeing(&mut clients).await;
    let before = ask(&mut clients, of("killed")).await.unwrap();
    record(&mut clients, vec![said("claims/new", "Monitor", "2025-09-03", vec![figure("12", "killed")])]).await;
    let retract = v1::RetractRequest {
        retract: Some(v1::Retract {
            name: "claims/army".into(),
            retracted_by: v1::RetractedBy::Source.into(),
            reason: "wrong".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    clients.records.retract(retract).await.unwrap();
    let now = ask(&mut clients, of("killed")).await.unwrap();
    let names = |answer: &v1::SummarizeFiguresResponse| -> Vec<String> {
        answer.series[0].statements.iter().map(|statement| statement.name.clone()).collect()
    };
    assert!(!names(&now).contains(&"claims/army/figures/f1".to_owned()));
    assert!(names(&now).contains(&"claims/new/figures/f1".to_owned()));
    let then = v1::SummarizeFiguresRequest { as_of: Some(AsOf::AsOfRevision(revision)), ..of("killed") };
    assert_eq!(ask(&mut clients, then.clone()).await.unwrap(), before);
    // What was withdrawn is there for those who ask, and says so.
    let statuses = vec![v1::RecordStatus::Active.into(), v1::RecordStatus::Retracted.into()];
    let all = ask(&mut clients, v1::SummarizeFiguresRequest { statuses, ..of("killed") }).await.unwrap();
    let army = all.series[0].statements.iter().find(|statement| statement.name == "claims/army/figures/f1").unwrap();
    assert_eq!(army.status(), v1::RecordStatus::Retracted);
    let empty = v1::SummarizeFiguresRequest { as_of: Some(AsOf::AsOfRevision(0)), ..of("killed") };
    let empty = ask(&mut clients, empty).await.unwrap();
    assert_eq!((empty.series.len(), empty.claim_count, empty.read.unwrap().revision), (0, 0, 0));
}

#[tokio::test]
async fn conventions_periods_and_filters_are_those_asked_for() {
    let mut clients = serve().await;
    disagreeing(&mut clients).await;
    let coded = async |clients: &mut Clients, convention: v1::SummaryConvention| {
        let request = v1::SummarizeFiguresRequest {
            convention: convention.into(),
            period: v1::SummaryPeriod::Year.into(),
            ..of("killed")
        };
        let answer = ask(clients, request).await.unwrap();
        assert_eq!((answer.convention(), answer.period()), (convention, v1::SummaryPeriod::Year));
        let [bucket] = &answer.series[0].buckets[..] else { panic!("{answer:?}") };
        assert_eq!((bucket.period.as_str(), bucket.undated), ("2025", false));
        let whole = answer.series[0].spread.clone().unwrap().coded.unwrap();
        assert_eq!(bucket.spread.clone().unwrap().coded, Some(whole.clone()));
        whole
    };
    let ucdp = coded(&mut clients, v1::SummaryConvention::UcdpLowBestHigh).await;
    assert_eq!([&ucdp.low, &ucdp.best_low, &ucdp.best_high, &ucdp.high], ["5", "5", "9", "9"]);
    let acled = coded(&mut clients, v1::SummaryConvention::AcledConservative).await;
    assert_eq!((acled.conservative.as_str(), acled.uncoded_count, acled.low.as_str()), ("5", 0, ""));

    let filter = v1::ClaimFilter { origins: vec![named("Minister")], ..Default::default() };
    let answer = ask(&mut clients, v1::SummarizeFiguresRequest { filter: Some(filter), ..of("killed") }).await.unwrap();
    assert_eq!((answer.claim_count, answer.statement_count), (1, 1));
    let nobody = v1::ClaimFilter { origins: vec![named("Nobody")], ..Default::default() };
    let answer = ask(&mut clients, v1::SummarizeFiguresRequest { filter: Some(nobody), ..of("killed") }).await.unwrap();
    assert_eq!((answer.claim_count, answer.series.len()), (0, 0));
    let percent = v1::SummarizeFiguresRequest { kind: v1::FigureKind::Percent.into(), ..of("killed") };
    let answer = ask(&mut clients, percent).await.unwrap();
    let counted: Vec<_> = answer.incomparable.iter().map(|count| (count.reason(), count.count)).collect();
    assert_eq!(counted, [(v1::Incomparable::NotRead, 1), (v1::Incomparable::Kind, 4)]);
}

#[tokio::test]
async fn a_prefix_is_of_whole_segments_and_units_are_kept_apart_or_converted() {
    let mut clients = serve().await;
    let measure = |verbatim: &str, metric: &str| v1::Figure { kind: 0, ..figure(verbatim, metric) };
    let claims = vec![
        said("claims/a", "A", "2025", vec![measure("5 km", "front.length")]),
        said("claims/b", "B", "2025", vec![measure("4,000 m", "front.length")]),
        said("claims/c", "C", "2025", vec![measure("£5", "front.cost"), measure("€6", "front.cost")]),
        said("claims/d", "D", "2025", vec![measure("7", "frontier")]),
    ];
    record(&mut clients, claims).await;
    let answer = ask(&mut clients, within("front")).await.unwrap();
    let series: Vec<_> = answer
        .series
        .iter()
        .map(|series| {
            let code = series.unit.as_ref().map_or("", |unit| unit.code.as_str());
            (series.metric.as_ref().unwrap().key.as_str(), code, series.statements.len())
        })
        .collect();
    assert_eq!(series, [("front.cost", "EUR", 1), ("front.cost", "GBP", 1), ("front.length", "km", 2)]);
    let spread = answer.series[2].spread.clone().unwrap();
    assert_eq!((spread.lowest.as_str(), spread.highest.as_str()), ("4", "5"));

    let unit = |system: v1::UnitSystem, code: &str| {
        Some(v1::Unit { system: system.into(), code: code.into(), ..Default::default() })
    };
    let request = v1::SummarizeFiguresRequest { unit: unit(v1::UnitSystem::Ucum, "m"), ..within("front") };
    let answer = ask(&mut clients, request).await.unwrap();
    let spread = answer.series[0].spread.clone().unwrap();
    assert_eq!((answer.series.len(), spread.lowest.as_str(), spread.highest.as_str()), (1, "4000", "5000"));
    assert_eq!(answer.incomparable.iter().map(|count| count.count).sum::<u64>(), 2);
    let request = v1::SummarizeFiguresRequest { unit: unit(v1::UnitSystem::Iso4217, "GBP"), ..within("front") };
    let answer = ask(&mut clients, request).await.unwrap();
    let counted: Vec<_> = answer.incomparable.iter().map(|count| (count.reason(), count.count)).collect();
    assert_eq!(counted, [(v1::Incomparable::Unit, 2), (v1::Incomparable::Currency, 1)]);
}

#[tokio::test]
async fn shares_are_derived_and_the_whole_may_be_elsewhere() {
    let mut clients = serve().await;
    let part = |verbatim: &str| v1::Figure {
        whole: "claims/sent/figures/f1".into(),
        whole_relation: v1::WholeRelation::SubsetOf.into(),
        ..figure(verbatim, "killed")
    };
    let claims = vec![
        said("claims/sent", "A", "2025", vec![figure("13,000", "sent")]),
        said("claims/few", "A", "2025", vec![part("nearly 2,000")]),
        said("claims/many", "B", "2025", vec![part("at least 14,000")]),
    ];
    record(&mut clients, claims).await;
    let answer = ask(&mut clients, of("killed")).await.unwrap();
    let series = &answer.series[0];
    let shares: Vec<_> =
        series.shares.iter().map(|share| (share.part.as_str(), share.fit(), share.share.clone().unwrap())).collect();
    let less = v1::Interval { lower: None, upper: Some(Upper::LessThan("15.39".into())) };
    let more = v1::Interval { lower: Some(Lower::AtLeast("107.69".into())), upper: None };
    assert_eq!(
        shares,
        [("claims/many/figures/f1", v1::PartFit::Exceeds, more), ("claims/few/figures/f1", v1::PartFit::Fits, less)]
    );
    assert!(series.shares.iter().all(|share| share.whole == "claims/sent/figures/f1"));
    let fits: Vec<_> = series.fits.iter().map(|count| (count.fit(), count.count)).collect();
    assert_eq!(fits, [(v1::PartFit::Fits, 1), (v1::PartFit::Exceeds, 1)]);
    // Nobody is recorded to have said it.
    let claims = clients.claims.query_claims(v1::QueryClaimsRequest::default()).await.unwrap().into_inner().claims;
    assert!(!format!("{claims:?}").contains("15.3"));
}

#[tokio::test]
async fn more_than_may_be_considered_is_cut_and_said() {
    let mut clients = serve().await;
    let mut number = 0;
    // Claims with sixty figures each: 84 of them are too many statements.
    for _ in 0..5 {
        let claims = (0..17)
            .map(|_| {
                number += 1;
                let figures = (0..60).map(|at| v1::Figure {
                    as_of: Some(v1::ApproximateTime { edtf: format!("20{at:02}-01-01"), ..Default::default() }),
                    ..figure(&number.to_string(), "killed")
                });
                said(&format!("claims/c{number}"), "Army", "2025", figures.collect())
            })
            .collect();
        record(&mut clients, claims).await;
    }
    let answer = ask(&mut clients, of("killed")).await.unwrap();
    assert_eq!((answer.claim_count, answer.statement_count), (83, 83 * 60));
    assert_eq!(answer.cut_after_claim, "claims/c83");
    let cuts: Vec<_> = answer.cuts().collect();
    use v1::SummaryCut::{Groups, Pairs, StatementsConsidered};
    assert_eq!(cuts, [StatementsConsidered, Pairs, Groups]);
    let series = &answer.series[0];
    assert_eq!((series.pairs.len(), series.statements.len()), (1_000, 4_980));
    assert_eq!(series.spread.as_ref().unwrap().count, 4_980);
    // Of each time every two claims contradict each other, and of different times they are compared by no one.
    let contradicting = series.findings.iter().find(|count| count.finding() == v1::Finding::Contradict).unwrap();
    assert_eq!(contradicting.count, 60 * 83 * 82 / 2);
    assert_eq!(
        series.incomparable_pairs.iter().map(|count| count.count).sum::<u64>(),
        4_980 * 4_979 / 2 - 60 * 83 * 41
    );
    assert!(prost::Message::encoded_len(&answer) < 3 * 1024 * 1024 + 10_000);
}

#[tokio::test]
async fn the_claims_considered_are_bounded_and_the_last_one_is_named() {
    let mut clients = serve().await;
    let low = || v1::Figure { role: v1::EstimateRole::Low.into(), ..figure("7", "killed") };
    let request = v1::SummarizeFiguresRequest { roles: vec![v1::EstimateRole::Best.into()], ..of("killed") };
    for thousand in 0..10 {
        let claims = (0..1_000).map(|at| claim(&format!("claims/c{thousand}-{at}"), "Said.", named("Army")));
        let claims = claims.map(|claim| v1::Claim { figures: vec![low()], ..claim });
        record(&mut clients, claims.collect()).await;
    }
    // None of their figures is asked for, and every claim is looked at. So many are not too many.
    let answer = ask(&mut clients, request.clone()).await.unwrap();
    assert_eq!((answer.claim_count, answer.statement_count, answer.cuts.len()), (10_000, 0, 0));
    record(&mut clients, vec![v1::Claim { figures: vec![low()], ..claim("claims/more", "Said.", named("Army")) }])
        .await;
    let answer = ask(&mut clients, request).await.unwrap();
    assert_eq!((answer.claim_count, answer.cut_after_claim.as_str()), (10_000, "claims/c9-999"));
    assert_eq!(answer.cuts().collect::<Vec<_>>(), [v1::SummaryCut::Claims]);
}

#[tokio::test]
async fn what_cannot_be_summarized_is_refused_with_its_field() {
    let mut clients = serve().await;
    let mut refused = async |request, reason: &str| {
        let status = clients.figures.summarize_figures(request).await.unwrap_err();
        fields(&status, reason)
    };
    assert_eq!(refused(v1::SummarizeFiguresRequest::default(), "FIELD_INVALID").await, ["metric"]);
    assert_eq!(refused(of(""), "FIELD_INVALID").await, ["metric"]);
    assert_eq!(refused(within("Killed."), "FIELD_INVALID").await, ["metric_prefix"]);
    let bad = v1::SummarizeFiguresRequest {
        unit: Some(v1::Unit { system: v1::UnitSystem::Ucum.into(), code: "furlongs".into(), ..Default::default() }),
        kind: 99,
        holds_at: "yesterday".into(),
        roles: vec![2, 2],
        policy: Some(v1::TolerancePolicy { tolerance: "2".into(), bare: 9, vague: 9 }),
        convention: 9,
        period: 9,
        filter: Some(v1::ClaimFilter { languages: vec!["e n".into()], ..Default::default() }),
        statuses: vec![77],
        ..of("killed")
    };
    let mut found = refused(bad, "FIELD_INVALID").await;
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "convention",
            "filter.languages[0]",
            "holds_at",
            "kind",
            "period",
            "policy.bare",
            "policy.tolerance",
            "policy.vague",
            "roles[1]",
            "statuses[0]",
            "unit.code"
        ]
    );
    let future = v1::SummarizeFiguresRequest { as_of: Some(AsOf::AsOfRevision(9)), ..of("killed") };
    let status = clients.figures.summarize_figures(future).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::OutOfRange);
    let long = v1::SummarizeFiguresRequest {
        filter: Some(v1::ClaimFilter { metrics: vec!["m".into(); 101], ..Default::default() }),
        ..of("killed")
    };
    let status = clients.figures.summarize_figures(long).await.unwrap_err();
    assert_eq!(fields(&status, "LIMIT_EXCEEDED"), ["filter.metrics"]);
}
