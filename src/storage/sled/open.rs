//! Opening a store: the engine, the manifest, the unsealed tail, and the comparison with the head
//! note. Ends with a store whose every visible byte is durable.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bytes_codec::{open_value, seal_value};
use super::chain;
use super::commit::{Head, Replay};
use super::core::{Core, Opened};
use super::errors::{Damage, OpenError};
use super::faults::Step;
use super::flush_watch::FlushWatch;
use super::guard::{EngineFailure, enter, guard};
use super::manifest::Manifest;
use super::memory_segment::MemorySegment;
use super::note::{self, HeadNote, NoteFile};
use super::open_store::OpenStore;
use super::segment::{SealedSegment, SegmentEntry};
use super::stored_manifest::{StoredManifest, last_of_values};
use super::{Options, keys, tail, walk};

/// The version of everything `docs/storage-format.md` describes.
pub const FORMAT: u32 = 4;

/// The oldest that is read: what 4 has besides is a dictionary for frames of the log. A store of it has the newer format
/// once it was opened.
const FORMAT_READ_FROM: u32 = 3;

/// The folder of the engine in a data directory.
pub(crate) fn engine_directory(data_directory: &Path) -> PathBuf {
    data_directory.join("sled")
}

/// A handle of our own on the engine's file.
fn open_engine_file(data_directory: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(engine_directory(data_directory).join("db"))
}

/// Opens the store in `data_directory`, creating it if the directory is empty or missing.
pub(crate) fn open(data_directory: &Path, options: Options, replay: &dyn Replay) -> Result<OpenStore, OpenError> {
    open_there(data_directory, options, replay).map_err(|error| match error {
        OpenError::Io(error) => OpenError::Io(at(data_directory, error)),
        error @ (OpenError::Locked
        | OpenError::UnknownFormat { .. }
        | OpenError::Damage(_)
        | OpenError::Replay { .. }) => error,
    })
}

/// An error that names the path it is about.
pub(super) fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn open_there(data_directory: &Path, options: Options, replay: &dyn Replay) -> Result<OpenStore, OpenError> {
    std::fs::create_dir_all(data_directory)?;
    let (db, log, segments) =
        open_engine(data_directory, options.cache_bytes).map_err(|error| explain_unfinished(error, data_directory))?;
    let flushes = FlushWatch::start(&db)?;
    // Before anything is written: opening renamed a new snapshot into place and does not sync its name. A log that went
    // on from a snapshot which is then lost ends, for sled, long before its end.
    File::open(engine_directory(data_directory))?.sync_all()?;
    let db_file = open_engine_file(data_directory)?;
    let newest_note = note::read(data_directory)?;
    let Identity { format, store_id } =
        identify(&db, &log, (&flushes, &db_file), data_directory, newest_note.as_ref())?;
    let note = NoteFile::open(data_directory, store_id, newest_note)?;
    // The note's own name must survive too.
    File::open(data_directory)?.sync_all()?;

    let stored = StoredManifest::read(&segments)?;
    let (sealed, closings) = load_segments(&segments, &stored)?;
    let last = sealed.last().map(|segment| *segment.entry());
    let manifest =
        Manifest { active: Arc::new(MemorySegment::new(last.map_or(1, |entry| entry.last + 1))), sealed, frozen: None };
    let next_segment_id = stored.next_id(last_of_values(&segments)?);
    remove_superseded((&flushes, &db_file), &segments, &stored)?;
    let remains = stored.remains(&segments, next_segment_id)?;
    let background_file = open_engine_file(data_directory)?;
    let opened = Opened { flushes, db, db_file, background_file, log, segments, note, next_segment_id, remains };
    let core = Arc::new(Core::new(opened, data_directory.to_owned(), options, manifest));
    for (old, _) in closings {
        core.closed.set(old);
    }
    let store = OpenStore::start(Arc::clone(&core))?;
    finish(&core, &store_id, last.as_ref(), newest_note, replay)?;
    raise(&core, format)?;
    store.is_open_now();
    // Not before: an open that only looks, or fails, shall not write more than it must.
    core.change_seal_state(|state| state.may_merge = !core.options.only_looks);
    Ok(store)
}

/// The head note is made by the first open, before anything is acknowledged: an engine that has none and cannot be read
/// was cut off while it was being made.
fn explain_unfinished(error: OpenError, data_directory: &Path) -> OpenError {
    let OpenError::Damage(damage) = &error else { return error };
    if note::path(data_directory).exists() {
        return error;
    }
    Damage::new(format!(
        "{}; the store was cut off while it was being made, so nothing was ever acknowledged: remove the folder {} and \
         start again",
        damage.what,
        engine_directory(data_directory).display()
    ))
    .into()
}

