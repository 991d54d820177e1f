//! What was given is what is kept: every field, and nothing that nobody said.

use std::collections::{BTreeMap, HashMap};

use claimdb::proto::claimdb::v1::{
    BatchGetClaimsRequest, BatchGetSourcesRequest, ListClaimsRequest, ListRelationsRequest, Outcome, RecordStatus,
};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage, Value};

use super::support::{POOL, Seed, descriptor, seed_request};

/// Fields that the server reads from a figure's words, or binds to the text it checked a span against.
const DERIVED: &[&str] = &[
    "claimdb.v1.Figure.value",
    "claimdb.v1.Figure.kind",
    "claimdb.v1.Figure.qualifier",
    "claimdb.v1.Figure.bounds",
    "claimdb.v1.Figure.scale_word",
    "claimdb.v1.Span.text_sha256",
];

#[tokio::test]
async fn every_record_is_made_in_one_commit_and_answered_as_stored() {
    let seed = Seed::recorded().await;
    let commit = seed.response.commit.unwrap();
    assert_eq!((commit.revision, commit.committed, commit.replayed), (1, true, false));
    assert_eq!(seed.response.results.len(), 1 + 12 + 43 + 29);
    assert!(seed.response.results.iter().all(|result| result.outcome() == Outcome::Created));
    assert_eq!(seed.response.warnings, []);
    assert_eq!(seed.response.warning_count, 0);
    assert!(!seed.response.records_omitted);
}

#[tokio::test]
async fn the_article_is_kept_as_given() {
    let seed = Seed::recorded().await;
    let given = records("articles");
    check(&seed, &given, &[dynamic("Article", &seed.article().await)]);
}

#[tokio::test]
async fn sources_are_kept_as_given() {
    let seed = Seed::recorded().await;
    let given = records("sources");
    let names = given.iter().map(|source| seed.name(&key(source))).collect();
    let request = BatchGetSourcesRequest { names, ..Default::default() };
    let stored = seed.server.sources().batch_get_sources(request).await.unwrap().into_inner().sources;
    let stored: Vec<_> = stored.iter().map(|source| dynamic("Source", source)).collect();
    check(&seed, &given, &stored);
}

#[tokio::test]
async fn claims_are_kept_as_given() {
    let seed = Seed::recorded().await;
    let given = records("claims");
    let names = given.iter().map(|claim| seed.name(&key(claim))).collect();
    let request = BatchGetClaimsRequest { names, ..Default::default() };
    let stored = seed.server.claims().batch_get_claims(request).await.unwrap().into_inner().claims;
    let stored: Vec<_> = stored.iter().map(|claim| dynamic("Claim", claim)).collect();
    check(&seed, &given, &stored);
}

