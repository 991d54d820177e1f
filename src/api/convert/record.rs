//! Record: the whole request into a batch, and what became of it into an answer.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use prost::Message;

use super::answers::result_record;
use super::corrections::{reinstatement, retracting, revising};
use super::metadata::{provenance, recorder};
use super::reader::{Reader, Violations};
use super::values::timestamp;
use super::{article, assessment, claim, relation, source};
use crate::domain::language::Language;
use crate::domain::limits;
use crate::domain::model::{ConflictPolicy, ErrorReason, Key, Link, MatchRule, Record};
use crate::domain::name::{Name, RecordKind};
use crate::domain::plan::{Batch, Condition, Draft, Precondition, RequestKey, Violation};
use crate::domain::text::Sha256;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::revise::Record as Given;
use crate::service::Statuses;
use crate::storage::Committed;

/// Who asks, until there is authentication.
pub(super) const ANONYMOUS: &str = "anonymous";

/// A batch in which nothing is asked for yet.
pub(super) fn begin() -> Batch {
    Batch {
        principal: Arc::from(ANONYMOUS),
        recorder: None,
        request: None,
        validate_only: false,
        preconditions: Vec::new(),
        drafts: Vec::new(),
        revise: Vec::new(),
        retract: Vec::new(),
        reinstate: Vec::new(),
        provenance: BTreeMap::new(),
        warnings: Vec::new(),
    }
}

/// A request that is refused for what it says itself.
pub(crate) struct Unreadable {
    /// What is wrong with it.
    pub(crate) violations: Violations,
    /// What of it can be read: to be validated, so that the caller learns at once what is wrong with that, too. None where
    /// no more could be told.
    pub(crate) readable: Option<Box<Batch>>,
}

impl Unreadable {
    /// With what is wrong with the part that can be read. Of a record that is read in part, only what does not follow from
    /// what is missing: a quote is wrong whatever else is, and so is a reference.
    pub(crate) fn and(self, more: Vec<Violation>) -> Violations {
        let wrong: Vec<String> = self.violations.listed.iter().map(|violation| violation.path.clone()).collect();
        let record = |path: &str| path.split_once(']').map_or(path, |(record, _)| record).to_owned();
        let records: HashSet<String> = wrong.iter().map(|path| record(path)).collect();
        let overlaps =
            |path: &str| wrong.iter().any(|wrong| wrong.starts_with(path) || path.starts_with(wrong.as_str()));
        let stands_alone = |reason| {
            use ErrorReason::{QuoteAmbiguous, QuoteNotFound, ReferenceNotFound};
            [QuoteAmbiguous, QuoteNotFound, ReferenceNotFound].contains(&reason)
        };
        let is_news = |violation: &Violation| {
            let is_of_whole = !records.contains(&record(&violation.path));
            (is_of_whole || stands_alone(violation.reason)) && !overlaps(&violation.path)
        };
        self.violations.and(more.into_iter().filter(is_news).collect())
    }
}

impl From<Violations> for Unreadable {
    fn from(violations: Violations) -> Self {
        Self { violations, readable: None }
    }
}

/// Record, as a batch.
pub(crate) fn record(message: v1::RecordRequest) -> Result<Batch, Unreadable> {
    let mut r = Reader::default();
    let mut names = HashSet::new();
    let Some(mut batch) = read(&mut r, &mut names, message) else { return r.finish(None).map_err(Unreadable::from) };
    let keys: Vec<Link> = r.keys.keys().cloned().map(Link::Key).collect();
    let violations = match r.finish(Some(())) {
        Ok(()) => return Ok(batch),
        Err(violations) if violations.total > limits::VIOLATIONS => return Err(violations.into()),
        Err(violations) => violations,
    };
    let made: HashSet<Link> = batch.drafts.iter().flat_map(Draft::links).collect();
    let given = keys.into_iter().chain(names.into_iter().map(Link::Name));
    let left_out = given.filter(|link| !made.contains(link)).collect();
    batch.leave_out_what_refers_to(left_out);
    // Nothing of it is kept, and nothing but its own fields is asked about.
    batch.validate_only = true;
    batch.request = None;
    batch.preconditions.clear();
    Err(Unreadable { violations, readable: Some(Box::new(batch)) })
}

