//! Articles. The body of a text is kept elsewhere.

use super::parts::{decode_external_ids, decode_labels, decode_time, encode_external_ids, encode_labels, encode_time};
use super::values::{
    digest, instant, known, number, parse, parse_given, source_given, source_id_given, source_ids, sources, text, word,
};
use super::{DecodeError, EncodeError};
use crate::domain::model::{Article, Section, Text, Url};
use crate::domain::time::Timestamp;
use crate::proto::claimdb::storage::v1;

pub(super) fn encode(article: &Article) -> Result<v1::Article, EncodeError> {
    Ok(v1::Article {
        urls: article.urls.iter().map(|url| url.given.clone()).collect(),
        external_ids: encode_external_ids(&article.external_ids),
        publisher: source_id_given(article.publisher.as_ref(), "article.publisher")?,
        publisher_basis: number(article.publisher_basis),
        bylines: source_ids(&article.bylines, "article.bylines")?,
        title: article.title.clone(),
        language: text(article.language.as_ref()),
        text: article.text.as_ref().map(encode_text),
        publish_time: article.publish_time.as_ref().map(encode_time),
        retrieve_time_micros: article.retrieve_time.map(Timestamp::micros),
        sections: article.sections.iter().map(encode_section).collect(),
        labels: encode_labels(&article.labels),
    })
}

pub(super) fn decode(article: v1::Article) -> Result<Article, DecodeError> {
    Ok(Article {
        urls: article.urls.into_iter().map(decode_url).collect::<Result<_, _>>()?,
        external_ids: decode_external_ids(article.external_ids),
        publisher: source_given(&article.publisher, "article.publisher")?,
        publisher_basis: word(article.publisher_basis)?,
        bylines: sources(&article.bylines, "article.bylines")?,
        title: article.title,
        language: parse_given(&article.language, "article.language")?,
        text: article.text.as_ref().map(decode_text).transpose()?,
        publish_time: article.publish_time.map(decode_time).transpose()?,
        retrieve_time: article
            .retrieve_time_micros
            .map(|micros| instant(micros, "article.retrieve_time"))
            .transpose()?,
        sections: article.sections.iter().map(decode_section).collect::<Result<_, _>>()?,
        labels: decode_labels(article.labels),
    })
}

fn decode_url(given: String) -> Result<Url, DecodeError> {
    let canonical = parse(&given, "article.urls")?;
    Ok(Url { given, canonical })
}

fn encode_text(text: &Text) -> v1::Text {
    v1::Text { sha256: text.sha256.as_bytes().to_vec(), code_points: text.code_points }
}

fn decode_text(text: &v1::Text) -> Result<Text, DecodeError> {
    Ok(Text { sha256: digest(&text.sha256, "article.text")?, code_points: text.code_points, body: None })
}

fn encode_section(section: &Section) -> v1::Section {
    v1::Section { kind: number(Some(section.kind)), start: section.start, end: section.end }
}

fn decode_section(section: &v1::Section) -> Result<Section, DecodeError> {
    Ok(Section { kind: known(section.kind)?, start: section.start, end: section.end })
}
