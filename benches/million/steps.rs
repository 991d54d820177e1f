//! How fast an import goes on: step after step, each of as many claims.

use std::time::Instant;

/// Claims in a step of a large import; a smaller one has ten steps.
const STEP_MAX: u64 = 100_000;
/// And no less, as batches are kept several at a time.
const STEP_MIN: u64 = 10_000;
/// Rows that are printed, at most: of more steps, neighbours are taken together.
const ROWS_MAX: usize = 20;

/// Claims in one step of so many.
pub(crate) fn size(claims: u64) -> u64 {
    (claims / 10).clamp(STEP_MIN, STEP_MAX)
}

/// Where an import stands.
pub(crate) struct Steps {
    begin: Instant,
    last: Instant,
    size: u64,
    end: u64,
    next: u64,
    before: (u64, u64),
    done: Vec<Step>,
}

/// What a stretch of an import came to.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// Claims so far.
    pub(crate) until: u64,
    claims: u64,
    records: u64,
    seconds: f64,
    /// Resident bytes of the server at its end, where they are known.
    memory: Option<u64>,
}

/// An import that is done.
pub(crate) struct Curve {
    pub(crate) steps: Vec<Step>,
    claims: u64,
    seconds: f64,
}

impl Steps {
    pub(crate) fn begin(claims: u64) -> Self {
        let (now, size) = (Instant::now(), size(claims));
        Self { begin: now, last: now, size, end: claims, next: size.min(claims), before: (0, 0), done: Vec::new() }
    }

    /// So many claims and records are kept by now.
    pub(crate) fn at(&mut self, claims: u64, records: u64, memory: impl FnOnce() -> Option<u64>) {
        if claims < self.next {
            return;
        }
        self.done.push(Step {
            until: claims,
            claims: claims - self.before.0,
            records: records - self.before.1,
            seconds: self.last.elapsed().as_secs_f64(),
            memory: memory(),
        });
        self.last = Instant::now();
        self.before = (claims, records);
        self.next = (claims / self.size * self.size + self.size).min(self.end);
    }

    pub(crate) fn end(self) -> Curve {
        Curve { steps: self.done, claims: self.before.0, seconds: self.begin.elapsed().as_secs_f64() }
    }
}

impl Step {
    /// Claims a second.
    pub(crate) fn rate(&self) -> f64 {
        self.claims as f64 / self.seconds
    }

    fn and(self, next: Self) -> Self {
        let (claims, records) = (self.claims + next.claims, self.records + next.records);
        Self { claims, records, seconds: self.seconds + next.seconds, ..next }
    }
}

impl Curve {
    /// Claims a second, from the first to the last.
    pub(crate) fn rate(&self) -> f64 {
        self.claims as f64 / self.seconds
    }

    /// The rate of the last step by that of the first.
    pub(crate) fn last_by_first(&self) -> f64 {
        let rate = |step: Option<&Step>| step.map_or(f64::NAN, Step::rate);
        rate(self.steps.last()) / rate(self.steps.first())
    }

    /// Claims a second in the last of twenty parts, if there are so many steps.
    pub(crate) fn last_twentieth(&self) -> Option<f64> {
        let first = self.steps.len().checked_sub(self.steps.len() / 20).filter(|first| *first < self.steps.len())?;
        self.steps[first..].iter().copied().reduce(Step::and).map(|step| step.rate())
    }

    pub(crate) fn print(&self) {
        say!("| claims | claims/s | records/s | memory MB |");
        say!("|---|---|---|---|");
        let together = self.steps.len().div_ceil(ROWS_MAX).max(1);
        for step in self.steps.chunks(together).filter_map(|steps| steps.iter().copied().reduce(Step::and)) {
            let memory = step.memory.map_or_else(String::new, |bytes| format!("{:.0}", bytes as f64 / 1e6));
            let records = step.records as f64 / step.seconds;
            say!("| {} | {:.0} | {records:.0} | {memory} |", step.until, step.rate());
        }
        say!("\nall {} claims in {:.1} s: {:.0} claims/s", self.claims, self.seconds, self.rate());
    }
}
