//! Exports: which records a filter lets through, each once, as they stand, and behind what they refer to.

use std::collections::{BTreeMap, BTreeSet};

use claimdb::proto::claimdb::v1;
use claimdb::proto::pool;
use prost_reflect::{DynamicMessage, ReflectMessage as _, Value};
use tonic::Status;
use v1::version::Record;
use v1::{ExportFilter, RecordKind, RecordStatus};

use crate::ask::{AsOf, as_of, assert_ambiguous};
use crate::chance::Chance;
use crate::filters::Filters;
use crate::history::History;
use crate::lists::{add_text, assert_mismatch};
use crate::log::{State, metadata, name};
use crate::meaning::Meaning;
use crate::served::Served;
use crate::sources::{articles_ambiguous, claims_ambiguous, found};

fn filter(filters: &mut Filters<'_>) -> ExportFilter {
    let mut f = ExportFilter::default();
    for _ in 0..[0, 1, 1, 1, 2, 3][filters.chance.index(6)] {
        match filters.chance.below(6) {
            0 => f.kinds = filters.words(RecordKind::Assessment.into()),
            1 => f.article = filters.article(),
            2 => f.source = Some(filters.source()),
            3 => f.claims = Some(filters.claims(0)),
            4 => f.sources = Some(filters.sources(0)),
            _ => f.articles = Some(filters.articles(0)),
        }
    }
    f
}

fn is_ambiguous(state: &State<'_>, f: &ExportFilter) -> bool {
    f.source.as_ref().is_some_and(|source| found(state, source).is_err())
        || f.claims.as_ref().is_some_and(|claims| claims_ambiguous(state, claims))
        || f.articles.as_ref().is_some_and(|articles| articles_ambiguous(state, articles))
}

fn kind(record: &Record) -> RecordKind {
    match record {
        Record::Article(_) => RecordKind::Article,
        Record::Source(_) => RecordKind::Source,
        Record::Claim(_) => RecordKind::Claim,
        Record::Relation(_) => RecordKind::Relation,
        Record::Assessment(_) => RecordKind::Assessment,
    }
}

/// Whether a record is to be exported: it meets every field that is given.
fn is_exported(state: &State<'_>, f: &ExportFilter, record: &Record) -> bool {
    let meaning = Meaning(state);
    let is_of_kind = f.kinds.is_empty() || f.kinds.contains(&kind(record).into());
    let is_in_article = match record {
        Record::Article(article) => article.name == f.article,
        Record::Source(source) => source.scope_article == f.article,
        Record::Claim(claim) => claim.article == f.article,
        Record::Relation(_) | Record::Assessment(_) => false,
    };
    let is_by_source = |wanted: &v1::SourceRef| {
        let is_one = |name: &str| found(state, wanted).unwrap().as_deref() == Some(name);
        let is_named = |source: &Option<v1::SourceRef>| source.as_ref().is_some_and(|source| is_one(&source.name));
        match record {
            Record::Article(article) => is_named(&article.publisher),
            Record::Source(source) => is_one(&source.name),
            // The publisher stands, implied, in front of every chain.
            Record::Claim(claim) => {
                claim.attributions.iter().any(|hop| is_named(&hop.source)) || state.publisher(claim).is_some_and(is_one)
            }
            Record::Assessment(assessment) => is_named(&assessment.assessor),
            Record::Relation(_) => false,
        }
    };
    let is_met = match record {
        Record::Claim(claim) => f.claims.as_ref().is_none_or(|claims| meaning.claim(claims, claim)),
        Record::Source(source) => f.sources.as_ref().is_none_or(|sources| meaning.source(sources, source)),
        Record::Article(article) => f.articles.as_ref().is_none_or(|articles| meaning.article(articles, article)),
        Record::Relation(_) | Record::Assessment(_) => true,
    };
    is_of_kind && (f.article.is_empty() || is_in_article) && f.source.as_ref().is_none_or(is_by_source) && is_met
}

/// All that one call gave.
#[derive(Debug, Default)]
struct Exported {
    items: Vec<v1::RecordRequest>,
    cursor: String,
    revision: u64,
}

