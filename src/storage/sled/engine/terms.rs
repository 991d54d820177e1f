//! Terms as bytes. Short terms stand as they are, long ones by a 128-bit hash: hits of a hashed term are checked against the
//! version they lead to, where that is read. Where it is not, as in counts and in what a filter excludes, two long terms that
//! collide are one, which chance does not bring about.

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::sketches;
use crate::domain::figure::ValueKey;
use crate::domain::metric_use::MetricUse;
use crate::domain::name::{Name, RecordKind};
use crate::domain::sort::{SortKey, TimeField};
use crate::domain::term::Term;
use crate::domain::time::{CalendarPeriod, Extent, Precision};

/// Longest part of a term that is kept as it is: a hash would save nothing.
const PLAIN_BYTES_MAX: usize = 24;

/// First byte of a term: what it is about. Numbers are part of the format on disk.
mod about {
    pub(super) const KIND: u8 = 1;
    pub(super) const NAME: u8 = 2;
    pub(super) const URL: u8 = 3;
    pub(super) const EXTERNAL_ID: u8 = 4;
    pub(super) const ACCOUNT: u8 = 5;
    pub(super) const DISPLAY_NAME: u8 = 6;
    pub(super) const CONTENT: u8 = 7;
    pub(super) const TEXT: u8 = 8;
    pub(super) const ARTICLE: u8 = 9;
    pub(super) const SOURCE: u8 = 10;
    pub(super) const PUBLISHER: u8 = 11;
    pub(super) const SCOPE: u8 = 12;
    pub(super) const END: u8 = 13;
    pub(super) const RELATION_TYPE: u8 = 14;
    pub(super) const TARGET: u8 = 15;
    pub(super) const ASSESSOR: u8 = 16;
    pub(super) const REQUEST: u8 = 17;
    pub(super) const RETRACTED: u8 = 18;
    pub(super) const LABEL: u8 = 19;
    pub(super) const PUBLISHED_BY: u8 = 20;
    pub(super) const ORIGIN: u8 = 21;
    pub(super) const SPEAKER: u8 = 22;
    pub(super) const ENTITY: u8 = 23;
    pub(super) const ENTITY_ID: u8 = 24;
    pub(super) const METRIC: u8 = 25;
    pub(super) const METRIC_WITHIN: u8 = 26;
    pub(super) const CLAIM_KIND: u8 = 27;
    pub(super) const PRESENTATION: u8 = 28;
    pub(super) const ORIGIN_CERTAINTY: u8 = 29;
    pub(super) const HEDGE: u8 = 30;
    pub(super) const LANGUAGE: u8 = 31;
    pub(super) const SOURCE_KIND: u8 = 32;
    pub(super) const PLATFORM: u8 = 33;
    pub(super) const HANDLE: u8 = 34;
    pub(super) const NAME_PREFIX: u8 = 35;
    // From 128 on terms are ordered: they can be enumerated, and none is hashed.
    pub(super) const TIME: u8 = 128;
    pub(super) const TIME_KEY: u8 = 129;
    pub(super) const POSITION: u8 = 130;
    pub(super) const METRIC_USE: u8 = 131;
    pub(super) const FIGURE_VALUE: u8 = 132;
    pub(super) const FIGURE_SKETCH: u8 = 133;
    pub(super) const IMPORT: u8 = 64;
}

