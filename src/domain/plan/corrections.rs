//! Retracting and reinstating, and what follows from changes of articles.

use super::planner::Planner;
use super::{NewVersion, PlanError, Planned, Refusal, Retracting, View};
use crate::domain::limits;
use crate::domain::model::{
    Action, ErrorReason, Imprint, Outcome, Record, RecordStatus, Retraction, SourceLink, Version,
};
use crate::domain::name::{Name, RecordKind};
use crate::domain::term::Term;
use crate::domain::time::Timestamp;
use std::sync::Arc;

impl<V: View> Planner<'_, V> {
    /// The stored version of a record that is to be changed: it must exist, and have the etag where one is given.
    pub(super) fn changing(
        &mut self,
        path: &str,
        name: &Name,
        etag: Option<&str>,
    ) -> Result<Arc<Version>, PlanError<V::Error>> {
        let Some(stored) = self.stored(name)? else {
            return Err(Refusal::NotFound { path: path.to_owned(), name: name.clone() }.into());
        };
        if etag.is_some_and(|etag| etag != stored.etag()) {
            return Err(
                Refusal::EtagMismatch { path: path.to_owned(), name: name.clone(), current: stored.etag() }.into()
            );
        }
        Ok(stored)
    }

    pub(super) fn require_status(
        path: &str,
        stored: &Version,
        status: RecordStatus,
    ) -> Result<(), PlanError<V::Error>> {
        if stored.status() == status {
            return Ok(());
        }
        let message = match status {
            RecordStatus::Active => "is retracted; reinstate it first",
            RecordStatus::Retracted | RecordStatus::Erased => "is not retracted",
        };
        let (path, name) = (path.to_owned(), stored.name.clone());
        Err(Refusal::StateTransitionInvalid { path, name, message: message.to_owned() }.into())
    }

    pub(super) fn retract(&mut self) -> Result<(), PlanError<V::Error>> {
        let batch = self.batch;
        for retracting in &batch.retract {
            if self.retract_draft(retracting)? {
                continue;
            }
            let stored = self.changing(&retracting.path, &retracting.name, retracting.etag.as_deref())?;
            Self::require_status(&retracting.path, &stored, RecordStatus::Active)?;
            let source = self.retracting_source(retracting)?;
            self.retract_record(&retracting.path, retracting, &stored, source.clone())?;
            self.result(Planned {
                path: retracting.path.clone(),
                key: None,
                name: stored.name.clone(),
                outcome: Outcome::Retracted,
                matched_by: None,
                differing: Vec::new(),
            });
            if retracting.include_claims {
                self.retract_claims(retracting, source)?;
            }
        }
        Ok(())
    }

    /// Retracts a record that this request records, as an export carries one that is retracted: if it is made, it is made
    /// so; if it is there and retracted, nothing is left to do. False when neither is so.
    fn retract_draft(&mut self, retracting: &Retracting) -> Result<bool, PlanError<V::Error>> {
        let name = &retracting.name;
        if !self.identities.iter().any(|identity| identity.name == *name) {
            return Ok(false);
        }
        let mut outcome = Outcome::Retracted;
        if self.new_version_mut(name).is_some_and(|version| version.replaces.is_none()) {
            if retracting.etag.is_some() {
                let message = "the record is made by this request, and has had no version".to_owned();
                self.violation(&format!("{}.etag", retracting.path), ErrorReason::FieldInvalid, message);
            }
            let source = self.retracting_source(retracting)?;
            let retraction = self.retraction(retracting, source);
            if let Some(version) = self.new_version_mut(name) {
                version.retraction = Some(retraction.clone());
            }
            if retracting.include_claims && self.is_of_article(retracting) {
                self.retract_made_claims(retracting, &retraction);
            }
        } else if self.standing(name)?.is_some_and(|standing| standing.status == RecordStatus::Retracted) {
            outcome = Outcome::Existing;
        } else {
            return Ok(false);
        }
        self.result(Planned {
            path: retracting.path.clone(),
            key: None,
            name: name.clone(),
            outcome,
            matched_by: None,
            differing: Vec::new(),
        });
        Ok(true)
    }

    fn retraction(&self, retracting: &Retracting, source: Option<Name>) -> Retraction {
        Retraction {
            retracted_by: retracting.retracted_by,
            reason: retracting.reason.clone(),
            source,
            // The commit that withdraws it is this one: the engine fills in its revision and time.
            revision: 0,
            time: Timestamp::MIN,
            principal: Arc::clone(&self.batch.principal),
            recorder: self.batch.recorder.clone(),
        }
    }

    fn retracting_source(&mut self, retracting: &Retracting) -> Result<Option<Name>, PlanError<V::Error>> {
        let Some(source) = &retracting.source else { return Ok(None) };
        let path = format!("{}.source", retracting.path);
        match source {
            SourceLink::Link(link) => {
                let mut link = link.clone();
                self.resolve_link(&path, &mut link, Some(RecordKind::Source))?;
                Ok(link.name().cloned())
            }
            SourceLink::Inline(inline) => match self.find_inline(&path, inline)? {
                Some(found) => Ok(Some(found.name)),
                // Whoever withdraws something was recorded with it; a source that nobody knows is a slip.
                None => {
                    self.missing(&path, format!("sources named {:?}", inline.display_name));
                    Ok(None)
                }
            },
        }
    }

    fn retract_record(
        &mut self,
        path: &str,
        retracting: &Retracting,
        stored: &Arc<Version>,
        source: Option<Name>,
    ) -> Result<(), PlanError<V::Error>> {
        let retraction = self.retraction(retracting, source);
        let version = NewVersion {
            name: stored.name.clone(),
            action: Action::Retracted,
            record: stored.record.clone(),
            content: stored.content,
            reason: retracting.reason.clone(),
            retraction: Some(retraction),
            replaces: Some(Self::replaced(stored)),
        };
        self.put(path, version)
    }

    /// Notes where claims are to be retracted with what is no article.
    fn is_of_article(&mut self, retracting: &Retracting) -> bool {
        let is_article = retracting.name.kind == RecordKind::Article;
        if !is_article {
            let message = format!("{} is not an article", retracting.name);
            self.violation(&format!("{}.include_claims", retracting.path), ErrorReason::FieldInvalid, message);
        }
        is_article
    }

    /// Retracts the claims that this request makes in an article which it makes and retracts, too.
    fn retract_made_claims(&mut self, retracting: &Retracting, retraction: &Retraction) {
        let mut made = Vec::new();
        for version in self.new_versions_mut() {
            let article = match &version.record {
                Record::Claim(claim) => claim.article.as_ref().and_then(|link| link.name()),
                Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => None,
            };
            if article == Some(&retracting.name) && version.replaces.is_none() && version.retraction.is_none() {
                version.retraction = Some(retraction.clone());
                made.push(version.name.clone());
            }
        }
        for name in made {
            self.further_result(&format!("{}.include_claims", retracting.path), &name, Outcome::Retracted);
        }
    }

    fn retract_claims(&mut self, retracting: &Retracting, source: Option<Name>) -> Result<(), PlanError<V::Error>> {
        let path = format!("{}.include_claims", retracting.path);
        if !self.is_of_article(retracting) {
            return Ok(());
        }
        for claim in self.claims_of(&path, &retracting.name)? {
            // One that is retracted, before or by itself in this request, has its own reason.
            let retracted = self.new_version_mut(&claim.name).map(|version| version.retraction.is_some());
            if claim.status() != RecordStatus::Active || retracted == Some(true) {
                continue;
            }
            // Of all articles of the request: each has a result, and the answer is one message.
            self.retracted_along += 1;
            if self.retracted_along > limits::RETRACT_CLAIMS {
                let message = format!("at most {} claims are retracted with their articles", limits::RETRACT_CLAIMS);
                self.violation(&path, ErrorReason::LimitExceeded, message);
                break;
            }
            self.retract_record(&path, retracting, &claim, source.clone())?;
            self.further_result(&path, &claim.name, Outcome::Retracted);
        }
        Ok(())
    }

    /// The stored claims of an article; a violation when there are more than one commit may change.
    fn claims_of(&mut self, path: &str, article: &Name) -> Result<Vec<Arc<Version>>, PlanError<V::Error>> {
        let claims = self.holding(&Term::Article(article.clone()), limits::RETRACT_CLAIMS + 1)?;
        if claims.len() > limits::RETRACT_CLAIMS {
            let message = format!("{article} has more than {} claims", limits::RETRACT_CLAIMS);
            self.violation(path, ErrorReason::LimitExceeded, message);
            return Ok(Vec::new());
        }
        Ok(claims)
    }

    pub(super) fn reinstate(&mut self) -> Result<(), PlanError<V::Error>> {
        let batch = self.batch;
        for reinstatement in &batch.reinstate {
            let stored = self.changing(&reinstatement.path, &reinstatement.name, reinstatement.etag.as_deref())?;
            Self::require_status(&reinstatement.path, &stored, RecordStatus::Retracted)?;
            let version = NewVersion {
                name: stored.name.clone(),
                action: Action::Reinstated,
                record: stored.record.clone(),
                content: stored.content,
                reason: reinstatement.reason.clone(),
                retraction: None,
                replaces: Some(Self::replaced(&stored)),
            };
            self.put(&reinstatement.path, version)?;
            self.result(Planned {
                path: reinstatement.path.clone(),
                key: None,
                name: stored.name.clone(),
                outcome: Outcome::Reinstated,
                matched_by: None,
                differing: Vec::new(),
            });
        }
        Ok(())
    }

    /// Every claim carries the imprint of its article. When that changes, so do they, and filters by source and by time of
    /// publication answer rightly at every revision.
    pub(super) fn follow_imprints(&mut self) -> Result<(), PlanError<V::Error>> {
        let mut following = 0;
        for (article, (path, imprint)) in std::mem::take(&mut self.republished) {
            for stored in self.claims_of(&path, &article)? {
                let mut record = stored.record.clone();
                set_imprint(&mut record, &article, &imprint);
                if record == stored.record || self.new_version_mut(&stored.name).is_some() {
                    continue;
                }
                // Of all articles of the request: they are one commit.
                following += 1;
                if following > limits::RETRACT_CLAIMS {
                    let message = format!("at most {} claims follow changes of their articles", limits::RETRACT_CLAIMS);
                    self.violation(&path, ErrorReason::LimitExceeded, message);
                    return Ok(());
                }
                let version = NewVersion {
                    name: stored.name.clone(),
                    action: Action::Updated,
                    record,
                    content: stored.content,
                    reason: "the publisher or the publish time of its article changed".to_owned(),
                    retraction: stored.retraction.as_deref().cloned(),
                    replaces: Some(Self::replaced(&stored)),
                };
                self.put(&path, version)?;
            }
            for version in self.new_versions_mut() {
                set_imprint(&mut version.record, &article, &imprint);
            }
        }
        Ok(())
    }
}

fn set_imprint(record: &mut Record, article: &Name, imprint: &Imprint) {
    if let Record::Claim(claim) = record
        && claim.article.as_ref().and_then(|link| link.name()) == Some(article)
    {
        claim.imprint = imprint.clone();
    }
}
