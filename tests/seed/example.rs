//! The example itself, before any server sees it: what it promises its readers is in it.

use std::collections::HashSet;

use claimdb::proto::claimdb::v1::{RecordRequest, Span};
use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use sha2::{Digest as _, Sha256};

use super::support::{TEXT, code_points, descriptor, seed_request};

#[test]
fn the_text_is_the_article_to_the_byte() {
    let request: RecordRequest = seed_request().transcode_to().unwrap();
    assert_eq!(hex::encode(Sha256::digest(TEXT)), "9f1da3144e54a5e7332d745ff0219bcc66bfa68beb82bd95723ffc9cda794f26");
    let [article] = request.articles.as_slice() else { panic!("one article") };
    assert_eq!(article.text, TEXT);
    assert_eq!(article.text_sha256, hex::encode(Sha256::digest(TEXT)));
}

#[test]
fn it_holds_what_its_readme_says() {
    let request: RecordRequest = seed_request().transcode_to().unwrap();
    let figures: usize = request.claims.iter().map(|claim| claim.figures.len()).sum();
    let counts =
        (request.articles.len(), request.sources.len(), request.claims.len(), figures, request.relations.len());
    assert_eq!(counts, (1, 12, 43, 5, 29));
    // No number is given that the words say: the server reads them.
    for figure in request.claims.iter().flat_map(|claim| &claim.figures) {
        assert!(!figure.verbatim.is_empty());
        assert!(figure.value.is_empty() && figure.qualifier == 0 && figure.bounds.is_none(), "{}", figure.verbatim);
    }
}

#[test]
fn every_span_quotes_the_text() {
    let mut spans = Vec::new();
    collect(&seed_request(), &mut |message| {
        if message.descriptor() == descriptor("Span") {
            spans.push(message.transcode_to::<Span>().unwrap());
        }
    });
    assert!(spans.len() > 100);
    for span in spans {
        assert_eq!(code_points(span.start.unwrap(), span.end.unwrap()), span.exact);
    }
}

#[test]
fn keys_are_unique_and_lead_to_records() {
    let (mut keys, mut references) = (HashSet::new(), Vec::new());
    collect(&seed_request(), &mut |message| {
        for (field, value) in message.fields() {
            let Value::String(text) = value else { continue };
            if field.name() == "key" && message.descriptor() != descriptor("Metric") {
                assert!(keys.insert(text.clone()), "{text} is given twice");
            } else if let Some(reference) = text.strip_prefix('#') {
                references.push(reference.split('/').next().unwrap().to_owned());
            }
        }
    });
    assert_eq!(keys.len(), 1 + 12 + 43);
    assert!(references.iter().all(|reference| keys.contains(reference)));
    let sources = keys.iter().filter(|key| key.starts_with('s'));
    assert!(sources.into_iter().all(|source| references.contains(source)), "a source that says nothing");
}

/// Shows every message in this one, itself included.
fn collect(message: &DynamicMessage, see: &mut impl FnMut(&DynamicMessage)) {
    see(message);
    for (_, value) in message.fields() {
        if let Some(message) = value.as_message() {
            collect(message, see);
        }
        value.as_list().into_iter().flatten().filter_map(Value::as_message).for_each(|item| collect(item, see));
    }
}
