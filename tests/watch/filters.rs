//! What a filter lets through: by the new version of a record or by the old one.

use claimdb::proto::claimdb::v1;
use tonic::Code;

use crate::support::{
    Running, Watcher, as_claim, claim, claims, figure, named, names, oldest, reason, reinstate, retract, revise, start,
};

fn by_name(name: &str) -> v1::SourceRef {
    v1::SourceRef { name: name.into(), ..Default::default() }
}

/// An article of an outlet with two claims in it, one of them by Bob, with figures; a claim of nobody's article; what is
/// said about them. Revisions 1 to 5.
async fn seed(running: &Running) {
    let outlet = v1::Source { name: "sources/outlet".into(), display_name: "The Outlet".into(), ..Default::default() };
    let article = v1::Article {
        name: "articles/a".into(),
        urls: vec!["https://news.example/a".into()],
        publisher: Some(by_name("sources/outlet")),
        ..Default::default()
    };
    let sources = vec![outlet];
    running.record(v1::RecordRequest { sources, articles: vec![article], ..Default::default() }).await;
    let killed = v1::Claim {
        article: "articles/a".into(),
        figures: vec![figure("f1", "troops.killed"), figure("f2", "money.spent")],
        ..claim("claims/killed", "Bob")
    };
    running.record(claims([killed])).await;
    let speech = v1::Claim { figures: vec![figure("f1", "troops.killed.officers")], ..claim("claims/speech", "Ann") };
    running.record(claims([speech])).await;
    let relation = v1::Relation {
        name: "relations/r".into(),
        from: "claims/killed".into(),
        r#type: v1::RelationType::BasedOn.into(),
        to: "articles/a".into(),
        ..Default::default()
    };
    let assessment = v1::Assessment {
        name: "assessments/x".into(),
        target: "sources/outlet".into(),
        assessor: Some(named("Ann")),
        scheme: "https://example.org/scheme".into(),
        verdict: v1::Verdict::Supported.into(),
        ..Default::default()
    };
    let (relations, assessments) = (vec![relation], vec![assessment]);
    running.record(v1::RecordRequest { relations, assessments, ..Default::default() }).await;
    let scoped = v1::Source {
        name: "sources/analysts".into(),
        display_name: "analysts".into(),
        kind: v1::SourceKind::UnnamedGroup.into(),
        scope_article: "articles/a".into(),
        ..Default::default()
    };
    running.record(v1::RecordRequest { sources: vec![scoped], ..Default::default() }).await;
}

/// What a filter lets through, as names, those of sources made on the way left out.
async fn found(running: &Running, filter: v1::WatchFilter) -> Vec<String> {
    let found = running.filtered(filter).await.into_iter().map(|(_, name)| name);
    found.filter(|name| !name.starts_with("sources/0")).collect()
}

