//! Logging: one subscriber for the process, as text or as JSON lines, on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Error, Log, LogFormat};

/// Starts logging, and sends panics there too. A second call in a process changes nothing.
pub fn init(log: &Log) -> Result<(), Error> {
    let filter = log.filter()?;
    let json = match log.log_format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let (text, lines) = if json {
        let layer = tracing_subscriber::fmt::layer().json().flatten_event(true);
        (None, Some(layer.with_writer(std::io::stderr)))
    } else {
        let layer = tracing_subscriber::fmt::layer().with_ansi(std::io::stderr().is_terminal());
        (Some(layer.with_writer(std::io::stderr)), None)
    };
    let started = tracing_subscriber::registry().with(filter).with(text).with(lines).try_init();
    if started.is_ok() {
        log_panics();
    }
    Ok(())
}

/// The default hook prints several lines of plain text, which would break a log of JSON lines.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = crate::call::panic_message(panic.payload());
        tracing::error!(%location, message, "panic");
    }));
}
