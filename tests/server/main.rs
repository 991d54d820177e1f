//! The server's promises, over real sockets: each of tonic's traps is shown to be closed.

#![allow(clippy::unwrap_used)]

mod calls;
mod lifecycle;
mod limits;
mod standard;
mod support;
