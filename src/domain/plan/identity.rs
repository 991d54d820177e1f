//! Which record a draft stands for: an existing one, one made earlier in the same request, or a new one.

use std::sync::Arc;

use super::planner::Planner;
use super::records::has_content_identity;
use super::references::unnamed;
use super::{Draft, PlanError, Refusal, View};
use crate::domain::limits;
use crate::domain::model::{
    Candidate, ConflictPolicy, InlineSource, MatchRule, Record, RecordStatus, Source, SourceKind, Version,
};
use crate::domain::name::Name;
use crate::domain::term::Term;

/// Namesakes that are not read again for each source of their name that a request gives.
const MANY_NAMESAKES: usize = 16;
/// Display names of which a plan keeps those.
const NAMES_KEPT: usize = 16;

/// The record that a draft stands for.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) name: Name,
    pub(super) found: Found,
}

/// How a draft's record came about.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// It is in the store.
    Stored(Arc<Version>, MatchRule),
    /// An earlier draft of the same request makes it.
    Earlier(MatchRule),
    /// Its keys lead to several records, of which an earlier draft is to make one; that may be found under another name by its
    /// content, and then there is one less. It is looked at again when that draft is recorded.
    Contested,
    /// It is new. Claims, relations and assessments may still be found by their content.
    New,
}

impl Found {
    /// The version in the store.
    pub(super) fn stored(&self) -> Option<Arc<Version>> {
        match self {
            Self::Stored(stored, _) => Some(Arc::clone(stored)),
            Self::Earlier(_) | Self::Contested | Self::New => None,
        }
    }
}

/// A source with the display name that is looked for.
enum Namesake {
    Stored(Arc<Version>),
    /// Made by this plan.
    Made(Name, Arc<Source>),
}

impl Namesake {
    fn name(&self) -> Name {
        match self {
            Self::Stored(version) => version.name.clone(),
            Self::Made(name, _) => name.clone(),
        }
    }
}

impl Candidate for Namesake {
    fn source(&self) -> Option<(&Source, RecordStatus)> {
        match self {
            Self::Stored(version) => version.source(),
            Self::Made(_, source) => Some((source, RecordStatus::Active)),
        }
    }
}

/// The keys that at most one record holds.
pub(super) fn exact_keys(record: &Record) -> Vec<Term> {
    if let Record::Source(source) = record {
        return Term::keys_of_source(record.external_ids(), source.account());
    }
    let kind = record.kind();
    let mut keys: Vec<Term> = record.external_ids().iter().map(|id| Term::ExternalId(kind, id.clone())).collect();
    if let Record::Article(article) = record {
        keys.extend(article.urls.iter().map(|url| Term::Url(url.canonical.as_str().to_owned())));
    }
    keys
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most terms are no keys, and a new one is not either unless it is listed"
)]
fn rule(term: &Term) -> MatchRule {
    match term {
        Term::ExternalId(..) => MatchRule::ExternalId,
        Term::Url(_) => MatchRule::Url,
        Term::Account(..) => MatchRule::Handle,
        Term::DisplayName(_) => MatchRule::DisplayName,
        Term::Content(_) => MatchRule::Content,
        // What else there is identifies nothing.
        _ => MatchRule::Name,
    }
}

