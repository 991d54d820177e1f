//! Summaries of random histories: they are made of the statements and the wholes that a pass over the log finds.

use std::collections::BTreeMap;
use std::sync::Arc;

use claimdb::domain::figure::compare::Incomparable;
use claimdb::domain::figure::summary::{Convention, Listed, Rule, Statement, Wholes, summarize};
use claimdb::domain::figure::{Bounds, MetricAsked, Question};
use claimdb::domain::model::{Record, Version};
use claimdb::domain::term::Term;
use claimdb::domain::time::{Precision, Timestamp};
use claimdb::service::{List, Service, SummaryAsked};
use claimdb::storage::{Head, Order, Sort};

use crate::figures::{Curious, claims};

/// The question of figures, as far as one can be asked of a summary.
fn asked(curious: &Curious, log: &[Arc<Version>], posted: &[Term]) -> SummaryAsked {
    let times: Vec<Timestamp> = log.iter().map(|version| version.time).collect();
    let figures = curious.asked(posted, &times);
    let rule = Rule {
        convention: Convention::Literal,
        precision: Precision::Month,
        policy: figures.question.policy.clone(),
        listed: Listed::by_default(),
    };
    let is_measured = figures.question.unit.is_some();
    SummaryAsked {
        claims: List { sort: Sort::Recorded, order: Order::Ascending, ..figures.claims },
        question: Question { range: Bounds::default(), is_measured, ..figures.question },
        rule,
    }
}

pub(crate) async fn ask(service: &Service, log: &[Arc<Version>], curious: &Curious, posted: &[Term], head: u64) {
    let asked = asked(curious, log, posted);
    // A summary is of some metric, always.
    if asked.question.metric == MetricAsked::Any {
        return;
    }
    let revision = curious.as_of.index(usize::try_from(head).unwrap() + 1) as u64;
    let found = service.summary(&asked, Head { revision, time: None }).await.unwrap();

    let (mut considered, mut statements, mut incomparable) = (0, Vec::new(), BTreeMap::<Incomparable, u64>::new());
    for (version, claim) in claims(log, &asked.claims, revision) {
        // A claim is considered where a figure of it has the metric, whatever else is asked of the figure.
        considered += u64::from(claim.figures.iter().any(|figure| asked.question.metric.matches(figure)));
        for candidate in asked.question.candidates(&claim.figures) {
            match Statement::of(version, claim, candidate, asked.question.unit.as_ref()) {
                Ok(statement) => statements.push(statement),
                Err(reason) => *incomparable.entry(reason).or_default() += 1,
            }
        }
    }
    let counted = (found.claims, found.statements, found.incomparable);
    assert_eq!(counted, (considered, statements.len() as u64, incomparable), "{asked:?} as of {revision}");
    assert_eq!(found.cut, None);
    let summary = summarize(statements, &wholes(log, revision), &asked.rule);
    assert_eq!(found.summary, summary, "{asked:?} as of {revision}");
}

/// Every figure that another could be a part of, whatever its claim's status.
fn wholes(log: &[Arc<Version>], as_of: u64) -> Wholes {
    let mut wholes = Wholes::new();
    // Later versions take the place of earlier ones, and what they no longer have is gone.
    for version in log.iter().filter(|version| version.revision <= as_of) {
        let Record::Claim(claim) = &version.record else { continue };
        wholes.retain(|(name, _), _| *name != version.name);
        for figure in &claim.figures {
            let Some(id) = &figure.id else { continue };
            wholes.insert((version.name.clone(), id.clone()), (figure.clone(), version.status()));
        }
    }
    wholes
}
