//! Work that takes a processor and waits for nothing, on threads that may block.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::storage::processors;

/// As many at once as there are processors: more would only take the threads that reads of the store need.
#[derive(Clone, Debug)]
pub struct Computing(Arc<Semaphore>);

impl Default for Computing {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(processors())))
    }
}

impl Computing {
    /// Begins some work once a processor is free for it.
    pub async fn begin<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        // Never closed.
        let place = Arc::clone(&self.0).acquire_owned().await.ok();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
    }
}
