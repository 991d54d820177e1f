//! Data sets mapped by the examples and loaded through `claimdb import`: every row in, every row out, totals and counts
//! equal to those of a scan of the file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Command;

use claimdb::proto::claimdb::v1;
use serde_json::Value;
use tonic::transport::Channel;
use v1::article_service_client::ArticleServiceClient;
use v1::claim_service_client::ClaimServiceClient;
use v1::relation_service_client::RelationServiceClient;

use super::process::Process;
use super::text;

#[path = "../../examples/checkthat.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own, of which the mapping is used here")]
mod checkthat;
#[path = "../../examples/ucdp.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own, of which the mapping is used here")]
pub(crate) mod ucdp;

/// A server into which the rows were imported.
pub(crate) async fn imported(rows: &[Value], request: fn(&Value) -> Value) -> (tempfile::TempDir, Process, Channel) {
    let data = tempfile::TempDir::new().unwrap();
    // Small segments: queries cross many of them, and merges go on.
    let server = Process::start(&data.path().join("store"), &["--seal-numbers", "2000"]);
    let file = data.path().join("rows.jsonl.zst");
    let mut lines = zstd::Encoder::new(std::fs::File::create(&file).unwrap(), 1).unwrap();
    for row in rows {
        writeln!(lines, "{}", request(row)).unwrap();
    }
    lines.finish().unwrap();
    let mut import = Command::new(env!("CARGO_BIN_EXE_claimdb"));
    import.arg("import").arg(&file).arg("--server").arg(server.address.trim_start_matches("http://"));
    let output = import.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let channel = server.channel().await;
    (data, server, channel)
}

/// Every claim of a query, page by page.
async fn queried(claims: &mut ClaimServiceClient<Channel>, filter: v1::ClaimFilter) -> Vec<v1::Claim> {
    let (mut found, mut request) = (Vec::new(), v1::QueryClaimsRequest::default());
    request.filter = Some(filter);
    request.page_size = 500;
    request.order = v1::ClaimOrder::EventAsc.into();
    loop {
        let page = claims.query_claims(request.clone()).await.unwrap().into_inner();
        found.extend(page.claims);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return found;
        }
    }
}

async fn counted(
    claims: &mut ClaimServiceClient<Channel>,
    request: v1::CountClaimsRequest,
) -> (u64, BTreeMap<String, u64>) {
    let (mut count, mut groups, mut request) = (0, BTreeMap::new(), request);
    loop {
        let part = claims.count_claims(request.clone()).await.unwrap().into_inner();
        count += part.count;
        for group in part.groups {
            *groups.entry(group.key).or_default() += group.count;
        }
        request.page_token = part.next_page_token;
        if request.page_token.is_empty() {
            return (count, groups);
        }
    }
}

