//! UCDP events of Ukraine: coded figures without words, low, best and high; errors of the real source included.

use std::collections::BTreeSet;

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::{
    ApproximateTime, Attribution, Claim, EstimateRole, ExternalId, Figure, FigureKind, ListClaimsRequest, Metric,
    Place, Qualifier, RecordRequest, Recorder, SourceRef, WarningReason,
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
