//! Sources.

use super::metadata::metadata;
use super::parts::spans;
use super::reader::Reader;
use super::references::{external_ids, link};
use super::values::number;
use crate::domain::limits;
use crate::domain::model::{Basis, Source, SourceKind, Version};
use crate::domain::name::RecordKind;
use crate::domain::url::CanonicalUrl;
use crate::proto::claimdb::v1;

pub(super) fn from_request(r: &mut Reader, message: v1::Source) -> Source {
    let source = Source {
        kind: r.word("kind", message.kind, SourceKind::from_number),
        display_name: r.text("display_name", message.display_name, limits::SHORT_BYTES),
        aliases: r.items("aliases", limits::ALIASES, message.aliases, alias),
        description: r.text("description", message.description, limits::DESCRIPTION_BYTES),
        platform: r.text("platform", message.platform, limits::WORD_BYTES),
        platform_basis: r.word("platform_basis", message.platform_basis, Basis::from_number),
        handle: r.handle("handle", message.handle),
        handle_basis: r.word("handle_basis", message.handle_basis, Basis::from_number),
        urls: r.items("urls", limits::URLS, message.urls, url),
        scope_article: r.link("scope_article", &message.scope_article, &[RecordKind::Article]),
        anonymity_reason: r.text("anonymity_reason", message.anonymity_reason, limits::SHORT_BYTES),
        mentions: r.spans("mentions", message.mentions, limits::SPANS),
        external_ids: r.external_ids("external_ids", message.external_ids),
        labels: r.labels("labels", message.labels),
    };
    // A source that is found again needs something to be found by. Of a revision, only the whole can be judged.
    if r.is_whole() {
        if source.kind.is_some_and(SourceKind::is_unnamed) {
            if message.scope_article.is_empty() {
                r.invalid("scope_article", "an unnamed source exists in one article alone: name it");
            }
        } else if source.display_name.trim().is_empty() && source.account().is_none() && source.external_ids.is_empty()
        {
            r.invalid("display_name", "a source needs a display name, platform and handle, or an external id");
        }
    }
    source
}

fn alias(r: &mut Reader, alias: String) -> String {
    r.required_item(alias, limits::SHORT_BYTES)
}

fn url(r: &mut Reader, url: String) -> String {
    if let Err(error) = url.parse::<CanonicalUrl>() {
        r.violation(crate::domain::model::ErrorReason::FieldInvalid, error.to_string());
    }
    url
}

/// The source as a message.
pub(super) fn to_response(version: &Version, source: &Source) -> v1::Source {
    v1::Source {
        name: version.name.written(),
        key: String::new(),
        on_conflict: 0,
        kind: number(source.kind, SourceKind::number),
        display_name: source.display_name.clone(),
        aliases: source.aliases.clone(),
        description: source.description.clone(),
        platform: source.platform.clone(),
        platform_basis: number(source.platform_basis, Basis::number),
        handle: source.handle.clone(),
        handle_basis: number(source.handle_basis, Basis::number),
        urls: source.urls.clone(),
        scope_article: link(source.scope_article.as_ref()),
        anonymity_reason: source.anonymity_reason.clone(),
        mentions: spans(&source.mentions),
        external_ids: external_ids(&source.external_ids),
        labels: source.labels.clone(),
        metadata: Some(metadata(version)),
    }
}
