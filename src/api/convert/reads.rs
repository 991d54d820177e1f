//! Requests of reads: names, filters, pages, and which state of the database to read.

use super::reader::{Reader, Violations};
use crate::api::page_token::{self, PageToken};
use crate::domain::limits;
use crate::domain::model::{ErrorReason, RelationType};
use crate::domain::name::{Name, RecordKind};
use crate::domain::term::Term;
use crate::proto::claimdb::v1;
use crate::service::{AsOf, List, SourceFilter};
use crate::storage::{Order, PageRequest};

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
    trace_request,
    get_relation_request,
    batch_get_relations_request,
    list_relations_request,
    get_assessment_request,
    batch_get_assessments_request,
    list_assessments_request,
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
    /// What the next page's token must be asked with.
    pub(crate) fingerprint: u64,
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
    let page = page(&mut r, size, &token, message.as_of, fingerprint);
    r.finish(name.zip(page))
}

/// Lists of records: which terms a version must carry, and which source it must be of.
macro_rules! list {
    ($(#[$doc:meta])* $list:ident, $request:ident, $kind:ident, |$r:ident, $message:ident| $filter:expr) => {
        $(#[$doc])*
        pub(crate) fn $list(mut $message: v1::$request, store: &str) -> Result<(List, PageAsked), Violations> {
            let mut reader = Reader::default();
            let $r = &mut reader;
            let (size, token) = ($message.page_size, std::mem::take(&mut $message.page_token));
            $message.page_size = 0;
            let fingerprint = page_token::fingerprint(stringify!($list), store, &$message);
            let order = order($r, $message.order);
            let show_retracted = $message.show_retracted;
            let page = page($r, size, &token, $message.as_of, fingerprint);
            let (terms, source): (Vec<Option<Term>>, Option<SourceFilter>) = $filter;
            let terms = terms.into_iter().flatten().collect();
            let list = List { kind: RecordKind::$kind, terms, source, show_retracted, order };
            reader.finish(page.map(|page| (list, page)))
        }
    };
}

list!(
    /// Articles, all or those of one publisher.
    list_articles, ListArticlesRequest, Article,
    |r, message| (vec![], source(r, "publisher", message.publisher, Term::Publisher))
);
list!(
    /// Sources, all or those scoped to one article.
    list_sources, ListSourcesRequest, Source,
    |r, message| (vec![r.name_of("scope_article", &message.scope_article, RecordKind::Article).map(Term::Scope)], None)
);
list!(
    /// Claims, all, those of one article, those with a source in their chain, or both.
    list_claims, ListClaimsRequest, Claim,
    |r, message| {
        let article = r.name_of("article", &message.article, RecordKind::Article).map(Term::Article);
        (vec![article], source(r, "source", message.source, Term::Source))
    }
);
list!(
    /// Relations, all, those of one record, of one type, or both.
    list_relations, ListRelationsRequest, Relation,
    |r, message| {
        let record: Option<Name> = r.parsed("record", &message.record);
        let r#type = r.word("type", message.r#type, RelationType::from_number);
        (vec![record.map(Term::End), r#type.map(Term::RelationType)], None)
    }
);
list!(
    /// Assessments, all, those of one target, by one assessor, or both.
    list_assessments, ListAssessmentsRequest, Assessment,
    |r, message| {
        let target = if message.target.is_empty() { None } else { r.target("target", &message.target) };
        (vec![target.as_ref().map(Term::target)], source(r, "assessor", message.assessor, Term::Assessor))
    }
);

fn source(
    r: &mut Reader,
    field: &'static str,
    message: Option<v1::SourceRef>,
    term: fn(Name) -> Term,
) -> Option<SourceFilter> {
    let source = r.source_filter(field, message)?;
    Some(SourceFilter { path: field, source, term })
}

fn order(r: &mut Reader, number: i32) -> Order {
    // Two values and an absent one: a vocabulary of the domain would say no more.
    match v1::ListOrder::try_from(number) {
        Ok(v1::ListOrder::RecordedDesc) => Order::Descending,
        Ok(v1::ListOrder::Unspecified | v1::ListOrder::RecordedAsc) => Order::Ascending,
        Err(_) => {
            r.invalid("order", format!("{number} is not a value of this field"));
            Order::Ascending
        }
    }
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
    token: &str,
    as_of: Option<impl Into<AsOfGiven>>,
    fingerprint: u64,
) -> Option<PageAsked> {
    let mut as_of = as_of_given(r, as_of);
    let limit = match usize::try_from(size) {
        Ok(0) => limits::PAGE_SIZE_DEFAULT,
        Ok(size) => size.min(limits::PAGE_SIZE_MAX),
        Err(_) => {
            r.invalid("page_size", "is negative");
            return None;
        }
    };
    let mut after = None;
    if !token.is_empty() {
        match PageToken::decode(token) {
            None => {
                r.violation_at("page_token", ErrorReason::TokenMalformed, "is not a page token of this database");
                return None;
            }
            Some(token) if token.fingerprint != fingerprint => {
                let message = "belongs to another query; ask with the fields of the first page, or without a token";
                r.violation_at("page_token", ErrorReason::PageTokenMismatch, message);
                return None;
            }
            Some(token) => {
                as_of = AsOf::Revision(token.revision);
                after = Some(token.after);
            }
        }
    }
    Some(PageAsked { as_of, page: PageRequest { after, limit }, fingerprint })
}
