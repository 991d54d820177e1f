//! How long it takes until a server that was killed answers again, and how much of that is the engine's.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use crate::disk;
use crate::goals::Goal;
use crate::median::median;
use crate::process::Server;
use crate::report::short;
use crate::results::{Results, Unit};
use crate::unsealed;

/// Seconds of our own, at any size.
pub(crate) const GOAL: Goal = Goal::AtMost(1.0);
/// Rounds at least: an open takes a second or less, and what else the machine does as long.
const ROUNDS_MIN: usize = 5;
/// The engine's folder in the data directory.
const ENGINE: &str = "sled";

/// Seconds of each round.
#[derive(Default)]
struct Rounds {
    without_probe: Vec<f64>,
    with_probe: Vec<f64>,
    engine_alone: Vec<f64>,
    /// Records that no segment held; of copies of one store it is the same.
    not_sealed: Option<u64>,
}

/// Kills the server and opens what it leaves in each way in turn, from a copy each: an open leaves less to do for the next.
pub(crate) async fn measure(server: Server, data: &Path, arguments: &[String], runs: usize, results: &mut Results) {
    drop(server);
    let without: Vec<String> = arguments.iter().cloned().chain(["--probe-on-open=false".to_owned()]).collect();
    let mut rounds = Rounds::default();
    for _ in 0..runs.max(ROUNDS_MIN) {
        rounds.without_probe.push(on_copy(data, async |copy| ready_after(copy, &without).await).await);
        rounds.with_probe.push(on_copy(data, async |copy| ready_after(copy, arguments).await).await);
        let (seconds, not_sealed) = on_copy(data, async |copy| engine_alone(copy)).await;
        rounds.engine_alone.push(seconds);
        rounds.not_sealed = not_sealed;
    }
    rounds.print(disk::taken(data));
    rounds.note(results);
}

impl Rounds {
    fn print(&self, bytes: u64) {
        let not_sealed =
            self.not_sealed.map_or_else(String::new, |count| format!(", {count} records of it not sealed"));
        say!(
            "A store of {:.0} MB{not_sealed}, whose server was killed. Medians of {} rounds, each of every way in turn, \
             on a copy that is on the disk. *Our own part* is what passes from the server's start to its first answer, \
             less what sled alone takes to open such a copy in the same round; the probe is in it, which opens sled once \
             more before.\n",
            bytes as f64 / 1e6,
            self.engine_alone.len()
        );
        say!("| after kill -9 | s | lowest to highest | goal | |");
        say!("|---|---|---|---|---|");
        for (way, ready) in self.ways() {
            let own = self.own(ready);
            say!("| {way}, our own part | {} | {} |", cells(&own), GOAL.cells_of(median(own.iter().copied()), "s"));
        }
        say!("| sled's own open alone | {} | | |", cells(&self.engine_alone));
        let [without, with] = self.ways().map(|(_, ready)| short(median(ready.iter().copied())));
        say!("\nUntil the first answer, sled's part included: {without} s without the probe, {with} s with it.");
    }

    fn note(&self, results: &mut Results) {
        for (way, ready) in self.ways() {
            let what = format!("reopening after kill -9 {way}, our own part, s");
            results.note(what, median(self.own(ready)), Unit::SecondsOfOurs);
        }
        results.note("sled's own open alone, s", median(self.engine_alone.iter().copied()), Unit::Seconds);
    }

    fn ways(&self) -> [(&'static str, &[f64]); 2] {
        [("without the probe", &self.without_probe), ("with the probe, as by default", &self.with_probe)]
    }

    fn own(&self, ready: &[f64]) -> Vec<f64> {
        ready.iter().zip(&self.engine_alone).map(|(ready, engine)| ready - engine).collect()
    }
}

/// The median, and what it lies between.
fn cells(seconds: &[f64]) -> String {
    let (low, high) = seconds.iter().fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(*at), high.max(*at)));
    format!("{:.2} | {low:.2} to {high:.2}", median(seconds.iter().copied()))
}

async fn ready_after(data: &Path, arguments: &[String]) -> f64 {
    Server::claimdb(data, arguments).await.ready_after.as_secs_f64()
}

/// Seconds that sled takes to open the same files, and then how many records in them are not sealed.
fn engine_alone(data: &Path) -> (f64, Option<u64>) {
    let path = data.join(ENGINE);
    assert!(path.join("db").exists(), "no engine's files in {}", path.display());
    let begin = Instant::now();
    let engine = sled::Config::new().path(path).flush_every_ms(None).open().expect("the engine opens");
    let seconds = begin.elapsed().as_secs_f64();
    (seconds, unsealed::records(&engine))
}

/// Measures on a copy of a store, which is removed: there is room for one.
async fn on_copy<T>(data: &Path, measure: impl AsyncFnOnce(&Path) -> T) -> T {
    let copy = data.with_extension("copy");
    copy_directory(data, &copy);
    // Or the open would wait for the copy, and for what the one before leaves behind: it syncs the file.
    File::open(&copy).and_then(|copy| Ok(rustix::fs::syncfs(copy)?)).expect("it is on the disk");
    let measured = measure(&copy).await;
    std::fs::remove_dir_all(&copy).expect("the copy is removed");
    measured
}

fn copy_directory(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("the directory") {
        let entry = entry.expect("an entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_directory(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("it is copied");
        }
    }
}
