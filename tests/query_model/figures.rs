//! Random questions about figures: pages joined together equal a pass over the log, and what they counted adds up.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use claimdb::domain::figure::compare::Incomparable;
use claimdb::domain::figure::units::{self, Kind};
use claimdb::domain::figure::{Bounds, FigureKind, Grade, Lower, MetricAsked, Policy, Question, Tolerance, Upper};
use claimdb::domain::filter::Filter;
use claimdb::domain::model::{Claim, EstimateRole, Record, RecordStatus, Unit, Version};
use claimdb::domain::name::RecordKind;
use claimdb::domain::sort::TimeField;
use claimdb::domain::term::Term;
use claimdb::domain::time::{ApproximateTime, Timestamp};
use claimdb::service::{
    Error, FigureCounts, FigurePageRequest, FigurePlace, FigureSort, FiguresAsked, FilterAsked, List, MetricsAsked,
    Service,
};
use claimdb::storage::{Head, Order, Query, Sort};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::history::{METRICS, TIMES, UNITS, VALUES, unit};
use crate::questions::{Wanted, wanted};

type End = (bool, &'static str);

/// A question in the making.
#[derive(Clone, Debug)]
pub(crate) struct Curious {
    wanted: Option<Wanted>,
    statuses: Vec<RecordStatus>,
    metric: MetricAsked,
    roles: Vec<EstimateRole>,
    kind: Option<FigureKind>,
    holds_at: Option<&'static str>,
    /// Where the range begins and ends: whether the end itself is left out, and the end.
    ends: (Option<End>, Option<End>),
    unit: usize,
    tolerance: &'static str,
    minimum: Grade,
    /// By value, or by what claims are ordered by.
    sort: Option<Sort>,
    order: Order,
    pub(crate) as_of: Index,
    limit: usize,
}

pub(crate) fn curious() -> impl Strategy<Value = Curious> {
    let metric = prop_oneof![
        1 => Just(MetricAsked::Any),
        4 => select(METRICS).prop_map(|key| MetricAsked::Key(key.to_owned())),
        2 => select(&["troops", "troop", "troops.killed", "none"][..])
            .prop_map(|prefix| MetricAsked::Prefix(prefix.to_owned())),
    ];
    let statuses = prop_oneof![
        3 => Just(vec![RecordStatus::Active]),
        1 => Just(vec![RecordStatus::Active, RecordStatus::Retracted]),
    ];
    let end = || of((any::<bool>(), select(VALUES)));
    let sort = prop_oneof![
        2 => Just(None),
        1 => Just(Some(Sort::Recorded)),
        1 => Just(Some(Sort::Time(TimeField::Event))),
        1 => Just(Some(Sort::Time(TimeField::Published))),
    ];
    let asked = (
        of(wanted()),
        statuses,
        metric,
        vec(select(EstimateRole::ALL), 0..2),
        of(select(&[FigureKind::Count, FigureKind::Measure][..])),
    );
    let range = (of(select(TIMES)), (end(), end()), 0..UNITS.len() + 2, select(&["0.1", "0", "1"][..]));
    let answer =
        (select(Grade::ALL), sort, select(&[Order::Ascending, Order::Descending][..]), any::<Index>(), 1..6usize);
    let every = (asked, range, answer).prop_map(
        |(
            (wanted, statuses, metric, roles, kind),
            (holds_at, ends, unit, tolerance),
            (minimum, sort, order, as_of, limit),
        )| Curious {
            wanted,
            statuses,
            metric,
            roles,
            kind,
            holds_at: holds_at.filter(|_| kind.is_some()),
            ends,
            unit,
            tolerance,
            minimum,
            sort,
            order,
            as_of,
            limit,
        },
    );
    // What sketches tell, where there are some.
    let told = |curious: Curious| Curious {
        wanted: None,
        metric: match curious.metric {
            MetricAsked::Any | MetricAsked::Prefix(_) => MetricAsked::Key(METRICS[0].to_owned()),
            metric @ MetricAsked::Key(_) => metric,
        },
        roles: Vec::new(),
        holds_at: None,
        sort: Some(Sort::Recorded),
        ..curious
    };
    (every, any::<bool>()).prop_map(move |(curious, is_told)| if is_told { told(curious) } else { curious })
}

impl Curious {
    pub(crate) fn asked(&self, posted: &[Term], times: &[Timestamp]) -> FiguresAsked {
        let lower = self.ends.0.map(|(open, value)| {
            let value = value.parse().unwrap();
            if open { Lower::MoreThan(value) } else { Lower::AtLeast(value) }
        });
        let upper = self.ends.1.map(|(open, value)| {
            let value = value.parse().unwrap();
            if open { Upper::LessThan(value) } else { Upper::AtMost(value) }
        });
        let range = Bounds { lower, upper };
        let range = if range.is_empty() { Bounds { upper: None, ..range } } else { range };
        let unit: Option<Unit> = UNITS.get(self.unit).and_then(|at| unit(*at));
        let is_measured = self.sort.is_none() || unit.is_some() || !range.is_unbounded();
        let filter = match &self.wanted {
            Some(wanted) => FilterAsked::Filter(wanted.filter(posted, times)),
            None => FilterAsked::All(Vec::new()),
        };
        FiguresAsked {
            claims: List {
                kind: RecordKind::Claim,
                filter,
                statuses: self.statuses.clone(),
                sort: self.sort.clone().unwrap_or(Sort::Recorded),
                order: self.order,
            },
            question: Question {
                metric: self.metric.clone(),
                roles: self.roles.clone(),
                kind: self.kind,
                as_of: self
                    .holds_at
                    .map(|text| text.parse::<ApproximateTime>().unwrap())
                    .filter(|time| !time.is_unknown())
                    .map(|time| time.range()),
                range,
                unit,
                is_measured,
                policy: Policy {
                    tolerance: Tolerance::try_from(
                        self.tolerance.parse::<claimdb::domain::decimal::Decimal>().unwrap(),
                    )
                    .unwrap(),
                    ..Policy::default()
                },
            },
            minimum: self.minimum,
            sort: if self.sort.is_some() { FigureSort::Claims } else { FigureSort::Value },
        }
    }
}

/// A hit: the number of its version, the index of its first figure, how many there are, and its grade.
type Hit = (u64, usize, usize, Grade);

#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    hits: Vec<Hit>,
    grades: Vec<(Grade, u64)>,
    incomparable: Vec<(Incomparable, u64)>,
}

