//! The newest numbers' terms and closings, in memory until they are sealed.
//!
//! One thread appends, and may have another post what it has no use for itself; many read. Terms lie
//! in hash tables, not in a tree: every insert holds up the writer, and order is needed only once, when
//! the segment is sealed (on another thread). Only the terms that can be enumerated lie in a tree besides.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use xxhash_rust::xxh3::xxh3_64;

use super::rules::{TermRange, is_ordered};

/// Enough that a reader rarely meets the writer in the same table.
const SHARDS: usize = 16;

/// Hash of a term: chooses the table here and is what the filters of sealed segments hold.
pub(crate) fn term_hash(term: &[u8]) -> u64 {
    xxh3_64(term)
}

#[derive(Default)]
pub(crate) struct TermHasher(u64);

impl Hasher for TermHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 ^= xxh3_64(bytes);
    }

    // The length prefix of a slice adds nothing that the hash of its bytes does not have.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

type Table = HashMap<Box<[u8]>, Offsets, BuildHasherDefault<TermHasher>>;

/// Numbers of a term, ascending, counted from the first number of the segment. Most terms of a
/// segment have one, which then needs no allocation.
#[derive(Debug)]
pub(crate) enum Offsets {
    One(u32),
    Many(Vec<u32>),
}

impl Offsets {
    pub(crate) fn as_slice(&self) -> &[u32] {
        match self {
            Self::One(offset) => std::slice::from_ref(offset),
            Self::Many(offsets) => offsets,
        }
    }

    fn insert(&mut self, offset: u32) -> bool {
        match self {
            Self::One(only) if *only == offset => false,
            Self::One(only) => {
                *self = Self::Many(vec![(*only).min(offset), (*only).max(offset)]);
                true
            }
            Self::Many(offsets) => {
                if offsets.last().is_some_and(|last| *last < offset) {
                    offsets.push(offset);
                    return true;
                }
                // Terms of one commit may come in any order.
                match offsets.binary_search(&offset) {
                    Ok(_) => false,
                    Err(at) => {
                        offsets.insert(at, offset);
                        true
                    }
                }
            }
        }
    }

    /// Keeps the offsets below `end`; says whether any is left.
    fn truncate(&mut self, end: u32) -> bool {
        match self {
            Self::One(only) => *only < end,
            Self::Many(offsets) => {
                offsets.truncate(offsets.partition_point(|offset| *offset < end));
                !offsets.is_empty()
            }
        }
    }
}

/// Where a commit begins, for lookups by revision and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommitMark {
    pub(crate) revision: u64,
    pub(crate) time_us: i64,
    pub(crate) first_number: u64,
    pub(crate) last_number: u64,
}

/// How much a memory segment holds, by which it is full.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    term_bytes: u64,
    log_bytes: u64,
}

/// Terms, closings and commits of the numbers from `first` on.
pub(crate) struct MemorySegment {
    first: u64,
    shards: [RwLock<Table>; SHARDS],
    /// The ordered ones among the terms.
    ordered: RwLock<BTreeSet<Box<[u8]>>>,
    closings: RwLock<HashMap<u64, u64>>,
    commits: RwLock<Vec<CommitMark>>,
    term_bytes: AtomicU64,
    log_bytes: AtomicU64,
}

impl MemorySegment {
    pub(crate) fn new(first: u64) -> Self {
        Self {
            first,
            shards: Default::default(),
            ordered: RwLock::default(),
            closings: RwLock::default(),
            commits: RwLock::default(),
            term_bytes: AtomicU64::new(0),
            log_bytes: AtomicU64::new(0),
        }
    }

    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// Bytes of the distinct terms; those of ordered ones count twice, since they are kept twice.
    pub(crate) fn term_bytes(&self) -> u64 {
        self.term_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of the log that this segment covers.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.log_bytes.load(Ordering::Relaxed)
    }

    /// The newest commit in the segment.
    pub(crate) fn last_commit(&self) -> Option<CommitMark> {
        read(&self.commits).last().copied()
    }

    /// How many numbers the segment covers.
    pub(crate) fn numbers(&self) -> u64 {
        self.last_commit().map_or(0, |commit| commit.last_number + 1 - self.first)
    }

    /// Adds a commit. Only numbers of that commit and later ones may be in `terms` and `closings`.
    pub(crate) fn append(
        &self,
        commit: CommitMark,
        terms: Vec<(Vec<u8>, u64)>,
        closings: &[(u64, u64)],
        log_bytes: u64,
    ) {
        self.post(terms);
        write(&self.closings).extend(closings.iter().copied());
        self.add_log_bytes(log_bytes);
        write(&self.commits).push(commit);
    }

    /// Adds terms of a commit that is added, too, or about to be.
    pub(crate) fn post(&self, terms: Vec<(Vec<u8>, u64)>) {
        for (term, number) in terms {
            let offset = self.offset(number);
            let mut table = write(&self.shards[shard_of(term_hash(&term))]);
            match table.entry(term.into_boxed_slice()) {
                Entry::Occupied(mut known) => {
                    known.get_mut().insert(offset);
                }
                Entry::Vacant(new) => {
                    let term = new.key();
                    let mut bytes = term.len() as u64;
                    if is_ordered(term) {
                        bytes *= 2;
                        write(&self.ordered).insert(term.clone());
                    }
                    self.term_bytes.fetch_add(bytes, Ordering::Relaxed);
                    new.insert(Offsets::One(offset));
                }
            }
        }
    }

