//! Questions: random filters, orders, revisions and page sizes.

use claimdb::domain::filter::{Filter, TimeFilter};
use claimdb::domain::name::RecordKind;
use claimdb::domain::sort::TimeField;
use claimdb::domain::term::Term;
use claimdb::domain::time::{ApproximateTime, TimeRange, Timestamp};
use claimdb::storage::{Order, Query, Sort};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::history::time;
use crate::support::name;

/// A filter in the making: terms are chosen from those that were posted, and a few that were not.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Term(Index),
    Time { published: bool, range: Option<&'static str>, include_unknown: bool },
    Recorded(Index, Index),
    NamePrefix(&'static str),
    All(Vec<Wanted>),
    Any(Vec<Wanted>),
    Not(Box<Wanted>),
}

pub(crate) fn wanted() -> impl Strategy<Value = Wanted> {
    let leaf = prop_oneof![
        5 => any::<Index>().prop_map(Wanted::Term),
        3 => (any::<bool>(), time(), any::<bool>())
            .prop_map(|(published, range, include_unknown)| Wanted::Time { published, range, include_unknown }),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Wanted::Recorded(from, to)),
        1 => select(&["", "a", "alias", "alias 3", "source", "other 22", "oth"][..]).prop_map(Wanted::NamePrefix),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..3).prop_map(Wanted::All),
            2 => vec(inner.clone(), 0..3).prop_map(Wanted::Any),
            1 => inner.prop_map(|inner| Wanted::Not(Box::new(inner))),
        ]
    })
}

impl Wanted {
    pub(crate) fn filter(&self, posted: &[Term], times: &[Timestamp]) -> Filter {
        let all = |wanted: &[Self]| wanted.iter().map(|wanted| wanted.filter(posted, times)).collect();
        match self {
            Self::Term(index) => Filter::Term(index.get(posted).clone()),
            Self::Time { published, range, include_unknown } => Filter::Time(TimeFilter {
                field: if *published { TimeField::Published } else { TimeField::Event },
                range: range.map_or(TimeRange { earliest: None, latest: None }, |text| {
                    text.parse::<ApproximateTime>().unwrap().range()
                }),
                include_unknown: *include_unknown,
            }),
            Self::Recorded(from, to) => {
                let (from, to) = (from.index(times.len() + 1), to.index(times.len() + 1));
                Filter::Recorded(TimeRange { earliest: times.get(from).copied(), latest: times.get(to).copied() })
            }
            Self::NamePrefix(prefix) => Filter::NamePrefix((*prefix).to_owned()),
            Self::All(wanted) => Filter::All(all(wanted)),
            Self::Any(wanted) => Filter::Any(all(wanted)),
            Self::Not(wanted) => Filter::Not(Box::new(wanted.filter(posted, times))),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) wanted: Wanted,
    pub(crate) kind: Option<RecordKind>,
    pub(crate) sort: u8,
    pub(crate) order: Order,
    pub(crate) as_of: Index,
    pub(crate) limit: usize,
}

pub(crate) fn question() -> impl Strategy<Value = Question> {
    let kind = prop_oneof![6 => Just(Some(RecordKind::Claim)), 1 => Just(Some(RecordKind::Source)),
        1 => Just(Some(RecordKind::Article)), 1 => Just(None)];
    (wanted(), kind, 0..5u8, select(&[Order::Ascending, Order::Descending][..]), any::<Index>(), 1..6usize)
        .prop_map(|(wanted, kind, sort, order, as_of, limit)| Question { wanted, kind, sort, order, as_of, limit })
}

impl Question {
    pub(crate) fn query(&self, posted: &[Term], times: &[Timestamp]) -> Query {
        let mut filter = self.wanted.filter(posted, times);
        let sort = match (self.kind, self.sort) {
            (Some(RecordKind::Claim), 1 | 2) => Sort::Time(TimeField::Event),
            (Some(RecordKind::Claim | RecordKind::Article), 3) => Sort::Time(TimeField::Published),
            (Some(RecordKind::Claim), 4) => {
                let article = name("articles/a1");
                filter = Filter::All(vec![Filter::Term(Term::Article(article.clone())), filter]);
                Sort::Position(article)
            }
            _ => Sort::Recorded,
        };
        Query { kind: self.kind, filter, sort, order: self.order }
    }
}
