//! A full disk: writes are refused, reads go on, and writes resume by themselves when there is room.
//!
//! A small tmpfs is mounted for each test, which only root may do, and is made larger to make room.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use claimdb::domain::model::{Record, Source};
use claimdb::proto::claimdb::v1::RecordRequest;
use claimdb::storage::memory::MemoryStore;
use claimdb::storage::sled::{Faults, Step};
use claimdb::storage::{ClaimStore, CommitError, StoreError};

use crate::children;
use crate::ground::{Opening, agrees, block_on, fresh, has_blobs, model};
use crate::server::{Served, head, reason, record, request, revision_of};
use crate::support::{source, write};
use crate::work;

/// A small disk; unmounted when dropped.
struct Disk {
    place: tempfile::TempDir,
}

impl Disk {
    fn mount(mib: u32) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(place.path())
            .output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self { place });
        }
        children::skipped("a full disk: file systems may not be mounted here");
        None
    }

    fn path(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// Makes it larger.
    fn grow(&self, mib: u32) {
        let status =
            Command::new("mount").args(["-o", &format!("remount,size={mib}m")]).arg(self.place.path()).status();
        assert!(status.unwrap().success());
    }

    /// Leaves no byte free.
    fn fill(&self) {
        self.fill_but(0);
    }

    /// Leaves so many bytes free.
    fn fill_but(&self, bytes: u64) {
        let mut filler = std::fs::File::create(self.place.path().join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while filler.write_all(&vec![1; size]).is_ok() {}
        }
        filler.set_len(filler.metadata().unwrap().len() - bytes).unwrap();
    }

    /// Takes away what [`Self::fill`] put there.
    fn clear(&self) {
        std::fs::remove_file(self.place.path().join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.place.path()).status();
    }
}

/// Commits the next pieces of work until one fails; gives the last that did not, and the failure.
fn commit_until_refused(store: &dyn ClaimStore, mut number: u64, at_most: u64) -> (u64, CommitError) {
    loop {
        match block_on(store.commit(work::batch(number + 1))) {
            Ok(_) => number += 1,
            Err(error) => return (number, error),
        }
        assert!(number < at_most, "the disk does not fill up");
    }
}

