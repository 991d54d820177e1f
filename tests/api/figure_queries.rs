//! Questions about figures over a socket: what is answered, page by page, and what is refused.

use claimdb::proto::claimdb::v1;
use v1::interval::{Lower, Upper};
use v1::query_figures_request::{AsOf, MetricAsked};

use super::support::{Clients, claim, fields, named, serve};

pub(super) fn figure(value: &str, metric: &str) -> v1::Figure {
    v1::Figure {
        value: value.into(),
        kind: v1::FigureKind::Count.into(),
        metric: (!metric.is_empty()).then(|| v1::Metric { key: metric.into(), ..Default::default() }),
        ..Default::default()
    }
}

pub(super) fn ucum(code: &str) -> Option<v1::Unit> {
    Some(v1::Unit { system: v1::UnitSystem::Ucum.into(), code: code.into(), ..Default::default() })
}

fn measured(value: &str, unit: &str) -> v1::Figure {
    v1::Figure { kind: v1::FigureKind::Measure.into(), unit: ucum(unit), ..figure(value, "distance") }
}

fn role(role: v1::EstimateRole, value: &str) -> v1::Figure {
    v1::Figure { role: role.into(), ..figure(value, "deaths") }
}

fn at(edtf: &str) -> Option<v1::ApproximateTime> {
    Some(v1::ApproximateTime { edtf: edtf.into(), ..Default::default() })
}

/// Claims with figures of every sort, in this order.
pub(super) async fn filled() -> Clients {
    use v1::EstimateRole::{Best, High, Low};
    let mut clients = serve().await;
    let words = |verbatim: &str| v1::Figure { verbatim: verbatim.into(), value: String::new(), ..figure("", "deaths") };
    let claims = [
        ("a", "Ada", vec![figure("7", "deaths")]),
        ("b", "Ben", vec![words("nearly 20"), figure("3", "deaths.children")]),
        ("c", "Ada", vec![role(Low, "9"), role(Best, "40"), role(High, "35")]),
        ("d", "Cyd", vec![measured("5", "km"), measured("2", "[mi_i]"), measured("30", "s")]),
        ("e", "Ben", vec![v1::Figure { as_of: at("2024"), ..figure("11", "deaths") }, figure("1", "")]),
        ("f", "Ada", vec![words("dozens"), words("an unreadable lot")]),
    ];
    for (id, source, figures) in claims {
        let mut claim = claim(&format!("claims/{id}"), &format!("Claim {id}."), named(source));
        claim.figures = figures;
        clients.record(v1::RecordRequest { claims: vec![claim], ..Default::default() }).await.unwrap();
    }
    clients
}

fn deaths() -> v1::QueryFiguresRequest {
    v1::QueryFiguresRequest { metric_asked: Some(MetricAsked::Metric("deaths".into())), ..Default::default() }
}

fn between(low: &str, high: &str) -> Option<v1::Interval> {
    Some(v1::Interval { lower: Some(Lower::AtLeast(low.into())), upper: Some(Upper::AtMost(high.into())) })
}

