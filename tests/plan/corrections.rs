//! Revising, retracting, reinstating.

use claimdb::domain::model::{Action, Claim, Figure, Link, LinkTarget, Outcome, Record, RecordStatus};
use claimdb::domain::plan::{Condition, Refusal};
use claimdb::storage::{ClaimStore as _, PageRequest};

use super::support::*;
use super::*;

fn figure(id: &str, words: &str) -> Figure {
    Figure { id: Some(id.parse().unwrap()), verbatim: words.to_owned(), ..Figure::default() }
}

async fn one_claim(store: &MemoryStore) -> Name {
    let mut given = claim("It rained");
    given.figures = vec![figure("f1", "one"), figure("f2", "two")];
    write().record(Record::Claim(given)).to(store).await.results[0].1.name.clone()
}

#[tokio::test]
async fn a_revision_replaces_the_fields_of_its_mask_and_keeps_the_old_version() {
    let store = store();
    let name = one_claim(&store).await;
    let given = claimdb::domain::model::Claim { statement: "It snowed".to_owned(), ..Default::default() };
    let mut batch = write().revise(&name, Record::Claim(given)).batch();
    batch.revise[0].mask = Some(vec!["statement".to_owned(), "scope_note".to_owned()]);
    let answer = store.commit(batch).await.unwrap();
    assert_eq!(answer.results[0].0.outcome, Outcome::Updated);
    let now = newest(&store, &name).await;
    assert_eq!((claim_of(&now).statement.as_str(), claim_of(&now).figures.len()), ("It snowed", 2));
    assert_eq!(now.action, Action::Revised);
    let then = store.get(std::slice::from_ref(&name), 1).await.unwrap().remove(0).unwrap();
    assert_eq!(claim_of(&then).statement, "It rained");
    assert_ne!(then.etag(), now.etag());
}

#[tokio::test]
async fn one_figure_can_be_replaced_added_and_removed() {
    let store = store();
    let name = one_claim(&store).await;
    let given = claimdb::domain::model::Claim {
        figures: vec![figure("f2", "twelve"), figure("f3", "three")],
        ..Default::default()
    };
    let mut batch = write().revise(&name, Record::Claim(given)).batch();
    batch.revise[0].mask = Some(["figures.f1", "figures.f2", "figures.f3"].map(str::to_owned).to_vec());
    store.commit(batch).await.unwrap();
    let now = newest(&store, &name).await;
    let words: Vec<_> = claim_of(&now).figures.iter().map(|figure| figure.verbatim.as_str()).collect();
    assert_eq!(words, ["twelve", "three"]);
}

#[tokio::test]
async fn a_single_figure_that_is_neither_given_nor_there_is_refused() {
    let store = store();
    let name = one_claim(&store).await;
    let given = claimdb::domain::model::Claim { figures: vec![figure("f1", "eleven")], ..Default::default() };
    let mut batch = write().revise(&name, Record::Claim(given)).batch();
    batch.revise[0].mask = Some(["figures.f9", "figures.f2"].map(str::to_owned).to_vec());
    let wrong = violations(store.commit(batch).await);
    let paths: Vec<_> = wrong.iter().map(|(path, _, _)| path.as_str()).collect();
    // f9 is not there to be removed, and nothing would come of the f1 that is given.
    assert_eq!(paths, ["revise[0].update_mask", "revise[0].claim.figures[0]"]);
    assert_eq!(store.head().await.unwrap().revision, 1);
}

#[tokio::test]
async fn a_stale_etag_and_a_broken_precondition_change_nothing() {
    let store = store();
    let name = one_claim(&store).await;
    let etag = newest(&store, &name).await.etag();
    let snowed = || claimdb::domain::model::Claim { statement: "It snowed".to_owned(), ..Default::default() };
    let mut batch = write().revise(&name, Record::Claim(snowed())).batch();
    batch.revise[0].etag = Some(etag.clone());
    store.commit(batch.clone()).await.unwrap();
    let refused = refusal(store.commit(batch).await);
    assert!(matches!(refused, Refusal::EtagMismatch { current, .. } if current != etag));
    let absent = write().record(Record::Claim(claim("New"))).when(&name, Condition::Exists(false));
    assert!(matches!(refusal(absent.attempt(&store).await), Refusal::PreconditionFailed(failed) if failed.len() == 1));
    assert_eq!(store.head().await.unwrap().revision, 2);
}

