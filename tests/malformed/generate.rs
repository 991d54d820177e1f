//! Messages at random: of the right shape always, of sense sometimes.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

/// Strings that mean something to some field, and strings that mean trouble.
const STRINGS: &[&str] = &[
    "",
    "a",
    "#a",
    "#b",
    "#none",
    "#",
    "##",
    "claims/c1",
    "claims/c2",
    "articles/a1",
    "sources/s1",
    "relations/r1",
    "assessments/x1",
    "claims/",
    "claims/C1",
    "claims/c1/figures/f1",
    "#a/figures/f1",
    "f1",
    "nowhere/c1",
    "https://news.example/1",
    "HTTP://News.Example:80/1#top",
    "://",
    "https://",
    "2017",
    "2025-09-03/..",
    "2025-13-45",
    "../..",
    "XXXX",
    "nearly 2,000",
    "13,000",
    "between 5 and 10",
    "dozens",
    "0",
    "-0",
    "1e9",
    "NaN",
    "00012",
    "99999999999999999999999999999999999999999",
    "0.1",
    "en",
    "de-DE",
    "not a language",
    "NDTV",
    "Analysts",
    "wikidata",
    "Q1",
    "reported",
    "The ministry reported nearly 2,000 killed.",
    "killed.troops",
    "..",
    "A.B",
    "\u{0}",
    "\u{feff}",
    "e\u{301}",
    "\u{1f600}\u{1f600}",
    "\n",
    " ",
    "\"1\"",
    "*",
    "statement",
    "figures.f1",
    "text",
    "metadata",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "GBP",
    "km",
    "{soldiers}",
    "req-1",
];

/// Dice that fall the same way from the same seed (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn byte(&mut self) -> u8 {
        (self.next() >> 32) as u8
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    pub(crate) fn message(&mut self, message: &MessageDescriptor) -> DynamicMessage {
        // Most requests have few things wrong with them: one that has everything wrong is refused for the first.
        let density = 1 + self.below(4);
        self.filled(message, 0, density)
    }

    fn filled(&mut self, message: &MessageDescriptor, depth: u64, density: u64) -> DynamicMessage {
        let mut made = DynamicMessage::new(message.clone());
        for field in message.fields() {
            let wanted = is_needed(&field) && !self.one_in(12);
            let rarely = depth > 6 || !self.one_in(2 + depth * 2 / density);
            if wanted || !rarely {
                let value = self.field(&field, depth, density);
                made.set_field(&field, value);
            }
        }
        made
    }

    fn field(&mut self, field: &FieldDescriptor, depth: u64, density: u64) -> Value {
        if field.is_map() {
            let entries = (0..self.below(3)).map(|_| (MapKey::String(self.string()), Value::String(self.string())));
            return Value::Map(entries.collect());
        }
        if field.is_list() {
            let length = if self.one_in(60) { 40 } else { 1 + self.below(3) };
            return Value::List((0..length).map(|_| self.value(field, depth, density)).collect());
        }
        self.value(field, depth, density)
    }

    fn value(&mut self, field: &FieldDescriptor, depth: u64, density: u64) -> Value {
        match field.kind() {
            Kind::Message(message) => Value::Message(self.filled(&message, depth + 1, density)),
            Kind::Enum(of) => {
                let wild = [-1, 0, 99, i32::MAX];
                let known: Vec<i32> = of.values().map(|value| value.number()).collect();
                Value::EnumNumber(match self.one_in(8) {
                    true => wild[self.below(4) as usize],
                    false => known[self.below(known.len() as u64) as usize],
                })
            }
            Kind::String => Value::String(match usual(field) {
                Some(usual) if !self.one_in(6) => usual[self.below(usual.len() as u64) as usize].to_owned(),
                _ => self.string(),
            }),
            Kind::Bool => Value::Bool(self.one_in(2)),
            Kind::Bytes => Value::Bytes(vec![self.byte(); 3].into()),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.number() as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.number() as i64),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.number() as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.number()),
            Kind::Float => Value::F32(f32::NAN),
            Kind::Double => Value::F64(f64::INFINITY),
        }
    }

    fn number(&mut self) -> u64 {
        match self.below(6) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << 31,
            3 => self.next(),
            _ => self.below(50),
        }
    }

    fn string(&mut self) -> String {
        match self.below(40) {
            0 => "x".repeat(20_000),
            1 => "\u{1f600}".repeat(3_000),
            2 => (0..20).map(|_| char::from(self.byte())).collect(),
            _ => STRINGS[self.below(STRINGS.len() as u64) as usize].to_owned(),
        }
    }
}

/// Without these, nearly every request is refused at once.
fn is_needed(field: &FieldDescriptor) -> bool {
    matches!(
        field.name(),
        "statement"
            | "attributions"
            | "source"
            | "target"
            | "assessor"
            | "revise"
            | "retract"
            | "reinstate"
            | "names"
            | "from"
            | "to"
            | "type"
            | "reason"
            | "retracted_by"
    )
}

/// What a caller would put there.
fn usual(field: &FieldDescriptor) -> Option<&'static [&'static str]> {
    Some(match field.name() {
        "name" | "names" => match field.parent_message().name() {
            "SourceRef" => &[""],
            "Article" | "GetArticleRequest" | "BatchGetArticlesRequest" => &["", "articles/a1"],
            "Source" | "GetSourceRequest" | "BatchGetSourcesRequest" => &["", "sources/s1"],
            "Relation" | "GetRelationRequest" | "BatchGetRelationsRequest" => &["", "relations/r1"],
            "Assessment" | "GetAssessmentRequest" | "BatchGetAssessmentsRequest" => &["", "assessments/x1"],
            _ => &["claims/c1", "claims/c2", "articles/a1", "sources/s1", ""],
        },
        "key" => &["", "a", "b"],
        "article" | "scope_article" => &["", "articles/a1"],
        "display_name" => &["NDTV", "Analysts", "Alexander Yunashev"],
        "statement" => &["It rained", "It snowed", "Nearly 2,000 were killed"],
        "urls" | "url" => &["https://news.example/1", "https://news.example/2"],
        "edtf" => &["2017", "2025-09-03", "2025-09-03/.."],
        "value" | "rating_value" | "best_rating" | "worst_rating" => &["", "1", "2000", "0.5"],
        "verbatim" => &["nearly 2,000", "13,000", "dozens"],
        "at_least" | "more_than" => &["1", "2"],
        "at_most" | "less_than" => &["3", "2000"],
        "language" => &["en", "de", ""],
        "request_id" => &["", "req-1", "req-2", "req-3"],
        "page_token"
        | "etag"
        | "text_sha256"
        | "id"
        | "whole"
        | "code"
        | "latitude"
        | "longitude"
        | "prefix"
        | "suffix"
        | "extraction_confidence" => &[""],
        "scheme" => &["wikidata", "ucdp-ged"],
        "tool" => &["extractor"],
        "exact" => &["It rained", "reported"],
        "text" => &["It rained, the ministry reported.", ""],
        "from" | "to" | "target" | "record" => &["claims/c1", "claims/c2", "sources/s1"],
        "paths" => &["statement", "title", "display_name"],
        _ => return None,
    })
}
