//! Questions: page after page from the server, and the whole answer by a pass over what Watch told.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use claimdb::proto::claimdb::v1;
use prost::Message as _;
use prost_types::Timestamp;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use v1::version::Record;

use crate::log::{State, metadata};
use crate::meaning::Meaning;
use crate::served::Served;
use crate::sources::{articles_ambiguous, claims_ambiguous};
use crate::times::{compare, range};

/// What a page is bounded by, besides its size.
const PAGE_BYTES: usize = 3 << 20;

/// No record here is larger.
const RECORD_BYTES: usize = 17 << 10;

/// Which state is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AsOf {
    Now,
    Revision(u64),
    Time(Timestamp),
}

#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Claims(Box<v1::ClaimFilter>, v1::ClaimOrder),
    Sources(v1::SourceFilter, v1::ListOrder),
    Articles(v1::ArticleFilter, v1::ArticleOrder),
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) wanted: Wanted,
    pub(crate) statuses: Vec<i32>,
    pub(crate) as_of: AsOf,
    pub(crate) page_size: i32,
}

pub(crate) struct Page {
    pub(crate) records: Vec<Record>,
    pub(crate) next: String,
    pub(crate) revision: u64,
    pub(crate) scan_limited: bool,
    pub(crate) bytes: usize,
}

/// `as_of` as the request of one call has it.
macro_rules! as_of {
    ($as_of:expr, $request:ident) => {
        match $as_of {
            AsOf::Now => None,
            AsOf::Revision(revision) => Some(v1::$request::AsOf::AsOfRevision(revision)),
            AsOf::Time(time) => Some(v1::$request::AsOf::AsOfTime(time)),
        }
    };
}

pub(crate) use as_of;

impl Question {
    /// One page, which is as small as it was asked for and fits a message.
    pub(crate) async fn page(&self, served: &mut Served, page_token: String) -> Result<Page, Status> {
        let (statuses, page_size) = (self.statuses.clone(), self.page_size);
        macro_rules! answered {
            ($page:ident, $records:ident, $kind:path) => {{
                let bytes = $page.encoded_len();
                // Beside the records stand a token and the revision.
                assert!(bytes <= PAGE_BYTES + 1024, "{bytes} bytes");
                Page {
                    bytes,
                    records: $page.$records.into_iter().map($kind).collect(),
                    next: $page.next_page_token,
                    revision: $page.read.unwrap().revision,
                    scan_limited: $page.scan_limited,
                }
            }};
        }
        let page = match self.wanted.clone() {
            Wanted::Claims(filter, order) => {
                let (filter, order) = (Some(*filter), order.into());
                let as_of = as_of!(self.as_of, query_claims_request);
                let request = v1::QueryClaimsRequest { filter, statuses, order, page_size, page_token, as_of };
                let page = served.claims.query_claims(request).await?.into_inner();
                answered!(page, claims, Record::Claim)
            }
            Wanted::Sources(filter, order) => {
                let (filter, order) = (Some(filter), order.into());
                let as_of = as_of!(self.as_of, query_sources_request);
                let request = v1::QuerySourcesRequest { filter, statuses, order, page_size, page_token, as_of };
                let page = served.sources.query_sources(request).await?.into_inner();
                answered!(page, sources, Record::Source)
            }
            Wanted::Articles(filter, order) => {
                let (filter, order) = (Some(filter), order.into());
                let as_of = as_of!(self.as_of, query_articles_request);
                let request = v1::QueryArticlesRequest { filter, statuses, order, page_size, page_token, as_of };
                let page = served.articles.query_articles(request).await?.into_inner();
                answered!(page, articles, Record::Article)
            }
        };
        let most = if page_size == 0 { 100 } else { usize::try_from(page_size).unwrap().min(1_000) };
        assert!(page.records.len() <= most, "{} of {most}", page.records.len());
        // A page that is not full is the last one, or says why it is not.
        let is_full = page.records.len() == most || page.bytes + RECORD_BYTES > PAGE_BYTES;
        assert!(page.next.is_empty() || page.scan_limited || is_full, "{self:?}");
        Ok(page)
    }

    /// Whether the server is to refuse it because a source may be several.
    pub(crate) fn is_ambiguous(&self, state: &State<'_>) -> bool {
        match &self.wanted {
            Wanted::Claims(filter, _) => claims_ambiguous(state, filter),
            Wanted::Sources(..) => false,
            Wanted::Articles(filter, _) => articles_ambiguous(state, filter),
        }
    }

    /// The whole answer as of a revision.
    pub(crate) fn scan(&self, state: &State<'_>) -> Vec<Record> {
        let meaning = Meaning(state);
        let active = [v1::RecordStatus::Active.into()];
        let statuses = if self.statuses.is_empty() { &active[..] } else { &self.statuses };
        let meets = |record: &Record| match (&self.wanted, record) {
            (Wanted::Claims(filter, _), Record::Claim(claim)) => meaning.claim(filter, claim),
            (Wanted::Sources(filter, _), Record::Source(source)) => meaning.source(filter, source),
            (Wanted::Articles(filter, _), Record::Article(article)) => meaning.article(filter, article),
            (Wanted::Claims(..) | Wanted::Sources(..) | Wanted::Articles(..), _) => false,
        };
        let mut found: Vec<(usize, Record)> = state
            .all()
            .filter(|(_, told)| statuses.contains(&metadata(&told.record).status) && meets(&told.record))
            .map(|(place, told)| (place, told.record.clone()))
            .collect();
        found.sort_by(|a, b| self.compare(state, a, b));
        found.into_iter().map(|(_, record)| state.read(&record)).collect()
    }

