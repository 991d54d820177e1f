//! The rows that a request comes to.

use std::collections::{BTreeMap, HashMap};

use claimdb::domain::decimal::Decimal;
use claimdb::domain::figure::{Bounds, Intervals, Lower, Policy, Qualifier, Upper, stored, words};
use claimdb::domain::language::Language;
use claimdb::domain::model;
use claimdb::proto::claimdb::v1::{Article, Claim, Figure, RecordRequest, Source, SourceRef};
use prost::Message as _;
use tokio_postgres::types::ToSql;
use tonic::Status;
use xxhash_rust::xxh3::xxh3_64;

use super::table::Shape;

type Columns<'a> = Vec<&'a (dyn ToSql + Sync)>;

const ARTICLE: i16 = 1;
const SOURCE: i16 = 2;
const CLAIM: i16 = 3;

#[derive(Default)]
pub(super) struct Row {
    pub(super) number: i64,
    kind: i16,
    pub(super) name: Option<String>,
    pub(super) identity: Option<String>,
    digest: Option<i64>,
    article: Option<i64>,
    sources: Option<Vec<i64>>,
    entities: Option<Vec<i64>>,
    metrics: Option<Vec<i64>>,
    payload: Vec<u8>,
}

struct FigureRow {
    claim: i64,
    place: i16,
    metric: i64,
    low: Option<String>,
    high: Option<String>,
    ends: &'static str,
}

/// What is to be written, and the records as they are then.
pub(super) struct Rows {
    /// By identity, in its order: two requests that write the same never wait for each other in a circle.
    pub(super) found: BTreeMap<String, Row>,
    claims: Vec<Row>,
    figures: Vec<FigureRow>,
    pub(super) articles: Vec<Article>,
    pub(super) said: Vec<Claim>,
    /// Named inline, in order of appearance.
    pub(super) inline: Vec<Source>,
}

/// What rows are made with: numbers, and which sources are known to be there.
pub(super) trait Given {
    fn number(&mut self) -> i64;
    fn is_known(&self, reference: i64) -> bool;
}

impl Rows {
    pub(super) fn of(requests: Vec<RecordRequest>, given: &mut impl Given) -> Result<Self, Status> {
        let mut rows = Self {
            found: BTreeMap::new(),
            claims: Vec::new(),
            figures: Vec::new(),
            articles: Vec::new(),
            said: Vec::new(),
            inline: Vec::new(),
        };
        for request in requests {
            let mut keys = HashMap::new();
            for article in request.articles {
                rows.article(article, &mut keys, given)?;
            }
            for source in request.sources {
                rows.source(source, &mut keys, given);
            }
            for claim in request.claims {
                rows.claim(claim, &keys, given)?;
            }
        }
        Ok(rows)
    }

    pub(super) fn shape(&self) -> Shape {
        Shape { found: self.found.len(), claims: self.claims.len(), figures: self.figures.len() }
    }

