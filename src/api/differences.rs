//! In which fields two versions of a record differ, as an answer shows them. Compared is what is served, by what the
//! schema says of it: a new field is compared without a word here.

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use prost::Message as _;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::json::{dynamic, json};
use crate::domain::limits;
use crate::proto::claimdb::v1;
use crate::proto::pool;

/// Bytes that a repeated message takes besides itself.
const ITEM_BYTES: usize = 6;

/// `google.api.FieldBehavior.OUTPUT_ONLY`.
const OUTPUT_ONLY_NUMBER: i32 = 3;

/// The fields that only answers have, by their full names.
static OUTPUT_ONLY: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let Some(behavior) = pool().get_extension_by_name("google.api.field_behavior") else { return HashSet::new() };
    let is_output_only = |field: &FieldDescriptor| {
        let options = field.options();
        let behaviors = options.get_extension(&behavior);
        let behaviors = behaviors.as_list().unwrap_or_default();
        behaviors.iter().any(|behavior| behavior.as_enum_number() == Some(OUTPUT_ONLY_NUMBER))
    };
    let fields = pool().all_messages().flat_map(|message| message.fields().collect::<Vec<_>>());
    fields.filter(is_output_only).map(|field| field.full_name().to_owned()).collect()
});

/// What differs, as much of it as fits into an answer.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) listed: Vec<v1::FieldDifference>,
    pub(super) count: u32,
    bytes: usize,
}

/// One version of a record, ready to be compared.
struct Fields {
    record: Map<String, Value>,
    status: Option<Value>,
}

/// Where two versions of a record differ; everything does where there is no old one.
pub(super) fn differences<T: prost::Message>(descriptor: &MessageDescriptor, old: Option<&T>, new: &T) -> Differences {
    let empty = Fields { record: Map::new(), status: None };
    let old = old.map_or(empty, |old| fields(descriptor, old));
    let new = fields(descriptor, new);
    let mut differences = Differences::default();
    differences.compare(descriptor, &old.record, &new.record, "");
    // Metadata are about versions and differ always; whether the record stands is what a reader wants to know.
    differences.value(None, old.status.as_ref(), new.status.as_ref(), "metadata.status");
    differences
}

fn fields<T: prost::Message>(descriptor: &MessageDescriptor, record: &T) -> Fields {
    let json = json(&dynamic(record, descriptor.clone())).unwrap_or_default();
    let status = json.pointer("/metadata/status").cloned();
    let mut record = if let Value::Object(record) = json { record } else { Map::new() };
    strip(descriptor, &mut record);
    Fields { record, status }
}

/// Takes out what only answers have.
fn strip(descriptor: &MessageDescriptor, message: &mut Map<String, Value>) {
    for field in descriptor.fields() {
        if OUTPUT_ONLY.contains(field.full_name()) {
            message.remove(field.json_name());
        } else if let Kind::Message(inner) = field.kind()
            && !field.is_map()
        {
            match message.get_mut(field.json_name()) {
                Some(Value::Object(value)) => strip(&inner, value),
                Some(Value::Array(values)) => values.iter_mut().filter_map(Value::as_object_mut).for_each(|value| {
                    strip(&inner, value);
                }),
                Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
            }
        }
    }
}

impl Differences {
    fn compare(
        &mut self,
        descriptor: &MessageDescriptor,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        path: &str,
    ) {
        for field in descriptor.fields() {
            let (old, new) = (old.get(field.json_name()), new.get(field.json_name()));
            if old == new {
                continue;
            }
            let path = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
            if field.is_map() {
                let object = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
                self.entries(None, &object(old), &object(new), &path);
            } else if field.is_list() {
                self.items(&field, items(old), items(new), &path);
            } else {
                self.value(Some(field.kind()), old, new, &path);
            }
        }
    }

    fn items(&mut self, field: &FieldDescriptor, old: &[Value], new: &[Value], path: &str) {
        if let Kind::Message(message) = field.kind()
            && message.full_name() == "claimdb.v1.Figure"
        {
            return self.entries(Some(field.kind()), &by_id(old), &by_id(new), path);
        }
        for index in 0..old.len().max(new.len()) {
            self.value(Some(field.kind()), old.get(index), new.get(index), &format!("{path}[{index}]"));
        }
    }