#[tokio::test]
async fn only_what_stands_is_retracted_or_revised_and_only_what_is_retracted_reinstated() {
    let store = store();
    let name = one_claim(&store).await;
    let refused = refusal(write().reinstate(&name).attempt(&store).await);
    assert!(matches!(refused, Refusal::StateTransitionInvalid { .. }));
    write().retract(&name).to(&store).await;
    let now = newest(&store, &name).await;
    assert_eq!(now.status(), RecordStatus::Retracted);
    let retraction = now.retraction.as_deref().unwrap();
    assert_eq!((retraction.revision, retraction.reason.as_str()), (2, "recorded twice"));
    assert_eq!(Some(retraction.time), store.head().await.unwrap().time);
    let snowed = claimdb::domain::model::Claim { statement: "It snowed".to_owned(), ..Default::default() };
    for write in [write().retract(&name), write().revise(&name, Record::Claim(snowed))] {
        assert!(matches!(refusal(write.attempt(&store).await), Refusal::StateTransitionInvalid { .. }));
    }
    write().reinstate(&name).to(&store).await;
    let now = newest(&store, &name).await;
    assert_eq!((now.status(), now.action), (RecordStatus::Active, Action::Reinstated));
    let page = PageRequest { after: None, limit: 10 };
    assert_eq!(store.history(&name, 3, page).await.unwrap().versions.len(), 3);
}

#[tokio::test]
async fn an_article_is_retracted_with_its_claims_only_when_asked() {
    let store = store();
    let answer = write()
        .keyed("a", Record::Article(article("1")))
        .record(Record::Claim(claim_in(key("a"), "One")))
        .record(Record::Claim(claim_in(key("a"), "Two")))
        .to(&store)
        .await;
    let names: Vec<Name> = answer.results.iter().take(3).map(|(_, version)| version.name.clone()).collect();
    write().retract(&names[0]).to(&store).await;
    assert_eq!(newest(&store, &names[1]).await.status(), RecordStatus::Active);
    write().reinstate(&names[0]).to(&store).await;
    write().retract(&names[1]).to(&store).await;
    let answer = write().retract_with(&names[0], true).to(&store).await;
    let retracted: Vec<_> = answer.results.iter().map(|(planned, _)| planned.name.clone()).collect();
    // One of the claims was retracted already and keeps its own reason.
    assert_eq!(retracted, [names[0].clone(), names[2].clone()]);
}

#[tokio::test]
async fn the_claims_that_a_request_retracts_with_articles_are_counted_together() {
    let store = store();
    let mut articles = Vec::new();
    for number in 0..2 {
        let mut writing = write().keyed("a", Record::Article(article(&number.to_string())));
        for claim in 0..5_001 {
            writing = writing.record(Record::Claim(claim_in(key("a"), &format!("{claim} of {number}"))));
        }
        articles.push(writing.to(&store).await.results[0].1.name.clone());
    }
    let [one, two] = articles.try_into().unwrap();
    let both = write().retract_with(&one, true).retract_with(&two, true);
    let wrong = violations(both.attempt(&store).await);
    assert_eq!((wrong.len(), wrong[0].0.as_str()), (1, "retract[1].include_claims"));
    assert_eq!(wrong[0].1, "ERROR_REASON_LIMIT_EXCEEDED");
    assert_eq!(write().retract_with(&one, true).to(&store).await.results.len(), 5_002);
}

#[tokio::test]
async fn a_claim_that_is_changed_in_the_same_request_is_not_left_out_of_its_articles_retraction() {
    let store = store();
    let answer = write()
        .keyed("a", Record::Article(article("1")))
        .record(Record::Claim(claim_in(key("a"), "One")))
        .record(Record::Claim(claim_in(key("a"), "Two")))
        .to(&store)
        .await;
    let [article, one, two] = [0, 1, 2].map(|index| answer.results[index].1.name.clone());
    let given = claimdb::domain::model::Claim { statement: "First".to_owned(), ..Default::default() };
    let both = write().revise(&one, Record::Claim(given)).retract_with(&article, true);
    let wrong = violations(both.attempt(&store).await);
    assert_eq!((wrong.len(), wrong[0].0.as_str()), (1, "retract[0].include_claims"));
    assert!(wrong[0].2.contains(&one.to_string()), "{}", wrong[0].2);
    // One that is retracted by itself has its own reason, and is no contradiction.
    let answer = write().retract(&one).retract_with(&article, true).to(&store).await;
    let retracted: Vec<_> = answer.results.iter().map(|(planned, _)| planned.name.clone()).collect();
    assert_eq!(retracted, [one, article, two]);
}

