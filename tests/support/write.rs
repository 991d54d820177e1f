//! Batches, a line per record.

use claimdb::domain::model::{ConflictPolicy, ErrorReason, ItemErrorPolicy, Key, Record, RetractedBy};
use claimdb::domain::name::Name;
use claimdb::domain::plan::{
    Batch, Condition, Draft, Precondition, Refusal, Reinstatement, RequestKey, Retracting, Revising,
};
use claimdb::domain::text::Sha256;
use claimdb::storage::{ClaimStore, CommitError, Committed, Fence, ImportBatch, ImportItem, ItemError};

/// A batch in the making.
#[derive(Clone, Debug)]
pub struct Write(Batch);

/// An empty batch.
pub fn write() -> Write {
    Write(Batch {
        principal: "anonymous".into(),
        recorder: None,
        request: None,
        validate_only: false,
        preconditions: Vec::new(),
        drafts: Vec::new(),
        revise: Vec::new(),
        retract: Vec::new(),
        reinstate: Vec::new(),
        provenance: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
    })
}

/// What a caller is told of a refused item: enough to tell one refusal from another.
pub fn told(index: usize, refusal: Refusal) -> ItemError {
    let message = format!("{refusal:?}");
    ItemError { index, code: 9, reason: ErrorReason::PreconditionFailed, message, fields: Vec::new() }
}

/// A batch of an import, with these items.
pub fn batch_of(session: &str, number: u64, items: impl IntoIterator<Item = Write>) -> ImportBatch {
    let items = items.into_iter().enumerate().map(|(index, item)| ImportItem { index, write: item.batch() });
    ImportBatch {
        principal: "anonymous".into(),
        recorder: None,
        session: session.to_owned(),
        input: "a file".to_owned(),
        number,
        position: format!("after {number}"),
        items: items.collect(),
        refused: Vec::new(),
        tell: told,
        item_errors: ItemErrorPolicy::SkipItem,
        fence: Fence::default(),
    }
}

impl Write {
    fn draft(mut self, name: Option<&str>, key: Option<&str>, policy: ConflictPolicy, record: Record) -> Self {
        let kind = record.kind();
        let index = self.0.drafts.iter().filter(|draft| draft.record.kind() == kind).count();
        let draft = Draft {
            path: format!("{kind}[{index}]"),
            key: key.map(|key| Key::parse(key).unwrap()),
            name: name.map(|name| name.parse().unwrap()),
            policy,
            record,
        };
        // Batches hold their drafts by kind.
        let at = self.0.drafts.iter().position(|draft| draft.record.kind() > kind).unwrap_or(self.0.drafts.len());
        self.0.drafts.insert(at, draft);
        self
    }

    /// A record that is made or found.
    pub fn record(self, record: Record) -> Self {
        self.draft(None, None, ConflictPolicy::Reuse, record)
    }

    /// A record under a name.
    pub fn named(self, name: &str, record: Record) -> Self {
        self.draft(Some(name), None, ConflictPolicy::Reuse, record)
    }

    /// A record that others of the batch refer to.
    pub fn keyed(self, key: &str, record: Record) -> Self {
        self.draft(None, Some(key), ConflictPolicy::Reuse, record)
    }

    /// A record that is made or updated.
    pub fn update(self, record: Record) -> Self {
        self.draft(None, None, ConflictPolicy::Update, record)
    }

    /// A record under a name that is made or updated.
    pub fn update_named(self, name: &str, record: Record) -> Self {
        self.draft(Some(name), None, ConflictPolicy::Update, record)
    }

    /// A revision of the fields that are given.
    pub fn revise(mut self, name: &Name, record: Record) -> Self {
        self.0.revise.push(Revising {
            path: format!("revise[{}]", self.0.revise.len()),
            name: name.clone(),
            record,
            mask: None,
            etag: None,
            reason: "recorded wrongly".to_owned(),
        });
        self
    }

    /// A retraction by the recorder.
    pub fn retract(self, name: &Name) -> Self {
        self.retract_with(name, false)
    }

    /// A retraction, of an article's claims too where that is asked for.
    pub fn retract_with(mut self, name: &Name, include_claims: bool) -> Self {
        self.0.retract.push(Retracting {
            path: format!("retract[{}]", self.0.retract.len()),
            name: name.clone(),
            retracted_by: RetractedBy::Recorder,
            reason: "recorded twice".to_owned(),
            source: None,
            include_claims,
            etag: None,
        });
        self
    }

    /// A reinstatement.
    pub fn reinstate(mut self, name: &Name) -> Self {
        self.0.reinstate.push(Reinstatement {
            path: format!("reinstate[{}]", self.0.reinstate.len()),
            name: name.clone(),
            reason: "it stands after all".to_owned(),
            etag: None,
        });
        self
    }

    /// A precondition.
    pub fn when(mut self, name: &Name, condition: Condition) -> Self {
        self.0.preconditions.push(Precondition { name: name.clone(), condition });
        self
    }

    /// By somebody.
    pub fn by(mut self, principal: &str) -> Self {
        self.0.principal = principal.into();
        self
    }

    /// Only looks.
    pub fn validate_only(mut self) -> Self {
        self.0.validate_only = true;
        self
    }

    /// Under a request id; last, for the digest is of what was asked before.
    pub fn request(mut self, id: &str) -> Self {
        let digest = Sha256::of(format!("{:?}", self.0).as_bytes());
        self.0.request = Some(RequestKey { id: id.to_owned(), digest });
        self
    }

    /// The batch.
    pub fn batch(self) -> Batch {
        self.0
    }

    /// Commits it.
    pub async fn to(self, store: &dyn ClaimStore) -> Committed {
        self.attempt(store).await.unwrap()
    }

    /// Tries to commit it.
    pub async fn attempt(self, store: &dyn ClaimStore) -> Result<Committed, CommitError> {
        store.commit(self.0).await
    }
}
