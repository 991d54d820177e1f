//! What was acknowledged is kept, whatever happens to the process, the disk or the file.
//!
//! How much is tried is set by variables, so that a change is checked in a minute and a release for as long as it takes:
//! `CLAIMDB_CRASH_ROUNDS`, `CLAIMDB_LOST_WRITE_STATES`, `CLAIMDB_DAMAGE_TRIALS`; `CLAIMDB_TEST_SEED` repeats a run. Tests
//! that need a tool or a privilege which is not there say so past the capture of their output, and pass.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "../support/mod.rs"]
mod support;

mod chance;
mod children;
mod damage;
mod device_errors;
mod faults;
mod full_disk;
mod ground;
mod kill;
mod lost_writes;
mod server;
mod trace;
mod work;
