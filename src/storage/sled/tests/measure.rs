//! Rates, on demand: `cargo test --release --lib storage::sled::tests::measure -- --ignored --nocapture`.

use std::time::Instant;

use super::support::noise;
use crate::storage::sled::*;

/// The layer above for the measurement never replays: its terms are not in its bytes.
fn replay(_: &RawCommit) -> Result<Replayed, String> {
    Ok(Replayed::default())
}

/// About 900 bytes that compress roughly like a record.
fn version(at: u64, words: &[&str]) -> Vec<u8> {
    let mut bytes =
        format!("claims/{:016x} articles/{:016x} ", at.wrapping_mul(0x9e37_79b9_7f4a_7c15), at / 8).into_bytes();
    let mut state = at.wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1;
    while bytes.len() < 900 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(words[state as usize % words.len()].as_bytes());
        bytes.push(b' ');
    }
    bytes
}

fn terms(at: u64) -> Vec<Vec<u8>> {
    let skewed = |kind: &str, spread: u64, salt: u64| {
        let mixed = at.wrapping_mul(0x94d0_49bb_1331_11eb ^ salt.wrapping_mul(0x9e37_79b9)) >> 20;
        let value = mixed % (1 + (mixed >> 8) % spread);
        format!("{kind}/{value:08x}").into_bytes()
    };
    vec![
        format!("name/claims/{at:016x}").into_bytes(),
        format!("article/{:016x}", at / 8).into_bytes(),
        skewed("publisher", 300, 1),
        skewed("speaker", 20_000, 2),
        skewed("entity", 50_000, 3),
        skewed("entity", 50_000, 4),
        skewed("entity", 50_000, 5),
        skewed("metric", 5_000, 6),
        skewed("topic", 200, 7),
        skewed("day", 9_000, 8),
        skewed("value", 100_000, 9),
        b"status/active".to_vec(),
    ]
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Processor time of this thread: what other programs on the machine do does not count.
fn on_processor() -> u128 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    status.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement: minutes in release mode"]
fn records_per_second() {
    let records: u64 = std::env::var("RECORDS").map_or(300_000, |count| count.parse().unwrap());
    let vocabulary = noise(4000);
    let words: Vec<&str> = vocabulary.as_bytes().chunks(5).map(|word| std::str::from_utf8(word).unwrap()).collect();
    for (group, per_commit) in [(1u64, 1u64), (64, 1), (128, 1), (128, 8)] {
        let records = if group == 1 { records / 30 } else { records };
        let directory = tempfile::tempdir_in(std::env::var("MEASURE_IN").unwrap_or("/var/tmp".into())).unwrap();
        let store = Store::open(directory.path(), Options::default(), &replay).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        let start = Instant::now();
        let (mut appending, mut committing, mut making) = (0, 0, 0);
        let mut at = 0;
        let mut slowest = std::time::Duration::ZERO;
        while at < records {
            for _ in 0..group / per_commit {
                let made = on_processor();
                let head = writer.head();
                let mut commit = NewCommit {
                    revision: head.revision + 1,
                    first_number: head.number + 1,
                    note: b"anonymous importer 1.0".to_vec(),
                    ..NewCommit::default()
                };
                for number in commit.first_number..commit.first_number + per_commit {
                    commit.versions.push(version(at, &words));
                    commit.terms.extend(terms(at).into_iter().map(|term| (term, number)));
                    at += 1;
                }
                making += on_processor() - made;
                let begun = on_processor();
                writer.append(commit).unwrap();
                appending += on_processor() - begun;
            }
            let begun = Instant::now();
            let processor = on_processor();
            writer.commit_group().unwrap();
            slowest = slowest.max(begun.elapsed());
            committing += on_processor() - processor;
        }
        let elapsed = start.elapsed();
        let per = |nanos: u128| nanos as f64 / 1000.0 / at as f64;
        println!(
            "group {group} x {per_commit}: {:.0} records/s ({:.1} us append, {:.1} us commit, {:.1} us made by the test on the processor), slowest group {slowest:?}, {} MiB resident",
            at as f64 / (elapsed.as_secs_f64() - making as f64 / 1e9),
            per(appending),
            per(committing),
            per(making),
            resident_mib(),
        );
        let reader = store.reader().unwrap();
        read_rates(&reader, at);
        drop((reader, writer, store));
        let size: u64 = std::fs::metadata(directory.path().join("sled/db")).unwrap().len();
        let begun = Instant::now();
        let store = Store::open(directory.path(), Options::default(), &replay).unwrap();
        println!("  {} MiB on disk, reopened in {:?}", size >> 20, begun.elapsed());
        drop(store);
    }
}

fn read_rates(reader: &Reader, records: u64) {
    let begun = Instant::now();
    for at in 0..20_000u64 {
        reader.version(1 + at * 7919 % records).unwrap().unwrap();
    }
    let gets = begun.elapsed() / 20_000;
    let begun = Instant::now();
    for at in 0..2_000u64 {
        let term = format!("name/claims/{:016x}", at * 104_729 % records).into_bytes();
        assert_eq!(reader.postings(&term, 1..=u64::MAX, Direction::Ascending).count(), 1);
    }
    let exact = begun.elapsed() / 2_000;
    let begun = Instant::now();
    for at in 0..200u64 {
        let term = format!("topic/{at:08x}").into_bytes();
        for number in reader.postings(&term, 1..=u64::MAX, Direction::Descending).take(100) {
            reader.version(number.unwrap()).unwrap();
        }
    }
    println!("  get {gets:?}, exact term {exact:?}, page of 100 {:?}", begun.elapsed() / 200);
}

#[test]
#[ignore = "a measurement"]
fn parts_of_an_append() {
    use super::super::chain::{Salts, salted};
    use super::super::compression::Encoder;
    use super::super::memory_segment::{CommitMark, MemorySegment};
    let vocabulary = noise(4000);
    let words: Vec<&str> = vocabulary.as_bytes().chunks(5).map(|word| std::str::from_utf8(word).unwrap()).collect();
    // The best of many short rounds: what other programs do falls on the others.
    let best = |name: &str, work: &mut dyn FnMut(u64)| {
        let mut fastest = u128::MAX;
        for round in 0..300u64 {
            let begun = Instant::now();
            for at in 0..64 {
                work(round * 64 + at);
            }
            fastest = fastest.min(begun.elapsed().as_nanos() / 64);
        }
        println!("{name}: {:.2} us", fastest as f64 / 1000.0);
    };
    let mut encoder = Encoder::new();
    let records: Vec<Vec<u8>> = (0..64).map(|at| version(at, &words)).collect();
    let mut out = Vec::new();
    best("compress", &mut |at| {
        out.clear();
        encoder.append(&records[at as usize % 64], &mut out);
    });
    println!("  to {} bytes", out.len());
    let frame: Vec<u8> = records[..16].concat();
    best("compress 16 in one frame, per frame", &mut |_| {
        out.clear();
        encoder.append(&frame, &mut out);
    });
    println!("  to {} bytes", out.len());
    let mut salts = Salts::new();
    best("digest", &mut |at| {
        let salt = salts.next().unwrap();
        std::hint::black_box(salted(&salt, &records[at as usize % 64]));
    });
    let segment = MemorySegment::new(1);
    let mut all: Vec<Vec<(Vec<u8>, u64)>> =
        (0..300 * 64).map(|at| terms(at).into_iter().map(|term| (term, at + 1)).collect()).collect();
    best("index 12 terms", &mut |at| {
        let mark = CommitMark { revision: at + 1, time_us: 0, first_number: at + 1, last_number: at + 1 };
        segment.append(mark, std::mem::take(&mut all[at as usize]), &[], 500);
    });
    let directory = tempfile::tempdir_in("/dev/shm").unwrap();
    let db = ::sled::Config::new().path(directory.path()).flush_every_ms(None).open().unwrap();
    let tree = db.open_tree("log").unwrap();
    let mut fastest = u128::MAX;
    for round in 0..300u64 {
        let begun = Instant::now();
        let mut batch = ::sled::Batch::default();
        for at in 0..128 {
            batch.insert(&super::super::keys::frame(round * 128 + at, 0), vec![7u8; 600]);
        }
        tree.apply_batch(batch).unwrap();
        db.flush().unwrap();
        fastest = fastest.min(begun.elapsed().as_nanos() / 128);
    }
    println!("sled, groups of 128 frames: {:.2} us per frame", fastest as f64 / 1000.0);
    let mut fastest = u128::MAX;
    for round in 1000..1300u64 {
        let begun = Instant::now();
        let mut batch = Vec::new();
        for at in 0..128 {
            batch.push((super::super::keys::frame(round * 128 + at, 0), vec![7u8; 600]));
        }
        for (key, value) in batch {
            tree.insert(key, value).unwrap();
        }
        db.flush().unwrap();
        fastest = fastest.min(begun.elapsed().as_nanos() / 128);
    }
    println!("sled, the same in key order without a batch: {:.2} us per frame", fastest as f64 / 1000.0);
}

#[test]
#[ignore = "a measurement"]
fn sealed_segments_in_memory_and_the_time_of_merges() {
    let records: u64 = std::env::var("RECORDS").map_or(4 * 65_536 + 1, |count| count.parse().unwrap());
    let directory = tempfile::tempdir_in(std::env::var("MEASURE_IN").unwrap_or("/var/tmp".into())).unwrap();
    for merge in [MergeLimits::NEVER, MergeLimits::default()] {
        let store = Store::open(directory.path(), Options { merge, ..Options::default() }, &replay).unwrap();
        let mut writer = store.writer().unwrap().unwrap();
        while writer.head().number < records {
            let head = writer.head();
            let mut commit = NewCommit {
                revision: head.revision + 1,
                first_number: head.number + 1,
                versions: vec![vec![1]; 512],
                ..NewCommit::default()
            };
            for number in commit.first_number..commit.first_number + 512 {
                commit.terms.extend(terms(number).into_iter().map(|term| (term, number)));
            }
            writer.append(commit).unwrap();
            writer.commit_group().unwrap();
        }
        writer.wait_until_sealed().unwrap();
        let begun = Instant::now();
        writer.wait_until_merged().unwrap();
        let merging = begun.elapsed();
        drop((writer, store));
        let (mut segments, mut memory, mut blocks, mut term_count) = (0, 0, 0, 0);
        super::support::tamper(directory.path(), |_, tree| {
            for entry in super::super::stored_manifest::StoredManifest::read(tree).unwrap().live {
                let (segment, _) = super::super::segment::SealedSegment::load(tree.clone(), entry).unwrap();
                segments += 1;
                memory += segment.memory_bytes();
                blocks += entry.posting_blocks;
                term_count += entry.terms;
            }
        });
        let megabytes = memory as f64 / 1e6;
        println!(
            "{segments} segments, {term_count} terms, {blocks} blocks: {megabytes:.2} MB in memory, {:.2} MB per million numbers; merged in {merging:?}",
            megabytes / (records as f64 / 1e6),
        );
    }
}
