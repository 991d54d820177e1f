//! DiffVersions: which versions are compared, and in what they differ.

use claimdb::proto::claimdb::v1;
use tonic::{Code, Status};

use super::support::{Clients, TEXT, details, fields, named, seed, serve};

/// A difference: its path, the old and the new value, empty where there is none.
type Row = (String, String, String);

async fn diff(clients: &mut Clients, name: &str, from: Option<u64>, to: Option<u64>) -> v1::DiffVersionsResponse {
    try_diff(clients, name, from, to).await.unwrap()
}

async fn try_diff(
    clients: &mut Clients,
    name: &str,
    from_revision: Option<u64>,
    to_revision: Option<u64>,
) -> Result<v1::DiffVersionsResponse, Status> {
    let request = v1::DiffVersionsRequest { name: name.into(), from_revision, to_revision, ..Default::default() };
    Ok(clients.records.diff_versions(request).await?.into_inner())
}

fn rows(response: &v1::DiffVersionsResponse) -> Vec<Row> {
    let json = |value: &Option<v1::FieldValue>| value.as_ref().map(|value| value.json.clone()).unwrap_or_default();
    let row = |row: &v1::FieldDifference| (row.path.clone(), json(&row.old_value), json(&row.new_value));
    assert_eq!(response.difference_count as usize, response.differences.len());
    response.differences.iter().map(row).collect()
}

fn row(path: &str, old: &str, new: &str) -> Row {
    (path.into(), old.into(), new.into())
}

/// Revises fields of the claim `claims/killed`.
async fn revise(clients: &mut Clients, claim: v1::Claim, paths: &[&str]) -> u64 {
    let claim = v1::Claim { name: "claims/killed".into(), ..claim };
    let revise = v1::Revise {
        record: Some(v1::revise::Record::Claim(claim)),
        update_mask: Some(prost_types::FieldMask { paths: paths.iter().map(|path| (*path).into()).collect() }),
        reason: "read wrongly".into(),
        ..Default::default()
    };
    let recorder = Some(v1::Recorder { tool: "desk".into(), ..Default::default() });
    let request = v1::ReviseRequest { revise: Some(revise), recorder, ..Default::default() };
    clients.records.revise(request).await.unwrap().into_inner().commit.unwrap().revision
}

#[tokio::test]
async fn the_newest_version_is_compared_with_the_one_before_and_both_say_what_made_them() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let figure = v1::Figure {
        id: "f1".into(),
        verbatim: "Nearly 2,000".into(),
        metric: Some(v1::Metric { key: "soldiers.wounded".into(), ..Default::default() }),
        ..Default::default()
    };
    let labels = [("topic".to_owned(), "war".to_owned())].into();
    let claim =
        v1::Claim { statement: "They were killed.".into(), figures: vec![figure], labels, ..Default::default() };
    revise(&mut clients, claim, &["statement", "figures.f1", "labels"]).await;
    let found = diff(&mut clients, "claims/killed", None, None).await;
    assert_eq!(
        rows(&found),
        [
            row("statement", "\"Soldiers were killed.\"", "\"They were killed.\""),
            row("figures.f1.metric.key", "\"soldiers.killed\"", "\"soldiers.wounded\""),
            row("labels.topic", "", "\"war\""),
        ]
    );
    let (from, to) = (found.from.unwrap(), found.to.unwrap());
    assert_eq!((from.action(), to.action()), (v1::Action::Created, v1::Action::Revised));
    let (from, to) = (from.metadata.unwrap(), to.metadata.unwrap());
    assert_eq!((from.revision, to.revision, found.read.unwrap().revision), (1, 2, 2));
    assert_eq!((to.reason.as_str(), to.recorder.unwrap().tool.as_str()), ("read wrongly", "desk"));
    assert!(to.update_time.is_some());
}

#[tokio::test]
async fn versions_are_those_that_held_as_of_the_revisions() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let statement = |text: &str| v1::Claim { statement: text.into(), ..Default::default() };
    revise(&mut clients, statement("Two."), &["statement"]).await;
    // Not this record's.
    let other = super::support::claim("claims/other", "Other.", named("Ann"));
    clients.record(v1::RecordRequest { claims: vec![other], ..Default::default() }).await.unwrap();
    assert_eq!(revise(&mut clients, statement("Four."), &["statement"]).await, 4);
    let statement = |old: &str, new: &str| vec![row("statement", &format!("\"{old}\""), &format!("\"{new}\""))];
    let first = "Soldiers were killed.";
    for (from, to, expected) in [
        (None, None, statement("Two.", "Four.")),
        (Some(1), None, statement(first, "Four.")),
        (Some(1), Some(2), statement(first, "Two.")),
        (Some(1), Some(3), statement(first, "Two.")),
        (None, Some(3), statement(first, "Two.")),
        (Some(2), Some(3), vec![]),
        (Some(4), Some(1), statement("Four.", first)),
    ] {
        assert_eq!(rows(&diff(&mut clients, "claims/killed", from, to).await), expected, "{from:?} {to:?}");
    }
    // Before it was made there was nothing: every field is new.
    for (from, to) in [(None, Some(1)), (Some(0), Some(1))] {
        let found = diff(&mut clients, "claims/killed", from, to).await;
        assert_eq!(found.from, None);
        let paths: Vec<Row> = rows(&found);
        assert!(paths.iter().all(|(_, old, new)| old.is_empty() && !new.is_empty()), "{paths:?}");
        for path in ["name", "statement", "attributions[0]", "figures.f1", "hedges[0]", "metadata.status"] {
            assert!(paths.iter().any(|(found, ..)| found == path), "{path} {paths:?}");
        }
    }
}