async fn export(served: &mut Served, request: v1::ExportRequest) -> Result<Exported, Status> {
    let mut parts = served.records.export(request).await?.into_inner();
    let (mut exported, mut total) = (Exported::default(), None);
    let mut counted = BTreeSet::new();
    while let Some(part) = parts.message().await? {
        assert_eq!(total, None, "a part behind the last one");
        let revision = part.read.unwrap().revision;
        assert!(exported.revision == revision || exported.items.is_empty());
        (exported.cursor, exported.revision, total) = (part.cursor, revision, part.total_items);
        exported.items.extend(part.items);
        counted.extend(part.record_count);
    }
    assert_eq!(total, Some(exported.items.len() as u64));
    // Nothing is cut here, so that each record is an item, unless they stand in a circle.
    let records: u64 = exported.items.iter().map(|item| records(item).len() as u64).sum();
    assert!(counted.iter().all(|count| *count == records), "{counted:?} of {records}");
    Ok(exported)
}

fn records(item: &v1::RecordRequest) -> Vec<Record> {
    let articles = item.articles.iter().cloned().map(Record::Article);
    let sources = item.sources.iter().cloned().map(Record::Source);
    let claims = item.claims.iter().cloned().map(Record::Claim);
    let relations = item.relations.iter().cloned().map(Record::Relation);
    let assessments = item.assessments.iter().cloned().map(Record::Assessment);
    articles.chain(sources).chain(claims).chain(relations).chain(assessments).collect()
}

/// Asks for an export, and holds it against a pass over everything.
pub(crate) async fn ask(chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
    let mut filters = Filters::new(chance, served, history);
    let (filter, as_of) = (filter(&mut filters), filters.as_of(served.log.head()));
    let expected_revision = served.log.asked(as_of);
    let request =
        v1::ExportRequest { filter: Some(filter.clone()), cursor: String::new(), as_of: as_of!(as_of, export_request) };
    if is_ambiguous(&served.log.state(expected_revision), &filter) {
        assert_ambiguous(&export(served, request).await.unwrap_err());
        return 0;
    }
    let exported = export(served, request.clone()).await.unwrap_or_else(|status| panic!("{status:?}: {filter:?}"));
    let state = served.log.state(expected_revision);
    let expected: BTreeMap<String, Record> = state
        .all()
        .filter(|(_, told)| is_exported(&state, &filter, &told.record))
        .map(|(_, told)| (name(&told.record).to_owned(), told.record.clone()))
        .collect();
    let mut names: Vec<String> =
        exported.items.iter().flat_map(records).map(|record| name(&record).to_owned()).collect();
    names.sort();
    assert_eq!(names, expected.keys().cloned().collect::<Vec<_>>(), "as of {expected_revision}: {filter:?}");
    served.log.assert_answered(expected_revision, exported.revision);
    assert_ordered(&exported.items, &expected);
    for item in &exported.items {
        assert_as_they_stand(item, &expected);
    }
    assert_nothing_follows(chance, served, request, &exported).await;
    expected.len()
}

/// What refers to a record comes behind it or with it.
fn assert_ordered(items: &[v1::RecordRequest], expected: &BTreeMap<String, Record>) {
    let mut known = BTreeSet::new();
    for item in items {
        let records = records(item);
        known.extend(records.iter().map(|record| name(record).to_owned()));
        for record in &records {
            for referred in references(record) {
                assert!(known.contains(&referred) || !expected.contains_key(&referred), "{record:?}: {referred}");
            }
        }
    }
}

