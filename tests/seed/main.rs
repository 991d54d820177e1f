//! `examples/seed` over a real socket: one article recorded whole, read back, and every trap that it sets.

#![allow(clippy::unwrap_used)]

mod example;
mod figures;
mod intact;
#[path = "../support/process.rs"]
mod process;
mod retried;
mod smallest;
mod summary;
mod support;
mod traps;
