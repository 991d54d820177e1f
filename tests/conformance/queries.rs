//! Queries: pages join into the whole answer, and what was answered stays.

use std::ops::Bound;
use std::sync::Arc;

use claimdb::domain::figure::{Bounds, Qualifier, Sketch, Step, ValueKey};
use claimdb::domain::metric_use::MetricUse;
use claimdb::domain::model::{Claim, Figure, Metric, Record, Relation, RelationType, Source};
use claimdb::domain::name::{Name, RecordKind};
use claimdb::domain::term::{Term, terms};
use claimdb::storage::{ClaimStore, Cursor, HeldBack, Order, Page, PageRequest, Query, Sieve, Sifted, TermRange};

use crate::support::{Store, article, claim, claim_in, contradicts, external_id, key, name, source, supported, write};

crate::cases![
    pages_join_into_the_whole_in_both_directions,
    later_commits_do_not_move_pages,
    a_cursor_of_a_retracted_record_goes_on,
    a_cursor_need_not_be_of_a_match,
    retracted_records_are_shown_only_when_asked_for,
    a_record_is_found_by_each_of_its_terms,
    all_the_terms_must_match,
    lists_that_interleave_are_joined_without_repeats,
    a_replaced_version_is_found_no_more,
    a_retraction_reaches_an_articles_claims,
    terms_are_enumerated_in_their_order,
    a_sieve_holds_back_what_its_sketches_tell,
];

pub(crate) fn query(terms: Vec<Term>, order: Order) -> Query {
    Query::carrying(terms, order).active()
}

pub(crate) fn sources(order: Order) -> Query {
    query(vec![Term::Kind(RecordKind::Source)], order)
}

/// All pages together; each holds no more than it may.
pub(crate) async fn whole(store: &dyn ClaimStore, query: &Query, as_of: u64, limit: usize) -> Vec<u64> {
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let Page { versions, next, .. } = store.query(query, as_of, PageRequest { after, limit }).await.unwrap();
        assert!(versions.len() <= limit);
        numbers.extend(versions.iter().map(|version| version.number));
        if next.is_none() {
            return numbers;
        }
        assert_ne!(next, after, "a page makes headway");
        after = next;
    }
}

/// Nine sources and nine claims by turns, in three commits; the sources have odd numbers.
pub(crate) async fn fill(store: &Store) {
    for turn in 0..3 {
        let mut batch = write();
        for at in 0..3 {
            batch = batch.record(Record::Source(source(&format!("Source {turn} {at}"))));
        }
        batch.to(&**store).await;
        write().record(Record::Claim(claim(&format!("Claim {turn}.")))).to(&**store).await;
    }
}

async fn pages_join_into_the_whole_in_both_directions(store: Store) {
    fill(&store).await;
    let store = store.reopen();
    let head = store.head().await.unwrap().revision;
    let expected = whole(&*store, &sources(Order::Ascending), head, 1_000).await;
    assert_eq!(expected.len(), 10, "nine, and the inline one");
    assert!(expected.is_sorted());
    for limit in [1, 2, 3, 9, 10, 11] {
        assert_eq!(whole(&*store, &sources(Order::Ascending), head, limit).await, expected);
        let mut descending = whole(&*store, &sources(Order::Descending), head, limit).await;
        descending.reverse();
        assert_eq!(descending, expected);
    }
    assert!(whole(&*store, &sources(Order::Ascending), 0, 1).await.is_empty());
    assert!(whole(&*store, &query(vec![Term::Kind(RecordKind::Article)], Order::Descending), head, 1).await.is_empty());
}

async fn later_commits_do_not_move_pages(store: Store) {
    fill(&store).await;
    let head = store.head().await.unwrap().revision;
    for order in [Order::Ascending, Order::Descending] {
        let expected = whole(&*store, &sources(order), head, 1_000).await;
        let (mut numbers, mut after) = (Vec::new(), None);
        loop {
            let page = store.query(&sources(order), head, PageRequest { after, limit: 2 }).await.unwrap();
            for version in &page.versions {
                numbers.push(version.number);
                let current = store.head().await.unwrap().revision;
                let held = store.get(std::slice::from_ref(&version.name), current).await.unwrap();
                if held[0].as_ref().is_some_and(|held| held.retraction.is_none()) {
                    write().retract(&version.name).to(&*store).await;
                }
            }
            let another = format!("A source after {} for {order:?}", numbers.len());
            write().record(Record::Source(source(&another))).to(&*store).await;
            if page.next.is_none() {
                break;
            }
            after = page.next;
        }
        assert_eq!(numbers, expected);
    }
}

