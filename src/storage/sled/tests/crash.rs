//! What the next open finds after a crash at any point.

use super::support::*;
use crate::storage::sled::*;

#[test]
fn orphans_of_an_unfinished_seal_are_removed() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = tiny();
    options.faults = Faults::hook(|step| match step == Step::SealSynced {
        true => Err(std::io::Error::other("injected")),
        false => Ok(()),
    });
    let store = open(directory.path(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut model = Model::default();
    for at in 0..17 {
        let drafts = [simple(at)];
        let commit = commit(&writer, &drafts);
        model.add(&commit, &drafts);
        writer.append(commit).unwrap();
        writer.commit_group().unwrap();
    }
    assert!(matches!(writer.wait_until_sealed(), Err(GroupError::SealStalled { .. })));
    model.check(&store.reader().unwrap());
    let copy = crash_copy(directory.path());
    tamper(copy.path(), |_, segments| assert!(!segments.is_empty()));
    let mut options = tiny();
    // Nothing is sealed at this open, so that only orphans could be there.
    options.seal.numbers = 1000;
    let reopened = open(copy.path(), options).unwrap();
    model.check(&reopened.reader().unwrap());
    // Behind the opening, by the merger.
    reopened.writer().unwrap().unwrap().wait_until_merged().unwrap();
    drop(reopened);
    tamper(copy.path(), |_, segments| assert!(segments.is_empty()));
}

#[test]
fn texts_of_a_write_that_lost_its_frame_are_removed() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let mut with_text = commit(&writer, &[simple(1)]);
    with_text.texts.push((1, "a text that stays".into()));
    writer.append(with_text).unwrap();
    writer.commit_group().unwrap();
    record(&mut writer, &[simple(2)]).unwrap();
    drop((writer, store));
    // One frame is not put into a batch: its texts come first, and are all that is left when the rest is lost.
    tamper(directory.path(), |log, _| {
        let text = log.get(keys::text(1, 0)).unwrap().unwrap();
        for (number, part) in [(3, 0), (3, 1), (90, 0)] {
            log.insert(keys::text(number, part), &text).unwrap();
        }
    });
    let store = open(directory.path(), tiny()).unwrap();
    assert_eq!(store.head().number, 2);
    assert_eq!(store.reader().unwrap().text(1).unwrap().unwrap(), "a text that stays".as_bytes());
    drop(store);
    tamper(directory.path(), |log, _| {
        let texts: Vec<_> = log.range(keys::text(0, 0)..).keys().collect::<Result<_, _>>().unwrap();
        assert_eq!(texts, [keys::text(1, 0)]);
    });
}

#[test]
fn a_second_opener_is_told_that_it_is_locked() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    assert!(matches!(open(directory.path(), tiny()), Err(OpenError::Locked)));
    drop(store);
    open(directory.path(), tiny()).unwrap();
}

#[test]
fn a_snapshot_that_an_interrupted_open_left_behind_does_not_count() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    let left_behind = directory.path().join("sled/snap.7FFFFFFFFFFFFFFF.generating");
    std::fs::write(&left_behind, b"").unwrap();
    // Whoever holds the lock may be writing it.
    assert!(matches!(open(directory.path(), tiny()), Err(OpenError::Locked)));
    assert!(left_behind.exists());
    drop((writer, store));
    let store = open(directory.path(), tiny()).unwrap();
    assert_eq!(store.head().revision, 1);
    assert!(!left_behind.exists());
}

#[test]
fn a_log_longer_than_the_note_is_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    let note = std::fs::read(directory.path().join("head")).unwrap();
    record(&mut writer, &[simple(2)]).unwrap();
    drop((writer, store));
    std::fs::write(directory.path().join("head"), note).unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    assert_eq!(store.head().revision, 2);
    assert_eq!(store.reader().unwrap().version(2).unwrap().unwrap().revision, 2);
}

/// Child of the test below: writes until it is killed by `CLAIMDB_CRASH_AT`.
#[test]
#[ignore = "runs only as the child of a crash test"]
fn crashing_child() {
    let directory = std::env::var("CLAIMDB_TEST_DIRECTORY").unwrap();
    let mut options = tiny();
    options.faults = Faults::from_environment();
    let store = open(directory.as_ref(), options).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for at in 0..200u32 {
        let old = u64::from(at);
        let draft = Draft { closes: (old > 0).then_some(old), ..simple((at % 5) as u8) };
        let head = record(&mut writer, &[draft]).unwrap();
        println!("acknowledged {}", head.revision);
    }
    writer.wait_until_sealed().unwrap();
    writer.wait_until_merged().unwrap();
}

#[test]
fn killed_at_every_step_nothing_acknowledged_is_lost() {
    for step in Step::all() {
        for passing in [1, 3, 20] {
            let directory = tempfile::tempdir().unwrap();
            let output = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "--nocapture"])
                .arg("storage::sled::tests::crash::crashing_child")
                .env("CLAIMDB_TEST_DIRECTORY", directory.path())
                .env("CLAIMDB_CRASH_AT", format!("{}:{passing}", step.name()))
                .output()
                .unwrap();
            let printed = String::from_utf8_lossy(&output.stdout);
            let acknowledged = printed
                .lines()
                .filter_map(|line| line.rsplit_once("acknowledged ")?.1.parse::<u64>().ok())
                .next_back()
                .unwrap_or(0);
            // Two hundred commits open once, seal twelve segments and merge them into four and one; notes may
            // share a sync.
            let is_surely_reached = match step {
                Step::OpenReplayed => passing == 1,
                Step::NoteSync
                | Step::SealSynced
                | Step::SealPublished
                | Step::SealDurable
                | Step::MergeBlocks
                | Step::MergeSynced
                | Step::MergePublished
                | Step::MergeDurable
                | Step::MergeRemoved
                | Step::Compacting => passing <= 3,
                Step::BeforeApply
                | Step::AfterApply
                | Step::AfterFlush
                | Step::EngineSync
                | Step::AfterSync
                | Step::AfterNote
                | Step::SealBlocks
                | Step::MergeRemoving => true,
            };
            assert!(!output.status.success() || !is_surely_reached, "{step:?} {passing}\n{printed}");
            check_survivor(directory.path(), acknowledged);
        }
    }
}

fn check_survivor(directory: &std::path::Path, acknowledged: u64) {
    let store = open(directory, tiny()).unwrap();
    let head = store.head();
    assert!((acknowledged..=acknowledged + 1).contains(&head.revision));
    let mut model = Model::default();
    for at in 0..head.revision {
        model.revisions.push(((at.div_ceil(2) * 10) as i64, at + 1));
        model.terms.entry((at % 5) as u8).or_default().push(at + 1);
        model.terms.entry(200).or_default().push(at + 1);
        if at > 0 {
            model.closed.insert(at, at + 1);
        }
    }
    model.check(&store.reader().unwrap());
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    writer.wait_until_sealed().unwrap();
    writer.wait_until_merged().unwrap();
    drop((writer, store));
    let report = verify::check(directory, &replay).unwrap();
    assert!(report.is_sound(), "{report}");
    assert_eq!(remains(directory), 0);
}
