//! Files, compressed or not, and the lines in them.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

/// A line that is longer holds no item that a batch could take.
const LINE_BYTES_MAX: usize = 16 << 20;

/// Bytes read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// What some programs put in front of a text, to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How compressed files begin, and how their names end. No JSON begins so.
const MAGIC: [(&[u8], &str); 2] = [(&[0x1f, 0x8b], ".gz"), (&[0x28, 0xb5, 0x2f, 0xfd], ".zst")];

/// How a file is compressed, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Self::Gzip,
            Some("zst") => Self::Zstd,
            Some(_) | None => Self::None,
        }
    }
}

/// Whether a path stands for standard input or output.
pub(super) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether a path leads to what is gone once it was read: a pipe, a socket, a device.
pub(super) fn is_read_once(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Whether two paths lead to one file, whatever they are called. Standard input is what the shell has opened as that.
pub(super) fn is_same_file(input: &Path, other: &Path) -> bool {
    let found = if is_standard(input) { standard_input() } else { input.metadata() };
    // In a terminal or a null device nothing is lost.
    let (Ok(found), Ok(other)) = (found, other.metadata()) else { return false };
    found.is_file() && (found.dev(), found.ino()) == (other.dev(), other.ino())
}

fn standard_input() -> io::Result<Metadata> {
    File::from(io::stdin().as_fd().try_clone_to_owned()?).metadata()
}

/// An error that says what was tried with which file.
pub(super) fn cannot(what: &str, path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {what} {}: {error}", path.display()))
}

/// Whether a file can be read as what its name says.
pub(super) fn check(path: &Path) -> io::Result<()> {
    open(path, Arc::default()).map(drop).map_err(|error| cannot("read", path, error))
}

/// What the content of these files is called: nothing else has the same.
pub(super) fn fingerprint(files: &[PathBuf]) -> io::Result<String> {
    let mut whole = Sha256::new();
    for path in files {
        let mut content = Sha256::new();
        let bytes = File::open(path).and_then(|mut file| io::copy(&mut file, &mut content));
        let bytes = bytes.map_err(|error| cannot("read", path, error))?;
        whole.update(bytes.to_be_bytes());
        whole.update(content.finalize());
    }
    Ok(format!("sha256:{}", hex::encode(whole.finalize())))
}

/// The bytes of all files, as far as they are known: for telling how far an import is.
pub(super) fn size(files: &[PathBuf]) -> Option<u64> {
    files.iter().map(|path| path.metadata().ok().filter(|found| found.is_file()).map(|found| found.len())).sum()
}

/// A place in a list of files: so many lines of a file, and all of the files before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The file, from 0.
    pub(super) file: usize,
    /// Lines of it that lie before this place.
    pub(super) line: u64,
}

/// The lines of several files, one after the other.
pub(super) struct Lines {
    files: Vec<PathBuf>,
    open: Option<Box<dyn BufRead + Send>>,
    place: Place,
    read: Arc<AtomicU64>,
}

/// A line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its bytes, without the end of the line.
    Whole(Vec<u8>),
    /// It is too long to be kept.
    TooLong,
}

impl Lines {
    /// The lines of these files.
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        Self { files, open: None, place: Place::default(), read: Arc::default() }
    }

    /// Bytes of the files that were read, as they lie on disk.
    pub(super) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Where the next line begins.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Reads up to a place.
    pub(super) fn pass_to(&mut self, place: Place) -> io::Result<()> {
        while self.place < place && self.next()?.is_some() {}
        Ok(())
    }

    /// The next line, and the place behind it; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<(Line, Place)>> {
        loop {
            let Some(path) = self.files.get(self.place.file) else { return Ok(None) };
            let named = |error| cannot("read", path, error);
            if self.open.is_none() {
                self.open = Some(open(path, Arc::clone(&self.read)).map_err(named)?);
            }
            if let Some(reader) = &mut self.open
                && let Some(mut line) = read_line(reader).map_err(named)?
            {
                if let (0, Line::Whole(bytes)) = (self.place.line, &mut line)
                    && bytes.starts_with(BYTE_ORDER_MARK)
                {
                    bytes.drain(..BYTE_ORDER_MARK.len());
                }
                self.place.line += 1;
                return Ok(Some((line, self.place)));
            }
            self.open = None;
            self.place = Place { file: self.place.file + 1, line: 0 };
        }
    }
}

fn open(path: &Path, read: Arc<AtomicU64>) -> io::Result<Box<dyn BufRead + Send>> {
    if is_standard(path) {
        let input = BufReader::with_capacity(BUFFER_BYTES, Counted { inner: io::stdin(), read });
        return Ok(Box::new(uncompressed(input)?));
    }
    let file = Counted { inner: File::open(path)?, read };
    Ok(match Compression::of(path) {
        Compression::None => Box::new(uncompressed(BufReader::with_capacity(BUFFER_BYTES, file))?),
        // A file may be several compressed files one after the other.
        Compression::Gzip => {
            Box::new(BufReader::with_capacity(BUFFER_BYTES, flate2::read::MultiGzDecoder::new(BufReader::new(file))))
        }
        Compression::Zstd => Box::new(BufReader::with_capacity(BUFFER_BYTES, zstd::Decoder::new(file)?)),
    })
}

