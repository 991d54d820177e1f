//! A store of a million claims, made through `Import` and then asked, with the real program over a socket.
//!
//! `cargo bench --bench million` (options after `--`):
//! `--claims N` (1,000,000), `--seed N`, `--caller-ids` (claims and articles with ids of the caller's choice),
//! `--import-only`, `--samples N` per query (300), `--seconds N` at most per query (20), `--writes N` a second beside the
//! queries (200), `--data DIR` to keep the store and to ask one that is there, `--serve "OPTIONS"` for the server,
//! `--write FILE` to write the claims as lines for `claimdb import` and do nothing else, `--alone` to leave PostgreSQL out.
//! PostgreSQL does the same work in the same run where it is installed (Debian: `apt install postgresql`).

#[path = "../support/generate/mod.rs"]
mod generate;
#[path = "../support/options.rs"]
mod options;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/process.rs"]
mod process;

mod ask;
mod figures;
mod import;
mod lines;
mod ours;
mod peer;
mod queries;
mod reopen;
mod report;
mod table;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use generate::{Generator, Ids};
use options::Options;
use ours::Ours;
use peer::Peer;
use postgres::Postgres;
use process::Server;
use queries::Round;

fn main() {
    let options = Options::of_this_program();
    let ids = if options.is_given("--caller-ids") { Ids::Caller } else { Ids::Server };
    let generator = Arc::new(Generator::new(options.number("--seed", 1), ids));
    let claims = options.number("--claims", 1_000_000);
    if let Some(file) = options.text("--write") {
        return lines::write(&generator, claims, Path::new(&file));
    }
    let kept = options.text("--data").map(PathBuf::from);
    let directory = tempfile::TempDir::new().expect("a directory");
    let data = kept.unwrap_or_else(|| directory.path().join("data"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(&options, generator, claims, &data));
}

async fn run(options: &Options, generator: Arc<Generator>, claims: u64, data: &Path) {
    let arguments: Vec<String> =
        options.text("--serve").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    report::machine();
    let is_new = !data.exists();
    let server = Server::claimdb(data, &arguments).await;
    if is_new {
        println!("\n## claimdb: import\n");
        import::run(&server, Arc::clone(&generator), claims).await;
        println!();
        report::store(&server, data);
    }
    let cluster = if options.is_given("--alone") { Err("not asked for".to_owned()) } else { Postgres::start().await };
    let mut peer = match &cluster {
        Err(reason) => {
            println!("\nPostgreSQL is left out: {reason}");
            None
        }
        Ok(cluster) => Some(Peer::load(cluster, Arc::clone(&generator), claims).await),
    };
    if !options.is_given("--import-only") {
        pages(options, &server, peer.as_mut(), generator, claims).await;
        println!("\n## afterwards\n");
        report::store(&server, data);
        if let Some(peer) = peer {
            println!("PostgreSQL on disk, table and indexes: {:.0} MB", peer.on_disk().await as f64 / 1e6);
        }
    }
    // Last, so that the pages above are asked of servers that both have been running since they were loaded.
    println!("\n## reopening\n");
    reopen::measure(server, data, &arguments).await;
}

async fn pages(options: &Options, server: &Server, peer: Option<&mut Peer>, generator: Arc<Generator>, claims: u64) {
    let limits = ask::Limits {
        samples: options.number("--samples", 300),
        time: Duration::from_secs(options.number("--seconds", 20)),
    };
    let rate = options.number("--writes", 200);
    let mut round = Round {
        ours: &mut Ours::connect(server, generator).await,
        peer,
        limits,
        rate: None,
        only: options.text("--filter"),
        written: <[writer::Written; 2]>::default(),
        next: claims,
    };
    println!("\n## pages, alone\n");
    round.run().await;
    println!("\n## pages, beside a writer of {rate} a second\n");
    round.rate = Some(rate);
    round.run().await;
    println!();
    round.written[0].print("the writer of claimdb");
    if round.peer.is_some() {
        round.written[1].print("the writer of PostgreSQL");
    }
}
