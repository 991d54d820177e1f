//! Drives the real server over a socket, beside a bare tonic server that answers the same messages and does nothing
//! else: what is between the two is ours, what is below the second is the transport's.
//!
//! `cargo bench --bench load` (options after `--`): `--seconds N` per row, `--connections N`, `--filter WORD`.

mod bare;
mod client;
mod process;
mod report;

use std::time::Duration;

use client::Work;
use process::Running;

struct Options {
    seconds: u64,
    connections: usize,
    filter: Option<String>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(port) = value(&arguments, "--bare-server") {
        return bare::serve(port.parse().expect("a port"));
    }
    let options = Options {
        seconds: value(&arguments, "--seconds").map_or(5, |text| text.parse().expect("--seconds N")),
        connections: value(&arguments, "--connections").map_or(4, |text| text.parse().expect("--connections N")),
        filter: value(&arguments, "--filter"),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(&options));
}

fn value(arguments: &[String], name: &str) -> Option<String> {
    let position = arguments.iter().position(|argument| argument == name)?;
    arguments.get(position + 1).cloned()
}

async fn run(options: &Options) {
    let rows = [
        ("Record, 1 in flight", Work::Record, 1),
        ("Record, 64 in flight", Work::Record, 64),
        ("GetClaim, 1 in flight", Work::Get, 1),
        ("GetClaim, 64 in flight", Work::Get, 64),
    ];
    println!(
        "each row {} s, {} connections; `bare` answers the same messages and does nothing",
        options.seconds, options.connections
    );
    report::head();
    for (name, work, in_flight) in rows {
        if options.filter.as_ref().is_some_and(|filter| !name.contains(filter.as_str())) {
            continue;
        }
        let duration = Duration::from_secs(options.seconds);
        for mut server in [Running::claimdb().await, Running::bare().await] {
            let connections = options.connections.min(in_flight);
            let measured = client::run(&server.address, work, in_flight, connections, duration).await;
            report::row(name, server.name, &measured, server.peak_memory());
            server.stop();
        }
    }
}
