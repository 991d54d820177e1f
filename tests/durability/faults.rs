//! A fault at each step of a commit, a seal and a merge, or death there; then the same request again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use claimdb::storage::memory::MemoryStore;
use claimdb::storage::sled::{Faults, Step};
use claimdb::storage::{ClaimStore, Clock as _, CommitError, Committed, StoreError};

use crate::children;
use crate::ground::{Opening, agrees, block_on, compare, fresh, has_blobs, model};
use crate::work;

const PATIENCE: Duration = Duration::from_secs(60);
/// So few that every run seals and merges several times.
const SEAL_NUMBERS: u64 = 16;
/// Commits of the tests in which one fails.
const COMMITS: u64 = 40;

/// Commits until the answer is known; gives it and how often it was not.
async fn persist(store: &dyn ClaimStore, number: u64) -> (Committed, Vec<CommitError>) {
    let mut failures = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    loop {
        match store.commit(work::batch(number)).await {
            Ok(committed) => return (committed, failures),
            Err(error) => {
                let may_be_retried =
                    matches!(error, CommitError::OutcomeUnknown | CommitError::Store(StoreError::Unavailable { .. }));
                assert!(may_be_retried && Instant::now() < deadline, "{number}: {error:?} after {failures:?}");
                if failures.last() != Some(&error) {
                    failures.push(error);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Fails the `passing`-th time that `step` is passed, once.
fn once_at(step: Step, passing: u64) -> (Faults, Arc<AtomicU64>) {
    let passed = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&passed);
    let faults = Faults::hook(move |at| match at == step && count.fetch_add(1, Ordering::SeqCst) + 1 == passing {
        true => Err(std::io::Error::other("injected")),
        false => Ok(()),
    });
    (faults, passed)
}

#[test]
fn a_fault_at_any_step_and_a_retry_make_one_commit() {
    let model = model(COMMITS);
    let mut faults_met = 0;
    for step in Step::all() {
        for passing in [1, 2, 7] {
            // Opening is what passes these first, and fails.
            if matches!(step, Step::OpenReplayed | Step::EngineSync) && passing == 1 {
                continue;
            }
            let (faults, passed) = once_at(step, passing);
            block_on(a_fault_and_a_retry(&model, faults, &format!("{step:?}:{passing}")));
            if passed.load(Ordering::SeqCst) >= passing {
                faults_met += 1;
            }
        }
    }
    println!("{faults_met} faults injected");
    assert!(faults_met >= 40, "{faults_met}");
}

/// Of writes that come one after the other, all but the first are made by the worker that asks, where there are several.
#[test]
fn a_fault_in_a_lone_write_and_a_retry_make_one_commit() {
    let model = model(COMMITS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for step in [Step::BeforeApply, Step::AfterApply, Step::AfterFlush, Step::AfterSync, Step::AfterNote] {
        let (is_by_thread, is_by_worker) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (by_thread, by_worker) = (Arc::clone(&is_by_thread), Arc::clone(&is_by_worker));
        let faults = Faults::hook(move |at| {
            if at != step {
                return Ok(());
            }
            if std::thread::current().name() == Some("claimdb-writer") {
                by_thread.store(true, Ordering::SeqCst);
            } else if !by_worker.swap(true, Ordering::SeqCst) {
                return Err(std::io::Error::other("injected"));
            }
            Ok(())
        });
        runtime.block_on(a_fault_and_a_retry(&model, faults, &format!("{step:?}")));
        assert!(is_by_thread.load(Ordering::SeqCst) && is_by_worker.load(Ordering::SeqCst), "{step:?}");
    }
}

/// Writes, each again until it is acknowledged, and compares what is there with the model.
async fn a_fault_and_a_retry(model: &MemoryStore, faults: Faults, at: &str) {
    let ground = fresh();
    let store =
        Opening { faults, seal_numbers: SEAL_NUMBERS, ..Opening::default() }.open(ground.dir.path(), &ground).unwrap();
    let mut answers = HashMap::new();
    for number in 1..=COMMITS {
        let (answer, failures) = persist(&store, number).await;
        assert_eq!(answer.head.revision, number, "{at} after {failures:?}");
        let is_unknown = failures.first() == Some(&CommitError::OutcomeUnknown);
        assert!(is_unknown || !answer.replayed, "{at} {failures:?}");
        answers.insert(number, answer);
    }
    // Every request again: its first answer, and no further commit.
    for number in 1..=COMMITS {
        let again = store.commit(work::batch(number)).await.unwrap();
        let first = answers.remove(&number).unwrap();
        assert!(again.replayed);
        assert_eq!(again, Committed { replayed: true, ..first }, "{at} {number}");
    }
    assert_eq!(compare(&store, model, COMMITS).await, Ok(COMMITS), "{at}");
    drop(store);
    let store = Opening::default().open(ground.dir.path(), &ground).unwrap();
    assert_eq!(compare(&store, model, COMMITS).await, Ok(COMMITS), "{at} reopened");
    assert!(!has_blobs(ground.dir.path()));
}

#[test]
fn concurrent_writers_meet_a_fault_and_each_gets_one_commit() {
    const COMMITS: u64 = 24;
    for step in
        [Step::BeforeApply, Step::AfterApply, Step::AfterFlush, Step::AfterSync, Step::AfterNote, Step::NoteSync]
    {
        let ground = fresh();
        let (faults, _) = once_at(step, 2);
        let store = Opening { faults, ..Opening::default() }.open(ground.dir.path(), &ground).unwrap();
        let store: Arc<dyn ClaimStore> = Arc::new(store);
        block_on(async {
            let mut writers = tokio::task::JoinSet::new();
            for number in 1..=COMMITS {
                let store = Arc::clone(&store);
                writers.spawn(async move { persist(&*store, number).await.0 });
            }
            let mut revisions: Vec<u64> = writers.join_all().await.iter().map(|answer| answer.head.revision).collect();
            revisions.sort_unstable();
            assert_eq!(revisions, (1..=COMMITS).collect::<Vec<_>>(), "{step:?}");
            let made: Vec<u64> = store.changes(0, 100).await.unwrap().iter().map(|commit| commit.revision).collect();
            assert_eq!(made, revisions, "{step:?}");
        });
    }
}

/// The child of the test below.
#[test]
#[ignore = "runs only as the child of another test"]
fn writes_until_it_dies() {
    let directory = std::env::var_os("CLAIMDB_TEST_DIRECTORY").unwrap();
    let ground = fresh();
    let opening = Opening { faults: Faults::from_environment(), seal_numbers: SEAL_NUMBERS, ..Opening::default() };
    let store = opening.open(directory.as_ref(), &ground).unwrap();
    block_on(async {
        let first = store.head().await.unwrap().revision + 1;
        for number in first..=first + 39 {
            let committed = store.commit(work::batch(number)).await.unwrap();
            println!("acknowledged {}", committed.head.revision);
        }
    });
}

#[test]
fn death_at_any_step_and_a_retry_make_one_commit() {
    let model = model(120);
    let mut deaths = 0;
    for step in Step::all() {
        let directory = tempfile::tempdir().unwrap();
        let ground = fresh();
        // Twice on the same store: the second child opens what the first left behind.
        for passing in [3, 1] {
            let mut command = children::own("faults::writes_until_it_dies");
            command.env("CLAIMDB_TEST_DIRECTORY", directory.path());
            command.env("CLAIMDB_CRASH_AT", format!("{}:{passing}", step.name()));
            let ended = children::run(&mut command, PATIENCE);
            assert!(!ended.is_timed_out, "{step:?}:{passing} {}", ended.complaints);
            deaths += u32::from(ended.code.is_none());
            let acknowledged = ended.acknowledged().last().copied().unwrap_or(0);
            let store = Opening::default().open(directory.path(), &ground).unwrap();
            let head = agrees(&store, &model, acknowledged).unwrap_or_else(|what| panic!("{step:?}:{passing} {what}"));
            assert!(head <= acknowledged + 1 || acknowledged == 0, "{step:?}:{passing} {acknowledged} {head}");
            if head > 0 {
                // The one that was not acknowledged, or the last one that was.
                let again = block_on(store.commit(work::batch(head))).unwrap();
                assert!(again.replayed && again.head.revision == head);
            }
            let next = block_on(store.commit(work::batch(head + 1))).unwrap();
            assert_eq!((next.replayed, next.head.revision), (false, head + 1));
            drop(store);
            let verified =
                children::run(children::claimdb().arg("verify").arg("--data-dir").arg(directory.path()), PATIENCE);
            assert_eq!(verified.code, Some(0), "{step:?}:{passing} {}", verified.printed);
        }
    }
    println!("{deaths} deaths");
    assert!(deaths >= 28, "{deaths}");
}

/// Whether a commit is kept whose outcome is unknown turns out when the store is opened again.
#[test]
fn what_was_answered_as_of_a_time_stays_so_when_an_unknown_outcome_turns_out() {
    for step in [Step::AfterApply, Step::AfterFlush, Step::AfterSync, Step::AfterNote] {
        let ground = fresh();
        let (faults, _) = once_at(step, 1);
        let store = Opening { faults, ..Opening::default() }.open(ground.dir.path(), &ground).unwrap();
        block_on(async {
            let before = ground.clock.now();
            assert_eq!(store.commit(work::batch(1)).await.unwrap_err(), CommitError::OutcomeUnknown);
            let now = ground.clock.now();
            // To be asked has it found out: a server that is only read does not refuse for ever.
            let answered = store.head_at(now).await.unwrap();
            let earlier = claimdb::domain::time::Timestamp::from_micros(before.micros() - 1).unwrap();
            assert_eq!(store.head_at(earlier).await.unwrap().revision, 0);
            persist(&store, 1).await;
            assert_eq!(store.head().await.unwrap().revision, 1);
            assert_eq!(store.head_at(now).await.unwrap(), answered, "{step:?}");
        });
    }
}

#[test]
fn an_answer_as_of_now_waits_for_the_commits_under_way() {
    let ground = fresh();
    let (arrive, arrived) = std::sync::mpsc::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let faults = Faults::hook(move |step| {
        if step == Step::AfterSync {
            arrive.send(()).unwrap();
            let _ = released.lock().unwrap().recv();
        }
        Ok(())
    });
    let store = Opening { faults, ..Opening::default() }.open(ground.dir.path(), &ground).unwrap();
    let store: Arc<dyn ClaimStore> = Arc::new(store);
    block_on(async {
        let now = ground.clock.now();
        let committing = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.commit(work::batch(1)).await }
        });
        tokio::task::spawn_blocking(move || arrived.recv().unwrap()).await.unwrap();
        // The commit has a time at or before now, and nobody can read it yet.
        let mut asking = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.head_at(now).await }
        });
        assert!(tokio::time::timeout(Duration::from_millis(200), &mut asking).await.is_err(), "answered too early");
        // What lies before it does not wait.
        let before = claimdb::domain::time::Timestamp::from_micros(now.micros() - 1).unwrap();
        let early = tokio::time::timeout(PATIENCE, store.head_at(before)).await.unwrap().unwrap();
        assert_eq!(early.revision, 0);
        drop(release);
        assert_eq!(asking.await.unwrap().unwrap().revision, 1);
        committing.await.unwrap().unwrap();
    });
}
