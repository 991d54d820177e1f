//! Filters: which records an answer is made of.

use super::figure::{metric_key_here, metric_prefix_here};
use super::reader::Reader;
use crate::domain::filter::{Filter, TimeFilter};
use crate::domain::language::Language;
use crate::domain::limits;
use crate::domain::model::{
    AttributionRole, Certainty, ClaimKind, ErrorReason, HedgeKind, Labels, Presentation, RelationType, SourceKind,
};
use crate::domain::name::{Name, RecordKind};
use crate::domain::sort::TimeField;
use crate::domain::term::{Term, fold};
use crate::domain::time::{ApproximateTime, TimeRange};
use crate::domain::url::CanonicalUrl;
use crate::proto::claimdb::v1;
use crate::service::{FilterAsked, RelatedAsked, RelatedEnd, SourceAsked, SourcePart};

/// Conditions of a filter, collected field by field.
struct Conditions<'r> {
    r: &'r mut Reader,
    kind: RecordKind,
    follow_same_as: bool,
    all: Vec<FilterAsked>,
    budget: &'r mut usize,
}

/// The conditions of a filter of claims. The second value is the one article it names, when it names one alone.
pub(super) fn claims(r: &mut Reader, field: &str, filter: Option<v1::ClaimFilter>) -> (FilterAsked, Option<Name>) {
    let filter = filter.unwrap_or_default();
    let article = match &filter.articles[..] {
        [only] => only.parse().ok().filter(|name: &Name| name.kind == RecordKind::Article),
        _ => None,
    };
    let mut budget = limits::FILTER_CONDITIONS;
    (r.field(field, |r| claim_filter(r, filter, 1, &mut budget)), article)
}

/// The conditions of a filter of sources.
pub(super) fn sources(r: &mut Reader, field: &str, filter: Option<v1::SourceFilter>) -> FilterAsked {
    let mut budget = limits::FILTER_CONDITIONS;
    r.field(field, |r| source_filter(r, filter.unwrap_or_default(), 1, &mut budget))
}

/// The conditions of a filter of articles.
pub(super) fn articles(r: &mut Reader, field: &str, filter: Option<v1::ArticleFilter>) -> FilterAsked {
    let mut budget = limits::FILTER_CONDITIONS;
    r.field(field, |r| article_filter(r, filter.unwrap_or_default(), 1, &mut budget))
}

fn claim_filter(r: &mut Reader, m: v1::ClaimFilter, depth: usize, budget: &mut usize) -> FilterAsked {
    let mut c = Conditions::new(r, RecordKind::Claim, m.follow_same_as, budget);
    c.names("articles", &m.articles, RecordKind::Article, Term::Article);
    c.sources("publishers", m.publishers, SourcePart::PublisherOfClaim);
    c.sources("sources", m.sources, SourcePart::Anywhere);
    c.sources("origins", m.origins, SourcePart::Origin);
    c.speakers(m.speakers);
    c.any("entities", m.entities, |r, entity| r.entity(entity));
    c.any("metrics", m.metrics, |r, key| Some(Term::Metric(metric_key_here(r, key)).into()));
    c.any("metric_prefixes", m.metric_prefixes, |r, beginning| {
        Some(Term::MetricWithin(metric_prefix_here(r, beginning)).into())
    });
    c.words("kinds", &m.kinds, ClaimKind::from_number, Term::ClaimKind);
    c.words("presentations", &m.presentations, Presentation::from_number, Term::Presentation);
    c.words("origin_certainties", &m.origin_certainties, Certainty::from_number, Term::OriginCertainty);
    c.words("hedges", &m.hedges, HedgeKind::from_number, Term::Hedge);
    c.languages(&m.languages);
    c.labels(m.labels);
    c.time("event_time", m.event_time.as_ref(), TimeField::Event);
    c.time("publish_time", m.publish_time.as_ref(), TimeField::Published);
    c.recorded(m.recorded.as_ref());
    c.related(m.related_to);
    c.external_ids(m.external_ids);
    c.groups(m.any_of, m.none_of, depth, claim_filter);
    FilterAsked::All(c.all)
}

fn source_filter(r: &mut Reader, m: v1::SourceFilter, depth: usize, budget: &mut usize) -> FilterAsked {
    let mut c = Conditions::new(r, RecordKind::Source, false, budget);
    c.any("name_prefixes", m.name_prefixes, |r, text| {
        // As names are looked for, but for its end: what follows a space is another word.
        let prefix = r.required_item(text, limits::SHORT_BYTES).trim_start().to_lowercase();
        Some(Filter::NamePrefix(prefix).into())
    });
    c.words("kinds", &m.kinds, SourceKind::from_number, Term::SourceKind);
    c.texts("platforms", m.platforms, limits::WORD_BYTES, |text| Term::Platform(text.to_lowercase()));
    c.any("handles", m.handles, |r, handle| {
        let handle = r.required_item(handle, limits::WORD_BYTES);
        r.without_at(&handle);
        Some(Term::Handle(handle.to_lowercase()).into())
    });
    c.names("scope_articles", &m.scope_articles, RecordKind::Article, Term::Scope);
    c.labels(m.labels);
    c.recorded(m.recorded.as_ref());
    c.related(m.related_to);
    c.external_ids(m.external_ids);
    c.groups(m.any_of, m.none_of, depth, source_filter);
    FilterAsked::All(c.all)
}

