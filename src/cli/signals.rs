//! Signals that end the program in order.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Failure;

/// Cancelled by the first SIGTERM or SIGINT. The second ends the process where it stands: what was acknowledged is kept
/// either way.
pub(super) fn stop_on_signals(at_second: impl Fn() + Send + 'static) -> Result<CancellationToken, Failure> {
    let no_signals = |error| Failure::Error(format!("cannot listen for signals: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move {
        for attempt in 1.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if attempt > 1 {
                at_second();
                std::process::exit(1);
            }
            stopped.cancel();
        }
    });
    Ok(stop)
}