impl<V: View> Planner<'_, V> {
    /// Finds the record of every draft before any reference is resolved, so that records may refer to each other in any
    /// order.
    pub(super) fn identify_drafts(&mut self, drafts: &[Draft]) -> Result<(), PlanError<V::Error>> {
        for (index, draft) in drafts.iter().enumerate() {
            let identity = match self.identify(&draft.path, draft.name.as_ref(), draft.policy, &draft.record) {
                Err(PlanError::Refused(refusal)) => {
                    self.contested(draft, &refusal).ok_or(PlanError::Refused(refusal))?
                }
                identity => identity?,
            };
            if let Some(key) = &draft.key {
                self.keys.insert(key.clone(), index);
            }
            if matches!(identity.found, Found::New) {
                self.announce(&draft.record, &identity.name);
                if draft.name.is_none() && has_content_identity(draft.record.kind()) {
                    self.provisional.insert(identity.name.clone());
                }
            }
            if matches!(draft.record, Record::Source(_)) {
                // Two drafts of one source may differ; the first counts, as it does where it is made.
                self.drafted_sources.entry(identity.name.clone()).or_insert_with(|| unnamed(&draft.record));
            }
            self.identities.push(identity);
        }
        Ok(())
    }

    /// Lets later drafts and inline sources find a record that this plan makes.
    pub(super) fn announce(&mut self, record: &Record, name: &Name) {
        self.taken.insert(Term::Name(name.clone()), name.clone());
        for term in exact_keys(record) {
            self.taken.insert(term, name.clone());
        }
        if let Record::Source(source) = record
            && source.scope_article.is_none()
            && !source.display_name.is_empty()
        {
            let namesakes = self.made_sources.entry(source.display_name.clone()).or_default();
            namesakes.push((name.clone(), Arc::new(source.clone())));
        }
    }

    /// What a draft is until it is known whose keys it has, if that is not known yet. Others may refer to it by the name it asks for.
    fn contested(&mut self, draft: &Draft, refusal: &Refusal) -> Option<Identity> {
        let names: &[Name] = if let Refusal::AlreadyExists { name, .. } = refusal {
            std::slice::from_ref(name)
        } else if let Refusal::IdentityConflict { candidates, .. } = refusal {
            candidates
        } else {
            return None;
        };
        let name = names.iter().find(|name| self.provisional.contains(name))?.clone();
        if let Some(asked) = &draft.name {
            self.taken.entry(Term::Name(asked.clone())).or_insert_with(|| asked.clone());
        }
        Some(Identity { name, found: Found::Contested })
    }

    /// Takes back what was announced: the record is another one.
    pub(super) fn withdraw(&mut self, record: &Record, name: &Name) {
        self.withdrawn.insert(name.clone());
        for term in std::iter::once(Term::Name(name.clone())).chain(exact_keys(record)) {
            if self.taken.get(&term) == Some(name) {
                self.taken.remove(&term);
            }
        }
    }

    pub(super) fn identify(
        &mut self,
        path: &str,
        name: Option<&Name>,
        policy: ConflictPolicy,
        record: &Record,
    ) -> Result<Identity, PlanError<V::Error>> {
        let mut keys: Vec<Term> = name.cloned().map(Term::Name).into_iter().collect();
        keys.extend(exact_keys(record));
        let mut found = self.find_by_keys(path, keys)?;
        match (&found, record) {
            // Namesakes share a display name, never an id or a handle. The record itself, sent again, is not a namesake.
            (Some(found), _) if policy == ConflictPolicy::Distinct && name != Some(&found.name) => {
                return Err(Refusal::AlreadyExists { path: path.to_owned(), name: found.name.clone() }.into());
            }
            (None, Record::Source(source)) if policy != ConflictPolicy::Distinct && source.scope_article.is_none() => {
                found = self.find_by_display_name(path, &InlineSource::of(source))?;
            }
            _ => {}
        }
        match (found, name) {
            // Found by another key under another name: the name asked for cannot be given.
            (Some(found), Some(name)) if found.name != *name => {
                Err(Refusal::AlreadyExists { path: path.to_owned(), name: found.name }.into())
            }
            (Some(found), _) => Ok(found),
            (None, name) => {
                let name = name.cloned().unwrap_or_else(|| self.new_name(record.kind()));
                Ok(Identity { name, found: Found::New })
            }
        }
    }

    /// The one record that holds any of these keys. Keys of several records contradict each other.
    fn find_by_keys(&mut self, path: &str, keys: Vec<Term>) -> Result<Option<Identity>, PlanError<V::Error>> {
        let mut found: Option<Identity> = None;
        let mut others: Vec<Name> = Vec::new();
        for term in keys {
            let hit = if let Some(name) = self.taken.get(&term) {
                Identity { name: name.clone(), found: Found::Earlier(rule(&term)) }
            } else if let Some(version) = self.holding(&term, 1)?.pop() {
                self.met(&version);
                Identity { name: version.name.clone(), found: Found::Stored(version, rule(&term)) }
            } else {
                continue;
            };
            match &found {
                None => found = Some(hit),
                Some(first) if first.name != hit.name => others.push(hit.name),
                Some(_) => {}
            }
        }
        match found {
            Some(first) if !others.is_empty() => {
                others.push(first.name);
                others.sort_unstable();
                others.dedup();
                others.truncate(limits::CANDIDATES);
                Err(Refusal::IdentityConflict { path: path.to_owned(), candidates: others }.into())
            }
            found => Ok(found),
        }
    }

    /// The one source with this display name among those that are not scoped to an article.
    fn find_by_display_name(
        &mut self,
        path: &str,
        wanted: &InlineSource,
    ) -> Result<Option<Identity>, PlanError<V::Error>> {
        if wanted.display_name.is_empty() || wanted.kind.is_some_and(SourceKind::is_unnamed) {
            return Ok(None);
        }
        let stored = self.stored_namesakes(&wanted.display_name)?;
        let stored = stored.into_iter().map(Namesake::Stored);
        let made = self.made_sources.get(&wanted.display_name).cloned().unwrap_or_default();
        let made = made.into_iter().map(|(name, source)| Namesake::Made(name, source));
        let mut candidates = wanted.meant(stored.chain(made).collect());
        if candidates.len() > 1 {
            let candidates = candidates.iter().take(limits::CANDIDATES).map(Namesake::name).collect();
            return Err(Refusal::SourceAmbiguous { path: path.to_owned(), candidates }.into());
        }
        let found = candidates.pop().map(|candidate| Identity {
            name: candidate.name(),
            found: match candidate {
                Namesake::Stored(version) => Found::Stored(version, MatchRule::DisplayName),
                Namesake::Made(..) => Found::Earlier(MatchRule::DisplayName),
            },
        });
        if let Some(Identity { found: Found::Stored(version, _), .. }) = &found {
            self.met(version);
        }
        Ok(found)
    }

    /// The sources of a display name in the store.
    fn stored_namesakes(&mut self, display_name: &str) -> Result<Vec<Arc<Version>>, PlanError<V::Error>> {
        if let Some(known) = self.namesakes.get(display_name) {
            return Ok(known.clone());
        }
        let found = self.holding(&Term::DisplayName(display_name.to_owned()), limits::NAMESAKES)?;
        if found.len() >= MANY_NAMESAKES && self.namesakes.len() < NAMES_KEPT {
            self.namesakes.insert(display_name.to_owned(), found.clone());
        }
        Ok(found)
    }

    /// The source that is meant by what is given inline, if there is one.
    pub(super) fn find_inline(
        &mut self,
        path: &str,
        inline: &InlineSource,
    ) -> Result<Option<Identity>, PlanError<V::Error>> {
        let account = crate::domain::model::account(&inline.platform, &inline.handle);
        let keys = Term::keys_of_source(&inline.external_ids, account);
        if let Some(found) = self.find_by_keys(path, keys)? {
            return Ok(Some(found));
        }
        self.find_by_display_name(path, inline)
    }
}
