//! An open loop: calls begin when their turn has come, whatever became of the ones before, and the latency of each counts
//! from its turn. A system that stands still is charged with every call that waited meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc};

use crate::calls::{Caller, Calls};
use crate::results::{Measured, complain, microseconds, record};

/// Calls in flight at most: behind a system that stands still turns come late, which counts, and memory is not filled.
const IN_FLIGHT_MAX: usize = 1_000;

pub(crate) async fn run(callers: &[Caller], calls: &Arc<Calls>, rate: f64, duration: Duration) -> Measured {
    let (callers, calls) = (callers.to_vec(), Arc::clone(calls));
    let (done, mut answers) = mpsc::unbounded_channel();
    let runtime = tokio::runtime::Handle::current();
    // On a thread of its own: the runtime's clock counts whole milliseconds, which is longer than most calls take.
    let pacing = std::thread::spawn(move || {
        let places = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
        let begin = Instant::now();
        for number in 0.. {
            let turn = begin + Duration::from_secs_f64(number as f64 / rate);
            if turn > begin + duration {
                break;
            }
            std::thread::sleep(turn.saturating_duration_since(Instant::now()));
            let place = runtime.block_on(Arc::clone(&places).acquire_owned()).expect("never closed");
            let (mut caller, call) = (callers[number as usize % callers.len()].clone(), calls.next());
            let done = done.clone();
            runtime.spawn(async move {
                let outcome = caller.call(call).await;
                let _ = done.send((turn.elapsed(), outcome));
                drop(place);
            });
        }
        begin
    });
    let mut measured = Measured { errors: 0, seconds: 0.0, latencies: microseconds() };
    while let Some((latency, outcome)) = answers.recv().await {
        match outcome {
            Ok(()) => record(&mut measured.latencies, latency),
            Err(status) => {
                complain(&status);
                measured.errors += 1;
            }
        }
    }
    let begin = pacing.join().expect("the pacing thread");
    measured.seconds = begin.elapsed().as_secs_f64();
    measured
}
