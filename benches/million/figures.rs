//! Figures of one metric, beside PostgreSQL's and beside the same page of claims, which QueryClaims gives.

use std::ops::Range;

use claimdb::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use claimdb::proto::claimdb::v1::*;
use tonic::transport::Channel;

use crate::ask::{self, Answer, PAGE, Part};
use crate::generate::words;
use crate::ours::Ours;
use crate::queries::{Query, Round};
use crate::table::Row;

const FREQUENT: Range<u64> = 0..10;
const MIDDLING: Range<u64> = 300..400;

type Figures = fn(u64) -> QueryFiguresRequest;

const CLAIMS: [(&str, Query); 2] = [
    ("claims by metric: the ten most frequent", |turn| claims_by(FREQUENT, turn)),
    ("claims by metric: ranks 300 to 400", |turn| claims_by(MIDDLING, turn)),
];

const FIGURES: [(&str, Figures); 12] = [
    ("figures by metric: the ten most frequent", |turn| by(FREQUENT, turn)),
    ("figures by metric: ranks 300 to 400", |turn| by(MIDDLING, turn)),
    ("figures by metric: the ten most frequent, with whole claims", |turn| QueryFiguresRequest {
        view: FigureClaimView::Full.into(),
        ..by(FREQUENT, turn)
    }),
    ("figures by range: the ten most frequent, at least 1,000", |turn| at_least("1000", by(FREQUENT, turn))),
    ("figures by range: ranks 300 to 400, at least 1,000", |turn| at_least("1000", by(MIDDLING, turn))),
    ("figures by range: the ten most frequent, 2,000 to 2,500", |turn| between(["2000", "2500"], by(FREQUENT, turn))),
    ("figures by range: ranks 300 to 400, 2,000 to 2,500", |turn| between(["2000", "2500"], by(MIDDLING, turn))),
    ("figures by range: the ten most frequent, at least 90 million", |turn| at_least("90000000", by(FREQUENT, turn))),
    ("figures by range: ranks 300 to 400, at least 90 million", |turn| at_least("90000000", by(MIDDLING, turn))),
    ("figures by value: the ten most frequent, largest first", |turn| {
        by_value(FigureOrder::ValueDesc, by(FREQUENT, turn))
    }),
    ("figures by value: the ten most frequent, smallest first", |turn| {
        by_value(FigureOrder::ValueAsc, by(FREQUENT, turn))
    }),
    ("figures by value: ranks 300 to 400, largest first", |turn| by_value(FigureOrder::ValueDesc, by(MIDDLING, turn))),
];

/// Pages of figures, and of the claims that have them.
pub(crate) async fn rows(round: &mut Round<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, query) in CLAIMS {
        if round.is_asked(name) {
            rows.push(round.claims(name, query).await);
        }
    }
    for (name, query) in FIGURES {
        if round.is_asked(name) {
            rows.push(row(round, name, query).await);
        }
    }
    rows
}

async fn row(round: &mut Round<'_>, name: &str, query: Figures) -> Row {
    let mut ask = async |ours: &mut Ours, turn| figures(&mut ours.figures, query(turn)).await;
    round.warm(&mut ask).await;
    let ours = round.ours(&mut ask).await;
    if let Some(peer) = round.peer.as_mut() {
        peer.choose(async |peer, turn| peer.figures(&query(turn)).await).await;
    }
    let theirs = round.theirs(async |peer, turn| peer.figures(&query(turn)).await).await;
    Row { name: name.to_owned(), detail: String::new(), ours, theirs }
}

/// Figures, until the page is full.
async fn figures(client: &mut FigureServiceClient<Channel>, request: QueryFiguresRequest) -> Answer {
    ask::until_full(String::new(), async |page_size, page_token| {
        let request = QueryFiguresRequest { page_size, page_token, ..request.clone() };
        let page = client.query_figures(request).await.expect("an answer").into_inner();
        Part {
            found: page.hits.len(),
            scan_limited: page.scan_limited,
            scanned: page.postings_scanned,
            next_page_token: page.next_page_token,
        }
    })
    .await
}

fn metric(ranks: &Range<u64>, turn: u64) -> String {
    words::metric(ranks.start + turn % (ranks.end - ranks.start))
}

fn claims_by(ranks: Range<u64>, turn: u64) -> QueryClaimsRequest {
    let filter = ClaimFilter { metrics: vec![metric(&ranks, turn)], ..ClaimFilter::default() };
    let page_size = PAGE as i32;
    QueryClaimsRequest { filter: Some(filter), order: ClaimOrder::RecordedDesc.into(), page_size, ..Default::default() }
}

fn by(ranks: Range<u64>, turn: u64) -> QueryFiguresRequest {
    QueryFiguresRequest {
        metric_asked: Some(query_figures_request::MetricAsked::Metric(metric(&ranks, turn))),
        order: FigureOrder::RecordedDesc.into(),
        ..QueryFiguresRequest::default()
    }
}

fn by_value(order: FigureOrder, asked: QueryFiguresRequest) -> QueryFiguresRequest {
    QueryFiguresRequest { order: order.into(), ..asked }
}

/// Those that are at least so much, as the policy takes their words.
fn at_least(number: &str, asked: QueryFiguresRequest) -> QueryFiguresRequest {
    let lower = Some(interval::Lower::AtLeast(number.to_owned()));
    let minimum_grade = Grade::Likely.into();
    QueryFiguresRequest { range: Some(Interval { lower, upper: None }), minimum_grade, ..asked }
}

/// Those that may lie between two numbers, as the policy takes their words.
fn between(ends: [&str; 2], asked: QueryFiguresRequest) -> QueryFiguresRequest {
    let [lower, upper] = ends.map(str::to_owned);
    let (lower, upper) = (Some(interval::Lower::AtLeast(lower)), Some(interval::Upper::AtMost(upper)));
    QueryFiguresRequest { range: Some(Interval { lower, upper }), minimum_grade: Grade::Possible.into(), ..asked }
}
