//! From drafts to versions: references resolved, quotes anchored, policies applied.

use std::sync::Arc;

use super::content::content_digest;
use super::identity::{Found, Identity};
use super::planner::Planner;
use super::{Draft, NewVersion, PlanError, Planned, Refusal, Retracting, View};
use crate::domain::limits;
use crate::domain::model::{
    Action, ConflictPolicy, Imprint, Key, MatchRule, Outcome, Record, RecordStatus, Version, WarningReason,
};
use crate::domain::name::{Name, RecordKind};
use crate::domain::term::Term;
use crate::domain::text::Sha256;

/// What is asked of a draft, without its content.
struct Asked {
    path: String,
    key: Option<Key>,
    name: Option<Name>,
    policy: ConflictPolicy,
}

impl<V: View> Planner<'_, V> {
    pub(super) fn record_drafts(&mut self, drafts: Vec<Draft>) -> Result<(), PlanError<V::Error>> {
        let order = self.order_of(&drafts);
        // The draft that each result is of.
        let mut results: Vec<usize> = Vec::with_capacity(order.len());
        let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
        for index in order {
            let Some(Draft { path, key, name, policy, record }) = drafts.get_mut(index).and_then(Option::take) else {
                continue;
            };
            let asked = Asked { path, key, name, policy };
            self.record_draft(index, &asked, record)?;
            results.resize(self.result_count(), index);
            let Some(Identity { name, found, .. }) = self.identities.get(index).cloned() else { continue };
            if self.new_version_mut(&name).is_some_and(|version| matches!(version.record, Record::Claim(_))) {
                self.changed_claims.push((asked.path, name, found.stored()));
            }
        }
        self.order_results(&results);
        self.check_withdrawn();
        Ok(())
    }

    fn record_draft(&mut self, index: usize, draft: &Asked, mut record: Record) -> Result<(), PlanError<V::Error>> {
        let Some(mut identity) = self.identities.get(index).cloned() else { return Ok(()) };
        let is_settled = match identity.found {
            Found::New | Found::Stored(..) => true,
            Found::Earlier(_) => self.is_drafted(&identity.name),
            Found::Contested => false,
        };
        if !is_settled {
            // What was to make it may have turned out to be another record, by its content.
            if let Some(name) = &draft.name {
                self.taken.remove(&Term::Name(name.clone()));
            }
            identity = self.identify(&draft.path, draft.name.as_ref(), draft.policy, &record)?;
            self.identities.splice(index..=index, [identity.clone()]);
            if matches!(identity.found, Found::New) {
                self.announce(&record, &identity.name);
            }
        }
        // Words that are given for an existing record without its article are found where the record lies.
        let stored = identity.found.stored();
        self.is_restoring = draft.name.as_ref().is_some_and(|name| self.batch.provenance.contains_key(name));
        self.resolve_record(&draft.path, &mut record, stored.as_deref().map(|stored| &stored.record))?;
        self.is_restoring = false;
        let mut content = None;
        if let (Found::New, true) = (&identity.found, has_content_identity(record.kind())) {
            content = self.content_of(&record)?;
            if let (Some(digest), None) = (content, &draft.name) {
                if let Some(found) = self.find_by_content(digest)? {
                    self.withdraw(&record, &identity.name);
                    identity = found;
                    if let Some(slot) = self.identities.get_mut(index) {
                        *slot = identity.clone();
                    }
                } else {
                    self.taken.insert(Term::Content(digest), identity.name.clone());
                }
            }
        }
        match identity.found {
            Found::New | Found::Contested => self.create(draft, identity.name, record, content),
            Found::Stored(stored, rule) => self.reuse_stored(draft, &stored, rule, record),
            Found::Earlier(rule) => self.reuse_earlier(draft, &identity.name, rule, &record),
        }
    }

    fn content_of(&mut self, record: &Record) -> Result<Option<Sha256>, PlanError<V::Error>> {
        let tool = self.batch.recorder.as_ref().map_or("", |recorder| recorder.tool.as_str());
        let principal = Arc::clone(&self.batch.principal);
        content_digest(record, &principal, tool, &mut |name| self.source_content(name))
    }

    fn find_by_content(&mut self, digest: Sha256) -> Result<Option<Identity>, PlanError<V::Error>> {
        let term = Term::Content(digest);
        if let Some(name) = self.taken.get(&term) {
            return Ok(Some(Identity { name: name.clone(), found: Found::Earlier(MatchRule::Content) }));
        }
        let mut stored = self.holding(&term, limits::CANDIDATES)?;
        // What this very request retracts is not what it records: so a tool replaces all that it said in one commit.
        stored.retain(|version| !self.batch.retract.iter().any(|retracting| is_retracted_by(version, retracting)));
        let active = stored.iter().rposition(|version| version.status() == RecordStatus::Active);
        let stored = active.or(stored.len().checked_sub(1)).map(|index| stored.swap_remove(index));
        Ok(stored
            .map(|version| Identity { name: version.name.clone(), found: Found::Stored(version, MatchRule::Content) }))
    }

    /// Whether what was found by a key is retracted by this request, which would leave nothing of what it records: that key is
    /// not free again. A record that is given by its name and retracted by it, as an export carries one, is meant so.
    fn is_lost(&self, draft: &Asked, stored: &Version) -> bool {
        let mut others = self.batch.retract.iter().filter(|retracting| draft.name.as_ref() != Some(&retracting.name));
        stored.status() == RecordStatus::Active && others.any(|retracting| is_retracted_by(stored, retracting))
    }

    fn create(
        &mut self,
        draft: &Asked,
        name: Name,
        mut record: Record,
        mut content: Option<Sha256>,
    ) -> Result<(), PlanError<V::Error>> {
        self.create_inline_sources(&draft.path, &mut record, None)?;
        if content.is_none() && has_content_identity(record.kind()) {
            // Only now do its inline sources have names, by which the same content is found when it is sent again.
            content = self.content_of(&record)?;
            if let Some(digest) = content {
                self.taken.insert(Term::Content(digest), name.clone());
            }
        }
        self.check_whole(&draft.path, &record);
        self.fill_imprint(&mut record)?;
        let version = NewVersion {
            name: name.clone(),
            action: Action::Created,
            record,
            content,
            reason: String::new(),
            retraction: None,
            replaces: None,
        };
        self.put(&draft.path, version)?;
        self.result(planned(draft, name, Outcome::Created, None, Vec::new()));
        Ok(())
    }

    fn reuse_stored(
        &mut self,
        draft: &Asked,
        stored: &Arc<Version>,
        rule: MatchRule,
        mut given: Record,
    ) -> Result<(), PlanError<V::Error>> {
        if draft.policy == ConflictPolicy::Fail {
            return Err(Refusal::AlreadyExists { path: draft.path.clone(), name: stored.name.clone() }.into());
        }
        if self.is_lost(draft, stored) {
            return Err(Refusal::StateTransitionInvalid {
                path: draft.path.clone(),
                name: stored.name.clone(),
                message: "is recorded and retracted by the same request; revise it instead".to_owned(),
            }
            .into());
        }
        self.adopt(&mut given, &stored.record)?;
        let differing = stored.record.differing(&given);
        if draft.policy == ConflictPolicy::Update && !differing.is_empty() {
            if stored.status() != RecordStatus::Active {
                return Err(Refusal::StateTransitionInvalid {
                    path: draft.path.clone(),
                    name: stored.name.clone(),
                    message: "is retracted and cannot be updated; reinstate it first".to_owned(),
                }
                .into());
            }
            self.create_inline_sources(&draft.path, &mut given, Some(&stored.record))?;
            let mut record = stored.record.clone();
            record.update(given);
            self.check_whole(&draft.path, &record);
            self.check_moved(&draft.path, &stored.record, &record)?;
            self.fill_imprint(&mut record)?;
            let name = stored.name.clone();
            let version = NewVersion {
                name: name.clone(),
                action: Action::Updated,
                record,
                content: stored.content,
                reason: String::new(),
                retraction: None,
                replaces: Some(Self::replaced(stored)),
            };
            self.put(&draft.path, version)?;
            self.result(planned(draft, name, Outcome::Updated, Some(rule), Vec::new()));
            return Ok(());
        }
        self.existing(draft, &stored.name, rule, &stored.record, differing)?;
        if stored.status() != RecordStatus::Active {
            let message = format!("{} exists and is retracted", stored.name);
            self.warn(&draft.path, WarningReason::ReferenceRetracted, message);
        }
        Ok(())
    }

    fn reuse_earlier(
        &mut self,
        draft: &Asked,
        name: &Name,
        rule: MatchRule,
        given: &Record,
    ) -> Result<(), PlanError<V::Error>> {
        if draft.policy == ConflictPolicy::Fail {
            return Err(Refusal::AlreadyExists { path: draft.path.clone(), name: name.clone() }.into());
        }
        let earlier = self.standing(name)?.map(|standing| standing.record.clone());
        let differing = earlier.as_ref().map(|record| record.differing(given)).unwrap_or_default();
        if draft.policy == ConflictPolicy::Update && !differing.is_empty() {
            let message = format!("is the same record as another of this request ({name}); give it once");
            self.violation(&draft.path, crate::domain::model::ErrorReason::FieldInvalid, message);
            return Ok(());
        }
        let record = earlier.unwrap_or_else(|| given.clone());
        self.existing(draft, name, rule, &record, differing)
    }

    /// The record exists and is left as it is.
    fn existing(
        &mut self,
        draft: &Asked,
        name: &Name,
        rule: MatchRule,
        stored: &Record,
        differing: Vec<&'static str>,
    ) -> Result<(), PlanError<V::Error>> {
        if let (Record::Article(stored), true) = (stored, differing.contains(&"text"))
            && let Some(text) = &stored.text
        {
            let path = draft.path.clone();
            return Err(Refusal::ArticleTextDiffers { path, name: name.clone(), sha256: text.sha256 }.into());
        }
        if !differing.is_empty() {
            let message = format!("{name} exists and was left as it is; these fields differ: {}", differing.join(", "));
            self.warn(&draft.path, WarningReason::ExistingDiffers, message);
        }
        let differing = differing.into_iter().map(str::to_owned).collect();
        self.result(planned(draft, name.clone(), Outcome::Existing, Some(rule), differing));
        Ok(())
    }

    /// What a claim has of its article.
    pub(super) fn fill_imprint(&mut self, record: &mut Record) -> Result<(), PlanError<V::Error>> {
        if let Record::Claim(claim) = record {
            claim.imprint = match claim.article.as_ref().and_then(|article| article.name()).cloned() {
                Some(article) => self.imprint_of(&article)?,
                None => Imprint::default(),
            };
        }
        Ok(())
    }

    fn imprint_of(&mut self, article: &Name) -> Result<Imprint, PlanError<V::Error>> {
        Ok(match self.standing(article)?.map(|standing| standing.record) {
            Some(Record::Article(article)) => Imprint::of(article),
            Some(_) | None => Imprint::default(),
        })
    }
}

/// Whether a retraction takes a record with it: the one it names, and the claims of an article where it includes those.
fn is_retracted_by(version: &Version, retracting: &Retracting) -> bool {
    let article = match &version.record {
        Record::Claim(claim) => claim.article.as_ref().and_then(|article| article.name()),
        Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => None,
    };
    retracting.name == version.name || (retracting.include_claims && article == Some(&retracting.name))
}

/// Articles and sources are identified by their keys alone.
pub(super) fn has_content_identity(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Claim | RecordKind::Relation | RecordKind::Assessment)
}

fn planned(
    draft: &Asked,
    name: Name,
    outcome: Outcome,
    matched_by: Option<MatchRule>,
    differing: Vec<String>,
) -> Planned {
    Planned { path: draft.path.clone(), key: draft.key.clone(), name, outcome, matched_by, differing }
}
