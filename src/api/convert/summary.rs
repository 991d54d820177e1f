//! What is to be summarized, and the summary as a message: within the size of one, and saying what did not fit.

use super::figure::{self, interval_message, metric_key, metric_prefix, to_response, unit_message};
use super::figures_asked::holds_at;
use super::grading::{incomparable_message, policy, policy_message};
use super::metadata::read_metadata;
use super::reader::{Reader, Violations};
use super::reads::{as_of_given, no_such_value, statuses};
use super::summary_room::Room;
use super::values::{number, string, timestamp};
use super::{filters, grading};
use crate::domain::figure::summary::{
    Bucket, Coded, Convention, Cut, Group, Listed, Pair, Placement, Rule, Series, Share, Spread, Stated,
};
use crate::domain::figure::{Bounds, FigureKind, Intervals, MetricAsked, Numbers, Question};
use crate::domain::model::{Aggregation, EstimateRole, Metric, Unit};
use crate::domain::name::RecordKind;
use crate::domain::sort::{Order, Sort};
use crate::domain::time::Precision;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::summarize_figures_request::MetricAsked as Given;
use crate::service::{AsOf, List, Summarized, SummaryAsked};
use crate::storage::Head;

/// What is to be summarized, and as of when.
pub(crate) fn summarize_figures(message: v1::SummarizeFiguresRequest) -> Result<(SummaryAsked, AsOf), Violations> {
    let mut reader = Reader::default();
    let r = &mut reader;
    let as_of = as_of_given(r, message.as_of);
    let metric = match message.metric_asked {
        Some(Given::Metric(key)) => Some(MetricAsked::Key(metric_key(r, "metric", key))),
        Some(Given::MetricPrefix(prefix)) => Some(MetricAsked::Prefix(metric_prefix(r, "metric_prefix", prefix))),
        None => {
            r.invalid("metric", "a metric, or the beginning of one in metric_prefix, is required");
            None
        }
    };
    let unit = figure::unit(r, message.unit).and_then(Unit::coded);
    let convention = r.word("convention", message.convention, Convention::from_number).unwrap_or(Convention::Literal);
    let precision = match v1::SummaryPeriod::try_from(message.period) {
        Ok(v1::SummaryPeriod::Day) => Precision::Day,
        Ok(v1::SummaryPeriod::Unspecified | v1::SummaryPeriod::Month) => Precision::Month,
        Ok(v1::SummaryPeriod::Year) => Precision::Year,
        Err(_) => {
            no_such_value(r, "period", message.period);
            Precision::Month
        }
    };
    let policy = policy(r, message.policy);
    let question = Question {
        metric: metric.clone().unwrap_or_default(),
        roles: r.words("roles", &message.roles, EstimateRole::from_number),
        kind: r.word("kind", message.kind, FigureKind::from_number),
        as_of: holds_at(r, &message.holds_at),
        range: Bounds::default(),
        is_measured: unit.is_some(),
        unit,
        policy: policy.clone(),
    };
    let (filter, _) = filters::claims(r, "filter", message.filter);
    let statuses = statuses(r, &message.statuses);
    let claims = List { kind: RecordKind::Claim, filter, statuses, sort: Sort::Recorded, order: Order::Ascending };
    let rule = Rule { convention, precision, policy, listed: Listed::by_default() };
    reader.finish(metric.map(|_| (SummaryAsked { claims, question, rule }, as_of)))
}

/// A summary as a message.
pub(crate) fn summary_response(summarized: &Summarized, rule: &Rule, head: Head) -> v1::SummarizeFiguresResponse {
    let summary = &summarized.summary;
    let mut room = Room::new(&summarized.sources);
    let series: Vec<v1::FigureSeries> = summary.series.iter().map(|series| series_message(series, &mut room)).collect();
    let cut = summarized.cut.as_ref();
    let mut cuts: Vec<Cut> = cut.map(|(cut, _)| *cut).into_iter().collect();
    cuts.extend((summary.series_omitted > 0).then_some(Cut::Series));
    let (sources, omitted) = room.finish();
    cuts.extend(omitted);
    let period = match rule.precision {
        Precision::Day => v1::SummaryPeriod::Day,
        Precision::Month => v1::SummaryPeriod::Month,
        Precision::Year => v1::SummaryPeriod::Year,
    };
    v1::SummarizeFiguresResponse {
        series_count: (series.len() + summary.series_omitted) as u64,
        series,
        read: Some(read_metadata(head)),
        policy: Some(policy_message(&rule.policy)),
        convention: rule.convention.number(),
        period: period.into(),
        claim_count: summarized.claims,
        statement_count: summarized.statements,
        incomparable: incomparable_message(summarized.incomparable.iter().map(|(reason, count)| (*reason, *count))),
        sources,
        cuts: cuts.into_iter().map(Cut::number).collect(),
        cut_after_claim: string(cut.and_then(|(_, claim)| claim.as_ref())),
    }
}

