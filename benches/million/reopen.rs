//! How long it takes until a server that was killed answers again, and how much of that is the engine's.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use crate::goals::Goal;
use crate::process::Server;
use crate::results::{Results, Unit};

/// Kills the server and opens what it leaves in each way, from a copy each: an open leaves less to do for the next.
pub(crate) async fn measure(server: Server, data: &Path, arguments: &[String], results: &mut Results) {
    drop(server);
    let engine = on_copy(data, async |copy| engine_alone(copy)).await;
    let without: Vec<String> = arguments.iter().cloned().chain(["--probe-on-open=false".to_owned()]).collect();
    let without_probe = on_copy(data, async |copy| ready_after(copy, &without).await).await;
    let with_probe = on_copy(data, async |copy| ready_after(copy, arguments).await).await;
    say!("| after kill -9 | ready after s | our own part, s | goal | |");
    say!("|---|---|---|---|---|");
    for (name, seconds) in [("without the probe", without_probe), ("with the probe, as by default", with_probe)] {
        let own = seconds - engine;
        say!("| {name} | {seconds:.2} | {own:.2} | {} |", GOAL.cells(own));
        results.note(format!("reopening after kill -9 {name}, our own part, s"), own, Unit::SecondsOfOurs);
    }
    say!("| the engine alone | {engine:.2} | | | |");
    results.note("sled's own open alone, s", engine, Unit::Seconds);
}

async fn ready_after(data: &Path, arguments: &[String]) -> f64 {
    Server::claimdb(data, arguments).await.ready_after.as_secs_f64()
}

/// Measures on a copy of a store, which is removed.
async fn on_copy(data: &Path, measure: impl AsyncFnOnce(&Path) -> f64) -> f64 {
    let copy = data.with_extension("copy");
    copy_directory(data, &copy);
    let seconds = measure(&copy).await;
    std::fs::remove_dir_all(&copy).expect("the copy is removed");
    seconds
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
            // Or the open would wait for the copy: it syncs the file.
            File::open(&target).and_then(|copy| copy.sync_all()).expect("it is on the disk");
        }
    }
}

/// Seconds of our own, at any size.
pub(crate) const GOAL: Goal = Goal::AtMost(1.0);

/// Seconds that sled takes to open the same files.
fn engine_alone(data: &Path) -> f64 {
    let begin = Instant::now();
    let path = data.join(ENGINE);
    assert!(path.join("db").exists(), "no engine's files in {}", path.display());
    let engine = sled::Config::new().path(path).flush_every_ms(None).open().expect("the engine opens");
    let seconds = begin.elapsed().as_secs_f64();
    drop(engine);
    seconds
}

/// The engine's folder in the data directory.
const ENGINE: &str = "sled";
