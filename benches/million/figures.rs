//! Figures of one metric beside the same page of claims, which QueryClaims gives.

use std::ops::Range;

use claimdb::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use claimdb::proto::claimdb::v1::*;
use tonic::transport::Channel;

use crate::ask::{self, Answer, Limits, Measured, Part};
use crate::generate::words;
use crate::ours::Ours;
use crate::table;

const FREQUENT: Range<u64> = 0..10;
const RARE: Range<u64> = 300..400;

type Claims = fn(u64) -> QueryClaimsRequest;
type Figures = fn(u64) -> QueryFiguresRequest;

const CLAIMS: [(&str, Claims); 2] = [
    ("claims by metric: the ten most frequent", |turn| claims_by(FREQUENT, turn)),
    ("claims by metric: ranks 300 to 400", |turn| claims_by(RARE, turn)),
];

const FIGURES: [(&str, Figures); 8] = [
    ("figures by metric: the ten most frequent", |turn| by(FREQUENT, turn)),
    ("figures by metric: ranks 300 to 400", |turn| by(RARE, turn)),
    ("figures by metric: the ten most frequent, with whole claims", |turn| QueryFiguresRequest {
        view: FigureClaimView::Full.into(),
        ..by(FREQUENT, turn)
    }),
    ("figures by metric: the ten most frequent, at least 1,000", |turn| at_least("1000", by(FREQUENT, turn))),
    ("figures by metric: the ten most frequent, at least 90 million", |turn| at_least("90000000", by(FREQUENT, turn))),
    ("figures by metric: the ten most frequent, largest first", |turn| {
        by_value(FigureOrder::ValueDesc, by(FREQUENT, turn))
    }),
    ("figures by metric: the ten most frequent, smallest first", |turn| {
        by_value(FigureOrder::ValueAsc, by(FREQUENT, turn))
    }),
    ("figures by metric: ranks 300 to 400, largest first", |turn| by_value(FigureOrder::ValueDesc, by(RARE, turn))),
];

pub(crate) async fn run(ours: &mut Ours, limits: Limits, only: Option<&str>) {
    let is_asked = |name: &str| only.is_none_or(|only| name.contains(only));
    for (name, query) in CLAIMS.iter().filter(|(name, _)| is_asked(name)) {
        let measured = Measured::of(limits, async |turn| ask::claims(&mut ours.client, query(turn)).await);
        table::row(name, &measured.await, None);
    }
    for (name, query) in FIGURES.iter().filter(|(name, _)| is_asked(name)) {
        let measured = Measured::of(limits, async |turn| figures(&mut ours.figures, query(turn)).await);
        table::row(name, &measured.await, None);
    }
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
    QueryClaimsRequest { filter: Some(filter), order: ClaimOrder::RecordedDesc.into(), ..QueryClaimsRequest::default() }
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

fn at_least(number: &str, asked: QueryFiguresRequest) -> QueryFiguresRequest {
    let lower = Some(interval::Lower::AtLeast(number.to_owned()));
    let minimum_grade = Grade::Likely.into();
    QueryFiguresRequest { range: Some(Interval { lower, upper: None }), minimum_grade, ..asked }
}
