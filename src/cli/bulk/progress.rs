//! How far it is: one line that is written over on a terminal, a line every few seconds elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use crate::cli::print;

/// How often a terminal is written to.
const TERMINAL: Duration = Duration::from_millis(200);

/// How often anything else is.
const PLAIN: Duration = Duration::from_secs(5);

/// The width of the bar.
const BAR: usize = 30;

/// Tells how far it is.
pub(super) struct Progress {
    what: &'static str,
    is_terminal: bool,
    is_quiet: bool,
    started: Instant,
    told: Instant,
    /// What is done, and all of it where that is known: bytes of an import, items of an export.
    done: u64,
    all: Option<u64>,
    items: u64,
    rejected: u64,
}

impl Progress {
    pub(super) fn new(what: &'static str, all: Option<u64>, is_quiet: bool) -> Self {
        let (is_terminal, now) = (std::io::stderr().is_terminal(), Instant::now());
        Self { what, is_terminal, is_quiet, started: now, told: now, done: 0, all, items: 0, rejected: 0 }
    }

    /// So much is done.
    pub(super) fn reach(&mut self, done: u64) {
        self.done = done;
    }

    /// So much is to be done, as is known by now.
    pub(super) fn expect(&mut self, all: u64) {
        self.all = Some(all);
    }

    /// So many more are done.
    pub(super) fn add(&mut self, items: u64, rejected: u64) {
        self.items += items;
        self.rejected += rejected;
        let pause = if self.is_terminal { TERMINAL } else { PLAIN };
        if !self.is_quiet && self.told.elapsed() >= pause {
            self.told = Instant::now();
            self.tell();
        }
    }

    /// Says something between the lines.
    pub(super) fn say(&self, message: &str) {
        self.clear();
        print::tell(message);
    }

    /// Says what nobody has to know.
    pub(super) fn note(&self, message: &str) {
        if !self.is_quiet {
            self.say(message);
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        if self.is_terminal && !self.is_quiet {
            write("\r\x1b[K");
        }
    }

    fn tell(&self) {
        let line = self.line(self.started.elapsed());
        if self.is_terminal {
            write(&format!("\r{line}\x1b[K"));
        } else {
            print::tell(&line);
        }
    }

    fn line(&self, elapsed: Duration) -> String {
        let rate = self.items as f64 / elapsed.as_secs_f64().max(0.001);
        let share = self.all.filter(|all| *all > 0);
        let share = share.map(|all| (self.done as f64 / all as f64).clamp(0.0, 1.0));
        let mut line = share.map_or_else(String::new, |share| match self.is_terminal {
            true => {
                let full = (share * BAR as f64) as usize;
                format!("[{}{}] {:3.0} % ", "#".repeat(full), " ".repeat(BAR - full), share * 100.0)
            }
            false => format!("{:.0} %, ", share * 100.0),
        });
        line.push_str(&format!("{} {}, {rate:.0}/s", self.items, self.what));
        if self.rejected > 0 {
            line.push_str(&format!(", {} rejected", self.rejected));
        }
        line
    }
}

/// Writes over the line of a terminal; nothing depends on it being seen.
fn write(text: &str) {
    let mut terminal = std::io::stderr().lock();
    let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_much_of_how_much() {
        let mut progress = Progress::new("items", Some(100), true);
        progress.reach(45);
        progress.is_terminal = false;
        progress.add(200, 3);
        assert_eq!(progress.line(Duration::from_secs(2)), "45 %, 200 items, 100/s, 3 rejected");
        progress.is_terminal = true;
        let bar = format!("[{}{}]  45 % 200 items, 100/s, 3 rejected", "#".repeat(13), " ".repeat(17));
        assert_eq!(progress.line(Duration::from_secs(2)), bar);
        progress.all = None;
        assert_eq!(progress.line(Duration::from_secs(2)), "200 items, 100/s, 3 rejected");
        progress.is_terminal = false;
        progress.expect(400);
        progress.reach(200);
        assert_eq!(progress.line(Duration::from_secs(2)), "50 %, 200 items, 100/s, 3 rejected");
    }
}
