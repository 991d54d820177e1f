//! Lists of metrics.

use super::figure::{metric_prefix, unit_message};
use super::reader::{Reader, Violations};
use super::reads::{PAGE_TOKEN, as_of_given, known, page_limit, statuses};
use crate::api::page_token::{self, TextToken};
use crate::proto::claimdb::v1;
use crate::service::{AsOf, MetricListed, MetricsAsked};

/// A list of metrics as it is asked for.
pub(crate) struct ListMetrics {
    pub(crate) asked: MetricsAsked,
    pub(crate) as_of: AsOf,
    /// What asks for the next page, but for where it begins and the revision.
    pub(crate) fingerprint: u64,
}

/// A list of metrics.
pub(crate) fn list_metrics(mut message: v1::ListMetricsRequest, store: &str) -> Result<ListMetrics, Violations> {
    let mut reader = Reader::default();
    let r = &mut reader;
    let (size, token) = (message.page_size, std::mem::take(&mut message.page_token));
    message.page_size = 0;
    let fingerprint = page_token::fingerprint("list_metrics", store, &message);
    let mut as_of = as_of_given(r, message.as_of);
    let limit = page_limit(r, size);
    let prefix = (!message.prefix.is_empty()).then(|| metric_prefix(r, "prefix", message.prefix));
    let statuses = statuses(r, &message.statuses);
    let mut after = None;
    if let Some(token) = known(r, PAGE_TOKEN, &token, TextToken::decode, fingerprint, |token| token.fingerprint) {
        as_of = AsOf::Revision(token.revision);
        after = Some(token.after);
    }
    reader.finish(limit.map(|limit| {
        let asked = MetricsAsked { prefix, statuses, after, limit };
        ListMetrics { asked, as_of, fingerprint }
    }))
}

/// A metric as a message.
pub(crate) fn listed_metric(listed: &MetricListed) -> v1::ListedMetric {
    let uses = listed.uses.iter().map(|used| v1::MetricUse {
        label: used.label.clone(),
        definition: used.definition.clone(),
        unit: used.unit.as_ref().map(unit_message),
        claim_count: used.claims,
    });
    v1::ListedMetric {
        key: listed.key.clone(),
        claim_count: listed.claims,
        uses: uses.collect(),
        uses_omitted: listed.uses_omitted,
        counts_limited: listed.counts_limited,
    }
}
