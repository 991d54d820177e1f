//! What is taken along with a record: what it refers to, directly or not, that would come later.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::references::{may_be_later, ordered};
use super::{ExportCursor, Exporting, PAGE, Turn, place};
use crate::domain::model::Version;
use crate::domain::name::Name;
use crate::service::{Error, Service};

/// Records taken along early that are remembered, so that they are not exported twice. They are few; where they are not,
/// an import finds the second to exist.
const EARLY_MAX: usize = 100_000;

/// Records that are taken along with one, at most: they are held together.
const LATER_MAX: usize = 10_000;

/// What was taken along early, and whose turn is still to come.
#[derive(Debug, Default)]
pub(super) struct Early {
    names: HashSet<Name>,
    /// The articles among them that came with earlier texts: an import does not find such a text to exist.
    rewritten: HashSet<Name>,
    /// The turn in which the first of those was taken along.
    since: Option<Turn>,
}

impl Early {
    /// What is known of it where an export goes on.
    pub(super) fn since(since: Option<Turn>) -> Self {
        Self { since, ..Self::default() }
    }

    pub(super) fn began(&self) -> Option<Turn> {
        self.since
    }

    pub(super) fn take(&mut self, name: &Name, is_rewritten: bool, turn: Turn) {
        let is_kept = is_rewritten && self.rewritten.len() < EARLY_MAX;
        if is_kept {
            self.rewritten.insert(name.clone());
            self.since.get_or_insert(turn);
        }
        if is_kept || self.names.len() < EARLY_MAX {
            self.names.insert(name.clone());
        }
    }

    /// Whether a record whose turn it is was exported before.
    pub(super) fn had(&mut self, name: &Name) -> bool {
        if self.rewritten.remove(name) && self.rewritten.is_empty() {
            self.since = None;
        }
        self.names.remove(name)
    }
}

impl Service {
    /// What a record refers to, directly or not, that has not been exported when its turn comes: each behind what it refers
    /// to itself, as far as they do not refer to each other in a circle.
    pub(super) async fn later_references(
        &self,
        exporting: &mut Exporting,
        version: &Arc<Version>,
    ) -> Result<Vec<Arc<Version>>, Error> {
        let here = place(version);
        let mut taken: HashMap<Name, ()> = HashMap::from([(version.name.clone(), ())]);
        let mut later = Vec::new();
        let mut wanted = may_be_later(&version.record, version, here.0);
        while !wanted.is_empty() && later.len() < LATER_MAX {
            let names: Vec<Name> = wanted
                .into_iter()
                .filter(|name| !exporting.early.names.contains(name) && exporting.passed.get(name).is_none())
                .filter(|name| taken.insert(name.clone(), ()).is_none())
                .collect();
            wanted = BTreeSet::new();
            if names.is_empty() {
                break;
            }
            for names in names.chunks(PAGE) {
                for found in self.store.get(names, exporting.head.revision).await?.into_iter().flatten() {
                    if place(&found) <= here {
                        exporting.passed.insert(found.name.clone(), ());
                    } else if exporting.exports(&found) && later.len() < LATER_MAX {
                        wanted.extend(may_be_later(&found.record, &found, here.0));
                        later.push(found);
                    }
                }
                if later.len() == LATER_MAX {
                    break;
                }
            }
        }
        Ok(ordered(later, here.0))
    }

    /// What an export that goes on had taken along before: found by going over its records once more, from the first that
    /// took an article with earlier texts along whose turn is still to come. Few exports have one. Without it what is
    /// taken along a second time exists on import.
    pub(super) async fn take_up(&self, exporting: &mut Exporting) -> Result<(), Error> {
        let Some((stage, number)) = exporting.early.since else { return Ok(()) };
        let from = ExportCursor { stage, after: number.saturating_sub(1), ..ExportCursor::default() };
        let mut past = Exporting::new(exporting.stages.clone(), exporting.head, exporting.item_bytes, from);
        while let Some(version) = self.next_version(&mut past).await? {
            let turn = past.turn();
            if turn > exporting.turn() {
                break;
            }
            if past.early.had(&version.name) {
                continue;
            }
            for early in self.later_references(&mut past, &version).await? {
                let is_rewritten = !self.earlier_texts(&early, past.head).await?.is_empty();
                past.early.take(&early.name, is_rewritten, turn);
            }
        }
        exporting.early = std::mem::take(&mut past.early);
        past.stop().await;
        Ok(())
    }
}