/// Commits one piece of work as soon as it is possible.
fn commit_when_possible(store: &dyn ClaimStore, number: u64) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match block_on(store.commit(work::batch(number))) {
            Ok(committed) => return assert_eq!(committed.head.revision, number),
            Err(error) => assert!(Instant::now() < deadline, "writes do not resume: {error:?}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// sled writes now and then although it only reads. With nothing at all left on the disk, below what is kept free, such a
/// read fails and says so; it is never taken for damage.
fn agrees_or_has_no_room(store: &dyn ClaimStore, model: &MemoryStore, acknowledged: u64) {
    match agrees(store, model, acknowledged) {
        Ok(newest) => assert_eq!(newest, acknowledged),
        Err(error) => assert!(error.contains("no room left") || error.contains("reopened"), "{error}"),
    }
}

#[test]
fn commits_are_refused_before_the_disk_is_full_and_resume() {
    let Some(disk) = Disk::mount(13) else { return };
    let model = model(60);
    let ground = fresh();
    let open = || Opening { reserve_bytes: 6 << 20, ..Opening::default() }.open(&disk.path(), &ground).unwrap();
    let store = open();
    let (last, error) = commit_until_refused(&store, 0, 58);
    assert!(matches!(error, CommitError::Full { .. }), "{error:?}");
    println!("full after {last} commits: {error:?}");
    // Reads go on in the room that is kept free.
    assert_eq!(agrees(&store, &model, last), Ok(last));
    // Somebody else takes that, too.
    disk.fill();
    agrees_or_has_no_room(&store, &model, last);
    for _ in 0..3 {
        let error = block_on(store.commit(work::batch(last + 1))).unwrap_err();
        let is_said = matches!(error, CommitError::Full { .. } | CommitError::Store(StoreError::Unavailable { .. }));
        assert!(is_said, "{error:?}");
    }
    disk.clear();
    assert!(block_on(store.commit(work::batch(last + 1))).is_err());
    disk.grow(96);
    commit_when_possible(&store, last + 1);
    assert_eq!(agrees(&store, &model, last + 1), Ok(last + 1));
    drop(store);
    assert_eq!(agrees(&open(), &model, last + 1), Ok(last + 1));
    assert!(!has_blobs(&disk.path()));
}

#[test]
fn a_disk_that_is_full_under_the_engine_loses_nothing() {
    let Some(disk) = Disk::mount(16) else { return };
    let model = model(60);
    let ground = fresh();
    let open = || Opening { reserve_bytes: 0, ..Opening::default() }.open(&disk.path(), &ground).unwrap();
    let store = open();
    for number in 1..=4 {
        commit_when_possible(&store, number);
    }
    // The check of free space passes or not; it is the writes that fail.
    disk.fill();
    let (last, error) = commit_until_refused(&store, 4, 58);
    println!("failed after {last} commits: {error:?}");
    assert!(matches!(error, CommitError::Full { .. } | CommitError::OutcomeUnknown), "{error:?}");
    for _ in 0..3 {
        let error = block_on(store.commit(work::batch(last + 1))).unwrap_err();
        let is_said = matches!(
            error,
            CommitError::Full { .. } | CommitError::OutcomeUnknown | CommitError::Store(StoreError::Unavailable { .. })
        );
        assert!(is_said, "{error:?}");
        std::thread::sleep(Duration::from_millis(250));
        agrees_or_has_no_room(&store, &model, last);
    }
    disk.grow(128);
    for number in last + 1..=last + 4 {
        commit_when_possible(&store, number);
    }
    assert_eq!(agrees(&store, &model, last + 4), Ok(last + 4));
    drop(store);
    assert_eq!(agrees(&open(), &model, last + 4), Ok(last + 4));
}

/// The engine does not forget that it had no room, and the writer waits for what is sealed before it writes again.
#[test]
fn writes_resume_after_a_seal_that_had_no_room() {
    const SEAL_NUMBERS: u64 = 64;
    let Some(disk) = Disk::mount(24) else { return };
    let ground = fresh();
    let is_acknowledged = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::clone(&is_acknowledged);
    let faults = Faults::hook(move |step| {
        while step == Step::SealBlocks && !acknowledged.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    });
    let opening = Opening { reserve_bytes: 0, seal_numbers: SEAL_NUMBERS, faults, ..Opening::default() };
    let store = opening.open(&disk.path(), &ground).unwrap();
    let sources = |word: &str, count: u64, aliases: u64| {
        let source = |at| Source {
            aliases: (0..aliases)
                .map(|alias| format!("{word} {at} or {}", work::incompressible(at * 100 + alias, 40)))
                .collect(),
            ..source(&format!("{word} {at}"))
        };
        (0..count).fold(write(), |write, at| write.record(Record::Source(source(at)))).batch()
    };
    // What is to be sealed of this needs more room than will be left.
    block_on(store.commit(sources("Large", 900, 20))).unwrap();
    disk.fill_but(400 << 10);
    block_on(store.commit(sources("Small", SEAL_NUMBERS + 6, 0))).unwrap();
    is_acknowledged.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_secs(1));
    disk.grow(96);
    let deadline = Instant::now() + Duration::from_secs(30);
    while let Err(error) = block_on(store.commit(sources("Later", 1, 0))) {
        assert!(Instant::now() < deadline, "writes do not resume: {error:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(block_on(store.head()).unwrap().revision, 3);
}

#[test]
fn a_server_says_that_the_disk_is_full_and_resumes() {
    let Some(disk) = Disk::mount(18) else { return };
    let settings = [("CLAIMDB_RESERVE_BYTES", "6 MiB"), ("CLAIMDB_SEAL_NUMBERS", "64")];
    serve(&disk, &settings, &["STORE_FULL"]);
}

/// A request with a text that fills a disk.
fn large(number: u64) -> RecordRequest {
    let mut large = request(number, 0);
    // Behind the words that the figures are looked for.
    large.articles[0].text.push_str(&work::incompressible(number, 500_000));
    large
}

fn serve(disk: &Disk, settings: &[(&str, &str)], reasons: &[&str]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut served = Served::start(&disk.path(), settings).unwrap();
        let channel = served.channel();
        let mut last = 0;
        let status = loop {
            match record(&channel, large(last + 1)).await {
                Ok((revision, _)) => last = revision,
                Err(status) => break status,
            }
            assert!(last < 200, "the disk does not fill up");
        };
        println!("full after {last} commits: {status:?}");
        assert!(reasons.contains(&reason(&status).as_str()), "{status:?}");
        disk.fill();
        let mut refusals = vec!["STORE_FULL"];
        for number in 1..=last {
            match revision_of(&channel, number).await {
                Ok(revision) => assert_eq!(revision, Some(number)),
                // The sealer was writing when the last of the room went: sled does not forget that, and what is not in memory
                // cannot be read until the store is opened again.
                Err(status) => {
                    assert_eq!(reason(&status), "STORE_REOPENING", "{status:?}");
                    refusals.push("STORE_REOPENING");
                }
            }
        }
        let status = record(&channel, large(last + 1)).await.unwrap_err();
        assert!(refusals.contains(&reason(&status).as_str()), "{status:?}");
        disk.clear();
        disk.grow(96);
        let deadline = Instant::now() + Duration::from_secs(30);
        while let Err(status) = record(&channel, large(last + 1)).await {
            assert!(Instant::now() < deadline, "writes do not resume: {status:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(served.terminate().code, Some(0));
        check(&disk.path(), settings, last + 1).await;
    });
}

async fn check(directory: &Path, settings: &[(&str, &str)], last: u64) {
    let served = Served::start(directory, settings).unwrap();
    let channel = served.channel();
    assert_eq!(head(&channel).await, last);
    for number in 1..=last {
        assert_eq!(revision_of(&channel, number).await.unwrap(), Some(number));
    }
}