#[tokio::test]
async fn a_record_is_changed_once_in_a_request() {
    let store = store();
    let name = one_claim(&store).await;
    let wrong = violations(write().retract(&name).retract(&name).attempt(&store).await);
    assert_eq!(wrong[0].0, "retract[1]");
    assert_eq!(store.head().await.unwrap().revision, 1);
}

#[tokio::test]
async fn what_was_revised_is_still_found_by_what_was_recorded_first() {
    let store = store();
    let name = one_claim(&store).await;
    let snowed = claimdb::domain::model::Claim { statement: "It snowed".to_owned(), ..Default::default() };
    write().revise(&name, Record::Claim(snowed)).to(&store).await;
    // The tool that read it wrongly reads it wrongly again.
    let mut again = claim("It rained");
    again.figures = vec![figure("f1", "one"), figure("f2", "two")];
    let answer = write().record(Record::Claim(again)).to(&store).await;
    assert_eq!(answer.results[0].1.name, name);
    assert_eq!(answer.results[0].0.differing, ["statement"]);
    assert!(!answer.committed);
}

#[tokio::test]
async fn a_figure_may_be_part_of_one_that_comes_later_in_the_request() {
    let store = store();
    let names =
        write().record(Record::Claim(claim("One"))).record(Record::Claim(claim("Two"))).to(&store).await.results;
    let [one, two] = [0, 1].map(|index| names[index].1.name.clone());
    let part_of = |whole: &str| {
        let target = LinkTarget { record: Some(Link::Name(two.clone())), figure: Some(whole.parse().unwrap()) };
        Figure { whole: Some(target), ..figure("f1", "one") }
    };
    let with = |figure: Figure| Record::Claim(Claim { figures: vec![figure], ..Claim::default() });
    let answer = write()
        .record(Record::Claim(Claim { figures: vec![part_of("f9")], ..claim("Three") }))
        .revise(&one, with(part_of("f9")))
        .revise(&two, with(figure("f9", "nine")))
        .to(&store)
        .await;
    let outcomes: Vec<_> = answer.results.iter().map(|(planned, _)| planned.outcome).collect();
    assert_eq!(outcomes[..3], [Outcome::Created, Outcome::Updated, Outcome::Updated]);
    let refused = refusal(write().revise(&one, with(part_of("f8"))).attempt(&store).await);
    let missing = ("revise[0].claim.figures[0].whole".to_owned(), format!("{two}/figures/f8"));
    assert_eq!(refused, Refusal::ReferenceNotFound(vec![missing]));
}

/// What has an id elsewhere keeps it when it is retracted, so the same id cannot be made anew beside it.
#[tokio::test]
async fn what_is_found_by_a_key_is_not_recorded_and_retracted_by_one_request() {
    let store = store();
    let article = write().record(Record::Article(article("1"))).to(&store).await.results[0].1.name.clone();
    let told = |statement: &str| {
        let external_ids = vec![external_id("tool", "7")];
        Record::Claim(Claim { external_ids, ..claim_in(Link::Name(article.clone()), statement) })
    };
    let name = write().record(told("One")).to(&store).await.results[0].1.name.clone();
    for statement in ["One", "Two"] {
        for retraction in [write().retract(&name), write().retract_with(&article, true)] {
            let refused = refusal(retraction.record(told(statement)).attempt(&store).await);
            assert!(
                matches!(&refused, Refusal::StateTransitionInvalid { path, name: of, .. } if path == "claims[0]" && *of == name),
                "{refused:?}"
            );
        }
    }
    assert_eq!(newest(&store, &name).await.status(), RecordStatus::Active);
    // Named, it is what an export carries.
    write().named(&name.to_string(), told("One")).retract(&name).to(&store).await;
    assert_eq!(newest(&store, &name).await.status(), RecordStatus::Retracted);
    // It was retracted before: nothing is lost.
    write().record(told("One")).to(&store).await;
}
