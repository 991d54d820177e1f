//! What sled was given, in a file, in the order it was given.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;

use claimdb::storage::sled::Given;

const LOG: u8 = b'l';
const APPLIED: u8 = b'a';
const DISCARDED: u8 = b'd';
const SEGMENT: u8 = b's';
const REMOVED: u8 = b'r';
const FLUSHED: u8 = b'f';

/// How much of what there was.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) log_values: u64,
    pub(crate) log_bytes: u64,
    pub(crate) segment_values: u64,
    pub(crate) segment_bytes: u64,
    pub(crate) removed: u64,
    pub(crate) groups: u64,
    pub(crate) flushes: u64,
}

pub(crate) struct Recording {
    file: BufWriter<File>,
    pub(crate) counts: Counts,
}

impl Recording {
    pub(crate) fn create(path: &Path) -> Self {
        let file = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
        Self { file, counts: Counts::default() }
    }

    pub(crate) fn note(&mut self, given: Given<'_>) {
        let counts = &mut self.counts;
        let (tag, key, value): (u8, &[u8], &[u8]) = match given {
            Given::Log { key, value } => {
                counts.log_values += 1;
                counts.log_bytes += (key.len() + value.len()) as u64;
                (LOG, key, value)
            }
            Given::Segment { key, value } => {
                counts.segment_values += 1;
                counts.segment_bytes += (key.len() + value.len()) as u64;
                (SEGMENT, key, value)
            }
            Given::Removed { key } => {
                counts.removed += 1;
                (REMOVED, key, &[])
            }
            Given::Applied => {
                counts.groups += 1;
                (APPLIED, &[], &[])
            }
            Given::Discarded => (DISCARDED, &[], &[]),
            Given::Flushed => {
                counts.flushes += 1;
                (FLUSHED, &[], &[])
            }
        };
        let lengths = [key.len(), value.len()].map(|length| u32::try_from(length).expect("small values").to_be_bytes());
        for part in [&[tag][..], lengths.as_flattened(), key, value] {
            self.file.write_all(part).expect("it is kept");
        }
    }

    pub(crate) fn end(&mut self) -> Counts {
        self.file.flush().expect("it is kept");
        self.counts
    }
}

/// One thing that was given.
pub(crate) enum Entry {
    Log(Vec<u8>, Vec<u8>),
    Applied,
    Discarded,
    Segment(Vec<u8>, Vec<u8>),
    Removed(Vec<u8>),
    Flushed,
}

/// Everything on a tape.
pub(crate) fn entries(path: &Path) -> impl Iterator<Item = Entry> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).expect("the tape"));
    std::iter::from_fn(move || {
        let mut head = [0; 9];
        // Entries are written whole: this is the end, or the tape is broken.
        file.read_exact(&mut head).ok()?;
        let length = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (mut key, mut value) = (vec![0; length(1)], vec![0; length(5)]);
        file.read_exact(&mut key).expect("a whole tape");
        file.read_exact(&mut value).expect("a whole tape");
        Some(match head[0] {
            LOG => Entry::Log(key, value),
            APPLIED => Entry::Applied,
            DISCARDED => Entry::Discarded,
            SEGMENT => Entry::Segment(key, value),
            REMOVED => Entry::Removed(key),
            FLUSHED => Entry::Flushed,
            other => panic!("no entry begins with {other}"),
        })
    })
}
