//! What requests are refused for, with the paths.

use super::reader::Violations;
use crate::domain::model::ErrorReason;
use crate::domain::plan::Batch;
use crate::proto::claimdb::v1;

fn hop(display_name: &str) -> v1::Attribution {
    let source = v1::SourceRef { display_name: display_name.into(), ..Default::default() };
    v1::Attribution { source: Some(source), ..Default::default() }
}

fn claim() -> v1::Claim {
    v1::Claim { statement: "It rained.".into(), attributions: vec![hop("Ann")], ..Default::default() }
}

fn read(request: v1::RecordRequest) -> Result<Batch, Violations> {
    super::record(request).map_err(|unreadable| unreadable.violations)
}

pub(super) fn with_claim(change: impl FnOnce(&mut v1::Claim)) -> Result<Batch, Violations> {
    let mut claim = claim();
    change(&mut claim);
    read(v1::RecordRequest { claims: vec![claim], ..Default::default() })
}

#[test]
fn what_is_no_name_is_told_what_one_looks_like_there() {
    let wrong = |name: &str| {
        let mut r = super::reader::Reader::default();
        r.name_of("article", name, crate::domain::name::RecordKind::Article);
        r.finish(Some(())).unwrap_err().listed.remove(0).message
    };
    assert_eq!(wrong("#a"), "\"#a\" is not a name like articles/{id}");
    assert_eq!(wrong("claims/a"), "claims/a is not one of articles");
}

#[test]
fn a_reference_of_a_wrong_form_is_told_what_one_looks_like_there() {
    let article = with_claim(|claim| claim.article = "nope".into());
    assert_eq!(message(article), "\"nope\" is not a name like articles/{id}");
    let source = v1::SourceRef { name: "nope".into(), ..Default::default() };
    let source = with_claim(|claim| claim.attributions = vec![v1::Attribution { source: Some(source), ..hop("") }]);
    assert_eq!(message(source), "\"nope\" is not a name like sources/{id}");
}

#[test]
fn too_many_records_are_refused_where_most_of_them_are() {
    let request = v1::RecordRequest {
        articles: vec![v1::Article::default(); 2],
        claims: vec![claim(); 999],
        ..Default::default()
    };
    let violation = read(request).unwrap_err().listed.remove(0);
    assert_eq!((violation.path.as_str(), violation.reason), ("claims", ErrorReason::LimitExceeded));
}

#[test]
fn an_article_that_could_be_any_is_refused() {
    let recorded = |article: v1::Article| read(v1::RecordRequest { articles: vec![article], ..Default::default() });
    let any = [
        v1::Article::default(),
        v1::Article { key: "a".into(), language: "en".into(), title: " ".into(), ..Default::default() },
    ];
    for article in any {
        let violation = recorded(article).unwrap_err().listed.remove(0);
        assert_eq!((violation.path.as_str(), violation.reason), ("articles[0]", ErrorReason::FieldInvalid));
        assert!(violation.message.starts_with("an article needs a URL, an external id"), "{}", violation.message);
    }
    let publisher = v1::SourceRef { display_name: "The Times".into(), ..Default::default() };
    let one = [
        v1::Article { name: "articles/a".into(), ..Default::default() },
        v1::Article { urls: vec!["https://example.com/a".into()], ..Default::default() },
        v1::Article { title: "Rain".into(), ..Default::default() },
        v1::Article { text: "It rained.".into(), ..Default::default() },
        v1::Article { bylines: vec![publisher.clone()], ..Default::default() },
        v1::Article { publisher: Some(publisher), ..Default::default() },
    ];
    for article in one {
        recorded(article).unwrap();
    }
}

#[test]
fn a_metric_is_told_what_it_must_be() {
    let mut r = super::reader::Reader::default();
    super::figure::metric_key(&mut r, "metric", "Troops killed".to_owned());
    let message = r.finish(Some(())).unwrap_err().listed.remove(0).message;
    assert_eq!(
        message,
        "\"Troops killed\" must be segments of a-z, 0-9, '-' and '_', separated by '.', as in north-korea.troops.killed"
    );
}

fn message(read: Result<Batch, Violations>) -> String {
    read.unwrap_err().listed.remove(0).message
}

pub(super) fn paths(read: Result<Batch, Violations>) -> Vec<String> {
    read.unwrap_err().listed.into_iter().map(|violation| violation.path).collect()
}

/// Checks which paths are refused once a valid claim is changed.
macro_rules! refuses {
    ($($path:literal => |$claim:ident| $change:expr;)*) => {
        $(assert_eq!(paths(with_claim(|$claim| { $change; })), [concat!("claims[0].", $path)], $path);)*
    };
}

fn span(start: Option<u32>, end: Option<u32>, exact: &str) -> v1::Span {
    v1::Span { start, end, exact: exact.into(), ..Default::default() }
}

