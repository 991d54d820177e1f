//! The API over a real socket and the memory engine: each method, and each refusal with its details.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so best by panicking where it stands")]

mod counts;
mod errors;
mod queries;
mod reads;
mod schema;
mod support;
mod versions;
mod writes;
