//! Checking a whole store, offline: every frame, digest, link, text and block. It works on a copy,
//! because sled writes when it opens.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustix::fs::FlockOperation;

use super::chain::{self, salted};
use super::commit::{Head, RawCommit, Replay};
use super::errors::{Damage, OpenError};
use super::frame::Frame;
use super::guard::guard;
use super::log::Log;
use super::memory_segment::{CommitMark, MemorySegment};
use super::note;
use super::open::{self, engine_directory};
use super::probe::{self, ProbeFailure, ProbeLimits};
use super::segment::{SegmentEntry, encode};
use super::stored_manifest::StoredManifest;
use super::{KeptLimits, walk};

/// More are counted, not listed: one damaged page can spoil thousands of commits.
const PROBLEMS_MAX: usize = 1000;
/// Enough to walk a log once, front to back.
const CACHE_BYTES: u64 = 64 << 20;

/// What verify found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Commits that were read and hold.
    pub commits: u64,
    /// Versions in them.
    pub versions: u64,
    /// Texts that match their digests.
    pub texts: u64,
    /// Segments that match what the log says.
    pub segments: u64,
    /// Everything that does not hold, named; at most a thousand.
    pub problems: Vec<String>,
}

impl Report {
    /// Whether nothing was found wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, problem: impl fmt::Display) {
        if self.problems.len() < PROBLEMS_MAX {
            // One line each: the report crosses a pipe as lines.
            self.problems.push(problem.to_string().replace('\n', " "));
        }
    }

    /// Reads what `Display` wrote; `None` if it is not a whole report.
    fn parse(text: &str) -> Option<Self> {
        let mut report = Self::default();
        let mut lines = text.lines();
        for count in [&mut report.commits, &mut report.versions, &mut report.texts, &mut report.segments] {
            *count = lines.next()?.split_once(": ")?.1.parse().ok()?;
        }
        for line in lines {
            match line.strip_prefix("problem: ") {
                Some(problem) => report.problem(problem),
                // The last line says that nothing was cut off.
                None => return (line == "end").then_some(report),
            }
        }
        None
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "commits: {}", self.commits)?;
        writeln!(formatter, "versions: {}", self.versions)?;
        writeln!(formatter, "texts: {}", self.texts)?;
        writeln!(formatter, "segments: {}", self.segments)?;
        for problem in &self.problems {
            writeln!(formatter, "problem: {problem}")?;
        }
        write!(formatter, "end")
    }
}

/// Copies the store in `data_directory` to a new folder under `scratch_directory` and runs
/// `executable probe --data-dir COPY --verify`, which must print what [`verify_here`] returns (with
/// a line break after it) and exit with 0. The store must not be open; nothing is written to it.
pub fn verify(
    executable: &Path,
    data_directory: &Path,
    scratch_directory: &Path,
    limits: &ProbeLimits,
) -> Result<Report, ProbeFailure> {
    let copy = Scratch::copy(data_directory, scratch_directory)?;
    let mut command = Command::new(executable);
    command.arg("probe").arg("--data-dir").arg(&copy.path).arg("--verify");
    let printed = probe::run(command, limits)?;
    Report::parse(&printed)
        .ok_or_else(|| ProbeFailure::Refused { reason: "the report was cut short".to_owned(), code: None })
}

/// The child's side of [`verify`]: binds this process to `limits` and walks the copy.
pub fn verify_here(copy: &Path, limits: &ProbeLimits, replay: &dyn Replay) -> Result<Report, OpenError> {
    limits.impose()?;
    check(copy, replay)
}

/// Walks the store in `directory`, in this process. sled writes to the directory.
pub(crate) fn check(directory: &Path, replay: &dyn Replay) -> Result<Report, OpenError> {
    let (db, log, segments) = open::open_engine(directory, CACHE_BYTES)?;
    let mut check = Check {
        log: Log::new(log, KeptLimits::default().frames),
        segments,
        replay,
        report: Report::default(),
        memory: Arc::new(MemorySegment::new(1)),
        last: None,
        entries: Vec::new(),
    };
    let store_id = match open::read_identity(&db)? {
        Some(identity) => identity.store_id,
        None => {
            check.report.problem("meta: format and store id are missing");
            return Ok(check.report);
        }
    };
    match StoredManifest::read(&check.segments) {
        // Superseded ones are remains, which the next open removes.
        Ok(stored) => check.entries = stored.live.into_iter().rev().collect(),
        Err(damage) => check.report.problem(damage),
    }
    let end = check.walk(&store_id);
    match note::read(directory) {
        Ok(newest) => {
            if let Err(damage) = walk::compare_with_note(&check.log, end, &store_id, newest.as_ref()) {
                check.report.problem(damage);
            }
        }
        Err(error) => check.report.problem(format_args!("head note: {error}")),
    }
    for entry in &check.entries {
        check.report.problem(format_args!("segment {}: the log ends before it", entry.id));
    }
    Ok(check.report)
}

struct Check<'a> {
    log: Log,
    segments: ::sled::Tree,
    replay: &'a dyn Replay,
    report: Report,
    /// What the next segment must hold, from the log.
    memory: Arc<MemorySegment>,
    last: Option<CommitMark>,
    /// Published segments that were not compared yet, the next one last.
    entries: Vec<SegmentEntry>,
}

