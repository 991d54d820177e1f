//! The head note: a small file beside the engine that says how far the log is durable, so that a
//! log that lost its tail is noticed. sled alone would open such a log without a word.
//!
//! Three slots, not two: while one is being synced the next note goes to another, and the third
//! holds the last note that is surely on disk, whatever is torn in the other two.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bytes_codec::{Cursor, open_value, seal_value};
use super::commit::Head;

const NOTE_FORMAT: u8 = 1;
const MAGIC: &[u8; 7] = b"clmhead";
const SLOTS: usize = 3;
/// One page per slot: a page being written to disk does not hold up a write to another.
const SLOT_BYTES: usize = 4096;
const ENCODED_BYTES: usize = 110;

/// What a head note says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeadNote {
    /// The store it belongs to.
    pub(crate) store_id: [u8; 16],
    /// The newest commit that is surely in the log.
    pub(crate) head: Head,
    /// Whether the store was closed after it.
    pub(crate) is_clean: bool,
    pub(crate) sequence: u64,
}

impl HeadNote {
    fn encode(&self) -> Vec<u8> {
        let mut body = MAGIC.to_vec();
        body.push(NOTE_FORMAT);
        body.extend_from_slice(&self.sequence.to_be_bytes());
        body.extend_from_slice(&self.store_id);
        body.extend_from_slice(&self.head.revision.to_be_bytes());
        body.extend_from_slice(&self.head.number.to_be_bytes());
        body.extend_from_slice(&self.head.time_us.to_be_bytes());
        body.extend_from_slice(&self.head.chain);
        body.push(u8::from(self.is_clean));
        body.resize(ENCODED_BYTES - 4, 0);
        seal_value(MAGIC, body)
    }

    fn decode(slot: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(open_value(MAGIC, slot.get(..ENCODED_BYTES)?)?);
        if cursor.take(MAGIC.len())? != MAGIC || cursor.u8()? != NOTE_FORMAT {
            return None;
        }
        Some(Self {
            sequence: cursor.u64()?,
            store_id: cursor.array()?,
            head: Head {
                revision: cursor.u64()?,
                number: cursor.u64()?,
                time_us: cursor.i64()?,
                chain: cursor.array()?,
            },
            is_clean: cursor.u8()? == 1,
        })
    }
}

/// Path of the note in a data directory.
pub(crate) fn path(data_directory: &Path) -> PathBuf {
    data_directory.join("head")
}

/// The newest readable note, or `None` if there is no file or no slot of it is readable.
pub(crate) fn read(data_directory: &Path) -> io::Result<Option<HeadNote>> {
    let bytes = match std::fs::read(path(data_directory)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(bytes.chunks(SLOT_BYTES).take(SLOTS).filter_map(HeadNote::decode).max_by_key(|note| note.sequence))
}

/// The note file of an open store.
pub(crate) struct NoteFile {
    file: File,
    store_id: [u8; 16],
    state: Mutex<NoteState>,
}

struct NoteState {
    sequence: u64,
    /// Where notes are written now.
    working: usize,
    /// Holds the last note that was synced; not written to.
    durable: usize,
    is_dirty: bool,
}

impl NoteFile {
    /// Opens the note of a store; the caller syncs the directory if this created it.
    pub(crate) fn open(data_directory: &Path, store_id: [u8; 16], newest: Option<HeadNote>) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path(data_directory))?;
        // The newest note is taken for durable, and a process that was killed may not have come to that.
        file.sync_data()?;
        let sequence = newest.map_or(0, |note| note.sequence);
        // The slot of a note follows from nothing but where it was found; look again.
        let durable = slot_of(&file, sequence)?;
        Ok(Self {
            file,
            store_id,
            state: Mutex::new(NoteState { sequence, working: (durable + 1) % SLOTS, durable, is_dirty: false }),
        })
    }

    /// The id of the store that the note is about.
    pub(crate) fn store_id(&self) -> [u8; 16] {
        self.store_id
    }

    /// Writes the note. It survives the death of the process at once, loss of power after `sync`.
    pub(crate) fn write(&self, head: Head, is_clean: bool) -> io::Result<()> {
        let mut state = self.state();
        state.sequence += 1;
        let note = HeadNote { store_id: self.store_id, head, is_clean, sequence: state.sequence };
        let offset = (state.working * SLOT_BYTES) as u64;
        self.file.write_all_at(&note.encode(), offset)?;
        state.is_dirty = true;
        Ok(())
    }

    /// Makes the newest note durable, if it is not. One caller at a time.
    pub(crate) fn sync(&self) -> io::Result<()> {
        let syncing = {
            let mut state = self.state();
            if !state.is_dirty {
                return Ok(());
            }
            let syncing = state.working;
            // The slot that is neither being synced nor the last durable one: 0 + 1 + 2 = 3.
            state.working = SLOTS - syncing - state.durable;
            state.is_dirty = false;
            syncing
        };
        self.file.sync_data()?;
        self.state().durable = syncing;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, NoteState> {
        // Each field is valid by itself whatever happened to the last holder.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slot_of(file: &File, sequence: u64) -> io::Result<usize> {
    for slot in 0..SLOTS {
        let mut bytes = [0; ENCODED_BYTES];
        match file.read_exact_at(&mut bytes, (slot * SLOT_BYTES) as u64) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
        if HeadNote::decode(&bytes).is_some_and(|note| note.sequence == sequence) {
            return Ok(slot);
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(revision: u64) -> Head {
        Head { revision, number: revision * 2, time_us: 77, chain: [5; 32] }
    }

    #[test]
    fn any_torn_slot_leaves_the_note_before_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = NoteFile::open(directory.path(), [1; 16], None).unwrap();
        for revision in 1..20 {
            file.write(head(revision), false).unwrap();
            if revision % 3 == 0 {
                file.sync().unwrap();
            }
            let newest = read(directory.path()).unwrap().unwrap();
            assert_eq!(newest.head, head(revision));
        }
        file.sync().unwrap();
        file.write(head(20), true).unwrap();
        let whole = std::fs::read(path(directory.path())).unwrap();
        let newest = read(directory.path()).unwrap().unwrap();
        assert!(newest.is_clean);
        for slot in 0..SLOTS {
            let mut torn = whole.clone();
            let end = torn.len().min(slot * SLOT_BYTES + 60);
            torn[slot * SLOT_BYTES + 20..end].fill(0xaa);
            std::fs::write(path(directory.path()), &torn).unwrap();
            let found = read(directory.path()).unwrap().unwrap();
            assert!(found.head == head(20) || found.head == head(19), "{found:?}");
        }
        std::fs::write(path(directory.path()), vec![0; whole.len()]).unwrap();
        assert_eq!(read(directory.path()).unwrap(), None);
    }

    #[test]
    fn an_opened_note_file_does_not_overwrite_the_newest_note_first() {
        let directory = tempfile::tempdir().unwrap();
        for revision in 1..10 {
            let newest = read(directory.path()).unwrap();
            let file = NoteFile::open(directory.path(), [1; 16], newest).unwrap();
            let before = std::fs::read(path(directory.path())).unwrap();
            file.write(head(revision), false).unwrap();
            if let Some(newest) = newest {
                let after = std::fs::read(path(directory.path())).unwrap();
                let kept = after
                    .chunks(SLOT_BYTES)
                    .zip(before.chunks(SLOT_BYTES))
                    .filter_map(|(new, _)| HeadNote::decode(new))
                    .any(|note| note == newest);
                assert!(kept);
            }
        }
    }
}
