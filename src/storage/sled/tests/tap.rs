//! Whoever listens is told everything that sled is given, in an order that gives the same trees.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::support::*;
use crate::storage::sled::*;

type Tree = BTreeMap<Vec<u8>, Vec<u8>>;

/// The trees as they follow from what was told.
#[derive(Default)]
struct Told {
    group: Vec<(Vec<u8>, Vec<u8>)>,
    log: Tree,
    segments: Tree,
    removed: usize,
}

impl Told {
    fn take(&mut self, given: Given<'_>) {
        match given {
            Given::Log { key, value } => self.group.push((key.to_vec(), value.to_vec())),
            Given::Applied => self.log.extend(self.group.drain(..)),
            Given::Discarded => self.group.clear(),
            Given::Segment { key, value } => {
                self.segments.insert(key.to_vec(), value.to_vec());
            }
            Given::Removed { key } => {
                self.removed += 1;
                assert!(self.segments.remove(key).is_some(), "told of before");
            }
            Given::Flushed => {}
        }
    }
}

fn stored(db: &::sled::Db, name: &str) -> Tree {
    db.open_tree(name).unwrap().iter().map(Result::unwrap).map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

#[test]
fn what_is_told_gives_the_same_trees() {
    let directory = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Told::default()));
    let listener = Arc::clone(&told);
    let tap = Tap::new(move |given| listener.lock().unwrap().take(given));
    let store = open(directory.path(), Options { tap, ..tiny() }).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    for id in 0..200 {
        let given_up = commit(&writer, &[simple(id), simple(id)]);
        writer.append(given_up).unwrap();
        writer.discard_group();
        record(&mut writer, &[simple(id)]).unwrap();
        assert!(told.lock().unwrap().log.len() == usize::from(id) + 1, "a group is told of when it is applied");
    }
    writer.wait_until_sealed().unwrap();
    writer.wait_until_merged().unwrap();
    drop(writer);
    drop(store);
    // Waits for the lock, which sled holds a moment longer than its last handle.
    let (db, ..) = super::super::open::open_engine(directory.path(), 64 << 20).unwrap();
    let told = told.lock().unwrap();
    assert_eq!(stored(&db, "log"), told.log);
    assert_eq!(stored(&db, "segments"), told.segments);
    assert!(told.removed > 0, "some were merged");
}
