//! claimdb: a claim database as a gRPC service.
//!
//! The layers, outermost first; each may use only those to its right:
//! `main` → `cli` → `server` → `api` → `service` → `storage` (trait and engines) → `domain`.
//! Beside them: `config` and `telemetry` serve `cli` and `server`, `call` is what `server` tells `api`.

pub mod api;
pub mod call;
pub mod cli;
pub mod config;
pub mod domain;
pub mod proto;
pub mod server;
pub mod service;
pub mod storage;
pub mod telemetry;
