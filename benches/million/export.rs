//! The whole store as a stream that is read to its end, beside PostgreSQL's COPY and the disk.

use std::path::Path;
use std::time::Instant;

use claimdb::proto::claimdb::v1::ExportRequest;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use prost::Message as _;

use crate::disk;
use crate::document;
use crate::goals::Goal;
use crate::peer::{Export, Exported, Peer};
use crate::process::{Server, connect};
use crate::report::short;
use crate::results::{Results, Unit};

/// Claims a second by those of PostgreSQL's COPY of the same joined rows.
const BY_COPY: Goal = Goal::AtLeast(3.0);
/// Bytes a second by those of the disk. One of the two is to be reached.
const BY_DISK: Goal = Goal::AtLeast(1.0);

pub(crate) async fn run(server: &Server, peer: Option<&Peer>, data: &Path, runs: usize, results: &mut Results) {
    say!("\n## export\n");
    let _table = document::table("export");
    say!("| export, the fastest of {runs} | claims | MB | s | claims/s | MB/s |");
    say!("|---|---|---|---|---|---|");
    let mut ours = ours(server).await;
    for _ in 1..runs {
        let again = self::ours(server).await;
        ours = if again.seconds < ours.seconds { again } else { ours };
    }
    row("claimdb, Export", &ours);
    results.note("export: claims a second", ours.rate(), Unit::PerSecond);
    let mut joined = None;
    for what in Export::ALL.into_iter().filter(|_| peer.is_some()) {
        let Some(peer) = peer else { break };
        let mut theirs = peer.export(what).await;
        for _ in 1..runs {
            let again = peer.export(what).await;
            theirs = if again.seconds < theirs.seconds { again } else { theirs };
        }
        row(what.name(), &theirs);
        joined = match what {
            Export::Articles => Some(theirs),
            Export::Table | Export::Sources => joined,
        };
    }
    let folder = data.parent().unwrap_or(data);
    let seconds = disk::sequential_read(folder, ours.bytes).expect("the disk can be read");
    let disk = Exported { claims: ours.claims, bytes: ours.bytes, seconds };
    say!(
        "| the disk, as many bytes read in order, uncached | | {} | {} | | {} |",
        short(disk.bytes as f64 / 1e6),
        short(seconds),
        short(disk.throughput())
    );
    say!("\n| claimdb's export by | ratio | goal, one of them | |\n|---|---|---|---|");
    if let Some(joined) = joined {
        let ratio = ours.rate() / joined.rate();
        say!("| COPY of claims joined with their articles, claims/s | {ratio:.2} | {} |", BY_COPY.cells(ratio));
    }
    let ratio = ours.throughput() / disk.throughput();
    say!("| the disk, MB/s | {ratio:.2} | {} |", BY_DISK.cells(ratio));
}

async fn ours(server: &Server) -> Exported {
    let channel = connect(&server.address).await.expect("a connection");
    let mut client = RecordServiceClient::new(channel).max_decoding_message_size(16 << 20);
    let begin = Instant::now();
    let mut parts = client.export(ExportRequest::default()).await.expect("an export").into_inner();
    let (mut claims, mut bytes, mut items) = (0, 0, 0);
    let mut total = None;
    while let Some(part) = parts.message().await.expect("it goes on") {
        bytes += part.encoded_len() as u64;
        items += part.items.len() as u64;
        claims += part.items.iter().map(|item| item.claims.len() as u64).sum::<u64>();
        total = part.total_items.or(total);
    }
    assert_eq!(total, Some(items), "it came to its end");
    Exported { claims, bytes, seconds: begin.elapsed().as_secs_f64() }
}

impl Exported {
    fn rate(&self) -> f64 {
        self.claims as f64 / self.seconds
    }

    /// MB a second.
    fn throughput(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.seconds
    }
}

fn row(name: &str, exported: &Exported) {
    say!(
        "| {name} | {} | {} | {} | {:.0} | {} |",
        exported.claims,
        short(exported.bytes as f64 / 1e6),
        short(exported.seconds),
        exported.rate(),
        short(exported.throughput())
    );
}
