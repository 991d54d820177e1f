//! From lines to batches, on a thread of its own, a few batches ahead of the connection.

use std::collections::VecDeque;
use std::io;

use prost::Message as _;
use tokio::sync::mpsc;

use super::files::{Line, Lines, Place};
use super::lines::Format;
use super::rejects::Reject;
use crate::proto::claimdb::v1::RecordRequest;

/// Batches that are made ahead.
const AHEAD: usize = 2;

/// What a batch takes besides its items, at most.
const FRAME_BYTES: usize = 2048;

/// What an item takes besides itself, at most.
const ITEM_BYTES: usize = 8;

/// Where an import stands after a batch: the server keeps it for us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) place: Place,
    /// Lines before it that hold no item.
    pub(super) unread: u64,
}

impl Position {
    pub(super) fn encode(self) -> String {
        format!("{} {} {}", self.place.file, self.place.line, self.unread)
    }

    pub(super) fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let position = Self {
            place: Place { file: parts.next()?.parse().ok()?, line: parts.next()?.parse().ok()? },
            unread: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(position)
    }
}

/// A batch that can be sent.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    pub(super) items: Vec<RecordRequest>,
    /// The place behind each item.
    pub(super) places: Vec<Place>,
    /// Where the import stands after it.
    pub(super) end: Position,
    /// Lines of it that hold no item.
    pub(super) unread: Vec<Reject>,
    /// Bytes of the files that were read for it and those before it.
    pub(super) read: u64,
}

impl Prepared {
    /// Leaves the first half of its items, and gives the rest of it; none where nothing is left to be halved.
    pub(super) fn halve(&mut self) -> Option<Self> {
        let half = self.items.len() / 2;
        let place = *self.places.get(half.checked_sub(1)?)?;
        let unread = self.unread.partition_point(|reject| reject.place <= place);
        let rest = Self {
            items: self.items.split_off(half),
            places: self.places.split_off(half),
            end: self.end,
            unread: self.unread.split_off(unread),
            read: self.read,
        };
        self.end = Position { place, unread: self.end.unread - rest.unread.len() as u64 };
        Some(rest)
    }

    /// Leaves its only item out, which is more than the server takes; tells whether there was one.
    pub(super) fn leave_out(&mut self) -> bool {
        let (&[place], 1) = (self.places.as_slice(), self.items.len()) else { return false };
        (self.items, self.places) = (Vec::new(), Vec::new());
        self.unread.push(Reject::too_large(place));
        self.end.unread += 1;
        true
    }
}

/// How batches are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) records: usize,
    pub(super) bytes: usize,
    /// Make an end of the batch at the first line that holds no item, and none after it.
    pub(super) stops: bool,
}

/// Makes batches.
pub(super) struct Batches {
    lines: Lines,
    format: Format,
    bounds: Bounds,
    /// Where batches end that were made before.
    ends: VecDeque<Position>,
    /// Read, and of the next batch.
    held: Option<(RecordRequest, Place)>,
    unread: u64,
    is_stopped: bool,
}

