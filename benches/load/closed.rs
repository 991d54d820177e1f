//! A closed loop: a fixed number of calls in flight, each begun when the one before it has ended. It finds the most a
//! system can do; its latencies are those at that rate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::calls::{Caller, Calls};
use crate::results::{Measured, complain, microseconds, record};

pub(crate) async fn run(callers: &[Caller], calls: &Arc<Calls>, in_flight: usize, duration: Duration) -> Measured {
    let begin = Instant::now();
    let workers: Vec<_> = (0..in_flight)
        .map(|worker| {
            let caller = callers[worker % callers.len()].clone();
            tokio::spawn(one_after_another(caller, Arc::clone(calls), begin + duration))
        })
        .collect();
    let mut measured = Measured { errors: 0, seconds: 0.0, latencies: microseconds() };
    for worker in workers {
        let (latencies, errors) = worker.await.expect("a worker");
        measured.latencies.add(&latencies).expect("the same bounds");
        measured.errors += errors;
    }
    measured.seconds = begin.elapsed().as_secs_f64();
    measured
}

async fn one_after_another(mut caller: Caller, calls: Arc<Calls>, end: Instant) -> (Histogram<u64>, u64) {
    let (mut latencies, mut errors) = (microseconds(), 0);
    while Instant::now() < end {
        let call = calls.next();
        let begin = Instant::now();
        match caller.call(call).await {
            Ok(()) => record(&mut latencies, begin.elapsed()),
            Err(status) => {
                complain(&status);
                errors += 1;
            }
        }
    }
    (latencies, errors)
}
