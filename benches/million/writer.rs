//! A writer at a fixed rate, beside the queries: a call's latency is counted from its turn.

use std::future::Future;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::ask::microseconds;
use crate::pace::Paced;

/// Writing, until it is stopped.
pub(crate) struct Writer {
    /// Whether a call was answered well.
    paced: Paced<bool>,
}

/// What a writer did.
pub(crate) struct Written {
    /// Of the calls that were answered well.
    latencies: Histogram<u64>,
    /// Calls that were not.
    refused: u64,
    seconds: f64,
}

impl Writer {
    /// So many calls a second, each made for its number from `first` on; a call tells whether it was answered well.
    pub(crate) fn start<C, A>(rate: u64, first: u64, mut call: C) -> Self
    where
        C: FnMut(u64) -> A + Send + 'static,
        A: Future<Output = bool> + Send + 'static,
    {
        Self { paced: Paced::start(rate as f64, Duration::MAX, move |number| call(first + number)) }
    }

    /// Waits for the calls in flight.
    pub(crate) async fn stop(self) -> Written {
        self.paced.stop();
        let (mut latencies, mut refused) = (microseconds(), 0);
        let seconds = self.paced.end(|latency, is_well| {
            if is_well {
                latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
            } else {
                refused += 1;
            }
        });
        let seconds = seconds.await;
        Written { latencies, refused, seconds }
    }
}

impl Default for Written {
    fn default() -> Self {
        Self { latencies: microseconds(), refused: 0, seconds: 0.0 }
    }
}

impl Written {
    /// Takes in what another stretch of writing did.
    pub(crate) fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies).expect("the same bounds");
        self.refused += other.refused;
        self.seconds += other.seconds;
    }

    pub(crate) fn print(&self, who: &str) {
        let at = |quantile| self.latencies.value_at_quantile(quantile) as f64 / 1000.0;
        say!(
            "{who}: {:.0} a second, p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms; {} were refused",
            self.latencies.len() as f64 / self.seconds,
            at(0.5),
            at(0.99),
            at(1.0),
            self.refused
        );
    }
}
