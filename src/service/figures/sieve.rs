//! Figures that need not be read, since an index tells what they answer and it is less than is asked for. They are counted
//! all the same.

use std::sync::Arc;

use super::FiguresAsked;
use super::answered::Answered;
use super::page::Answer;
use crate::domain::figure::compare::Incomparable;
use crate::domain::figure::{Grade, MetricAsked, Question, Sketch};
use crate::storage::{HeldBack, SIEVE_GROUPS, Sieve, Sort};

// Each answer has a group.
const _: () = assert!(Grade::ALL.len() + Incomparable::ALL.len() <= SIEVE_GROUPS);

/// What holds back the claims whose figures answer too little; none where no index tells.
pub(super) fn of(asked: &FiguresAsked, answered: &Answered) -> Option<Sieve> {
    let MetricAsked::Key(metric) = &asked.question.metric else { return None };
    if asked.claims.sort != Sort::Recorded {
        return None;
    }
    // No sketch has a metric: what one answers is the same of each.
    let question = Question { metric: MetricAsked::Any, ..asked.question.clone() };
    let minimum = asked.minimum;
    let groups = answered.of(&question, minimum);
    let group = move |sketch: &Sketch| {
        groups.of(sketch, || {
            let answer = sketch.answer(&question)?;
            let is_hit = answer.is_ok_and(|grade| grade >= minimum);
            answers().position(|other| other == answer).filter(|_| !is_hit)
        })
    };
    Some(Sieve { metric: metric.clone(), group: Arc::new(group) })
}

/// What there is to be answered, in the order of the groups.
fn answers() -> impl Iterator<Item = Answer> {
    let grades = Grade::ALL.iter().map(|grade| Ok(*grade));
    grades.chain(Incomparable::ALL.iter().map(|reason| Err(*reason)))
}

/// How often each was answered by what was held back.
pub(super) fn counts(held_back: Option<&HeldBack>) -> impl Iterator<Item = (Answer, u64)> {
    answers().zip(held_back.into_iter().flatten().copied())
}
