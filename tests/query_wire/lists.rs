//! The calls that list records by one or two fields instead of a filter.

use claimdb::proto::claimdb::v1;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use v1::version::Record;

use crate::ask::{AsOf, as_of, assert_ambiguous};
use crate::chance::Chance;
use crate::filters::Filters;
use crate::history::History;
use crate::log::{State, is_active, name};
use crate::pages::{Part, all, assert_small};
use crate::records::text;
use crate::served::Served;
use crate::sources::found;

/// What is listed; an empty field asks for nothing.
#[derive(Clone, Debug)]
enum Wanted {
    Claims { article: String, source: Option<v1::SourceRef> },
    Articles { publisher: Option<v1::SourceRef>, include_text: bool },
    Sources { scope_article: String },
    Relations { record: String, kind: v1::RelationType },
    Assessments { target: String, assessor: Option<v1::SourceRef> },
}

#[derive(Clone, Debug)]
struct Question {
    wanted: Wanted,
    order: v1::ListOrder,
    show_retracted: bool,
    as_of: AsOf,
    page_size: i32,
}

fn question(chance: &mut Chance, served: &Served, history: &History) -> Question {
    let mut filters = Filters::new(chance, served, history);
    let (is_given, is_two) = (filters.chance.happens(85), filters.chance.happens(20));
    let one = filters.chance.happens(50);
    let (first, second) = (is_given && (one || is_two), is_given && (!one || is_two));
    let wanted = match filters.chance.below(5) {
        0 => Wanted::Claims {
            article: if first { filters.article() } else { String::new() },
            source: second.then(|| filters.source()),
        },
        1 => {
            Wanted::Articles { publisher: is_given.then(|| filters.source()), include_text: filters.chance.happens(50) }
        }
        2 => Wanted::Sources {
            scope_article: if is_given { format!("articles/a{}", filters.chance.below(3)) } else { String::new() },
        },
        3 => Wanted::Relations {
            record: if first { history.any_end(filters.chance) } else { String::new() },
            kind: if second { history.any_type(filters.chance) } else { v1::RelationType::Unspecified },
        },
        _ => Wanted::Assessments {
            target: if first { history.any_target(filters.chance) } else { String::new() },
            assessor: second.then(|| filters.source()),
        },
    };
    Question {
        wanted,
        order: filters.chance.word(2).try_into().unwrap(),
        show_retracted: filters.chance.happens(50),
        as_of: filters.as_of(served.log.head()),
        page_size: filters.page_size(),
    }
}

impl Question {
    async fn page(&self, served: &mut Served, page_token: String) -> Result<Part<Record>, Status> {
        let (order, show_retracted, page_size) = (self.order.into(), self.show_retracted, self.page_size);
        macro_rules! part {
            ($page:expr, $records:ident, $kind:path) => {{
                let page = $page.await?.into_inner();
                let found: Vec<Record> = page.$records.into_iter().map($kind).collect();
                Part { found, next: page.next_page_token, revision: page.read.unwrap().revision }
            }};
        }
        let part = match self.wanted.clone() {
            Wanted::Claims { article, source } => {
                let as_of = as_of!(self.as_of, list_claims_request);
                let request =
                    v1::ListClaimsRequest { article, source, page_size, page_token, as_of, order, show_retracted };
                part!(served.claims.list_claims(request), claims, Record::Claim)
            }
            Wanted::Articles { publisher, include_text } => {
                let as_of = as_of!(self.as_of, list_articles_request);
                let request = v1::ListArticlesRequest {
                    publisher,
                    page_size,
                    page_token,
                    as_of,
                    order,
                    show_retracted,
                    include_text,
                };
                part!(served.articles.list_articles(request), articles, Record::Article)
            }
            Wanted::Sources { scope_article } => {
                let as_of = as_of!(self.as_of, list_sources_request);
                let request =
                    v1::ListSourcesRequest { scope_article, page_size, page_token, as_of, order, show_retracted };
                part!(served.sources.list_sources(request), sources, Record::Source)
            }
            Wanted::Relations { record, kind } => {
                let as_of = as_of!(self.as_of, list_relations_request);
                let request = v1::ListRelationsRequest {
                    record,
                    r#type: kind.into(),
                    page_size,
                    page_token,
                    as_of,
                    order,
                    show_retracted,
                };
                part!(served.relations.list_relations(request), relations, Record::Relation)
            }
            Wanted::Assessments { target, assessor } => {
                let as_of = as_of!(self.as_of, list_assessments_request);
                let request = v1::ListAssessmentsRequest {
                    target,
                    assessor,
                    page_size,
                    page_token,
                    as_of,
                    order,
                    show_retracted,
                };
                part!(served.assessments.list_assessments(request), assessments, Record::Assessment)
            }
        };
        assert_small(part.found.len(), page_size);
        Ok(part)
    }

