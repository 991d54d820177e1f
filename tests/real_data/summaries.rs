//! Summaries of the UCDP events: every estimate side by side over time, the rows that are out of order as they are, and one
//! event with the reports that disagree about it.

use std::collections::{BTreeMap, BTreeSet};

use claimdb::proto::claimdb::v1;
use serde_json::Value;
use tonic::transport::Channel;
use v1::figure_service_client::FigureServiceClient;
use v1::summarize_figures_request::MetricAsked;

use super::imported::{imported, ucdp};
use super::text;

/// The widest message of a summary is smaller than the 4 MiB that clients take.
async fn ask(channel: &Channel, request: v1::SummarizeFiguresRequest) -> v1::SummarizeFiguresResponse {
    FigureServiceClient::new(channel.clone()).summarize_figures(request).await.unwrap().into_inner()
}

fn number(event: &Value, field: &str) -> u64 {
    event[field].as_u64().unwrap()
}

fn figure_name(event: &Value) -> String {
    format!("claims/ucdp-{}/figures/low", text(event, "event_id"))
}

/// The month of an event, where it lies within one.
fn month(event: &Value) -> String {
    let (start, end) = (text(event, "date_start"), text(event, "date_end"));
    if start[..7] == end[..7] { start[..7].to_owned() } else { String::new() }
}

pub(crate) async fn every_estimate_stands_in_its_month_and_no_row_is_mended(events: Vec<Value>) {
    assert_eq!(events.len(), 2989);
    let (_data, _server, channel) = imported(&events, ucdp::request).await;
    let request = v1::SummarizeFiguresRequest {
        metric_asked: Some(MetricAsked::Metric("deaths".into())),
        convention: v1::SummaryConvention::UcdpLowBestHigh.into(),
        ..Default::default()
    };
    let answer = ask(&channel, request.clone()).await;
    assert_eq!((answer.claim_count, answer.statement_count, answer.series_count), (2989, 2989, 1));
    assert!(answer.incomparable.is_empty() && answer.cut_after_claim.is_empty());
    let series = &answer.series[0];
    assert_eq!(series.statements.len(), 2989, "{:?}", answer.cuts().collect::<Vec<_>>());

    // The rows that are out of order, as they are.
    let anomalous =
        |event: &&Value| number(event, "best") < number(event, "low") || number(event, "best") > number(event, "high");
    let expected: BTreeSet<String> = events.iter().filter(anomalous).map(figure_name).collect();
    let shown: Vec<&v1::FigureStatement> =
        series.statements.iter().filter(|statement| !statement.anomalies.is_empty()).collect();
    let names: BTreeSet<String> = shown.iter().map(|statement| statement.name.clone()).collect();
    assert_eq!((names.len(), names), (13, expected));
    assert_eq!(series.spread.as_ref().unwrap().anomaly_count, 13);
    let by_name: BTreeMap<String, &Value> = events.iter().map(|event| (figure_name(event), event)).collect();
    for statement in &series.statements {
        let event = by_name[&statement.name];
        for figure in &statement.figures {
            assert_eq!(figure.value, text(event, &figure.id));
        }
        // What it spans is all that was coded, in whichever order.
        let coded = ["low", "best", "high"].map(|field| number(event, field));
        let hard = statement.intervals.clone().unwrap().hard.unwrap();
        assert_eq!(hard.lower, Some(v1::interval::Lower::AtLeast(coded.iter().min().unwrap().to_string())));
        assert_eq!(hard.upper, Some(v1::interval::Upper::AtMost(coded.iter().max().unwrap().to_string())));
        assert_eq!((statement.period.clone(), statement.time_basis()), (month(event), v1::TimeBasis::Event));
    }

    // Each month, against the file.
    let mut months: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for event in &events {
        months.entry(month(event)).or_default().push(event);
    }
    assert_eq!(series.buckets.len(), months.len());
    for bucket in &series.buckets {
        let spread = bucket.spread.clone().unwrap();
        let of = |field: &str| months[&bucket.period].iter().map(|event| number(event, field)).collect::<Vec<_>>();
        let least = |field: &str| of(field).into_iter().min().unwrap().to_string();
        let most = |field: &str| of(field).into_iter().max().unwrap().to_string();
        let coded = spread.coded.unwrap();
        assert_eq!(spread.count, of("low").len() as u64, "{}", bucket.period);
        assert_eq!(
            [coded.low, coded.best_low, coded.best_high, coded.high],
            [least("low"), least("best"), most("best"), most("high")],
            "{}",
            bucket.period
        );
        let anomalies = months[&bucket.period].iter().filter(|event| anomalous(event)).count();
        assert_eq!(spread.anomaly_count, anomalies as u64, "{}", bucket.period);
    }

    // Every two are compared: whether some number fits both, against the file.
    let ends = |event: &Value| {
        let coded = ["low", "best", "high"].map(|field| number(event, field));
        (*coded.iter().min().unwrap(), *coded.iter().max().unwrap())
    };
    let ends: Vec<(u64, u64)> = events.iter().map(ends).collect();
    let mut meeting = 0u64;
    for (index, (low, high)) in ends.iter().enumerate() {
        meeting += ends[index + 1..].iter().filter(|(other, end)| low.max(other) <= high.min(end)).count() as u64;
    }
    let count =
        |finding| series.findings.iter().find(|count| count.finding() == finding).map_or(0, |count| count.count);
    assert_eq!(count(v1::Finding::Agree), meeting);
    // Different events: their numbers differ and do not contradict each other, though places recur.
    assert_eq!(count(v1::Finding::Contradict), 0);
    assert_eq!(count(v1::Finding::Agree) + count(v1::Finding::Differ), 2989 * 2988 / 2);

    // The same again is the same.
    let revision = answer.read.unwrap().revision;
    let again = v1::SummarizeFiguresRequest {
        as_of: Some(v1::summarize_figures_request::AsOf::AsOfRevision(revision)),
        ..request
    };
    assert_eq!(ask(&channel, again).await, answer);
}