#[tokio::test]
async fn claims_are_listed_in_the_order_they_were_given() {
    let seed = Seed::recorded().await;
    let mut listed = Vec::new();
    let mut request = ListClaimsRequest { article: seed.name("article"), page_size: 10, ..Default::default() };
    loop {
        let page = seed.server.claims().list_claims(request.clone()).await.unwrap().into_inner();
        assert_eq!(page.read.unwrap().revision, 1);
        listed.extend(page.claims.into_iter().map(|claim| claim.name));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let given: Vec<_> = records("claims").iter().map(|claim| seed.name(&key(claim))).collect();
    assert_eq!(listed, given);
}

#[tokio::test]
async fn relations_are_kept_as_given() {
    let seed = Seed::recorded().await;
    let request = ListRelationsRequest { page_size: 1_000, ..Default::default() };
    let stored = seed.server.relations().list_relations(request).await.unwrap().into_inner().relations;
    for relation in &stored {
        assert_eq!(relation.from_status(), RecordStatus::Active);
        assert_eq!(relation.to_status(), RecordStatus::Active);
    }
    let stored: Vec<_> = stored.iter().map(|relation| dynamic("Relation", relation)).collect();
    check(&seed, &records("relations"), &stored);
}

fn records(field: &str) -> Vec<DynamicMessage> {
    let request = seed_request();
    let records = request.get_field_by_name(field).unwrap();
    records.as_list().unwrap().iter().map(|record| record.as_message().unwrap().clone()).collect()
}

fn key(record: &DynamicMessage) -> String {
    record.get_field_by_name("key").unwrap().as_str().unwrap().to_owned()
}

fn dynamic(message: &str, record: &impl prost::Message) -> DynamicMessage {
    DynamicMessage::decode(descriptor(message), record.encode_to_vec().as_slice()).unwrap()
}

/// Compares records, and says where they differ rather than that they do.
fn check(seed: &Seed, given: &[DynamicMessage], stored: &[DynamicMessage]) {
    assert_eq!(given.len(), stored.len());
    let mut differences = BTreeMap::new();
    let mut comparison = Comparison { names: &seed.names, differences: &mut differences };
    for (index, (given, stored)) in given.iter().zip(stored).enumerate() {
        comparison.messages(&format!("{}[{index}]", given.descriptor().name()), given, stored);
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

struct Comparison<'s> {
    names: &'s HashMap<String, String>,
    differences: &'s mut BTreeMap<String, String>,
}

impl Comparison<'_> {
    fn differ(&mut self, path: &str, message: String) {
        self.differences.insert(path.to_owned(), message);
    }

    fn messages(&mut self, path: &str, given: &DynamicMessage, stored: &DynamicMessage) {
        for (field, value) in given.fields().filter(|(field, _)| !has_behavior(field, "INPUT_ONLY")) {
            let path = format!("{path}.{}", field.name());
            if stored.has_field(&field) {
                self.values(&path, value, &stored.get_field(&field));
            } else {
                self.differ(&path, format!("{value:?} was lost"));
            }
        }
        for (field, value) in stored.fields().filter(|(field, _)| !given.has_field(field)) {
            let from_server = has_behavior(&field, "OUTPUT_ONLY") || has_behavior(&field, "IDENTIFIER");
            if !from_server && !DERIVED.contains(&field.full_name()) {
                self.differ(&format!("{path}.{}", field.name()), format!("{value:?} was given by nobody"));
            }
        }
    }

    fn values(&mut self, path: &str, given: &Value, stored: &Value) {
        match (given, stored) {
            (Value::Message(given), Value::Message(stored)) => self.messages(path, given, stored),
            (Value::List(given), Value::List(stored)) if given.len() == stored.len() => {
                for (index, (given, stored)) in given.iter().zip(stored).enumerate() {
                    self.values(&format!("{path}[{index}]"), given, stored);
                }
            }
            (Value::String(given), Value::String(stored)) if *stored == self.resolved(given) => {}
            (given, stored) if given == stored => {}
            (given, stored) => self.differ(path, format!("{given:?} became {stored:?}")),
        }
    }

    /// "#key" is answered with the name that the record was given; everything else stays.
    fn resolved(&self, given: &str) -> String {
        let Some(reference) = given.strip_prefix('#') else { return given.to_owned() };
        let (key, rest) = match reference.split_once('/') {
            Some((key, figure)) => (key, format!("/{figure}")),
            None => (reference, String::new()),
        };
        self.names.get(key).map_or_else(|| given.to_owned(), |name| format!("{name}{rest}"))
    }
}

fn has_behavior(field: &FieldDescriptor, behavior: &str) -> bool {
    let extension = POOL.get_extension_by_name("google.api.field_behavior").unwrap();
    let number =
        POOL.get_enum_by_name("google.api.FieldBehavior").unwrap().get_value_by_name(behavior).unwrap().number();
    let options = field.options();
    let behaviors = options.get_extension(&extension);
    behaviors.as_list().unwrap().contains(&Value::EnumNumber(number))
}

#[test]
fn the_schema_says_which_fields_the_server_fills() {
    let field = |message, name| descriptor(message).get_field_by_name(name).unwrap();
    assert!(has_behavior(&field("Span", "status"), "OUTPUT_ONLY"));
    assert!(has_behavior(&field("Claim", "key"), "INPUT_ONLY"));
    assert!(!has_behavior(&field("Claim", "statement"), "OUTPUT_ONLY"));
    let derived = |name: &&str| {
        let (message, field) = name.trim_start_matches("claimdb.v1.").split_once('.').unwrap();
        descriptor(message).get_field_by_name(field).is_some()
    };
    assert!(DERIVED.iter().all(derived));
}
