//! The stored form of versions and commit notes, the same for every engine that keeps bytes.
//!
//! Encoding refuses what only a request may hold: keys, inline sources. Decoding refuses what no encoding makes, and says
//! which part it was, never what stood there. Equal values are equal bytes.

mod article;
mod assessment;
mod claim;
mod error;
mod figure;
mod note;
mod parts;
mod relation;
mod source;
mod values;
mod version;

pub use error::{DecodeError, EncodeError};
pub use note::{CommitNote, NotedImport, NotedRequest, decode_note, encode_note};
pub use version::{decode_version, encode_version};