pub(crate) async fn reports_that_disagree_about_one_event_stand_side_by_side(events: Vec<Value>) {
    let (_data, _server, channel) = imported(&events, ucdp::request_with_reports).await;
    let event = v1::ExternalId { scheme: "ucdp-ged".into(), id: "153154".into() };
    let filter = v1::ClaimFilter {
        entities: vec![v1::EntityFilter { external_id: Some(event), ..Default::default() }],
        ..Default::default()
    };
    let answer = ask(
        &channel,
        v1::SummarizeFiguresRequest {
            metric_asked: Some(MetricAsked::MetricPrefix("deaths".into())),
            filter: Some(filter),
            ..Default::default()
        },
    )
    .await;
    let display = |name: &String| {
        let source = answer.sources.iter().find(|source| source.name == *name).unwrap();
        source.display_name.clone()
    };
    let series = |key: &str| {
        answer
            .series
            .iter()
            .find(|series| series.metric.as_ref().unwrap().key == key)
            .unwrap_or_else(|| panic!("{key}"))
    };
    // What each says, in its words or its coded number, and who says it through whom.
    let says = |key: &str| -> Vec<(String, String)> {
        let statements = series(key).statements.iter();
        let words = |figure: &v1::Figure| match figure.verbatim.as_str() {
            "" => figure.value.clone(),
            words => words.to_owned(),
        };
        let mut says: Vec<(String, String)> = statements
            .map(|statement| {
                let words: Vec<String> = statement.figures.iter().map(words).collect();
                (words.join(" "), display(&statement.chain[0]))
            })
            .collect();
        says.sort_unstable();
        says
    };
    let expected = |all: &[(&str, &str)]| {
        all.iter().map(|(words, by)| ((*words).to_owned(), (*by).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(says("deaths"), expected(&[("9 10 35", "UCDP GED")]));
    assert_eq!(says("deaths.a"), expected(&[("4", "UCDP GED"), ("Four", "Agence France Presse")]));
    assert_eq!(says("deaths.b"), expected(&[("4", "UCDP GED"), ("more than 30", "Reuters News")]));
    // Of the government's dead they agree, of the rebels' they contradict each other.
    assert_eq!(series("deaths.a").findings[0].finding(), v1::Finding::Agree);
    let [pair] = &series("deaths.b").pairs[..] else { panic!("{:?}", series("deaths.b")) };
    assert_eq!(pair.finding(), v1::Finding::Contradict);
    let report =
        series("deaths.b").statements.iter().find(|statement| !statement.figures[0].verbatim.is_empty()).unwrap();
    let chain: Vec<String> = report.chain.iter().map(display).collect();
    assert_eq!((chain, report.publisher_implied), (vec!["Reuters News".to_owned(), "Ukraine".to_owned()], true));
    // The spread shows both, and nothing between them.
    let spread = series("deaths.b").spread.clone().unwrap();
    assert_eq!((spread.lowest.as_str(), spread.highest.as_str(), spread.count), ("4", "31", 2));
    // The coded parts fit into the best number of the estimate.
    let shares = &series("deaths.b").shares;
    assert_eq!((shares.len(), shares[0].fit()), (1, v1::PartFit::Fits));
    assert_eq!(shares[0].whole, "claims/ucdp-153154/figures/best");
    assert_eq!(shares[0].share.clone().unwrap().upper, Some(v1::interval::Upper::AtMost("40".into())));
}