    /// The source that is named, and may be several.
    fn source(&self) -> Option<&v1::SourceRef> {
        match &self.wanted {
            Wanted::Claims { source, .. } => source.as_ref(),
            Wanted::Articles { publisher, .. } => publisher.as_ref(),
            Wanted::Assessments { assessor, .. } => assessor.as_ref(),
            Wanted::Sources { .. } | Wanted::Relations { .. } => None,
        }
    }

    /// The whole answer as of a revision.
    fn scan(&self, state: &State<'_>) -> Vec<Record> {
        let one = self.source().map(|source| found(state, source).unwrap());
        // Whether it is the source asked for, where one is.
        let is_one = |name: Option<&str>| one.as_ref().is_none_or(|one| name.is_some() && one.as_deref() == name);
        let is_empty_or = |asked: &str, own: &str| asked.is_empty() || asked == own;
        let meets = |record: &Record| match (&self.wanted, record) {
            (Wanted::Claims { article, .. }, Record::Claim(claim)) => {
                let mut chain = claim.attributions.iter().map(|hop| hop.source.as_ref().unwrap().name.as_str());
                let is_said = chain.any(|name| is_one(Some(name))) || is_one(state.publisher(claim));
                is_empty_or(article, &claim.article) && is_said
            }
            (Wanted::Articles { .. }, Record::Article(article)) => {
                is_one(article.publisher.as_ref().map(|publisher| publisher.name.as_str()))
            }
            (Wanted::Sources { scope_article }, Record::Source(source)) => {
                is_empty_or(scope_article, &source.scope_article)
            }
            (Wanted::Relations { record, kind }, Record::Relation(relation)) => {
                (is_empty_or(record, &relation.from) || is_empty_or(record, &relation.to))
                    && (*kind == v1::RelationType::Unspecified || relation.r#type() == *kind)
            }
            (Wanted::Assessments { target, .. }, Record::Assessment(assessment)) => {
                is_empty_or(target, &assessment.target)
                    && is_one(assessment.assessor.as_ref().map(|it| it.name.as_str()))
            }
            (
                Wanted::Claims { .. }
                | Wanted::Articles { .. }
                | Wanted::Sources { .. }
                | Wanted::Relations { .. }
                | Wanted::Assessments { .. },
                _,
            ) => false,
        };
        let is_listed = |record: &Record| meets(record) && (self.show_retracted || is_active(record));
        let mut places: Vec<(usize, Record)> = state
            .all()
            .filter(|(_, told)| is_listed(&told.record))
            .map(|(place, told)| (place, state.read(&told.record)))
            .collect();
        places.sort_by_key(|(place, _)| *place);
        if self.order == v1::ListOrder::RecordedDesc {
            places.reverse();
        }
        let mut records: Vec<Record> = places.into_iter().map(|(_, record)| record).collect();
        if let Wanted::Articles { include_text: true, .. } = self.wanted {
            records.iter_mut().for_each(add_text);
        }
        records
    }
}

/// The text of an article, which Watch leaves out.
pub(crate) fn add_text(record: &mut Record) {
    if let Record::Article(article) = record {
        article.text = text(&article.name).to_owned();
    }
}

/// Asks for a list, and holds it against a pass over everything.
pub(crate) async fn ask(chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
    let question = question(chance, served, history);
    let expected_revision = served.log.asked(question.as_of);
    let state = served.log.state(expected_revision);
    if question.source().is_some_and(|source| found(&state, source).is_err()) {
        assert_ambiguous(&question.page(served, String::new()).await.err().unwrap());
        return 0;
    }
    let expected = question.scan(&state);
    let mut is_bound = chance.happens(20);
    let ask = async |served: &mut Served, page_token: String| {
        if !page_token.is_empty() && std::mem::take(&mut is_bound) {
            let other = Question { show_retracted: !question.show_retracted, ..question.clone() };
            assert_mismatch(&other.page(served, page_token.clone()).await.err().unwrap());
        }
        question.page(served, page_token).await
    };
    let answer = all(chance, served, history, expected.len(), ask).await;
    let (found, revision) = answer.unwrap_or_else(|status| panic!("{status:?}: {question:?}"));
    let names = |records: &[Record]| records.iter().map(|record| name(record).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "as of {expected_revision}: {question:?}");
    assert_eq!(found, expected, "as of {expected_revision}: {question:?}");
    served.log.assert_answered(expected_revision, revision);
    found.len()
}

/// A token is bound to the other fields of its request.
pub(crate) fn assert_mismatch(status: &Status) {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(status.get_details_error_info().unwrap().reason, "PAGE_TOKEN_MISMATCH", "{status:?}");
}
