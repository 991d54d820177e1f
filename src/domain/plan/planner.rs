//! The state of a plan in the making.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::refers::refers_to;
use super::{Batch, Condition, NewVersion, Plan, PlanError, Planned, Refusal, Replaced, View, Violation, Warning};
use crate::domain::limits;
use crate::domain::model::{
    ErrorReason, Imprint, Key, Link, Outcome, Record, RecordStatus, Source, Version, WarningReason,
};
use crate::domain::name::{IdSource, Name, RecordKind};
use crate::domain::term::Term;
use crate::domain::text::{Sha256, TextIndex};

pub(super) struct Planner<'a, V: View> {
    pub(super) batch: &'a Batch,
    pub(super) view: &'a V,
    pub(super) ids: &'a dyn IdSource,
    /// The records that the drafts stand for, by draft index.
    pub(super) identities: Vec<super::identity::Identity>,
    /// The sources among the drafts; with their content where they are unnamed, which is what tells those apart.
    pub(super) drafted_sources: HashMap<Name, Option<Box<Source>>>,
    /// The draft with each key, by index.
    pub(super) keys: HashMap<Key, usize>,
    /// Names that drafts are to have unless they are found by their content.
    pub(super) provisional: HashSet<Name>,
    /// Those of drafts that were.
    pub(super) withdrawn: HashSet<Name>,
    /// Exact keys that this plan takes, and the records that take them.
    pub(super) taken: HashMap<Term, Name>,
    /// The sources that this plan makes and that are found by name, by display name.
    pub(super) made_sources: HashMap<String, Vec<(Name, Arc<Source>)>>,
    /// Claims that this plan makes or changes, with where they are given and the version in the store: what their figures are parts of is still to be
    /// resolved.
    pub(super) changed_claims: Vec<(String, Name, Option<Arc<Version>>)>,
    /// New versions of this plan, by record.
    changed: HashMap<Name, usize>,
    versions: Vec<NewVersion>,
    results: Vec<Planned>,
    /// Results that come after those of the request's own records.
    pub(super) inline_results: Vec<Planned>,
    warnings: Vec<Warning>,
    warning_count: u32,
    /// Where the request alone was warned of words that read as another number.
    pub(super) read_differently: HashSet<&'a str>,
    violations: Vec<Violation>,
    violation_count: usize,
    missing: Vec<(String, String)>,
    pub(super) texts: HashMap<Sha256, Arc<TextIndex>>,
    known: HashMap<Name, Option<Arc<Version>>>,
    /// Sources of display names that many have, for a few of these.
    pub(super) namesakes: HashMap<String, Vec<Arc<Version>>>,
    /// Bytes of text in which wrong quotes were looked for closely.
    pub(super) explained_bytes: usize,
    /// Articles whose imprint this plan changes, with where they are given.
    pub(super) republished: BTreeMap<Name, (String, Imprint)>,
    /// How many claims are retracted with their articles.
    pub(super) retracted_along: usize,
    /// Whether the record at hand is taken as it was exported.
    pub(super) is_restoring: bool,
}

/// A record as it stands at this point of the plan.
pub(super) struct Standing<'p> {
    pub(super) record: &'p Record,
    pub(super) status: RecordStatus,
}

impl<'a, V: View> Planner<'a, V> {
    pub(super) fn new(batch: &'a Batch, view: &'a V, ids: &'a dyn IdSource) -> Self {
        let reads_differently = |warning: &&Warning| warning.reason == WarningReason::FigureReadsDifferently;
        let read_differently = batch.warnings.iter().filter(reads_differently).map(|warning| &*warning.path).collect();
        Self {
            batch,
            view,
            ids,
            identities: Vec::new(),
            drafted_sources: HashMap::new(),
            keys: HashMap::new(),
            provisional: HashSet::new(),
            withdrawn: HashSet::new(),
            taken: HashMap::new(),
            changed_claims: Vec::new(),
            made_sources: HashMap::new(),
            changed: HashMap::new(),
            versions: Vec::new(),
            results: Vec::new(),
            inline_results: Vec::new(),
            warning_count: u32::try_from(batch.warnings.len()).unwrap_or(u32::MAX),
            // They are kept with a request's id, in a frame that is read whole.
            warnings: batch.warnings.iter().take(limits::WARNINGS).cloned().collect(),
            read_differently,
            violations: Vec::new(),
            violation_count: 0,
            missing: Vec::new(),
            texts: HashMap::new(),
            known: HashMap::new(),
            namesakes: HashMap::new(),
            explained_bytes: 0,
            republished: BTreeMap::new(),
            retracted_along: 0,
            is_restoring: false,
        }
    }

