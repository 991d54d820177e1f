//! UCDP events of Ukraine: coded figures without words, low, best and high; errors of the real source included.

use std::collections::BTreeSet;

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use claimdb::proto::claimdb::v1::query_figures_request::MetricAsked;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::{
    ApproximateTime, Attribution, Claim, EstimateRole, ExternalId, Figure, FigureKind, FigureOrder, Grade, Interval,
    ListClaimsRequest, Metric, Place, Qualifier, QueryFiguresRequest, RecordRequest, Recorder, SourceRef,
    WarningReason, interval,
};
use serde_json::Value;

use super::process::Process;
use super::text;

fn figure(event: &Value, field: &str, role: EstimateRole) -> Figure {
    Figure {
        id: field.to_owned(),
        kind: FigureKind::Count.into(),
        value: text(event, field),
        metric: Some(Metric { key: "deaths".to_owned(), ..Metric::default() }),
        role: role.into(),
        ..Figure::default()
    }
}

fn claim(event: &Value) -> Claim {
    let (start, end) = (text(event, "date_start"), text(event, "date_end"));
    let originally = text(event, "source_original");
    let source = if originally.is_empty() { "not stated".to_owned() } else { originally.chars().take(200).collect() };
    Claim {
        name: format!("claims/ucdp-{}", text(event, "event_id")),
        statement: format!("People were killed in {} ({})", text(event, "where"), text(event, "dyad_name")),
        attributions: vec![Attribution {
            source: Some(SourceRef { display_name: source, ..SourceRef::default() }),
            ..Attribution::default()
        }],
        event_time: Some(ApproximateTime {
            edtf: if start == end { start } else { format!("{start}/{end}") },
            ..ApproximateTime::default()
        }),
        place: Some(Place {
            verbatim: text(event, "where"),
            latitude: text(event, "latitude"),
            longitude: text(event, "longitude"),
            ..Place::default()
        }),
        figures: vec![
            figure(event, "low", EstimateRole::Low),
            figure(event, "best", EstimateRole::Best),
            figure(event, "high", EstimateRole::High),
        ],
        external_ids: vec![ExternalId { scheme: "ucdp-ged".to_owned(), id: text(event, "event_id") }],
        ..Claim::default()
    }
}

/// What an estimate that spans these numbers answers to a range; where a side is open, nobody said where it ends.
fn graded((low, high): (u64, Option<u64>), (from, to): (u64, Option<u64>)) -> Grade {
    let is_above = |high: Option<u64>, from| high.is_none_or(|high| high >= from);
    let is_below = |high: Option<u64>, to: Option<u64>| to.is_none_or(|to| high.is_some_and(|high| high <= to));
    if !is_above(high, from) || to.is_some_and(|to| low > to) {
        Grade::Excluded
    } else if low >= from && is_below(high, to) {
        Grade::Certain
    } else {
        Grade::Possible
    }
}

/// What the numbers of an event span, of those with a role or all of them.
fn spanned(event: &Value, role: Option<EstimateRole>) -> (u64, Option<u64>) {
    let number = |field: &str| event[field].as_u64().unwrap();
    let (low, best, high) = (number("low"), number("best"), number("high"));
    match role {
        Some(EstimateRole::Low) => (low, None),
        Some(EstimateRole::Best) => (best, Some(best)),
        Some(EstimateRole::High) => (0, Some(high)),
        _ => (low.min(best).min(high), Some(low.max(best).max(high))),
    }
}

