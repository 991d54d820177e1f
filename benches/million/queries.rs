//! The queries that are measured, each over several sources, entities, metrics or months in turn.

use std::ops::Range;

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::*;

use crate::ask::{self, Limits, Measured};
use crate::generate::{LANGUAGE_WITHOUT_PRINT, PRINT, person, words};
use crate::process::{Server, connect};

type Query = fn(u64) -> QueryClaimsRequest;

const QUERIES: [(&str, Query); 14] = [
    ("by source: the ten most cited", |turn| by_source(0..10, turn)),
    ("by source: ranks 300 to 400", |turn| by_source(300..400, turn)),
    ("by source: ranks 20,000 to 21,000", |turn| by_source(20_000..21_000, turn)),
    ("by entity and metric: ranks 0 to 5 of both", |turn| by_entity_and_metric(0..5, turn)),
    ("by entity and metric: ranks 40 to 60 of both", |turn| by_entity_and_metric(40..60, turn)),
    ("by event time: one month", |turn| {
        let (year, month) = (2014 + turn % 12, 1 + turn / 12 % 12);
        let event_time = Some(during(format!("{year}-{month:02}")));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
    }),
    ("by event time: one day", |turn| {
        let (year, day) = (2014 + turn % 12, 1 + turn % 28);
        let event_time = Some(during(format!("{year}-06-{day:02}")));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
    }),
    ("all, latest event first", |_| query(ClaimFilter::default(), ClaimOrder::EventDesc)),
    ("one year's, earliest event first", |turn| {
        let event_time = Some(during((2014 + turn % 12).to_string()));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::EventAsc)
    }),
    ("the ten most cited sources', latest event first", |turn| QueryClaimsRequest {
        order: ClaimOrder::EventDesc.into(),
        ..by_source(0..10, turn)
    }),
    ("sources' of ranks 300 to 400, latest event first", |turn| QueryClaimsRequest {
        order: ClaimOrder::EventDesc.into(),
        ..by_source(300..400, turn)
    }),
    ("nothing: a label nobody gave", |turn| {
        let labels = [("desk".to_owned(), format!("none-{turn}"))].into();
        query(ClaimFilter { labels, ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
    }),
    ("next to nothing: a source and an entity that hardly ever meet", |turn| {
        let filter =
            ClaimFilter { entities: vec![entity(30_000 + turn)], ..by_source(0..10, turn).filter.unwrap_or_default() };
        query(filter, ClaimOrder::RecordedDesc)
    }),
    ("nothing: two frequent terms that never meet", |_| {
        let filter = ClaimFilter {
            languages: vec![LANGUAGE_WITHOUT_PRINT.to_owned()],
            labels: [(PRINT.0.to_owned(), PRINT.1.to_owned())].into(),
            ..ClaimFilter::default()
        };
        query(filter, ClaimOrder::RecordedDesc)
    }),
];

/// Answers that are paged through to their ends.
const LONG: [(&str, Query); 2] = [
    ("the deepest, by the most cited source", |_| by_source(0..1, 0)),
    ("the deepest, by event time in a year", |_| {
        let event_time = Some(during("2023".to_owned()));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::EventAsc)
    }),
];

/// Pages of a long answer that are read at most.
const PAGES: usize = 1_000;

pub(crate) async fn run(server: &Server, limits: Limits, only: Option<String>) {
    let channel = connect(&server.address).await.expect("a connection");
    let mut client = ClaimServiceClient::new(channel);
    let is_asked = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    Measured::head();
    for (name, query) in QUERIES.iter().filter(|(name, _)| is_asked(name)) {
        ask::measure(&mut client, limits, query).await.row(name);
    }
    for (name, query) in LONG.iter().filter(|(name, _)| is_asked(name)) {
        let (tokens, claims) = ask::last_tokens(&mut client, query(0), PAGES).await;
        if tokens.is_empty() {
            continue;
        }
        let measured = ask::measure(&mut client, limits, |turn| QueryClaimsRequest {
            page_token: tokens[turn as usize % tokens.len()].clone(),
            ..query(0)
        });
        measured.await.row(&format!("{name}, behind {claims} claims"));
    }
}

fn query(filter: ClaimFilter, order: ClaimOrder) -> QueryClaimsRequest {
    QueryClaimsRequest { filter: Some(filter), order: order.into(), page_size: 100, ..QueryClaimsRequest::default() }
}

fn by_source(ranks: Range<u64>, turn: u64) -> QueryClaimsRequest {
    let rank = ranks.start + turn % (ranks.end - ranks.start);
    query(ClaimFilter { sources: vec![person(rank)], ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
}

fn by_entity_and_metric(ranks: Range<u64>, turn: u64) -> QueryClaimsRequest {
    let count = ranks.end - ranks.start;
    let filter = ClaimFilter {
        entities: vec![entity(ranks.start + turn % count)],
        metrics: vec![words::metric(ranks.start + turn / count % count)],
        ..ClaimFilter::default()
    };
    query(filter, ClaimOrder::RecordedDesc)
}

fn entity(rank: u64) -> EntityFilter {
    EntityFilter { label: words::proper_name(rank), ..EntityFilter::default() }
}

fn during(overlaps: String) -> TimeFilter {
    TimeFilter { overlaps, ..TimeFilter::default() }
}