async fn a_cursor_of_a_retracted_record_goes_on(store: Store) {
    fill(&store).await;
    let head = store.head().await.unwrap().revision;
    let all = whole(&*store, &sources(Order::Ascending), head, 1_000).await;
    let first = store.query(&sources(Order::Ascending), head, PageRequest { after: None, limit: 1 }).await.unwrap();
    let retracted = write().retract(&first.versions[0].name).to(&*store).await.head.revision;
    let page = PageRequest { after: first.next, limit: 100 };
    for as_of in [head, retracted] {
        let rest = store.query(&sources(Order::Ascending), as_of, page).await.unwrap();
        let rest: Vec<u64> = rest.versions.iter().map(|version| version.number).collect();
        assert_eq!(rest, all[1..]);
    }
}

async fn a_cursor_need_not_be_of_a_match(store: Store) {
    fill(&store).await;
    let head = store.head().await.unwrap().revision;
    let all = whole(&*store, &sources(Order::Ascending), head, 1_000).await;
    for after in [0, 1, 4, 5, 1_000, u64::MAX] {
        let page = PageRequest { after: Some(Cursor::at(after)), limit: 100 };
        for order in [Order::Ascending, Order::Descending] {
            let mut found: Vec<u64> = Vec::new();
            found.extend(store.query(&sources(order), head, page).await.unwrap().versions.iter().map(|v| v.number));
            found.sort_unstable();
            let wanted = |number: &&u64| if order == Order::Ascending { **number > after } else { **number < after };
            assert_eq!(found, all.iter().filter(wanted).copied().collect::<Vec<_>>(), "{order:?} after {after}");
        }
    }
}

async fn retracted_records_are_shown_only_when_asked_for(store: Store) {
    write()
        .named("sources/a", Record::Source(source("A")))
        .named("sources/b", Record::Source(source("B")))
        .to(&*store)
        .await;
    write().retract(&name("sources/a")).to(&*store).await;
    write().reinstate(&name("sources/a")).to(&*store).await;
    let hidden = sources(Order::Ascending);
    let shown = Query::carrying([Term::Kind(RecordKind::Source)], Order::Ascending);
    assert_eq!(whole(&*store, &hidden, 1, 10).await, [1, 2]);
    assert_eq!(whole(&*store, &hidden, 2, 10).await, [2]);
    assert_eq!(whole(&*store, &shown, 2, 10).await, [2, 3]);
    assert_eq!(whole(&*store, &hidden, 3, 10).await, [2, 4]);
}

async fn a_record_is_found_by_each_of_its_terms(store: Store) {
    let mut published = article("1");
    published.publisher = Some(crate::support::inline("The News"));
    published.external_ids = vec![external_id("ucdp", "7")];
    let mut account = source("Account");
    (account.platform, account.handle) = ("Telegram".to_owned(), "account".to_owned());
    let committed = write()
        .keyed("a", Record::Article(published))
        .record(Record::Source(account))
        .keyed("c", Record::Claim(claim_in(key("a"), "Nearly 2,000 were killed.")))
        .keyed("d", Record::Claim(claim("None were killed.")))
        .record(Record::Relation(contradicts(key("c"), key("d"))))
        .record(Record::Assessment(supported(key("c"))))
        .to(&*store)
        .await;
    let store = store.reopen();
    for (_, version) in committed.results {
        for term in terms(&version) {
            let found = whole(&*store, &query(vec![term.clone()], Order::Ascending), 1, 2).await;
            assert!(found.contains(&version.number), "{} by {term:?}", version.name);
        }
    }
}

async fn all_the_terms_must_match(store: Store) {
    write()
        .named("articles/1", Record::Article(article("1")))
        .named("articles/2", Record::Article(article("2")))
        .to(&*store)
        .await;
    let [one, two] = ["articles/1", "articles/2"].map(name);
    let of = |article: &Name, statement: &str| Record::Claim(claim_in(article.clone().into(), statement));
    write().record(of(&one, "A.")).record(of(&two, "B.")).record(of(&one, "C.")).to(&*store).await;
    let both = |article: Name, kind| query(vec![Term::Kind(kind), Term::Article(article)], Order::Ascending);
    assert_eq!(whole(&*store, &both(one.clone(), RecordKind::Claim), 2, 1).await.len(), 2);
    assert_eq!(whole(&*store, &both(two, RecordKind::Claim), 2, 1).await.len(), 1);
    assert!(whole(&*store, &both(one.clone(), RecordKind::Source), 2, 1).await.is_empty());
    assert!(whole(&*store, &both(one, RecordKind::Claim), 1, 1).await.is_empty());
}

