//! Calls at a fixed rate: each begins when its turn has come, whatever became of the ones before, and its latency counts
//! from its turn. A system that stands still is charged with every call that waited meanwhile.

use std::future::Future;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

/// Calls in flight at most: behind a system that stands still turns come late, which counts, and memory is not filled.
const IN_FLIGHT_MAX: usize = 1_000;

/// Calls that are being made.
pub(crate) struct Paced<T> {
    stop: Sender<()>,
    /// Gives when the first turn was.
    pacing: JoinHandle<Instant>,
    answers: mpsc::UnboundedReceiver<(Duration, T)>,
}

impl<T: Send + 'static> Paced<T> {
    /// So many calls a second, for so long if they are not stopped before. Each is made ready for its number, from 0 on,
    /// before its turn, and begun at it.
    pub(crate) fn start<C, A>(rate: f64, longest: Duration, call: C) -> Self
    where
        C: FnMut(u64) -> A + Send + 'static,
        A: Future<Output = T> + Send + 'static,
    {
        let (stop, stopped) = channel();
        let (done, answers) = mpsc::unbounded_channel();
        let runtime = Handle::current();
        // On a thread of its own: the runtime's clock counts whole milliseconds, which is longer than most calls take.
        let pacing = std::thread::spawn(move || pace(&runtime, rate, longest, call, &stopped, &done));
        Self { stop, pacing, answers }
    }

    /// No more calls from now on.
    #[allow(dead_code, reason = "some run for a time that is known")]
    pub(crate) fn stop(&self) {
        let _ = self.stop.send(());
    }

    /// Takes every answer with its latency, until the last is there. Gives the seconds from the first turn to then.
    pub(crate) async fn end(mut self, mut take: impl FnMut(Duration, T)) -> f64 {
        while let Some((latency, answer)) = self.answers.recv().await {
            take(latency, answer);
        }
        // The thread has ended: it sends what is received here.
        self.pacing.join().expect("the pacing thread").elapsed().as_secs_f64()
    }
}

fn pace<T, C, A>(
    runtime: &Handle,
    rate: f64,
    longest: Duration,
    mut call: C,
    stopped: &Receiver<()>,
    done: &mpsc::UnboundedSender<(Duration, T)>,
) -> Instant
where
    T: Send + 'static,
    C: FnMut(u64) -> A,
    A: Future<Output = T> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    let begin = Instant::now();
    for number in 0.. {
        let turn = begin + Duration::from_secs_f64(number as f64 / rate);
        if turn.duration_since(begin) > longest {
            break;
        }
        let answer = call(number);
        let until_turn = turn.saturating_duration_since(Instant::now());
        if stopped.recv_timeout(until_turn) != Err(RecvTimeoutError::Timeout) {
            break;
        }
        let place = runtime.block_on(Arc::clone(&places).acquire_owned()).expect("never closed");
        let done = done.clone();
        runtime.spawn(async move {
            let answer = answer.await;
            let _ = done.send((turn.elapsed(), answer));
            drop(place);
        });
    }
    begin
}
