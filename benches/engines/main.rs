//! What sled costs: the very writes of an import, given once more to sled alone and to another engine, and reads of what
//! they hold.
//!
//! `cargo bench --bench engines` (options after `--`): `--claims N` (200,000), `--seed N`, `--caller-ids`, `--reads N`
//! (100,000), `--only sled|fjall`, `--data DIR` for the files (a temporary folder; they take about as much again for each engine),
//! `--update FILE` to put the tables into a document, where it has their marks.
//!
//! claimdb imports claims in this process and is listened to. Each engine then does the same by itself, in a process of its
//! own, so that its memory is its own: on one thread, groups whole, each flush durable before it goes on. It is killed, opened
//! again, and read.

#[expect(dead_code, reason = "the million uses the rest")]
#[path = "../million/disk.rs"]
mod disk;
#[macro_use]
#[path = "../support/document.rs"]
mod document;
#[path = "../support/generate/mod.rs"]
mod generate;
#[path = "../million/import.rs"]
mod import;
#[path = "../support/machine.rs"]
mod machine;
#[path = "../support/options.rs"]
mod options;
#[path = "../million/report.rs"]
mod report;
#[expect(dead_code, reason = "the million uses the rest")]
#[path = "../million/steps.rs"]
mod steps;

mod capture;
mod child;
mod engine;
mod tape;

use std::path::{Path, PathBuf};
use std::process::Command;

use child::{Reads, Writes};
use engine::Kind;
use generate::{Generator, Ids};
use options::Options;
use report::short;

fn main() {
    let options = Options::of_this_program();
    if let Some(step) = options.text(child::STEP) {
        return child::run(&step, &options);
    }
    say!("{}; load before {}", machine::processors(), machine::load());
    let directory = tempfile::TempDir::new().expect("a directory");
    let folder = options.text("--data").map_or_else(|| directory.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&folder).expect("a directory");
    let tape = folder.join("tape");
    let claims = options.number("--claims", 200_000);
    let ids = if options.is_given("--caller-ids") { Ids::Caller } else { Ids::Server };
    let generator = Generator::new(options.number("--seed", 1), ids);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let captured = runtime.block_on(capture::run(&folder, &tape, claims, generator));
    drop(runtime);
    captured.print(claims);
    let written = document::table("engines-writes");
    let only = options.text("--only");
    let kinds: Vec<Kind> =
        Kind::ALL.into_iter().filter(|kind| only.as_ref().is_none_or(|only| only == kind.name())).collect();
    say!("\n| engine | claims/s | MB/s | of that waiting for flushes | on disk, MB | memory at its peak, MB |");
    say!("|---|---|---|---|---|---|");
    let mut flushed = Vec::new();
    for kind in &kinds {
        let writes: Writes = ask(*kind, child::WRITE, &tape, &folder, &options);
        say!(
            "| {} | {:.0} | {} | {:.0} % | {:.0} | {:.0} |",
            kind.title(),
            claims as f64 / writes.seconds,
            short(captured.bytes() as f64 / 1e6 / writes.seconds),
            100.0 * writes.flushing / writes.seconds,
            writes.on_disk as f64 / 1e6,
            writes.memory as f64 / 1e6,
        );
        flushed.push(writes.last);
    }
    drop(written);
    let read = document::table("engines-reads");
    say!("\n| engine | opened again after s | reads of a frame/s | p50 µs | p99 µs | memory at its peak, MB |");
    say!("|---|---|---|---|---|---|");
    for (kind, flushed) in kinds.iter().zip(flushed) {
        let reads: Reads = ask(*kind, child::READ, &tape, &folder, &options);
        assert_eq!(reads.last, flushed, "{} has lost what it had flushed", kind.title());
        say!(
            "| {} | {:.2} | {:.0} | {:.1} | {:.1} | {:.0} |",
            kind.title(),
            reads.open,
            reads.rate,
            reads.p50,
            reads.p99,
            reads.memory as f64 / 1e6,
        );
    }
    drop(read);
    if let Some(file) = options.text("--update") {
        document::put(Path::new(&file), "engines");
    }
}

/// Runs one step of one engine in a process of its own, and gives what it measured.
fn ask<T: serde::de::DeserializeOwned>(kind: Kind, step: &str, tape: &Path, folder: &Path, options: &Options) -> T {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args([child::STEP, step, child::ENGINE, kind.name()]);
    command.arg(child::TAPE).arg(tape).arg(child::FOLDER).arg(folder.join(kind.name()));
    command.args(["--reads", &options.number("--reads", 100_000_u64).to_string()]);
    let output = command.stderr(std::process::Stdio::inherit()).output().expect("it starts");
    let told = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
    serde_json::from_slice(told).unwrap_or_else(|error| panic!("{command:?} ended {}: {error}", output.status))
}
