//! Power is lost: of what was written and not synced, anything may be on the disk.
//!
//! A run is recorded with strace, and directories are built from the recording as the loss of power could leave them. A
//! write is durable when a sync of its file began after the write had ended, and had itself ended; sync_file_range
//! counts for nothing. Whatever else was begun is kept or dropped, whole or in sectors, by rules that range from everything to
//! nothing. Names of files are durable when their directory was synced; of later ones a beginning is kept, in order, as
//! file systems with a journal do; and where a name is dropped, so are the writes after it that were not synced. sled
//! renames a snapshot into place and then overwrites segments that only the snapshot makes superfluous, all within its
//! open, where nobody can sync between the two: this is what remains of that window when the name is synced right after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use claimdb::storage::ClaimStore;
use claimdb::storage::sled::{Faults, ProbeLimits, SledStore, Step, probe};

use crate::chance::{Chance, count};
use crate::children;
use crate::ground::{Opening, agrees, block_on, fresh, has_blobs, model};
use crate::trace::{CALLS, Change, Synced, Trace};
use crate::work;

/// Enough for every kind of batch, and several seals and merges.
const COMMITS: u64 = 48;
const SEAL_NUMBERS: u64 = 20;

/// The child that is recorded: groups of commits, now and then a clean close and another open.
#[test]
#[ignore = "runs only as the child of another test"]
fn writes_while_it_is_recorded() {
    let directory = PathBuf::from(std::env::var_os("CLAIMDB_TEST_DIRECTORY").unwrap());
    let ground = fresh();
    let merged = Arc::new(AtomicU64::new(0));
    let open = || {
        let count = Arc::clone(&merged);
        let faults = Faults::hook(move |step| {
            count.fetch_add(u64::from(step == Step::MergeDurable), Ordering::Relaxed);
            Ok(())
        });
        let opening = Opening { seal_numbers: SEAL_NUMBERS, faults, ..Opening::default() };
        Arc::new(opening.open(&directory, &ground).unwrap())
    };
    let mut store = open();
    let mut next = 1;
    let mut chance = Chance::seeded(1);
    while next <= COMMITS {
        let last = COMMITS.min(next + chance.below(4));
        block_on(write_group(&store, next..=last));
        let first = next;
        next = last + 1;
        if next / 16 != first / 16 {
            drop(store);
            store = open();
        }
    }
    drop(store);
    assert!(merged.load(Ordering::Relaxed) >= 3, "nothing was merged while it was recorded");
}

async fn write_group(store: &Arc<SledStore>, numbers: std::ops::RangeInclusive<u64>) {
    // Spawned on one thread they queue in order.
    let writers: Vec<_> = numbers
        .map(|number| {
            let store = Arc::clone(store);
            tokio::spawn(async move { store.commit(work::batch(number)).await.unwrap().head.revision })
        })
        .collect();
    for writer in writers {
        println!("acknowledged {}", writer.await.unwrap());
    }
}

/// Which of the writes that were not synced are kept.
#[derive(Clone, Copy, Debug)]
enum Rule {
    All,
    Nothing,
    /// Each with this chance.
    Some(u64),
    /// Each sector with this chance.
    Sectors(u64, usize),
    /// Up to one, which is torn.
    Beginning,
    /// From one on.
    End,
    /// All, but for what lies beyond the last synced size.
    SizeLost,
}

const RULES: [Rule; 9] = [
    Rule::Nothing,
    Rule::All,
    Rule::Some(50),
    Rule::Sectors(50, 512),
    Rule::Sectors(50, 4096),
    Rule::Beginning,
    Rule::SizeLost,
    Rule::Some(90),
    Rule::End,
];

