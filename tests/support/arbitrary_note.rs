//! Commit notes at random, for round trips.

use std::sync::Arc;

use claimdb::domain::model::*;
use claimdb::domain::plan::{Planned, RequestKey, Warning};
use claimdb::storage::codec::{CommitNote, NotedImport, NotedRequest};
use claimdb::storage::{ImportCounts, ImportSession, ItemError};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::arbitrary::*;

/// What is kept of a commit besides its versions.
pub fn note() -> impl Strategy<Value = CommitNote> {
    let key = of("[a-zA-Z0-9._-]{1,63}".prop_map(|key| Key::parse(&key).unwrap()));
    let planned = (words(), key, any_name(), word(Outcome::ALL), of(word(MatchRule::ALL)), vec("[a-z]{1,5}", 0..3))
        .prop_map(|(path, key, name, outcome, matched_by, differing)| Planned {
            path,
            key,
            name,
            outcome,
            matched_by,
            differing,
        });
    let warning = (words(), word(WarningReason::ALL), words()).prop_map(|(path, reason, message)| Warning {
        path,
        reason,
        message,
    });
    let request = ("[a-z0-9]{1,64}", sha256(), vec(planned, 0..4), vec(warning, 0..4), any::<u32>()).prop_map(
        |(id, digest, results, warnings, warning_count)| NotedRequest {
            key: RequestKey { id, digest },
            results,
            warnings,
            warning_count,
        },
    );
    let counts = [(); 7].map(|()| any::<u32>());
    let session = (any::<u64>(), words(), words(), counts).prop_map(|(next_batch, input, position, counts)| {
        let [items, refused, created, existing, updated, retracted, reinstated] = counts.map(u64::from);
        let counts = ImportCounts { items, refused, created, existing, updated, retracted, reinstated };
        ImportSession { next_batch, input, position, counts }
    });
    let error = (0usize..1000, any::<u32>(), word(ErrorReason::ALL), words(), vec((words(), words()), 0..3))
        .prop_map(|(index, code, reason, message, fields)| ItemError { index, code, reason, message, fields });
    let import =
        (words(), session, vec(error, 0..4)).prop_map(|(id, session, rejected)| NotedImport { id, session, rejected });
    (words().prop_map(Arc::from), recorder(), of(request), of(import))
        .prop_map(|(principal, recorder, request, import)| CommitNote { principal, recorder, request, import })
}
