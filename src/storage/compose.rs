//! From a batch of an import to the one commit it becomes: the same in every engine.

use super::assemble::{Assembled, Slot, encode_versions, make};
use super::codec::{CommitNote, NotedImport};
use super::import::{ImportBatch, ImportCounts, ImportError, ImportSession, Imported};
use super::overlay::Overlay;
use super::{CommitError, Head};
use crate::domain::limits;
use crate::domain::model::{ErrorReason, ItemErrorPolicy, Outcome};
use crate::domain::name::IdSource;
use crate::domain::plan::{Plan, PlanError, Planned, Refusal, View, Violation, plan};

/// A commit that an import makes, and the answer to it.
pub(super) struct Composed {
    pub(super) assembled: Assembled,
    /// The stored form of its versions.
    pub(super) encoded: Vec<Vec<u8>>,
    pub(super) imported: Imported,
}

/// Why a batch comes to no commit.
pub(super) enum ComposeError<E> {
    Import(ImportError),
    /// The view could not answer.
    View(E),
}

/// Plans one item after the other, each against the store with the items before it, and makes one commit of all that are
/// not refused. It is kept even when it changes nothing: the session has come further.
pub(super) fn compose<V: View>(
    batch: &mut ImportBatch,
    view: &V,
    ids: &dyn IdSource,
    slot: Slot,
    session: Option<&ImportSession>,
) -> Result<Composed, ComposeError<V::Error>> {
    let mut overlay = Overlay::new(view);
    let mut encoded = Vec::new();
    let mut rejected = batch.refused.clone();
    let mut counts = ImportCounts::default();
    let tell = batch.tell;
    for item in &mut batch.items {
        let drafts = std::mem::take(&mut item.write.drafts);
        let planned = match plan(&item.write, drafts, &overlay, ids) {
            Ok(planned) => within_bounds(planned, overlay.versions()),
            Err(PlanError::Refused(refusal)) => Err(refusal),
            Err(PlanError::View(error)) => return Err(ComposeError::View(error)),
        };
        let mut refuse = |refusal: Box<Refusal>| rejected.push(tell(item.index, *refusal));
        let Plan { versions, results, .. } = match planned {
            Ok(planned) => planned,
            Err(refusal) => {
                refuse(refusal);
                continue;
            }
        };
        let made = make(versions, &item.write, Slot { number: slot.number + overlay.versions() as u64, ..slot });
        match encode_versions(&made.versions, results.iter()) {
            Ok(bytes) => encoded.extend(bytes),
            Err(CommitError::Refused(refusal)) => {
                refuse(refusal);
                continue;
            }
            Err(error) => return Err(ComposeError::Import(error.into())),
        }
        overlay.push(made);
        counts.items += 1;
        count(&mut counts, &results);
    }
    rejected.sort_by_key(|item| item.index);
    if batch.item_errors == ItemErrorPolicy::RejectBatch && !rejected.is_empty() {
        return Err(ComposeError::Import(ImportError::Rejected(rejected)));
    }
    counts.refused = rejected.len() as u64;
    let session = ImportSession {
        next_batch: batch.number + 1,
        input: batch.input.clone(),
        position: batch.position.clone(),
        counts: session.map(|session| session.counts).unwrap_or_default().plus(counts),
    };
    let note = CommitNote {
        principal: batch.principal.clone(),
        recorder: batch.recorder.clone(),
        request: None,
        import: Some(NotedImport { id: batch.session.clone(), session: session.clone(), rejected: rejected.clone() }),
    };
    let assembled = Assembled {
        slot,
        made: overlay.into_made(),
        note,
        results: Vec::new(),
        warnings: Vec::new(),
        warning_count: 0,
    };
    let head = Head { revision: slot.revision, time: Some(slot.time) };
    Ok(Composed { assembled, encoded, imported: Imported { head, duplicate: false, counts, rejected, session } })
}

/// Retractions that take claims along, and changes of publishers, may make many versions out of a few records.
fn within_bounds(planned: Plan, versions: usize) -> Result<Plan, Box<Refusal>> {
    if versions + planned.versions.len() <= limits::IMPORT_VERSIONS {
        return Ok(planned);
    }
    Err(Box::new(Refusal::Violations(vec![Violation {
        path: String::new(),
        reason: ErrorReason::LimitExceeded,
        message: format!(
            "the batch would change more than {} records: send this item in another",
            limits::IMPORT_VERSIONS
        ),
    }])))
}

fn count(counts: &mut ImportCounts, results: &[Planned]) {
    for planned in results {
        match planned.outcome {
            Outcome::Created => counts.created += 1,
            // A source that is referred to in words is found over and over again: only what was given as a record counts.
            Outcome::Existing if planned.path.contains('.') => {}
            Outcome::Existing => counts.existing += 1,
            Outcome::Updated => counts.updated += 1,
            Outcome::Retracted => counts.retracted += 1,
            Outcome::Reinstated => counts.reinstated += 1,
        }
    }
}
