//! What revisions take on disk: ten of each of some claims, beside as many claims recorded for the first time.

use std::path::Path;
use std::sync::Arc;

use claimdb::proto::claimdb::v1::{Claim, RecordRequest, Revise, revise};
use prost_types::FieldMask;

use crate::asked::Asked;
use crate::disk;
use crate::document;
use crate::generate::{Generator, Ids};
use crate::goals::{Beside, Goal};
use crate::import::{self, FRESH, Items};
use crate::process::{Server, connect};
use crate::results::{Results, Unit};
use crate::usage;

/// Revisions of each claim.
const ROUNDS: u64 = 10;
/// What the revised store takes by what the fresh one does.
const GOAL: Goal = Goal::AtMost(1.3);

/// Every claim of a tenth, ten times, with another statement each time.
const REVISED: Items = |generator, claims| {
    let of_each = claims / ROUNDS;
    Box::new(
        (1..=ROUNDS).flat_map(move |round| generator.items(of_each).map(move |item| revised(generator, item, round))),
    )
};

pub(crate) async fn run(asked: &Asked, results: &mut Results) {
    say!("\n## revisions\n");
    let _table = document::table("revisions");
    let folder = tempfile::TempDir::new().expect("a directory");
    // Those who revise know the names.
    let generator = Arc::new(Generator::new(asked.seed, Ids::Caller));
    let claims = asked.claims / ROUNDS * ROUNDS;
    let few = claims / ROUNDS;
    let fresh = store(asked, &folder.path().join("fresh"), &generator, &[(FRESH, claims)]).await;
    let before = store(asked, &folder.path().join("before"), &generator, &[(FRESH, few)]).await;
    let parts = [(FRESH, few), (REVISED, claims)];
    let revised = store(asked, &folder.path().join("revised"), &generator, &parts).await;
    let megabytes = |store: &Store| store.bytes as f64 / 1e6;
    say!(
        "{few} claims, each revised {ROUNDS} times, beside {claims} claims recorded once. Bytes when they had settled.\n"
    );
    Beside::head("", "fresh");
    Beside { what: "on disk, MB", ours: &[megabytes(&revised)], theirs: &[megabytes(&fresh)], goal: Some(GOAL) }
        .print();
    let grown = megabytes(&revised) - megabytes(&before);
    Beside { what: "the revisions alone, MB", ours: &[grown], theirs: &[megabytes(&fresh)], goal: None }.print();
    Beside { what: "claims or revisions a second", ours: &[revised.rate], theirs: &[fresh.rate], goal: None }.print();
    results.note("revisions: on disk, MB", megabytes(&revised), Unit::Megabytes);
    results.note("revisions: a second", revised.rate, Unit::PerSecond);
}

/// What became of a store.
struct Store {
    bytes: u64,
    /// Of what was imported last.
    rate: f64,
}

async fn store(asked: &Asked, data: &Path, generator: &Arc<Generator>, parts: &[(Items, u64)]) -> Store {
    let server = Server::claimdb(data, &asked.arguments).await;
    let mut rate = f64::NAN;
    for (items, claims) in parts {
        let memory = || Some(server.memory_now());
        let channel = connect(&server.address).await.expect("a connection");
        rate = import::run(channel, memory, *items, generator, *claims).await.rate();
    }
    let settled = disk::settled(data, || usage::processor_time(&[server.process()])).await;
    drop(server);
    // Room for the next.
    std::fs::remove_dir_all(data).expect("it was made");
    Store { bytes: settled.bytes, rate }
}

/// A correction of each claim of an item: the statement of one that is nowhere else.
fn revised(generator: &Generator, item: RecordRequest, round: u64) -> RecordRequest {
    let number = item.claims.first().map_or(0, |claim| number_in(&claim.statement));
    let other = generator.item(number.wrapping_add(round << 40));
    let statements = other.claims.iter().map(|claim| &claim.statement).cycle();
    let revise = item.claims.iter().zip(statements).enumerate().map(|(place, (claim, statement))| Revise {
        record: Some(revise::Record::Claim(Claim {
            name: claim.name.clone(),
            statement: format!("{statement}-{place}"),
            ..Claim::default()
        })),
        update_mask: Some(FieldMask { paths: vec!["statement".to_owned()] }),
        ..Revise::default()
    });
    RecordRequest { revise: revise.collect(), ..RecordRequest::default() }
}

/// The number that every statement ends with.
fn number_in(statement: &str) -> u64 {
    statement.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}
