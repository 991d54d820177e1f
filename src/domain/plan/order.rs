//! The order in which drafts are recorded.

use std::collections::HashMap;

use super::planner::Planner;
use super::refers::refers_to;
use super::{Draft, View};
use crate::domain::model::{Link, Record};
use crate::domain::name::Name;

/// How far a draft was gone into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    Begun,
    Done,
}

impl<V: View> Planner<'_, V> {
    /// The order in which drafts are recorded, by their indices. What a relation or an assessment refers to by key comes before
    /// it: by its content it may be found to be there already, under another name than it was to have. Of a circle the first
    /// comes last.
    pub(super) fn order_of(&self, drafts: &[Draft]) -> Vec<usize> {
        let refers = |draft: &Draft| matches!(draft.record, Record::Relation(_) | Record::Assessment(_));
        if !drafts.iter().any(refers) {
            // What makes a record comes before what is the same anyway.
            return (0..drafts.len()).collect();
        }
        let mut makes: HashMap<&Name, usize> = HashMap::new();
        for (index, identity) in self.identities.iter().enumerate() {
            makes.entry(&identity.name).or_insert(index);
        }
        let before = |index: usize| -> Vec<usize> {
            let Some(draft) = drafts.get(index) else { return Vec::new() };
            let referred = match &draft.record {
                Record::Relation(_) | Record::Assessment(_) => refers_to(&draft.record),
                // These refer to what has no content to be found by, or after all have their names.
                Record::Article(_) | Record::Source(_) | Record::Claim(_) => Vec::new(),
            };
            let keyed = referred.iter().filter_map(|link| match link {
                Link::Key(key) => self.keys.get(key).copied(),
                Link::Name(_) => None,
            });
            // And the draft that is to make what this one is.
            keyed.chain(self.identities.get(index).and_then(|identity| makes.get(&identity.name).copied())).collect()
        };
        let mut visits = vec![Visit::Not; drafts.len()];
        let mut order = Vec::with_capacity(drafts.len());
        for first in 0..drafts.len() {
            let mut waiting = vec![first];
            while let Some(index) = waiting.last().copied() {
                match visits[index] {
                    Visit::Not => {
                        visits[index] = Visit::Begun;
                        waiting.extend(before(index).into_iter().filter(|other| visits[*other] == Visit::Not));
                    }
                    Visit::Begun => {
                        visits[index] = Visit::Done;
                        order.push(index);
                        waiting.pop();
                    }
                    Visit::Done => {
                        waiting.pop();
                    }
                }
            }
        }
        order
    }
}
