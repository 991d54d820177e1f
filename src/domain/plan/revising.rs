//! Revising: what a revision names of a record is replaced, and nothing else.

use std::sync::Arc;

use super::planner::Planner;
use super::{NewVersion, PlanError, Planned, Revising, View};
use crate::domain::model::{
    Action, Article, Claim, ErrorReason, Figure, Outcome, Record, RecordStatus, Relation, Source, Version,
};
use crate::domain::name::FigureId;

impl<V: View> Planner<'_, V> {
    pub(super) fn revise(&mut self) -> Result<(), PlanError<V::Error>> {
        let batch = self.batch;
        for revising in &batch.revise {
            let stored = self.changing(&revising.path, &revising.name, revising.etag.as_deref())?;
            Self::require_status(&revising.path, &stored, RecordStatus::Active)?;
            self.revise_record(revising, &stored)?;
        }
        Ok(())
    }

    fn revise_record(&mut self, revising: &Revising, stored: &Arc<Version>) -> Result<(), PlanError<V::Error>> {
        let path = format!("{}.{}", revising.path, revising.name.kind.word());
        let mut given = match &revising.mask {
            Some(mask) => narrowed(&revising.record, mask),
            None => revising.record.clone(),
        };
        keep_links(&mut given, &stored.record, revising.mask.as_deref());
        let before = match &revising.mask {
            Some(_) => without_article_left(&stored.record, &given),
            None => stored.record.clone(),
        };
        self.resolve_record(&path, &mut given, Some(&before))?;
        let mask = match &revising.mask {
            Some(mask) => mask.clone(),
            None => given.given().into_iter().map(str::to_owned).collect(),
        };
        self.create_inline_sources(&path, &mut given, Some(&before))?;
        let mut record = stored.record.clone();
        for field in &mask {
            if let Some(id) = field.strip_prefix("figures.") {
                if !replace_figure(&mut record, &given, id) {
                    let message = format!("figures.{id}: the claim has no such figure, and none with this id is given");
                    self.violation(&format!("{}.update_mask", revising.path), ErrorReason::FieldInvalid, message);
                }
            } else if let Err(unknown) = record.replace(field, &given) {
                self.violation(
                    &format!("{}.update_mask", revising.path),
                    ErrorReason::FieldInvalid,
                    unknown.to_string(),
                );
            }
        }
        self.check_figures_named(&path, &mask, &revising.record);
        self.check_whole(&path, &record);
        self.check_moved(&path, &stored.record, &record)?;
        self.fill_imprint(&mut record)?;
        let mut planned = Planned {
            path: revising.path.clone(),
            key: None,
            name: stored.name.clone(),
            outcome: Outcome::Existing,
            matched_by: None,
            differing: Vec::new(),
        };
        if record != stored.record {
            planned.outcome = Outcome::Updated;
            let version = NewVersion {
                name: stored.name.clone(),
                action: Action::Revised,
                record,
                content: stored.content,
                reason: revising.reason.clone(),
                retraction: None,
                replaces: Some(Self::replaced(stored)),
            };
            self.put(&revising.path, version)?;
            self.changed_claims.push((path, stored.name.clone(), Some(Arc::clone(stored))));
        }
        self.result(planned);
        Ok(())
    }

    /// Notes the figures that are given for a mask which names single figures, but not these: nothing would come of them.
    fn check_figures_named(&mut self, path: &str, mask: &[String], given: &Record) {
        let Record::Claim(given) = given else { return };
        if !mask.iter().any(|field| field.starts_with("figures.")) {
            return;
        }
        for (index, figure) in given.figures.iter().enumerate() {
            if !is_named(figure, mask) {
                let message = "update_mask names single figures, and not this one".to_owned();
                self.violation(&format!("{path}.figures[{index}]"), ErrorReason::FieldInvalid, message);
            }
        }
    }
}

/// What a revision gives of the fields that its mask names. What else it gives counts for nothing: no source is looked for, and no
/// words. The links that a record always has stay.
fn narrowed(given: &Record, mask: &[String]) -> Record {
    let mut narrowed = match given {
        Record::Article(_) => Record::Article(Article::default()),
        Record::Source(_) => Record::Source(Source::default()),
        Record::Claim(_) => Record::Claim(Claim::default()),
        Record::Relation(relation) => {
            Record::Relation(Relation { evidence: Vec::new(), asserted_by: None, ..relation.clone() })
        }
        Record::Assessment(assessment) => Record::Assessment(assessment.clone()),
    };
    for field in mask {
        // One that there is not is refused where it is replaced.
        let _ = narrowed.replace(field, given);
    }
    if let (Record::Claim(narrowed), Record::Claim(given)) = (&mut narrowed, given)
        && mask.iter().any(|field| field.starts_with("figures."))
    {
        narrowed.figures = given.figures.iter().filter(|figure| is_named(figure, mask)).cloned().collect();
    }
    narrowed
}

/// Whether a mask names this figure alone.
fn is_named(figure: &Figure, mask: &[String]) -> bool {
    let named = |id: &FigureId| mask.iter().any(|field| field.strip_prefix("figures.") == Some(id.as_str()));
    figure.id.as_ref().is_some_and(named)
}

/// What stands in for what is not given: the stored record, but not the article that the record leaves.
fn without_article_left(stored: &Record, given: &Record) -> Record {
    let mut before = stored.clone();
    match (&mut before, given) {
        (Record::Claim(before), Record::Claim(given)) if given.article.is_none() => before.article = None,
        (Record::Source(before), Record::Source(given)) if given.scope_article.is_none() => {
            before.scope_article = None;
        }
        _ => {}
    }
    before
}

/// The links that a record always has, or that say where its words are to be found: a revision that does not name them
/// leaves them as they are, whatever stands in their place.
fn keep_links(given: &mut Record, stored: &Record, mask: Option<&[String]>) {
    let Some(mask) = mask else { return };
    let named = |field: &str| mask.iter().any(|candidate| candidate == field);
    for field in ["article", "scope_article", "from", "type", "to", "target", "assessor"] {
        if !named(field) {
            // Each kind of record has but some of these fields.
            let _ = given.replace(field, stored);
        }
    }
}

/// Replaces, adds or removes one figure of a claim; whether there was anything to do.
fn replace_figure(record: &mut Record, given: &Record, id: &str) -> bool {
    let (Record::Claim(claim), Record::Claim(given)) = (record, given) else { return false };
    let has_id = |figure: &&Figure| figure.id.as_ref().is_some_and(|candidate| candidate.as_str() == id);
    let position = claim.figures.iter().position(|figure| has_id(&figure));
    match (given.figures.iter().find(has_id).cloned(), position) {
        (Some(figure), Some(index)) => claim.figures.splice(index..=index, [figure]).for_each(drop),
        (Some(figure), None) => claim.figures.push(figure),
        (None, Some(index)) => drop(claim.figures.remove(index)),
        (None, None) => return false,
    }
    true
}