fn finish(
    core: &Core,
    store_id: &[u8; 16],
    last: Option<&SegmentEntry>,
    newest_note: Option<HeadNote>,
    replay: &dyn Replay,
) -> Result<(), OpenError> {
    let start = start_of_tail(core, store_id, last)?;
    let head = tail::replay(core, start, replay)?;
    walk::compare_with_note(&core.log, head, store_id, newest_note.as_ref())?;
    let removed = core.log.remove_texts_behind(head.number)?;
    if removed > 0 {
        tracing::info!(removed, "removed texts that an interrupted write left behind");
    }
    core.options.faults.at(Step::OpenReplayed)?;
    // What the log has beyond the note may be in the page cache only; it is about to be visible.
    core.flush_and_sync()?;
    core.note.write(head, false)?;
    core.note.sync()?;
    core.publish(head);
    Ok(())
}

/// sled lets go of its lock a moment after its last handle is gone, on a thread of its own; whoever holds it on purpose
/// holds it longer than this.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);
const LOCK_POLL: Duration = Duration::from_millis(5);

/// The engine and its trees.
pub(crate) fn open_engine(
    data_directory: &Path,
    cache_bytes: u64,
) -> Result<(::sled::Db, ::sled::Tree, ::sled::Tree), OpenError> {
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        match try_open_engine(data_directory, cache_bytes) {
            Err(OpenError::Locked) if Instant::now() < deadline => std::thread::sleep(LOCK_POLL),
            opened => return opened,
        }
    }
}

fn try_open_engine(
    data_directory: &Path,
    cache_bytes: u64,
) -> Result<(::sled::Db, ::sled::Tree, ::sled::Tree), OpenError> {
    let config = ::sled::Config::new()
        .path(engine_directory(data_directory))
        .cache_capacity(cache_bytes)
        // We flush ourselves, once per group.
        .flush_every_ms(None)
        // It would compress every page again; frames are compressed already.
        .use_compression(false);
    remove_unfinished_snapshots(&engine_directory(data_directory))?;
    let db = enter(|| config.open()).map_err(|failure| match failure {
        // sled tells a lock from another failure by its message alone.
        EngineFailure::Error(::sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
            OpenError::Locked
        }
        EngineFailure::Error(::sled::Error::Io(error)) => OpenError::Io(error),
        EngineFailure::Error(_) | EngineFailure::Panic => OpenError::Damage(Damage::new(format!("engine: {failure}"))),
    })?;
    let log = guard(format_args!("log tree"), || db.open_tree(keys::LOG_TREE))?;
    let segments = guard(format_args!("segments tree"), || db.open_tree(keys::SEGMENTS_TREE))?;
    Ok((db, log, segments))
}