fn article_filter(r: &mut Reader, m: v1::ArticleFilter, depth: usize, budget: &mut usize) -> FilterAsked {
    let mut c = Conditions::new(r, RecordKind::Article, m.follow_same_as, budget);
    c.any("urls", m.urls, |r, text| {
        let url: CanonicalUrl = r.whole(&text)?;
        Some(Term::Url(url.as_str().to_owned()).into())
    });
    c.sources("publishers", m.publishers, SourcePart::Publisher);
    c.time("publish_time", m.publish_time.as_ref(), TimeField::Published);
    c.recorded(m.recorded.as_ref());
    c.languages(&m.languages);
    c.labels(m.labels);
    c.related(m.related_to);
    c.external_ids(m.external_ids);
    c.groups(m.any_of, m.none_of, depth, article_filter);
    FilterAsked::All(c.all)
}

/// The first microsecond that is not before a time: what is recorded has a time in whole ones, and what is recorded before
/// a time, or not before it, is so before or not before this one.
fn rounded_up(time: prost_types::Timestamp) -> prost_types::Timestamp {
    const MICROSECOND: i32 = 1_000;
    const SECOND: i32 = 1_000_000_000;
    let prost_types::Timestamp { seconds, nanos } = time;
    match nanos.rem_euclid(MICROSECOND) {
        0 => time,
        _ if !(0..SECOND).contains(&nanos) => time,
        part if nanos + MICROSECOND - part == SECOND => {
            prost_types::Timestamp { seconds: seconds.saturating_add(1), nanos: 0 }
        }
        part => prost_types::Timestamp { seconds, nanos: nanos + MICROSECOND - part },
    }
}

impl<'r> Conditions<'r> {
    fn new(r: &'r mut Reader, kind: RecordKind, follow_same_as: bool, budget: &'r mut usize) -> Self {
        Self { r, kind, follow_same_as, all: Vec::new(), budget }
    }

    /// A repeated field, of which one value is enough.
    fn any<M>(&mut self, field: &str, values: Vec<M>, read: impl FnMut(&mut Reader, M) -> Option<FilterAsked>) {
        if values.is_empty() || !self.affords(field, values.len()) {
            return;
        }
        let any = self.r.items(field, limits::FILTER_VALUES, values, read).into_iter().flatten().collect();
        self.all.push(FilterAsked::Any(any));
    }

    /// Whether the filter may have so many conditions more.
    fn affords(&mut self, field: &str, count: usize) -> bool {
        if let Some(left) = self.budget.checked_sub(count) {
            *self.budget = left;
            return true;
        }
        let message = format!("a filter has at most {} conditions in all", limits::FILTER_CONDITIONS);
        self.r.violation_at(field, ErrorReason::LimitExceeded, message);
        false
    }

    fn names(&mut self, field: &str, names: &[String], kind: RecordKind, term: fn(Name) -> Term) {
        self.any(field, names.to_vec(), |r, text| {
            let name = r.name_here(&text, kind)?;
            Some(term(name).into())
        });
    }

    fn sources(&mut self, field: &str, sources: Vec<v1::SourceRef>, part: SourcePart) {
        let follow_same_as = self.follow_same_as;
        self.any(field, sources, |r, message| {
            let source = r.source_filter_here(message)?;
            let path = r.path().to_owned();
            Some(FilterAsked::Source(SourceAsked { path, source, part, follow_same_as }))
        });
    }

    fn speakers(&mut self, speakers: Vec<v1::SpeakerFilter>) {
        let follow_same_as = self.follow_same_as;
        self.any("speakers", speakers, |r, message| {
            let role = r.required_word("role", message.role, AttributionRole::from_number);
            if message.source.is_none() {
                r.invalid("source", "is required");
            }
            let source = r.source_filter("source", message.source)?;
            let path = format!("{}.source", r.path());
            Some(FilterAsked::Source(SourceAsked { path, source, part: SourcePart::Role(role?), follow_same_as }))
        });
    }

    fn texts(&mut self, field: &str, texts: Vec<String>, bytes_max: usize, term: impl Fn(String) -> Term) {
        self.any(field, texts, |r, text| Some(term(r.required_item(text, bytes_max)).into()));
    }

    fn words<T: PartialEq + Copy>(
        &mut self,
        field: &str,
        numbers: &[i32],
        from: fn(i32) -> Option<T>,
        term: fn(T) -> Term,
    ) {
        if numbers.is_empty() || !self.affords(field, numbers.len()) {
            return;
        }
        let words = self.r.words(field, numbers, from);
        self.all.push(FilterAsked::Any(words.into_iter().map(|word| term(word).into()).collect()));
    }

