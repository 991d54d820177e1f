//! The tables, as Markdown.

use crate::calls::Work;
use crate::goals;
use crate::machine;
use crate::pages::Pages;
use crate::results::{Load, Results};

pub(crate) struct Table {
    /// In a document.
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// How it was measured.
pub(crate) struct About<'a> {
    pub(crate) runs: usize,
    pub(crate) seconds: u64,
    pub(crate) claims: u64,
    pub(crate) connections: usize,
    /// Bytes that a Record puts into the log.
    pub(crate) written: usize,
    pub(crate) notes: &'a [String],
}

pub(crate) fn all(
    about: &About<'_>,
    results: &Results,
    rates: &[(Work, f64)],
    pages: Option<&Pages>,
    memory: Vec<(&'static str, u64)>,
) -> Vec<Table> {
    let mut tables = vec![Table { name: "calls-about", text: of_machine(about) }];
    let mut add = |name, text| tables.push(Table { name, text });
    if !results.is_empty() {
        add("calls-goals", goals::table(results));
        add("calls-closed", closed(results));
    }
    if !rates.is_empty() {
        add("calls-open", open(results, rates));
    }
    if let Some(pages) = pages {
        add("calls-pages", pages.table());
    }
    add("calls-memory", of_memory(memory));
    tables
}

fn of_machine(about: &About<'_>) -> String {
    let About { runs, seconds, claims, connections, written, notes } = about;
    let mut text = format!(
        "{}, Linux {}; load at the end {}. {claims} claims stored before; medians of {runs} runs, {seconds} s for \
         each row, {connections} connections. A Record puts {written} bytes into claimdb's log.\n",
        machine::processors(),
        machine::system(),
        machine::load(),
    );
    for note in *notes {
        text += note;
        text.push('\n');
    }
    text
}

fn closed(results: &Results) -> String {
    let mut text =
        "| work | in flight | system | calls/s | p50 ms | p99 ms | server's processor, µs a call | errors |\n\
                    |---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for (key, sample) in results.medians() {
        let Load::Closed(in_flight) = key.load else { continue };
        let [p50, _, p99, ..] = sample.latencies;
        let processor = if sample.processor > 0.0 { format!("{:.0}", sample.processor) } else { String::new() };
        text += &format!(
            "| {} | {in_flight} | {} | {:.0} | {p50:.3} | {p99:.3} | {processor} | {:.0} |\n",
            name(key.work),
            key.system,
            sample.rate,
            sample.errors,
        );
    }
    text
}

fn open(results: &Results, rates: &[(Work, f64)]) -> String {
    let mut text =
        "| work | calls/s asked | calls/s done | system | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms | errors |\n\
                    |---|---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for (key, sample) in results.medians().filter(|(key, _)| key.load == Load::Open) {
        let rate = rates.iter().find(|(work, _)| *work == key.work).map_or(0.0, |(_, rate)| *rate);
        let latencies = sample.latencies.map(|latency| format!("{latency:.2}")).join(" | ");
        let (work, done) = (name(key.work), sample.rate);
        text += &format!("| {work} | {rate:.0} | {done:.0} | {} | {latencies} | {:.0} |\n", key.system, sample.errors);
    }
    text
}

fn of_memory(memory: Vec<(&'static str, u64)>) -> String {
    let mut text = "| system | resident memory at its peak, MB |\n|---|---|\n".to_owned();
    for (system, bytes) in memory {
        text += &format!("| {system} | {:.0} |\n", bytes as f64 / 1e6);
    }
    text
}

pub(crate) fn name(work: Work) -> &'static str {
    match work {
        Work::Record => "Record",
        Work::Get => "GetClaim",
    }
}
