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
    /// The versions of a record that held as of two revisions; by default its newest and the one before.
    ///
    /// # Errors
    /// `NotFound` where there is none as of the second; or when one of them lies in the future.
    pub async fn version_pair(&self, name: &Name, from: Option<u64>, to: Option<u64>) -> Result<VersionPair, Error> {
        let head = self.head(to.map_or(AsOf::Newest, AsOf::Revision)).await?;
        let to = self.get(name, head).await?;
        let from = match (from, to.replaces) {
            (Some(revision), _) => Some(revision),
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
