//! Pages of large records: they end where a message would be too large, and lose nothing there.

use claimdb::proto::claimdb::v1;
use v1::ClaimOrder;

use crate::ask::{AsOf, Question, Wanted};
use crate::engines::ENGINES;
use crate::history::Write;
use crate::served::Served;
use crate::support::Store;

const CLAIMS: usize = 250;

fn claim(number: usize) -> v1::Claim {
    let source = v1::SourceRef { display_name: "Ada".into(), ..Default::default() };
    v1::Claim {
        name: format!("claims/c{number}"),
        statement: format!("{number:05}").repeat(16 * 1024 / 5),
        attributions: vec![v1::Attribution { source: Some(source), ..Default::default() }],
        ..Default::default()
    }
}

#[test]
fn pages_of_large_records_end_where_a_message_would_be_too_large() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for engine in ENGINES {
            let mut served = Served::start(Store::new(*engine)).await;
            for half in [0..CLAIMS / 2, CLAIMS / 2..CLAIMS] {
                let claims = half.map(claim).collect();
                served.write(Write::Alone(Box::new(v1::RecordRequest { claims, ..Default::default() }))).await;
            }
            for order in [ClaimOrder::RecordedAsc, ClaimOrder::RecordedDesc, ClaimOrder::EventAsc] {
                let wanted = Wanted::Claims(Box::default(), order);
                let question = Question { wanted, statuses: Vec::new(), as_of: AsOf::Now, page_size: 1_000 };
                let (mut found, mut page_token, mut pages) = (Vec::new(), String::new(), 0);
                loop {
                    let page = question.page(&mut served, page_token).await.unwrap();
                    found.extend(page.records);
                    pages += 1;
                    page_token = page.next;
                    if page_token.is_empty() {
                        break;
                    }
                }
                assert_eq!((found.len(), pages), (CLAIMS, 2), "{order:?}, {}", engine.name);
                assert_eq!(found, question.scan(&served.log.state(2)), "{order:?}, {}", engine.name);
            }
        }
    });
}
