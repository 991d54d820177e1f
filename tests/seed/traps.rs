//! What makes this article hard: one test a trap.

use std::collections::HashSet;

use claimdb::proto::claimdb::v1::interval::{Lower, Upper};
use claimdb::proto::claimdb::v1::{
    Alteration, AttributionMode, AttributionRole, Basis, Certainty, Claim, Figure, FigureKind, GetSourceRequest,
    HedgeKind, Presentation, Qualifier, RelationType, SectionKind, SourceKind, SpanStatus, Stance, UnitSystem,
    WholeRelation,
};

use super::support::{Seed, TEXT, code_points, request};

fn words(claim: &Claim) -> Vec<&str> {
    claim.spans.iter().map(|span| span.exact.as_str()).collect()
}

fn hedges(claim: &Claim) -> Vec<(HedgeKind, &str)> {
    let hedges = claim.hedges.iter();
    hedges.map(|hedge| (hedge.kind(), hedge.span.as_ref().unwrap().exact.as_str())).collect()
}

/// The last hop's source: the origin.
fn origin(claim: &Claim) -> &str {
    &claim.attributions.last().unwrap().source.as_ref().unwrap().name
}

fn figure(claim: &Claim) -> &Figure {
    let [figure] = claim.figures.as_slice() else { panic!("{:?}", claim.figures) };
    figure
}

fn bounds(figure: &Figure) -> (Option<Lower>, Option<Upper>) {
    let bounds = figure.bounds.clone().unwrap_or_default();
    (bounds.lower, bounds.upper)
}

#[tokio::test]
async fn a_span_may_be_discontinuous() {
    let claim = Seed::recorded().await.claim("c08").await;
    let [subject, rest] = claim.spans.as_slice() else { panic!("{:?}", claim.spans) };
    assert_eq!(subject.exact, "The staff accompanying the North Korean leader");
    assert_eq!((rest.start, rest.end), (Some(790), Some(929)));
    // The post's signature stands between the two, and is not a part of what was said.
    let between = code_points(subject.end.unwrap(), rest.start.unwrap());
    assert!(between.contains("Russian Market (@runews)"));
    assert!(words(&claim).iter().all(|words| !words.contains("@runews")));
}

#[tokio::test]
async fn the_leading_newline_is_kept() {
    let article = Seed::recorded().await.article().await;
    assert!(article.text.starts_with("\n- North Korean aides"));
    assert_eq!(article.text.as_bytes(), TEXT.as_bytes());
    assert_eq!(article.text_sha256, "9f1da3144e54a5e7332d745ff0219bcc66bfa68beb82bd95723ffc9cda794f26");
    let highlight = article.sections.iter().find(|section| section.kind() == SectionKind::Highlight).unwrap();
    assert_eq!((highlight.start, highlight.end), (1, 255));
}

#[tokio::test]
async fn positions_count_code_points_and_not_bytes() {
    let seed = Seed::recorded().await;
    assert_eq!((seed.article().await.text_code_points, TEXT.len()), (3_002, 3_004));
    // The em dash of the signature, at 745, is three bytes: behind it the two ways of counting part.
    let claim = seed.claim("c31").await;
    let [span] = claim.spans.as_slice() else { panic!("{:?}", claim.spans) };
    assert_eq!((span.start, span.end, span.status()), (Some(2_491), Some(2_528), SpanStatus::Verified));
    assert_eq!(span.exact, "nearly 2,000 have already been killed");
    assert_ne!(TEXT.get(2_491..2_528), Some(span.exact.as_str()));
}

#[tokio::test]
async fn unnamed_sources_are_not_merged() {
    let seed = Seed::recorded().await;
    let mut names = Vec::new();
    for (key, claim, cue) in [("s7", "c19", "is said to"), ("s8", "c20", "reportedly"), ("s9", "c22", "allegedly")] {
        let source = seed.source(key).await;
        assert_eq!(source.kind(), SourceKind::UnspecifiedSource);
        assert_eq!(source.scope_article, seed.name("article"));
        assert_eq!(source.display_name, "");
        assert_eq!(source.mentions[0].exact, cue);
        assert_eq!(origin(&seed.claim(claim).await), source.name);
        names.push(source.name);
    }
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), 3);
    // What is carried on from one sentence to the next is the same unnamed source.
    assert_eq!(origin(&seed.claim("c21").await), names[1]);
    assert_eq!(origin(&seed.claim("c24").await), names[2]);
}