    /// Tells how many bytes of the log a commit took.
    pub(crate) fn add_log_bytes(&self, bytes: u64) {
        self.log_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How much it holds now.
    pub(crate) fn sizes(&self) -> Sizes {
        Sizes { term_bytes: self.term_bytes(), log_bytes: self.log_bytes() }
    }

    /// Takes back everything from number `from` on, before which it held so much: the group it belonged to was refused whole.
    /// Walks all terms, which is fine for something that happens when the disk is full.
    pub(crate) fn roll_back(&self, from: u64, held: Sizes) {
        self.term_bytes.store(held.term_bytes, Ordering::Relaxed);
        self.log_bytes.store(held.log_bytes, Ordering::Relaxed);
        let end = self.offset(from);
        for shard in &self.shards {
            write(shard).retain(|term, offsets| {
                let is_left = offsets.truncate(end);
                if !is_left && is_ordered(term) {
                    write(&self.ordered).remove(term);
                }
                is_left
            });
        }
        write(&self.closings).retain(|_, replacement| *replacement < from);
        write(&self.commits).retain(|commit| commit.first_number < from);
    }

    /// Appends up to `limit` numbers of `term` within `low..=high` to `out`, from the low end when
    /// `ascending`, else from the high end; says whether there may be more.
    pub(crate) fn numbers_of(
        &self,
        term: &[u8],
        hash: u64,
        (low, high): (u64, u64),
        ascending: bool,
        limit: usize,
        out: &mut Vec<u64>,
    ) -> bool {
        let table = read(&self.shards[shard_of(hash)]);
        let Some(offsets) = table.get(term).map(Offsets::as_slice) else {
            return false;
        };
        let start = offsets.partition_point(|offset| self.number(*offset) < low);
        let end = offsets.partition_point(|offset| self.number(*offset) <= high);
        let found = offsets.get(start..end).unwrap_or(&[]);
        let more = found.len() > limit;
        let taken = found.len().min(limit);
        if ascending {
            out.extend(found[..taken].iter().map(|offset| self.number(*offset)));
        } else {
            let newest = found[found.len() - taken..].iter().rev();
            out.extend(newest.map(|offset| self.number(*offset)));
        }
        more
    }

    /// Appends up to `limit` ordered terms within `range` to `out`, from the low end when
    /// `ascending`, else from the high end.
    pub(crate) fn ordered_terms(&self, range: TermRange<'_>, ascending: bool, limit: usize, out: &mut Vec<Vec<u8>>) {
        let ordered = read(&self.ordered);
        let found = ordered.range::<[u8], _>(range);
        if ascending {
            out.extend(found.take(limit).map(|term| term.to_vec()));
        } else {
            out.extend(found.rev().take(limit).map(|term| term.to_vec()));
        }
    }

    /// The number that replaced `number`, if it is in this segment.
    pub(crate) fn closed_by(&self, number: u64) -> Option<u64> {
        read(&self.closings).get(&number).copied()
    }

    /// The last commit for which `holds`, which must hold for a prefix of the commits.
    pub(crate) fn last_commit_where(&self, holds: impl Fn(&CommitMark) -> bool) -> Option<CommitMark> {
        let commits = read(&self.commits);
        let count = commits.partition_point(holds);
        commits[..count].last().copied()
    }

    /// How many distinct terms there are.
    pub(crate) fn term_count(&self) -> usize {
        self.shards.iter().map(|shard| read(shard).len()).sum()
    }

    /// Calls `visit` with all terms in ascending order.
    pub(crate) fn visit_terms<E>(&self, mut visit: impl FnMut(&[u8], &[u32]) -> Result<(), E>) -> Result<(), E> {
        let tables: Vec<_> = self.shards.iter().map(read).collect();
        let terms = tables.iter().flat_map(|table| table.iter());
        let mut sorted: Vec<(u64, &[u8], &Offsets)> =
            terms.map(|(term, offsets)| (beginning(term), &**term, offsets)).collect();
        sorted.sort_unstable_by_key(|(beginning, term, _)| (*beginning, *term));
        for (_, term, offsets) in sorted {
            visit(term, offsets.as_slice())?;
        }
        Ok(())
    }

    /// All closings, ascending by the number that was closed.
    pub(crate) fn sorted_closings(&self) -> Vec<(u64, u64)> {
        let mut sorted: Vec<_> = read(&self.closings).iter().map(|(old, new)| (*old, *new)).collect();
        sorted.sort_unstable();
        sorted
    }

    fn number(&self, offset: u32) -> u64 {
        self.first + u64::from(offset)
    }

    fn offset(&self, number: u64) -> u32 {
        u32::try_from(number - self.first).expect("a segment is sealed long before it has 2^32 numbers")
    }
}

/// The first eight bytes, as a number that sorts as they do: most terms are told apart by it, without going to where they
/// lie. Whatever is shorter sorts before all that it begins.
fn beginning(term: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = term.len().min(bytes.len());
    bytes[..length].copy_from_slice(&term[..length]);
    u64::from_be_bytes(bytes)
}

// The high bits: the tables use the low ones.
fn shard_of(hash: u64) -> usize {
    (hash >> 60) as usize % SHARDS
}

// Every change below is one insert or one retain, so a table is whole even if its holder panicked.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
