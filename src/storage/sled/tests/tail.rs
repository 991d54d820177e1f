//! What an open makes of the log's tail where something is wrong with it.

use super::support::*;
use crate::storage::sled::*;

const COMMITS: u64 = 20;

/// A closed store of which nothing is sealed.
fn unsealed() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), whole()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for _ in 0..COMMITS {
        record(&mut writer, &[simple(1), simple(2)]).unwrap();
    }
    directory
}

fn whole() -> Options {
    Options { seal: SealLimits::NEVER, ..tiny() }
}

/// The first that cannot be read ends the open, whatever is read and derived ahead of it by then.
#[test]
fn an_open_ends_with_the_first_commit_that_cannot_be_read() {
    let directory = unsealed();
    for wrong in [1, 3, COMMITS] {
        let unreadable = |commit: &RawCommit| match commit.header.revision {
            revision if revision >= wrong => Err(format!("commit {revision}")),
            _ => replay(commit),
        };
        let refused = Store::open(directory.path(), whole(), &unreadable).err().unwrap();
        let OpenError::Replay { revision, reason } = refused else { panic!("{refused}") };
        assert_eq!((revision, reason), (wrong, format!("commit {wrong}")));
    }
    assert_eq!(open(directory.path(), whole()).unwrap().head().revision, COMMITS);
}

#[test]
fn an_open_ends_with_a_commit_that_is_found_by_what_is_not_its_own() {
    let directory = unsealed();
    let foreign = |commit: &RawCommit| {
        let mut replayed = replay(commit)?;
        if commit.header.revision == 5 {
            replayed.terms.push((term(3), 1));
        }
        Ok(replayed)
    };
    let refused = Store::open(directory.path(), whole(), &foreign).err().unwrap();
    assert!(matches!(refused, OpenError::Replay { revision: 5, .. }), "{refused}");
}
