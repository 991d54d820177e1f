//! Unary calls, side by side: durable Record and GetClaim of the real server over a socket, beside PostgreSQL behind a thin
//! service and asked directly, etcd, a bare tonic server that gives the same answers, and what the disk and the engine
//! alone take for the same bytes. `benches/README.md` says what each row means.
//!
//! `cargo bench --bench load` (options after `--`): `--claims N` stored before (100,000), `--runs N` (3), `--seconds N` per
//! row (3), `--connections N` (4), `--postgres-connections N` (16), `--systems PART,PART` by their names, `--tables NAME,NAME` of
//! closed, open and pages (all), `--writes N` a second beside pages (200), `--update FILE` to put the tables into a
//! document, where it has their marks, `--draw FOLDER` for drawings, `--program FILE` to measure another program than claimdb.

mod calls;
mod closed;
#[macro_use]
#[path = "../support/document.rs"]
mod document;
mod drawings;
mod echo;
mod etcd;
#[path = "../support/generate/mod.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod generate;
mod goals;
mod limits;
#[path = "../support/machine.rs"]
mod machine;
#[path = "../support/median.rs"]
mod median;
mod open;
#[path = "../support/options.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod options;
mod pages;
#[path = "../support/plan.rs"]
mod plan;
#[path = "../support/plot.rs"]
mod plot;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/postgres_service/mod.rs"]
mod postgres_service;
#[path = "../support/preload.rs"]
mod preload;
#[path = "../support/process.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod process;
mod results;
mod systems;
mod tables;
#[path = "../support/unary.rs"]
mod unary;
#[path = "../support/usage.rs"]
mod usage;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use calls::{Calls, Work};
use generate::{Generator, Ids};
use limits::Written;
use options::Options;
use pages::Pages;
use results::{Key, Load, Results, Sample};
use systems::{ECHO, Settings, System, Systems};

/// Calls in flight where there are many.
pub(crate) const MANY: usize = 64;
/// What is measured in a closed loop.
const CLOSED: [(Work, usize); 4] = [(Work::Record, 1), (Work::Record, MANY), (Work::Get, 1), (Work::Get, MANY)];
/// Before each row: connections are made, statements prepared.
const WARM_UP: Duration = Duration::from_millis(500);
/// After the stores were filled: what they do behind is done, mostly.
const SETTLE: Duration = Duration::from_secs(3);
/// Claims of a hundred items, on average.
const CLAIMS_OF_100_ITEMS: u64 = 291;

fn main() {
    let options = Options::of_this_program();
    if let Some(port) = options.text("--serve-on") {
        return serve(&options, port.parse().expect("a port"));
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(&options));
}

fn serve(options: &Options, port: u16) {
    if let Some(answers) = options.text("--echo") {
        return echo::serve(port, Path::new(&answers));
    }
    postgres_service::serve(port, options.number("--postgres-service", 0), options.number("--connections", 1));
}

async fn run(options: &Options) {
    let settings = Settings {
        generator: Arc::new(Generator::new(1, Ids::Caller)),
        items: (options.number("--claims", 100_000) * 100 / CLAIMS_OF_100_ITEMS).max(1),
        connections: options.number("--connections", 4),
        postgres_connections: options.number("--postgres-connections", 16),
        only: options.text("--systems").iter().flat_map(|list| list.split(',').map(str::to_owned)).collect(),
    };
    let duration = Duration::from_secs(options.number("--seconds", 3));
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut bench = Bench {
        systems: Systems::start(&settings, folder.path()).await,
        written: written(&settings, folder.path()).await,
        settings,
        duration,
        folder: folder.path().to_owned(),
        results: Results::default(),
    };
    tokio::time::sleep(SETTLE).await;
    let runs: usize = options.number("--runs", 3);
    let wanted = options.text("--tables");
    let is_wanted = |table: &str| wanted.as_ref().is_none_or(|list| list.split(',').any(|name| name == table));
    let mut pages = None;
    if is_wanted("pages") {
        // First: what the others record is not by the generator's sources.
        let pages = pages.insert(Pages::new(options.number("--writes", 200.0)));
        // All runs alone come before those beside a writer: what that wrote lies before what is asked for.
        for (is_beside_a_writer, run) in
            [false, true].into_iter().flat_map(|beside| (1..=runs).map(move |run| (beside, run)))
        {
            eprintln!("run {run} of {runs}, pages {}", if is_beside_a_writer { "beside a writer" } else { "alone" });
            pages.run(&bench.systems.all, &bench.settings, duration, is_beside_a_writer).await;
            bench.systems.all.iter_mut().for_each(System::look_at_memory);
        }
    }
    if is_wanted("closed") || is_wanted("open") {
        for run in 1..=runs {
            eprintln!("run {run} of {runs}, closed loop");
            bench.closed().await;
        }
    }
    let mut rates = Vec::new();
    if is_wanted("open") {
        rates = [Work::Record, Work::Get].into_iter().filter_map(|work| Some((work, bench.half(work)?))).collect();
        for run in 1..=runs {
            eprintln!("run {run} of {runs}, open loop");
            bench.open(&rates).await;
        }
    }
    bench.report(options, runs, &rates, pages.as_ref());
}

