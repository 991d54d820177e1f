//! Questions about figures, and their answers.

use super::claim;
use super::estimate::anomaly_of;
use super::figure::{self, interval, metric_key, metric_prefix};
use super::grading::{incomparable_message, intervals_message, policy, policy_message};
use super::reader::{Reader, Violations};
use super::reads::{PAGE_TOKEN, PageAsked, no_such_value, page, statuses};
use super::values::{number, string};
use super::{filters, read_metadata};
use crate::api::page_token;
use crate::domain::figure::estimate::Anomaly;
use crate::domain::figure::{Bounds, FigureKind, Grade, MetricAsked, Policy, Question};
use crate::domain::model::{Claim, ErrorReason, EstimateRole, Record, Unit, Version};
use crate::domain::name::RecordKind;
use crate::domain::sort::{Order, Sort, TimeField};
use crate::domain::time::{ApproximateTime, TimeRange};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::query_figures_request;
use crate::service::{
    FigureCounts, FigureHit, FigurePageRequest, FigurePlace, FigureSort, FiguresAsked, List, Statuses,
};
use crate::storage::Head;

/// How much of its claim comes with a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimView {
    Brief,
    Full,
}

/// A question about figures as it is asked.
pub(crate) struct QueryFigures {
    pub(crate) asked: FiguresAsked,
    pub(crate) view: ClaimView,
    pub(crate) page: PageAsked,
}

impl QueryFigures {
    /// Where in the answer, and how much.
    pub(crate) fn request(&self) -> FigurePageRequest {
        let within = self.page.within;
        let after = self.page.page.after.map(|claim| FigurePlace { claim, within });
        FigurePageRequest { after, limit: self.page.page.limit }
    }

    /// What asks for the page behind a place.
    pub(crate) fn next_page_token(&self, head: Head, next: Option<FigurePlace>) -> String {
        self.page.token_within(head, next.map(|place| (place.claim, place.within)))
    }
}

/// A question about figures.
pub(crate) fn query_figures(mut message: v1::QueryFiguresRequest, store: &str) -> Result<QueryFigures, Violations> {
    let mut reader = Reader::default();
    let r = &mut reader;
    let (size, token) = (message.page_size, std::mem::take(&mut message.page_token));
    message.page_size = 0;
    let fingerprint = page_token::fingerprint("query_figures", store, &message);
    let page = page(r, size, (PAGE_TOKEN, &token), message.as_of, fingerprint);
    let metric = match message.metric_asked {
        None => MetricAsked::Any,
        Some(query_figures_request::MetricAsked::Metric(key)) => MetricAsked::Key(metric_key(r, "metric", key)),
        Some(query_figures_request::MetricAsked::MetricPrefix(prefix)) => {
            MetricAsked::Prefix(metric_prefix(r, "metric_prefix", prefix))
        }
    };
    let is_ranged = message.range.is_some();
    let range = message.range.map(|range| r.field("range", |r| range_asked(r, range))).unwrap_or_default();
    let unit = figure::unit(r, message.unit).and_then(Unit::coded);
    let (sort, figures, order) = figure_order(r, message.order);
    let question = Question {
        metric,
        roles: r.words("roles", &message.roles, EstimateRole::from_number),
        kind: r.word("kind", message.kind, FigureKind::from_number),
        as_of: holds_at(r, &message.holds_at),
        range,
        is_measured: is_ranged || unit.is_some() || figures == FigureSort::Value,
        unit,
        policy: policy(r, message.policy),
    };
    let minimum = r.word("minimum_grade", message.minimum_grade, Grade::from_number).unwrap_or(Grade::Possible);
    let view = match v1::FigureClaimView::try_from(message.view) {
        Ok(v1::FigureClaimView::Unspecified | v1::FigureClaimView::Brief) => ClaimView::Brief,
        Ok(v1::FigureClaimView::Full) => ClaimView::Full,
        Err(_) => {
            no_such_value(r, "view", message.view);
            ClaimView::Brief
        }
    };
    let (filter, _) = filters::claims(r, "filter", message.filter);
    let statuses = statuses(r, &message.statuses);
    let claims = List { kind: RecordKind::Claim, filter, statuses, sort, order };
    let asked = FiguresAsked { claims, question, minimum, sort: figures };
    reader.finish(page.map(|page| QueryFigures { asked, view, page }))
}

