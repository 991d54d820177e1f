//! What a run came to, kept in a file, and compared with another's.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::document;
use crate::goals::Goal;
use crate::reopen;
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
    totals: Vec<Total>,
    pages: Vec<Page>,
}

/// Of all of a store.
#[derive(Serialize, Deserialize)]
struct Total {
    what: String,
    unit: Unit,
    value: f64,
    /// The whole that it is a part of: with the other run's whole it is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part_of: Option<String>,
}

/// What a value counts.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// More is better.
    PerSecond,
    /// Not compared: what is larger takes more.
    Megabytes,
    /// Not compared either.
    Seconds,
    /// Not compared: it has a goal of its own, at any size.
    SecondsOfOurs,
}

/// Milliseconds until an answer, and how much was found in it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) name: String,
    /// Writes a second beside it.
    pub(crate) writes: Option<u64>,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) found: f64,
}

impl Results {
    pub(crate) fn new(machine: String, claims: u64) -> Self {
        Self { machine, claims, totals: Vec::new(), pages: Vec::new() }
    }

    pub(crate) fn note(&mut self, what: impl Into<String>, value: f64, unit: Unit) {
        self.totals.push(Total { what: what.into(), unit, value, part_of: None });
    }

    /// A part's rate, which is to hold beside that of the whole.
    pub(crate) fn note_part(&mut self, what: String, value: f64, whole: String) {
        self.totals.push(Total { what, unit: Unit::PerSecond, value, part_of: Some(whole) });
    }

    pub(crate) fn note_page(&mut self, page: Page) {
        self.pages.push(page);
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
        say!("\n## {} claims beside {}\n", in_words(self.claims), in_words(other.claims));
        let _table = document::table("compared");
        if self.machine != other.machine {
            say!("Not on the same machine: {}; {}\n", self.machine, other.machine);
        }
        self.compare_totals(other);
        self.compare_pages(other);
    }

    fn compare_totals(&self, other: &Self) {
        let names = if self.claims == other.claims {
            ["before".to_owned(), "now".to_owned()]
        } else {
            [in_words(other.claims), in_words(self.claims)]
        };
        say!("| measured | {} | {} | times the cost | goal | |", names[0], names[1]);
        say!("|---|---|---|---|---|---|");
        for total in &self.totals {
            let of_other = |what: &str| {
                let same = other.totals.iter().find(|before| before.what == what && before.unit == total.unit);
                same.map(|before| before.value)
            };
            let was = of_other(&total.what);
            let Some(beside) = total.part_of.as_deref().map_or(was, of_other) else { continue };
            let verdict = match total.unit {
                Unit::PerSecond => {
                    let cost = beside / total.value;
                    format!("{cost:.2} | {}", GOAL.cells(cost))
                }
                Unit::Megabytes | Unit::Seconds => " | | ".to_owned(),
                Unit::SecondsOfOurs => format!(" | {}", reopen::GOAL.cells_of(total.value, "s")),
            };
            let was = was.map_or_else(String::new, short);
            say!("| {} | {was} | {} | {verdict} |", total.what, short(total.value));
        }
    }

    fn compare_pages(&self, other: &Self) {
        let both: Vec<_> = self.pages.iter().filter_map(|page| Some((page, page.in_run(other)?))).collect();
        if both.is_empty() {
            return;
        }
        let [was, is] = if self.claims == other.claims {
            ["before".to_owned(), "now".to_owned()]
        } else {
            [other.claims, self.claims].map(|claims| format!("at {}", in_words(claims)))
        };
        say!("\n| page of 100 | writer | p50 ms {was} | {is} | times | p99 ms {was} | {is} | times | both {GOAL} |");
        say!("|---|---|---|---|---|---|---|---|---|");
        let (mut compared, mut reached) = (0, 0);
        for (page, before) in both {
            let pairs = [(before.p50, page.p50), (before.p99, page.p99)];
            let costs = pairs.map(|(was, is)| is / was);
            let (times, verdict) = if let Some(why) = page.finds_else(before) {
                ([String::new(), String::new()], why)
            } else {
                let is_reached = costs.iter().all(|cost| GOAL.is_reached(*cost));
                compared += 1;
                reached += u32::from(is_reached);
                let verdict = if is_reached { "reached" } else { "**missed**" };
                (costs.map(|cost| format!("{cost:.2}")), verdict.to_owned())
            };
            let [p50, p99] = pairs.map(|(was, is)| format!("{} | {}", short(was), short(is)));
            let writer = page.writes.map_or_else(|| "none".to_owned(), |writes| format!("{writes}/s"));
            say!("| {} | {writer} | {p50} | {} | {p99} | {} | {verdict} |", page.name, times[0], times[1]);
        }
        say!("\nboth within the goal in {reached} of {compared} rows that are compared");
    }
}

impl Page {
    /// The same page in another run.
    fn in_run<'r>(&self, other: &'r Results) -> Option<&'r Self> {
        other.pages.iter().find(|page| page.name == self.name && page.writes == self.writes)
    }

    /// A page that was not full in the smaller store costs more where there is more of it.
    fn finds_else(&self, before: &Self) -> Option<String> {
        let (was, is) = (before.found, self.found);
        let is_other = (was - is).abs() > (SAME_WITHIN * was.max(is)).max(SAME_BELOW);
        is_other.then(|| format!("not compared: found {was:.1}, then {is:.1}"))
    }
}

/// How many claims, as a name.
fn in_words(claims: u64) -> String {
    match claims {
        100_000 => "a hundred thousand".to_owned(),
        1_000_000 => "a million".to_owned(),
        10_000_000 => "ten million".to_owned(),
        100_000_000 => "a hundred million".to_owned(),
        other => other.to_string(),
    }
}
