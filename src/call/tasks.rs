//! Work that must not stop because its caller went away.

use tokio_util::task::TaskTracker;
use tonic::Status;
use tracing::Instrument as _;

/// The tasks that outlive their calls; the server waits for them when it drains.
///
/// tonic drops a handler as soon as its client goes away, which is right for a read and would leave a write of
/// several steps half done.
#[derive(Clone, Debug, Default)]
pub struct Tasks(TaskTracker);

impl Tasks {
    /// Runs `work` to its end, whether or not anybody still waits for the answer. Only a panic in it is an error.
    pub async fn detached<F>(&self, work: F) -> Result<F::Output, Status>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.0.spawn(work.in_current_span()).await.map_err(|error| match error.try_into_panic() {
            Ok(payload) => super::incident("detached", super::panic_message(&*payload)),
            // The runtime is going down, and took the task with it.
            Err(_) => super::shutting_down(),
        })
    }

    /// Waits until no task is left.
    pub async fn wait(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