/// The claims that are asked, by a pass over the log.
pub(crate) fn claims<'a>(
    log: &'a [Arc<Version>],
    asked: &'a List,
    as_of: u64,
) -> impl Iterator<Item = (&'a Arc<Version>, &'a Claim)> {
    let filter = match &asked.filter {
        FilterAsked::Filter(filter) => filter.clone(),
        FilterAsked::All(_)
        | FilterAsked::Any(_)
        | FilterAsked::Not(_)
        | FilterAsked::Source(_)
        | FilterAsked::Related(_) => Filter::All(Vec::new()),
    };
    let query = Query { kind: Some(RecordKind::Claim), filter, sort: asked.sort.clone(), order: asked.order };
    let made = move || log.iter().filter(move |version| version.revision <= as_of);
    let replaced: BTreeSet<u64> = made().filter_map(|version| version.replaces).collect();
    made().filter_map(move |version| {
        let Record::Claim(claim) = &version.record else { return None };
        let stands = !replaced.contains(&version.number) && asked.statuses.contains(&version.status());
        (stands && query.matches(version)).then_some((version, claim))
    })
}

/// The whole answer, by a pass over the log.
fn scan(log: &[Arc<Version>], asked: &FiguresAsked, as_of: u64) -> Answer {
    let (sort, order) = (&asked.claims.sort, asked.claims.order);
    let (dimension, _) = units::base(asked.question.unit.as_ref(), Kind::Value);
    let mut all = Vec::new();
    for (version, claim) in claims(log, &asked.claims, as_of) {
        for (index, candidate) in asked.question.candidates(&claim.figures).into_iter().enumerate() {
            let value = candidate.value_key();
            let value = value.number.filter(|_| value.dimension == dimension);
            let first = claim.figures.iter().position(|figure| std::ptr::eq(figure, candidate.figures[0])).unwrap();
            let hit = (version.number, first, candidate.figures.len());
            all.push((sort.cursor(version), value, index, hit, candidate.answer));
        }
    }
    let directed = |ordering: Ordering| if order == Order::Ascending { ordering } else { ordering.reverse() };
    all.sort_by(|a, b| {
        let place = match asked.sort {
            FigureSort::Claims => a.0.compare(&b.0, order),
            FigureSort::Value => match (a.1, b.1) {
                (Some(a), Some(b)) => directed(a.cmp(&b)),
                (a, b) => a.is_none().cmp(&b.is_none()),
            }
            .then(directed(a.0.number.cmp(&b.0.number))),
        };
        place.then(a.2.cmp(&b.2))
    });
    let grade =
        |grade: Grade| all.iter().filter(|(.., answer)| answer.as_ref().is_ok_and(|g| g.grade == grade)).count();
    let reason = |reason| all.iter().filter(|(.., answer)| *answer == Err(reason)).count();
    Answer {
        grades: Grade::ALL.iter().map(|found| (*found, grade(*found) as u64)).collect(),
        incomparable: Incomparable::ALL.iter().map(|found| (*found, reason(*found) as u64)).collect(),
        hits: all
            .iter()
            .filter_map(|(.., hit, answer)| {
                let graded = answer.as_ref().ok().filter(|graded| graded.grade >= asked.minimum)?;
                Some((hit.0, hit.1, hit.2, graded.grade))
            })
            .collect(),
    }
}

