//! Words that were checked in one text, when the record comes to lie in another.

use claimdb::domain::model::{Article, Claim, Figure, Link, Relation, Section, SectionKind, Source, SpanStatus};

use super::support::*;
use super::*;

const OTHER: &str = "The ministry did not answer.";

/// An article with the text of the tests, another with another text, one without any.
async fn articles(store: &MemoryStore) -> [Name; 3] {
    let mut other = article("2");
    other.text = Some(text(OTHER));
    let mut bare = article("3");
    bare.text = None;
    let write = [article("1"), other, bare].into_iter().fold(write(), |write, a| write.record(Record::Article(a)));
    let answer = write.to(store).await;
    [0, 1, 2].map(|index| answer.results[index].1.name.clone())
}

fn moved_to(article: &Name) -> Claim {
    Claim { article: Some(Link::Name(article.clone())), ..Claim::default() }
}

#[tokio::test]
async fn a_claim_does_not_take_the_words_of_one_text_to_another() {
    let store = store();
    let [first, other, bare] = articles(&store).await;
    let mut given = claim_in(first.clone().into(), "Soldiers have been killed");
    given.attributions[0].cue = Some(Box::new(quote("said")));
    let claim = write().record(Record::Claim(given)).to(&store).await.results[0].1.name.clone();
    for to in [&other, &bare] {
        let wrong = violations(write().revise(&claim, Record::Claim(moved_to(to))).attempt(&store).await);
        let paths: Vec<_> = wrong.iter().map(|(path, reason, _)| (path.as_str(), *reason)).collect();
        assert_eq!(
            paths,
            [
                ("revise[0].claim.spans[0]", "ERROR_REASON_FIELD_INVALID"),
                ("revise[0].claim.attributions[0].cue", "ERROR_REASON_FIELD_INVALID"),
            ]
        );
        assert!(wrong[0].2.contains(&first.to_string()), "{}", wrong[0].2);
        let updated = write().update_named(
            &claim.to_string(),
            Record::Claim(Claim {
                statement: "Soldiers have been killed".to_owned(),
                attributions: vec![said_by(inline("Ministry of Defence"))],
                ..moved_to(to)
            }),
        );
        assert_eq!(violations(updated.attempt(&store).await)[0].0, "claims[0].spans[0]");
    }
    // Out of every article.
    let mut out = write().revise(&claim, Record::Claim(Claim::default())).batch();
    out.revise[0].mask = Some(vec!["article".to_owned()]);
    assert_eq!(violations(store.commit(out).await).len(), 2);
    // With words of the other text it may go there.
    let mut with_words = moved_to(&other);
    with_words.spans = vec![quote("did not answer")];
    with_words.attributions = vec![said_by(inline("Ministry of Defence"))];
    write().revise(&claim, Record::Claim(with_words)).to(&store).await;
    let now = newest(&store, &claim).await;
    assert_eq!((claim_of(&now).spans[0].status, claim_of(&now).spans[0].start), (Some(SpanStatus::Verified), Some(13)));
}

#[tokio::test]
async fn a_claim_may_go_to_an_article_with_the_same_text() {
    let store = store();
    let [first, _, _] = articles(&store).await;
    let same = write().record(Record::Article(article("copy"))).to(&store).await.results[0].1.name.clone();
    let given = claim_in(first.into(), "Soldiers have been killed");
    let claim = write().record(Record::Claim(given)).to(&store).await.results[0].1.name.clone();
    write().revise(&claim, Record::Claim(moved_to(&same))).to(&store).await;
    assert_eq!(claim_of(&*newest(&store, &claim).await).spans[0].status, Some(SpanStatus::Verified));
}

#[tokio::test]
async fn a_new_text_of_the_same_article_leaves_the_words_bound_to_the_old_one() {
    let store = store();
    let [first, _, _] = articles(&store).await;
    let given = claim_in(first.clone().into(), "Soldiers have been killed");
    let claim = write().record(Record::Claim(given)).to(&store).await.results[0].1.name.clone();
    let new = Article { text: Some(text(OTHER)), ..Article::default() };
    write().revise(&first, Record::Article(new)).to(&store).await;
    let reworded = Claim { statement: "Soldiers were killed".to_owned(), ..Claim::default() };
    write().revise(&claim, Record::Claim(reworded)).to(&store).await;
    assert_eq!(claim_of(&*newest(&store, &claim).await).spans[0].text_sha256, Some(text(TEXT).sha256));
}

