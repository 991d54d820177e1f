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
    /// Positions in `made.versions`, by what they are found by.
    by_term: HashMap<Term, Vec<usize>>,
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
            by_term: HashMap::new(),
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
        let own = self.made.versions.len();
        for (term, number) in &item.terms {
            let position = own + first.map_or(0, |first| usize::try_from(number - first).unwrap_or(usize::MAX));
            self.by_term.entry(term.clone()).or_default().push(position);
        }
        let lowest = self.made.versions.first().map(|version| version.number).or(first);
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
        let own = self.by_term.get(term).map(Vec::as_slice).unwrap_or_default();
        let own = own.iter().filter_map(|position| self.made.versions.get(*position));
        found.extend(own.filter(|version| !self.closed.contains(&version.number)).map(Arc::clone));
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
