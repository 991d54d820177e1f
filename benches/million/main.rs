//! A store of a million claims, made through `Import` and then asked, with the real program over a socket.
//!
//! `cargo bench --bench million` (options after `--`):
//! `--claims N` (1,000,000), `--seed N`, `--caller-ids` (claims and articles with ids of the caller's choice),
//! `--import-only`, `--samples N` per query (300), `--seconds N` at most per query (20), `--writes N` a second beside the
//! queries (200), `--data DIR` to keep the store and to ask one that is there, `--serve "OPTIONS"` for the server,
//! `--write FILE` to write the claims as lines for `claimdb import` and do nothing else.

#[path = "../support/generate/mod.rs"]
mod generate;
#[path = "../support/options.rs"]
mod options;
#[path = "../support/process.rs"]
mod process;

mod ask;
mod import;
mod lines;
mod queries;
mod reopen;
mod report;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use generate::{Generator, Ids};
use options::Options;
use process::Server;

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
    let mut server = Server::claimdb(data, &arguments).await;
    if is_new {
        import::run(&server, Arc::clone(&generator), claims).await;
        println!();
        report::store(&server, data);
        println!();
        server = reopen::measure(server, data, &arguments).await;
    }
    if options.is_given("--import-only") {
        return;
    }
    let limits = ask::Limits {
        samples: options.number("--samples", 300),
        time: Duration::from_secs(options.number("--seconds", 20)),
    };
    println!("\nalone\n");
    queries::run(&server, limits, options.text("--filter")).await;
    let rate = options.number("--writes", 200);
    println!("\nbeside a writer of {rate} Record/s\n");
    let writer = writer::Writer::start(&server, generator, claims, rate).await;
    queries::run(&server, limits, options.text("--filter")).await;
    println!();
    writer.stop().await;
    println!();
    report::store(&server, data);
}