    fn entries(&mut self, kind: Option<Kind>, old: &Map<String, Value>, new: &Map<String, Value>, path: &str) {
        for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            self.value(kind.clone(), old.get(key), new.get(key), &format!("{path}.{key}"));
        }
    }

    fn value(&mut self, kind: Option<Kind>, old: Option<&Value>, new: Option<&Value>, path: &str) {
        if old == new {
            return;
        }
        if let (Some(Kind::Message(message)), Some(Value::Object(old)), Some(Value::Object(new))) = (kind, old, new) {
            return self.compare(&message, old, new, path);
        }
        self.count += 1;
        if self.listed.len() == limits::DIFFERENCES || self.bytes > limits::PAGE_BYTES {
            return;
        }
        let (old_value, new_value) = (old.map(text), new.map(text));
        let difference = v1::FieldDifference { path: path.to_owned(), old_value, new_value };
        self.bytes += difference.encoded_len() + ITEM_BYTES;
        // The first that does not fit ends the list, so that it is a beginning of the whole.
        if self.bytes <= limits::PAGE_BYTES {
            self.listed.push(difference);
        }
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Figures by their ids, which every stored one has.
fn by_id(figures: &[Value]) -> Map<String, Value> {
    let id = |figure: &Value| figure.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    figures.iter().map(|figure| (id(figure), figure.clone())).collect()
}

/// A value as JSON, or the beginning of a long one.
fn text(value: &Value) -> v1::FieldValue {
    let limit = limits::DIFFERENCE_VALUE_BYTES;
    let mut json = match value {
        // A text of megabytes is not written out to be thrown away.
        Value::String(long) if long.len() > limit => Value::from(beginning(long, limit)).to_string(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    };
    let cut = json.len() > limit;
    json.truncate(beginning(&json, limit).len());
    v1::FieldValue { json, cut }
}

/// As many whole characters as fit into so many bytes.
fn beginning(text: &str, bytes_max: usize) -> &str {
    let end = (0..=bytes_max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::json::descriptor;
    use super::*;

    fn diff(old: Option<&v1::Claim>, new: &v1::Claim) -> Vec<(String, Option<String>, Option<String>)> {
        let found = differences(&descriptor("Claim"), old, new);
        assert_eq!(found.count as usize, found.listed.len());
        let json = |value: Option<v1::FieldValue>| value.map(|value| value.json);
        let rows = found.listed.into_iter();
        rows.map(|row| (row.path, json(row.old_value), json(row.new_value))).collect()
    }

    fn row(path: &str, old: &str, new: &str) -> (String, Option<String>, Option<String>) {
        let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (path.to_owned(), value(old), value(new))
    }

    fn figure(id: &str, value: &str) -> v1::Figure {
        v1::Figure { id: id.into(), value: value.into(), ..Default::default() }
    }

    #[test]
    fn paths_name_the_smallest_thing_that_differs() {
        let hop = |certainty: v1::Certainty| v1::Attribution { certainty: certainty.into(), ..Default::default() };
        let old = v1::Claim {
            statement: "a".into(),
            attributions: vec![hop(v1::Certainty::Certain), hop(v1::Certainty::Certain)],
            figures: vec![figure("f1", "1"), figure("f2", "2")],
            labels: [("topic".to_owned(), "x".to_owned()), ("same".to_owned(), "y".to_owned())].into(),
            ..Default::default()
        };
        let new = v1::Claim {
            statement: "b".into(),
            attributions: vec![hop(v1::Certainty::Certain), hop(v1::Certainty::Probable)],
            figures: vec![figure("f3", "3"), figure("f2", "2"), figure("f1", "10")],
            labels: [("same".to_owned(), "y".to_owned()), ("desk".to_owned(), "z".to_owned())].into(),
            event_time: Some(v1::ApproximateTime { edtf: "2017".into(), ..Default::default() }),
            ..Default::default()
        };
        let mut found = diff(Some(&old), &new);
        found.sort();
        assert_eq!(
            found,
            [
                row("attributions[1].certainty", "\"CERTAINTY_CERTAIN\"", "\"CERTAINTY_PROBABLE\""),
                row("event_time", "", r#"{"edtf":"2017"}"#),
                row("figures.f1.value", "\"1\"", "\"10\""),
                row("figures.f3", "", r#"{"id":"f3","value":"3"}"#),
                row("labels.desk", "", "\"z\""),
                row("labels.topic", "\"x\"", ""),
                row("statement", "\"a\"", "\"b\""),
            ]
        );
        assert_eq!(diff(Some(&new), &new), []);
    }

    #[test]
    fn what_only_answers_have_is_no_difference_but_the_status_is() {
        let claim = |revision, status: v1::RecordStatus, seconds| v1::Claim {
            event_time: Some(v1::ApproximateTime {
                edtf: "2017".into(),
                earliest: Some(prost_types::Timestamp { seconds, nanos: 0 }),
                ..Default::default()
            }),
            retracted_references: vec![format!("articles/{seconds}")],
            metadata: Some(v1::RecordMetadata { revision, status: status.into(), ..Default::default() }),
            ..Default::default()
        };
        let active = claim(1, v1::RecordStatus::Active, 1);
        let retracted = claim(2, v1::RecordStatus::Retracted, 2);
        assert_eq!(
            diff(Some(&active), &retracted),
            [row("metadata.status", "\"RECORD_STATUS_ACTIVE\"", "\"RECORD_STATUS_RETRACTED\"")]
        );
        // Nor is it shown where something is new as a whole.
        assert_eq!(
            diff(None, &active),
            [row("event_time", "", r#"{"edtf":"2017"}"#), row("metadata.status", "", "\"RECORD_STATUS_ACTIVE\"")]
        );
    }

    #[test]
    fn long_values_are_cut_and_an_answer_is_bounded() {
        let long = |fill: &str| v1::Article { text: fill.repeat(1024 * 1024), ..Default::default() };
        let found = differences(&descriptor("Article"), Some(&long("ä")), &long("b"));
        let [difference] = found.listed.as_slice() else { panic!("{found:?}") };
        for value in [&difference.old_value, &difference.new_value] {
            let value = value.as_ref().unwrap();
            assert!(value.cut && value.json.len() <= 4096 && value.json.len() > 4090, "{}", value.json.len());
        }
        let labels = (0..1_500).map(|number| (format!("k{number}"), "x".to_owned()));
        let many = v1::Article { labels: labels.collect(), ..Default::default() };
        let found = differences(&descriptor("Article"), Some(&v1::Article::default()), &many);
        assert_eq!((found.listed.len(), found.count), (1_000, 1_500));
        let labels = (0..1_500).map(|number| (format!("k{number}"), "x".repeat(5_000)));
        let wide = v1::Article { labels: labels.collect(), ..Default::default() };
        let found = differences(&descriptor("Article"), None, &wide);
        let bytes: usize = found.listed.iter().map(prost::Message::encoded_len).sum();
        assert!(bytes <= limits::PAGE_BYTES && found.listed.len() > 700 && found.count == 1_500, "{bytes}");
    }
}
