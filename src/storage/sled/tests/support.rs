//! A layer above for tests: versions that carry their own terms and closings, and a model.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::super::*;

/// A version to be: its terms, what it closes, and bytes that only take room.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) terms: Vec<u8>,
    pub(super) closes: Option<u64>,
    pub(super) filler: Vec<u8>,
}

impl Draft {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![self.terms.len() as u8];
        bytes.extend_from_slice(&self.terms);
        bytes.extend_from_slice(&self.closes.unwrap_or(0).to_be_bytes());
        bytes.extend_from_slice(&self.filler);
        bytes
    }
}

pub(super) fn term(id: u8) -> Vec<u8> {
    format!("term/{id:03}").into_bytes()
}

pub(super) fn replay(commit: &RawCommit) -> Result<Replayed, String> {
    let mut replayed = Replayed::default();
    for (at, version) in commit.versions.iter().enumerate() {
        let number = commit.header.first_number + at as u64;
        let bytes = version.as_ref().ok_or("blanked")?;
        let count = usize::from(*bytes.first().ok_or("empty")?);
        for id in &bytes[1..=count] {
            replayed.terms.push((term(*id), number));
        }
        let closes = u64::from_be_bytes(bytes[1 + count..9 + count].try_into().unwrap());
        if closes > 0 {
            replayed.closings.push((closes, number));
        }
    }
    Ok(replayed)
}

pub(super) fn tiny() -> Options {
    Options {
        cache_bytes: 16 << 20,
        kept: KeptLimits::default(),
        seal: SealLimits { numbers: 16, ..SealLimits::default() },
        merge: MergeLimits { segments: 3, numbers: 400, terms: 1 << 20 },
        on_damage: DamageAlarm::default(),
        only_looks: false,
        reserve_bytes: 1 << 20,
        note_pause: Duration::ZERO,
        faults: Faults::default(),
        tap: Tap::default(),
    }
}

pub(super) fn open(directory: &Path, options: Options) -> Result<Store, OpenError> {
    Store::open(directory, options, &replay)
}

/// The next commit after the writer's head.
pub(super) fn commit(writer: &Writer, drafts: &[Draft]) -> NewCommit {
    let head = writer.head();
    let mut commit = NewCommit {
        revision: head.revision + 1,
        // Two commits share each time.
        time_us: (head.revision.div_ceil(2) * 10) as i64,
        first_number: head.number + 1,
        note: format!("note {}", head.revision + 1).into_bytes(),
        ..NewCommit::default()
    };
    for (at, draft) in drafts.iter().enumerate() {
        let number = commit.first_number + at as u64;
        commit.versions.push(draft.encode());
        commit.terms.extend(draft.terms.iter().map(|id| (term(*id), number)));
        commit.closings.extend(draft.closes.map(|old| (old, number)));
    }
    commit
}

/// Commits `drafts` as one group.
pub(super) fn record(writer: &mut Writer, drafts: &[Draft]) -> Result<Head, GroupError> {
    let commit = commit(writer, drafts);
    writer.append(commit)?;
    writer.commit_group()
}

pub(super) fn simple(id: u8) -> Draft {
    Draft { terms: vec![id, 200], ..Draft::default() }
}

/// What the store should answer, kept the slow way.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) terms: BTreeMap<u8, Vec<u64>>,
    pub(super) closed: BTreeMap<u64, u64>,
    /// Per revision from 1: time, last number.
    pub(super) revisions: Vec<(i64, u64)>,
}

