//! A view with the versions of a commit in the making on top: what an item of an import sees of the items before it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::assemble::Made;
use crate::domain::model::Version;
use crate::domain::plan::View;
use crate::domain::term::Term;
use crate::domain::text::Sha256;

/// The store as it will be with a commit that is being put together.
pub(super) struct Overlay<'v, V> {
    base: &'v V,
    made: Made,
    /// Positions in `made.versions`. A claim has some forty terms that are no keys, and one of those is asked for rarely enough to
    /// be looked for in all of them.
    by_key: HashMap<Term, Vec<usize>>,
    /// Numbers that the commit closes, its own among them.
    closed: HashSet<u64>,
    /// How many of those are of the store below.
    closed_below: usize,
    texts: HashMap<Sha256, Arc<str>>,
}

impl<'v, V: View> Overlay<'v, V> {
    pub(super) fn new(base: &'v V) -> Self {
        Self {
            base,
            made: Made::default(),
            by_key: HashMap::new(),
            closed: HashSet::new(),
            closed_below: 0,
            texts: HashMap::new(),
        }
    }

    /// How many versions there are so far.
    pub(super) fn versions(&self) -> usize {
        self.made.versions.len()
    }

    /// Puts what one item makes on top.
    pub(super) fn push(&mut self, mut item: Made) {
        let first = item.versions.first().map(|version| version.number);
        let lowest = self.made.versions.first().map(|version| version.number).or(first);
        for (number, keys) in &item.keys {
            let position = position(*number, lowest);
            for term in keys {
                self.by_key.entry(term.clone()).or_default().push(position);
            }
        }
        for (old, _) in &item.closings {
            self.closed.insert(*old);
            if lowest.is_none_or(|lowest| *old < lowest) {
                self.closed_below += 1;
            }
        }
        // A text is stored once in a commit, however many items bring it.
        item.texts.retain(|(_, sha256, text)| self.texts.insert(*sha256, Arc::clone(text)).is_none());
        self.made.append(item);
    }

    /// All that was made.
    pub(super) fn into_made(self) -> Made {
        self.made
    }
}

impl<V: View> View for Overlay<'_, V> {
    type Error = V::Error;

    fn holding(&self, term: &Term, limit: usize) -> Result<Vec<Arc<Version>>, V::Error> {
        // What the commit closes below may be among the newest there: so many more are asked for.
        let mut found = self.base.holding(term, limit.saturating_add(self.closed_below))?;
        found.retain(|version| !self.closed.contains(&version.number));
        let own = |position: usize| {
            let version = self.made.versions.get(position)?;
            (!self.closed.contains(&version.number)).then(|| Arc::clone(version))
        };
        if term.is_key() {
            let positions = self.by_key.get(term).map(Vec::as_slice).unwrap_or_default();
            found.extend(positions.iter().filter_map(|position| own(*position)));
        } else {
            let carrying = (0..).zip(&self.made.versions).filter(|(_, version)| term.is_carried_by(version));
            found.extend(carrying.filter_map(|(position, _)| own(position)));
        }
        found.drain(..found.len().saturating_sub(limit));
        Ok(found)
    }

    fn text(&self, sha256: Sha256) -> Result<Option<Arc<str>>, V::Error> {
        match self.texts.get(&sha256) {
            Some(text) => Ok(Some(Arc::clone(text))),
            None => self.base.text(sha256),
        }
    }
}

/// Where a version with a number lies among those of a commit, whose numbers are dense.
fn position(number: u64, lowest: Option<u64>) -> usize {
    lowest.map_or(0, |lowest| usize::try_from(number - lowest).unwrap_or(usize::MAX))
}
