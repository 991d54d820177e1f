//! What was measured, of every run, and what it comes to over the runs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use tonic::Status;

use crate::calls::Work;
use crate::median::median;

/// What one row measured in one run. Latencies in microseconds.
pub(crate) struct Measured {
    pub(crate) errors: u64,
    pub(crate) seconds: f64,
    pub(crate) latencies: Histogram<u64>,
}

pub(crate) fn microseconds() -> Histogram<u64> {
    // From a microsecond to a minute, three digits.
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("valid bounds")
}

pub(crate) fn record(latencies: &mut Histogram<u64>, latency: Duration) {
    latencies.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
}

/// Tells the first refusal of all: they are counted in the tables, but not explained there.
pub(crate) fn complain(status: &Status) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        eprintln!("a call was refused: {status}");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// So many calls in flight.
    Closed(usize),
    /// So many a second.
    Open,
}

/// What a figure is of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) work: Work,
    pub(crate) load: Load,
    pub(crate) system: &'static str,
}

/// The latencies that are kept, of all that were measured.
pub(crate) const QUANTILES: [f64; 5] = [0.5, 0.9, 0.99, 0.999, 1.0];

/// One run's figures, or their medians.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sample {
    /// Calls a second.
    pub(crate) rate: f64,
    /// Milliseconds, at each of `QUANTILES`.
    pub(crate) latencies: [f64; QUANTILES.len()],
    pub(crate) errors: f64,
    /// Microseconds of processor time that the servers took for a call.
    pub(crate) processor: f64,
}

impl Sample {
    /// Of so many records for each latency that was measured.
    pub(crate) fn of(measured: &Measured, records: usize, processor: Duration) -> Self {
        let calls = measured.latencies.len() as f64 * records as f64;
        Self {
            rate: calls / measured.seconds,
            latencies: QUANTILES.map(|quantile| measured.latencies.value_at_quantile(quantile) as f64 / 1000.0),
            errors: measured.errors as f64,
            processor: if calls > 0.0 { processor.as_secs_f64() * 1e6 / calls } else { 0.0 },
        }
    }

    pub(crate) fn p50(&self) -> f64 {
        self.latencies[0]
    }
}

/// Everything that was measured, in the order in which it was first.
#[derive(Default)]
pub(crate) struct Results {
    rows: Vec<(Key, Vec<Sample>)>,
}

impl Results {
    pub(crate) fn add(&mut self, key: Key, sample: Sample) {
        match self.rows.iter_mut().find(|(of, _)| *of == key) {
            Some((_, samples)) => samples.push(sample),
            None => self.rows.push((key, vec![sample])),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The samples of all runs; none when it was not measured.
    pub(crate) fn runs(&self, key: Key) -> &[Sample] {
        self.rows.iter().find(|(of, _)| *of == key).map_or(&[], |(_, samples)| samples)
    }

    /// Medians over the runs, of each figure by itself.
    pub(crate) fn medians(&self) -> impl Iterator<Item = (Key, Sample)> {
        self.rows.iter().map(|(key, samples)| {
            let of = |figure: &dyn Fn(&Sample) -> f64| median(samples.iter().map(figure));
            let mut latencies = [0.0; QUANTILES.len()];
            for (place, latency) in latencies.iter_mut().enumerate() {
                *latency = of(&|sample| sample.latencies[place]);
            }
            let sample = Sample {
                rate: of(&|sample| sample.rate),
                latencies,
                errors: samples.iter().map(|sample| sample.errors).sum(),
                processor: of(&|sample| sample.processor),
            };
            (*key, sample)
        })
    }

    pub(crate) fn median(&self, key: Key) -> Option<Sample> {
        self.medians().find(|(of, _)| *of == key).map(|(_, sample)| sample)
    }
}
