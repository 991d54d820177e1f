//! What a run came to, kept in a file, and compared with another's.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::goals::Goal;
use crate::report::short;

/// How much more the larger store may cost.
const GOAL: Goal = Goal::AtMost(1.5);

/// Answers that differ by no more of what was found are the same for a comparison.
const SAME_WITHIN: f64 = 0.05;
/// And by less than one, where there is next to nothing.
const SAME_BELOW: f64 = 0.5;

/// What a run measured.
#[derive(Serialize, Deserialize)]
pub(crate) struct Results {
    machine: String,
    claims: u64,
    measures: Vec<Measure>,
}

#[derive(Serialize, Deserialize)]
struct Measure {
    what: String,
    unit: Unit,
    value: f64,
    /// How much was found, where that makes a difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    found: Option<f64>,
}

/// What a value counts.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// More is better.
    PerSecond,
    Milliseconds,
    /// Not compared: it has a goal of its own, at any size.
    Seconds,
    /// Not compared: what is larger takes more.
    Megabytes,
}

impl Results {
    pub(crate) fn new(machine: String, claims: u64) -> Self {
        Self { machine, claims, measures: Vec::new() }
    }

    pub(crate) fn note(&mut self, what: impl Into<String>, value: f64, unit: Unit) {
        self.measures.push(Measure { what: what.into(), unit, value, found: None });
    }

    /// Milliseconds until an answer in which so much was found.
    pub(crate) fn note_answer(&mut self, what: String, value: f64, found: f64) {
        self.measures.push(Measure { what, unit: Unit::Milliseconds, value, found: Some(found) });
    }

    pub(crate) fn write(&self, path: &Path) {
        let text = serde_json::to_string_pretty(self).expect("plain values");
        std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{} holds no results: {error}", path.display()))
    }

    /// A row for everything that both measured: what this run costs by what the other one cost.
    pub(crate) fn compare(&self, other: &Self) {
        say!("\n## {} claims beside {}\n", self.claims, other.claims);
        if self.machine != other.machine {
            say!("Not on the same machine: {}; {}\n", self.machine, other.machine);
        }
        say!("| measured | {} claims | {} claims | times the cost | goal | |", other.claims, self.claims);
        say!("|---|---|---|---|---|---|");
        let (mut compared, mut reached) = (0, 0);
        for measure in &self.measures {
            let same = |before: &&Measure| before.what == measure.what && before.unit == measure.unit;
            let Some(before) = other.measures.iter().find(same) else { continue };
            let (was, is) = (short(before.value), short(measure.value));
            let Some(cost) = measure.cost_by(before) else {
                let why = measure.finds_else(before).unwrap_or_default();
                say!("| {} | {was} | {is} | | | {why} |", measure.what);
                continue;
            };
            compared += 1;
            reached += u32::from(GOAL.is_reached(cost));
            say!("| {} | {was} | {is} | {cost:.2} | {} |", measure.what, GOAL.cells(cost));
        }
        say!("\n{reached} of {compared} within the goal");
    }
}

impl Measure {
    /// None where the two are not compared.
    fn cost_by(&self, before: &Self) -> Option<f64> {
        match self.unit {
            Unit::PerSecond => Some(before.value / self.value),
            Unit::Milliseconds => Some(self.value / before.value).filter(|_| self.finds_else(before).is_none()),
            Unit::Seconds | Unit::Megabytes => None,
        }
    }

    /// A page that was not full in the smaller store costs more where there is more of it.
    fn finds_else(&self, before: &Self) -> Option<String> {
        let (was, is) = before.found.zip(self.found)?;
        let is_other = (was - is).abs() > (SAME_WITHIN * was.max(is)).max(SAME_BELOW);
        is_other.then(|| format!("not compared: found {was:.1}, then {is:.1}"))
    }
}
