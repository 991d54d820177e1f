//! One query, asked until there are 100 claims or no more.

use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::{QueryClaimsRequest, QueryClaimsResponse};
use hdrhistogram::Histogram;
use tonic::transport::Channel;

/// Claims on a page.
pub(crate) const PAGE: usize = 100;

#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) samples: u64,
    pub(crate) time: Duration,
}

/// What a row measured.
pub(crate) struct Measured {
    /// Microseconds until there are 100 claims or no more.
    latencies: Histogram<u64>,
    claims: u64,
    round_trips: u64,
    scan_limited: u64,
    scanned: u64,
}

pub(crate) fn microseconds() -> Histogram<u64> {
    // From a microsecond to ten minutes, three digits.
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("valid bounds")
}

impl Measured {
    pub(crate) fn head() {
        println!(
            "| page of 100 claims | p50 ms | p99 ms | max ms | claims | round trips | scan-limited | postings | samples |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
    }

    pub(crate) fn row(&self, name: &str) {
        let samples = self.latencies.len();
        let mean = |sum: u64| sum as f64 / samples as f64;
        let at = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1000.0;
        println!(
            "| {name} | {:.2} | {:.2} | {:.2} | {:.1} | {:.2} | {:.2} | {:.0} | {samples} |",
            at(0.5),
            at(0.99),
            at(1.0),
            mean(self.claims),
            mean(self.round_trips),
            mean(self.scan_limited),
            mean(self.scanned),
        );
    }
}

/// Asks one query after the other, each made for its turn.
pub(crate) async fn measure(
    client: &mut ClaimServiceClient<Channel>,
    limits: Limits,
    query: impl Fn(u64) -> QueryClaimsRequest,
) -> Measured {
    let mut measured = Measured { latencies: microseconds(), claims: 0, round_trips: 0, scan_limited: 0, scanned: 0 };
    let end = Instant::now() + limits.time;
    for turn in 0..limits.samples {
        if turn > 0 && Instant::now() > end {
            break;
        }
        let request = query(turn);
        let begin = Instant::now();
        until_full(client, request, &mut measured).await;
        measured.latencies.saturating_record(u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    measured
}

async fn until_full(
    client: &mut ClaimServiceClient<Channel>,
    mut request: QueryClaimsRequest,
    measured: &mut Measured,
) {
    let mut claims = 0;
    while claims < PAGE {
        request.page_size = (PAGE - claims) as i32;
        let page = ask(client, request.clone()).await;
        claims += page.claims.len();
        measured.round_trips += 1;
        measured.scan_limited += u64::from(page.scan_limited);
        measured.scanned += page.postings_scanned;
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    measured.claims += claims as u64;
}

pub(crate) async fn ask(client: &mut ClaimServiceClient<Channel>, request: QueryClaimsRequest) -> QueryClaimsResponse {
    client.query_claims(request).await.expect("an answer").into_inner()
}

/// Pages through an answer to its end: the tokens of its last pages that are full. At most so many pages.
pub(crate) async fn last_tokens(
    client: &mut ClaimServiceClient<Channel>,
    mut request: QueryClaimsRequest,
    pages: usize,
) -> (Vec<String>, usize) {
    let (mut tokens, mut claims) = (Vec::new(), 0);
    for _ in 0..pages {
        let page = ask(client, request.clone()).await;
        claims += page.claims.len();
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token.clone_from(&page.next_page_token);
        tokens.push(page.next_page_token);
    }
    // The last leads to what is left, which need not be a page.
    tokens.pop();
    (tokens.split_off(tokens.len().saturating_sub(20)), claims)
}
