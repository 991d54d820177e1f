//! Which record is meant.

use claimdb::domain::model::{
    ConflictPolicy, InlineSource, MatchRule, Outcome, Record, Source, SourceKind, SourceLink, WarningReason,
};
use claimdb::domain::plan::{Batch, Refusal};
use claimdb::storage::ClaimStore as _;

use super::support::*;
use super::*;

fn with_policy(policy: ConflictPolicy, record: Record) -> Batch {
    let mut batch = write().record(record).batch();
    batch.drafts[0].policy = policy;
    batch
}

fn inline_of(kind: SourceKind, display_name: &str) -> SourceLink {
    let inline = InlineSource { display_name: display_name.to_owned(), kind: Some(kind), ..InlineSource::default() };
    SourceLink::Inline(Box::new(inline))
}

#[tokio::test]
async fn a_source_is_found_by_external_id_then_account_then_display_name() {
    let store = store();
    let ndtv = Source {
        external_ids: vec![external_id("wikidata", "Q1")],
        platform: "X".to_owned(),
        handle: "NDTV".to_owned(),
        ..source("NDTV")
    };
    write().named("sources/ndtv", Record::Source(ndtv.clone())).to(&store).await;
    let by = [
        (Source { external_ids: vec![external_id("wikidata", "Q1")], ..source("Other name") }, MatchRule::ExternalId),
        (Source { platform: "x".to_owned(), handle: "ndtv".to_owned(), ..source("Third") }, MatchRule::Handle),
        (source("NDTV"), MatchRule::DisplayName),
    ];
    for (given, rule) in by {
        let answer = write().record(Record::Source(given)).to(&store).await;
        let (planned, version) = &answer.results[0];
        assert_eq!((planned.outcome, planned.matched_by), (Outcome::Existing, Some(rule)));
        assert_eq!(version.name.to_string(), "sources/ndtv");
        assert!(!answer.committed);
    }
}

#[tokio::test]
async fn another_id_in_the_same_scheme_tells_namesakes_apart() {
    let store = store();
    let smith = |id| Source { external_ids: vec![external_id("wikidata", id)], ..source("John Smith") };
    write().record(Record::Source(smith("Q1"))).to(&store).await;
    let answer = write().record(Record::Source(smith("Q2"))).to(&store).await;
    assert_eq!(answer.results[0].0.outcome, Outcome::Created);
    // By name alone, both are meant.
    let ambiguous = refusal(write().record(Record::Source(source("John Smith"))).attempt(&store).await);
    assert!(matches!(ambiguous, Refusal::SourceAmbiguous { candidates, .. } if candidates.len() == 2));
}

#[tokio::test]
async fn distinct_makes_a_namesake_and_never_takes_a_handle() {
    let store = store();
    write().record(Record::Source(source("John Smith"))).to(&store).await;
    let namesake = with_policy(ConflictPolicy::Distinct, Record::Source(source("John Smith")));
    assert_eq!(store.commit(namesake).await.unwrap().results[0].0.outcome, Outcome::Created);
    let handle = Source { platform: "x".to_owned(), handle: "smith".to_owned(), ..source("Smith") };
    write().record(Record::Source(handle.clone())).to(&store).await;
    let taken = refusal(store.commit(with_policy(ConflictPolicy::Distinct, Record::Source(handle))).await);
    assert!(matches!(taken, Refusal::AlreadyExists { .. }));
}

#[tokio::test]
async fn a_kind_that_is_given_chooses_among_namesakes() {
    let store = store();
    let person = Source { kind: Some(SourceKind::Person), ..source("Mercury") };
    let outlet = Source { kind: Some(SourceKind::NewsOutlet), ..source("Mercury") };
    write().named("sources/person", Record::Source(person)).to(&store).await;
    write().named("sources/outlet", Record::Source(outlet)).to(&store).await;
    let mut claim = claim("It rained");
    claim.attributions = vec![said_by(inline_of(SourceKind::NewsOutlet, "Mercury"))];
    let answer = write().record(Record::Claim(claim)).to(&store).await;
    assert_eq!(claim_of(&answer.results[0].1).attributions[0].source.name().unwrap().to_string(), "sources/outlet");
}

