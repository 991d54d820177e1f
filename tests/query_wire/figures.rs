//! Questions about figures: what is asked for, page after page, and what everything that is there comes to.

use std::collections::BTreeMap;

use claimdb::proto::claimdb::v1;
use tonic::Status;
use v1::interval::{Lower, Upper};
use v1::query_figures_request::MetricAsked;
use v1::{BareReading, EstimateRole, Figure, FigureKind, FigureOrder, Grade, VagueReading};

use crate::ask::{AsOf, as_of, assert_ambiguous};
use crate::candidates::{By, Candidate, candidates};
use crate::chance::Chance;
use crate::figure_records::{COUNTS, MEASURES, units};
use crate::filters::Filters;
use crate::grades::Policy;
use crate::history::History;
use crate::log::State;
use crate::numbers::Range;
use crate::pages::{Part, all, assert_small};
use crate::records::METRICS;
use crate::served::Served;
use crate::sources::claims_ambiguous;
use crate::times::TIMES;

/// The grades, from the lowest on.
const GRADES: [Grade; 5] = [Grade::Excluded, Grade::Remote, Grade::Possible, Grade::Likely, Grade::Certain];
/// Shares, and what they are written as.
pub(crate) const TOLERANCES: &[(&str, (i128, i128))] =
    &[("", (1, 10)), ("0.1", (1, 10)), ("0", (0, 1)), ("0.25", (1, 4)), ("1", (1, 1))];

/// A question; `as_of` and the token of the request are not filled in.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) request: v1::QueryFiguresRequest,
    as_of: AsOf,
}

fn question(chance: &mut Chance, served: &Served, history: &History) -> Question {
    let mut filters = Filters::new(chance, served, history);
    let prefixes = ["troops", "troops.", "troops.killed", "troop", "losses", "tro"];
    let metric_asked = match filters.chance.below(20) {
        0..12 => Some(MetricAsked::Metric(filters.chance.one(METRICS).into())),
        12..16 => Some(MetricAsked::MetricPrefix(filters.chance.one(&prefixes).into())),
        _ => None,
    };
    let roles = [EstimateRole::Single, EstimateRole::Low, EstimateRole::Best, EstimateRole::High].map(i32::from);
    let (statuses, as_of) = (filters.statuses(), filters.as_of(served.log.head()));
    let mut request = v1::QueryFiguresRequest {
        metric_asked,
        range: filters.chance.maybe(70, range),
        unit: filters.chance.maybe(30, |chance| units()[chance.index(units().len())].clone()),
        minimum_grade: filters.chance.word(Grade::Certain.into()),
        policy: filters.chance.maybe(60, policy),
        kind: filters.chance.maybe(20, |chance| chance.word(FigureKind::Percent.into())).unwrap_or_default(),
        order: filters.chance.word(FigureOrder::ValueDesc.into()),
        view: filters.chance.word(v1::FigureClaimView::Full.into()),
        page_size: filters.page_size(),
        statuses,
        ..Default::default()
    };
    // The others are told by what is known of a metric as a whole.
    if filters.chance.happens(60) {
        let times = |chance: &mut Chance| TIMES[chance.index(TIMES.len())].0.to_owned();
        request.holds_at = filters.chance.maybe(35, times).unwrap_or_default();
        request.roles = if filters.chance.happens(40) { filters.chance.few(&roles, 3) } else { Vec::new() };
        request.filter = filters.chance.happens(50).then(|| filters.claims(0));
    } else {
        request.order = filters.chance.word(FigureOrder::RecordedDesc.into());
    }
    Question { request, as_of }
}

/// A range that holds something.
fn range(chance: &mut Chance) -> v1::Interval {
    let numbers = [COUNTS, MEASURES, &["4", "12.5", "1800", "700", "0.05"]].concat();
    loop {
        let lower = chance.maybe(65, |chance| match (chance.happens(50), chance.one(&numbers).to_owned()) {
            (true, end) => Lower::MoreThan(end),
            (false, end) => Lower::AtLeast(end),
        });
        let upper = chance.maybe(65, |chance| match (chance.happens(50), chance.one(&numbers).to_owned()) {
            (true, end) => Upper::LessThan(end),
            (false, end) => Upper::AtMost(end),
        });
        let range = v1::Interval { lower, upper };
        if range != v1::Interval::default() && !Range::of(Some(&range)).is_empty() {
            return range;
        }
    }
}

