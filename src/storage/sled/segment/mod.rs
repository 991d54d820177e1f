//! Sealed segments: postings and closings of a range of numbers, packed into blocks that are
//! written once. `encode` packs, `read` and `terms` answer from them, `merged` makes one of several,
//! `entry` is what publishes one.

mod block;
mod encode;
mod entry;
mod filter;
mod merged;
mod read;
mod terms;

pub(crate) use encode::encode;
pub(crate) use entry::SegmentEntry;
pub(crate) use merged::Merged;
pub(crate) use read::SealedSegment;