    pub(super) fn check_preconditions(&mut self) -> Result<(), PlanError<V::Error>> {
        let mut failed = Vec::new();
        for precondition in &self.batch.preconditions {
            let stored = self.stored(&precondition.name)?;
            let expected = match (&precondition.condition, &stored) {
                (Condition::Exists(true), None) => Some("must exist and does not".to_owned()),
                (Condition::Exists(false), Some(_)) => Some("must not exist and does".to_owned()),
                (Condition::Etag(_), None) => Some("must have an etag and does not exist".to_owned()),
                (Condition::Etag(etag), Some(stored)) if *etag != stored.etag() => {
                    Some(format!("must have the etag {etag} and has {}", stored.etag()))
                }
                (Condition::Exists(_) | Condition::Etag(_), _) => None,
            };
            failed.extend(expected.map(|expected| (precondition.name.clone(), expected)));
        }
        if failed.is_empty() { Ok(()) } else { Err(Refusal::PreconditionFailed(failed).into()) }
    }

    /// The version of a record that holds in the store, whatever this plan does to it.
    pub(super) fn stored(&mut self, name: &Name) -> Result<Option<Arc<Version>>, PlanError<V::Error>> {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let stored = self.holding(&Term::Name(name.clone()), 1)?.pop();
        self.known.insert(name.clone(), stored.clone());
        Ok(stored)
    }

    /// Remembers a version that was found to hold in the store, so that its record is not looked for by name as well.
    pub(super) fn met(&mut self, version: &Arc<Version>) {
        self.known.entry(version.name.clone()).or_insert_with(|| Some(Arc::clone(version)));
    }

    pub(super) fn holding(&self, term: &Term, limit: usize) -> Result<Vec<Arc<Version>>, PlanError<V::Error>> {
        self.view.holding(term, limit).map_err(PlanError::View)
    }

