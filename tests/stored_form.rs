//! The stored form of versions and notes: what was written is read, by every version of this program.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

#[path = "support/mod.rs"]
mod support;

use claimdb::domain::model::{Link, Record, SourceLink, Version};
use claimdb::domain::time::Timestamp;
use claimdb::storage::codec::{DecodeError, EncodeError, decode_note, decode_version, encode_note, encode_version};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use support::{arbitrary, arbitrary_note, claim, claim_in, inline, key};

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_version_is_read_as_it_was_written(version in arbitrary::version()) {
        let bytes = encode_version(&version).unwrap();
        let read = decode_version(&bytes, version.number, version.revision, version.time).unwrap();
        prop_assert_eq!(&read, &version);
        // URLs are equal when their canonical forms are; as given they are kept too.
        if let (Record::Article(read), Record::Article(written)) = (&read.record, &version.record) {
            prop_assert!(read.urls.iter().map(|url| &url.given).eq(written.urls.iter().map(|url| &url.given)));
        }
        prop_assert_eq!(encode_version(&read).unwrap(), bytes, "equal versions are equal bytes");
    }

    #[test]
    fn a_note_is_read_as_it_was_written(note in arbitrary_note::note()) {
        prop_assert_eq!(decode_note(&encode_note(&note)).unwrap(), note);
    }

    #[test]
    fn damaged_bytes_do_not_panic(version in arbitrary::version(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = encode_version(&version).unwrap();
        let index = at.index(bytes.len());
        bytes[index] ^= 1u8 << bit;
        let _ = decode_version(&bytes, version.number, version.revision, version.time);
        let _ = decode_note(&bytes);
        bytes.truncate(index);
        let _ = decode_version(&bytes, version.number, version.revision, version.time);
    }
}

/// Twenty-four versions, the same every time.
fn samples() -> Vec<Version> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..24).map(|_| arbitrary::version().new_tree(&mut runner).unwrap().current()).collect()
}

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/versions-1.txt");

/// A line of the fixture, split: what is known of a version besides its stored form, that form, and what it means.
fn parse(line: &str) -> (Version, Vec<u8>, &str) {
    let [number, revision, time, bytes, meaning] = line.splitn(5, ' ').collect::<Vec<_>>().try_into().unwrap();
    let time = Timestamp::from_micros(time.parse().unwrap()).unwrap();
    let bytes = hex::decode(bytes).unwrap();
    let version = decode_version(&bytes, number.parse().unwrap(), revision.parse().unwrap(), time).unwrap();
    (version, bytes, meaning)
}

fn line(version: &Version, bytes: &[u8]) -> String {
    let Version { number, revision, time, .. } = version;
    format!("{number} {revision} {} {} {version:?}\n", time.micros(), hex::encode(bytes))
}

/// A store written by an earlier version of this program is read by this one: the bytes in the fixture never change.
/// What they mean is written as `Debug` prints it; when that prints differently, `CLAIMDB_WRITE_FIXTURES=1` writes the
/// meanings again, from the bytes, and the difference is there to be looked at.
#[test]
fn versions_of_the_first_format_are_read() {
    if std::env::var_os("CLAIMDB_WRITE_FIXTURES").is_some() {
        let lines: String = match std::fs::read_to_string(FIXTURE) {
            Ok(fixture) => fixture.lines().map(parse).map(|(version, bytes, _)| line(&version, &bytes)).collect(),
            Err(_) => samples().iter().map(|version| line(version, &encode_version(version).unwrap())).collect(),
        };
        std::fs::write(FIXTURE, lines).unwrap();
    }
    let fixture = std::fs::read_to_string(FIXTURE).unwrap();
    assert_eq!(fixture.lines().count(), 24);
    for (version, bytes, meaning) in fixture.lines().map(parse) {
        assert_eq!(format!("{version:?}"), meaning);
        assert_eq!(encode_version(&version).unwrap(), bytes);
    }
}

/// A version of this record.
fn holding(record: Record) -> Version {
    let mut version = samples().remove(0);
    version.name.kind = record.kind();
    version.record = record;
    version
}

#[test]
fn what_only_a_request_may_hold_is_not_stored() {
    let named = || claim_in(support::name("articles/a").into(), "A claim.");
    let by_key = claim_in(key("a"), "A claim.");
    let mut of_a_source = named();
    of_a_source.article = Some(Link::Name(support::name("sources/a")));
    let mut by_an_article = claim("A claim.");
    by_an_article.attributions[0].source = SourceLink::from(support::name("articles/a"));
    let mut by_inline = claim("A claim.");
    by_inline.attributions[0].source = inline("Somebody");
    for (record, part) in [
        (by_key, "claim.article"),
        (of_a_source, "claim.article"),
        (by_an_article, "attribution.source"),
        (by_inline, "attribution.source"),
    ] {
        assert_eq!(encode_version(&holding(Record::Claim(record))), Err(EncodeError { part }));
    }
}

#[test]
fn what_cannot_be_read_is_named_without_its_content() {
    let time = Timestamp::MIN;
    let read = |bytes: &[u8]| decode_version(bytes, 1, 1, time).unwrap_err();
    assert_eq!(read(&[0xff]), DecodeError::Message("version"));
    assert_eq!(read(&[]), DecodeError::Missing("version.record"));
    // An action of a later format: field 2 is 99, and the record is an empty source.
    let unknown = read(&[0x0a, 1, b'a', 0x10, 99, 0x5a, 0]);
    assert_eq!(unknown, DecodeError::Unknown { vocabulary: "Action", number: 99 });
    let malformed = read(&[0x0a, 6, b'S', b'e', b'c', b'r', b'e', b't', 0x10, 1, 0x5a, 0]);
    assert_eq!(malformed.to_string(), "version.id is malformed");
}