/// Hits as "claim figure grade", over all pages, and what was counted.
async fn asked(clients: &mut Clients, request: v1::QueryFiguresRequest) -> (Vec<String>, Vec<u64>, Vec<(String, u64)>) {
    let mut request = v1::QueryFiguresRequest { page_size: 1, ..request };
    let (mut hits, mut grades, mut reasons) = (Vec::new(), vec![0; 5], std::collections::BTreeMap::new());
    loop {
        let page = clients.figures.query_figures(request.clone()).await.unwrap().into_inner();
        assert!(page.hits.len() <= 1 && !page.scan_limited && page.read.is_some());
        for hit in page.hits {
            let name = hit.claim.as_ref().unwrap().name.replace("claims/", "");
            let grade = hit.grade().as_str_name().replace("GRADE_", "");
            hits.push(format!(
                "{name} {} {grade}",
                hit.figures.iter().map(|f| f.id.as_str()).collect::<Vec<_>>().join("+")
            ));
        }
        assert_eq!(page.grades.len(), 5);
        for count in page.grades {
            grades[usize::try_from(count.grade).unwrap() - 1] += count.count;
        }
        for count in page.incomparable {
            *reasons.entry(count.reason().as_str_name().replace("INCOMPARABLE_", "")).or_insert(0) += count.count;
        }
        if page.next_page_token.is_empty() {
            return (hits, grades, reasons.into_iter().collect());
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn figures_are_graded_counted_and_paged() {
    let mut clients = filled().await;
    let request = v1::QueryFiguresRequest { range: between("10", "30"), ..deaths() };
    let (hits, grades, reasons) = asked(&mut clients, request.clone()).await;
    assert_eq!(hits, ["b f1 LIKELY", "c f1+f2+f3 POSSIBLE", "e f1 CERTAIN", "f f1 POSSIBLE"]);
    // Excluded, remote, possible, likely, certain: the 7 is counted, too.
    assert_eq!(grades, [1, 0, 2, 1, 1]);
    assert_eq!(reasons, [("NOT_READ".to_owned(), 1)]);
    let certain = v1::QueryFiguresRequest { minimum_grade: v1::Grade::Certain.into(), ..request.clone() };
    let (hits, certain_grades, _) = asked(&mut clients, certain).await;
    assert_eq!((hits, certain_grades), (vec!["e f1 CERTAIN".to_owned()], grades));
    // Without tolerance "nearly 20" may be anything below.
    let policy = Some(v1::TolerancePolicy { tolerance: "1".into(), ..Default::default() });
    let tolerant = v1::QueryFiguresRequest { policy, order: v1::FigureOrder::RecordedDesc.into(), ..request };
    let (hits, ..) = asked(&mut clients, tolerant).await;
    assert_eq!(hits, ["f f1 POSSIBLE", "e f1 CERTAIN", "c f1+f2+f3 POSSIBLE", "b f1 POSSIBLE"]);
}

#[tokio::test]
async fn figures_are_chosen_by_what_is_known_of_them() {
    let mut clients = filled().await;
    let all = v1::QueryFiguresRequest::default();
    let (hits, grades, reasons) = asked(&mut clients, all.clone()).await;
    assert_eq!((hits.len(), grades[4], reasons[0].1), (10, 10, 1), "{hits:?}");
    let prefix = Some(MetricAsked::MetricPrefix("deaths".into()));
    let (hits, ..) = asked(&mut clients, v1::QueryFiguresRequest { metric_asked: prefix, ..all.clone() }).await;
    assert_eq!(hits.len(), 6);
    let filter = Some(v1::ClaimFilter { origins: vec![named("Ben")], ..Default::default() });
    let (hits, ..) = asked(&mut clients, v1::QueryFiguresRequest { filter, ..deaths() }).await;
    assert_eq!(hits, ["b f1 CERTAIN", "e f1 CERTAIN"]);
    let best =
        v1::QueryFiguresRequest { roles: vec![v1::EstimateRole::Best.into()], range: between("40", "40"), ..deaths() };
    let (hits, ..) = asked(&mut clients, best).await;
    assert_eq!(hits, ["c f2 CERTAIN"]);
    let kind = v1::QueryFiguresRequest { kind: v1::FigureKind::Measure.into(), ..all.clone() };
    let (hits, _, reasons) = asked(&mut clients, kind).await;
    assert_eq!(hits, ["d f1 CERTAIN", "d f2 CERTAIN", "d f3 CERTAIN"]);
    assert_eq!(reasons, [("KIND".to_owned(), 7), ("NOT_READ".to_owned(), 1)]);
    let then = v1::QueryFiguresRequest { holds_at: "2025".into(), ..deaths() };
    let (hits, _, reasons) = asked(&mut clients, then.clone()).await;
    assert_eq!((hits.len(), reasons), (4, vec![("AS_OF".to_owned(), 1), ("NOT_READ".to_owned(), 1)]));
    let answer = clients.figures.query_figures(then).await.unwrap().into_inner();
    assert!(answer.hits.iter().all(|hit| hit.holds_at_assumed));
}

#[tokio::test]
async fn units_are_converted_within_their_dimension() {
    let mut clients = filled().await;
    let metric_asked = Some(MetricAsked::Metric("distance".into()));
    let asked_in = |unit: &str| v1::QueryFiguresRequest {
        metric_asked: metric_asked.clone(),
        range: between("3000", "4000"),
        unit: ucum(unit),
        ..Default::default()
    };
    let (hits, grades, reasons) = asked(&mut clients, asked_in("m")).await;
    assert_eq!((hits, grades), (vec!["d f2 CERTAIN".to_owned()], vec![1, 0, 0, 0, 1]));
    assert_eq!(reasons, [("UNIT".to_owned(), 1)]);
    let hit = clients.figures.query_figures(asked_in("m")).await.unwrap().into_inner().hits.remove(0);
    assert_eq!(hit.intervals.unwrap().hard, between("3218.688", "3218.688"));
    let by_value = v1::QueryFiguresRequest { range: None, order: v1::FigureOrder::ValueDesc.into(), ..asked_in("km") };
    let (hits, _, reasons) = asked(&mut clients, by_value).await;
    assert_eq!((hits, reasons), (vec!["d f1 CERTAIN".into(), "d f2 CERTAIN".into()], vec![("UNIT".to_owned(), 1)]));
    let money = v1::Unit { system: v1::UnitSystem::Iso4217.into(), code: "USD".into(), ..Default::default() };
    let (hits, _, reasons) = asked(&mut clients, v1::QueryFiguresRequest { unit: Some(money), ..asked_in("m") }).await;
    assert_eq!((hits.len(), reasons), (0, vec![("UNIT".to_owned(), 3)]));
}

#[tokio::test]
async fn figures_are_ordered_by_value_and_what_names_none_comes_last() {
    let mut clients = filled().await;
    let order = |order: v1::FigureOrder| v1::QueryFiguresRequest { order: order.into(), ..deaths() };
    let ids = |hits: Vec<String>| hits.iter().map(|hit| hit[..1].to_owned()).collect::<String>();
    let (hits, grades, reasons) = asked(&mut clients, order(v1::FigureOrder::ValueAsc)).await;
    assert_eq!((ids(hits), grades[4], reasons[0].1), ("aebcf".to_owned(), 5, 1));
    let (hits, ..) = asked(&mut clients, order(v1::FigureOrder::ValueDesc)).await;
    assert_eq!(ids(hits), "cbeaf");
    let hit =
        clients.figures.query_figures(order(v1::FigureOrder::ValueDesc)).await.unwrap().into_inner().hits.remove(0);
    assert_eq!(hit.anomaly(), v1::EstimateAnomaly::AboveHigh);
    for (view, has_figures) in [(v1::FigureClaimView::Brief, false), (v1::FigureClaimView::Full, true)] {
        let request = v1::QueryFiguresRequest { view: view.into(), ..deaths() };
        let claim = clients.figures.query_figures(request).await.unwrap().into_inner().hits.remove(0).claim.unwrap();
        assert_eq!((claim.figures.is_empty(), claim.statement.as_str()), (!has_figures, "Claim a."));
        assert!(!claim.attributions.is_empty() && claim.metadata.is_some());
    }
}

#[tokio::test]
async fn an_answer_keeps_to_its_revision_and_shows_what_is_retracted_when_asked() {
    let mut clients = filled().await;
    let first =
        clients.figures.query_figures(v1::QueryFiguresRequest { page_size: 1, ..deaths() }).await.unwrap().into_inner();
    for name in ["claims/a", "claims/e"] {
        let (name, retracted_by) = (name.into(), v1::RetractedBy::Recorder.into());
        let retract = Some(v1::Retract { name, retracted_by, reason: "wrong".into(), ..Default::default() });
        clients.records.retract(v1::RetractRequest { retract, ..Default::default() }).await.unwrap();
    }
    let mut names: Vec<String> = first.hits.iter().map(|hit| hit.claim.as_ref().unwrap().name.clone()).collect();
    let mut token = first.next_page_token;
    while !token.is_empty() {
        let request = v1::QueryFiguresRequest { page_size: 1, page_token: token, ..deaths() };
        let page = clients.figures.query_figures(request).await.unwrap().into_inner();
        assert_eq!(page.read.unwrap().revision, 6);
        names.extend(page.hits.iter().map(|hit| hit.claim.as_ref().unwrap().name.clone()));
        token = page.next_page_token;
    }
    assert_eq!(names, ["claims/a", "claims/b", "claims/c", "claims/e", "claims/f"]);
    assert_eq!(asked(&mut clients, deaths()).await.0.len(), 3);
    let statuses = vec![v1::RecordStatus::Active.into(), v1::RecordStatus::Retracted.into()];
    assert_eq!(asked(&mut clients, v1::QueryFiguresRequest { statuses, ..deaths() }).await.0.len(), 5);
    for (revision, expected) in [(0, 0), (2, 2), (6, 5), (7, 4), (8, 3)] {
        let request = v1::QueryFiguresRequest { as_of: Some(AsOf::AsOfRevision(revision)), ..deaths() };
        assert_eq!(asked(&mut clients, request).await.0.len(), expected, "{revision}");
    }
}

#[tokio::test]
async fn a_page_is_bounded_by_bytes_and_counts_only_what_it_passed() {
    let mut clients = serve().await;
    for part in 0..5u32 {
        let claims = (0..50).map(|at| v1::Claim {
            figures: vec![figure(&at.to_string(), "deaths")],
            ..claim("", &format!("{part} {at} {}", "s".repeat(16_000)), named("Ada"))
        });
        clients.record(v1::RecordRequest { claims: claims.collect(), ..Default::default() }).await.unwrap();
    }
    let (mut hits, mut counted, mut request) = (0, 0, v1::QueryFiguresRequest { page_size: 1000, ..deaths() });
    let mut pages = 0;
    loop {
        let page = clients.figures.query_figures(request.clone()).await.unwrap().into_inner();
        hits += page.hits.len() as u64;
        counted += page.grades.iter().map(|count| count.count).sum::<u64>();
        assert_eq!((hits, page.scan_limited), (counted, false));
        pages += 1;
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!((hits, counted, pages), (250, 250, 2));
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_its_place() {
    let mut clients = filled().await;
    let mut refused = async |request: v1::QueryFiguresRequest, reason: &str| {
        fields(&clients.figures.query_figures(request).await.unwrap_err(), reason)
    };
    let bad = v1::QueryFiguresRequest {
        metric_asked: Some(MetricAsked::MetricPrefix("No Such.".into())),
        range: between("1e3", ""),
        unit: ucum("furlong-ish"),
        minimum_grade: 9,
        policy: Some(v1::TolerancePolicy { tolerance: "1.5".into(), bare: 7, vague: 8 }),
        kind: 99,
        holds_at: "sometime".into(),
        roles: vec![2, 2],
        order: 77,
        view: 5,
        page_size: -1,
        filter: Some(v1::ClaimFilter { languages: vec!["e n".into()], ..Default::default() }),
        ..Default::default()
    };
    let mut found = refused(bad, "FIELD_INVALID").await;
    found.sort();
    let mut expected = vec![
        "metric_prefix",
        "range.at_least",
        "range.at_most",
        "unit.code",
        "minimum_grade",
        "policy.tolerance",
        "policy.bare",
        "policy.vague",
        "kind",
        "holds_at",
        "roles[1]",
        "order",
        "view",
        "page_size",
        "filter.languages[0]",
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
    let empty = v1::QueryFiguresRequest { range: between("2", "1"), ..deaths() };
    assert_eq!(refused(empty, "FIELD_INVALID").await, ["range"]);
    let unknown = v1::QueryFiguresRequest { holds_at: "XXXX".into(), ..deaths() };
    assert_eq!(refused(unknown, "FIELD_INVALID").await, ["holds_at"]);
    let missing = v1::QueryFiguresRequest { metric_asked: Some(MetricAsked::Metric(String::new())), ..deaths() };
    assert_eq!(refused(missing, "FIELD_INVALID").await, ["metric"]);
    let token = v1::QueryFiguresRequest { page_token: "nonsense".into(), ..deaths() };
    assert_eq!(refused(token, "TOKEN_MALFORMED").await, ["page_token"]);
    let first = v1::QueryFiguresRequest { page_size: 1, ..deaths() };
    let page_token = clients.figures.query_figures(first).await.unwrap().into_inner().next_page_token;
    let other = v1::QueryFiguresRequest { page_token, range: between("1", "2"), ..deaths() };
    let status = clients.figures.query_figures(other).await.unwrap_err();
    assert_eq!(fields(&status, "PAGE_TOKEN_MISMATCH"), ["page_token"]);
}

#[tokio::test]
async fn more_than_can_be_ordered_by_value_is_refused() {
    let mut clients = serve().await;
    let claims: Vec<v1::Claim> = (0..1000u32)
        .map(|at| v1::Claim {
            figures: vec![figure(&at.to_string(), "")],
            ..claim("", &format!("Claim {at}."), named("Ada"))
        })
        .collect();
    clients.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    let request =
        v1::QueryFiguresRequest { order: v1::FigureOrder::ValueDesc.into(), page_size: 3, ..Default::default() };
    let page = clients.figures.query_figures(request.clone()).await.unwrap().into_inner();
    let values: Vec<&str> = page.hits.iter().map(|hit| hit.figures[0].value.as_str()).collect();
    assert_eq!(values, ["999", "998", "997"]);
    let one_more = v1::Claim { figures: vec![figure("7", "")], ..claim("", "One more.", named("Ada")) };
    clients.record(v1::RecordRequest { claims: vec![one_more], ..Default::default() }).await.unwrap();
    let status = clients.figures.query_figures(request).await.unwrap_err();
    assert_eq!(fields(&status, "LIMIT_EXCEEDED"), ["order"]);
}

/// As many as are asked for in one look, and one more.
#[tokio::test]
async fn what_names_no_number_comes_last_beside_many_values_in_another_dimension() {
    let money = |value: String, code: &str| v1::Figure {
        kind: v1::FigureKind::Unspecified.into(),
        unit: Some(v1::Unit { system: v1::UnitSystem::Iso4217.into(), code: code.into(), ..Default::default() }),
        ..figure(&value, "cost")
    };
    for others in [99_u32, 100, 101] {
        let mut clients = serve().await;
        let dozens = v1::Figure {
            verbatim: "dozens".into(),
            qualifier: v1::Qualifier::Vague.into(),
            ..money(String::new(), "USD")
        };
        let figures = (0..others).map(|at| money(at.to_string(), "EUR"));
        let figures = figures.chain((0..3).map(|at| money(at.to_string(), "USD"))).chain([dozens]);
        let said =
            |(at, figure)| v1::Claim { figures: vec![figure], ..claim("", &format!("Claim {at}."), named("Ada")) };
        let claims: Vec<v1::Claim> = figures.enumerate().map(said).collect();
        clients.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
        for order in [v1::FigureOrder::RecordedAsc, v1::FigureOrder::ValueAsc, v1::FigureOrder::ValueDesc] {
            let request = v1::QueryFiguresRequest {
                metric_asked: Some(MetricAsked::Metric("cost".into())),
                unit: Some(v1::Unit {
                    system: v1::UnitSystem::Iso4217.into(),
                    code: "USD".into(),
                    ..Default::default()
                }),
                order: order.into(),
                ..Default::default()
            };
            let (hits, _, reasons) = asked(&mut clients, request).await;
            assert_eq!((hits.len(), reasons), (4, vec![("CURRENCY".to_owned(), u64::from(others))]), "{order:?}");
        }
    }
}
