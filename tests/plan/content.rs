//! Records that are found by their content, and others of the request that were to be the same or that refer to them.

use claimdb::domain::model::{Assessment, Claim, ConflictPolicy, Link, MatchRule, Outcome, Record, RecordStatus};

use super::support::*;
use super::*;

fn with_id(statement: &str, id: &str) -> Record {
    Record::Claim(Claim { external_ids: vec![external_id("tool", id)], ..claim(statement) })
}

fn outcomes(answer: &Committed) -> Vec<(Outcome, Option<MatchRule>)> {
    answer.results.iter().map(|(planned, _)| (planned.outcome, planned.matched_by)).collect()
}

/// An id that was recorded on the wrong claim and taken from it is free: the batch that is sent again gives it to the right one.
#[tokio::test]
async fn an_id_that_a_claim_found_by_content_has_no_more_is_not_its_own() {
    let store = store();
    let made = write().record(with_id("It rained.", "1")).to(&store).await;
    let rained = made.results[0].1.name.clone();
    let mut batch = write().revise(&rained, Record::Claim(Claim::default())).batch();
    batch.revise[0].mask = Some(vec!["external_ids".to_owned()]);
    store.commit(batch).await.unwrap();
    let batch = || {
        let shown = Link::Key(claimdb::domain::model::Key::parse("k").unwrap());
        write()
            .record(with_id("It rained.", "1"))
            .keyed("k", with_id("It snowed.", "1"))
            .record(Record::Relation(contradicts(shown, Link::Name(rained.clone()))))
    };
    let validated = batch().validate_only().to(&store).await;
    let answer = batch().to(&store).await;
    for answer in [&validated, &answer] {
        assert_eq!(outcomes(answer)[..2], [(Outcome::Existing, Some(MatchRule::Content)), (Outcome::Created, None)]);
        assert_eq!(answer.results[0].1.name, rained);
        assert_eq!(claim_of(&answer.results[1].1).statement, "It snowed.");
    }
    let Record::Relation(relation) = &answer.results[2].1.record else { panic!("a relation is third") };
    assert_eq!(relation.from, Link::Name(answer.results[1].1.name.clone()));
    let again = batch().to(&store).await;
    assert!(!again.committed, "{:?}", outcomes(&again));
}

/// Also where another has more to be told by: a name, or a further id.
#[tokio::test]
async fn a_key_that_is_free_again_is_free_for_what_has_others_too() {
    let store = store();
    let rained = write().record(with_id("It rained.", "1")).to(&store).await.results[0].1.name.clone();
    let mut batch = write().revise(&rained, Record::Claim(Claim::default())).batch();
    batch.revise[0].mask = Some(vec!["external_ids".to_owned()]);
    store.commit(batch).await.unwrap();
    let hailed = write().record(with_id("It hailed.", "2")).to(&store).await.results[0].1.name.clone();
    let both = Claim { external_ids: vec![external_id("tool", "1"), external_id("tool", "2")], ..claim("It hailed.") };
    let batch = write().record(with_id("It rained.", "1")).record(Record::Claim(both));
    let answer = batch.to(&store).await;
    assert_eq!(answer.results[1].1.name, hailed);
    let mine = Link::Name(name("claims/mine"));
    let batch = write()
        .record(with_id("It rained.", "1"))
        .named("claims/mine", with_id("It snowed.", "1"))
        .record(Record::Relation(contradicts(mine, Link::Name(rained.clone()))));
    let answer = batch.to(&store).await;
    assert_eq!(answer.results[0].1.name, rained);
    assert_eq!(
        (answer.results[1].0.outcome, answer.results[1].1.name.to_string()),
        (Outcome::Created, "claims/mine".into())
    );
    // And refused where it is not free.
    let batch = write().record(with_id("It thundered.", "3")).named("claims/other", with_id("It froze.", "3"));
    assert!(matches!(refusal(batch.attempt(&store).await), Refusal::AlreadyExists { .. }));
}