pub(crate) async fn ranges_are_answered_as_by_a_pass_over_the_file(events: Vec<Value>) {
    let data = tempfile::TempDir::new().unwrap();
    let server = Process::start(data.path(), &["--seal-numbers", "500"]);
    let channel = server.channel().await;
    let mut records = RecordServiceClient::new(channel.clone());
    for chunk in events.chunks(500) {
        let request = RecordRequest { claims: chunk.iter().map(claim).collect(), ..RecordRequest::default() };
        records.record(request).await.unwrap();
    }
    let mut figures = FigureServiceClient::new(channel);
    let mut anomalies = 0;
    for role in [None, Some(EstimateRole::Low), Some(EstimateRole::Best), Some(EstimateRole::High)] {
        for range in [(0, None), (1, Some(10)), (0, Some(0)), (25, Some(1000)), (100, None), (30_000, None)] {
            for minimum in [Grade::Excluded, Grade::Remote, Grade::Possible, Grade::Likely, Grade::Certain] {
                let (mut found, mut counts) = (Vec::new(), [0; 5]);
                let is_whole = role.is_none() && minimum == Grade::Excluded;
                let mut request = QueryFiguresRequest {
                    metric_asked: Some(MetricAsked::Metric("deaths".to_owned())),
                    range: Some(Interval {
                        lower: Some(interval::Lower::AtLeast(range.0.to_string())),
                        upper: range.1.map(|to: u64| interval::Upper::AtMost(to.to_string())),
                    }),
                    roles: role.into_iter().map(Into::into).collect(),
                    minimum_grade: minimum.into(),
                    page_size: 1000,
                    ..QueryFiguresRequest::default()
                };
                loop {
                    let page = figures.query_figures(request.clone()).await.unwrap().into_inner();
                    assert!(page.incomparable.is_empty());
                    for count in &page.grades {
                        counts[usize::try_from(count.grade).unwrap() - 1] += count.count;
                    }
                    anomalies += page.hits.iter().filter(|hit| hit.anomaly != 0 && is_whole).count();
                    found.extend(page.hits.iter().map(|hit| (hit.claim.as_ref().unwrap().name.clone(), hit.grade())));
                    request.page_token = page.next_page_token;
                    if request.page_token.is_empty() {
                        break;
                    }
                }
                let all: Vec<(String, Grade)> = events
                    .iter()
                    .map(|event| {
                        (format!("claims/ucdp-{}", text(event, "event_id")), graded(spanned(event, role), range))
                    })
                    .collect();
                let expected: Vec<_> = all.iter().filter(|(_, grade)| *grade >= minimum).cloned().collect();
                assert_eq!(found, expected, "{role:?} within {range:?}, at least {minimum:?}");
                let count = |grade| all.iter().filter(|(_, found)| *found == grade).count() as u64;
                let expected =
                    [Grade::Excluded, Grade::Remote, Grade::Possible, Grade::Likely, Grade::Certain].map(count);
                assert_eq!(counts, expected, "{role:?} within {range:?}");
            }
        }
    }
    // Each of the ranges was asked of all.
    assert_eq!(anomalies, 6 * 13);
    let mut request = QueryFiguresRequest {
        metric_asked: Some(MetricAsked::Metric("deaths".to_owned())),
        roles: vec![EstimateRole::Best.into()],
        order: FigureOrder::ValueDesc.into(),
        page_size: 700,
        ..QueryFiguresRequest::default()
    };
    let mut values: Vec<u64> = Vec::new();
    loop {
        let page = figures.query_figures(request.clone()).await.unwrap().into_inner();
        values.extend(page.hits.iter().map(|hit| hit.figures[0].value.parse::<u64>().unwrap()));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    let mut expected: Vec<u64> = events.iter().map(|event| event["best"].as_u64().unwrap()).collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(values, expected);
}

pub(crate) async fn every_event_is_recorded_as_coded_and_read_back_with_its_anomalies(events: Vec<Value>) {
    assert_eq!(events.len(), 2989);
    let data = tempfile::TempDir::new().unwrap();
    // Small segments: reading crosses many of them.
    let server = Process::start(data.path(), &["--seal-numbers", "500"]);
    let channel = server.channel().await;
    let mut records = RecordServiceClient::new(channel.clone());
    // Rows, not warnings: a row whose low is above its high has two things wrong with it.
    let mut anomalies = BTreeSet::new();
    for chunk in events.chunks(250) {
        let request = RecordRequest {
            claims: chunk.iter().map(claim).collect(),
            recorder: Some(Recorder { tool: "ucdp-mapping".to_owned(), ..Recorder::default() }),
            ..RecordRequest::default()
        };
        let response = records.record(request).await.unwrap().into_inner();
        for warning in response.warnings.iter().filter(|warning| warning.reason() == WarningReason::EstimateOutOfRange)
        {
            let (path, _) = warning.path.split_once('.').unwrap();
            let result = response.results.iter().find(|result| result.path == path).unwrap();
            anomalies.insert(result.name.clone());
        }
        assert_eq!(response.warnings.len(), response.warning_count as usize);
    }
    let anomalous = |event: &&Value| {
        let number = |field: &str| event[field].as_u64().unwrap();
        number("best") < number("low") || number("best") > number("high")
    };
    let expected: BTreeSet<String> =
        events.iter().filter(anomalous).map(|event| format!("claims/ucdp-{}", text(event, "event_id"))).collect();
    assert_eq!((anomalies.len(), &anomalies), (13, &expected));

    let mut claims = ClaimServiceClient::new(channel);
    let mut read = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListClaimsRequest { page_size: 700, page_token, ..ListClaimsRequest::default() };
        let page = claims.list_claims(request).await.unwrap().into_inner();
        read.extend(page.claims);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(read.len(), events.len());
    for (event, claim) in events.iter().zip(&read) {
        assert_eq!(claim.name, format!("claims/ucdp-{}", text(event, "event_id")));
        for figure in &claim.figures {
            assert_eq!(figure.value, text(event, &figure.id));
            // Coded data has no words: then the number is exact unless somebody says otherwise.
            assert_eq!(figure.qualifier(), Qualifier::Exactly);
        }
    }
    let sum = |field: &str| events.iter().map(|event| event[field].as_u64().unwrap()).sum::<u64>();
    let total = |id: &str| {
        let figures = read.iter().flat_map(|claim| &claim.figures).filter(|figure| figure.id == id);
        figures.map(|figure| figure.value.parse::<u64>().unwrap()).sum::<u64>()
    };
    for field in ["low", "best", "high"] {
        assert_eq!(total(field), sum(field), "{field}");
    }
}
