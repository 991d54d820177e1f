//! Quotes and where they stand.

use claimdb::domain::model::{Figure, Record, Span, SpanStatus, WarningReason};

use super::support::*;
use super::*;

#[tokio::test]
async fn a_quote_is_found_and_bound_to_its_text() {
    let store = store();
    let answer = write()
        .keyed("a", Record::Article(article("1")))
        .record(Record::Claim(claim_in(key("a"), "Soldiers have been killed")))
        .to(&store)
        .await;
    let span = &claim_of(&answer.results[1].1).spans[0];
    assert_eq!((span.start, span.end), (Some(13), Some(51)));
    assert_eq!(span.text_sha256, Some(text(TEXT).sha256));
    assert_eq!(span.status, Some(SpanStatus::Verified));
}

#[tokio::test]
async fn every_wrong_quote_is_reported_with_its_path() {
    let store = store();
    let mut claim = claim_in(key("a"), "Soldiers have been killed");
    claim.spans.push(quote("have been wounded"));
    claim.attributions[0].cue = Some(Box::new(quote("s")));
    claim.spans.push(Span { start: Some(0), end: Some(6), ..quote("nearly") });
    let write = write().keyed("a", Record::Article(article("1"))).record(Record::Claim(claim));
    let wrong = violations(write.attempt(&store).await);
    let paths: Vec<_> = wrong.iter().map(|(path, reason, _)| (path.as_str(), *reason)).collect();
    assert_eq!(
        paths,
        [
            ("claims[0].spans[1].exact", "ERROR_REASON_QUOTE_NOT_FOUND"),
            ("claims[0].spans[2].exact", "ERROR_REASON_QUOTE_NOT_FOUND"),
            ("claims[0].attributions[0].cue.exact", "ERROR_REASON_QUOTE_AMBIGUOUS"),
        ]
    );
    assert!(wrong[2].2.starts_with("\"s\" occurs "), "{}", wrong[2].2);
    assert!(wrong[2].2.ends_with("; add prefix or suffix"), "{}", wrong[2].2);
}

#[tokio::test]
async fn without_a_text_a_quote_is_kept_unverified_and_a_later_text_does_not_change_that() {
    let store = store();
    let mut bare = article("1");
    bare.text = None;
    let answer = write()
        .keyed("a", Record::Article(bare))
        .record(Record::Claim(claim_in(key("a"), "Soldiers have been killed")))
        .to(&store)
        .await;
    assert!(answer.warnings.iter().any(|warning| warning.reason == WarningReason::SpanUnverified));
    let claim = answer.results[1].1.name.clone();
    let span = claim_of(&answer.results[1].1).spans[0].clone();
    assert_eq!((span.status, span.start), (Some(SpanStatus::Unverified), None));
    write().update(Record::Article(article("1"))).to(&store).await;
    assert_eq!(claim_of(&*newest(&store, &claim).await).spans[0], span);
    // Revising the spans verifies them.
    let given = claimdb::domain::model::Claim {
        spans: vec![quote("North Korean soldiers have been killed")],
        ..Default::default()
    };
    write().revise(&claim, Record::Claim(given)).to(&store).await;
    assert_eq!(claim_of(&*newest(&store, &claim).await).spans[0].status, Some(SpanStatus::Verified));
}

#[tokio::test]
async fn without_a_text_positions_are_refused_since_nobody_could_check_them() {
    let store = store();
    let mut claim = claim("Soldiers have been killed");
    claim.spans = vec![Span { start: Some(1), end: Some(99), ..quote("killed") }];
    let wrong = violations(write().record(Record::Claim(claim)).attempt(&store).await);
    assert_eq!((wrong.len(), wrong[0].0.as_str()), (1, "claims[0].spans[0].start"));
}

#[tokio::test]
async fn the_words_of_a_figure_are_looked_for_in_the_spans_of_its_claim_first() {
    let store = store();
    let mut twice = article("1");
    twice.text = Some(text("Nearly 2,000 came. Later, nearly 2,000 were killed, and nearly 2,000 went."));
    twice.language = Some("en".parse().unwrap());
    let mut claim = claim_in(key("a"), "2,000 were killed");
    claim.spans = vec![quote("nearly 2,000 were killed")];
    let figure = |words: &str| Figure { verbatim: words.to_owned(), ..Figure::default() };
    claim.figures = vec![figure("nearly 2,000"), figure("three"), figure("2,000")];
    let answer = write().keyed("a", Record::Article(twice)).record(Record::Claim(claim)).to(&store).await;
    let figures = &claim_of(&answer.results[1].1).figures;
    assert_eq!(figures[0].span.as_ref().and_then(|span| span.start), Some(26));
    assert_eq!(figures[1].span, None);
    assert_eq!(figures[2].span.as_ref().and_then(|span| span.start), Some(33));
    let warned: Vec<_> = answer.warnings.iter().map(|warning| (warning.path.as_str(), warning.reason)).collect();
    assert_eq!(warned, [("claims[0].figures[1]", WarningReason::FigureNotLocated)]);
}

#[tokio::test]
async fn a_span_may_lie_in_another_article() {
    let store = store();
    let mut other = article("2");
    other.text = Some(text("The ministry did not answer."));
    let mut claim = claim_in(key("a"), "The ministry is silent");
    claim.spans = vec![Span { article: Some(key("b")), ..quote("did not answer") }];
    let answer = write()
        .keyed("a", Record::Article(article("1")))
        .keyed("b", Record::Article(other))
        .record(Record::Claim(claim))
        .to(&store)
        .await;
    let span = &claim_of(&answer.results[2].1).spans[0];
    assert_eq!(span.article.as_ref().and_then(|link| link.name()), Some(&answer.results[1].1.name));
    assert_eq!(span.start, Some(13));
}

#[tokio::test]
async fn words_are_read_in_the_language_of_the_stored_article() {
    let store = store();
    let mut english = article("1");
    english.language = Some("en".parse().unwrap());
    let article = write().record(Record::Article(english)).to(&store).await.results[0].1.name.clone();
    let figure = |words: &str| Figure { verbatim: words.to_owned(), ..Figure::default() };
    let mut claim = claim_in(article.into(), "2,000 were killed");
    claim.figures = vec![figure("13,000"), figure("a goodly number")];
    let answer = write().record(Record::Claim(claim)).to(&store).await;
    let figures = &claim_of(&answer.results[0].1).figures;
    assert_eq!(figures[0].value, "13000".parse().ok());
    assert_eq!((figures[1].value.as_ref(), figures[1].qualifier), (None, None));
    let unread: Vec<_> =
        answer.warnings.iter().filter(|warning| warning.reason == WarningReason::FigureNotRead).collect();
    assert_eq!((unread.len(), unread[0].path.as_str()), (1, "claims[0].figures[1]"));
}
