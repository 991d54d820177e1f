//! Where an export goes: standard output, or a file that is not there under its name until it is whole.
//!
//! Beside the file in the making stands another that says how much of it is whole and where the export goes on from there.
//! A compressed file is many compressed pieces one after the other, so that it can be cut behind any of them.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;
use serde_json::json;

use super::files::{Compression, cannot};

/// Bytes of lines that are written at once.
const PIECE_BYTES: usize = 8 << 20;

/// How hard files are compressed with zstd.
const ZSTD_LEVEL: i32 = 3;

/// Where an export goes.
pub(super) struct Output {
    /// Lines that are not written yet.
    lines: Vec<u8>,
    file: Option<Part>,
}

/// A file in the making.
struct Part {
    path: PathBuf,
    part: PathBuf,
    state: PathBuf,
    compression: Compression,
    file: File,
    bytes: u64,
    as_of: String,
}

/// Where an interrupted export goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resumed {
    pub(super) cursor: String,
    pub(super) items: u64,
    /// Which state of the database was asked for, in words; empty for the newest.
    pub(super) as_of: String,
}

impl Output {
    pub(super) fn standard() -> Self {
        Self { lines: Vec::new(), file: None }
    }

    /// A file for what is asked for in these words; where one is gone on with, also from where.
    pub(super) fn file(path: &Path, resume: bool, as_of: &str) -> io::Result<(Self, Resumed)> {
        if path.symlink_metadata().is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there already", path.display())));
        }
        let beside = |suffix: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let (part, state) = (beside(".part"), beside(".state"));
        let (resumed, bytes) = match resume {
            true => read_state(&state).map_err(|error| cannot("read", &state, error))?,
            false => Default::default(),
        };
        let file = begin(&part, bytes).map_err(|error| cannot("write", &part, error))?;
        if !resume {
            forget(&state).map_err(|error| cannot("remove", &state, error))?;
        }
        let as_of = if resumed.cursor.is_empty() { as_of.to_owned() } else { resumed.as_of.clone() };
        let file = Part { path: path.to_owned(), part, state, compression: Compression::of(path), file, bytes, as_of };
        Ok((Self { lines: Vec::new(), file: Some(file) }, resumed))
    }

    /// Where the lines of the next part are put.
    pub(super) fn lines(&mut self) -> &mut Vec<u8> {
        &mut self.lines
    }

    /// What was put is the export up to this cursor.
    pub(super) fn reached(&mut self, cursor: &str, items: u64) -> io::Result<()> {
        match &mut self.file {
            None => {
                io::stdout().lock().write_all(&self.lines)?;
                self.lines.clear();
                Ok(())
            }
            Some(_) if self.lines.len() < PIECE_BYTES => Ok(()),
            Some(file) => file.keep(&mut self.lines, cursor, items).map_err(|error| file.cannot_write(error)),
        }
    }

    /// It is interrupted: what was put into a file is kept up to this cursor.
    pub(super) fn keep(&mut self, cursor: &str, items: u64) -> io::Result<()> {
        match &mut self.file {
            Some(file) if !self.lines.is_empty() => {
                file.keep(&mut self.lines, cursor, items).map_err(|error| file.cannot_write(error))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The export is whole: the file gets its name.
    pub(super) fn finish(mut self, cursor: &str, items: u64) -> io::Result<()> {
        let Some(file) = &mut self.file else { return io::stdout().lock().flush() };
        file.keep(&mut self.lines, cursor, items).map_err(|error| file.cannot_write(error))?;
        file.rename().map_err(|error| cannot("name", &file.path, error))
    }
}

/// Removes what an earlier export said of its file: this one begins anew.
fn forget(state: &Path) -> io::Result<()> {
    match std::fs::remove_file(state) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn is_same_file(path: &Path, file: &File) -> io::Result<bool> {
    let open = file.metadata()?;
    match path.metadata() {
        Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn begin(part: &Path, bytes: u64) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(part)?;
    // Where the file system has no locks, nobody can tell.
    if flock(&file, FlockOperation::NonBlockingLockExclusive) == Err(Errno::WOULDBLOCK) {
        return Err(io::Error::new(io::ErrorKind::WouldBlock, "another export is writing it"));
    }
    // Another export may have ended meanwhile, and given the file its name.
    if !is_same_file(part, &file)? {
        return Err(io::Error::new(io::ErrorKind::WouldBlock, "another export has just written it"));
    }
    if file.metadata()?.len() < bytes {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is shorter than what was kept of the export"));
    }
    // What lies behind was being written when the export was interrupted.
    file.set_len(bytes)?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

impl Part {
    fn cannot_write(&self, error: io::Error) -> io::Error {
        cannot("write", &self.part, error)
    }

    /// The file gets its name.
    fn rename(&self) -> io::Result<()> {
        // Not over a file that was made meanwhile.
        match renameat_with(CWD, &self.part, CWD, &self.path, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(Errno::INVAL | Errno::NOSYS) if !self.path.exists() => std::fs::rename(&self.part, &self.path)?,
            Err(Errno::EXIST) => {
                let message = "it was made meanwhile; move it away, and --resume gives the export its name";
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
            }
            Err(error) => return Err(error.into()),
        }
        std::fs::remove_file(&self.state)
    }

    fn keep(&mut self, lines: &mut Vec<u8>, cursor: &str, items: u64) -> io::Result<()> {
        let piece = match self.compression {
            Compression::None => std::mem::take(lines),
            Compression::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(lines)?;
                encoder.finish()?
            }
            Compression::Zstd => zstd::encode_all(lines.as_slice(), ZSTD_LEVEL)?,
        };
        lines.clear();
        self.file.write_all(&piece)?;
        self.bytes += piece.len() as u64;
        // Before the state says so.
        self.file.sync_data()?;
        let state = json!({ "cursor": cursor, "bytes": self.bytes, "items": items, "as_of": self.as_of });
        let next = self.state.with_extension("state-next");
        std::fs::write(&next, state.to_string())?;
        std::fs::rename(&next, &self.state)
    }
}

fn read_state(path: &Path) -> io::Result<(Resumed, u64)> {
    let text = match std::fs::read(path) {
        // Interrupted before anything was whole.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
        text => text?,
    };
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "it is not an export's");
    let state: serde_json::Value = serde_json::from_slice(&text).map_err(|_| malformed())?;
    let cursor = state["cursor"].as_str().ok_or_else(malformed)?.to_owned();
    let (bytes, items) = (state["bytes"].as_u64(), state["items"].as_u64());
    let as_of = state["as_of"].as_str().unwrap_or_default().to_owned();
    Ok((Resumed { cursor, items: items.ok_or_else(malformed)?, as_of }, bytes.ok_or_else(malformed)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_file_is_cut_behind_what_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"] {
            let path = directory.path().join(name);
            let (mut output, resumed) = Output::file(&path, false, "revision 3").unwrap();
            assert_eq!(resumed, Resumed::default());
            let line = |letter: u8| [vec![letter; PIECE_BYTES], b"\n".to_vec()].concat();
            output.lines().extend(line(b'a'));
            output.reached("first", 1).unwrap();
            output.lines().extend(b"kept\n");
            output.keep("second", 2).unwrap();
            output.lines().extend(b"lost\n");
            output.reached("third", 3).unwrap();
            drop(output);
            let mut part = OpenOptions::new().append(true).open(directory.path().join(format!("{name}.part"))).unwrap();
            part.write_all(b"half a piece").unwrap();
            let (mut output, resumed) = Output::file(&path, true, "").unwrap();
            assert_eq!(resumed, Resumed { cursor: "second".to_owned(), items: 2, as_of: "revision 3".to_owned() });
            output.lines().extend(line(b'b'));
            output.finish("end", 3).unwrap();
            let mut lines = super::super::files::Lines::new(vec![path.clone()]);
            for line in [vec![b'a'; PIECE_BYTES], b"kept".to_vec(), vec![b'b'; PIECE_BYTES]] {
                let (found, _) = lines.next().unwrap().unwrap();
                assert_eq!(found, super::super::files::Line::Whole(line));
            }
            assert_eq!(lines.next().unwrap(), None);
            assert!(Output::file(&path, true, "").is_err(), "what is whole is not written over");
        }
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 3);
    }

    /// An export of which one line is kept, and that is interrupted.
    fn kept(path: &Path) {
        let (mut output, _) = Output::file(path, false, "").unwrap();
        output.lines().extend(b"kept\n");
        output.keep("one", 1).unwrap();
    }

    #[test]
    fn what_is_begun_anew_is_not_gone_on_with_where_another_stopped() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("all.jsonl");
        kept(&path);
        drop(Output::file(&path, false, "").unwrap());
        let (_, resumed) = Output::file(&path, true, "").unwrap();
        assert_eq!(resumed, Resumed::default());
    }

    #[test]
    fn a_file_that_lacks_what_was_kept_of_it_is_not_gone_on_with() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("all.jsonl");
        kept(&path);
        OpenOptions::new().write(true).open(directory.path().join("all.jsonl.part")).unwrap().set_len(2).unwrap();
        assert_eq!(Output::file(&path, true, "").err().unwrap().kind(), io::ErrorKind::InvalidData);
    }
}