#[test]
fn a_claim_is_refused_at_the_field_that_is_wrong() {
    with_claim(|_| {}).unwrap();
    refuses! {
        "name" => |c| c.name = "articles/a".into();
        "name" => |c| c.name = "claims/A".into();
        "key" => |c| c.key = "a b".into();
        "on_conflict" => |c| c.on_conflict = 4;
        "on_conflict" => |c| c.on_conflict = 9;
        "statement" => |c| c.statement = " ".into();
        "statement" => |c| c.statement = "x".repeat(16 * 1024 + 1);
        "statement" => |c| c.statement = "a\0b".into();
        "language" => |c| c.language = "en_GB!".into();
        "article" => |c| c.article = "sources/a".into();
        "article" => |c| c.article = "#nobody".into();
        "spans" => |c| c.spans = vec![span(None, None, "a"); 33];
        "spans[1].exact" => |c| c.spans = vec![span(None, None, "a"), span(None, None, "")];
        "spans[0].end" => |c| c.spans = vec![span(Some(3), None, "")];
        "spans[0].start" => |c| c.spans = vec![span(None, Some(3), "")];
        "spans[0].end" => |c| c.spans = vec![span(Some(3), Some(3), "")];
        "spans[0].end" => |c| c.spans = vec![span(Some(0), Some(20_000), "")];
        "spans[0].text_sha256" => |c| c.spans = vec![v1::Span { text_sha256: "AB".into(), ..span(None, None, "a") }];
        "kinds[0]" => |c| c.kinds = vec![0];
        "kinds[1]" => |c| c.kinds = vec![1, 99];
        "kinds[1]" => |c| c.kinds = vec![1, 1];
        "presentation" => |c| c.presentation = -1;
        "attributions" => |c| c.attributions.clear();
        "attributions" => |c| c.attributions = vec![hop("Ann"); 17];
        "attributions[0].source" => |c| c.attributions[0].source = None;
        "attributions[0].source" => |c| c.attributions[0].source = Some(v1::SourceRef::default());
        "attributions[0].source.name" => |c| c.attributions[0].source.as_mut().unwrap().name = "sources/a".into();
        "attributions[0].source.kind" => |c| c.attributions[0].source.as_mut().unwrap().kind = 13;
        "attributions[0].source.handle" => |c| c.attributions[0].source.as_mut().unwrap().handle = "@ann".into();
        "attributions[0].addressees[1]" => |c| c.attributions[0].addressees = vec![
            v1::SourceRef { display_name: "Bo".into(), ..Default::default() }, v1::SourceRef::default()
        ];
        "attributions[0].cue.exact" => |c| c.attributions[0].cue = Some(v1::Span::default());
        "attributions[0].certainty" => |c| c.attributions[0].certainty = 7;
        "attributions[0].said_time.edtf" => |c| c.attributions[0].said_time = Some(v1::ApproximateTime {
            edtf: "yesterday".into(), ..Default::default()
        });
        "hedges[0].kind" => |c| c.hedges = vec![v1::Hedge::default()];
        "hedges[0].attribution_index" => |c| c.hedges = vec![v1::Hedge {
            kind: 1, attribution_index: Some(1), ..Default::default()
        }];
        "entities[0].label" => |c| c.entities = vec![v1::EntityRef::default()];
        "event_time.edtf" => |c| c.event_time = Some(v1::ApproximateTime { edtf: "2017-13".into(), ..Default::default() });
        "place.longitude" => |c| c.place = Some(v1::Place { latitude: "48".into(), ..Default::default() });
        "place.latitude" => |c| c.place = Some(v1::Place {
            latitude: "90.1".into(), longitude: "0".into(), ..Default::default()
        });
        "external_ids[0].scheme" => |c| c.external_ids = vec![v1::ExternalId { scheme: "X".into(), id: "1".into() }];
        "external_ids[0].id" => |c| c.external_ids = vec![v1::ExternalId { scheme: "x".into(), id: String::new() }];
        "labels" => |c| c.labels.insert(String::new(), "x".into());
        "labels.desk" => |c| c.labels.insert("desk".into(), "x".repeat(257));
    }
}

#[test]
fn keys_names_and_ends_must_fit_together() {
    let relation = |from: &str, r#type: i32, to: &str| v1::Relation {
        from: from.into(),
        r#type,
        to: to.into(),
        ..Default::default()
    };
    let request = |relations| v1::RecordRequest {
        claims: vec![v1::Claim { key: "c".into(), ..claim() }],
        relations,
        ..Default::default()
    };
    read(request(vec![relation("#c", 1, "claims/x"), relation("#c", 15, "articles/x")])).unwrap();
    let wrong = vec![
        relation("#c", 1, "articles/x"),
        relation("#c", 1, "#c"),
        relation("#d", 1, "claims/x"),
        relation("", 0, ""),
        relation("claims/x", 99, "claims/y"),
    ];
    let expected = [
        "relations[0].type",
        "relations[1].to",
        "relations[2].from",
        "relations[3].from",
        "relations[3].to",
        "relations[3].type",
        "relations[4].type",
    ];
    assert_eq!(paths(read(request(wrong))), expected);
    let mut twice = request(vec![]);
    twice.sources = vec![v1::Source { key: "c".into(), display_name: "Ann".into(), ..Default::default() }; 2];
    twice.articles = vec![v1::Article { name: "articles/a".into(), ..Default::default() }; 2];
    assert_eq!(paths(read(twice)), ["sources[1].key", "claims[0].key", "articles[1].name"]);
}