/// Removes snapshots that an earlier open began and did not finish: sled takes the one with the highest number for the
/// newest, finished or not, and refuses the store when it cannot read it. What one would have held is still in the log,
/// which sled cuts only after it has given the snapshot its final name.
///
/// Under sled's own lock: whoever holds that may be writing such a file now.
fn remove_unfinished_snapshots(directory: &Path) -> Result<(), OpenError> {
    let Ok(db) = File::open(directory.join("db")) else { return Ok(()) };
    match rustix::fs::flock(&db, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Err(OpenError::Locked),
        Err(error) => return Err(OpenError::Io(error.into())),
    }
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            tracing::info!(file = %name, "removed a snapshot that an interrupted open left behind");
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What a store says of itself.
pub(crate) struct Identity {
    /// One that this program reads.
    pub(crate) format: u32,
    pub(crate) store_id: [u8; 16],
}

/// Reads the format version and the store id; `None` in a store that has neither.
pub(crate) fn read_identity(db: &::sled::Db) -> Result<Option<Identity>, OpenError> {
    let get = |key: &'static [u8]| guard(format_args!("meta"), || db.get(key));
    let (format, id) = (get(keys::META_FORMAT)?, get(keys::META_STORE_ID)?);
    let (Some(format), Some(id)) = (&format, &id) else {
        return match (format, id) {
            (None, None) => Ok(None),
            _ => Err(Damage::new("meta: format or store id is missing").into()),
        };
    };
    let format = open_value(keys::META_FORMAT, format)
        .and_then(|body| body.try_into().ok())
        .map(u32::from_be_bytes)
        .ok_or_else(|| Damage::new("meta: format"))?;
    if !(FORMAT_READ_FROM..=FORMAT).contains(&format) {
        return Err(OpenError::UnknownFormat { found: format, known: FORMAT });
    }
    let store_id = open_value(keys::META_STORE_ID, id)
        .and_then(|body| body.try_into().ok())
        .ok_or_else(|| Damage::new("meta: store id"))?;
    Ok(Some(Identity { format, store_id }))
}

fn identify(
    db: &::sled::Db,
    log: &::sled::Tree,
    to_disk: ToDisk<'_>,
    data_directory: &Path,
    newest_note: Option<&HeadNote>,
) -> Result<Identity, OpenError> {
    if let Some(identity) = read_identity(db)? {
        return Ok(identity);
    }
    let is_empty = enter(|| Ok(log.is_empty())).map_err(|failure| Damage::new(format!("log tree: {failure}")))?;
    // sled opens a file that was cut as an empty one; the note knows better.
    if newest_note.is_some() || !is_empty {
        return Err(Damage::new("meta: format and store id are missing").into());
    }
    let mut store_id = [0; 16];
    chain::random(&mut store_id)?;
    write_meta(db, to_disk, Some(store_id))?;
    // sled never syncs its configuration and directory: without this a power loss soon after the
    // first open leaves a store that does not open.
    let engine = engine_directory(data_directory);
    File::open(engine.join("conf"))?.sync_all()?;
    File::open(&engine)?.sync_all()?;
    File::open(data_directory)?.sync_all()?;
    if let Some(parent) = data_directory.parent().filter(|parent| parent.is_dir()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(Identity { format: FORMAT, store_id })
}

/// Gives a store of an older format the newest, now that it is found sound: one that does not open stays what it was, for
/// the program that wrote it. Nothing was written yet that such a program would take for damage.
fn raise(core: &Core, format: u32) -> Result<(), OpenError> {
    if format != FORMAT && !core.options.only_looks {
        write_meta(&core.db, (core.flushes(), &core.db_file), None)?;
        tracing::info!(from = format, to = FORMAT, "the store has a newer format now");
    }
    Ok(())
}

/// Stores the format, and the id of a store that is new. Durable once it returns.
fn write_meta(db: &::sled::Db, (flushes, db_file): ToDisk<'_>, new_id: Option<[u8; 16]>) -> Result<(), OpenError> {
    let mut batch = ::sled::Batch::default();
    batch.insert(keys::META_FORMAT, seal_value(keys::META_FORMAT, FORMAT.to_be_bytes().to_vec()));
    if let Some(id) = new_id {
        batch.insert(keys::META_STORE_ID, seal_value(keys::META_STORE_ID, id.to_vec()));
    }
    guard(format_args!("meta"), || db.apply_batch(batch))?;
    flushes.flush()?;
    Ok(db_file.sync_all()?)
}

/// What makes durable what sled was given, while there is no core yet.
type ToDisk<'a> = (&'a FlushWatch, &'a File);

type Loaded = (Vec<Arc<SealedSegment>>, Vec<(u64, u64)>);

/// The published segments, oldest first, and all their closings.
fn load_segments(tree: &::sled::Tree, stored: &StoredManifest) -> Result<Loaded, Damage> {
    let mut sealed: Vec<Arc<SealedSegment>> = Vec::new();
    let mut closings = Vec::new();
    for entry in &stored.live {
        let (segment, closed) = SealedSegment::load(tree.clone(), *entry)?;
        sealed.push(Arc::new(segment));
        closings.extend(closed);
    }
    Ok((sealed, closings))
}

/// Removes the entries of segments that were merged. Their values, of which there may be very many, are removed by the merger.
fn remove_superseded(
    (flushes, db_file): ToDisk<'_>,
    tree: &::sled::Tree,
    stored: &StoredManifest,
) -> Result<(), OpenError> {
    if !stored.superseded.is_empty() {
        // The merged segment may be in the page cache only, and must not be lost once its parts are gone.
        flushes.flush()?;
        db_file.sync_all()?;
    }
    Ok(stored.remove_superseded(tree)?)
}

/// The newest sealed commit: what the tail continues.
fn start_of_tail(core: &Core, store_id: &[u8; 16], last: Option<&SegmentEntry>) -> Result<Head, OpenError> {
    let Some(entry) = last else {
        return Ok(Head {
            chain: chain::origin(store_id),
            // Any first commit time is allowed.
            time_us: i64::MIN,
            ..Head::default()
        });
    };
    let head = walk::head_at(&core.log, entry.last)?;
    if (head.revision, head.number, head.time_us) != (entry.last_revision, entry.last, entry.last_time_us) {
        return Err(Damage::new(format!("segment {}: ends elsewhere than the log", entry.id)).into());
    }
    Ok(head)
}
