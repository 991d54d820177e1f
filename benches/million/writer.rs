//! A writer at a fixed rate, beside the queries. Each call begins when its turn has come, whatever became of the ones
//! before, and its latency is counted from then.

use std::sync::Arc;
use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use hdrhistogram::Histogram;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::ask::microseconds;
use crate::generate::Generator;
use crate::process::{Server, connect};

/// Calls in flight at most: a server that stands still makes later turns late, not the memory full.
const IN_FLIGHT: usize = 500;

pub(crate) struct Writer {
    stop: oneshot::Sender<()>,
    writing: JoinHandle<Written>,
}

struct Written {
    latencies: Histogram<u64>,
    errors: u64,
    seconds: f64,
}

impl Writer {
    /// Items behind those that were imported, so many a second.
    pub(crate) async fn start(server: &Server, generator: Arc<Generator>, claims: u64, rate: u64) -> Self {
        let client = RecordServiceClient::new(connect(&server.address).await.expect("a connection"));
        let (stop, stopped) = oneshot::channel();
        // No item has less than one claim, so those of this number and above are new.
        let writing = tokio::spawn(write(client, generator, claims, rate, stopped));
        Self { stop, writing }
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        let written = self.writing.await.expect("the writer");
        let at = |quantile| written.latencies.value_at_quantile(quantile) as f64 / 1000.0;
        println!(
            "the writer: {:.0} Record/s, p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms, {} errors",
            written.latencies.len() as f64 / written.seconds,
            at(0.5),
            at(0.99),
            at(1.0),
            written.errors
        );
    }
}

async fn write(
    client: RecordServiceClient<tonic::transport::Channel>,
    generator: Arc<Generator>,
    first: u64,
    rate: u64,
    mut stopped: oneshot::Receiver<()>,
) -> Written {
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    let (done, mut answers) = mpsc::unbounded_channel();
    let begin = Instant::now();
    for number in 0.. {
        let turn = begin + Duration::from_secs_f64(number as f64 / rate as f64);
        tokio::select! {
            _ = &mut stopped => break,
            () = tokio::time::sleep_until(turn.into()) => {}
        }
        let place = Arc::clone(&places).acquire_owned().await.expect("never closed");
        let (mut client, done, item) = (client.clone(), done.clone(), generator.item(first + number));
        tokio::spawn(async move {
            let answer = client.record(item).await;
            let _ = done.send((turn.elapsed(), answer.is_ok()));
            drop(place);
        });
    }
    let seconds = begin.elapsed().as_secs_f64();
    drop(done);
    let mut written = Written { latencies: microseconds(), errors: 0, seconds };
    while let Some((latency, is_ok)) = answers.recv().await {
        written.latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        written.errors += u64::from(!is_ok);
    }
    written
}
