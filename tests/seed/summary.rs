//! The killed are some of those deployed: the share follows from the words, is shown when it is asked for, and nobody is
//! recorded to have said it.

use claimdb::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use claimdb::proto::claimdb::v1::interval::{Lower, Upper};
use claimdb::proto::claimdb::v1::summarize_figures_request::MetricAsked;
use claimdb::proto::claimdb::v1::{
    FigureSeries, Interval, PartFit, SummarizeFiguresRequest, SummarizeFiguresResponse, WholeRelation,
};

use super::support::Seed;

async fn summary(seed: &Seed, prefix: &str) -> SummarizeFiguresResponse {
    let mut figures = FigureServiceClient::new(seed.server.channel.clone());
    let request = SummarizeFiguresRequest {
        metric_asked: Some(MetricAsked::MetricPrefix(prefix.to_owned())),
        ..SummarizeFiguresRequest::default()
    };
    figures.summarize_figures(request).await.unwrap().into_inner()
}

fn series<'a>(answer: &'a SummarizeFiguresResponse, metric: &str) -> &'a FigureSeries {
    answer.series.iter().find(|series| series.metric.as_ref().unwrap().key == metric).unwrap()
}

#[tokio::test]
async fn the_share_of_those_deployed_is_derived_and_stored_nowhere() {
    let seed = Seed::recorded().await;
    let answer = summary(&seed, "north-korea.troops").await;
    let killed = series(&answer, "north-korea.troops.killed");
    let [share] = &killed.shares[..] else { panic!("{killed:?}") };
    assert_eq!(share.part, format!("{}/figures/f2", seed.name("c31")));
    assert_eq!(share.whole, format!("{}/figures/f1", seed.name("c30")));
    assert_eq!((share.relation(), share.fit()), (WholeRelation::SubsetOf, PartFit::Fits));
    assert_eq!(share.share, Some(Interval { lower: None, upper: Some(Upper::LessThan("15.39".to_owned())) }));
    for key in ["c30", "c31"] {
        let stored = format!("{:?}", seed.claim(key).await);
        assert!(!stored.contains("15.3") && !stored.contains("Percent"), "{stored}");
    }
    // Asked by the part alone, the whole is found where it is.
    let alone = summary(&seed, "north-korea.troops.killed").await;
    assert_eq!((alone.series.len(), &series(&alone, "north-korea.troops.killed").shares), (1, &killed.shares));
}

#[tokio::test]
async fn a_number_stands_with_its_words_and_who_says_it_through_whom() {
    let seed = Seed::recorded().await;
    let answer = summary(&seed, "north-korea.troops.killed").await;
    let killed = series(&answer, "north-korea.troops.killed");
    let [statement] = &killed.statements[..] else { panic!("{killed:?}") };
    assert_eq!(statement.figures[0].verbatim, "nearly 2,000");
    let hard = statement.intervals.clone().unwrap().hard.unwrap();
    assert_eq!((hard.lower, hard.upper), (Some(Lower::AtLeast("0".into())), Some(Upper::AtMost("1999".into()))));
    let soft = statement.intervals.clone().unwrap().soft.unwrap();
    assert_eq!(soft.lower, Some(Lower::AtLeast("1800".into())));
    let display =
        |name: &String| answer.sources.iter().find(|source| source.name == *name).unwrap().display_name.clone();
    let trace = seed.trace("c31").await;
    let hops: Vec<String> = trace.hops.iter().map(|hop| hop.source.as_ref().unwrap().display_name.clone()).collect();
    assert_eq!(statement.chain.iter().map(display).collect::<Vec<_>>(), hops);
    assert_eq!(statement.publisher_implied, trace.hops[0].implied);
    // The claim states no time; its article was published at one.
    assert_eq!(killed.buckets.len(), 1);
    assert_eq!(killed.spread.clone().unwrap().highest, "1999");
}
