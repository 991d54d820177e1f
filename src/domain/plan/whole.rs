//! What must hold of a record as a whole. Of a record given in full most of it was checked before; fields that an update
//! or a revision puts beside stored ones are only seen together here.

use super::View;
use super::planner::Planner;
use crate::domain::limits;
use crate::domain::model::{
    Article, Assessment, Claim, ErrorReason, Labels, Link, Record, Relation, Source, SourceKind,
};
use crate::domain::name::RecordKind;

impl<V: View> Planner<'_, V> {
    /// Notes what does not fit together in a record made of stored and given fields.
    pub(super) fn check_whole(&mut self, path: &str, record: &Record) {
        let faults = match record {
            Record::Article(article) => in_article(article),
            Record::Source(source) => in_source(source),
            Record::Claim(claim) => in_claim(claim),
            Record::Relation(relation) => in_relation(relation),
            Record::Assessment(assessment) => in_assessment(assessment),
        };
        for (field, message) in faults {
            self.violation(&format!("{path}.{field}"), ErrorReason::FieldInvalid, message);
        }
        for (field, count, most) in counts(record) {
            if count > most {
                let message = format!("there would be {count}, and at most {most} are allowed");
                self.violation(&format!("{path}.{field}"), ErrorReason::LimitExceeded, message);
            }
        }
    }
}

/// The fields that updates add to: how much is there, and how much may be.
fn counts(record: &Record) -> Vec<(&'static str, usize, usize)> {
    let external_ids = ("external_ids", record.external_ids().len(), limits::EXTERNAL_IDS);
    let labels = |labels: &Labels| ("labels", labels.len(), limits::LABELS);
    let own = match record {
        Record::Article(article) => vec![labels(&article.labels), ("urls", article.urls.len(), limits::URLS)],
        Record::Source(source) => vec![
            labels(&source.labels),
            ("urls", source.urls.len(), limits::URLS),
            ("aliases", source.aliases.len(), limits::ALIASES),
        ],
        Record::Claim(claim) => vec![labels(&claim.labels), ("figures", claim.figures.len(), limits::FIGURES)],
        Record::Relation(relation) => vec![labels(&relation.labels)],
        Record::Assessment(assessment) => vec![labels(&assessment.labels)],
    };
    own.into_iter().chain([external_ids]).collect()
}

type Faults = Vec<(String, String)>;

/// Sections are positions alone, in whatever text the article has.
fn in_article(article: &Article) -> Faults {
    match (&article.text, article.sections.last()) {
        (Some(text), Some(last)) if last.end > text.code_points => {
            let field = format!("sections[{}].end", article.sections.len() - 1);
            vec![(field, format!("{} is beyond the text's {} code points", last.end, text.code_points))]
        }
        _ => Vec::new(),
    }
}

fn in_source(source: &Source) -> Faults {
    let unnamed = source.kind.is_some_and(SourceKind::is_unnamed);
    if unnamed && source.scope_article.is_none() {
        return vec![("scope_article".to_owned(), "an unnamed source exists in one article alone: name it".to_owned())];
    }
    let known = !source.display_name.trim().is_empty() || source.account().is_some() || !source.external_ids.is_empty();
    if !unnamed && !known {
        return vec![("display_name".to_owned(), "a source has a name, an account or an external id".to_owned())];
    }
    Vec::new()
}

fn in_claim(claim: &Claim) -> Faults {
    let mut faults = Vec::new();
    if claim.statement.trim().is_empty() {
        faults.push(("statement".to_owned(), "a claim has a statement".to_owned()));
    }
    if claim.attributions.is_empty() {
        faults.push(("attributions".to_owned(), "a claim has at least one hop".to_owned()));
    }
    for (index, hedge) in claim.hedges.iter().enumerate() {
        let beyond = hedge.attribution_index.filter(|hop| *hop as usize >= claim.attributions.len());
        if let Some(hop) = beyond {
            let message = format!("the chain has {} hops, so none has the index {hop}", claim.attributions.len());
            faults.push((format!("hedges[{index}].attribution_index"), message));
        }
    }
    faults
}

fn in_relation(relation: &Relation) -> Faults {
    let kind = |link: &Link| link.name().map(|name| name.kind);
    match (kind(&relation.from), kind(&relation.to)) {
        (Some(from), Some(to)) if !relation.r#type.joins(from, to) => {
            let message = format!("{} does not join {from} to {to}", relation.r#type.word());
            vec![("type".to_owned(), message)]
        }
        _ if relation.from == relation.to => {
            vec![("to".to_owned(), "a record has no relation to itself".to_owned())]
        }
        _ => Vec::new(),
    }
}

fn in_assessment(assessment: &Assessment) -> Faults {
    let kind = assessment.target.record.as_ref().and_then(Link::name).map(|name| name.kind);
    let mut faults = Vec::new();
    if assessment.reliability.is_some() && kind != Some(RecordKind::Source) {
        faults.push(("reliability".to_owned(), "only sources are rated for reliability".to_owned()));
    }
    if assessment.credibility.is_some() && kind != Some(RecordKind::Claim) {
        faults.push(("credibility".to_owned(), "only claims and figures are rated for credibility".to_owned()));
    }
    faults
}