/// Builds the directory as it could be found after power was lost at a line of the recording.
fn build(trace: &Trace, line: usize, rule: Rule, chance: &mut Chance, root: &Path, target: &Path) {
    let begun = || trace.changes.iter().take_while(|event| event.span.start < line);
    let is_synced = |end: usize, matches: &dyn Fn(&Synced) -> bool| {
        trace.syncs.iter().any(|sync| sync.span.start > end && sync.span.end < line && matches(&sync.what))
    };
    let is_durable = |event: &crate::trace::Event<Change>| match &event.what {
        Change::Write { inode, .. } | Change::Resize { inode, .. } => {
            is_synced(event.span.end, &|synced| matches!(synced, Synced::File(file) if file == inode))
        }
        Change::Link { path, .. }
        | Change::Unlink { path }
        | Change::Rename { to: path, .. }
        | Change::Directory { path } => {
            let parent = Path::new(path).parent().unwrap();
            is_synced(event.span.end, &|synced| matches!(synced, Synced::Directory(path) if Path::new(path) == parent))
        }
    };
    let mut files: Vec<Vec<u8>> = vec![Vec::new(); trace.inodes];
    let mut durable_sizes = vec![0; trace.inodes];
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    let mut directories = Vec::new();
    let is_name =
        |event: &&crate::trace::Event<Change>| !matches!(event.what, Change::Write { .. } | Change::Resize { .. });
    let pending = begun().filter(|event| !is_durable(event)).count() as u64;
    let turn = chance.below(pending + 1);
    let pending_names = begun().filter(is_name).filter(|event| !is_durable(event)).count() as u64;
    let names_kept = match rule {
        Rule::All | Rule::SizeLost => pending_names,
        Rule::Nothing => 0,
        Rule::Some(_) | Rule::Sectors(..) | Rule::Beginning | Rule::End => chance.below(pending_names + 1),
    };
    let (mut at, mut at_name) = (0, 0);
    let mut is_renamed = true;
    for event in begun() {
        let durable = is_durable(event);
        let kept = durable || {
            at += 1;
            match rule {
                _ if is_name(&event) => {
                    at_name += 1;
                    at_name <= names_kept
                }
                Rule::All | Rule::Sectors(..) | Rule::SizeLost => true,
                Rule::Nothing => false,
                Rule::Some(percent) => chance.happens(percent),
                Rule::Beginning => at <= turn,
                Rule::End => at > turn,
            }
        };
        if !kept {
            is_renamed &= !matches!(event.what, Change::Rename { .. });
            continue;
        }
        if !durable && !is_renamed {
            continue;
        }
        match &event.what {
            Change::Write { inode, offset, data } => {
                let offset = usize::try_from(*offset).unwrap();
                let (percent, sector) = if durable {
                    (100, usize::MAX)
                } else if let Rule::Sectors(percent, sector) = rule {
                    (percent, sector)
                } else if matches!(rule, Rule::Beginning) && at == turn {
                    (50, 512)
                } else {
                    (100, usize::MAX)
                };
                write(&mut files[*inode], offset, data, sector, |_| chance.happens(percent));
                if durable {
                    durable_sizes[*inode] = durable_sizes[*inode].max(offset + data.len());
                }
            }
            Change::Resize { inode, size } => {
                let size = usize::try_from(*size).unwrap();
                files[*inode].resize(size, 0);
                if durable {
                    durable_sizes[*inode] = size;
                }
            }
            Change::Link { path, inode } => {
                names.insert(path, *inode);
            }
            Change::Unlink { path } => {
                names.remove(path.as_str());
            }
            Change::Rename { from, to } => {
                if let Some(inode) = names.remove(from.as_str()) {
                    names.insert(to, inode);
                }
            }
            Change::Directory { path } => directories.push(path.as_str()),
        }
    }
    let place = |path: &str| target.join(Path::new(path).strip_prefix(root).unwrap());
    std::fs::create_dir_all(target).unwrap();
    for path in directories {
        std::fs::create_dir_all(place(path)).unwrap();
    }
    for (path, inode) in names {
        if matches!(rule, Rule::SizeLost) {
            files[inode].truncate(durable_sizes[inode]);
        }
        // A name in a directory that is not there is not there either.
        if place(path).parent().unwrap().is_dir() {
            std::fs::write(place(path), &files[inode]).unwrap();
        }
    }
}

fn write(file: &mut Vec<u8>, offset: usize, data: &[u8], sector: usize, mut is_kept: impl FnMut(usize) -> bool) {
    let mut from = 0;
    while from < data.len() {
        // Sectors are those of the file.
        let to = data.len().min(from + (sector - (offset + from) % sector));
        if is_kept(from) {
            let (start, end) = (offset + from, offset + to);
            if file.len() < end {
                file.resize(end, 0);
            }
            file[start..end].copy_from_slice(&data[from..to]);
        }
        from = to;
    }
}

fn record(scratch: &Path) -> Option<(Trace, PathBuf)> {
    if Command::new("strace").arg("-V").output().is_err() {
        children::skipped("lost writes: strace is not installed");
        return None;
    }
    let root = scratch.join("data");
    let recording = scratch.join("recording");
    let child = children::own("lost_writes::writes_while_it_is_recorded");
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-xx", "-s", "8388608", "-qq", "-e", "signal=none", "-e"]);
    command.arg(format!("trace={CALLS}")).arg("-o").arg(&recording);
    command.arg(child.get_program()).args(child.get_args());
    command.env("CLAIMDB_TEST_DIRECTORY", &root).env_remove("CLAIMDB_CRASH_AT");
    let ended = children::run(&mut command, Duration::from_secs(300));
    if ended.complaints.contains("ptrace") {
        children::skipped("lost writes: processes may not be traced here");
        return None;
    }
    assert_eq!(ended.code, Some(0), "{}{}", ended.printed, ended.complaints);
    assert!(!has_blobs(&root));
    let bytes = std::fs::metadata(&recording).unwrap().len();
    let trace = Trace::read(&recording, &root);
    std::fs::remove_file(&recording).unwrap();
    let acknowledged: Vec<u64> = trace.acknowledged.iter().map(|(_, number)| *number).collect();
    assert_eq!(acknowledged, (1..=COMMITS).collect::<Vec<_>>());
    println!("recorded {} changes and {} syncs ({} MB)", trace.changes.len(), trace.syncs.len(), bytes >> 20);
    Some((trace, root))
}