/// In a circle one is recorded before what it refers to: where that is found under another name, nothing is kept.
#[tokio::test]
async fn a_circle_with_a_record_that_is_there_is_refused() {
    let store = store();
    let checked = |target: Link, id: &str| {
        Record::Assessment(Assessment { external_ids: vec![external_id("tool", id)], ..supported(target) })
    };
    write().named("claims/x", Record::Claim(claim("It rained."))).to(&store).await;
    let x = || Link::Name(name("claims/x"));
    let s2 = write().record(checked(x(), "Y")).to(&store).await.results[0].1.name.clone();
    let s1 = write().record(checked(Link::Name(s2.clone()), "X")).to(&store).await.results[0].1.name.clone();
    let mut batch = write().revise(&s1, checked(x(), "Z")).batch();
    batch.revise[0].mask = Some(vec!["external_ids".to_owned()]);
    store.commit(batch).await.unwrap();
    let head = store.head().await.unwrap();
    let mut batch = write()
        .keyed("k1", checked(key("k2"), "X"))
        .keyed("k2", checked(key("k3"), "Y"))
        .keyed("k3", checked(x(), "X"))
        .batch();
    batch.drafts[1].policy = ConflictPolicy::Update;
    let wrong = violations(store.commit(batch).await);
    assert!(wrong.iter().any(|(path, ..)| path == "assessments[2]"), "{wrong:?}");
    assert_eq!(store.head().await.unwrap(), head);
}

/// What refers by key to a record further down refers to what is found there.
#[tokio::test]
async fn an_assessment_of_a_later_one_is_found_again_with_it() {
    let store = store();
    write().named("claims/x", Record::Claim(claim("It rained."))).to(&store).await;
    let batch = || {
        write()
            .record(Record::Assessment(supported(key("b"))))
            .keyed("b", Record::Assessment(supported(key("c"))))
            .keyed("c", Record::Assessment(supported(Link::Name(name("claims/x")))))
    };
    let first = batch().to(&store).await;
    let paths = |answer: &Committed| -> Vec<String> {
        answer.results.iter().map(|(planned, _)| planned.path.clone()).take(3).collect()
    };
    assert_eq!(paths(&first), ["assessments[0]", "assessments[1]", "assessments[2]"]);
    let again = batch().to(&store).await;
    assert!(!again.committed, "{:?}", outcomes(&again));
    assert_eq!(paths(&again), paths(&first));
    for (made, found) in first.results.iter().zip(&again.results).take(3) {
        assert_eq!(made.1.name, found.1.name);
    }
    // A circle is one, whatever is found.
    let circle = || {
        write().keyed("a", Record::Assessment(supported(key("b")))).keyed("b", Record::Assessment(supported(key("a"))))
    };
    let answer = circle().to(&store).await;
    assert_eq!(outcomes(&answer)[..2], [(Outcome::Created, None), (Outcome::Created, None)]);
}

#[tokio::test]
async fn claims_go_with_an_article_that_the_same_request_makes() {
    let store = store();
    let article = || Link::Name(name("articles/a"));
    let batch = write()
        .named("articles/a", Record::Article(article_of_the_web()))
        .record(Record::Claim(claim_in(article(), "They were killed.")))
        .retract_with(&name("articles/a"), true);
    let answer = batch.to(&store).await;
    assert!(
        answer
            .results
            .iter()
            .filter(|(_, version)| !matches!(version.record, Record::Source(_)))
            .all(|(_, version)| version.status() == RecordStatus::Retracted)
    );
    // What is recorded in place of all that an article had stands.
    write().named("articles/b", Record::Article(super::support::article("b"))).to(&store).await;
    let answer = write()
        .record(Record::Claim(claim_in(Link::Name(name("articles/b")), "They were all killed.")))
        .retract_with(&name("articles/b"), true)
        .to(&store)
        .await;
    assert_eq!(answer.results[0].1.status(), RecordStatus::Active);
}

fn article_of_the_web() -> claimdb::domain::model::Article {
    article("a")
}
