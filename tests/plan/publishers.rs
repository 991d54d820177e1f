//! The publisher of an article, implied in front of the chain of every claim in it.

use claimdb::domain::model::{Record, SourceLink};
use claimdb::domain::term::Term;
use claimdb::storage::{ClaimStore as _, Order, PageRequest, Query};

use super::support::*;
use super::*;

async fn claims_by(store: &MemoryStore, source: &Name, as_of: u64) -> usize {
    let query = Query::carrying([Term::Source(source.clone())], Order::Ascending).active();
    store.query(&query, as_of, PageRequest { after: None, limit: 10 }).await.unwrap().versions.len()
}

#[tokio::test]
async fn a_filter_by_source_sees_the_publisher_at_every_revision() {
    let store = store();
    write().named("sources/ndtv", Record::Source(source("NDTV"))).to(&store).await;
    write().named("sources/bbc", Record::Source(source("BBC"))).to(&store).await;
    let (ndtv, bbc) = (name("sources/ndtv"), name("sources/bbc"));
    // Recorded before anybody said who published the article.
    let answer = write()
        .keyed("a", Record::Article(article("1")))
        .record(Record::Claim(claim_in(key("a"), "One")))
        .to(&store)
        .await;
    let (article_name, claim_name) = (answer.results[0].1.name.clone(), answer.results[1].1.name.clone());
    assert_eq!(claims_by(&store, &ndtv, 3).await, 0);

    let published_by = |name: &Name| {
        let publisher = Some(SourceLink::from(name.clone()));
        Record::Article(claimdb::domain::model::Article { publisher, ..article("1") })
    };
    write().update(published_by(&ndtv)).to(&store).await;
    assert_eq!((claims_by(&store, &ndtv, 4).await, claims_by(&store, &ndtv, 3).await), (1, 0));
    // A claim that comes later is seen, too, without repeating it.
    write().record(Record::Claim(claim_in(article_name.clone().into(), "Two"))).to(&store).await;
    assert_eq!(claims_by(&store, &ndtv, 5).await, 2);

    write().update(published_by(&bbc)).to(&store).await;
    assert_eq!((claims_by(&store, &ndtv, 6).await, claims_by(&store, &bbc, 6).await), (0, 2));
    assert_eq!((claims_by(&store, &ndtv, 5).await, claims_by(&store, &bbc, 5).await), (2, 0));
    let changed = newest(&store, &claim_name).await;
    assert_eq!(changed.reason, "the publisher or the publish time of its article changed");
}

#[tokio::test]
async fn a_claim_of_the_same_commit_follows_too() {
    let store = store();
    write().named("sources/ndtv", Record::Source(source("NDTV"))).to(&store).await;
    write().record(Record::Article(article("1"))).to(&store).await;
    let publisher = Some(SourceLink::from(name("sources/ndtv")));
    let published = Record::Article(claimdb::domain::model::Article { publisher, ..article("1") });
    let mut batch = write().update(published).batch();
    batch.drafts[0].key = claimdb::domain::model::Key::parse("a");
    let mut write = write().record(Record::Claim(claim_in(key("a"), "One"))).batch();
    batch.drafts.append(&mut write.drafts);
    store.commit(batch).await.unwrap();
    assert_eq!(claims_by(&store, &name("sources/ndtv"), 3).await, 1);
}
