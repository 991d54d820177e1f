//! An open loop: calls begin when their turn has come (`support/pace.rs`), over callers taken in turn.

#[path = "../support/pace.rs"]
mod pace;

use std::sync::Arc;
use std::time::Duration;

use pace::Paced;

use crate::calls::{Caller, Calls};
use crate::results::{Measured, complain, microseconds, record};

pub(crate) async fn run(callers: &[Caller], calls: &Arc<Calls>, rate: f64, duration: Duration) -> Measured {
    let (callers, calls) = (callers.to_vec(), Arc::clone(calls));
    let paced = Paced::start(rate, duration, move |number| {
        let (mut caller, call) = (callers[number as usize % callers.len()].clone(), calls.next());
        async move { caller.call(call).await }
    });
    let mut measured = Measured { errors: 0, seconds: 0.0, latencies: microseconds() };
    let seconds = paced.end(|latency, outcome| match outcome {
        Ok(()) => record(&mut measured.latencies, latency),
        Err(status) => {
            complain(&status);
            measured.errors += 1;
        }
    });
    measured.seconds = seconds.await;
    measured
}