/// Refuses what begins as compressed files do: each of its lines would be a reject.
fn uncompressed<R: BufRead>(mut reader: R) -> io::Result<R> {
    let begin = reader.fill_buf()?;
    let suffix = MAGIC.iter().find(|(magic, _)| begin.starts_with(magic)).map(|(_, suffix)| *suffix);
    match suffix {
        Some(suffix) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it is compressed, and only a file whose name ends in {suffix} is decompressed"),
        )),
        None => Ok(reader),
    }
}

/// The next line; none at the end. A last line need not have an end.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let (mut too_long, mut is_begun) = (false, false);
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        is_begun = true;
        let end = memchr::memchr(b'\n', bytes);
        let part = end.map_or(bytes, |end| &bytes[..end]);
        too_long |= line.len() + part.len() > LINE_BYTES_MAX;
        if !too_long {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(match (is_begun, too_long) {
        (false, _) => None,
        (true, true) => Some(Line::TooLong),
        (true, false) => Some(Line::Whole(line)),
    })
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn all(files: &[PathBuf]) -> Vec<(Line, Place)> {
        let mut lines = Lines::new(files.to_vec());
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    #[test]
    fn lines_are_the_same_however_a_file_is_compressed() {
        let directory = tempfile::tempdir().unwrap();
        let text = "one\n\ntwo\r\nthree";
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("plain.jsonl"), text).unwrap();
        let mut gzip = Vec::new();
        for part in [&text[..5], &text[5..]] {
            // Two members, as `cat a.gz b.gz` makes them.
            let mut encoder = flate2::write::GzEncoder::new(&mut gzip, flate2::Compression::default());
            encoder.write_all(part.as_bytes()).unwrap();
            encoder.finish().unwrap();
        }
        std::fs::write(path("a.jsonl.gz"), gzip).unwrap();
        std::fs::write(path("a.jsonl.zst"), zstd::encode_all(text.as_bytes(), 3).unwrap()).unwrap();
        let line = |text: &str, line| (Line::Whole(text.into()), Place { file: 0, line });
        let expected = [line("one", 1), line("", 2), line("two\r", 3), line("three", 4)];
        for name in ["plain.jsonl", "a.jsonl.gz", "a.jsonl.zst"] {
            assert_eq!(all(&[path(name)]), expected, "{name}");
        }
        let both = all(&[path("plain.jsonl"), path("a.jsonl.gz")]);
        assert_eq!((both.len(), both[7].1), (8, Place { file: 1, line: 4 }));
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_where_a_file_begins() {
        let directory = tempfile::tempdir().unwrap();
        let (plain, packed) = (directory.path().join("a.jsonl"), directory.path().join("a.jsonl.zst"));
        let text = "\u{feff}one\n\u{feff}two\n";
        std::fs::write(&plain, text).unwrap();
        std::fs::write(&packed, zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
        let lines: Vec<Line> = all(&[plain, packed]).into_iter().map(|(line, _)| line).collect();
        let whole = |text: &str| Line::Whole(text.into());
        assert_eq!(lines, [whole("one"), whole("\u{feff}two"), whole("one"), whole("\u{feff}two")]);
    }

    #[test]
    fn a_compressed_file_with_another_name_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jsonl");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(b"{}").unwrap();
        let zstd = zstd::encode_all(&b"{}"[..], 3).unwrap();
        for (bytes, suffix) in [(gzip.finish().unwrap(), ".gz"), (zstd, ".zst")] {
            std::fs::write(&path, bytes).unwrap();
            let error = check(&path).unwrap_err().to_string();
            let reason = format!("it is compressed, and only a file whose name ends in {suffix} is decompressed");
            assert_eq!(error, format!("cannot read {}: {reason}", path.display()));
        }
        std::fs::write(&path, "").unwrap();
        check(&path).unwrap();
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = [vec![b'x'; LINE_BYTES_MAX + 1], b"\nnext\n".to_vec()].concat();
        let mut reader = long.as_slice();
        assert_eq!(read_line(&mut reader).unwrap(), Some(Line::TooLong));
        assert_eq!(read_line(&mut reader).unwrap(), Some(Line::Whole(b"next".to_vec())));
        assert_eq!(read_line(&mut reader).unwrap(), None);
    }

    #[test]
    fn a_fingerprint_changes_with_any_byte_and_any_border() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let prints = [
            vec![file("1", "ab"), file("2", "c")],
            vec![file("3", "a"), file("4", "bc")],
            vec![file("5", "abc")],
            vec![file("6", "abd")],
        ];
        let prints: std::collections::HashSet<String> =
            prints.iter().map(|files| fingerprint(files).unwrap()).collect();
        assert_eq!(prints.len(), 4);
        assert!(prints.iter().all(|print| print.len() <= crate::domain::limits::IMPORT_NOTE_BYTES));
    }
}
