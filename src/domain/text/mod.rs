//! Texts and the places in them, in Unicode code points.

pub mod anchor;
mod differences;
mod find;
mod index;
mod sha256;

pub use anchor::{AnchorError, Anchored, NotLocated, Quote, anchor, locate};
pub use index::{RangeError, TEXT_BYTES_MAX, TextIndex, TextTooLong};
pub use sha256::{NotASha256, Sha256};
