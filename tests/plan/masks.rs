//! What a revision gives of fields that its mask does not name counts for nothing.

use claimdb::domain::model::{Article, Claim, Figure, Link, Record, Relation, SpanStatus};
use claimdb::domain::name::RecordKind;
use claimdb::domain::term::Term;
use claimdb::storage::{Order, PageRequest, Query};

use super::support::*;
use super::*;

/// A claim in an article with the text of the tests.
async fn killed(store: &MemoryStore) -> Name {
    let batch = write()
        .named("articles/a", Record::Article(article("a")))
        .record(Record::Claim(claim_in(Link::Name(name("articles/a")), "They were killed.")));
    batch.to(store).await.results[1].1.name.clone()
}

async fn revise(store: &MemoryStore, name: &Name, record: Record, mask: &[&str]) -> Result<Committed, CommitError> {
    let mut batch = write().revise(name, record).batch();
    batch.revise[0].mask = Some(mask.iter().map(|&field| field.to_owned()).collect());
    store.commit(batch).await
}

#[tokio::test]
async fn no_source_is_made_for_a_field_that_is_not_named() {
    let store = store();
    let name = killed(&store).await;
    let given = Claim { attributions: vec![said_by(inline("Nobody Yet"))], ..claim("They died.") };
    revise(&store, &name, Record::Claim(given), &["statement"]).await.unwrap();
    let now = newest(&store, &name).await;
    assert_eq!(claim_of(&now).statement, "They died.");
    let query = Query::carrying([Term::DisplayName("Nobody Yet".to_owned())], Order::Ascending);
    let page = PageRequest { after: None, limit: 1 };
    assert!(store.query(&query, 2, page).await.unwrap().versions.is_empty());
}

/// A claim as it was read, sent back with another statement after its article has another text.
#[tokio::test]
async fn words_of_fields_that_are_not_named_are_not_looked_for() {
    let store = store();
    let name = killed(&store).await;
    let other = Article { text: Some(text("Nothing of that is true.")), ..Article::default() };
    revise(&store, &"articles/a".parse().unwrap(), Record::Article(other), &["text"]).await.unwrap();
    let read = newest(&store, &name).await;
    let given = Claim { statement: "They died.".to_owned(), ..claim_of(&read).clone() };
    revise(&store, &name, Record::Claim(given), &["statement"]).await.unwrap();
    let now = newest(&store, &name).await;
    assert_eq!(claim_of(&now).statement, "They died.");
    assert_eq!(claim_of(&now).spans, claim_of(&read).spans);
}

/// Who takes a claim out of its article gives its words anew, and they are not looked for in the text it leaves.
#[tokio::test]
async fn a_claim_leaves_its_article_with_words_of_its_own() {
    let store = store();
    let name = killed(&store).await;
    let figure = Figure { verbatim: "nearly 2,000".to_owned(), ..Figure::default() };
    let given = Claim { spans: vec![quote("was killed")], figures: vec![figure], ..Claim::default() };
    revise(&store, &name, Record::Claim(given), &["article", "spans", "figures"]).await.unwrap();
    let now = newest(&store, &name).await;
    let now = claim_of(&now);
    assert_eq!((now.article.clone(), now.spans[0].status), (None, Some(SpanStatus::Unverified)));
    assert_eq!(now.figures[0].span, None);
}

#[tokio::test]
async fn a_revision_cannot_leave_a_record_without_sense() {
    let store = store();
    let name = killed(&store).await;
    let blank = Record::Claim(Claim { statement: "  ".to_owned(), ..Claim::default() });
    let wrong = violations(revise(&store, &name, blank, &["statement"]).await);
    assert_eq!(wrong[0].0, "revise[0].claim.statement");
    let other = write().record(Record::Claim(claim("Another."))).to(&store).await.results[0].1.name.clone();
    let links = || contradicts(Link::Name(name.clone()), Link::Name(other.clone()));
    let relation = write().record(Record::Relation(links())).to(&store).await.results[0].1.name.clone();
    assert_eq!(relation.kind, RecordKind::Relation);
    let to_itself = Record::Relation(Relation { to: Link::Name(name.clone()), ..links() });
    let wrong = violations(revise(&store, &relation, to_itself, &["to"]).await);
    assert_eq!(wrong[0].0, "revise[0].relation.to");
}

/// The article that a claim lies in goes without saying.
#[tokio::test]
async fn a_span_that_names_its_own_article_is_the_same_as_one_that_names_none() {
    let store = store();
    let name = killed(&store).await;
    let mut given = claim_in(Link::Name("articles/a".parse().unwrap()), "They were killed.");
    given.spans[0].article = Some(Link::Name("articles/a".parse().unwrap()));
    let again = write().record(Record::Claim(given)).to(&store).await;
    assert_eq!((again.committed, &again.results[0].1.name), (false, &name));
}

/// But it is kept, for the day when the claim lies elsewhere.
#[tokio::test]
async fn an_article_that_is_named_stays_named() {
    let store = store();
    let name = killed(&store).await;
    let mut given = claim_in(Link::Name("articles/a".parse().unwrap()), "They were all killed.");
    given.spans[0].article = Some(Link::Name("articles/a".parse().unwrap()));
    let all = write().record(Record::Claim(given.clone())).to(&store).await.results[0].1.name.clone();
    assert_ne!(all, name);
    write().named("articles/b", Record::Article(article("b"))).to(&store).await;
    let moved = Claim { article: Some(Link::Name("articles/b".parse().unwrap())), ..Claim::default() };
    revise(&store, &all, Record::Claim(moved), &["article"]).await.unwrap();
    assert_eq!(claim_of(&newest(&store, &all).await.clone()).spans[0].article, given.spans[0].article);
}

/// Words by their positions may be longer than words that are given.
#[tokio::test]
async fn words_by_their_positions_have_as_many_bytes_as_others() {
    let store = store();
    let long = Article { text: Some(text(&"軍".repeat(6_000))), ..article("long") };
    write().named("articles/a", Record::Article(long)).to(&store).await;
    let mut given = claim_in(Link::Name("articles/a".parse().unwrap()), "They were killed.");
    given.spans = vec![claimdb::domain::model::Span { start: Some(0), end: Some(5_461), ..Default::default() }];
    write().record(Record::Claim(given.clone())).to(&store).await;
    given.spans[0].end = Some(5_462);
    let wrong = violations(write().record(Record::Claim(given)).attempt(&store).await);
    assert_eq!((wrong[0].0.as_str(), wrong[0].1), ("claims[0].spans[0].end", "ERROR_REASON_LIMIT_EXCEEDED"));
}
