//! The table.

use hdrhistogram::Histogram;

/// What one row measured. Latencies in microseconds.
pub(crate) struct Measured {
    pub(crate) calls: u64,
    pub(crate) errors: u64,
    pub(crate) seconds: f64,
    pub(crate) latencies: Histogram<u64>,
}

pub(crate) fn head() {
    println!("| work | server | calls/s | p50 ms | p99 ms | peak memory MB | errors |");
    println!("|---|---|---|---|---|---|---|");
}

pub(crate) fn row(work: &str, server: &str, measured: &Measured, memory: u64) {
    println!(
        "| {work} | {server} | {:.0} | {:.3} | {:.3} | {:.0} | {} |",
        measured.calls as f64 / measured.seconds,
        measured.latencies.value_at_quantile(0.50) as f64 / 1000.0,
        measured.latencies.value_at_quantile(0.99) as f64 / 1000.0,
        memory as f64 / 1e6,
        measured.errors,
    );
}
