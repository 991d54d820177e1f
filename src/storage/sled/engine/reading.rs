//! What reads are made with: the layer below, and the versions that were read lately.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::Reader;
use super::recent::{Recent, in_memory};
use crate::domain::model::Version;

/// Bytes of versions that are kept, about: what is asked for again within minutes, which is mostly the newest. To read a
/// version again costs some twenty times what it costs to find it here.
const BYTES_MAX: usize = 64 << 20;

/// Versions that were read lately, by number. A published number means the same version for as long as the store is open.
pub(super) struct ReadVersions(Mutex<Recent<u64, Arc<Version>>>);

impl Default for ReadVersions {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(BYTES_MAX)))
    }
}

impl ReadVersions {
    pub(super) fn get(&self, number: u64) -> Option<Arc<Version>> {
        self.lock().get(&number).map(Arc::clone)
    }

    /// `bytes` is what it takes where it is stored.
    pub(super) fn keep(&self, version: &Arc<Version>, bytes: usize) {
        self.lock().insert(version.number, Arc::clone(version), in_memory(bytes));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Recent<u64, Arc<Version>>> {
        // A panic elsewhere leaves at most a version out.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader of one request.
pub(super) struct Reading {
    pub(super) reader: Reader,
    pub(super) versions: Arc<ReadVersions>,
}

impl Deref for Reading {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}