pub(crate) async fn events_are_based_on_the_articles_that_they_share(events: Vec<Value>) {
    assert_eq!(events.len(), 2989);
    let (_data, _server, channel) = imported(&events, ucdp::request).await;
    let mut claims = ClaimServiceClient::new(channel.clone());
    assert_eq!(counted(&mut claims, v1::CountClaimsRequest::default()).await.0, 2989);

    let mapped: Vec<Value> = events.iter().map(ucdp::request).collect();
    let cited = || mapped.iter().flat_map(|item| item["articles"].as_array().unwrap());
    let distinct: BTreeSet<&str> = cited().map(|article| article["externalIds"][0]["id"].as_str().unwrap()).collect();
    let mut articles = ArticleServiceClient::new(channel.clone());
    let (mut found, mut request) = (0, v1::ListArticlesRequest { page_size: 1000, ..Default::default() });
    loop {
        let page = articles.list_articles(request.clone()).await.unwrap().into_inner();
        found += page.articles.len();
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(found, distinct.len());
    assert!(found > 2800 && found < cited().count(), "events share articles");

    let mut relations = RelationServiceClient::new(channel);
    let (mut based_on, mut request) = (0, v1::ListRelationsRequest { page_size: 1000, ..Default::default() });
    loop {
        let page = relations.list_relations(request.clone()).await.unwrap().into_inner();
        based_on += page.relations.len();
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(based_on, cited().count());

    let read = queried(&mut claims, v1::ClaimFilter { metrics: vec!["deaths".into()], ..Default::default() }).await;
    assert_eq!(read.len(), 2989);
    let earliest = |claim: &v1::Claim| claim.event_time.as_ref().and_then(|time| time.earliest).unwrap().seconds;
    assert!(read.is_sorted_by_key(earliest));
    for (id, field) in [
        ("low", "low"),
        ("best", "best"),
        ("high", "high"),
        ("a", "deaths_a"),
        ("b", "deaths_b"),
        ("civilians", "deaths_civilians"),
        ("unknown", "deaths_unknown"),
    ] {
        let figures = read.iter().flat_map(|claim| &claim.figures).filter(|figure| figure.id == id);
        let total: u64 = figures.map(|figure| figure.value.parse::<u64>().unwrap()).sum();
        assert_eq!(total, events.iter().map(|event| event[field].as_u64().unwrap()).sum::<u64>(), "{field}");
    }

    // What one article says: the events that are based on it.
    let shared = "Agence France Presse|2014-01-22|Police disperse Kiev protest, activists say one shot dead";
    let request = v1::ArticleFilter {
        external_ids: vec![v1::ExternalId { scheme: "ucdp-article".into(), id: shared.into() }],
        ..Default::default()
    };
    let request = v1::QueryArticlesRequest { filter: Some(request), ..Default::default() };
    let article = articles.query_articles(request).await.unwrap().into_inner().articles.remove(0);
    let filter = v1::ClaimFilter {
        related_to: vec![v1::RelatedFilter {
            record: article.name,
            types: vec![v1::RelationType::BasedOn.into()],
            end: v1::RelatedEnd::From.into(),
        }],
        ..Default::default()
    };
    let expected = mapped.iter().filter(|item| {
        item["articles"].as_array().unwrap().iter().any(|article| article["externalIds"][0]["id"] == shared)
    });
    assert_eq!(queried(&mut claims, filter).await.len(), expected.count());

    // A month, with and without what only may lie in it, against the file.
    let overlapping = |event: &&Value| {
        text(event, "date_start").as_str() < "2015-03" && text(event, "date_end").as_str() >= "2015-02"
    };
    let filter = v1::ClaimFilter {
        event_time: Some(v1::TimeFilter { overlaps: "2015-02".into(), include_unknown: false }),
        ..Default::default()
    };
    assert_eq!(queried(&mut claims, filter).await.len(), events.iter().filter(overlapping).count());
    let request = v1::CountClaimsRequest { group_by: v1::ClaimGrouping::EventMonth.into(), ..Default::default() };
    let mut months: BTreeMap<String, u64> = BTreeMap::new();
    for event in &events {
        let (start, end) = (text(event, "date_start"), text(event, "date_end"));
        if start[..7] == end[..7] {
            *months.entry(start[..7].to_owned()).or_default() += 1;
        }
    }
    assert_eq!(counted(&mut claims, request).await.1, months);
}

pub(crate) async fn statements_are_found_by_speaker_and_by_month(rows: Vec<Value>) {
    assert_eq!(rows.len(), 19_250);
    let (_data, _server, channel) = imported(&rows, checkthat::request).await;
    let mut claims = ClaimServiceClient::new(channel);
    assert_eq!(counted(&mut claims, v1::CountClaimsRequest::default()).await.0, 19_250);

    let (mut months, mut speakers): (BTreeMap<String, u64>, BTreeMap<String, Vec<&Value>>) = Default::default();
    for row in &rows {
        *months.entry(text(row, "stated_date")[..7].to_owned()).or_default() += 1;
        speakers.entry(text(row, "speaker").trim().to_owned()).or_default().push(row);
    }
    let request = v1::CountClaimsRequest { group_by: v1::ClaimGrouping::EventMonth.into(), ..Default::default() };
    assert_eq!(counted(&mut claims, request).await.1, months);

    let mut most: Vec<_> = speakers.iter().collect();
    most.sort_by_key(|(_, said)| std::cmp::Reverse(said.len()));
    for (speaker, said) in most.into_iter().step_by(40).take(60) {
        let source = v1::SourceRef { display_name: speaker.clone(), ..Default::default() };
        let by = v1::ClaimFilter {
            speakers: vec![v1::SpeakerFilter { source: Some(source), role: v1::AttributionRole::Speaker.into() }],
            ..Default::default()
        };
        let request = v1::CountClaimsRequest { filter: Some(by.clone()), ..Default::default() };
        assert_eq!(counted(&mut claims, request).await.0, said.len() as u64, "{speaker}");
        let year = v1::TimeFilter { overlaps: "2016".into(), include_unknown: false };
        let found = queried(&mut claims, v1::ClaimFilter { event_time: Some(year), ..by }).await;
        let expected: BTreeSet<String> = said
            .iter()
            .filter(|row| text(row, "stated_date").starts_with("2016"))
            .map(|row| format!("claims/{}", text(row, "vclaim_id")))
            .collect();
        assert_eq!(found.into_iter().map(|claim| claim.name).collect::<BTreeSet<_>>(), expected, "{speaker}");
    }
}