async fn written(settings: &Settings, folder: &Path) -> Written {
    let calls = Calls::new(Work::Record, Arc::clone(&settings.generator), 1, Arc::default());
    Written::by_claimdb(&calls, folder).await
}

struct Bench {
    settings: Settings,
    systems: Systems,
    written: Written,
    duration: Duration,
    folder: PathBuf,
    results: Results,
}

impl Bench {
    async fn closed(&mut self) {
        for (work, in_flight) in CLOSED {
            let load = Load::Closed(in_flight);
            for system in &mut self.systems.all {
                let calls = system.calls(work, &self.settings);
                let callers = system.callers(self.settings.connections.min(in_flight)).await;
                closed::run(&callers, &calls, in_flight, WARM_UP).await;
                let before = system.processor_time();
                let measured = closed::run(&callers, &calls, in_flight, self.duration).await;
                let sample = Sample::of(&measured, 1, system.processor_time() - before);
                self.results.add(Key { work, load, system: system.name }, sample);
                system.look_at_memory();
            }
            if work == Work::Record {
                self.limits(in_flight);
            }
        }
    }

    /// Blocks this thread, with nothing else to do meanwhile.
    fn limits(&mut self, group: usize) {
        type Limit = fn(&Written, usize, Duration, &Path) -> results::Measured;
        let limits: [(&'static str, Limit); 2] = [(limits::APPEND, Written::append), (limits::ENGINE, Written::engine)];
        for (system, limit) in limits {
            if self.settings.wants(system) {
                let measured = tokio::task::block_in_place(|| limit(&self.written, group, self.duration, &self.folder));
                let key = Key { work: Work::Record, load: Load::Closed(group), system };
                self.results.add(key, Sample::of(&measured, group, Duration::ZERO));
            }
        }
    }

    /// Half of what the slower of claimdb and its peers did at most.
    fn half(&self, work: Work) -> Option<f64> {
        let most = |system: &System| {
            let key = Key { work, load: Load::Closed(MANY), system: system.name };
            self.results.median(key).map(|sample| sample.rate)
        };
        let rates = self.systems.all.iter().filter(|system| system.name != ECHO).filter_map(most);
        rates.reduce(f64::min).map(|slowest| (slowest / 2.0).max(1.0))
    }

    async fn open(&mut self, rates: &[(Work, f64)]) {
        for (work, rate) in rates {
            for system in &mut self.systems.all {
                let calls = system.calls(*work, &self.settings);
                let callers = system.callers(self.settings.connections).await;
                open::run(&callers, &calls, *rate, WARM_UP).await;
                let before = system.processor_time();
                let measured = open::run(&callers, &calls, *rate, self.duration).await;
                let sample = Sample::of(&measured, 1, system.processor_time() - before);
                self.results.add(Key { work: *work, load: Load::Open, system: system.name }, sample);
                system.look_at_memory();
            }
        }
    }

    fn report(&self, options: &Options, runs: usize, rates: &[(Work, f64)], pages: Option<&Pages>) {
        let about = tables::About {
            runs,
            seconds: self.duration.as_secs(),
            claims: self.systems.claims,
            connections: self.settings.connections,
            written: self.written.mean_bytes(),
            notes: &self.systems.notes,
        };
        let memory = self.systems.all.iter().map(|system| (system.name, system.memory)).collect();
        let tables = tables::all(&about, &self.results, rates, pages, memory);
        for table in &tables {
            document::whole(table.name, &table.text);
        }
        if let Some(file) = options.text("--update") {
            document::put(Path::new(&file), "load");
        }
        let Some(folder) = options.text("--draw").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, drawing) in drawings::all(&self.results, rates) {
            std::fs::write(folder.join(format!("{name}.svg")), drawing)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
