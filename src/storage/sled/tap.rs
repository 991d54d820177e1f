//! Tells a benchmark what sled is given, so that another engine can be given the same. In production nobody listens.

use std::fmt;
use std::sync::Arc;

/// What sled is given.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// A value for the log, in the group that is being made.
    Log {
        /// Its key.
        key: &'a [u8],
        /// The value.
        value: &'a [u8],
    },
    /// The group is applied, whole.
    Applied,
    /// The group is given up.
    Discarded,
    /// A value of a segment, or the entry that publishes it.
    Segment {
        /// Its key.
        key: &'a [u8],
        /// The value.
        value: &'a [u8],
    },
    /// A value of a segment that nobody reads any more.
    Removed {
        /// Its key.
        key: &'a [u8],
    },
    /// All of that is to be durable.
    Flushed,
}

type Listener = dyn Fn(Given<'_>) + Send + Sync;

/// Whoever listens, called on the threads that write.
#[derive(Clone, Default)]
pub struct Tap(Option<Arc<Listener>>);

impl Tap {
    /// Has a listener told.
    pub fn new(listener: impl Fn(Given<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    pub(crate) fn tell(&self, given: Given<'_>) {
        if let Some(listener) = &self.0 {
            listener(given);
        }
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tap").field(&self.0.is_some()).finish()
    }
}
