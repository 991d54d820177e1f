//! The rows that an item comes to.

use std::collections::HashMap;

use claimdb::domain::time::ApproximateTime;
use claimdb::proto::claimdb::v1::{Article, Claim, RecordRequest, Source, SourceRef};
use prost::Message as _;
use tokio_postgres::types::{ToSql, Type};
use xxhash_rust::xxh3::xxh3_64;

use super::figures::{FigureRow, Words};

pub(super) const TYPES: [Type; 14] = [
    Type::INT8,
    Type::INT2,
    Type::TEXT,
    Type::TEXT,
    Type::INT8,
    Type::INT8,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::TEXT,
    Type::INT8,
    Type::INT8,
    Type::BYTEA,
];

#[derive(Default)]
pub(super) struct Row {
    pub(super) number: i64,
    kind: i16,
    name: Option<String>,
    identity: Option<String>,
    digest: Option<i64>,
    article: Option<i64>,
    sources: Option<Vec<i64>>,
    entities: Option<Vec<i64>>,
    metrics: Option<Vec<i64>>,
    labels: Option<Vec<i64>>,
    language: Option<String>,
    event_earliest: Option<i64>,
    event_latest: Option<i64>,
    payload: Vec<u8>,
}

impl Row {
    pub(super) fn columns(&self) -> [&(dyn ToSql + Sync); 14] {
        [
            &self.number,
            &self.kind,
            &self.name,
            &self.identity,
            &self.digest,
            &self.article,
            &self.sources,
            &self.entities,
            &self.metrics,
            &self.labels,
            &self.language,
            &self.event_earliest,
            &self.event_latest,
            &self.payload,
        ]
    }

    pub(super) fn is_claim(&self) -> bool {
        self.kind == CLAIM
    }
}

pub(super) const ARTICLE: i16 = 1;
pub(super) const SOURCE: i16 = 2;
const CLAIM: i16 = 3;

/// What is to be written for an item.
#[derive(Default)]
pub(super) struct Written {
    pub(super) records: Vec<Row>,
    pub(super) figures: Vec<FigureRow>,
}

/// Numbers the records and knows which were there, as the best of clients would.
#[derive(Default)]
pub(crate) struct Rows {
    last: i64,
    words: Words,
    /// Numbers by identity.
    known: HashMap<u64, i64>,
}

impl Rows {
    pub(super) fn of(&mut self, item: &RecordRequest) -> Written {
        let (mut rows, mut figures) = (Vec::new(), Vec::new());
        let written = item.articles.first().expect("each item has one");
        let publisher = self.source(written.publisher.as_ref().expect("each has one"), &mut rows);
        let article = self.article(written, publisher, &mut rows);
        let unnamed = item.sources.first().map(|source| self.unnamed(source, article, &mut rows));
        // The article's language is that of the words.
        let language = written.language.parse().expect("the generator writes BCP-47");
        for claim in &item.claims {
            let row = self.claim(claim, article, publisher, unnamed, &mut rows);
            figures.extend(self.words.rows(row.number, &claim.figures, &language));
            rows.push(row);
        }
        Written { records: rows, figures }
    }

    fn next(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    fn article(&mut self, article: &Article, publisher: i64, rows: &mut Vec<Row>) -> i64 {
        self.once(article.urls.first().expect("each has one"), rows, || Row {
            kind: ARTICLE,
            name: given(&article.name),
            sources: Some(vec![publisher]),
            payload: article.encode_to_vec(),
            ..Row::default()
        })
    }

    fn source(&mut self, source: &SourceRef, rows: &mut Vec<Row>) -> i64 {
        // What a reference says of it, as the source that it makes.
        let SourceRef { kind, display_name, .. } = source;
        let made = || Source { kind: *kind, display_name: display_name.clone(), ..Source::default() };
        let row = || Row { kind: SOURCE, payload: made().encode_to_vec(), ..Row::default() };
        self.once(&identity(source), rows, row)
    }

    /// The number of what has an identity: its row is made when it is met first.
    fn once(&mut self, identity: &str, rows: &mut Vec<Row>, row: impl FnOnce() -> Row) -> i64 {
        let known = xxh3_64(identity.as_bytes());
        if let Some(number) = self.known.get(&known) {
            return *number;
        }
        let number = self.next();
        self.known.insert(known, number);
        rows.push(Row { number, identity: Some(identity.to_owned()), ..row() });
        number
    }

    /// One that only its article knows.
    fn unnamed(&mut self, source: &Source, article: i64, rows: &mut Vec<Row>) -> i64 {
        let number = self.next();
        rows.push(Row {
            number,
            kind: SOURCE,
            article: Some(article),
            payload: source.encode_to_vec(),
            ..Row::default()
        });
        number
    }

    fn claim(&mut self, claim: &Claim, article: i64, publisher: i64, unnamed: Option<i64>, rows: &mut Vec<Row>) -> Row {
        let mut sources = vec![publisher];
        for hop in &claim.attributions {
            let source = hop.source.as_ref().expect("each has one");
            let is_unnamed = source.name == "#unnamed";
            sources.push(unnamed.filter(|_| is_unnamed).unwrap_or_else(|| self.source(source, rows)));
        }
        let event: Option<ApproximateTime> =
            claim.event_time.as_ref().map(|time| time.edtf.parse().expect("the generator writes EDTF"));
        let range = event.filter(|event| !event.is_unknown());
        let payload = claim.encode_to_vec();
        Row {
            number: self.next(),
            kind: CLAIM,
            name: given(&claim.name),
            digest: Some(xxh3_64(&[&article.to_be_bytes(), payload.as_slice()].concat()).cast_signed()),
            article: Some(article),
            sources: Some(sources),
            entities: Some(claim.entities.iter().map(|entity| key(&entity.label)).collect()),
            metrics: Some(claim.figures.iter().filter_map(|f| f.metric.as_ref()).map(|m| key(&m.key)).collect()),
            labels: Some(claim.labels.iter().map(|(name, value)| label_key(name, value)).collect()),
            language: Some(claim.language.clone()),
            event_earliest: range.as_ref().map(|time| time.earliest().map_or(i64::MIN, |time| time.micros())),
            event_latest: range.as_ref().map(|time| time.latest().map_or(i64::MAX, |time| time.micros())),
            payload,
            ..Row::default()
        }
    }

    /// The number of a source that was recorded, for a filter.
    pub(super) fn number_of(&self, source: &SourceRef) -> i64 {
        self.known.get(&xxh3_64(identity(source).as_bytes())).copied().unwrap_or(0)
    }
}

fn identity(source: &SourceRef) -> String {
    format!("{}:{}", source.kind, source.display_name)
}

fn given(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

pub(super) fn key(text: &str) -> i64 {
    xxh3_64(text.as_bytes()).cast_signed()
}

pub(super) fn label_key(name: &str, value: &str) -> i64 {
    key(&format!("{name}={value}"))
}
