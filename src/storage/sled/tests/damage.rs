//! Nothing that was changed, cut or lost on disk goes unnoticed.

use super::support::*;
use crate::storage::sled::errors::Damage;
use crate::storage::sled::probe::read_as_an_open;
use crate::storage::sled::*;
use crate::storage::sled::{faults::Step, note};

/// A closed store with sealed segments, a tail and a text.
fn closed_store(commits: u32) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for at in 0..commits {
        let mut next = commit(&writer, &[simple((at % 5) as u8), simple(7)]);
        if at > 0 {
            let old = next.first_number - 2;
            next = commit(&writer, &[Draft { closes: Some(old), ..simple((at % 5) as u8) }, simple(7)]);
        }
        next.texts.push((next.first_number, format!("text {at}").into()));
        writer.append(next).unwrap();
        writer.commit_group().unwrap();
    }
    writer.wait_until_sealed().unwrap();
    writer.wait_until_merged().unwrap();
    directory
}

fn read_everything(store: &Store) -> Result<(), Damage> {
    let reader = store.reader()?;
    for number in 1..=reader.head().number {
        reader.version(number)?;
        reader.text(number)?;
        reader.closed_by(number)?;
        reader.commit(number)?;
    }
    for id in [0, 1, 2, 3, 4, 7, 200] {
        for direction in [Direction::Ascending, Direction::Descending] {
            for number in reader.postings(&term(id), 1..=u64::MAX, direction) {
                number?;
            }
        }
    }
    Ok(())
}

#[test]
fn a_sound_store_verifies() {
    let directory = closed_store(50);
    let report = verify::check(directory.path(), &replay).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    assert_eq!((report.commits, report.versions, report.texts), (50, 100, 50));
    // Six were sealed, and merged into two.
    assert_eq!(report.segments, 2, "{report}");
}

#[test]
fn every_changed_or_missing_value_is_noticed() {
    // Four were sealed, three of them merged.
    let original = closed_store(34);
    let mut keys = Vec::new();
    tamper(original.path(), |log, segments| {
        keys.extend(log.iter().keys().map(|key| (true, key.unwrap())));
        keys.extend(segments.iter().keys().map(|key| (false, key.unwrap())));
    });
    for (at, (is_log, key)) in keys.iter().enumerate() {
        for is_removed in [false, true] {
            let copy = crash_copy(original.path());
            tamper(copy.path(), |log, segments| {
                let tree = if *is_log { log } else { segments };
                if is_removed {
                    tree.remove(key).unwrap();
                    return;
                }
                let mut value = tree.get(key).unwrap().unwrap().to_vec();
                let byte = at * 31 % value.len();
                value[byte] ^= 0x10;
                tree.insert(key, value).unwrap();
            });
            let report = verify::check(copy.path(), &replay).unwrap();
            let context = format!("{is_log} {is_removed} {key:?}\n{report}");
            // The last manifest entry may be missing: then its segment is simply not sealed.
            let is_manifest = !is_log && key[0] == b'm';
            if is_manifest && is_removed {
                continue;
            }
            assert!(!report.is_sound(), "{context}");
            let noticed = open(copy.path(), tiny()).is_err_and(|error| matches!(error, OpenError::Damage(_)))
                || open(copy.path(), tiny()).is_ok_and(|store| read_everything(&store).is_err());
            // Filters and closings are read at open, so a changed one is noticed there.
            assert!(noticed, "{context}");
        }
    }
}

#[test]
fn a_value_under_another_key_is_noticed() {
    let directory = closed_store(20);
    tamper(directory.path(), |log, segments| {
        let first = log.get(keys::frame(3, 0)).unwrap().unwrap();
        log.insert(keys::frame(5, 0), first).unwrap();
        let text = log.get(keys::text(3, 0)).unwrap().unwrap();
        log.insert(keys::text(7, 0), text).unwrap();
        let block = segments.get(keys::segment(1, keys::Kind::Postings, 0)).unwrap().unwrap();
        segments.insert(keys::segment(2, keys::Kind::Postings, 0), block).unwrap();
    });
    let store = open(directory.path(), tiny()).unwrap();
    let reader = store.reader().unwrap();
    assert_eq!(reader.version(5).unwrap_err().what, "frame 5: it lies under another number");
    assert_eq!(reader.text(7).unwrap_err().what, "text 7: its checksum does not match");
    let found: Result<Vec<u64>, Damage> = reader.postings(&term(200), 1..=99, Direction::Ascending).collect();
    assert!(found.unwrap_err().what.starts_with("segment 2:"));
}

#[test]
fn a_lost_tail_is_noticed() {
    let original = closed_store(20);
    let copy = crash_copy(original.path());
    tamper(copy.path(), |log, _| {
        log.remove(keys::frame(39, 0)).unwrap();
        log.remove(keys::text(39, 0)).unwrap();
    });
    let Err(OpenError::Damage(damage)) = open(copy.path(), tiny()) else {
        panic!("opened");
    };
    assert_eq!(damage.what, "log: ends at revision 19, but revision 20 was acknowledged");
    assert!(!verify::check(copy.path(), &replay).unwrap().is_sound());

    // The whole engine gone, as sled opens a file that was cut.
    let copy = crash_copy(original.path());
    std::fs::remove_dir_all(copy.path().join("sled")).unwrap();
    assert!(matches!(open(copy.path(), tiny()), Err(OpenError::Damage(_))));
}

