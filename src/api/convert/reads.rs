//! Requests of reads: names, filters, pages, and which state of the database to read.

use super::filters;
use super::reader::{Reader, Violations};
use crate::api::page_token::{self, PageToken};
use crate::domain::limits;
use crate::domain::model::{ErrorReason, RecordStatus, RelationType};
use crate::domain::name::{Name, RecordKind};
use crate::domain::sort::{Order, Sort, TimeField};
use crate::domain::term::Term;
use crate::proto::claimdb::v1;
use crate::service::{AsOf, FilterAsked, Grouping, List, SourceAsked, SourcePart};
use crate::storage::{Cursor, Head, PageRequest};

/// Which state of the database to read, as a message gives it.
pub(crate) enum AsOfGiven {
    Revision(u64),
    Time(prost_types::Timestamp),
}

/// Every request has a oneof of its own, all of them alike.
macro_rules! as_of {
    ($($request:ident),* $(,)?) => {
        $(impl From<v1::$request::AsOf> for AsOfGiven {
            fn from(given: v1::$request::AsOf) -> Self {
                match given {
                    v1::$request::AsOf::AsOfRevision(revision) => Self::Revision(revision),
                    v1::$request::AsOf::AsOfTime(time) => Self::Time(time),
                }
            }
        })*
    };
}
as_of!(
    get_article_request,
    batch_get_articles_request,
    list_articles_request,
    get_source_request,
    batch_get_sources_request,
    list_sources_request,
    get_claim_request,
    batch_get_claims_request,
    list_claims_request,
    query_articles_request,
    query_sources_request,
    query_claims_request,
    count_claims_request,
    list_metrics_request,
    query_figures_request,
    trace_request,
    get_relation_request,
    batch_get_relations_request,
    list_relations_request,
    get_assessment_request,
    batch_get_assessments_request,
    list_assessments_request,
    summarize_figures_request,
    list_history_request,
    export_request,
);

/// A page, as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageAsked {
    /// The state to read; for a further page that of the first.
    pub(crate) as_of: AsOf,
    /// Where in the answer, and how much.
    pub(crate) page: PageRequest,
    /// How much of the last record the page before had.
    pub(crate) within: u32,
    /// What the next page's token must be asked with.
    pub(crate) fingerprint: u64,
}

impl PageAsked {
    /// What asks for the page behind this place; empty when there is none.
    pub(crate) fn next_page_token(&self, head: Head, next: Option<Cursor>) -> String {
        self.token_within(head, next.map(|after| (after, page_token::WHOLE)))
    }

    /// What asks for the page behind a place that may lie within a record.
    pub(super) fn token_within(&self, head: Head, next: Option<(Cursor, u32)>) -> String {
        let (revision, fingerprint) = (head.revision, self.fingerprint);
        next.map(|(after, within)| PageToken { revision, after, within, fingerprint }.encode()).unwrap_or_default()
    }
}

/// The name of a record to read.
pub(crate) fn get(
    name: &str,
    kind: RecordKind,
    as_of: Option<impl Into<AsOfGiven>>,
) -> Result<(Name, AsOf), Violations> {
    let mut r = Reader::default();
    let as_of = as_of_given(&mut r, as_of);
    let name = r.required_name("name", name, Some(kind));
    r.finish(name.map(|name| (name, as_of)))
}

/// The names of records to read.
pub(crate) fn batch(
    names: Vec<String>,
    kind: RecordKind,
    as_of: Option<impl Into<AsOfGiven>>,
) -> Result<(Vec<Name>, AsOf), Violations> {
    let mut r = Reader::default();
    let as_of = as_of_given(&mut r, as_of);
    if names.is_empty() {
        r.invalid("names", "is required");
    } else if names.len() > limits::BATCH_NAMES {
        let message = format!("at most {} are allowed, these are {}", limits::BATCH_NAMES, names.len());
        r.violation_at("names", ErrorReason::LimitExceeded, message);
        return r.finish(None);
    }
    let names = names.iter().enumerate();
    let names =
        names.filter_map(|(index, name)| r.required_name(&format!("names[{index}]"), name, Some(kind))).collect();
    r.finish(Some((names, as_of)))
}

