//! `claimdb import`: what is asked for, and how it ended.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use super::again;
use super::files::{Lines, check, fingerprint, is_read_once, is_same_file, is_standard, size};
use super::progress::Progress;
use super::rejects::Rejects;
use super::sending::{Import, Outcome};
use crate::cli::connection::Server;
use crate::cli::print::print;
use crate::cli::{Failure, REJECTED};
use crate::config::Config;
use crate::domain::limits;
use crate::domain::text::Sha256;
use crate::proto::claimdb::v1;

/// What to import, and how.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Files of JSON Lines, one claimdb.v1.RecordRequest each; compressed ones by their name (.gz, .zst); - reads
    /// standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    server: Server,
    /// Name of the import [default: made from the paths of the files]
    #[arg(long, value_name = "NAME")]
    session: Option<String>,
    /// Go on with an import that was interrupted
    #[arg(long)]
    resume: bool,
    /// Write the lines that are refused, and why, to this file
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// What to do with an item that is refused: leave it out and go on, or stop before its batch
    #[arg(long, value_enum, default_value_t = OnError::Skip)]
    on_error: OnError,
    /// Records in one batch, which is one commit
    #[arg(long, default_value_t = limits::REQUEST_RECORDS, value_name = "N", value_parser = at_least_one)]
    batch_records: usize,
    /// Batches that may wait for their acknowledgement
    #[arg(long, default_value_t = limits::IMPORT_BATCHES, value_name = "N", value_parser = at_least_one)]
    in_flight: usize,
    /// The tool that is recorded with items which do not say who records
    #[arg(long, value_name = "NAME")]
    tool: Option<String>,
    /// Say nothing while it goes well
    #[arg(long, short)]
    quiet: bool,
}

/// What happens when an item is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnError {
    Skip,
    Stop,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

/// Imports.
pub(in crate::cli) fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Error(format!("no runtime: {error}")))?;
    let quiet = arguments.quiet;
    let import = prepare(config, arguments)?;
    let outcome = runtime.block_on(import.run());
    // A thread that reads standard input may never end.
    runtime.shutdown_background();
    let outcome = outcome?;
    if !quiet {
        print(&format!("{}\n", summary(&outcome)))?;
    }
    let rejected = outcome.is_stopped || outcome.unread + outcome.counts.rejected > 0;
    Ok(if rejected { ExitCode::from(REJECTED) } else { ExitCode::SUCCESS })
}

fn prepare(config: &Config, arguments: Arguments) -> Result<Import, Failure> {
    let failure = |error: std::io::Error| Failure::Error(error.to_string());
    // Before files are read, which may take long.
    let endpoint = arguments.server.endpoint(config)?;
    let from_standard = arguments.files.iter().any(|path| is_standard(path));
    if from_standard && arguments.resume {
        return Err(Failure::Usage(
            "standard input cannot be read again: import a file to be able to resume".to_owned(),
        ));
    }
    for path in arguments.files.iter().filter(|path| !is_standard(path)) {
        // It is read several times, and a pipe would be empty by the second.
        if is_read_once(path) {
            let message = format!("{} can be read only once: give - to read standard input", path.display());
            return Err(Failure::Usage(message));
        }
        check(path).map_err(failure)?;
    }
    if let Some(rejects) = &arguments.rejects {
        refuse_input(rejects, &arguments.files)?;
    }
    let input = if from_standard { String::new() } else { fingerprint(&arguments.files).map_err(failure)? };
    let session = match arguments.session {
        Some(session) => session,
        None if from_standard => String::new(),
        None => session_of(&arguments.files).map_err(failure)?,
    };
    let policy = match arguments.on_error {
        OnError::Skip => v1::ItemErrorPolicy::SkipItem,
        OnError::Stop => v1::ItemErrorPolicy::RejectBatch,
    };
    let recorder = arguments.tool.map(|tool| v1::Recorder { tool, ..v1::Recorder::default() });
    let lines = Lines::new(arguments.files.clone());
    let progress = Progress::new("items", size(&arguments.files), arguments.quiet);
    let rejects = Rejects::open(arguments.rejects.as_deref(), arguments.files).map_err(failure)?;
    Ok(Import {
        endpoint,
        open: v1::ImportOpen { session, item_errors: policy.into(), recorder, input, only_new: !arguments.resume },
        again: (!from_standard).then(again::command),
        records: arguments.batch_records,
        in_flight: arguments.in_flight.min(limits::IMPORT_BATCHES),
        lines: Some(lines),
        rejects,
        progress,
        patience: arguments.server.patience(),
    })
}

/// Refuses to put rejects into a file that is to be imported: they would take the place of what it holds.
fn refuse_input(rejects: &Path, files: &[PathBuf]) -> Result<(), Failure> {
    let Some(input) = files.iter().find(|input| is_same_file(input, rejects)) else { return Ok(()) };
    let input = if is_standard(input) { "standard input".to_owned() } else { input.display().to_string() };
    let rejects = rejects.display();
    Err(Failure::Usage(format!("rejects cannot go to {rejects}: it is {input}, which is to be imported")))
}

/// The same files by the same paths are the same import, so that nobody has to remember its name.
fn session_of(files: &[PathBuf]) -> std::io::Result<String> {
    let mut paths = Vec::new();
    for path in files {
        paths.extend_from_slice(path.canonicalize()?.as_os_str().as_encoded_bytes());
        paths.push(0);
    }
    let name = files.first().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
    let kept = |letter: &char| letter.is_ascii_alphanumeric() || "-_.".contains(*letter);
    let name: String = name.unwrap_or_default().chars().filter(kept).take(30).collect();
    Ok(format!("{name}-{}", &Sha256::of(&paths).to_string()[..16]))
}

fn summary(outcome: &Outcome) -> String {
    let counts = outcome.counts;
    let rejected = counts.rejected + outcome.unread;
    if outcome.is_stopped {
        return "stopped at an item that is refused; the batches before its own are imported: repair the file and import it \
                under another --session, or leave refused items out with --resume --on-error skip"
            .to_owned();
    }
    format!(
        "imported {} items, rejected {rejected}: {} records created, {} existing, {} updated, {} retracted, {} reinstated",
        counts.items, counts.created, counts.existing, counts.updated, counts.retracted, counts.reinstated
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_named_after_its_files() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, "").unwrap();
            path
        };
        let (a, b) = (path("a b.jsonl.gz"), path("b"));
        let name = session_of(&[a.clone(), b.clone()]).unwrap();
        assert!(name.starts_with("ab.jsonl.gz-") && name.len() <= limits::REQUEST_ID, "{name}");
        assert_ne!(name, session_of(&[b.clone(), a.clone()]).unwrap());
        assert_eq!(name, session_of(&[a, directory.path().join(".").join("b")]).unwrap());
        assert!(session_of(&[PathBuf::from("/does/not/exist")]).is_err());
    }
}
