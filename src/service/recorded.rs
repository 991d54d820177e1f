//! A service over a memory store in which the tests beside the code have recorded claims.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Service;
use crate::domain::model::{Attribution, Claim, ConflictPolicy, Figure, InlineSource, Record, SourceLink};
use crate::domain::name::TimeOrderedIds;
use crate::domain::plan::{Batch, Draft};
use crate::storage::memory::MemoryStore;
use crate::storage::{Head, SystemClock};

/// A service with one commit: for each of these figures a claim of the same source.
pub(super) async fn claims_with(figures: impl IntoIterator<Item = Vec<Figure>>) -> (Service, Head) {
    let store = MemoryStore::new(Arc::new(TimeOrderedIds), Arc::new(SystemClock));
    let service = Service::new(Arc::new(store), Arc::new(SystemClock));
    let ada = InlineSource { display_name: "Ada".to_owned(), ..InlineSource::default() };
    let drafts = figures.into_iter().enumerate().map(|(index, figures)| Draft {
        path: format!("claims[{index}]"),
        key: None,
        name: None,
        policy: ConflictPolicy::Reuse,
        record: Record::Claim(Claim {
            statement: format!("Claim {index}."),
            attributions: vec![Attribution::to(SourceLink::Inline(Box::new(ada.clone())))],
            figures,
            ..Claim::default()
        }),
    });
    let batch = Batch {
        principal: "anonymous".into(),
        recorder: None,
        request: None,
        validate_only: false,
        preconditions: Vec::new(),
        drafts: drafts.collect(),
        revise: Vec::new(),
        retract: Vec::new(),
        reinstate: Vec::new(),
        provenance: BTreeMap::new(),
        warnings: Vec::new(),
    };
    let head = service.commit(batch).await.expect("it is recorded").head;
    (service, head)
}
