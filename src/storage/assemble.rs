//! From a plan to what a commit consists of: the same in every engine, so that numbers, times and answers are too.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::CommitError;
use super::codec::{CommitNote, NotedRequest, encode_version};
use crate::domain::limits;
use crate::domain::model::{ErrorReason, Record, Version};
use crate::domain::name::Name;
use crate::domain::plan::{Batch, NewVersion, Plan, Planned, Refusal, Violation, Warning};
use crate::domain::term::{Term, keys};
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;

/// Where a commit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its revision.
    pub revision: u64,
    /// Its time.
    pub time: Timestamp,
    /// The first version number that is free.
    pub number: u64,
}

/// A commit, ready to be kept, and the answer to whoever asked for it.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// Where it goes.
    pub slot: Slot,
    /// Its versions, numbered from `slot.number` on.
    pub made: Made,
    /// What is kept besides the versions.
    pub note: CommitNote,
    /// What became of each record of the request, with the version that holds as of this commit.
    pub results: Vec<(Planned, Arc<Version>)>,
    /// What the caller should know, the first few.
    pub warnings: Vec<Warning>,
    /// How many warnings there are.
    pub warning_count: u32,
}

/// The versions that a plan comes to, and what goes with them.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The versions, in the order of their numbers. Articles are without the body of their text.
    pub versions: Vec<Arc<Version>>,
    /// The versions that they replace, and by which.
    pub closings: Vec<(u64, u64)>,
    /// What plans find each of them by: its number, and its keys.
    pub keys: Vec<(u64, Vec<Term>)>,
    /// The texts that came with them, each once, with the first version that carries it. Some may be stored already.
    pub texts: Vec<(u64, Sha256, Arc<str>)>,
}

impl Made {
    /// Adds what comes after.
    pub fn append(&mut self, mut next: Self) {
        self.versions.append(&mut next.versions);
        self.closings.append(&mut next.closings);
        self.keys.append(&mut next.keys);
        self.texts.append(&mut next.texts);
    }
}

impl Assembled {
    /// How many version numbers it takes. A commit that changes no record takes one for itself.
    #[must_use]
    pub fn numbers(&self) -> u64 {
        (self.made.versions.len() as u64).max(1)
    }

    /// The stored form of each version.
    ///
    /// # Errors
    /// When a record is larger than one may be: what cannot be served must not be kept.
    pub fn encode_versions(&self) -> Result<Vec<Vec<u8>>, CommitError> {
        encode_versions(&self.made.versions, self.results.iter().map(|(planned, _)| planned))
    }
}

/// The stored form of versions. `results` tell where in the request a record was given.
///
/// # Errors
/// When a record is larger than one may be: what cannot be served must not be kept.
pub fn encode_versions<'p>(
    versions: &[Arc<Version>],
    results: impl Iterator<Item = &'p Planned> + Clone,
) -> Result<Vec<Vec<u8>>, CommitError> {
    let mut encoded = Vec::with_capacity(versions.len());
    let mut violations = Vec::new();
    for version in versions {
        let bytes = encode_version(version).map_err(|error| {
            tracing::error!(%error, "a version cannot be encoded");
            CommitError::Defect
        })?;
        if bytes.len() > limits::RECORD_BYTES {
            let planned = results.clone().find(|planned| planned.name == version.name);
            violations.push(Violation {
                path: planned.map(|planned| planned.path.clone()).unwrap_or_default(),
                reason: ErrorReason::LimitExceeded,
                message: format!(
                    "the record would take {} bytes, and at most {} are allowed",
                    bytes.len(),
                    limits::RECORD_BYTES
                ),
            });
        }
        encoded.push(bytes);
    }
    if violations.is_empty() {
        return Ok(encoded);
    }
    Err(CommitError::Refused(Box::new(Refusal::Violations(violations))))
}