fn policy(chance: &mut Chance) -> v1::TolerancePolicy {
    v1::TolerancePolicy {
        tolerance: TOLERANCES[chance.index(TOLERANCES.len())].0.into(),
        bare: chance.word(BareReading::Rounded.into()),
        vague: chance.word(VagueReading::Acled.into()),
    }
}

/// A hit, as far as there is one way to tell of it.
#[derive(Debug, PartialEq)]
struct Hit {
    claim: v1::Claim,
    publisher: String,
    figures: Vec<Figure>,
    grade: Grade,
    hard: Range,
    soft: Range,
    holds_at_assumed: bool,
}

/// What was counted: by grade, and by why there is none.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    grades: BTreeMap<i32, u64>,
    incomparable: BTreeMap<i32, u64>,
}

impl Question {
    /// What is ordered by, and whether the last of it comes first.
    fn order(&self) -> (By, bool) {
        use FigureOrder as F;
        match self.request.order() {
            F::Unspecified | F::RecordedAsc => (By::Recorded, false),
            F::RecordedDesc => (By::Recorded, true),
            F::EventAsc => (By::Event, false),
            F::EventDesc => (By::Event, true),
            F::PublishedAsc => (By::Published, false),
            F::PublishedDesc => (By::Published, true),
            F::ValueAsc => (By::Value, false),
            F::ValueDesc => (By::Value, true),
        }
    }

    /// Whether anything is asked of numbers: then they are measured in one unit.
    pub(crate) fn is_measured(&self) -> bool {
        self.request.range.is_some() || self.request.unit.is_some() || self.order().0 == By::Value
    }

    /// The policy, all of it.
    fn stated(&self) -> v1::TolerancePolicy {
        let asked = self.request.policy.clone().unwrap_or_default();
        let or = |word: i32, default: i32| if word == 0 { default } else { word };
        v1::TolerancePolicy {
            tolerance: if asked.tolerance.is_empty() { "0.1".into() } else { asked.tolerance },
            bare: or(asked.bare, BareReading::Stated.into()),
            vague: or(asked.vague, VagueReading::Open.into()),
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        let stated = self.stated();
        let (_, tolerance) = TOLERANCES.iter().find(|(written, _)| *written == stated.tolerance).unwrap();
        Policy { tolerance: *tolerance, bare: stated.bare(), vague: stated.vague() }
    }

    /// Takes in one page, and counts what was passed for it.
    async fn page(
        &self,
        served: &mut Served,
        page_token: String,
        counts: &mut Counts,
    ) -> Result<Part<v1::FigureHit>, Status> {
        let as_of = as_of!(self.as_of, query_figures_request);
        let request = v1::QueryFiguresRequest { page_token, as_of, ..self.request.clone() };
        let page = served.figures.query_figures(request).await?.into_inner();
        assert_small(page.hits.len(), self.request.page_size);
        assert_eq!(page.policy, Some(self.stated()));
        assert_eq!(page.grades.len(), GRADES.len(), "{:?}", page.grades);
        for grade in page.grades {
            *counts.grades.entry(grade.grade).or_default() += grade.count;
        }
        for incomparable in page.incomparable.into_iter().filter(|incomparable| incomparable.count > 0) {
            *counts.incomparable.entry(incomparable.reason).or_default() += incomparable.count;
        }
        Ok(Part { found: page.hits, next: page.next_page_token, revision: page.read.unwrap().revision })
    }

    /// The whole answer: the hits in their order, and what is counted.
    fn scan<'s>(&self, state: &'s State<'_>) -> (Vec<Candidate<'s>>, Counts) {
        let mut candidates = candidates(state, self);
        let (by, is_descending) = self.order();
        candidates.sort_by(|a, b| a.compare(b, state, by, is_descending));
        let mut counts =
            Counts { grades: GRADES.iter().map(|grade| (i32::from(*grade), 0)).collect(), ..Counts::default() };
        for candidate in &candidates {
            match candidate.graded {
                Ok((grade, _)) => *counts.grades.entry(grade.into()).or_default() += 1,
                Err(reason) => *counts.incomparable.entry(reason.into()).or_default() += 1,
            }
        }
        let minimum = Some(self.request.minimum_grade()).filter(|grade| *grade != Grade::Unspecified);
        let minimum = minimum.unwrap_or(Grade::Possible);
        candidates.retain(|candidate| candidate.graded.is_ok_and(|(grade, _)| grade >= minimum));
        (candidates, counts)
    }