/// Reads all of a request, right or wrong; none where there is too much of it. `names` gets the names that it chooses.
fn read(r: &mut Reader, names: &mut HashSet<Name>, mut message: v1::RecordRequest) -> Option<Batch> {
    let mut batch = begin();
    let id = std::mem::take(&mut message.request_id);
    batch.request = request_key(r, "record", id, &message);
    batch.validate_only = message.validate_only;
    batch.recorder = recorder(r, message.recorder.take());
    let counts = records_by_field(&message);
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    if total > limits::REQUEST_RECORDS {
        let message =
            format!("at most {} records are allowed in a request, these are {total}", limits::REQUEST_RECORDS);
        r.violation_at(largest(&counts), ErrorReason::LimitExceeded, message);
        return None;
    }
    collect_keys(r, &message);
    r.restored = message.provenance.iter().map(|origin| origin.record.clone()).collect();
    drafts(r, &mut batch, names, "articles", message.articles, Given::Article);
    drafts(r, &mut batch, names, "sources", message.sources, Given::Source);
    drafts(r, &mut batch, names, "claims", message.claims, Given::Claim);
    drafts(r, &mut batch, names, "relations", message.relations, Given::Relation);
    drafts(r, &mut batch, names, "assessments", message.assessments, Given::Assessment);
    let all = limits::REQUEST_RECORDS;
    batch.revise = r.items("revise", all, message.revise, revising).into_iter().flatten().collect();
    batch.retract = r.items("retract", all, message.retract, retracting).into_iter().flatten().collect();
    batch.reinstate = r.items("reinstate", all, message.reinstate, reinstatement).into_iter().flatten().collect();
    let preconditions = r.items("preconditions", limits::REQUEST_PRECONDITIONS, message.preconditions, precondition);
    batch.preconditions = preconditions.into_iter().flatten().collect();
    let origins = r.items("provenance", limits::REQUEST_RECORDS, message.provenance, provenance);
    batch.provenance = origins.into_iter().flatten().collect();
    batch.warnings = r.take_warnings();
    Some(batch)
}

/// How many records a request is about.
pub(super) fn records_in(message: &v1::RecordRequest) -> usize {
    records_by_field(message).iter().map(|(_, count)| count).sum()
}