/// Whether a plan is to be kept. One that changes nothing is kept only where its request id has to be remembered.
#[must_use]
pub fn is_kept(plan: &Plan, batch: &Batch) -> bool {
    !batch.validate_only && (!plan.versions.is_empty() || batch.request.is_some())
}

/// Makes the commit of a plan. `holding` gives the version that holds of a record which the plan leaves as it is.
///
/// # Errors
/// When `holding` fails.
pub fn assemble<E>(
    plan: Plan,
    batch: &Batch,
    slot: Slot,
    mut holding: impl FnMut(&Name) -> Result<Arc<Version>, E>,
) -> Result<Assembled, E> {
    let made = make(plan.versions, batch, slot);
    let by_name: HashMap<&Name, &Arc<Version>> = made.versions.iter().map(|version| (&version.name, version)).collect();
    let results = plan
        .results
        .into_iter()
        .map(|planned| {
            let version = match by_name.get(&planned.name) {
                Some(version) => Arc::clone(version),
                None => holding(&planned.name)?,
            };
            Ok((planned, version))
        })
        .collect::<Result<Vec<_>, E>>()?;
    let request = batch.request.as_ref().map(|key| NotedRequest {
        key: key.clone(),
        results: results.iter().map(|(planned, _)| planned.clone()).collect(),
        warnings: plan.warnings.clone(),
        warning_count: plan.warning_count,
    });
    Ok(Assembled {
        slot,
        made,
        note: CommitNote {
            principal: Arc::clone(&batch.principal),
            recorder: batch.recorder.clone(),
            request,
            import: None,
        },
        results,
        warnings: plan.warnings,
        warning_count: plan.warning_count,
    })
}

/// The versions of a plan, numbered from `slot.number` on.
#[must_use]
pub fn make(new: Vec<NewVersion>, batch: &Batch, slot: Slot) -> Made {
    let mut texts = Texts::default();
    let versions: Vec<Arc<Version>> = (slot.number..)
        .zip(new)
        .map(|(number, new)| {
            let mut version = version(new, batch, slot, number);
            texts.take_from(&mut version);
            Arc::new(version)
        })
        .collect();
    Made {
        closings: versions.iter().filter_map(|version| version.replaces.map(|old| (old, version.number))).collect(),
        keys: versions.iter().map(|version| (version.number, keys(version))).collect(),
        versions,
        texts: texts.taken,
    }
}

fn version(new: NewVersion, batch: &Batch, slot: Slot, number: u64) -> Version {
    let retraction = new.retraction.map(|mut retraction| {
        // Revision 0 is no commit's: this retraction is made now. Another one is carried along.
        if retraction.revision == 0 {
            retraction.revision = slot.revision;
            retraction.time = slot.time;
        }
        Box::new(retraction)
    });
    let provenance = match &new.replaces {
        Some(replaced) => replaced.provenance.clone(),
        None => batch.provenance.get(&new.name).cloned(),
    };
    let replaced = new.replaces.as_ref();
    Version {
        number,
        name: new.name,
        create_revision: replaced.map_or(slot.revision, |replaced| replaced.create_revision),
        create_time: replaced.map_or(slot.time, |replaced| replaced.create_time),
        revision: slot.revision,
        time: slot.time,
        action: new.action,
        principal: Arc::clone(&batch.principal),
        recorder: batch.recorder.clone(),
        reason: new.reason,
        retraction,
        replaces: replaced.map(|replaced| replaced.number),
        content: new.content,
        provenance,
        record: new.record,
    }
}

/// Texts taken out of the articles that came with them.
#[derive(Default)]
struct Texts {
    seen: HashSet<Sha256>,
    taken: Vec<(u64, Sha256, Arc<str>)>,
}

impl Texts {
    fn take_from(&mut self, version: &mut Version) {
        if let Record::Article(article) = &mut version.record
            && let Some(text) = &mut article.text
            && let Some(body) = text.body.take()
            && self.seen.insert(text.sha256)
        {
            self.taken.push((version.number, text.sha256, body));
        }
    }
}
