//! What sketches answered to the questions that were asked lately: each page of an answer puts the same question to the same
//! sketches again, and to find out what one answers means to compare a handful of numbers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::figure::{Grade, Question, Sketch};

/// Questions that are kept; each is looked for among all of them.
const QUESTIONS: usize = 16;

/// Sketches that are kept with a question, of some hundred bytes each. A metric has some hundreds, and shares
/// most of them with others.
const SKETCHES: usize = 2_048;

/// The questions asked lately, the latest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answered(Arc<Mutex<VecDeque<Asked>>>);

#[derive(Debug)]
struct Asked {
    question: Question,
    minimum: Grade,
    groups: Groups,
}

/// The group of each sketch that was met; none where its figures are to be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups(Arc<Mutex<HashMap<Sketch, Option<usize>>>>);

impl Answered {
    /// What is known of a question with the lowest grade of a hit.
    pub(super) fn of(&self, question: &Question, minimum: Grade) -> Groups {
        let mut questions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = questions.iter().position(|asked| asked.minimum == minimum && asked.question == *question);
        let asked = place.and_then(|place| questions.remove(place)).unwrap_or_else(|| Asked {
            question: question.clone(),
            minimum,
            groups: Groups::default(),
        });
        questions.truncate(QUESTIONS - 1);
        let groups = asked.groups.clone();
        questions.push_front(asked);
        groups
    }
}

impl Groups {
    /// The group of a sketch, which is found out once.
    pub(super) fn of(&self, sketch: &Sketch, find_out: impl FnOnce() -> Option<usize>) -> Option<usize> {
        if let Some(group) = self.kept().get(sketch) {
            return *group;
        }
        let group = find_out();
        let mut kept = self.kept();
        if kept.len() < SKETCHES {
            kept.insert(sketch.clone(), group);
        }
        group
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Sketch, Option<usize>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
