//! Queries and counts: what each field of a filter means, in which order answers come, and what is refused.

use claimdb::proto::claimdb::v1;

use super::support::{Clients, by_name, claim, fields, hop, named, seed, serve};

fn time(edtf: &str) -> Option<v1::ApproximateTime> {
    Some(v1::ApproximateTime { edtf: edtf.into(), ..Default::default() })
}

/// The seed, and claims of other articles and of none.
pub(super) async fn filled() -> Clients {
    let mut clients = serve().await;
    clients.record(seed()).await.unwrap();
    let mut other = claim("claims/other", "Outro.", named("The Outlet"));
    other.language = "pt-BR".into();
    other.event_time = time("2017-05");
    other.labels = [("desk".to_owned(), "east".to_owned())].into();
    let mut speech = claim("claims/speech", "I said so.", named("Ada"));
    speech.attributions[0].role = v1::AttributionRole::Speaker.into();
    speech.attributions.push(hop(named("The Agency")));
    speech.kinds = vec![v1::ClaimKind::Quote.into(), v1::ClaimKind::Opinion.into()];
    speech.presentation = v1::Presentation::Quoted.into();
    speech.event_time = time("2017-05-03");
    speech.external_ids = vec![v1::ExternalId { scheme: "ucdp".into(), id: "7".into() }];
    speech.entities = vec![v1::EntityRef {
        label: "Kyiv".into(),
        external_ids: vec![v1::ExternalId { scheme: "wikidata".into(), id: "Q1899".into() }],
        ..Default::default()
    }];
    let article = v1::Article {
        name: "articles/b".into(),
        urls: vec!["https://news.example/b".into()],
        publisher: Some(named("The Paper")),
        publish_time: time("2017-06-01"),
        ..Default::default()
    };
    other.article = "articles/b".into();
    let relation = v1::Relation {
        name: "relations/r".into(),
        from: "claims/speech".into(),
        r#type: v1::RelationType::Contradicts.into(),
        to: "claims/other".into(),
        ..Default::default()
    };
    let sources = vec![v1::Source {
        name: "sources/ada".into(),
        display_name: "Ada".into(),
        aliases: vec!["Countess of Lovelace".into()],
        kind: v1::SourceKind::Person.into(),
        platform: "Telegram".into(),
        handle: "Ada_L".into(),
        ..Default::default()
    }];
    clients
        .record(v1::RecordRequest {
            articles: vec![article],
            sources,
            claims: vec![other, speech],
            relations: vec![relation],
            ..Default::default()
        })
        .await
        .unwrap();
    clients
}

async fn found(clients: &mut Clients, request: v1::QueryClaimsRequest) -> Vec<String> {
    let (mut names, mut request) = (Vec::new(), v1::QueryClaimsRequest { page_size: 1, ..request });
    loop {
        let page = clients.claims.query_claims(request.clone()).await.unwrap().into_inner();
        assert!(page.claims.len() <= 1 && !page.scan_limited);
        names.extend(page.claims.into_iter().map(|claim| claim.name.replace("claims/", "")));
        if page.next_page_token.is_empty() {
            return names;
        }
        request.page_token = page.next_page_token;
    }
}

async fn meet(clients: &mut Clients, filter: v1::ClaimFilter) -> String {
    let count = v1::CountClaimsRequest { filter: Some(filter.clone()), ..Default::default() };
    let count = clients.claims.count_claims(count).await.unwrap().into_inner().count;
    let names = found(clients, v1::QueryClaimsRequest { filter: Some(filter), ..Default::default() }).await;
    assert_eq!(names.len() as u64, count);
    names.join(" ")
}

