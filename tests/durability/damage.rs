//! A store that was damaged while it lay closed: the server refuses it and says so, or serves with nothing missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::article_service_client::ArticleServiceClient;
use claimdb::proto::claimdb::v1::{Article, GetArticleRequest, RecordRequest};
use claimdb::storage::ClaimStore;
use claimdb::storage::sled::{ProbeLimits, probe};

use crate::chance::{Chance, count};
use crate::children;
use crate::ground::{Opening, agrees, block_on, fresh, model};
use crate::server::{Served, head, record, request, revision_of, says_damaged};
use crate::work;

/// Enough for a long text and several segments.
const COMMITS: u64 = 30;
const LIMIT: Duration = Duration::from_secs(60);

/// What is done to a file.
#[derive(Clone, Copy, Debug)]
enum Harm {
    /// One bit, at this part of the file in thousandths.
    Flip(u64),
    /// The 4 KiB around there.
    Zero(u64),
    /// Everything from there on.
    Cut(u64),
    /// The last bytes only.
    CutEnd(u64),
}

impl Harm {
    fn any(chance: &mut Chance) -> Self {
        let place = chance.below(1_000);
        match chance.below(7) {
            0..=2 => Self::Flip(place),
            3 | 4 => Self::Zero(place),
            5 => Self::Cut(place),
            _ => Self::CutEnd(1 + chance.below(100_000)),
        }
    }

    /// Whether the file is another than before.
    fn apply(self, file: &Path) -> bool {
        let before = std::fs::read(file).unwrap();
        let mut bytes = before.clone();
        let at = |place: u64| usize::try_from(before.len() as u64 * place / 1_000).unwrap();
        match self {
            Self::Flip(place) if !bytes.is_empty() => bytes[at(place)] ^= 1 << (place % 8),
            Self::Flip(_) => {}
            Self::Zero(place) => {
                let start = at(place) / 4096 * 4096;
                let end = bytes.len().min(start + 4096);
                bytes[start..end].fill(0);
            }
            Self::Cut(place) => bytes.truncate(at(place)),
            Self::CutEnd(lost) => bytes.truncate(bytes.len().saturating_sub(usize::try_from(lost).unwrap())),
        }
        std::fs::write(file, &bytes).unwrap();
        bytes != before
    }
}

/// The files of a store, by their path in it.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false => {
                    drop(found.insert(path.strip_prefix(directory).unwrap().to_owned(), std::fs::read(&path).unwrap()))
                }
            }
        }
    }
    found
}

fn copy(from: &BTreeMap<PathBuf, Vec<u8>>, to: &Path) {
    for (path, bytes) in from {
        std::fs::create_dir_all(to.join(path).parent().unwrap()).unwrap();
        std::fs::write(to.join(path), bytes).unwrap();
    }
}

/// A file to harm: mostly the log itself, now and then what lies beside it.
fn any_file(store: &BTreeMap<PathBuf, Vec<u8>>, chance: &mut Chance) -> PathBuf {
    let beside: Vec<_> = store.keys().filter(|path| !path.ends_with("db")).collect();
    match chance.happens(60) {
        true => PathBuf::from("sled/db"),
        false => beside[usize::try_from(chance.below(beside.len() as u64)).unwrap()].clone(),
    }
}

/// Stores of the engine: closed, and as a kill would leave it.
static STORES: LazyLock<[BTreeMap<PathBuf, Vec<u8>>; 2]> = LazyLock::new(|| {
    let ground = fresh();
    let store = Opening::default().open(ground.dir.path(), &ground).unwrap();
    for number in 1..=COMMITS {
        block_on(store.commit(work::batch(number))).unwrap();
    }
    std::thread::sleep(Duration::from_millis(500));
    let killed = files(ground.dir.path());
    drop(store);
    [files(ground.dir.path()), killed]
});

/// The child of the test below: prints whether a store holds what was recorded.
#[test]
#[ignore = "runs only as the child of another test"]
fn reads_everything() {
    let directory = std::env::var_os("CLAIMDB_TEST_DIRECTORY").unwrap();
    let ground = fresh();
    let answer = match Opening::default().open(directory.as_ref(), &ground) {
        Ok(store) => agrees(&store, &model(COMMITS), COMMITS),
        Err(error) => Err(error.to_string()),
    };
    println!("answer: {answer:?}");
}

/// What came of a damaged store.
#[derive(Debug, PartialEq)]
enum Came {
    Refused,
    Reported,
    Served,
}

fn open_and_read(directory: &Path) -> Result<(Came, String), String> {
    let limits = ProbeLimits { timeout: LIMIT, ..ProbeLimits::default() };
    if let Err(refused) = probe(env!("CARGO_BIN_EXE_claimdb").as_ref(), directory, &limits) {
        return Ok((Came::Refused, refused.to_string()));
    }
    let ended =
        children::run(children::own("damage::reads_everything").env("CLAIMDB_TEST_DIRECTORY", directory), LIMIT);
    let answer = ended.printed.lines().find_map(|line| Some(line.split_once("answer: ")?.1.to_owned()));
    match answer {
        Some(answer) if answer.starts_with("Ok") => Ok((Came::Served, String::new())),
        Some(answer) if answer.contains("damaged") => Ok((Came::Reported, answer)),
        other => Err(format!("{other:?} {:?} timed out: {} {}", ended.code, ended.is_timed_out, ended.complaints)),
    }
}

