//! Compaction: keeping sled's file close to what it holds.
//!
//! sled appends to one log, in segments of 512 KiB: a value as a change of a page, and the page anew instead of the
//! tenth change, or when it is split. So two thirds of a segment that was just written are replaced soon after. When half of
//! it is, sled begins to move what is left to the end of its log, a page for each page that it writes anew. There the pages lie
//! between others that are replaced soon; in the end most segments are a little more than half alive, and stay so.
//!
//! It is enough to have a page written anew here and there, and to have sled move pages while little else is written:
//! sparse segments become free, and what was in them lies together. Nothing depends on it (ADR 8).

use std::ops::Bound;

use super::core::Core;
use super::faults::Step;
use super::guard::guard;
use super::keys;
use super::pace::{Interruption, must_have_room, stand_back};
use super::segment::SegmentEntry;

/// Changes of a page of which sled writes one as the page anew (its `PAGE_CONSOLIDATION_THRESHOLD`); it moves another
/// page then.
const CHANGES: usize = 10;
/// A page of every so many values of the log is written anew. A page has 8 to 16 of them, so of a segment that is a
/// little more than half alive a third of the pages are, and it is less than half alive then; one that is nearly full stays as
/// it is.
const FRAMES_APART: usize = 32;
/// As many values of the index are on two pages of eight, each twice as large as one of the log, so that fewer of them
/// make up a segment.
const BLOCKS_APART: usize = 16;
/// For so many bytes that were written a page is moved. sled has a page on its list once for each sparse segment that a part of
/// it was ever in, and goes through all of it; most turn out to have been moved, which costs it little.
const MOVED_PER_BYTES: u64 = 8 << 10;
/// In the default tree, whose only page is small. Nothing is ever written there.
const NOWHERE: &[u8] = b"nothing";
/// Pages after which they are synced, about 256 KiB. sled writes to where moved pages were only when it has filled another of its
/// segments after the one they went to: by then they are on the disk.
const SYNC_EVERY: u32 = 16;
/// Room without which nothing is moved: it is asked for again with each sync, and sled gives back what it emptied.
const ROOM_BYTES: u64 = 4 << 20;

/// Compacts what came with a segment that was just sealed or merged: its values and, of one that was sealed, the part of
/// the log that it covers. Where there is no room they stay as they are.
///
/// Without rests, unlike merging: the less others write meanwhile, the closer together the pages come to lie.
pub(crate) fn compact(core: &Core, entry: &SegmentEntry) -> Result<(), Interruption> {
    let mut pages = Pages { core, written: 0 };
    let mut bytes = 0;
    if entry.level == 0 {
        for key in [keys::frame, keys::text] {
            let (first, last) = (key(entry.first, 0), key(entry.last, u16::MAX));
            bytes += pages.write_some(core.log.tree(), &first, &last, FRAMES_APART)?;
        }
    }
    let (first, last) = (keys::segment_start(entry.id), keys::segment_start(entry.id + 1));
    bytes += pages.write_some(&core.segments, &first, &last, BLOCKS_APART)?;
    pages.move_after(bytes)
}

/// Has sled move pages out of sparse segments, after so many bytes were removed.
pub(crate) fn move_after(core: &Core, bytes: u64) -> Result<(), Interruption> {
    Pages { core, written: 0 }.move_after(bytes)
}

/// Pages that sled is had write.
struct Pages<'a> {
    core: &'a Core,
    written: u32,
}

impl Pages<'_> {
    /// Of a range of keys, one in so many: has the page anew that it is on. Gives the bytes of all values there.
    fn write_some(
        &mut self,
        tree: &::sled::Tree,
        first: &[u8],
        last: &[u8],
        apart: usize,
    ) -> Result<u64, Interruption> {
        let mut low = Bound::Included(first.to_vec());
        let mut bytes = 0;
        loop {
            let found = guard(format_args!("compaction"), || {
                let range = tree.range::<&[u8], _>((low.as_ref().map(Vec::as_slice), Bound::Included(last)));
                let sizes = range.take(apart).map(|found| found.map(|(key, value)| (key, value.len() as u64)));
                sizes.collect::<Result<Vec<_>, _>>()
            })?;
            let Some((key, _)) = found.last() else {
                return Ok(bytes);
            };
            // Longer than any key, so it is in none of the trees.
            if !self.write(tree, &[key, [0].as_slice()].concat())? {
                return Ok(bytes);
            }
            low = Bound::Excluded(key.to_vec());
            bytes += found.iter().map(|(_, bytes)| bytes).sum::<u64>();
        }
    }

    fn move_after(mut self, bytes: u64) -> Result<(), Interruption> {
        for _ in 0..bytes.div_ceil(MOVED_PER_BYTES) {
            if !self.write(&self.core.db, NOWHERE)? {
                break;
            }
        }
        Ok(self.core.flush_and_sync()?)
    }

    /// Has the page written anew on which a key would be that is not there, and another moved, if any is to be; false where
    /// there is no room for it.
    fn write(&mut self, tree: &::sled::Tree, absent: &[u8]) -> Result<bool, Interruption> {
        stand_back(self.core)?;
        self.core.options.faults.at(Step::Compacting)?;
        if self.written.is_multiple_of(SYNC_EVERY) {
            if self.written > 0 {
                self.core.flush_and_sync()?;
            }
            if must_have_room(self.core, ROOM_BYTES).is_err() {
                return Ok(false);
            }
        }
        self.written += 1;
        let none = None::<&[u8]>;
        for _ in 0..CHANGES {
            // Unlike `remove`, this does not look first whether there is anything to do. If it ever does, or if the
            // key is there, nothing is moved and nothing is lost.
            let _unchanged = guard(format_args!("compaction"), || tree.compare_and_swap(absent, none, none))
                .map_err(Interruption::unwritten)?;
        }
        Ok(true)
    }
}