    fn languages(&mut self, languages: &[String]) {
        let kind = self.kind;
        self.any("languages", languages.to_vec(), |r, text| {
            let language: Language = r.whole(&text)?;
            Some(Term::Language(kind, language.as_str().to_ascii_lowercase()).into())
        });
    }

    /// All of them, unlike the values of a repeated field.
    fn labels(&mut self, labels: Labels) {
        let kind = self.kind;
        if !self.affords("labels", labels.len()) {
            return;
        }
        let labels = self.r.labels("labels", labels);
        self.all.extend(labels.into_iter().map(|(key, value)| Term::Label(kind, key, value).into()));
    }

    fn external_ids(&mut self, ids: Vec<v1::ExternalId>) {
        let kind = self.kind;
        self.any("external_ids", ids, |r, id| Some(Term::ExternalId(kind, r.external_id(id)).into()));
    }

    fn time(&mut self, field: &str, message: Option<&v1::TimeFilter>, of: TimeField) {
        let Some(message) = message else { return };
        let include_unknown = message.include_unknown;
        self.r.field(field, |r| {
            if message.overlaps.is_empty() && !include_unknown {
                r.invalid("overlaps", "is required, unless unknown times are asked for");
            }
            let time: Option<ApproximateTime> = r.parsed("overlaps", &message.overlaps);
            if time.as_ref().is_some_and(ApproximateTime::is_unknown) {
                r.invalid("overlaps", "an unknown time overlaps nothing; ask with include_unknown");
            }
            // Without a range nothing overlaps: only what is unknown is left.
            let range = time.map_or(TimeRange { earliest: None, latest: None }, |time| time.range());
            self.all.push(Filter::Time(TimeFilter { field: of, range, include_unknown }).into());
        });
    }

    fn recorded(&mut self, message: Option<&v1::RecordedFilter>) {
        let Some(message) = message else { return };
        self.r.field("recorded", |r| {
            let earliest = message.start_time.and_then(|time| r.timestamp("start_time", rounded_up(time)));
            let latest = message.end_time.and_then(|time| r.timestamp("end_time", rounded_up(time)));
            if let (Some(earliest), Some(latest)) = (earliest, latest)
                && earliest >= latest
            {
                r.invalid("end_time", "is not after start_time");
            }
            self.all.push(Filter::Recorded(TimeRange { earliest, latest }).into());
        });
    }

    fn related(&mut self, related: Vec<v1::RelatedFilter>) {
        self.any("related_to", related, |r, message| {
            let record = r.required_name("record", &message.record, None);
            let types = r.words("types", &message.types, RelationType::from_number);
            let end = match v1::RelatedEnd::try_from(message.end) {
                Ok(v1::RelatedEnd::Unspecified) => RelatedEnd::Either,
                Ok(v1::RelatedEnd::From) => RelatedEnd::From,
                Ok(v1::RelatedEnd::To) => RelatedEnd::To,
                Err(_) => {
                    r.invalid("end", format!("{} is not a value of this field", message.end));
                    return None;
                }
            };
            let path = r.path().to_owned();
            Some(FilterAsked::Related(RelatedAsked { path, record: record?, types, end }))
        });
    }

    /// The groups in a filter, which are filters again.
    fn groups<M>(
        &mut self,
        any_of: Vec<M>,
        none_of: Vec<M>,
        depth: usize,
        read: fn(&mut Reader, M, usize, &mut usize) -> FilterAsked,
    ) {
        for (field, groups) in [("any_of", any_of), ("none_of", none_of)] {
            if groups.is_empty() || !self.affords(field, groups.len()) {
                continue;
            }
            if depth >= limits::FILTER_DEPTH {
                let message = format!("filters may be nested {} deep", limits::FILTER_DEPTH);
                self.r.violation_at(field, ErrorReason::LimitExceeded, message);
                continue;
            }
            let budget = &mut *self.budget;
            let any = self.r.items(field, limits::FILTER_VALUES, groups, |r, group| read(r, group, depth + 1, budget));
            let any = FilterAsked::Any(any);
            self.all.push(if field == "any_of" { any } else { FilterAsked::Not(Box::new(any)) });
        }
    }
}

impl Reader {
    fn entity(&mut self, message: v1::EntityFilter) -> Option<FilterAsked> {
        match (message.label.is_empty(), message.external_id) {
            (false, None) => {
                let label = self.required_text("label", message.label, limits::SHORT_BYTES);
                Some(Term::Entity(fold(&label)).into())
            }
            (true, Some(id)) => {
                let id = self.field("external_id", |r| r.external_id(id));
                Some(Term::EntityId(id).into())
            }
            (true, None) | (false, Some(_)) => {
                self.violation(
                    ErrorReason::FieldInvalid,
                    "an entity is given by label or by external id, one of the two",
                );
                None
            }
        }
    }

    /// A value with a text form, which must be given.
    fn whole<T>(&mut self, text: &str) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.violation(ErrorReason::FieldInvalid, T::Err::to_string(&error));
                None
            }
        }
    }
}
