//! From quotes to verified spans: every quote is checked against its article's text.

use std::ops::Range;
use std::sync::Arc;

use super::planner::Planner;
use super::{PlanError, View};
use crate::domain::limits;
use crate::domain::model::{Claim, ErrorReason, Link, Record, Span, SpanStatus, WarningReason};
use crate::domain::name::{Name, RecordKind};
use crate::domain::text::{AnchorError, NotLocated, Quote, Sha256, TextIndex, anchor, locate};

/// Bytes of text in which wrong quotes of one request are looked for closely.
const EXPLAINED_BYTES_MAX: usize = 1024 * 1024;

/// Where a record's spans lie unless they name another article.
struct Ground {
    article: Option<Link>,
    text: Option<Arc<TextIndex>>,
}

impl<V: View> Planner<'_, V> {
    pub(super) fn anchor_record(
        &mut self,
        path: &str,
        record: &mut Record,
        stored: Option<&Record>,
    ) -> Result<(), PlanError<V::Error>> {
        let article = match (self.ground_of(record)?, stored) {
            (None, Some(stored)) => self.ground_of(stored)?,
            (article, _) => article,
        };
        match record {
            Record::Article(_) | Record::Assessment(_) => Ok(()),
            Record::Source(source) => {
                let mut unverified = 0;
                let ground = self.ground(article)?;
                for (index, span) in source.mentions.iter_mut().enumerate() {
                    unverified += self.anchor_span(&format!("{path}.mentions[{index}]"), span, &ground, &[])?;
                }
                self.warn_unverified(path, unverified);
                Ok(())
            }
            Record::Claim(claim) => {
                let ground = self.ground(article)?;
                // A revision that gives figures alone finds them in the stored spans.
                let spans = match stored {
                    Some(Record::Claim(stored)) if claim.spans.is_empty() => stored.spans.as_slice(),
                    Some(_) | None => &[],
                };
                self.anchor_claim(path, claim, spans, &ground)
            }
            Record::Relation(relation) => {
                let ground = self.ground(article)?;
                let mut unverified = 0;
                for (index, span) in relation.evidence.iter_mut().enumerate() {
                    unverified += self.anchor_span(&format!("{path}.evidence[{index}]"), span, &ground, &[])?;
                }
                self.warn_unverified(path, unverified);
                Ok(())
            }
        }
    }

    fn anchor_claim(
        &mut self,
        path: &str,
        claim: &mut Claim,
        stored_spans: &[Span],
        ground: &Ground,
    ) -> Result<(), PlanError<V::Error>> {
        let mut unverified = 0;
        for (index, span) in claim.spans.iter_mut().enumerate() {
            unverified += self.anchor_span(&format!("{path}.spans[{index}]"), span, ground, &[])?;
        }
        // Only spans in the claim's own article say where its figures stand, and of stored ones those that were checked in
        // the text it has now.
        let text = ground.text.as_ref().map(|text| text.sha256());
        let own = claim.spans.iter().chain(stored_spans);
        let is_own = |span: &&Span| span.article.is_none() || span.article == ground.article;
        let own = own.filter(|span| is_own(span) && span.text_sha256 == text);
        let within: Vec<Range<u32>> = own.filter_map(|span| Some(span.start?..span.end?)).collect();
        for (index, hop) in claim.attributions.iter_mut().enumerate() {
            for (field, span) in [("cue", &mut hop.cue), ("source_span", &mut hop.source_span)] {
                if let Some(span) = span {
                    let path = format!("{path}.attributions[{index}].{field}");
                    unverified += self.anchor_span(&path, span, ground, &[])?;
                }
            }
        }
        for (index, hedge) in claim.hedges.iter_mut().enumerate() {
            if let Some(span) = &mut hedge.span {
                unverified += self.anchor_span(&format!("{path}.hedges[{index}].span"), span, ground, &[])?;
            }
        }
        for (index, entity) in claim.entities.iter_mut().enumerate() {
            for (mention, span) in entity.mentions.iter_mut().enumerate() {
                let path = format!("{path}.entities[{index}].mentions[{mention}]");
                unverified += self.anchor_span(&path, span, ground, &[])?;
            }
        }
        for (index, figure) in claim.figures.iter_mut().enumerate() {
            let path = format!("{path}.figures[{index}]");
            if let Some(span) = &mut figure.span {
                unverified += self.anchor_span(&format!("{path}.span"), span, ground, &within)?;
            } else if let (Some(text), false) = (&ground.text, figure.verbatim.is_empty() || self.is_restoring) {
                match locate(text, &figure.verbatim, &within) {
                    Ok(found) => figure.span = Some(Box::new(verified(text, &found, Span::default()))),
                    Err(error) => self.warn(&path, WarningReason::FigureNotLocated, error.to_string()),
                }
            }
        }
        self.warn_unverified(path, unverified);
        Ok(())
    }

    /// Whether a quote that is wrong is looked at closely, to say how near it came. That takes many times as long as to
    /// find one that is right, and the writer waits: the first few are enough to mend an extractor.
    fn explains(&self, text: &TextIndex) -> bool {
        self.explained_bytes == 0 || self.explained_bytes + text.text().len() <= EXPLAINED_BYTES_MAX
    }

    /// One warning a record, not one a span.
    fn warn_unverified(&mut self, path: &str, unverified: u32) {
        if unverified > 0 {
            let message = format!("{unverified} of its spans could not be checked: there is no text to check them in");
            self.warn(path, WarningReason::SpanUnverified, message);
        }
    }

    fn ground(&mut self, article: Option<Link>) -> Result<Ground, PlanError<V::Error>> {
        let text = match article.as_ref().and_then(Link::name).cloned() {
            Some(name) => self.text_of(&name)?,
            None => None,
        };
        Ok(Ground { article, text })
    }

    /// The text that an article has at this point of the plan.
    fn text_of(&mut self, article: &Name) -> Result<Option<Arc<TextIndex>>, PlanError<V::Error>> {
        let text = match self.standing(article)?.map(|standing| standing.record) {
            Some(Record::Article(article)) => article.text.clone(),
            Some(_) | None => None,
        };
        match text {
            Some(text) => self.indexed(text.sha256, text.body),
            None => Ok(None),
        }
    }

    /// A text by its hash, which may be at hand.
    fn indexed(
        &mut self,
        sha256: Sha256,
        body: Option<Arc<str>>,
    ) -> Result<Option<Arc<TextIndex>>, PlanError<V::Error>> {
        if let Some(index) = self.texts.get(&sha256) {
            return Ok(Some(Arc::clone(index)));
        }
        let body = match body {
            Some(body) => Some(body),
            None => self.view.text(sha256).map_err(PlanError::View)?,
        };
        // A text too long to index was never accepted.
        let index = body.and_then(|body| TextIndex::with_sha256(body, sha256).ok()).map(Arc::new);
        if let Some(index) = &index {
            self.texts.insert(sha256, Arc::clone(index));
        }
        Ok(index)
    }

    /// Anchors one span; 1 when there was no text to check it in.
    fn anchor_span(
        &mut self,
        path: &str,
        span: &mut Span,
        ground: &Ground,
        within: &[Range<u32>],
    ) -> Result<u32, PlanError<V::Error>> {
        if let Some(link) = &mut span.article {
            self.resolve_link(&format!("{path}.article"), link, Some(RecordKind::Article))?;
        }
        let other = match &span.article {
            Some(link) if ground.article.as_ref() != Some(link) => Some(self.ground(Some(link.clone()))?),
            Some(_) | None => None,
        };
        let within = if other.is_some() { &[] } else { within };
        if self.is_restoring && span.text_sha256.is_none() {
            // It was not verified where it came from: a text that came later does not change that.
            span.status = Some(SpanStatus::Unverified);
            return Ok(1);
        }
        let mut text = other.as_ref().unwrap_or(ground).text.clone();
        if let (true, Some(sha256)) = (self.is_restoring, span.text_sha256)
            && text.as_ref().is_none_or(|text| text.sha256() != sha256)
            && let Some(earlier) = self.indexed(sha256, None)?
        {
            // Spans stay bound to the text that they were checked against.
            text = Some(earlier);
        }
        let Some(text) = text else {
            if span.exact.is_empty() {
                let message = "there is no text to find it in: give the words themselves".to_owned();
                self.violation(&format!("{path}.exact"), ErrorReason::FieldInvalid, message);
            }
            for (field, position) in [("start", span.start.take()), ("end", span.end.take())] {
                if position.is_some() && !span.exact.is_empty() {
                    let message = "there is no text to count in: give the words alone".to_owned();
                    self.violation(&format!("{path}.{field}"), ErrorReason::FieldInvalid, message);
                    break;
                }
            }
            if span.text_sha256.take().is_some() {
                let message = "there is no text to bind it to".to_owned();
                self.violation(&format!("{path}.text_sha256"), ErrorReason::FieldInvalid, message);
            }
            span.status = Some(SpanStatus::Unverified);
            return Ok(1);
        };
        if let Some(sha256) = span.text_sha256.filter(|sha256| *sha256 != text.sha256()) {
            let message = format!("the article's text is {}, not {sha256}", text.sha256());
            self.violation(&format!("{path}.text_sha256"), ErrorReason::FieldInvalid, message);
            return Ok(0);
        }
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let quote = Quote {
            exact: given(&span.exact),
            prefix: given(&span.prefix),
            suffix: given(&span.suffix),
            start: span.start,
            end: span.end,
        };
        if !self.explains(&text)
            && let (Some(exact), None, None) = (&quote.exact, &quote.prefix, &quote.suffix)
            && quote.start.is_none()
        {
            match locate(&text, exact, within) {
                Ok(found) => *span = verified(&text, &found, std::mem::take(span)),
                Err(NotLocated::Often) => {
                    self.violation(
                        &format!("{path}.exact"),
                        ErrorReason::QuoteAmbiguous,
                        NotLocated::Often.to_string(),
                    );
                }
                Err(NotLocated::Nowhere) => {
                    self.violation(
                        &format!("{path}.exact"),
                        ErrorReason::QuoteNotFound,
                        NotLocated::Nowhere.to_string(),
                    );
                }
            }
            return Ok(0);
        }
        let within = if within.is_empty() { None } else { Some(within) };
        match anchor(&text, &quote, within) {
            // Given by its positions alone.
            Ok(found) if found.exact.len() > limits::SPAN_BYTES => {
                let message =
                    format!("a span has at most {} bytes, these words {}", limits::SPAN_BYTES, found.exact.len());
                self.violation(&format!("{path}.end"), ErrorReason::LimitExceeded, message);
            }
            Ok(found) => *span = verified(&text, &found, std::mem::take(span)),
            Err(error) => {
                self.explained_bytes += text.text().len();
                let (field, reason) = match &error {
                    AnchorError::NotFound(_)
                    | AnchorError::TextDiffers { .. }
                    | AnchorError::ContextDiffers { .. }
                    | AnchorError::ContextNotFound { .. } => (".exact", ErrorReason::QuoteNotFound),
                    AnchorError::Ambiguous { .. } => (".exact", ErrorReason::QuoteAmbiguous),
                    AnchorError::EmptyQuote | AnchorError::PositionsIncomplete | AnchorError::Range(_) => {
                        ("", ErrorReason::FieldInvalid)
                    }
                };
                self.violation(&format!("{path}{field}"), reason, error.to_string());
            }
        }
        Ok(0)
    }
}

fn verified(text: &TextIndex, found: &crate::domain::text::Anchored, span: Span) -> Span {
    Span {
        start: Some(found.start),
        end: Some(found.end),
        exact: found.exact.clone(),
        text_sha256: Some(text.sha256()),
        status: Some(SpanStatus::Verified),
        ..span
    }
}
