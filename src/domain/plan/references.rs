//! From keys and inline sources to names.

use std::collections::HashMap;

use super::identity::Found;
use super::planner::Planner;
use super::{NewVersion, PlanError, Planned, View};
use crate::domain::model::{
    Action, Claim, ErrorReason, Figure, InlineSource, Link, LinkTarget, Outcome, Record, RecordStatus, Source,
    SourceKind, SourceLink, Version, WarningReason,
};
use crate::domain::name::{FigureId, Name, RecordKind};

impl<V: View> Planner<'_, V> {
    /// Resolves every reference of a record that can be resolved without making anything, then anchors its spans.
    /// Inline sources that are not found, and unnamed ones, stay as they are. `stored` is the record that this one
    /// revises, updates or repeats: its article stands in where none is given.
    pub(super) fn resolve_record(
        &mut self,
        path: &str,
        record: &mut Record,
        stored: Option<&Record>,
    ) -> Result<(), PlanError<V::Error>> {
        for (field, link, kind) in links(record) {
            self.resolve_link(&format!("{path}.{field}"), link, kind)?;
        }
        let mut inline = Vec::new();
        for (field, link) in source_links(record) {
            match link {
                SourceLink::Link(link) => {
                    self.resolve_link(&format!("{path}.{field}"), link, Some(RecordKind::Source))?;
                }
                SourceLink::Inline(_) => inline.push((field, link)),
            }
        }
        for (field, link) in inline {
            self.find_inline_source(&format!("{path}.{field}"), link)?;
        }
        if let Record::Assessment(assessment) = record {
            let before = match stored {
                Some(Record::Assessment(stored)) => Some(&stored.target),
                Some(_) | None => None,
            };
            self.resolve_target(&format!("{path}.target"), &mut assessment.target, |target| before == Some(target))?;
        }
        if let Record::Claim(claim) = record {
            self.read_figures(path, claim, stored)?;
        }
        self.anchor_record(path, record, stored)
    }

    pub(super) fn resolve_link(
        &mut self,
        path: &str,
        link: &mut Link,
        kind: Option<RecordKind>,
    ) -> Result<(), PlanError<V::Error>> {
        let name = match link {
            Link::Key(key) => {
                let identity = self.keys.get(key).and_then(|index| self.identities.get(*index));
                let Some(identity) = identity else {
                    self.violation(
                        path,
                        ErrorReason::FieldInvalid,
                        format!("no record of this request has the key {key:?}", key = key.to_string()),
                    );
                    return Ok(());
                };
                let name = identity.name.clone();
                *link = Link::Name(name.clone());
                name
            }
            Link::Name(name) => name.clone(),
        };
        if let Some(kind) = kind.filter(|kind| *kind != name.kind) {
            self.violation(path, ErrorReason::FieldInvalid, format!("{name} is not one of {}", kind.collection()));
            return Ok(());
        }
        if self.is_drafted(&name) {
            return Ok(());
        }
        match self.standing(&name)?.map(|standing| standing.status) {
            None => self.missing(path, name.to_string()),
            Some(RecordStatus::Active) => {}
            Some(RecordStatus::Retracted | RecordStatus::Erased) => {
                self.warn(path, WarningReason::ReferenceRetracted, format!("{name} is retracted"));
            }
        }
        Ok(())
    }

    /// Whether a draft of this request makes the record.
    pub(super) fn is_drafted(&self, name: &Name) -> bool {
        self.taken.contains_key(&crate::domain::term::Term::Name(name.clone()))
    }

    fn find_inline_source(&mut self, path: &str, link: &mut SourceLink) -> Result<(), PlanError<V::Error>> {
        let SourceLink::Inline(inline) = link else { return Ok(()) };
        if inline.kind.is_some_and(SourceKind::is_unnamed) {
            return Ok(());
        }
        let Some(found) = self.find_inline(path, inline)? else { return Ok(()) };
        let given = std::mem::take(&mut **inline);
        let (rule, differing) = match &found.found {
            Found::Stored(version, rule) => {
                if version.status() != RecordStatus::Active {
                    self.warn(path, WarningReason::ReferenceRetracted, format!("{} is retracted", version.name));
                }
                (Some(*rule), version.record.differing(&Record::Source(Source::from_inline(given, None))))
            }
            Found::Earlier(rule) => (Some(*rule), Vec::new()),
            Found::Contested | Found::New => (None, Vec::new()),
        };
        self.inline_results.push(Planned {
            path: path.to_owned(),
            key: None,
            name: found.name.clone(),
            outcome: Outcome::Existing,
            matched_by: rule,
            differing: differing.into_iter().map(str::to_owned).collect(),
        });
        *link = SourceLink::from(found.name);
        Ok(())
    }

    /// Puts into a record that is found again what only its stored form can tell: an unnamed source given inline is the one
    /// that stands in its place with the same words, and a figure's whole has its claim's name.
    pub(super) fn adopt(&mut self, given: &mut Record, stored: &Record) -> Result<(), PlanError<V::Error>> {
        let mut stored = stored.clone();
        let stored_links: HashMap<String, SourceLink> =
            source_links(&mut stored).into_iter().map(|(field, link)| (field, link.clone())).collect();
        for (field, link) in source_links(given) {
            let (SourceLink::Inline(inline), Some(name)) =
                (&*link, stored_links.get(&field).and_then(SourceLink::name))
            else {
                continue;
            };
            let SourceContent::Unnamed(source) = self.source_content(name)? else { continue };
            if **inline == InlineSource::of(&source) {
                *link = SourceLink::from(name.clone());
            }
        }
        if let Record::Claim(claim) = given {
            for whole in claim.figures.iter_mut().filter_map(|figure| figure.whole.as_mut()) {
                if let Some(Link::Key(key)) = &whole.record
                    && let Some(identity) = self.keys.get(key).and_then(|index| self.identities.get(*index))
                {
                    whole.record = Some(Link::Name(identity.name.clone()));
                }
            }
        }
        Ok(())
    }

    /// Makes the inline sources that were not found. `stored` is the record that this one changes.
    pub(super) fn create_inline_sources(
        &mut self,
        path: &str,
        record: &mut Record,
        stored: Option<&Record>,
    ) -> Result<(), PlanError<V::Error>> {
        let article = scope_of(record).or_else(|| stored.and_then(scope_of));
        for (field, link) in source_links(record) {
            let path = format!("{path}.{field}");
            // An earlier link of this very record may have made it.
            self.find_inline_source(&path, link)?;
            if let SourceLink::Inline(inline) = link {
                let inline = InlineSource::clone(inline);
                if let Some(name) = self.create_inline_source(&path, inline, article.clone())? {
                    *link = SourceLink::from(name);
                }
            }
        }
        Ok(())
    }

    fn create_inline_source(
        &mut self,
        path: &str,
        inline: InlineSource,
        article: Option<Link>,
    ) -> Result<Option<Name>, PlanError<V::Error>> {
        let unnamed = inline.kind.is_some_and(SourceKind::is_unnamed);
        if unnamed && article.is_none() {
            let message = "an unnamed source exists in one article alone, and there is none here".to_owned();
            self.violation(path, ErrorReason::FieldInvalid, message);
            return Ok(None);
        }
        let name = self.new_name(RecordKind::Source);
        let record = Record::Source(Source::from_inline(inline, article.filter(|_| unnamed)));
        self.announce(&record, &name);
        let version = NewVersion {
            name: name.clone(),
            action: Action::Created,
            record,
            content: None,
            reason: String::new(),
            retraction: None,
            replaces: None,
        };
        self.put(path, version)?;
        self.further_result(path, &name, Outcome::Created);
        Ok(Some(name))
    }

    /// A figure that is referred to must be there, unless the record is as it was: its claim may have lost it since.
    fn resolve_target(
        &mut self,
        path: &str,
        target: &mut LinkTarget,
        was_there: impl FnOnce(&LinkTarget) -> bool,
    ) -> Result<(), PlanError<V::Error>> {
        let Some(link) = &mut target.record else { return Ok(()) };
        self.resolve_link(path, link, target.figure.as_ref().map(|_| RecordKind::Claim))?;
        let claim = link.name().cloned();
        if self.is_restoring || was_there(target) {
            return Ok(());
        }
        if let (Some(name), Some(figure)) = (claim, target.figure.clone()) {
            self.require_figure(path, &name, &figure)?;
        }
        Ok(())
    }

    /// Resolves what the figures of the request's claims are parts of. After all of these: it may be a figure of a claim that
    /// comes later in the request.
    pub(super) fn resolve_wholes(&mut self) -> Result<(), PlanError<V::Error>> {
        for (path, claim, stored) in std::mem::take(&mut self.changed_claims) {
            self.is_restoring = self.batch.provenance.contains_key(&claim);
            self.resolve_wholes_of(&path, &claim, stored.as_deref())?;
            self.is_restoring = false;
        }
        Ok(())
    }

    fn resolve_wholes_of(
        &mut self,
        path: &str,
        claim: &Name,
        stored: Option<&Version>,
    ) -> Result<(), PlanError<V::Error>> {
        let before: &[Figure] = match stored.map(|stored| &stored.record) {
            Some(Record::Claim(claim)) => &claim.figures,
            Some(_) | None => &[],
        };
        let was_there = |whole: &LinkTarget| before.iter().any(|figure| figure.whole.as_ref() == Some(whole));
        let wholes: Vec<(usize, LinkTarget)> = match self.new_version_mut(claim).map(|version| &version.record) {
            Some(Record::Claim(claim)) => {
                let wholes = claim.figures.iter().enumerate();
                wholes.filter_map(|(index, figure)| Some((index, figure.whole.clone()?))).collect()
            }
            Some(_) | None => return Ok(()),
        };
        for (index, mut whole) in wholes {
            let path = format!("{path}.figures[{index}].whole");
            match &whole.record {
                Some(_) => self.resolve_target(&path, &mut whole, was_there)?,
                None => {
                    let is_kept = self.is_restoring || was_there(&whole);
                    if let Some(figure) = whole.figure.clone().filter(|_| !is_kept) {
                        self.require_figure(&path, claim, &figure)?;
                    }
                }
            }
            let record = self.new_version_mut(claim).map(|version| &mut version.record);
            if let Some(Record::Claim(claim)) = record
                && let Some(figure) = claim.figures.get_mut(index)
            {
                figure.whole = Some(whole);
            }
        }
        Ok(())
    }

    fn require_figure(&mut self, path: &str, claim: &Name, figure: &FigureId) -> Result<(), PlanError<V::Error>> {
        let has = |claim: &Claim| claim.figures.iter().any(|candidate| candidate.id.as_ref() == Some(figure));
        let standing = self.standing(claim)?.map(|standing| match standing.record {
            Record::Claim(claim) => has(claim),
            Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => false,
        });
        // No claim at all was noted as missing already.
        if standing == Some(false) {
            self.missing(path, format!("{claim}/figures/{figure}"));
        }
        Ok(())
    }

    /// What tells a source apart in the content of a claim: its name, or, for an unnamed one, which is new in every
    /// request, what is known of it.
    pub(super) fn source_content(&mut self, name: &Name) -> Result<SourceContent, PlanError<V::Error>> {
        let content = match self.drafted_sources.get(name) {
            Some(drafted) => drafted.clone(),
            None => self.standing(name)?.and_then(|standing| unnamed(standing.record)),
        };
        Ok(content.map_or_else(|| SourceContent::Named(name.clone()), SourceContent::Unnamed))
    }
}

