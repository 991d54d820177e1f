//! An answer that is a stream of messages, made by a future that lives as long as somebody reads it.
//!
//! No task is spawned for it: when the client goes away the future is dropped, when it stops reading the future stands still,
//! and a panic is met by the same layer as everywhere. (An export reads one page ahead on a task of its own.)

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::mpsc;
use tokio_stream::Stream;
use tonic::Status;

/// Messages that wait to be read.
const WAITING: usize = 4;

/// A stream of messages, as tonic is given it.
pub(super) type Streamed<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A stream of messages, and the future that sends them.
struct Serving<T> {
    messages: mpsc::Receiver<Result<T, Status>>,
    /// Gone when it has ended.
    future: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// Where the future sends its messages.
pub(super) struct Messages<T>(mpsc::Sender<Result<T, Status>>);

impl<T> Clone for Messages<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Messages<T> {
    /// Sends a message; waits until the client has read those before.
    pub(super) async fn send(&self, message: T) {
        // Nobody reads any more: then this future is about to be dropped.
        let _ = self.0.send(Ok(message)).await;
    }
}

/// Serves what `serve` sends; an error it ends with is the status of the stream.
pub(super) fn serving<T, F>(serve: impl FnOnce(Messages<T>) -> F) -> Streamed<T>
where
    T: Send + 'static,
    F: Future<Output = Result<(), Status>> + Send + 'static,
{
    let (sender, messages) = mpsc::channel(WAITING);
    let serving = serve(Messages(sender.clone()));
    let future = async move {
        if let Err(status) = serving.await {
            let _ = sender.send(Err(status)).await;
        }
    };
    Box::pin(Serving { messages, future: Some(Box::pin(future)) })
}

impl<T> Stream for Serving<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Poll::Ready(Some(message)) = self.messages.poll_recv(context) {
            return Poll::Ready(Some(message));
        }
        if let Some(future) = &mut self.future
            && future.as_mut().poll(context).is_ready()
        {
            self.future = None;
        }
        // What the future has just sent; the end, once it is gone and all was read.
        self.messages.poll_recv(context)
    }
}
