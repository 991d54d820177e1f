//! The load: a fixed number of calls in flight, each begun when the one before it has ended (a closed loop).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use claimdb::proto::claimdb::v1::{
    Article, Attribution, Claim, Figure, GetClaimRequest, Metric, RecordRequest, SourceRef,
};
use hdrhistogram::Histogram;
use tonic::transport::Channel;

use crate::report::Measured;
use crate::server::connect;

/// Claims that `Get` chooses from.
const STORED: u64 = 1000;

#[derive(Clone, Copy)]
pub(crate) enum Work {
    Record,
    Get,
}

/// One small article, one claim with one figure: what an extractor sends for one sentence.
pub(crate) fn small_request(number: u64) -> RecordRequest {
    let source = |name: &str| Some(SourceRef { display_name: name.to_owned(), ..SourceRef::default() });
    RecordRequest {
        articles: vec![Article {
            key: "a".to_owned(),
            urls: vec![format!("https://news.example/2025/09/{number}")],
            publisher: source(&format!("Outlet {}", number % 50)),
            title: "Aides wipe the seat after talks in Beijing".to_owned(),
            language: "en".to_owned(),
            ..Article::default()
        }],
        claims: vec![Claim {
            name: format!("claims/c{number}"),
            article: "#a".to_owned(),
            statement: format!("Nearly 2,000 of the soldiers deployed have been killed, according to report {number}"),
            attributions: vec![Attribution {
                source: source(&format!("Analyst {}", number % 200)),
                ..Attribution::default()
            }],
            figures: vec![Figure {
                verbatim: "nearly 2,000".to_owned(),
                metric: Some(Metric { key: "troops.killed".to_owned(), ..Metric::default() }),
                ..Figure::default()
            }],
            ..Claim::default()
        }],
        ..RecordRequest::default()
    }
}

pub(crate) async fn run(
    address: &str,
    work: Work,
    in_flight: usize,
    connections: usize,
    duration: Duration,
) -> Measured {
    let mut channels = Vec::new();
    for _ in 0..connections {
        channels.push(connect(address).await.expect("a connection"));
    }
    if let (Work::Get, Some(channel)) = (work, channels.first()) {
        let mut client = RecordServiceClient::new(channel.clone());
        for number in 0..STORED {
            client.record(small_request(number)).await.expect("a claim to read");
        }
    }
    let numbers = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let workers: Vec<_> = (0..in_flight)
        .map(|worker| {
            let channel = channels[worker % connections].clone();
            tokio::spawn(one_after_another(channel, work, Arc::clone(&numbers), begin + duration))
        })
        .collect();
    let mut measured = Measured { calls: 0, errors: 0, seconds: 0.0, latencies: histogram() };
    for worker in workers {
        let (latencies, errors) = worker.await.expect("a worker");
        measured.latencies.add(&latencies).expect("the same shape");
        measured.errors += errors;
    }
    measured.seconds = begin.elapsed().as_secs_f64();
    measured.calls = measured.latencies.len();
    measured
}

fn histogram() -> Histogram<u64> {
    // From a microsecond to a minute, three digits.
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("valid bounds")
}

async fn one_after_another(
    channel: Channel,
    work: Work,
    numbers: Arc<AtomicU64>,
    end: Instant,
) -> (Histogram<u64>, u64) {
    let mut records = RecordServiceClient::new(channel.clone());
    let mut claims = ClaimServiceClient::new(channel);
    let mut latencies = histogram();
    let mut errors = 0;
    while Instant::now() < end {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let begin = Instant::now();
        let is_ok = match work {
            Work::Record => records.record(small_request(number)).await.is_ok(),
            Work::Get => {
                let name = format!("claims/c{}", number % STORED);
                claims.get_claim(GetClaimRequest { name, as_of: None }).await.is_ok()
            }
        };
        if is_ok {
            latencies.saturating_record(u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX));
        } else {
            errors += 1;
        }
    }
    (latencies, errors)
}
