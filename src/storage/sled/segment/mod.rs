//! Sealed segments: postings and closings of a range of numbers, packed into blocks that are
//! written once. `encode` packs, `read` answers from them, `entry` is what publishes one.

mod block;
mod encode;
mod entry;
mod filter;
mod read;
mod terms;

pub(crate) use encode::encode;
pub(crate) use entry::SegmentEntry;
pub(crate) use read::SealedSegment;