impl Check<'_> {
    /// Follows the log to its end, past what is damaged where that is possible.
    fn walk(&mut self, store_id: &[u8; 16]) -> Head {
        let mut head = Head { chain: chain::origin(store_id), time_us: i64::MIN, ..Head::default() };
        let end = match self.log.last_frame_until(u64::MAX) {
            Ok(frame) => frame.map_or(0, |frame| frame.header.last()),
            Err(damage) => {
                self.report.problem(format_args!("end of the log: {damage}"));
                // The walk stops by itself at the first number that has no commit.
                u64::MAX
            }
        };
        while head.number < end {
            match self.step(&head) {
                Ok(next) => head = next,
                Err(damage) => {
                    self.report.problem(damage);
                    match self.skip(&head, end) {
                        Some(next) => head = next,
                        None => return head,
                    }
                }
            }
        }
        head
    }

    fn step(&mut self, head: &Head) -> Result<Head, Damage> {
        let frames = self.log.commit_frames(head.number + 1)?;
        let (next, commit) = walk::check_commit(head, &frames)?;
        self.report.commits += 1;
        self.report.versions += commit.versions.len() as u64;
        self.check_texts(&frames);
        self.index(&next, &commit);
        Ok(next)
    }

    /// The head after the next commit that can be read, so that the rest is checked too. The
    /// segment the gap lies in cannot be compared any more.
    fn skip(&mut self, head: &Head, end: u64) -> Option<Head> {
        let end = end.min(head.number + 1_000_000);
        for number in head.number + 2..=end {
            let Ok(Some(frame)) = self.log.read_frame(number) else {
                continue;
            };
            if frame.header.first != number || frame.header.index != 0 {
                continue;
            }
            if let Ok(found) = walk::head_at(&self.log, frame.header.commit_last()) {
                while self.entries.last().is_some_and(|entry| entry.first <= found.number) {
                    self.entries.pop();
                }
                // Segments after this one begin where it ended; the next index() starts anew.
                self.memory = Arc::new(MemorySegment::new(found.number + 1));
                self.last = None;
                return Some(found);
            }
        }
        None
    }

    fn check_texts(&mut self, frames: &[Frame]) {
        let texts = frames.first().and_then(|frame| frame.opening.as_ref()).map_or(&[][..], |opening| &opening.texts);
        for text in texts {
            match (self.log.stored_text(text.number), text.salt) {
                (Ok(Some(content)), Some(salt)) if salted(&salt, &content) == text.digest => {
                    self.report.texts += 1;
                }
                (Ok(None), None) => {}
                (Err(damage), _) => self.report.problem(damage),
                (Ok(_), _) => self.report.problem(format_args!("text {}: it is not what its commit says", text.number)),
            }
        }
    }

    fn index(&mut self, head: &Head, commit: &RawCommit) {
        let mark = CommitMark {
            revision: head.revision,
            time_us: head.time_us,
            first_number: commit.header.first_number,
            last_number: head.number,
        };
        match self.replay.replay(commit) {
            // Nothing is left to compare it with, and there may be much of it.
            Ok(_) if self.entries.is_empty() => {}
            Ok(replayed) => self.memory.append(mark, replayed.terms, &replayed.closings, 0),
            Err(reason) => self.report.problem(format_args!("commit {}: {reason}", head.revision)),
        }
        self.last = Some(mark);
        let is_end = self.entries.last().is_some_and(|entry| entry.last == head.number);
        if is_end && let Some(entry) = self.entries.pop() {
            self.compare(entry, mark);
        }
    }

    /// Encodes what the log says and compares it with the stored segment, value by value.
    fn compare(&mut self, entry: SegmentEntry, last: CommitMark) {
        let memory = std::mem::replace(&mut self.memory, Arc::new(MemorySegment::new(last.last_number + 1)));
        if memory.first() != entry.first {
            // Its beginning lies in a part of the log that could not be read; reported there.
            return;
        }
        let id = entry.id;
        let outline = SegmentEntry::outline(id, entry.level, entry.first, last);
        let encoded = encode(&*memory, outline, |key, value| {
            let stored = guard(format_args!("segment {id}"), || self.segments.get(key))?;
            match stored {
                Some(stored) if stored == value => Ok(()),
                Some(_) => Err(Damage::new(format!("segment {id}: a value differs from the log"))),
                None => Err(Damage::new(format!("segment {id}: a value is missing"))),
            }
        });
        match encoded {
            Ok(encoded) if encoded.entry == entry => self.report.segments += 1,
            Ok(_) => self.report.problem(format_args!("segment {id}: its entry differs from the log")),
            Err(damage) => self.report.problem(damage),
        }
    }
}

/// A copy of a data directory that is removed when dropped.
struct Scratch {
    path: std::path::PathBuf,
}

impl Scratch {
    fn copy(data_directory: &Path, scratch_directory: &Path) -> io::Result<Self> {
        let engine = engine_directory(data_directory);
        let db = engine.join("db");
        let db = File::open(&db).map_err(|error| open::at(&db, error))?;
        // sled's own lock: nobody may write while we copy.
        rustix::fs::flock(&db, FlockOperation::NonBlockingLockExclusive)?;
        let mut random = [0; 8];
        chain::random(&mut random)?;
        let name = format!("claimdb-verify-{:016x}", u64::from_be_bytes(random));
        let copy = Self { path: scratch_directory.join(name) };
        copy_directory(&engine, &engine_directory(&copy.path))?;
        if note::path(data_directory).exists() {
            std::fs::copy(note::path(data_directory), note::path(&copy.path))?;
        }
        Ok(copy)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the copy was not removed");
        }
    }
}

fn copy_directory(from: &Path, to: &Path) -> io::Result<()> {
    // What the store's own folder keeps from others, the copy does, too.
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(to);
    made.map_err(|error| open::at(to, error))?;
    for entry in std::fs::read_dir(from).map_err(|error| open::at(from, error))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_directory(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target).map_err(|error| open::at(&entry.path(), error))?;
        }
    }
    Ok(())
}
