//! Options of a bench, as they stand after `--`.

use std::str::FromStr;

/// What was asked for on the command line.
pub(crate) struct Options {
    arguments: Vec<String>,
}

impl Options {
    pub(crate) fn of_this_program() -> Self {
        Self { arguments: std::env::args().skip(1).collect() }
    }

    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument == name)
    }

    /// The value behind an option.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let position = self.arguments.iter().position(|argument| argument == name)?;
        self.arguments.get(position + 1).cloned()
    }

    /// The number behind an option, or what it is by default.
    pub(crate) fn number<T: FromStr>(&self, name: &str, default: T) -> T {
        let Some(text) = self.text(name) else { return default };
        text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text:?}"))
    }
}
