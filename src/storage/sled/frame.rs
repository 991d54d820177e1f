//! The frame: how consecutive versions of one commit lie in the log. Encoding is in
//! `frame_encode`; `docs/storage-format.md` describes the bytes.

use bytes::Bytes;

use super::bytes_codec::{Cursor, checksum};
use super::chain::{Hash, Salt, salted};
use super::commit::{RawHeader, RawVersion};
use super::compression::decompress;
use super::keys;

/// The only format of frames so far.
pub(crate) const FRAME_FORMAT: u8 = 1;
/// Bytes of the header, its checksum included.
pub(crate) const HEADER_BYTES: usize = 62;
/// No value in sled is longer. sled moves a page of over 128 KiB to a file of its own that it never
/// syncs, and splits a leaf only once it has more than 16 values: 17 in one leaf, 20 after a merge.
/// Twenty values of 6 KiB with their keys are 121 KiB. With 8 KiB such files did appear, now and
/// then, since a batch is applied in no particular order.
pub(crate) const VALUE_BYTES_MAX: usize = 6144;

/// Entry flag: salt and content are there.
pub(crate) const LIVE: u8 = 0;
/// Entry flag: salt and content are gone, the digest is kept.
pub(crate) const BLANKED: u8 = 1;

/// What every frame says about itself and its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) dictionary: u8,
    pub(crate) revision: u64,
    pub(crate) time_us: i64,
    pub(crate) commit_first: u64,
    pub(crate) number_count: u32,
    pub(crate) first: u64,
    pub(crate) versions: u32,
    pub(crate) index: u32,
    pub(crate) total: u32,
    pub(crate) raw_length: u32,
    pub(crate) payload_length: u32,
}

impl FrameHeader {
    /// Header bytes; the checksum over header and payload is the last field.
    pub(crate) fn encode(&self, payload: &[u8]) -> [u8; HEADER_BYTES] {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.push(FRAME_FORMAT);
        out.push(self.dictionary);
        out.extend_from_slice(&self.revision.to_be_bytes());
        out.extend_from_slice(&self.time_us.to_be_bytes());
        out.extend_from_slice(&self.commit_first.to_be_bytes());
        out.extend_from_slice(&self.number_count.to_be_bytes());
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(&self.versions.to_be_bytes());
        out.extend_from_slice(&self.index.to_be_bytes());
        out.extend_from_slice(&self.total.to_be_bytes());
        out.extend_from_slice(&self.raw_length.to_be_bytes());
        out.extend_from_slice(&self.payload_length.to_be_bytes());
        let sum = checksum(&out, payload);
        out.extend_from_slice(&sum.to_be_bytes());
        out.try_into().expect("the fields add up to HEADER_BYTES")
    }

    fn decode(cursor: &mut Cursor<'_>) -> Option<(Self, u32)> {
        if cursor.u8()? != FRAME_FORMAT {
            return None;
        }
        let header = Self {
            dictionary: cursor.u8()?,
            revision: cursor.u64()?,
            time_us: cursor.i64()?,
            commit_first: cursor.u64()?,
            number_count: cursor.u32()?,
            first: cursor.u64()?,
            versions: cursor.u32()?,
            index: cursor.u32()?,
            total: cursor.u32()?,
            raw_length: cursor.u32()?,
            payload_length: cursor.u32()?,
        };
        let sum = cursor.u32()?;
        Some((header, sum))
    }

    /// How many numbers the frame covers: a commit without versions covers its blank number.
    pub(crate) fn covered(&self) -> u64 {
        u64::from(self.versions.max(1))
    }

    /// The last number the frame covers.
    pub(crate) fn last(&self) -> u64 {
        self.first.saturating_add(self.covered() - 1)
    }

    /// The last number of the frame's commit.
    pub(crate) fn commit_last(&self) -> u64 {
        self.commit_first.saturating_add(u64::from(self.number_count.max(1)) - 1)
    }

    fn is_consistent(&self) -> bool {
        self.number_count > 0
            && self.index < self.total
            && self.first >= self.commit_first
            && self.last() <= self.commit_last()
            && (self.index == 0) == (self.first == self.commit_first)
            && (self.index + 1 == self.total) == (self.last() == self.commit_last())
    }
}

/// A note, a version or a text in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Content with the salt of its digest.
    Live { salt: Salt, content: Bytes },
    /// The digest of content that is gone.
    Blanked(Hash),
}

impl Entry {
    pub(crate) fn digest(&self) -> Hash {
        match self {
            Self::Live { salt, content } => salted(salt, content),
            Self::Blanked(digest) => *digest,
        }
    }

    pub(crate) fn content(&self) -> Option<Bytes> {
        match self {
            Self::Live { content, .. } => Some(content.clone()),
            Self::Blanked(_) => None,
        }
    }
}

/// What a commit says about a text that is stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextEntry {
    pub(crate) number: u64,
    /// `None` once the text was blanked.
    pub(crate) salt: Option<Salt>,
    pub(crate) digest: Hash,
}

/// What only the first frame of a commit carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    pub(crate) chain: Hash,
    pub(crate) note: Entry,
    pub(crate) texts: Vec<TextEntry>,
}

