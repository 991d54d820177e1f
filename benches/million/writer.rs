//! A writer at a fixed rate, beside the queries. Each call begins when its turn has come, whatever became of the ones
//! before, and its latency is counted from then.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::ask::microseconds;

/// Calls in flight at most: a server that stands still makes later turns late, not the memory full.
const IN_FLIGHT: usize = 500;

pub(crate) struct Writer {
    stop: oneshot::Sender<()>,
    writing: JoinHandle<Written>,
}

/// What a writer did.
pub(crate) struct Written {
    latencies: Histogram<u64>,
    errors: u64,
    seconds: f64,
}

impl Writer {
    /// So many calls a second, each made for its number from `first` on; a call tells whether it was answered well.
    pub(crate) fn start<C, A>(rate: u64, first: u64, call: C) -> Self
    where
        C: FnMut(u64) -> A + Send + 'static,
        A: Future<Output = bool> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop, writing: tokio::spawn(write(rate, first, call, stopped)) }
    }

    /// Waits for the calls in flight.
    pub(crate) async fn stop(self) -> Written {
        let _ = self.stop.send(());
        self.writing.await.expect("the writer")
    }
}

impl Default for Written {
    fn default() -> Self {
        Self { latencies: microseconds(), errors: 0, seconds: 0.0 }
    }
}

impl Written {
    /// How many calls there were.
    pub(crate) fn count(&self) -> u64 {
        self.latencies.len()
    }

    /// Takes in what another stretch of writing did.
    pub(crate) fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies).expect("the same bounds");
        self.errors += other.errors;
        self.seconds += other.seconds;
    }

    pub(crate) fn print(&self, who: &str) {
        let at = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1000.0;
        say!(
            "{who}: {:.0} a second, p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms, {} errors",
            self.count() as f64 / self.seconds,
            at(0.5),
            at(0.99),
            at(1.0),
            self.errors
        );
    }
}

async fn write<C, A>(rate: u64, first: u64, mut call: C, mut stopped: oneshot::Receiver<()>) -> Written
where
    C: FnMut(u64) -> A,
    A: Future<Output = bool> + Send + 'static,
{
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
        let (done, answer) = (done.clone(), call(first + number));
        tokio::spawn(async move {
            let is_well = answer.await;
            let _ = done.send((turn.elapsed(), is_well));
            drop(place);
        });
    }
    let mut written = Written { seconds: begin.elapsed().as_secs_f64(), ..Written::default() };
    drop(done);
    while let Some((latency, is_well)) = answers.recv().await {
        written.latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        written.errors += u64::from(!is_well);
    }
    written
}