#[tokio::test]
async fn an_inline_source_is_made_once_and_reported() {
    let store = store();
    let answer = write().record(Record::Claim(claim("One"))).record(Record::Claim(claim("Two"))).to(&store).await;
    let made: Vec<_> = answer.results.iter().map(|(planned, _)| (planned.path.as_str(), planned.outcome)).collect();
    assert_eq!(
        made,
        [
            ("claims[0]", Outcome::Created),
            ("claims[1]", Outcome::Created),
            ("claims[0].attributions[0].source", Outcome::Created),
            ("claims[1].attributions[0].source", Outcome::Existing)
        ]
    );
    assert_eq!(answer.results[3].0.matched_by, Some(MatchRule::DisplayName));
    let sources = |index: usize| claim_of(&answer.results[index].1).attributions[0].source.clone();
    assert_eq!(sources(0), sources(1));
}

#[tokio::test]
async fn unnamed_sources_are_scoped_to_their_article_and_never_found_again() {
    let store = store();
    let unnamed = |statement: &str| {
        let mut claim = claim_in(key("a"), statement);
        claim.attributions = vec![said_by(inline_of(SourceKind::UnnamedGroup, "Analysts"))];
        Record::Claim(claim)
    };
    let answer = write()
        .keyed("a", Record::Article(article("1")))
        .record(unnamed("One"))
        .record(unnamed("Two"))
        .to(&store)
        .await;
    let made: Vec<_> = answer.results.iter().filter(|(planned, _)| planned.path.ends_with("source")).collect();
    assert_eq!(made.len(), 2);
    for (_, version) in &made {
        let Record::Source(source) = &version.record else { panic!("not a source") };
        assert_eq!(source.scope_article.as_ref().and_then(|link| link.name()), Some(&answer.results[0].1.name));
    }
    // A named source of that name is another one.
    let mut named = claim("Three");
    named.attributions = vec![said_by(inline("Analysts"))];
    let answer = write().record(Record::Claim(named)).to(&store).await;
    assert_eq!(answer.results[1].0.outcome, Outcome::Created);
    // Without an article there is nothing to scope one to.
    let mut homeless = claim("Four");
    homeless.attributions = vec![said_by(inline_of(SourceKind::UnnamedGroup, "Analysts"))];
    let wrong = violations(write().record(Record::Claim(homeless)).attempt(&store).await);
    assert_eq!(wrong[0].0, "claims[0].attributions[0].source");
}

#[tokio::test]
async fn a_claim_with_unnamed_sources_is_found_again_by_its_content() {
    let store = store();
    let request = || {
        let mut claim = claim_in(key("a"), "Losses are high");
        claim.attributions = vec![said_by(inline_of(SourceKind::UnnamedGroup, "Analysts"))];
        write().keyed("a", Record::Article(article("1"))).record(Record::Claim(claim))
    };
    let first = request().to(&store).await;
    let again = request().to(&store).await;
    assert!(!again.committed);
    assert_eq!(again.results[1].0.matched_by, Some(MatchRule::Content));
    assert_eq!(again.results[1].1.name, first.results[1].1.name);
}

#[tokio::test]
async fn reuse_changes_nothing_and_says_what_differs() {
    let store = store();
    let first = write().record(Record::Article(article("1"))).to(&store).await;
    let mut other = article("1");
    other.title = "Another title".to_owned();
    other.text = None;
    let answer = write().record(Record::Article(other)).to(&store).await;
    assert_eq!(answer.results[0].0.outcome, Outcome::Existing);
    assert_eq!(answer.results[0].0.differing, ["title"]);
    assert_eq!(answer.warnings[0].reason, WarningReason::ExistingDiffers);
    assert_eq!(answer.results[0].1, first.results[0].1);
    assert!(!answer.committed);
}

#[tokio::test]
async fn another_text_under_the_same_url_is_refused_unless_it_is_an_update() {
    let store = store();
    let first = write().record(Record::Article(article("1"))).to(&store).await;
    let mut other = article("1");
    other.text = Some(text("Quite another text."));
    let refused = refusal(write().record(Record::Article(other.clone())).attempt(&store).await);
    assert!(matches!(refused, Refusal::ArticleTextDiffers { sha256, .. } if sha256 == text(TEXT).sha256));
    let answer = write().update(Record::Article(other)).to(&store).await;
    assert_eq!(answer.results[0].0.outcome, Outcome::Updated);
    // Both texts can be read.
    for body in [TEXT, "Quite another text."] {
        assert_eq!(store.text(text(body).sha256).await.unwrap().as_deref(), Some(body));
    }
    assert_eq!(answer.results[0].1.create_revision, first.head.revision);
}

