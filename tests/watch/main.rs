//! Watch over a real socket: from where, what a filter lets through, in which messages, and that no interruption, of the
//! client or of the server, makes a watcher miss anything.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

mod filters;
mod interruptions;
mod limits;
mod messages;
#[path = "../support/process.rs"]
mod process;
mod random;
mod starts;
mod support;
