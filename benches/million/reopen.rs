//! How long it takes until a server that was killed answers again, and how much of that is the engine's.

use std::path::Path;
use std::time::Instant;

use crate::goals::Goal;
use crate::process::Server;
use crate::results::{Results, Unit};

/// Kills the server and starts it again; three times, as each start leaves less to do for the next.
pub(crate) async fn measure(server: Server, data: &Path, arguments: &[String], results: &mut Results) {
    println!("| after kill -9 | ready after s |");
    println!("|---|---|");
    drop(server);
    let server = Server::claimdb(data, arguments).await;
    println!("| as it is | {:.2} |", server.ready_after.as_secs_f64());
    drop(server);
    let without: Vec<String> = arguments.iter().cloned().chain(["--probe-on-open=false".to_owned()]).collect();
    let server = Server::claimdb(data, &without).await;
    let without_probe = server.ready_after.as_secs_f64();
    println!("| without the probe | {without_probe:.2} |");
    drop(server);
    let engine = engine_alone(data);
    println!("| the engine alone | {engine:.2} |");
    let server = Server::claimdb(data, arguments).await;
    println!("| after the engine was closed | {:.2} |", server.ready_after.as_secs_f64());
    let own = without_probe - engine;
    println!("\n| our own part, s | goal | |\n|---|---|---|\n| {own:.2} | {} |", GOAL.cells(own));
    results.note("reopening: our own part", own, Unit::Seconds);
}

/// Seconds of our own, at any size.
const GOAL: Goal = Goal::AtMost(1.0);

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