#[tokio::test]
async fn a_retraction_and_its_undoing_are_a_difference_of_status_alone() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let retract = v1::Retract {
        name: "claims/killed".into(),
        retracted_by: v1::RetractedBy::Recorder.into(),
        reason: "twice".into(),
        ..Default::default()
    };
    let request = v1::RetractRequest { retract: Some(retract), ..Default::default() };
    clients.records.retract(request).await.unwrap();
    let (active, retracted) = ("\"RECORD_STATUS_ACTIVE\"", "\"RECORD_STATUS_RETRACTED\"");
    let found = diff(&mut clients, "claims/killed", None, None).await;
    assert_eq!(rows(&found), [row("metadata.status", active, retracted)]);
    assert_eq!(found.to.unwrap().metadata.unwrap().retraction.unwrap().reason, "twice");
    let reinstate = v1::Reinstate { name: "claims/killed".into(), reason: "stands".into(), ..Default::default() };
    let request = v1::ReinstateRequest { reinstate: Some(reinstate), ..Default::default() };
    clients.records.reinstate(request).await.unwrap();
    let found = diff(&mut clients, "claims/killed", None, None).await;
    assert_eq!(rows(&found), [row("metadata.status", retracted, active)]);
    assert_eq!(rows(&diff(&mut clients, "claims/killed", Some(1), None).await), []);
}

#[tokio::test]
async fn another_text_of_an_article_is_a_difference() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let article = v1::Article {
        name: "articles/a".into(),
        text: format!("{TEXT} Nobody at all."),
        on_conflict: v1::ConflictPolicy::Update.into(),
        ..Default::default()
    };
    clients.record(v1::RecordRequest { articles: vec![article], ..Default::default() }).await.unwrap();
    let found = rows(&diff(&mut clients, "articles/a", None, None).await);
    let text = found.iter().find(|(path, ..)| path == "text").expect("the text differs");
    assert_eq!(
        (text.1.as_str(), text.2.as_str()),
        (format!("\"{TEXT}\"").as_str(), format!("\"{TEXT} Nobody at all.\"").as_str())
    );
    assert!(found.iter().all(|(path, ..)| path.starts_with("text")), "{found:?}");
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let status = try_diff(&mut clients, "claims/none", None, None).await.unwrap_err();
    assert_eq!((status.code(), details(&status).0.as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"));
    let status = try_diff(&mut clients, "claims/killed", None, Some(0)).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    for (from, to) in [(Some(2), None), (None, Some(2)), (Some(u64::MAX), Some(1))] {
        let status = try_diff(&mut clients, "claims/killed", from, to).await.unwrap_err();
        assert_eq!((status.code(), details(&status).0.as_str()), (Code::OutOfRange, "REVISION_IN_FUTURE"));
    }
    for name in ["", "claims", "nowhere/x", "#a"] {
        let status = try_diff(&mut clients, name, None, None).await.unwrap_err();
        assert_eq!(fields(&status, "FIELD_INVALID"), ["name"]);
    }
}

#[tokio::test]
async fn versions_are_named_by_times_as_by_revisions() {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let statement = |text: &str| v1::Claim { statement: text.into(), ..Default::default() };
    revise(&mut clients, statement("Two."), &["statement"]).await;
    revise(&mut clients, statement("Three."), &["statement"]).await;
    let mut times = Vec::new();
    for revision in 1..=3 {
        times.push(diff(&mut clients, "claims/killed", None, Some(revision)).await.read.unwrap().commit_time);
    }
    let time = |index: usize| times[index];
    let request = v1::DiffVersionsRequest { name: "claims/killed".into(), ..Default::default() };
    for (from_time, to_time, from, to) in [
        (time(0), None, Some(1), None),
        (time(0), time(1), Some(1), Some(2)),
        (None, time(1), None, Some(2)),
        (time(2), time(0), Some(3), Some(1)),
    ] {
        let by_time = v1::DiffVersionsRequest { from_time, to_time, ..request.clone() };
        let found = clients.records.diff_versions(by_time).await.unwrap().into_inner();
        let by_revision = diff(&mut clients, "claims/killed", from, to).await;
        assert_eq!(found, by_revision, "{from:?} {to:?}");
        assert_ne!(rows(&found), []);
    }
    let mixed = v1::DiffVersionsRequest { from_revision: Some(1), to_time: time(2), ..request.clone() };
    assert_eq!(rows(&clients.records.diff_versions(mixed).await.unwrap().into_inner()).len(), 1);
    let both = v1::DiffVersionsRequest {
        from_revision: Some(1),
        from_time: time(0),
        to_revision: Some(2),
        to_time: time(1),
        ..request.clone()
    };
    let status = clients.records.diff_versions(both).await.unwrap_err();
    assert_eq!(fields(&status, "FIELD_INVALID"), ["from_time", "to_time"]);
    let later = Some(prost_types::Timestamp { seconds: 250_000_000_000, nanos: 0 });
    for future in [
        v1::DiffVersionsRequest { from_time: later, ..request.clone() },
        v1::DiffVersionsRequest { to_time: later, ..request.clone() },
    ] {
        let status = clients.records.diff_versions(future).await.unwrap_err();
        assert_eq!(details(&status).0, "REVISION_IN_FUTURE");
    }
}
