//! Exports: every record once, what it refers to before it, and on from any place as if it had never ended.

use std::collections::HashSet;

use claimdb::domain::filter::Filter;
use claimdb::domain::model::{Record, Source};
use claimdb::domain::name::{Name, RecordKind};
use claimdb::service::{Export, ExportCursor, ExportItem, Service};
use claimdb::storage::{Head, Order, PageRequest, Query, Sort};

use crate::support::{Store, article, claim, claim_in, contradicts, inline, key, name, said_by, source, write};

crate::cases![an_export_goes_on_from_any_place];

/// The records of the items from a place on, and the place behind each.
async fn exported(service: &Service, head: Head, from: ExportCursor) -> Vec<(Vec<Name>, ExportCursor)> {
    let mut exporting = service.export(&Export::default(), head, from, |_, _| 0).await.unwrap();
    let mut found = Vec::new();
    while let Some(items) = service.export_next(&mut exporting).await.unwrap() {
        let names = items.iter().flat_map(|item| match item {
            ExportItem::Records { records, .. } => {
                records.iter().map(|(version, _)| version.name.clone()).collect::<Vec<_>>()
            }
            ExportItem::EarlierText { .. } | ExportItem::Retraction(_) => Vec::new(),
        });
        found.push((names.collect(), exporting.cursor()));
    }
    found
}

async fn an_export_goes_on_from_any_place(store: Store) {
    // More of two kinds than fit three pages of an export, and some of every kind.
    for turn in 0..7 {
        let mut writing = write().keyed("article", Record::Article(article(&format!("a{turn}"))));
        for at in 0..50 {
            let mut claim = match at % 10 {
                0 => claim_in(key("article"), &format!("Claim {at} of {turn} in an article.")),
                _ => claim(&format!("Claim {at} of {turn}.")),
            };
            claim.attributions.push(said_by(inline(&format!("Source {at} of {turn}"))));
            writing = writing.keyed(&format!("c{at}"), Record::Claim(claim));
        }
        writing.record(Record::Relation(contradicts(key("c1"), key("c2")))).to(&*store).await;
    }
    write().named("sources/late", Record::Source(source("Late"))).to(&*store).await;
    let revised = Source { description: "described later".to_owned(), ..Source::default() };
    write().revise(&name("sources/late"), Record::Source(revised)).to(&*store).await;
    write().retract(&name("sources/late")).to(&*store).await;

    let service = Service::new(store.share(), store.ground.clock.clone());
    let head = store.head().await.unwrap();
    // What is recorded meanwhile is of a later revision.
    write().record(Record::Claim(claim("Recorded meanwhile."))).to(&*store).await;

    let whole = exported(&service, head, ExportCursor::default()).await;
    let names: Vec<&Name> = whole.iter().flat_map(|(names, _)| names).collect();
    let mut holding = HashSet::new();
    for kind in RecordKind::ALL {
        let query =
            Query { kind: Some(kind), filter: Filter::All(vec![]), sort: Sort::Recorded, order: Order::Ascending };
        let mut page = PageRequest { after: None, limit: 1000 };
        loop {
            let found = store.query(&query, head.revision, page).await.unwrap();
            holding.extend(found.versions.iter().map(|version| version.name.clone()));
            page.after = found.next;
            if page.after.is_none() {
                break;
            }
        }
    }
    assert!(holding.len() > 700, "{}", holding.len());
    assert_eq!(names.len(), holding.len(), "something is exported twice, or not");
    assert_eq!(names.into_iter().cloned().collect::<HashSet<_>>(), holding);

    for at in (0..whole.len()).step_by(37).chain([whole.len() - 1]) {
        let rest = exported(&service, head, whole[at].1).await;
        assert!(rest == whole[at + 1..], "on from item {at}");
    }
}
