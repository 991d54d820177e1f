//! A store with the claims in it, and PostgreSQL with the same ones: how their imports went, side by side.

use std::path::Path;
use std::sync::Arc;

use crate::asked::{Asked, Table};
use crate::disk;
use crate::document;
use crate::generate::{Generator, Ids};
use crate::goals::{Beside, Goal, spread};
use crate::import::{self, FRESH};
use crate::median::median;
use crate::peer::Peer;
use crate::plot::{self, Line};
use crate::postgres::Postgres;
use crate::process::{Server, connect};
use crate::report::short;
use crate::results::{Results, Unit};
use crate::steps::Curve;
use crate::usage;

/// Claims a second by those of PostgreSQL's COPY.
const RATE: Goal = Goal::AtLeast(3.0);
/// Of the last step by the first: what is called flat.
const FLAT: Goal = Goal::AtLeast(0.9);
/// Bytes on disk by those of PostgreSQL's tables and indexes.
const DISK: Goal = Goal::AtMost(0.6);
/// MB of memory at its peak.
const MEMORY: Goal = Goal::AtMost(600.0);

pub(crate) struct Loaded {
    pub(crate) server: Server,
    pub(crate) peer: Option<Peer>,
    /// Peak resident bytes when the import had settled, if there was one.
    after_import: Option<u64>,
    /// Runs as long as it is asked.
    _cluster: Option<Postgres>,
}

/// The imports of a run.
#[derive(Default)]
pub(crate) struct Imports(Vec<Import>);

struct Import {
    ids: Ids,
    ours: Side,
    theirs: Option<Side>,
    /// Peak resident bytes of the server, when it had settled.
    memory: u64,
}

struct Side {
    curve: Curve,
    bytes: u64,
}

impl Loaded {
    /// Opens the store, and imports where there is none.
    pub(crate) async fn open(asked: &Asked, ids: Ids, data: &Path, imports: &mut Imports) -> Self {
        let generator = Arc::new(Generator::new(asked.seed, ids));
        let is_new = !data.exists();
        let server = Server::claimdb(data, &asked.arguments).await;
        let mut ours = None;
        if is_new {
            say!("\n## import, {}\n\nclaimdb:\n", name(ids));
            let channel = connect(&server.address).await.expect("a connection");
            let curve = import::run(channel, || Some(server.memory_now()), FRESH, &generator, asked.claims).await;
            print_curve(asked, &curve, ids, "claimdb");
            store(&server, data);
            ours = Some(Side { curve, bytes: disk::taken(data) });
        }
        // Or what is merged and compacted behind an import would share the processors with COPY, or with the first pages.
        let settled = disk::settled(data, || usage::processor_time(&[server.process()])).await;
        say!("{settled}");
        let memory = server.peak_memory();
        let cluster = if asked.needs_peer() { Postgres::start().await } else { Err("it is not asked".to_owned()) };
        let cluster = cluster.map_err(|reason| say!("\nPostgreSQL is left out: {reason}")).ok();
        let (mut peer, mut theirs) = (None, None);
        if let Some(cluster) = &cluster {
            let (loaded, curve) = Peer::load(cluster, generator, asked.claims).await;
            print_curve(asked, &curve, ids, "postgresql");
            theirs = Some(Side { curve, bytes: loaded.on_disk().await });
            peer = Some(loaded);
        }
        let after_import = ours.is_some().then_some(memory);
        if let Some(ours) = ours {
            imports.0.push(Import { ids, ours, theirs, memory });
        }
        Self { server, peer, after_import, _cluster: cluster }
    }

    /// The server's memory at its peak, after the import and at the end; nothing if it was asked for nothing in between.
    pub(crate) fn print_memory(&self, asked: &Asked, results: &mut Results) {
        let names: Vec<&str> = [(Table::Pages, "pages"), (Table::Figures, "figures"), (Table::Export, "exports")]
            .into_iter()
            .filter_map(|(table, name)| asked.wants(table).then_some(name))
            .collect();
        let Some((last, others)) = names.split_last() else { return };
        let after = if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) };
        let _table = document::table("memory");
        say!("| resident memory at its peak | MB | goal | |");
        say!("|---|---|---|---|");
        let row = |when: &str, bytes: u64| {
            let megabytes = bytes as f64 / 1e6;
            say!("| {when} | {} | {} |", short(megabytes), MEMORY.cells_of(megabytes, "MB"));
        };
        if let Some(bytes) = self.after_import {
            row("after the import", bytes);
        }
        let bytes = self.server.peak_memory();
        row(&format!("after {after}"), bytes);
        results.note(format!("memory at its peak after {after}, MB"), bytes as f64 / 1e6, Unit::Megabytes);
    }
}