#[test]
fn no_acknowledged_commit_is_lost_with_what_was_not_synced() {
    let started = Instant::now();
    let scratch = tempfile::tempdir().unwrap();
    let Some((trace, root)) = record(scratch.path()) else { return };
    println!("recorded in {:?}", started.elapsed());
    let model = model(COMMITS);
    let mut chance = Chance::new("lost_writes");
    let states = count("CLAIMDB_LOST_WRITE_STATES", 18);
    let mut failures = Vec::new();
    let mut refused_empty = 0;
    for state in 0..states {
        let rule = RULES[usize::try_from(state).unwrap() % RULES.len()];
        // Every rule meets every kind of moment in time.
        let line = match (state + state / RULES.len() as u64) % 4 {
            2 => usize::try_from(chance.below(trace.lines as u64)).unwrap(),
            // While a text is written that takes several of sled's segments.
            3 => {
                let large = work::LARGE_TEXTS[usize::try_from(chance.below(2)).unwrap()] as usize;
                let (from, to) = (trace.acknowledged[large - 2].0, trace.acknowledged[large - 1].0);
                from + usize::try_from(chance.below((to - from) as u64)).unwrap()
            }
            // The moment of an acknowledgement, the earliest at which it counts.
            _ => trace.acknowledged[usize::try_from(chance.below(COMMITS)).unwrap()].0 + 1,
        };
        let acknowledged =
            trace.acknowledged.iter().take_while(|(at, _)| *at < line).last().map_or(0, |(_, number)| *number);
        let target = scratch.path().join(format!("state-{state}"));
        build(&trace, line, rule, &mut chance, &root, &target);
        let context = format!("state {state}: {rule:?} at line {line}, {acknowledged} acknowledged");
        match examine(&target, &model, acknowledged) {
            Ok(_) => {}
            Err(what) if acknowledged == 0 && what.starts_with("refused") => {
                refused_empty += 1;
                println!("{context}: {what}");
            }
            Err(what) => failures.push(format!("{context}: {what}")),
        }
        std::fs::remove_dir_all(&target).unwrap();
    }
    println!("{states} states in {:?}, {refused_empty} refused before the first commit", started.elapsed());
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// That the states above can fail at all: with flush alone, which is sync_file_range, commits are lost.
#[test]
fn without_the_syncs_the_states_lose_commits() {
    let scratch = tempfile::tempdir().unwrap();
    let Some((mut trace, root)) = record(scratch.path()) else { return };
    let first = trace.acknowledged[0].0;
    trace.syncs.retain(|sync| sync.span.end < first);
    let (line, number) = trace.acknowledged[5];
    let target = scratch.path().join("state");
    build(&trace, line + 1, Rule::Nothing, &mut Chance::seeded(1), &root, &target);
    let lost = examine(&target, &model(COMMITS), number).unwrap_err();
    assert!(lost.contains("was acknowledged"), "{lost}");
}

/// Opens a state as the server does: first in a child, then here. What is then in the store must verify, the index with
/// its merged segments included.
fn examine(directory: &Path, model: &claimdb::storage::memory::MemoryStore, acknowledged: u64) -> Result<u64, String> {
    let limits = ProbeLimits { timeout: Duration::from_secs(60), ..ProbeLimits::default() };
    probe(env!("CARGO_BIN_EXE_claimdb").as_ref(), directory, &limits)
        .map_err(|failure| format!("refused: {failure}"))?;
    let ground = fresh();
    let store = Opening { seal_numbers: SEAL_NUMBERS, ..Opening::default() }
        .open(directory, &ground)
        .map_err(|error| format!("not opened after its probe: {error}"))?;
    let head = agrees(&store, model, acknowledged)?;
    let next = block_on(store.commit(work::batch(head.min(COMMITS - 1) + 1)));
    drop(store);
    match next {
        Ok(next) if next.head.revision == head + u64::from(!next.replayed) && !has_blobs(directory) => {}
        other => return Err(format!("writing does not go on after {head}: {other:?}")),
    }
    let verified =
        children::run(children::claimdb().arg("verify").arg("--data-dir").arg(directory), Duration::from_secs(60));
    match verified.code {
        Some(0) => Ok(head),
        _ => Err(format!("it does not verify: {}", verified.printed)),
    }
}
