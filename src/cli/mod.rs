//! The command line: reads it, resolves the configuration, runs the subcommand, says how it ended.

mod as_of;
mod bulk;
mod connection;
mod figures;
mod health;
mod inspect;
mod memory;
mod print;
mod serve;
mod signals;
mod store;
mod threads;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::config::{self, Config, Partial};
use crate::storage::ON_DAMAGE;

pub use serve::{Context, Open, OpenError, Opened, Services, Task};

/// A claim database as a gRPC service.
#[derive(Debug, Parser)]
#[command(name = "claimdb", version, after_help = EXIT_CODES)]
struct Cli {
    /// TOML file with settings; there is none unless named.
    #[arg(long, env = "CLAIMDB_CONFIG", global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Partial,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (what happens without a subcommand).
    Serve,
    /// Ask a server how it is; exit code 0 if it is serving, 1 if not. For containers without a shell.
    Health(health::Arguments),
    /// Import records from files of JSON Lines; exit code 5 if items were refused.
    Import(bulk::Import),
    /// Export records to a file of JSON Lines, as of one revision.
    Export(Box<bulk::Export>),
    /// Print what is said of a metric, side by side over time, and draw how far it spreads.
    Figures(Box<figures::Arguments>),
    /// Print the configuration in effect, as TOML.
    Config,
    /// Check a store that no process has open, without writing to it; exit code 0 if it is sound, 4 if not.
    Verify(inspect::Verify),
    /// Open a store within limits, for a parent that must not be taken down by it.
    #[command(hide = true)]
    Probe(inspect::Probe),
}

const EXIT_CODES: &str = "\
Exit codes: 0 ended as asked, 1 an error (health: not serving; import, export: ended before it was done),
2 the command line or the configuration is wrong, 3 another process holds the store, 4 the store is damaged,
5 items of an import were refused.";

/// The subcommands that read few settings, and which: their help lists no others. All are accepted everywhere, so that what
/// is set for a server is no mistake where a client is run beside it.
const FEW_SETTINGS: [(&str, &[&str]); 6] = [
    ("health", &["listen"]),
    ("import", &["listen"]),
    ("export", &["listen"]),
    ("figures", &["listen"]),
    ("verify", &["data_dir"]),
    ("probe", &["data_dir"]),
];

/// What their help says instead.
const OTHER_SETTINGS: &str = "\
The other settings, which `claimdb --help` lists, are accepted and not used.";

/// The exit code when items of an import were refused.
const REJECTED: u8 = 5;

/// Why the program ends with something other than success.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something went wrong while running.
    #[error("{0}")]
    Error(String),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// What is asked for does not go together.
    #[error("{0}")]
    Usage(String),
    /// Another process holds the store.
    #[error("another process holds the store {0}")]
    Locked(String),
    /// The store is damaged.
    #[error("the store is damaged: {0}")]
    Damaged(String),
}

impl Failure {
    /// With the directory that it is about, where it does not say so by itself.
    fn in_directory(self, directory: &Path) -> Self {
        match self {
            Self::Locked(what) => Self::Locked(format!("in {}: {what}", directory.display())),
            Self::Error(_) | Self::Config(_) | Self::Usage(_) | Self::Damaged(_) => self,
        }
    }

    /// What else whoever runs the program should know.
    fn advice(&self) -> String {
        match self {
            Self::Damaged(_) => format!("; {ON_DAMAGE}"),
            Self::Error(_) | Self::Config(_) | Self::Usage(_) | Self::Locked(_) => String::new(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Error(_) => 1,
            Self::Config(_) | Self::Usage(_) => 2,
            Self::Locked(_) => 3,
            Self::Damaged(_) => 4,
        })
    }
}

/// Runs the program with these services, and returns its exit code.
pub fn main(services: Services) -> ExitCode {
    let cli = match Cli::from_arg_matches(&command().get_matches()) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match run(cli, services) {
        Ok(code) => code,
        Err(failure) => {
            print::tell(&format!("claimdb: {}{}", chain(&failure), failure.advice()));
            failure.exit_code()
        }
    }
}

fn run(cli: Cli, services: Services) -> Result<ExitCode, Failure> {
    let config = Config::load(cli.settings, cli.config.as_deref())?;
    let directory = config.store.data_dir.clone();
    command_of(cli.command, config, services).map_err(|failure| failure.in_directory(&directory))
}

fn command_of(command: Option<Command>, config: Config, services: Services) -> Result<ExitCode, Failure> {
    match command {
        Some(Command::Serve) | None => serve::run(config, services).map(|()| ExitCode::SUCCESS),
        Some(Command::Health(arguments)) => health::run(&config, &arguments),
        Some(Command::Import(arguments)) => bulk::import(&config, arguments),
        Some(Command::Export(arguments)) => bulk::export(&config, *arguments),
        Some(Command::Figures(arguments)) => figures::run(&config, *arguments).map(|()| ExitCode::SUCCESS),
        Some(Command::Config) => print::print(&config.to_toml()).map(|()| ExitCode::SUCCESS),
        Some(Command::Verify(arguments)) => inspect::verify(&config, &arguments).map(|()| ExitCode::SUCCESS),
        Some(Command::Probe(arguments)) => inspect::probe(&config, &arguments).map(|()| ExitCode::SUCCESS),
    }
}

/// The command line, with each setting's default and limits in its help.
fn command() -> clap::Command {
    let command = config::all().into_iter().fold(Cli::command(), |command, setting| {
        let limits = setting.limits.map(|limits| format!(", limits: {limits}")).unwrap_or_default();
        let help = format!("{} [default: {}{limits}]", setting.help.trim(), setting.default);
        command.mut_arg(setting.name, |argument| argument.help(help).long_help(None))
    });
    FEW_SETTINGS.iter().fold(command, |command, (subcommand, used)| {
        let unused: Vec<clap::Arg> = config::all()
            .iter()
            .filter(|setting| !used.contains(&setting.name))
            .filter_map(|setting| command.get_arguments().find(|argument| argument.get_id() == setting.name))
            .map(|argument| argument.clone().hide(true))
            .collect();
        command.mut_subcommand(subcommand, |subcommand| subcommand.args(unused).after_help(OTHER_SETTINGS))
    })
}

/// An error with its causes on one line: it is read in logs of containers.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_as_documented() {
        let failures = [
            (1, Failure::Error(String::new())),
            (2, config::Error::LogFilter { filter: String::new(), message: String::new() }.into()),
            (2, Failure::Usage(String::new())),
            (3, OpenError::Locked(String::new()).into()),
            (4, OpenError::Damaged(String::new()).into()),
            (1, OpenError::Other(String::new()).into()),
        ];
        for (code, failure) in failures {
            assert_eq!(format!("{:?}", failure.exit_code()), format!("{:?}", ExitCode::from(code)));
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }
}
