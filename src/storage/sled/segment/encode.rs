//! Packing a segment into values. Deterministic, so that verify can encode again and compare, a
//! retried seal writes the same values, and a merged segment is the one that would have been sealed.

use super::super::bytes_codec::{put_varint, seal_value};
use super::super::keys::{self, Kind};
use super::super::memory_segment::{MemorySegment, term_hash};
use super::block::{Block, BlockBuilder};
use super::entry::SegmentEntry;
use super::filter::KeyFilter;

/// Directory and closings: closed when they reach this.
const CHUNK_BYTES_TARGET: usize = 4096;
/// The filter is cut into pieces of this.
const FILTER_CHUNK_BYTES: usize = 4096;

/// First term and first offset of a block.
pub(super) type DirectoryEntry = (Box<[u8]>, u32);

/// A segment's entry, and the parts of it that stay in memory.
pub(crate) struct Encoded {
    pub(crate) entry: SegmentEntry,
    pub(super) directory: Vec<DirectoryEntry>,
    pub(super) filter: KeyFilter,
    pub(super) closings: Vec<(u64, u64)>,
}

/// Counts and checksums what passes to `write`.
struct Output<W> {
    id: u64,
    write: W,
    content: crc32fast::Hasher,
}

impl<E, W: FnMut(&[u8], Vec<u8>) -> Result<(), E>> Output<W> {
    fn put(&mut self, kind: Kind, index: &mut u32, body: Vec<u8>) -> Result<(), E> {
        let key = keys::segment(self.id, kind, *index);
        let value = seal_value(&key, body);
        self.content.update(&value);
        *index += 1;
        (self.write)(&key, value)
    }
}

/// What a segment is to hold.
pub(crate) trait Content<E> {
    /// At least the number of distinct terms.
    fn terms_max(&self) -> usize;

    /// Calls `visit` with every term, ascending, and its offsets, ascending, from the first number of
    /// the segment.
    fn visit_terms(&mut self, visit: impl FnMut(&[u8], &[u32]) -> Result<(), E>) -> Result<(), E>;

    /// All closings, ascending by the number that was closed.
    fn closings(&mut self) -> Result<Vec<(u64, u64)>, E>;
}

impl<E> Content<E> for &MemorySegment {
    fn terms_max(&self) -> usize {
        self.term_count()
    }

    fn visit_terms(&mut self, visit: impl FnMut(&[u8], &[u32]) -> Result<(), E>) -> Result<(), E> {
        MemorySegment::visit_terms(self, visit)
    }

    fn closings(&mut self) -> Result<Vec<(u64, u64)>, E> {
        Ok(self.sorted_closings())
    }
}

/// Encodes `content` as the segment that `entry` outlines; hands every key and value to `write` in key
/// order.
pub(crate) fn encode<E>(
    mut content: impl Content<E>,
    mut entry: SegmentEntry,
    write: impl FnMut(&[u8], Vec<u8>) -> Result<(), E>,
) -> Result<Encoded, E> {
    let mut output = Output { id: entry.id, write, content: crc32fast::Hasher::new() };
    let (directory, hashes) = put_postings(&mut content, &mut entry, &mut output)?;
    let closings = content.closings()?;
    entry.closings = closings.len() as u64;
    for body in closing_bodies(&closings) {
        output.put(Kind::Closings, &mut entry.closing_blocks, body)?;
    }
    for body in directory_bodies(&directory) {
        output.put(Kind::Directory, &mut entry.directory_chunks, body)?;
    }
    let filter = KeyFilter::build(hashes);
    for chunk in filter.bytes().chunks(FILTER_CHUNK_BYTES) {
        output.put(Kind::Filter, &mut entry.filter_chunks, chunk.to_vec())?;
    }
    entry.content_checksum = output.content.finalize();
    Ok(Encoded { entry, directory, filter, closings })
}

fn put_postings<E, W: FnMut(&[u8], Vec<u8>) -> Result<(), E>>(
    content: &mut impl Content<E>,
    entry: &mut SegmentEntry,
    output: &mut Output<W>,
) -> Result<(Vec<DirectoryEntry>, Vec<u64>), E> {
    let mut directory = Vec::new();
    let mut hashes = Vec::with_capacity(content.terms_max());
    let mut builder = BlockBuilder::default();
    let mut blocks = 0;
    let mut finished = |block: Block| {
        directory.push((block.term.into_boxed_slice(), block.offset));
        output.put(Kind::Postings, &mut blocks, block.body)
    };
    content.visit_terms(|term, offsets| {
        hashes.push(term_hash(term));
        entry.postings += offsets.len() as u64;
        builder.add(term, offsets, &mut finished)
    })?;
    if let Some(block) = builder.finish() {
        finished(block)?;
    }
    entry.terms = hashes.len() as u64;
    entry.posting_blocks = blocks;
    Ok((directory, hashes))
}

fn closing_bodies(closings: &[(u64, u64)]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let mut body = Vec::new();
    let mut previous = 0;
    for (old, new) in closings {
        put_varint(&mut body, old - previous);
        put_varint(&mut body, new - old);
        previous = *old;
        if body.len() >= CHUNK_BYTES_TARGET {
            bodies.push(std::mem::take(&mut body));
            // Every block can be read alone.
            previous = 0;
        }
    }
    if !body.is_empty() {
        bodies.push(body);
    }
    bodies
}

fn directory_bodies(directory: &[DirectoryEntry]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    let mut body = Vec::new();
    for (term, offset) in directory {
        put_varint(&mut body, term.len() as u64);
        body.extend_from_slice(term);
        put_varint(&mut body, u64::from(*offset));
        if body.len() >= CHUNK_BYTES_TARGET {
            bodies.push(std::mem::take(&mut body));
        }
    }
    if !body.is_empty() {
        bodies.push(body);
    }
    bodies
}
