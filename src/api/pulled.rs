//! A stream that makes each item when it is asked for, and nothing before. The transport asks when it has room to send, so
//! that whoever reads slowly is waited for, and no queue stands in between.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio_stream::Stream;

/// An item, and what the next one is made from; none after the last.
pub(super) type Pull<S, T> = Pin<Box<dyn Future<Output = (T, Option<S>)> + Send>>;

/// See the module.
pub(super) struct Pulled<S, T> {
    state: Option<S>,
    pull: fn(S) -> Pull<S, T>,
    pulling: Option<Pull<S, T>>,
}

impl<S, T> Pulled<S, T> {
    pub(super) fn new(state: S, pull: fn(S) -> Pull<S, T>) -> Self {
        Self { state: Some(state), pull, pulling: None }
    }
}

impl<S: Unpin, T> Stream for Pulled<S, T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let Self { state, pull, pulling } = &mut *self;
        if let Some(state) = state.take() {
            *pulling = Some(pull(state));
        }
        let Some(running) = pulling else { return Poll::Ready(None) };
        let (item, next) = ready!(running.as_mut().poll(cx));
        *pulling = None;
        *state = next;
        Poll::Ready(Some(item))
    }
}

#[cfg(test)]
mod tests {
    use tokio_stream::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn items_are_made_one_by_one_until_there_is_no_state() {
        let countdown = Pulled::new(3, |number: u32| Box::pin(async move { (number, number.checked_sub(1)) }));
        assert_eq!(countdown.collect::<Vec<_>>().await, [3, 2, 1, 0]);
    }
}