#[tokio::test]
async fn an_update_replaces_what_is_given_and_adds_identities() {
    let store = store();
    let mut first = article("1");
    first.labels.insert("desk".to_owned(), "asia".to_owned());
    write().record(Record::Article(first)).to(&store).await;
    let mut given = article("1");
    given.text = None;
    given.title = "New title".to_owned();
    given.urls.push(url("https://news.example/amp/1"));
    let answer = write().update(Record::Article(given)).to(&store).await;
    let Record::Article(updated) = &answer.results[0].1.record else { panic!("not an article") };
    assert_eq!(updated.title, "New title");
    assert_eq!(updated.text.as_ref().map(|text| text.sha256), Some(text(TEXT).sha256));
    assert_eq!(updated.urls.len(), 2);
    assert_eq!(updated.labels.get("desk").map(String::as_str), Some("asia"));
    // The URL that was added finds it now.
    let mut by_new_url = article("amp/1");
    by_new_url.text = None;
    let found = write().record(Record::Article(by_new_url)).to(&store).await;
    assert_eq!(found.results[0].1.name, answer.results[0].1.name);
}

#[tokio::test]
async fn identities_of_several_records_contradict_each_other() {
    let store = store();
    write().record(Record::Article(article("1"))).record(Record::Article(article("2"))).to(&store).await;
    let mut both = article("1");
    both.urls.push(url("https://news.example/2"));
    let refused = refusal(write().record(Record::Article(both)).attempt(&store).await);
    assert!(matches!(refused, Refusal::IdentityConflict { candidates, .. } if candidates.len() == 2));
}

#[tokio::test]
async fn a_record_that_exists_is_refused_by_the_policy_fail_and_under_another_name() {
    let store = store();
    write().named("articles/one", Record::Article(article("1"))).to(&store).await;
    let refused = refusal(store.commit(with_policy(ConflictPolicy::Fail, Record::Article(article("1")))).await);
    assert!(matches!(refused, Refusal::AlreadyExists { name, .. } if name.to_string() == "articles/one"));
    let refused = refusal(write().named("articles/two", Record::Article(article("1"))).attempt(&store).await);
    assert!(matches!(refused, Refusal::AlreadyExists { name, .. } if name.to_string() == "articles/one"));
}

#[tokio::test]
async fn what_is_referred_to_must_exist() {
    let store = store();
    let mut lost = claim("Lost");
    lost.article = Some(name("articles/nowhere").into());
    lost.attributions = vec![said_by(name("sources/nobody").into())];
    let refused = refusal(write().record(Record::Claim(lost)).attempt(&store).await);
    let Refusal::ReferenceNotFound(missing) = refused else { panic!("{refused:?}") };
    assert_eq!(
        missing,
        [
            ("claims[0].article".to_owned(), "articles/nowhere".to_owned()),
            ("claims[0].attributions[0].source".to_owned(), "sources/nobody".to_owned())
        ]
    );
    assert_eq!(store.head().await.unwrap().revision, 0);
}

#[tokio::test]
async fn a_reference_to_a_retracted_record_is_recorded_and_flagged() {
    let store = store();
    let article = write().record(Record::Article(article("1"))).to(&store).await.results[0].1.name.clone();
    write().retract(&article).to(&store).await;
    let answer = write().record(Record::Claim(claim_in(article.into(), "Still said"))).to(&store).await;
    assert!(answer.committed);
    assert!(answer.warnings.iter().any(|warning| warning.reason == WarningReason::ReferenceRetracted));
}

