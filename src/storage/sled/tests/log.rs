//! What goes into the log comes out of it, and none of it into sled's blobs.

use std::path::Path;

use proptest::prelude::*;

use super::super::chain::Salts;
use super::super::compression::Encoder;
use super::super::frame::{Entry, Frame, VALUE_BYTES_MAX};
use super::super::{frame_encode, log};
use super::support::*;
use crate::storage::sled::*;

fn new_commit() -> impl Strategy<Value = NewCommit> {
    let version = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        (any::<u8>(), 0usize..30_000).prop_map(|(byte, length)| vec![byte; length]),
    ];
    (
        (1u64..1 << 60, any::<i64>(), 1u64..1 << 60),
        proptest::collection::vec(any::<u8>(), 0..300),
        proptest::collection::vec(version, 0..30),
    )
        .prop_map(|((revision, time_us, first_number), note, versions)| NewCommit {
            revision,
            time_us,
            first_number,
            note,
            versions,
            texts: vec![(first_number, "a text".into())],
            ..NewCommit::default()
        })
}

proptest! {
    #[test]
    fn frames_round_trip(commit in new_commit()) {
        let encoded = frame_encode::encode(&commit, &[7; 32], &mut Encoder::new(), &mut Salts::new()).unwrap();
        let frames: Vec<Frame> = encoded.frames.iter().map(|frame| Frame::decode(&frame.value).unwrap()).collect();
        let back = log::whole(&frames).unwrap();
        prop_assert_eq!(back.header.note.unwrap(), commit.note.clone());
        prop_assert_eq!((back.header.revision, back.header.time_us), (commit.revision, commit.time_us));
        prop_assert_eq!(back.header.number_count, commit.number_count());
        prop_assert_eq!(back.header.texts, vec![commit.first_number]);
        let versions: Vec<Vec<u8>> = back.versions.into_iter().map(|version| version.unwrap().to_vec()).collect();
        prop_assert_eq!(versions, commit.versions.clone());
        for (frame, encoded) in frames.iter().zip(&encoded.frames) {
            prop_assert_eq!(frame.header.first, encoded.first);
        }
        prop_assert_eq!(frames.last().unwrap().header.last(), commit.last_number());
        prop_assert_eq!(frames[0].opening.as_ref().unwrap().chain, encoded.chain);
    }

    #[test]
    fn a_flipped_bit_in_a_frame_is_noticed(commit in new_commit(), at: usize, bit in 0u32..8) {
        let encoded = frame_encode::encode(&commit, &[7; 32], &mut Encoder::new(), &mut Salts::new()).unwrap();
        for frame in &encoded.frames {
            let mut value = frame.value.clone();
            let at = at % value.len();
            value[at] ^= 1 << bit;
            prop_assert!(Frame::decode(&value).is_err());
            prop_assert!(Frame::decode(&frame.value[..at]).is_err());
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        let _ = Frame::decode(&bytes);
        let _ = super::super::text::decode(1, &bytes);
        let _ = super::super::text::joined_length(&bytes);
    }
}

#[test]
fn a_blanked_version_keeps_its_digest() {
    let live = Entry::Live { salt: [1; 16], content: bytes::Bytes::from_static(b"content") };
    let blanked = Entry::Blanked(live.digest());
    assert_eq!(blanked.digest(), live.digest());
    assert_eq!(blanked.content(), None);
}

fn assert_no_blobs(directory: &Path) {
    let blobs = std::fs::read_dir(directory.join("sled/blobs")).unwrap();
    assert_eq!(blobs.count(), 0);
}

fn assert_values_are_small(directory: &Path) {
    tamper(directory, |log, segments| {
        for pair in log.iter().chain(segments.iter()) {
            assert!(pair.unwrap().1.len() <= VALUE_BYTES_MAX);
        }
    });
}

#[test]
fn long_texts_and_large_commits_stay_out_of_blobs() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = tiny();
    options.seal.numbers = 1500;
    let store = open(directory.path(), options.clone()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    let texts = [noise(2 << 20), "word ".repeat(400_000).into(), "".into()];
    for text in &texts {
        let mut with_text = commit(&writer, &[simple(1)]);
        with_text.texts.push((with_text.first_number, text.clone()));
        writer.append(with_text).unwrap();
    }
    writer.commit_group().unwrap();
    // A batch is applied in random order: often enough to meet the fullest leaf.
    for _ in 0..30 {
        let mut with_text = commit(&writer, &[simple(2)]);
        with_text.texts.push((with_text.first_number, texts[0].clone()));
        writer.append(with_text).unwrap();
        writer.commit_group().unwrap();
        assert_no_blobs(directory.path());
    }
    for round in 0..4u8 {
        let drafts: Vec<Draft> =
            (0..1000).map(|at| Draft { filler: noise(900 + at).as_bytes().to_vec(), ..simple(round) }).collect();
        record(&mut writer, &drafts).unwrap();
    }
    let huge = Draft { filler: noise(3 << 20).as_bytes().to_vec(), ..simple(5) };
    let mut with_note = commit(&writer, &[huge.clone(), simple(6)]);
    with_note.note = noise(100_000).as_bytes().to_vec();
    writer.append(with_note.clone()).unwrap();
    writer.commit_group().unwrap();
    writer.wait_until_sealed().unwrap();
    assert_no_blobs(directory.path());

    let check = |reader: &Reader| {
        for (number, text) in (1..).zip(&texts) {
            assert!(reader.text(number).unwrap().unwrap() == text.as_bytes());
        }
        assert!(reader.text(34).unwrap().is_none());
        let back = reader.commit(with_note.first_number + 1).unwrap().unwrap();
        assert_eq!(back.header.note.unwrap(), with_note.note);
        assert_eq!(*back.versions[0].as_ref().unwrap(), with_note.versions[0]);
        // Found by a search, then by its learned start, then among those that are kept; another lies between each time.
        for _ in 0..3 {
            let large = reader.version(with_note.first_number).unwrap().unwrap();
            assert_eq!(large.bytes.unwrap(), with_note.versions[0]);
            assert!(reader.version(1600).unwrap().is_some());
        }
        let page = reader.commit(1600).unwrap().unwrap();
        assert_eq!(page.versions.len(), 1000);
        let one = reader.version(1600).unwrap().unwrap();
        assert_eq!(one.position, 1600 - page.header.first_number);
        assert_eq!(one.bytes, page.versions[one.position as usize]);
    };
    check(&store.reader().unwrap());
    drop(writer);
    drop(store);
    let store = open(directory.path(), options).unwrap();
    check(&store.reader().unwrap());
    drop(store);
    assert_no_blobs(directory.path());
    assert_values_are_small(directory.path());
}

#[test]
fn a_commit_without_versions_takes_one_blank_number() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path(), tiny()).unwrap();
    let mut writer = store.writer().unwrap().unwrap();
    record(&mut writer, &[]).unwrap();
    record(&mut writer, &[simple(1)]).unwrap();
    record(&mut writer, &[]).unwrap();
    assert_eq!(writer.head().number, 3);
    let reader = store.reader().unwrap();
    assert_eq!(reader.version(1).unwrap(), None);
    assert_eq!(reader.commit_header(1).unwrap().unwrap().note.unwrap(), "note 1");
    assert_eq!(reader.version(2).unwrap().unwrap().revision, 2);
    assert_eq!(reader.commit_header(3).unwrap().unwrap().revision, 3);
    drop((reader, writer, store));
    let store = open(directory.path(), tiny()).unwrap();
    assert_eq!(store.head().number, 3);
}