/// The bytes of a term.
pub(super) fn encode(term: &Term) -> Vec<u8> {
    match term {
        Term::Kind(kind) => vec![about::KIND, kind_number(*kind)],
        Term::Name(name) => named(about::NAME, name),
        Term::Url(url) => text(about::URL, &[url]),
        Term::ExternalId(kind, id) => text(about::EXTERNAL_ID, &[kind.collection(), &id.scheme, &id.id]),
        Term::Account(platform, handle) => text(about::ACCOUNT, &[platform, handle]),
        Term::DisplayName(name) => text(about::DISPLAY_NAME, &[name]),
        Term::Content(digest) => hashed(about::CONTENT, digest.as_bytes()),
        Term::Text(sha256) => hashed(about::TEXT, sha256.as_bytes()),
        Term::Article(name) => named(about::ARTICLE, name),
        Term::Source(name) => named(about::SOURCE, name),
        Term::Publisher(name) => named(about::PUBLISHER, name),
        Term::Scope(name) => named(about::SCOPE, name),
        Term::End(name) => named(about::END, name),
        Term::RelationType(relation) => word(about::RELATION_TYPE, relation.number()).to_vec(),
        Term::Target(target) => text(about::TARGET, &[target]),
        Term::Assessor(name) => named(about::ASSESSOR, name),
        Term::Retracted => vec![about::RETRACTED],
        Term::Label(kind, key, value) => text(about::LABEL, &[kind.collection(), key, value]),
        Term::PublishedBy(name) => named(about::PUBLISHED_BY, name),
        Term::Origin(name) => named(about::ORIGIN, name),
        Term::Speaker(role, name) => beginning_with(&word(about::SPEAKER, role.number()), name.id.as_str().as_bytes()),
        Term::Entity(label) => text(about::ENTITY, &[label]),
        Term::EntityId(id) => text(about::ENTITY_ID, &[&id.scheme, &id.id]),
        Term::Metric(key) => text(about::METRIC, &[key]),
        Term::MetricWithin(beginning) => text(about::METRIC_WITHIN, &[beginning]),
        Term::MetricUse(used) => {
            let mut bytes = vec![about::METRIC_USE];
            bytes.extend_from_slice(used.key.as_bytes());
            bytes.push(0);
            bytes.extend(used.digest.to_be_bytes());
            bytes
        }
        Term::FigureValue(metric, key) => {
            let mut bytes = vec![about::FIGURE_VALUE];
            bytes.extend(xxh3_64(metric.as_bytes()).to_be_bytes());
            bytes.extend_from_slice(key.dimension.as_bytes());
            bytes.push(0);
            bytes.extend(key.number.map(ordered).into_iter().flatten());
            bytes
        }
        Term::FigureSketch(metric, sketch) => {
            let mut bytes = sketches_of(metric);
            sketches::put(&mut bytes, sketch);
            bytes
        }
        Term::ClaimKind(kind) => word(about::CLAIM_KIND, kind.number()).to_vec(),
        Term::Presentation(presentation) => word(about::PRESENTATION, presentation.number()).to_vec(),
        Term::OriginCertainty(certainty) => word(about::ORIGIN_CERTAINTY, certainty.number()).to_vec(),
        Term::Hedge(kind) => word(about::HEDGE, kind.number()).to_vec(),
        Term::Language(kind, range) => text(about::LANGUAGE, &[kind.collection(), range]),
        Term::SourceKind(kind) => word(about::SOURCE_KIND, kind.number()).to_vec(),
        Term::Platform(platform) => text(about::PLATFORM, &[platform]),
        Term::Handle(handle) => text(about::HANDLE, &[handle]),
        Term::NamePrefix(beginning) => text(about::NAME_PREFIX, &[beginning]),
        Term::Time(kind, field, extent, period) => {
            let mut bytes = Vec::with_capacity(9);
            bytes.extend(times(about::TIME, *kind, *field));
            bytes.push(extent_number(*extent));
            if let Some(period) = period {
                bytes.push(precision_number(period.precision()));
                let (year, month, day) = period.parts();
                bytes.extend(year.to_be_bytes());
                bytes.extend([month, day]);
            }
            bytes
        }
        Term::TimeKey(kind, field, key) => keyed(&times(about::TIME_KEY, *kind, *field), key),
        Term::Position(article, key) => keyed(&named(about::POSITION, article), key),
    }
}

/// The term that these bytes are, of the kind of another that is enumerated by itself: the uses of metrics, and the values
/// of the other's metric. None when they are of no such kind.
pub(super) fn decode(bytes: &[u8], like: &Term) -> Option<Term> {
    if let Term::MetricUse(_) = like {
        let (rest, digest) = bytes.strip_prefix(&[about::METRIC_USE])?.split_last_chunk::<8>()?;
        let key = String::from_utf8(rest.strip_suffix(&[0])?.to_vec()).ok()?;
        return Some(Term::MetricUse(MetricUse { key, digest: u64::from_be_bytes(*digest) }));
    }
    let Term::FigureValue(metric, _) = like else { return None };
    let (_, rest) = bytes.strip_prefix(&[about::FIGURE_VALUE])?.split_first_chunk::<8>()?;
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (dimension, number) = rest.split_at(end);
    let number = <[u8; 8]>::try_from(number.get(1..)?).ok().map(from_ordered);
    let dimension = String::from_utf8(dimension.to_vec()).ok()?;
    Some(Term::FigureValue(metric.clone(), ValueKey { dimension, number }))
}