    /// The record as this plan leaves it so far; none when it exists neither in the store nor in the plan.
    pub(super) fn standing(&mut self, name: &Name) -> Result<Option<Standing<'_>>, PlanError<V::Error>> {
        if !self.changed.contains_key(name) {
            self.stored(name)?;
        }
        if let Some(index) = self.changed.get(name) {
            return Ok(self.versions.get(*index).map(|version| Standing {
                record: &version.record,
                status: if version.retraction.is_some() { RecordStatus::Retracted } else { RecordStatus::Active },
            }));
        }
        let stored = self.known.get(name).and_then(Option::as_ref);
        Ok(stored.map(|version| Standing { record: &version.record, status: version.status() }))
    }

    /// The new version of a record, if this plan makes one.
    pub(super) fn new_version_mut(&mut self, name: &Name) -> Option<&mut NewVersion> {
        self.changed.get(name).and_then(|index| self.versions.get_mut(*index))
    }

    /// Every new version so far.
    pub(super) fn new_versions_mut(&mut self) -> impl Iterator<Item = &mut NewVersion> {
        self.versions.iter_mut()
    }

    /// Takes up a new version. A record changed twice in one request is a violation: neither change could be told from
    /// the other afterwards.
    pub(super) fn put(&mut self, path: &str, version: NewVersion) -> Result<(), PlanError<V::Error>> {
        if self.changed.contains_key(&version.name) {
            self.violation(
                path,
                ErrorReason::FieldInvalid,
                format!("{} is changed twice in one request", version.name),
            );
            return Ok(());
        }
        for term in super::identity::exact_keys(&version.record) {
            self.take(path, term, &version.name)?;
        }
        if let Record::Article(article) = &version.record {
            let imprint = Imprint::of(article);
            let is_changed = match self.stored(&version.name)?.as_deref().map(|stored| &stored.record) {
                Some(Record::Article(stored)) => Imprint::of(stored) != imprint,
                Some(_) | None => false,
            };
            if is_changed {
                self.republished.insert(version.name.clone(), (path.to_owned(), imprint));
            }
        }
        self.changed.insert(version.name.clone(), self.versions.len());
        self.versions.push(version);
        Ok(())
    }

    /// Takes an exact key for a record, unless another record has it.
    fn take(&mut self, path: &str, term: Term, name: &Name) -> Result<(), PlanError<V::Error>> {
        let mut holder = self.taken.get(&term).cloned();
        if holder.is_none() {
            // A holder that this plan changes has its keys in `taken`, or has given this one up.
            let stored = self.holding(&term, 1)?.pop().map(|version| version.name.clone());
            holder = stored.filter(|stored| !self.changed.contains_key(stored));
        }
        match holder {
            Some(holder) if holder != *name => {
                Err(Refusal::AlreadyExists { path: path.to_owned(), name: holder }.into())
            }
            Some(_) | None => {
                self.taken.insert(term, name.clone());
                Ok(())
            }
        }
    }

    pub(super) fn replaced(version: &Version) -> Replaced {
        Replaced {
            number: version.number,
            create_revision: version.create_revision,
            create_time: version.create_time,
            provenance: version.provenance.clone(),
        }
    }

    pub(super) fn result(&mut self, planned: Planned) {
        self.results.push(planned);
    }

    pub(super) fn result_count(&self) -> usize {
        self.results.len()
    }

    /// Puts the results into the order of the drafts that they are of.
    pub(super) fn order_results(&mut self, drafts: &[usize]) {
        let mut results: Vec<_> = drafts.iter().zip(std::mem::take(&mut self.results)).collect();
        results.sort_by_key(|(draft, _)| **draft);
        self.results = results.into_iter().map(|(_, planned)| planned).collect();
    }

    /// Refuses what was recorded for a name that then turned out to be nobody's, or refers to it: in a circle of references one is
    /// recorded before what it refers to.
    pub(super) fn check_withdrawn(&mut self) {
        if self.withdrawn.is_empty() {
            return;
        }
        let is_gone = |name: &Name| self.withdrawn.contains(name);
        let is_lost = |version: &&NewVersion| match &version.record {
            Record::Relation(_) | Record::Assessment(_) => {
                refers_to(&version.record).iter().filter_map(Link::name).any(is_gone)
            }
            Record::Article(_) | Record::Source(_) | Record::Claim(_) => false,
        };
        let lost: HashSet<&Name> = self.versions.iter().filter(is_lost).map(|version| &version.name).collect();
        let of_it = |planned: &&Planned| is_gone(&planned.name) || lost.contains(&planned.name);
        let paths: Vec<String> = self.results.iter().filter(of_it).map(|planned| planned.path.clone()).collect();
        for path in paths {
            let message = "stands in a circle of references with a record that is there already: record it by itself";
            self.violation(&path, ErrorReason::FieldInvalid, message.to_owned());
        }
    }

    /// The result of a record that this plan makes or changes without having been asked for it by itself.
    pub(super) fn further_result(&mut self, path: &str, name: &Name, outcome: Outcome) {
        self.inline_results.push(Planned {
            path: path.to_owned(),
            key: None,
            name: name.clone(),
            outcome,
            matched_by: None,
            differing: Vec::new(),
        });
    }

    pub(super) fn warn(&mut self, path: &str, reason: WarningReason, message: String) {
        self.warning_count = self.warning_count.saturating_add(1);
        if self.warnings.len() < limits::WARNINGS {
            self.warnings.push(Warning { path: path.to_owned(), reason, message });
        }
    }

    pub(super) fn violation(&mut self, path: &str, reason: ErrorReason, message: String) {
        self.violation_count += 1;
        // The first few are named in the answer; the rest only counts.
        let message = if self.violations.len() < limits::VIOLATIONS { message } else { String::new() };
        self.violations.push(Violation { path: path.to_owned(), reason, message });
    }

    pub(super) fn missing(&mut self, path: &str, name: String) {
        self.missing.push((path.to_owned(), name));
    }

    pub(super) fn new_name(&self, kind: RecordKind) -> Name {
        Name::new(kind, self.ids.next())
    }

    pub(super) fn finish(mut self) -> Result<Plan, PlanError<V::Error>> {
        if !self.violations.is_empty() {
            for (path, name) in std::mem::take(&mut self.missing) {
                self.violation(&path, ErrorReason::ReferenceNotFound, format!("{name} does not exist"));
            }
            return Err(Refusal::Violations(self.violations).into());
        }
        if !self.missing.is_empty() {
            return Err(Refusal::ReferenceNotFound(self.missing).into());
        }
        self.results.append(&mut self.inline_results);
        Ok(Plan {
            versions: self.versions,
            results: self.results,
            warnings: self.warnings,
            warning_count: self.warning_count,
        })
    }
}