#[tokio::test]
async fn each_field_of_a_filter_means_what_it_says() {
    let mut clients = filled().await;
    let overlaps = |edtf: &str| Some(v1::TimeFilter { overlaps: edtf.into(), include_unknown: false });
    let related = |record: &str, end: v1::RelatedEnd, r#type: v1::RelationType| {
        vec![v1::RelatedFilter { record: record.into(), end: end.into(), types: vec![r#type.into()] }]
    };
    use v1::ClaimFilter as F;
    use v1::RelatedEnd::{From, To};
    use v1::RelationType::{Contradicts, Supports};
    let wikidata = v1::ExternalId { scheme: "wikidata".into(), id: "Q1899".into() };
    let entity = |label: &str, external_id| v1::EntityFilter { label: label.into(), external_id };
    let none = F::default;
    let cases = [
        (none(), "killed unknown other speech"),
        (F { articles: vec!["articles/a".into()], ..none() }, "killed unknown"),
        (F { articles: vec!["articles/a".into(), "articles/b".into()], ..none() }, "killed unknown other"),
        (F { articles: vec!["articles/none".into()], ..none() }, ""),
        (F { publishers: vec![named("The Paper")], ..none() }, "other"),
        (F { sources: vec![named("The Outlet")], ..none() }, "killed unknown other"),
        (F { origins: vec![named("The Outlet")], ..none() }, "unknown other"),
        (F { sources: vec![named("Ada")], ..none() }, "speech"),
        (F { origins: vec![by_name("sources/ada")], ..none() }, ""),
        (F { origins: vec![named("The Agency"), named("Nobody")], ..none() }, "speech"),
        (F { speakers: vec![speaker("Ada", v1::AttributionRole::Speaker)], ..none() }, "speech"),
        (F { speakers: vec![speaker("Ada", v1::AttributionRole::Author)], ..none() }, ""),
        (F { speakers: vec![speaker("The Paper", v1::AttributionRole::Publisher)], ..none() }, "other"),
        (F { entities: vec![entity("KYIV", None)], ..none() }, "speech"),
        (F { entities: vec![entity("", Some(wikidata))], ..none() }, "speech"),
        (F { metrics: vec!["soldiers.killed".into()], ..none() }, "killed"),
        (F { metrics: vec!["soldiers".into()], ..none() }, ""),
        (F { metric_prefixes: vec!["soldiers".into()], ..none() }, "killed"),
        (F { metric_prefixes: vec!["soldier".into()], ..none() }, ""),
        (F { kinds: vec![v1::ClaimKind::Opinion.into()], ..none() }, "speech"),
        (F { presentations: vec![v1::Presentation::Quoted.into()], ..none() }, "speech"),
        (F { origin_certainties: vec![v1::Certainty::Probable.into()], ..none() }, "killed"),
        (F { hedges: vec![v1::HedgeKind::Reportive.into()], ..none() }, "killed"),
        (F { languages: vec!["pt".into()], ..none() }, "other"),
        (F { languages: vec!["pt-PT".into()], ..none() }, ""),
        (F { labels: [("desk".to_owned(), "east".to_owned())].into(), ..none() }, "other"),
        (F { event_time: overlaps("2017"), ..none() }, "other speech"),
        (F { event_time: overlaps("2017-05-31/.."), ..none() }, "other"),
        (F { event_time: overlaps("../2017-04"), ..none() }, ""),
        (F { publish_time: overlaps("2017-06-01T12:00:00Z"), ..none() }, "other"),
        (
            F { event_time: Some(v1::TimeFilter { overlaps: "2016".into(), include_unknown: true }), ..none() },
            "killed unknown",
        ),
        (F { related_to: related("claims/other", From, Contradicts), ..none() }, "speech"),
        (F { related_to: related("claims/other", To, Contradicts), ..none() }, ""),
        (F { related_to: related("claims/speech", To, Contradicts), ..none() }, "other"),
        (F { related_to: related("claims/other", From, Supports), ..none() }, ""),
        (F { external_ids: vec![v1::ExternalId { scheme: "ucdp".into(), id: "7".into() }], ..none() }, "speech"),
        (
            F {
                any_of: vec![
                    F { kinds: vec![v1::ClaimKind::Quote.into()], ..none() },
                    F { metric_prefixes: vec!["soldiers".into()], ..none() },
                ],
                ..none()
            },
            "killed speech",
        ),
        (
            F {
                sources: vec![named("The Outlet")],
                none_of: vec![
                    F { languages: vec!["pt".into()], ..none() },
                    F { event_time: overlaps("1900"), ..none() },
                    F { hedges: vec![v1::HedgeKind::Reportive.into()], ..none() },
                ],
                ..none()
            },
            "unknown",
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(meet(&mut clients, filter.clone()).await, expected, "{filter:?}");
    }
}

fn speaker(name: &str, role: v1::AttributionRole) -> v1::SpeakerFilter {
    v1::SpeakerFilter { source: Some(named(name)), role: role.into() }
}

#[tokio::test]
async fn sources_said_to_be_the_same_are_followed_on_request() {
    let mut clients = filled().await;
    let same = |from: &str, to: &str| v1::Relation {
        from: from.into(),
        r#type: v1::RelationType::SameAs.into(),
        to: to.into(),
        ..Default::default()
    };
    let source = |id: &str| v1::Source {
        name: format!("sources/{id}"),
        display_name: format!("Alias {id}"),
        ..Default::default()
    };
    let request = v1::RecordRequest {
        sources: vec![source("x"), source("y")],
        relations: vec![same("sources/x", "sources/ada"), same("sources/x", "sources/y")],
        ..Default::default()
    };
    clients.record(request).await.unwrap();
    for (follow_same_as, expected) in [(false, ""), (true, "speech")] {
        let filter = v1::ClaimFilter { sources: vec![by_name("sources/y")], follow_same_as, ..Default::default() };
        assert_eq!(meet(&mut clients, filter).await, expected);
    }
}

#[tokio::test]
async fn answers_come_in_the_order_asked_for() {
    let mut clients = filled().await;
    use v1::ClaimOrder as O;
    for (order, article, expected) in [
        (O::RecordedDesc, "", "speech other unknown killed"),
        (O::EventAsc, "", "other speech killed unknown"),
        (O::EventDesc, "", "speech other unknown killed"),
        (O::PublishedAsc, "", "other killed unknown speech"),
        (O::PositionAsc, "articles/a", "killed unknown"),
        (O::PositionDesc, "articles/a", "killed unknown"),
    ] {
        let articles: Vec<String> = Some(article.to_owned()).into_iter().filter(|name| !name.is_empty()).collect();
        let filter = Some(v1::ClaimFilter { articles, ..Default::default() });
        let request = v1::QueryClaimsRequest { filter, order: order.into(), ..Default::default() };
        let names = found(&mut clients, request).await;
        assert_eq!(names.join(" "), expected, "{order:?}");
    }
}

#[tokio::test]
async fn what_is_retracted_shows_when_asked_for_and_as_of_before() {
    let mut clients = filled().await;
    let retract = v1::RetractRequest {
        retract: Some(v1::Retract {
            name: "claims/speech".into(),
            retracted_by: v1::RetractedBy::Recorder.into(),
            reason: "a mistake".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    clients.records.retract(retract).await.unwrap();
    let (active, retracted) = (v1::RecordStatus::Active, v1::RecordStatus::Retracted);
    let before = v1::query_claims_request::AsOf::AsOfRevision(2);
    for (statuses, as_of, expected) in [
        (vec![], None, "killed unknown other"),
        (vec![retracted], None, "speech"),
        (vec![active, retracted], None, "killed unknown other speech"),
        (vec![], Some(before), "killed unknown other speech"),
        (vec![v1::RecordStatus::Erased], None, ""),
    ] {
        let statuses = statuses.into_iter().map(Into::into).collect();
        let request = v1::QueryClaimsRequest { statuses, as_of, ..Default::default() };
        assert_eq!(found(&mut clients, request.clone()).await.join(" "), expected, "{request:?}");
    }
}

#[tokio::test]
async fn claims_are_counted_in_groups() {
    let mut clients = filled().await;
    use v1::ClaimGrouping as G;
    for (group_by, groups, spanning, ungrouped) in [
        (G::Metric, vec![("soldiers.killed", 1)], 0, 3),
        (G::EventMonth, vec![("2017-05", 2)], 0, 2),
        (G::PublishMonth, vec![("2017-06", 1)], 0, 3),
    ] {
        let request = v1::CountClaimsRequest { group_by: group_by.into(), ..Default::default() };
        let counted = clients.claims.count_claims(request).await.unwrap().into_inner();
        let found: Vec<_> = counted.groups.iter().map(|group| (group.key.as_str(), group.count)).collect();
        assert_eq!((found, counted.spanning_count, counted.ungrouped_count), (groups, spanning, ungrouped));
        assert_eq!((counted.count, counted.next_page_token.as_str()), (4, ""));
    }
    for (group_by, total, groups) in [(G::Source, 7, 5), (G::Publisher, 3, 2)] {
        let request = v1::CountClaimsRequest { group_by: group_by.into(), ..Default::default() };
        let counted = clients.claims.count_claims(request).await.unwrap().into_inner();
        let sum: u64 = counted.groups.iter().map(|group| group.count).sum();
        assert_eq!((sum, counted.groups.len()), (total, groups), "{:?}", counted.groups);
    }
    let mut spanning = claim("claims/spanning", "It went on.", named("Ada"));
    spanning.event_time = time("2017-05/2017-06");
    clients.record(v1::RecordRequest { claims: vec![spanning], ..Default::default() }).await.unwrap();
    let request = v1::CountClaimsRequest { group_by: G::EventMonth.into(), ..Default::default() };
    assert_eq!(clients.claims.count_claims(request).await.unwrap().into_inner().spanning_count, 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_filter_is_said_all_at_once() {
    let mut clients = filled().await;
    let deep = (0..5)
        .fold(v1::ClaimFilter::default(), |inner, _| v1::ClaimFilter { any_of: vec![inner], ..Default::default() });
    let filter = v1::ClaimFilter {
        articles: vec!["claims/a".into(), "nonsense".into()],
        sources: vec![v1::SourceRef::default()],
        speakers: vec![v1::SpeakerFilter::default()],
        entities: vec![v1::EntityFilter::default()],
        kinds: vec![99],
        languages: vec!["no language".into()],
        event_time: Some(v1::TimeFilter { overlaps: "2017-13".into(), include_unknown: false }),
        publish_time: Some(v1::TimeFilter::default()),
        related_to: vec![v1::RelatedFilter { end: 9, ..Default::default() }],
        none_of: vec![deep],
        ..Default::default()
    };
    let request = v1::QueryClaimsRequest {
        filter: Some(filter),
        order: v1::ClaimOrder::PositionAsc.into(),
        page_size: -1,
        ..Default::default()
    };
    let status = clients.claims.query_claims(request).await.unwrap_err();
    assert_eq!(
        fields(&status, "FIELD_INVALID"),
        [
            "filter.articles[0]",
            "filter.articles[1]",
            "filter.sources[0]",
            "filter.speakers[0].role",
            "filter.speakers[0].source",
            "filter.entities[0]",
            "filter.kinds[0]",
            "filter.languages[0]",
            "filter.event_time.overlaps",
            "filter.publish_time.overlaps",
            "filter.related_to[0].record",
            "filter.related_to[0].end",
            "filter.none_of[0].any_of[0].any_of[0].any_of",
            "order",
            "page_size",
        ]
    );
    let many = v1::ClaimFilter { metrics: vec!["m".into(); 101], ..Default::default() };
    let request = v1::CountClaimsRequest { filter: Some(many), ..Default::default() };
    let status = clients.claims.count_claims(request).await.unwrap_err();
    assert_eq!(fields(&status, "LIMIT_EXCEEDED"), ["filter.metrics"]);
}

#[tokio::test]
async fn the_relations_that_a_filter_looks_at_are_bounded() {
    let mut clients = filled().await;
    for thousand in 0..5 {
        let relations = (0..1_000).map(|at| v1::Relation {
            name: format!("relations/r{thousand}-{at}"),
            from: "claims/speech".into(),
            r#type: v1::RelationType::Contradicts.into(),
            to: "claims/other".into(),
            ..Default::default()
        });
        clients.record(v1::RecordRequest { relations: relations.collect(), ..Default::default() }).await.unwrap();
    }
    // With the first one 5,001, none of which leads from the other claim.
    let related =
        v1::RelatedFilter { record: "claims/other".into(), end: v1::RelatedEnd::To.into(), ..Default::default() };
    let mut request = v1::QueryClaimsRequest {
        filter: Some(v1::ClaimFilter { related_to: vec![related.clone()], ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(clients.claims.query_claims(request.clone()).await.unwrap().into_inner().claims, []);
    let filter = request.filter.as_mut().unwrap();
    filter.any_of = vec![v1::ClaimFilter { related_to: vec![related], ..Default::default() }];
    let status = clients.claims.query_claims(request).await.unwrap_err();
    assert_eq!(fields(&status, "LIMIT_EXCEEDED"), ["filter.any_of[0].related_to[0]"]);
}
