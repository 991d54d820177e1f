//! Articles.

use std::sync::Arc;

use super::metadata::metadata;
use super::reader::Reader;
use super::references::{external_ids, source_ref};
use super::values::{number, string, time, timestamp};
use crate::domain::limits;
use crate::domain::model::{Article, Basis, ErrorReason, Section, SectionKind, Text, Url, Version};
use crate::domain::text::{Sha256, TextIndex};
use crate::proto::claimdb::v1;

pub(super) fn from_request(r: &mut Reader, message: v1::Article) -> Article {
    // A revision says what changes, and whoever chooses a name knows the article by it.
    if r.is_whole() && message.name.is_empty() && says_nothing(&message) {
        let needed = "an article needs a URL, an external id, a publisher, a byline, a title or a text, or a name";
        r.violation(ErrorReason::FieldInvalid, needed);
    }
    let text = text(r, message.text, &message.text_sha256);
    Article {
        urls: r.items("urls", limits::URLS, message.urls, url).into_iter().flatten().collect(),
        external_ids: r.external_ids("external_ids", message.external_ids),
        publisher: r.source("publisher", message.publisher, false),
        publisher_basis: r.word("publisher_basis", message.publisher_basis, Basis::from_number),
        bylines: bylines(r, message.bylines),
        title: r.text("title", message.title, limits::TITLE_BYTES),
        language: r.language("language", &message.language),
        text,
        publish_time: r.time("publish_time", message.publish_time),
        retrieve_time: message.retrieve_time.and_then(|time| r.timestamp("retrieve_time", time)),
        sections: sections(r, message.sections),
        labels: r.labels("labels", message.labels),
    }
}

/// Whether nobody could tell by it which article is meant.
fn says_nothing(message: &v1::Article) -> bool {
    message.urls.is_empty()
        && message.external_ids.is_empty()
        && message.publisher.is_none()
        && message.bylines.is_empty()
        && message.title.trim().is_empty()
        && message.text.trim().is_empty()
}

fn url(r: &mut Reader, given: String) -> Option<Url> {
    match given.parse() {
        Ok(canonical) => Some(Url { given, canonical }),
        Err(error) => {
            let error: crate::domain::url::UrlError = error;
            r.violation(ErrorReason::FieldInvalid, error.to_string());
            None
        }
    }
}

fn bylines(r: &mut Reader, messages: Vec<v1::SourceRef>) -> Vec<crate::domain::model::SourceLink> {
    if messages.len() > limits::BYLINES {
        let message = format!("at most {} are allowed, these are {}", limits::BYLINES, messages.len());
        r.violation_at("bylines", ErrorReason::LimitExceeded, message);
        return Vec::new();
    }
    let bylines = messages.into_iter().enumerate();
    bylines.filter_map(|(index, byline)| r.source(&format!("bylines[{index}]"), Some(byline), false)).collect()
}

fn text(r: &mut Reader, text: String, sha256: &str) -> Option<Text> {
    let expected: Option<Sha256> = r.parsed("text_sha256", sha256);
    if text.is_empty() {
        if expected.is_some() && r.demands("text") {
            r.invalid("text_sha256", "is given without its text");
        }
        return None;
    }
    let body: Arc<str> = r.text("text", text, limits::TEXT_BYTES).into();
    // Too long a text has its violation already.
    let index = TextIndex::new(Arc::clone(&body)).ok()?;
    let sha256 = index.sha256();
    if expected.is_some_and(|expected| expected != sha256) {
        r.invalid("text_sha256", format!("the text's is {sha256}"));
    }
    Some(Text { sha256, code_points: index.code_points(), body: Some(body) })
}

fn sections(r: &mut Reader, messages: Vec<v1::Section>) -> Vec<Section> {
    let mut end_before = 0;
    let sections = r.items("sections", limits::SECTIONS, messages, |r, v1::Section { kind, start, end }| {
        if kind == 0 {
            r.invalid("kind", "is required");
        }
        if end <= start {
            r.invalid("end", format!("the section ends at {end}, not after its start at {start}"));
        }
        if start < end_before {
            r.invalid("start", format!("sections stand in order; the one before ends at {end_before}"));
        }
        end_before = end;
        let kind = r.word("kind", kind, SectionKind::from_number)?;
        Some(Section { kind, start, end })
    });
    sections.into_iter().flatten().collect()
}

/// The article as a message; with its text where that was read too.
pub(super) fn to_response(version: &Version, article: &Article, body: Option<&str>) -> v1::Article {
    v1::Article {
        name: version.name.written(),
        key: String::new(),
        on_conflict: 0,
        urls: article.urls.iter().map(|url| url.given.clone()).collect(),
        external_ids: external_ids(&article.external_ids),
        publisher: article.publisher.as_ref().map(source_ref),
        publisher_basis: number(article.publisher_basis, Basis::number),
        bylines: article.bylines.iter().map(source_ref).collect(),
        title: article.title.clone(),
        language: article.language.as_ref().map(|language| language.as_str().to_owned()).unwrap_or_default(),
        text: body.unwrap_or_default().to_owned(),
        text_sha256: string(article.text.as_ref().map(|text| text.sha256).as_ref()),
        text_code_points: article.text.as_ref().map_or(0, |text| text.code_points),
        publish_time: article.publish_time.as_ref().map(time),
        retrieve_time: article.retrieve_time.map(timestamp),
        sections: article
            .sections
            .iter()
            .map(|section| v1::Section { kind: section.kind.number(), start: section.start, end: section.end })
            .collect(),
        labels: article.labels.clone(),
        metadata: Some(metadata(version)),
    }
}
