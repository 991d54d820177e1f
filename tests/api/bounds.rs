//! Answers are bounded: by what a message holds, and by what one call may look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use claimdb::domain::name::TimeOrderedIds;
use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::summarize_figures_request::MetricAsked;
use claimdb::service::Service;
use claimdb::storage::SystemClock;
use claimdb::storage::sled::{EngineOptions, Options, QueryLimits, SledStore};
use prost::Message as _;

use super::support::{claim, fields, hop, named, serve, serve_service, serve_store};

#[tokio::test]
async fn a_page_is_bounded_by_bytes_and_by_count() {
    let mut clients = serve().await;
    for part in 0..6 {
        let wide = |number: u64| claim(&format!("claims/c{part}-{number}"), &"x".repeat(16 * 1024), named("Ada"));
        let claims = (0..60).map(wide).collect();
        clients.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    }
    for (page_size, most) in [(0, 100), (7, 7), (1_000, 1_000), (2_000_000, 1_000)] {
        let mut request = v1::QueryClaimsRequest { page_size, ..Default::default() };
        let (mut found, mut pages) = (Vec::new(), 0);
        loop {
            let page = clients.claims.query_claims(request.clone()).await.unwrap().into_inner();
            assert!(page.claims.len() <= most && page.encoded_len() <= 3 << 20, "{}", page.encoded_len());
            assert!(!page.scan_limited);
            pages += 1;
            found.extend(page.claims.into_iter().map(|claim| claim.name));
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        // Nearly 6 MiB.
        assert!(pages >= 2);
        let mut once = found.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!((found.len(), once.len()), (360, 360), "pages of {page_size}");
    }
}

/// A store of which a page may cost little.
fn sparing(directory: &std::path::Path) -> Arc<SledStore> {
    let options = EngineOptions {
        layer: Options::default(),
        queued_batches: 16,
        group_commits: 16,
        aside_versions: 2,
        concurrent_reads: 2,
        query: QueryLimits { steps: 50, versions: 10, sorted: 5 },
        ids: Arc::new(TimeOrderedIds),
        clock: Arc::new(SystemClock),
        on_damage: Box::new(|what| panic!("damaged: {what}")),
    };
    Arc::new(SledStore::open(directory, options).unwrap())
}

/// Claims with two labels that alternate, and one that has both. Each has a figure.
fn alternating() -> v1::RecordRequest {
    let labelled = |number: u64| {
        let mut claim = claim(&format!("claims/c{number}"), &format!("Case {number}."), named("Ada"));
        let metric = Some(v1::Metric { key: "cases".into(), ..Default::default() });
        claim.figures = vec![v1::Figure { verbatim: "7".into(), metric, ..Default::default() }];
        let labels = ["even", "odd"].into_iter().zip([0, 1]);
        let meets = |rest: u64| number % 2 == rest || number == 390;
        let labels = labels.filter(|(_, rest)| meets(*rest)).map(|(label, _)| (label.to_owned(), "yes".to_owned()));
        claim.labels = labels.collect();
        claim
    };
    v1::RecordRequest { claims: (0..400).map(labelled).collect(), ..Default::default() }
}

/// What meets the one that has both.
fn both() -> v1::ClaimFilter {
    let labels = ["even", "odd"].map(|label| (label.to_owned(), "yes".to_owned()));
    v1::ClaimFilter { labels: labels.into(), ..Default::default() }
}

#[tokio::test]
async fn a_summary_that_looked_at_enough_says_how_far_it_came() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::new(sparing(directory.path()), Arc::new(SystemClock));
    let mut clients = serve_service(service.with_figure_steps(500)).await;
    clients.record(alternating()).await.unwrap();
    let mut request = v1::SummarizeFiguresRequest {
        metric_asked: Some(MetricAsked::Metric("cases".into())),
        filter: Some(both()),
        ..Default::default()
    };
    let summary = clients.figures.summarize_figures(request.clone()).await.unwrap().into_inner();
    assert_eq!(summary.cuts, [i32::from(v1::SummaryCut::Scan)]);
    // The one that it is all about comes later.
    assert_eq!((summary.claim_count, summary.cut_after_claim.as_str()), (0, ""));
    // What costs less is not cut.
    request.filter = None;
    let summary = clients.figures.summarize_figures(request).await.unwrap().into_inner();
    assert_eq!(summary.claim_count, 400);
    assert!(!summary.cuts.contains(&v1::SummaryCut::Scan.into()) && summary.cut_after_claim.is_empty());
}

