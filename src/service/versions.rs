//! Two versions of one record, to be compared.

use std::sync::Arc;

use super::{AsOf, Error, Service};
use crate::domain::model::Version;
use crate::domain::name::Name;
use crate::storage::Head;

/// Two versions of one record.
#[derive(Clone, Debug)]
pub struct VersionPair {
    /// The old one; none when the record did not exist.
    pub from: Option<Arc<Version>>,
    /// The new one.
    pub to: Arc<Version>,
    /// The state the new one was read in.
    pub head: Head,
}

impl Service {
    /// The versions of a record that held as of two states; without the first, the one before the second.
    ///
    /// # Errors
    /// `NotFound` where there is none as of the second; or when one of them lies in the future.
    pub async fn version_pair(&self, name: &Name, from: Option<AsOf>, to: AsOf) -> Result<VersionPair, Error> {
        let head = self.head(to).await?;
        let to = self.get(name, head).await?;
        let from = match (from, to.replaces) {
            (Some(as_of), _) => Some(self.head(as_of).await?.revision),
            // A version holds up to the revision before the one that replaced it.
            (None, Some(_)) => Some(to.revision.saturating_sub(1)),
            (None, None) => None,
        };
        let from = match from {
            Some(revision) => self.store.get(std::slice::from_ref(name), revision).await?.into_iter().next().flatten(),
            None => None,
        };
        Ok(VersionPair { from, to, head })
    }
}
