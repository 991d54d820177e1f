//! Drives the real server over a socket, beside a bare tonic server that answers the same messages and does nothing
//! else: what is between the two is ours, what is below the second is the transport's.
//!
//! `cargo bench --bench load` (options after `--`): `--seconds N` per row, `--connections N`, `--filter WORD`.

mod bare;
mod client;
#[path = "../support/options.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod options;
mod process;
mod report;
#[path = "../support/process.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod server;

use std::time::Duration;

use client::Work;
use options::Options;
use process::Running;

fn main() {
    let options = Options::of_this_program();
    if let Some(port) = options.text("--bare-server") {
        return bare::serve(port.parse().expect("a port"));
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(&options));
}

async fn run(options: &Options) {
    let seconds = options.number("--seconds", 5);
    let connections = options.number("--connections", 4);
    let filter = options.text("--filter");
    let rows = [
        ("Record, 1 in flight", Work::Record, 1),
        ("Record, 64 in flight", Work::Record, 64),
        ("GetClaim, 1 in flight", Work::Get, 1),
        ("GetClaim, 64 in flight", Work::Get, 64),
    ];
    println!("each row {} s, {} connections; `bare` answers the same messages and does nothing", seconds, connections);
    report::head();
    for (name, work, in_flight) in rows {
        if filter.as_ref().is_some_and(|filter| !name.contains(filter.as_str())) {
            continue;
        }
        let duration = Duration::from_secs(seconds);
        for running in [Running::claimdb().await, Running::bare().await] {
            let connections = connections.min(in_flight);
            let measured = client::run(&running.server.address, work, in_flight, connections, duration).await;
            report::row(name, running.name, &measured, running.server.peak_memory());
        }
    }
}
