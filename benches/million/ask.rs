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

/// What one query came to.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) claims: usize,
    pub(crate) round_trips: u64,
    pub(crate) scan_limited: u64,
    pub(crate) scanned: u64,
}

/// What the answers to many came to.
pub(crate) struct Measured {
    /// Microseconds until there are 100 claims or no more.
    latencies: Histogram<u64>,
    claims: usize,
    round_trips: u64,
    scan_limited: u64,
    scanned: u64,
}

pub(crate) fn microseconds() -> Histogram<u64> {
    // From a microsecond to ten minutes, three digits.
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("valid bounds")
}

impl Measured {
    /// Asks one query after the other, each told its turn.
    pub(crate) async fn of(limits: Limits, mut ask: impl AsyncFnMut(u64) -> Answer) -> Self {
        let mut measured = Self { latencies: microseconds(), claims: 0, round_trips: 0, scan_limited: 0, scanned: 0 };
        let end = Instant::now() + limits.time;
        for turn in 0..limits.samples {
            if turn > 0 && Instant::now() > end {
                break;
            }
            let begin = Instant::now();
            let answer = ask(turn).await;
            measured.latencies.saturating_record(u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX));
            measured.claims += answer.claims;
            measured.round_trips += answer.round_trips;
            measured.scan_limited += answer.scan_limited;
            measured.scanned += answer.scanned;
        }
        measured
    }

    /// In milliseconds.
    pub(crate) fn at(&self, quantile: f64) -> f64 {
        self.latencies.value_at_quantile(quantile) as f64 / 1000.0
    }

    pub(crate) fn samples(&self) -> u64 {
        self.latencies.len()
    }

    fn mean(&self, sum: u64) -> f64 {
        sum as f64 / self.samples() as f64
    }

    pub(crate) fn claims(&self) -> f64 {
        self.mean(self.claims as u64)
    }

    /// Round trips, pages that were ended early, and places in posting lists, for one answer.
    pub(crate) fn effort(&self) -> (f64, f64, f64) {
        (self.mean(self.round_trips), self.mean(self.scan_limited), self.mean(self.scanned))
    }
}

/// One page of an answer: what it came to, and what asks for the next.
pub(crate) struct Part {
    pub(crate) found: usize,
    pub(crate) scan_limited: bool,
    pub(crate) scanned: u64,
    pub(crate) next_page_token: String,
}

/// Asks until there are 100, or no more. A call is told how many at most, and the token of the page before.
pub(crate) async fn until_full(first_token: String, mut ask: impl AsyncFnMut(i32, String) -> Part) -> Answer {
    let (mut answer, mut token) = (Answer::default(), first_token);
    while answer.claims < PAGE {
        let part = ask((PAGE - answer.claims) as i32, token).await;
        answer.claims += part.found;
        answer.round_trips += 1;
        answer.scan_limited += u64::from(part.scan_limited);
        answer.scanned += part.scanned;
        if part.next_page_token.is_empty() {
            break;
        }
        token = part.next_page_token;
    }
    answer
}

/// Claims, until the page is full.
pub(crate) async fn claims(client: &mut ClaimServiceClient<Channel>, request: QueryClaimsRequest) -> Answer {
    until_full(request.page_token.clone(), async |page_size, page_token| {
        let page = ask(client, QueryClaimsRequest { page_size, page_token, ..request.clone() }).await;
        Part {
            found: page.claims.len(),
            scan_limited: page.scan_limited,
            scanned: page.postings_scanned,
            next_page_token: page.next_page_token,
        }
    })
    .await
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
    (tokens.split_off(tokens.len().saturating_sub(KEPT)), claims)
}

/// Positions near the end of a long answer that are asked from in turn.
pub(crate) const KEPT: usize = 20;
