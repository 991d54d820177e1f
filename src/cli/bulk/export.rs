//! `claimdb export`: what is asked for, and how it ended.

use std::path::PathBuf;
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint;

use super::again;
use super::end::End;
use super::files::is_standard;
use super::lines::{Format, parse};
use super::output::{Output, Resumed};
use super::progress::Progress;
use crate::cli::Failure;
use crate::cli::as_of::AsOf;
use crate::cli::connection::{Interruption, Patience, Server, connect};
use crate::cli::print::tell;
use crate::cli::signals::stop_on_signals;
use crate::config::Config;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::export_request::AsOf as Asked;
use crate::proto::claimdb::v1::record_service_client::RecordServiceClient;
use crate::proto::pool;

/// The largest part that is taken: one article's text and what goes with it.
const PART_BYTES_MAX: usize = 64 << 20;

/// What to export, and where to.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    server: Server,
    /// File to write, compressed by its name (.gz, .zst); standard output without it
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    as_of: AsOf,
    /// Go on with an export that was interrupted, at its revision
    #[arg(long, requires = "output")]
    resume: bool,
    /// Only records of this kind: article, source, claim, relation or assessment; may be given several times
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Vec<v1::RecordKind>,
    /// Only this article, the claims in it and the sources scoped to it
    #[arg(long, value_name = "NAME")]
    article: Option<String>,
    /// Only this source, by name, its articles, the claims with it in their chain, and its assessments
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// What the records meet besides, as claimdb.v1.ExportFilter in JSON: '{"claims": {"metricPrefixes": ["deaths"]}}'
    #[arg(long, value_name = "JSON", value_parser = filter)]
    filter: Option<v1::ExportFilter>,
    /// Say nothing while it goes well
    #[arg(long, short)]
    quiet: bool,
}

fn filter(text: &str) -> Result<v1::ExportFilter, String> {
    let message = pool().get_message_by_name("claimdb.v1.ExportFilter").expect("the schema has it");
    parse(message, text.as_bytes())
}

fn kind(text: &str) -> Result<v1::RecordKind, String> {
    v1::RecordKind::from_str_name(&format!("RECORD_KIND_{}", text.to_uppercase()))
        .filter(|kind| *kind != v1::RecordKind::Unspecified)
        .ok_or_else(|| "is article, source, claim, relation or assessment".to_owned())
}