impl Imports {
    pub(crate) fn print(&self, results: &mut Results) {
        say!("\n## imports\n");
        for ids in [Ids::Server, Ids::Caller] {
            let runs: Vec<&Import> = self.0.iter().filter(|import| import.ids == ids).collect();
            if !runs.is_empty() {
                let _table = document::table(format!("import-{}", key(ids)));
                print(&format!("import by {}", name(ids)), &runs, results);
            }
        }
    }

    /// Draws the last run by either kind of ids: more lines than that cannot be told apart.
    pub(crate) fn plot(&self, file: &Path) {
        let mut lines = Vec::new();
        for import in [Ids::Caller, Ids::Server].iter().filter_map(|ids| self.last(*ids)) {
            let line =
                |who: &str, side| Line { name: format!("{who}, {}", name(import.ids)), is_dashed: false, curve: side };
            lines.push(line("claimdb", &import.ours.curve));
            let theirs = import.theirs.as_ref().map(|theirs| line("PostgreSQL", &theirs.curve));
            lines.extend(theirs.map(|theirs| Line { is_dashed: true, ..theirs }));
        }
        plot::write(&lines, file);
    }

    fn last(&self, ids: Ids) -> Option<&Import> {
        self.0.iter().rfind(|import| import.ids == ids)
    }
}

/// The runs of one import: medians, if there are several.
fn print(what: &str, runs: &[&Import], results: &mut Results) {
    Beside::head(&format!("{what}, {} of them", runs.len()), "PostgreSQL");
    let of_ours = |of: fn(&Side) -> f64| -> Vec<f64> { runs.iter().map(|run| of(&run.ours)).collect() };
    // Of all runs, or of none: a ratio is taken within a run.
    let of_theirs = |of: fn(&Side) -> f64| -> Vec<f64> {
        runs.iter().map(|run| run.theirs.as_ref().map(of)).collect::<Option<_>>().unwrap_or_default()
    };
    let beside = |row: &str, of: fn(&Side) -> f64, goal| {
        Beside { what: row, ours: &of_ours(of), theirs: &of_theirs(of), goal: Some(goal) }.print();
        median(of_ours(of))
    };
    let rate = beside("claims a second", |side| side.curve.rate(), RATE);
    let disk = beside("on disk, MB", |side| side.bytes as f64 / 1e6, DISK);
    let by_itself = |row: &str, ours: &[f64], theirs: &[f64], goal: Goal| {
        let value = median(ours.iter().copied());
        let theirs = if theirs.is_empty() { String::new() } else { short(median(theirs.iter().copied())) };
        say!("| {row} | {}{} | {theirs} | | {} |", short(value), spread(ours), goal.cells(value));
        value
    };
    let first_and_last = |side: &Side| side.curve.last_by_first();
    by_itself("the last step by the first", &of_ours(first_and_last), &of_theirs(first_and_last), FLAT);
    let peaks: Vec<f64> = runs.iter().map(|run| run.memory as f64 / 1e6).collect();
    let memory = by_itself("memory at its peak, MB", &peaks, &[], MEMORY);
    say!("\nA step is a hundred thousand claims, or a tenth of less than a million.");
    let whole = format!("{what}: claims a second");
    results.note(whole.clone(), rate, Unit::PerSecond);
    if let Some(ends) = runs.iter().map(|run| run.ours.curve.last_twentieth()).collect::<Option<Vec<_>>>() {
        results.note_part(format!("{what}: the last twentieth's, claims a second"), median(ends), whole);
    }
    results.note(format!("{what}: on disk, MB"), disk, Unit::Megabytes);
    results.note(format!("{what}: memory at its peak, MB"), memory, Unit::Megabytes);
}

/// A table of its own, where the import is what was asked for.
fn print_curve(asked: &Asked, curve: &Curve, ids: Ids, whose: &str) {
    let _table = asked.wants(Table::Import).then(|| document::table(format!("import-{}-{whose}", key(ids))));
    curve.print();
}

/// In names of tables.
fn key(ids: Ids) -> &'static str {
    match ids {
        Ids::Server => "server-ids",
        Ids::Caller => "caller-ids",
    }
}

fn name(ids: Ids) -> &'static str {
    match ids {
        Ids::Server => "the server's ids",
        Ids::Caller => "the caller's ids",
    }
}

/// What a store takes, of the disk and of memory.
pub(crate) fn store(server: &Server, data: &Path) {
    say!("on disk: {:.0} MB", disk::taken(data) as f64 / 1e6);
    say!(
        "memory: {:.0} MB resident, {:.0} MB at its peak",
        server.memory_now() as f64 / 1e6,
        server.peak_memory() as f64 / 1e6
    );
}
