//! Counts of more than one message can hold.

use std::collections::BTreeMap;

use claimdb::proto::claimdb::v1;

use super::support::{claim, named, serve};

/// Groups of which one message could not hold all, even of few claims.
#[tokio::test]
async fn a_part_of_a_count_fits_into_a_message() {
    let mut clients = serve().await;
    let mut expected = BTreeMap::new();
    for part in 0..4 {
        let claims = (0..100).map(|number| {
            let figures = (0..50).map(|figure| {
                let key = format!("m.{part}.{number}.{figure}.{}", "x".repeat(220));
                *expected.entry(key.clone()).or_default() += 1;
                let metric = Some(v1::Metric { key, ..Default::default() });
                v1::Figure { value: "7".into(), qualifier: v1::Qualifier::Exactly.into(), metric, ..Default::default() }
            });
            let name = format!("claims/c{part}-{number}");
            v1::Claim { figures: figures.collect(), ..claim(&name, &name, named("Ada")) }
        });
        let claims: Vec<v1::Claim> = claims.collect();
        clients.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    }
    let group_by = v1::ClaimGrouping::Metric.into();
    let (mut count, mut groups) = (0, BTreeMap::<String, u64>::new());
    let mut request = v1::CountClaimsRequest { group_by, ..Default::default() };
    loop {
        let part = clients.claims.count_claims(request.clone()).await.unwrap().into_inner();
        count += part.count;
        for group in part.groups {
            *groups.entry(group.key).or_default() += group.count;
        }
        request.page_token = part.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(count, 400);
    assert!(groups == expected, "{} groups, not {}", groups.len(), expected.len());
}