/// A source that is unnamed: it exists in one article alone.
pub(super) fn unnamed(record: &Record) -> Option<Box<Source>> {
    match record {
        Record::Source(source) if source.scope_article.is_some() => Some(Box::new(source.clone())),
        Record::Source(_) | Record::Article(_) | Record::Claim(_) | Record::Relation(_) | Record::Assessment(_) => None,
    }
}

/// What stands for a source in the content of a claim.
pub(super) enum SourceContent {
    Named(Name),
    Unnamed(Box<Source>),
}

/// The article that a record's unnamed inline sources are scoped to.
fn scope_of(record: &Record) -> Option<Link> {
    match record {
        Record::Claim(claim) => claim.article.clone(),
        Record::Article(_) | Record::Source(_) | Record::Relation(_) | Record::Assessment(_) => None,
    }
}

/// The references of a record to other than sources, with their field paths and the kind they must have.
pub(super) fn links(record: &mut Record) -> Vec<(String, &mut Link, Option<RecordKind>)> {
    let mut links: Vec<(String, &mut Link, Option<RecordKind>)> = Vec::new();
    match record {
        Record::Article(_) | Record::Assessment(_) => {}
        Record::Source(source) => {
            let scope = source.scope_article.iter_mut();
            links.extend(scope.map(|link| ("scope_article".to_owned(), link, Some(RecordKind::Article))));
        }
        Record::Claim(claim) => {
            let article = claim.article.iter_mut();
            links.extend(article.map(|link| ("article".to_owned(), link, Some(RecordKind::Article))));
        }
        Record::Relation(relation) => {
            links.push(("from".to_owned(), &mut relation.from, None));
            links.push(("to".to_owned(), &mut relation.to, None));
        }
    }
    links
}

