//! The status of what records refer to, at the revision read: references outlive retractions, and answers say so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Error, Service};
use crate::domain::model::{Link, Record, RecordStatus, SourceLink, Version};
use crate::domain::name::Name;

/// Statuses of records that others refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statuses(BTreeMap<Name, RecordStatus>);

impl Statuses {
    /// The status of a record, where it is known and the record exists.
    #[must_use]
    pub fn of(&self, name: &Name) -> Option<RecordStatus> {
        self.0.get(name).copied()
    }

    /// What a record refers to that is retracted.
    #[must_use]
    pub fn retracted(&self, record: &Record) -> Vec<Name> {
        let retracted = |name: &&Name| self.of(name) == Some(RecordStatus::Retracted);
        references(record).into_iter().filter(retracted).cloned().collect()
    }

    /// Takes in the status of a version at hand.
    pub(super) fn note(&mut self, version: &Version) {
        self.0.insert(version.name.clone(), version.status());
    }
}

impl Service {
    /// The statuses of all that these versions refer to, in one read.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statuses<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v Arc<Version>> + Send,
        revision: u64,
    ) -> Result<Statuses, Error> {
        let names: BTreeSet<&Name> = versions.into_iter().flat_map(|version| references(&version.record)).collect();
        let names: Vec<Name> = names.into_iter().cloned().collect();
        let mut statuses = Statuses::default();
        if !names.is_empty() {
            self.store.get(&names, revision).await?.iter().flatten().for_each(|version| statuses.note(version));
        }
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

/// The records whose status an answer about this record shows: a claim's article and sources, a relation's ends, an
/// assessment's target.
fn references(record: &Record) -> BTreeSet<&Name> {
    match record {
        Record::Article(_) | Record::Source(_) => BTreeSet::new(),
        Record::Claim(claim) => {
            let article = claim.article.as_ref().and_then(Link::name);
            let hops = claim.attributions.iter().flat_map(|hop| {
                let sources = std::iter::once(&hop.source).chain(&hop.channel).chain(&hop.addressees);
                sources.filter_map(SourceLink::name)
            });
            article.into_iter().chain(hops).chain(&claim.imprint.publisher).collect()
        }
        Record::Relation(relation) => [&relation.from, &relation.to].into_iter().filter_map(Link::name).collect(),
        Record::Assessment(assessment) => assessment.target.record.iter().filter_map(Link::name).collect(),
    }
}
