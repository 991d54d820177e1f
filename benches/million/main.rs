//! A store of a million claims, made through `Import` and then asked, with the real program over a socket.
//!
//! `cargo bench --bench million` (options after `--`):
//! `--table NAMES`, with commas between: `import`, `pages`, `figures`, `export`, `reopening` (these by default),
//! `revisions`; `--claims N` (1,000,000), `--seed N`, `--ids server|caller|both` (both: who chooses the ids of claims and
//! articles), `--runs N` (1: of more the medians are printed; of reopening there are five rounds or more), `--samples N` per
//! query (300), `--seconds N` at most per query (20), `--writes N` a second beside the pages (200), `--filter TEXT` in the
//! names of queries, `--data DIR` to keep the store and to ask one that is there, `--serve "OPTIONS"` for the server,
//! `--plot FILE` for the rate of the import as SVG, `--update FILE` puts the tables into a document, where it has their
//! marks (of a run that is compared that table alone), `--write-results FILE` and `--compare FILE`, which such a file was
//! written to, `--write FILE` to write the claims as lines for `claimdb import` and do nothing else, `--program FILE` is
//! measured instead of claimdb (`other_engine`), `--alone` to leave PostgreSQL out.
//! PostgreSQL does the same work in the same run where it is installed (Debian: `apt install postgresql`).

#[macro_use]
#[path = "../support/document.rs"]
mod document;
#[path = "../support/generate/mod.rs"]
mod generate;
#[path = "../support/machine.rs"]
mod machine;
#[path = "../support/median.rs"]
mod median;
#[path = "../support/options.rs"]
mod options;
#[path = "../support/pace.rs"]
mod pace;
#[path = "../support/plan.rs"]
mod plan;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/usage.rs"]
#[expect(dead_code, reason = "other benches use the rest")]
mod usage;

mod ask;
mod asked;
mod disk;
mod export;
mod figures;
mod goals;
mod import;
mod lines;
mod loaded;
mod ours;
mod peer;
mod plot;
mod queries;
mod reopen;
mod report;
mod results;
mod revisions;
mod steps;
mod table;
mod unsealed;
mod writer;

use std::path::Path;
use std::sync::Arc;

use asked::Asked;
use generate::{Generator, Ids};
use loaded::{Imports, Loaded};
use options::Options;
use ours::Ours;
use queries::Round;
use results::Results;

fn main() {
    let options = Options::of_this_program();
    let asked = Asked::of(&options);
    if let Some(file) = options.text("--write") {
        let ids = asked.ids.last().copied().unwrap_or(Ids::Server);
        return lines::write(&Generator::new(asked.seed, ids), asked.claims, Path::new(&file));
    }
    // Before it is measured for an hour.
    let before = asked.compare.as_deref().map(Results::read);
    let machine = machine::processors();
    say!("{machine}; load before {}", machine::load());
    let mut results = Results::new(machine, asked.claims);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(&asked, &mut results));
    if let Some(file) = &asked.write_results {
        results.write(file);
    }
    if let Some(before) = before {
        // What stands in a document under the names of this run's other tables is of another size.
        document::forget();
        results.compare(&before);
    }
    if let Some(file) = &asked.update {
        document::put(file, "million");
    }
}

async fn run(asked: &Asked, results: &mut Results) {
    if asked.needs_store() {
        of_a_store(asked, results).await;
    }
    if asked.wants(asked::Table::Revisions) {
        revisions::run(asked, results).await;
    }
}

async fn of_a_store(asked: &Asked, results: &mut Results) {
    let directory = tempfile::TempDir::new().expect("a directory");
    let data = asked.data.clone().unwrap_or_else(|| directory.path().join("data"));
    let mut imports = Imports::default();
    let last = *asked.ids.last().expect("one at least");
    // The store of the last import of all is the one that is asked.
    let imported = asked.ids.iter().flat_map(|ids| std::iter::repeat_n(*ids, asked.runs)).collect::<Vec<_>>();
    let spare = imported.split_last().map_or(&[][..], |(_, others)| others);
    for ids in spare.iter().filter(|_| asked.wants(asked::Table::Import) && !data.exists()) {
        let other = directory.path().join("other");
        Loaded::open(asked, *ids, &other, &mut imports).await;
        std::fs::remove_dir_all(&other).expect("it was made");
    }
    let mut loaded = Loaded::open(asked, last, &data, &mut imports).await;
    if asked.wants(asked::Table::Import) {
        imports.print(results);
    }
    if let Some(file) = &asked.plot {
        imports.plot(file);
    }
    let generator = Arc::new(Generator::new(asked.seed, last));
    pages(asked, &mut loaded, generator, results).await;
    if asked.wants(asked::Table::Export) {
        export::run(&loaded.server, loaded.peer.as_ref(), &data, asked.runs, results).await;
    }
    say!("\n## afterwards\n");
    loaded::store(&loaded.server, &data);
    if let Some(peer) = &loaded.peer {
        say!("PostgreSQL on disk, tables and indexes: {:.0} MB", peer.on_disk().await as f64 / 1e6);
    }
    say!();
    loaded.print_memory(asked, results);
    // Last, so that the pages above are asked of servers that both have been running since they were loaded.
    if asked.wants(asked::Table::Reopening) {
        say!("\n## reopening\n");
        let _table = document::table("reopening");
        reopen::measure(loaded.server, &data, &asked.arguments, asked.runs, results).await;
    }
}

async fn pages(asked: &Asked, loaded: &mut Loaded, generator: Arc<Generator>, results: &mut Results) {
    let mut round = Round {
        ours: &mut Ours::connect(&loaded.server, generator).await,
        peer: loaded.peer.as_mut(),
        limits: asked.limits,
        rate: None,
        only: asked.filter.clone(),
        written: <[writer::Written; 2]>::default(),
        next: asked.claims,
    };
    if asked.wants(asked::Table::Pages) {
        let mut alone = table::Table::default();
        for _ in 0..asked.runs {
            alone.add(round.pages().await);
        }
        say!("\n## pages, alone\n");
        let _table = document::table("pages");
        alone.print(None, results);
    }
    if asked.wants(asked::Table::Figures) {
        let mut figures = table::Table::default();
        for _ in 0..asked.runs {
            figures.add(figures::rows(&mut round).await);
        }
        say!("\n## figures\n");
        let _table = document::table("figures");
        figures.print(None, results);
    }
    // Behind the figures: what is written here is not where the figures above are looked for.
    if asked.wants(asked::Table::Pages) {
        round.rate = Some(asked.writes);
        let mut beside = table::Table::default();
        for _ in 0..asked.runs {
            beside.add(round.pages().await);
        }
        say!("\n## pages, beside a writer of {} a second\n", asked.writes);
        let _table = document::table("pages-writer");
        beside.print(round.rate, results);
        say!();
        round.written[0].print("the writer of claimdb");
        if round.peer.is_some() {
            round.written[1].print("the writer of PostgreSQL");
        }
    }
}