    fn compare(&self, state: &State<'_>, a: &(usize, Record), b: &(usize, Record)) -> Ordering {
        use v1::{ArticleOrder as A, ClaimOrder as C, ListOrder as L};
        let is_descending = match self.wanted {
            Wanted::Claims(_, order) => {
                [C::RecordedDesc, C::EventDesc, C::PublishedDesc, C::PositionDesc].contains(&order)
            }
            Wanted::Sources(_, order) => order == L::RecordedDesc,
            Wanted::Articles(_, order) => [A::RecordedDesc, A::PublishedDesc].contains(&order),
        };
        let directed = |ordering: Ordering| if is_descending { ordering.reverse() } else { ordering };
        let times = |a: Option<&v1::ApproximateTime>, b| compare(range(a), range(b), is_descending);
        let by_order = match (&self.wanted, &a.1, &b.1) {
            (Wanted::Claims(_, C::EventAsc | C::EventDesc), Record::Claim(a), Record::Claim(b)) => {
                times(a.event_time.as_ref(), b.event_time.as_ref())
            }
            (Wanted::Claims(_, C::PublishedAsc | C::PublishedDesc), Record::Claim(a), Record::Claim(b)) => {
                times(state.published(a), state.published(b))
            }
            (Wanted::Claims(_, C::PositionAsc | C::PositionDesc), Record::Claim(a), Record::Claim(b)) => {
                match (place(a), place(b)) {
                    (Some(a), Some(b)) => directed(a.cmp(&b)),
                    (a, b) => a.is_none().cmp(&b.is_none()),
                }
            }
            (Wanted::Articles(_, A::PublishedAsc | A::PublishedDesc), Record::Article(a), Record::Article(b)) => {
                times(a.publish_time.as_ref(), b.publish_time.as_ref())
            }
            (Wanted::Claims(..) | Wanted::Sources(..) | Wanted::Articles(..), _, _) => Ordering::Equal,
        };
        by_order.then(directed(a.0.cmp(&b.0)))
    }
}

/// Where a claim begins in the text of its article.
fn place(claim: &v1::Claim) -> Option<u32> {
    let own = claim.spans.iter().filter(|span| span.article.is_empty() || span.article == claim.article);
    own.filter_map(|span| span.start).min()
}

pub(crate) fn assert_ambiguous(status: &Status) {
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    assert_eq!(status.get_details_error_info().unwrap().reason, "SOURCE_AMBIGUOUS", "{status:?}");
}

/// What claims count up to, in groups; the parts of an answer add up.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    count: u64,
    groups: BTreeMap<String, u64>,
    spanning: u64,
    ungrouped: u64,
}

impl Counts {
    /// All of them, by the server.
    pub(crate) async fn asked(
        served: &mut Served,
        question: &Question,
        group_by: v1::ClaimGrouping,
        revision: u64,
    ) -> Self {
        let Wanted::Claims(filter, _) = &question.wanted else { unreachable!() };
        let mut request = v1::CountClaimsRequest {
            filter: Some(*filter.clone()),
            statuses: question.statuses.clone(),
            group_by: group_by.into(),
            page_token: String::new(),
            as_of: Some(v1::count_claims_request::AsOf::AsOfRevision(revision)),
        };
        let mut counts = Self::default();
        loop {
            let part = served.claims.count_claims(request.clone()).await.unwrap().into_inner();
            assert_eq!(part.read.unwrap().revision, revision);
            assert!(part.groups.is_sorted_by(|a, b| a.key < b.key), "{:?}", part.groups);
            counts.count += part.count;
            counts.spanning += part.spanning_count;
            counts.ungrouped += part.ungrouped_count;
            for group in part.groups {
                *counts.groups.entry(group.key).or_default() += group.count;
            }
            request.page_token = part.next_page_token;
            if request.page_token.is_empty() {
                return counts;
            }
        }
    }

    /// All of them, of the whole answer.
    pub(crate) fn of(state: &State<'_>, answer: &[Record], group_by: v1::ClaimGrouping) -> Self {
        let mut counts = Self { count: answer.len() as u64, ..Self::default() };
        for record in answer {
            let Record::Claim(claim) = record else { unreachable!() };
            let (groups, is_spanning) = Meaning(state).groups(group_by, claim);
            counts.spanning += u64::from(is_spanning);
            let is_grouped = group_by != v1::ClaimGrouping::Unspecified;
            counts.ungrouped += u64::from(is_grouped && groups.is_empty() && !is_spanning);
            for group in groups {
                *counts.groups.entry(group).or_default() += 1;
            }
        }
        counts
    }
}
