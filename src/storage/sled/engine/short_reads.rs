//! Short reads run on the worker of the runtime that asks: to wake another thread and to be woken by it takes longer than to
//! read a record that was read lately.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::domain::filter::Filter;
use crate::domain::sort::Sort;
use crate::storage::Query;

/// Records that are read so, at most.
pub(super) const RECORDS: usize = 4;

/// Places in posting lists that are looked at for them.
pub(super) const STEPS: u64 = 32;

/// Terms of a query that is answered so: each is looked for in every segment.
const TERMS: usize = 8;

/// Revisions that one of them may be behind the newest: where older ones end is looked up in the log.
const REVISIONS_BEHIND: u64 = 1_000;

/// How long a worker that is held up may leave the runtime without one that waits for sockets and timers.
const WATCH_PAUSE: Duration = Duration::from_millis(100);

/// Which workers of the runtime may read themselves.
#[derive(Default)]
pub(super) struct ShortReads(OnceLock<Arc<Workers>>);

struct Workers {
    /// One worker is left that does not: whatever the disk does, it answers who asks for the server's health.
    places: Semaphore,
    all: usize,
}

impl ShortReads {
    /// Runs a read here, unless as many workers as may are at it.
    pub(super) fn run<T>(&self, read: impl FnOnce() -> T) -> Option<T> {
        let _place = self.0.get_or_init(Workers::of_runtime).places.try_acquire().ok()?;
        Some(read())
    }
}

impl Workers {
    fn of_runtime() -> Arc<Self> {
        let runtime = Handle::current();
        let all = runtime.metrics().num_workers().saturating_sub(1);
        let workers = Arc::new(Self { places: Semaphore::new(all), all });
        let watched = Arc::downgrade(&workers);
        let watch = std::thread::Builder::new().name("short-reads".to_owned()).spawn(move || watch(&watched, &runtime));
        match watch {
            Ok(_) => workers,
            Err(error) => {
                tracing::warn!(%error, "without a thread to watch them, no reads run on the workers that ask");
                Arc::new(Self { places: Semaphore::new(0), all: 0 })
            }
        }
    }
}

/// A worker that the disk holds up may be the one that took what the sockets had, while the others sleep: a task from
/// outside wakes one of them, which then waits for the sockets.
fn watch(workers: &Weak<Workers>, runtime: &Handle) {
    while let Some(workers) = workers.upgrade() {
        if workers.places.available_permits() < workers.all {
            drop(runtime.spawn(std::future::ready(())));
        }
        drop(workers);
        std::thread::sleep(WATCH_PAUSE);
    }
}

/// Whether what held as of a revision is quickly found.
pub(super) fn is_recent(revision: u64, newest: u64) -> bool {
    newest.saturating_sub(revision) <= REVISIONS_BEHIND
}

/// Whether a query asks for a few terms in the order of recording: its cost is in what its limits count.
pub(super) fn is_plain(query: &Query) -> bool {
    query.sort == Sort::Recorded && is_narrow(&query.filter) && terms(&query.filter).is_some_and(|terms| terms <= TERMS)
}

/// Whether a term must be met: nothing else says where to look.
fn is_narrow(filter: &Filter) -> bool {
    match filter {
        Filter::Term(_) => true,
        Filter::All(filters) => filters.iter().any(is_narrow),
        Filter::Any(_) | Filter::Not(_) | Filter::Time(_) | Filter::Recorded(_) | Filter::NamePrefix(_) => false,
    }
}

/// How many terms it is made of, if of nothing else.
fn terms(filter: &Filter) -> Option<usize> {
    match filter {
        Filter::Term(_) => Some(1),
        Filter::Not(filter) => terms(filter),
        Filter::All(filters) => filters.iter().map(terms).sum(),
        Filter::Any(_) | Filter::Time(_) | Filter::Recorded(_) | Filter::NamePrefix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::domain::term::Term;
    use crate::storage::Order;

    #[test]
    fn a_query_is_plain_whose_cost_its_limits_bound() {
        let query = |filter| Query { filter, ..Query::carrying([], Order::Ascending) };
        let term = || Filter::Term(Term::Retracted);
        assert!(is_plain(&Query::carrying([Term::Retracted], Order::Ascending)));
        assert!(is_plain(&Query::carrying([Term::Retracted], Order::Ascending).active()));
        assert!(!is_plain(&query(Filter::All(vec![]))), "nothing says where to look");
        assert!(!is_plain(&query(Filter::Not(Box::new(term())))), "nothing says where to look");
        assert!(!is_plain(&query(Filter::Any(vec![term()]))), "each of any number is looked for first");
        assert!(!is_plain(&query(Filter::All(vec![term(), Filter::NamePrefix("a".to_owned())]))));
        assert!(!is_plain(&query(Filter::All(std::iter::repeat_with(term).take(TERMS + 1).collect()))));
    }

    /// A client that talks to a server which is held up in a read gets its next answer from another worker.
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
                let reads = ShortReads::default();
                drop(trigger.accept().await.unwrap());
                reads.run(|| {
                    held.send(()).unwrap();
                    released.recv().unwrap_or_default();
                });
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
}
