//! Reading the log: the frame of a number, whole commits, texts, and a bounded cache of decoded
//! frames.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::commit::{RawCommit, RawHeader};
use super::errors::Damage;
use super::frame::{self, Frame, VALUE_BYTES_MAX};
use super::frame_starts::FrameStarts;
use super::guard::guard;
use super::met_lately::MetLately;
use super::{keys, text};

/// The log tree.
pub(crate) struct Log {
    tree: ::sled::Tree,
    starts: FrameStarts,
    met: MetLately,
    cache: Mutex<FrameCache>,
}

impl Log {
    /// `kept_max` is how many bytes of frames are kept.
    pub(crate) fn new(tree: ::sled::Tree, kept_max: usize) -> Self {
        let cache = Mutex::new(FrameCache { bytes_max: kept_max, ..FrameCache::default() });
        Self { tree, starts: FrameStarts::default(), met: MetLately::default(), cache }
    }

    pub(crate) fn tree(&self) -> &::sled::Tree {
        &self.tree
    }

    /// The frame that covers `number`. Its absence is damage: callers ask within the head only. It is kept once it is asked
    /// for again.
    pub(crate) fn frame_at(&self, number: u64) -> Result<Arc<Frame>, Damage> {
        if let Some(found) = self.cache().get(number) {
            return Ok(found);
        }
        let learned = match self.starts.of(number) {
            Some(first) => self.frame_from(first)?.filter(|found| found.covers(number)),
            None => None,
        };
        let decoded = match learned {
            Some(decoded) => decoded,
            None => {
                let found = self.read_frame(number)?;
                let found = found.ok_or_else(|| Damage::new(format!("number {number}: no frame covers it")))?;
                self.starts.learn(found.header.first, found.header.last());
                found
            }
        };
        let decoded = Arc::new(decoded);
        let is_kept = self.met.meet(decoded.header.first);
        let mut cache = self.cache();
        cache.last = Some(Arc::clone(&decoded));
        if is_kept {
            cache.insert(&decoded);
        }
        Ok(decoded)
    }

    /// Learns where frames begin that were just written: each holds the numbers from its first to its last.
    pub(crate) fn learn(&self, frames: &[(u64, u64)]) {
        frames.iter().for_each(|(first, last)| self.starts.learn(*first, *last));
    }

    /// The frame that begins with `first`; `None` if none does.
    fn frame_from(&self, first: u64) -> Result<Option<Frame>, Damage> {
        let Some(value) = self.frame_part(first, 0)? else { return Ok(None) };
        // What is no frame is told by decoding it.
        let length = frame::joined_length(&value).unwrap_or(value.len());
        let joined = self.joined(format_args!("frame {first}"), |part| keys::frame(first, part), &value, length)?;
        decode_frame(first, &joined).map(Some)
    }

