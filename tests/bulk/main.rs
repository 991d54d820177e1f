//! Import and export in bulk, through the real program: what goes in comes out, whatever is killed meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on panics where it stands"
)]

mod bootstrap;
mod chain;
mod command;
mod dense;
mod export;
mod export_parts;
mod export_state;
mod flooded;
mod histories;
mod interrupted;
mod killed;
mod opening;
mod patience;
#[path = "../support/process.rs"]
#[allow(dead_code, reason = "the servers here come back on their port, and are started otherwise")]
mod process;
mod stalled;
mod stream;
mod support;
mod unheard;
mod watching;
