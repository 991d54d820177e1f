//! Begins with an export and goes on with Watch, as the example does, while others write: no gap between the two, and
//! nothing twice.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use tonic::transport::{Channel, Endpoint};

use crate::support::{Dice, Server, head, statement, within};

#[path = "../../examples/follow.rs"]
#[allow(dead_code, unreachable_pub, reason = "a program of its own, of which the loop is used here")]
mod follow;

use follow::{Begin, Told};

fn claim(name: &str) -> v1::Claim {
    let source = v1::SourceRef { display_name: "Ann".into(), ..Default::default() };
    v1::Claim {
        name: name.to_owned(),
        statement: statement(name.len()),
        attributions: vec![v1::Attribution { source: Some(source), ..Default::default() }],
        ..Default::default()
    }
}

/// Records claims under names of its own until it is told to end.
async fn write(channel: Channel, writer: usize, until: Arc<AtomicBool>) {
    let mut client = RecordServiceClient::new(channel);
    for number in 0.. {
        if until.load(Ordering::SeqCst) {
            return;
        }
        let claims = (0..3).map(|part| claim(&format!("claims/w{writer}-{number}-{part}"))).collect();
        client.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    }
}

/// The claims as of a revision.
async fn claims(channel: &Channel, revision: u64) -> BTreeSet<String> {
    let mut client = ClaimServiceClient::new(channel.clone());
    let as_of = Some(v1::query_claims_request::AsOf::AsOfRevision(revision));
    let mut request = v1::QueryClaimsRequest { page_size: 1_000, as_of, ..Default::default() };
    let mut found = BTreeSet::new();
    loop {
        let page = client.query_claims(request.clone()).await.unwrap().into_inner();
        found.extend(page.claims.into_iter().map(|claim| claim.name));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return found;
        }
    }
}

/// What the example tells, and where it keeps how far it came.
struct Following {
    endpoint: Endpoint,
    file: PathBuf,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Following {
    fn start(&self) -> tokio::task::JoinHandle<tonic::Status> {
        let (endpoint, file, told) = (self.endpoint.clone(), self.file.clone(), Arc::clone(&self.told));
        let mut tell = move |one| told.lock().unwrap().push(one);
        tokio::spawn(async move { follow::run(&endpoint, &file, Begin::Export, &mut tell).await })
    }

    fn kept(&self) -> Option<u64> {
        std::fs::read_to_string(&self.file).ok()?.parse().ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_and_what_is_watched_from_its_revision_are_everything_once() {
    let mut dice = Dice::new();
    let mut server = Server::start(&["--seal-numbers", "1024"]);
    let directory = tempfile::tempdir().unwrap();
    let following = Following {
        endpoint: Endpoint::from_shared(format!("http://{}", server.address)).unwrap(),
        file: directory.path().join("revision"),
        told: Arc::default(),
    };
    let ended = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    for writer in 0..3 {
        writers.push(tokio::spawn(write(server.channel().await, writer, Arc::clone(&ended))));
    }
    let channel = server.channel().await;
    within("something is recorded", async || head(&channel).await > 200).await;
    let run = following.start();
    within("the export is done", async || following.kept().is_some()).await;
    // The writers were not waited for: what they record now comes by Watch.
    let before = head(&channel).await;
    within("something is recorded after it", async || head(&channel).await > before + 100).await;
    ended.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    // The server goes away, too, and comes back.
    server.kill();
    tokio::time::sleep(Duration::from_millis(dice.below(300))).await;
    server.restart();
    let channel = server.channel().await;
    write_one(&channel).await;
    let newest = head(&channel).await;
    within("all of it is told", async || following.kept() == Some(newest)).await;
    run.abort();

    let told = std::mem::take(&mut *following.told.lock().unwrap());
    let (there, changed): (Vec<&Told>, Vec<&Told>) = told.iter().partition(|told| told.action == "is");
    let revision = there[0].revision;
    assert!(there.iter().all(|told| told.revision == revision));
    let names = |told: &[&Told]| -> Vec<String> {
        let claims = told.iter().map(|told| told.name.clone()).filter(|name| name.starts_with("claims/"));
        claims.collect()
    };
    let (found, later) = (names(&there), names(&changed));
    let is_once = |names: &[String]| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    assert!(is_once(&found) && is_once(&later));
    let exported = claims(&channel, revision).await;
    assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), exported);
    let all = claims(&channel, newest).await;
    assert_eq!(later.into_iter().collect::<BTreeSet<_>>(), &all - &exported);
    let mut revisions: Vec<u64> = changed.iter().map(|told| told.revision).collect();
    assert!(revisions.is_sorted());
    revisions.dedup();
    assert_eq!(revisions, (revision + 1..=newest).collect::<Vec<_>>());
    println!("{} claims as of {revision}, {} after it up to {newest}", exported.len(), all.len() - exported.len());
}

async fn write_one(channel: &Channel) {
    let request = v1::RecordRequest { claims: vec![claim("claims/last")], ..Default::default() };
    RecordServiceClient::new(channel.clone()).record(request).await.unwrap();
}
