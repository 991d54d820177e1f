//! The drawings: how many calls a second, and how latencies spread.

use crate::MANY;
use crate::calls::Work;
use crate::limits::{APPEND, ENGINE};
use crate::plot::{Bar, Line, bars, lines};
use crate::results::{Key, Load, Results};
use crate::tables::name;

const AT: [&str; crate::results::QUANTILES.len()] = ["p50", "p90", "p99", "p99.9", "max"];

/// Each with the name of its file.
pub(crate) fn all(results: &Results, rates: &[(Work, f64)]) -> Vec<(String, String)> {
    let mut drawings = Vec::new();
    for work in [Work::Record, Work::Get] {
        // Beside what the disk and the engine do alone, nothing else could be told apart.
        let is_called = |key: &Key| ![APPEND, ENGINE].contains(&key.system);
        let is_of_work = |key: &Key| key.work == work && key.load == Load::Closed(MANY);
        let rows = results.medians().filter(|(key, _)| is_of_work(key) && is_called(key));
        let bars_of: Vec<Bar> =
            rows.map(|(key, sample)| Bar { name: key.system.to_owned(), value: sample.rate }).collect();
        if !bars_of.is_empty() {
            let title = format!("{}, {MANY} in flight: calls a second", name(work));
            drawings.push((format!("calls-{}", file(work)), bars(&title, &bars_of)));
        }
    }
    for (work, rate) in rates {
        let rows = results.medians().filter(|(key, _)| key.work == *work && key.load == Load::Open);
        let lines_of: Vec<Line> =
            rows.map(|(key, sample)| Line { name: key.system.to_owned(), values: sample.latencies.to_vec() }).collect();
        let title = format!("{} at {rate:.0} calls a second: latency from its turn, ms", name(*work));
        drawings.push((format!("latencies-{}", file(*work)), lines(&title, &AT, &lines_of)));
    }
    drawings
}

fn file(work: Work) -> &'static str {
    match work {
        Work::Record => "record",
        Work::Get => "get",
    }
}