    pub(super) fn columns(&self) -> Columns<'_> {
        let records = self.found.values().chain(&self.claims).flat_map(Row::columns);
        records.chain(self.figures.iter().flat_map(FigureRow::columns)).collect()
    }

    fn article(
        &mut self,
        mut article: Article,
        keys: &mut HashMap<String, i64>,
        given: &mut impl Given,
    ) -> Result<(), Status> {
        let identity = article.urls.first().cloned().ok_or_else(|| Status::invalid_argument("an article has a URL"))?;
        let reference = key(&identity);
        keys.insert(format!("#{}", std::mem::take(&mut article.key)), reference);
        let publisher = article.publisher.as_mut().map(|source| self.inline(source, given));
        let name = given_or(&article.name, || format!("articles/{reference:016x}"));
        let row = Row {
            number: given.number(),
            kind: ARTICLE,
            name: (!article.name.is_empty()).then(|| name.clone()),
            identity: Some(identity.clone()),
            sources: publisher.map(|publisher| vec![publisher]),
            payload: article.encode_to_vec(),
            ..Row::default()
        };
        article.name = name;
        self.found.insert(identity, row);
        self.articles.push(article);
        Ok(())
    }

    /// One that only its article knows: nothing finds it again, so it cannot be there already.
    fn source(&mut self, source: Source, keys: &mut HashMap<String, i64>, given: &mut impl Given) {
        let number = given.number();
        keys.insert(format!("#{}", source.key), number);
        let row = Row { number, kind: SOURCE, payload: source.encode_to_vec(), ..Row::default() };
        self.claims.push(row);
    }

    /// A source named where it is referred to: the hash of what it is found by.
    fn inline(&mut self, source: &mut SourceRef, given: &mut impl Given) -> i64 {
        let identity = identity(source);
        let reference = key(&identity);
        if !self.found.contains_key(&identity) {
            let whole = Source {
                name: format!("sources/{reference:016x}"),
                display_name: source.display_name.clone(),
                kind: source.kind,
                ..Source::default()
            };
            if !given.is_known(reference) {
                let payload = whole.encode_to_vec();
                let (number, kind, identity) = (given.number(), SOURCE, identity);
                let row = Row { number, kind, identity: Some(identity.clone()), payload, ..Row::default() };
                self.found.insert(identity, row);
            }
            self.inline.push(whole);
        }
        source.name = format!("sources/{reference:016x}");
        reference
    }

    fn claim(&mut self, mut claim: Claim, keys: &HashMap<String, i64>, given: &mut impl Given) -> Result<(), Status> {
        let of_key = |name: &str| keys.get(name).copied();
        let article = of_key(&claim.article);
        let digest = xxh3_64(&[&article.unwrap_or(0).to_be_bytes(), claim.encode_to_vec().as_slice()].concat());
        let publisher = self.articles.last().and_then(|article| article.publisher.as_ref()).map(identity);
        let mut sources: Vec<i64> = publisher.iter().map(|identity| key(identity)).collect();
        for hop in &mut claim.attributions {
            let source = hop.source.as_mut().ok_or_else(|| Status::invalid_argument("a hop has a source"))?;
            sources.push(of_key(&source.name).unwrap_or_else(|| self.inline(source, given)));
        }
        let number = given.number();
        claim.name = given_or(&claim.name, || format!("claims/n{number}"));
        if let Some(article) = article {
            claim.article = format!("articles/{article:016x}");
        }
        let metrics = claim.figures.iter().filter_map(|figure| figure.metric.as_ref());
        self.claims.push(Row {
            number,
            kind: CLAIM,
            name: Some(claim.name.clone()),
            digest: Some(digest.cast_signed()),
            article,
            sources: Some(sources),
            entities: Some(claim.entities.iter().map(|entity| key(&entity.label)).collect()),
            metrics: Some(metrics.map(|metric| key(&metric.key)).collect()),
            payload: claim.encode_to_vec(),
            ..Row::default()
        });
        // As claimdb does: the words are from the article's text.
        let of_article = self.articles.last().map_or("", |article| article.language.as_str());
        let language = if of_article.is_empty() { claim.language.as_str() } else { of_article }.parse().ok();
        let figures = claim.figures.iter().enumerate();
        self.figures
            .extend(figures.filter_map(|(place, figure)| FigureRow::of(number, place, figure, language.as_ref())));
        self.said.push(claim);
        Ok(())
    }
}

impl Row {
    fn columns(&self) -> Columns<'_> {
        vec![
            &self.number,
            &self.kind,
            &self.name,
            &self.identity,
            &self.digest,
            &self.article,
            &self.sources,
            &self.entities,
            &self.metrics,
            &self.payload,
        ]
    }
}

impl FigureRow {
    /// What its words entail, as claimdb grades it by; none when they are not read.
    fn of(claim: i64, place: usize, figure: &Figure, language: Option<&Language>) -> Option<Self> {
        let metric = key(&figure.metric.as_ref()?.key);
        let read = if figure.verbatim.is_empty() {
            let value: Decimal = figure.value.parse().ok()?;
            let bounds = Bounds::exactly(&value);
            let (value, qualifier) = (Some(value), Some(Qualifier::Exactly));
            model::Figure { value, qualifier, bounds, ..model::Figure::default() }
        } else {
            let reading = words::read(&figure.verbatim, language)?;
            model::Figure {
                bounds: stored(reading.qualifier, reading.value.as_ref(), &reading.bounds).ok()?,
                qualifier: Some(reading.qualifier),
                significant_digits: reading.significant_digits.unwrap_or(0),
                value: reading.value,
                kind: reading.kind,
                ..model::Figure::default()
            }
        };
        let bounds = Intervals::of(&read, &Policy::default())?.hard;
        let (low, high) = (bounds.lower.as_ref().map(Lower::number), bounds.upper.as_ref().map(Upper::number));
        let text = |end: Option<(&Decimal, bool)>| end.map(|(number, _)| number.to_string());
        let is_in = |end: Option<(&Decimal, bool)>| end.map(|(_, is_in)| is_in);
        Some(Self {
            claim,
            place: i16::try_from(place).ok()?,
            metric,
            low: text(low),
            high: text(high),
            ends: ends(is_in(low), is_in(high)),
        })
    }

    fn columns(&self) -> Columns<'_> {
        vec![&self.claim, &self.place, &self.metric, &self.low, &self.high, &self.ends]
    }
}

/// Whether each end belongs to a range, in PostgreSQL's words.
pub(super) fn ends(low: Option<bool>, high: Option<bool>) -> &'static str {
    match (low.unwrap_or(false), high.unwrap_or(false)) {
        (true, true) => "[]",
        (true, false) => "[)",
        (false, true) => "(]",
        (false, false) => "()",
    }
}

fn given_or(name: &str, other: impl FnOnce() -> String) -> String {
    if name.is_empty() { other() } else { name.to_owned() }
}

pub(super) fn identity(source: &SourceRef) -> String {
    format!("{}:{}", source.kind, source.display_name)
}

pub(super) fn key(text: &str) -> i64 {
    xxh3_64(text.as_bytes()).cast_signed()
}