fn records_by_field(message: &v1::RecordRequest) -> [(&'static str, usize); 8] {
    [
        ("articles", message.articles.len()),
        ("sources", message.sources.len()),
        ("claims", message.claims.len()),
        ("relations", message.relations.len()),
        ("assessments", message.assessments.len()),
        ("revise", message.revise.len()),
        ("retract", message.retract.len()),
        ("reinstate", message.reinstate.len()),
    ]
}

/// The field that has most of too many records.
fn largest(counts: &[(&'static str, usize)]) -> &'static str {
    counts.iter().max_by_key(|(_, count)| *count).map_or("", |(field, _)| field)
}

/// The request's id, with the digest of everything else in the request: another request under the same id is refused.
pub(super) fn request_key(r: &mut Reader, method: &str, id: String, rest: &impl Message) -> Option<RequestKey> {
    if id.is_empty() {
        return None;
    }
    check_id(r, "request_id", &id);
    let mut bytes = method.as_bytes().to_vec();
    bytes.push(0);
    bytes.extend(rest.encode_to_vec());
    Some(RequestKey { id, digest: Sha256::of(&bytes) })
}

/// Ids that callers choose for their requests and imports.
pub(super) fn check_id(r: &mut Reader, field: &str, id: &str) {
    if id.chars().count() > limits::REQUEST_ID {
        let message = format!("at most {} characters are allowed", limits::REQUEST_ID);
        r.violation_at(field, ErrorReason::LimitExceeded, message);
    } else if !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        r.invalid(field, "an id is printable ASCII without spaces");
    }
}

/// Notes every key of the request, so that records may refer to each other in any order, and the languages of its
/// articles.
fn collect_keys(r: &mut Reader, message: &v1::RecordRequest) {
    macro_rules! collect {
        ($field:ident, $kind:ident) => {
            for (index, record) in message.$field.iter().enumerate() {
                r.item(stringify!($field), index, |r| collect_key(r, &record.key, RecordKind::$kind));
            }
        };
    }
    collect!(articles, Article);
    collect!(sources, Source);
    collect!(claims, Claim);
    collect!(relations, Relation);
    collect!(assessments, Assessment);
    for article in &message.articles {
        if let Ok(language) = article.language.parse::<Language>() {
            r.languages.insert(format!("#{}", article.key), language.clone());
            if !article.name.is_empty() {
                r.languages.insert(article.name.clone(), language);
            }
        }
    }
}

fn collect_key(r: &mut Reader, key: &str, kind: RecordKind) {
    // A malformed key gets its violation when the record is read.
    let Some(key) = Key::parse(key) else { return };
    let message = format!("another record of this request has the key \"{key}\"");
    if r.keys.insert(key, kind).is_some() {
        r.invalid("key", message);
    }
}

/// A record to make or find, as a message.
trait DraftMessage {
    fn head(&self) -> (&str, &str, i32);
}

macro_rules! draft_message {
    ($($message:ident),*) => {
        $(impl DraftMessage for v1::$message {
            fn head(&self) -> (&str, &str, i32) {
                (&self.name, &self.key, self.on_conflict)
            }
        })*
    };
}
draft_message!(Article, Source, Claim, Relation, Assessment);

fn drafts<M: DraftMessage>(
    r: &mut Reader,
    batch: &mut Batch,
    names: &mut HashSet<Name>,
    field: &str,
    messages: Vec<M>,
    wrap: fn(M) -> Given,
) {
    let Ok(kind) = field.parse::<RecordKind>() else { return };
    let drafts = r.items(field, limits::REQUEST_RECORDS, messages, |r, message| {
        let (name, key, on_conflict) = message.head();
        let name = r.name_of("name", name, kind);
        if let Some(name) = &name
            && !names.insert(name.clone())
        {
            r.invalid("name", format!("{name} is given twice in this request"));
        }
        let key = r.key("key", key);
        let policy = r.word("on_conflict", on_conflict, ConflictPolicy::from_number).unwrap_or(ConflictPolicy::Reuse);
        if policy == ConflictPolicy::Distinct && kind != RecordKind::Source {
            r.invalid("on_conflict", "DISTINCT is for sources, which alone have namesakes");
        }
        r.is_restoring = name.as_ref().is_some_and(|name| r.restored.contains(&name.to_string()));
        let record = draft_record(r, wrap(message), None);
        r.is_restoring = false;
        let record = record?;
        Some(Draft { path: r.path().to_owned(), key, name, policy, record })
    });
    batch.drafts.extend(drafts.into_iter().flatten());
}

/// The content of a record. `own` is its name when it is revised.
pub(super) fn draft_record(r: &mut Reader, message: Given, own: Option<&Link>) -> Option<Record> {
    Some(match message {
        Given::Article(message) => Record::Article(article::from_request(r, message)),
        Given::Source(message) => Record::Source(source::from_request(r, message)),
        Given::Claim(message) => Record::Claim(claim::from_request(r, message)),
        Given::Relation(message) => Record::Relation(relation::from_request(r, message, own)?),
        Given::Assessment(message) => Record::Assessment(assessment::from_request(r, message, own)?),
    })
}

fn precondition(r: &mut Reader, message: v1::Precondition) -> Option<Precondition> {
    let name = r.required_name("name", &message.name, None);
    let condition = match message.condition {
        Some(v1::precondition::Condition::Exists(exists)) => Some(Condition::Exists(exists)),
        Some(v1::precondition::Condition::Etag(etag)) if !etag.is_empty() => Some(Condition::Etag(etag)),
        Some(v1::precondition::Condition::Etag(_)) => {
            r.invalid("etag", "is required");
            None
        }
        None => {
            r.violation(ErrorReason::FieldInvalid, "one of exists and etag is required");
            None
        }
    };
    Some(Precondition { name: name?, condition: condition? })
}

/// What a write did.
pub(crate) fn commit_info(committed: &Committed) -> v1::CommitInfo {
    v1::CommitInfo {
        revision: committed.head.revision,
        commit_time: committed.head.time.map(timestamp),
        replayed: committed.replayed,
        committed: committed.committed,
    }
}

/// What became of each record, and whether the records themselves had to be left out.
pub(crate) fn results(committed: &Committed, statuses: &Statuses) -> (Vec<v1::RecordResult>, bool) {
    let mut results = Vec::with_capacity(committed.results.len());
    let mut bytes = 0;
    for (planned, version) in &committed.results {
        let result = v1::RecordResult {
            path: planned.path.clone(),
            key: planned.key.as_ref().map(ToString::to_string).unwrap_or_default(),
            name: planned.name.to_string(),
            outcome: planned.outcome.number(),
            matched_by: planned.matched_by.map_or(0, MatchRule::number),
            differing_fields: planned.differing.clone(),
            record: (bytes <= limits::PAGE_BYTES).then(|| result_record(version, statuses)),
        };
        bytes += result.encoded_len();
        results.push(result);
    }
    let omitted = bytes > limits::PAGE_BYTES;
    if omitted {
        results.iter_mut().for_each(|result| result.record = None);
    }
    (results, omitted)
}

/// What the caller should know.
pub(crate) fn warnings(committed: &Committed) -> Vec<v1::Warning> {
    let warnings = committed.warnings.iter().take(limits::WARNINGS);
    warnings
        .map(|warning| v1::Warning {
            path: warning.path.clone(),
            reason: warning.reason.number(),
            message: warning.message.clone(),
        })
        .collect()
}