#[tokio::test]
async fn each_field_lets_through_what_it_names() {
    let running = start().await;
    seed(&running).await;
    running.record(retract("claims/killed")).await;
    let kinds = |kinds: &[v1::RecordKind]| v1::WatchFilter {
        kinds: kinds.iter().map(|kind| i32::from(*kind)).collect(),
        ..Default::default()
    };
    let sources = |sources: Vec<v1::SourceRef>| v1::WatchFilter { sources, ..Default::default() };
    let metrics = |metric: &str| v1::WatchFilter { metrics: vec![metric.into()], ..Default::default() };
    let articles = v1::WatchFilter { articles: vec!["articles/a".into()], ..Default::default() };
    use v1::RecordKind::{Article, Assessment, Claim, Relation};

    let all = ["sources/outlet", "articles/a", "claims/killed", "claims/speech", "relations/r", "assessments/x"];
    let mut expected: Vec<&str> = all.into();
    expected.extend(["sources/analysts", "claims/killed"]);
    let mut unfiltered = found(&running, v1::WatchFilter::default()).await;
    unfiltered.sort();
    expected.sort_unstable();
    assert_eq!(unfiltered, expected);

    assert_eq!(found(&running, kinds(&[Claim])).await, ["claims/killed", "claims/speech", "claims/killed"]);
    assert_eq!(found(&running, kinds(&[Relation, Assessment, Claim])).await.len(), 5);
    // The publisher is implied in the chain of a claim that does not name it.
    let outlet = ["sources/outlet", "articles/a", "claims/killed", "assessments/x", "claims/killed"];
    for source in [by_name("sources/outlet"), named("The Outlet")] {
        let mut found = found(&running, sources(vec![source])).await;
        found.sort_by_key(|name| outlet.iter().position(|wanted| wanted == name));
        assert_eq!(found.len(), outlet.len(), "{found:?}");
        assert!(outlet.iter().all(|name| found.iter().any(|found| found == name)), "{found:?}");
    }
    assert_eq!(found(&running, sources(vec![named("Bob")])).await, ["claims/killed", "claims/killed"]);
    assert_eq!(found(&running, sources(vec![named("Ann"), named("Bob")])).await.len(), 4, "either of them");
    assert_eq!(found(&running, metrics("troops")).await, ["claims/killed", "claims/speech", "claims/killed"]);
    assert_eq!(found(&running, metrics("troops.killed.officers")).await, ["claims/speech"]);
    assert_eq!(found(&running, metrics("money")).await, ["claims/killed", "claims/killed"]);
    assert_eq!(
        found(&running, articles.clone()).await,
        ["articles/a", "claims/killed", "relations/r", "sources/analysts", "claims/killed"]
    );
    // All fields must match.
    let both = v1::WatchFilter { kinds: kinds(&[Article, Relation]).kinds, ..articles };
    assert_eq!(found(&running, both).await, ["articles/a", "relations/r"]);
    let neither = v1::WatchFilter { sources: vec![named("Ann")], ..metrics("money") };
    assert_eq!(found(&running, neither).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_is_given_when_the_version_it_replaced_matches() {
    let running = start().await;
    seed(&running).await;
    let filter = v1::WatchFilter { metrics: vec!["money".into()], ..Default::default() };
    let request = v1::WatchRequest { filter: Some(filter), include_previous: true, ..Default::default() };
    let (mut watcher, _) = running.watch(request).await;
    // Takes f2 away: the new version has nothing to do with money.
    let without = v1::Claim { name: "claims/killed".into(), ..Default::default() };
    let taken = running.record(revise(without, &["figures.f2"])).await;
    // Now neither version has.
    let other = v1::Claim { name: "claims/killed".into(), statement: "Other words.".into(), ..Default::default() };
    running.record(revise(other, &["statement"])).await;
    // And now the new one has again.
    let again =
        v1::Claim { name: "claims/killed".into(), figures: vec![figure("f2", "money.spent")], ..Default::default() };
    let given = running.record(revise(again, &["figures.f2"])).await;
    let message = watcher.changes().await;
    assert_eq!(message.commit_revision, taken);
    let change = &message.changes[0];
    let (new, old) = (as_claim(change.version.as_ref()), as_claim(change.previous.as_ref()));
    assert_eq!((new.figures.len(), old.figures.len()), (1, 2));
    assert_eq!(watcher.changes().await.commit_revision, given);
}

#[tokio::test]
async fn the_previous_version_comes_when_asked_for_and_as_it_was_served() {
    let running = start().await;
    seed(&running).await;
    running.record(retract("articles/a")).await;
    running.record(retract("claims/killed")).await;
    running.record(reinstate("claims/killed")).await;
    let filter = Some(v1::WatchFilter { kinds: vec![v1::RecordKind::Claim.into()], ..Default::default() });
    let request = v1::WatchRequest { filter, include_previous: true, ..oldest() };
    let (mut watcher, _) = running.watch(request.clone()).await;
    let created = watcher.changes().await;
    assert_eq!(created.changes[0].previous, None);
    watcher.changes().await;
    let statuses = |message: &v1::WatchResponse| {
        let status = |version: &Option<v1::Version>| as_claim(version.as_ref()).metadata.as_ref().unwrap().status();
        (status(&message.changes[0].previous), status(&message.changes[0].version))
    };
    let retracted = watcher.changes().await;
    assert_eq!(statuses(&retracted), (v1::RecordStatus::Active, v1::RecordStatus::Retracted));
    assert_eq!(retracted.changes[0].version.as_ref().unwrap().action(), v1::Action::Retracted);
    let reinstated = watcher.changes().await;
    assert_eq!(statuses(&reinstated), (v1::RecordStatus::Retracted, v1::RecordStatus::Active));
    // Served as it was then: at revision 2 the article was not retracted, at the later ones it was.
    assert_eq!(as_claim(created.changes[0].version.as_ref()).retracted_references, Vec::<String>::new());
    assert_eq!(as_claim(retracted.changes[0].previous.as_ref()).retracted_references, ["articles/a"]);

    let (mut watcher, _) = running.watch(v1::WatchRequest { include_previous: false, ..request }).await;
    for _ in 0..4 {
        assert_eq!(watcher.changes().await.changes[0].previous, None);
    }
}

#[tokio::test]
async fn a_source_that_does_not_exist_yet_is_waited_for() {
    let running = start().await;
    running.claim("claims/a", "Ann").await;
    let filter = Some(v1::WatchFilter { sources: vec![named("Bob"), named("Carol")], ..Default::default() });
    let (mut watcher, _) = running.watch(v1::WatchRequest { filter: filter.clone(), ..oldest() }).await;
    running.claim("claims/a2", "Ann").await;
    running.claim("claims/b", "Bob").await;
    let first = watcher.changes().await;
    assert!(names(&first).contains(&"claims/b".to_owned()) && first.changes.len() == 2, "{first:?}");
    running.claim("claims/b2", "Bob").await;
    assert_eq!(names(&watcher.changes().await), ["claims/b2"]);
    running.claim("claims/c", "Carol").await;
    assert!(names(&watcher.changes().await).contains(&"claims/c".to_owned()));
    // Who starts again from the beginning now is given the same.
    let (mut watcher, _) = running.watch(v1::WatchRequest { filter, ..oldest() }).await;
    assert_eq!(watcher.changes().await, first);
}

#[tokio::test]
async fn a_source_that_answers_to_several_is_refused() {
    let running = start().await;
    let namesake = |id: &str| v1::Source {
        name: format!("sources/{id}"),
        display_name: "John Smith".into(),
        on_conflict: v1::ConflictPolicy::Distinct.into(),
        ..Default::default()
    };
    let watch = || {
        let sources = vec![named("Ann"), named("John Smith")];
        let filter = Some(v1::WatchFilter { sources, ..Default::default() });
        v1::WatchRequest { filter, ..Default::default() }
    };
    // When they are made while somebody waits for one, too.
    let (watcher, _) = running.watch(watch()).await;
    let sources = vec![namesake("one"), namesake("two")];
    running.record(v1::RecordRequest { sources, ..Default::default() }).await;
    let later = watcher.end().await.1;
    let at_once = Watcher::try_start(running.channel.clone(), watch()).await.err().unwrap();
    for status in [later, at_once] {
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert_eq!(reason(&status, "candidates"), ("SOURCE_AMBIGUOUS".into(), "sources/one,sources/two".into()));
        assert_eq!(reason(&status, "path").1, "filter.sources[1]");
    }
}
