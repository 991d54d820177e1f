//! What pages of figures cost.

use claimdb::domain::figure::{Bounds, Grade, MetricAsked, Policy, Qualifier, Question};
use claimdb::domain::model::{Claim, Figure, Metric, Record, RecordStatus};
use claimdb::domain::name::RecordKind;
use claimdb::service::{FigurePageRequest, FigureSort, FiguresAsked, FilterAsked, List, Service};
use claimdb::storage::{Order, Sort};

use crate::support::{Store, Write, claim, write};

/// A page costs what it holds: of a metric that thousands of claims have, it reads as many as it shows.
pub(crate) async fn few_are_looked_at(store: &Store, service: &Service) {
    const CLAIMS: usize = 3_000;
    let with_value = |at: usize, value: usize| {
        let figure = Figure {
            value: Some(value.to_string().parse().unwrap()),
            qualifier: Some(Qualifier::Exactly),
            metric: Some(Metric { key: "much".to_owned(), ..Metric::default() }),
            ..Figure::default()
        };
        Claim { figures: vec![figure], ..claim(&format!("Claim {at}.")) }
    };
    // A third has the same value, and each other one its own.
    let value = |at: usize| if at.is_multiple_of(3) { CLAIMS / 2 } else { (at * 7_919) % CLAIMS };
    for part in 0..CLAIMS / 1000 {
        let all = (1000 * part..1000 * (part + 1)).map(|at| Record::Claim(with_value(at, value(at))));
        all.fold(write(), Write::record).to(&**store).await;
    }
    let head = store.head().await.unwrap();
    for sort in [FigureSort::Value, FigureSort::Claims] {
        for order in [Order::Ascending, Order::Descending] {
            let asked = FiguresAsked {
                claims: List {
                    kind: RecordKind::Claim,
                    filter: FilterAsked::All(Vec::new()),
                    statuses: vec![RecordStatus::Active],
                    sort: Sort::Recorded,
                    order,
                },
                question: Question {
                    metric: MetricAsked::Key("much".to_owned()),
                    roles: Vec::new(),
                    kind: None,
                    as_of: None,
                    range: Bounds::default(),
                    unit: None,
                    is_measured: true,
                    policy: Policy::default(),
                },
                minimum: Grade::Possible,
                sort,
            };
            let (mut found, mut after, mut dearest) = (Vec::new(), None, 0);
            loop {
                let page = service.figures(&asked, head, FigurePageRequest { after, limit: 100 }).await.unwrap();
                let values = page.hits.iter().map(|hit| hit.figures[0].value.clone().unwrap().to_string());
                found.extend(values.map(|value| value.parse::<usize>().unwrap()));
                dearest = dearest.max(page.scanned);
                after = page.next;
                if after.is_none() {
                    break;
                }
                assert!(!page.is_cut_short && page.hits.len() == 100);
            }
            let mut expected: Vec<usize> = (0..CLAIMS).map(value).collect();
            match (sort, order) {
                (FigureSort::Value, Order::Ascending) => expected.sort_unstable(),
                (FigureSort::Value, Order::Descending) => expected.sort_unstable_by(|a, b| b.cmp(a)),
                (FigureSort::Claims, Order::Ascending) => {}
                (FigureSort::Claims, Order::Descending) => expected.reverse(),
            }
            assert_eq!(found, expected, "{sort:?} {order:?}");
            println!("{sort:?} {order:?}: at most {dearest} places for a page of 100");
            assert!(dearest < 1_000, "{sort:?} {order:?}: {dearest} places for a page of 100");
        }
    }
}