#[tokio::test]
async fn a_page_that_looked_at_enough_says_so_and_the_next_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut clients = serve_store(sparing(directory.path())).await;
    clients.record(alternating()).await.unwrap();
    let filter = both();
    for order in [v1::ClaimOrder::RecordedAsc, v1::ClaimOrder::EventDesc] {
        let filter = Some(filter.clone());
        let mut request = v1::QueryClaimsRequest { filter, order: order.into(), ..Default::default() };
        let (mut found, mut limited) = (Vec::new(), 0);
        loop {
            let page = clients.claims.query_claims(request.clone()).await.unwrap().into_inner();
            limited += usize::from(page.scan_limited);
            assert!(page.scan_limited || page.next_page_token.is_empty());
            assert!(page.postings_scanned > 0, "what it cost is told");
            found.extend(page.claims.into_iter().map(|claim| claim.name));
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, ["claims/c390"]);
        assert!(limited >= 5, "{limited}");
    }
    let (mut count, mut parts) = (0, 0);
    let mut request = v1::CountClaimsRequest { filter: Some(filter), ..Default::default() };
    loop {
        let part = clients.claims.count_claims(request.clone()).await.unwrap().into_inner();
        (count, parts) = (count + part.count, parts + 1);
        request.page_token = part.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(count, 1);
    assert!(parts >= 5, "{parts}");
}

