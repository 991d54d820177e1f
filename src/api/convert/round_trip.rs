//! What is read is answered as it was given.

use std::sync::Arc;

use proptest::prelude::*;

use super::answers::Served;
use super::tests::with_claim;
use crate::domain::model::{Action, Claim, Record, Version};
use crate::domain::time::Timestamp;
use crate::proto::claimdb::v1;
use crate::service::Statuses;

/// The version that this content would be stored as.
fn version(claim: Claim) -> Version {
    let time = Timestamp::from_micros(0).unwrap();
    Version {
        number: 1,
        name: "claims/a".parse().unwrap(),
        create_revision: 1,
        create_time: time,
        revision: 1,
        time,
        action: Action::Created,
        principal: Arc::from("anonymous"),
        recorder: None,
        reason: String::new(),
        retraction: None,
        replaces: None,
        provenance: None,
        content: None,
        record: Record::Claim(claim),
    }
}

fn any_time() -> impl Strategy<Value = Option<v1::ApproximateTime>> {
    let edtf = prop::sample::select(vec!["", "2017", "2025-09-03/..", "2025-09-03T12:00:00+03:00", "201X", "XXXX"]);
    prop::option::of((edtf, "[a-z ]{0,9}", 0..4).prop_map(|(edtf, verbatim, basis)| v1::ApproximateTime {
        edtf: edtf.into(),
        verbatim,
        basis,
        ..Default::default()
    }))
}

fn any_span() -> impl Strategy<Value = v1::Span> {
    ("\\PC{1,9}", prop::option::of((0..9u32, 1..9u32)), "[a-z]{0,5}", prop::bool::ANY).prop_map(
        |(exact, range, prefix, elsewhere)| v1::Span {
            start: range.map(|(start, _)| start),
            end: range.map(|(start, length)| start + length),
            exact,
            prefix,
            article: if elsewhere { "articles/other".into() } else { String::new() },
            ..Default::default()
        },
    )
}

prop_compose! {
    fn any_figure()(
        verbatim in prop::sample::select(vec!["", "nearly 2,000", "10 to 20", "dozens", "a goodly number"]),
        value in prop::sample::select(vec!["7", "-1.50", "2000"]),
        qualifier in prop::sample::select(vec![0, 1, 2, 3, 4, 7, 9]),
        metric in prop::option::of("[a-z]{1,5}(\\.[a-z0-9_-]{1,5}){0,2}"),
        as_of in any_time(),
        role in 0..5,
        kind in 0..10,
    ) -> v1::Figure {
        let metric = metric.map(|key| v1::Metric { key, ..Default::default() });
        v1::Figure { verbatim: verbatim.into(), value: value.into(), qualifier, metric, as_of, role, kind, ..Default::default() }
    }
}

prop_compose! {
    fn any_claim()(
        statement in "\\PC{0,20}x",
        spans in prop::collection::vec(any_span(), 0..3),
        figures in prop::collection::vec(any_figure(), 0..4),
        times in (any_time(), any_time()),
        certainty in 0..7,
        mode in 0..8,
        polarity in 0..4,
        labels in prop::collection::btree_map("[a-z]{1,5}", "[a-z]{0,5}", 0..3),
        hedge in prop::option::of(1..8),
    ) -> v1::Claim {
        let source = v1::SourceRef { name: "sources/s".into(), ..Default::default() };
        let cue = spans.first().cloned();
        v1::Claim {
            article: "articles/a".into(),
            statement,
            language: "en".into(),
            kinds: vec![2],
            attributions: vec![v1::Attribution {
                source: Some(source.clone()), channel: Some(source.clone()), addressees: vec![source],
                certainty, mode, cue, said_time: times.0, ..Default::default()
            }],
            spans,
            polarity,
            hedges: hedge.map(|kind| v1::Hedge { kind, attribution_index: Some(0), ..Default::default() }).into_iter().collect(),
            event_time: times.1,
            place: Some(v1::Place { latitude: "48.0159".into(), longitude: "-0.5".into(), precision: 2, ..Default::default() }),
            figures,
            labels,
            ..Default::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// An answer, sent back as a request, means the same.
    #[test]
    fn a_claim_answered_reads_as_the_claim_it_was(message in any_claim()) {
        let read = |message: v1::Claim| {
            let record = with_claim(|claim| *claim = message).unwrap().drafts.remove(0).record;
            let Record::Claim(claim) = record else { panic!("not a claim") };
            claim
        };
        let first = read(message);
        let answer = v1::Claim::from_version(&version(first.clone()), &Statuses::default(), None).unwrap();
        prop_assert_eq!(&answer.key, "");
        prop_assert_eq!(read(answer), first);
    }
}
