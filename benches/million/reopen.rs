//! How long it takes until a server that was killed answers again, and how much of that is the engine's.

use std::path::Path;
use std::time::Instant;

use crate::process::Server;

/// Kills the server and starts it again; three times, as each start leaves less to do for the next.
pub(crate) async fn measure(server: Server, data: &Path, arguments: &[String]) {
    println!("| after kill -9 | ready after s |");
    println!("|---|---|");
    drop(server);
    let server = Server::claimdb(data, arguments).await;
    println!("| as it is | {:.2} |", server.ready_after.as_secs_f64());
    drop(server);
    let without: Vec<String> = arguments.iter().cloned().chain(["--probe-on-open=false".to_owned()]).collect();
    let server = Server::claimdb(data, &without).await;
    println!("| without the probe | {:.2} |", server.ready_after.as_secs_f64());
    drop(server);
    println!("| the engine alone | {:.2} |", engine_alone(data));
    let server = Server::claimdb(data, arguments).await;
    println!("| after the engine was closed | {:.2} |", server.ready_after.as_secs_f64());
}

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
