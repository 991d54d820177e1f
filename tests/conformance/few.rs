//! What is asked for only where there is little of it.

use claimdb::domain::model::Record;
use claimdb::domain::name::RecordKind;
use claimdb::domain::term::Term;
use claimdb::storage::{ClaimStore, Order, Query};

use super::queries::{fill, query, sources, whole};
use crate::support::{Store, source, write};

crate::cases![few_are_given_whole_and_more_are_not, what_was_replaced_is_looked_at_only_so_far,];

/// All that match, by their numbers, if they are few.
async fn few(store: &dyn ClaimStore, query: &Query, as_of: u64, limit: usize) -> Option<Vec<u64>> {
    let few = store.few(query, as_of, limit).await.unwrap();
    few.map(|versions| versions.iter().map(|version| version.number).collect())
}

async fn few_are_given_whole_and_more_are_not(store: Store) {
    fill(&store).await;
    let store = store.reopen();
    let head = store.head().await.unwrap().revision;
    let expected = whole(&*store, &sources(Order::Ascending), head, 1_000).await;
    for limit in [1, 3, 9] {
        assert_eq!(few(&*store, &sources(Order::Ascending), head, limit).await, None);
    }
    for limit in [10, 11, 1_000] {
        assert_eq!(few(&*store, &sources(Order::Ascending), head, limit).await.as_ref(), Some(&expected));
    }
    assert_eq!(few(&*store, &sources(Order::Ascending), 0, 1).await, Some(Vec::new()));
    let articles = query(vec![Term::Kind(RecordKind::Article)], Order::Ascending);
    assert_eq!(few(&*store, &articles, head, 1).await, Some(Vec::new()));
    assert!(store.few(&articles, head + 1, 1).await.is_err(), "it is in the future");
}

async fn what_was_replaced_is_looked_at_only_so_far(store: Store) {
    let made = write().record(Record::Source(source("Ada"))).to(&*store).await;
    let ada = made.results[0].0.name.clone();
    for _ in 0..40 {
        write().retract(&ada).to(&*store).await;
        write().reinstate(&ada).to(&*store).await;
    }
    let store = store.reopen();
    let head = store.head().await.unwrap().revision;
    let retracted = Query::carrying([Term::Retracted], Order::Ascending);
    let is_plain = store.description().engine == "memory";
    // Forty versions had the term, and none has it now.
    assert_eq!(few(&*store, &retracted, head, 1).await, is_plain.then(Vec::new));
    assert_eq!(few(&*store, &retracted, head, 100).await, Some(Vec::new()));
    assert_eq!(few(&*store, &retracted, head - 1, 100).await.map(|numbers| numbers.len()), Some(1));
}