/// Groups of which one message could not hold all, even of few claims.
#[tokio::test]
async fn a_part_of_a_count_fits_into_a_message() {
    let mut clients = serve().await;
    let mut expected = BTreeMap::new();
    for part in 0..4 {
        let claims = (0..100).map(|number| {
            let figures = (0..50).map(|figure| {
                let key = format!("m.{part}.{number}.{figure}.{}", "x".repeat(220));
                *expected.entry(key.clone()).or_default() += 1;
                let metric = Some(v1::Metric { key, ..Default::default() });
                v1::Figure { value: "7".into(), qualifier: v1::Qualifier::Exactly.into(), metric, ..Default::default() }
            });
            let name = format!("claims/c{part}-{number}");
            v1::Claim { figures: figures.collect(), ..claim(&name, &name, named("Ada")) }
        });
        let claims: Vec<v1::Claim> = claims.collect();
        clients.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    }
    let group_by = v1::ClaimGrouping::Metric.into();
    let (mut count, mut groups) = (0, BTreeMap::<String, u64>::new());
    let mut request = v1::CountClaimsRequest { group_by, ..Default::default() };
    loop {
        let part = clients.claims.count_claims(request.clone()).await.unwrap().into_inner();
        count += part.count;
        for group in part.groups {
            *groups.entry(group.key).or_default() += group.count;
        }
        request.page_token = part.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(count, 400);
    assert!(groups == expected, "{} groups, not {}", groups.len(), expected.len());
}

/// The sources that one hop of each claim gives.
#[derive(Clone)]
struct Given {
    source: v1::SourceRef,
    channel: Option<v1::SourceRef>,
    addressees: Vec<v1::SourceRef>,
}

/// So many claims with the longest chains there are.
fn chained(claims: usize, given: &Given) -> v1::RecordRequest {
    let chained = |number: usize| {
        let long = format!("{number:x>57}");
        let attribution = v1::Attribution {
            channel: given.channel.clone(),
            addressees: given.addressees.clone(),
            ..hop(given.source.clone())
        };
        v1::Claim {
            key: long.clone(),
            attributions: vec![attribution; 16],
            ..claim(&format!("claims/{long}"), &format!("Case {number}."), named("A"))
        }
    };
    v1::RecordRequest { claims: (0..claims).map(chained).collect(), ..Default::default() }
}

#[tokio::test]
async fn a_write_that_could_not_be_answered_is_refused_before_it_is_made() {
    let mut clients = serve().await;
    let given = Given { source: named("A"), channel: Some(named("A")), addressees: vec![named("A"); 2] };
    let status = clients.record(chained(1_000, &given)).await.unwrap_err();
    assert_eq!(fields(&status, "LIMIT_EXCEEDED"), ["claims[156].attributions[4].source"]);
    let head = clients.info.get_server_info(v1::GetServerInfoRequest {}).await.unwrap().into_inner().head;
    assert_eq!(head.unwrap().revision, 0);
    // By their names they may be as many as fit into a request.
    let source = v1::Source { name: "sources/a".into(), display_name: "B".into(), ..Default::default() };
    clients.record(v1::RecordRequest { sources: vec![source], ..Default::default() }).await.unwrap();
    let by_name = v1::SourceRef { name: "sources/a".into(), ..Default::default() };
    let given = Given { source: by_name.clone(), channel: Some(by_name.clone()), addressees: vec![by_name; 2] };
    assert_eq!(clients.record(chained(1_000, &given)).await.unwrap().results.len(), 1_000);
}

#[tokio::test]
async fn as_many_sources_as_may_be_given_inline_are_answered() {
    let mut clients = serve().await;
    // The longest results: of a source with a long name that is found, and differs in all that can be given.
    let id = v1::ExternalId { scheme: "x".into(), id: "y".into() };
    let source = v1::Source {
        name: format!("sources/{}", "s".repeat(63)),
        kind: v1::SourceKind::Person.into(),
        display_name: "A".into(),
        description: "a".into(),
        external_ids: vec![id.clone()],
        ..Default::default()
    };
    clients.record(v1::RecordRequest { sources: vec![source], ..Default::default() }).await.unwrap();
    let source = v1::SourceRef {
        kind: v1::SourceKind::Organization.into(),
        display_name: "B".into(),
        platform: "p".into(),
        handle: "h".into(),
        description: "b".into(),
        external_ids: vec![id],
        ..Default::default()
    };
    let given = Given { addressees: vec![source.clone(); 14], channel: Some(source.clone()), source };
    // 39 of 256, and 16 beside.
    let mut request = chained(40, &given);
    request.claims[39].attributions.truncate(1);
    let answer = clients.record(request).await.unwrap();
    assert_eq!(answer.results.len(), 10_040);
    let last = answer.results.last().unwrap();
    println!("{} bytes, the last result {last:?}", answer.encoded_len());
    assert!(answer.records_omitted && last.differing_fields.len() >= 5, "{last:?}");
    // The largest of the other results have room beside them.
    assert!(answer.encoded_len() < 2 << 20, "{}", answer.encoded_len());
}

#[tokio::test]
async fn a_trace_of_large_sources_fits_into_a_message() {
    let mut clients = serve().await;
    let label = |number: usize| (format!("{number:k>60}"), "v".repeat(250));
    let source = v1::Source {
        name: "sources/large".into(),
        display_name: "Large".into(),
        aliases: (0..64).map(|number| format!("{number:a>500}")).collect(),
        urls: (0..16).map(|number| format!("https://large.example/{number:u>1900}")).collect(),
        labels: (0..64).map(label).collect(),
        ..Default::default()
    };
    clients.record(v1::RecordRequest { sources: vec![source], ..Default::default() }).await.unwrap();
    let large = v1::SourceRef { name: "sources/large".into(), ..Default::default() };
    let given = Given { source: large.clone(), channel: Some(large.clone()), addressees: vec![large; 4] };
    let request = chained(1, &given);
    let name = request.claims[0].name.clone();
    clients.record(request).await.unwrap();
    let trace = clients.claims.trace(v1::TraceRequest { name, as_of: None }).await.unwrap().into_inner();
    assert!(trace.encoded_len() < 4 << 20, "{}", trace.encoded_len());
    assert_eq!(trace.hops.len(), 16);
    for hop in &trace.hops {
        // Who says it through what has room; to whom, not for all.
        let attribution = hop.attribution.as_ref().unwrap();
        assert!(hop.source.is_some() && hop.channel.is_some() && attribution.addressees.len() == 4);
        assert_eq!(hop.sources_omitted, hop.addressees.len() < 4);
    }
    assert!(trace.hops[15].sources_omitted);
}
