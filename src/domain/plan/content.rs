//! The digest by which the same content, sent again without a request id, is found again.
//!
//! It covers what was given of a record, its article and its recorder, each part with its length in front, so that no
//! two contents run into each other. It is stored with the record: to change what it covers is to forget what was
//! recorded before, which is safe and only makes a repeat a second record.

use sha2::{Digest, Sha256 as Hasher};

use super::references::SourceContent;
use crate::domain::figure::{Lower, Upper};
use crate::domain::model::{
    Assessment, Claim, EntityRef, Figure, Link, LinkTarget, Place, Record, Relation, Source, SourceLink, Span,
    TimeGiven,
};
use crate::domain::name::Name;
use crate::domain::text::Sha256;

/// The digest of a claim, relation or assessment; none when it refers to a source that does not exist yet: then the
/// record cannot exist either.
pub(super) fn content_digest<E>(
    record: &Record,
    principal: &str,
    tool: &str,
    source: &mut dyn FnMut(&Name) -> Result<SourceContent, E>,
) -> Result<Option<Sha256>, E> {
    let mut writer = Writer { hasher: Hasher::new(), known: true, own: None, source };
    writer.text("v1");
    writer.text(principal);
    writer.text(tool);
    match record {
        Record::Claim(claim) => writer.claim(claim)?,
        Record::Relation(relation) => writer.relation(relation)?,
        Record::Assessment(assessment) => writer.assessment(assessment)?,
        Record::Article(_) | Record::Source(_) => return Ok(None),
    }
    Ok(writer.known.then(|| Sha256::from(<[u8; 32]>::from(writer.hasher.finalize()))))
}

struct Writer<'s, E> {
    hasher: Hasher,
    known: bool,
    /// The article in which the claim's spans lie unless they name another.
    own: Option<Link>,
    source: &'s mut dyn FnMut(&Name) -> Result<SourceContent, E>,
}