impl Model {
    pub(super) fn add(&mut self, commit: &NewCommit, drafts: &[Draft]) {
        for (at, draft) in drafts.iter().enumerate() {
            let number = commit.first_number + at as u64;
            let mut ids = draft.terms.clone();
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                self.terms.entry(id).or_default().push(number);
            }
            if let Some(old) = draft.closes {
                self.closed.insert(old, number);
            }
        }
        self.revisions.push((commit.time_us, commit.last_number()));
    }

    pub(super) fn last(&self) -> u64 {
        self.revisions.last().map_or(0, |(_, last)| *last)
    }

    /// Compares everything the index answers with the model, over a spread of ranges.
    pub(super) fn check(&self, reader: &Reader) {
        let last = self.last();
        assert_eq!(reader.head().number, last);
        for id in 0..=255u8 {
            let expected = self.terms.get(&id).map_or(&[][..], Vec::as_slice);
            if expected.is_empty() && id > 40 {
                continue;
            }
            for (low, high) in [(1, u64::MAX), (last / 3, last / 2), (last / 2, last + 9), (7, 7), (9, 3)] {
                let mut within: Vec<u64> =
                    expected.iter().copied().filter(|number| low <= *number && *number <= high).collect();
                let found = |direction| -> Vec<u64> {
                    reader.postings(&term(id), low..=high, direction).collect::<Result<_, _>>().unwrap()
                };
                assert_eq!(found(Direction::Ascending), within, "{id} {low} {high}");
                within.reverse();
                assert_eq!(found(Direction::Descending), within, "{id} {low} {high}");
            }
        }
        for number in 1..=last + 1 {
            let expected = self.closed.get(&number).copied();
            assert_eq!(reader.closed_by(number).unwrap(), expected, "{number}");
        }
        self.check_revisions(reader);
    }

    fn check_revisions(&self, reader: &Reader) {
        let mut first = 1;
        for (at, (time, last)) in self.revisions.iter().enumerate() {
            let revision = at as u64 + 1;
            assert_eq!(reader.last_number_at(revision).unwrap(), Some(*last));
            for number in [first, *last] {
                assert_eq!(reader.commit_header(number).unwrap().map(|header| header.revision), Some(revision));
            }
            for probe in [time - 1, *time, time + 1] {
                let expected = self.revisions.iter().filter(|(time, _)| *time <= probe).count();
                assert_eq!(reader.last_revision_at_time(probe).unwrap(), expected as u64);
            }
            first = last + 1;
        }
        let after = self.revisions.len() as u64 + 1;
        assert_eq!(reader.last_number_at(after).unwrap(), None);
        assert_eq!(reader.commit_header(first).unwrap(), None);
    }
}

/// A copy of a store that is open, as a crash would leave it for the next open.
pub(super) fn crash_copy(from: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_directory(from, copy.path());
    copy
}

fn copy_directory(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs `change` on the trees of a closed store.
pub(super) fn tamper(directory: &Path, change: impl FnOnce(&::sled::Tree, &::sled::Tree)) {
    // Waits for the lock, which sled holds a moment longer than its last handle.
    let (db, log, segments) = open::open_engine(directory, 64 << 20).unwrap();
    change(&log, &segments);
    db.flush().unwrap();
}

/// Text that does not compress.
pub(super) fn noise(bytes: usize) -> Arc<str> {
    let mut state = 88_172_645_463_325_252u64;
    let mut text = String::with_capacity(bytes);
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        text.push(char::from(32 + (state >> 33) as u8 % 95));
    }
    text.into()
}

/// How many keys of the index in a closed store belong to no published segment, or to one that is
/// superseded.
pub(super) fn remains(directory: &Path) -> usize {
    let mut count = 0;
    tamper(directory, |_, segments| {
        let stored = stored_manifest::StoredManifest::read(segments).unwrap();
        let live: Vec<u64> = stored.live.iter().map(|entry| entry.id).collect();
        let id = |key: &[u8]| u64::from_be_bytes(key[1..9].try_into().unwrap());
        count = segments.iter().keys().filter(|key| !live.contains(&id(key.as_ref().unwrap()))).count();
    });
    count
}

/// The published segments of a closed store, oldest first.
pub(super) fn published(directory: &Path) -> Vec<segment::SegmentEntry> {
    let mut found = Vec::new();
    tamper(directory, |_, segments| found = stored_manifest::StoredManifest::read(segments).unwrap().live);
    found
}

/// Whether sled put a page into a file of its own, which it never syncs.
pub(super) fn has_blobs(directory: &Path) -> bool {
    std::fs::read_dir(directory.join("sled/blobs")).is_ok_and(|mut entries| entries.next().is_some())
}
