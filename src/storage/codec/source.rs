//! Sources.

use super::parts::{
    decode_external_ids, decode_labels, decode_spans, encode_external_ids, encode_labels, encode_spans,
};
use super::values::{link, link_id, number, word};
use super::{DecodeError, EncodeError};
use crate::domain::model::Source;
use crate::domain::name::RecordKind;
use crate::proto::claimdb::storage::v1;

pub(super) fn encode(source: &Source) -> Result<v1::Source, EncodeError> {
    Ok(v1::Source {
        kind: number(source.kind),
        display_name: source.display_name.clone(),
        aliases: source.aliases.clone(),
        description: source.description.clone(),
        platform: source.platform.clone(),
        platform_basis: number(source.platform_basis),
        handle: source.handle.clone(),
        handle_basis: number(source.handle_basis),
        urls: source.urls.clone(),
        scope_article: link_id(source.scope_article.as_ref(), RecordKind::Article, "source.scope_article")?,
        anonymity_reason: source.anonymity_reason.clone(),
        mentions: encode_spans(&source.mentions)?,
        external_ids: encode_external_ids(&source.external_ids),
        labels: encode_labels(&source.labels),
    })
}

pub(super) fn decode(source: v1::Source) -> Result<Source, DecodeError> {
    Ok(Source {
        kind: word(source.kind)?,
        display_name: source.display_name,
        aliases: source.aliases,
        description: source.description,
        platform: source.platform,
        platform_basis: word(source.platform_basis)?,
        handle: source.handle,
        handle_basis: word(source.handle_basis)?,
        urls: source.urls,
        scope_article: link(&source.scope_article, RecordKind::Article, "source.scope_article")?,
        anonymity_reason: source.anonymity_reason,
        mentions: decode_spans(source.mentions)?,
        external_ids: decode_external_ids(source.external_ids),
        labels: decode_labels(source.labels),
    })
}
