//! A store with the claims in it, and PostgreSQL with the same ones: how their imports went, side by side.

use std::path::Path;
use std::sync::Arc;

use crate::asked::Asked;
use crate::disk;
use crate::generate::{Generator, Ids};
use crate::goals::{Beside, Goal};
use crate::import::{self, FRESH};
use crate::peer::Peer;
use crate::plot::{self, Line};
use crate::postgres::Postgres;
use crate::process::{Server, connect};
use crate::results::{Results, Unit};
use crate::steps::Curve;

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
    /// Peak resident bytes of the server.
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
            println!("\n## import, {}\n\nclaimdb:\n", name(ids));
            let channel = connect(&server.address).await.expect("a connection");
            let curve = import::run(channel, || Some(server.memory_now()), FRESH, &generator, asked.claims).await;
            curve.print();
            store(&server, data);
            ours = Some(Side { curve, bytes: disk::taken(data) });
        }
        let memory = server.peak_memory();
        let cluster = if asked.needs_peer() { Postgres::start().await } else { Err("it is not asked".to_owned()) };
        let cluster = cluster.map_err(|reason| println!("\nPostgreSQL is left out: {reason}")).ok();
        let (mut peer, mut theirs) = (None, None);
        if let Some(cluster) = &cluster {
            let (loaded, curve) = Peer::load(cluster, generator, asked.claims).await;
            theirs = Some(Side { curve, bytes: loaded.on_disk().await });
            peer = Some(loaded);
        }
        if let Some(ours) = ours {
            imports.0.push(Import { ids, ours, theirs, memory });
        }
        Self { server, peer, _cluster: cluster }
    }
}

impl Imports {
    pub(crate) fn print(&self, results: &mut Results) {
        println!("\n## imports\n");
        Beside::head("import", "PostgreSQL");
        for import in &self.0 {
            import.print(results);
        }
        println!(
            "\nThe last step by the first is flat at {FLAT}; memory is to be {MEMORY} MB. A step is a hundred thousand \
             claims, or a tenth of less than a million."
        );
    }

    pub(crate) fn plot(&self, file: &Path) {
        let mut lines = Vec::new();
        for import in &self.0 {
            let line =
                |who: &str, side| Line { name: format!("{who}, {}", name(import.ids)), is_dashed: false, curve: side };
            lines.push(line("claimdb", &import.ours.curve));
            let theirs = import.theirs.as_ref().map(|theirs| line("PostgreSQL", &theirs.curve));
            lines.extend(theirs.map(|theirs| Line { is_dashed: true, ..theirs }));
        }
        plot::write(&lines, file);
    }
}

impl Import {
    fn print(&self, results: &mut Results) {
        let ids = name(self.ids);
        let theirs = self.theirs.as_ref();
        let beside = |what: &str, of: fn(&Side) -> f64, goal| {
            let what = &format!("{ids}: {what}");
            Beside { what, ours: of(&self.ours), theirs: theirs.map(of), goal: Some(goal) }.print();
        };
        beside("claims a second", |side| side.curve.rate(), RATE);
        beside("on disk, MB", |side| side.bytes as f64 / 1e6, DISK);
        let first_and_last = |side: &Side| side.curve.last_by_first();
        let (ours, memory) = (first_and_last(&self.ours), self.memory as f64 / 1e6);
        let cell = theirs.map_or_else(String::new, |side| format!("{:.2}", first_and_last(side)));
        println!("| {ids}: the last step by the first | {ours:.2} | {cell} | | {} |", FLAT.cells(ours));
        println!("| {ids}: memory at its peak, MB | {memory:.0} | | | {} |", MEMORY.cells(memory));
        results.note(format!("import, {ids}: claims a second"), self.ours.curve.rate(), Unit::PerSecond);
        results.note(format!("import, {ids}: on disk"), self.ours.bytes as f64 / 1e6, Unit::Megabytes);
        results.note(format!("import, {ids}: memory"), memory, Unit::Megabytes);
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
    println!("on disk: {:.0} MB", disk::taken(data) as f64 / 1e6);
    println!(
        "memory: {:.0} MB resident, {:.0} MB at its peak",
        server.memory_now() as f64 / 1e6,
        server.peak_memory() as f64 / 1e6
    );
}