/// What the sketches of a metric begin with.
pub(super) fn sketches_of(metric: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(metric.len() + 16);
    bytes.push(about::FIGURE_SKETCH);
    bytes.extend_from_slice(metric.as_bytes());
    bytes.push(0);
    bytes
}

/// The sort key at the end of an ordered term.
pub(super) fn sort_key(term: &[u8]) -> Option<SortKey> {
    let (rest, second) = term.split_last_chunk::<8>()?;
    let (rest, first) = rest.split_last_chunk::<8>()?;
    Some(SortKey { rank: *rest.last()?, first: from_ordered(*first), second: from_ordered(*second) })
}

/// The calendar period at the end of an ordered term.
pub(super) fn period(term: &[u8]) -> Option<CalendarPeriod> {
    let (_, [high, low, month, day]) = term.split_last_chunk::<4>()?;
    CalendarPeriod::from_parts(i16::from_be_bytes([*high, *low]), *month, *day)
}

fn times(about: u8, kind: RecordKind, field: TimeField) -> [u8; 3] {
    let field = match field {
        TimeField::Event => 1,
        TimeField::Published => 2,
    };
    [about, kind_number(kind), field]
}

fn keyed(beginning: &[u8], key: &SortKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(beginning.len() + 17);
    bytes.extend_from_slice(beginning);
    bytes.push(key.rank);
    bytes.extend(ordered(key.first));
    bytes.extend(ordered(key.second));
    bytes
}

/// A number whose bytes are ordered as it is.
fn ordered(number: i64) -> [u8; 8] {
    (number ^ i64::MIN).to_be_bytes()
}

fn from_ordered(bytes: [u8; 8]) -> i64 {
    i64::from_be_bytes(bytes) ^ i64::MIN
}

fn extent_number(extent: Extent) -> u8 {
    match extent {
        Extent::Within(precision) => precision_number(precision),
        Extent::Wide => 4,
        Extent::Unknown => 5,
    }
}

fn precision_number(precision: Precision) -> u8 {
    match precision {
        Precision::Day => 1,
        Precision::Month => 2,
        Precision::Year => 3,
    }
}

/// A value of a vocabulary.
fn word(about: u8, number: i32) -> [u8; 2] {
    [about, u8::try_from(number).unwrap_or(u8::MAX)]
}

/// The term of a request id; posted under the first number of its commit.
pub(super) fn encode_request(principal: &str, id: &str) -> Vec<u8> {
    text(about::REQUEST, &[principal, id])
}

/// The term of an import's session; posted under the first number of each of its commits.
pub(super) fn encode_import(principal: &str, session: &str) -> Vec<u8> {
    text(about::IMPORT, &[principal, session])
}

fn kind_number(kind: RecordKind) -> u8 {
    match kind {
        RecordKind::Article => 1,
        RecordKind::Source => 2,
        RecordKind::Claim => 3,
        RecordKind::Relation => 4,
        RecordKind::Assessment => 5,
    }
}

fn named(about: u8, name: &Name) -> Vec<u8> {
    beginning_with(&[about, kind_number(name.kind)], name.id.as_str().as_bytes())
}

/// Parts are separated by a byte that none of them holds: UTF-8 never has 0xFF.
fn text(about: u8, parts: &[&str]) -> Vec<u8> {
    if let [only] = parts {
        return beginning_with(&[about], only.as_bytes());
    }
    let mut joined = Vec::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            joined.push(0xFF);
        }
        joined.extend_from_slice(part.as_bytes());
    }
    beginning_with(&[about], &joined)
}

