//! What versions take in memory, for what keeps them within a bound.

use crate::domain::model::{Attribution, EntityRef, Figure, Hedge, Record, Span, Version};

/// What a version takes, about.
pub(super) const VERSION_BYTES: usize = 4096;

/// What a version takes in memory that takes so many bytes where it is stored, about: what it and its parts are made of, and
/// their words, each of which is an allocation of its own, three times.
pub(super) fn in_memory(version: &Version, stored: usize) -> usize {
    let parts = match &version.record {
        Record::Claim(claim) => {
            size_of_val::<[Attribution]>(&claim.attributions)
                + size_of_val::<[Figure]>(&claim.figures)
                + size_of_val::<[EntityRef]>(&claim.entities)
                + size_of_val::<[Hedge]>(&claim.hedges)
                + size_of_val::<[Span]>(&claim.spans)
        }
        Record::Source(source) => size_of_val::<[Span]>(&source.mentions),
        Record::Relation(relation) => size_of_val::<[Span]>(&relation.evidence),
        Record::Article(_) | Record::Assessment(_) => 0,
    };
    size_of::<Version>() + parts + 3 * stored
}