fn range_asked(r: &mut Reader, message: v1::Interval) -> Bounds {
    let range = interval(r, message);
    if range.is_empty() {
        r.violation(ErrorReason::FieldInvalid, format!("no number is {range}"));
    }
    range
}

/// The time at which figures are asked to hold.
pub(super) fn holds_at(r: &mut Reader, text: &str) -> Option<TimeRange> {
    let time: ApproximateTime = r.parsed("holds_at", text)?;
    if time.is_unknown() {
        r.invalid("holds_at", "an unknown time overlaps nothing; figures without a time are hits at any");
    }
    Some(time.range())
}

fn figure_order(r: &mut Reader, number: i32) -> (Sort, FigureSort, Order) {
    use v1::FigureOrder as Given;
    let (sort, order) = match Given::try_from(number) {
        Ok(Given::Unspecified | Given::RecordedAsc) => (Sort::Recorded, Order::Ascending),
        Ok(Given::RecordedDesc) => (Sort::Recorded, Order::Descending),
        Ok(Given::EventAsc) => (Sort::Time(TimeField::Event), Order::Ascending),
        Ok(Given::EventDesc) => (Sort::Time(TimeField::Event), Order::Descending),
        Ok(Given::PublishedAsc) => (Sort::Time(TimeField::Published), Order::Ascending),
        Ok(Given::PublishedDesc) => (Sort::Time(TimeField::Published), Order::Descending),
        Ok(Given::ValueAsc) => return (Sort::Recorded, FigureSort::Value, Order::Ascending),
        Ok(Given::ValueDesc) => return (Sort::Recorded, FigureSort::Value, Order::Descending),
        Err(_) => {
            no_such_value(r, "order", number);
            (Sort::Recorded, Order::Ascending)
        }
    };
    (sort, FigureSort::Claims, order)
}

/// A hit as a message.
pub(crate) fn figure_hit(hit: &FigureHit, view: ClaimView, statuses: &Statuses) -> v1::FigureHit {
    let (graded, claim) = (&hit.graded, claim_of(&hit.version));
    v1::FigureHit {
        claim: claim.map(|claim| {
            let retracted = statuses.retracted(&hit.version.record);
            match view {
                ClaimView::Brief => claim::to_brief(&hit.version, claim, &retracted),
                ClaimView::Full => claim::to_response(&hit.version, claim, &retracted),
            }
        }),
        publisher: string(claim.and_then(|claim| claim.imprint.publisher.as_ref())),
        figures: hit.figures.iter().map(figure::to_response).collect(),
        grade: graded.grade.number(),
        intervals: Some(intervals_message(&graded.intervals)),
        holds_at_assumed: graded.as_of_assumed,
        anomaly: number(claim.and_then(|claim| anomaly_of(&claim.figures, &hit.figures)), Anomaly::number),
    }
}

fn claim_of(version: &Version) -> Option<&Claim> {
    match &version.record {
        Record::Claim(claim) => Some(claim),
        Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => None,
    }
}

/// The answer around the hits of a page.
pub(crate) fn query_figures_response(policy: &Policy, passed: &FigureCounts, head: Head) -> v1::QueryFiguresResponse {
    let grades = passed.grades().map(|(grade, count)| v1::GradeCount { grade: grade.number(), count });
    v1::QueryFiguresResponse {
        policy: Some(policy_message(policy)),
        grades: grades.collect(),
        incomparable: incomparable_message(passed.incomparable()),
        read: Some(read_metadata(head)),
        ..v1::QueryFiguresResponse::default()
    }
}
