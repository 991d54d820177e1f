//! What a write means: identity, references, quotes, policies, corrections. On the memory engine: the plan is the same in
//! all of them.
#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "tests panic where something is not as expected"
)]

#[path = "../support/mod.rs"]
mod support;

mod content;
mod corrections;
mod exported;
mod identity;
mod masks;
mod moved;
mod publishers;
mod quotes;
mod warnings;

use std::sync::Arc;

use claimdb::domain::model::{Record, Version};
use claimdb::domain::name::Name;
use claimdb::domain::plan::Refusal;
use claimdb::storage::memory::MemoryStore;
use claimdb::storage::{ClaimStore, CommitError, Committed, SystemClock};
use support::CountingIds;

fn store() -> MemoryStore {
    MemoryStore::new(Arc::new(CountingIds::default()), Arc::new(SystemClock))
}

/// The refusal that a write met.
fn refusal(answer: Result<Committed, CommitError>) -> Refusal {
    match answer {
        Err(CommitError::Refused(refusal)) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// Path, reason and message of each violation.
fn violations(answer: Result<Committed, CommitError>) -> Vec<(String, &'static str, String)> {
    match refusal(answer) {
        Refusal::Violations(violations) => violations
            .into_iter()
            .map(|violation| (violation.path, violation.reason.word(), violation.message))
            .collect(),
        other => panic!("not violations: {other:?}"),
    }
}

async fn newest(store: &MemoryStore, name: &Name) -> Arc<Version> {
    let head = store.head().await.unwrap().revision;
    let found = store.get(std::slice::from_ref(name), head).await.unwrap();
    found.into_iter().next().flatten().unwrap_or_else(|| panic!("no {name}"))
}

/// The claim in a version.
fn claim_of(version: &Version) -> &claimdb::domain::model::Claim {
    match &version.record {
        Record::Claim(claim) => claim,
        other => panic!("not a claim: {other:?}"),
    }
}
