//! The status of what records refer to, at the revision read: references outlive retractions, and answers say so.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Error, Service};
use crate::domain::model::{Link, Record, RecordStatus, SourceLink, Version};
use crate::domain::name::Name;
use crate::domain::term::Term;
use crate::storage::{Order, Query};

/// Names that are looked up in the time in which one retracted record is listed, about, to be on the safe side.
const NAMES_PER_LISTED: usize = 4;

/// Statuses of records that others refer to. What is referred to exists: those are kept that no longer stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses(BTreeSet<Name>);

impl Statuses {
    /// The status of a record that is referred to.
    #[must_use]
    pub fn of(&self, name: &Name) -> RecordStatus {
        if self.0.contains(name) { RecordStatus::Retracted } else { RecordStatus::Active }
    }

    /// What a record refers to that is retracted.
    #[must_use]
    pub fn retracted(&self, record: &Record) -> Vec<Name> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let retracted: BTreeSet<&Name> =
            references(record).filter(|name| self.of(name) == RecordStatus::Retracted).collect();
        retracted.into_iter().cloned().collect()
    }

    /// Takes in the status of a version at hand.
    pub(super) fn note(&mut self, version: &Version) {
        if version.status() == RecordStatus::Retracted {
            self.0.insert(version.name.clone());
        } else {
            self.0.remove(&version.name);
        }
    }
}

impl Service {
    /// The statuses of all that these versions refer to.
    ///
    /// Little is ever retracted, and all that is can be listed: mostly that is less to read than what a page of claims refers
    /// to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statuses<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v Arc<Version>> + Send,
        revision: u64,
    ) -> Result<Statuses, Error> {
        let mut names: Vec<&Name> = versions.into_iter().flat_map(|version| references(&version.record)).collect();
        names.sort_unstable();
        names.dedup();
        let mut statuses = Statuses::default();
        if names.is_empty() {
            return Ok(statuses);
        }
        let query = Query::carrying([Term::Retracted], Order::Ascending);
        let few = names.len().div_ceil(NAMES_PER_LISTED);
        let versions = match self.store.few(&query, revision, few).await? {
            Some(retracted) => retracted,
            None => {
                let names: Vec<Name> = names.into_iter().cloned().collect();
                self.store.get(&names, revision).await?.into_iter().flatten().collect()
            }
        };
        versions.iter().for_each(|version| statuses.note(version));
        Ok(statuses)
    }

    /// The statuses of all that the results of a write refer to, as of its commit. Records that were only validated are
    /// in no store: their own results say how they would stand.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statuses_of_results(&self, results: &[Arc<Version>], revision: u64) -> Result<Statuses, Error> {
        let mut statuses = self.statuses(results, revision).await?;
        results.iter().for_each(|version| statuses.note(version));
        Ok(statuses)
    }
}

/// The records whose status an answer about this record shows, some more than once: a claim's article and sources, a
/// relation's ends, an assessment's target.
fn references(record: &Record) -> Box<dyn Iterator<Item = &Name> + Send + '_> {
    match record {
        Record::Article(_) | Record::Source(_) => Box::new(std::iter::empty()),
        Record::Claim(claim) => {
            let article = claim.article.as_ref().and_then(Link::name);
            let hops = claim.attributions.iter().flat_map(|hop| {
                let sources = std::iter::once(&hop.source).chain(&hop.channel).chain(&hop.addressees);
                sources.filter_map(SourceLink::name)
            });
            Box::new(article.into_iter().chain(hops).chain(&claim.imprint.publisher))
        }
        Record::Relation(relation) => Box::new([&relation.from, &relation.to].into_iter().filter_map(Link::name)),
        Record::Assessment(assessment) => Box::new(assessment.target.record.iter().filter_map(Link::name)),
    }
}
