//! Records as an export carries them: retracted ones, and spans that are bound to what they were bound to.

use std::sync::Arc;

use claimdb::domain::model::{
    Action, Article, Claim, Figure, Outcome, Provenance, Record, RecordStatus, SpanStatus, Text,
};
use claimdb::domain::plan::Batch;
use claimdb::domain::time::Timestamp;
use claimdb::storage::ClaimStore as _;

use super::support::*;
use super::*;

fn provenance(revision: u64) -> Arc<Provenance> {
    let time = Timestamp::from_micros(1_700_000_000_000_000).unwrap();
    Arc::new(Provenance {
        store_id: "another".to_owned(),
        create_revision: 1,
        create_time: time,
        revision,
        time,
        principal: "somebody".to_owned(),
        recorder: None,
    })
}

/// A batch whose records were exported.
fn exported(write: Write, names: &[&str]) -> Batch {
    let mut batch = write.batch();
    batch.provenance = names.iter().map(|it| (name(it), provenance(7))).collect();
    batch
}

#[tokio::test]
async fn a_record_is_made_retracted_in_one_commit() {
    let store = store();
    let batch = || write().named("sources/a", Record::Source(source("A"))).retract(&name("sources/a"));
    let made = batch().to(&store).await;
    let outcomes: Vec<_> = made.results.iter().map(|(planned, _)| planned.outcome).collect();
    assert_eq!(outcomes, [Outcome::Created, Outcome::Retracted]);
    let version = newest(&store, &name("sources/a")).await;
    assert_eq!((version.status(), version.action), (RecordStatus::Retracted, Action::Created));
    assert_eq!(version.retraction.as_ref().unwrap().revision, 1);
    // The same again finds it to be so.
    let again = batch().to(&store).await;
    assert!(again.results.iter().all(|(planned, _)| planned.outcome == Outcome::Existing) && !again.committed);
    // One that is there and stands is retracted as ever.
    write().named("sources/b", Record::Source(source("B"))).to(&store).await;
    let other = write().named("sources/b", Record::Source(source("B"))).retract(&name("sources/b")).to(&store).await;
    assert_eq!(other.results[1].0.outcome, Outcome::Retracted);
    assert_eq!(newest(&store, &name("sources/b")).await.action, Action::Retracted);
}

#[tokio::test]
async fn provenance_is_kept_for_good() {
    let store = store();
    let batch = exported(write().named("sources/a", Record::Source(source("A"))), &["sources/a"]);
    store.commit(batch.clone()).await.unwrap();
    let revision = Record::Source(claimdb::domain::model::Source { description: "x".to_owned(), ..Default::default() });
    write().revise(&name("sources/a"), revision).to(&store).await;
    write().retract(&name("sources/a")).to(&store).await;
    assert_eq!(newest(&store, &name("sources/a")).await.provenance, Some(provenance(7)));
    // What is there already does not get another's.
    write().named("sources/b", Record::Source(source("B"))).to(&store).await;
    store.commit(exported(write().named("sources/b", Record::Source(source("B"))), &["sources/b"])).await.unwrap();
    assert_eq!(newest(&store, &name("sources/b")).await.provenance, None);
}

fn with_text(body: &str) -> Article {
    Article { text: Some(text(body)), ..article("1") }
}

async fn corrected(store: &MemoryStore) -> (Text, Text) {
    let (earlier, now) = (text(TEXT), text("Corrected: nobody was killed."));
    write().named("articles/a", Record::Article(with_text(TEXT))).to(store).await;
    let update = write().update_named("articles/a", Record::Article(with_text("Corrected: nobody was killed.")));
    update.to(store).await;
    (earlier, now)
}

#[tokio::test]
async fn a_span_stays_bound_to_an_earlier_text_and_is_checked_against_it() {
    let store = store();
    let (earlier, _) = corrected(&store).await;
    let claim = |sha256, exact: &str| {
        let mut claim = claim_in(name("articles/a").into(), "Soldiers have been killed");
        claim.spans = vec![claimdb::domain::model::Span { text_sha256: Some(sha256), ..quote(exact) }];
        write().named("claims/c", Record::Claim(claim))
    };
    let words = "soldiers have been killed";
    // Only a record that was exported: others quote what there is now.
    assert_eq!(violations(claim(earlier.sha256, words).attempt(&store).await)[0].0, "claims[0].spans[0].text_sha256");
    let wrong = store.commit(exported(claim(earlier.sha256, "soldiers were seen"), &["claims/c"])).await;
    assert_eq!(violations(wrong)[0].1, "ERROR_REASON_QUOTE_NOT_FOUND");
    let unknown = store.commit(exported(claim(text("unknown").sha256, words), &["claims/c"])).await;
    assert_eq!(violations(unknown)[0].0, "claims[0].spans[0].text_sha256");
    store.commit(exported(claim(earlier.sha256, words), &["claims/c"])).await.unwrap();
    let version = newest(&store, &name("claims/c")).await;
    let span = &claim_of(&version).spans[0];
    assert_eq!((span.status, span.text_sha256), (Some(SpanStatus::Verified), Some(earlier.sha256)));
}

#[tokio::test]
async fn a_span_that_was_not_verified_is_not_looked_for() {
    let store = store();
    corrected(&store).await;
    let claim = || {
        let figures = vec![Figure { verbatim: "nobody".to_owned(), ..Figure::default() }];
        let given = Claim { figures, ..claim_in(name("articles/a").into(), "Soldiers have been killed") };
        write().named("claims/c", Record::Claim(Claim { spans: vec![quote("words of a text we never had")], ..given }))
    };
    assert_eq!(violations(claim().attempt(&store).await)[0].1, "ERROR_REASON_QUOTE_NOT_FOUND");
    store.commit(exported(claim(), &["claims/c"])).await.unwrap();
    let version = newest(&store, &name("claims/c")).await;
    assert_eq!(claim_of(&version).spans[0].status, Some(SpanStatus::Unverified));
    // Nor is a place found for a figure that had none.
    assert_eq!(claim_of(&version).figures[0].span, None);
}