/// A beginning, then the rest as it is where it is short, else its hash. Allocated once, to the byte: a claim has some forty
/// terms.
fn beginning_with(beginning: &[u8], rest: &[u8]) -> Vec<u8> {
    let hash;
    let (flag, rest) = if rest.len() <= PLAIN_BYTES_MAX {
        (0, rest)
    } else {
        hash = xxh3_128(rest).to_be_bytes();
        (1, hash.as_slice())
    };
    let mut bytes = Vec::with_capacity(beginning.len() + 1 + rest.len());
    bytes.extend_from_slice(beginning);
    bytes.push(flag);
    bytes.extend_from_slice(rest);
    bytes
}

fn hashed(about: u8, digest: &[u8; 32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(17);
    bytes.push(about);
    bytes.extend(&digest[..16]);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::domain::model::{ExternalId, RelationType};
    use crate::domain::text::Sha256;

    #[test]
    fn different_terms_have_different_bytes() {
        let mut seen: HashMap<Vec<u8>, Term> = HashMap::new();
        let mut terms: Vec<Term> = RecordKind::ALL.into_iter().map(Term::Kind).collect();
        for id in ["a", "b", "0192f0c1-2f6e-7bbb-8bbb-0123456789ab", "0192f0c1-2f6e-7bbb-8bbb-0123456789ac"] {
            for collection in ["articles", "sources", "claims"] {
                let name: Name = format!("{collection}/{id}").parse().expect("a name");
                terms.extend([
                    Term::Name(name.clone()),
                    Term::Article(name.clone()),
                    Term::Source(name.clone()),
                    Term::Publisher(name.clone()),
                    Term::Scope(name.clone()),
                    Term::End(name.clone()),
                    Term::Target(name.to_string()),
                    Term::Assessor(name),
                ]);
            }
            terms.push(Term::Url(format!("https://example.org/{id}")));
            terms.push(Term::DisplayName(id.to_owned()));
            terms.push(Term::Content(Sha256::of(id.as_bytes())));
            terms.push(Term::Text(Sha256::of(id.as_bytes())));
        }
        for (scheme, id) in [("a", "bc"), ("ab", "c")] {
            let external = ExternalId { scheme: scheme.to_owned(), id: id.to_owned() };
            terms.push(Term::ExternalId(RecordKind::Claim, external.clone()));
            terms.push(Term::ExternalId(RecordKind::Source, external));
            terms.push(Term::Account(scheme.to_owned(), id.to_owned()));
        }
        terms.extend(RelationType::ALL.iter().copied().map(Term::RelationType));
        for term in terms {
            let bytes = encode(&term);
            assert!(bytes.len() <= 64, "{term:?}");
            if let Some(other) = seen.insert(bytes, term.clone()) {
                panic!("{term:?} and {other:?} have the same bytes");
            }
        }
    }
    #[test]
    fn terms_that_are_enumerated_lead_back_and_sort_as_they_do() {
        let value = |metric: &str, dimension: &str, number| {
            Term::FigureValue(metric.to_owned(), ValueKey { dimension: dimension.to_owned(), number })
        };
        let used = |key: &str, digest| Term::MetricUse(MetricUse { key: key.to_owned(), digest });
        let values = [
            value("m", "", None),
            value("m", "", Some(i64::MIN)),
            value("m", "", Some(-1)),
            value("m", "", Some(0)),
            value("m", "", Some(i64::MAX)),
            value("m", "K1", None),
            value("m", "m1", Some(5)),
            value("m", "m1.s-1", Some(4)),
        ];
        let uses = [used("a", 0), used("a", u64::MAX), used("a-b", 7), used("a.b", 7), used("ab", 7)];
        for terms in [&values[..], &uses[..]] {
            for pair in terms.windows(2) {
                assert!(pair[0] < pair[1] && encode(&pair[0]) < encode(&pair[1]), "{pair:?}");
            }
            for term in terms {
                assert_eq!(decode(&encode(term), &terms[0]).as_ref(), Some(term));
            }
        }
        assert_eq!(decode(&encode(&uses[0]), &values[0]), None);
        assert_eq!(decode(&encode(&values[0]), &Term::Retracted), None);
        // The longest there can be.
        let long = crate::domain::metric_use::listed_key(&"x".repeat(255));
        assert!(encode(&used(&long, 1)).len() <= crate::storage::sled::TERM_BYTES_MAX);
    }
}
