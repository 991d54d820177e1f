//! Queries of sources and articles, and by the time of recording.

use claimdb::proto::claimdb::v1;

use super::queries::filled;
use super::support::{Clients, named, serve};

/// What is recorded has a time in whole microseconds; ends of a range that lie between two are exact, too.
#[tokio::test]
async fn a_range_of_recording_times_is_half_open_to_the_nanosecond() {
    let mut clients = filled().await;
    let request = v1::GetClaimRequest { name: first_claim(&mut clients).await, ..Default::default() };
    let claim = clients.claims.get_claim(request).await.unwrap().into_inner().claim.unwrap();
    let time = claim.metadata.unwrap().create_time.unwrap();
    let later = |nanos| Some(prost_types::Timestamp { nanos: time.nanos + nanos, ..time });
    for (start, end, is_in) in
        [(later(0), later(1), true), (None, later(0), false), (None, later(999), true), (later(1), None, false)]
    {
        let recorded = Some(v1::RecordedFilter { start_time: start, end_time: end });
        let filter = v1::ClaimFilter { recorded, ..Default::default() };
        let request = v1::QueryClaimsRequest { filter: Some(filter), page_size: 1000, ..Default::default() };
        let found = clients.claims.query_claims(request).await.unwrap().into_inner().claims;
        assert_eq!(found.iter().any(|found| found.name == claim.name), is_in, "{start:?} to {end:?}");
    }
}

/// A source that is given inline is the one that a write takes it for, also where more have its name than are looked at.
#[tokio::test]
async fn a_source_in_a_filter_is_looked_for_among_the_newest_of_its_name() {
    let mut clients = serve().await;
    let desk = |name: String, kind: v1::SourceKind| v1::Source {
        name,
        display_name: "Desk".into(),
        kind: kind.into(),
        on_conflict: v1::ConflictPolicy::Distinct.into(),
        ..Default::default()
    };
    let sources = (0..1_000).map(|index| desk(format!("sources/person-{index}"), v1::SourceKind::Person)).collect();
    clients.records.record(v1::RecordRequest { sources, ..Default::default() }).await.unwrap();
    let outlet = vec![desk("sources/outlet".into(), v1::SourceKind::NewsOutlet)];
    clients.records.record(v1::RecordRequest { sources: outlet, ..Default::default() }).await.unwrap();
    let inline =
        v1::SourceRef { display_name: "Desk".into(), kind: v1::SourceKind::NewsOutlet.into(), ..Default::default() };
    let hop = v1::Attribution { source: Some(inline.clone()), ..Default::default() };
    let claim = v1::Claim { statement: "It rains.".into(), attributions: vec![hop], ..Default::default() };
    clients.records.record(v1::RecordRequest { claims: vec![claim], ..Default::default() }).await.unwrap();
    let request = v1::ListClaimsRequest { source: Some(inline), ..Default::default() };
    let claims = clients.claims.list_claims(request).await.unwrap().into_inner().claims;
    let [claim] = &claims[..] else { panic!("one claim: {claims:?}") };
    assert_eq!(claim.attributions[0].source.as_ref().unwrap().name, "sources/outlet");
}

async fn first_claim(clients: &mut Clients) -> String {
    let request = v1::QueryClaimsRequest { page_size: 1, ..Default::default() };
    clients.claims.query_claims(request).await.unwrap().into_inner().claims.remove(0).name
}

#[tokio::test]
async fn sources_and_articles_are_found_by_what_is_known_of_them() {
    let mut clients = filled().await;
    use v1::SourceFilter as S;
    for (filter, expected) in [
        (S { name_prefixes: vec!["count".into()], ..S::default() }, vec!["Ada"]),
        (
            S { name_prefixes: vec!["COUNTESS OF LOVE".into(), "the p".into()], ..S::default() },
            vec!["Ada", "The Paper"],
        ),
        (S { name_prefixes: vec!["countess of lovf".into()], ..S::default() }, vec![]),
        (S { name_prefixes: vec![" countess ".into(), "adA ".into()], ..S::default() }, vec!["Ada"]),
        (S { name_prefixes: vec!["countess o ".into()], ..S::default() }, vec![]),
        (
            S {
                external_ids: (0..100).map(|id| v1::ExternalId { scheme: "x".into(), id: id.to_string() }).collect(),
                ..S::default()
            },
            vec![],
        ),
        (S { name_prefixes: vec!["analysts".into()], ..S::default() }, vec![]),
        (S { kinds: vec![v1::SourceKind::Person.into()], ..S::default() }, vec!["Ada"]),
        (S { platforms: vec!["telegram".into()], handles: vec!["ada_l".into()], ..S::default() }, vec!["Ada"]),
        (S { scope_articles: vec!["articles/a".into()], ..S::default() }, vec!["analysts"]),
    ] {
        let request = v1::QuerySourcesRequest { filter: Some(filter.clone()), ..Default::default() };
        let mut names: Vec<String> = Vec::new();
        for source in clients.sources.query_sources(request).await.unwrap().into_inner().sources {
            names.push(source.display_name);
        }
        names.sort();
        assert_eq!(names, expected, "{filter:?}");
    }
    use v1::ArticleFilter as A;
    let published = v1::TimeFilter { overlaps: "2017".into(), include_unknown: false };
    for (filter, expected) in [
        (A { urls: vec!["HTTPS://NEWS.example:443/b#top".into()], ..A::default() }, vec!["articles/b"]),
        (A { publishers: vec![named("The Outlet")], ..A::default() }, vec!["articles/a"]),
        (A { publish_time: Some(published), ..A::default() }, vec!["articles/b"]),
        (A { none_of: vec![A { languages: vec!["en".into()], ..A::default() }], ..A::default() }, vec!["articles/b"]),
    ] {
        let order = v1::ArticleOrder::PublishedDesc.into();
        let request = v1::QueryArticlesRequest { filter: Some(filter.clone()), order, ..Default::default() };
        let found = clients.articles.query_articles(request).await.unwrap().into_inner().articles;
        let names: Vec<&str> = found.iter().map(|article| article.name.as_str()).collect();
        assert_eq!(names, expected, "{filter:?}");
    }
}
