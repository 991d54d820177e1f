//! Words that were checked in the text of one article do not go with a record to another: there nobody has found them.
//! Whoever moves the record gives them again, or names the article they lie in.

use super::planner::Planner;
use super::{PlanError, View};
use crate::domain::model::{Claim, ErrorReason, Link, Record, Span, SpanStatus};
use crate::domain::name::{Name, RecordKind};

impl<V: View> Planner<'_, V> {
    /// Notes the spans of a changed record that were checked in the article it lay in before and are not in the text
    /// of the one it lies in now.
    pub(super) fn check_moved(
        &mut self,
        path: &str,
        stored: &Record,
        record: &Record,
    ) -> Result<(), PlanError<V::Error>> {
        let before = self.ground_of(stored)?;
        let after = self.ground_of(record)?;
        let (Some(before), false) = (before.as_ref().and_then(Link::name), before == after) else { return Ok(()) };
        let text = match after.as_ref().and_then(Link::name).cloned() {
            Some(name) => match self.standing(&name)?.map(|standing| standing.record) {
                Some(Record::Article(article)) => article.text.as_ref().map(|text| text.sha256),
                Some(_) | None => None,
            },
            None => None,
        };
        for (field, span) in spans(record) {
            if span.article.is_none() && span.status == Some(SpanStatus::Verified) && span.text_sha256 != text {
                let message = format!(
                    "was found in the text of {before}, where the record no longer lies: give it anew, or name its article"
                );
                self.violation(&format!("{path}.{field}"), ErrorReason::FieldInvalid, message);
            }
        }
        Ok(())
    }

    /// The article that a record's spans lie in unless they name another.
    pub(super) fn ground_of(&mut self, record: &Record) -> Result<Option<Link>, PlanError<V::Error>> {
        Ok(match record {
            Record::Article(_) | Record::Assessment(_) => None,
            Record::Source(source) => source.scope_article.clone(),
            Record::Claim(claim) => claim.article.clone(),
            Record::Relation(relation) => match relation.from.name().cloned() {
                Some(name) if name.kind == RecordKind::Article => Some(Link::Name(name)),
                Some(name) => self.article_of_claim(&name)?,
                None => None,
            },
        })
    }

    fn article_of_claim(&mut self, name: &Name) -> Result<Option<Link>, PlanError<V::Error>> {
        Ok(self.standing(name)?.and_then(|standing| match standing.record {
            Record::Claim(claim) => claim.article.clone(),
            Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => None,
        }))
    }
}

/// The spans of a record, with their field paths.
fn spans(record: &Record) -> Vec<(String, &Span)> {
    match record {
        Record::Article(_) | Record::Assessment(_) => Vec::new(),
        Record::Source(source) => listed("mentions", &source.mentions),
        Record::Relation(relation) => listed("evidence", &relation.evidence),
        Record::Claim(claim) => {
            let mut spans = listed("spans", &claim.spans);
            spans.extend(further_spans(claim));
            spans
        }
    }
}

fn listed<'a>(field: &str, spans: &'a [Span]) -> Vec<(String, &'a Span)> {
    spans.iter().enumerate().map(|(index, span)| (format!("{field}[{index}]"), span)).collect()
}

fn further_spans(claim: &Claim) -> Vec<(String, &Span)> {
    let mut spans = Vec::new();
    for (index, hop) in claim.attributions.iter().enumerate() {
        spans.extend(hop.cue.as_deref().map(|span| (format!("attributions[{index}].cue"), span)));
        spans.extend(hop.source_span.as_deref().map(|span| (format!("attributions[{index}].source_span"), span)));
    }
    for (index, hedge) in claim.hedges.iter().enumerate() {
        spans.extend(hedge.span.as_deref().map(|span| (format!("hedges[{index}].span"), span)));
    }
    for (index, entity) in claim.entities.iter().enumerate() {
        spans.extend(listed(&format!("entities[{index}].mentions"), &entity.mentions));
    }
    for (index, figure) in claim.figures.iter().enumerate() {
        spans.extend(figure.span.as_deref().map(|span| (format!("figures[{index}].span"), span)));
    }
    spans
}
