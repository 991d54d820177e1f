//! Clients that stop reading an export: the server makes no more of it than they take.

use std::time::Duration;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use tonic::Streaming;

use crate::support::{PATIENCE, Server};

/// Articles of some 2 MB each: 160 MB in all.
const ARTICLES: u64 = 80;

const STALLED: u64 = 10;

/// What a stalled export may take: a part of some 2 MB that waits to be sent, one that is being made, and what they are
/// made from. With all of them the server grows by less than one export is large.
const EACH_MAX: u64 = 12 << 20;

/// What a process holds in memory, in bytes.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// What it holds once it holds no more than a moment ago.
async fn settled(pid: u32) -> u64 {
    let settling = async {
        let mut last = resident(pid);
        let mut still = 0;
        while still < 8 {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let now = resident(pid);
            still = if now <= last + (1 << 20) { still + 1 } else { 0 };
            last = last.max(now);
        }
        last
    };
    tokio::time::timeout(PATIENCE, settling).await.expect("a server that comes to rest")
}

async fn export(server: &Server) -> Streaming<v1::ExportResponse> {
    // A connection of its own: what is not read takes up the window of its connection.
    let mut client = RecordServiceClient::new(server.channel().await);
    client.export(v1::ExportRequest::default()).await.unwrap().into_inner()
}

/// The bytes of the texts that are still to come.
async fn rest(parts: &mut Streaming<v1::ExportResponse>) -> u64 {
    let (mut bytes, mut total) = (0, None);
    while let Some(part) = tokio::time::timeout(PATIENCE, parts.message()).await.expect("a part in time").unwrap() {
        bytes += texts(&part);
        total = part.total_items;
    }
    assert_eq!(total, Some(ARTICLES));
    bytes
}

fn texts(part: &v1::ExportResponse) -> u64 {
    part.items.iter().flat_map(|item| &item.articles).map(|article| article.text.len() as u64).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_that_are_not_read_do_not_grow_the_server() {
    let server = Server::start(&["--cache-bytes", "16MiB"]);
    let mut client = RecordServiceClient::new(server.channel().await);
    let text = "Nearly two thousand were killed. ".repeat(60_000);
    for number in 0..ARTICLES {
        let article =
            v1::Article { name: format!("articles/a{number}"), text: format!("{number} {text}"), ..Default::default() };
        client.record(v1::RecordRequest { articles: vec![article], ..Default::default() }).await.unwrap();
    }
    // Whoever reads gets all of it, and fills whatever is kept of what was read lately.
    let all = rest(&mut export(&server).await).await;
    assert!(all > STALLED * EACH_MAX, "{all} bytes are not large beside what is allowed");
    let before = settled(server.pid()).await;
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        let mut parts = export(&server).await;
        let first = parts.message().await.unwrap().unwrap();
        stalled.push((texts(&first), parts));
    }
    let grown = settled(server.pid()).await.saturating_sub(before);
    println!("{} MB, {} MB more with {STALLED} exports of {} MB", before >> 20, grown >> 20, all >> 20);
    assert!(grown < STALLED * EACH_MAX, "{} MB", grown >> 20);
    // They had stopped in the middle, and whoever reads on gets the rest.
    for (first, parts) in stalled.iter_mut().take(2) {
        assert_eq!(*first + rest(parts).await, all);
    }
}