// Once, a match that the longer list was behind of was given twice.
async fn lists_that_interleave_are_joined_without_repeats(store: Store) {
    let claims = ["a", "b", "c"].map(|id| name(&format!("claims/{id}")));
    for claim_name in &claims {
        write().named(&claim_name.to_string(), Record::Claim(claim(&claim_name.to_string()))).to(&*store).await;
    }
    for (from, to, kind) in [
        (0, 1, RelationType::Repeats),
        (1, 2, RelationType::Contradicts),
        (0, 2, RelationType::Contradicts),
        (2, 1, RelationType::Repeats),
        (0, 1, RelationType::Contradicts),
    ] {
        let ends = [from, to].map(|index: usize| claims[index].clone().into());
        let [from, to] = ends;
        let relation = Relation { r#type: kind, ..contradicts(from, to) };
        write().record(Record::Relation(relation)).to(&*store).await;
    }
    let head = store.head().await.unwrap().revision;
    for (claim_name, kind, count) in [
        (&claims[0], RelationType::Contradicts, 2),
        (&claims[1], RelationType::Repeats, 2),
        (&claims[2], RelationType::Repeats, 1),
        (&claims[2], RelationType::Supports, 0),
    ] {
        for terms in [
            vec![Term::End(claim_name.clone()), Term::RelationType(kind)],
            vec![Term::RelationType(kind), Term::End(claim_name.clone())],
        ] {
            for order in [Order::Ascending, Order::Descending] {
                for limit in [1, 2, 10] {
                    let found = whole(&*store, &query(terms.clone(), order), head, limit).await;
                    assert_eq!(found.len(), count, "{terms:?} {order:?} {limit}: {found:?}");
                }
            }
        }
    }
}

async fn a_replaced_version_is_found_no_more(store: Store) {
    let a = name("sources/a");
    write().named("sources/a", Record::Source(source("A"))).to(&*store).await;
    let renamed = Record::Source(Source { display_name: "B".to_owned(), ..Source::default() });
    write().revise(&a, renamed).to(&*store).await;
    let by = |name: &str| query(vec![Term::DisplayName(name.to_owned())], Order::Ascending);
    assert_eq!(whole(&*store, &by("A"), 1, 1).await, [1]);
    assert!(whole(&*store, &by("A"), 2, 1).await.is_empty());
    assert!(whole(&*store, &by("B"), 1, 1).await.is_empty());
    assert_eq!(whole(&*store, &by("B"), 2, 1).await, [2]);
}

async fn a_retraction_reaches_an_articles_claims(store: Store) {
    write().named("articles/1", Record::Article(article("1"))).to(&*store).await;
    let one = name("articles/1");
    for statement in ["A.", "B."] {
        write().record(Record::Claim(claim_in(one.clone().into(), statement))).to(&*store).await;
    }
    let retracted = write().retract_with(&one, true).to(&*store).await;
    assert_eq!(retracted.results.len(), 3);
    let claims = query(vec![Term::Article(one.clone())], Order::Descending);
    assert_eq!(whole(&*store, &claims, 3, 1).await.len(), 2);
    assert!(whole(&*store, &claims, 4, 1).await.is_empty());
    assert_eq!(whole(&*store, &Query::carrying([Term::Article(one)], Order::Descending), 4, 1).await.len(), 2);
}

/// Claims with these values of a metric, a commit each; the last is retracted.
async fn counted(store: &Store, metric: &str, values: &[&str]) {
    for value in values {
        let number = value.parse().unwrap();
        let figure = Figure {
            bounds: Bounds::exactly(&number),
            value: Some(number),
            qualifier: Some(Qualifier::Exactly),
            metric: Some(Metric { key: metric.to_owned(), label: (*value).to_owned(), ..Metric::default() }),
            ..Figure::default()
        };
        let record = Claim { figures: vec![figure], ..claim(&format!("{metric} {value}.")) };
        let made = write().record(Record::Claim(record)).to(&**store).await;
        if Some(value) == values.last() {
            write().retract(&made.results[0].1.name).to(&**store).await;
        }
    }
}

async fn terms_are_enumerated_in_their_order(store: Store) {
    counted(&store, "a", &["10", "-3", "7", "10.0", "0.5"]).await;
    counted(&store, "a.b", &["8"]).await;
    counted(&store, "b", &["9"]).await;
    let store = store.reopen();
    let value = |metric: &str, number| {
        Term::FigureValue(metric.to_owned(), ValueKey { dimension: String::new(), number: Some(number) })
    };
    let key = |number: &str| {
        let figure = Figure { value: Some(number.parse().unwrap()), ..Figure::default() };
        ValueKey::of(&figure).number.unwrap()
    };
    let all = TermRange { low: Bound::Included(value("a", i64::MIN)), high: Bound::Included(value("a", i64::MAX)) };
    // Each once, what was replaced as well.
    let ascending = ["-3", "0.5", "7", "10"].map(|number| value("a", key(number)));
    assert_eq!(store.terms(&all, Order::Ascending, 9).await.unwrap(), ascending);
    let descending: Vec<Term> = ascending.iter().rev().cloned().collect();
    assert_eq!(store.terms(&all, Order::Descending, 3).await.unwrap(), descending[..3]);
    let (low, high) = (Bound::Excluded(ascending[0].clone()), Bound::Excluded(ascending[3].clone()));
    let inner = TermRange { low: low.clone(), high };
    assert_eq!(store.terms(&inner, Order::Ascending, 9).await.unwrap(), ascending[1..3]);
    let nothing = TermRange { low, high: Bound::Included(ascending[0].clone()) };
    assert_eq!(store.terms(&nothing, Order::Ascending, 9).await.unwrap(), []);
    let used = |key: &str| Bound::Included(Term::MetricUse(MetricUse { key: key.to_owned(), digest: 0 }));
    let keys = async |range: TermRange| {
        let found = store.terms(&range, Order::Ascending, 99).await.unwrap();
        let keys = found.into_iter().map(|term| {
            let Term::MetricUse(used) = term else { panic!("{term:?} is no use of a metric") };
            used.key
        });
        keys.collect::<Vec<_>>()
    };
    let range = TermRange { low: used(""), high: used("b~") };
    assert_eq!(keys(range).await, ["a", "a", "a", "a", "a", "a.b", "b"]);
    assert_eq!(keys(TermRange { low: used("a."), high: used("a/") }).await, ["a.b"]);
}

async fn a_sieve_holds_back_what_its_sketches_tell(store: Store) {
    // The last of each is retracted.
    counted(&store, "a", &["1", "20", "30", "2"]).await;
    let early = store.head().await.unwrap().revision - 1;
    counted(&store, "a", &["21", "0"]).await;
    counted(&store, "a.b", &["20", "1"]).await;
    // What is negative has no sketch.
    counted(&store, "a", &["22", "3", "0.5", "-20", "4"]).await;
    let store = store.reopen();
    let tens = Step::of(&"20".parse().unwrap());
    let group = move |sketch: &Sketch| match sketch {
        Sketch::NotRead => None,
        Sketch::Read(read) if Some(read.low) == tens => Some(0),
        Sketch::Read(read) if read.low > Step::ZERO && read.low < tens.unwrap() => Some(3),
        Sketch::Read(_) => None,
    };
    let sieve = Sieve { metric: "a".to_owned(), group: Arc::new(group) };
    let held_back = |tens, below| {
        let mut counts = HeldBack::default();
        (counts[0], counts[3]) = (tens, below);
        counts
    };
    // Beside each version that is read, what was held back before it; and as the last what was behind all of them.
    let sifted = async |query: Query, as_of, limit| {
        let (mut read, mut behind, mut after) = (Vec::new(), HeldBack::default(), None);
        loop {
            let request = PageRequest { after, limit };
            let Sifted { page, held_back } = store.sift(&query, &sieve, as_of, request).await.unwrap();
            assert!(page.versions.len() <= limit);
            assert_eq!(held_back.len(), page.versions.len() + 1);
            for (at, before) in held_back.iter().enumerate() {
                behind.iter_mut().zip(before).for_each(|(count, more)| *count += more);
                if let Some(version) = page.versions.get(at) {
                    let Record::Claim(claim) = &version.record else { panic!("no claim") };
                    let value = claim.figures[0].value.as_ref().unwrap().to_string();
                    read.push((value, std::mem::take(&mut behind)));
                }
            }
            if page.next.is_none() {
                return (read, behind);
            }
            assert_ne!(page.next, after, "a page makes headway");
            after = page.next;
        }
    };
    let claims = |order| {
        let carrying = query(vec![Term::Metric("a".to_owned())], order);
        Query { kind: Some(RecordKind::Claim), ..carrying }
    };
    let head = store.head().await.unwrap().revision;
    for limit in [1, 2, 50] {
        let expected = |read: &[(&str, HeldBack)], behind| {
            let read = read.iter().map(|(value, before)| ((*value).to_owned(), *before));
            (read.collect::<Vec<_>>(), behind)
        };
        let ascending = [("30", held_back(1, 1)), ("-20", held_back(2, 2))];
        let ascending = expected(&ascending, held_back(0, 0));
        assert_eq!(sifted(claims(Order::Ascending), head, limit).await, ascending);
        let descending = expected(&[("-20", held_back(0, 0)), ("30", held_back(2, 2))], held_back(1, 1));
        assert_eq!(sifted(claims(Order::Descending), head, limit).await, descending);
        let before = expected(&[("30", held_back(1, 1))], held_back(0, 1));
        assert_eq!(sifted(claims(Order::Ascending), early, limit).await, before);
    }
}