#[tokio::test]
async fn analysts_of_another_article_are_other_analysts() {
    let seed = Seed::recorded().await;
    let other = request(
        r##"{"articles": [{"key": "a", "urls": ["https://example.com/other"]}],
            "claims": [{"article": "#a", "statement": "It is going to rain.", "attributions": [
              {"source": {"kind": "SOURCE_KIND_UNNAMED_GROUP", "display_name": "Analysts"}}]}]}"##,
    );
    let response = seed.server.record(&other).await;
    let analysts = &response.results.last().unwrap().name;
    assert_ne!(*analysts, seed.name("s6"));
    let read = GetSourceRequest { name: analysts.clone(), as_of: None };
    let analysts = seed.server.sources().get_source(read).await.unwrap().into_inner().source.unwrap();
    assert_eq!(analysts.scope_article, response.results[0].name);
}

#[tokio::test]
async fn three_hedges_of_one_paragraph_stay_three() {
    let seed = Seed::recorded().await;
    let (unclear, fear) = (seed.claim("c14").await, seed.claim("c16").await);
    assert_eq!(hedges(&unclear), [(HedgeKind::Ignorance, "is unclear")]);
    assert_eq!(hedges(&fear), [(HedgeKind::WeakReport, "suggest"), (HedgeKind::EpistemicModal, "may be")]);
    assert_eq!(unclear.attributions[0].certainty(), Certainty::Underspecified);
    assert_eq!(fear.attributions[0].certainty(), Certainty::Possible);
    assert!(fear.hedges.iter().all(|hedge| hedge.attribution_index == Some(0)));
}

#[tokio::test]
async fn each_of_three_hearsays_keeps_its_own_words() {
    let seed = Seed::recorded().await;
    let said = [
        ("c19", HedgeKind::Reportive, "is said to"),
        ("c20", HedgeKind::Reportive, "reportedly"),
        ("c22", HedgeKind::Allegation, "allegedly"),
    ];
    for (key, kind, words) in said {
        let claim = seed.claim(key).await;
        assert_eq!(hedges(&claim), [(kind, words)]);
        let hop = &claim.attributions[0];
        assert_eq!((hop.stance(), hop.certainty()), (Stance::Distancing, Certainty::Underspecified));
        assert_eq!(hop.cue.as_ref().unwrap().exact, words);
    }
    for key in ["c21", "c24"] {
        let claim = seed.claim(key).await;
        assert!(claim.scope_uncertain && claim.attributions[0].continued, "{key}");
        assert!(!claim.scope_note.is_empty());
    }
}