/// The history of a record.
pub(crate) fn history(mut message: v1::ListHistoryRequest, store: &str) -> Result<(Name, PageAsked), Violations> {
    let mut r = Reader::default();
    let (size, token) = (message.page_size, std::mem::take(&mut message.page_token));
    message.page_size = 0;
    let fingerprint = page_token::fingerprint("history", store, &message);
    let name = r.required_name("name", &message.name, None);
    let page = page(&mut r, size, (PAGE_TOKEN, &token), message.as_of, fingerprint);
    r.finish(name.zip(page))
}

/// Lists and queries: what the records meet, which statuses are shown, and the order.
macro_rules! list {
    ($(#[$doc:meta])* $list:ident, $request:ident, $kind:ident, |$r:ident, $message:ident| $asked:expr) => {
        $(#[$doc])*
        pub(crate) fn $list(mut $message: v1::$request, store: &str) -> Result<(List, PageAsked), Violations> {
            let mut reader = Reader::default();
            let $r = &mut reader;
            let (size, token) = ($message.page_size, std::mem::take(&mut $message.page_token));
            $message.page_size = 0;
            let fingerprint = page_token::fingerprint(stringify!($list), store, &$message);
            let as_of = $message.as_of;
            let Asked { filter, statuses, order: (sort, order) } = $asked;
            let page = page($r, size, (PAGE_TOKEN, &token), as_of, fingerprint);
            let list = List { kind: RecordKind::$kind, filter, statuses, sort, order };
            reader.finish(page.map(|page| (list, page)))
        }
    };
}

/// What a list or query asks, besides its page.
struct Asked {
    filter: FilterAsked,
    statuses: Vec<RecordStatus>,
    order: (Sort, Order),
}

/// A simple list: everything, or what meets the few conditions it has.
fn simple(r: &mut Reader, conditions: Vec<Option<FilterAsked>>, show_retracted: bool, order: i32) -> Asked {
    let mut shown = vec![RecordStatus::Active];
    shown.extend(show_retracted.then_some(RecordStatus::Retracted));
    let filter = FilterAsked::All(conditions.into_iter().flatten().collect());
    Asked { filter, statuses: shown, order: list_order(r, order) }
}

list!(
    /// Articles, all or those of one publisher.
    list_articles, ListArticlesRequest, Article,
    |r, m| {
        let publisher = source(r, "publisher", m.publisher, SourcePart::Publisher);
        simple(r, vec![publisher], m.show_retracted, m.order)
    }
);
list!(
    /// Sources, all or those scoped to one article.
    list_sources, ListSourcesRequest, Source,
    |r, m| {
        let scope = r.name_of("scope_article", &m.scope_article, RecordKind::Article);
        simple(r, vec![scope.map(|name| Term::Scope(name).into())], m.show_retracted, m.order)
    }
);
list!(
    /// Claims, all, those of one article, those with a source in their chain, or both.
    list_claims, ListClaimsRequest, Claim,
    |r, m| {
        let article = r.name_of("article", &m.article, RecordKind::Article);
        let source = source(r, "source", m.source, SourcePart::Anywhere);
        simple(r, vec![article.map(|name| Term::Article(name).into()), source], m.show_retracted, m.order)
    }
);
list!(
    /// Relations, all, those of one record, of one type, or both.
    list_relations, ListRelationsRequest, Relation,
    |r, m| {
        let record = r.name_of_any("record", &m.record);
        let r#type = r.word("type", m.r#type, RelationType::from_number);
        let conditions = [record.map(Term::End), r#type.map(Term::RelationType)];
        simple(r, conditions.map(|term| term.map(Into::into)).into(), m.show_retracted, m.order)
    }
);
list!(
    /// Assessments, all, those of one target, by one assessor, or both.
    list_assessments, ListAssessmentsRequest, Assessment,
    |r, m| {
        let target = if m.target.is_empty() { None } else { r.target("target", &m.target) };
        let assessor = source(r, "assessor", m.assessor, SourcePart::Assessor);
        let target = target.map(|target| Term::target(&target).into());
        simple(r, vec![target, assessor], m.show_retracted, m.order)
    }
);
list!(
    /// Articles that meet a filter.
    query_articles, QueryArticlesRequest, Article,
    |r, m| Asked {
        filter: filters::articles(r, "filter", m.filter),
        statuses: statuses(r, &m.statuses),
        order: article_order(r, m.order),
    }
);
list!(
    /// Sources that meet a filter.
    query_sources, QuerySourcesRequest, Source,
    |r, m| Asked {
        filter: filters::sources(r, "filter", m.filter),
        statuses: statuses(r, &m.statuses),
        order: list_order(r, m.order),
    }
);
list!(
    /// Claims that meet a filter.
    query_claims, QueryClaimsRequest, Claim,
    |r, m| {
        let (filter, article) = filters::claims(r, "filter", m.filter);
        Asked { filter, statuses: statuses(r, &m.statuses), order: claim_order(r, m.order, article) }
    }
);

/// A count of claims: what they meet, what they are counted by, and which part of the count.
pub(crate) fn count_claims(
    mut message: v1::CountClaimsRequest,
    store: &str,
) -> Result<(List, Grouping, PageAsked), Violations> {
    let mut reader = Reader::default();
    let r = &mut reader;
    let token = std::mem::take(&mut message.page_token);
    let fingerprint = page_token::fingerprint("count_claims", store, &message);
    let page = page(r, 0, (PAGE_TOKEN, &token), message.as_of, fingerprint);
    let (filter, _) = filters::claims(r, "filter", message.filter);
    let grouping = match v1::ClaimGrouping::try_from(message.group_by) {
        Ok(v1::ClaimGrouping::Unspecified) => Grouping::None,
        Ok(v1::ClaimGrouping::Source) => Grouping::Source,
        Ok(v1::ClaimGrouping::Publisher) => Grouping::Publisher,
        Ok(v1::ClaimGrouping::Metric) => Grouping::Metric,
        Ok(v1::ClaimGrouping::EventMonth) => Grouping::Month(TimeField::Event),
        Ok(v1::ClaimGrouping::PublishMonth) => Grouping::Month(TimeField::Published),
        Err(_) => {
            no_such_value(r, "group_by", message.group_by);
            Grouping::None
        }
    };
    let statuses = statuses(r, &message.statuses);
    let list = List { kind: RecordKind::Claim, filter, statuses, sort: Sort::Recorded, order: Order::Ascending };
    reader.finish(page.map(|page| (list, grouping, page)))
}

fn source(r: &mut Reader, field: &str, message: Option<v1::SourceRef>, part: SourcePart) -> Option<FilterAsked> {
    let source = r.source_filter(field, message)?;
    Some(FilterAsked::Source(SourceAsked { path: field.to_owned(), source, part, follow_same_as: false }))
}

/// The statuses that are shown; those that are active when none is named.
pub(super) fn statuses(r: &mut Reader, numbers: &[i32]) -> Vec<RecordStatus> {
    let statuses = r.words("statuses", numbers, RecordStatus::from_number);
    if numbers.is_empty() { vec![RecordStatus::Active] } else { statuses }
}

// The orders of the served schema are each a field and a direction: a vocabulary of the domain would say no more.

fn list_order(r: &mut Reader, number: i32) -> (Sort, Order) {
    use v1::ListOrder as Given;
    match Given::try_from(number) {
        Ok(Given::Unspecified | Given::RecordedAsc) => (Sort::Recorded, Order::Ascending),
        Ok(Given::RecordedDesc) => (Sort::Recorded, Order::Descending),
        Err(_) => no_such_order(r, number),
    }
}

fn article_order(r: &mut Reader, number: i32) -> (Sort, Order) {
    use v1::ArticleOrder as Given;
    match Given::try_from(number) {
        Ok(Given::Unspecified | Given::RecordedAsc) => (Sort::Recorded, Order::Ascending),
        Ok(Given::RecordedDesc) => (Sort::Recorded, Order::Descending),
        Ok(Given::PublishedAsc) => (Sort::Time(TimeField::Published), Order::Ascending),
        Ok(Given::PublishedDesc) => (Sort::Time(TimeField::Published), Order::Descending),
        Err(_) => no_such_order(r, number),
    }
}

fn claim_order(r: &mut Reader, number: i32, article: Option<Name>) -> (Sort, Order) {
    use v1::ClaimOrder as Given;
    let order = match Given::try_from(number) {
        Ok(Given::Unspecified | Given::RecordedAsc) => (Some(Sort::Recorded), Order::Ascending),
        Ok(Given::RecordedDesc) => (Some(Sort::Recorded), Order::Descending),
        Ok(Given::EventAsc) => (Some(Sort::Time(TimeField::Event)), Order::Ascending),
        Ok(Given::EventDesc) => (Some(Sort::Time(TimeField::Event)), Order::Descending),
        Ok(Given::PublishedAsc) => (Some(Sort::Time(TimeField::Published)), Order::Ascending),
        Ok(Given::PublishedDesc) => (Some(Sort::Time(TimeField::Published)), Order::Descending),
        Ok(Given::PositionAsc) => (article.map(Sort::Position), Order::Ascending),
        Ok(Given::PositionDesc) => (article.map(Sort::Position), Order::Descending),
        Err(_) => return no_such_order(r, number),
    };
    let (Some(sort), order) = order else {
        r.invalid("order", "places in a text are those of one article: name it, alone, in filter.articles");
        return (Sort::Recorded, Order::Ascending);
    };
    (sort, order)
}

fn no_such_order(r: &mut Reader, number: i32) -> (Sort, Order) {
    no_such_value(r, "order", number);
    (Sort::Recorded, Order::Ascending)
}

/// Notes that a number is no value of an enumeration.
pub(super) fn no_such_value(r: &mut Reader, field: &str, number: i32) {
    r.invalid(field, format!("{number} is not a value of this field"));
}

pub(super) fn as_of_given(r: &mut Reader, given: Option<impl Into<AsOfGiven>>) -> AsOf {
    match given.map(Into::into) {
        None => AsOf::Newest,
        Some(AsOfGiven::Revision(revision)) => AsOf::Revision(revision),
        Some(AsOfGiven::Time(time)) => r.timestamp("as_of_time", time).map_or(AsOf::Newest, AsOf::Time),
    }
}

pub(super) fn page(
    r: &mut Reader,
    size: i32,
    (field, token): (&str, &str),
    as_of: Option<impl Into<AsOfGiven>>,
    fingerprint: u64,
) -> Option<PageAsked> {
    let mut as_of = as_of_given(r, as_of);
    let limit = page_limit(r, size);
    let (mut after, mut within) = (None, page_token::WHOLE);
    if let Some(token) = known(r, field, token, PageToken::decode, fingerprint, |token| token.fingerprint) {
        as_of = AsOf::Revision(token.revision);
        (after, within) = (Some(token.after), token.within);
    }
    limit.map(|limit| PageAsked { as_of, page: PageRequest { after, limit }, within, fingerprint })
}

/// The field of a request that says where its page begins.
pub(super) const PAGE_TOKEN: &str = "page_token";

/// How many items a page may hold.
pub(super) fn page_limit(r: &mut Reader, size: i32) -> Option<usize> {
    match usize::try_from(size) {
        Ok(0) => Some(limits::PAGE_SIZE_DEFAULT),
        Ok(size) => Some(size.min(limits::PAGE_SIZE_MAX)),
        Err(_) => {
            r.invalid("page_size", "is negative");
            None
        }
    }
}

/// A page token, if one is given and belongs to this query.
pub(super) fn known<T>(
    r: &mut Reader,
    field: &str,
    token: &str,
    decode: fn(&str) -> Option<T>,
    asked: u64,
    fingerprint: fn(&T) -> u64,
) -> Option<T> {
    if token.is_empty() {
        return None;
    }
    match decode(token) {
        None => {
            r.violation_at(field, ErrorReason::TokenMalformed, "was not given out by this database");
            None
        }
        Some(token) if fingerprint(&token) != asked => {
            let message = "belongs to another query; ask with the fields of the first page, or without a token";
            r.violation_at(field, ErrorReason::PageTokenMismatch, message);
            None
        }
        Some(token) => Some(token),
    }
}