/// Whatever keeps a store from opening: its note goes on to say what was acknowledged.
#[test]
fn an_open_that_comes_to_no_end_leaves_the_note_as_it_is() {
    let noted = |directory: &tempfile::TempDir| note::read(directory.path()).unwrap().unwrap().head.revision;
    let directory = closed_store(9);
    assert_eq!(noted(&directory), 9);
    for panics in [true, false] {
        let mut options = tiny();
        options.faults = Faults::hook(move |step| match step == Step::OpenReplayed {
            true if panics => panic!("injected"),
            true => Err(std::io::Error::other("injected")),
            false => Ok(()),
        });
        assert!(open(directory.path(), options).is_err());
        assert_eq!(noted(&directory), 9);
    }
    assert_eq!(open(directory.path(), tiny()).unwrap().head().revision, 9);
}

#[test]
fn a_missing_note_is_damage_once_there_is_a_log() {
    let directory = closed_store(3);
    std::fs::write(directory.path().join("head"), [0; 9000]).unwrap();
    assert!(matches!(open(directory.path(), tiny()), Err(OpenError::Damage(_))));
    std::fs::remove_file(directory.path().join("head")).unwrap();
    assert!(matches!(open(directory.path(), tiny()), Err(OpenError::Damage(_))));

    let empty = tempfile::tempdir().unwrap();
    drop(open(empty.path(), tiny()).unwrap());
    std::fs::remove_file(empty.path().join("head")).unwrap();
    drop(open(empty.path(), tiny()).unwrap());
}

#[test]
fn the_note_of_another_store_is_damage() {
    let (one, other) = (closed_store(3), closed_store(3));
    std::fs::copy(other.path().join("head"), one.path().join("head")).unwrap();
    assert!(matches!(open(one.path(), tiny()), Err(OpenError::Damage(_))));
}

fn set_format(directory: &std::path::Path, format: u32) {
    // Waits for the lock, which sled holds a moment longer than its last handle.
    let (db, ..) = super::super::open::open_engine(directory, 64 << 20).unwrap();
    let value = super::super::bytes_codec::seal_value(b"format", format.to_be_bytes().to_vec());
    db.insert(b"format", value).unwrap();
    db.flush().unwrap();
}

fn format(directory: &std::path::Path) -> u32 {
    let (db, ..) = super::super::open::open_engine(directory, 64 << 20).unwrap();
    super::super::open::read_identity(&db).unwrap().unwrap().format
}

#[test]
fn a_store_of_the_format_before_has_the_newer_one_once_it_was_opened() {
    let directory = closed_store(3);
    set_format(directory.path(), 3);
    drop(open(directory.path(), tiny()).unwrap());
    assert_eq!(format(directory.path()), super::super::FORMAT_VERSION);
}

#[test]
fn a_store_of_the_format_before_keeps_it_when_it_does_not_open() {
    let directory = closed_store(3);
    set_format(directory.path(), 3);
    let note = std::fs::read(directory.path().join("head")).unwrap();
    let other = closed_store(3);
    std::fs::copy(other.path().join("head"), directory.path().join("head")).unwrap();
    assert!(matches!(open(directory.path(), tiny()), Err(OpenError::Damage(_))));
    assert_eq!(format(directory.path()), 3);

    // What it was damaged by is mended: nothing stands in the way of either program.
    std::fs::write(directory.path().join("head"), note).unwrap();
    drop(open(directory.path(), tiny()).unwrap());
    assert_eq!(format(directory.path()), super::super::FORMAT_VERSION);
}

#[test]
fn a_probe_leaves_the_format_as_it_is() {
    let directory = closed_store(3);
    set_format(directory.path(), 3);
    read_as_an_open(directory.path()).unwrap();
    assert_eq!(format(directory.path()), 3);
}

#[test]
fn an_unknown_format_is_told_apart() {
    let directory = closed_store(3);
    set_format(directory.path(), 9);
    let refused = open(directory.path(), tiny()).err().unwrap();
    assert!(matches!(refused, OpenError::UnknownFormat { found: 9, known: super::super::FORMAT_VERSION }));
}

#[test]
fn verify_copies_and_leaves_the_original_alone() {
    let directory = closed_store(20);
    let scratch = tempfile::tempdir().unwrap();
    let before = std::fs::read(directory.path().join("sled/db")).unwrap();
    // Stands in for the program: prints a report if the copy is where it should be.
    let program = scratch.path().join("program");
    let script = "#!/bin/sh\ntest -s \"$3/sled/db\" -a -s \"$3/head\" -a \"$4\" = --verify || exit 1\n\
        printf 'commits: 1\\nversions: 2\\ntexts: 3\\nsegments: 4\\nproblem: p: q\\nend\\n'\n";
    std::fs::write(&program, script).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, executable).unwrap();
    let report = verify(&program, directory.path(), scratch.path(), &ProbeLimits::default()).unwrap();
    assert_eq!((report.commits, report.segments), (1, 4));
    assert_eq!(report.problems, ["p: q"]);
    assert_eq!(std::fs::read(directory.path().join("sled/db")).unwrap(), before);
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1);

    let store = open(directory.path(), tiny()).unwrap();
    assert!(verify(&program, directory.path(), scratch.path(), &ProbeLimits::default()).is_err());
    drop(store);
}
