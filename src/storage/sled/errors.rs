//! What can go wrong in this layer, one type per thing a caller does differently.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Something on disk is not what was written. Names the thing, never its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("damaged store: {what}")]
pub struct Damage {
    /// The thing that is damaged, such as `frame 4711`.
    pub what: String,
    /// Nothing is known to be wrong with it: the device had no room for what sled writes even when it reads.
    pub is_full: bool,
    /// The system refused sled something: room, or what an error of the device kept it from.
    pub is_refusal: bool,
}

impl Damage {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), is_full: false, is_refusal: false }
    }
}

type Listener = dyn Fn(&Damage) + Send + Sync;

/// Whom to tell about damage that no caller waits for.
#[derive(Clone, Default)]
pub struct DamageAlarm(Option<Arc<Listener>>);

impl DamageAlarm {
    /// Calls `listener` with whatever is found damaged.
    pub fn new(listener: impl Fn(&Damage) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    pub(crate) fn raise(&self, damage: &Damage) {
        if let Some(listener) = &self.0 {
            listener(damage);
        }
    }
}

impl fmt::Debug for DamageAlarm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("DamageAlarm").field(&self.0.is_some()).finish()
    }
}

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open: wait, or find out which.
    #[error("the store is open in another process")]
    Locked,
    /// It was written by a version of this program that this one does not know.
    #[error("storage format {found} is unknown; this program knows {known}")]
    UnknownFormat {
        /// The format version in the store.
        found: u32,
        /// The format version this program writes.
        known: u32,
    },
    /// The store is not what was written; restore a backup or run verify.
    #[error(transparent)]
    Damage(#[from] Damage),
    /// The stored bytes are whole, but the layer above could not read them again.
    #[error("commit {revision} could not be replayed: {reason}")]
    Replay {
        /// The revision of the commit that was refused.
        revision: u64,
        /// What the layer above said.
        reason: String,
    },
    /// The operating system refused something; nothing is known to be damaged.
    #[error("cannot open the store")]
    Io(#[from] io::Error),
}

/// Why a group was not committed, or not known to be.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// Nothing was applied; writes resume when there is room again.
    #[error("{available} bytes are free and {needed} are needed")]
    Full {
        /// Free bytes on the device.
        available: u64,
        /// Bytes that must be free before the group is applied.
        needed: u64,
    },
    /// Nothing was applied: two segments wait to be sealed and the last attempt failed.
    #[error("sealing does not succeed: {reason}")]
    SealStalled {
        /// Why the last attempt failed.
        reason: String,
    },
    /// The group may or may not be in the store; the store takes no write until it is reopened.
    #[error("the outcome of the group is unknown: {reason}")]
    OutcomeUnknown {
        /// What failed.
        reason: String,
    },
    /// Nothing was applied: an earlier group failed and the store was not reopened since.
    #[error("the store takes no write until it is reopened: {reason}")]
    Poisoned {
        /// What failed earlier.
        reason: String,
    },
    /// Nothing was applied: a commit of the group could not be encoded beside the others.
    #[error("the group was given up, since revision {revision} could not be encoded: {reason}")]
    Abandoned {
        /// The revision that the commit would have been.
        revision: u64,
        /// Whether that commit would fail again.
        is_defect: bool,
        /// What went wrong.
        reason: String,
    },
    /// Nothing was applied: the commit breaks a rule of this layer, which is a defect above it.
    #[error("the commit breaks a rule: {rule}")]
    Refused {
        /// The rule it breaks.
        rule: String,
    },
}

/// Why a poisoned store was not opened again.
#[derive(Debug, thiserror::Error)]
pub enum ReopenError {
    /// The writer or a reader still holds the old handle; it stays in use.
    #[error("the store is still in use by {users} holders")]
    InUse {
        /// How many hold it.
        users: usize,
    },
    /// Opening needs room; the old handle stays in use.
    #[error("{available} bytes are free and {needed} are needed to reopen")]
    Full {
        /// Free bytes on the device.
        available: u64,
        /// Bytes that must be free.
        needed: u64,
    },
    /// The old handle is gone and the new one did not open; reads fail until a later attempt works.
    #[error(transparent)]
    Open(#[from] OpenError),
}
