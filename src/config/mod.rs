//! Configuration: flags over environment over file over defaults, resolved and checked once, at start.
//!
//! The settings themselves are listed in `settings.rs`; no other is read from the environment. (Where the program is to crash on
//! purpose, and what a process that probes a store may take, are none.)

mod declare;
mod settings;
mod values;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tracing_subscriber::EnvFilter;

pub use settings::{Config, Log, Partial, Server, Setting, Store, all};
pub use values::{Engine, Listen, LogFormat, Period, Size};

/// Why there is no configuration to start with. Every message names the setting or the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is missing or may not be read.
    #[error("configuration file {path} cannot be read")]
    File {
        /// The file asked for.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, has a key that is no setting, or a value of the wrong form.
    #[error("configuration file {path} is not valid: {message}")]
    Invalid {
        /// The file asked for.
        path: PathBuf,
        /// The line, the key and what is wrong with it.
        message: String,
    },
    /// A value is outside its limits.
    #[error("{name} is {value}, and must be {limits}")]
    OutOfRange {
        /// The setting's file key.
        name: &'static str,
        /// The value given.
        value: String,
        /// The smallest and the largest that is accepted.
        limits: String,
    },
    /// `log_filter` is no filter.
    #[error("log_filter `{filter}` is not valid: {message}")]
    LogFilter {
        /// The filter given.
        filter: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Config {
    /// Resolves what flags and environment said with the file, if one was named.
    pub fn load(given: Partial, file: Option<&Path>) -> Result<Self, Error> {
        let file = file.map(read).transpose()?.unwrap_or_default();
        let config = Self::resolve(given, file)?;
        config.log.filter()?;
        Ok(config)
    }

    /// The effective configuration as a file that would give it.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for (group, values) in self.values() {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}# {group}");
            for (name, value) in values {
                let _ = writeln!(text, "{name} = {}", show(value));
            }
        }
        text
    }
}

impl Log {
    /// What `log_filter` stands for.
    pub fn filter(&self) -> Result<EnvFilter, Error> {
        EnvFilter::builder()
            .parse(&self.log_filter)
            .map_err(|error| Error::LogFilter { filter: self.log_filter.clone(), message: error.to_string() })
    }
}

/// `docs/configuration.md`, made from the list of settings.
pub fn documentation() -> String {
    let mut text = String::from(PREFACE);
    let mut group = "";
    for setting in all() {
        if setting.group != group {
            group = setting.group;
            let _ = write!(text, "\n## {group}\n\n| Setting | Default | Limits | What it does |\n|---|---|---|---|\n");
        }
        let _ = writeln!(
            text,
            "| `{}`<br>`--{}`<br>`{}` | `{}` | {} | {} |",
            setting.name,
            setting.name.replace('_', "-"),
            setting.env,
            setting.default,
            setting.limits.as_deref().unwrap_or(""),
            setting.help.trim().replace('|', "\\|"),
        );
    }
    text
}

const PREFACE: &str = "\
# Configuration

<!-- Made from src/config/settings.rs; `UPDATE_DOCS=1 cargo test --test config` writes it anew. -->

Every setting can be given as a flag, an environment variable or a key of a TOML file; a flag wins over a variable,
a variable over the file, the file over the default. There is no file unless `--config` or `CLAIMDB_CONFIG` names
one. A key of the file or a flag that is no setting is refused, so that a misspelt one is not silently ignored. `claimdb config` prints
what is in effect.

Periods are written `500ms`, `10s`, `5m` or `1h`; sizes `64 KiB`, `4 MiB`, `1 GiB` or a number of bytes.

| Exit code | Meaning |
|---|---|
| 0 | ended as asked |
| 1 | an error; for `claimdb health`: not serving; for `claimdb import` and `export`: ended before it was done |
| 2 | the command line or the configuration is wrong |
| 3 | another process holds the store |
| 4 | the store is damaged |
| 5 | `claimdb import`: items were refused |
";

fn read(path: &Path) -> Result<Partial, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| Error::Invalid { path: path.to_owned(), message: error.to_string() })
}

/// A value as a TOML file has it; every type of setting has such a form.
fn show(value: Option<toml::Value>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
