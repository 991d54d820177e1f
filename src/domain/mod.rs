//! Values and rules, pure: no protobuf, no async, no input or output.
//!
//! A value that exists is valid: the only ways to make one check it. `model` holds the records, `plan` what a write
//! means, `term` what a version can be found by, `filter` and `sort` what an answer is made of and in which order.

pub mod decimal;
pub(crate) mod excerpt;
pub mod figure;
pub mod filter;
pub mod language;
pub mod limits;
pub mod metric_use;
pub mod model;
pub mod name;
pub mod plan;
pub mod sort;
pub mod term;
pub mod text;
pub mod time;
pub mod url;