#[test]
fn the_engine_refuses_damage_or_serves_everything() {
    let trials = count("CLAIMDB_DAMAGE_TRIALS", 14);
    let mut chance = Chance::new("damage");
    let (mut failures, mut outcomes) = (Vec::new(), BTreeMap::<String, u32>::new());
    let started = Instant::now();
    for trial in 0..trials {
        let store = &STORES[usize::try_from(trial % 2).unwrap()];
        let (file, harm) = (any_file(store, &mut chance), Harm::any(&mut chance));
        let directory = tempfile::tempdir().unwrap();
        copy(store, directory.path());
        let is_harmed = harm.apply(&directory.path().join(&file));
        let context = format!("trial {trial}: {} {harm:?}", file.display());
        let before = files(directory.path());
        let verified = children::run(children::claimdb().arg("verify").arg("--data-dir").arg(directory.path()), LIMIT);
        if !matches!(verified.code, Some(0 | 4)) || !is_harmed && verified.code != Some(0) {
            failures.push(format!("{context}: verify ended with {verified:?}"));
        }
        if files(directory.path()) != before {
            failures.push(format!("{context}: verify wrote to the store"));
        }
        match open_and_read(directory.path()) {
            Ok((came, what)) => {
                *outcomes.entry(format!("{came:?} {:?}", verified.code)).or_default() += 1;
                println!("{context}: {came:?} {what}");
                if came == Came::Reported && verified.code != Some(4) || !is_harmed && came != Came::Served {
                    failures.push(format!("{context}: {came:?} {what}, but verify said {verified:?}"));
                }
            }
            Err(what) => failures.push(format!("{context}: {what}")),
        }
    }
    println!("{trials} trials in {:?}: {outcomes:?}", started.elapsed());
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// Reads everything through a server; how many reads said that the store is damaged.
async fn read_all(served: &mut Served, expected: u64) -> Result<u32, String> {
    let channel = served.channel();
    let newest = head(&channel).await;
    if newest != expected {
        return Err(format!("it serves revision {newest}, {expected} was acknowledged"));
    }
    let mut damaged = 0;
    for number in 1..=expected {
        match revision_of(&channel, number).await {
            Ok(Some(revision)) if revision == number => {}
            Ok(other) => return Err(format!("commit {number} is {other:?}")),
            Err(status) if says_damaged(&status) => damaged += 1,
            Err(status) => return Err(format!("commit {number}: {status:?}")),
        }
    }
    match served.is_alive() {
        true => Ok(damaged),
        false => Err("the server died".to_owned()),
    }
}

#[test]
fn the_server_refuses_damage_or_serves_everything() {
    const REQUESTS: u64 = 60;
    let trials = count("CLAIMDB_DAMAGE_TRIALS", 10);
    let settings = [("CLAIMDB_SEAL_NUMBERS", "64"), ("CLAIMDB_PROBE_TIMEOUT", "30s")];
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let original = tempfile::tempdir().unwrap();
    let mut served = Served::start(original.path(), &settings).unwrap();
    let channel = runtime.block_on(async { served.channel() });
    for number in 1..=REQUESTS {
        let text_bytes = if number % 11 == 0 { 300_000 } else { 300 };
        assert_eq!(runtime.block_on(record(&channel, request(number, text_bytes))).unwrap(), (number, false));
    }
    let killed = files(original.path());
    assert_eq!(served.terminate().code, Some(0));
    let stores = [files(original.path()), killed];
    let mut chance = Chance::new("damage of a server");
    let (mut failures, mut outcomes) = (Vec::new(), BTreeMap::<&str, u32>::new());
    let started = Instant::now();
    for trial in 0..trials {
        let store = &stores[usize::try_from(trial % 2).unwrap()];
        let (file, harm) = (any_file(store, &mut chance), Harm::any(&mut chance));
        let directory = tempfile::tempdir().unwrap();
        copy(store, directory.path());
        harm.apply(&directory.path().join(&file));
        let context = format!("trial {trial}: {} {harm:?}", file.display());
        match Served::start(directory.path(), &settings) {
            Err(ended) => {
                *outcomes.entry("refused").or_default() += 1;
                let said = ended.complaints.lines().last().unwrap_or_default().to_owned();
                println!("{context}: {said}");
                if ended.code != Some(4) || !said.contains("damaged") || said.contains("exit status") {
                    failures.push(format!("{context}: {ended:?}"));
                }
            }
            Ok(mut served) => match runtime.block_on(read_all(&mut served, REQUESTS)) {
                Ok(0) => *outcomes.entry("served").or_default() += 1,
                Ok(_) => *outcomes.entry("reported").or_default() += 1,
                Err(what) => failures.push(format!("{context}: {what}")),
            },
        }
    }
    println!("{trials} trials in {:?}: {outcomes:?}", started.elapsed());
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

/// A text is not read before somebody asks for it.
#[test]
fn damage_that_a_running_server_finds_is_logged_with_what_to_read() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut served = Served::start(directory.path(), &[]).unwrap();
    let channel = runtime.block_on(async { served.channel() });
    runtime.block_on(record(&channel, request(1, 300_000))).unwrap();
    assert_eq!(served.terminate().code, Some(0));
    harm(&directory.path().join("sled"), "log", |key| key.starts_with(b"t"));
    let mut served = Served::start(directory.path(), &[]).unwrap();
    let channel = runtime.block_on(async { served.channel() });
    let asked = GetArticleRequest { name: "articles/k1".to_owned(), ..GetArticleRequest::default() };
    let answer = runtime.block_on(async { ArticleServiceClient::new(channel).get_article(asked).await });
    assert!(says_damaged(&answer.unwrap_err()));
    let ended = served.terminate();
    let told: Vec<&str> = ended.complaints.lines().filter(|line| line.contains("the store is damaged")).collect();
    let is_told = |line: &&str| line.contains("what to do is said under Damage in docs/operations.md");
    assert!(!told.is_empty() && told.iter().all(is_told), "{ended:?}");
}

/// Changes a byte of some values of a tree of the engine's.
fn harm(engine: &Path, tree: &str, is_harmed: impl Fn(&[u8]) -> bool) {
    // The engine lets go of its lock a moment after the process is gone.
    let open = || sled::Config::new().path(engine).flush_every_ms(None).open();
    let db = std::iter::repeat_with(open).take(1_000).find_map(|db| {
        std::thread::sleep(Duration::from_millis(5));
        db.ok()
    });
    let db = db.unwrap();
    let tree = db.open_tree(tree).unwrap();
    let harmed: Vec<_> = tree.iter().map(Result::unwrap).filter(|(key, _)| is_harmed(key)).collect();
    assert!(!harmed.is_empty());
    for (key, value) in harmed {
        let mut value = value.to_vec();
        *value.last_mut().unwrap() ^= 1;
        tree.insert(key, value).unwrap();
    }
    db.flush().unwrap();
}

/// That a text is stored already is looked up last, when all else about a write is known.
#[test]
fn damage_that_a_write_meets_is_told_to_whoever_asks_for_health() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let settings = [("CLAIMDB_SEAL_NUMBERS", "64"), ("CLAIMDB_LOG_FILTER", "info,claimdb::storage::sled=debug")];
    let mut served = Served::start(directory.path(), &settings).unwrap();
    let channel = runtime.block_on(async { served.channel() });
    let article = |name: String, text: String| {
        let article = Article { name, text, ..Article::default() };
        RecordRequest { articles: vec![article], ..RecordRequest::default() }
    };
    // Enough for a segment; it is sealed once more is recorded.
    for half in [0..100, 100..200] {
        let articles = half.map(|number| article(format!("articles/a{number}"), format!("What was said: {number}.")));
        let articles = articles.flat_map(|request| request.articles).collect();
        runtime.block_on(record(&channel, RecordRequest { articles, ..RecordRequest::default() })).unwrap();
    }
    served.line("\"sealed a segment\"").unwrap();
    assert_eq!(served.terminate().code, Some(0));
    // The postings: key and kind of a value of a segment.
    harm(&directory.path().join("sled"), "segments", |key| key[0] == b's' && key[9] == 1);
    let mut served = Served::start(directory.path(), &settings).unwrap();
    let channel = runtime.block_on(async { served.channel() });
    let health = |served: &Served| {
        let mut command = children::claimdb();
        children::run(command.args(["health", "--addr", served.address.trim_start_matches("http://")]), LIMIT).code
    };
    assert_eq!(health(&served), Some(0));
    let again = article("articles/again".to_owned(), "What was said: 7.".to_owned());
    assert!(says_damaged(&runtime.block_on(record(&channel, again)).unwrap_err()));
    assert_eq!(health(&served), Some(1));
    served.kill();
}

#[test]
fn verify_finds_a_sound_store_sound_and_a_store_in_use_locked() {
    let directory = tempfile::tempdir().unwrap();
    copy(&STORES[0], directory.path());
    let verify = || children::run(children::claimdb().arg("verify").arg("--data-dir").arg(directory.path()), LIMIT);
    let before = files(directory.path());
    let verified = verify();
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.printed.starts_with(&format!("commits: {COMMITS}\n")), "{verified:?}");
    assert_eq!(files(directory.path()), before);
    let served = Served::start(directory.path(), &[]).unwrap();
    let locked = [verify(), Served::start(directory.path(), &[("CLAIMDB_LOCK_WAIT", "0s")]).err().unwrap()];
    for ended in locked {
        assert_eq!(ended.code, Some(3), "{ended:?}");
        let said = format!("another process holds the store in {}", directory.path().display());
        assert!(ended.complaints.contains(&said), "{ended:?}");
    }
    drop(served);
}
