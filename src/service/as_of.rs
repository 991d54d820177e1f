//! Which state of the database to read.

use super::{Error, Service};
use crate::domain::time::Timestamp;
use crate::storage::Head;

/// Which state of the database to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AsOf {
    /// The newest.
    #[default]
    Newest,
    /// As of a revision.
    Revision(u64),
    /// As of the newest commit at or before a time.
    Time(Timestamp),
}

impl Service {
    /// The commit whose state is to be read.
    ///
    /// # Errors
    /// When it lies in the future.
    pub async fn head(&self, as_of: AsOf) -> Result<Head, Error> {
        match as_of {
            AsOf::Newest => Ok(self.store.head().await?),
            AsOf::Revision(revision) => Ok(self.store.head_of(revision).await?),
            AsOf::Time(asked) => {
                let now = self.clock.now();
                let newest = self.store.head().await?.time;
                // Commit times may run ahead of a clock that was set back; what was committed is not in the future.
                if asked > now && newest.is_none_or(|newest| asked > newest) {
                    return Err(Error::TimeInFuture { asked, now });
                }
                Ok(self.store.head_at(asked).await?)
            }
        }
    }
}
