//! How many of the records that are exported together make an item: so many as a request may hold.

use std::collections::HashSet;
use std::ops::Add;
use std::sync::Arc;

use super::{ExportItem, ItemBytes};
use crate::domain::limits;
use crate::domain::model::{Claim, Figure, Record, Version};
use crate::domain::name::Name;

/// Bytes of one item, about: an import takes it in a batch, and a server that sends the smallest messages in one. What goes
/// with it has the rest.
const ITEM_BYTES: usize = limits::IMPORT_BATCH_BYTES - 64 * 1024;

/// A record with its text.
type Whole = (Arc<Version>, Option<Arc<str>>);

/// What records take of an item.
#[derive(Clone, Copy, Debug, Default)]
struct Room {
    bytes: usize,
    /// Their retractions included.
    records: usize,
    spans: usize,
}

/// Records on their way into items. The first are what others of them refer to: where one item does not hold them all,
/// others come before it. Only a circle that is larger than an item is refused by an import, which is better than an export
/// that nobody can finish.
pub(super) struct Cutting<'a> {
    item_bytes: ItemBytes,
    /// The articles that earlier items made.
    made: Arc<HashSet<Name>>,
    items: &'a mut Vec<ExportItem>,
    /// The record whose turn it is, which the last item holds.
    own: Room,
    taken: Room,
    records: Vec<Whole>,
}

impl<'a> Cutting<'a> {
    /// Begins with the record whose turn it is, which is in an item however large it is.
    pub(super) fn new(
        own: Whole,
        made: Arc<HashSet<Name>>,
        item_bytes: ItemBytes,
        items: &'a mut Vec<ExportItem>,
    ) -> Self {
        let mut cutting =
            Self { item_bytes, made, items, own: Room::default(), taken: Room::default(), records: Vec::new() };
        cutting.own = cutting.room(&own);
        cutting.taken = cutting.own;
        cutting.records.push(own);
        cutting
    }

    /// Adds a record that is taken along.
    pub(super) fn add(&mut self, early: Whole) {
        let room = self.room(&early);
        if !(self.taken + room).is_an_item() {
            let full = self.records.split_off(1);
            self.put(full);
            self.taken = self.own;
        }
        if !(self.taken + room).is_an_item() {
            // Too large beside the record itself.
            self.put(vec![early]);
            return;
        }
        self.taken = self.taken + room;
        self.records.push(early);
    }

    /// Ends with the item that holds the record whose turn it is.
    pub(super) fn finish(mut self) {
        let last = std::mem::take(&mut self.records);
        self.put(last);
    }

    fn put(&mut self, records: Vec<Whole>) {
        if !records.is_empty() {
            self.items.push(ExportItem::Records { records, made: Arc::clone(&self.made) });
        }
    }

    fn room(&self, (version, text): &Whole) -> Room {
        // That of an article which is made already has an item of its own.
        let retractions = usize::from(version.retraction.is_some() && !self.made.contains(&version.name));
        let bytes = (self.item_bytes)(version, text.as_deref());
        Room { bytes, records: 1 + retractions, spans: spans(&version.record) }
    }
}

impl Room {
    fn is_an_item(self) -> bool {
        self.bytes <= ITEM_BYTES && self.records <= limits::REQUEST_RECORDS && self.spans <= limits::REQUEST_SPANS
    }
}

impl Add for Room {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, records: self.records + other.records, spans: self.spans + other.spans }
    }
}

/// The spans of a record, as the limit of a request counts them.
fn spans(record: &Record) -> usize {
    match record {
        Record::Article(_) | Record::Assessment(_) => 0,
        Record::Source(source) => source.mentions.len(),
        Record::Relation(relation) => relation.evidence.len(),
        Record::Claim(claim) => spans_of_claim(claim),
    }
}

fn spans_of_claim(claim: &Claim) -> usize {
    let of_hops = claim.attributions.iter().flat_map(|hop| [&hop.cue, &hop.source_span]).flatten().count();
    let of_hedges = claim.hedges.iter().filter(|hedge| hedge.span.is_some()).count();
    let of_entities: usize = claim.entities.iter().map(|entity| entity.mentions.len()).sum();
    // One without a span is looked for, too.
    let is_found = |figure: &&Figure| figure.span.is_some() || !figure.verbatim.is_empty();
    claim.spans.len() + of_hops + of_hedges + of_entities + claim.figures.iter().filter(is_found).count()
}
