//! What tests of the store share: a clock and ids they control, and records with meaningful defaults.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test crate uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics where it stands")]

pub mod arbitrary;
pub mod arbitrary_note;
mod ground;
mod records;
mod write;

pub use ground::{CountingIds, Engine, Ground, SetClock, Store};
pub use records::*;
pub use write::{Write, batch_of, told, write};
