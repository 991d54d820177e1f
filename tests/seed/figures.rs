//! What the article's numbers answer: "nearly 2,000" is less than 2,000, and "more than two dozen" is 25 or more.

use claimdb::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use claimdb::proto::claimdb::v1::interval::{Lower, Upper};
use claimdb::proto::claimdb::v1::query_figures_request::MetricAsked;
use claimdb::proto::claimdb::v1::{Grade, Interval, QueryFiguresRequest, QueryFiguresResponse};

use super::support::Seed;

const KILLED: &str = "north-korea.troops.killed";
const LEADERS: &str = "japan-surrender-commemoration.world-leaders.gathered";

fn at_least(number: &str) -> Interval {
    Interval { lower: Some(Lower::AtLeast(number.to_owned())), upper: None }
}

fn less_than(number: &str) -> Interval {
    Interval { lower: None, upper: Some(Upper::LessThan(number.to_owned())) }
}

async fn ask(seed: &Seed, request: QueryFiguresRequest) -> QueryFiguresResponse {
    let mut figures = FigureServiceClient::new(seed.server.channel.clone());
    figures.query_figures(request).await.unwrap().into_inner()
}

fn about(metric: &str, range: Interval) -> QueryFiguresRequest {
    QueryFiguresRequest {
        metric_asked: Some(MetricAsked::Metric(metric.to_owned())),
        range: Some(range),
        minimum_grade: Grade::Excluded.into(),
        ..QueryFiguresRequest::default()
    }
}

#[tokio::test]
async fn words_answer_what_they_entail() {
    let seed = Seed::recorded().await;
    let at_most_24 = Interval { lower: None, upper: Some(Upper::AtMost("24".to_owned())) };
    for (metric, range, claim, grade) in [
        (KILLED, at_least("2000"), "c31", Grade::Excluded),
        (KILLED, at_least("1500"), "c31", Grade::Likely),
        (KILLED, less_than("2500"), "c31", Grade::Certain),
        ("north-korea.troops.deployed", at_least("13000"), "c30", Grade::Certain),
        (LEADERS, at_least("25"), "c34", Grade::Certain),
        (LEADERS, at_most_24, "c34", Grade::Excluded),
        (LEADERS, at_least("30"), "c34", Grade::Possible),
    ] {
        let answer = ask(&seed, about(metric, range.clone())).await;
        let [hit] = answer.hits.as_slice() else { panic!("{metric} {range:?}: {answer:?}") };
        assert_eq!((hit.grade(), &hit.claim.as_ref().unwrap().name), (grade, &seed.name(claim)), "{metric} {range:?}");
        let counted: Vec<u64> = answer.grades.iter().map(|count| count.count).collect();
        assert_eq!(counted.iter().sum::<u64>(), 1);
        assert_eq!(answer.grades.iter().find(|count| count.count == 1).unwrap().grade(), grade);
        assert!(answer.incomparable.is_empty() && answer.next_page_token.is_empty());
    }
}

#[tokio::test]
async fn a_hit_says_what_was_taken_for_what_and_who_said_it() {
    let seed = Seed::recorded().await;
    let answer = ask(&seed, QueryFiguresRequest { minimum_grade: 0, ..about(KILLED, at_least("1500")) }).await;
    let hit = &answer.hits[0];
    let intervals = hit.intervals.clone().unwrap();
    assert_eq!(intervals.hard.unwrap().upper, Some(Upper::AtMost("1999".to_owned())));
    assert_eq!(intervals.soft.unwrap().lower, Some(Lower::AtLeast("1800".to_owned())));
    assert_eq!(answer.policy.unwrap().tolerance, "0.1");
    let [figure] = hit.figures.as_slice() else { panic!("{hit:?}") };
    assert_eq!((figure.id.as_str(), figure.verbatim.as_str()), ("f2", "nearly 2,000"));
    let (claim, recorded) = (hit.claim.clone().unwrap(), seed.claim("c31").await);
    assert_eq!((&claim.statement, &claim.attributions), (&recorded.statement, &recorded.attributions));
    assert_eq!(hit.publisher, seed.article().await.publisher.unwrap().name);
    // An answer that leaves the claim out says why.
    let excluded = ask(&seed, QueryFiguresRequest { minimum_grade: 0, ..about(KILLED, at_least("2000")) }).await;
    assert!(excluded.hits.is_empty());
    assert_eq!(excluded.grades.iter().find(|count| count.grade() == Grade::Excluded).unwrap().count, 1);
}

#[tokio::test]
async fn every_figure_of_the_article_is_found_with_or_without_a_metric() {
    let seed = Seed::recorded().await;
    let filter =
        claimdb::proto::claimdb::v1::ClaimFilter { articles: vec![seed.name("article")], ..Default::default() };
    let all = ask(&seed, QueryFiguresRequest { filter: Some(filter), ..QueryFiguresRequest::default() }).await;
    let ids: Vec<&str> = all.hits.iter().map(|hit| hit.figures[0].id.as_str()).collect();
    assert_eq!(ids, ["f1", "f2", "f4", "f3", "f5"]);
    let prefix = Some(MetricAsked::MetricPrefix("north-korea.troops".to_owned()));
    let troops = ask(&seed, QueryFiguresRequest { metric_asked: prefix, ..QueryFiguresRequest::default() }).await;
    assert_eq!(troops.hits.len(), 2);
}