impl Batches {
    /// Makes them on a thread, from `start` on; the first of them end where they ended before.
    pub(super) fn spawn(
        lines: Lines,
        bounds: Bounds,
        start: Position,
        ends: VecDeque<Position>,
    ) -> io::Result<mpsc::Receiver<io::Result<Prepared>>> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        std::thread::Builder::new().name("claimdb-lines".to_owned()).spawn(move || {
            // The way to the start may be long: whoever listens for signals must not go it.
            let made = Self::new(lines, bounds, start, ends).and_then(|mut batches| batches.send(&sender));
            if let Err(error) = made {
                // Nobody waits any more when the import has ended.
                let _ = sender.blocking_send(Err(error));
            }
        })?;
        Ok(receiver)
    }

    fn new(mut lines: Lines, bounds: Bounds, start: Position, ends: impl Into<VecDeque<Position>>) -> io::Result<Self> {
        lines.pass_to(start.place)?;
        Ok(Self {
            lines,
            format: Format::new(),
            bounds,
            ends: ends.into(),
            held: None,
            unread: start.unread,
            is_stopped: false,
        })
    }

    /// Makes all, as long as somebody takes them.
    fn send(&mut self, sender: &mpsc::Sender<io::Result<Prepared>>) -> io::Result<()> {
        while let Some(batch) = self.next()? {
            if sender.blocking_send(Ok(batch)).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The next batch; none at the end.
    fn next(&mut self) -> io::Result<Option<Prepared>> {
        let known = self.ends.pop_front();
        let mut batch = Prepared::default();
        let (mut records, mut bytes) = (0, FRAME_BYTES);
        let mut is_empty = true;
        while !self.is_stopped && known.is_none_or(|end| self.lines.place() < end.place) {
            let (item, place) = match self.held.take() {
                Some((item, place)) => (Ok(item), place),
                None => match self.lines.next()? {
                    Some((Line::Whole(line), place)) if line.iter().all(u8::is_ascii_whitespace) => {
                        // An empty line is no item and no mistake.
                        batch.end.place = place;
                        is_empty = false;
                        continue;
                    }
                    Some((Line::Whole(line), place)) => (self.format.read(&line), place),
                    Some((Line::TooLong, place)) => (Err("the line is longer than a batch may be".to_owned()), place),
                    None => break,
                },
            };
            let size = item.as_ref().map(|item| (records_in(item), item.encoded_len() + ITEM_BYTES)).unwrap_or((0, 0));
            let too_large = size.1 + FRAME_BYTES > self.bounds.bytes;
            let item = if too_large { Err("the item is larger than a batch may be".to_owned()) } else { item };
            match item {
                Ok(item) => {
                    // An item that is more by itself is sent alone: it is refused, and others are not with it.
                    let full = records + size.0 > self.bounds.records
                        || bytes + size.1 > self.bounds.bytes
                        || batch.items.len() == self.bounds.records;
                    if known.is_none() && full && !batch.items.is_empty() {
                        self.held = Some((item, place));
                        break;
                    }
                    (records, bytes) = (records + size.0, bytes + size.1);
                    batch.items.push(item);
                    batch.places.push(place);
                }
                Err(message) => {
                    self.unread += 1;
                    batch.unread.push(Reject::unread(place, message));
                    // What was passed over before is not where to stop now.
                    self.is_stopped = self.bounds.stops && known.is_none();
                }
            }
            batch.end.place = place;
            is_empty = false;
            // Lines that hold no item wait in memory for their batch: not for ever.
            if batch.unread.len() >= self.bounds.records.max(1) && known.is_none() {
                break;
            }
        }
        batch.end.unread = self.unread;
        // Its item was left out then, and nothing but the position says so.
        if known.is_some_and(|end| end.unread > self.unread) && batch.leave_out() {
            self.unread = batch.end.unread;
        }
        batch.read = self.lines.bytes_read();
        Ok((!is_empty).then_some(batch))
    }
}

fn records_in(item: &RecordRequest) -> usize {
    item.articles.len()
        + item.sources.len()
        + item.claims.len()
        + item.relations.len()
        + item.assessments.len()
        + item.revise.len()
        + item.retract.len()
        + item.reinstate.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> (tempfile::NamedTempFile, Lines) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let lines = Lines::new(vec![file.path().to_owned()]);
        (file, lines)
    }

    const TEXT: &str = "{\"sources\": [{}]}\n\nwrong\n{\"sources\": [{}, {}]}\n{}\n{\"sources\": [{}]}\nwrong";

    fn made(bounds: Bounds, start: Position, ends: Vec<Position>) -> Vec<(usize, Vec<u64>, Position)> {
        let (_file, lines) = lines(TEXT);
        let mut batches = Batches::new(lines, bounds, start, ends).unwrap();
        std::iter::from_fn(|| batches.next().unwrap())
            .map(|batch| (batch.items.len(), batch.places.iter().map(|place| place.line).collect(), batch.end))
            .collect()
    }

    fn at(line: u64, unread: u64) -> Position {
        Position { place: Place { file: 0, line }, unread }
    }

    #[test]
    fn batches_are_cut_by_records_and_go_on_where_they_ended() {
        let bounds = Bounds { records: 3, bytes: 1 << 20, stops: false };
        let all = made(bounds, Position::default(), Vec::new());
        assert_eq!(all, [(3, vec![1, 4, 5], at(5, 1)), (1, vec![6], at(7, 2))]);
        assert_eq!(made(bounds, at(5, 1), Vec::new()), all[1..]);
        // Batches that were made with other bounds end where they ended.
        let narrow = Bounds { records: 1, ..bounds };
        assert_eq!(made(narrow, Position::default(), vec![at(5, 1), at(7, 2)]), all);
        assert_eq!(made(narrow, Position::default(), vec![at(5, 1)]).len(), 2);
    }

    #[test]
    fn an_item_with_more_records_than_a_batch_is_sent_alone_for_the_server_to_refuse() {
        let bounds = Bounds { records: 1, bytes: 1 << 20, stops: false };
        let all = made(bounds, Position::default(), Vec::new());
        assert_eq!(all.iter().map(|batch| batch.0).collect::<Vec<_>>(), [1, 1, 1, 1]);
        assert_eq!(all.last().unwrap().2, at(7, 2));
    }

    #[test]
    fn the_first_wrong_line_is_the_last_where_it_stops() {
        let bounds = Bounds { records: 3, bytes: 1 << 20, stops: true };
        assert_eq!(made(bounds, Position::default(), Vec::new()), [(1, vec![1], at(3, 1))]);
    }

    #[test]
    fn what_no_batch_can_take_is_not_sent() {
        let bounds = Bounds { records: 3, bytes: FRAME_BYTES + ITEM_BYTES + 3, stops: false };
        let all = made(bounds, Position::default(), Vec::new());
        // The line with two sources is too large, the others are sent one by one.
        assert_eq!(all.last().unwrap().2, at(7, 3));
    }

    #[test]
    fn what_was_imported_before_is_read_again_as_it_was_then() {
        let bounds = Bounds { records: 3, bytes: FRAME_BYTES + ITEM_BYTES + 3, stops: false };
        let all = made(bounds, Position::default(), Vec::new());
        let ends: Vec<Position> = all.iter().map(|batch| batch.2).collect();
        // A line that is larger than a batch was left out of its batch, and one that holds no item is not where to stop now.
        for stops in [false, true] {
            assert_eq!(made(Bounds { stops, ..bounds }, Position::default(), ends.clone()), all);
        }
    }

    #[test]
    fn halves_end_where_what_they_are_made_of_does() {
        let bounds = Bounds { records: 9, bytes: 1 << 20, stops: false };
        let batch = || {
            let (_file, lines) = lines(TEXT);
            Batches::new(lines, bounds, Position::default(), Vec::new()).unwrap().next().unwrap().unwrap()
        };
        let told = |batch: &Prepared| {
            let places: Vec<u64> = batch.places.iter().map(|place| place.line).collect();
            assert_eq!(places.len(), batch.items.len());
            (places, batch.unread.iter().map(|it| it.place.line).collect::<Vec<_>>(), batch.end)
        };
        let mut first = batch();
        assert_eq!(told(&first), (vec![1, 4, 5, 6], vec![3, 7], at(7, 2)));
        let mut second = first.halve().unwrap();
        assert_eq!(told(&first), (vec![1, 4], vec![3], at(4, 1)));
        assert_eq!(told(&second), (vec![5, 6], vec![7], at(7, 2)));
        let third = second.halve().unwrap();
        assert_eq!(told(&second), (vec![5], vec![], at(5, 1)));
        assert_eq!(told(&third), (vec![6], vec![7], at(7, 2)));
        assert!(!first.leave_out() && second.halve().is_none() && second.leave_out());
        assert_eq!(told(&second), (vec![], vec![5], at(5, 2)));
        assert!(second.halve().is_none() && !second.leave_out());
        // As it is read again, line 5 left out.
        let ends = vec![at(4, 1), at(5, 2), at(7, 3)];
        assert_eq!(
            made(bounds, Position::default(), ends),
            [(2, vec![1, 4], at(4, 1)), (0, vec![], at(5, 2)), (1, vec![6], at(7, 3))]
        );
    }

    #[test]
    fn positions_are_read_as_they_are_written() {
        let position = Position { place: Place { file: 3, line: 1_000_000 }, unread: 7 };
        assert_eq!(Position::decode(&position.encode()), Some(position));
        for wrong in ["", "1 2", "1 2 3 4", "a b c"] {
            assert_eq!(Position::decode(wrong), None);
        }
    }
}
