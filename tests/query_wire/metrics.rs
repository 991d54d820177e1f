//! The metrics that figures have, as ListMetrics gives them.

use std::collections::{BTreeMap, BTreeSet};

use claimdb::proto::claimdb::v1;
use tonic::Status;
use v1::version::Record;

use crate::ask::{AsOf, as_of};
use crate::chance::Chance;
use crate::filters::Filters;
use crate::history::History;
use crate::log::{State, metadata};
use crate::meaning::is_within;
use crate::pages::{Part, all, assert_small};
use crate::served::Served;

#[derive(Debug)]
struct Question {
    prefix: String,
    statuses: Vec<i32>,
    as_of: AsOf,
    page_size: i32,
}

/// Label, definition, and unit by system and code.
type Use = (String, String, Option<(i32, String)>);

/// A metric: how many claims have a figure of it, and how many give it so.
#[derive(Debug, Default, PartialEq, Eq)]
struct Metric {
    claims: u64,
    uses: BTreeMap<Use, u64>,
}

impl Question {
    async fn page(&self, served: &mut Served, page_token: String) -> Result<Part<v1::ListedMetric>, Status> {
        let request = v1::ListMetricsRequest {
            prefix: self.prefix.clone(),
            statuses: self.statuses.clone(),
            page_size: self.page_size,
            page_token,
            as_of: as_of!(self.as_of, list_metrics_request),
        };
        let page = served.figures.list_metrics(request).await?.into_inner();
        assert_small(page.metrics.len(), self.page_size);
        Ok(Part { found: page.metrics, next: page.next_page_token, revision: page.read.unwrap().revision })
    }

    fn scan(&self, state: &State<'_>) -> BTreeMap<String, Metric> {
        let active = [v1::RecordStatus::Active.into()];
        let statuses = if self.statuses.is_empty() { &active[..] } else { &self.statuses };
        let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
        for (_, told) in state.all().filter(|(_, told)| statuses.contains(&metadata(&told.record).status)) {
            let Record::Claim(claim) = &told.record else { continue };
            let mut own: BTreeMap<String, BTreeSet<Use>> = BTreeMap::new();
            for figure in &claim.figures {
                let Some(metric) = &figure.metric else { continue };
                if self.prefix.is_empty() || is_within(&metric.key, &self.prefix) {
                    let unit = figure.unit.as_ref().map(|unit| (unit.system, unit.code.clone()));
                    let used = (metric.label.clone(), metric.definition.clone(), unit);
                    own.entry(metric.key.clone()).or_default().insert(used);
                }
            }
            for (key, uses) in own {
                let metric = metrics.entry(key).or_default();
                metric.claims += 1;
                uses.into_iter().for_each(|used| *metric.uses.entry(used).or_default() += 1);
            }
        }
        metrics
    }
}

fn told(metric: v1::ListedMetric) -> (String, Metric) {
    assert!(!metric.uses_omitted && !metric.counts_limited, "{metric:?}");
    let count = metric.uses.len();
    let uses = metric.uses.into_iter().map(|used| {
        let unit = used.unit.map(|unit| (unit.system, unit.code));
        ((used.label, used.definition, unit), used.claim_count)
    });
    let told = Metric { claims: metric.claim_count, uses: uses.collect() };
    assert_eq!(told.uses.len(), count, "a use that is given twice");
    (metric.key, told)
}

/// Asks for metrics, and holds them against a pass over everything.
pub(crate) async fn ask(chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
    let mut filters = Filters::new(chance, served, history);
    let question = Question {
        prefix: filters.chance.one(&["", "", "troops", "troops.", "troop", "troops.killed", "tro"]).into(),
        statuses: filters.statuses(),
        as_of: filters.as_of(served.log.head()),
        page_size: filters.page_size(),
    };
    let expected_revision = served.log.asked(question.as_of);
    let expected: Vec<(String, Metric)> = question.scan(&served.log.state(expected_revision)).into_iter().collect();
    let ask = async |served: &mut Served, page_token| question.page(served, page_token).await;
    let answer = all(chance, served, history, expected.len(), ask).await;
    let (found, revision) = answer.unwrap_or_else(|status| panic!("{status:?}: {question:?}"));
    let found: Vec<(String, Metric)> = found.into_iter().map(told).collect();
    assert_eq!(found, expected, "as of {expected_revision}: {question:?}");
    served.log.assert_answered(expected_revision, revision);
    found.len()
}
