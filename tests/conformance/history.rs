//! The versions of one record.

use claimdb::domain::model::{Action, Record, Source};
use claimdb::storage::{ClaimStore, Page, PageRequest};

use crate::support::{Store, name, source, write};

crate::cases![every_version_is_in_the_history_oldest_first, pages_of_a_history_join_into_the_whole];

async fn fill(store: &Store) {
    let a = name("sources/a");
    let store: &dyn ClaimStore = &**store;
    write().named("sources/a", Record::Source(source("A"))).to(store).await;
    write().named("sources/b", Record::Source(source("B"))).to(store).await;
    let described = |description: &str| Source { description: description.to_owned(), ..source("A") };
    write().update(Record::Source(described("a ministry"))).to(store).await;
    write().revise(&a, Record::Source(described("the ministry"))).to(store).await;
    write().retract(&a).to(store).await;
    write().reinstate(&a).to(store).await;
}

async fn every_version_is_in_the_history_oldest_first(store: Store) {
    fill(&store).await;
    let store = store.reopen();
    let actions = [Action::Created, Action::Updated, Action::Revised, Action::Retracted, Action::Reinstated];
    let page = PageRequest { after: None, limit: 10 };
    for (as_of, count) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5)] {
        let Page { versions, next, .. } = store.history(&name("sources/a"), as_of, page).await.unwrap();
        let found: Vec<Action> = versions.iter().map(|version| version.action).collect();
        assert_eq!((found.as_slice(), next), (&actions[..count], None));
    }
    let none = store.history(&name("sources/none"), 6, page).await.unwrap();
    assert_eq!(none, Page::last(Vec::new()));
}

async fn pages_of_a_history_join_into_the_whole(store: Store) {
    fill(&store).await;
    for limit in 1..7 {
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let page = store.history(&name("sources/a"), 6, PageRequest { after, limit }).await.unwrap();
            assert!(page.versions.len() <= limit);
            numbers.extend(page.versions.iter().map(|version| version.number));
            if page.next.is_none() {
                break;
            }
            after = page.next;
        }
        assert_eq!(numbers, [1, 3, 4, 5, 6]);
    }
}