fn series_message(series: &Series, room: &mut Room<'_>) -> v1::FigureSeries {
    let name = |index: usize| series.statements.get(index).map(|stated| stated.statement.figure_name());
    let name = |index: usize| name(index).unwrap_or_default();
    let (pairs, groups, shares) = (&series.pairs, &series.groups, &series.shares);
    let Metric { key, label, definition } = series.metric.clone();
    let mut message = v1::FigureSeries {
        metric: Some(v1::Metric { key, label, definition }),
        kind: number(series.kind, FigureKind::number),
        aggregation: number(series.class, Aggregation::number),
        unit: series.unit.as_ref().map(unit_message),
        spread: Some(spread_message(&series.spread)),
        origin_count: series.origins as u64,
        bucket_count: series.buckets.len() as u64,
        findings: pairs
            .findings
            .iter()
            .map(|(finding, count)| v1::FindingCount { finding: finding.number(), count: *count })
            .collect(),
        incomparable_pairs: incomparable_message(pairs.incomparable.iter().map(|(reason, count)| (*reason, *count))),
        group_count: groups.count,
        fits: shares.fits.iter().map(|(fit, count)| v1::FitCount { fit: fit.number(), count: *count }).collect(),
        incomparable_parts: incomparable_message(shares.incomparable.iter().map(|(reason, count)| (*reason, *count))),
        missing_whole_count: shares.missing,
        ..v1::FigureSeries::default()
    };
    room.take_always(&message);
    message.buckets = room.list(Cut::Buckets, series.buckets.len() as u64, series.buckets.iter().map(bucket_message));
    message.pairs = room.list(Cut::Pairs, pairs.conflicts(), pairs.listed.iter().map(|pair| pair_message(pair, name)));
    message.groups = room.list(Cut::Groups, groups.count, groups.listed.iter().map(|group| group_message(group, name)));
    let is_cut = |group: &v1::AgreementGroup| (group.members.len() as u64) < group.count;
    if message.groups.iter().any(is_cut) {
        room.note(Cut::Groups);
    }
    message.shares =
        room.list(Cut::Shares, shares.total(), shares.listed.iter().map(|share| share_message(share, series)));
    message.statements = room.statements(series.statements.iter().map(statement_message));
    message
}

fn spread_message(spread: &Spread) -> v1::FigureSpread {
    let bounds = |bounds: &Option<Bounds>| bounds.clone().unwrap_or_default();
    let intervals = Intervals { hard: bounds(&spread.hard), soft: bounds(&spread.soft), numbers: Numbers::All };
    v1::FigureSpread {
        count: spread.count,
        intervals: Some(grading::intervals_message(&intervals)),
        lowest: string(spread.named.as_ref().map(|(low, _)| low)),
        highest: string(spread.named.as_ref().map(|(_, high)| high)),
        coded: coded_message(&spread.coded),
        anomaly_count: spread.anomalies,
    }
}

/// None where the convention gives none.
fn coded_message(coded: &Coded) -> Option<v1::ConventionalNumbers> {
    (*coded != Coded::default()).then(|| v1::ConventionalNumbers {
        low: string(coded.low.as_ref()),
        best_low: string(coded.best.as_ref().map(|(low, _)| low)),
        best_high: string(coded.best.as_ref().map(|(_, high)| high)),
        high: string(coded.high.as_ref()),
        conservative: string(coded.conservative.as_ref()),
        uncoded_count: coded.uncoded,
    })
}

/// The period, and whether there is no time at all.
fn period(placement: Placement) -> (String, bool) {
    match placement {
        Placement::Within(period) => (period.to_string(), false),
        Placement::Spanning => (String::new(), false),
        Placement::Undated => (String::new(), true),
    }
}

fn bucket_message(bucket: &Bucket) -> v1::FigureBucket {
    let (period, undated) = period(bucket.placement);
    v1::FigureBucket { period, undated, spread: Some(spread_message(&bucket.spread)) }
}

fn statement_message(stated: &Stated) -> v1::FigureStatement {
    let statement = &stated.statement;
    let anomalies = stated.anomalies.iter();
    let range = statement.time.map(|(range, _)| range);
    v1::FigureStatement {
        name: statement.figure_name(),
        figures: statement.figures.iter().map(to_response).collect(),
        intervals: Some(grading::intervals_message(&stated.intervals)),
        earliest: range.and_then(|range| range.earliest).map(timestamp),
        latest: range.and_then(|range| range.latest).map(timestamp),
        time_basis: statement.time.map_or(0, |(_, basis)| basis.number()),
        period: period(stated.placement).0,
        chain: statement.chain.iter().map(ToString::to_string).collect(),
        publisher_implied: statement.publisher_implied,
        anomalies: anomalies
            .map(|(figure, anomaly)| v1::StatementAnomaly { figure: figure.to_string(), anomaly: anomaly.number() })
            .collect(),
        status: statement.status.number(),
    }
}

fn pair_message(pair: &Pair, name: impl Fn(usize) -> String) -> v1::FigurePair {
    let finding = pair.finding.number();
    v1::FigurePair { a: name(pair.a), b: name(pair.b), finding, as_of_assumed: pair.as_of_assumed }
}

fn group_message(group: &Group, name: impl Fn(usize) -> String) -> v1::AgreementGroup {
    let (period, undated) = period(group.placement);
    v1::AgreementGroup {
        period,
        undated,
        common: interval_message(&group.common),
        count: group.count,
        origin_count: group.origins as u64,
        members: group.members.iter().copied().map(name).collect(),
    }
}

fn share_message(share: &Share, series: &Series) -> v1::FigureShare {
    let claim = series.statements.get(share.statement).map(|stated| &stated.statement.claim);
    v1::FigureShare {
        part: format!("{}/figures/{}", string(claim), share.part),
        whole: format!("{}/figures/{}", share.whole_claim, share.whole),
        whole_status: share.whole_status.number(),
        relation: share.relation.number(),
        fit: share.fit.number(),
        share: interval_message(&share.share),
    }
}
