//! Export: what is asked for, and records as the requests that record them again.

use std::collections::BTreeSet;

use prost::Message as _;

use super::answers::Served as _;
use super::filters;
use super::metadata::{provenance_message, recorder_message};
use super::reader::{Reader, Violations};
use super::reads::{AsOfGiven, page};
use super::references::{link, source_ref};
use crate::api::page_token;
use crate::domain::limits;
use crate::domain::model::{Link, Provenance, Record, SourceLink, Version};
use crate::domain::name::RecordKind;
use crate::domain::sort::SortKey;
use crate::proto::claimdb::v1;
use crate::service::{AsOf, Export, ExportCursor, ExportItem, Statuses};

/// An export as it is asked for.
pub(crate) struct ExportAsked {
    pub(crate) export: Export,
    pub(crate) as_of: AsOf,
    pub(crate) cursor: ExportCursor,
    /// What a cursor must be asked with.
    pub(crate) fingerprint: u64,
}

/// What to export.
pub(crate) fn export(message: v1::ExportRequest, store: &str) -> Result<ExportAsked, Violations> {
    let mut r = Reader::default();
    let filter = message.filter.unwrap_or_default();
    let fingerprint = page_token::fingerprint("export", store, &filter);
    let as_of = message.as_of.map(AsOfGiven::from);
    let asked = page(&mut r, 0, ("cursor", &message.cursor), as_of, fingerprint);
    let export = r.field("filter", |r| Export {
        kinds: kinds(r, &filter.kinds),
        article: r.name_of("article", &filter.article, RecordKind::Article),
        source: r.source_filter("source", filter.source),
        filters: [
            filter.claims.map(|claims| (RecordKind::Claim, filters::claims(r, "claims", Some(claims)).0)),
            filter.sources.map(|sources| (RecordKind::Source, filters::sources(r, "sources", Some(sources)))),
            filter.articles.map(|articles| (RecordKind::Article, filters::articles(r, "articles", Some(articles)))),
        ]
        .into_iter()
        .flatten()
        .collect(),
    });
    let asked = asked.map(|asked| {
        // The stage stands where other cursors have the rank of their key: both come first in the order.
        let cursor = asked.page.after.map_or_else(ExportCursor::default, |after| ExportCursor {
            stage: after.key.rank,
            after: after.number,
            given: Some(asked.within).filter(|within| *within != page_token::WHOLE).unwrap_or_default(),
            early_since: early_since(after.key),
        });
        ExportAsked { export, as_of: asked.as_of, cursor, fingerprint }
    });
    r.finish(asked)
}

/// The stage and number that a cursor of an export has where others have two times.
fn early_since(key: SortKey) -> Option<(u8, u64)> {
    let (stage, number) = (u8::try_from(key.second).ok()?, u64::try_from(key.first).ok()?);
    (number > 0).then_some((stage, number))
}

fn kinds(r: &mut Reader, numbers: &[i32]) -> BTreeSet<RecordKind> {
    let mut kinds = BTreeSet::new();
    for (index, number) in numbers.iter().enumerate() {
        // Their order is that of the schema, which begins with none.
        let kind = usize::try_from(*number).ok().and_then(|number| RecordKind::ALL.get(number.checked_sub(1)?));
        match kind {
            Some(kind) => drop(kinds.insert(*kind)),
            None => r.item("kinds", index, |r| {
                let message = format!("{number} is not a kind of record");
                r.violation(crate::domain::model::ErrorReason::FieldInvalid, message);
            }),
        }
    }
    kinds
}

