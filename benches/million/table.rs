//! The table of pages: a row for each query, of one run or the medians of several.

use crate::ask::Measured;
use crate::goals::Goal;
use crate::median::median;
use crate::results::{Page, Results};

/// claimdb's latency by PostgreSQL's: as fast, or faster.
const GOAL: Goal = Goal::AtMost(1.0);

/// What one query came to in one run.
pub(crate) struct Row {
    pub(crate) name: String,
    /// What differs from store to store; behind the name.
    pub(crate) detail: String,
    pub(crate) ours: Measured,
    pub(crate) theirs: Option<Measured>,
}

/// The rows of every run, in the same order.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<Row>>,
}

impl Table {
    /// Takes in what another run came to.
    pub(crate) fn add(&mut self, run: Vec<Row>) {
        self.rows.resize_with(run.len(), Vec::new);
        for (runs, row) in self.rows.iter_mut().zip(run) {
            runs.push(row);
        }
    }

    /// Prints it, and notes the latencies, measured beside so many writes a second.
    pub(crate) fn print(&self, writes: Option<u64>, results: &mut Results) {
        let runs = self.rows.first().map_or(0, Vec::len);
        let measured = if runs > 1 { format!("Medians of {runs} runs") } else { "One run".to_owned() };
        say!("{measured}. A ratio is claimdb's by PostgreSQL's, the median of the runs' own.\n");
        say!(
            "| page of 100 | p50 ms | p99 ms | PostgreSQL p50 | PostgreSQL p99 | p50, ratio | p99, ratio | {GOAL} | found | \
             round trips | scan-limited | postings | samples, all runs |"
        );
        say!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        let (mut compared, mut reached) = (0, [0, 0]);
        for runs in &self.rows {
            let row = Medians::of(runs);
            row.print();
            if let Some((_, ratios)) = row.beside {
                compared += 1;
                for (reached, ratio) in reached.iter_mut().zip(ratios) {
                    *reached += u32::from(GOAL.is_reached(ratio));
                }
            }
            let ([p50, p99], found) = (row.ours, row.mean_found());
            results.note_page(Page { name: row.name.to_owned(), writes, p50, p99, found });
        }
        if compared > 0 {
            say!("\nas fast as PostgreSQL: p50 in {} of {compared} rows, p99 in {}", reached[0], reached[1]);
        }
    }
}

/// One row of the table.
struct Medians<'r> {
    name: &'r str,
    runs: &'r [Row],
    /// p50 and p99.
    ours: [f64; 2],
    /// PostgreSQL's, and the ratios, each of which is taken within a run.
    beside: Option<([f64; 2], [f64; 2])>,
}

const QUANTILES: [f64; 2] = [0.5, 0.99];

impl<'r> Medians<'r> {
    fn of(runs: &'r [Row]) -> Self {
        let both: Vec<_> = runs.iter().filter_map(|row| Some((&row.ours, row.theirs.as_ref()?))).collect();
        let ours = QUANTILES.map(|quantile| median(runs.iter().map(|row| row.ours.at(quantile))));
        let theirs = QUANTILES.map(|quantile| median(both.iter().map(|(_, theirs)| theirs.at(quantile))));
        let ratio = |quantile| median(both.iter().map(|(ours, theirs)| ours.at(quantile) / theirs.at(quantile)));
        let beside = (!both.is_empty()).then(|| (theirs, QUANTILES.map(ratio)));
        Self { name: runs.first().map_or("", |row| row.name.as_str()), runs, ours, beside }
    }

    fn print(&self) {
        let beside = self.beside.map_or_else(
            || "| | | |".to_owned(),
            |([p50, p99], ratios)| {
                let verdict = match ratios.map(|ratio| GOAL.is_reached(ratio)) {
                    [true, true] => "reached",
                    [true, false] => "p50 alone",
                    [false, true] => "p99 alone",
                    [false, false] => "**missed**",
                };
                format!("{p50:.2} | {p99:.2} | {:.2} | {:.2} | {verdict}", ratios[0], ratios[1])
            },
        );
        let effort = |part: fn(&Measured) -> f64| median(self.runs.iter().map(|row| part(&row.ours)));
        let samples: u64 = self.runs.iter().map(|row| row.ours.samples()).sum();
        say!(
            "| {}{} | {:.2} | {:.2} | {beside} | {} | {:.2} | {:.2} | {:.0} | {samples} |",
            self.name,
            self.runs.first().map_or("", |row| row.detail.as_str()),
            self.ours[0],
            self.ours[1],
            self.found(),
            effort(|measured| measured.effort().0),
            effort(|measured| measured.effort().1),
            effort(|measured| measured.effort().2),
        );
    }

    /// Claims or figures in an answer.
    fn mean_found(&self) -> f64 {
        self.runs.first().map_or(0.0, |row| row.ours.claims())
    }

    /// The two answer the same question: what they find must be as much, or one of them is asked another.
    fn found(&self) -> String {
        let Some(first) = self.runs.first() else { return String::new() };
        let ours = first.ours.claims();
        // One that was given up early was asked fewer of the turns.
        let theirs = first.theirs.as_ref().filter(|theirs| theirs.samples() == first.ours.samples());
        match theirs.map(Measured::claims) {
            Some(theirs) if (theirs - ours).abs() > 0.05 => format!("{ours:.1} (PostgreSQL {theirs:.1})"),
            Some(_) | None => format!("{ours:.1}"),
        }
    }
}
