//! The workers of the runtime: what is short is done by the one that asks. To wake another thread and to be woken by it takes
//! longer than to read a record that was read lately.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a worker that is held up may leave the runtime without one that waits for sockets and timers.
const WATCH_PAUSE: Duration = Duration::from_millis(100);

/// Which workers of the runtime may be held up.
#[derive(Default)]
pub(super) struct Workers(OnceLock<Arc<Places>>);

struct Places {
    /// One worker is left that has none: whatever the disk does, it answers who asks for the server's health.
    places: Semaphore,
    all: usize,
}

impl Workers {
    /// A place to do something short in, unless as many workers as may are at it, or there are none.
    pub(super) fn place(&self) -> Option<SemaphorePermit<'_>> {
        let runtime = Handle::try_current().ok()?;
        self.0.get_or_init(|| Places::of(runtime)).places.try_acquire().ok()
    }
}

impl Places {
    fn of(runtime: Handle) -> Arc<Self> {
        let all = runtime.metrics().num_workers().saturating_sub(1);
        let places = Arc::new(Self { places: Semaphore::new(all), all });
        let watched = Arc::downgrade(&places);
        let watch = std::thread::Builder::new().name("workers".to_owned()).spawn(move || watch(&watched, &runtime));
        match watch {
            Ok(_) => places,
            Err(error) => {
                tracing::warn!(%error, "without a thread to watch them, workers do nothing themselves");
                Arc::new(Self { places: Semaphore::new(0), all: 0 })
            }
        }
    }
}

/// A worker that the disk holds up may be the one that took what the sockets had, while the others sleep: a task from
/// outside wakes one of them, which then waits for the sockets.
fn watch(places: &Weak<Places>, runtime: &Handle) {
    while let Some(places) = places.upgrade() {
        if places.places.available_permits() < places.all {
            drop(runtime.spawn(std::future::ready(())));
        }
        drop(places);
        std::thread::sleep(WATCH_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A client that talks to a server which is held up gets its next answer from another worker.
    #[test]
    fn a_worker_that_is_held_up_leaves_one_that_waits_for_the_sockets() {
        for _ in 0..20 {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let (held, is_held) = mpsc::channel();
            let (release, released) = mpsc::channel::<()>();
            let (address, echo) = runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let echo = tokio::spawn(async move {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    let byte = stream.read_u8().await.unwrap();
                    stream.write_u8(byte).await.unwrap();
                });
                (address, echo)
            });
            // Woken by a socket, and then held up.
            let trigger = runtime.block_on(async { TcpListener::bind("127.0.0.1:0").await.unwrap() });
            let trigger_address = trigger.local_addr().unwrap();
            runtime.spawn(async move {
                let workers = Workers::default();
                drop(trigger.accept().await.unwrap());
                let _place = workers.place().unwrap();
                held.send(()).unwrap();
                released.recv().unwrap_or_default();
            });
            std::thread::sleep(Duration::from_millis(20));
            drop(std::net::TcpStream::connect(trigger_address).unwrap());
            is_held.recv().unwrap();
            let mut client = std::net::TcpStream::connect(address).unwrap();
            client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            std::io::Write::write_all(&mut client, b"x").unwrap();
            let mut answer = [0; 1];
            std::io::Read::read_exact(&mut client, &mut answer).unwrap();
            release.send(()).unwrap();
            runtime.block_on(echo).unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_worker_is_left_without_a_place() {
        let workers = Workers::default();
        let first = workers.place();
        assert!(first.is_some());
        assert!(workers.place().is_none());
        drop(first);
        assert!(workers.place().is_some());
    }

    #[tokio::test]
    async fn a_runtime_of_one_worker_has_no_place() {
        assert!(Workers::default().place().is_none());
    }
}