    /// A value that was cut into parts, from its first part and the length it has in all.
    fn joined<'v>(
        &self,
        what: fmt::Arguments<'_>,
        key: impl Fn(u16) -> [u8; 11],
        first: &'v [u8],
        length: usize,
    ) -> Result<Cow<'v, [u8]>, Damage> {
        let mut joined = Cow::Borrowed(first);
        for part in 1..length.div_ceil(VALUE_BYTES_MAX) {
            let part = u16::try_from(part).map_err(|_| Damage::new(format!("{what}: its length is impossible")))?;
            let bytes = guard(what, || self.tree.get(key(part)))?;
            let bytes = bytes.ok_or_else(|| Damage::new(format!("{what}: a part is missing")))?;
            joined.to_mut().extend_from_slice(&bytes);
        }
        Ok(joined)
    }

    fn frame_part(&self, first: u64, part: u16) -> Result<Option<::sled::IVec>, Damage> {
        guard(format_args!("frame {first}"), || self.tree.get(keys::frame(first, part)))
    }

    /// The last frame of the log that begins at or before `number`, past the cache.
    pub(crate) fn last_frame_until(&self, number: u64) -> Result<Option<Frame>, Damage> {
        let Some((first, last_part, value)) = self.last_part_until(number)? else {
            return Ok(None);
        };
        self.assemble(first, last_part, value).map(Some)
    }

    /// The frame that covers `number`, past the cache; `None` if there is none.
    pub(crate) fn read_frame(&self, number: u64) -> Result<Option<Frame>, Damage> {
        Ok(self.last_frame_until(number)?.filter(|found| found.covers(number)))
    }

    /// The header of the commit that holds `number`.
    pub(crate) fn header_at(&self, number: u64) -> Result<RawHeader, Damage> {
        let mut found = self.frame_at(number)?;
        if found.header.index > 0 {
            found = self.frame_at(found.header.commit_first)?;
        }
        found.commit_header().ok_or_else(|| Damage::new(format!("commit {}: no first frame", found.header.revision)))
    }

    /// All frames of the commit that begins at `first_number`, in order.
    pub(crate) fn commit_frames(&self, first_number: u64) -> Result<Vec<Frame>, Damage> {
        let missing = |number: u64| Damage::new(format!("commit at number {first_number}: no frame {number}"));
        let opening = self
            .read_frame(first_number)?
            .filter(|found| found.header.commit_first == first_number && found.header.index == 0)
            .ok_or_else(|| missing(first_number))?;
        let expected = opening.header;
        let mut next = expected.last() + 1;
        let mut frames = vec![opening];
        for index in 1..expected.total {
            let following = self.read_frame(next)?.ok_or_else(|| missing(next))?;
            let header = following.header;
            let belongs = header.index == index
                && header.first == next
                && (header.revision, header.time_us) == (expected.revision, expected.time_us)
                && (header.commit_first, header.total, header.number_count)
                    == (expected.commit_first, expected.total, expected.number_count);
            if !belongs {
                return Err(missing(next));
            }
            next = header.last() + 1;
            frames.push(following);
        }
        Ok(frames)
    }

    /// The whole commit that begins at `first_number`.
    pub(crate) fn commit(&self, first_number: u64) -> Result<RawCommit, Damage> {
        whole(&self.commit_frames(first_number)?)
    }

    /// The text of `number`, or `None` if it has none or it was blanked.
    pub(crate) fn text(&self, number: u64) -> Result<Option<Bytes>, Damage> {
        if let Some(found) = self.stored_text(number)? {
            return Ok(Some(found));
        }
        // Absent is normal for most numbers, but not for one whose commit promises a text.
        match self.header_at(number)?.texts.contains(&number) {
            true => Err(Damage::new(format!("text {number}: missing"))),
            false => Ok(None),
        }
    }

    /// The text under `number` as it lies there, whatever its commit says.
    pub(crate) fn stored_text(&self, number: u64) -> Result<Option<Bytes>, Damage> {
        let damaged = |reason: &str| Damage::new(format!("text {number}: {reason}"));
        let what = format_args!("text {number}");
        let Some(first) = guard(what, || self.tree.get(keys::text(number, 0)))? else {
            return Ok(None);
        };
        let length = text::joined_length(&first).ok_or_else(|| damaged("it has no header"))?;
        let joined = self.joined(what, |part| keys::text(number, part), &first, length)?;
        text::decode(number, &joined).map(Some).map_err(damaged)
    }

    /// Removes texts of numbers behind `last`: a group of one frame whose end was lost may have left them. Gives how many
    /// values there were. An open that cannot read there fails: such a text would be taken for that of a later version.
    pub(crate) fn remove_texts_behind(&self, last: u64) -> Result<usize, Damage> {
        let what = format_args!("texts behind number {last}");
        let left: Vec<::sled::IVec> =
            guard(what, || self.tree.range(keys::text(last + 1, 0)..).keys().collect::<Result<_, _>>())?;
        for key in &left {
            guard(what, || self.tree.remove(key))?;
        }
        Ok(left.len())
    }

    fn last_part_until(&self, number: u64) -> Result<Option<(u64, u16, ::sled::IVec)>, Damage> {
        let found = guard(format_args!("log before number {number}"), || {
            self.tree.range(keys::frame(0, 0)..=frame::last_key_at(number)).next_back().transpose()
        })?;
        found
            .map(|(key, value)| {
                let (first, part) = keys::parse_frame(&key).ok_or_else(|| Damage::new("a key of the log"))?;
                Ok((first, part, value))
            })
            .transpose()
    }

    fn assemble(&self, first: u64, last_part: u16, value: ::sled::IVec) -> Result<Frame, Damage> {
        if last_part == 0 {
            return decode_frame(first, &value);
        }
        let mut joined = Vec::with_capacity(VALUE_BYTES_MAX * (usize::from(last_part) + 1));
        for part in 0..last_part {
            let bytes = self.frame_part(first, part)?;
            let bytes = bytes.ok_or_else(|| Damage::new(format!("frame {first}: a part is missing")))?;
            joined.extend_from_slice(&bytes);
        }
        joined.extend_from_slice(&value);
        decode_frame(first, &joined)
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, FrameCache> {
        // The cache is whole between any two statements; a panic elsewhere does not spoil it.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The frame whose parts these are, joined; it must begin with `first`.
fn decode_frame(first: u64, joined: &[u8]) -> Result<Frame, Damage> {
    let damaged = |reason: &str| Damage::new(format!("frame {first}: {reason}"));
    let decoded = Frame::decode(joined).map_err(damaged)?;
    if decoded.header.first != first {
        return Err(damaged("it lies under another number"));
    }
    Ok(decoded)
}

/// Joins the frames of one commit.
pub(crate) fn whole(frames: &[Frame]) -> Result<RawCommit, Damage> {
    let header =
        frames.first().and_then(Frame::commit_header).ok_or_else(|| Damage::new("a commit without its first frame"))?;
    let versions = frames.iter().flat_map(|frame| frame.entries.iter().map(frame::Entry::content)).collect();
    Ok(RawCommit { header, versions })
}

/// First in, first out: reads cluster around the newest numbers, where recency of insertion is as good as recency of use.
#[derive(Default)]
struct FrameCache {
    /// The one read last, kept or not: what reads one number after the other meets it for each of its own.
    last: Option<Arc<Frame>>,
    frames: BTreeMap<u64, Arc<Frame>>,
    order: VecDeque<u64>,
    bytes: usize,
    bytes_max: usize,
}

impl FrameCache {
    fn get(&self, number: u64) -> Option<Arc<Frame>> {
        if let Some(last) = self.last.as_ref().filter(|last| last.covers(number)) {
            return Some(Arc::clone(last));
        }
        let (_, found) = self.frames.range(..=number).next_back()?;
        found.covers(number).then(|| Arc::clone(found))
    }

    fn insert(&mut self, frame: &Arc<Frame>) {
        let first = frame.header.first;
        if self.frames.insert(first, Arc::clone(frame)).is_some() {
            return;
        }
        self.order.push_back(first);
        self.bytes += frame.bytes();
        while self.bytes > self.bytes_max {
            let Some(evicted) = self.order.pop_front().and_then(|old| self.frames.remove(&old)) else {
                return;
            };
            self.bytes -= evicted.bytes();
        }
    }
}
