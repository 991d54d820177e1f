//! How a write gets to whoever makes it, and its answer back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use super::jobs::Job;
use super::lone_writes::{LoneWrites, is_small};
use super::workers::Workers;
use super::writing::{self, Writing};
use crate::domain::plan::Batch;
use crate::storage::{CommitError, Committed, ImportBatch, ImportProgress, Importing, StoreError};

/// The queue of the writing thread; a small write that is alone passes it by.
pub(super) struct Writes {
    /// Gone once the store is closed. As long as somebody holds a sender, the thread goes on.
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    writing: Arc<Mutex<Writing>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    lone: LoneWrites,
}

impl Writes {
    /// Starts the writing thread, for which so many jobs may wait.
    pub(super) fn start(writing: Writing, queued: usize) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel(queued);
        let writing = Arc::new(Mutex::new(writing));
        let own = Arc::clone(&writing);
        let thread =
            std::thread::Builder::new().name("claimdb-writer".to_owned()).spawn(move || writing::run(&own, jobs))?;
        let (queue, thread) = (Mutex::new(Some(queue)), Mutex::new(Some(thread)));
        Ok(Self { queue, writing, thread, lone: LoneWrites::default() })
    }

    /// Ends the thread once it has answered what is queued. Blocks.
    pub(super) fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer panicked");
        }
    }

    /// Commits a batch; waits while too many are queued.
    pub(super) async fn commit(&self, batch: Batch, workers: &Workers) -> Result<Committed, CommitError> {
        let _under_way = self.lone.begin();
        let (answer, answered) = oneshot::channel();
        let is_small = is_small(&batch);
        let job = Job::Commit(Box::new(batch), answer);
        // While it is held the thread goes on, and the store is open.
        let queue = self.queue()?;
        let left = if is_small { self.write_here(job, workers) } else { Some(job) };
        if let Some(job) = left {
            queue.send(job).await.map_err(|_| closed())?;
        }
        // It has its turn now: whoever closes the store waits for that, and not for this caller to take the answer.
        drop(queue);
        // Every job is answered; whoever was to do that can only have died.
        answered.await.unwrap_or(Err(CommitError::OutcomeUnknown))
    }

    /// Commits a batch of an import; waits while too many are queued. What is given waits for the answer.
    pub(super) async fn import(&self, batch: ImportBatch) -> Importing {
        let under_way = self.lone.begin();
        let (answer, answered) = oneshot::channel();
        let queued = self.send(Job::Import(Box::new(batch), answer)).await;
        Box::pin(async move {
            let _under_way = under_way;
            queued?;
            answered.await.unwrap_or(Err(CommitError::OutcomeUnknown.into()))
        })
    }

    /// How far an import of a principal came.
    pub(super) async fn session(&self, principal: &str, session: &str) -> Result<Option<ImportProgress>, StoreError> {
        let (answer, answered) = oneshot::channel();
        // By the writer, behind the batches that are queued: what a reader finds may be a batch short.
        let asked = async {
            self.send(Job::Session(principal.to_owned(), session.to_owned(), answer)).await?;
            answered.await.unwrap_or(Err(CommitError::OutcomeUnknown))
        };
        asked.await.map_err(|error| match error {
            CommitError::Store(error) => error,
            CommitError::Refused(_)
            | CommitError::RequestReused { .. }
            | CommitError::Full { .. }
            | CommitError::OutcomeUnknown
            | CommitError::Defect => {
                StoreError::Unavailable { why: format!("what is queued before is not kept: {error:?}") }
            }
        })
    }

    async fn send(&self, job: Job) -> Result<(), CommitError> {
        self.queue()?.send(job).await.map_err(|_| closed())
    }

    fn queue(&self) -> Result<mpsc::Sender<Job>, CommitError> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)
    }

    /// Makes a small write that is alone on the worker that asks; gives it back where the thread is to make it.
    fn write_here(&self, job: Job, workers: &Workers) -> Option<Job> {
        let place = self.lone.are_usual().then(|| workers.place()).flatten();
        let Some(_place) = place else { return Some(job) };
        let begin = Instant::now();
        // As when the thread panics: nobody writes any more, and how this ended is not known.
        let left = catch_unwind(AssertUnwindSafe(|| match self.writing.try_lock() {
            Ok(mut writing) => writing.write_alone(job),
            Err(_) => Some(job),
        }));
        self.lone.took(begin.elapsed());
        left.unwrap_or(None)
    }
}

fn closed() -> CommitError {
    CommitError::Store(StoreError::Unavailable { why: "the store is closed".to_owned() })
}