#[tokio::test]
async fn alternatives_are_one_or_the_other() {
    let seed = Seed::recorded().await;
    let alternative = seed.relations("c16", RelationType::AlternativeTo, "c17").await;
    let [alternative] = alternative.as_slice() else { panic!("{alternative:?}") };
    assert_eq!(alternative.basis(), Basis::Stated);
    assert_eq!(alternative.evidence[0].exact, "or");
    for key in ["c16", "c17"] {
        assert_eq!(origin(&seed.claim(key).await), seed.name("s6"));
        assert_eq!(seed.relations(key, RelationType::Explains, "c15").await.len(), 1);
        assert_eq!(seed.relations("c14", RelationType::Qualifies, key).await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_presupposed_is_not_said_outright() {
    let seed = Seed::recorded().await;
    let (thanked, sent) = (seed.claim("c28").await, seed.claim("c29").await);
    assert_eq!(thanked.presentation(), Presentation::Asserted);
    assert_eq!(sent.presentation(), Presentation::Presupposed);
    assert_eq!(words(&sent), ["sending troops to Ukraine"]);
    // Putin thanked; that troops were sent the outlet takes for granted.
    assert_eq!((origin(&thanked), origin(&sent)), (&*seed.name("s12"), &*seed.name("s1")));
    assert_eq!(seed.relations("c28", RelationType::Presupposes, "c29").await.len(), 1);
    assert_eq!(seed.relations("c31", RelationType::ContrastsWith, "c28").await[0].evidence[0].exact, "though");
}

#[tokio::test]
async fn a_partial_quote_says_which_words_are_the_speakers() {
    let seed = Seed::recorded().await;
    let claim = seed.claim("c12").await;
    let [hop] = claim.attributions.as_slice() else { panic!("{:?}", claim.attributions) };
    assert_eq!(hop.mode(), AttributionMode::PartialQuote);
    assert_eq!(words(&claim), ["both Kim and Putin leaving \"very satisfied\""]);
    // The same sentence on either side of it is in the reporter's words.
    for key in ["c11", "c13"] {
        assert_eq!(seed.claim(key).await.attributions[0].mode(), AttributionMode::Indirect);
    }
}

#[tokio::test]
async fn an_addressee_is_kept() {
    let seed = Seed::recorded().await;
    let pledge = seed.claim("c26").await;
    let hop = &pledge.attributions[0];
    assert_eq!(hop.source.as_ref().unwrap().name, seed.name("s11"));
    let addressees: Vec<_> = hop.addressees.iter().map(|addressee| addressee.name.clone()).collect();
    assert_eq!(addressees, [seed.name("s12")]);
    let traced = seed.trace("c26").await;
    let hop = traced.hops.last().unwrap();
    assert!(hop.origin);
    assert_eq!(hop.source.as_ref().unwrap().display_name, "Kim Jong Un");
    assert_eq!(hop.addressees[0].display_name, "Vladimir Putin");
    assert_eq!(hedges(&pledge), [(HedgeKind::Conditional, "If")]);
}

#[tokio::test]
async fn nearly_2000_is_bounded_on_one_side_alone() {
    let claim = Seed::recorded().await.claim("c31").await;
    let killed = figure(&claim);
    assert_eq!((killed.qualifier(), killed.value.as_str()), (Qualifier::Nearly, "2000"));
    assert_eq!(bounds(killed), (None, Some(Upper::LessThan("2000".to_owned()))));
}

#[tokio::test]
async fn more_than_two_dozen_is_bounded_on_the_other() {
    let seed = Seed::recorded().await;
    let claim = seed.claim("c34").await;
    let leaders = figure(&claim);
    assert_eq!((leaders.qualifier(), leaders.value.as_str()), (Qualifier::MoreThan, "24"));
    assert_eq!(bounds(leaders), (Some(Lower::MoreThan("24".to_owned())), None));
    assert_eq!((leaders.scale_word.as_str(), leaders.significant_digits), ("dozen", 1));
    // The sentence before names the same figure; it is one figure, recorded once.
    let named = seed.claim("c33").await;
    assert!(named.figures.is_empty() && words(&named)[0].ends_with("more than two dozen world leaders"));
    assert_eq!(seed.relations("c33", RelationType::Presupposes, "c34").await.len(), 1);
}

#[tokio::test]
async fn a_bare_number_is_not_an_exact_one() {
    let claim = Seed::recorded().await.claim("c30").await;
    let deployed = figure(&claim);
    assert_eq!((deployed.qualifier(), deployed.value.as_str()), (Qualifier::Bare, "13000"));
    let value = || "13000".to_owned();
    assert_eq!(bounds(deployed), (Some(Lower::AtLeast(value())), Some(Upper::AtMost(value()))));
    assert_eq!(deployed.significant_digits, 2);
    let place = deployed.place.clone().unwrap();
    assert_eq!((place.verbatim.as_str(), place.basis()), ("Ukraine", Basis::Inferred));
}

#[tokio::test]
async fn the_killed_are_some_of_those_deployed() {
    let seed = Seed::recorded().await;
    let claim = seed.claim("c31").await;
    let killed = figure(&claim);
    assert_eq!(killed.whole, format!("{}/figures/f1", seed.name("c30")));
    assert_eq!(killed.whole_relation(), WholeRelation::SubsetOf);
    assert_eq!(killed.metric.as_ref().unwrap().key, "north-korea.troops.killed");
}

#[tokio::test]
async fn an_ordinal_is_no_count() {
    let claim = Seed::recorded().await.claim("c32").await;
    let first = figure(&claim);
    assert_eq!((first.kind(), first.qualifier(), first.value.as_str()), (FigureKind::Ordinal, Qualifier::Exactly, "1"));
    // "Since the pandemic" is a time without a date.
    let period = first.period.clone().unwrap();
    assert_eq!((period.verbatim.as_str(), period.edtf.as_str()), ("since the pandemic", ""));
    assert_eq!((period.earliest, period.latest), (None, None));
}

#[tokio::test]
async fn decades_are_no_number() {
    let claim = Seed::recorded().await.claim("c36").await;
    let decades = figure(&claim);
    assert_eq!((decades.kind(), decades.qualifier()), (FigureKind::Duration, Qualifier::Vague));
    assert_eq!((decades.value.as_str(), decades.significant_digits), ("", 0));
    assert_eq!(bounds(decades), (None, None));
    let unit = decades.unit.clone().unwrap();
    assert_eq!((unit.system(), unit.code.as_str()), (UnitSystem::Ucum, "a"));
}

#[tokio::test]
async fn a_publication_date_that_is_not_stated_is_not_made_up() {
    let article = Seed::recorded().await.article().await;
    let published = article.publish_time.unwrap();
    assert_eq!((published.edtf.as_str(), published.basis()), ("2025-09-03/..", Basis::Inferred));
    assert_eq!(published.earliest.unwrap().to_string(), "2025-09-03T00:00:00Z");
    assert_eq!(published.latest, None);
    assert_eq!((article.retrieve_time, article.title.as_str()), (None, ""));
    assert!(article.urls.is_empty() && article.bylines.is_empty());
}

#[tokio::test]
async fn a_platform_that_is_not_stated_stays_absent() {
    let seed = Seed::recorded().await;
    let channel = seed.source("s4").await;
    assert_eq!((channel.kind(), channel.display_name.as_str()), (SourceKind::Channel, "Yunashev Live"));
    assert_eq!((channel.platform.as_str(), channel.handle.as_str()), ("", ""));
    assert_eq!(channel.platform_basis(), Basis::Unspecified);
    // Elsewhere it was concluded, or stated.
    let (account, footage) = (seed.source("s2").await, seed.source("s5").await);
    assert_eq!((account.platform.as_str(), account.platform_basis()), ("x", Basis::Inferred));
    assert_eq!((account.handle.as_str(), account.handle_basis()), ("runews", Basis::Stated));
    assert_eq!((footage.platform.as_str(), footage.platform_basis()), ("telegram", Basis::Stated));
}

#[tokio::test]
async fn attribution_lost_between_body_and_highlight_shows() {
    let seed = Seed::recorded().await;
    for (highlight, body) in [("h2a", "c11"), ("h2b", "c13")] {
        let repeats = seed.relations(highlight, RelationType::Repeats, body).await;
        let [repeats] = repeats.as_slice() else { panic!("{repeats:?}") };
        assert_eq!(repeats.alterations().collect::<Vec<_>>(), [Alteration::AttributionLost]);
        assert_eq!(origin(&seed.claim(highlight).await), seed.name("s1"));
        assert_eq!(origin(&seed.claim(body).await), seed.name("s3"));

        let traced = seed.trace(body).await;
        let [repeated_by] = traced.repeated_by.as_slice() else { panic!("{:?}", traced.repeated_by) };
        assert_eq!(repeated_by.relation.as_ref().unwrap().name, repeats.name);
        assert_eq!(repeated_by.claim.as_ref().unwrap().name, seed.name(highlight));
    }
    let kept = seed.relations("h1", RelationType::Repeats, "c02").await;
    assert!(kept[0].alterations.is_empty());
}

#[tokio::test]
async fn a_chain_shows_its_implied_publisher_and_its_channel() {
    let seed = Seed::recorded().await;
    let traced = seed.trace("c09").await;
    let [publisher, journalist] = traced.hops.as_slice() else { panic!("{:?}", traced.hops) };
    assert!(publisher.implied && !publisher.origin && !journalist.implied && journalist.origin);
    assert_eq!(publisher.source.as_ref().unwrap().display_name, "NDTV");
    assert_eq!(publisher.attribution.as_ref().unwrap().role(), AttributionRole::Publisher);
    assert_eq!(journalist.source.as_ref().unwrap().display_name, "Alexander Yunashev");
    assert_eq!(journalist.channel.as_ref().unwrap().display_name, "Yunashev Live");
    assert_eq!(journalist.certainty(), Certainty::Certain);
}