/// The request that records an item again.
pub(crate) fn export_item(item: &ExportItem, store_id: &str) -> v1::RecordRequest {
    let mut request = v1::RecordRequest::default();
    match item {
        ExportItem::EarlierText { article, text, is_first } => {
            let mut message =
                v1::Article { name: article.name.to_string(), text: text.to_string(), ..Default::default() };
            if *is_first {
                request.provenance.push(provenance(article, store_id));
            } else {
                message.on_conflict = v1::ConflictPolicy::Update.into();
            }
            request.articles.push(message);
            // Once imported, an article that was taken along has the recorder of what it came with.
            let recorder = match article.provenance.as_deref() {
                Some(provenance) => provenance.recorder.as_ref(),
                None => article.recorder.as_deref(),
            };
            request.recorder = recorder.map(recorder_message);
        }
        ExportItem::Records { records, made } => {
            for (version, text) in records {
                let is_revision = made.contains(&version.name);
                put(&mut request, version, text.as_deref(), is_revision);
                if !is_revision {
                    request.provenance.push(provenance(version, store_id));
                }
            }
            let first = records.first().and_then(|(version, _)| version.recorder.as_deref());
            request.recorder = first.map(recorder_message);
        }
        ExportItem::Retraction(version) => {
            request.retract.extend(retract(version));
            request.recorder = version.recorder.as_deref().map(recorder_message);
        }
    }
    request
}

/// How many bytes of an item a record takes.
pub(crate) fn item_bytes(version: &Version, text: Option<&str>) -> usize {
    let mut request = v1::RecordRequest::default();
    put(&mut request, version, text, false);
    // The id of its store is added where it is exported.
    request.provenance.push(provenance(version, ""));
    request.encoded_len() + limits::WORD_BYTES
}

/// Puts a record into a request, without what only answers have.
fn put(request: &mut v1::RecordRequest, version: &Version, text: Option<&str>, is_revision: bool) {
    let statuses = Statuses::default();
    match &version.record {
        Record::Article(_) => {
            let message = v1::Article::from_version(version, &statuses, text);
            let message = message.map(|message| v1::Article { metadata: None, text_code_points: 0, ..message });
            if is_revision {
                let record = message.map(v1::revise::Record::Article);
                let update_mask = Some(prost_types::FieldMask { paths: vec!["*".to_owned()] });
                request.revise.push(v1::Revise { record, update_mask, ..Default::default() });
            } else {
                request.articles.extend(message);
            }
        }
        Record::Source(source) => {
            let message = v1::Source::from_version(version, &statuses, None);
            let mut message = message.map(|message| v1::Source { metadata: None, ..message });
            // Namesakes stay apart.
            if let (Some(message), None) = (&mut message, &source.scope_article) {
                message.on_conflict = v1::ConflictPolicy::Distinct.into();
            }
            request.sources.extend(message);
        }
        Record::Claim(_) => {
            let message = v1::Claim::from_version(version, &statuses, None);
            request.claims.extend(message.map(|message| v1::Claim { metadata: None, ..message }));
        }
        Record::Relation(_) => {
            let message = v1::Relation::from_version(version, &statuses, None);
            request.relations.extend(message.map(|message| v1::Relation { metadata: None, ..message }));
        }
        Record::Assessment(_) => {
            let message = v1::Assessment::from_version(version, &statuses, None);
            request.assessments.extend(message.map(|message| v1::Assessment { metadata: None, ..message }));
        }
    }
    if !is_revision {
        request.retract.extend(retract(version));
    }
}

fn retract(version: &Version) -> Option<v1::Retract> {
    let retraction = version.retraction.as_deref()?;
    Some(v1::Retract {
        name: version.name.written(),
        retracted_by: retraction.retracted_by.number(),
        reason: retraction.reason.clone(),
        source: retraction.source.clone().map(|name| source_ref(&SourceLink::from(name))),
        ..Default::default()
    })
}

/// Where a record came from: the first store that it was exported from.
fn provenance(version: &Version, store_id: &str) -> v1::Provenance {
    let record = link(Some(&Link::Name(version.name.clone())));
    if let Some(provenance) = &version.provenance {
        return provenance_message(provenance, record);
    }
    let here = Provenance {
        store_id: store_id.to_owned(),
        create_revision: version.create_revision,
        create_time: version.create_time,
        revision: version.revision,
        time: version.time,
        principal: version.principal.to_string(),
        recorder: version.recorder.as_deref().cloned(),
    };
    provenance_message(&here, record)
}
