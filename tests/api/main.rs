//! The API over a real socket: each method, and each refusal with its details. The memory engine serves where the engine
//! does not matter.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so best by panicking where it stands")]

mod bounds;
mod errors;
mod figure_queries;
mod figure_summaries;
mod figures;
mod filters;
mod metric_lists;
mod queries;
mod reads;
mod record_queries;
mod schema;
mod support;
mod versions;
mod writes;