impl<E> Writer<'_, E> {
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.hasher.update(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        self.hasher.update(number.to_be_bytes());
    }

    /// A vocabulary's number, 0 when absent.
    fn word(&mut self, number: Option<i32>) {
        self.number(u64::from(number.unwrap_or(0).unsigned_abs()));
    }

    fn optional(&mut self, text: Option<String>) {
        match text {
            Some(text) => {
                self.number(1);
                self.text(&text);
            }
            None => self.number(0),
        }
    }

    fn link(&mut self, link: Option<&Link>) {
        self.optional(link.map(Link::written));
    }

    fn source(&mut self, link: Option<&SourceLink>) -> Result<(), E> {
        let content = match link {
            None => {
                self.number(0);
                return Ok(());
            }
            Some(SourceLink::Link(Link::Name(name))) => (self.source)(name)?,
            Some(SourceLink::Link(Link::Key(_))) => {
                self.known = false;
                return Ok(());
            }
            Some(SourceLink::Inline(inline)) => {
                if !inline.kind.is_some_and(crate::domain::model::SourceKind::is_unnamed) {
                    self.known = false;
                }
                SourceContent::Unnamed(Box::new(Source::from_inline((**inline).clone(), None)))
            }
        };
        match content {
            SourceContent::Named(name) => {
                self.number(1);
                self.text(&name.written());
            }
            SourceContent::Unnamed(source) => {
                self.number(2);
                self.word(source.kind.map(|kind| kind.number()));
                for text in [&source.display_name, &source.description, &source.platform, &source.handle] {
                    self.text(text);
                }
            }
        }
        Ok(())
    }

    fn sources(&mut self, links: &[SourceLink]) -> Result<(), E> {
        self.number(links.len() as u64);
        links.iter().try_for_each(|link| self.source(Some(link)))
    }

    fn span(&mut self, span: Option<&Span>) {
        let Some(span) = span else { return self.number(0) };
        self.number(1);
        // The claim's own goes without saying.
        let other = span.article.clone().filter(|link| self.own.as_ref() != Some(link));
        self.link(other.as_ref());
        self.number(span.start.map_or(0, |start| u64::from(start) + 1));
        self.number(span.end.map_or(0, |end| u64::from(end) + 1));
        self.text(&span.exact);
    }

    fn spans(&mut self, spans: &[Span]) {
        self.number(spans.len() as u64);
        spans.iter().for_each(|span| self.span(Some(span)));
    }

    fn time(&mut self, time: Option<&TimeGiven>) {
        let Some(time) = time else { return self.number(0) };
        self.number(1);
        self.optional(time.time.as_ref().map(ToString::to_string));
        self.text(&time.verbatim);
        self.word(time.basis.map(|basis| basis.number()));
    }

    fn place(&mut self, place: Option<&Place>) {
        let Some(place) = place else { return self.number(0) };
        self.number(1);
        self.text(&place.verbatim);
        self.external_ids(&place.external_ids);
        self.optional(place.coordinates.as_ref().map(|(latitude, longitude)| format!("{latitude},{longitude}")));
        self.word(place.precision.map(|precision| precision.number()));
        self.word(place.basis.map(|basis| basis.number()));
    }

    fn external_ids(&mut self, ids: &[crate::domain::model::ExternalId]) {
        self.number(ids.len() as u64);
        for id in ids {
            self.text(&id.scheme);
            self.text(&id.id);
        }
    }

    fn labels(&mut self, labels: &crate::domain::model::Labels) {
        self.number(labels.len() as u64);
        for (key, value) in labels {
            self.text(key);
            self.text(value);
        }
    }

    fn target(&mut self, target: Option<&LinkTarget>) {
        self.optional(target.map(|target| match &target.record {
            // A claim of the same request may yet turn out to exist under another name.
            Some(Link::Key(_)) => target.figure.as_ref().map(|figure| format!("#/{figure}")).unwrap_or_default(),
            Some(Link::Name(_)) | None => target.to_string(),
        }));
    }

    fn claim(&mut self, claim: &Claim) -> Result<(), E> {
        self.text("claim");
        self.own = claim.article.clone();
        self.link(claim.article.as_ref());
        self.text(&claim.statement);
        self.optional(claim.language.as_ref().map(|language| language.as_str().to_owned()));
        self.spans(&claim.spans);
        self.number(claim.kinds.len() as u64);
        claim.kinds.iter().for_each(|kind| self.word(Some(kind.number())));
        self.word(claim.presentation.map(|presentation| presentation.number()));
        self.number(claim.attributions.len() as u64);
        for hop in &claim.attributions {
            self.source(Some(&hop.source))?;
            self.source(hop.channel.as_ref())?;
            self.sources(&hop.addressees)?;
            self.word(hop.role.map(|role| role.number()));
            self.word(hop.mode.map(|mode| mode.number()));
            self.word(hop.stance.map(|stance| stance.number()));
            self.word(hop.certainty.map(|certainty| certainty.number()));
            self.word(hop.evidence_basis.map(|basis| basis.number()));
            self.word(hop.basis.map(|basis| basis.number()));
            self.span(hop.cue.as_deref());
            self.span(hop.source_span.as_deref());
            self.time(hop.said_time.as_deref());
            self.number(u64::from(hop.continued));
        }
        if !self.known {
            // There is no digest: what follows needs no hashing.
            return Ok(());
        }
        self.word(claim.polarity.map(|polarity| polarity.number()));
        self.number(claim.hedges.len() as u64);
        for hedge in &claim.hedges {
            self.word(Some(hedge.kind.number()));
            self.span(hedge.span.as_deref());
            self.text(&hedge.verbatim);
            self.number(hedge.attribution_index.map_or(0, |index| u64::from(index) + 1));
        }
        self.number(u64::from(claim.scope_uncertain));
        self.text(&claim.scope_note);
        self.number(claim.entities.len() as u64);
        claim.entities.iter().for_each(|entity| self.entity(entity));
        self.time(claim.event_time.as_deref());
        self.place(claim.place.as_deref());
        self.number(claim.figures.len() as u64);
        claim.figures.iter().for_each(|figure| self.figure(figure));
        self.external_ids(&claim.external_ids);
        self.labels(&claim.labels);
        Ok(())
    }

    fn entity(&mut self, entity: &EntityRef) {
        self.text(&entity.label);
        self.word(entity.kind.map(|kind| kind.number()));
        self.external_ids(&entity.external_ids);
        self.spans(&entity.mentions);
        self.text(&entity.role);
    }

    fn figure(&mut self, figure: &Figure) {
        self.optional(figure.id.as_ref().map(ToString::to_string));
        self.text(&figure.verbatim);
        self.span(figure.span.as_deref());
        self.word(figure.kind.map(|kind| kind.number()));
        self.optional(figure.value.as_ref().map(ToString::to_string));
        self.word(figure.qualifier.map(|qualifier| qualifier.number()));
        self.optional(figure.bounds.lower.as_ref().map(|lower| match lower {
            Lower::AtLeast(value) => format!(">={value}"),
            Lower::MoreThan(value) => format!(">{value}"),
        }));
        self.optional(figure.bounds.upper.as_ref().map(|upper| match upper {
            Upper::AtMost(value) => format!("<={value}"),
            Upper::LessThan(value) => format!("<{value}"),
        }));
        self.text(&figure.scale_word);
        self.optional(figure.unit.as_ref().map(|unit| {
            format!("{}\0{}\0{}", unit.system.map_or(0, |system| system.number()), unit.code, unit.verbatim)
        }));
        self.optional(
            figure.metric.as_ref().map(|metric| format!("{}\0{}\0{}", metric.key, metric.label, metric.definition)),
        );
        self.word(figure.aggregation.map(|aggregation| aggregation.number()));
        self.time(figure.as_of.as_deref());
        self.time(figure.period.as_deref());
        self.place(figure.place.as_deref());
        self.target(figure.whole.as_ref());
        self.word(figure.whole_relation.map(|relation| relation.number()));
        self.word(figure.role.map(|role| role.number()));
    }

    fn relation(&mut self, relation: &Relation) -> Result<(), E> {
        self.text("relation");
        self.link(Some(&relation.from));
        self.word(Some(relation.r#type.number()));
        self.link(Some(&relation.to));
        self.word(relation.basis.map(|basis| basis.number()));
        self.number(relation.alterations.len() as u64);
        relation.alterations.iter().for_each(|alteration| self.word(Some(alteration.number())));
        self.spans(&relation.evidence);
        self.source(relation.asserted_by.as_ref())?;
        self.text(&relation.note);
        self.external_ids(&relation.external_ids);
        self.labels(&relation.labels);
        Ok(())
    }

    fn assessment(&mut self, assessment: &Assessment) -> Result<(), E> {
        self.text("assessment");
        self.target(Some(&assessment.target));
        self.source(Some(&assessment.assessor))?;
        self.text(&assessment.scheme);
        self.text(&assessment.original_label);
        for rating in [&assessment.rating_value, &assessment.best_rating, &assessment.worst_rating] {
            self.optional(rating.as_ref().map(ToString::to_string));
        }
        self.word(assessment.verdict.map(|verdict| verdict.number()));
        self.word(assessment.reliability.map(|reliability| reliability.number()));
        self.word(assessment.credibility.map(|credibility| credibility.number()));
        self.text(&assessment.explanation);
        self.text(&assessment.url);
        self.time(assessment.assessed_time.as_ref());
        self.external_ids(&assessment.external_ids);
        self.labels(&assessment.labels);
        Ok(())
    }
}