#[test]
fn articles_sources_and_assessments_are_refused_at_the_field_that_is_wrong() {
    let article = v1::Article {
        urls: vec!["nowhere".into()],
        text: "abc".into(),
        text_sha256: "0".repeat(64),
        sections: vec![v1::Section { kind: 1, start: 0, end: 2 }, v1::Section { kind: 0, start: 1, end: 1 }],
        publisher: Some(v1::SourceRef { kind: 13, ..Default::default() }),
        retrieve_time: Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 }),
        ..Default::default()
    };
    let sources = vec![
        v1::Source::default(),
        v1::Source { kind: 12, ..Default::default() },
        v1::Source { platform: "x".into(), handle: "ann".into(), ..Default::default() },
        v1::Source {
            display_name: "A".into(),
            aliases: vec![String::new()],
            urls: vec!["x".into()],
            ..Default::default()
        },
    ];
    let assessor = Some(v1::SourceRef { display_name: "Checker".into(), ..Default::default() });
    let assessments = vec![
        v1::Assessment::default(),
        v1::Assessment { target: "claims/a".into(), assessor: assessor.clone(), reliability: 1, ..Default::default() },
        v1::Assessment { target: "sources/a".into(), assessor: assessor.clone(), credibility: 1, ..Default::default() },
        v1::Assessment {
            target: "claims/a/figures/f1".into(),
            assessor,
            credibility: 1,
            scheme: "a b".into(),
            ..Default::default()
        },
    ];
    let request = v1::RecordRequest { articles: vec![article], sources, assessments, ..Default::default() };
    let expected = [
        "articles[0].text_sha256",
        "articles[0].urls[0]",
        "articles[0].publisher.kind",
        "articles[0].retrieve_time",
        "articles[0].sections[1].kind",
        "articles[0].sections[1].end",
        "articles[0].sections[1].start",
        "sources[0].display_name",
        "sources[1].scope_article",
        "sources[3].aliases[0]",
        "sources[3].urls[0]",
        "assessments[0].target",
        "assessments[0].assessor",
        "assessments[1].reliability",
        "assessments[2].credibility",
        "assessments[3].scheme",
    ];
    assert_eq!(paths(read(request)), expected);
}

#[test]
fn the_request_itself_is_checked() {
    let request = v1::RecordRequest {
        request_id: "a b".into(),
        recorder: Some(v1::Recorder { extraction_confidence: "1.01".into(), ..Default::default() }),
        revise: vec![v1::Revise::default()],
        retract: vec![v1::Retract { name: "claims/a".into(), include_claims: true, ..Default::default() }],
        reinstate: vec![v1::Reinstate::default()],
        preconditions: vec![v1::Precondition { name: "claims/a".into(), condition: None }],
        ..Default::default()
    };
    let expected = [
        "request_id",
        "recorder.tool",
        "recorder.extraction_confidence",
        "revise[0]",
        "retract[0].retracted_by",
        "retract[0].reason",
        "retract[0].include_claims",
        "reinstate[0].name",
        "reinstate[0].reason",
        "preconditions[0]",
    ];
    assert_eq!(paths(read(request)), expected);
    let many = v1::RecordRequest { claims: vec![claim(); 1001], ..Default::default() };
    let violations = read(many).unwrap_err();
    assert_eq!(violations.reason, crate::domain::model::ErrorReason::LimitExceeded);
}

#[test]
fn a_request_is_known_again_by_everything_but_its_id() {
    let digest = |id: &str, statement: &str| {
        let mut labels = std::collections::BTreeMap::new();
        labels.extend((0..20).map(|index| (format!("k{index}"), String::new())));
        let claims = vec![v1::Claim { statement: statement.into(), labels, ..claim() }];
        let request = v1::RecordRequest { request_id: id.into(), claims, ..Default::default() };
        read(request).unwrap().request.map(|request| request.digest)
    };
    assert_eq!(digest("", "a"), None);
    assert_eq!(digest("1", "a"), digest("2", "a"));
    assert_ne!(digest("1", "a"), digest("1", "b"));
}

#[test]
fn more_words_than_one_request_may_have_looked_for_are_refused() {
    let request = |mentions: usize, figures: usize| {
        let mentioning = v1::EntityRef {
            label: "Ann".into(),
            mentions: vec![span(None, None, "Ann"); mentions],
            ..Default::default()
        };
        let figure = v1::Figure { verbatim: "5".into(), ..Default::default() };
        let claim = v1::Claim { entities: vec![mentioning; 10], figures: vec![figure; figures], ..claim() };
        read(v1::RecordRequest { claims: vec![claim; 40], ..Default::default() })
    };
    // 40 times 10 times 25, which are all that are allowed.
    request(25, 0).unwrap();
    let refused = request(25, 1).unwrap_err();
    assert_eq!(refused.reason, crate::domain::model::ErrorReason::LimitExceeded);
    assert!(refused.listed[0].message.ends_with("these are 10040"), "{refused:?}");
}