/// The references of a record to sources, with their field paths.
pub(super) fn source_links(record: &mut Record) -> Vec<(String, &mut SourceLink)> {
    let mut links: Vec<(String, &mut SourceLink)> = Vec::new();
    match record {
        Record::Article(article) => {
            links.extend(article.publisher.iter_mut().map(|link| ("publisher".to_owned(), link)));
            let bylines = article.bylines.iter_mut().enumerate();
            links.extend(bylines.map(|(index, link)| (format!("bylines[{index}]"), link)));
        }
        Record::Source(_) => {}
        Record::Claim(claim) => {
            for (index, hop) in claim.attributions.iter_mut().enumerate() {
                let path = format!("attributions[{index}]");
                links.push((format!("{path}.source"), &mut hop.source));
                links.extend(hop.channel.iter_mut().map(|link| (format!("{path}.channel"), link)));
                let addressees = hop.addressees.iter_mut().enumerate();
                links.extend(addressees.map(|(index, link)| (format!("{path}.addressees[{index}]"), link)));
            }
        }
        Record::Relation(relation) => {
            links.extend(relation.asserted_by.iter_mut().map(|link| ("asserted_by".to_owned(), link)));
        }
        Record::Assessment(assessment) => links.push(("assessor".to_owned(), &mut assessment.assessor)),
    }
    links
}
