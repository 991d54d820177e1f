//! Moving records in and out in bulk: `claimdb import` and `claimdb export`, over the same RPCs as everybody's.
//!
//! A file holds JSON Lines: each line one `claimdb.v1.RecordRequest` in canonical proto3 JSON. It is compressed when its
//! name says so.

mod again;
mod batches;
mod begun;
mod connection;
mod end;
mod export;
mod files;
mod import;
mod lines;
mod output;
mod progress;
mod rejects;
mod sending;
mod way;

pub(super) use export::{Arguments as Export, run as export};
pub(super) use import::{Arguments as Import, run as import};
pub(super) use lines::parse;
