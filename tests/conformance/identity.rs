//! The writer resolves identity: nothing is made twice, however many ask at once.

use std::collections::HashSet;

use claimdb::domain::model::{MatchRule, Outcome, Record, RecordStatus};
use claimdb::domain::name::RecordKind;
use claimdb::domain::term::Term;
use claimdb::storage::{Order, PageRequest, Query};
use tokio::task::JoinSet;

use crate::support::{Store, article, claim, claim_in, external_id, key, name, source, write};

crate::cases![
    sixty_four_claims_under_one_new_url_make_one_article,
    a_record_is_found_again_by_every_exact_key,
    a_retracted_record_keeps_its_keys,
    the_same_claim_is_found_by_its_content,
    a_source_is_found_by_the_name_it_has_now,
];

async fn sixty_four_claims_under_one_new_url_make_one_article(store: Store) {
    let mut tasks = JoinSet::new();
    for client in 0..64 {
        let store = store.share();
        tasks.spawn(async move {
            let claim = claim_in(key("a"), &format!("Claim {client}: nearly 2,000 were killed."));
            write().keyed("a", Record::Article(article("1"))).record(Record::Claim(claim)).to(&*store).await
        });
    }
    let (mut articles, mut claims, mut revisions, mut made) = (HashSet::new(), HashSet::new(), HashSet::new(), 0);
    while let Some(answer) = tasks.join_next().await {
        let answer = answer.unwrap();
        revisions.insert(answer.head.revision);
        for (planned, _) in answer.results {
            match planned.name.kind {
                RecordKind::Article => {
                    made += usize::from(planned.outcome == Outcome::Created);
                    articles.insert(planned.name);
                }
                RecordKind::Claim => {
                    claims.insert(planned.name);
                }
                RecordKind::Source | RecordKind::Relation | RecordKind::Assessment => {}
            }
        }
    }
    assert_eq!((articles.len(), made, claims.len(), revisions.len()), (1, 1, 64, 64));
    let sources = Query::carrying([Term::Kind(RecordKind::Source)], Order::Ascending);
    let page = PageRequest { after: None, limit: 100 };
    assert_eq!(store.query(&sources, 64, page).await.unwrap().versions.len(), 1, "one inline source");
}

async fn a_record_is_found_again_by_every_exact_key(store: Store) {
    let mut full = source("Ministry of Defence");
    full.external_ids = vec![external_id("wikidata", "Q1")];
    full.platform = "Telegram".to_owned();
    full.handle = "ministry".to_owned();
    let mut by_id = source("MoD");
    by_id.external_ids = full.external_ids.clone();
    let mut by_handle = source("The ministry");
    by_handle.platform = "telegram".to_owned();
    by_handle.handle = "Ministry".to_owned();
    write().named("sources/ministry", Record::Source(full)).to(&*store).await;
    let store = store.reopen();
    let by_name = source("Ministry of Defence");
    for (record, rule) in
        [(by_id, MatchRule::ExternalId), (by_handle, MatchRule::Handle), (by_name, MatchRule::DisplayName)]
    {
        let found = write().record(Record::Source(record)).to(&*store).await;
        let (planned, _) = &found.results[0];
        assert_eq!((&planned.name, planned.matched_by), (&name("sources/ministry"), Some(rule)));
    }
    write().named("articles/1", Record::Article(article("1"))).to(&*store).await;
    let mut moved = article("1");
    moved.urls = vec![crate::support::url("HTTPS://News.Example:443/1#top")];
    let found = write().record(Record::Article(moved)).to(&*store).await;
    assert_eq!((&found.results[0].0.name, found.results[0].0.matched_by), (&name("articles/1"), Some(MatchRule::Url)));
}

async fn a_retracted_record_keeps_its_keys(store: Store) {
    write().named("articles/1", Record::Article(article("1"))).to(&*store).await;
    write().retract(&name("articles/1")).to(&*store).await;
    let found = write().record(Record::Article(article("1"))).to(&*store).await;
    assert_eq!((&found.results[0].0.name, found.committed), (&name("articles/1"), false));
    assert!(found.warning_count > 0);
}

async fn the_same_claim_is_found_by_its_content(store: Store) {
    let batch = || write().record(Record::Claim(claim("Nearly 2,000 were killed.")));
    let made = batch().to(&*store).await;
    let found = batch().to(&*store).await;
    assert_eq!(found.results[0].0.name, made.results[0].0.name);
    assert_eq!((found.results[0].0.matched_by, found.committed), (Some(MatchRule::Content), false));
}

/// Whatever an engine remembers of what it found, or did not find, before.
async fn a_source_is_found_by_the_name_it_has_now(store: Store) {
    let found = async |display_name: &str, only_asked: bool| {
        let write = write().record(Record::Source(source(display_name)));
        let answer = if only_asked { write.validate_only() } else { write }.to(&*store).await;
        let (planned, _) = answer.results.into_iter().next().unwrap();
        (planned.name, planned.outcome)
    };
    assert_eq!(found("A", true).await.1, Outcome::Created);
    let (a, outcome) = found("A", false).await;
    assert_eq!(outcome, Outcome::Created);
    assert_eq!(found("A", false).await, (a.clone(), Outcome::Existing));
    assert_eq!(found("B", true).await.1, Outcome::Created);
    write().revise(&a, Record::Source(source("B"))).to(&*store).await;
    assert_eq!(found("B", false).await, (a.clone(), Outcome::Existing));
    let (other, outcome) = found("A", false).await;
    assert_eq!(outcome, Outcome::Created);
    assert_eq!(found("A", false).await, (other, Outcome::Existing));
    write().retract(&a).to(&*store).await;
    let answer = write().record(Record::Source(source("B"))).to(&*store).await;
    assert_eq!(answer.results[0].0.name, a);
    assert_eq!(answer.results[0].1.status(), RecordStatus::Retracted);
}