pub(crate) async fn ask(service: &Service, log: &[Arc<Version>], curious: &Curious, posted: &[Term], head: u64) {
    let times: Vec<Timestamp> = log.iter().map(|version| version.time).collect();
    let asked = curious.asked(posted, &times);
    let revision = curious.as_of.index(usize::try_from(head).unwrap() + 1) as u64;
    let expected = scan(log, &asked, revision);
    let head = Head { revision, time: None };
    let (mut found, mut counts, mut after) = (Answer::default(), FigureCounts::default(), None::<FigurePlace>);
    loop {
        let request = FigurePageRequest { after, limit: curious.limit };
        let page = match service.figures(&asked, head, request).await {
            Ok(page) => page,
            // There is no metric whose values could be walked.
            Err(Error::FilterTooWide { path, .. }) => {
                assert!(
                    path == "order" && asked.sort == FigureSort::Value && asked.question.metric == MetricAsked::Any
                );
                return;
            }
            Err(error) => panic!("{error}: {asked:?}"),
        };
        assert!(page.hits.len() <= curious.limit);
        for hit in &page.hits {
            let Record::Claim(claim) = &hit.version.record else { panic!("no claim") };
            let first = claim.figures.iter().position(|figure| *figure == hit.figures[0]).unwrap();
            found.hits.push((hit.version.number, first, hit.figures.len(), hit.graded.grade));
            counts.merge(&hit.passed);
        }
        counts.merge(&page.passed);
        assert!(found.hits.len() <= expected.hits.len(), "{asked:?}\n{:?}\n{:?}", found.hits, expected.hits);
        if page.next.is_none() {
            break;
        }
        assert_ne!(page.next, after, "headway");
        after = page.next;
    }
    found.grades = counts.grades().collect();
    found.incomparable = counts.incomparable().collect();
    assert_eq!(found, expected, "{asked:?} as of {revision}, pages of {}", curious.limit);
}

/// The list of metrics as of a revision equals a pass over the log.
pub(crate) async fn list(service: &Service, log: &[Arc<Version>], prefix: Option<&str>, limit: usize, revision: u64) {
    let made = || log.iter().filter(|version| version.revision <= revision);
    let replaced: BTreeSet<u64> = made().filter_map(|version| version.replaces).collect();
    let mut expected: BTreeMap<String, (u64, BTreeMap<String, u64>)> = BTreeMap::new();
    for version in made().filter(|version| !replaced.contains(&version.number) && version.retraction.is_none()) {
        let Record::Claim(claim) = &version.record else { continue };
        let (mut keys, mut uses) = (BTreeSet::new(), BTreeSet::new());
        for figure in &claim.figures {
            let Some(metric) = &figure.metric else { continue };
            let within = prefix.map(|prefix| MetricAsked::Prefix(prefix.to_owned())).unwrap_or_default();
            if within.matches(figure) {
                let unit = figure.unit.as_ref().map(|unit| (unit.system, unit.code.clone()));
                keys.insert(metric.key.clone());
                uses.insert((metric.key.clone(), format!("{:?}", (&metric.label, &metric.definition, unit))));
            }
        }
        for key in keys {
            expected.entry(key).or_default().0 += 1;
        }
        for (key, used) in uses {
            *expected.entry(key).or_default().1.entry(used).or_default() += 1;
        }
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let asked =
            MetricsAsked { prefix: prefix.map(str::to_owned), statuses: vec![RecordStatus::Active], after, limit };
        let page = service.metrics(&asked, Head { revision, time: None }).await.unwrap();
        assert!(page.metrics.len() <= limit && !page.is_cut_short);
        found.extend(page.metrics);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let keys: Vec<&String> = found.iter().map(|metric| &metric.key).collect();
    assert_eq!(keys, expected.keys().collect::<Vec<_>>(), "{prefix:?} as of {revision}");
    for metric in &found {
        assert!(!metric.uses_omitted && !metric.counts_limited);
        let uses = metric.uses.iter().map(|used| {
            let unit = used.unit.as_ref().map(|unit| (unit.system, unit.code.clone()));
            (format!("{:?}", (&used.label, &used.definition, unit)), used.claims)
        });
        let uses: BTreeMap<String, u64> = uses.collect();
        assert_eq!((metric.claims, &uses), (expected[&metric.key].0, &expected[&metric.key].1), "{}", metric.key);
        assert_eq!(uses.len(), metric.uses.len());
    }
}