#[tokio::test]
async fn sources_and_relations_do_not_take_their_words_along_either() {
    let store = store();
    let [first, other, _] = articles(&store).await;
    let mut officials = source("Officials");
    officials.scope_article = Some(first.clone().into());
    officials.mentions = vec![quote("the ministry")];
    let claims =
        [claim_in(first.clone().into(), "One"), Claim { spans: Vec::new(), ..claim_in(other.clone().into(), "Two") }];
    let [one, two] = claims;
    let answer = write()
        .record(Record::Source(officials))
        .record(Record::Claim(one))
        .record(Record::Claim(two))
        .to(&store)
        .await;
    let [officials, one, two] = [0, 1, 2].map(|index| answer.results[index].1.name.clone());
    let elsewhere = Source { scope_article: Some(other.into()), ..Source::default() };
    let wrong = violations(write().revise(&officials, Record::Source(elsewhere)).attempt(&store).await);
    assert_eq!(wrong[0].0, "revise[0].source.mentions[0]");
    let mut relation = contradicts(one.into(), two.clone().into());
    relation.evidence = vec![quote("have been killed")];
    let relation = write().record(Record::Relation(relation)).to(&store).await.results[0].1.name.clone();
    let third = write().record(Record::Claim(claim("Three"))).to(&store).await.results[0].1.name.clone();
    let mut turned =
        write().revise(&relation, Record::Relation(Relation { ..contradicts(two.into(), third.into()) })).batch();
    turned.revise[0].mask = Some(vec!["from".to_owned(), "to".to_owned()]);
    assert_eq!(violations(store.commit(turned).await)[0].0, "revise[0].relation.evidence[0]");
}

#[tokio::test]
async fn a_figure_is_not_looked_for_where_the_spans_stood_in_an_older_text() {
    let store = store();
    let mut twice = article("1");
    twice.language = Some("en".parse().unwrap());
    twice.text = Some(text("nearly 2,000 came. Later nearly 2,000 were killed."));
    let mut given = claim_in(key("a"), "2,000 were killed");
    given.spans = vec![quote("nearly 2,000 were killed")];
    let answer = write().keyed("a", Record::Article(twice)).record(Record::Claim(given)).to(&store).await;
    let [article, claim] = [0, 1].map(|index| answer.results[index].1.name.clone());
    // Where the span stood, the new text has the other 2,000.
    let new = "It was said that so far, nearly 2,000 came, and that nearly 2,000 were killed.";
    write().revise(&article, Record::Article(Article { text: Some(text(new)), ..Article::default() })).to(&store).await;
    let figure = Figure { verbatim: "nearly 2,000".to_owned(), ..Figure::default() };
    let answer =
        write().revise(&claim, Record::Claim(Claim { figures: vec![figure], ..Claim::default() })).to(&store).await;
    assert_eq!(claim_of(&answer.results[0].1).figures[0].span, None);
    assert_eq!(answer.warnings.len(), 1);
}

#[tokio::test]
async fn sections_do_not_reach_beyond_a_new_text() {
    let store = store();
    let mut given = article("1");
    let length = given.text.as_ref().unwrap().code_points;
    given.sections = vec![Section { kind: SectionKind::Body, start: 0, end: length }];
    let name = write().record(Record::Article(given)).to(&store).await.results[0].1.name.clone();
    let shorter = || Record::Article(Article { text: Some(text(OTHER)), ..Article::default() });
    let wrong = violations(write().revise(&name, shorter()).attempt(&store).await);
    assert_eq!(wrong[0].0, "revise[0].article.sections[0].end");
    let wrong = violations(write().update_named(&name.to_string(), shorter()).attempt(&store).await);
    assert_eq!(wrong[0].0, "articles[0].sections[0].end");
}

#[tokio::test]
async fn words_given_without_an_article_are_found_where_the_record_lies() {
    let store = store();
    let [first, other, _] = articles(&store).await;
    let mut officials = source("Officials");
    officials.scope_article = Some(first.clone().into());
    let answer = write()
        .record(Record::Source(officials))
        .record(Record::Claim(Claim { article: Some(first.into()), ..claim("Soldiers have been killed") }))
        .to(&store)
        .await;
    let [officials, claim] = [0, 1].map(|index| answer.results[index].1.name.clone());
    // An update by name, ...
    let given = Claim { article: None, ..claim_in(other.clone().into(), "Soldiers have been killed") };
    write().update_named(&claim.to_string(), Record::Claim(given)).to(&store).await;
    assert_eq!(claim_of(&*newest(&store, &claim).await).spans[0].status, Some(SpanStatus::Verified));
    // ... a revision of a source, ...
    let given = Source { mentions: vec![quote("the ministry")], ..Source::default() };
    let answer = write().revise(&officials, Record::Source(given)).to(&store).await;
    let Record::Source(revised) = &answer.results[0].1.record else { panic!("not a source") };
    assert_eq!(revised.mentions[0].status, Some(SpanStatus::Verified));
    // ... and one that gives another article, but does not name it.
    let given = Claim { spans: vec![quote("did not answer")], ..moved_to(&other) };
    let mut revision = write().revise(&claim, Record::Claim(given)).batch();
    revision.revise[0].mask = Some(vec!["spans".to_owned()]);
    assert_eq!(violations(store.commit(revision).await)[0].0, "revise[0].claim.spans[0].exact");
}