/// Exports.
pub(in crate::cli) fn run(config: &Config, arguments: Arguments) -> Result<ExitCode, Failure> {
    let failure = |error: std::io::Error| Failure::Error(error.to_string());
    // Before what an interrupted export has left is begun anew.
    let endpoint = arguments.server.endpoint(config)?;
    let path = arguments.output.filter(|path| !is_standard(path));
    if path.is_none() && arguments.resume {
        return Err(Failure::Usage("--resume goes on with a file: name it with --output".to_owned()));
    }
    let as_of = arguments.as_of.told();
    let (output, resumed) = match &path {
        Some(path) => Output::file(path, arguments.resume, &as_of).map_err(failure)?,
        None => (Output::standard(), Resumed::default()),
    };
    // The command that goes on names what the first named: that alone goes together with it.
    if !resumed.cursor.is_empty() && !as_of.is_empty() && as_of != resumed.as_of {
        let begun = if resumed.as_of.is_empty() { "the newest revision" } else { &resumed.as_of };
        let message = format!("the export was begun as of {begun}: --resume goes on with that, and not as of {as_of}");
        return Err(Failure::Usage(message));
    }
    let source = arguments.source.map(|name| v1::SourceRef { name, ..v1::SourceRef::default() });
    let mut filter = arguments.filter.unwrap_or_default();
    filter.kinds.extend(arguments.kind.iter().map(|kind| i32::from(*kind)));
    filter.article = arguments.article.unwrap_or(filter.article);
    filter.source = source.or(filter.source);
    let request = v1::ExportRequest {
        filter: Some(filter),
        cursor: resumed.cursor,
        as_of: match arguments.as_of.revision {
            Some(revision) => Some(Asked::AsOfRevision(revision)),
            None => arguments.as_of.time.map(Asked::AsOfTime),
        },
    };
    // Signals are heard while a file is written.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(failure)?;
    let export = Export {
        endpoint,
        request,
        output,
        again: path.is_some().then(again::command),
        items: resumed.items,
        revision: 0,
        format: Format::new(),
        progress: Progress::new("items", None, arguments.quiet),
        patience: arguments.server.patience(),
    };
    let (items, revision) = runtime.block_on(export.run())?;
    if !arguments.quiet {
        // Standard output may be the export itself.
        tell(&format!("exported {items} items as of revision {revision}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// An export that is to be made.
struct Export {
    endpoint: Endpoint,
    request: v1::ExportRequest,
    output: Output,
    /// The command that goes on with it; none of standard output.
    again: Option<String>,
    items: u64,
    revision: u64,
    format: Format,
    progress: Progress,
    patience: Patience,
}

impl Export {
    /// Makes it, however many connections it takes, unless a signal stops it; gives the number of items and the revision.
    async fn run(mut self) -> Result<(u64, u64), Failure> {
        let stop = match self.again {
            Some(_) => stop_on_signals(|| ())?,
            // Nothing of it can be gone on with, and a reader that has stopped reading holds us where no signal is heard.
            None => CancellationToken::new(),
        };
        let made = tokio::select! {
            made = self.make() => made,
            () = stop.cancelled() => Err(self.ended(again::INTERRUPTED)),
        };
        self.progress.clear();
        made?;
        let Self { output, request, items, revision, .. } = self;
        output.finish(&request.cursor, items).map_err(|error| Failure::Error(error.to_string()))?;
        Ok((items, revision))
    }

    async fn make(&mut self) -> Result<(), Failure> {
        loop {
            let interruption = match self.attempt().await {
                Ok(()) => return Ok(()),
                Err(End::Failed(failure)) => return Err(failure),
                Err(End::Interrupted(interruption)) => interruption,
            };
            let progress = &self.progress;
            if !self.patience.wait(|| progress.say(&format!("{}; trying again", interruption.why))).await {
                return Err(self.ended(&format!("{}; given up for now", interruption.why)));
            }
        }
    }

    /// Why it ended before it is whole, how far it came, and how it goes on.
    fn ended(&mut self, why: &str) -> Failure {
        let items = self.items;
        Failure::Error(match (&self.again, self.output.keep(&self.request.cursor, items)) {
            (Some(_), Err(error)) => format!("{why}: {error}"),
            (Some(command), Ok(())) => {
                format!("{why}: {items} items are exported; go on with: {command}")
            }
            (None, _) => {
                format!("{why}: only an export to a file (--output) can be gone on with")
            }
        })
    }

    /// Receives until the end, or until the connection breaks.
    async fn attempt(&mut self) -> Result<(), End> {
        let channel = connect(&self.endpoint).await.map_err(End::Interrupted)?;
        let mut client = RecordServiceClient::new(channel).max_decoding_message_size(PART_BYTES_MAX);
        let mut parts = client.export(self.request.clone()).await?.into_inner();
        loop {
            let Some(part) = parts.message().await? else {
                let why = "the server ended the export before it was done".to_owned();
                return Err(End::Interrupted(Interruption { why }));
            };
            // What leaves the cursor where it was comes again after an interruption, and would for ever.
            if part.cursor != self.request.cursor || part.total_items.is_some() {
                self.patience.renew();
            }
            self.revision = part.read.map(|read| read.revision).unwrap_or_default();
            for item in &part.items {
                let written = self.format.write(item, self.output.lines());
                written.map_err(|message| End::Failed(Failure::Error(message)))?;
            }
            let count = part.items.len() as u64;
            self.items += count;
            if let Some(records) = part.record_count {
                self.progress.expect(records);
            }
            // Those before an interruption are among the records.
            self.progress.reach(self.items);
            self.progress.add(count, 0);
            self.request.cursor = part.cursor;
            self.output.reached(&self.request.cursor, self.items)?;
            if part.total_items.is_some() {
                return Ok(());
            }
            // While parts wait to be read nothing here does: a signal is to be heard nevertheless.
            tokio::task::yield_now().await;
        }
    }
}
