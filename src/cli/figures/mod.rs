//! `claimdb figures`: asks a server for a summary of a metric, and prints and draws it.

mod chart;
mod numbers;
mod svg;
mod table;
mod text;

use std::path::PathBuf;

use tonic::Request;

use super::Failure;
use super::as_of::AsOf;
use super::bulk::parse;
use super::connection::{Address, connect, told};
use super::print::print;
use crate::config::{Config, Period};
use crate::domain::figure::currency;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use crate::proto::claimdb::v1::summarize_figures_request::{AsOf as Asked, MetricAsked};
use crate::proto::pool;

/// What to summarize, and what to show of it.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    address: Address,
    /// The metric, by key: north-korea.troops.killed
    metric: String,
    /// All metrics whose keys begin so, in whole segments
    #[arg(long)]
    within: bool,
    /// Which claims, as claimdb.v1.ClaimFilter in JSON: '{"origins": [{"displayName": "NDTV"}]}'
    #[arg(long, value_name = "JSON", value_parser = filter)]
    filter: Option<v1::ClaimFilter>,
    /// How time is divided: day, month or year
    #[arg(long, default_value = "month", value_name = "PERIOD", value_parser = period)]
    period: v1::SummaryPeriod,
    /// Which numbers stand for what was said: literal, ucdp-low-best-high or acled-conservative
    #[arg(long, default_value = "literal", value_name = "CONVENTION", value_parser = convention)]
    convention: v1::SummaryConvention,
    /// How figures are taken beyond their words, as claimdb.v1.TolerancePolicy in JSON: '{"tolerance": "0.2"}'
    #[arg(long, value_name = "JSON", value_parser = policy)]
    policy: Option<v1::TolerancePolicy>,
    /// The unit to show numbers in: a UCUM code or a currency [default: that of the first statement]
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    #[command(flatten)]
    as_of: AsOf,
    /// Draw the spread over time to this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Rows of each table, at most
    #[arg(long, default_value_t = 50, value_name = "ROWS")]
    rows: usize,
    /// Columns of the terminal's drawing
    #[arg(long, default_value_t = 100, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=500))]
    width: u16,
    /// How long to wait for the answer
    #[arg(long, default_value = "30s", value_name = "PERIOD")]
    timeout: Period,
}

fn json<M: prost::Message + Default>(message: &str, text: &str) -> Result<M, String> {
    let message = pool().get_message_by_name(&format!("claimdb.v1.{message}")).expect("the schema has it");
    parse(message, text.as_bytes())
}

fn filter(text: &str) -> Result<v1::ClaimFilter, String> {
    json("ClaimFilter", text)
}

fn policy(text: &str) -> Result<v1::TolerancePolicy, String> {
    json("TolerancePolicy", text)
}

fn period(text: &str) -> Result<v1::SummaryPeriod, String> {
    v1::SummaryPeriod::from_str_name(&format!("SUMMARY_PERIOD_{}", text.to_uppercase()))
        .filter(|period| *period != v1::SummaryPeriod::Unspecified)
        .ok_or_else(|| "is day, month or year".to_owned())
}

fn convention(text: &str) -> Result<v1::SummaryConvention, String> {
    v1::SummaryConvention::from_str_name(&format!("SUMMARY_CONVENTION_{}", text.to_uppercase().replace('-', "_")))
        .filter(|convention| *convention != v1::SummaryConvention::Unspecified)
        .ok_or_else(|| "is literal, ucdp-low-best-high or acled-conservative".to_owned())
}

/// Asks, prints and draws.
pub(super) fn run(config: &Config, arguments: Arguments) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Error(error.to_string());
    let endpoint = arguments.address.endpoint(config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (rows, width, svg, limit) = (arguments.rows, arguments.width, arguments.svg.clone(), arguments.timeout);
    let request = request(arguments);
    let asked = async {
        let channel = connect(&endpoint).await.map_err(|interruption| Failure::Error(interruption.why))?;
        let answer = FigureServiceClient::new(channel).summarize_figures(Request::new(request)).await;
        answer.map_err(|status| Failure::Error(told(&status)))
    };
    let answer = runtime
        .block_on(async { tokio::time::timeout(limit.0, asked).await })
        .map_err(|_| Failure::Error(format!("no answer within {limit}")))??
        .into_inner();
    if let Some(path) = svg {
        let drawing = svg::draw(&answer);
        std::fs::write(&path, drawing).map_err(|error| Failure::Error(format!("{}: {error}", path.display())))?;
    }
    let printed = table::print(&answer, rows, usize::from(width));
    print(&printed)
}

fn request(arguments: Arguments) -> v1::SummarizeFiguresRequest {
    let unit = arguments.unit.map(|code| {
        let is_currency = currency::is_code(&code) || currency::is_listed(&code);
        let system = if is_currency { v1::UnitSystem::Iso4217 } else { v1::UnitSystem::Ucum };
        v1::Unit { system: system.into(), code, ..v1::Unit::default() }
    });
    v1::SummarizeFiguresRequest {
        metric_asked: Some(match arguments.within {
            true => MetricAsked::MetricPrefix(arguments.metric),
            false => MetricAsked::Metric(arguments.metric),
        }),
        unit,
        policy: arguments.policy,
        convention: arguments.convention.into(),
        period: arguments.period.into(),
        filter: arguments.filter,
        as_of: match arguments.as_of.revision {
            Some(revision) => Some(Asked::AsOfRevision(revision)),
            None => arguments.as_of.time.map(Asked::AsOfTime),
        },
        ..v1::SummarizeFiguresRequest::default()
    }
}
