//! The whole store as a stream that is read to its end, beside PostgreSQL's COPY and the disk.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use claimdb::proto::claimdb::v1::ExportRequest;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::disk;
use crate::document;
use crate::goals::{Goal, spread};
use crate::median::median;
use crate::peer::{Export, Exported, Peer};
use crate::process::{Server, connect};
use crate::report::short;
use crate::results::{Results, Unit};

/// Claims a second by those of PostgreSQL's COPY of the same joined rows.
const BY_COPY: Goal = Goal::AtLeast(3.0);
/// Bytes a second by those of the disk. One of the two is to be reached.
const BY_DISK: Goal = Goal::AtLeast(1.0);

/// What each run came to, in their order.
#[derive(Default)]
struct Runs {
    ours: Vec<Exported>,
    /// By `Export::ALL`; empty without PostgreSQL.
    theirs: [Vec<Exported>; 3],
    /// As many bytes as ours, read in order.
    disk: Vec<Exported>,
}

pub(crate) async fn run(server: &Server, peer: Option<&Peer>, data: &Path, runs: usize, results: &mut Results) {
    let mut all = Runs::default();
    for _ in 0..runs {
        all.run(server, peer, data.parent().unwrap_or(data)).await;
    }
    say!("\n## export\n");
    let _table = document::table("export");
    all.print();
    results.note("export: claims a second", median(all.ours.iter().map(Exported::rate)), Unit::PerSecond);
}

impl Runs {
    /// One after the other, so that what else the machine does meets all.
    async fn run(&mut self, server: &Server, peer: Option<&Peer>, folder: &Path) {
        let ours = ours(server).await;
        if let Some(peer) = peer {
            for (what, theirs) in Export::ALL.into_iter().zip(&mut self.theirs) {
                theirs.push(peer.export(what).await);
            }
        }
        let seconds = disk::sequential_read(folder, ours.bytes).expect("the disk can be read");
        self.disk.push(Exported { seconds, ..ours });
        self.ours.push(ours);
    }

    fn print(&self) {
        let runs = match self.ours.len() {
            1 => "one run".to_owned(),
            several => format!("medians of {several} runs"),
        };
        say!("| export, {runs} | claims | MB | s | claims/s | MB/s |");
        say!("|---|---|---|---|---|---|");
        row("claimdb, Export", &self.ours, true);
        for (what, theirs) in Export::ALL.into_iter().zip(&self.theirs) {
            row(what.name(), theirs, true);
        }
        row("the disk, as many bytes read in order, uncached", &self.disk, false);
        say!("\n| claimdb's export by | ratio | goal, one of them | |\n|---|---|---|---|");
        for (what, joined) in Export::ALL.into_iter().zip(&self.theirs) {
            if let Export::Articles = what {
                let by = "COPY of claims joined with their articles, claims/s";
                ratio(by, BY_COPY, &self.ours, joined, Exported::rate);
            }
        }
        ratio("the disk, MB/s", BY_DISK, &self.ours, &self.disk, Exported::throughput);
        say!("\nWhat arrives is decoded while it is measured, of either. A ratio is the median of the runs' own.");
    }
}

async fn ours(server: &Server) -> Exported {
    let channel = connect(&server.address).await.expect("a connection");
    let received = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&received);
    // Where they arrive: a message that was decoded would have to be measured anew.
    let counted = channel.map_response(move |response: http::Response<_>| {
        response.map(|body: tonic::body::Body| {
            body.map_frame(move |frame| {
                counter.fetch_add(frame.data_ref().map_or(0, bytes::Bytes::len) as u64, Ordering::Relaxed);
                frame
            })
        })
    });
    let mut client = RecordServiceClient::new(counted).max_decoding_message_size(16 << 20);
    let begin = Instant::now();
    let mut parts = client.export(ExportRequest::default()).await.expect("an export").into_inner();
    let (mut claims, mut items) = (0, 0);
    let mut total = None;
    while let Some(part) = parts.message().await.expect("it goes on") {
        items += part.items.len() as u64;
        claims += part.items.iter().map(|item| item.claims.len() as u64).sum::<u64>();
        total = part.total_items.or(total);
    }
    assert_eq!(total, Some(items), "it came to its end");
    Exported { claims, bytes: received.load(Ordering::Relaxed), seconds: begin.elapsed().as_secs_f64() }
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

/// Medians; nothing where there was no run.
fn row(name: &str, runs: &[Exported], is_of_claims: bool) {
    let Some(first) = runs.first() else { return };
    let middle = |of: fn(&Exported) -> f64| median(runs.iter().map(of));
    let (claims, rate) = if is_of_claims {
        (first.claims.to_string(), format!("{:.0}", middle(Exported::rate)))
    } else {
        (String::new(), String::new())
    };
    say!(
        "| {name} | {claims} | {} | {} | {rate} | {} |",
        short(middle(|exported| exported.bytes as f64 / 1e6)),
        short(middle(|exported| exported.seconds)),
        short(middle(Exported::throughput))
    );
}

/// Ours by another's, within each run; nothing where the other is not there.
fn ratio(by: &str, goal: Goal, ours: &[Exported], others: &[Exported], of: fn(&Exported) -> f64) {
    let ratios: Vec<f64> = ours.iter().zip(others).map(|(ours, other)| of(ours) / of(other)).collect();
    if !ratios.is_empty() {
        let ratio = median(ratios.iter().copied());
        say!("| {by} | {ratio:.2}{} | {} |", spread(&ratios), goal.cells(ratio));
    }
}
