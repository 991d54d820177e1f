//! What of a summary fits into one message. Every list has its share of the room, so that a long one leaves place for the
//! others; what does not fit is named, and its count stands beside the list.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;

use crate::api::read::ITEM_BYTES;
use crate::domain::figure::summary::Cut;
use crate::domain::limits;
use crate::domain::name::Name;
use crate::proto::claimdb::v1;

/// Bytes for all lists of one sort: there are four besides the statements, and room is left for what always fits.
const LIST_BYTES: usize = limits::PAGE_BYTES / 12;

/// Bytes for what is always shown: the heads of all series.
const HEAD_BYTES: usize = limits::PAGE_BYTES / 12;

/// Bytes for the statements with the names of their sources.
const STATEMENT_BYTES: usize = limits::PAGE_BYTES - 4 * LIST_BYTES - HEAD_BYTES;

/// The room in one message.
pub(super) struct Room<'s> {
    left: BTreeMap<Cut, usize>,
    statements: usize,
    names: &'s BTreeMap<Name, String>,
    sources: BTreeSet<String>,
    shown: Vec<v1::SummarySource>,
    cuts: BTreeSet<Cut>,
}

impl<'s> Room<'s> {
    /// All of it; with the names of sources.
    pub(super) fn new(names: &'s BTreeMap<Name, String>) -> Self {
        Self {
            left: BTreeMap::new(),
            statements: STATEMENT_BYTES,
            names,
            sources: BTreeSet::new(),
            shown: Vec::new(),
            cuts: BTreeSet::new(),
        }
    }

    /// Takes what is shown whatever its size; what is more than its share goes from the statements.
    pub(super) fn take_always(&mut self, message: &impl Message) {
        let left = self.left.entry(Cut::Series).or_insert(HEAD_BYTES);
        let bytes = message.encoded_len() + ITEM_BYTES;
        let beyond = bytes.saturating_sub(*left);
        *left = left.saturating_sub(bytes);
        self.statements = self.statements.saturating_sub(beyond);
    }

    /// As many items of a list as fit; there are `total` of them, listed or not.
    pub(super) fn list<M: Message>(&mut self, cut: Cut, total: u64, items: impl Iterator<Item = M>) -> Vec<M> {
        let left = self.left.entry(cut).or_insert(LIST_BYTES);
        let mut list = Vec::new();
        for item in items {
            let bytes = item.encoded_len() + ITEM_BYTES;
            if bytes > *left {
                // What follows is not shown in place of what did not fit.
                *left = 0;
                break;
            }
            *left -= bytes;
            list.push(item);
        }
        if (list.len() as u64) < total {
            self.cuts.insert(cut);
        }
        list
    }

    /// As many statements as fit, with the names of their sources.
    pub(super) fn statements(
        &mut self,
        statements: impl Iterator<Item = v1::FigureStatement>,
    ) -> Vec<v1::FigureStatement> {
        let mut list = Vec::new();
        for statement in statements {
            let new: Vec<v1::SummarySource> = self.new_sources(&statement);
            let bytes: usize = new.iter().map(|source| source.encoded_len() + ITEM_BYTES).sum();
            let bytes = bytes + statement.encoded_len() + ITEM_BYTES;
            if bytes > self.statements {
                self.statements = 0;
                self.cuts.insert(Cut::Statements);
                break;
            }
            self.statements -= bytes;
            self.sources.extend(new.iter().map(|source| source.name.clone()));
            self.shown.extend(new);
            list.push(statement);
        }
        list
    }

    /// Notes that something was left out.
    pub(super) fn note(&mut self, cut: Cut) {
        self.cuts.insert(cut);
    }

    /// The sources that are named, by name, and what was left out.
    pub(super) fn finish(mut self) -> (Vec<v1::SummarySource>, BTreeSet<Cut>) {
        self.shown.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        (self.shown, self.cuts)
    }

    fn new_sources(&self, statement: &v1::FigureStatement) -> Vec<v1::SummarySource> {
        let names: BTreeSet<&String> = statement.chain.iter().filter(|name| !self.sources.contains(*name)).collect();
        let source = |name: &String| {
            let display_name = name.parse().ok().and_then(|name: Name| self.names.get(&name)).cloned();
            v1::SummarySource { name: name.clone(), display_name: display_name.unwrap_or_default() }
        };
        names.into_iter().map(source).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(number: usize) -> v1::FigureStatement {
        v1::FigureStatement {
            name: format!("claims/{number}/figures/f1"),
            chain: vec![format!("sources/{}", number % 1000)],
            figures: vec![v1::Figure { verbatim: "x".repeat(500), ..v1::Figure::default() }],
            ..v1::FigureStatement::default()
        }
    }

    #[test]
    fn an_answer_is_never_larger_than_a_message_and_says_what_is_missing() {
        let names = (0..1000).map(|number| (format!("sources/{number}").parse().expect("a name"), "n".repeat(512)));
        let names: BTreeMap<Name, String> = names.collect();
        let mut room = Room::new(&names);
        let mut bytes = 0;
        for _ in 0..100 {
            let head = v1::FigureSeries {
                metric: Some(v1::Metric { definition: "d".repeat(4096), ..v1::Metric::default() }),
                ..v1::FigureSeries::default()
            };
            room.take_always(&head);
            let pair = v1::FigurePair { a: "a".repeat(140), b: "b".repeat(140), ..v1::FigurePair::default() };
            let pairs = room.list(Cut::Pairs, 1_000, (0..1_000).map(|_| pair.clone()));
            let statements = room.statements((0..5_000).map(statement));
            bytes += v1::FigureSeries { pairs, statements, ..head }.encoded_len() + ITEM_BYTES;
        }
        let (sources, cuts) = room.finish();
        bytes += sources.iter().map(|source| source.encoded_len() + ITEM_BYTES).sum::<usize>();
        assert!(sources.is_sorted_by(|a, b| a.name < b.name) && sources.len() > 900, "{}", sources.len());
        assert!((limits::PAGE_BYTES / 2..=limits::PAGE_BYTES).contains(&bytes), "{bytes}");
        assert_eq!(cuts.into_iter().collect::<Vec<_>>(), [Cut::Statements, Cut::Pairs]);
    }

    #[test]
    fn what_fits_is_not_cut() {
        let names = BTreeMap::new();
        let mut room = Room::new(&names);
        let listed = room.list(Cut::Buckets, 2, (0..2).map(|_| v1::FigureBucket::default()));
        assert_eq!((listed.len(), room.statements((0..3).map(statement)).len()), (2, 3));
        assert!(room.finish().1.is_empty());
    }
}