#[tokio::test]
async fn inline_sources_of_one_request_that_differ_are_not_merged() {
    let store = store();
    let by = |inline: InlineSource| {
        let mut said = claim(&format!("Said by {:?} {}", inline.kind, inline.handle));
        said.attributions = vec![said_by(SourceLink::Inline(Box::new(inline)))];
        Record::Claim(said)
    };
    let han = |handle: &str| InlineSource {
        display_name: "Han".to_owned(),
        platform: "x".to_owned(),
        handle: handle.to_owned(),
        ..InlineSource::default()
    };
    let yan = |kind| InlineSource { display_name: "Yan".to_owned(), kind: Some(kind), ..InlineSource::default() };
    let answer = write()
        .record(by(han("h1")))
        .record(by(han("h2")))
        .record(by(yan(SourceKind::Person)))
        .record(by(yan(SourceKind::Organization)))
        .record(by(yan(SourceKind::Organization)))
        .to(&store)
        .await;
    let made: Vec<_> = answer.results[5..].iter().map(|(planned, _)| planned.outcome).collect();
    assert_eq!(made, [Outcome::Created, Outcome::Created, Outcome::Created, Outcome::Created, Outcome::Existing]);
}

#[tokio::test]
async fn namesakes_of_one_request_are_ambiguous_together() {
    let store = store();
    let mut batch = write().record(Record::Source(source("Dup"))).record(Record::Source(source("Dup"))).batch();
    for draft in &mut batch.drafts {
        draft.policy = ConflictPolicy::Distinct;
    }
    let mut said = claim("Said");
    said.attributions = vec![said_by(inline("Dup"))];
    batch.drafts.extend(write().record(Record::Claim(said)).batch().drafts);
    assert!(
        matches!(refusal(store.commit(batch).await), Refusal::SourceAmbiguous { candidates, .. } if candidates.len() == 2)
    );
}

#[tokio::test]
async fn a_retracted_source_does_not_compete_with_one_that_stands() {
    let store = store();
    let person = Source { kind: Some(SourceKind::Person), ..source("NDTV") };
    let wrong = write().record(Record::Source(person)).to(&store).await.results[0].1.name.clone();
    let outlet = Source { kind: Some(SourceKind::NewsOutlet), ..source("NDTV") };
    let right = write().record(Record::Source(outlet)).to(&store).await.results[0].1.name.clone();
    write().retract(&wrong).to(&store).await;
    let found = write().record(Record::Source(source("NDTV"))).to(&store).await;
    assert_eq!(found.results[0].1.name, right);
}

#[tokio::test]
async fn what_a_tool_said_is_replaced_in_one_commit() {
    let store = store();
    let old = write().record(Record::Claim(claim("Unchanged"))).to(&store).await.results[0].1.name.clone();
    let answer = write().record(Record::Claim(claim("Unchanged"))).retract(&old).to(&store).await;
    assert_eq!(answer.results[0].0.outcome, Outcome::Created);
    assert_ne!(answer.results[0].1.name, old);
    // From now on the one that stands is found.
    let again = write().record(Record::Claim(claim("Unchanged"))).to(&store).await;
    assert_eq!(again.results[0].1.name, answer.results[0].1.name);
}

#[tokio::test]
async fn a_repeat_with_unnamed_sources_differs_in_nothing_and_updates_nothing() {
    let store = store();
    let request = |policy| {
        let mut claim = claim_in(key("a"), "Losses are high");
        claim.attributions = vec![said_by(inline_of(SourceKind::UnnamedGroup, "Analysts"))];
        let mut batch = write().keyed("a", Record::Article(article("1"))).record(Record::Claim(claim)).batch();
        batch.drafts[1].policy = policy;
        batch
    };
    store.commit(request(ConflictPolicy::Reuse)).await.unwrap();
    for policy in [ConflictPolicy::Reuse, ConflictPolicy::Update] {
        let again = store.commit(request(policy)).await.unwrap();
        assert_eq!(again.results[1].0.differing, Vec::<String>::new());
        assert!(!again.committed && again.warnings.is_empty());
    }
}

#[tokio::test]
async fn updates_do_not_add_up_past_the_limits() {
    let store = store();
    let with_urls = |from: usize| {
        let mut given = article("0");
        given.text = None;
        given.urls.extend((from..from + 10).map(|at| url(&format!("https://news.example/{at}"))));
        Record::Article(given)
    };
    write().record(with_urls(1)).to(&store).await;
    let wrong = violations(write().update(with_urls(20)).attempt(&store).await);
    assert_eq!((wrong[0].0.as_str(), wrong[0].1), ("articles[0].urls", "ERROR_REASON_LIMIT_EXCEEDED"));
}
