//! What is to be reached, beside what was. A ratio is taken within each run, where both met the same machine, and its
//! median over the runs is what counts.

use crate::MANY;
use crate::calls::Work;
use crate::limits::{APPEND, ENGINE};
use crate::median::median;
use crate::results::{Key, Load, Results, Sample};
use crate::systems::{CLAIMDB, ECHO, ETCD, POSTGRES};

struct Goal {
    what: &'static str,
    beside: &'static str,
    goal: &'static str,
    is_reached: fn(f64) -> bool,
    ratio: fn(&Results) -> Vec<f64>,
}

const GOALS: [Goal; 4] = [
    Goal {
        what: "Record, 64 in flight: calls/s",
        beside: POSTGRES,
        goal: "≥ 3",
        is_reached: |ratio| ratio >= 3.0,
        ratio: |results| rates(results, Work::Record, POSTGRES),
    },
    Goal {
        what: "Record, 64 in flight: calls/s",
        beside: ETCD,
        goal: "≥ 1.5",
        is_reached: |ratio| ratio >= 1.5,
        ratio: |results| rates(results, Work::Record, ETCD),
    },
    Goal {
        what: "Record, 1 in flight: p50",
        beside: "sled's flush, fdatasync and echo together",
        goal: "≤ 1.5",
        is_reached: |ratio| ratio <= 1.5,
        ratio: alone,
    },
    Goal {
        what: "GetClaim, 64 in flight: calls/s",
        beside: ECHO,
        goal: "≥ 0.70",
        is_reached: |ratio| ratio >= 0.7,
        ratio: |results| rates(results, Work::Get, ECHO),
    },
];

pub(crate) fn table(results: &Results) -> String {
    let mut text =
        "| claimdb's | divided by that of | goal | ratio | lowest to highest run | |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for Goal { what, beside, goal, is_reached, ratio } in &GOALS {
        let ratios = ratio(results);
        if ratios.is_empty() {
            text += &format!("| {what} | {beside} | {goal} | | | not measured |\n");
            continue;
        }
        let (low, high) = ratios.iter().fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(*at), high.max(*at)));
        let ratio = median(ratios);
        let verdict = if is_reached(ratio) { "reached" } else { "**missed**" };
        text += &format!("| {what} | {beside} | {goal} | {ratio:.2} | {low:.2} to {high:.2} | {verdict} |\n");
    }
    text
}

/// Of one run each: claimdb's rate by another's.
fn rates(results: &Results, work: Work, other: &'static str) -> Vec<f64> {
    let runs = |system| results.runs(Key { work, load: Load::Closed(MANY), system });
    runs(CLAIMDB).iter().zip(runs(other)).map(|(ours, theirs)| ours.rate / theirs.rate).collect()
}

/// Of one run each: claimdb's latency by what its parts take one after the other.
fn alone(results: &Results) -> Vec<f64> {
    let runs = |system| results.runs(Key { work: Work::Record, load: Load::Closed(1), system });
    let parts = runs(ENGINE).iter().zip(runs(APPEND)).zip(runs(ECHO));
    let sums = parts.map(|((engine, append), echo)| [engine, append, echo].into_iter().map(Sample::p50).sum::<f64>());
    runs(CLAIMDB).iter().zip(sums).map(|(ours, sum)| ours.p50() / sum).collect()
}