    /// What is told of a candidate that is a hit.
    fn told(&self, state: &State<'_>, candidate: &Candidate<'_>) -> Hit {
        let v1::version::Record::Claim(claim) = state.read(candidate.record) else { unreachable!() };
        let (grade, intervals) = candidate.graded.unwrap();
        let claim = match self.request.view() {
            v1::FigureClaimView::Full => claim.clone(),
            v1::FigureClaimView::Unspecified | v1::FigureClaimView::Brief => v1::Claim {
                name: claim.name.clone(),
                article: claim.article.clone(),
                statement: claim.statement.clone(),
                language: claim.language.clone(),
                attributions: claim.attributions.clone(),
                event_time: claim.event_time.clone(),
                retracted_references: claim.retracted_references.clone(),
                metadata: claim.metadata.clone(),
                ..Default::default()
            },
        };
        Hit {
            publisher: state.publisher(&claim).unwrap_or_default().to_owned(),
            claim,
            figures: candidate.figures.clone(),
            grade,
            hard: intervals.hard,
            soft: intervals.soft,
            holds_at_assumed: candidate.is_assumed,
        }
    }
}

fn hit(hit: v1::FigureHit) -> Hit {
    let (grade, intervals) = (hit.grade(), hit.intervals.unwrap_or_default());
    Hit {
        claim: hit.claim.unwrap(),
        publisher: hit.publisher,
        figures: hit.figures,
        grade,
        hard: Range::of(intervals.hard.as_ref()),
        soft: Range::of(intervals.soft.as_ref()),
        holds_at_assumed: hit.holds_at_assumed,
    }
}

/// Asks for figures, and holds the answer against a pass over everything.
pub(crate) async fn ask(chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
    let question = question(chance, served, history);
    let expected_revision = served.log.asked(question.as_of);
    let filter = question.request.filter.as_ref();
    if filter.is_some_and(|filter| claims_ambiguous(&served.log.state(expected_revision), filter)) {
        let mut counts = Counts::default();
        assert_ambiguous(&question.page(served, String::new(), &mut counts).await.err().unwrap());
        return 0;
    }
    let expected = question.scan(&served.log.state(expected_revision)).0.len();
    let mut counts = Counts::default();
    let ask = async |served: &mut Served, page_token| question.page(served, page_token, &mut counts).await;
    let answer = all(chance, served, history, expected, ask).await;
    let (found, revision) = answer.unwrap_or_else(|status| panic!("{status:?}: {question:?}"));
    let state = served.log.state(expected_revision);
    let (expected, expected_counts) = question.scan(&state);
    let number_of = |hit: &v1::FigureHit| format!("{} {:?}", hit.claim.as_ref().unwrap().name, hit.figures[0].id);
    let names = |it: &Candidate<'_>| format!("{} {:?}", crate::log::name(it.record), it.figures[0].id);
    assert_eq!(
        found.iter().map(number_of).collect::<Vec<_>>(),
        expected.iter().map(names).collect::<Vec<_>>(),
        "as of {expected_revision}: {question:?}"
    );
    for (found, candidate) in found.iter().zip(&expected) {
        assert!(candidate.anomalies().contains(&found.anomaly()), "{found:?}");
        let (found, expected) = (hit(found.clone()), question.told(&state, candidate));
        let graded = |hit: &Hit| (hit.grade, hit.hard, hit.soft);
        assert_eq!(graded(&found), graded(&expected), "{:?}: {question:?}", candidate.figures);
        assert_eq!(found, expected, "as of {expected_revision}: {question:?}");
    }
    assert_eq!(counts, expected_counts, "as of {expected_revision}: {question:?}");
    served.log.assert_answered(expected_revision, revision);
    found.len()
}