fn references(record: &Record) -> Vec<String> {
    let source = |source: &Option<v1::SourceRef>| source.as_ref().map(|source| source.name.clone());
    let names: Vec<String> = match record {
        Record::Article(article) => source(&article.publisher).into_iter().collect(),
        Record::Source(source) => vec![source.scope_article.clone()],
        Record::Claim(claim) => {
            let hops = claim.attributions.iter().flat_map(|hop| {
                let channels = [source(&hop.source), source(&hop.channel)];
                channels.into_iter().flatten().chain(hop.addressees.iter().map(|source| source.name.clone()))
            });
            let wholes = claim.figures.iter().map(|figure| record_of(&figure.whole));
            let spans = claim.spans.iter().map(|span| span.article.clone());
            hops.chain(wholes).chain(spans).chain([claim.article.clone()]).collect()
        }
        Record::Relation(relation) => vec![relation.from.clone(), relation.to.clone()],
        Record::Assessment(assessment) => {
            source(&assessment.assessor).into_iter().chain([record_of(&assessment.target)]).collect()
        }
    };
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// The record that a name is of: a figure's is its claim.
fn record_of(name: &str) -> String {
    name.split("/figures/").next().unwrap().to_owned()
}

/// Records are what they were told to be, with what was known of them; those that do not stand are retracted.
fn assert_as_they_stand(item: &v1::RecordRequest, expected: &BTreeMap<String, Record>) {
    let records = records(item);
    for record in &records {
        let mut told = expected[name(record)].clone();
        add_text(&mut told);
        assert_eq!(given(record), given(&told), "{}", name(record));
    }
    let of_item = |told: &Record| (name(told).to_owned(), metadata(told).clone());
    let told: BTreeMap<_, _> = records.iter().map(|record| of_item(&expected[name(record)])).collect();
    let retracted = told.iter().filter(|(_, metadata)| metadata.status() == RecordStatus::Retracted);
    let expected = retracted.map(|(name, metadata)| {
        let retraction = metadata.retraction.clone().unwrap();
        (name.clone(), (retraction.retracted_by, retraction.reason))
    });
    let retracts = item.retract.iter().map(|it| (it.name.clone(), (it.retracted_by, it.reason.clone())));
    assert_eq!(retracts.collect::<BTreeMap<_, _>>(), expected.collect::<BTreeMap<_, _>>());
    let provenance = item.provenance.iter().map(|it| {
        assert!(!it.store_id.is_empty());
        (it.record.clone(), (it.create_revision, it.create_time, it.revision, it.update_time, it.principal.clone()))
    });
    let expected = told
        .into_iter()
        .map(|(name, it)| (name, (it.create_revision, it.create_time, it.revision, it.update_time, it.principal)));
    assert_eq!(provenance.collect::<BTreeMap<_, _>>(), expected.collect::<BTreeMap<_, _>>());
}

/// A record without the fields that only answers have, or only requests.
fn given(record: &Record) -> DynamicMessage {
    fn clear(message: &mut DynamicMessage) {
        let behavior = pool().get_extension_by_name("google.api.field_behavior").unwrap();
        for field in message.descriptor().fields() {
            let options = field.options();
            let behaviors = options.get_extension(&behavior);
            let is_given = |value: &Value| !matches!(value, Value::EnumNumber(3 | 4));
            if !behaviors.as_list().unwrap().iter().all(is_given) {
                message.clear_field(&field);
                continue;
            }
            if !message.has_field(&field) {
                continue;
            }
            let value = message.get_field_mut(&field);
            if let Some(inner) = value.as_message_mut() {
                clear(inner);
            } else if let Some(list) = value.as_list_mut() {
                list.iter_mut().filter_map(Value::as_message_mut).for_each(clear);
            }
        }
    }
    let (kind, bytes) = match record {
        Record::Article(record) => ("Article", prost::Message::encode_to_vec(record)),
        Record::Source(record) => ("Source", prost::Message::encode_to_vec(record)),
        Record::Claim(record) => ("Claim", prost::Message::encode_to_vec(record)),
        Record::Relation(record) => ("Relation", prost::Message::encode_to_vec(record)),
        Record::Assessment(record) => ("Assessment", prost::Message::encode_to_vec(record)),
    };
    let descriptor = pool().get_message_by_name(&format!("claimdb.v1.{kind}")).unwrap();
    let mut message = DynamicMessage::decode(descriptor, bytes.as_slice()).unwrap();
    clear(&mut message);
    message
}

/// Behind the last part nothing is left, whatever was written since, and its cursor is that of its filter alone.
async fn assert_nothing_follows(
    chance: &mut Chance,
    served: &mut Served,
    request: v1::ExportRequest,
    exported: &Exported,
) {
    let request = v1::ExportRequest { cursor: exported.cursor.clone(), ..request };
    let rest = export(served, request.clone()).await.unwrap();
    assert_eq!((rest.items.len(), rest.revision), (0, exported.revision));
    if chance.happens(30) {
        let mut filter = request.filter.clone().unwrap();
        filter.article = if filter.article.is_empty() { "articles/a0".into() } else { String::new() };
        let other = v1::ExportRequest { filter: Some(filter), ..request };
        assert_mismatch(&export(served, other).await.unwrap_err());
    }
}