/// A frame, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) header: FrameHeader,
    pub(crate) opening: Option<Opening>,
    pub(crate) entries: Vec<Entry>,
}

impl Frame {
    /// Decodes the joined parts of a frame, or says what is wrong with it.
    pub(crate) fn decode(joined: &[u8]) -> Result<Self, &'static str> {
        let mut cursor = Cursor::new(joined);
        let (header, sum) = FrameHeader::decode(&mut cursor).ok_or("its header is unreadable")?;
        let payload = cursor.take(header.payload_length as usize).ok_or("it is cut short")?;
        if !cursor.is_at_end() {
            return Err("it is longer than it says");
        }
        if checksum(&joined[..HEADER_BYTES - 4], payload) != sum {
            return Err("its checksum does not match");
        }
        if !header.is_consistent() {
            return Err("its header contradicts itself");
        }
        let raw = decompress(header.dictionary, payload, header.raw_length as usize).ok_or("it does not decompress")?;
        Self::parse(header, Bytes::from(raw)).ok_or("its payload is malformed")
    }

    fn parse(header: FrameHeader, raw: Bytes) -> Option<Self> {
        let mut cursor = Cursor::new(&raw);
        let opening = match header.index {
            0 => Some(parse_opening(&header, &raw, &mut cursor)?),
            1.. => None,
        };
        // The count comes from a checksummed header; the capacity is still bounded by the bytes.
        let mut entries = Vec::with_capacity((header.versions as usize).min(raw.len()));
        for _ in 0..header.versions {
            entries.push(parse_entry(&raw, &mut cursor)?);
        }
        cursor.is_at_end().then_some(Self { header, opening, entries })
    }

    /// Whether `number` is one of its own.
    pub(crate) fn covers(&self, number: u64) -> bool {
        (self.header.first..=self.header.last()).contains(&number)
    }

    /// The version of `number`, or `None` for the blank number of a commit without versions.
    pub(crate) fn version(&self, number: u64) -> Option<RawVersion> {
        let at = usize::try_from(number.checked_sub(self.header.first)?).ok()?;
        Some(RawVersion {
            number,
            revision: self.header.revision,
            time_us: self.header.time_us,
            position: number - self.header.commit_first,
            bytes: self.entries.get(at)?.content(),
        })
    }

    /// The commit's header; only its first frame has it.
    pub(crate) fn commit_header(&self) -> Option<RawHeader> {
        let opening = self.opening.as_ref()?;
        Some(RawHeader {
            revision: self.header.revision,
            time_us: self.header.time_us,
            first_number: self.header.commit_first,
            number_count: u64::from(self.header.number_count),
            note: opening.note.content(),
            texts: opening.texts.iter().filter(|text| text.salt.is_some()).map(|text| text.number).collect(),
        })
    }

    /// Roughly what the frame costs in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.header.raw_length as usize + self.entries.len() * size_of::<Entry>() + 256
    }
}

fn parse_opening(header: &FrameHeader, raw: &Bytes, cursor: &mut Cursor<'_>) -> Option<Opening> {
    let chain = cursor.array()?;
    let note = parse_entry(raw, cursor)?;
    let count = cursor.length()?;
    let mut texts = Vec::with_capacity(count.min(raw.len()));
    for _ in 0..count {
        let number = header.commit_first.checked_add(cursor.varint()?)?;
        let salt = match cursor.u8()? {
            LIVE => Some(cursor.array()?),
            BLANKED => None,
            _ => return None,
        };
        texts.push(TextEntry { number, salt, digest: cursor.array()? });
    }
    Some(Opening { chain, note, texts })
}

fn parse_entry(raw: &Bytes, cursor: &mut Cursor<'_>) -> Option<Entry> {
    match cursor.u8()? {
        LIVE => {
            let salt = cursor.array()?;
            let length = cursor.length()?;
            let start = cursor.position();
            cursor.take(length)?;
            Some(Entry::Live { salt, content: raw.slice(start..start + length) })
        }
        BLANKED => Some(Entry::Blanked(cursor.array()?)),
        _ => None,
    }
}

/// The length of the value that a frame's first part begins; `None` where that is no frame.
pub(crate) fn joined_length(first_part: &[u8]) -> Option<usize> {
    let (header, _) = FrameHeader::decode(&mut Cursor::new(first_part))?;
    Some(HEADER_BYTES + header.payload_length as usize)
}

/// Cuts a value into parts that fit sled and gives each its key.
pub(crate) fn parts(
    number: u64,
    key: fn(u64, u16) -> [u8; 11],
    value: &[u8],
) -> impl Iterator<Item = ([u8; 11], &[u8])> {
    debug_assert!(value.len() <= VALUE_BYTES_MAX * usize::from(u16::MAX));
    value.chunks(VALUE_BYTES_MAX).enumerate().map(move |(part, bytes)| {
        let part = u16::try_from(part).expect("values are far below 65,536 parts");
        (key(number, part), bytes)
    })
}

/// The key of the last part that could belong to a frame covering `number`.
pub(crate) fn last_key_at(number: u64) -> [u8; 11] {
    keys::frame(number, u16::MAX)
}
